//! A span between two kinds of facts, measured.
//!
//! Where both tell of an event of one kind, each event is measured by itself: from the first fact of
//! the one kind to the first of the other; what came before it counts as no delay. Otherwise a span
//! begins at the first fact of the one kind after the last span, and ends at the next of the
//! other; where a fact is of both kinds, it ends one span and begins the next.

use std::hash::{Hash, Hasher};

use punctual_sim::{Monitor, ObserverClock, Span, Watch};

use crate::fact::Fact;
use crate::system::{
    ClientId, EventId, FileId, NodeId, RowId, Shown, SignalId, StatusId, StepId, System, TaskId, TimerId,
};

/// A kind of fact, with what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// A step takes effect.
    Did(TaskId, StepId),
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
    TimerStarted(ClientId, TimerId),
    /// A client stops a timer.
    TimerStopped(ClientId, TimerId),
    /// A client's timer fires.
    TimedOut(ClientId, TimerId),
    /// A client's request is answered; whether what it asked for is there.
    Fetched(ClientId, bool),
    /// A client shows something.
    Showed(ClientId, Shown),
    /// A client reaches an end of its own.
    Finished(ClientId),
    /// A client's connection breaks.
    Cut(ClientId),
    /// A client's request to connect again gets to the server.
    Connected(ClientId),
    /// A client will not connect again.
    GaveUp(ClientId),
    /// What is sent to a client or asked for by it is kept back.
    Held(ClientId),
    /// A node stops.
    Crashed(NodeId),
    /// A node starts again.
    Restarted(NodeId),
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
            (Self::Closed(client), Fact::Closed(of))
            | (Self::Finished(client), Fact::Finished(of))
            | (Self::Cut(client), Fact::Cut { client: of, .. })
            | (Self::Connected(client), Fact::Connected { client: of, .. })
            | (Self::Held(client), Fact::Held(of, _))
            | (Self::GaveUp(client), Fact::GaveUp(of)) => client == of,
            (Self::Crashed(node), Fact::Crashed(of)) | (Self::Restarted(node), Fact::Restarted(of)) => {
                node == of
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
            | Self::Closed(_)
            | Self::Cut(_)
            | Self::Connected(_)
            | Self::Held(_)
            | Self::Crashed(_)
            | Self::Restarted(_) => SeenAt::Server,
            Self::Arrived(..) => SeenAt::Link,
            Self::TimerStarted(..)
            | Self::TimerStopped(..)
            | Self::TimedOut(..)
            | Self::Fetched(..)
            | Self::Showed(..)
            | Self::Finished(_)
            | Self::GaveUp(_) => SeenAt::Client,
        }
    }

    /// Whether what a client or its streams do can be of this kind.
    pub fn is_about(self, system: &System, client: ClientId) -> bool {
        match self {
            Self::Did(task, _) | Self::Turned(task) | Self::Over(task) => {
                system.tasks[usize::from(task.0)].serves == Some(client)
            }
            Self::Sent(_, of) | Self::Arrived(_, of) => of.is_none_or(|of| of == client),
            Self::Closed(of)
            | Self::TimerStarted(of, _)
            | Self::TimerStopped(of, _)
            | Self::TimedOut(of, _)
            | Self::Fetched(of, _)
            | Self::Showed(of, _)
            | Self::Finished(of)
            | Self::Cut(of)
            | Self::Connected(of)
            | Self::GaveUp(of)
            | Self::Held(of) => of == client,
            // What writes and what breaks is never left out.
            Self::Set(_)
            | Self::Committed(_)
            | Self::Visible(_)
            | Self::RolledBack(_)
            | Self::Saved(_)
            | Self::Published(_)
            | Self::Notified(_)
            | Self::Crashed(_)
            | Self::Restarted(_) => false,
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
            | Self::Finished(client)
            | Self::GaveUp(client) => Some(client),
            _ => None,
        }
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

    /// The number of events of a kind is below this.
    const NUMBERS: u64 = 1 << 32;

    /// Which of the stretches of a [`Gauge`] an observer clock is about.
    pub fn of_observer(observer: ObserverClock) -> usize {
        (observer.0 / Self::NUMBERS) as usize
    }

    /// That observer clock in a gauge of its stretch alone: the number of its event, from 1; 0 if its stretch is not
    /// about single events.
    pub fn alone(observer: ObserverClock) -> ObserverClock {
        ObserverClock(observer.0 % Self::NUMBERS)
    }
}

