//! What steps do, and what is known of that before a run.

use punctual_sim::Choice;

use super::{ClientId, EventId, FileId, NodeId, PolicyId, RowId, SignalId, StatusId, StoreId, TaskId};

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

/// What is known of an action before it is carried out: whatever asks that of steps asks here, so that a new action
/// does not compile until it is said of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traits<'a> {
    /// How the task sleeps, if it does by a table or until a signal: it then takes no time of its own.
    pub sleeps: Option<Sleeping>,
    /// Where the task goes on.
    pub leads: Leads<'a>,
    /// The status that it sets.
    pub sets: Option<StatusId>,
    /// Whether it reads the status.
    pub reads_status: bool,
    /// The rows that it reads.
    pub reads: &'a [RowId],
    /// The event that it announces; the guards of what is announced are about that.
    pub announces: Option<EventId>,
    /// The store that it may add an event to.
    pub adds_to: Option<StoreId>,
    /// The store of which it sends what is past the cursor.
    pub sends_from: Option<StoreId>,
    /// Where it moves the cursor.
    pub moves: Option<CursorRule>,
}

/// How a task sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sleeping {
    /// At most as long as this table says; without it until the signal comes.
    pub policy: Option<PolicyId>,
    /// The signal that ends it.
    pub signal: Option<SignalId>,
}

/// Where a task goes on after a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Leads<'a> {
    /// At the next one.
    Next,
    /// At the next one, or back at this one.
    Back(usize),
    /// At the next one, or at what it does once a commit has failed: by this chance, if it can fail at all.
    OrFails(Option<&'a Choice>),
    /// Nowhere, or at the next one if there is nothing to end.
    Ends,
}

impl Traits<'_> {
    /// It goes on, and nobody asks for more.
    const PLAIN: Self = Self {
        sleeps: None,
        leads: Leads::Next,
        sets: None,
        reads_status: false,
        reads: &[],
        announces: None,
        adds_to: None,
        sends_from: None,
        moves: None,
    };
}

impl Action {
    /// What is known of it.
    pub fn traits(&self) -> Traits<'_> {
        let plain = Traits::PLAIN;
        match *self {
            Self::Work | Self::Save(_) | Self::Notify(_) | Self::Spawn(_) | Self::Comment | Self::Sleep => {
                plain
            }
            Self::Fault(_) => plain,
            Self::Status(status) => Traits { sets: Some(status), ..plain },
            Self::Commit { ref fails, .. } => Traits { leads: Leads::OrFails(fails.as_ref()), ..plain },
            Self::Publish { store, .. } => Traits { adds_to: Some(store), ..plain },
            Self::Read { status, ref rows } => Traits { reads_status: status, reads: rows, ..plain },
            Self::Send(store) => Traits { sends_from: Some(store), ..plain },
            Self::Announce { event, into, cursor } => {
                Traits { announces: Some(event), adds_to: into, moves: cursor, ..plain }
            }
            Self::Cursor(rule) => Traits { moves: Some(rule), ..plain },
            Self::Refuse | Self::Close { .. } => Traits { leads: Leads::Ends, ..plain },
            Self::Poll(policy) => {
                Traits { sleeps: Some(Sleeping { policy: Some(policy), signal: None }), ..plain }
            }
            Self::Wait { signal, at_most } => {
                Traits { sleeps: Some(Sleeping { policy: at_most, signal: Some(signal) }), ..plain }
            }
            Self::Repeat { to, .. } => Traits { leads: Leads::Back(to), ..plain },
        }
    }
}
