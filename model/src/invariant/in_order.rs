//! `in-order`.

use super::{Arriving, Happening, Invariant, JudgedAt, Limited, Rule, publishes};
use crate::fact::Fact;
use crate::system::System;

/// What one task publishes arrives in that order.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "in-order",
    code: "P1003",
    wanted: "events arrive in the order of their publication",
    asks: "What one task publishes arrives in that order.",
    about: "What one task publishes arrives in the order in which it was published. Only the first copy\nof each event counts.",
    limited: Limited::No(Rule::InOrder),
    judged: JudgedAt::Once,
    arriving: Arriving::AfterOutages,
    of_clients: true,
    without: Some(Happening::Published),
    tells: |fact| matches!(fact, Fact::Published { .. }),
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    (!system.any_step(publishes)).then_some("no task publishes an event")
}
