//! A step of a machine for all of a class's timings at once.
//!
//! What a machine asks for becomes rows of a zone. Where the future depends on which of two instants
//! is the earlier one, and the zone allows both, the step is taken twice: such a question is a
//! decision like any choice, and each answer restricts the zone.

use crate::delay::{Choice, Clock, Delay};
use crate::enumerate::Enumerate;
use crate::explore::class::{Row, Shape};
use crate::explore::first::{margin, on_one_lane, races};
use crate::explore::script::{Op, Tape};
use crate::explore::ticks::Ticks;
use crate::explore::zone::{NEVER, Zone};
use crate::machine::{Cx, Lane, Machine, Stamp};
use crate::time::Span;
use crate::watch::{Monitor, Watch};

/// The bound of a span.
pub(crate) fn bound(span: Span) -> i64 {
    if span == Span::NEVER { NEVER } else { i64::try_from(span.0).expect("a span is at most 2^63 us") }
}

/// What is asked while a step is taken, for whoever wants to follow it with numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Asked {
    /// A delay from one row to another.
    Delay { delay: Delay, from: usize, due: usize },
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

/// Which marks without a limit have a row in the zone; nothing that happens depends on when those
/// were made, so a search that measures nothing leaves that out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timed {
    None,
    Only(u64),
    All,
}

/// Which timings are looked at, and what is kept of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// How far apart two events must be, unless they are due at one instant whatever happens or on
    /// one lane: 0 for all timings, more for those in which nothing depends on a tie.
    pub(crate) apart: i64,
    /// Whether it is kept when clocks tick, so that ticks are whole resolutions apart.
    pub(crate) phases: bool,
    /// Whether it is decided if a tick has passed, where that may be long ago: more zones, and an end of them.
    pub(crate) passed: bool,
}

impl Kind {
    /// All timings, with clocks whose ticks depend on each other only from one reading to the next.
    pub(crate) const ANY: Self = Self { apart: 0, phases: false, passed: false };
    /// All timings, with clocks that tick as clocks do.
    pub(crate) const PHASES: Self = Self { apart: 0, phases: true, passed: false };
}

/// The row of the next tick of a clock.
pub(crate) fn tick_of<E>(clock: &Clock) -> Row<E> {
    Row::Tick(clock.name().key(), bound(clock.resolution()))
}

/// The rows of a step, and what they stand for.
#[derive(Debug)]
pub(crate) struct Table<E> {
    pub(crate) zone: Zone,
    /// What each row is; nothing for the past, and for what is not pending any more.
    pub(crate) rows: Vec<Option<Row<E>>>,
    /// The row of the present instant.
    pub(crate) now: usize,
    pub(crate) expired: Vec<u64>,
    /// Slots that were marked without a limit, and have no row.
    pub(crate) untimed: Vec<u64>,
    pub(crate) over: bool,
    pub(crate) decide: Enumerate,
    pub(crate) timed: Timed,
    pub(crate) kind: Kind,
    /// What was kept of when clocks tick, in all steps.
    pub(crate) ticks: Ticks,
    /// What was pending when the last event was passed, and could have come before it.
    pub(crate) rivals: Vec<usize>,
    /// The slots that were measured in this step, and the rows of their marks.
    pub(crate) measured: Vec<(u64, usize)>,
    /// The slots without a row that were measured in this step.
    pub(crate) noticed: Vec<u64>,
    /// What was asked, if somebody wants to know.
    pub(crate) log: Option<Vec<Asked>>,
    /// What the zone was made of, if somebody wants to know.
    pub(crate) known: Option<Vec<Known>>,
    /// What is done to the zone and asked of it, if somebody wants to learn that.
    pub(crate) tape: Option<Tape>,
}

/// A machine's context while it takes a step.
pub(crate) struct Desk<'a, M: Machine> {
    pub(crate) machine: &'a M,
    pub(crate) table: &'a mut Table<M::Event>,
    pub(crate) facts: &'a mut Vec<M::Fact>,
}

