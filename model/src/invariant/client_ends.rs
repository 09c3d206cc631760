//! `client-ends`.

use super::{Arriving, Explained, Invariant, JudgedAt};
use crate::evidence::{Evidence, InLogs, Untold};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::System;

/// Each client reaches an end of its own.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "client-ends",
    code: "P1012",
    wanted: "every client comes to an end of its own",
    asks: "Each client comes to an end of its own.",
    about: "Each client comes to an end of its own: a reaction or a timer that says `ends`. One that\nwaits for an event that never comes breaks this.",
    limited: None,
    hears: Hears { left: Some(|left| !left.so_far.finished), ..Hears::NOTHING },
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: true,
    compares: false,
    of_loss: false,
    beside: Some("the client waits for ever"),
    // A client is there from the beginning.
    without: None,
    concerns: |fact| matches!(fact, Fact::Finished(_) | Fact::Arrived { .. }),
    in_logs: InLogs { at_best: &[Untold::Finished], breaks_with: &[], holds_with: &[Evidence::Finished] },
    explained: Explained::WaitsForEver,
    broken: "{client} never comes to an end of its own and waits for ever",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    system.clients.is_empty().then_some("there is no client")
}
