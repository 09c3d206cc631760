//! A machine on somebody else's clock: its host says when time passes and what arrives.
//!
//! ```text
//!              next_due ── "wake me then" ──>  host: a real clock, a network, a database
//!   Hosted <── fire, happens, claimed ───────
//!              └─ facts, effects ───────────>
//! ```
//!
//! [`Runner`](crate::Runner) owns time and lets a machine run alone. Here the machine is one of many
//! parties: timers fire when the host's clock has come that far, messages arrive when the network brings
//! them, and what takes time elsewhere (a query, a commit) the host claims: it is taken off the list of
//! timers, and happens when the host says that it has. Nothing here waits, so any clock will do.

use crate::chooser::{About, Chooser, Occurrences};
use crate::delay::{Choice, Clock, Delay, Name};
use crate::machine::{Channel, Cx, Machine, Stamp};
use crate::pending::Pending;
use crate::time::{Span, Time};
use crate::trace::Decision;

/// A machine, its state, and what it waits for.
pub struct Hosted<'m, M: Machine, C> {
    machine: &'m M,
    state: Option<M::State>,
    desk: HostedCx<M, C>,
}

/// Something that its host has taken upon itself, until it has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim<E> {
    /// What will happen.
    pub event: E,
    /// When it is due, if that is up to the machine.
    pub due: Time,
    /// Told from all other claims.
    pub number: u64,
}

/// What a machine asks of the one that hosts it.
#[derive(Debug)]
pub struct Asked<M: Machine> {
    /// What it noted, in order.
    pub facts: Vec<M::Fact>,
    /// What it asks for, in order.
    pub effects: Vec<M::Effect>,
}

/// What is known of one clock.
struct Reading {
    key: u32,
    phase: Span,
    last_tick: Option<u64>,
}

/// What a hosted machine acts through.
pub struct HostedCx<M: Machine, C> {
    now: Time,
    pending: Pending<M::Event>,
    claimed: Vec<Claim<M::Event>>,
    claims: u64,
    /// Set since the last time that the host looked for what to claim.
    fresh: Vec<M::Event>,
    clocks: Vec<Reading>,
    chooser: C,
    /// Outcomes that the host had to know before the machine asked, with the keys of their choices.
    foreseen: Vec<(u32, usize)>,
    occurrences: Occurrences,
    decisions: Vec<Decision>,
    facts: Vec<M::Fact>,
    effects: Vec<M::Effect>,
}

impl<'m, M: Machine, C: Chooser> Hosted<'m, M, C> {
    /// `machine`, as `chooser` decides; it has not begun.
    pub fn new(machine: &'m M, chooser: C) -> Self {
        let desk = HostedCx {
            now: Time::ZERO,
            pending: Pending::new(),
            claimed: Vec::new(),
            claims: 0,
            fresh: Vec::new(),
            clocks: Vec::new(),
            chooser,
            foreseen: Vec::new(),
            occurrences: Occurrences::new(),
            decisions: Vec::new(),
            facts: Vec::new(),
            effects: Vec::new(),
        };
        Self { machine, state: None, desk }
    }

    /// It begins, at the first instant.
    pub fn start(&mut self) -> Asked<M> {
        self.state = Some(self.machine.start(&mut self.desk));
        self.asked()
    }

    /// When the next of its timers is due.
    pub fn next_due(&self) -> Option<Time> {
        self.desk.pending.first().map(|first| first.due)
    }

    /// Whether it waits for something that its host has claimed.
    pub fn has_claims(&self) -> bool {
        !self.desk.claimed.is_empty()
    }

    /// Lets the next timer that is due by `now` fire, when it is due: a host that comes late makes up for
    /// it. When, and what.
    pub fn fire(&mut self, now: Time) -> Option<(Time, M::Event, Asked<M>)> {
        let first = self.desk.pending.first().filter(|first| first.due <= now)?;
        let event = self.desk.pending.take(first, 0);
        let at = first.due.max(self.desk.now);
        Some((at, event, self.happens(at, event)))
    }

    /// `event` happens at `now`: something has arrived.
    ///
    /// # Panics
    /// If the machine has not begun.
    pub fn happens(&mut self, now: Time, event: M::Event) -> Asked<M> {
        let machine = self.machine;
        self.apply(now, |state, cx| machine.step(state, event, cx))
    }

