//! The description of a delivery system: what exists, and which steps each task takes.
//!
//! This is what a scenario file compiles to: closed enums over small integers, with names kept
//! aside for those who print. It is immutable while runs go on; the values that change live in
//! the machines' states. All times are microseconds.

mod action;

use std::fmt;

use punctual_sim::{Choice, Clock, Delay, Interval, Span};

pub use action::{Action, CursorRule, Fault, Leads, Rest, Traits, Way};

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

/// A whole system; the index of a thing in its list is its id.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    /// Names of the event loops.
    pub nodes: Vec<String>,
    /// Names of the statuses.
    pub statuses: Vec<String>,
    /// The job's status when a run begins.
    pub status: StatusId,
    /// The status that says the job failed, if there is one.
    pub failed: Option<StatusId>,
    /// All tasks.
    pub tasks: Vec<Task>,
    /// All kinds of events.
    pub events: Vec<EventKind>,
    /// All event stores.
    pub stores: Vec<Store>,
    /// All rows.
    pub rows: Vec<Row>,
    /// Names of the files.
    pub files: Vec<String>,
    /// All signals.
    pub signals: Vec<Signal>,
    /// All tables of sleeping times.
    pub policies: Vec<Policy>,
    /// All clients.
    pub clients: Vec<ClientPlan>,
    /// A run is over this long after this task is; `None` if it ends by itself.
    pub ends: Option<(TaskId, Span)>,
}

/// Steps that are taken one after the other on one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// Where it runs.
    pub node: NodeId,
    /// How it comes to run.
    pub starts: Starts,
    /// The client whose connection it is the server's end of.
    pub serves: Option<ClientId>,
    /// How many cursors it keeps.
    pub cursors: Cursors,
    /// Taken in order, once.
    pub steps: Vec<Step>,
    /// The number of the step to go on with after the last of `steps`: the beginning of its loop.
    pub again_from: Option<usize>,
    /// Taken instead of what is left once a commit has failed; the task then ends.
    pub otherwise: Vec<Step>,
}

/// How a task comes to run.
#[derive(Clone, Debug, PartialEq)]
pub enum Starts {
    /// This long after the run began.
    After(Delay),
    /// When another task spawns it.
    Spawned,
}

/// How many cursors a task keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursors {
    /// One, held against the ids of every store that it sends from.
    One,
    /// One for each store. What is announced from rows moves none of them, unless it says so.
    PerStore,
}

impl Cursors {
    /// The place of the cursor that is held against the ids of `store`.
    #[inline(always)]
    pub(crate) fn place(self, store: StoreId) -> usize {
        match self {
            Self::One => 0,
            Self::PerStore => usize::from(store.0),
        }
    }
}

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

/// A kind of event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventKind {
    /// Its name.
    pub name: String,
    /// The row that it tells of: it can be announced from it, and is undone with it.
    pub row: Option<RowId>,
    /// Whether it is the last thing that a client needs.
    pub terminal: bool,
}

/// An event store.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    /// Its name.
    pub name: String,
    /// Where ids come from.
    pub ids: Ids,
    /// The number of events that it keeps; older ones are dropped.
    pub keep: Option<u16>,
}

/// Where a store's ids come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Ids {
    /// Each publish says its id.
    Given,
    /// 1, 2, 3, and so on.
    Counter,
    /// A clock, read when the event is published.
    Clock(Clock),
}

/// A row of the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// How long after its commit it becomes visible; `None` for at once.
    pub visible_after: Option<Delay>,
}

/// A signal that wakes those who wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Its name.
    pub name: String,
    /// Whether a notification that finds nobody waiting is kept for the next who waits.
    pub permit: bool,
}

/// How long to sleep, by status, age and the number of rests before.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// For each status by id: `None` if the table has no line for it.
    pub by_status: Vec<Option<Vec<Sleep>>>,
}

/// A sleeping time; of those whose limit is not reached, the first applies.
#[derive(Clone, Debug, PartialEq)]
pub struct Sleep {
    /// Applies below this; `None` for ever. Limits of one kind grow.
    pub below: Option<Limit>,
    /// How long to sleep.
    pub delay: Delay,
}

/// Until when a sleeping time applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// While the task's age is below this.
    Age(Span),
    /// While the task has rested less often than this.
    Rests(u8, Since),
}

/// From when on a task's rests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// From its beginning.
    Start,
    /// From its beginning, and anew with each event that it sends.
    Event,
}