impl<E: Copy + Eq + Ord> Table<E> {
    pub(crate) fn new(timed: Timed) -> Self {
        Self {
            zone: Zone::default(),
            rows: Vec::new(),
            now: 0,
            expired: Vec::new(),
            untimed: Vec::new(),
            over: false,
            decide: Enumerate::new(),
            timed,
            kind: Kind::ANY,
            ticks: Ticks::None,
            rivals: Vec::new(),
            measured: Vec::new(),
            noticed: Vec::new(),
            log: None,
            known: None,
            tape: None,
        }
    }

    /// The beginning of a run: one instant, nothing pending.
    pub(crate) fn begin(&mut self) {
        self.zone.begin();
        self.rows.clear();
        self.rows.push(None);
        self.now = 0;
        self.expired.clear();
        self.untimed.clear();
        self.over = false;
        self.measured.clear();
        self.noticed.clear();
    }

    /// What the rows of the zone are at the moment when row `t` of a class happens.
    pub(crate) fn know_rows(&mut self, shape: &Shape<E>, t: usize) {
        self.rows.clear();
        self.rows.push(None);
        self.rows
            .extend(shape.rows.iter().enumerate().filter(|(row, _)| *row != t).map(|(_, row)| Some(*row)));
        self.now = 0;
        self.expired.clone_from(&shape.expired);
        self.untimed.clone_from(&shape.untimed);
        self.over = shape.over;
        self.measured.clear();
        self.noticed.clear();
        self.tape.get_or_insert_default().clear();
    }

    /// The moment when row `at`, which can be the first, happens; every instant is kept. What happens.
    pub(crate) fn pass(&mut self, at: usize) -> Row<E> {
        let event = self.rows[at].take().expect("what happens is pending");
        // Before the first restriction: what is asked of one pair does not depend on another.
        self.rivals.clear();
        let mut margins: Vec<(usize, i64)> = Vec::new();
        for (other, row) in self.rows.iter().enumerate() {
            let Some(row) = row.as_ref().filter(|row| row.is_pending()) else { continue };
            let races = races(self.zone.at(other, at), self.zone.at(at, other));
            margins.push((other, -margin(self.kind.apart, &event, row, races)));
            if races && !on_one_lane(&event, row) {
                self.rivals.push(other);
            }
        }
        self.zone.restrict_to_all(at, &margins);
        for (other, margin) in margins {
            self.note_known(at, other, margin, Since::Order);
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
            rows: self.rows.clone(),
            now: self.now,
            expired: self.expired.clone(),
            untimed: self.untimed.clone(),
            over: self.over,
            decide: Enumerate::new(),
            timed: self.timed,
            kind: self.kind,
            ticks: self.ticks,
            rivals: self.rivals.clone(),
            measured: self.measured.clone(),
            noticed: self.noticed.clone(),
            log: self.log.clone(),
            known: self.known.clone(),
            tape: None,
        }
    }

    pub(crate) fn find(&self, wanted: Row<E>) -> Option<usize> {
        self.rows.iter().position(|row| *row == Some(wanted))
    }

    /// The last message on `lane`.
    fn last_on(&self, lane: Lane) -> Option<usize> {
        self.rows.iter().rposition(|row| matches!(row, Some(Row::Message(on, _)) if *on == lane))
    }

    /// Adds an instant between `min` and `max` after `base`.
    pub(crate) fn add(&mut self, row: Row<E>, base: usize, min: i64, max: i64) -> usize {
        let at = self.put(row, base, min, max);
        self.note_known(base, at, -min, Since::Order);
        if max != NEVER {
            self.note_known(at, base, max, Since::Order);
        }
        at
    }

