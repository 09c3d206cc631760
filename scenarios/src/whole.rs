//! What only shows when the whole system is known.
//!
//! Loops that let no time pass, events that nobody sends, sleeping times that are missing.
//!
//! None of these would be noticed while running: a run would never end, or a check would hold
//! because nothing ever happened. So they are refused.

use punctual_model::{Action, Cursors, Guard, Ids, PolicyId, Starts, StatusSet, Step, System, Task};

use crate::form::Scenario;
use crate::names::Scope;
use crate::problem::{Findings, Problem, listed, quoted};
use crate::steps::awaits;

/// Checks a system whose parts are sound.
pub(crate) fn check(form: &Scenario, scope: &Scope, system: &System, findings: &Findings<'_>) {
    let whole = Whole { form, scope, system, findings };
    for (place, task) in system.tasks.iter().enumerate() {
        whole.loop_awaits(place, task);
        whole.policies(place, task);
        whole.reads(place, task);
        whole.spawns(place, task);
        whole.cursors(place, task);
    }
    whole.connections();
    whole.events();
    whole.ends();
}

struct Whole<'a, 't> {
    form: &'a Scenario,
    scope: &'a Scope,
    system: &'a System,
    findings: &'a Findings<'t>,
}

impl Whole<'_, '_> {
    fn loop_awaits(&self, place: usize, task: &Task) {
        let Some(from) = task.again_from else { return };
        if !task.steps[from..].iter().any(awaits) {
            let title = format!("the loop of {} lets no time pass", quoted(&task.name));
            let problem = Problem::new("P0407", self.scope.tasks.at(place), title);
            self.findings.add(
                problem
                    .label("would run for ever at one instant")
                    .help("add a step without a condition that sleeps, polls, waits or `takes` time"),
            );
        }
    }

    /// Each policy that a task sleeps by needs a line for each status that the job can have.
    fn policies(&self, place: usize, task: &Task) {
        let mut possible = StatusSet::default().with(self.system.status);
        for step in self.system.tasks.iter().flat_map(all_steps) {
            if let Action::Status(status) = step.action {
                possible = possible.with(status);
            }
        }
        let sleeps_by = |step: &Step| match step.action {
            Action::Poll(policy) => Some(policy),
            Action::Wait { at_most, .. } => at_most,
            _ => None,
        };
        for PolicyId(policy) in all_steps(task).filter_map(sleeps_by) {
            let policy = usize::from(policy);
            let lines = &self.system.policies[policy].by_status;
            let missing: Vec<&str> = (0..self.system.statuses.len())
                .filter(|&id| possible.contains(punctual_model::StatusId(id as u8)))
                .filter(|&id| lines[id].is_none())
                .map(|id| self.system.statuses[id].as_str())
                .collect();
            if let Some(first) = missing.first() {
                let title = format!(
                    "the policy {} has no line for {}",
                    quoted(self.scope.policies.text(policy)),
                    listed(missing.iter().copied())
                );
                let problem = Problem::new("P0408", self.scope.policies.at(policy), title);
                let problem = problem
                    .label("the job can have a status that is not here")
                    .beside(self.scope.tasks.at(place), "this task sleeps by it");
                self.findings.add(problem.help(format!("add a line such as {first} = \"1s\"")));
            }
        }
    }

    /// What a task acts on it must have read.
    fn reads(&self, place: usize, task: &Task) {
        let reads_status =
            all_steps(task).any(|step| matches!(step.action, Action::Read { status: true, .. }));
        for step in all_steps(task) {
            let needs_status = matches!(step.action, Action::Poll(_) | Action::Wait { at_most: Some(_), .. })
                || step.guards.iter().any(|g| matches!(g, Guard::ChangedTo(_) | Guard::Is(..)));
            let row = match step.action {
                Action::Announce { event, .. } => self.system.events[usize::from(event.0)].row,
                _ => None,
            };
            let reads_row = |row| {
                all_steps(task)
                    .any(|step| matches!(&step.action, Action::Read { rows, .. } if rows.contains(&row)))
            };
            let missing = match row {
                _ if needs_status && !reads_status => "status",
                Some(row) if !reads_row(row) => &self.system.rows[usize::from(row.0)].name,
                _ => continue,
            };
            let name = format!("{}.{}", task.name, step.name);
            let title = format!("{} acts on {}, which its task never reads", quoted(&name), quoted(missing));
            let problem = Problem::new("P0423", self.scope.tasks.at(place), title);
            let problem = problem.label("in this task");
            self.findings.add(problem.help(format!("add a step {{ read = \"{missing}\" }}")));
        }
    }

