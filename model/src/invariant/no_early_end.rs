//! `no-early-end`.

use super::{Arriving, Explained, Happening, Invariant, JudgedAt, published};
use crate::evidence::{Evidence, InLogs, Untold};
use crate::fact::Fact;
use crate::hears::{Hears, Missing};
use crate::system::{EventId, Step, System};

/// The connection does not end before the terminal event was sent.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "no-early-end",
    code: "P1008",
    wanted: "the terminal event before the end of the connection",
    asks: "The connection does not end before the terminal event was sent.",
    about: "If a terminal event is published at all, it is sent before the connection ends.",
    limited: None,
    hears: Hears { missing: Some(ended_before), ..Hears::NOTHING },
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: true,
    compares: false,
    of_loss: false,
    beside: None,
    without: Some(Happening::Published),
    concerns: |fact| matches!(fact, Fact::Published { .. }),
    in_logs: InLogs {
        at_best: &[Untold::Gone, Untold::RolledBack, Untold::Unserved],
        breaks_with: &[],
        holds_with: &[Evidence::Published, Evidence::Ending, Evidence::Owed],
    },
    explained: Explained::EndedEarly,
    broken: "the connection of {client} ends before {what} was sent on it",
    lacks,
};

/// The terminal event was not sent to the client before its connection ended.
fn ended_before(missing: &Missing) -> bool {
    missing.terminal && !missing.sent && missing.so_far.closed && missing.so_far.closed_early
}

fn lacks(system: &System) -> Option<&'static str> {
    let terminal = |event: EventId| system.events[usize::from(event.0)].terminal;
    let published = |step: &Step| published(step).is_some_and(terminal);
    let closes = |step: &Step| step.action.traits().ends();
    if !system.any_step(published) {
        return Some("no task publishes a terminal event");
    }
    (!system.any_step(closes)).then_some("no task ends a connection")
}