    /// Adds an instant a delay after the present one.
    fn add_delay(&mut self, row: Row<E>, delay: &Delay) -> usize {
        let (interval, key, base) = (delay.interval(), delay.name().key(), self.now);
        let (min, max) = (bound(interval.min), bound(interval.max));
        let at = self.put(row, base, min, max);
        self.note_known(base, at, -min, Since::Least(key));
        if max != NEVER {
            self.note_known(at, base, max, Since::Greatest(key));
        }
        self.note_asked(|| Asked::Delay { delay: delay.clone(), from: base, due: at });
        at
    }

    pub(crate) fn put(&mut self, row: Row<E>, base: usize, min: i64, max: i64) -> usize {
        self.rows.push(Some(row));
        self.record(|| Op::Add { base: base as u16, min, max }, 0);
        self.zone.add(base, min, max)
    }

    #[inline(always)]
    pub(crate) fn record(&mut self, op: impl FnOnce() -> Op, answer: u32) {
        if let Some(tape) = &mut self.tape {
            tape.push((op(), answer));
        }
    }

    fn restrict(&mut self, i: usize, j: usize, bound: i64) {
        self.record(|| Op::Restrict { i: i as u16, j: j as u16, bound }, 0);
        self.zone.restrict(i, j, bound);
    }

    /// Whether `x[i] - x[j] <= bound` is known.
    fn at_most(&mut self, i: usize, j: usize, bound: i64) -> bool {
        let is = self.zone.at(i, j) <= bound;
        self.record(|| Op::Ask { i: i as u16, j: j as u16, bound }, u32::from(is));
        is
    }

