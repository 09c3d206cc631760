//! The next tick of a clock, as far as a class knows of it.
//!
//! From one reading to the next a class has the instant of the tick after it; once that has passed, any
//! instant within one resolution may be the next. A search that keeps phases also has the last tick that
//! was asked about, however long ago it was, and the next one is some whole number of resolutions later.

use crate::enumerate::Enumerate;
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
    OverApproximate,
}

/// Adds to `zone` the instant of the next tick. If the one at index `passed` was known until now, it comes
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

/// Keeps of `zone` that there are whole resolutions between two ticks of a clock, the one at index `last` and
/// the one at index `tick`, and decides how many, unless they may be so many that this is left open; how
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
        (Ticks::OverApproximate, low, sum(low, more))
    } else {
        let more = if more > 0 { decide.one_of(more as u64 + 1).cast_signed() } else { 0 };
        (Ticks::Exact, low + more, low + more)
    };
    let known = (low * resolution, if high == NEVER { NEVER } else { high * resolution });
    come_after(zone, last, tick, known);
    (ticks, known)
}

/// Keeps of `zone` that the one index comes so long after the other, at least and at most.
fn come_after(zone: &mut Zone, first: usize, second: usize, (least, most): (i64, i64)) {
    zone.restrict(first, second, -least);
    if most != NEVER {
        zone.restrict(second, first, most);
    }
}
