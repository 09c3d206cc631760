//! `durable-before-announced`.

use super::{Arriving, Explained, Happening, Invariant, JudgedAt, fetches};
use crate::evidence::{Evidence, InLogs};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::System;

/// What a client fetches when told of it is there.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "durable-before-announced",
    code: "P1004",
    wanted: "what is announced is there",
    asks: "What a client fetches is there.",
    about: "When a client is told of something it goes and fetches it; the row must be visible, or the\nfile durable, when the request gets there.",
    limited: None,
    hears: Hears { fetched: Some(|fetched| !fetched.found), ..Hears::NOTHING },
    judged: JudgedAt::Once,
    arriving: Arriving::Always,
    of_clients: true,
    compares: false,
    of_loss: false,
    beside: None,
    without: Some(Happening::Fetched),
    concerns: |fact| matches!(fact, Fact::Fetched { .. }),
    in_logs: InLogs { at_best: &[], breaks_with: &[], holds_with: &[Evidence::Fetched] },
    explained: Explained::NotThere,
    broken: "what is announced is not there",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    (!fetches(system)).then_some("no client fetches what it is told of")
}