/// What is known of an event of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Seen {
    from: bool,
    to: bool,
}

/// Measures stretches. The observer clock of each span tells its stretch ([`Stretch::of_observer`]) and the number
/// of its event.
#[derive(Debug)]
pub struct Gauge<'s> {
    stretches: &'s [Stretch],
    /// By stretch, and by number of the event less one.
    events: Vec<Vec<Seen>>,
}

impl<'s> Gauge<'s> {
    /// A gauge for `stretches`.
    pub fn new(stretches: &'s [Stretch]) -> Self {
        Self { stretches, events: vec![Vec::new(); stretches.len()] }
    }

    fn heard(&mut self, place: usize, fact: &Fact, watch: &mut impl Watch) {
        let stretch = self.stretches[place];
        let (from, to) = (stretch.from.is(fact), stretch.to.is(fact));
        if !from && !to {
            return;
        }
        let first = place as u64 * Stretch::NUMBERS;
        let Some(what) = fact.identity().filter(|_| stretch.is_by_event()) else {
            if to {
                watch.measure(ObserverClock(first));
            }
            if from && !watch.runs(ObserverClock(first)) {
                watch.start(ObserverClock(first), Span::NEVER);
            }
            return;
        };
        let observer = ObserverClock(first + u64::from(what.ordinal()));
        let events = &mut self.events[place];
        let number = (what.ordinal() as usize).saturating_sub(1);
        if events.len() <= number {
            events.resize(number + 1, Seen::default());
        }
        let seen = &mut events[number];
        let begins = from && !seen.from;
        seen.from |= from;
        let ends = seen.from && (begins && seen.to || to && !seen.to);
        seen.to |= to;
        if begins {
            watch.start(observer, Span::NEVER);
        }
        if ends {
            watch.measure(observer);
        }
    }
}

/// Gauges are compared with those of the same stretches only.
impl PartialEq for Gauge<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.events == other.events
    }
}

impl Eq for Gauge<'_> {}

impl Hash for Gauge<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.events.hash(hasher);
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for Gauge<'_> {
    fn clone(&self) -> Self {
        Self { stretches: self.stretches, events: self.events.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { stretches, events } = other;
        self.stretches = stretches;
        self.events.clone_from(events);
    }
}

impl Monitor<Fact> for Gauge<'_> {
    fn noted(&mut self, fact: &Fact, watch: &mut impl Watch) {
        for place in 0..self.stretches.len() {
            self.heard(place, fact, watch);
        }
    }

    fn ended(&mut self, _: &impl Watch) {}

    fn broken(&self) -> u64 {
        0
    }

    fn forget(&mut self, _: u64) {}
}

/// Whether a kind of fact has happened; then its only rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sighting {
    kind: FactKind,
    seen: bool,
}

impl Sighting {
    /// Nothing seen of `kind` yet.
    pub fn of(kind: FactKind) -> Self {
        Self { kind, seen: false }
    }
}

impl Monitor<Fact> for Sighting {
    fn noted(&mut self, fact: &Fact, _: &mut impl Watch) {
        self.seen |= self.kind.is(fact);
    }

    fn ended(&mut self, _: &impl Watch) {}

    fn broken(&self) -> u64 {
        u64::from(self.seen)
    }

    fn forget(&mut self, broken: u64) {
        self.seen &= broken & 1 == 0;
    }
}
