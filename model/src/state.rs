//! The state of the server's side: a plain value, equal where the future is equal.

use std::collections::VecDeque;

use crate::fact::{Identity, Origin};
use crate::ids::{Id, Space};
use crate::system::{SignalId, StatusId, StatusSet, StepId, TaskId};

/// All that the server's side remembers.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct BackendState {
    pub(crate) nodes: Vec<NodeState>,
    pub(crate) tasks: Vec<TaskState>,
    pub(crate) status: StatusState,
    pub(crate) stores: Vec<StoreState>,
    pub(crate) rows: Vec<RowState>,
    /// Which files are durable, a bit each.
    pub(crate) files: u64,
    /// Which signals keep a permit, a bit each.
    pub(crate) permits: u64,
    /// The tasks that wait for a signal, who came first first.
    pub(crate) waiting: VecDeque<TaskId>,
    /// How many tasks are in ready queues.
    pub(crate) ready: u16,
    /// How many events of each kind were published.
    pub(crate) published: Vec<u32>,
}

/// An event loop.
#[derive(Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct NodeState {
    /// The task that blocks it.
    pub(crate) blocked_by: Option<TaskId>,
    /// Who runs next, first in, first out.
    pub(crate) ready: VecDeque<TaskId>,
    /// Whether it stopped.
    pub(crate) down: bool,
}

/// Where a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    /// Not spawned yet.
    Unborn,
    /// The time of its step is pending.
    Awaiting,
    /// The answer to the step before the one that it is at is pending.
    Returning,
    /// In the ready queue.
    Ready,
    /// Waits for a signal, and perhaps for a back-stop.
    Listening(SignalId),
    /// Took its last step.
    Over,
}

/// A task, and what it keeps.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct TaskState {
    pub(crate) phase: Phase,
    /// The step that it is at.
    pub(crate) step: StepId,
    /// Rounds of the repeat it is in.
    pub(crate) rounds: u16,
    /// Whether a commit failed in it.
    pub(crate) failed: bool,
    /// Everything up to this id was sent; one for all stores, or one for each.
    pub(crate) cursors: Vec<Id>,
    /// For each store, the id of the event that it published there last; empty if it never asks.
    pub(crate) own: Vec<Id>,
    /// How many of the limits of its age have passed.
    pub(crate) age: u8,
    /// How often it slept, from its beginning and since it last sent an event; no further than somebody asks.
    pub(crate) slept: [u8; 2],
    /// Which of its silences have lasted since its last comment, a bit each.
    pub(crate) quiet: u32,
    /// The status as read last.
    pub(crate) read: Option<StatusRead>,
    /// The version of each row as read last; 0 if it was not visible.
    pub(crate) rows: Vec<u32>,
    /// The number of rows kept from before.
    pub(crate) count: u8,
    /// For each kind of event, the greatest ordinal sent on this connection.
    pub(crate) sent: Vec<u32>,
    /// The id that the client named when it connected.
    pub(crate) given: Id,
    /// What becomes of it when the step is done that blocks its node.
    pub(crate) then: Then,
}

/// What becomes of a task that lost its connection in a step that cannot be given up half-way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Then {
    /// It did not: it goes on.
    GoesOn,
    /// It ends.
    Ends,
    /// It begins anew, for the connection that came meanwhile.
    Begins,
}

/// What reading the status told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StatusRead {
    pub(crate) status: StatusId,
    /// Which of the holds had passed, a bit each.
    pub(crate) held: u32,
    /// The age of the task at that moment.
    pub(crate) age: u8,
    /// Whether the read before it told another status.
    pub(crate) changed: bool,
}

/// The job's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StatusState {
    pub(crate) now: StatusId,
    /// Which of the holds have passed, a bit each.
    pub(crate) held: u32,
}

/// An event store.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct StoreState {
    pub(crate) events: VecDeque<Stored>,
    /// The greatest id given so far: the counter, or the rank of what the clock showed last.
    pub(crate) last_id: Id,
}

/// An event in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stored {
    pub(crate) what: Identity,
    pub(crate) copy: Origin,
    pub(crate) id: Id,
    /// The first id that is a look-back window away, once the clock has come that far.
    pub(crate) window_end: Option<Id>,
}

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct RowState {
    /// How many versions were tried; one that is rolled back is not used again.
    pub(crate) tried: u32,
    /// Its latest committed version; 0 for none.
    pub(crate) committed: u32,
    /// The version that is visible to readers.
    pub(crate) visible: u32,
}

impl StoreState {
    /// A store to which nothing was added yet.
    pub(crate) fn empty(space: Space) -> Self {
        Self { events: VecDeque::new(), last_id: Id::none(space) }
    }

    /// The greatest id in the store; none if it is empty.
    pub(crate) fn greatest(&self) -> Id {
        let greatest = self.events.iter().map(|event| event.id.number()).max();
        self.last_id.numbered(greatest.unwrap_or(0))
    }

