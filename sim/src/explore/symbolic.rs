//! A step of a machine for all of a class's timings at once.
//!
//! What a machine asks for becomes clocks of a zone. Where the future depends on which of two instants
//! is the earlier one, and the zone allows both, the step is taken twice: such a question is a
//! decision like any choice, and each answer restricts the zone.

use crate::delay::{Choice, Clock, Delay};
use crate::enumerate::Enumerate;
use crate::explore::class::{EnabledSet, ZoneClock};
use crate::explore::first::{may_differ, on_one_channel, separation};
use crate::explore::memo::{Op, Operations};
use crate::explore::ticks::Ticks;
use crate::explore::zone::{NEVER, Zone};
use crate::machine::Channel;
use crate::time::Span;
use crate::watch::{Monitor, ObserverClock};

/// The bound of a span.
pub(crate) fn bound(span: Span) -> i64 {
    if span == Span::NEVER { NEVER } else { i64::try_from(span.0).expect("a span is at most 2^63 us") }
}

/// What is asked while a step is taken, for whoever wants to follow it with numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    /// A delay from one index to another.
    Delay { delay: Delay, from: usize, due: usize },
    /// A delay that nothing waits for.
    LeftOut { delay: Delay },
    /// An outcome of a choice.
    Choice { choice: Choice, outcome: usize },
    /// The instant at which a clock ticks next.
    Tick { clock: Clock, at: usize },
}

/// What is known of two instants: `x[i] - x[j] <= bound`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) i: usize,
    pub(crate) j: usize,
    pub(crate) bound: i64,
    pub(crate) since: Since,
}

/// Why something is known of two instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// The one comes first, or a limit that is no delay's.
    Order,
    /// The delay of this key is at least as long as it is: the bound is less its least.
    Least(u32),
    /// The delay of this key is at most as long as it is: the bound is its greatest.
    Greatest(u32),
    /// Something is later than the delay of this key allows: the bound is less its greatest, less 1.
    Beyond(u32),
}

/// Which observer clocks without a limit are in the zone; nothing that happens depends on when those
/// were started, so a search that measures nothing leaves them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timed {
    None,
    Only(ObserverClock),
    All,
}

/// Which timings are looked at, and what is kept of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The least separation of concurrent events: 0 for all timings, more for those in which nothing depends on a tie.
    pub(crate) separation: i64,
    /// Whether it is kept when clocks tick, so that ticks are whole resolutions apart.
    pub(crate) phases: bool,
    /// Whether it is decided if a tick has passed, where that may be long ago: more zones, and an end of them.
    pub(crate) passed: bool,
}

impl Kind {
    /// All timings, with clocks whose ticks depend on each other only from one reading to the next.
    pub(crate) const ANY: Self = Self { separation: 0, phases: false, passed: false };
    /// All timings, with clocks that tick as clocks do.
    pub(crate) const PHASES: Self = Self { separation: 0, phases: true, passed: false };
}

/// What the next tick of a clock is in a zone.
pub(crate) fn tick_of<E>(clock: &Clock) -> ZoneClock<E> {
    ZoneClock::Tick(clock.name().key(), bound(clock.resolution()))
}

/// The zone of a step, and what its clocks stand for.
#[derive(Debug)]
pub(crate) struct Table<E> {
    pub(crate) zone: Zone,
    /// By index: what the clock there is; nothing for the past, and for what is not pending any more.
    pub(crate) clocks: Vec<Option<ZoneClock<E>>>,
    /// The index of the present instant.
    pub(crate) now: usize,
    pub(crate) expired: Vec<ObserverClock>,
    /// The observer clocks without a limit that are not in the zone.
    pub(crate) untimed: Vec<ObserverClock>,
    pub(crate) over: bool,
    pub(crate) decide: Enumerate,
    pub(crate) timed: Timed,
    pub(crate) kind: Kind,
    /// What was kept of when clocks tick, in all steps.
    pub(crate) ticks: Ticks,
    /// The indices of the events that were concurrent with the last one that was passed.
    pub(crate) concurrent: Vec<usize>,
    /// The observer clocks that were measured in this step, and their indices.
    pub(crate) measured: Vec<(ObserverClock, usize)>,
    /// The observer clocks that were measured in this step and are not in the zone.
    pub(crate) noticed: Vec<ObserverClock>,
    /// What was asked, if somebody wants to know.
    pub(crate) log: Option<Vec<Asked>>,
    /// What the zone was made of, if somebody wants to know.
    pub(crate) known: Option<Vec<Known>>,
    /// What is done to the zone and asked of it, if somebody wants to memoise that.
    pub(crate) operations: Option<Operations>,
}

