//! From a run to the picture of its race.
//!
//! The run is read for one invariant: which pair of instants decided it (the focus), which window
//! was the dangerous one (the band), and what around them a reader needs to see. Everything before
//! the turn of the loop in which it went wrong is left out.

use std::collections::BTreeMap;

use punctual_model::{
    Action, Breach, ClientId, Copy, Fact, Identity, Resource, Rule, Shown, StepTime, TaskId,
};
use punctual_reports::picture::{Arrow, Band, Bar, BarKind, Deadline, Mark, MarkKind, Race};
use punctual_scenarios::{Outcome, StepRef};
use punctual_sim::Time;

use crate::counterexample::Counterexample;
use crate::sampling::Prepared;
use crate::story::Story;

/// What decided a run, for one invariant.
struct Decision {
    /// The pair of instants.
    focus: (Time, Time),
    /// What lies between them, or the window around them.
    band: Option<(Time, Time, String)>,
    /// The last instant worth showing.
    until: Time,
}

/// The picture of a run that breaks `rule` as `breach` says.
pub fn race(story: &Story<'_>, rule: Rule, breach: Breach) -> Race {
    let decision = decision(story, rule, breach);
    Painter::new(story, &decision).paint(Some(rule), breach)
}

/// The picture of a run around two of its instants.
pub fn around(story: &Story<'_>, focus: (Time, Time)) -> Race {
    let last =
        story.facts.iter().rev().find(|(_, fact)| decisive(fact)).map_or(story.ended_at, |(at, _)| *at);
    let decision = Decision { focus, band: None, until: last.max(focus.1) };
    Painter::new(story, &decision).paint(None, Breach { what: None, client: None })
}

/// The picture of a whole run.
pub fn whole(story: &Story<'_>) -> Race {
    around(story, (Time::ZERO, story.ended_at))
}

/// The picture of a run that contains the named order at `place`: of what it breaks that must be
/// kept, or else of the order itself.
pub fn of_order(story: &Story<'_>, prepared: &Prepared<'_>, place: usize, found: &Counterexample) -> Race {
    let interleaving = &prepared.case.interleavings[place];
    if let Outcome::Possible { keeps, .. } = &interleaving.outcome {
        let rules = prepared.plan.rules().iter().zip(&found.breaches);
        let mut broken = rules.filter(|(rule, _)| keeps.contains(rule));
        if let Some((rule, breach)) = broken.find_map(|(rule, breach)| Some((*rule, (*breach)?))) {
            return race(story, rule, breach);
        }
    }
    around(story, of_steps(story, &interleaving.order))
}

/// The instants of the first and the last step of an order, where it is first seen; the whole run if
/// it is not.
fn of_steps(story: &Story<'_>, order: &[StepRef]) -> (Time, Time) {
    let named = |task: TaskId, number: u16| order.iter().any(|step| (step.task, step.step) == (task, number));
    let steps: Vec<(Time, TaskId, u16)> = story
        .facts
        .iter()
        .filter_map(|(at, fact)| match *fact {
            Fact::Did(task, number) if named(task, number) => Some((*at, task, number)),
            _ => None,
        })
        .collect();
    let mut windows = steps.windows(order.len().max(1));
    let found = windows.find(|window| {
        window.iter().zip(order).all(|((_, task, number), step)| (step.task, step.step) == (*task, *number))
    });
    match found {
        Some([first, .., last]) => (first.0, last.0),
        Some(_) | None => (Time::ZERO, story.ended_at),
    }
}

fn decisive(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Arrived { .. }
            | Fact::TimedOut(..)
            | Fact::Closed(_)
            | Fact::Finished(_)
            | Fact::Fetched { .. }
            | Fact::Published { .. }
            | Fact::Cut { .. }
    )
}

