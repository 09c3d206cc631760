//! What happened, in the words of those who judge and read it.
//!
//! Facts are all that invariants, statistics and pictures ever see. They are small and flat
//! because a run notes hundreds of them; names are looked up by whoever prints one.

use crate::system::{
    ClientId, EventId, FileId, NodeId, Resource, RowId, Shown, SignalId, StatusId, StepId, StoreId, TaskId,
    TimerId, Way,
};

/// Which event it is, whatever its id on the wire: the kind, and a number from 1 that fits 24 bits.
///
/// Four bytes at any address, so that a [`WorldEvent`](crate::WorldEvent) that carries one has eight.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed)]
pub struct Identity(u32);

impl Identity {
    /// The greatest number of an event of a kind; more than a run can have.
    pub const LAST: u32 = (1 << 24) - 1;

    /// Number `ordinal` of a kind; for a kind that tells of a row, the row's version. Beyond
    /// [`Identity::LAST`] all are one.
    #[inline(always)]
    pub const fn new(event: EventId, ordinal: u32) -> Self {
        let ordinal = if ordinal < Self::LAST { ordinal } else { Self::LAST };
        Self((event.0 as u32) << 24 | ordinal)
    }

    /// The kind of event.
    #[inline(always)]
    pub const fn event(self) -> EventId {
        EventId((self.0 >> 24) as u8)
    }

    /// Which of its kind.
    #[inline(always)]
    pub const fn ordinal(self) -> u32 {
        self.0 & Self::LAST
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.event().0, self.ordinal())
    }
}

/// Where a copy of an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Published by the one whom it tells of.
    Published,
    /// Made by the server's end of a connection.
    Synthesized,
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A step took effect.
    Did(TaskId, StepId),
    /// A task began a round of its loop.
    Turned(TaskId),
    /// A task read the database.
    Read(TaskId),
    /// The job's status was set.
    Set(StatusId),
    /// A version of a row was committed.
    Committed(RowId, u32),
    /// What was committed can be read.
    Visible(RowId, u32),
    /// A version of a row was rolled back.
    RolledBack(RowId, u32),
    /// A file is durable.
    Saved(FileId),
    /// An event was added to a store, under an id.
    Published {
        /// By which task.
        by: TaskId,
        /// What.
        what: Identity,
        /// As what.
        copy: Origin,
        /// Where.
        store: StoreId,
        /// Under which id; for a store with a clock only its order means something.
        id: u32,
    },
    /// A full store dropped its oldest event before each of its readers had passed it.
    Dropped(StoreId, Identity),
    /// A signal was given. `heard` says whether somebody waited or a permit was kept.
    Notified {
        /// Which.
        signal: SignalId,
        /// Whether it had an effect.
        heard: bool,
    },
    /// A cursor was moved other than by sending: that of a store, or the only one (or all).
    Moved(TaskId, Option<StoreId>, u32),
    /// An event was sent to a client.
    Sent {
        /// By which task.
        by: TaskId,
        /// To whom.
        to: ClientId,
        /// What.
        what: Identity,
        /// Which copy.
        copy: Origin,
    },
    /// What a task sends in this event gets nowhere: its client has a newer connection than the one it serves.
    Outdated(TaskId),
    /// A comment was sent to a client.
    Commented(ClientId),
    /// The server ended a client's connection.
    Closed(ClientId),
    /// A task took its last step; `failed` if a commit failed in it.
    Over {
        /// Which.
        task: TaskId,
        /// Whether a commit failed in it.
        failed: bool,
    },
    /// A task took so many steps without letting time pass that it was stopped.
    Stuck(TaskId),
    /// An event arrived at a client.
    Arrived {
        /// At which.
        at: ClientId,
        /// What.
        what: Identity,
        /// Which copy.
        copy: Origin,
    },
    /// A comment arrived at a client.
    CommentArrived(ClientId),
    /// The end of the connection arrived at a client.
    EndArrived(ClientId),
    /// A client started its timer.
    TimerStarted(ClientId, TimerId),
    /// A client stopped its timer.
    TimerStopped(ClientId, TimerId),
    /// A client's timer fired.
    TimedOut(ClientId, TimerId),
    /// A client's request for a resource was answered.
    Fetched {
        /// Whose.
        by: ClientId,
        /// For what.
        resource: Resource,
        /// Whether it was there.
        found: bool,
    },
    /// A client showed something to its user.
    Showed(ClientId, Shown),
    /// A client reached an end of its own.
    Finished(ClientId),
    /// A client's connection broke, and what was under way to it is lost.
    Cut {
        /// Whose.
        client: ClientId,
        /// Whether both ends noticed.
        noticed: bool,
    },
    /// A client's request to connect again got to the server.
    Connected {
        /// Whose.
        client: ClientId,
        /// The id of the last event that it has; 0 if it names none.
        last: u32,
    },
    /// The server answered a client that it need not come again.
    Refused(ClientId),
    /// A client will not connect again.
    GaveUp(ClientId),
    /// What is sent between a client and the server's side waits from now on.
    Held(ClientId, Way),
    /// It waits no longer.
    Released(ClientId, Way),
    /// A node stopped.
    Crashed(NodeId),
    /// A node started again.
    Restarted(NodeId),
}

impl Fact {
    /// Whether a run in which it happens is not a healthy one.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::RolledBack(..) | Self::Cut { .. } | Self::Held(..) | Self::Crashed(_))
    }

    /// The event that was published, sent or has arrived.
    pub fn identity(&self) -> Option<Identity> {
        match *self {
            Self::Published { what, .. } | Self::Sent { what, .. } | Self::Arrived { what, .. } => Some(what),
            _ => None,
        }
    }
}
