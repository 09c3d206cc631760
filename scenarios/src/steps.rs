//! From the steps of a task as written to those of the model.
//!
//! A step says what it does with one key and how with a few others. This is where the two are
//! held against each other, and against what the task is: only the server's end of a connection
//! can send on it.

use punctual_model::{
    Action, ClientId, EventId, Fault, FileId, Guard, NodeId, PolicyId, RowId, SignalId, StatusId, StatusSet,
    StepTime, StoreId, TaskId, Way,
};
use punctual_sim::{Choice, Delay, Span};

use crate::form::{self, At, Step, Task, Text};
use crate::guard::{self, Condition, IdsForm};
use crate::names::{Scope, all_steps};
use crate::places::{keys, verb_at};
use crate::problem::{Findings, Problem};
use crate::value::{self, Piece};
use crate::words::{listed, quoted};

/// What compiling a step needs to know.
pub(crate) struct Steps<'a, 't> {
    pub(crate) findings: &'a Findings<'t>,
    pub(crate) scope: &'a Scope,
    pub(crate) stores: &'a [IdsForm],
    pub(crate) task: &'a Task,
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

/// Keys that belong to some verbs.
const BELONGS: [(&str, &[&str]); 9] = [
    ("fails", &["commit"]),
    ("to", &["publish"]),
    ("id", &["publish"]),
    ("into", &["announce"]),
    ("cursor", &["announce"]),
    ("sends", &["close"]),
    ("at-most", &["wait"]),
    ("way", &["hold", "release"]),
    ("steps", &["repeat"]),
];

impl Steps<'_, '_> {
    /// Adds a list of steps, those of a `repeat` before the step that goes back to them.
    pub(crate) fn list(&self, steps: &[At<Step>], within: Within, out: &mut Vec<punctual_model::Step>) {
        for step in steps {
            let to = out.len();
            if step.value.repeat.is_some() {
                if within == Within::List {
                    let inner = step.value.steps.as_deref().unwrap_or(&[]);
                    self.list(inner, Within::Repeat, out);
                } else {
                    let title = "a repeat cannot stand inside a repeat or in `otherwise`";
                    let problem = Problem::new("P0406", &verb_at(step), title).label("not here");
                    self.findings.add(problem.help("write its steps out"));
                }
            }
            out.push(self.step(step, to));
            if out.len() == MOST + 1 {
                let title = format!("a task has more than {MOST} steps");
                let problem = Problem::new("P0108", &verb_at(step), title).label("one too many");
                self.findings.add(problem.help("use `repeat`"));
            }
        }
    }

    fn step(&self, step: &At<Step>, to: usize) -> punctual_model::Step {
        let own = step.value.step.as_ref().map_or("step", |name| &name.value);
        let name = format!("{}.{own}", self.task.name.value);
        let verb = self.verb(step);
        if let Some(verb) = verb {
            self.check_keys(step, verb);
        }
        let action = verb.map_or(Action::Work, |verb| self.action(verb, step, &name, to));
        let chance = step.value.chance.as_ref().map(|chance| {
            Choice::chance(&format!("{name}.chance"), value::millionths(self.findings, chance))
        });
        punctual_model::Step {
            name: own.to_owned(),
            guards: self.guards(verb.unwrap_or(""), step, &name),
            chance,
            time: self.time(&step.value, &name),
            action,
        }
    }

    /// The one key that says what the step does.
    fn verb(&self, step: &At<Step>) -> Option<&'static str> {
        let present = keys(&step.value);
        let announces = step.value.announce.is_some();
        let mut verbs =
            present.iter().filter(|(key, _)| Step::VERBS.contains(key) && !(announces && *key == "cursor"));
        let Some((verb, first)) = verbs.next() else {
            if self.findings.stands_in(&step.at) {
                return None;
            }
            let problem = Problem::new("P0401", &verb_at(step), "this step does nothing");
            let help = format!("say what it does with one of {}", listed(Step::VERBS));
            self.findings.add(problem.label("no key says what it does").help(help));
            return None;
        };
        if *verb == "cursor" && self.findings.stands_in(&step.at) {
            return None;
        }
        for (other, at) in verbs {
            let title = format!("a step cannot {verb} and {other} at once");
            let problem = Problem::new("P0402", at, title).label("the second");
            let problem = problem.beside(first, "the first");
            self.findings.add(problem.help("make two steps of it"));
        }
        Some(verb)
    }