fn decision(story: &Story<'_>, rule: Rule, breach: Breach) -> Decision {
    let last =
        story.facts.iter().rev().find(|(_, fact)| decisive(fact)).map_or(story.ended_at, |(at, _)| *at);
    let fallback = || {
        let published = breach.what.and_then(|what| story.published(what)).map(|(at, ..)| at);
        let end =
            story.first(|fact| matches!(fact, Fact::Arrived { what, .. } if Some(*what) == breach.what));
        let from = published.unwrap_or(last);
        let (from, to) = (from, end.unwrap_or(last));
        Decision { focus: (from.min(to), from.max(to)), band: None, until: last }
    };
    match rule {
        Rule::NoEventLost | Rule::NoEarlyEnd => lost(story, breach, last).unwrap_or_else(fallback),
        Rule::ClientEnds => {
            let decision = lost(story, breach, last).unwrap_or_else(fallback);
            Decision { until: story.ended_at, ..decision }
        }
        Rule::DeliveredWithin(_) => {
            late(story, breach, last).or_else(|| lost(story, breach, last)).unwrap_or_else(fallback)
        }
        Rule::ClientNeverTimesOut => timed_out(story, breach, last).unwrap_or_else(fallback),
        Rule::DurableBeforeAnnounced => missing(story, breach).unwrap_or_else(fallback),
        Rule::NoPhantom => phantom(story, breach, last).unwrap_or_else(fallback),
        Rule::NoDuplicate => between(story.arrivals(breach), "arrives twice").unwrap_or_else(fallback),
        Rule::InOrder => {
            let pair = story.overtaken(breach).map(|(_, before, at)| (before, at));
            between(pair, "arrives after what came later").unwrap_or_else(fallback)
        }
        Rule::StreamEnds(_) => {
            let over = story.job_over(breach.client);
            let closed = breach.client.and_then(|client| story.closed(client)).unwrap_or(story.ended_at);
            between(over.map(|over| (over, closed)), "job over, connection open").unwrap_or_else(fallback)
        }
        Rule::BoundedRequests(bound) => {
            let reads: Vec<Time> = story.requests().collect();
            let last = reads.get(bound as usize).copied();
            let before = (bound as usize).checked_sub(1).and_then(|place| reads.get(place).copied());
            between(last.map(|last| (before.unwrap_or(last), last)), "one more").unwrap_or_else(fallback)
        }
        Rule::ShownRight => {
            let shown = breach.client.and_then(|client| story.shown_wrong(client)).map(|(at, _)| at);
            let outcome = story.outcome().map(|(at, _)| at);
            let pair = shown.map(|shown| {
                let outcome = outcome.unwrap_or(shown);
                (shown.min(outcome), shown.max(outcome))
            });
            between(pair, "").unwrap_or_else(fallback)
        }
    }
}

/// What lies between a pair of instants decides.
fn between(pair: Option<(Time, Time)>, label: &str) -> Option<Decision> {
    let (from, to) = pair?;
    let band = (from < to && !label.is_empty()).then(|| (from, to, label.to_owned()));
    Some(Decision { focus: (from, to), band, until: to })
}

/// The event that a breach is about, or the first that never arrives.
fn victim(story: &Story<'_>, breach: Breach) -> Option<Identity> {
    let arrives =
        |what: Identity| story.first(|f| matches!(f, Fact::Arrived { what: w, .. } if *w == what)).is_some();
    breach.what.or_else(|| {
        story.facts.iter().find_map(|(_, fact)| match *fact {
            Fact::Published { what, .. } if !arrives(what) => Some(what),
            _ => None,
        })
    })
}

fn lost(story: &Story<'_>, breach: Breach, last: Time) -> Option<Decision> {
    let what = victim(story, breach)?;
    let (published, ..) = story.published(what)?;
    let name = story.event(what);
    if let Some(dropped) = story.first(|fact| matches!(fact, Fact::Dropped(_, w) if *w == what)) {
        let band = Some((published, dropped, format!("{name} in the store, never read")));
        return Some(Decision { focus: (published, dropped), band, until: dropped });
    }
    let sent = breach.client.and_then(|client| {
        story.first(|f| matches!(*f, Fact::Sent { to, what: w, .. } if to == client && w == what))
    });
    if let Some((sent, broke)) = sent.and_then(|sent| Some((sent, story.broke(breach.client?, sent)?))) {
        let band = Some((sent, broke, format!("{name} on its way")));
        return Some(Decision { focus: (sent, broke), band, until: broke });
    }
    let passed_over = breach.client.and_then(|client| story.passed_over(what, client));
    if let Some((before, twin)) = story.twin(what).filter(|_| passed_over.is_some()) {
        let band = Some((before, published, "one tick, one id".into()));
        let looked = story.facts.iter().find_map(|(at, fact)| match *fact {
            Fact::Sent { what: w, .. } if w == twin && *at >= published => Some(*at),
            _ => None,
        });
        let until = looked.and_then(|at| next_arrival(story, at)).unwrap_or(last);
        return Some(Decision { focus: (before, published), band, until });
    }
    if let Some(passed_over) = passed_over {
        let moved = passed_over.set;
        let visible = story.first(|fact| matches!(fact, Fact::Visible(..)));
        let band = match visible {
            Some(visible) if visible < published && passed_over.sent.is_none() && moved >= visible => {
                Some((visible, published, format!("row visible, {name} not yet added")))
            }
            _ => {
                Some((moved.min(published), moved.max(published), format!("{name} added, cursor beyond it")))
            }
        };
        let (from, to) = (moved.min(published), moved.max(published));
        let fired = story.first(|fact| matches!(fact, Fact::TimedOut(..))).filter(|fired| *fired >= to);
        let until = fired.or_else(|| next_look(story, to)).unwrap_or(last);
        return Some(Decision { focus: (from, to), band, until });
    }
    let closed = match breach.client {
        Some(client) => story.closed(client)?,
        None => story.first(|fact| matches!(fact, Fact::Closed(_)))?,
    };
    let (from, to) = (published.min(closed), published.max(closed));
    let why = if closed < published { "connection ended" } else { "added, not looked for" };
    let why =
        if closed < published { format!("{why}, {name} not yet added") } else { format!("{name} {why}") };
    Some(Decision { focus: (from, to), band: Some((from, to, why)), until: to })
}