/// A client and what it does when told something.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientPlan {
    /// Its name.
    pub name: String,
    /// How long what is sent to it travels.
    pub latency: Delay,
    /// Its timers.
    pub timers: Vec<TimerPlan>,
    /// How it reacts to events; an event without a reaction only counts as a sign of life.
    pub reactions: Vec<Reaction>,
    /// How it connects again when its connection has ended, whether cleanly or not; `None` if it does not.
    pub reconnects: Option<Reconnects>,
}

/// How a client connects again (WHATWG HTML, 9.2.3, for what a browser does).
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnects {
    /// How long it waits first.
    pub after: Delay,
    /// How long its request travels.
    pub travels: Delay,
    /// Whether it names the last event that it has (`Last-Event-ID`).
    pub resumes: bool,
}

/// A client's timer.
#[derive(Clone, Debug, PartialEq)]
pub struct TimerPlan {
    /// Its name.
    pub name: String,
    /// What starts it; a repeat of a cause that is no named event starts it again.
    pub from: TimerFrom,
    /// When it fires.
    pub limit: Delay,
    /// Events whose reaction stops it for good.
    pub stopped_by: Vec<EventId>,
    /// What the user is shown when it fires.
    pub shows: Option<Shown>,
    /// Whether the client is at its end when it fires.
    pub ends: bool,
    /// Whether the client gives up its connection when it fires, and connects again; the timer then
    /// starts anew.
    pub reconnects: bool,
}

/// What starts a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerFrom {
    /// The beginning of the run.
    Start,
    /// Whatever arrives, comments too.
    Byte,
    /// Any event.
    Event,
    /// The client's reaction to this event, once.
    Named(EventId),
}

/// How a client reacts to a kind of event.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// The event.
    pub event: EventId,
    /// Which copies of it the client understands.
    pub copies: Copies,
    /// What the user is then shown.
    pub shows: Option<Shown>,
    /// What the client then fetches, and how long the request travels.
    pub fetches: Option<(Resource, Delay)>,
    /// Whether the client is then at its end.
    pub ends: bool,
}

/// Which copies of an event a client understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// All.
    All,
    /// Those that the server's end made from a row.
    Synthesized,
}

/// What a client can fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A row; found if it is visible.
    Row(RowId),
    /// A file; found if it is durable.
    File(FileId),
}

/// What a user sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// That it goes on.
    Progress,
    /// That it worked.
    Success,
    /// That it failed.
    Failure,
}

impl System {
    /// Whether some step of a task is like that, one that is taken after a failed commit too.
    pub(crate) fn any_step(&self, is: impl Fn(&Step) -> bool) -> bool {
        self.tasks.iter().flat_map(Task::all_steps).any(is)
    }

    /// Whether nothing that a client does reaches the server's side.
    pub fn is_one_way(&self) -> bool {
        self.clients.iter().all(|client| client.reconnects.is_none())
    }

    /// Whether `task` may begin a second time: for a client that connects again, or on a node that starts
    /// again.
    pub fn may_begin_again(&self, task: TaskId) -> bool {
        let task = &self.tasks[usize::from(task.0)];
        let returns = |client: ClientId| self.clients[usize::from(client.0)].reconnects.is_some();
        let restart = Action::Fault(Fault::Restart(task.node));
        task.serves.is_some_and(returns) || self.steps().any(|step| step.action == restart)
    }

    /// Whether lines can break or hold up what is sent on them.
    pub fn has_outages(&self) -> bool {
        !self.is_one_way() || self.steps().any(|step| matches!(step.action, Action::Fault(_)))
    }

    /// All steps of all tasks.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.tasks.iter().flat_map(Task::all_steps)
    }

    /// `task.step`, as a scenario file and a report call it.
    pub fn step_name(&self, task: TaskId, step: u16) -> String {
        let task = &self.tasks[usize::from(task.0)];
        let step = task.all_steps().nth(usize::from(step));
        format!("{}.{}", task.name, step.map_or("end", |step| &step.name))
    }

    /// The name of an event kind.
    pub fn event_name(&self, event: EventId) -> &str {
        &self.events[usize::from(event.0)].name
    }

    /// The name of a client.
    pub fn client_name(&self, client: ClientId) -> &str {
        &self.clients[usize::from(client.0)].name
    }
}

impl Task {
    /// Its steps, and then those taken after a failed commit; a step's number is its place here.
    pub fn all_steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().chain(&self.otherwise)
    }
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

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Progress => "progress",
            Self::Success => "success",
            Self::Failure => "failure",
        })
    }
}
