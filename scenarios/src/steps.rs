//! From the steps of a task as written to those of the model.
//!
//! A step says what it does with one key and how with a few others. This is where the two are
//! held against each other, and against what the task is: only the server's end of a connection
//! can send on it. What there is to do stands in the table of kinds (`form::step::kinds`).

mod conditions;
mod doing;

use punctual_model::{Action, StepTime, StoreId};
use punctual_sim::{Choice, Span};

use crate::form::{ANNOUNCE, At, CURSOR, Kind, PUBLISH, REPEAT, SLEEP, Step, Task, Text, Who};
use crate::guard::{self, IdsForm};
use crate::names::{Scope, all_steps};
use crate::places::verb_at;
use crate::problem::{Findings, Problem};
use crate::value;
use crate::words::listed;

/// What compiling a step needs to know.
pub(crate) struct Steps<'a, 't> {
    pub(crate) findings: &'a Findings<'t>,
    pub(crate) scope: &'a Scope,
    pub(crate) stores: &'a [IdsForm],
    pub(crate) task: &'a Task,
}

/// A step of a task.
struct OfTask<'d, 'a, 't> {
    steps: &'d Steps<'a, 't>,
    step: &'d Step,
    name: &'d str,
    first_inside: usize,
}

/// Where a step stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    List,
    Otherwise,
    Repeat,
}

/// The most steps of one task; they are numbered by 16 bits.
const MOST: usize = 1_000;

impl Steps<'_, '_> {
    /// Adds a list of steps, those of a `repeat` before the step that goes back to them.
    pub(crate) fn list(&self, steps: &[At<Step>], within: Within, out: &mut Vec<punctual_model::Step>) {
        for step in steps {
            let first_inside = out.len();
            if step.value.is(&REPEAT) {
                if within == Within::List {
                    let inner = step.value.how.steps.as_deref().unwrap_or(&[]);
                    self.list(inner, Within::Repeat, out);
                } else {
                    let title = "a repeat cannot stand inside a repeat or in `otherwise`";
                    let problem = Problem::new("P0406", &verb_at(step), title).label("not here");
                    self.findings.add(problem.help("write its steps out"));
                }
            }
            out.push(self.step(step, first_inside));
            if out.len() == MOST + 1 {
                let title = format!("a task has more than {MOST} steps");
                let problem = Problem::new("P0108", &verb_at(step), title).label("one too many");
                self.findings.add(problem.help("use `repeat`"));
            }
        }
    }

    fn step(&self, step: &At<Step>, first_inside: usize) -> punctual_model::Step {
        let how = &step.value.how;
        let own = how.step.as_ref().map_or("step", |name| &name.value);
        let name = format!("{}.{own}", self.task.name.value);
        let kind = self.kind(step);
        if let Some(kind) = kind {
            self.check_keys(step, kind);
            self.check_who(step, kind);
        }
        let doing = OfTask { steps: self, step: &step.value, name: &name, first_inside };
        let does = step.value.does.iter().find(|does| kind.is_some_and(|kind| kind.key == does.kind.key));
        // What does nothing was refused.
        let action = does.map_or(Action::Work, |does| does.kind.compile(&doing, &does.said));
        let chance = how.chance.as_ref().map(|chance| {
            Choice::chance(&format!("{name}.chance"), value::millionths(self.findings, chance))
        });
        punctual_model::Step {
            name: own.to_owned(),
            guards: self.guards(kind, step, &name),
            chance,
            time: self.time(&step.value, &name),
            action,
        }
    }

