//! The server's side: what there is of it, what can happen to it, and what it asks of its host.

use std::collections::VecDeque;

use punctual_sim::{Delay, Span};

use crate::asked::Asked;
use crate::client::Message;
use crate::fact::Identity;
use crate::ids::{Id, Spaces};
use crate::program::{Hold, Op, Program, holds, windows};
use crate::state::{BackendState, NodeState, Phase, RowState, StatusState, StoreState, TaskState, Then};
use crate::system::{
    ClientId, EventId, NodeId, Resource, RowId, StatusId, Step, StepId, StoreId, System, TaskId, Way,
};

/// What can happen to the server's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BackendEvent {
    /// The time of a task's step is over.
    Done(TaskId),
    /// The answer to a task's step is back.
    Returned(TaskId),
    /// A node takes the next task from its queue.
    Turn(NodeId),
    /// A task is old enough for another line of its table.
    Aged(TaskId),
    /// A task has sent no comment for this one of its silences.
    Quiet(TaskId, u8),
    /// A status has lasted as long as some step asks.
    Held(u8),
    /// A committed version of a row can be read.
    Appeared(RowId, Version),
    /// The clock of a store is a look-back window past an event.
    Windowed(u8, Identity),
}

/// A version of a row, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(Rust, packed)]
pub struct Version(pub u32);

/// What the server's side asks of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendEffect {
    /// To send a message to a client; an event under its id, if it has one.
    Send(ClientId, Message, Option<Id>),
    /// To break a client's connection, so that its end notices or does not.
    Cut(ClientId, bool),
    /// To keep back what is sent between a client and the server's side.
    Hold(ClientId, Way),
    /// To let it go.
    Release(ClientId, Way),
}

/// The server's side of a system.
#[derive(Clone, Debug)]
pub struct Backend {
    pub(crate) system: System,
    pub(crate) programs: Vec<Program>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) windows: Vec<Vec<(EventId, u32)>>,
    pub(crate) asked: Asked,
    pub(crate) spaces: Spaces,
    /// After which a node whose queue is not empty has its turn: none.
    pub(crate) at_once: Delay,
    /// The state in which every run begins.
    pub(crate) newborn: BackendState,
}

/// What becomes of a task after an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// It goes on with the next step.
    Next,
    /// It goes on with this step.
    Jump(StepId),
}

impl After {
    /// The step that comes after `op`.
    pub(crate) fn step(self, op: &Op) -> StepId {
        match self {
            Self::Next => op.next,
            Self::Jump(step) => step,
        }
    }
}

impl Backend {
    /// The server's side of `system`.
    pub fn new(system: System) -> Self {
        let holds = holds(&system);
        let tasks = (0..system.tasks.len()).map(|task| TaskId(task as u8));
        let programs = tasks.map(|task| Program::of(task, &system, &holds)).collect();
        let (windows, asked, spaces) = (windows(&system), Asked::by(&system), Spaces::of(&system));
        let newborn = born(&system, &asked, &spaces);
        let at_once = Delay::fixed("turn", Span::ZERO);
        Self { system, programs, holds, windows, asked, spaces, at_once, newborn }
    }

    /// Whether a client that asks for `resource` now finds it.
    pub fn finds(&self, state: &BackendState, resource: Resource) -> bool {
        match resource {
            Resource::Row(row) => state.rows[usize::from(row.0)].visible > 0,
            Resource::File(file) => state.files >> file.0 & 1 == 1,
        }
    }

    /// What it is the server's side of.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// The step that a task is at; `None` if it has not begun or has taken its last.
    pub fn at(&self, state: &BackendState, task: TaskId) -> Option<&Step> {
        let kept = &state.tasks[usize::from(task.0)];
        if kept.phase == Phase::Unborn {
            return None;
        }
        self.system.tasks[usize::from(task.0)].step(kept.step)
    }

    /// The version of a row that can be read; 0 for none.
    pub fn visible(&self, state: &BackendState, row: RowId) -> u32 {
        state.rows[usize::from(row.0)].visible
    }

    /// The job's status.
    pub fn status(&self, state: &BackendState) -> StatusId {
        state.status.now
    }

    /// A host with a database of its own has read it: so the row is, and so the status.
    pub fn set_read(&self, state: &mut BackendState, rows: &[(RowId, u32)], status: Option<StatusId>) {
        for (row, version) in rows {
            state.rows[usize::from(row.0)].visible = *version;
        }
        if let Some(status) = status {
            state.status.now = status;
        }
    }

    /// A task before its first step.
    pub(crate) fn unborn(&self, task: TaskId) -> TaskState {
        self.newborn.tasks[usize::from(task.0)].clone()
    }

    pub(crate) fn program(&self, task: TaskId) -> &Program {
        &self.programs[usize::from(task.0)]
    }
}

/// The state in which every run of `system` begins.
fn born(system: &System, asked: &Asked, spaces: &Spaces) -> BackendState {
    let task = |place: usize| TaskState {
        phase: Phase::Unborn,
        step: StepId(0),
        rounds: 0,
        failed: false,
        cursors: spaces.cursors(TaskId(place as u8)),
        own: if asked.own[place] { spaces.none_of_each() } else { Vec::new() },
        age: 0,
        slept: [0; 2],
        quiet: 0,
        read: None,
        rows: vec![0; system.rows.len()],
        count: 0,
        sent: vec![0; system.events.len()],
        given: Id::none(spaces.of_client(system.tasks[place].serves)),
        then: Then::GoesOn,
    };
    BackendState {
        nodes: vec![NodeState::default(); system.nodes.len()],
        tasks: (0..system.tasks.len()).map(task).collect(),
        status: StatusState { now: system.status, held: 0 },
        stores: (0..system.stores.len())
            .map(|store| StoreState::empty(spaces.of_store(StoreId(store as u8))))
            .collect(),
        rows: vec![RowState::default(); system.rows.len()],
        files: 0,
        permits: 0,
        waiting: VecDeque::new(),
        ready: 0,
        published: vec![0; system.events.len()],
    }
}
