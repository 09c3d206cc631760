//! A smaller system of which the same can be said.
//!
//! Exploring keeps every pending alarm of every state apart. What no invariant in question can see
//! is left out beforehand: keep-alive comments that no client's timer listens for, and the clients
//! and the events themselves where only the server's side is asked about. What is left takes the same delays under
//! the same names, so a run of it is a run of the whole.

use crate::system::{Action, Guard, Limit, Since, Sleep, Step, StepId, StepTime, System, TaskId, TimerFrom};

/// `system` without comments that change nothing: instant ones to a client of which no timer runs
/// since the last byte, of a task in which nothing else asks how long ago the last one was. A step keeps its place and
/// its name. Steps that are `named` stay as they are.
pub fn without_idle_comments(system: &System, named: impl Fn(TaskId, StepId) -> bool) -> System {
    let keeps = |guard: &Guard| matches!(guard, Guard::NoneWithin(_) | Guard::Is(..) | Guard::ChangedTo(_));
    let asks = |step: &Step| step.guards.iter().any(|guard| matches!(guard, Guard::NoneWithin(_)));
    let mut cone = system.clone();
    for (id, task) in cone.tasks.iter_mut().enumerate() {
        let Some(client) = task.serves else { continue };
        let timers = &system.clients[usize::from(client.0)].timers;
        if timers.iter().any(|timer| timer.from == TimerFrom::Byte) {
            continue;
        }
        let is_idle = |(number, step): &(usize, &mut Step)| {
            step.action == Action::Comment
                && step.time == StepTime::Instant
                && step.chance.is_none()
                && step.guards.iter().all(keeps)
                && !named(TaskId(id as u8), StepId(*number as u16))
        };
        let steps = task.steps.iter_mut().chain(&mut task.otherwise).enumerate();
        let (idle, others): (Vec<_>, Vec<_>) = steps.partition(is_idle);
        if others.iter().any(|(_, step)| asks(step)) {
            continue;
        }
        for (_, step) in idle {
            step.action = Action::Work;
            step.guards.clear();
        }
    }
    cone
}

/// `system` without what is published, sent and announced: what is left is when its tasks do what.
/// `None` if the time of a step depends on the events, or what clients do with them reaches the server's side.
pub fn without_events(system: &System) -> Option<System> {
    let counts_from_event = |sleep: &Sleep| matches!(sleep.below, Some(Limit::Sleeps(_, Since::Event)));
    let mut sleeps = system.policies.iter().flat_map(|policy| policy.by_status.iter().flatten()).flatten();
    if !system.is_one_way() || sleeps.any(counts_from_event) {
        return None;
    }
    let mut cone = system.clone();
    for step in cone.tasks.iter_mut().flat_map(|task| task.steps.iter_mut().chain(&mut task.otherwise)) {
        let of_events = |guard: &Guard| match guard {
            Guard::Unsent | Guard::CountAbove | Guard::NoneWithinIds(..) => true,
            Guard::ChangedTo(_) | Guard::Is(..) | Guard::NoneWithin(_) | Guard::Resumed | Guard::Fresh => {
                false
            }
        };
        if step.guards.iter().any(of_events) && step.time != StepTime::Instant {
            return None;
        }
        match step.action {
            Action::Publish { .. } | Action::Send(_) | Action::Announce { .. } | Action::Cursor(_) => {
                step.action = Action::Work;
                step.guards.retain(|guard| !of_events(guard));
            }
            _ => {}
        }
    }
    Some(cone)
}

/// `system` with clients that only listen: what arrives when is the same, if nothing that they do reaches the
/// server's side; else all of it.
pub fn without_reactions(system: &System) -> System {
    let mut cone = system.clone();
    if !system.is_one_way() {
        return cone;
    }
    for client in &mut cone.clients {
        client.timers.clear();
        client.reactions.clear();
    }
    cone
}
