//! How long things took in a log, each with the delay of the scenario that it is a measurement of.
//!
//! A step that took effect is measured from the step of its task that took effect before it. Steps that the
//! log never tells of may have been taken in between, and steps with a condition may have been passed over;
//! what is allowed is then anything between the shortest and the longest way from the one to the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use punctual_model::{
    ClientId, Copies, Fact, Identity, Leads, NodeId, Noted, Origin, Reaction, ReactionId, RowId, Sleeping,
    Step, StepId, StepTime, System, Task, TaskId, TimerFrom, TimerId,
};
use punctual_sim::{Delay, Interval, Span};

use super::log::{Finding, Line, LineNumber, Writer};

/// Something that was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// What, in words: `stream.read`, `the way of tts_completed to panel`.
    pub what: String,
    /// The path of the delay, as `set` of a variant takes it, if it is the only one that was measured.
    pub path: Option<String>,
    /// How long it took, in microseconds; negative if clocks disagree that much.
    pub took: i64,
    /// What the scenario allows.
    pub allowed: Interval,
    /// Whether it was measured by two clocks.
    pub across: bool,
    /// The line that ends it.
    pub line: LineNumber,
}

/// A fact of a log by its own clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) at: i64,
    pub(super) fact: Fact,
    pub(super) writer: Writer,
    pub(super) line: LineNumber,
}

impl Seen {
    /// What a line tells.
    pub(super) fn of(line: &Line) -> Self {
        Self { at: line.at, fact: line.fact, writer: line.writer, line: line.number }
    }
}

/// What is kept of a log while its delays are measured.
pub(super) struct Measuring<'s> {
    system: &'s System,
    /// By task and step: whether the log ever tells of it.
    told: Vec<Vec<bool>>,
    last: Vec<Option<(StepId, Seen)>>,
    /// What is under way: none overtakes, and an event may be sent again before it has arrived.
    sent: BTreeMap<(Identity, ClientId), VecDeque<Seen>>,
    /// The last arrival at each client, since none overtakes.
    arrived: BTreeMap<ClientId, i64>,
    started: BTreeMap<(ClientId, TimerId), Seen>,
    committed: BTreeMap<(RowId, u32), Seen>,
    /// What each client has asked for, in order.
    asked: BTreeMap<ClientId, VecDeque<(Seen, ReactionId)>>,
    finished: BTreeSet<ClientId>,
    answered: BTreeMap<ClientId, i64>,
    /// Lines whose links were held: how long a message takes is then nobody's delay.
    held: bool,
    pub(super) measures: Vec<Measure>,
    /// What the steps of a task cannot have come from.
    pub(super) gaps: Vec<Finding>,
}

impl<'s> Measuring<'s> {
    pub(super) fn new(system: &'s System, facts: &[Seen]) -> Self {
        let mut told: Vec<Vec<bool>> =
            system.tasks.iter().map(|task| vec![false; task.all_steps().count()]).collect();
        for seen in facts {
            if let Fact::Did(task, step) = seen.fact {
                told[usize::from(task.0)][usize::from(step.0)] = true;
            }
        }
        Self {
            system,
            last: vec![None; told.len()],
            told,
            sent: BTreeMap::new(),
            arrived: BTreeMap::new(),
            started: BTreeMap::new(),
            committed: BTreeMap::new(),
            asked: BTreeMap::new(),
            finished: BTreeSet::new(),
            answered: BTreeMap::new(),
            held: facts.iter().any(|seen| matches!(seen.fact, Fact::Held(..))),
            measures: Vec::new(),
            gaps: Vec::new(),
        }
    }

    /// Takes the next fact; they come in order.
    pub(super) fn take(&mut self, seen: Seen) {
        match seen.fact {
            Fact::Did(task, step) => self.did(task, step, seen),
            Fact::Sent { to, what, .. } => self.sent.entry((what, to)).or_default().push_back(seen),
            Fact::Arrived { at, what, copy } => self.arrived_at(at, what, copy, seen),
            Fact::Finished(client) => drop(self.finished.insert(client)),
            Fact::TimerStarted(client, timer) => {
                self.started.insert((client, timer), seen);
            }
            Fact::TimedOut(client, timer) => self.timed_out(client, timer, seen),
            Fact::Committed(row, version) => {
                self.committed.insert((row, version), seen);
            }
            Fact::Visible(row, version) => self.visible(row, version, seen),
            Fact::Fetched { by, .. } => self.fetched(by, seen),
            Fact::Cut { client, .. } | Fact::Connected { client, .. } => {
                self.forget(|task| task.serves == Some(client));
                self.sent.retain(|(_, to), _| *to != client);
            }
            Fact::Crashed(node) => self.forget(|task| task.node == node),
            _ => {}
        }
    }

