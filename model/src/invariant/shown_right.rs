//! `shown-right`.

use super::{Arriving, Explained, Happening, Invariant, JudgedAt, fetches};
use crate::evidence::{Evidence, InLogs};
use crate::fact::Fact;
use crate::hears::{Hears, Left};
use crate::system::{Shown, System};

/// No client shows an outcome that the job did not have.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "shown-right",
    code: "P1011",
    wanted: "only the outcome that the job had",
    asks: "A client shows the outcome that the job had.",
    about: "No client shows success if the job failed, or failure if it did not.",
    limited: None,
    hears: Hears { left: Some(shows_another), ..Hears::NOTHING },
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: true,
    compares: false,
    of_loss: false,
    beside: None,
    without: Some(Happening::OutcomeShown),
    concerns: |fact| matches!(fact, Fact::Showed(..)),
    in_logs: InLogs {
        at_best: &[],
        breaks_with: &[Evidence::Outcome],
        holds_with: &[Evidence::Shown, Evidence::Outcome],
    },
    explained: Explained::ShownWrong,
    broken: "{client} shows an outcome that the job did not have",
    lacks,
};

/// The client shows success of a job that failed, or a failure of one that did not.
fn shows_another(left: &Left) -> bool {
    left.so_far.showed_success && left.failed || left.so_far.showed_failure && !left.failed
}

fn lacks(system: &System) -> Option<&'static str> {
    // What is fetched and not found is shown as a failure.
    let wrong =
        fetches(system) || shows(system, Shown::Failure) || shows(system, Shown::Success) && may_fail(system);
    (!wrong).then_some("no client shows a failure, or a success of a job that can fail")
}

fn shows(system: &System, shown: Shown) -> bool {
    let timers = system.clients.iter().flat_map(|client| &client.timers).map(|timer| timer.shows);
    let reactions = system.clients.iter().flat_map(|client| &client.reactions).map(|on| on.shows);
    timers.chain(reactions).any(|shows| shows == Some(shown))
}

fn may_fail(system: &System) -> bool {
    system.any_step(|step| {
        let traits = step.action.traits();
        traits.sets.is_some() && traits.sets == system.failed || traits.fails().is_some()
    })
}
