//! Names whose draws would be the same.
//!
//! A draw is keyed by the hash of the name of what is drawn. Two delays with one key would take
//! their draws in turns from one sequence: a variant that removes one would change the other, and
//! nobody would be told. Names are many and keys have 32 bits, so this is rare, and refused.

use std::ops::Range;

use punctual_model::{Ids, Reconnects, Starts, Step, StepTime, System};
use punctual_sim::{Choice, Delay, Name};

use crate::form::Scenario;
use crate::names::in_file_order;
use crate::places::{Word, place_of};
use crate::problem::{Findings, Problem};
use crate::words::quoted;

/// Something that is drawn in a run.
struct Drawn<'a> {
    /// Draws of different nouns have different keys.
    noun: &'static str,
    name: &'a Name,
    at: Range<usize>,
}

/// Refuses names that share their draws; `form` is what `system` was compiled from.
pub(crate) fn check(form: &Scenario, system: &System, findings: &Findings<'_>) {
    let all = all(form, system);
    for (place, second) in all.iter().enumerate() {
        let alike = |first: &&Drawn<'_>| (first.noun, first.name.key()) == (second.noun, second.name.key());
        let Some(first) = all[..place].iter().find(alike) else { continue };
        let (one, other) = (quoted(first.name.text()), quoted(second.name.text()));
        let title = if one == other {
            format!("two {}s are called {one}", first.noun)
        } else {
            format!("the names {one} and {other} share their draws")
        };
        let problem = Problem::new("P0430", &second.at, title).label("the second");
        let problem = problem.beside(&first.at, "the first");
        findings.add(problem.help("rename one of the two: what is drawn is keyed by the name"));
    }
}

/// All that is drawn, each with the place of what it belongs to.
fn all<'a>(form: &Scenario, system: &'a System) -> Vec<Drawn<'a>> {
    let mut all = Vec::new();
    for (task, written) in system.tasks.iter().zip(&form.task) {
        if let Starts::After(delay) = &task.starts {
            all.extend(delayed(delay, &written.name.at));
        }
        for step in task.all_steps() {
            of_step(step, &place_of(step, Word::Verb, written), &mut all);
        }
    }
    for row in &system.rows {
        let written = form.row.iter().find(|written| written.name.value == row.name);
        let late = row.visible_after.as_ref().zip(written);
        all.extend(late.and_then(|(delay, written)| delayed(delay, &written.name.at)));
    }
    for (store, written) in system.stores.iter().zip(&form.store) {
        if let Ids::Clock(clock) = &store.ids {
            all.push(Drawn { noun: "clock", name: clock.name(), at: written.name.at.clone() });
        }
    }
    for (policy, (_, lines)) in system.policies.iter().zip(in_file_order(&form.policy)) {
        for (status, line) in lines {
            let id = system.statuses.iter().position(|name| *name == status.value);
            let sleeps = id.and_then(|id| policy.by_status[id].as_ref());
            let delays = sleeps.into_iter().flatten().map(|sleep| &sleep.delay);
            // The line stands for all its parts: they are numbered.
            all.extend(delays.filter_map(|delay| delayed(delay, &line.at)));
        }
    }
    for (client, written) in system.clients.iter().zip(&form.client) {
        all.extend(delayed(&client.latency, &written.latency.at));
        if let Some(Reconnects { after, travels, .. }) = &client.reconnects {
            let at = written.reconnects.as_ref().map_or(&written.latency.at, |reconnects| &reconnects.at);
            all.extend(delayed(after, at).into_iter().chain(delayed(travels, at)));
        }
        for (timer, written) in client.timers.iter().zip(&written.timer) {
            all.extend(delayed(&timer.limit, &written.name.at));
        }
        for (reaction, written) in client.reactions.iter().zip(&written.on) {
            all.extend(reaction.fetches.as_ref().and_then(|(_, delay)| delayed(delay, &written.event.at)));
        }
    }
    all
}

fn of_step<'a>(step: &'a Step, at: &Range<usize>, all: &mut Vec<Drawn<'a>>) {
    match &step.time {
        StepTime::Instant => {}
        StepTime::Takes(delay, returns) => {
            all.extend(delayed(delay, at));
            all.extend(returns.as_ref().and_then(|returns| delayed(returns, at)));
        }
        StepTime::Blocks(delay) => all.extend(delayed(delay, at)),
    }
    all.extend(step.chance.as_ref().and_then(|chance| chosen(chance, at)));
    all.extend(step.action.traits().fails().and_then(|fails| chosen(fails, at)));
}

/// A delay, unless it always is the same.
fn delayed<'a>(delay: &'a Delay, at: &Range<usize>) -> Option<Drawn<'a>> {
    let open = delay.interval().min < delay.interval().max;
    open.then(|| Drawn { noun: "delay", name: delay.name(), at: at.clone() })
}

/// A choice, unless it always comes out alike.
fn chosen<'a>(choice: &'a Choice, at: &Range<usize>) -> Option<Drawn<'a>> {
    choice.forced().is_none().then(|| Drawn { noun: "choice", name: choice.name(), at: at.clone() })
}
