//! What the things of a system are known by: small numbers, each of a type of its own.

use std::fmt;

/// An event loop on which tasks run one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u8);
/// A task: a list of steps on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u8);
/// A status that the job can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusId(pub u8);
/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u8);
/// An event store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(pub u8);
/// A row of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub u8);
/// A file that is fetched by clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u8);
/// A signal that wakes tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalId(pub u8);
/// A table of sleeping times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub u8);
/// A client and its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u8);

/// A step of a task: its number over the task's steps and then those after a failed commit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u16);
/// A timer of a client.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId(pub u8);
/// How a client reacts to an event: its place among the client's reactions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReactionId(pub u8);

/// The number alone: so it stands in saved traces.
impl fmt::Debug for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number alone: so it stands in saved traces.
impl fmt::Debug for TimerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number alone, as of a timer.
impl fmt::Debug for ReactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A set of statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct StatusSet(pub u32);

impl StatusSet {
    /// The set with `status` added.
    #[must_use]
    pub fn with(self, status: StatusId) -> Self {
        Self(self.0 | 1 << status.0)
    }

    /// Whether it contains `status`.
    pub fn contains(self, status: StatusId) -> bool {
        self.0 >> status.0 & 1 == 1
    }

    /// The members of either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A set of clients, of whom a system has at most 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct ClientSet(pub(crate) u32);

impl ClientSet {
    /// Nobody.
    pub const NOBODY: Self = Self(0);
    /// Every client that there may be.
    pub const EVERYBODY: Self = Self(u32::MAX);

    /// The set with `client` added.
    #[must_use]
    pub fn with(self, client: ClientId) -> Self {
        Self(self.0 | 1 << client.0)
    }

    /// The members that `others` does not have.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether `client` is a member.
    pub fn contains(self, client: ClientId) -> bool {
        self.0 >> client.0 & 1 == 1
    }

    /// The first member.
    pub fn first(self) -> Option<ClientId> {
        (self != Self::NOBODY).then_some(ClientId(self.0.trailing_zeros() as u8))
    }

    /// All members.
    pub fn members(self) -> impl Iterator<Item = ClientId> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let first = Self(left).first();
            left &= left.saturating_sub(1);
            first
        })
    }
}