    fn spawns(&self, place: usize, task: &Task) {
        for step in all_steps(task) {
            if let Action::Spawn(other) = step.action {
                let other = usize::from(other.0);
                if self.system.tasks[other].starts != Starts::Spawned {
                    let title = format!("{} starts by itself", quoted(&self.system.tasks[other].name));
                    let problem = Problem::new("P0409", self.scope.tasks.at(other), title);
                    let problem = problem
                        .label("cannot be spawned as well")
                        .beside(self.scope.tasks.at(place), "spawned by this task");
                    self.findings.add(problem.help("add `starts = \"spawned\"` to it"));
                }
            }
        }
        let spawned =
            |step: &Step| matches!(step.action, Action::Spawn(other) if usize::from(other.0) == place);
        if task.starts == Starts::Spawned && !self.system.tasks.iter().flat_map(all_steps).any(spawned) {
            let title = format!("nobody spawns {}", quoted(&task.name));
            let problem = Problem::new("P0410", self.scope.tasks.at(place), title);
            let help = format!("add a step {{ spawn = \"{}\" }} to another task", task.name);
            self.findings.add(problem.label("would never run").help(help));
        }
    }

    /// One cursor can only be held against ids that can be compared.
    fn cursors(&self, place: usize, task: &Task) {
        let mut stores: Vec<usize> = all_steps(task)
            .filter_map(|step| match step.action {
                Action::Send(store) => Some(usize::from(store.0)),
                _ => None,
            })
            .collect();
        stores.sort_unstable();
        stores.dedup();
        let by_clock = |&&store: &&usize| matches!(self.system.stores[store].ids, Ids::Clock(_));
        if task.cursors == Cursors::One
            && stores.len() > 1
            && let Some(&store) = stores.iter().find(by_clock)
        {
            let title = format!("{} holds one cursor against ids of several stores", quoted(&task.name));
            let problem = Problem::new("P0424", self.scope.tasks.at(place), title);
            let problem = problem
                .label("sends from each of them")
                .beside(self.scope.stores.at(store), "what this clock shows cannot be compared with others");
            self.findings.add(problem.help("add `cursors = \"per-source\"` to the task"));
        }
    }

    fn connections(&self) {
        for (id, client) in self.system.clients.iter().enumerate() {
            let serving: Vec<usize> = (0..self.system.tasks.len())
                .filter(|&task| self.system.tasks[task].serves.is_some_and(|c| usize::from(c.0) == id))
                .collect();
            let name = quoted(&client.name);
            match serving[..] {
                [] => {
                    let problem =
                        Problem::new("P0413", self.scope.clients.at(id), format!("no task serves {name}"));
                    let help = format!("add `serves = \"{}\"` to a task", client.name);
                    self.findings.add(problem.label("would never be told anything").help(help));
                }
                [_] => {}
                [first, second, ..] => {
                    let title = format!("two tasks serve {name}");
                    let problem = Problem::new("P0412", self.scope.tasks.at(second), title);
                    let problem = problem.label("the second");
                    let problem = problem.beside(self.scope.tasks.at(first), "the first");
                    self.findings.add(problem.help("a client has one connection: add a client"));
                }
            }
        }
    }

    fn events(&self) {
        let mut sent = vec![false; self.system.events.len()];
        for step in self.system.tasks.iter().flat_map(all_steps) {
            match step.action {
                Action::Publish { event, .. }
                | Action::Announce { event, .. }
                | Action::Close { event: Some(event) } => sent[usize::from(event.0)] = true,
                _ => {}
            }
        }
        for id in (0..sent.len()).filter(|&id| !sent[id]) {
            let title = format!("nobody publishes {}", quoted(&self.system.events[id].name));
            let problem = Problem::new("P0417", self.scope.events.at(id), title);
            self.findings.add(
                problem
                    .label("would never happen")
                    .help("publish or announce it in a step, or leave the event out"),
            );
        }
    }

    /// Every run must come to an end.
    fn ends(&self) {
        if let (Some((task, _)), Some(text)) = (self.system.ends, &self.form.ends) {
            let task = &self.system.tasks[usize::from(task.0)];
            if task.again_from.is_some() {
                let title = format!("{} never ends by itself", quoted(&task.name));
                let problem = Problem::new("P0418", &text.at, title).label("it has a loop");
                self.findings.add(problem.help("name a task that has steps only"));
            }
            return;
        }
        for (place, task) in self.system.tasks.iter().enumerate() {
            let closes = |step: &Step| matches!(step.action, Action::Close { .. });
            if task.again_from.is_some() && !task.steps.iter().any(closes) {
                let title = "a run of this scenario never ends";
                let problem = Problem::new("P0419", self.scope.tasks.at(place), title);
                let problem = problem.label("its loop has no `close`");
                self.findings.add(problem.help("add `ends = \"10s after TASK\"` at the top of the file"));
            }
        }
    }
}

fn all_steps(task: &Task) -> impl Iterator<Item = &Step> {
    task.steps.iter().chain(&task.otherwise)
}
