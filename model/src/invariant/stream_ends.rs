//! `stream-ends`.

use super::{Arriving, Explained, Happening, Invariant, JudgedAt, Limited, Measured};
use crate::evidence::{Evidence, InLogs, Untold};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::{Starts, Step, System, TaskId};

/// The connection ends at most so long after the job, and the client does not connect again later.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "stream-ends",
    code: "P1007",
    wanted: "at most {} after the job",
    asks: "The connection ends at most the limit after the job.",
    about: "The server ends the connection at most this long after the job's last task is over, and the\nclient does not connect again later. A connection that is still open when the run is over breaks this.",
    limited: Some(Limited {
        of: Measured::AfterJob,
        about: "How long after the job the connection ends at the latest, and the client stops connecting again.",
    }),
    hears: Hears {
        left: Some(|left| left.so_far.ended_late || !left.so_far.closed && left.job_over),
        ..Hears::NOTHING
    },
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: false,
    compares: false,
    of_loss: false,
    beside: None,
    without: Some(Happening::JobOver),
    concerns: |fact| matches!(fact, Fact::Over { .. }),
    in_logs: InLogs {
        at_best: &[Untold::Closed],
        breaks_with: &[Evidence::JobOver],
        holds_with: &[Evidence::JobOver, Evidence::Closed, Evidence::Connected],
    },
    explained: Explained::NotEnded,
    broken: "the connection of {client} is still open",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    let job = (0..system.tasks.len()).any(|task| is_a_job(system, TaskId(task as u8)));
    (!job || system.clients.is_empty()).then_some("there is no job after which to end")
}

/// Whether a task may take a last step and so be what a stream ends after. A loop is over where a commit fails.
fn is_a_job(system: &System, id: TaskId) -> bool {
    let task = &system.tasks[usize::from(id.0)];
    let spawns = |step: &Step| step.action.traits().spawns == Some(id);
    let begins = task.starts != Starts::Spawned || system.any_step(spawns);
    let fails = |step: &Step| step.action.traits().fails().is_some();
    let ends = task.again_from.is_none() || task.all_steps().any(fails);
    task.serves.is_none() && begins && ends
}
