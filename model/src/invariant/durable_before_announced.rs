//! `durable-before-announced`.

use super::{Arriving, Happening, Invariant, JudgedAt, Limited, Rule, fetches};
use crate::fact::Fact;
use crate::system::System;

/// What a client fetches when told of it is there.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "durable-before-announced",
    code: "P1004",
    wanted: "what is announced is there",
    asks: "What a client fetches is there.",
    about: "When a client is told of something it goes and fetches it; the row must be visible, or the\nfile durable, when the request gets there.",
    limited: Limited::No(Rule::DurableBeforeAnnounced),
    judged: JudgedAt::Once,
    arriving: Arriving::Always,
    of_clients: true,
    without: Some(Happening::Fetched),
    tells: |fact| matches!(fact, Fact::Fetched { .. }),
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    (!fetches(system)).then_some("no client fetches what it is told of")
}
