//! All delays of a system, wherever they stand.

use punctual_sim::{Delay, Name};

use crate::system::{Guard, Starts, Step, StepTime, System};

impl System {
    /// All delays, in an order that depends on the shape of the system only.
    pub fn delays_mut(&mut self) -> Vec<&mut Delay> {
        let mut all = Vec::new();
        for task in &mut self.tasks {
            if let Starts::After(delay) = &mut task.starts {
                all.push(delay);
            }
            for step in task.steps.iter_mut().chain(&mut task.otherwise) {
                of_step(step, &mut all);
            }
        }
        all.extend(self.rows.iter_mut().filter_map(|row| row.visible_after.as_mut()));
        let sleeps = self.policies.iter_mut().flat_map(|policy| policy.by_status.iter_mut().flatten());
        all.extend(sleeps.flatten().map(|sleep| &mut sleep.delay));
        for client in &mut self.clients {
            all.push(&mut client.latency);
            all.extend(client.timers.iter_mut().map(|timer| &mut timer.limit));
            let fetches = client.reactions.iter_mut().filter_map(|reaction| reaction.fetches.as_mut());
            all.extend(fetches.map(|(_, delay)| delay));
            if let Some(reconnects) = &mut client.reconnects {
                all.extend([&mut reconnects.after, &mut reconnects.travels]);
            }
        }
        all
    }

    /// The names of the delays in which `other` differs, each once; `None` if it differs in anything else. Then a run
    /// of both is the same until one of these is asked for. How long a status must last before a step is taken,
    /// and after how much silence, belongs to the rest: alarms are shared by what it is.
    pub fn differing_delays(&self, other: &Self) -> Option<Vec<Name>> {
        let guards = |system: &Self| -> Vec<Guard> {
            system.steps().flat_map(|step| step.guards.iter().cloned()).collect()
        };
        if guards(self) != guards(other) {
            return None;
        }
        let (mut mine, mut like) = (self.clone(), other.clone());
        let (all, theirs) = (mine.delays_mut(), like.delays_mut());
        if all.len() != theirs.len() {
            return None;
        }
        let mut differ: Vec<Name> = Vec::new();
        for (delay, other) in all.into_iter().zip(theirs) {
            if delay.name() != other.name() {
                return None;
            }
            if *delay != *other {
                if !differ.contains(delay.name()) {
                    differ.push(delay.name().clone());
                }
                other.clone_from(delay);
            }
        }
        (*self == like).then_some(differ)
    }
}

fn of_step<'s>(step: &'s mut Step, all: &mut Vec<&'s mut Delay>) {
    match &mut step.time {
        StepTime::Instant => {}
        StepTime::Takes(delay, returns) => {
            all.push(delay);
            all.extend(returns);
        }
        StepTime::Blocks(delay) => all.push(delay),
    }
    for guard in &mut step.guards {
        match guard {
            Guard::Is(_, Some(delay)) | Guard::NoneWithin(delay) => all.push(delay),
            Guard::Unsent
            | Guard::ChangedTo(_)
            | Guard::Is(_, None)
            | Guard::CountAbove
            | Guard::Resumed
            | Guard::Fresh
            | Guard::NoneWithinIds(..) => {}
        }
    }
}
