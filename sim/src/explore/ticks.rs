//! The next tick of a clock, as far as a class knows of it.
//!
//! From one reading to the next a class has the instant of the tick after it; once that has passed, any
//! instant within one resolution may be the next. A search that keeps phases also has the last tick that
//! was asked about, however long ago it was, and the next one is some whole number of resolutions later.

use crate::delay::Clock;
use crate::enumerate::Enumerate;
use crate::explore::class::Row;
use crate::explore::script::Op;
use crate::explore::symbolic::{Asked, Since, Table, bound};
use crate::explore::zone::{NEVER, Zone, sum};

/// Of how many numbers of ticks each is looked at by itself.
const TICKS: i64 = 16;

/// What is kept of when clocks tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ticks {
    /// No clock was asked about.
    #[default]
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
        let now = self.now;
        let place = |row: usize| row as u16;
        self.record(|| Op::Tick { now: place(now), passed: passed.map(place), resolution }, 0);
        self.rows.push(None);
        let (tick, known) = add_tick(&mut self.zone, now, passed, resolution);
        self.note_known(now, tick, -1, Since::Order);
        self.note_known(tick, now, resolution, Since::Order);
        self.note_between(passed, tick, known);
        let phase = Row::Phase(clock.name().key());
        let mut kept = Ticks::Loose;
        if self.kind.phases {
            let last = self.find(phase);
            self.add(phase, tick, 0, 0);
            if let Some(last) = last {
                self.rows[last] = None;
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

    /// Notes how long after row `last`, if there is one, a tick comes, at least and at most.
    fn note_between(&mut self, last: Option<usize>, tick: usize, (least, most): (i64, i64)) {
        let Some(last) = last else { return };
        self.note_known(last, tick, -least, Since::Order);
        if most != NEVER {
            self.note_known(tick, last, most, Since::Order);
        }
    }
}

/// Adds to `zone` the instant of the next tick. If the one at row `passed` was known until now, it comes
/// some whole resolutions later, as far as is known of how long ago that was: at least and at most so much.
pub(crate) fn add_tick(
    zone: &mut Zone,
    now: usize,
    passed: Option<usize>,
    resolution: i64,
) -> (usize, (i64, i64)) {
    let tick = zone.add(now, 1, resolution);
    let Some(passed) = passed else { return (tick, (0, NEVER)) };
    let whole = |ago: i64| if ago == NEVER { NEVER } else { (ago / resolution + 1) * resolution };
    let (least, most) = (whole(-zone.at(passed, now)), whole(zone.at(now, passed)));
    come_after(zone, passed, tick, (least, most));
    (tick, (least, most))
}

/// Keeps of `zone` that there are whole resolutions between two ticks of a clock, the one at row `last` and
/// the one at row `tick`, and decides how many, unless they may be so many that this is left open; how
/// long that is then, at least and at most.
pub(crate) fn keep_phase(
    (zone, decide): (&mut Zone, &mut Enumerate),
    last: Option<usize>,
    tick: usize,
    resolution: i64,
) -> (Ticks, (i64, i64)) {
    let Some(last) = last else { return (Ticks::Exact, (0, NEVER)) };
    let (least, most) = (-zone.at(last, tick), zone.at(tick, last));
    let low = least.div_euclid(resolution) + i64::from(least.rem_euclid(resolution) > 0);
    let more = if most == NEVER { NEVER } else { most.div_euclid(resolution) - low };
    let (ticks, low, high) = if more >= TICKS {
        (Ticks::Loose, low, sum(low, more))
    } else {
        let more = if more > 0 { decide.one_of(more as u64 + 1).cast_signed() } else { 0 };
        (Ticks::Exact, low + more, low + more)
    };
    let known = (low * resolution, if high == NEVER { NEVER } else { high * resolution });
    come_after(zone, last, tick, known);
    (ticks, known)
}

/// Keeps of `zone` that the one row comes so long after the other, at least and at most.
fn come_after(zone: &mut Zone, first: usize, second: usize, (least, most): (i64, i64)) {
    zone.restrict(first, second, -least);
    if most != NEVER {
        zone.restrict(second, first, most);
    }
}