    /// What the step does, if it says so with one key.
    fn kind(&self, step: &At<Step>) -> Option<&'static Kind> {
        let announces = step.value.is(&ANNOUNCE);
        let of_announce = |kind: &Kind| announces && kind.key == CURSOR.key;
        let mut does = step.value.does.iter().filter(|does| !of_announce(does.kind));
        let Some(first) = does.next() else {
            if self.findings.stands_in(&step.at) {
                return None;
            }
            let problem = Problem::new("P0401", &verb_at(step), "this step does nothing");
            let help = format!("say what it does with one of {}", listed(Kind::keys()));
            self.findings.add(problem.label("no key says what it does").help(help));
            return None;
        };
        if first.kind.key == CURSOR.key && self.findings.stands_in(&step.at) {
            return None;
        }
        for other in does {
            let title = format!("a step cannot {} and {} at once", first.kind.key, other.kind.key);
            let problem = Problem::new("P0402", other.said.at(), title).label("the second");
            let problem = problem.beside(first.said.at(), "the first");
            self.findings.add(problem.help("make two steps of it"));
        }
        Some(first.kind)
    }

    /// Keys that say how, against what the step does.
    fn check_keys(&self, step: &At<Step>, kind: &Kind) {
        for (key, at) in step.value.keys() {
            let owners = Kind::owners(key);
            let help = match kind.refuses(key) {
                Some(help) => help.to_owned(),
                None if owners.is_empty() || owners.contains(&kind.key) || key == kind.key => continue,
                None => format!("`{key}` belongs to a step that says `{}`", owners.join("` or `")),
            };
            let title = format!("`{key}` does not belong to a step that says `{}`", kind.key);
            let problem = Problem::new("P0403", &at, title).label("does not belong here");
            self.findings.add(problem.help(help));
        }
        let how = &step.value.how;
        if let (Some(blocks), Some(other)) = (&how.blocks, how.takes.as_ref().or(how.returns.as_ref())) {
            let title = "a step either blocks its event loop or awaits";
            let problem = Problem::new("P0404", &blocks.at, title).label("it blocks");
            let problem = problem.beside(&other.at, "and it awaits");
            self.findings.add(problem.help("keep one of them"));
        }
        if let (Some(returns), None, None) = (&how.returns, &how.takes, &how.blocks)
            && kind.refuses("returns").is_none()
            && !self.findings.steps_lost_something()
        {
            let title = "`returns` needs a `takes`";
            let problem = Problem::new("P0404", &returns.at, title).label("returns from what?");
            self.findings.add(problem.help("say how long it takes until the effect: takes = \"0s\""));
        }
    }

    /// Only the server's end of a connection can send on it, and end it.
    fn check_who(&self, step: &At<Step>, kind: &Kind) {
        let may = match kind.who {
            Who::AnyTask => true,
            Who::ServersEnd => self.task.serves.is_some(),
        };
        if !may && !self.findings.lost("task") {
            let title = format!("a task that serves no client cannot `{}`", kind.key);
            let problem = Problem::new("P0411", &verb_at(step), title);
            let problem = problem.label("there is no connection").beside(&self.task.name.at, "this task");
            self.findings.add(problem.help("add `serves = \"CLIENT\"` to the task"));
        }
    }

    fn time(&self, step: &Step, name: &str) -> StepTime {
        let how = &step.how;
        let delay = |text: &Text, name: &str| value::delay(self.findings, name, text);
        if let Some(blocks) = &how.blocks {
            return StepTime::Blocks(delay(blocks, name));
        }
        match how.takes.as_ref().or(step.text(&SLEEP)) {
            Some(takes) => {
                let returns = how.returns.as_ref();
                let returns = returns.map(|returns| delay(returns, &format!("{name}.returns")));
                StepTime::Takes(delay(takes, name), returns)
            }
            None => StepTime::Instant,
        }
    }

    /// Where `rule` moves the cursor; `into` is the store of which an id is the task's own.
    pub(crate) fn cursor(&self, rule: &Text, into: Option<StoreId>) -> punctual_model::CursorRule {
        let published = |step: &At<Step>| step.value.is(&PUBLISH) || step.value.how.into.is_some();
        if rule.value.trim() == "own" && !all_steps(self.task).any(published) {
            let title = "this task publishes nothing of its own";
            let problem = Problem::new("P0421", &rule.at, title).label("own what?");
            self.findings.add(problem.help("announce `into` a store, or write \"greatest\""));
        }
        guard::cursor(self.findings, self.scope, self.stores, into, rule)
    }

    pub(crate) fn store(&self, named: Option<&Text>, place: &Text) -> StoreId {
        StoreId(match named {
            Some(name) => self.scope.stores.find(self.findings, name),
            None => guard::only_store(self.findings, self.scope, place),
        })
    }

    pub(crate) fn given_id(&self, store: StoreId, id: Option<&At<u32>>, place: &Text) -> Option<u32> {
        let ids = self.stores.get(usize::from(store.0));
        let (given, known) = (ids == Some(&IdsForm::Given), ids != Some(&IdsForm::Unknown));
        let open = self.scope.stores.is_open();
        match id {
            None if given && !open && !self.findings.steps_lost_something() => {
                let problem = Problem::new("P0414", &place.at, "this event needs an id");
                let problem = problem.label("its store's ids are given");
                self.findings.add(problem.help("add `id = 1`, or let the store count"));
            }
            Some(id) if !given && known && !open && self.scope.stores.len() > 0 => {
                let problem = Problem::new("P0415", &id.at, "the store gives this event its id");
                let problem = problem.label("cannot be chosen");
                self.findings.add(problem.help("leave `id` out, or set the store's `ids = \"given\"`"));
            }
            _ => {}
        }
        id.map(|id| id.value)
    }
}

/// Whether a step surely lets time pass in which other tasks run.
pub(crate) fn awaits(step: &punctual_model::Step) -> bool {
    let unconditional = step.guards.is_empty() && step.chance.is_none();
    let takes_time = match &step.time {
        StepTime::Takes(delay, returns) => {
            let longest = returns.as_ref().map_or(Span::ZERO, |returns| returns.interval().max);
            delay.interval().max + longest > Span::ZERO
        }
        StepTime::Instant | StepTime::Blocks(_) => false,
    };
    unconditional && (takes_time || step.action.traits().sleeps.is_some())
}
