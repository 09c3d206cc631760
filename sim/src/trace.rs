//! A run written down: every decision, every event, every fact; and a judge who trusts no driver.
//!
//! A trace is what a counterexample is. It can be had again (`replay`), it can be made smaller
//! (`shrink`), and [`Trace::check`] decides whether the machine allows it without the loop, the
//! pending list or the chooser that produced it: an event must have been asked for, its delay
//! must lie in the interval asked for, nothing may be overdue, and no message may overtake.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::chooser::{About, Chooser, Occurrences};
use crate::delay::{Choice, Clock, Delay, Name};
use crate::machine::{Channel, Cx, Machine, Stamp};
use crate::refusal::{NotAllowed, Refusal};
use crate::run::{Ending, Observer, Runner};
use crate::time::{Span, Time};

/// One decision of a run and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub about: About,
    /// The name of the delay, choice or clock; empty for a tie.
    pub name: Name,
    /// How many decisions about the same came before it.
    pub occurrence: u32,
    /// Microseconds of a delay or phase; the outcome of a choice; the place in a tie.
    pub value: u64,
    /// The least and the greatest value that were possible.
    pub range: (u64, u64),
}

/// An event of a run, and the facts noted while it happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<E, F> {
    /// When it happened.
    pub at: Time,
    /// What happened; `None` for the beginning of the run.
    pub event: Option<E>,
    /// What it led to.
    pub facts: Vec<F>,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace<E, F> {
    /// In the order in which they were made.
    pub decisions: Vec<Decision>,
    /// When each decision was made; of a tie, the instant of the event before it.
    pub decided: Vec<Time>,
    /// In the order in which they happened.
    pub steps: Vec<Step<E, F>>,
    /// Why the run was over.
    pub ending: Ending,
    /// When it was over.
    pub ended_at: Time,
}

/// The trace of a machine's runs.
pub type TraceOf<M> = Trace<<M as Machine>::Event, <M as Machine>::Fact>;

/// Runs `machine` once as `chooser` decides, and writes everything down.
pub fn record<M, C>(machine: &M, chooser: C) -> TraceOf<M>
where
    M: Machine<Effect = ()>,
    C: Chooser,
{
    record_until(machine, chooser, Runner::<M, C>::MAX_EVENTS)
}

/// The same, stopped after `max_events` events.
pub fn record_until<M, C>(machine: &M, chooser: C, max_events: u64) -> TraceOf<M>
where
    M: Machine<Effect = ()>,
    C: Chooser,
{
    let now = Cell::new(Time::ZERO);
    let beginning = Step { at: Time::ZERO, event: None, facts: vec![] };
    let mut notes = Notes { now: &now, steps: vec![beginning], ended_at: Time::ZERO };
    let occurrences = Occurrences::new();
    let recorder =
        Recorder { inner: chooser, now: &now, decisions: Vec::new(), decided: Vec::new(), occurrences };
    let mut runner = Runner::new(machine, recorder).stop_after(max_events);
    let ending = runner.run(&mut notes);
    let Recorder { decisions, decided, .. } = runner.into_chooser();
    Trace { decisions, decided, steps: notes.steps, ending, ended_at: notes.ended_at }
}

impl<E: Copy + Eq + Ord, F: Clone + PartialEq> Trace<E, F> {
    /// Shows the trace to `observer` as if it were being run.
    pub fn tell<M>(&self, observer: &mut impl Observer<M>)
    where
        M: Machine<Event = E, Fact = F>,
    {
        for step in &self.steps {
            if let Some(event) = &step.event {
                observer.fired(step.at, event);
            }
            for fact in &step.facts {
                observer.noted(step.at, fact);
            }
        }
        observer.ended(self.ended_at, self.ending);
    }

    /// Whether `machine` allows this run, decided without any driver.
    ///
    /// # Errors
    /// The first step that it does not allow, and why.
    pub fn check<M>(&self, machine: &M) -> Result<(), Refusal>
    where
        M: Machine<Event = E, Fact = F, Effect = ()>,
    {
        let mut ledger = Ledger::new(&self.decisions);
        let mut state = None;
        let mut over = None::<Time>;
        for (number, step) in self.steps.iter().enumerate() {
            let refuse = |why| Err(Refusal { step: number, why });
            match (step.event, &mut state) {
                (None, None) => {
                    ledger.now = step.at;
                    state = Some(machine.start(&mut ledger));
                }
                (Some(event), Some(state)) => {
                    if let Err(why) = ledger.fire(step.at, event, over) {
                        return refuse(why);
                    }
                    machine.step(state, event, &mut ledger);
                }
                (None, Some(_)) => return refuse(NotAllowed::SecondBeginning),
                (Some(_), None) => return refuse(NotAllowed::NoBeginning),
            }
            if let Some(why) = ledger.wrong.take() {
                return refuse(why);
            }
            if ledger.facts != step.facts {
                return refuse(NotAllowed::OtherFacts);
            }
            for fact in ledger.facts.drain(..) {
                if let Some(span) = machine.ends(&fact) {
                    let end = step.at + span;
                    over = Some(over.map_or(end, |over| over.min(end)));
                }
            }
        }
        let refuse = |why| Err(Refusal { step: self.steps.len(), why });
        match (self.ending, over) {
            (Ending::Quiet, _) if !ledger.open.is_empty() => refuse(NotAllowed::StopsWhilePending),
            (Ending::Over, None) => refuse(NotAllowed::NotOver),
            (Ending::Over, Some(over))
                if ledger.open.iter().any(|p| p.channel.is_some() || p.latest <= over) =>
            {
                refuse(NotAllowed::OverTooEarly)
            }
            (Ending::Over, Some(over)) if self.ended_at != over => refuse(NotAllowed::OverAtAnother),
            (Ending::Quiet | Ending::TooLong | Ending::Lasso(_), _)
                if self.ended_at != over.map_or(ledger.now, |over| over.min(ledger.now)) =>
            {
                refuse(NotAllowed::EndsAtAnother)
            }
            (Ending::Quiet | Ending::Over | Ending::TooLong | Ending::Lasso(_), _) => Ok(()),
        }
    }
}