/// The first look at a store after `from`.
fn next_look(story: &Story<'_>, from: Time) -> Option<Time> {
    story.facts.iter().find_map(|(at, fact)| match *fact {
        Fact::Did(task, step) if *at >= from => {
            let steps = &story.system.tasks[usize::from(task.0)].steps;
            matches!(steps.get(usize::from(step))?.action, Action::Send(_)).then_some(*at)
        }
        _ => None,
    })
}

fn next_arrival(story: &Story<'_>, from: Time) -> Option<Time> {
    story
        .facts
        .iter()
        .find(|(at, fact)| *at >= from && matches!(fact, Fact::Arrived { .. }))
        .map(|(at, _)| *at)
}

fn late(story: &Story<'_>, breach: Breach, last: Time) -> Option<Decision> {
    let (what, client) = breach.what.zip(breach.client)?;
    let (published, ..) = story.published(what)?;
    let arrived = published + story.delay(what, client)?;
    let band = Some((published, arrived, format!("{} added, not yet arrived", story.event(what))));
    Some(Decision { focus: (published, arrived), band, until: last.max(arrived) })
}

fn timed_out(story: &Story<'_>, breach: Breach, last: Time) -> Option<Decision> {
    let client = breach.client?;
    let timers = &story.system.clients[usize::from(client.0)].timers;
    let (fired, number) = story.facts.iter().find_map(|(at, fact)| match *fact {
        Fact::TimedOut(c, number) if c == client => Some((*at, number)),
        _ => None,
    })?;
    let timer = &timers[usize::from(number)];
    let started = story.timer_started(client, number, fired);
    let runs = || {
        let band = Some((started, fired, format!("{} runs", timer.name)));
        Some(Decision { focus: (started, fired), band, until: fired })
    };
    let Some(stopper) = timer.stopped_by.first() else { return runs() };
    let stopper = Identity::new(*stopper, 1);
    let about = Breach { what: Some(stopper), client: Some(client) };
    let Some(arrived) = story.arrival(stopper, client) else {
        let lost = lost(story, about, last).or_else(runs)?;
        return Some(Decision { until: lost.until.max(fired), ..lost });
    };
    let Some((published, ..)) = story.published(stopper) else { return runs() };
    let band = Some((published, arrived, format!("{} added, not yet arrived", story.event(stopper))));
    Some(Decision { focus: (fired.min(arrived), fired.max(arrived)), band, until: fired.max(arrived) })
}

fn missing(story: &Story<'_>, breach: Breach) -> Option<Decision> {
    let (asked, resource) = story.facts.iter().find_map(|(at, fact)| match *fact {
        Fact::Fetched { by, resource, found: false } if Some(by) == breach.client => Some((*at, resource)),
        _ => None,
    })?;
    let there = story.first(|fact| match (fact, resource) {
        (Fact::Visible(row, _), Resource::Row(wanted)) => *row == wanted,
        (Fact::Saved(file), Resource::File(wanted)) => *file == wanted,
        (Fact::RolledBack(row, _), Resource::Row(wanted)) => *row == wanted,
        _ => false,
    });
    let there = there.unwrap_or(asked).max(asked);
    let band = Some((asked, there, "announced, not there".into()));
    Some(Decision { focus: (asked, there), band, until: there })
}