    fn one_of(&mut self, count: usize) -> usize {
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
    fn is_within(&mut self, i: usize, j: usize, bound: i64, delay: Option<&Delay>) -> bool {
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

    fn unset(&mut self, event: E) {
        if let Some(at) = self.find(Row::Timer(event)) {
            self.rows[at] = None;
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
        for row in &mut self.rows {
            if matches!(row, Some(Row::Timer(_) | Row::Over)) {
                *row = None;
            }
        }
    }

    /// Forgets marks whose limit has passed, and ticks that have. Where that may be long ago or not
    /// yet, it is decided, lest the age of a mark grow without end; that of a tick seldom does, since the next one
    /// is known to come within a resolution, but zones of several rounds of a loop become one in which it does.
    fn forget(&mut self) {
        // By slot: what is asked first must not depend on which row a mark has.
        let mut next = self.limited_mark(0);
        while let Some((slot, at, limit)) = next {
            let passed = self.at_most(at, self.now, -(limit + 1));
            if passed {
                self.note_known(at, self.now, -(limit + 1), Since::Order);
            }
            if passed
                || !self.at_most(self.now, at, limit.saturating_mul(2)) && !self.holds(self.now, at, limit)
            {
                self.rows[at] = None;
                self.expired.push(slot);
            }
            next = slot.checked_add(1).and_then(|from| self.limited_mark(from));
        }
        for at in 0..self.rows.len() {
            let Some(Row::Tick(_, resolution)) = self.rows[at] else { continue };
            let passed = self.at_most(at, self.now, 0);
            if passed {
                self.note_known(at, self.now, 0, Since::Order);
            }
            let long_ago = self.kind.passed && !passed && !self.at_most(self.now, at, resolution);
            if passed || long_ago && self.holds(at, self.now, 0) {
                self.rows[at] = None;
            }
        }
        self.expired.sort_unstable();
        self.untimed.sort_unstable();
    }

    /// The first slot from `from` on whose mark has a limit, with its row.
    fn limited_mark(&self, from: u64) -> Option<(u64, usize, i64)> {
        let marks = self.rows.iter().enumerate().filter_map(|(at, row)| match *row {
            Some(Row::Mark(slot, limit)) if limit != NEVER && slot >= from => Some((slot, at, limit)),
            _ => None,
        });
        marks.min()
    }

    /// Puts what follows the step into `shape`, in canonical order; `kept` says which of the table's rows
    /// these are.
    pub(crate) fn finish(&mut self, shape: &mut Shape<E>, kept: &mut Vec<usize>) {
        self.forget();
        kept.clear();
        kept.extend((0..self.rows.len()).filter(|&at| self.rows[at].is_some()));
        // Messages of one lane are told apart by their order only, which stays as it is.
        let before = |one: usize, other: usize| match (self.rows[one], self.rows[other]) {
            (Some(Row::Message(a, _)), Some(Row::Message(b, _))) if a == b => one < other,
            (a, b) => a < b,
        };
        for end in 1..kept.len() {
            let mut at = end;
            while at > 0 && before(kept[at], kept[at - 1]) {
                kept.swap(at, at - 1);
                at -= 1;
            }
        }
        shape.rows.clear();
        shape.rows.extend(kept.iter().filter_map(|&at| self.rows[at]));
        shape.expired.clone_from(&self.expired);
        shape.untimed.clone_from(&self.untimed);
        shape.over = self.over;
    }

    /// The places among the `kept` of what is due at the present instant, for any timing: time goes on only
    /// after it. Not the end of a run, for that is after all that is due.
    pub(crate) fn due_now<'t>(&'t self, kept: &'t [usize]) -> impl Iterator<Item = usize> + 't {
        let happens = |at: usize| matches!(self.rows[at], Some(Row::Timer(_) | Row::Message(..)));
        let due = move |&(_, &at): &(usize, &usize)| happens(at) && self.zone.at(at, self.now) <= 0;
        kept.iter().enumerate().filter(due).map(|(place, _)| place)
    }

    /// The rows of the class that the step began with, a bit each, that are still there; `fired` is the
    /// one that is not, since it happened.
    pub(crate) fn stays(&self, fired: usize, before: usize) -> u64 {
        let rows = (0..before.min(64)).filter(|&row| row != fired);
        let stays = rows.filter(|&row| self.rows[if row < fired { row + 1 } else { row }].is_some());
        stays.fold(0, |bits, row| bits | 1 << row)
    }

    /// What was measured in this step: slot, least, greatest. Asked at its end, since what is asked
    /// after a measurement may restrict it.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (u64, i64, i64)> + '_ {
        self.measured.iter().map(|&(slot, mark)| self.zone.measured(slot, mark, self.now))
    }

    /// Lets `monitor` hear of `facts`.
    pub(crate) fn tell<F>(&mut self, monitor: &mut impl Monitor<F>, facts: &[F]) {
        for fact in facts {
            monitor.noted(fact, self);
        }
        if !self.rows.iter().flatten().any(Row::is_pending) {
            monitor.ended(self);
        }
        self.record(|| Op::Told, 0);
    }
}

impl<E: Copy + Eq + Ord> Watch for Table<E> {
    fn mark(&mut self, slot: u64, limit: Span) {
        self.unmark(slot);
        let timed = limit != Span::NEVER
            || match self.timed {
                Timed::None => false,
                Timed::Only(wanted) => wanted == slot,
                Timed::All => true,
            };
        if timed {
            self.add(Row::Mark(slot, bound(limit)), self.now, 0, 0);
        } else {
            self.untimed.push(slot);
        }
    }

    fn unmark(&mut self, slot: u64) {
        self.expired.retain(|expired| *expired != slot);
        self.untimed.retain(|untimed| *untimed != slot);
        for row in &mut self.rows {
            if matches!(row, Some(Row::Mark(marked, _)) if *marked == slot) {
                *row = None;
            }
        }
    }

    fn late(&mut self, slot: u64) -> bool {
        if self.expired.contains(&slot) {
            return true;
        }
        for at in 0..self.rows.len() {
            if let Some(Row::Mark(marked, limit)) = self.rows[at]
                && marked == slot
            {
                return limit != NEVER && !self.holds(self.now, at, limit);
            }
        }
        false
    }

    fn marked(&self, slot: u64) -> bool {
        let marks = |row: &Option<Row<E>>| matches!(row, Some(Row::Mark(marked, _)) if *marked == slot);
        self.expired.contains(&slot) || self.untimed.contains(&slot) || self.rows.iter().any(marks)
    }

    fn measure(&mut self, slot: u64) {
        let marks = |row: &Option<Row<E>>| matches!(row, Some(Row::Mark(marked, _)) if *marked == slot);
        if let Some(at) = self.rows.iter().position(marks) {
            self.measured.push((slot, at));
        } else if self.untimed.contains(&slot) {
            self.noticed.push(slot);
        }
        self.unmark(slot);
    }
}

impl<M: Machine<Effect = ()>> Cx<M> for Desk<'_, M> {
    fn after(&mut self, event: M::Event, delay: &Delay) {
        let table = &mut *self.table;
        table.unset(event);
        let due = table.add_delay(Row::Timer(event), delay);
        if table.over {
            table.rows[due] = None;
        }
    }

    fn after_ticks(&mut self, event: M::Event, clock: &Clock, ticks: u32) {
        let table = &mut *self.table;
        table.unset(event);
        let resolution = bound(clock.resolution());
        let whole = i64::from(ticks).saturating_sub(1).saturating_mul(resolution);
        if ticks == 0 {
            table.add(Row::Timer(event), table.now, 0, 0);
        } else {
            let known = table.find(tick_of(clock));
            let tick = table.tick_ahead(clock).unwrap_or_else(|| table.next_tick(clock, known));
            table.add(Row::Timer(event), tick, whole, whole);
        }
        if table.over {
            table.unset(event);
        }
    }

    fn cancel(&mut self, event: M::Event) {
        self.table.unset(event);
    }

    fn send(&mut self, lane: Lane, event: M::Event, delay: &Delay) {
        let table = &mut *self.table;
        let (row, from, max) = (Row::Message(lane, event), table.now, bound(delay.interval().max));
        match table.last_on(lane) {
            None => {
                table.add_delay(row, delay);
            }
            // arrival = max(the one before, now + delay): either it may still be the earlier one,
            // or the one before comes later than any delay allows.
            Some(before) if max == NEVER || table.is_within(before, from, max, Some(delay)) => {
                let due = table.add_delay(row, delay);
                table.restrict(before, due, 0);
                table.note_known(before, due, 0, Since::Order);
            }
            Some(before) => {
                let due = table.add(row, before, 0, 0);
                table.note_asked(|| Asked::Delay { delay: delay.clone(), from, due });
            }
        }
    }

    fn lose(&mut self, lane: Lane) {
        for row in &mut self.table.rows {
            if matches!(row, Some(Row::Message(on, _)) if *on == lane) {
                *row = None;
            }
        }
    }

    fn note(&mut self, fact: M::Fact) {
        if let Some(span) = self.machine.ends(&fact)
            && !self.table.over
        {
            let table = &mut *self.table;
            let after = bound(span);
            let later = match table.find(Row::Over) {
                Some(over) if table.holds(over, table.now, after) => false,
                Some(over) => {
                    table.rows[over] = None;
                    true
                }
                None => true,
            };
            if later {
                table.add(Row::Over, table.now, after, after);
            }
        }
        self.facts.push(fact);
    }

    fn emit(&mut self, (): ()) {}

    fn decide(&mut self, choice: &Choice) -> usize {
        let taken = self.table.one_of(choice.outcomes().count());
        let outcome = choice.outcomes().nth(taken).expect("one of its outcomes is taken");
        self.table.note_asked(|| Asked::Choice { choice: choice.clone(), outcome });
        outcome
    }

    fn stamp(&mut self, clock: &Clock) -> Stamp {
        let table = &mut *self.table;
        let row = tick_of(clock);
        let known = table.find(row);
        if table.tick_ahead(clock).is_some() {
            return Stamp::Same;
        }
        let tick = table.next_tick(clock, known);
        table.rows[tick] = Some(row);
        Stamp::Later
    }
}
