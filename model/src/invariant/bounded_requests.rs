//! `bounded-requests`.

use super::{Arriving, Explained, Invariant, JudgedAt, Limited, Measured};
use crate::evidence::{Evidence, InLogs};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::System;

/// At most so many reads of the database, and connections after the first, in a run.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "bounded-requests",
    code: "P1010",
    wanted: "at most {} reads and connections in a run",
    asks: "A run makes at most the limit of reads, and of connections after the first.",
    about: "The tasks of a run together read the database, and clients connect again, at most so many times.",
    limited: Some(Limited {
        of: Measured::Requests,
        about: "How many reads of the database, and connections after the first, a run makes at most.",
    }),
    hears: Hears { requested: Some(|requested| requested.made > requested.allowed), ..Hears::NOTHING },
    judged: JudgedAt::Once,
    arriving: Arriving::AfterOutages,
    of_clients: false,
    compares: false,
    of_loss: false,
    beside: None,
    // No request is within every bound.
    without: None,
    concerns: |fact| matches!(fact, Fact::Read(_) | Fact::Connected { .. }),
    in_logs: InLogs { at_best: &[], breaks_with: &[], holds_with: &[Evidence::Reads, Evidence::Connected] },
    explained: Explained::Requests,
    broken: "more is asked for than the {limit} that are allowed",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    let again = system.clients.iter().any(|client| client.reconnects.is_some());
    let reads = system.any_step(|step| step.action.traits().reads_database());
    (!reads && !again).then_some("no task reads the database, and no client connects again")
}