fn phantom(story: &Story<'_>, breach: Breach, last: Time) -> Option<Decision> {
    let what = breach.what?;
    let sent = story.first(|fact| matches!(fact, Fact::Sent { what: w, .. } if *w == what))?;
    let undone = story.first(|fact| matches!(fact, Fact::RolledBack(..)))?;
    let (from, to) = (sent.min(undone), sent.max(undone));
    let band = Some((from, to, "announced and undone".into()));
    Some(Decision { focus: (from, to), band, until: last.max(to) })
}

/// Puts the facts of a run into lanes.
struct Painter<'s, 't> {
    story: &'s Story<'t>,
    race: Race,
    tasks: Vec<usize>,
    database: Option<usize>,
    stores: Vec<usize>,
    clients: Vec<usize>,
    from: Time,
    until: Time,
}

impl<'s, 't> Painter<'s, 't> {
    fn new(story: &'s Story<'t>, decision: &Decision) -> Self {
        let system = story.system;
        let mut lanes = Vec::new();
        let mut lane = |name: &str| {
            lanes.push(name.to_owned());
            lanes.len() - 1
        };
        let mut tasks = vec![usize::MAX; system.tasks.len()];
        for (i, task) in system.tasks.iter().enumerate().filter(|(_, task)| task.serves.is_none()) {
            tasks[i] = lane(&task.name);
        }
        let database = (!system.rows.is_empty()).then(|| lane("database"));
        let stores = system.stores.iter().map(|store| lane(&store.name)).collect();
        for (i, task) in system.tasks.iter().enumerate().filter(|(_, task)| task.serves.is_some()) {
            tasks[i] = lane(&task.name);
        }
        let clients = system.clients.iter().map(|client| lane(&client.name)).collect();
        let race = Race {
            lanes,
            focus: (decision.focus.0.0, decision.focus.1.0),
            bands: decision.band.iter().map(|(from, to, label)| Band::new(from.0, to.0, label)).collect(),
            ..Race::new([])
        };
        let first =
            decision.band.as_ref().map_or(decision.focus.0, |(from, ..)| (*from).min(decision.focus.0));
        let mut painter =
            Self { story, race, tasks, database, stores, clients, from: Time::ZERO, until: decision.until };
        painter.from = painter.beginning(first);
        painter
    }

    /// The beginning of the turn of the stream in which `at` lies, or of the one before it.
    fn beginning(&self, at: Time) -> Time {
        let turns =
            self.story.facts.iter().filter(|(when, fact)| *when <= at && matches!(fact, Fact::Turned(_)));
        turns.map(|(when, _)| *when).next_back().unwrap_or(Time::ZERO)
    }

    fn paint(mut self, rule: Option<Rule>, breach: Breach) -> Race {
        self.bars();
        let mut lost = victim(self.story, breach).filter(|what| {
            self.story.first(|f| matches!(f, Fact::Arrived { what: w, .. } if w == what)).is_none()
        });
        let mut flying: BTreeMap<(ClientId, Identity, Copy), Vec<(usize, Time)>> = BTreeMap::new();
        for place in 0..self.story.facts.len() {
            let (at, fact) = self.story.facts[place];
            match fact {
                Fact::Sent { by, to, what, copy } => {
                    let lane = self.tasks[usize::from(by.0)];
                    flying.entry((to, what, copy)).or_default().push((lane, at));
                }
                Fact::Arrived { at: client, what, copy } => {
                    let sent = flying.get_mut(&(client, what, copy)).filter(|sent| !sent.is_empty());
                    if let (Some(sent), true) = (sent.map(|sent| sent.remove(0)), self.shows(at)) {
                        let to = (self.clients[usize::from(client.0)], at.0);
                        self.race.arrows.push(Arrow::new((sent.0, sent.1.0), to, ""));
                    }
                }
                _ => {}
            }
            if self.shows(at) {
                self.look(place, &mut lost);
                self.mark(at, fact, rule, breach);
                self.told(place, rule, breach);
            }
        }
        self.at_the_end(rule, breach);
        self.race.horizon = (self.from.0, self.until.0.max(self.from.0));
        self.race
    }

    fn shows(&self, at: Time) -> bool {
        self.from <= at && at <= self.until
    }

