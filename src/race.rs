//! From a run to the picture of its race.
//!
//! The run is read for one invariant: which pair of instants decided it (the focus), which window
//! was the dangerous one (the band), and what around them a reader needs to see. Everything before
//! the turn of the loop in which it went wrong is left out.

use std::collections::BTreeMap;

use punctual_model::{Action, Breach, ClientId, Copy, Fact, Identity, Resource, Rule, StepTime, TaskId};
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
    Painter::new(story, &decision).paint(breach)
}

/// The picture of a run around two of its instants.
pub fn around(story: &Story<'_>, focus: (Time, Time)) -> Race {
    let last =
        story.facts.iter().rev().find(|(_, fact)| decisive(fact)).map_or(story.ended_at, |(at, _)| *at);
    let decision = Decision { focus, band: None, until: last.max(focus.1) };
    Painter::new(story, &decision).paint(Breach { what: None, client: None })
}

/// The picture of a run that contains the named order at `place`: of what it breaks that must be
/// kept, or else of the order itself.
pub fn of_order(story: &Story<'_>, prepared: &Prepared<'_>, place: usize, found: &Counterexample) -> Race {
    let interleaving = &prepared.case.interleavings[place];
    if let Outcome::Possible { keeps, .. } = &interleaving.outcome {
        let rules = prepared.plan.rules().iter().zip(&found.breaches);
        let broken = rules.filter(|(rule, _)| keeps.contains(rule));
        if let Some((rule, breach)) = broken.filter_map(|(rule, breach)| Some((*rule, (*breach)?))).next() {
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
        Rule::NoEventLost | Rule::ClientEnds | Rule::NoEarlyEnd => {
            lost(story, breach, last).unwrap_or_else(fallback)
        }
        Rule::DeliveredWithin(_) => {
            late(story, breach, last).or_else(|| lost(story, breach, last)).unwrap_or_else(fallback)
        }
        Rule::ClientNeverTimesOut => timed_out(story, breach, last).unwrap_or_else(fallback),
        Rule::DurableBeforeAnnounced => missing(story, breach).unwrap_or_else(fallback),
        Rule::NoPhantom => phantom(story, breach, last).unwrap_or_else(fallback),
        Rule::NoDuplicate
        | Rule::InOrder
        | Rule::StreamEnds(_)
        | Rule::BoundedRequests(_)
        | Rule::ShownRight => fallback(),
    }
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
    let closed = story.first(|fact| matches!(fact, Fact::Closed(_)));
    let dropped = story.first(|fact| matches!(fact, Fact::Dropped(_, w) if *w == what));
    let (end, why) = match (dropped, closed) {
        (Some(dropped), _) => (dropped, format!("{name} in the store, never read")),
        (None, Some(closed)) if closed >= published => (closed, format!("{name} added, not looked for")),
        _ => return None,
    };
    Some(Decision { focus: (published, end), band: Some((published, end, why)), until: end.max(published) })
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
    let stopper = *timers[usize::from(number)].stopped_by.first()?;
    let stopper = Identity { event: stopper, ordinal: 1 };
    let about = Breach { what: Some(stopper), client: Some(client) };
    let Some(delay) = story.delay(stopper, client) else { return lost(story, about, last) };
    let (published, ..) = story.published(stopper)?;
    let arrived = published + delay;
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

    fn paint(mut self, breach: Breach) -> Race {
        self.bars();
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
                self.mark(at, fact, breach);
            }
        }
        self.looks(breach);
        self.race.horizon = (self.from.0, self.until.0.max(self.from.0));
        self.race
    }

    fn shows(&self, at: Time) -> bool {
        self.from <= at && at <= self.until
    }

    fn mark(&mut self, at: Time, fact: Fact, breach: Breach) {
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
                (self.tasks[server], MarkKind::Done, "ends the connection".into())
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
            _ => return,
        };
        self.race.marks.push(Mark { lane, at: at.0, kind, label });
    }

    /// The looks at the store that find nothing, and the first that passes over what is lost.
    fn looks(&mut self, breach: Breach) {
        let mut lost = victim(self.story, breach).filter(|what| {
            self.story.first(|f| matches!(f, Fact::Arrived { what: w, .. } if w == what)).is_none()
        });
        for (place, (at, fact)) in self.story.facts.iter().enumerate() {
            let Fact::Did(task, step) = *fact else { continue };
            let Some(step) = self.story.system.tasks[usize::from(task.0)].steps.get(usize::from(step)) else {
                continue;
            };
            if !self.shows(*at) || !matches!(step.action, Action::Send(_)) {
                continue;
            }
            let sends = self.story.facts[place + 1..]
                .iter()
                .take_while(|(when, f)| when == at && !matches!(f, Fact::Did(..)));
            if !sends.into_iter().any(|(_, fact)| matches!(fact, Fact::Sent { .. })) {
                let lane = self.tasks[usize::from(task.0)];
                let published = lost.and_then(|what| self.story.published(what));
                match (lost, published) {
                    (Some(what), Some((added, ..))) if added <= *at => {
                        let label = format!("passes over {}", self.story.event(what));
                        self.race.marks.push(Mark::new(lane, at.0, MarkKind::Lost, &label));
                        lost = None;
                    }
                    _ => self.race.marks.push(Mark::new(lane, at.0, MarkKind::Miss, "store: nothing new")),
                }
            }
        }
        self.race.marks.sort_by_key(|mark| mark.at);
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
