//! The invariants that a scenario can ask for, a file each.
//!
//! An [`Invariant`] is a value: its name and code, what it wants, what breaks it, what a system must have so that it
//! says anything, which facts it is about, what the end of a run has to do with it, what a log must tell of it,
//! how it is told why it is broken, and what that is called beside other scenarios. A [`Rule`](crate::Rule) is one with its limit. Whoever needs to know something of
//! an invariant reads it from its value, so a new one is a file here and its lines in this one.

mod bounded_requests;
mod client_ends;
mod client_never_times_out;
mod delivered_within;
mod durable_before_announced;
mod in_order;
mod no_duplicate;
mod no_early_end;
mod no_event_lost;
mod no_phantom;
mod shown_right;
mod stream_ends;

use crate::evidence::InLogs;
use crate::fact::Fact;
use crate::hears::Hears;
use crate::system::{EventId, Shown, Step, System};

/// What is known of an invariant, whatever the system.
#[derive(Debug)]
pub struct Invariant {
    /// Its name in scenario files and reports.
    pub name: &'static str,
    /// The code under which it is explained.
    pub code: &'static str,
    /// What it wants, in a few words; `{}` stands for its limit.
    pub wanted: &'static str,
    /// What it asks, in a sentence.
    pub asks: &'static str,
    /// The same in a paragraph.
    pub about: &'static str,
    /// Its limit, if it has one.
    pub limited: Option<Limited>,
    /// What breaks it.
    pub hears: Hears,
    /// When it is judged.
    pub judged: JudgedAt,
    /// What arrives after the end of a run can break it.
    pub arriving: Arriving,
    /// Whether it is about what clients see; else the server's side alone decides it.
    pub of_clients: bool,
    /// Whether it compares events with each other; else each event is judged by itself.
    pub compares: bool,
    /// Whether it is broken where an event that is owed never arrives, and only there.
    pub of_loss: bool,
    /// What breaking it is called where scenarios stand side by side, in a row of its own; `None` if it has none.
    pub beside: Option<&'static str>,
    /// Without this it holds whatever is wrong; `None` if it always says something.
    pub without: Option<Happening>,
    /// Whether a log that has this fact tells anything that it is about.
    pub concerns: fn(&Fact) -> bool,
    /// What a log has to tell of it.
    pub in_logs: InLogs,
    /// How it is told why it is broken.
    pub explained: Explained,
    /// What is told where the facts do not say why: `{what}`, `{client}` and `{limit}` stand for what it is about.
    pub broken: &'static str,
    /// What a system lacks so that it could be broken in it; `None` if nothing.
    pub lacks: fn(&System) -> Option<&'static str>,
}

/// The limit of an invariant, which a scenario gives under its name.
#[derive(Clone, Copy, Debug)]
pub struct Limited {
    /// Of what.
    pub of: Measured,
    /// The same in a sentence.
    pub about: &'static str,
}

/// What is held against a limit. The books look after it, so a run has one limit of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// From the publication of an event to its arrival.
    Delivery,
    /// From the end of the job to that of a connection.
    AfterJob,
    /// Reads of the database, and connections after the first.
    Requests,
}

impl Measured {
    /// Whether it is a time or a number.
    pub fn unit(self) -> Unit {
        match self {
            Self::Delivery | Self::AfterJob => Unit::Time,
            Self::Requests => Unit::Count,
        }
    }
}

/// What a limit is given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A span of time.
    Time,
    /// A whole number.
    Count,
}

/// What is looked for in a run to say why an invariant is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explained {
    /// Where an event is lost.
    Lost,
    /// How late an event comes, or where it is lost.
    Late,
    /// How often an event comes.
    Twice,
    /// What overtakes an event.
    Overtaken,
    /// When what was not there comes to be there.
    NotThere,
    /// When what was announced is rolled back.
    Phantom,
    /// What a timer waits for.
    TimedOut,
    /// When a connection ends after the job, or begins again.
    NotEnded,
    /// When a connection ends before an event.
    EndedEarly,
    /// What is asked for.
    Requests,
    /// What is shown, and how the job ended.
    ShownWrong,
    /// What a client waits for.
    WaitsForEver,
    /// Nothing: only that it is broken is told.
    BySentence,
}

/// When an invariant is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JudgedAt {
    /// As soon as something breaks it.
    Once,
    /// Where a run is over.
    TheEnd,
}

/// Whether what is under way when a run is over, and arrives after it, can break an invariant that the system that
/// goes on keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arriving {
    /// No.
    Never,
    /// Where connections can break.
    AfterOutages,
    /// Yes.
    Always,
}

/// What happens that an invariant is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An event is published.
    Published,
    /// An event is sent to a client.
    Sent,
    /// A request of a client is answered.
    Fetched,
    /// A commit fails.
    RolledBack,
    /// A task of the job comes to its end.
    JobOver,
    /// A client shows an outcome.
    OutcomeShown,
}

impl Happening {
    /// How many kinds there are.
    pub const COUNT: usize = 6;

    /// What happens where `fact` is noted in `system`.
    pub fn of(system: &System, fact: &Fact) -> Option<Self> {
        match fact {
            Fact::Published { .. } => Some(Self::Published),
            Fact::Sent { .. } => Some(Self::Sent),
            Fact::Fetched { .. } => Some(Self::Fetched),
            Fact::RolledBack(..) => Some(Self::RolledBack),
            Fact::Over { task, .. } => {
                system.tasks[usize::from(task.0)].serves.is_none().then_some(Self::JobOver)
            }
            Fact::Showed(_, Shown::Success | Shown::Failure) => Some(Self::OutcomeShown),
            _ => None,
        }
    }
}

/// All, in the order in which they are printed.
pub const INVARIANTS: &[&Invariant] = &[
    &no_event_lost::INVARIANT,
    &no_duplicate::INVARIANT,
    &in_order::INVARIANT,
    &durable_before_announced::INVARIANT,
    &no_phantom::INVARIANT,
    &client_never_times_out::INVARIANT,
    &stream_ends::INVARIANT,
    &no_early_end::INVARIANT,
    &delivered_within::INVARIANT,
    &bounded_requests::INVARIANT,
    &shown_right::INVARIANT,
    &client_ends::INVARIANT,
];

impl Invariant {
    /// What is held against its limit, if it has one.
    pub fn measured(&self) -> Option<Measured> {
        self.limited.map(|limited| limited.of)
    }

    /// Whether it is judged of each event.
    pub fn is_of_events(&self) -> bool {
        let Hears { sent, arrived, undone, fetched: _, requested: _, missing, left: _, remembers: _, .. } =
            self.hears;
        sent.is_some() || arrived.is_some() || undone.is_some() || missing.is_some()
    }

    /// Whether the one of this name is broken where an event never arrives, and only there: what a saved result, which
    /// has names only, does not say.
    pub fn is_of_loss(name: &str) -> bool {
        Self::named(name).is_some_and(|invariant| invariant.of_loss)
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        INVARIANTS.iter().copied().find(|invariant| invariant.name == name)
    }
}

/// The event that a step adds to a store.
fn published(step: &Step) -> Option<EventId> {
    step.action.traits().publishes
}

fn publishes(step: &Step) -> bool {
    published(step).is_some()
}

/// Whether a client fetches what it is told of.
fn fetches(system: &System) -> bool {
    system.clients.iter().flat_map(|client| &client.reactions).any(|on| on.fetches.is_some())
}
