//! What a step asks of clocks.

use crate::delay::Clock;
use crate::explore::class::ZoneClock;
use crate::explore::memo::Op;
use crate::explore::symbolic::{Asked, Since, Table, bound, tick_of};
use crate::explore::ticks::{Ticks, add_tick, keep_phase};
use crate::explore::zone::NEVER;

impl<E: Copy + Eq + Ord> Table<E> {
    /// The index at which `clock` ticks next, if it has not ticked since it was last read.
    pub(crate) fn tick_ahead(&mut self, clock: &Clock) -> Option<usize> {
        let at = self.find(tick_of(clock))?;
        if self.holds(at, self.now, 0) {
            self.clocks[at] = None;
            return None;
        }
        Some(at)
    }

    /// Adds the instant at which `clock` ticks next, of which nothing is known; unless it was known of the
    /// tick at index `passed` until now. It is not kept.
    pub(crate) fn next_tick(&mut self, clock: &Clock, passed: Option<usize>) -> usize {
        let resolution = bound(clock.resolution());
        let now = self.now;
        let place = |index: usize| index as u16;
        self.record(|| Op::Tick { now: place(now), passed: passed.map(place), resolution }, 0);
        self.clocks.push(None);
        let (tick, known) = add_tick(&mut self.zone, now, passed, resolution);
        self.note_known(now, tick, -1, Since::Order);
        self.note_known(tick, now, resolution, Since::Order);
        self.note_between(passed, tick, known);
        let phase = ZoneClock::Phase(clock.name().key());
        let mut kept = Ticks::OverApproximate;
        if self.kind.phases {
            let last = self.find(phase);
            self.add(phase, tick, 0, 0);
            if let Some(last) = last {
                self.clocks[last] = None;
            }
            self.record(|| Op::Phase { last: last.map(place), tick: place(tick), resolution }, 0);
            let known;
            (kept, known) = keep_phase((&mut self.zone, &mut self.decide), last, tick, resolution);
            self.note_between(last, tick, known);
        }
        self.ticks = self.ticks.max(kept);
        self.note_asked(|| Asked::Tick { clock: clock.clone(), at: tick });
        tick
    }

    /// Notes how long after index `last`, if there is one, a tick comes, at least and at most.
    fn note_between(&mut self, last: Option<usize>, tick: usize, (least, most): (i64, i64)) {
        let Some(last) = last else { return };
        self.note_known(last, tick, -least, Since::Order);
        if most != NEVER {
            self.note_known(tick, last, most, Since::Order);
        }
    }
}
