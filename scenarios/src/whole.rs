//! What only shows when the whole system is known.
//!
//! Loops that let no time pass, events that nobody sends, sleeping times that are missing.
//!
//! None of these would be noticed while running: a run would never end, or a check would hold
//! because nothing ever happened. So they are refused.

use std::ops::Range;

use punctual_model::{
    Action, CursorRule, Cursors, Guard, Ids, MAX_STEPS_AT_ONCE, PolicyId, Starts, StatusId, StatusSet, Step,
    StepTime, System, Task, TaskId,
};
use punctual_sim::Span;

use crate::draws;
use crate::form::Scenario;
use crate::names::Scope;
use crate::outages;
use crate::places::{Word, place_of};
use crate::problem::{Findings, Problem};
use crate::steps::awaits;
use crate::words::{listed, quoted};

/// Checks a system whose parts are sound.
pub(crate) fn check(form: &Scenario, scope: &Scope, system: &System, findings: &Findings<'_>) {
    let whole = Whole { form, scope, system, findings };
    for (id, task) in whole.tasks() {
        whole.loop_awaits(id, task);
        whole.policies(id, task);
        whole.reads(id, task);
        whole.spawns(id, task);
        whole.cursors(id, task);
        whole.at_once(id, task);
        whole.signals(id, task);
    }
    whole.connections();
    whole.events();
    whole.holds();
    whole.ends();
    outages::check(form, scope, system, findings);
    draws::check(form, system, findings);
}

/// The most times that conditions ask for, of one kind.
const MOST_TIMES: usize = 32;

struct Whole<'a, 't> {
    form: &'a Scenario,
    scope: &'a Scope,
    system: &'a System,
    findings: &'a Findings<'t>,
}

/// A step of a task, by its number there.
#[derive(Clone, Copy)]
struct Taken<'a> {
    by: TaskId,
    number: usize,
    step: &'a Step,
}

impl Whole<'_, '_> {
    fn loop_awaits(&self, id: TaskId, task: &Task) {
        let Some(from) = task.again_from else { return };
        if !task.steps[from..].iter().any(awaits) {
            let title = format!("the loop of {} lets no time pass", quoted(&task.name));
            let problem = Problem::new("P0407", self.task_at(id), title);
            self.findings.add(
                problem
                    .label("would run for ever at one instant")
                    .help("add a step without a condition that sleeps, polls, waits or `takes` time"),
            );
        }
    }

