//! A span between two kinds of facts, measured.
//!
//! Where both tell of an event of one kind, each event is measured by itself: from the first fact of
//! the one kind to the first of the other; what came before it counts as no delay. Otherwise a span
//! begins at the first fact of the one kind after the last span, and ends at the next of the
//! other; where a fact is of both kinds, it ends one span and begins the next.

use std::hash::{Hash, Hasher};

use punctual_sim::{Monitor, Span, Watch};

use crate::fact::{Fact, Identity};
use crate::system::{ClientId, EventId, FileId, RowId, Shown, SignalId, StatusId, TaskId};

/// A kind of fact, with what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// A step takes effect.
    Did(TaskId, u16),
    /// A task begins a round of its loop.
    Turned(TaskId),
    /// The job's status is set.
    Set(StatusId),
    /// A row is committed.
    Committed(RowId),
    /// What was committed can be read.
    Visible(RowId),
    /// A commit fails.
    RolledBack(RowId),
    /// A file is durable.
    Saved(FileId),
    /// An event is added to a store.
    Published(EventId),
    /// An event is sent, to this client or to any.
    Sent(EventId, Option<ClientId>),
    /// An event arrives, at this client or at any.
    Arrived(EventId, Option<ClientId>),
    /// A signal is given.
    Notified(SignalId),
    /// A task takes its last step.
    Over(TaskId),
    /// The server ends a client's connection.
    Closed(ClientId),
    /// A client starts a timer.
    TimerStarted(ClientId, u8),
    /// A client stops a timer.
    TimerStopped(ClientId, u8),
    /// A client's timer fires.
    TimedOut(ClientId, u8),
    /// A client's request is answered; whether what it asked for is there.
    Fetched(ClientId, bool),
    /// A client shows something.
    Showed(ClientId, Shown),
    /// A client reaches an end of its own.
    Finished(ClientId),
}

/// Where a kind of fact can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SeenAt {
    /// On the server's side.
    Server,
    /// At the client's end of a link, whatever the client does then.
    Link,
    /// In what a client does.
    Client,
}

impl FactKind {
    /// Whether `fact` is of this kind.
    pub fn is(self, fact: &Fact) -> bool {
        match (self, *fact) {
            (Self::Did(task, step), Fact::Did(by, at)) => (task, step) == (by, at),
            (Self::Turned(task), Fact::Turned(by)) | (Self::Over(task), Fact::Over { task: by, .. }) => {
                task == by
            }
            (Self::Set(status), Fact::Set(to)) => status == to,
            (Self::Committed(row), Fact::Committed(of, _))
            | (Self::Visible(row), Fact::Visible(of, _))
            | (Self::RolledBack(row), Fact::RolledBack(of, _)) => row == of,
            (Self::Saved(file), Fact::Saved(of)) => file == of,
            (Self::Published(event), Fact::Published { what, .. }) => event == what.event(),
            (Self::Sent(event, client), Fact::Sent { to: of, what, .. })
            | (Self::Arrived(event, client), Fact::Arrived { at: of, what, .. }) => {
                event == what.event() && client.is_none_or(|client| client == of)
            }
            (Self::Notified(signal), Fact::Notified { signal: of, .. }) => signal == of,
            (Self::Closed(client), Fact::Closed(of)) | (Self::Finished(client), Fact::Finished(of)) => {
                client == of
            }
            (Self::TimerStarted(client, timer), Fact::TimerStarted(of, which))
            | (Self::TimerStopped(client, timer), Fact::TimerStopped(of, which))
            | (Self::TimedOut(client, timer), Fact::TimedOut(of, which)) => (client, timer) == (of, which),
            (Self::Fetched(client, wanted), Fact::Fetched { by, found, .. }) => {
                (client, wanted) == (by, found)
            }
            (Self::Showed(client, what), Fact::Showed(of, shown)) => (client, what) == (of, shown),
            _ => false,
        }
    }

    /// The kind of event that it tells of.
    pub fn event(self) -> Option<EventId> {
        match self {
            Self::Published(event) | Self::Sent(event, _) | Self::Arrived(event, _) => Some(event),
            _ => None,
        }
    }

