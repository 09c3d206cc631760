//! What can happen first, and by how much.

use crate::explore::class::{Row, Shape};
use crate::explore::zone::{Bounds, Zone};

/// How much earlier than `other` the event `first` must be to be the first of them; `races` says whether
/// they need not be due at one instant.
#[inline(always)]
pub(crate) fn margin<E>(apart: i64, first: &Row<E>, other: &Row<E>, races: bool) -> i64 {
    match first {
        // The run is over only once nothing is due any more, not even at that instant.
        Row::Over => 1,
        _ if apart > 0 && races && !on_one_lane(first, other) => apart,
        _ => 0,
    }
}

/// Whether two instants may differ, if the one is at most `later` after the other, and at most `earlier`
/// before it. Where they may not, no timing decides which is first, only the order of a tie.
#[inline(always)]
pub(crate) fn races(later: i64, earlier: i64) -> bool {
    later != 0 || earlier != 0
}

pub(crate) fn on_one_lane<E>(one: &Row<E>, other: &Row<E>) -> bool {
    matches!((one, other), (Row::Message(one, _), Row::Message(other, _)) if one == other)
}

/// Lets `zone` be that of the moment when row `t` of a class happens first; `false` if it cannot. Its row 0
/// is then the moment, and the others are those of the class, in their order. Events that need not tie
/// must be `apart`.
pub(crate) fn reach<E: Copy + Eq>(
    zone: &mut Zone,
    apart: i64,
    shape: &Shape<E>,
    bounds: Bounds<'_>,
    t: usize,
) -> bool {
    if apart == 0 && shape.rows[t] != Row::Over {
        return zone.reach(bounds, t, shape.pending(), |_| 0);
    }
    let margin = |k: usize| {
        let races = apart > 0 && races(bounds.at(k, t), bounds.at(t, k));
        margin(apart, &shape.rows[t], &shape.rows[k], races)
    };
    zone.reach(bounds, t, shape.pending(), margin)
}
