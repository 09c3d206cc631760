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
    /// When a run notes that it was taken.
    pub noted: Noted,
    /// Whether the time that it takes is sleep, and no work.
    pub rests: bool,
    /// How the task sleeps, if it does by a table or until a signal: it then takes no time of its own.
    pub sleeps: Option<Sleeping>,
    /// Where the task goes on.
    pub leads: Leads<'a>,
    /// The status that it sets.
    pub sets: Option<StatusId>,
    /// What it does to the database, if anything.
    pub database: Option<Access>,
    /// The row that it commits.
    pub commits: Option<RowId>,
    /// Whether it reads the status.
    pub reads_status: bool,
    /// The rows that it reads.
    pub reads: &'a [RowId],
    /// The event that it announces; the guards of what is announced are about that.
    pub announces: Option<EventId>,
    /// The event that it may add to a store.
    pub publishes: Option<EventId>,
    /// The store that it may add an event to.
    pub adds_to: Option<StoreId>,
    /// The event that it makes up and sends, and takes from no store.
    pub makes_up: Option<EventId>,
    /// The store of which it sends what is past the cursor.
    pub sends_from: Option<StoreId>,
    /// Where it moves the cursor.
    pub moves: Option<CursorRule>,
    /// The task that it starts.
    pub spawns: Option<TaskId>,
    /// What it does to lines and nodes.
    pub befalls: Option<Fault>,
}

/// When a run notes that an action was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// Each time.
    Always,
    /// Where there was something to do: whether it is made is its own affair.
    WhereMade,
    /// Never: it is no step of the user's.
    Never,
}

/// What is done to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is asked.
    Reads,
    /// It is changed.
    Writes,
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

impl<'a> Traits<'a> {
    /// It goes on, and nobody asks for more.
    const PLAIN: Self = Self {
        noted: Noted::Always,
        rests: false,
        sleeps: None,
        leads: Leads::Next,
        sets: None,
        database: None,
        commits: None,
        reads_status: false,
        reads: &[],
        announces: None,
        publishes: None,
        adds_to: None,
        makes_up: None,
        sends_from: None,
        moves: None,
        spawns: None,
        befalls: None,
    };

    /// A sleep that is over as these say.
    const fn sleeping(policy: Option<PolicyId>, signal: Option<SignalId>) -> Self {
        Self { rests: true, sleeps: Some(Sleeping { policy, signal }), ..Self::PLAIN }
    }

    /// The chance that it fails, if it can.
    pub fn fails(&self) -> Option<&'a Choice> {
        match self.leads {
            Leads::OrFails(fails) => fails,
            Leads::Next | Leads::Back(_) | Leads::Ends => None,
        }
    }

    /// Whether it ends the connection that its task serves.
    pub fn ends(&self) -> bool {
        match self.leads {
            Leads::Ends => true,
            Leads::Next | Leads::Back(_) | Leads::OrFails(_) => false,
        }
    }

    /// Whether it reads the database.
    pub fn reads_database(&self) -> bool {
        self.database == Some(Access::Reads)
    }
}

impl Action {
    /// What is known of it.
    pub fn traits(&self) -> Traits<'_> {
        let plain = Traits::PLAIN;
        match *self {
            Self::Work | Self::Save(_) | Self::Notify(_) | Self::Comment => plain,
            Self::Sleep => Traits { rests: true, ..plain },
            Self::Spawn(task) => Traits { spawns: Some(task), ..plain },
            Self::Fault(fault) => Traits { befalls: Some(fault), ..plain },
            Self::Status(status) => Traits { sets: Some(status), database: Some(Access::Writes), ..plain },
            Self::Commit { row, ref fails } => Traits {
                commits: Some(row),
                database: Some(Access::Writes),
                leads: Leads::OrFails(fails.as_ref()),
                ..plain
            },
            Self::Publish { event, store, .. } => {
                Traits { publishes: Some(event), adds_to: Some(store), ..plain }
            }
            Self::Read { status, ref rows } => {
                Traits { database: Some(Access::Reads), reads_status: status, reads: rows, ..plain }
            }
            Self::Send(store) => Traits { sends_from: Some(store), ..plain },
            Self::Announce { event, into, cursor } => Traits {
                noted: Noted::WhereMade,
                announces: Some(event),
                makes_up: Some(event),
                publishes: into.map(|_| event),
                adds_to: into,
                moves: cursor,
                ..plain
            },
            Self::Cursor(rule) => Traits { moves: Some(rule), ..plain },
            Self::Refuse => Traits { leads: Leads::Ends, ..plain },
            Self::Close { event } => Traits { makes_up: event, leads: Leads::Ends, ..plain },
            Self::Poll(policy) => Traits::sleeping(Some(policy), None),
            Self::Wait { signal, at_most } => Traits::sleeping(at_most, Some(signal)),
            Self::Repeat { to, .. } => Traits { noted: Noted::Never, leads: Leads::Back(to), ..plain },
        }
    }
}