    /// The same for what else can be done to the state.
    ///
    /// # Panics
    /// If the machine has not begun.
    pub fn apply(&mut self, now: Time, change: impl FnOnce(&mut M::State, &mut HostedCx<M, C>)) -> Asked<M> {
        self.desk.now = self.desk.now.max(now);
        let state = self.state.as_mut().expect("a machine begins before anything happens to it");
        change(state, &mut self.desk);
        self.asked()
    }

    /// Takes upon itself what was set since the last call, as far as `wants` says so: it happens when the
    /// host says so, and not when it is due.
    ///
    /// # Panics
    /// If the machine has not begun.
    pub fn claim(&mut self, mut wants: impl FnMut(&M::State, &M::Event) -> bool) -> Vec<Claim<M::Event>> {
        let state = self.state.as_ref().expect("a machine begins before it waits for anything");
        let desk = &mut self.desk;
        let mut claims = Vec::new();
        for event in std::mem::take(&mut desk.fresh) {
            if !wants(state, &event) {
                continue;
            }
            if let Some(due) = desk.pending.withdraw(event) {
                desk.claims += 1;
                let claim = Claim { event, due, number: desk.claims };
                desk.claimed.push(claim);
                claims.push(claim);
            }
        }
        claims
    }

    /// What was claimed happens at `now`; `None` if the machine does not wait for it any more. Before that
    /// `tell` may change the state: it is told what the host has found out.
    pub fn claimed(
        &mut self,
        now: Time,
        claim: Claim<M::Event>,
        tell: impl FnOnce(&mut M::State),
    ) -> Option<Asked<M>> {
        let place = self.desk.claimed.iter().position(|known| *known == claim)?;
        self.desk.claimed.remove(place);
        let machine = self.machine;
        Some(self.apply(now, |state, cx| {
            tell(state);
            machine.step(state, claim.event, cx);
        }))
    }

    /// What was claimed will not happen any more.
    pub fn give_up(&mut self, claim: Claim<M::Event>) {
        self.desk.claimed.retain(|known| *known != claim);
    }

    /// The outcome of `choice` before the machine asks for it: it will be the one that it gets.
    pub fn foresee(&mut self, choice: &Choice) -> usize {
        let key = choice.name().key();
        let outcome = choice.forced().unwrap_or_else(|| self.desk.chooser.choose(choice));
        self.desk.foreseen.retain(|(known, _)| *known != key);
        self.desk.foreseen.push((key, outcome));
        outcome
    }

    /// What its state is; `None` before it has begun.
    pub fn state(&self) -> Option<&M::State> {
        self.state.as_ref()
    }

    /// How choices came out and how far clocks were into a tick, in the order in which that was decided.
    pub fn decisions(&self) -> &[Decision] {
        &self.desk.decisions
    }

    fn asked(&mut self) -> Asked<M> {
        let desk = &mut self.desk;
        Asked { facts: std::mem::take(&mut desk.facts), effects: std::mem::take(&mut desk.effects) }
    }
}

impl<M: Machine, C: Chooser> HostedCx<M, C> {
    fn decided(&mut self, about: About, name: &Name, value: u64, last: u64) {
        let occurrence = self.occurrences.next(about.key(name));
        self.decisions.push(Decision { about, name: name.clone(), occurrence, value, range: (0, last) });
    }

    fn reading(&mut self, clock: &Clock) -> usize {
        let key = clock.name().key();
        self.clocks.iter().position(|known| known.key == key).unwrap_or_else(|| {
            let phase = self.chooser.phase(clock);
            self.decided(About::Phase, clock.name(), phase.0, clock.resolution().0 - 1);
            self.clocks.push(Reading { key, phase, last_tick: None });
            self.clocks.len() - 1
        })
    }

    fn forget(&mut self, event: M::Event) {
        self.pending.unset(event);
        self.claimed.retain(|claim| claim.event != event);
    }
}

impl<M: Machine, C: Chooser> Cx<M> for HostedCx<M, C> {
    fn after(&mut self, event: M::Event, delay: &Delay) {
        self.forget(event);
        let due = self.now + self.chooser.delay(delay);
        self.pending.set(event, due);
        self.fresh.push(event);
    }

    fn after_ticks(&mut self, event: M::Event, clock: &Clock, ticks: u32) {
        self.forget(event);
        let resolution = clock.resolution().0;
        let place = self.reading(clock);
        let into_tick = (self.now.0 + self.clocks[place].phase.0) % resolution;
        let wait = u64::from(ticks).saturating_mul(resolution).saturating_sub(into_tick);
        self.pending.set(event, self.now + Span(wait));
        self.fresh.push(event);
    }

