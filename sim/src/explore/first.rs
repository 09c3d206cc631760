//! What can happen first, and by how much.

use crate::explore::class::{EnabledSet, ZoneClock};
use crate::explore::zone::{Bounds, Zone};

/// The separation by which the event `first` must come before `other` to be the first of them: at least `least`, if both
/// are concurrent and need not be due at one instant: `differ` says so.
#[inline(always)]
pub(crate) fn separation<E>(least: i64, first: &ZoneClock<E>, other: &ZoneClock<E>, differ: bool) -> i64 {
    match first {
        // The run is over only once nothing is due any more, not even at that instant.
        ZoneClock::Over => 1,
        _ if least > 0 && differ && !on_one_channel(first, other) => least,
        _ => 0,
    }
}

/// Whether two instants may differ, if the one is at most `later` after the other, and at most `earlier`
/// before it. Where they may not, no timing decides which is first, only the order of a tie.
#[inline(always)]
pub(crate) fn may_differ(later: i64, earlier: i64) -> bool {
    later != 0 || earlier != 0
}

pub(crate) fn on_one_channel<E>(one: &ZoneClock<E>, other: &ZoneClock<E>) -> bool {
    matches!((one, other), (ZoneClock::Message(one, _), ZoneClock::Message(other, _)) if one == other)
}

/// Lets `zone` be that of the moment when the clock at index `t` of a class is reached first; `false` if it cannot be.
/// Index 0 is then the moment, and the other clocks are those of the class, in their order. Between concurrent events
/// there must be a separation of at least `least`.
pub(crate) fn reach<E: Copy + Eq>(
    zone: &mut Zone,
    least: i64,
    enabled: &EnabledSet<E>,
    bounds: Bounds<'_>,
    t: usize,
) -> bool {
    if least == 0 && enabled.clocks[t] != ZoneClock::Over {
        return zone.reach(bounds, t, enabled.pending(), |_| 0);
    }
    let separation = |k: usize| {
        let differ = least > 0 && may_differ(bounds.at(k, t), bounds.at(t, k));
        separation(least, &enabled.clocks[t], &enabled.clocks[k], differ)
    };
    zone.reach(bounds, t, enabled.pending(), separation)
}
