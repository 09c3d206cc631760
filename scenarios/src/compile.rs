//! From a scenario as written to the system that is run.
//!
//! Names become small integers, texts become delays and rules. Whatever is wrong is noted with
//! its place and compiled to a stand-in, so one pass finds every problem; the caller throws the
//! system away if there was one.

use punctual_model::{
    ClientId, ClientPlan, Copies, Cursors, EventId, EventKind, FileId, Ids, NodeId, Policy, Reaction,
    Reconnects, Resource, RowId, RowPlan, Shown, Signal, Starts, StatusId, Store, System, Task, TaskId,
    TimerFrom, TimerPlan,
};
use punctual_sim::{Delay, Span};

use crate::form::{self, Copied, Scenario, Shows, Text};
use crate::guard::{self, IdsForm};
use crate::names::{Implied, Names, Scope, in_file_order};
use crate::problem::{Findings, Problem};
use crate::steps::{Steps, Within};
use crate::value::{self, Piece};
use crate::whole;
use crate::words::quoted;
use crate::{pasted, sleeping};

/// Compiles a scenario; the result is only meaningful if no problem was added. The names that the file `implied`,
/// in whatever case, are known.
pub(crate) fn compile(form: &Scenario, implied: &Implied, findings: &Findings<'_>) -> System {
    let before = findings.count();
    let scope = Scope::of(form, implied, findings);
    let ids: Vec<IdsForm> = form.store.iter().map(|store| guard::ids(findings, store)).collect();
    let compiler = Compiler { form, findings, scope: &scope, ids: &ids };
    let system = System {
        nodes: scope.nodes.texts(),
        statuses: scope.statuses.texts(),
        status: StatusId(scope.statuses.find(findings, &form.job.status)),
        failed: scope.statuses.id("failed").map(StatusId),
        tasks: form.task.iter().map(|task| compiler.task(task)).collect(),
        events: form.event.iter().map(|event| compiler.event(event)).collect(),
        stores: form.store.iter().zip(&ids).map(|(store, ids)| one_store(store, *ids)).collect(),
        rows: compiler.rows(),
        files: scope.files.texts(),
        signals: form.signal.iter().map(signal).collect(),
        policies: compiler.policies(),
        clients: form.client.iter().map(|client| compiler.client(client)).collect(),
        ends: form.ends.as_ref().and_then(|ends| compiler.ends(ends)),
    };
    if findings.count() == before && !findings.hide_something() {
        whole::check(form, &scope, &system, findings);
    }
    system
}

/// What starts a timer, apart from events by name.
const FROM: [&str; 3] = ["start", "byte", "any event"];

struct Compiler<'a, 't> {
    form: &'a Scenario,
    findings: &'a Findings<'t>,
    scope: &'a Scope,
    ids: &'a [IdsForm],
}

