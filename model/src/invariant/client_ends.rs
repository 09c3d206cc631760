//! `client-ends`.

use super::{Arriving, Invariant, JudgedAt, Limited, Rule};
use crate::fact::Fact;
use crate::system::System;

/// Each client reaches an end of its own.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "client-ends",
    code: "P1012",
    wanted: "every client comes to an end of its own",
    asks: "Each client comes to an end of its own.",
    about: "Each client comes to an end of its own: a reaction or a timer that says `ends`. One that\nwaits for an event that never comes breaks this.",
    limited: Limited::No(Rule::ClientEnds),
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: true,
    // A client is there from the beginning.
    without: None,
    tells: |fact| matches!(fact, Fact::Finished(_) | Fact::Arrived { .. }),
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    system.clients.is_empty().then_some("there is no client")
}