    /// Where it can be seen.
    pub fn seen_at(self) -> SeenAt {
        match self {
            Self::Did(..)
            | Self::Turned(_)
            | Self::Set(_)
            | Self::Committed(_)
            | Self::Visible(_)
            | Self::RolledBack(_)
            | Self::Saved(_)
            | Self::Published(_)
            | Self::Sent(..)
            | Self::Notified(_)
            | Self::Over(_)
            | Self::Closed(_) => SeenAt::Server,
            Self::Arrived(..) => SeenAt::Link,
            Self::TimerStarted(..)
            | Self::TimerStopped(..)
            | Self::TimedOut(..)
            | Self::Fetched(..)
            | Self::Showed(..)
            | Self::Finished(_) => SeenAt::Client,
        }
    }

    /// The client at which it happens, if it is one.
    pub fn client(self) -> Option<ClientId> {
        match self {
            Self::Arrived(_, client) => client,
            Self::TimerStarted(client, _)
            | Self::TimerStopped(client, _)
            | Self::TimedOut(client, _)
            | Self::Fetched(client, _)
            | Self::Showed(client, _)
            | Self::Finished(client) => Some(client),
            _ => None,
        }
    }
}

/// The identity of the event that `fact` tells of.
fn identity(fact: &Fact) -> Option<Identity> {
    match *fact {
        Fact::Published { what, .. } | Fact::Sent { what, .. } | Fact::Arrived { what, .. } => Some(what),
        _ => None,
    }
}

/// A span from one kind of fact to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stretch {
    /// Where it begins.
    pub from: FactKind,
    /// Where it ends.
    pub to: FactKind,
}

impl Stretch {
    /// From the publication of an event to its first arrival at a client.
    pub fn delivery(event: EventId, client: ClientId) -> Self {
        Self { from: FactKind::Published(event), to: FactKind::Arrived(event, Some(client)) }
    }

    /// Whether each event is measured by itself.
    pub fn is_by_event(self) -> bool {
        self.from.event().is_some() && self.from.event() == self.to.event()
    }

    /// Measures it; the slot is the number of the event of its kind, or 0.
    pub fn gauge(self) -> Gauge {
        Gauge { stretch: self, events: Vec::new() }
    }
}

/// What is known of an event of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Seen {
    from: bool,
    to: bool,
}

/// Measures a stretch; equal where the future is equal, if it is of the same stretch.
#[derive(Debug)]
pub struct Gauge {
    stretch: Stretch,
    /// By number of the event, less one.
    events: Vec<Seen>,
}

impl Gauge {
    /// Forgets the run before.
    pub fn reset(&mut self) {
        self.events.clear();
    }

    fn heard(&mut self, fact: &Fact, watch: &mut impl Watch) {
        let (from, to) = (self.stretch.from.is(fact), self.stretch.to.is(fact));
        if !from && !to {
            return;
        }
        let Some(what) = identity(fact).filter(|_| self.stretch.is_by_event()) else {
            if to {
                watch.measure(0);
            }
            if from && !watch.marked(0) {
                watch.mark(0, Span::NEVER);
            }
            return;
        };
        let place = (what.ordinal() as usize).saturating_sub(1);
        if self.events.len() <= place {
            self.events.resize(place + 1, Seen::default());
        }
        let seen = &mut self.events[place];
        let slot = u64::from(what.ordinal());
        let begins = from && !seen.from;
        seen.from |= from;
        let ends = seen.from && (begins && seen.to || to && !seen.to);
        seen.to |= to;
        if begins {
            watch.mark(slot, Span::NEVER);
        }
        if ends {
            watch.measure(slot);
        }
    }
}

impl PartialEq for Gauge {
    fn eq(&self, other: &Self) -> bool {
        self.events == other.events
    }
}

impl Eq for Gauge {}

impl Hash for Gauge {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.events.hash(hasher);
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for Gauge {
    fn clone(&self) -> Self {
        Self { stretch: self.stretch, events: self.events.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { stretch, events } = other;
        self.stretch = *stretch;
        self.events.clone_from(events);
    }
}

impl Monitor<Fact> for Gauge {
    fn noted(&mut self, fact: &Fact, watch: &mut impl Watch) {
        self.heard(fact, watch);
    }

    fn ended(&mut self, _: &impl Watch) {}

    fn broken(&self) -> u64 {
        0
    }

    fn forget(&mut self, _: u64) {}
}