impl<E: Copy + Eq + Ord> Table<E> {
    pub(crate) fn new(timed: Timed) -> Self {
        Self {
            zone: Zone::default(),
            clocks: Vec::new(),
            now: 0,
            expired: Vec::new(),
            untimed: Vec::new(),
            over: false,
            decide: Enumerate::new(),
            timed,
            kind: Kind::ANY,
            ticks: Ticks::None,
            concurrent: Vec::new(),
            measured: Vec::new(),
            noticed: Vec::new(),
            log: None,
            known: None,
            operations: None,
        }
    }

    /// The beginning of a run: one instant, nothing pending.
    pub(crate) fn begin(&mut self) {
        self.zone.begin();
        self.clocks.clear();
        self.clocks.push(None);
        self.now = 0;
        self.expired.clear();
        self.untimed.clear();
        self.over = false;
        self.measured.clear();
        self.noticed.clear();
    }

    /// What the clocks of the zone are at the moment when the clock at index `t` of a class is reached.
    pub(crate) fn know_clocks(&mut self, enabled: &EnabledSet<E>, t: usize) {
        self.clocks.clear();
        self.clocks.push(None);
        let others = enabled.clocks.iter().enumerate().filter(|(index, _)| *index != t);
        self.clocks.extend(others.map(|(_, clock)| Some(*clock)));
        self.now = 0;
        self.expired.clone_from(&enabled.expired);
        self.untimed.clone_from(&enabled.untimed);
        self.over = enabled.over;
        self.measured.clear();
        self.noticed.clear();
        self.operations.get_or_insert_default().clear();
    }

    /// The moment when the clock at index `at`, which can be the first, is reached; every instant is kept. What happens.
    pub(crate) fn pass(&mut self, at: usize) -> ZoneClock<E> {
        let event = self.clocks[at].take().expect("what happens is pending");
        // Before the first restriction: what is asked of one pair does not depend on another.
        self.concurrent.clear();
        let mut separations: Vec<(usize, i64)> = Vec::new();
        for (other, clock) in self.clocks.iter().enumerate() {
            let Some(clock) = clock.as_ref().filter(|clock| clock.is_pending()) else { continue };
            let differ = may_differ(self.zone.at(other, at), self.zone.at(at, other));
            separations.push((other, -separation(self.kind.separation, &event, clock, differ)));
            if differ && !on_one_channel(&event, clock) {
                self.concurrent.push(other);
            }
        }
        self.zone.restrict_to_all(at, &separations);
        for (other, separation) in separations {
            self.note_known(at, other, separation, Since::Order);
        }
        self.now = at;
        self.measured.clear();
        self.noticed.clear();
        event
    }

    /// The same table.
    pub(crate) fn copy(&self) -> Self {
        Self {
            zone: self.zone.clone(),
            clocks: self.clocks.clone(),
            now: self.now,
            expired: self.expired.clone(),
            untimed: self.untimed.clone(),
            over: self.over,
            decide: Enumerate::new(),
            timed: self.timed,
            kind: self.kind,
            ticks: self.ticks,
            concurrent: self.concurrent.clone(),
            measured: self.measured.clone(),
            noticed: self.noticed.clone(),
            log: self.log.clone(),
            known: self.known.clone(),
            operations: None,
        }
    }

    pub(crate) fn find(&self, wanted: ZoneClock<E>) -> Option<usize> {
        self.clocks.iter().position(|clock| *clock == Some(wanted))
    }

    /// The last message on `channel`.
    pub(crate) fn last_on(&self, channel: Channel) -> Option<usize> {
        let is_on =
            |clock: &Option<ZoneClock<E>>| matches!(clock, Some(ZoneClock::Message(on, _)) if *on == channel);
        self.clocks.iter().rposition(is_on)
    }

    /// Adds an instant between `min` and `max` after `base`.
    pub(crate) fn add(&mut self, clock: ZoneClock<E>, base: usize, min: i64, max: i64) -> usize {
        let at = self.put(clock, base, min, max);
        self.note_known(base, at, -min, Since::Order);
        if max != NEVER {
            self.note_known(at, base, max, Since::Order);
        }
        at
    }