impl Compiler<'_, '_> {
    fn task(&self, task: &form::Task) -> Task {
        let findings = self.findings;
        let compiler = Steps { findings, scope: self.scope, stores: self.ids, task };
        let mut steps = Vec::new();
        compiler.list(&task.steps, Within::List, &mut steps);
        let again_from = (!task.r#loop.is_empty()).then_some(steps.len());
        compiler.list(&task.r#loop, Within::List, &mut steps);
        let mut otherwise = Vec::new();
        compiler.list(&task.otherwise, Within::Otherwise, &mut otherwise);
        if steps.is_empty() && !findings.hide_something() {
            let title = format!("the task {} has no steps", quoted(&task.name.value));
            let problem = Problem::new("P0422", &task.name.at, title).label("does nothing");
            findings.add(problem.help("add `steps = [ ... ]` or `loop = [ ... ]`"));
        }
        let starts = format!("{}.starts", task.name.value);
        Task {
            name: task.name.value.clone(),
            node: NodeId(self.scope.nodes.find(findings, &task.node)),
            starts: match &task.starts {
                None => Starts::After(Delay::fixed(&starts, Span::ZERO)),
                Some(text) if text.value.trim() == "spawned" => Starts::Spawned,
                Some(text) => Starts::After(value::delay(findings, &starts, text)),
            },
            serves: task.serves.as_ref().map(|c| ClientId(self.scope.clients.find(findings, c))),
            cursors: match task.cursors.as_ref().map(|cursors| cursors.value) {
                None | Some(form::Cursors::One) => Cursors::One,
                Some(form::Cursors::PerSource) => Cursors::PerStore,
            },
            steps,
            again_from,
            otherwise,
        }
    }

    fn event(&self, event: &form::Event) -> EventKind {
        EventKind {
            name: event.name.value.clone(),
            row: event.row.as_ref().map(|row| RowId(self.scope.rows.find(self.findings, row))),
            terminal: event.terminal,
        }
    }

    fn rows(&self) -> Vec<RowPlan> {
        let late = |name: &str| {
            let declared = self.form.row.iter().find(|row| row.name.value == name)?;
            let delay = declared.visible_after.as_ref()?;
            Some(value::delay(self.findings, &format!("{name}.visible"), delay))
        };
        let names = self.scope.rows.texts();
        names.into_iter().map(|name| RowPlan { visible_after: late(&name), name }).collect()
    }

    fn policies(&self) -> Vec<Policy> {
        let policy = |(name, lines): (&Text, &form::Lines)| {
            let mut by_status = vec![None; self.scope.statuses.len()];
            let before = self.findings.count();
            let statuses =
                in_file_order(lines).filter(|(key, _)| !pasted::KEYS.contains(&key.value.as_str()));
            for (status, line) in statuses {
                let key = format!("{}.{}", name.value, status.value);
                let known = self.findings.count();
                let id = self.scope.statuses.find(self.findings, status);
                // What is no status may be a key that is misspelled: its text is not looked at.
                if self.findings.count() > known {
                    continue;
                }
                let sleeps = sleeping::sleeps(self.findings, &key, line);
                // There is no status at all if none could be read.
                if let Some(line) = by_status.get_mut(usize::from(id)) {
                    *line = Some(sleeps);
                }
            }
            if let Some(function) = pasted::function(self.findings, lines) {
                let sound = self.findings.count() == before;
                let filled = function.fill(&name.value, &self.scope.statuses.texts(), &mut by_status);
                // Else an argument of it may be what is wrong.
                if let Err(refusal) = filled
                    && sound
                {
                    function.refuse(self.findings, refusal);
                }
            }
            Policy { name: name.value.clone(), by_status }
        };
        in_file_order(&self.form.policy).map(policy).collect()
    }

    fn client(&self, client: &form::Client) -> ClientPlan {
        let (findings, name) = (self.findings, &client.name.value);
        unique(findings, "timer", client.timer.iter().map(|timer| &timer.name));
        unique(findings, "reaction", client.on.iter().map(|reaction| &reaction.event));
        if !findings.hide_something() {
            client.timer.iter().for_each(|timer| self.check_hears(client, timer));
        }
        ClientPlan {
            name: name.clone(),
            latency: value::delay(findings, &format!("{name}.latency"), &client.latency),
            timers: client.timer.iter().map(|timer| self.timer(name, timer)).collect(),
            reactions: client.on.iter().map(|on| self.reaction(name, on)).collect(),
            reconnects: client.reconnects.as_ref().map(|after| Reconnects {
                after: value::delay(findings, &format!("{name}.reconnects"), after),
                travels: value::delay(findings, &format!("{name}.connect"), &client.latency),
                resumes: client.resumes.as_ref().is_none_or(|resumes| resumes.value),
            }),
        }
    }

    fn timer(&self, client: &str, timer: &form::Timer) -> TimerPlan {
        let event = |text: &Text| EventId(self.scope.events.find(self.findings, text));
        TimerPlan {
            name: timer.name.value.clone(),
            from: match timer.from.value.as_str() {
                "start" => TimerFrom::Start,
                "byte" => TimerFrom::Byte,
                "any event" => TimerFrom::Event,
                _ => TimerFrom::Named(event(&timer.from)),
            },
            limit: value::delay(self.findings, &format!("{client}.{}", timer.name.value), &timer.limit),
            stopped_by: timer.stops.iter().map(event).collect(),
            shows: timer.shows.map(shown),
            ends: timer.ends,
            reconnects: timer.reconnects.as_ref().is_some_and(|reconnects| reconnects.value),
        }
    }

    /// A timer is started and stopped by reactions, so the client must have them.
    fn check_hears(&self, client: &form::Client, timer: &form::Timer) {
        let reacts = |event: &Text| client.on.iter().any(|on| on.event.value == event.value);
        let deaf = |event: &&Text| self.scope.events.id(&event.value).is_some() && !reacts(event);
        let starts = (!FROM.contains(&timer.from.value.as_str())).then_some(&timer.from);
        let starts = starts.into_iter().filter(deaf).map(|event| (event, "started"));
        let stops = timer.stops.iter().filter(deaf).map(|event| (event, "stopped"));
        for (event, what) in starts.chain(stops) {
            let (name, event_name) = (quoted(&client.name.value), quoted(&event.value));
            let title = format!("{name} does not react to {event_name}");
            let label = format!("so this timer is never {what} by it");
            let problem = Problem::new("P0426", &event.at, title).label(label);
            let help = format!("add a [[client.on]] with event = \"{}\" to the client", event.value);
            self.findings.add(problem.help(help));
        }
    }

    fn reaction(&self, client: &str, on: &form::Reaction) -> Reaction {
        let name = format!("{client}.on.{}.fetch", on.event.value);
        let takes = on.takes.as_ref().map(|takes| value::delay(self.findings, &name, takes));
        let refuse = |text: &Text, title: &str, help: &str| {
            let problem = Problem::new("P0404", &text.at, title).label("not enough");
            self.findings.add(problem.help(help));
        };
        let fetches = match (&on.fetches, takes, &on.takes) {
            (Some(what), Some(takes), _) => Some((self.resource(what), takes)),
            _ if self.findings.lost("on") => None,
            (Some(what), None, _) => {
                let help = "add `takes`: how long the request travels";
                refuse(what, "a fetch without its time", help);
                None
            }
            (None, _, Some(takes)) => {
                refuse(takes, "`takes` without `fetches`", "say what is fetched: \"row NAME\"");
                None
            }
            (None, ..) => None,
        };
        Reaction {
            event: EventId(self.scope.events.find(self.findings, &on.event)),
            copies: match on.copies {
                None | Some(Copied::All) => Copies::All,
                Some(Copied::Synthesized) => Copies::Synthesized,
            },
            shows: on.shows.map(shown),
            fetches,
            ends: on.ends,
        }
    }

    fn resource(&self, text: &Text) -> Resource {
        if self.findings.stands_in(&text.at) {
            return Resource::Row(RowId(0));
        }
        let piece = Piece::of(self.findings, text);
        let look_up = |names: &Names, name: &str| {
            // The part after the word lies in the same text.
            let start = piece.text.len() - name.len();
            names.find_piece(self.findings, &piece.part(piece.text[start..].trim()))
        };
        if let Some(row) = piece.text.strip_prefix("row ") {
            Resource::Row(RowId(look_up(&self.scope.rows, row)))
        } else if let Some(file) = piece.text.strip_prefix("file ") {
            Resource::File(FileId(look_up(&self.scope.files, file)))
        } else {
            let title = format!("{} is nothing that can be fetched", quoted(piece.text));
            let problem = Problem::new("P0215", &piece.at(), title).label("not known");
            self.findings.add(problem.help("write \"row NAME\" or \"file NAME\""));
            Resource::Row(RowId(0))
        }
    }

    fn ends(&self, text: &Text) -> Option<(TaskId, Span)> {
        if self.findings.stands_in(&text.at) {
            return None;
        }
        let piece = Piece::of(self.findings, text);
        let Some((time, task)) = piece.text.split_once(" after ") else {
            let problem = Problem::new("P0215", &piece.at(), "this does not say when a run ends");
            let problem = problem.label("not understood");
            self.findings.add(problem.help("write \"10s after TASK\""));
            return None;
        };
        let time = value::span(self.findings, &piece.part(time.trim()));
        let task = piece.part(task.trim());
        let id = self.scope.tasks.find_piece(self.findings, &task);
        Some((TaskId(id), time))
    }
}

fn unique<'a>(findings: &Findings<'_>, noun: &str, names: impl Iterator<Item = &'a Text>) {
    let mut seen: Vec<&Text> = Vec::new();
    for name in names {
        if findings.stands_in(&name.at) {
            continue;
        }
        if let Some(first) = seen.iter().find(|other| other.value == name.value) {
            let title = format!("two {noun}s are named {}", quoted(&name.value));
            let problem = Problem::new("P0312", &name.at, title).label("the second");
            let problem = problem.beside(&first.at, "the first");
            findings.add(problem.help("keep one, or give one of them another name"));
        }
        seen.push(name);
    }
    if let Some(name) = seen.get(200) {
        let title = format!("there are more than 200 {noun}s");
        let problem = Problem::new("P0108", &name.at, title).label("one too many");
        findings.add(problem.help("split the scenario in two"));
    }
}

fn one_store(store: &form::Store, ids: IdsForm) -> Store {
    Store {
        name: store.name.value.clone(),
        ids: match ids {
            IdsForm::Given => Ids::Given,
            IdsForm::Counter | IdsForm::Unknown => Ids::Counter,
            IdsForm::Clock(resolution) => Ids::Clock(guard::clock(&store.name.value, resolution)),
        },
        keep: store.keep.as_ref().map(|keep| keep.value),
    }
}

fn signal(signal: &form::Signal) -> Signal {
    Signal { name: signal.name.value.clone(), permit: signal.permit }
}

fn shown(shows: Shows) -> Shown {
    match shows {
        Shows::Progress => Shown::Progress,
        Shows::Success => Shown::Success,
        Shows::Failure => Shown::Failure,
    }
}