    fn cancel(&mut self, event: M::Event) {
        self.forget(event);
    }

    fn take_due(&mut self, event: M::Event) -> bool {
        self.pending.take_due(event, self.now)
    }

    fn send(&mut self, channel: Channel, event: M::Event, delay: &Delay) {
        let due = self.now + self.chooser.delay(delay);
        self.pending.put(channel, event, due);
        self.fresh.push(event);
    }

    fn lose(&mut self, channel: Channel) {
        self.pending.lose(channel);
    }

    fn note(&mut self, fact: M::Fact) {
        self.facts.push(fact);
    }

    fn emit(&mut self, effect: M::Effect) {
        self.effects.push(effect);
    }

    fn decide(&mut self, choice: &Choice) -> usize {
        let key = choice.name().key();
        let foreseen = self.foreseen.iter().position(|(known, _)| *known == key);
        let outcome = match foreseen {
            Some(place) => self.foreseen.remove(place).1,
            None => self.chooser.choose(choice),
        };
        let last = choice.outcomes().last().unwrap_or(0) as u64;
        self.decided(About::Choice, choice.name(), outcome as u64, last);
        outcome
    }

    fn stamp(&mut self, clock: &Clock) -> Stamp {
        let place = self.reading(clock);
        let tick = (self.now.0 + self.clocks[place].phase.0) / clock.resolution().0;
        if self.clocks[place].last_tick.replace(tick) == Some(tick) { Stamp::Same } else { Stamp::Later }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chooser::Seeded;

    /// Rings every second, and asks for a query whose answer it notes.
    struct Bell(Delay, Delay, Choice);

    impl Machine for Bell {
        type State = u32;
        type Event = char;
        type Effect = &'static str;
        type Fact = (char, u32, usize);

        fn start(&self, cx: &mut impl Cx<Self>) -> u32 {
            cx.after('r', &self.0);
            0
        }

        fn step(&self, state: &mut u32, event: char, cx: &mut impl Cx<Self>) {
            let outcome = if event == 'q' { cx.choose(&self.2) } else { 0 };
            cx.note((event, *state, outcome));
            match event {
                'r' => {
                    cx.emit("ring");
                    cx.after('q', &self.1);
                }
                'q' => cx.after('r', &self.0),
                _ => cx.cancel('q'),
            }
        }
    }

    fn bell() -> Bell {
        let (second, query) = (Delay::fixed("ring", Span::secs(1)), Delay::fixed("query", Span::millis(5)));
        Bell(second, query, Choice::chance("fails", 500_000))
    }

    #[test]
    fn timers_fire_when_the_host_has_come_that_far_and_what_it_claims_when_it_says_so() {
        let machine = bell();
        let mut hosted = Hosted::new(&machine, Seeded::new(1, 1));
        assert!(hosted.start().facts.is_empty());
        assert_eq!(hosted.next_due(), Some(Time(1_000_000)));
        assert!(hosted.fire(Time(999_999)).is_none());
        let (at, event, asked) = hosted.fire(Time(1_000_400)).expect("it is due");
        assert_eq!((at, event, asked.effects), (Time(1_000_000), 'r', vec!["ring"]));
        let claims = hosted.claim(|_, event| *event == 'q');
        assert_eq!(claims[0].due, Time(1_005_000), "from the instant at which it was asked for");
        assert!(hosted.next_due().is_none() && hosted.has_claims());
        let outcome = hosted.foresee(&machine.2);
        let asked = hosted.claimed(Time(1_009_000), claims[0], |state| *state = 7).expect("it waits for it");
        assert_eq!(asked.facts, [('q', 7, outcome)]);
        assert_eq!(hosted.decisions().len(), 1);
        assert_eq!(hosted.next_due(), Some(Time(2_009_000)));
    }

    #[test]
    fn what_is_not_waited_for_any_more_does_not_happen() {
        let machine = bell();
        let mut hosted = Hosted::new(&machine, Seeded::new(1, 1));
        hosted.start();
        hosted.fire(Time(1_000_000));
        let claims = hosted.claim(|_, event| *event == 'q');
        hosted.happens(Time(1_001_000), 'x');
        assert!(hosted.claimed(Time(1_005_000), claims[0], |_| {}).is_none());
        assert!(hosted.next_due().is_none() && !hosted.has_claims());
    }
}