    fn mark(&mut self, at: Time, fact: Fact, rule: Option<Rule>, breach: Breach) {
        let story = self.story;
        let system = story.system;
        let (lane, kind, label) = match fact {
            Fact::Committed(row, _) => {
                let Some(lane) = self.database else { return };
                (lane, MarkKind::Commit, format!("{} committed", system.rows[usize::from(row.0)].name))
            }
            Fact::RolledBack(row, _) => {
                let Some(lane) = self.database else { return };
                (lane, MarkKind::Lost, format!("{} rolled back", system.rows[usize::from(row.0)].name))
            }
            Fact::Published { what, store, id, .. } => {
                (self.stores[usize::from(store.0)], MarkKind::Done, format!("{} id {id}", story.event(what)))
            }
            Fact::Dropped(store, what) => {
                (self.stores[usize::from(store.0)], MarkKind::Lost, format!("drops {}", story.event(what)))
            }
            Fact::Sent { by, what, copy, .. } => {
                let made = match copy {
                    Copy::Published => "sends",
                    Copy::Synthesized => "makes up",
                };
                (self.tasks[usize::from(by.0)], MarkKind::Sent, format!("{made} {}", story.event(what)))
            }
            Fact::Moved(task, _, to) => {
                (self.tasks[usize::from(task.0)], MarkKind::Plain, format!("cursor {to}"))
            }
            Fact::Closed(client) => {
                let server = system.tasks.iter().position(|task| task.serves == Some(client));
                let Some(server) = server else { return };
                let late = matches!(rule, Some(Rule::StreamEnds(_))) && breach.client == Some(client);
                let kind = if late { MarkKind::Late } else { MarkKind::Done };
                (self.tasks[server], kind, "ends the connection".into())
            }
            Fact::Arrived { at: client, what, .. } => {
                let timed_out = story.first(|f| matches!(f, Fact::TimedOut(c, _) if *c == client));
                let late = Some(what) == breach.what || breach.what.is_none();
                let kind = if late && timed_out.is_some_and(|fired| fired <= at) {
                    MarkKind::Late
                } else {
                    MarkKind::Arrived
                };
                (self.clients[usize::from(client.0)], kind, story.event(what))
            }
            Fact::TimedOut(client, number) => {
                let plan = &system.clients[usize::from(client.0)];
                let name = &plan.timers[usize::from(number)].name;
                self.race.deadline =
                    Some(Deadline { at: at.0, label: format!("timer {name} of {}", plan.name) });
                (self.clients[usize::from(client.0)], MarkKind::Deadline, format!("{name} fires"))
            }
            Fact::Fetched { by, found: false, .. } => {
                (self.clients[usize::from(by.0)], MarkKind::Lost, "fetch: not there".into())
            }
            Fact::Finished(client) => (self.clients[usize::from(client.0)], MarkKind::Done, "done".into()),
            Fact::Cut { client, .. } => {
                (self.clients[usize::from(client.0)], MarkKind::Lost, "connection breaks".into())
            }
            Fact::Connected { client, .. } => {
                (self.clients[usize::from(client.0)], MarkKind::Plain, "connects again".into())
            }
            Fact::Held(client, _) => {
                (self.clients[usize::from(client.0)], MarkKind::Lost, "held back".into())
            }
            Fact::Released(client, _) => {
                (self.clients[usize::from(client.0)], MarkKind::Plain, "let go".into())
            }
            _ => return,
        };
        self.race.marks.push(Mark { lane, at: at.0, kind, label });
    }

    /// A look at the store that finds nothing, or is the first that passes over what is lost.
    fn look(&mut self, place: usize, lost: &mut Option<Identity>) {
        let (at, fact) = self.story.facts[place];
        let Fact::Did(task, number) = fact else { return };
        let step = self.story.system.tasks[usize::from(task.0)].all_steps().nth(usize::from(number));
        if !step.is_some_and(|step| matches!(step.action, Action::Send(_))) {
            return;
        }
        let mut beside = self.story.beside(place);
        if beside.any(|fact| matches!(fact, Fact::Sent { .. })) {
            return;
        }
        let lane = self.tasks[usize::from(task.0)];
        let published = lost.and_then(|what| self.story.published(what));
        match (*lost, published) {
            (Some(what), Some((added, ..))) if added <= at => {
                let label = format!("passes over {}", self.story.event(what));
                self.race.marks.push(Mark::new(lane, at.0, MarkKind::Lost, &label));
                *lost = None;
            }
            _ => self.race.marks.push(Mark::new(lane, at.0, MarkKind::Miss, "store: nothing new")),
        }
    }

