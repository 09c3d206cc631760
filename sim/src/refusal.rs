//! Why a trace is no run of a machine: what the judge of traces says.

use std::fmt;

use crate::delay::Name;
use crate::time::Time;

/// Why a machine does not allow a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The number of the step, from 0.
    pub step: usize,
    /// What is wrong with it.
    pub why: NotAllowed,
}

/// What a machine does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// A step before the one before it.
    Earlier {
        /// When it happens.
        at: Time,
        /// When the one before it happened.
        before: Time,
    },
    /// An event that nobody asked for.
    NotAsked,
    /// A message before one that was sent earlier on its FIFO channel.
    Overtakes,
    /// An event at an instant that its delay does not allow.
    AtAnother {
        /// When it happens.
        at: Time,
        /// When it may happen.
        allowed: (Time, Time),
    },
    /// A timer after the end of the run.
    AfterTheEnd,
    /// An event where another one is overdue.
    Overdue(Time),
    /// A second beginning.
    SecondBeginning,
    /// An event before the beginning.
    NoBeginning,
    /// Other facts than the machine notes.
    OtherFacts,
    /// A decision that the trace does not have.
    Undecided(Name),
    /// A phase of a clock that is longer than its tick.
    PhaseTooLong(Name),
    /// An outcome that a choice does not have.
    NoOutcome(Name, usize),
    /// An end while something is pending.
    StopsWhilePending,
    /// An end that nothing said.
    NotOver,
    /// An end while something is overdue or in flight.
    OverTooEarly,
    /// An end at another instant than the one at which the run is over.
    OverAtAnother,
    /// An end at another instant than that of the last event.
    EndsAtAnother,
}

impl fmt::Display for NotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Earlier { at, before } => {
                write!(f, "it happens at {at}, before the step before it at {before}")
            }
            Self::NotAsked => f.write_str("nobody asked for this event"),
            Self::Overtakes => f.write_str("it overtakes a message sent before it on the same link"),
            Self::AtAnother { at, allowed: (earliest, latest) } => {
                write!(f, "it happens at {at}, allowed from {earliest} to {latest}")
            }
            Self::AfterTheEnd => f.write_str("it happens after the run is over"),
            Self::Overdue(at) => write!(f, "at {at} something else is overdue"),
            Self::SecondBeginning => f.write_str("a run begins only once"),
            Self::NoBeginning => f.write_str("a run starts with its beginning"),
            Self::OtherFacts => f.write_str("the machine notes other facts than the trace"),
            Self::Undecided(name) => write!(f, "the trace does not say how {:?} was decided", name.text()),
            Self::PhaseTooLong(name) => write!(f, "clock {:?} is a tick or more ahead", name.text()),
            Self::NoOutcome(name, outcome) => write!(f, "{:?} has no outcome {outcome}", name.text()),
            Self::StopsWhilePending => f.write_str("the run stops while something is pending"),
            Self::NotOver => f.write_str("the run is over, yet nothing said so"),
            Self::OverTooEarly => f.write_str("the run is over while something is overdue or in flight"),
            Self::OverAtAnother => {
                f.write_str("the run ends at another instant than the one at which it is over")
            }
            Self::EndsAtAnother => f.write_str("the run ends at another instant than its last event"),
        }
    }
}
