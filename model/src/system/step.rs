//! One step of a task: what it does, when it is taken, and how its time passes.

use punctual_sim::{Choice, Delay, Interval, Span};

use super::{
    ClientId, EventId, FileId, NodeId, PolicyId, RowId, SignalId, StatusId, StatusSet, StoreId, TaskId,
};

/// One step of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name within the task, e.g. `publish#2`.
    pub name: String,
    /// What it does.
    pub action: Action,
    /// All must hold when the step begins, else it is passed over.
    pub guards: Vec<Guard>,
    /// Outcome 1 takes the step, outcome 0 passes it over.
    pub chance: Option<Choice>,
    /// How its time passes.
    pub time: StepTime,
}

/// How the time of a step passes.
#[derive(Clone, Debug, PartialEq)]
pub enum StepTime {
    /// No time passes.
    Instant,
    /// The task awaits this long; the effect is as of the end. Then it goes on, or after another
    /// wait for the answer to return.
    Takes(Delay, Option<Delay>),
    /// The whole event loop stands still this long; the effect is as of the end.
    Blocks(Delay),
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Nothing but take time.
    Work,
    /// Sets the job's status.
    Status(StatusId),
    /// Commits a new version of a row; outcome 1 of `fails` rolls it back instead, and the task
    /// goes on with its `otherwise`.
    Commit {
        /// The row.
        row: RowId,
        /// The chance that it fails.
        fails: Option<Choice>,
    },
    /// Makes a file durable.
    Save(FileId),
    /// Adds an event to a store.
    Publish {
        /// What is published.
        event: EventId,
        /// Where.
        store: StoreId,
        /// Its id, where the store's ids are given.
        id: Option<u32>,
    },
    /// Wakes those who wait for a signal.
    Notify(SignalId),
    /// Starts a task that is waiting to be spawned; it runs beside this one.
    Spawn(TaskId),
    /// Reads from the database and keeps what was read until the next read of the same thing.
    Read {
        /// Whether the job's status is read, and with it the age of the task.
        status: bool,
        /// The rows that are read.
        rows: Vec<RowId>,
    },
    /// Sends every event of a store past the cursor, in the order of the store, moving the cursor
    /// event by event.
    Send(StoreId),
    /// Sends an event made from the rows read last, if they show one, or from nothing.
    Announce {
        /// What is announced; where its kind has a row, that row must have been read as visible.
        event: EventId,
        /// The store that it is published to as well.
        into: Option<StoreId>,
        /// What becomes of the cursor.
        cursor: Option<CursorRule>,
    },
    /// Moves the cursor.
    Cursor(CursorRule),
    /// Answers a client that it need not come again; ends the connection and the task.
    Refuse,
    /// Something outside of the programs happens to lines and nodes.
    Fault(Fault),
    /// Sends a comment, which keeps a connection alive and tells the client nothing.
    Comment,
    /// Ends the connection and the task.
    Close {
        /// An event sent before the end.
        event: Option<EventId>,
    },
    /// Sleeps for the step's time. (A name for `Work` that says what it is for.)
    Sleep,
    /// Sleeps by a table, by the status and age read last.
    Poll(PolicyId),
    /// Waits for a signal, at most as long as a table says.
    Wait {
        /// The signal.
        signal: SignalId,
        /// The back-stop.
        at_most: Option<PolicyId>,
    },
    /// Goes back to step `to` until `times` rounds are done.
    Repeat {
        /// The number of the first step of a round.
        to: usize,
        /// The number of rounds in all.
        times: u16,
    },
}

/// What happens to lines and nodes, and none of their doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A client's connection breaks, and what is under way to it is lost. Both ends notice at once.
    Disconnect(ClientId),
    /// The same, but neither end notices.
    HalfOpen(ClientId),
    /// What is sent in these directions waits from now on.
    Hold(ClientId, Way),
    /// It waits no longer: it sets out now, in the order in which it was sent.
    Release(ClientId, Way),
    /// A node stops: its tasks are gone, and the connections that they served break. What is in stores,
    /// rows and files stays.
    Crash(NodeId),
    /// A node that stopped starts again: its tasks begin anew, those that serve a client when it connects.
    Restart(NodeId),
}

/// Directions between a client and the server's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Either.
    Both,
    /// What is sent to the client.
    To,
    /// What the client asks for.
    From,
}

/// A condition on a step. The list is closed on purpose: there is no expression language.
#[derive(Clone, Debug, PartialEq)]
pub enum Guard {
    /// What is announced was not sent on this connection, in any copy.
    Unsent,
    /// The status read last is one of these, and an earlier read on this connection differed.
    ChangedTo(StatusSet),
    /// The status read last is one of these, and at that read had been for at least this long.
    Is(StatusSet, Option<Delay>),
    /// More rows were read than the count kept from before; either way the count is kept.
    CountAbove,
    /// The last comment is at least this long ago (so is the start of the task).
    NoneWithin(Delay),
    /// No event of the announced kind is in the store with an id above the cursor less this many.
    NoneWithinIds(StoreId, u32),
    /// The client that connected named the last event that it has.
    Resumed,
    /// It named none.
    Fresh,
}

/// Where a cursor goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CursorRule {
    /// To an id; every cursor of the task.
    To(u32),
    /// To what the store's clock shows.
    Now(StoreId),
    /// To the id of the event that this task published last, to this store.
    Own(StoreId),
    /// To the greatest id in a store plus this many; the greatest id of an empty store is 0.
    Greatest(StoreId, u32),
    /// To the id of this store that the client named when it connected; 0 if it named none.
    Given(StoreId),
}

impl Step {
    /// The shortest and longest time that the step itself can take, where that does not depend on
    /// a table or a signal.
    pub fn interval(&self) -> Interval {
        match &self.time {
            StepTime::Instant => Interval::fixed(Span::ZERO),
            StepTime::Takes(delay, None) | StepTime::Blocks(delay) => delay.interval(),
            StepTime::Takes(delay, Some(returns)) => Interval {
                min: delay.interval().min + returns.interval().min,
                max: delay.interval().max + returns.interval().max,
            },
        }
    }
}