    /// Keys that say how, against what the step does.
    fn check_keys(&self, step: &At<Step>, verb: &str) {
        let untimed = ["sleep", "poll", "wait", "repeat"].contains(&verb);
        for (key, at) in keys(&step.value) {
            let owner = BELONGS.iter().find(|(name, _)| *name == key).map(|(_, owner)| *owner);
            let help = match key {
                "takes" | "returns" | "blocks" if untimed => untimed_help(verb).to_owned(),
                "if" | "chance" if verb == "repeat" => "put the condition on the steps inside".to_owned(),
                _ => match owner {
                    Some(owners) if !owners.contains(&verb) && key != verb => {
                        format!("`{key}` belongs to a step that says `{}`", owners.join("` or `"))
                    }
                    _ => continue,
                },
            };
            let title = format!("`{key}` does not belong to a step that says `{verb}`");
            let problem = Problem::new("P0403", &at, title).label("does not belong here");
            self.findings.add(problem.help(help));
        }
        if let (Some(blocks), Some(other)) =
            (&step.value.blocks, step.value.takes.as_ref().or(step.value.returns.as_ref()))
        {
            let title = "a step either blocks its event loop or awaits";
            let problem = Problem::new("P0404", &blocks.at, title).label("it blocks");
            let problem = problem.beside(&other.at, "and it awaits");
            self.findings.add(problem.help("keep one of them"));
        }
        if let (Some(returns), None, None, false) =
            (&step.value.returns, &step.value.takes, &step.value.blocks, untimed)
            && !self.findings.steps_lost_something()
        {
            let title = "`returns` needs a `takes`";
            let problem = Problem::new("P0404", &returns.at, title).label("returns from what?");
            self.findings.add(problem.help("say how long it takes until the effect: takes = \"0s\""));
        }
    }

    fn time(&self, step: &Step, name: &str) -> StepTime {
        let delay = |text: &Text, name: &str| value::delay(self.findings, name, text);
        if let Some(blocks) = &step.blocks {
            return StepTime::Blocks(delay(blocks, name));
        }
        match step.takes.as_ref().or(step.sleep.as_ref()) {
            Some(takes) => {
                let returns = step.returns.as_ref();
                let returns = returns.map(|returns| delay(returns, &format!("{name}.returns")));
                StepTime::Takes(delay(takes, name), returns)
            }
            None => StepTime::Instant,
        }
    }

