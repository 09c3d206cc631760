//! Idle cycles: turns of a loop that find nothing new, so that a driver can pass them in one go.
//!
//! A task wakes from its sleep, looks at what it looks at, and sleeps again. If the store holds nothing
//! past its cursor, the rows and the status are what it read last, and no step is taken that does
//! anything else, then the next idle cycle is the same, and the one after it, until something else happens.
//! This is told from the state alone, by the same tests that a step takes, and never learned from a run.

use punctual_sim::IdleCycle;

use crate::admits::stays;
use crate::backend::{Backend, BackendEvent};
use crate::fact::Fact;
use crate::program::Op;
use crate::sleeping::sleeping_time;
use crate::state::{BackendState, Phase, Then};
use crate::system::{Action, StepTime, TaskId};

impl Backend {
    /// See [`Machine::idle_cycle`](punctual_sim::Machine::idle_cycle). An idle cycle begins where a task wakes from its sleep.
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
        let Some(sleep) = self.program(task).ops.get(usize::from(kept.step.0)) else { return false };
        sleep.rests
            && kept.read.is_none_or(|read| read.status == state.status.now)
            && self.idle_cycle_of(state, task, sleep, idle_cycle)
    }

    /// The idle cycle that begins where `task` wakes from `sleep`.
    #[inline(never)]
    fn idle_cycle_of<'m>(
        &'m self,
        state: &BackendState,
        task: TaskId,
        sleep: &'m Op,
        idle_cycle: &mut IdleCycle<'m, Fact>,
    ) -> bool {
        let kept = &state.tasks[usize::from(task.0)];
        let program = self.program(task);
        if kept.phase == Phase::Unborn
            || kept.then != Then::GoesOn
            || kept.slept != program.most_sleeps
            || state.ready > 0
            || state.nodes[usize::from(program.node.0)].blocked_by.is_some()
            || !self.finds_nothing(state, task, kept, sleep)
        {
            return false;
        }
        let mut at = sleep.next;
        // An idle cycle takes each step once at most.
        for _ in 0..program.ops.len() {
            let Some(op) = program.ops.get(usize::from(at.0)) else { return false };
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
}

/// Adds the delays that a step asks for.
fn add_delays<'m>(state: &BackendState, task: TaskId, op: &'m Op, idle_cycle: &mut IdleCycle<'m, Fact>) {
    match &op.time {
        StepTime::Instant if op.sleeps.is_some() => idle_cycle.delays.push(sleeping_time(state, task, op)),
        StepTime::Instant => {}
        StepTime::Takes(delay, returns) => {
            idle_cycle.delays.push(delay);
            idle_cycle.delays.extend(returns);
        }
        StepTime::Blocks(delay) => idle_cycle.delays.push(delay),
    }
}