    /// Where a task is is not known any more: it was given up.
    fn forget(&mut self, of: impl Fn(&Task) -> bool) {
        for (task, last) in self.system.tasks.iter().zip(&mut self.last) {
            if of(task) {
                *last = None;
            }
        }
    }

    fn did(&mut self, task: TaskId, step: StepId, seen: Seen) {
        let before = self.last[usize::from(task.0)].replace((step, seen));
        let Some((from, begun)) = before else { return };
        let name = self.system.step_name(task, step);
        match self.ways(task, from, step) {
            Some(Way { min, max, only }) => self.measures.push(Measure {
                path: only.then(|| path_of(self.system, task, step)).flatten(),
                what: name,
                took: seen.at - begun.at,
                allowed: Interval { min, max },
                across: seen.writer != begun.writer,
                line: seen.line,
            }),
            None => {
                let from = self.system.step_name(task, from);
                let what = format!("{name} cannot come after {from}: steps between them are missing");
                self.gaps.push(Finding { line: seen.line, what });
            }
        }
    }

    /// How long it may take from the effect of one step of a task to that of another.
    fn ways(&self, task: TaskId, from: StepId, to: StepId) -> Option<Way> {
        let described = &self.system.tasks[usize::from(task.0)];
        let steps: Vec<&Step> = described.all_steps().collect();
        let told = &self.told[usize::from(task.0)];
        // Before each step.
        let mut known: Vec<Option<Way>> = vec![None; steps.len()];
        let begin = Way::NONE.then(returns(steps[usize::from(from.0)]));
        for next in leads_to(described, usize::from(from.0)) {
            known[next] = Some(begin.or(known[next]));
        }
        for round in 0..=steps.len() + 1 {
            let mut changed = false;
            for at in 0..steps.len() {
                let Some(before) = known[at] else { continue };
                for mut way in before.past(self.system, steps[at], told[at]) {
                    if round > steps.len() {
                        // What still grows after so many rounds grows without end.
                        way = Way { max: Span::NEVER, only: false, ..way };
                    }
                    for next in leads_to(described, at) {
                        let joined = Some(way.or(known[next]));
                        changed |= joined != known[next];
                        known[next] = joined;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        let before = known[usize::from(to.0)]?;
        let own = time(self.system, steps[usize::from(to.0)]);
        let way = Way { only: before.only, ..before.then(own) };
        Some(if self.is_held_up(described.node, task) { Way { max: Span::NEVER, ..way } } else { way })
    }

    /// Whether other tasks of a node can hold a task up.
    fn is_held_up(&self, node: NodeId, task: TaskId) -> bool {
        let others = self.system.tasks.iter().enumerate();
        let mut others = others.filter(|(place, other)| other.node == node && *place != usize::from(task.0));
        others.any(|(_, other)| other.all_steps().any(|step| matches!(step.time, StepTime::Blocks(_))))
    }

    fn arrived_at(&mut self, client: ClientId, what: Identity, copy: Origin, seen: Seen) {
        let before = self.arrived.insert(client, seen.at);
        self.asks(client, what, copy, seen);
        let Some(sent) = self.sent.get_mut(&(what, client)).and_then(VecDeque::pop_front) else { return };
        let allowed = self.system.clients[usize::from(client.0)].latency.interval();
        let name = self.system.client_name(client);
        // None overtakes: it may have waited for the one before it.
        let waited = before.is_some_and(|before| before == seen.at) || self.held;
        let max = if waited { Span::NEVER } else { allowed.max };
        self.measures.push(Measure {
            what: format!("the way of {} to {name}", self.system.event_name(what.event())),
            path: Some(format!("client.{name}.latency")),
            took: seen.at - sent.at,
            allowed: Interval { min: allowed.min, max },
            across: seen.writer != sent.writer,
            line: seen.line,
        });
    }

    /// Notes that a client fetches something, if that is how it reacts.
    fn asks(&mut self, client: ClientId, what: Identity, copy: Origin, seen: Seen) {
        let reactions = &self.system.clients[usize::from(client.0)].reactions;
        let understands = |reaction: &Reaction| {
            reaction.event == what.event() && (reaction.copies == Copies::All || copy == Origin::Synthesized)
        };
        let reaction = reactions.iter().position(understands);
        let reaction = reaction.filter(|&reaction| reactions[reaction].fetches.is_some());
        if let Some(reaction) = reaction.filter(|_| !self.finished.contains(&client)) {
            self.asked.entry(client).or_default().push_back((seen, ReactionId(reaction as u8)));
        }
    }

    fn timed_out(&mut self, client: ClientId, timer: TimerId, seen: Seen) {
        let Some(started) = self.started.remove(&(client, timer)) else { return };
        let plan = &self.system.clients[usize::from(client.0)];
        let timer = &plan.timers[usize::from(timer.0)];
        // Others are started anew by what arrives, and nobody tells.
        if let TimerFrom::Start | TimerFrom::Named(_) = timer.from {
            self.measures.push(Measure {
                what: format!("timer {} of {}", timer.name, plan.name),
                path: Some(format!("client.{}.timer.{}.limit", plan.name, timer.name)),
                took: seen.at - started.at,
                allowed: timer.limit.interval(),
                across: seen.writer != started.writer,
                line: seen.line,
            });
        }
    }

    fn visible(&mut self, row: RowId, version: u32, seen: Seen) {
        let Some(committed) = self.committed.remove(&(row, version)) else { return };
        let row = &self.system.rows[usize::from(row.0)];
        let late = row.visible_after.as_ref();
        self.measures.push(Measure {
            what: format!("row {} until it can be read", row.name),
            path: late.map(|_| format!("row.{}.visible-after", row.name)),
            took: seen.at - committed.at,
            allowed: late.map_or(Interval::fixed(Span::ZERO), Delay::interval),
            across: seen.writer != committed.writer,
            line: seen.line,
        });
    }

    fn fetched(&mut self, client: ClientId, seen: Seen) {
        let asked = self.asked.entry(client).or_default();
        let Some((asked, reaction)) = asked.pop_front() else { return };
        // None overtakes: it may have waited for the one before it.
        let waited = self.answered.insert(client, seen.at).is_some_and(|before| before == seen.at);
        let plan = &self.system.clients[usize::from(client.0)];
        let reaction = &plan.reactions[usize::from(reaction.0)];
        let event = self.system.event_name(reaction.event);
        if let Some((_, travels)) = reaction.fetches.as_ref().filter(|_| !self.held) {
            self.measures.push(Measure {
                what: format!("what {} fetches at {event}", plan.name),
                path: Some(format!("client.{}.on.{event}.takes", plan.name)),
                took: seen.at - asked.at,
                allowed: Interval {
                    min: travels.interval().min,
                    max: if waited { Span::NEVER } else { travels.interval().max },
                },
                across: seen.writer != asked.writer,
                line: seen.line,
            });
        }
    }
}

/// How long it takes from one step of a task to another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Way {
    min: Span,
    max: Span,
    /// Whether nothing but the time of its last step is in it.
    only: bool,
}

impl Way {
    /// From a step to itself.
    const NONE: Self = Self { min: Span::ZERO, max: Span::ZERO, only: true };

    /// This one and what takes so long after it.
    fn then(self, takes: Interval) -> Self {
        let sum = |one: Span, other: Span| Span(one.0.saturating_add(other.0));
        Self {
            min: sum(self.min, takes.min),
            max: sum(self.max, takes.max),
            only: self.only && takes.max == Span::ZERO,
        }
    }

    /// This one or another.
    fn or(self, other: Option<Self>) -> Self {
        let Some(other) = other else { return self };
        Self { min: self.min.min(other.min), max: self.max.max(other.max), only: self.only && other.only }
    }

    /// The ways from before a step to behind it, of which the log tells or not: it may be passed over, or be taken
    /// without a line.
    fn past(self, system: &System, step: &Step, told: bool) -> Vec<Self> {
        let conditional =
            !step.guards.is_empty() || step.chance.is_some() || step.action.traits().noted != Noted::Always;
        let mut ways = Vec::new();
        if conditional {
            ways.push(self);
        }
        if !told && step.action.traits().noted != Noted::Never {
            ways.push(self.then(time(system, step)).then(returns(step)));
        }
        ways
    }
}

/// The steps that can come after a step.
fn leads_to(task: &Task, at: usize) -> Vec<usize> {
    let (count, all) = (task.steps.len(), task.steps.len() + task.otherwise.len());
    let mut leads = Vec::new();
    if at + 1 == count {
        leads.extend(task.again_from);
    } else if at + 1 < all {
        leads.push(at + 1);
    }
    match task.all_steps().nth(at).map(|step| step.action.traits().leads) {
        Some(Leads::Back(to)) => leads.push(to),
        Some(Leads::OrFails(Some(_))) if count < all => leads.push(count),
        Some(Leads::OrFails(_) | Leads::Next | Leads::Ends) | None => {}
    }
    leads
}

/// How long a step takes until its effect.
fn time(system: &System, step: &Step) -> Interval {
    let of_policy = |policy: punctual_model::PolicyId| {
        let lines = system.policies[usize::from(policy.0)].by_status.iter().flatten().flatten();
        let intervals = lines.map(|sleep| sleep.delay.interval());
        let joined = intervals
            .reduce(|one, other| Interval { min: one.min.min(other.min), max: one.max.max(other.max) });
        joined.unwrap_or(Interval::fixed(Span::ZERO))
    };
    match (step.action.traits().sleeps, &step.time) {
        (Some(Sleeping { policy: Some(policy), signal: None }), _) => of_policy(policy),
        (Some(Sleeping { policy, .. }), _) => {
            let max = policy.map_or(Span::NEVER, |policy| of_policy(policy).max);
            Interval { min: Span::ZERO, max }
        }
        (None, StepTime::Instant) => Interval::fixed(Span::ZERO),
        (None, StepTime::Takes(delay, _) | StepTime::Blocks(delay)) => delay.interval(),
    }
}

/// How long it goes on after its effect.
fn returns(step: &Step) -> Interval {
    match &step.time {
        StepTime::Takes(_, Some(returns)) => returns.interval(),
        StepTime::Instant | StepTime::Takes(_, None) | StepTime::Blocks(_) => Interval::fixed(Span::ZERO),
    }
}

/// The path of the time of a step.
fn path_of(system: &System, task: TaskId, step: StepId) -> Option<String> {
    let described = &system.tasks[usize::from(task.0)];
    let step = described.step(step)?;
    let traits = step.action.traits();
    if traits.sleeps.is_some() {
        return None;
    }
    let key = match &step.time {
        StepTime::Instant => return None,
        StepTime::Takes(..) if traits.rests => "sleep",
        StepTime::Takes(..) => "takes",
        StepTime::Blocks(_) => "blocks",
    };
    Some(format!("task.{}.{}.{key}", described.name, step.name))
}

/// The paths of all delays that a log can measure, in the order of the file.
pub fn paths(system: &System) -> Vec<String> {
    let mut paths = Vec::new();
    for (task, described) in system.tasks.iter().enumerate() {
        let steps = described.numbered_steps();
        paths.extend(steps.filter_map(|(step, _)| path_of(system, TaskId(task as u8), step)));
    }
    let late = system.rows.iter().filter(|row| row.visible_after.is_some());
    paths.extend(late.map(|row| format!("row.{}.visible-after", row.name)));
    for client in &system.clients {
        let name = &client.name;
        paths.push(format!("client.{name}.latency"));
        let timers = client.timers.iter();
        let measured = timers.filter(|timer| matches!(timer.from, TimerFrom::Start | TimerFrom::Named(_)));
        paths.extend(measured.map(|timer| format!("client.{name}.timer.{}.limit", timer.name)));
        let fetching = client.reactions.iter().filter(|reaction| reaction.fetches.is_some());
        let event = |reaction: &Reaction| system.event_name(reaction.event);
        paths.extend(fetching.map(|reaction| format!("client.{name}.on.{}.takes", event(reaction))));
    }
    paths
}
