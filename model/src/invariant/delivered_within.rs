//! `delivered-within`.

use super::{Arriving, Happening, Invariant, JudgedAt, Limited, Rule, publishes};
use crate::fact::Fact;
use crate::system::System;

/// Each event arrives at most so long after it was published.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "delivered-within",
    code: "P1009",
    wanted: "at most {}",
    asks: "Each event arrives at most the limit after its publication.",
    about: "Each event reaches each client that it is owed to at most this long after it was published.\nOne that never arrives breaks this too.",
    limited: Limited::Within(Rule::DeliveredWithin),
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: true,
    without: Some(Happening::Published),
    tells: |fact| matches!(fact, Fact::Published { .. }),
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    (!system.any_step(publishes)).then_some("no task publishes an event")
}
