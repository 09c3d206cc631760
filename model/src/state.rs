//! The state of the server's side: a plain value, equal where the future is equal.

use std::collections::VecDeque;

use crate::fact::{Copy, Identity};
use crate::system::{SignalId, StatusId, StatusSet, TaskId};

/// All that the server's side remembers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct NodeState {
    /// The task that blocks it.
    pub(crate) blocked_by: Option<TaskId>,
    /// Who runs next, first in, first out.
    pub(crate) ready: VecDeque<TaskId>,
}

/// Where a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    /// Not spawned yet.
    Unborn,
    /// Its start, or the time of its step, is pending.
    Awaiting,
    /// In the ready queue.
    Ready,
    /// Waits for a signal, and perhaps for a back-stop.
    Listening(SignalId),
    /// Took its last step.
    Over,
}

/// A task, and what it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TaskState {
    pub(crate) phase: Phase,
    /// The step that it is at.
    pub(crate) step: u16,
    /// Rounds of the repeat it is in.
    pub(crate) rounds: u16,
    /// Whether a commit failed in it.
    pub(crate) failed: bool,
    /// Everything up to this id was sent; one for all stores, or one for each.
    pub(crate) cursors: Vec<u32>,
    /// For each store, the id of the event that it published there last.
    pub(crate) own: Vec<u32>,
    /// How many of the limits of its age have passed.
    pub(crate) age: u8,
    /// Whether a comment is due.
    pub(crate) quiet: bool,
    /// The status as read last.
    pub(crate) read: Option<StatusRead>,
    /// The version of each row as read last; 0 if it was not visible.
    pub(crate) rows: Vec<u32>,
    /// The number of rows kept from before.
    pub(crate) count: u8,
    /// For each kind of event, the greatest ordinal sent on this connection.
    pub(crate) sent: Vec<u32>,
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct StoreState {
    pub(crate) events: VecDeque<Stored>,
    /// The greatest id given so far: the counter, or the rank of what the clock showed last.
    pub(crate) last_id: u32,
}

/// An event in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stored {
    pub(crate) what: Identity,
    pub(crate) copy: Copy,
    pub(crate) id: u32,
    /// The first id that is a look-back window away, once the clock has come that far.
    pub(crate) window_end: Option<u32>,
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
    /// The greatest id in the store; 0 if it is empty.
    pub(crate) fn greatest(&self) -> u32 {
        self.events.iter().map(|event| event.id).max().unwrap_or(0)
    }
}

impl BackendState {
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
