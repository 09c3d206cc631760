//! The description of a delivery system: what exists, and which steps each task takes.
//!
//! This is what a scenario file compiles to: closed enums over small integers, with names kept
//! aside for those who print. It is immutable while runs go on; the values that change live in
//! the machines' states. All times are microseconds.

mod action;
mod client;
mod names;
mod step;

use punctual_sim::{Clock, Delay, Span};

pub use self::action::{Access, Action, CursorRule, Fault, Leads, Noted, Sleeping, Traits, Way};
pub use self::client::{ClientPlan, Copies, Reaction, Reconnects, Resource, Shown, TimerFrom, TimerPlan};
pub use self::names::{
    ClientId, ClientSet, EventId, FileId, NodeId, PolicyId, ReactionId, RowId, SignalId, StatusId, StatusSet,
    StepId, StoreId, TaskId, TimerId,
};
pub use self::step::{Guard, Step, StepTime};

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
    pub rows: Vec<RowPlan>,
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
pub struct RowPlan {
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

/// How long to sleep, by status, age and how often before.
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
    /// While the task has slept less often than this.
    Sleeps(u8, Since),
}

/// From when on the sleeps of a task are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// From its beginning.
    Start,
    /// From its beginning, and anew with each event that it sends.
    Event,
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
        let restart = Some(Fault::Restart(task.node));
        task.serves.is_some_and(returns) || self.steps().any(|step| step.action.traits().befalls == restart)
    }

    /// Whether lines can break or hold up what is sent on them.
    pub fn has_outages(&self) -> bool {
        !self.is_one_way() || self.steps().any(|step| step.action.traits().befalls.is_some())
    }

    /// All steps of all tasks.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.tasks.iter().flat_map(Task::all_steps)
    }

    /// `task.step`, as a scenario file and a report call it.
    pub fn step_name(&self, task: TaskId, step: StepId) -> String {
        let task = &self.tasks[usize::from(task.0)];
        let step = task.step(step);
        format!("{}.{}", task.name, step.map_or("end", |step| &step.name))
    }

    /// The name of a node.
    pub fn node_name(&self, node: NodeId) -> &str {
        &self.nodes[usize::from(node.0)]
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
    /// Its steps, each with its number.
    pub fn numbered_steps(&self) -> impl Iterator<Item = (StepId, &Step)> {
        self.all_steps().enumerate().map(|(number, step)| (StepId(number as u16), step))
    }

    /// One of its steps; none for a number that none has.
    pub fn step(&self, step: StepId) -> Option<&Step> {
        self.all_steps().nth(usize::from(step.0))
    }

    /// Its steps, and then those taken after a failed commit; a step's number is its place here.
    pub fn all_steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().chain(&self.otherwise)
    }
}
