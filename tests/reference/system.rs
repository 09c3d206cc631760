//! What a file describes, as plain lists; whatever is named is known by its place in its list.

/// A delay: any whole number of microseconds from the first to the second.
pub(crate) type Delay = (u64, u64);

/// Everything that does not change in a run.
pub(crate) struct System {
    pub(crate) statuses: Vec<String>,
    /// The status when a run begins.
    pub(crate) status: usize,
    pub(crate) kinds: Vec<EventKind>,
    pub(crate) stores: Vec<Store>,
    pub(crate) rows: Vec<Row>,
    pub(crate) files: Vec<String>,
    pub(crate) signals: Vec<Signal>,
    pub(crate) nodes: Vec<String>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) clients: Vec<Client>,
    pub(crate) limits: Limits,
    /// For how long conditions ask that a status has been so, each once.
    pub(crate) status_limits: Vec<u64>,
    /// Below which ages of a task policies tell something apart, each once.
    pub(crate) age_limits: Vec<u64>,
    /// Within what times conditions ask for comments, each once.
    pub(crate) quiet_limits: Vec<u64>,
    /// No count of rests above this is told from it.
    pub(crate) most_rests: u32,
    /// No gap between two ids that is larger is told from it; none if all gaps are told apart.
    pub(crate) widest_gap: Option<i64>,
    pub(crate) orders: Vec<Order>,
}

pub(crate) struct EventKind {
    pub(crate) name: String,
    pub(crate) row: Option<usize>,
    pub(crate) terminal: bool,
}

pub(crate) struct Store {
    pub(crate) ids: Ids,
    pub(crate) keep: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    Counter,
    Given,
    /// How far its ticks are apart.
    Clock(u64),
}

pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) visible_after: Option<Delay>,
}

pub(crate) struct Signal {
    pub(crate) name: String,
    pub(crate) permit: bool,
}

/// The limits of the invariants that have one, and of those that the file checks.
pub(crate) struct Limits {
    pub(crate) stream_ends: Option<u64>,
    pub(crate) delivered_within: Option<u64>,
    pub(crate) bounded_requests: Option<u64>,
}

pub(crate) struct Task {
    pub(crate) name: String,
    pub(crate) node: usize,
    pub(crate) serves: Option<usize>,
    pub(crate) starts: Starts,
    pub(crate) per_source: bool,
    /// The steps, then those of the loop, then those of `otherwise`; each round of a `repeat` is written out.
    pub(crate) steps: Vec<Step>,
    /// Where the loop begins.
    pub(crate) loop_at: usize,
    /// Where `otherwise` begins.
    pub(crate) otherwise_at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Starts {
    After(Delay),
    Spawned,
}

#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) action: Action,
    pub(crate) time: StepTime,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) chance: Chance,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepTime {
    None,
    Takes(Delay),
    TakesAndReturns(Delay, Delay),
    Blocks(Delay),
}

/// Of what may happen or not, what can be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chance {
    Never,
    Either,
    Always,
}

#[derive(Clone)]
pub(crate) enum Action {
    Work,
    Sleep,
    Status(usize),
    Commit { row: usize, fails: Chance },
    Save(usize),
    Publish { kind: usize, store: usize, id: Option<i64> },
    Notify(usize),
    Spawn(usize),
    Read { status: bool, rows: Vec<usize> },
    Send(usize),
    Announce { kind: usize, into: Option<usize>, cursor: Option<Cursor> },
    Cursor(Cursor),
    Comment,
    Close { client: usize, sends: Option<usize> },
    Refuse(usize),
    Poll(Policy),
    Wait { signal: usize, at_most: Option<Policy> },
    Disconnect(usize),
    HalfOpen(usize),
    Hold { client: usize, way: Way },
    Release { client: usize, way: Way },
    Crash(usize),
    Restart(usize),
}

#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) to: bool,
    pub(crate) from: bool,
}

#[derive(Clone, Copy)]
pub(crate) enum Cursor {
    /// All of the task's cursors.
    To(i64),
    Greatest {
        store: usize,
        plus: i64,
    },
    Now(usize),
    Own(usize),
    Given(usize),
}

#[derive(Clone)]
pub(crate) enum Condition {
    Is {
        statuses: Vec<usize>,
        limit: Option<usize>,
    },
    Changed(Vec<usize>),
    /// Of an announcement of this kind.
    Unsent(usize),
    CountAbove,
    /// The place of the time in the list of them.
    Quiet(usize),
    /// Of an announcement of this kind, looked for in this store.
    NoneWithinIds {
        kind: usize,
        store: usize,
        ids: i64,
    },
    Resumed,
    Fresh,
}

/// For each status, how long to rest: the first part applies whose limit is not reached.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) lines: Vec<Vec<Part>>,
}

#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(crate) rest: Delay,
    pub(crate) limit: Limit,
}

#[derive(Clone, Copy)]
pub(crate) enum Limit {
    None,
    /// The place of the age in the list of them.
    Age(usize),
    Rests(u32),
    RestsSinceEvent(u32),
}

pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) latency: Delay,
    pub(crate) reconnects: Option<Delay>,
    pub(crate) resumes: bool,
    pub(crate) timers: Vec<Timer>,
    pub(crate) reactions: Vec<Reaction>,
    pub(crate) served_by: usize,
}

pub(crate) struct Timer {
    pub(crate) name: String,
    pub(crate) from: From,
    pub(crate) limit: Delay,
    pub(crate) stops: Vec<usize>,
    pub(crate) shows: Option<Shown>,
    pub(crate) ends: bool,
    pub(crate) reconnects: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    Start,
    Byte,
    AnyEvent,
    Event(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shown {
    Progress,
    Success,
    Failure,
}

pub(crate) struct Reaction {
    pub(crate) kind: usize,
    pub(crate) synthesized_only: bool,
    pub(crate) shows: Option<Shown>,
    pub(crate) fetches: Option<(Fetched, Delay)>,
    pub(crate) ends: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Fetched {
    Row(usize),
    File(usize),
}

/// A named order of steps.
pub(crate) struct Order {
    pub(crate) name: String,
    /// Task, name of the step, and which time if only one is meant.
    pub(crate) steps: Vec<(usize, String, Option<u32>)>,
}

impl Task {
    /// The step after this one; none if the task is over then.
    pub(crate) fn after(&self, at: usize) -> Option<usize> {
        match at + 1 {
            next if next == self.otherwise_at && self.has_loop() => Some(self.loop_at),
            next if next == self.otherwise_at || next == self.steps.len() => None,
            next => Some(next),
        }
    }

    pub(crate) fn has_loop(&self) -> bool {
        self.loop_at < self.otherwise_at
    }

    /// The first step; none if there are no steps at all.
    pub(crate) fn first(&self) -> Option<usize> {
        (self.otherwise_at > 0).then_some(0)
    }

    /// The first step once a commit has failed; none if the task is over then.
    pub(crate) fn otherwise(&self) -> Option<usize> {
        (self.otherwise_at < self.steps.len()).then_some(self.otherwise_at)
    }
}
