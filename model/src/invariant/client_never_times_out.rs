//! `client-never-times-out`.

use super::{Arriving, Explained, Invariant, JudgedAt};
use crate::evidence::{Evidence, InLogs};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::System;

/// On a healthy job no client's timer fires.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "client-never-times-out",
    code: "P1006",
    wanted: "no timer of a client fires on a healthy job",
    asks: "In a run without faults no client's timer fires.",
    about: "No timer of a client fires in a run without a fault (a commit that fails is one,\na line that breaks or is held, a node that stops).",
    limited: None,
    hears: Hears {
        left: Some(|left| left.so_far.timed_out && left.healthy),
        // A timer that has fired has fired, whatever would have come later.
        stopped: Some(|stopped| stopped.so_far.timed_out && stopped.healthy),
        ..Hears::NOTHING
    },
    judged: JudgedAt::TheEnd,
    arriving: Arriving::Never,
    of_clients: true,
    compares: false,
    of_loss: false,
    beside: Some("a timer of the client fires"),
    // A timer that never starts is a way never to fire: the library claims it where nothing is announced.
    without: None,
    concerns: |fact| matches!(fact, Fact::TimerStarted(..) | Fact::TimedOut(..) | Fact::Arrived { .. }),
    in_logs: InLogs {
        at_best: &[],
        breaks_with: &[Evidence::Health],
        holds_with: &[Evidence::Timers, Evidence::HealthOfFired],
    },
    explained: Explained::TimedOut,
    broken: "a timer fires",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    system.clients.iter().all(|client| client.timers.is_empty()).then_some("no client has a timer")
}