    /// Each policy that a task sleeps by needs a line for each status that the job can have.
    fn policies(&self, id: TaskId, task: &Task) {
        let mut possible = StatusSet::default().with(self.system.status);
        for step in self.system.tasks.iter().flat_map(all_steps) {
            if let Some(status) = step.action.traits().sets {
                possible = possible.with(status);
            }
        }
        let sleeps_by = |step: &Step| step.action.traits().sleeps?.policy;
        for PolicyId(policy) in all_steps(task).filter_map(sleeps_by) {
            let policy = usize::from(policy);
            let lines = &self.system.policies[policy].by_status;
            let missing: Vec<&str> = (0..self.system.statuses.len())
                .filter(|&id| possible.contains(StatusId(id as u8)))
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
                    .beside(self.task_at(id), "this task sleeps by it");
                self.findings.add(problem.help(format!("add a line such as {first} = \"1s\"")));
            }
        }
    }

    /// What a task acts on it must have read.
    fn reads(&self, id: TaskId, task: &Task) {
        let reads_status = all_steps(task).any(|step| step.action.traits().reads_status);
        for step in all_steps(task) {
            let traits = step.action.traits();
            let needs_status = traits.sleeps.is_some_and(|sleeps| sleeps.policy.is_some())
                || step.guards.iter().any(|g| matches!(g, Guard::ChangedTo(_) | Guard::Is(..)));
            let row = traits.announces.and_then(|event| self.system.events[usize::from(event.0)].row);
            let reads_row = |row| all_steps(task).any(|step| step.action.traits().reads.contains(&row));
            let missing = match row {
                _ if needs_status && !reads_status => "status",
                Some(row) if !reads_row(row) => &self.system.rows[usize::from(row.0)].name,
                _ => continue,
            };
            let name = format!("{}.{}", task.name, step.name);
            let title = format!("{} acts on {}, which its task never reads", quoted(&name), quoted(missing));
            let problem = Problem::new("P0423", self.task_at(id), title);
            let problem = problem.label("in this task");
            self.findings.add(problem.help(format!("add a step {{ read = \"{missing}\" }}")));
        }
    }

    /// A task runs once, so it is spawned once.
    fn spawns(&self, id: TaskId, task: &Task) {
        let spawned = |taken: &Taken<'_>| taken.step.action.traits().spawns == Some(id);
        let all = self.tasks().flat_map(|(by, task)| {
            all_steps(task).enumerate().map(move |(number, step)| Taken { by, number, step })
        });
        let steps: Vec<Taken<'_>> = all.filter(spawned).collect();
        if let Some(first) = steps.first()
            && task.starts != Starts::Spawned
        {
            let title = format!("{} starts by itself", quoted(&task.name));
            let problem = Problem::new("P0409", self.task_at(id), title);
            let problem = problem
                .label("cannot be spawned as well")
                .beside(self.task_at(first.by), "spawned by this task");
            self.findings.add(problem.help("add `starts = \"spawned\"` to it"));
        }
        if task.starts == Starts::Spawned && !self.runs()[usize::from(id.0)] {
            let who = if steps.is_empty() { "nobody" } else { "nobody who runs" };
            let title = format!("{who} spawns {}", quoted(&task.name));
            let problem = Problem::new("P0410", self.task_at(id), title);
            let help = format!("add a step {{ spawn = \"{}\" }} to a task that runs", task.name);
            self.findings.add_unused(problem.label("would never run").help(help));
        }
        let refuse = |taken: &Taken<'_>, label: &str, help: &str| {
            let title = format!("{} is spawned more than once", quoted(&task.name));
            let at = self.step_at(taken.by, taken.step, Word::Verb);
            Problem::new("P0425", &at, title).label(label).help(help)
        };
        for taken in &steps {
            if comes_again(&self.system.tasks[usize::from(taken.by.0)], taken.number) {
                let help = "a task runs once: spawn it outside of what comes again, or write its steps here";
                self.findings.add(refuse(taken, "this step is taken again and again", help));
            }
        }
        if let [first, second, ..] = &steps[..] {
            let help = "a task runs once: leave one of them out, or describe another task";
            let problem = refuse(second, "the second", help);
            self.findings.add(problem.beside(&self.step_at(first.by, first.step, Word::Verb), "the first"));
        }
    }

    /// For each task, whether it may ever run: it starts by itself, or one that runs spawns it.
    fn runs(&self) -> Vec<bool> {
        let mut runs: Vec<bool> = self.tasks().map(|(_, task)| task.starts != Starts::Spawned).collect();
        loop {
            let before = runs.clone();
            let running = self.tasks().filter(|(id, _)| before[usize::from(id.0)]);
            for step in running.flat_map(|(_, task)| all_steps(task)) {
                if let Some(other) = step.action.traits().spawns {
                    runs[usize::from(other.0)] = true;
                }
            }
            if runs == before {
                return runs;
            }
        }
    }

    /// One cursor can only be held against ids that can be compared.
    fn cursors(&self, id: TaskId, task: &Task) {
        let mut stores: Vec<usize> =
            all_steps(task).flat_map(Step::compared_stores).map(|store| usize::from(store.0)).collect();
        stores.sort_unstable();
        stores.dedup();
        let by_clock = |&&store: &&usize| matches!(self.system.stores[store].ids, Ids::Clock(_));
        if let Some(&store) = stores.iter().find(by_clock) {
            for step in all_steps(task).filter(|step| moves_to_an_id(step)) {
                let title = "an id of a clock cannot be chosen";
                let problem = Problem::new("P0421", &self.step_at(id, step, Word::Cursor), title);
                let problem = problem
                    .label("the cursor moves to an id")
                    .beside(self.scope.stores.at(store), "and is held against what this clock shows");
                self.findings.add(problem.help("write \"zero\", \"now\", \"own\" or \"greatest\""));
            }
        }
        if task.cursors == Cursors::One
            && stores.len() > 1
            && let Some(&store) = stores.iter().find(by_clock)
        {
            let title = format!("{} holds one cursor against ids of several stores", quoted(&task.name));
            let problem = Problem::new("P0424", self.task_at(id), title);
            let problem = problem
                .label("sends from each of them, or moves the cursor by it")
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
                    self.findings.add_unused(problem.label("would never be told anything").help(help));
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
            let traits = step.action.traits();
            if let Some(event) = traits.publishes.or(traits.makes_up) {
                sent[usize::from(event.0)] = true;
            }
        }
        for id in (0..sent.len()).filter(|&id| !sent[id]) {
            let title = format!("nobody publishes {}", quoted(&self.system.events[id].name));
            let problem = Problem::new("P0417", self.scope.events.at(id), title);
            self.findings.add_unused(
                problem
                    .label("would never happen")
                    .help("publish or announce it in a step, or leave the event out"),
            );
        }
    }

    /// What a task waits for, somebody must give.
    fn signals(&self, id: TaskId, task: &Task) {
        for step in all_steps(task) {
            let Some(signal) = step.action.traits().sleeps.and_then(|sleeps| sleeps.signal) else { continue };
            let gives = |step: &Step| matches!(step.action, Action::Notify(given) if given == signal);
            if !self.system.tasks.iter().flat_map(all_steps).any(gives) {
                let name = self.scope.signals.text(usize::from(signal.0));
                let title = format!("nobody gives the signal {}", quoted(name));
                let problem = Problem::new("P0427", &self.step_at(id, step, Word::Verb), title);
                let problem = problem.label("would wait in vain");
                self.findings.add_unused(
                    problem.help(format!("add a step {{ notify = \"{name}\" }} to another task")),
                );
            }
        }
    }

    /// A task takes so many steps at one instant, and no more.
    fn at_once(&self, id: TaskId, task: &Task) {
        let mut taken = 0;
        for (at, step) in all_steps(task).enumerate() {
            taken = if lets_go(step) { 0 } else { taken + 1 };
            let Action::Repeat { to, times } = step.action else { continue };
            let round = &task.steps[to..at];
            if round.iter().any(lets_go) {
                continue;
            }
            taken += (round.len() as u64 + 1) * (u64::from(times) - 1);
            let most = u64::from(MAX_STEPS_AT_ONCE);
            if taken > most {
                let title = format!("{times} rounds of this repeat let no time pass");
                let problem = Problem::new("P0428", &self.step_at(id, step, Word::Verb), title);
                let problem = problem.label(format!("{taken} steps at one instant"));
                let help = format!(
                    "at most {most} steps may be taken at one instant, with the return to the first step as \
                     one: make it fewer rounds, or let a step in it take time"
                );
                self.findings.add(problem.help(help));
                return;
            }
        }
    }

    /// What is asked for how long is a bit each: in the whole of how long a status lasts, in each task of how long it
    /// was silent.
    fn holds(&self) {
        let mut statuses: Vec<(StatusId, Span)> = Vec::new();
        for (id, task) in self.tasks() {
            let mut silences: Vec<Span> = Vec::new();
            for step in all_steps(task) {
                for (number, guard) in step.guards.iter().enumerate() {
                    let what = match guard {
                        Guard::Is(of, Some(lasts)) => {
                            let of = (0..32).map(StatusId).filter(|&status| of.contains(status));
                            let asked = of.map(|status| (status, lasts.interval().min));
                            add_new(&mut statuses, asked);
                            "statuses and times of \"is ... for ...\""
                        }
                        Guard::NoneWithin(lasts) => {
                            add_new(&mut silences, [lasts.interval().min]);
                            "times of \"none within ...\" in one task"
                        }
                        Guard::Unsent
                        | Guard::ChangedTo(_)
                        | Guard::Is(_, None)
                        | Guard::CountAbove
                        | Guard::Resumed
                        | Guard::Fresh
                        | Guard::NoneWithinIds(..) => continue,
                    };
                    if statuses.len().max(silences.len()) > MOST_TIMES {
                        let title = format!("there are more than {MOST_TIMES} {what}");
                        let at = self.step_at(id, step, Word::Condition(number));
                        let problem = Problem::new("P0108", &at, title);
                        let help = "ask for the same times in several steps, or split the scenario in two";
                        self.findings.add(problem.label("one too many").help(help));
                        return;
                    }
                }
            }
        }
    }

    /// The tasks by their ids.
    fn tasks(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        self.system.tasks.iter().enumerate().map(|(id, task)| (TaskId(id as u8), task))
    }

    /// Where a task is named in the file.
    fn task_at(&self, task: TaskId) -> &Range<usize> {
        self.scope.tasks.at(usize::from(task.0))
    }

    /// Where a word of a step of a task stands in the file.
    fn step_at(&self, task: TaskId, step: &Step, word: Word) -> Range<usize> {
        place_of(step, word, &self.form.task[usize::from(task.0)])
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
        for (id, task) in self.tasks() {
            let closes = |step: &Step| step.action.traits().ends();
            if task.again_from.is_some() && !task.steps.iter().any(closes) {
                let title = "a run of this scenario never ends";
                let problem = Problem::new("P0419", self.task_at(id), title);
                let problem = problem.label("its loop has no `close`");
                self.findings.add(problem.help("add `ends = \"10s after TASK\"` at the top of the file"));
            }
        }
    }
}

