//! Whether a step is taken: its tests, and chance.

use punctual_sim::Cx;

use crate::backend::Backend;
use crate::ids::Id;
use crate::program::{Op, Test, place, visible};
use crate::state::{BackendState, StoreState, Stored};
use crate::system::{EventId, TaskId};

/// Whether the step `op` is taken. Every test is made, since some keep what they saw.
#[inline(always)]
pub(crate) fn admits(state: &mut BackendState, task: TaskId, op: &Op, cx: &mut impl Cx<Backend>) -> bool {
    let mut admitted = true;
    for test in &op.tests {
        admitted &= passes(state, task, *test);
    }
    admitted && op.chance.as_ref().is_none_or(|chance| cx.choose(chance) == 1)
}

/// Whether the step `op` would be taken, where asking changes nothing; `None` where it would, or where
/// chance decides.
#[inline(always)]
pub(crate) fn stays(state: &BackendState, task: TaskId, op: &Op) -> Option<bool> {
    if op.plain {
        return Some(true);
    }
    let kept = &state.tasks[usize::from(task.0)];
    let recounts = |test: &Test| matches!(test, Test::CountAbove) && visible(&kept.rows) != kept.count;
    if op.tests.iter().any(recounts) {
        return None;
    }
    let admitted = op.tests.iter().all(|test| is_so(state, task, *test));
    (!admitted || op.chance.is_none()).then_some(admitted)
}

/// Whether a test comes out true; one that counts rows keeps their number.
#[inline(always)]
fn passes(state: &mut BackendState, task: TaskId, test: Test) -> bool {
    let passed = is_so(state, task, test);
    if let Test::CountAbove = test {
        let task = &mut state.tasks[usize::from(task.0)];
        task.count = visible(&task.rows);
    }
    passed
}

/// Whether a test comes out true now.
#[inline(always)]
fn is_so(state: &BackendState, task: TaskId, test: Test) -> bool {
    let task = &state.tasks[usize::from(task.0)];
    match test {
        Test::Unsent(event, row) => {
            let ordinal = row.map_or(1, |row| task.rows[place(row)]);
            task.sent[usize::from(event.0)] < ordinal
        }
        Test::ChangedTo(statuses) => {
            task.read.is_some_and(|read| read.changed && statuses.contains(read.status))
        }
        Test::Is(statuses) => task.read.is_some_and(|read| statuses.contains(read.status)),
        Test::Held(holds) => task.read.is_some_and(|read| read.held & holds != 0),
        Test::CountAbove => visible(&task.rows) > task.count,
        Test::Quiet(silence) => task.quiet >> silence & 1 == 1,
        Test::Resumed(resumed) => task.given.is_none() != resumed,
        Test::NoneWithinIds { event, store, cursor, ids, by_clock } => {
            none_within_ids(&state.stores[usize::from(store.0)], task.cursors[cursor], event, ids, by_clock)
        }
    }
}

#[inline(never)]
fn none_within_ids(store: &StoreState, cursor: Id, event: EventId, ids: u32, by_clock: bool) -> bool {
    let within = |stored: &Stored| match (by_clock, stored.window_end) {
        (false, _) => stored.id.numbered(stored.id.number().saturating_add(ids)).is_after(cursor),
        (true, end) => end.is_none_or(|end| end.is_after(cursor)),
    };
    let of_kind = |stored: &&Stored| stored.what.event() == event && !stored.is_blank();
    !store.events.iter().filter(of_kind).any(within)
}
