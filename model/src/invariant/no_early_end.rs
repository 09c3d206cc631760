//! `no-early-end`.

use super::{Arriving, Happening, Invariant, JudgedAt, Limited, Rule, published};
use crate::fact::Fact;
use crate::system::{Action, EventId, Step, System};

/// The connection does not end before the terminal event was sent.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "no-early-end",
    code: "P1008",
    wanted: "the terminal event before the end of the connection",
    asks: "The connection does not end before the terminal event was sent.",
    about: "If a terminal event is published at all, it is sent before the connection ends.",
    limited: Limited::No(Rule::NoEarlyEnd),
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: true,
    without: Some(Happening::Published),
    tells: |fact| matches!(fact, Fact::Published { .. }),
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    let terminal = |event: EventId| system.events[usize::from(event.0)].terminal;
    let published = |step: &Step| published(step).is_some_and(terminal);
    let closes = |step: &Step| matches!(step.action, Action::Close { .. } | Action::Refuse);
    if !system.any_step(published) {
        return Some("no task publishes a terminal event");
    }
    (!system.any_step(closes)).then_some("no task ends a connection")
}