    /// What else an invariant is about: the end of the job, a status, a showing, a read too many.
    fn told(&mut self, place: usize, rule: Option<Rule>, breach: Breach) {
        let (story, (at, fact)) = (self.story, self.story.facts[place]);
        let (lane, kind, label) = match (rule, fact) {
            (Some(Rule::StreamEnds(_)), Fact::Over { task, .. })
                if story.serves(task).is_none() && story.job_over(breach.client) == Some(at) =>
            {
                (self.tasks[usize::from(task.0)], MarkKind::Done, "job over".into())
            }
            (Some(Rule::ShownRight), Fact::Set(status)) => {
                let before = story.facts[..place].iter().rev().find_map(|(_, fact)| match *fact {
                    Fact::Did(task, _) => Some(task),
                    _ => None,
                });
                let Some(task) = before else { return };
                let name = &story.system.statuses[usize::from(status.0)];
                (self.tasks[usize::from(task.0)], MarkKind::Plain, format!("status {name}"))
            }
            (Some(Rule::ShownRight), Fact::Showed(client, shown)) => {
                let wrong = Some(client) == breach.client && shown != Shown::Progress;
                let kind = if wrong { MarkKind::Wrong } else { MarkKind::Plain };
                (self.clients[usize::from(client.0)], kind, format!("shows {shown}"))
            }
            (Some(Rule::BoundedRequests(bound)), Fact::Read(task)) => {
                let reads = story.requests().filter(|when| *when < at).count() + 1;
                if reads != bound as usize + 1 {
                    return;
                }
                (
                    self.tasks[usize::from(task.0)],
                    MarkKind::Wrong,
                    format!("read {reads}, allowed are {bound}"),
                )
            }
            _ => return,
        };
        self.race.marks.push(Mark { lane, at: at.0, kind, label });
    }

    /// What does not happen has no instant; the end of the run is when that is known.
    fn at_the_end(&mut self, rule: Option<Rule>, breach: Breach) {
        let Some(client) = breach.client.filter(|_| self.shows(self.story.ended_at)) else { return };
        let server = self.story.system.tasks.iter().position(|task| task.serves == Some(client));
        let (lane, label) = match (rule, server) {
            (Some(Rule::StreamEnds(_)), Some(server)) if self.story.closed(client).is_none() => {
                (self.tasks[server], "connection still open")
            }
            (Some(Rule::ClientEnds), _) => (self.clients[usize::from(client.0)], "still waits"),
            _ => return,
        };
        self.race.marks.push(Mark::new(lane, self.story.ended_at.0, MarkKind::Wrong, label));
    }

    /// What lasts: the steps of the tasks, from the effect before to their own.
    fn bars(&mut self) {
        let mut since: BTreeMap<TaskId, Time> = BTreeMap::new();
        for (at, fact) in &self.story.facts {
            let Fact::Did(task, number) = *fact else { continue };
            let from = since.insert(task, *at).unwrap_or(Time::ZERO);
            let steps = &self.story.system.tasks[usize::from(task.0)];
            if let Some(Action::Spawn(spawned)) =
                steps.all_steps().nth(usize::from(number)).map(|s| &s.action)
            {
                since.entry(*spawned).or_insert(*at);
            }
            let Some(step) = steps.steps.iter().chain(&steps.otherwise).nth(usize::from(number)) else {
                continue;
            };
            if from == *at || *at < self.from || from > self.until {
                continue;
            }
            let kind = match (&step.action, &step.time) {
                (Action::Poll(_) | Action::Sleep, _) => BarKind::Sleeping,
                (Action::Wait { .. }, _) => BarKind::Waiting,
                (_, StepTime::Instant) => continue,
                (_, StepTime::Takes(..) | StepTime::Blocks(_)) => BarKind::Busy,
            };
            let label = match kind {
                BarKind::Busy if steps.serves.is_none() => step.name.clone(),
                BarKind::Busy | BarKind::Waiting | BarKind::Sleeping | BarKind::Dead => String::new(),
            };
            let lane = self.tasks[usize::from(task.0)];
            let (from, to) = (from.max(self.from), (*at).min(self.until));
            self.race.bars.push(Bar { lane, from: from.0, to: to.0, kind, label });
        }
    }
}
