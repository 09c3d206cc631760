//! A smaller system of which the same can be said.
//!
//! Exploring keeps every pending alarm of every state apart. What no invariant in question can see
//! is left out beforehand: keep-alive comments that no client's timer listens for, and the clients
//! themselves where only the server's side is asked about. What is left takes the same delays under
//! the same names, so a run of it is a run of the whole.

use crate::invariant::Rule;
use crate::system::{Action, Guard, StepTime, System, TimerFrom};

/// `system` without comments that change nothing: instant ones to a client of which no timer runs
/// since the last byte. A step keeps its place and its name.
pub fn without_idle_comments(system: &System) -> System {
    let mut slice = system.clone();
    for task in &mut slice.tasks {
        let Some(client) = task.serves else { continue };
        let timers = &system.clients[usize::from(client.0)].timers;
        if timers.iter().any(|timer| timer.from == TimerFrom::Byte) {
            continue;
        }
        for step in task.steps.iter_mut().chain(&mut task.otherwise) {
            let keeps =
                |guard: &Guard| matches!(guard, Guard::NoneWithin(_) | Guard::Is(..) | Guard::ChangedTo(_));
            if step.action == Action::Comment
                && step.time == StepTime::Instant
                && step.chance.is_none()
                && step.guards.iter().all(keeps)
            {
                step.action = Action::Work;
                step.guards.clear();
            }
        }
    }
    slice
}

/// Whether what `rules` say can be seen on the server's side alone.
pub fn seen_without_clients(rules: &[Rule]) -> bool {
    rules.iter().all(|rule| match rule {
        Rule::BoundedRequests(_) | Rule::StreamEnds(_) => true,
        Rule::NoEventLost
        | Rule::NoDuplicate
        | Rule::InOrder
        | Rule::DurableBeforeAnnounced
        | Rule::NoPhantom
        | Rule::ClientNeverTimesOut
        | Rule::NoEarlyEnd
        | Rule::DeliveredWithin(_)
        | Rule::ShownRight
        | Rule::ClientEnds => false,
    })
}
