//! `in-order`.

use super::{Arriving, Explained, Happening, Invariant, JudgedAt, publishes};
use crate::evidence::{Evidence, InLogs};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::System;

/// What one task publishes arrives in that order.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "in-order",
    code: "P1003",
    wanted: "events arrive in the order of their publication",
    asks: "What one task publishes arrives in that order.",
    about: "What one task publishes arrives in the order in which it was published. Only the first copy\nof each event counts.",
    limited: None,
    hears: Hears { arrived: Some(|arrived| arrived.overtaken), ..Hears::NOTHING },
    judged: JudgedAt::Once,
    arriving: Arriving::AfterOutages,
    of_clients: true,
    compares: true,
    of_loss: false,
    beside: None,
    without: Some(Happening::Published),
    concerns: |fact| matches!(fact, Fact::Published { .. }),
    in_logs: InLogs { at_best: &[], breaks_with: &[], holds_with: &[Evidence::Published, Evidence::Arrived] },
    explained: Explained::Overtaken,
    broken: "{what} reaches {client} after something that was published later",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    (!system.any_step(publishes)).then_some("no task publishes an event")
}
