//! `no-phantom`.

use super::{Arriving, Explained, Happening, Invariant, JudgedAt};
use crate::evidence::{Evidence, InLogs};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::{RowId, Step, System};

/// What is rolled back was never announced.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "no-phantom",
    code: "P1005",
    wanted: "nothing that is rolled back was announced",
    asks: "Nothing that is rolled back was announced.",
    about: "An event that tells of a row is undone when the row is rolled back. If it was sent to a\nclient, before or after, the client was told of something that never was.",
    limited: None,
    hears: Hears { sent: Some(|sent| sent.undone), undone: Some(|_| true), ..Hears::NOTHING },
    judged: JudgedAt::Once,
    arriving: Arriving::Never,
    of_clients: true,
    compares: false,
    of_loss: false,
    beside: None,
    without: Some(Happening::RolledBack),
    concerns: |fact| matches!(fact, Fact::Committed(..) | Fact::RolledBack(..)),
    in_logs: InLogs { at_best: &[], breaks_with: &[], holds_with: &[Evidence::Rows, Evidence::SentOfUndone] },
    explained: Explained::Phantom,
    broken: "{what} was announced to {client}, and what it tells of was rolled back",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    let of_event = |row: RowId| system.events.iter().any(|event| event.row == Some(row));
    let fails = |step: &Step| {
        let traits = step.action.traits();
        traits.fails().is_some() && traits.commits.is_some_and(of_event)
    };
    (!system.any_step(fails)).then_some("no commit of a row that an event tells of can fail")
}