/// Takes down what happens.
struct Notes<'n, E, F> {
    now: &'n Cell<Time>,
    steps: Vec<Step<E, F>>,
    ended_at: Time,
}

impl<M: Machine> Observer<M> for Notes<'_, M::Event, M::Fact> {
    fn fired(&mut self, at: Time, event: &M::Event) {
        self.now.set(at);
        self.steps.push(Step { at, event: Some(*event), facts: Vec::new() });
    }

    fn noted(&mut self, _: Time, fact: &M::Fact) {
        self.steps.last_mut().expect("a run has a beginning").facts.push(fact.clone());
    }

    fn ended(&mut self, at: Time, _: Ending) {
        self.ended_at = at;
    }
}

/// Lets another chooser decide, and takes the decisions down.
struct Recorder<'n, C> {
    inner: C,
    now: &'n Cell<Time>,
    decisions: Vec<Decision>,
    decided: Vec<Time>,
    occurrences: Occurrences,
}

impl<C> Recorder<'_, C> {
    fn put(&mut self, about: About, name: Option<&Name>, value: u64, range: (u64, u64)) {
        let key = name.map_or_else(About::tie_key, |name| about.key(name));
        let name = name.map_or_else(|| Name::new(""), Name::clone);
        let occurrence = self.occurrences.next(key);
        self.decisions.push(Decision { about, name, occurrence, value, range });
        self.decided.push(self.now.get());
    }
}

impl<C: Chooser> Chooser for Recorder<'_, C> {
    fn delay(&mut self, delay: &Delay) -> Span {
        let span = self.inner.delay(delay);
        let Span(min) = delay.interval().min;
        let Span(max) = delay.interval().max;
        if min < max {
            self.put(About::Delay, Some(delay.name()), span.0, (min, max.min(min.max(Span::LONGEST.0))));
        }
        span
    }

    fn choose(&mut self, choice: &Choice) -> usize {
        let outcome = self.inner.choose(choice);
        let last = choice.outcomes().last().unwrap_or(0) as u64;
        self.put(About::Choice, Some(choice.name()), outcome as u64, (0, last));
        outcome
    }

    fn phase(&mut self, clock: &Clock) -> Span {
        let phase = self.inner.phase(clock);
        self.put(About::Phase, Some(clock.name()), phase.0, (0, clock.resolution().0 - 1));
        phase
    }

    fn tie(&mut self, count: usize) -> usize {
        let place = self.inner.tie(count);
        self.put(About::Tie, None, place as u64, (0, count as u64 - 1));
        place
    }
}

/// What was asked for and has not happened yet, kept by the judge of a trace.
struct Ledger<E, F> {
    now: Time,
    open: Vec<Promise<E>>,
    /// When the last message of each channel arrived.
    arrived: BTreeMap<Channel, Time>,
    facts: Vec<F>,
    choices: BTreeMap<(About, u32, u32), u64>,
    asked: BTreeMap<u32, u32>,
    ticks: BTreeMap<u32, u64>,
    wrong: Option<NotAllowed>,
}

/// An event asked for: it may happen from `earliest` on and must by `latest`.
struct Promise<E> {
    event: E,
    channel: Option<Channel>,
    earliest: Time,
    latest: Time,
}

impl<E: Copy + Eq, F> Ledger<E, F> {
    fn new(decisions: &[Decision]) -> Self {
        let choices = decisions
            .iter()
            .filter(|d| matches!(d.about, About::Choice | About::Phase))
            .map(|d| ((d.about, d.name.key(), d.occurrence), d.value))
            .collect();
        Self {
            now: Time::ZERO,
            open: Vec::new(),
            arrived: BTreeMap::new(),
            facts: Vec::new(),
            choices,
            asked: BTreeMap::new(),
            ticks: BTreeMap::new(),
            wrong: None,
        }
    }

