//! What is said of broken lines and of nodes that stop: whether it can ever come to something.
//!
//! A condition on an id that no client names, a node that starts again and never stopped: each would be a
//! test that passes because nothing is tested.

use std::ops::Range;

use punctual_model::{ClientId, CursorRule, Fault, Guard, Step, System, Task, Way};

use crate::form::{self, Scenario};
use crate::names::Scope;
use crate::places::{Word, place_of};
use crate::problem::{Findings, Problem};
use crate::words::quoted;

/// Checks what a sound system says of outages.
pub(crate) fn check(form: &Scenario, scope: &Scope, system: &System, findings: &Findings<'_>) {
    let outages = Outages { scope, system, findings };
    for (id, client) in form.client.iter().enumerate() {
        outages.client(ClientId(id as u8), client);
    }
    for (task, written) in system.tasks.iter().zip(&form.task) {
        for step in task.all_steps() {
            outages.given(task, written, step);
            if let Some(fault) = step.action.traits().befalls {
                outages.fault(task, written, step, fault);
            }
        }
    }
}

struct Outages<'a, 't> {
    scope: &'a Scope,
    system: &'a System,
    findings: &'a Findings<'t>,
}

impl Outages<'_, '_> {
    fn client(&self, id: ClientId, client: &form::Client) {
        let nothing =
            |at: &Range<usize>, title: &str| Problem::new("P0431", at, title).label("comes to nothing");
        let again =
            client.timer.iter().filter(|timer| timer.reconnects.as_ref().is_some_and(|again| again.value));
        let again = again.filter_map(|timer| Some((timer, &timer.reconnects.as_ref()?.at)));
        if client.reconnects.is_none() {
            let help = "add `reconnects = \"3s\"` to the client";
            if let Some(resumes) = &client.resumes {
                let title = "a client that never connects again names no event";
                self.findings.add_unused(nothing(&resumes.at, title).help(help));
            }
            for (_, at) in again {
                let title = "a client that never connects again cannot do so here";
                self.findings.add_unused(nothing(at, title).help(help));
            }
            return;
        }
        for (_, at) in again.filter(|(timer, _)| timer.ends) {
            let title = "a client that is at its end does not connect again";
            self.findings.add(nothing(at, title).help("keep `ends` or `reconnects`"));
        }
        if self.system.ends.is_none() && !self.findings.lost("") {
            let title = "a client that connects again may do so for ever";
            let problem = Problem::new("P0419", self.scope.clients.at(usize::from(id.0)), title);
            let problem = problem.label("no run of it need end");
            self.findings.add(problem.help("add `ends = \"10s after TASK\"` at the top of the file"));
        }
        let serves = |task: &&Task| task.serves == Some(id);
        let sends = |step: &Step| {
            let traits = step.action.traits();
            traits.sends_from.or(traits.adds_to.filter(|_| traits.announces.is_some()))
        };
        let served = self.system.tasks.iter().filter(serves).flat_map(Task::all_steps);
        let mut stores: Vec<_> = served.filter_map(sends).collect();
        stores.sort_unstable();
        stores.dedup();
        let resumes = client.resumes.as_ref().is_none_or(|resumes| resumes.value);
        if let [first, second, ..] = stores[..]
            && resumes
        {
            let [first, second] =
                [first, second].map(|store| quoted(self.scope.stores.text(usize::from(store.0))));
            let title = format!("{} names one id, of two stores", quoted(&client.name.value));
            let problem = Problem::new("P0432", &client.name.at, title);
            let problem = problem.label(format!("is sent events of {first} and of {second}"));
            let help = "let its task send from one store, and announce into no other; or add `resumes = false` to the client";
            self.findings.add(problem.help(help));
        }
    }

    /// What asks for the id that a client names needs a client that names one.
    fn given(&self, task: &Task, written: &form::Task, step: &Step) {
        let client = task.serves.map(|client| &self.system.clients[usize::from(client.0)]);
        let help = match client.and_then(|client| client.reconnects.as_ref()) {
            Some(again) if again.resumes => return,
            Some(_) => "leave out `resumes = false` of the client that it serves",
            None => "add `reconnects = \"3s\"` to the client that it serves",
        };
        let moves = matches!(step.action.traits().moves, Some(CursorRule::Given(_)));
        let guards = step.guards.iter().enumerate();
        let asks = guards.filter_map(|(number, guard)| match guard {
            Guard::Resumed => Some((Word::Condition(number), "never holds")),
            Guard::Fresh => Some((Word::Condition(number), "always holds")),
            Guard::Unsent
            | Guard::ChangedTo(_)
            | Guard::Is(..)
            | Guard::CountAbove
            | Guard::NoneWithin(_)
            | Guard::NoneWithinIds(..) => None,
        });
        for (word, label) in asks.chain(moves.then_some((Word::Cursor, "is always 0"))) {
            let at = place_of(step, word, written);
            let title = "no client ever names an id here";
            let problem = Problem::new("P0431", &at, title).label(label);
            let problem = problem.beside(&written.name.at, "the server's end of a connection");
            self.findings.add_unused(problem.help(help));
        }
    }

    fn fault(&self, task: &Task, written: &form::Task, step: &Step, fault: Fault) {
        let any = |wanted: &dyn Fn(Fault) -> bool| {
            let all = self.system.tasks.iter().flat_map(Task::all_steps);
            all.filter_map(|step| step.action.traits().befalls).any(wanted)
        };
        let meets = |one: Way, other: Way| one == other || one == Way::Both || other == Way::Both;
        let node = |node: punctual_model::NodeId| quoted(self.system.node_name(node));
        let at = place_of(step, Word::Verb, written);
        let nothing = |title: String, help: &str| {
            Problem::new("P0433", &at, title).label("comes to nothing").help(help)
        };
        match fault {
            Fault::Crash(of) if of == task.node => {
                let title = format!("a task cannot stop its own node {}", node(of));
                self.findings.add(nothing(title, "put the step into a task on another node"));
            }
            Fault::Restart(of) if !any(&|fault| fault == Fault::Crash(of)) => {
                let help = "add a step { crash = \"NODE\" } before it";
                self.findings.add_unused(nothing(format!("{} never stops", node(of)), help));
            }
            Fault::Release(of, way)
                if !any(&|fault| matches!(fault, Fault::Hold(held, to) if held == of && meets(to, way))) =>
            {
                let client = quoted(&self.system.clients[usize::from(of.0)].name);
                let title = format!("nothing is ever held back for {client} in this direction");
                self.findings.add_unused(nothing(title, "add a step { hold = \"CLIENT\" } before it"));
            }
            Fault::Crash(_)
            | Fault::Restart(_)
            | Fault::Release(..)
            | Fault::Hold(..)
            | Fault::Disconnect(_)
            | Fault::HalfOpen(_) => {}
        }
    }
}
