//! The invariants that a scenario can ask for, a file each.
//!
//! An [`Invariant`] is a value: its name and code, what it wants, what a system must have so that it says anything,
//! which facts it is about, and what the end of a run has to do with it. A [`Rule`] is one with its limit. What breaks
//! it is noted by the [`Ledger`](crate::Ledger), which all share.

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

use punctual_sim::Span;

use crate::fact::Fact;
use crate::system::{Action, EventId, Shown, Step, System};

/// An invariant and its limit, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Each event published for the job and not rolled back reaches each client that is owed it.
    NoEventLost,
    /// No client gets an event twice, by identity.
    NoDuplicate,
    /// What one task publishes arrives in that order.
    InOrder,
    /// What a client fetches when told of it is there.
    DurableBeforeAnnounced,
    /// What is rolled back was never announced.
    NoPhantom,
    /// On a healthy job no client's timer fires.
    ClientNeverTimesOut,
    /// The connection ends at most so long after the job, and the client does not connect again later.
    StreamEnds(Span),
    /// The connection does not end before the terminal event was sent.
    NoEarlyEnd,
    /// Each event arrives at most so long after it was published.
    DeliveredWithin(Span),
    /// At most so many reads of the database, and connections after the first, in a run.
    BoundedRequests(u32),
    /// No client shows an outcome that the job did not have.
    ShownRight,
    /// Each client reaches an end of its own.
    ClientEnds,
}

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
    /// Whether it has a limit.
    pub limited: Limited,
    /// When it is judged.
    pub judged: JudgedAt,
    /// What arrives after the end of a run can break it.
    pub arriving: Arriving,
    /// Whether it is about what clients see; else the server's side alone decides it.
    pub of_clients: bool,
    /// Without this it holds whatever is wrong; `None` if it always says something.
    pub without: Option<Happening>,
    /// Whether a log that has this fact tells anything that it is about.
    pub tells: fn(&Fact) -> bool,
    /// What a system lacks so that it could be broken in it; `None` if nothing.
    pub lacks: fn(&System) -> Option<&'static str>,
}

/// Whether an invariant has a limit.
#[derive(Clone, Copy, Debug)]
pub enum Limited {
    /// Not at all.
    No(Rule),
    /// By how long is allowed.
    Within(fn(Span) -> Rule),
    /// By how many are allowed.
    AtMost(fn(u32) -> Rule),
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
pub const INVARIANTS: [&Invariant; 12] = [
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

impl Rule {
    /// The names of all, in the order in which they are printed.
    pub const NAMES: [&'static str; INVARIANTS.len()] = {
        let mut names = [""; INVARIANTS.len()];
        let mut place = 0;
        while place < names.len() {
            names[place] = INVARIANTS[place].name;
            place += 1;
        }
        names
    };

    /// Its name in scenario files and reports.
    pub fn name(self) -> &'static str {
        self.invariant().name
    }

    /// What is known of it, whatever its limit.
    pub fn invariant(self) -> &'static Invariant {
        match self {
            Self::NoEventLost => &no_event_lost::INVARIANT,
            Self::NoDuplicate => &no_duplicate::INVARIANT,
            Self::InOrder => &in_order::INVARIANT,
            Self::DurableBeforeAnnounced => &durable_before_announced::INVARIANT,
            Self::NoPhantom => &no_phantom::INVARIANT,
            Self::ClientNeverTimesOut => &client_never_times_out::INVARIANT,
            Self::StreamEnds(_) => &stream_ends::INVARIANT,
            Self::NoEarlyEnd => &no_early_end::INVARIANT,
            Self::DeliveredWithin(_) => &delivered_within::INVARIANT,
            Self::BoundedRequests(_) => &bounded_requests::INVARIANT,
            Self::ShownRight => &shown_right::INVARIANT,
            Self::ClientEnds => &client_ends::INVARIANT,
        }
    }

    /// Whether the end of a run of `system` may be what breaks it: that is judged there; or, of what is under way then
    /// and arrives after it, something would be lost or found if tasks and timers went on.
    pub fn may_be_cut(self, system: &System) -> bool {
        let Invariant { judged, arriving, .. } = self.invariant();
        let by_what_arrives = match arriving {
            Arriving::Never => false,
            Arriving::AfterOutages => system.has_outages(),
            Arriving::Always => true,
        };
        system.ends.is_some() && (*judged == JudgedAt::TheEnd || by_what_arrives)
    }
}

impl Invariant {
    /// The one of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        INVARIANTS.into_iter().find(|invariant| invariant.name == name)
    }
}

/// The event that a step adds to a store.
fn published(step: &Step) -> Option<EventId> {
    match step.action {
        Action::Publish { event, .. } | Action::Announce { event, into: Some(_), .. } => Some(event),
        _ => None,
    }
}

fn publishes(step: &Step) -> bool {
    published(step).is_some()
}

/// Whether a client fetches what it is told of.
fn fetches(system: &System) -> bool {
    system.clients.iter().flat_map(|client| &client.reactions).any(|on| on.fetches.is_some())
}
