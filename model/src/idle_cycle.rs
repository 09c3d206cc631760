//! Rounds of a loop that find nothing new, so that a driver can pass them in one go.
//!
//! A task wakes from its rest, looks at what it looks at, and rests again. If the store holds nothing
//! past its cursor, the rows and the status are what it read last, and no step is taken that does
//! anything else, then the next idle cycle is the same, and the one after it, until something else happens.
//! This is told from the state alone, by the same tests that a step takes, and never learned from a run.

use punctual_sim::IdleCycle;

use crate::backend::{Backend, BackendEvent};
use crate::effects::{sleep, stays};
use crate::fact::Fact;
use crate::program::{Op, place};
use crate::state::{BackendState, Phase, StatusRead, TaskState, Then};
use crate::system::{Action, RowId, StepTime, TaskId};

impl Backend {
    /// See [`Machine::idle_cycle`](punctual_sim::Machine::idle_cycle). An idle cycle begins where a task wakes from its rest.
    #[inline(always)]
    pub(crate) fn idle_cycle_from<'m>(
        &'m self,
        state: &BackendState,
        event: BackendEvent,
        idle_cycle: &mut IdleCycle<'m, Fact>,
    ) -> bool {
        let BackendEvent::Done(task) = event else { return false };
        let kept = &state.tasks[usize::from(task.0)];
        // Mostly a step has done something, or there is another status.
        let Some(rest) = self.program(task).ops.get(usize::from(kept.step)) else { return false };
        matches!(rest.action, Action::Poll(_) | Action::Wait { .. } | Action::Sleep)
            && kept.read.is_none_or(|read| read.status == state.status.now)
            && self.idle_cycle_of(state, task, rest, idle_cycle)
    }

    /// The idle cycle that begins where `task` wakes from `rest`.
    #[inline(never)]
    fn idle_cycle_of<'m>(
        &'m self,
        state: &BackendState,
        task: TaskId,
        rest: &'m Op,
        idle_cycle: &mut IdleCycle<'m, Fact>,
    ) -> bool {
        let kept = &state.tasks[usize::from(task.0)];
        let program = self.program(task);
        if kept.phase == Phase::Unborn
            || kept.then != Then::GoesOn
            || kept.rests != program.rests
            || state.ready > 0
            || state.nodes[usize::from(program.node.0)].blocked_by.is_some()
            || !self.finds_nothing(state, task, kept, rest)
        {
            return false;
        }
        let mut at = rest.next;
        // An idle cycle takes each step once at most.
        for _ in 0..program.ops.len() {
            let Some(op) = program.ops.get(usize::from(at)) else { return false };
            if op.turns {
                idle_cycle.facts.push(Fact::Turned(task));
            }
            let Some(taken) = stays(state, task, op) else { return false };
            if at == kept.step {
                add_delays(state, task, op, idle_cycle);
                return taken && idle_cycle.delays.iter().any(|delay| delay.interval().max.0 > 0);
            }
            if taken {
                if !self.finds_nothing(state, task, kept, op) {
                    return false;
                }
                add_delays(state, task, op, idle_cycle);
                if let Action::Read { .. } = op.action {
                    idle_cycle.facts.push(Fact::Read(task));
                }
            }
            at = op.next;
        }
        false
    }

    /// Whether the effect of a step leaves everything as it is.
    fn finds_nothing(&self, state: &BackendState, task: TaskId, kept: &TaskState, op: &Op) -> bool {
        match &op.action {
            Action::Work | Action::Sleep | Action::Poll(_) => true,
            // Nobody else waits, so the order of those who do is what it was, and no permit is taken.
            Action::Wait { signal, at_most } => {
                at_most.is_some()
                    && state.permits >> signal.0 & 1 == 0
                    && state.waiting.iter().all(|waits| *waits == task)
            }
            Action::Send(store) => {
                let cursor = kept.cursors[self.program(task).cursor(*store)];
                !state.stores[usize::from(store.0)].last_id.is_after(cursor)
            }
            Action::Read { status, rows } => {
                let known = |row: &RowId| kept.rows[place(*row)] == state.rows[place(*row)].visible;
                let (now, held) = (state.status.now, state.status.held);
                let same = StatusRead { status: now, held, age: kept.age, changed: false };
                rows.iter().all(known) && (!status || kept.read == Some(same))
            }
            Action::Status(_)
            | Action::Commit { .. }
            | Action::Save(_)
            | Action::Publish { .. }
            | Action::Notify(_)
            | Action::Spawn(_)
            | Action::Announce { .. }
            | Action::Cursor(_)
            | Action::Refuse
            | Action::Fault(_)
            | Action::Comment
            | Action::Close { .. }
            | Action::Repeat { .. } => false,
        }
    }
}

/// Adds the delays that a step asks for.
fn add_delays<'m>(state: &BackendState, task: TaskId, op: &'m Op, idle_cycle: &mut IdleCycle<'m, Fact>) {
    match (&op.time, &op.action) {
        (StepTime::Instant, Action::Poll(_) | Action::Wait { .. }) => {
            idle_cycle.delays.push(sleep(state, task, op));
        }
        (StepTime::Instant, _) => {}
        (StepTime::Takes(delay, returns), _) => {
            idle_cycle.delays.push(delay);
            idle_cycle.delays.extend(returns);
        }
        (StepTime::Blocks(delay), _) => idle_cycle.delays.push(delay),
    }
}
