//! `no-duplicate`.

use super::{Arriving, Explained, Happening, Invariant, JudgedAt};
use crate::evidence::{Evidence, InLogs};
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::{Step, System};

/// No client gets an event twice, by identity.
pub(super) const INVARIANT: Invariant = Invariant {
    name: "no-duplicate",
    code: "P1002",
    wanted: "each event reaches a client once",
    asks: "No event arrives at a client twice.",
    about: "No client gets the same event twice. Events are told apart by what they are, not by the id\nthat they travel under, so a copy made up from a row counts as the event that it stands for.",
    limited: None,
    hears: Hears { arrived: Some(|arrived| arrived.again), ..Hears::NOTHING },
    judged: JudgedAt::Once,
    arriving: Arriving::AfterOutages,
    of_clients: true,
    compares: false,
    of_loss: false,
    beside: None,
    without: Some(Happening::Sent),
    concerns: |fact| matches!(fact, Fact::Arrived { .. }),
    in_logs: InLogs { at_best: &[], breaks_with: &[], holds_with: &[Evidence::Arrived] },
    explained: Explained::Twice,
    broken: "{what} reaches {client} twice",
    lacks,
};

fn lacks(system: &System) -> Option<&'static str> {
    let sends = |step: &Step| {
        let traits = step.action.traits();
        traits.sends_from.is_some() || traits.announces.is_some()
    };
    (!system.any_step(sends)).then_some("no task sends anything to a client")
}
