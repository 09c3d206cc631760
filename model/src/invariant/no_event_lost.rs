//! `no-event-lost`.

use super::{Arriving, Explained, Happening, Invariant, JudgedAt, publishes};
use crate::evidence::{Evidence, InLogs, Untold};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::System;

/// Each event published for the job and not rolled back reaches each client that is owed it.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "no-event-lost",
    code: "P1001",
    wanted: "every event owed to a client reaches it",
    asks: "Each event that a client is owed arrives there.",
    about: "Each event that is published for the job, and not rolled back, is owed to every client that\nhas not finished by then. Any copy pays the debt: the published one, or one that the stream made\nup from a row. A copy that comes late is late, not lost. A run breaks this if it is over and some\nclient never got an event that it was owed.",
    limited: None,
    hears: Hears { missing: Some(|_| true), ..Hears::NOTHING },
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: true,
    compares: false,
    of_loss: true,
    beside: Some("an event is lost"),
    without: Some(Happening::Published),
    concerns: |fact| matches!(fact, Fact::Published { .. }),
    in_logs: InLogs {
        at_best: &[Untold::Gone, Untold::RolledBack],
        breaks_with: &[],
        holds_with: &[Evidence::Published, Evidence::Arrived, Evidence::Owed],
    },
    explained: Explained::Lost,
    broken: "{what} never reaches {client}",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    (!system.any_step(publishes)).then_some("no task publishes an event")
}
