//! The next tick of a clock, as far as a class knows of it.
//!
//! From one reading to the next a class has the instant of the tick after it; once that has passed, any
//! instant within one resolution may be the next. A search that keeps phases also has the last tick that
//! was asked about, however long ago it was, and the next one is some whole number of resolutions later.

use crate::delay::Clock;
use crate::explore::class::Row;
use crate::explore::symbolic::{Asked, Since, Table, bound};
use crate::explore::zone::{NEVER, sum};

/// Of how many numbers of ticks each is looked at by itself.
const TICKS: i64 = 16;

/// What is kept of when clocks tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ticks {
    /// No clock was asked about.
    None,
    /// All: what is allowed is what clocks do.
    Exact,
    /// Not all: more is allowed than clocks do.
    Loose,
}

impl<E: Copy + Eq + Ord> Table<E> {
    /// The row at which `clock` ticks next, if it has not ticked since it was last read.
    pub(crate) fn tick_ahead(&mut self, clock: &Clock) -> Option<usize> {
        let at = self.find(Row::Tick(clock.name().key()))?;
        if self.holds(at, self.now, 0) {
            self.rows[at] = None;
            return None;
        }
        Some(at)
    }

    /// Adds the instant at which `clock` ticks next, of which nothing is known; unless it was known of the
    /// tick at row `passed` until now. It is not kept.
    pub(crate) fn next_tick(&mut self, clock: &Clock, passed: Option<usize>) -> usize {
        let resolution = bound(clock.resolution());
        let tick = self.put(Row::Tick(clock.name().key()), self.now, 1, resolution);
        self.rows[tick] = None;
        self.note_known(self.now, tick, -1, Since::Order);
        self.note_known(tick, self.now, resolution, Since::Order);
        if let Some(passed) = passed {
            // So many whole resolutions later, as far as is known of how long ago that was.
            let whole = |ago: i64| if ago == NEVER { NEVER } else { (ago / resolution + 1) * resolution };
            let least = whole(-self.zone.at(passed, self.now));
            let most = whole(self.zone.at(self.now, passed));
            self.zone.restrict(passed, tick, -least);
            self.note_known(passed, tick, -least, Since::Order);
            if most != NEVER {
                self.zone.restrict(tick, passed, most);
                self.note_known(tick, passed, most, Since::Order);
            }
        }
        let exact = self.kind.phases && self.keep_phase(Row::Phase(clock.name().key()), tick, resolution);
        self.ticks = self.ticks.max(if exact { Ticks::Exact } else { Ticks::Loose });
        self.note_asked(|| Asked::Tick { clock: clock.clone(), at: tick });
        tick
    }

    /// Keeps that the `phase` of a clock is that of its tick at row `tick`, and, if it was known, decides
    /// how many ticks there have been since; `false` if they may be so many that this is left open.
    fn keep_phase(&mut self, phase: Row<E>, tick: usize, resolution: i64) -> bool {
        let last = self.find(phase);
        self.add(phase, tick, 0, 0);
        let Some(last) = last else { return true };
        self.rows[last] = None;
        let (least, most) = (-self.zone.at(last, tick), self.zone.at(tick, last));
        let low = least.div_euclid(resolution) + i64::from(least.rem_euclid(resolution) > 0);
        let more = if most == NEVER { NEVER } else { most.div_euclid(resolution) - low };
        let (low, high) = if more >= TICKS {
            (low, sum(low, more))
        } else {
            let more = if more > 0 { self.decide.one_of(more as u64 + 1).cast_signed() } else { 0 };
            (low + more, low + more)
        };
        self.zone.restrict(last, tick, -low * resolution);
        self.note_known(last, tick, -low * resolution, Since::Order);
        if high != NEVER {
            self.zone.restrict(tick, last, high * resolution);
            self.note_known(tick, last, high * resolution, Since::Order);
        }
        more < TICKS
    }
}