    /// Adds an instant a delay after the present one.
    pub(crate) fn add_delay(&mut self, clock: ZoneClock<E>, delay: &Delay) -> usize {
        let (interval, key, base) = (delay.interval(), delay.name().key(), self.now);
        let (min, max) = (bound(interval.min), bound(interval.max));
        let at = self.put(clock, base, min, max);
        self.note_known(base, at, -min, Since::Least(key));
        if max != NEVER {
            self.note_known(at, base, max, Since::Greatest(key));
        }
        self.note_asked(|| Asked::Delay { delay: delay.clone(), from: base, due: at });
        at
    }

    pub(crate) fn put(&mut self, clock: ZoneClock<E>, base: usize, min: i64, max: i64) -> usize {
        self.clocks.push(Some(clock));
        self.record(|| Op::Add { base: base as u16, min, max }, 0);
        self.zone.add(base, min, max)
    }

    #[inline(always)]
    pub(crate) fn record(&mut self, op: impl FnOnce() -> Op, answer: u32) {
        if let Some(operations) = &mut self.operations {
            operations.push((op(), answer));
        }
    }

    pub(crate) fn restrict(&mut self, i: usize, j: usize, bound: i64) {
        self.record(|| Op::Restrict { i: i as u16, j: j as u16, bound }, 0);
        self.zone.restrict(i, j, bound);
    }

    /// Whether `x[i] - x[j] <= bound` is known.
    fn at_most(&mut self, i: usize, j: usize, bound: i64) -> bool {
        let is = self.zone.at(i, j) <= bound;
        self.record(|| Op::Ask { i: i as u16, j: j as u16, bound }, u32::from(is));
        is
    }

    pub(crate) fn one_of(&mut self, count: usize) -> usize {
        let outcome = self.decide.one_of(count as u64);
        self.record(|| Op::Decide { count: count as u32 }, outcome as u32);
        outcome as usize
    }

    #[inline(always)]
    pub(crate) fn note_known(&mut self, i: usize, j: usize, bound: i64, since: Since) {
        if let Some(known) = &mut self.known {
            known.push(Known { i, j, bound, since });
        }
    }

    /// Whether `x[i] - x[j] <= bound`; where both are possible, that is decided here.
    pub(crate) fn holds(&mut self, i: usize, j: usize, bound: i64) -> bool {
        self.is_within(i, j, bound, None)
    }

    /// The same, where the bound is the greatest of `delay`.
    pub(crate) fn is_within(&mut self, i: usize, j: usize, bound: i64, delay: Option<&Delay>) -> bool {
        let since = |since: fn(u32) -> Since| delay.map_or(Since::Order, |delay| since(delay.name().key()));
        let beyond = -(bound + 1);
        let holds = self.at_most(i, j, bound) || !self.at_most(j, i, beyond) && self.one_of(2) == 0;
        if holds {
            self.restrict(i, j, bound);
            self.note_known(i, j, bound, since(Since::Greatest));
        } else {
            self.restrict(j, i, beyond);
            self.note_known(j, i, beyond, since(Since::Beyond));
        }
        holds
    }

    pub(crate) fn unset(&mut self, event: E) {
        if let Some(at) = self.find(ZoneClock::Timer(event)) {
            self.clocks[at] = None;
        }
    }

    pub(crate) fn note_asked(&mut self, asked: impl FnOnce() -> Asked) {
        if let Some(log) = &mut self.log {
            log.push(asked());
        }
    }

    /// The run is over: no timer fires any more.
    pub(crate) fn drop_timers(&mut self) {
        self.over = true;
        for clock in &mut self.clocks {
            if matches!(clock, Some(ZoneClock::Timer(_) | ZoneClock::Over)) {
                *clock = None;
            }
        }
    }

