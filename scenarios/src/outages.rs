//! What is said of broken lines and of nodes that stop: whether it can ever come to something.
//!
//! A condition on an id that no client names, a node that starts again and never stopped: each would be a
//! test that passes because nothing is tested.

use std::ops::Range;

use punctual_model::{Action, CursorRule, Fault, Guard, Step, System, Task, Way};

use crate::form::{self, Scenario};
use crate::names::Scope;
use crate::problem::{Findings, Problem, quoted};
use crate::steps;

/// Checks what a sound system says of outages.
pub(crate) fn check(form: &Scenario, scope: &Scope, system: &System, findings: &Findings<'_>) {
    let outages = Outages { form, scope, system, findings };
    for (place, client) in form.client.iter().enumerate() {
        outages.client(place, client);
    }
    for (place, task) in system.tasks.iter().enumerate() {
        for step in task.all_steps() {
            outages.given(place, task, step);
            if let Action::Fault(fault) = step.action {
                outages.fault(place, task, step, fault);
            }
        }
    }
}

struct Outages<'a, 't> {
    form: &'a Scenario,
    scope: &'a Scope,
    system: &'a System,
    findings: &'a Findings<'t>,
}

impl Outages<'_, '_> {
    fn client(&self, place: usize, client: &form::Client) {
        let refuse = |at: &Range<usize>, title: &str, help: &str| {
            let problem = Problem::new("P0431", at, title).label("comes to nothing");
            self.findings.add(problem.help(help));
        };
        let again = "add `reconnects = \"3s\"` to the client";
        if client.reconnects.is_none() {
            if let Some(resumes) = &client.resumes {
                refuse(&resumes.at, "a client that never connects again names no event", again);
            }
            for timer in &client.timer {
                if let Some(reconnects) = timer.reconnects.as_ref().filter(|reconnects| reconnects.value) {
                    refuse(&reconnects.at, "a client that never connects again cannot do so here", again);
                }
            }
            return;
        }
        for timer in &client.timer {
            if let Some(reconnects) = timer.reconnects.as_ref().filter(|reconnects| reconnects.value)
                && timer.ends
            {
                let title = "a client that is at its end does not connect again";
                refuse(&reconnects.at, title, "keep `ends` or `reconnects`");
            }
        }
        if self.system.ends.is_none() && !self.findings.lost("") {
            let title = "a client that connects again may do so for ever";
            let problem = Problem::new("P0419", self.scope.clients.at(place), title);
            let problem = problem.label("no run of it need end");
            self.findings.add(problem.help("add `ends = \"10s after TASK\"` at the top of the file"));
        }
        let serves = |task: &&Task| task.serves.is_some_and(|client| usize::from(client.0) == place);
        let sends = |step: &Step| match step.action {
            Action::Send(store) => Some(store),
            _ => None,
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
            let help = "let its task send from one store, or add `resumes = false` to the client";
            self.findings.add(problem.help(help));
        }
    }

    /// What asks for the id that a client names needs a client that names one.
    fn given(&self, place: usize, task: &Task, step: &Step) {
        let given = |rule: &CursorRule| matches!(rule, CursorRule::Given(_));
        let moves = match &step.action {
            Action::Announce { cursor: Some(rule), .. } | Action::Cursor(rule) => given(rule),
            _ => false,
        };
        let asks = step.guards.iter().any(|guard| matches!(guard, Guard::Resumed | Guard::Fresh));
        let client = task.serves.map(|client| &self.system.clients[usize::from(client.0)]);
        let names = client.and_then(|client| client.reconnects.as_ref()).is_some_and(|again| again.resumes);
        if (moves || asks) && !names {
            let at = steps::place_of(step, &self.form.task[place]);
            let title = "no client ever names an id here";
            let problem = Problem::new("P0431", &at, title).label("comes to nothing");
            let problem = problem.beside(&self.form.task[place].name.at, "the server's end of a connection");
            self.findings.add(problem.help("add `reconnects = \"3s\"` to the client that it serves"));
        }
    }

    fn fault(&self, place: usize, task: &Task, step: &Step, fault: Fault) {
        let any = |wanted: &dyn Fn(Fault) -> bool| {
            let all = self.system.tasks.iter().flat_map(Task::all_steps);
            all.filter_map(|step| match step.action {
                Action::Fault(fault) => Some(fault),
                _ => None,
            })
            .any(wanted)
        };
        let meets = |one: Way, other: Way| one == other || one == Way::Both || other == Way::Both;
        let node = |node: punctual_model::NodeId| quoted(&self.system.nodes[usize::from(node.0)]);
        let (title, help) = match fault {
            Fault::Crash(of) if of == task.node => (
                format!("a task cannot stop its own node {}", node(of)),
                "put the step into a task on another node",
            ),
            Fault::Restart(of) if !any(&|fault| fault == Fault::Crash(of)) => {
                (format!("{} never stops", node(of)), "add a step { crash = \"NODE\" } before it")
            }
            Fault::Release(of, way)
                if !any(&|fault| matches!(fault, Fault::Hold(held, to) if held == of && meets(to, way))) =>
            {
                let client = quoted(&self.system.clients[usize::from(of.0)].name);
                (
                    format!("nothing is ever held back for {client} in this direction"),
                    "add a step { hold = \"CLIENT\" } before it",
                )
            }
            _ => return,
        };
        let at = steps::place_of(step, &self.form.task[place]);
        let problem = Problem::new("P0433", &at, title).label("comes to nothing");
        self.findings.add(problem.help(help));
    }
}