    fn action(&self, verb: &str, step: &At<Step>, name: &str, to: usize) -> Action {
        if ["send", "announce", "comment", "close", "refuse", "cursor"].contains(&verb)
            && self.task.serves.is_none()
            && !self.findings.lost("task")
        {
            let title = format!("a task that serves no client cannot `{verb}`");
            let problem = Problem::new("P0411", &verb_at(step), title);
            let problem = problem.label("there is no connection").beside(&self.task.name.at, "this task");
            self.findings.add(problem.help("add `serves = \"CLIENT\"` to the task"));
        }
        let (findings, scope, s) = (self.findings, self.scope, &step.value);
        let event = |text: &Text| EventId(scope.events.find(findings, text));
        let policy = |text: &Text| PolicyId(scope.policies.find(findings, text));
        if let Some(status) = &s.status {
            Action::Status(StatusId(scope.statuses.find(findings, status)))
        } else if let Some(row) = &s.commit {
            let fails = s
                .fails
                .as_ref()
                .map(|fails| Choice::chance(&format!("{name}.fails"), value::millionths(findings, fails)));
            Action::Commit { row: RowId(scope.rows.find(findings, row)), fails }
        } else if let Some(file) = &s.save {
            Action::Save(FileId(scope.files.find(findings, file)))
        } else if let Some(published) = &s.publish {
            let store = self.store(s.to.as_ref(), published);
            let id = self.given_id(store, s.id.as_ref(), published);
            Action::Publish { event: event(published), store, id }
        } else if let Some(signal) = &s.notify {
            Action::Notify(SignalId(scope.signals.find(findings, signal)))
        } else if let Some(task) = &s.spawn {
            Action::Spawn(TaskId(scope.tasks.find(findings, task)))
        } else if let Some(words) = &s.read {
            let (status, rows): (Vec<Text>, Vec<Text>) =
                words.words().partition(|word| word.value == "status");
            let rows = rows.iter().map(|row| RowId(scope.rows.find(findings, row))).collect();
            Action::Read { status: !status.is_empty(), rows }
        } else if let Some(store) = &s.send {
            Action::Send(StoreId(scope.stores.find(findings, store)))
        } else if let Some(announced) = &s.announce {
            let into = s.into.as_ref().map(|store| StoreId(scope.stores.find(findings, store)));
            if let (Some(store), Some(text)) = (into, &s.into)
                && self.stores.get(usize::from(store.0)) == Some(&IdsForm::Given)
            {
                let title = "what is announced into a store has no given id";
                let problem = Problem::new("P0414", &text.at, title).label("its ids are given");
                findings.add(problem.help("let the store's ids come from a counter or a clock"));
            }
            let cursor = s.cursor.as_ref().map(|rule| self.cursor(rule, into));
            let event = event(announced);
            Action::Announce { event, into, cursor }
        } else if let Some(rule) = &s.cursor {
            Action::Cursor(self.cursor(rule, None))
        } else if let Some(client) = s.close.as_ref().or(s.refuse.as_ref()) {
            let id = ClientId(scope.clients.find(findings, client));
            if let Some(served) = self.task.serves.as_ref().filter(|name| name.value != client.value)
                && !findings.stands_in(&served.at)
                && scope.clients.id(&client.value) == Some(id.0)
            {
                let title = format!("this task does not serve {}", quoted(&client.value));
                let problem = Problem::new("P0420", &client.at, title).label("another client");
                let help = format!("close the client that it serves: {}", quoted(&served.value));
                findings.add(problem.help(help));
            }
            if s.refuse.is_some() {
                Action::Refuse
            } else {
                Action::Close { event: s.sends.as_ref().map(event) }
            }
        } else if let Some(fault) = self.fault(s) {
            Action::Fault(fault)
        } else if let Some(table) = &s.poll {
            Action::Poll(policy(table))
        } else if let Some(signal) = &s.wait {
            let signal = SignalId(scope.signals.find(findings, signal));
            Action::Wait { signal, at_most: s.at_most.as_ref().map(policy) }
        } else if let Some(times) = &s.repeat {
            if s.steps.as_ref().is_none_or(Vec::is_empty) && !findings.open("steps") {
                let problem = Problem::new("P0406", &times.at, "there is nothing to repeat");
                findings.add(problem.label("no `steps`").help("add `steps = [ ... ]`"));
            }
            Action::Repeat { to, times: times.value }
        } else if s.comment.is_some() {
            Action::Comment
        } else if s.sleep.is_some() {
            Action::Sleep
        } else {
            Action::Work
        }
    }

    /// What a step does to lines and nodes.
    fn fault(&self, step: &Step) -> Option<Fault> {
        let client = |name: &Option<Text>| {
            name.as_ref().map(|name| ClientId(self.scope.clients.find(self.findings, name)))
        };
        let node = |name: &Option<Text>| {
            name.as_ref().map(|name| NodeId(self.scope.nodes.find(self.findings, name)))
        };
        let way = match step.way.as_ref().map(|way| way.value) {
            None | Some(form::Way::Both) => Way::Both,
            Some(form::Way::To) => Way::To,
            Some(form::Way::From) => Way::From,
        };
        (client(&step.disconnect).map(Fault::Disconnect))
            .or_else(|| client(&step.half_open).map(Fault::HalfOpen))
            .or_else(|| client(&step.hold).map(|client| Fault::Hold(client, way)))
            .or_else(|| client(&step.release).map(|client| Fault::Release(client, way)))
            .or_else(|| node(&step.crash).map(Fault::Crash))
            .or_else(|| node(&step.restart).map(Fault::Restart))
    }

    /// Where `rule` moves the cursor; `into` is the store of which an id is the task's own.
    fn cursor(&self, rule: &Text, into: Option<StoreId>) -> punctual_model::CursorRule {
        let published = |step: &At<Step>| step.value.publish.is_some() || step.value.into.is_some();
        if rule.value.trim() == "own" && !all_steps(self.task).any(published) {
            let title = "this task publishes nothing of its own";
            let problem = Problem::new("P0421", &rule.at, title).label("own what?");
            self.findings.add(problem.help("announce `into` a store, or write \"greatest\""));
        }
        guard::cursor(self.findings, self.scope, self.stores, into, rule)
    }

