//! `delivered-within`.

use super::{Arriving, Explained, Happening, Invariant, JudgedAt, Limited, Measured, publishes};
use crate::evidence::{Evidence, InLogs, Untold};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::System;

/// Each event arrives at most so long after it was published.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "delivered-within",
    code: "P1009",
    wanted: "at most {}",
    asks: "Each event arrives at most the limit after its publication.",
    about: "Each event reaches each client that it is owed to at most this long after it was published.\nOne that never arrives breaks this too.",
    limited: Some(Limited {
        of: Measured::Delivery,
        about: "How long after its publication an event arrives at the latest.",
    }),
    hears: Hears {
        arrived: Some(|arrived| arrived.late && !arrived.undone),
        missing: Some(|_| true),
        ..Hears::NOTHING
    },
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: true,
    compares: false,
    of_loss: false,
    beside: None,
    without: Some(Happening::Published),
    concerns: |fact| matches!(fact, Fact::Published { .. }),
    in_logs: InLogs {
        at_best: &[Untold::Gone, Untold::RolledBack],
        breaks_with: &[],
        holds_with: &[Evidence::Published, Evidence::Arrived, Evidence::Owed],
    },
    explained: Explained::Late,
    broken: "{what} reaches {client} later than {limit} after it was published",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    (!system.any_step(publishes)).then_some("no task publishes an event")
}