    /// Lets `event` happen at `at`, if it may. After the run's end only messages may.
    fn fire(&mut self, at: Time, event: E, over: Option<Time>) -> Result<(), NotAllowed> {
        if at < self.now {
            return Err(NotAllowed::Earlier { at, before: self.now });
        }
        let Some(place) = self.open.iter().position(|promise| promise.event == event) else {
            return Err(NotAllowed::NotAsked);
        };
        self.may_fire(place, at, over)?;
        let promise = self.open.remove(place);
        if let Some(channel) = promise.channel {
            self.arrived.insert(channel, at);
        }
        self.now = at;
        Ok(())
    }

    fn may_fire(&self, place: usize, at: Time, over: Option<Time>) -> Result<(), NotAllowed> {
        let promise = &self.open[place];
        if !self.leads(place) {
            return Err(NotAllowed::Overtakes);
        }
        let (earliest, latest) = self.due(promise);
        if at < earliest || at > latest {
            return Err(NotAllowed::AtAnother { at, allowed: (earliest, latest) });
        }
        let over = over.is_some_and(|over| at > over);
        if over && promise.channel.is_none() {
            return Err(NotAllowed::AfterTheEnd);
        }
        let overdue = |other: usize| {
            let waits = over && self.open[other].channel.is_none();
            other != place && !waits && self.leads(other) && self.due(&self.open[other]).1 < at
        };
        if (0..self.open.len()).any(overdue) {
            return Err(NotAllowed::Overdue(at));
        }
        Ok(())
    }

    /// Whether nothing is ahead of the promise at `place` on its channel.
    fn leads(&self, place: usize) -> bool {
        let channel = self.open[place].channel;
        channel.is_none() || self.open[..place].iter().all(|other| other.channel != channel)
    }

    /// When `promise` may be kept: a message not before the one that was ahead of it.
    fn due(&self, promise: &Promise<E>) -> (Time, Time) {
        let ahead =
            promise.channel.and_then(|channel| self.arrived.get(&channel)).copied().unwrap_or(Time::ZERO);
        (promise.earliest.max(ahead), promise.latest.max(ahead))
    }

    fn decided(&mut self, about: About, name: &Name, occurrence: u32) -> u64 {
        let address = (about, name.key(), occurrence);
        *self.choices.get(&address).unwrap_or_else(|| {
            self.wrong = Some(NotAllowed::Undecided(name.clone()));
            &0
        })
    }

    fn phase(&mut self, clock: &Clock) -> u64 {
        let phase = self.decided(About::Phase, clock.name(), 0);
        if phase >= clock.resolution().0 {
            self.wrong = Some(NotAllowed::PhaseTooLong(clock.name().clone()));
        }
        phase
    }
}

impl<M: Machine<Effect = ()>> Cx<M> for Ledger<M::Event, M::Fact> {
    fn after(&mut self, event: M::Event, delay: &Delay) {
        Cx::<M>::cancel(self, event);
        let interval = delay.interval();
        let (earliest, latest) = (self.now + interval.min, self.now + interval.max);
        self.open.push(Promise { event, channel: None, earliest, latest });
    }

    fn after_ticks(&mut self, event: M::Event, clock: &Clock, ticks: u32) {
        Cx::<M>::cancel(self, event);
        let (phase, resolution) = (self.phase(clock), clock.resolution().0);
        let shown = (self.now.0 + phase) / resolution;
        let ticked = (shown + u64::from(ticks)).saturating_mul(resolution);
        let due = Time(ticked.saturating_sub(phase)).max(self.now);
        self.open.push(Promise { event, channel: None, earliest: due, latest: due });
    }

    fn cancel(&mut self, event: M::Event) {
        self.open.retain(|promise| promise.channel.is_some() || promise.event != event);
    }

    fn take_due(&mut self, event: M::Event) -> bool {
        let is_due = |promise: &Promise<M::Event>| {
            promise.channel.is_none() && promise.event == event && promise.earliest <= self.now
        };
        let due = self.open.iter().position(is_due);
        due.map(|at| self.open.remove(at)).is_some()
    }

    fn send(&mut self, channel: Channel, event: M::Event, delay: &Delay) {
        let interval = delay.interval();
        let (earliest, latest) = (self.now + interval.min, self.now + interval.max);
        self.open.push(Promise { event, channel: Some(channel), earliest, latest });
    }

    fn lose(&mut self, channel: Channel) {
        self.open.retain(|promise| promise.channel != Some(channel));
    }

    fn note(&mut self, fact: M::Fact) {
        self.facts.push(fact);
    }

    fn emit(&mut self, (): ()) {}

    fn decide(&mut self, choice: &Choice) -> usize {
        let name = choice.name();
        let asked = self.asked.entry(name.key()).or_default();
        *asked += 1;
        let occurrence = *asked - 1;
        let outcome = self.decided(About::Choice, name, occurrence) as usize;
        if !choice.outcomes().any(|possible| possible == outcome) {
            self.wrong = Some(NotAllowed::NoOutcome(name.clone(), outcome));
            return choice.outcomes().next().unwrap_or(0);
        }
        outcome
    }

    fn stamp(&mut self, clock: &Clock) -> Stamp {
        let tick = (self.now.0 + self.phase(clock)) / clock.resolution().0;
        match self.ticks.insert(clock.name().key(), tick) {
            Some(last) if last == tick => Stamp::Same,
            _ => Stamp::Later,
        }
    }
}