    fn store(&self, named: Option<&Text>, place: &Text) -> StoreId {
        StoreId(match named {
            Some(name) => self.scope.stores.find(self.findings, name),
            None => guard::only_store(self.findings, self.scope, place),
        })
    }

    fn given_id(&self, store: StoreId, id: Option<&At<u32>>, place: &Text) -> Option<u32> {
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

    /// So many ticks of a clock are a time, and that has its limit.
    fn check_window(&self, store: StoreId, count: u32, text: &Text) {
        let Some(IdsForm::Clock(tick)) = self.stores.get(usize::from(store.0)) else { return };
        if u64::from(count).checked_mul(tick.0).is_none_or(|ticks| Span(ticks) > Span::LONGEST) {
            let title = format!("{count} ticks of a clock of {tick} are too long");
            let problem = Problem::new("P0205", &text.at, title).label("too far back");
            let most = Span::LONGEST.0 / tick.0.max(1);
            self.findings.add(problem.help(format!("the longest is 1000000000s: write at most {most} ids")));
        }
    }

    fn guards(&self, verb: &str, step: &At<Step>, name: &str) -> Vec<Guard> {
        let words: Vec<Text> = step.value.r#if.iter().flat_map(At::words).collect();
        words.iter().filter_map(|text| self.guard(verb, step, name, text)).collect()
    }

    fn guard(&self, verb: &str, step: &At<Step>, name: &str, text: &Text) -> Option<Guard> {
        let findings = self.findings;
        let belongs = |to: &str| {
            if verb != to && !verb.is_empty() {
                let title = format!("this condition does not belong to a step that says `{verb}`");
                let problem = Problem::new("P0405", &text.at, title).label("does not belong here");
                findings.add(problem.help(format!("it belongs to a step that says `{to}`")));
            }
        };
        let set = |list: &[Piece<'_>]| {
            list.iter().fold(StatusSet::default(), |set, status| {
                // More statuses than a set can hold have been refused.
                set.with(StatusId(self.scope.statuses.find_piece(findings, status) % 32))
            })
        };
        Some(match guard::parse(findings, text)? {
            Condition::Unsent => {
                belongs("announce");
                Guard::Unsent
            }
            Condition::ChangedTo(list) => Guard::ChangedTo(set(&list)),
            Condition::Is(list, least) => {
                // Named by what it asks, so that all who ask the same are told by one alarm.
                let lasts = least.map(|piece| value::span(findings, &piece));
                Guard::Is(set(&list), lasts.map(|lasts| Delay::fixed(&format!("status for {lasts}"), lasts)))
            }
            Condition::CountAbove => Guard::CountAbove,
            Condition::Resumed => Guard::Resumed,
            Condition::Fresh => Guard::Fresh,
            Condition::NoneWithin(piece) => {
                belongs("comment");
                Guard::NoneWithin(Delay::fixed(&format!("{name}.within"), value::span(findings, &piece)))
            }
            Condition::NoneWithinIds(count) => {
                belongs("announce");
                let store = self.store(step.value.into.as_ref(), text);
                self.check_window(store, count, text);
                Guard::NoneWithinIds(store, count)
            }
        })
    }
}

/// Where the time of a step comes from that says none itself.
fn untimed_help(verb: &str) -> &'static str {
    match verb {
        "sleep" => "how long a `sleep` takes is said by its value: sleep = \"2s\"",
        "poll" => "how long a `poll` takes is said by its policy",
        "wait" => "a `wait` is over when the signal comes; at the latest when `at-most`, a policy, says",
        _ => "a `repeat` takes as long as its steps: put the time on them",
    }
}

/// Whether a step surely lets time pass in which other tasks run.
pub(crate) fn awaits(step: &punctual_model::Step) -> bool {
    let unconditional = step.guards.is_empty() && step.chance.is_none();
    let takes_time = match (&step.action, &step.time) {
        (Action::Poll(_) | Action::Wait { .. }, _) => true,
        (_, StepTime::Takes(delay, returns)) => {
            let longest = returns.as_ref().map_or(Span::ZERO, |returns| returns.interval().max);
            delay.interval().max + longest > Span::ZERO
        }
        (_, StepTime::Instant | StepTime::Blocks(_)) => false,
    };
    unconditional && takes_time
}