    /// All ids that it keeps.
    fn ids(&mut self) -> impl Iterator<Item = &mut Id> {
        let Self { events, last_id } = self;
        events.iter_mut().flat_map(Stored::ids).chain([last_id])
    }
}

impl Stored {
    /// All ids that it keeps.
    fn ids(&mut self) -> impl Iterator<Item = &mut Id> {
        let Self { what: _, copy: _, id, window_end } = self;
        [Some(id), window_end.as_mut()].into_iter().flatten()
    }
}

impl TaskState {
    /// Whether what it sends is for the connection that its client has, and not for one before that.
    pub(crate) fn serves_its_client(&self) -> bool {
        self.then != Then::Begins
    }

    /// All ids that it keeps.
    fn ids(&mut self) -> impl Iterator<Item = &mut Id> {
        let Self {
            cursors,
            own,
            given,
            phase: _,
            step: _,
            rounds: _,
            failed: _,
            age: _,
            slept: _,
            quiet: _,
            read: _,
            rows: _,
            count: _,
            sent: _,
            then: _,
        } = self;
        cursors.iter_mut().chain(own).chain([given])
    }
}

impl BackendState {
    /// All ids that are kept: what is not found here would be held against others that were renumbered.
    pub(crate) fn ids(&mut self) -> impl Iterator<Item = &mut Id> {
        let Self {
            tasks,
            stores,
            nodes: _,
            status: _,
            rows: _,
            files: _,
            permits: _,
            waiting: _,
            ready: _,
            published: _,
        } = self;
        tasks.iter_mut().flat_map(TaskState::ids).chain(stores.iter_mut().flat_map(StoreState::ids))
    }

    /// Whether a status of `statuses` may still be read: it is the present one, or may be set.
    pub(crate) fn may_be(
        &self,
        statuses: StatusSet,
        may_set: impl Fn(usize, &TaskState) -> StatusSet,
    ) -> bool {
        let later = self.tasks.iter().enumerate().map(|(i, task)| may_set(i, task));
        let all = later.fold(StatusSet::default().with(self.status.now), StatusSet::union);
        all.0 & statuses.0 != 0
    }
}

/// Makes one queue equal to another. Mostly that is empty, and nothing has to be looked through.
fn overwrite<T: Clone>(queue: &mut VecDeque<T>, other: &VecDeque<T>) {
    if other.is_empty() { queue.clear() } else { queue.clone_from(other) }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for BackendState {
    fn clone(&self) -> Self {
        Self {
            nodes: self.nodes.clone(),
            tasks: self.tasks.clone(),
            status: self.status,
            stores: self.stores.clone(),
            rows: self.rows.clone(),
            files: self.files,
            permits: self.permits,
            waiting: self.waiting.clone(),
            ready: self.ready,
            published: self.published.clone(),
        }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { nodes, tasks, status, stores, rows, files, permits, waiting, ready, published } = other;
        self.nodes.clone_from(nodes);
        self.tasks.clone_from(tasks);
        self.status = *status;
        self.stores.clone_from(stores);
        self.rows.clone_from(rows);
        self.files = *files;
        self.permits = *permits;
        overwrite(&mut self.waiting, waiting);
        self.ready = *ready;
        self.published.clone_from(published);
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for NodeState {
    fn clone(&self) -> Self {
        Self { blocked_by: self.blocked_by, ready: self.ready.clone(), down: self.down }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { blocked_by, ready, down } = other;
        self.blocked_by = *blocked_by;
        self.down = *down;
        overwrite(&mut self.ready, ready);
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for TaskState {
    fn clone(&self) -> Self {
        Self {
            phase: self.phase,
            step: self.step,
            rounds: self.rounds,
            failed: self.failed,
            cursors: self.cursors.clone(),
            own: self.own.clone(),
            age: self.age,
            slept: self.slept,
            quiet: self.quiet,
            read: self.read,
            rows: self.rows.clone(),
            count: self.count,
            sent: self.sent.clone(),
            given: self.given,
            then: self.then,
        }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self {
            phase,
            step,
            rounds,
            failed,
            cursors,
            own,
            age,
            slept,
            quiet,
            read,
            rows,
            count,
            sent,
            given,
            then,
        } = other;
        self.given = *given;
        self.then = *then;
        self.phase = *phase;
        self.step = *step;
        self.rounds = *rounds;
        self.failed = *failed;
        self.cursors.clone_from(cursors);
        self.own.clone_from(own);
        self.age = *age;
        self.slept = *slept;
        self.quiet = *quiet;
        self.read = *read;
        self.rows.clone_from(rows);
        self.count = *count;
        self.sent.clone_from(sent);
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for StoreState {
    fn clone(&self) -> Self {
        Self { events: self.events.clone(), last_id: self.last_id }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { events, last_id } = other;
        overwrite(&mut self.events, events);
        self.last_id = *last_id;
    }
}