    /// Forgets observer clocks whose limit has passed, and ticks that have. Where that may be long ago or not
    /// yet, it is decided, lest the age of an observer clock grow without end; that of a tick seldom does, since the next
    /// one is known to come within a resolution, but zones of several turns of a loop become one in which it does.
    fn forget(&mut self) {
        // In their own order: what is asked first must not depend on which index an observer clock has.
        let mut next = self.limited_observer(ObserverClock(0));
        while let Some((observer, at, limit)) = next {
            let passed = self.at_most(at, self.now, -(limit + 1));
            if passed {
                self.note_known(at, self.now, -(limit + 1), Since::Order);
            }
            if passed
                || !self.at_most(self.now, at, limit.saturating_mul(2)) && !self.holds(self.now, at, limit)
            {
                self.clocks[at] = None;
                self.expired.push(observer);
            }
            next = observer.0.checked_add(1).and_then(|from| self.limited_observer(ObserverClock(from)));
        }
        for at in 0..self.clocks.len() {
            let Some(ZoneClock::Tick(_, resolution)) = self.clocks[at] else { continue };
            let passed = self.at_most(at, self.now, 0);
            if passed {
                self.note_known(at, self.now, 0, Since::Order);
            }
            let long_ago = self.kind.passed && !passed && !self.at_most(self.now, at, resolution);
            if passed || long_ago && self.holds(at, self.now, 0) {
                self.clocks[at] = None;
            }
        }
        self.expired.sort_unstable();
        self.untimed.sort_unstable();
    }

    /// The first observer clock from `from` on that has a limit, with its index.
    fn limited_observer(&self, from: ObserverClock) -> Option<(ObserverClock, usize, i64)> {
        let limited = self.clocks.iter().enumerate().filter_map(|(at, clock)| match *clock {
            Some(ZoneClock::Observer(observer, limit)) if limit != NEVER && observer >= from => {
                Some((observer, at, limit))
            }
            _ => None,
        });
        limited.min()
    }

    /// Puts what follows the step into `enabled`, in canonical order, and the indices of its clocks in the table into
    /// `kept`.
    pub(crate) fn finish(&mut self, enabled: &mut EnabledSet<E>, kept: &mut Vec<usize>) {
        self.forget();
        kept.clear();
        kept.extend((0..self.clocks.len()).filter(|&at| self.clocks[at].is_some()));
        // Messages of one FIFO channel are told apart by their order only, which stays as it is.
        let before = |one: usize, other: usize| match (self.clocks[one], self.clocks[other]) {
            (Some(ZoneClock::Message(a, _)), Some(ZoneClock::Message(b, _))) if a == b => one < other,
            (a, b) => a < b,
        };
        for end in 1..kept.len() {
            let mut at = end;
            while at > 0 && before(kept[at], kept[at - 1]) {
                kept.swap(at, at - 1);
                at -= 1;
            }
        }
        enabled.clocks.clear();
        enabled.clocks.extend(kept.iter().filter_map(|&at| self.clocks[at]));
        enabled.expired.clone_from(&self.expired);
        enabled.untimed.clone_from(&self.untimed);
        enabled.over = self.over;
    }

    /// The places among the `kept` of what is due at the present instant, for any timing: time goes on only
    /// after it. Not the end of a run, for that is after all that is due.
    pub(crate) fn due_now<'t>(&'t self, kept: &'t [usize]) -> impl Iterator<Item = usize> + 't {
        let happens =
            |at: usize| matches!(self.clocks[at], Some(ZoneClock::Timer(_) | ZoneClock::Message(..)));
        let due = move |&(_, &at): &(usize, &usize)| happens(at) && self.zone.at(at, self.now) <= 0;
        kept.iter().enumerate().filter(due).map(|(place, _)| place)
    }

    /// The indices of the class that the step began with, a bit each, whose clocks are still there; `fired` is the
    /// one of which it is not, since it happened.
    pub(crate) fn stays(&self, fired: usize, before: usize) -> u64 {
        let others = (0..before.min(64)).filter(|&index| index != fired);
        let stays =
            others.filter(|&index| self.clocks[if index < fired { index + 1 } else { index }].is_some());
        stays.fold(0, |bits, index| bits | 1 << index)
    }

    /// What was measured in this step: observer clock, least, greatest. Asked at its end, since what is asked
    /// after a measurement may restrict it.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (ObserverClock, i64, i64)> + '_ {
        self.measured.iter().map(|&(observer, index)| self.zone.measured(observer, index, self.now))
    }

    /// Lets `monitor` hear of `facts`.
    pub(crate) fn tell<F>(&mut self, monitor: &mut impl Monitor<F>, facts: &[F]) {
        for fact in facts {
            monitor.noted(fact, self);
        }
        if !self.clocks.iter().flatten().any(ZoneClock::is_pending) {
            monitor.ended(self);
        }
        self.record(|| Op::Told, 0);
    }
}