/// Adds what is not there yet.
fn add_new<T: PartialEq>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

/// Whether a step moves the cursor to an id of the file's choice.
fn moves_to_an_id(step: &Step) -> bool {
    matches!(step.action.traits().moves, Some(CursorRule::To(1..)))
}

/// Whether the step at `at` is taken again after it was taken: in a loop, in a repeat, or in an
/// `otherwise` that a commit of its own begins anew.
fn comes_again(task: &Task, at: usize) -> bool {
    let count = task.steps.len();
    let fails = |step: &Step| step.action.traits().fails().is_some();
    let repeats = |(place, step): (usize, &Step)| matches!(step.action, Action::Repeat { to, times } if times > 1 && (to..place).contains(&at));
    (at < count && task.again_from.is_some_and(|from| at >= from))
        || task.steps.iter().enumerate().any(repeats)
        || at >= count && task.otherwise[at - count..].iter().any(fails)
}

/// Whether a step surely ends what is done at one instant.
fn lets_go(step: &Step) -> bool {
    let unconditional = step.guards.is_empty() && step.chance.is_none();
    unconditional && (step.action.traits().sleeps.is_some() || step.time != StepTime::Instant)
}

fn all_steps(task: &Task) -> impl Iterator<Item = &Step> {
    task.steps.iter().chain(&task.otherwise)
}
