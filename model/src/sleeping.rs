//! How long a step sleeps, by its table.

use punctual_sim::Delay;

use crate::program::Op;
use crate::state::{BackendState, Phase};
use crate::system::{Step, StepTime, TaskId};

/// If the step `op` is one that sleeps: how long, `None` for until somebody wakes it.
#[expect(clippy::option_option, reason = "a sleep without end is not the same as no sleep")]
#[inline(always)]
pub(crate) fn falls_asleep<'o>(
    state: &mut BackendState,
    task: TaskId,
    op: &'o Op,
) -> Option<Option<&'o Delay>> {
    let sleeps = op.sleeps?;
    let sleep = if let Some(signal) = sleeps.signal {
        if state.permits >> signal.0 & 1 == 1 {
            state.permits &= !(1 << signal.0);
            return None;
        }
        state.tasks[usize::from(task.0)].phase = Phase::Listening(signal);
        state.waiting.push_back(task);
        sleeps.policy.map(|_| sleeping_time(state, task, op))
    } else {
        state.tasks[usize::from(task.0)].phase = Phase::Awaiting;
        Some(sleeping_time(state, task, op))
    };
    count_sleep(state, task, op);
    Some(sleep)
}

/// A task sleeps once more, if anybody asks how often.
#[inline(always)]
fn count_sleep(state: &mut BackendState, task: TaskId, op: &Op) {
    if op.table.counts {
        let kept = &mut state.tasks[usize::from(task.0)];
        for (slept, most) in kept.slept.iter_mut().zip(op.table.most_sleeps) {
            *slept = slept.saturating_add(1).min(most);
        }
    }
}

/// How long its table lets a task sleep, by what it read last; before any read, by what is.
#[inline(never)]
pub(crate) fn sleeping_time<'o>(state: &BackendState, task: TaskId, op: &'o Op) -> &'o Delay {
    let task = &state.tasks[usize::from(task.0)];
    let (status, age) = task.read.map_or((state.status.now, task.age), |read| (read.status, read.age));
    op.table.at(status, age, task.slept)
}

impl Step {
    /// Whether time passes in it whatever happens.
    pub fn lets_time_pass(&self) -> bool {
        let unconditional = self.guards.is_empty() && self.chance.is_none();
        let takes = match &self.time {
            StepTime::Takes(delay, _) => delay.interval().max.0 > 0,
            StepTime::Instant | StepTime::Blocks(_) => false,
        };
        unconditional && (takes || self.action.traits().sleeps.is_some())
    }
}
