//! The time axis of a picture: focus and context, so that 63 us and 2 s are readable side by side.
//!
//! A race is decided within microseconds and felt after seconds; no linear axis shows both. This
//! one keeps the order of all instants, gives the decisive pair at least 30 % of the width, and
//! squeezes every gap of more than eight times the median gap, which is then marked as a break.
//! Since distances no longer tell, the picture prints the real times at its marks. Positions are
//! whole units (columns of a terminal, pixels of a drawing) and obey least distances: a system of
//! difference constraints, solved from left to right.

/// A gap longer than this many median gaps is squeezed.
pub const SQUEEZE: u64 = 8;
/// The share of the width, in percent, that the decisive pair gets at least.
pub const FOCUS_SHARE: usize = 30;
/// A squeezed gap is drawn as long as this many median gaps.
const SQUEEZED: u64 = 2;

/// Two knots that are to be at least so far apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Apart {
    /// Index of the earlier knot.
    pub from: usize,
    /// Index of the later knot.
    pub to: usize,
    /// Units between them.
    pub units: usize,
}

/// Where each knot is drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Axis {
    /// Position of each knot, never falling.
    pub at: Vec<usize>,
    /// Whether the gap after each knot but the last is squeezed.
    pub squeezed: Vec<bool>,
}

impl Axis {
    /// Places `knots` (times in microseconds, never falling) at `0..width`.
    ///
    /// `focus` are the indices of the decisive pair. `must` is obeyed as a whole, or, if the width
    /// does not allow it, not at all; of `wish` each is obeyed that still fits, in order.
    pub fn new(knots: &[u64], focus: (usize, usize), width: usize, must: &[Apart], wish: &[Apart]) -> Axis {
        let gaps: Vec<u64> = knots.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
        let squeezed = squeezed(knots);
        if knots.is_empty() {
            return Axis { at: Vec::new(), squeezed };
        }
        let last = width.saturating_sub(1);
        let focus = widened(focus, knots);
        let mut apart = vec![Apart { from: focus.0, to: focus.1, units: share(width) }];
        apart.retain(|one| one.from < one.to);
        add_if_it_fits(&mut apart, must, knots.len(), last);
        for one in wish {
            add_if_it_fits(&mut apart, std::slice::from_ref(one), knots.len(), last);
        }
        let targets = targets(&gaps, &squeezed, focus, last);
        Axis { at: place(&apart, &targets, &gaps, last), squeezed }
    }
}

/// Whether each gap between neighbouring knots is to be squeezed.
pub fn squeezed(knots: &[u64]) -> Vec<bool> {
    let gaps: Vec<u64> = knots.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    let limit = median(&gaps).saturating_mul(SQUEEZE);
    gaps.iter().map(|&gap| gap > limit).collect()
}

/// The decisive pair, or the instants before and after it if it is one instant; nothing without those.
fn widened(focus: (usize, usize), knots: &[u64]) -> (usize, usize) {
    let end = knots.len() - 1;
    let (from, to) = (focus.0.min(end), focus.1.min(end));
    if from < to && knots[from] < knots[to] {
        (from, to)
    } else {
        let before = knots[..from].iter().rposition(|at| *at < knots[from]);
        let after = knots[to..].iter().position(|at| *at > knots[to]).map(|after| to + after);
        match (before, after) {
            (None, None) => (from, from),
            (before, after) => (before.unwrap_or(from), after.unwrap_or(to)),
        }
    }
}

fn share(width: usize) -> usize {
    (width * FOCUS_SHARE).div_ceil(100).min(width.saturating_sub(1))
}

fn median(gaps: &[u64]) -> u64 {
    let mut gaps: Vec<u64> = gaps.iter().copied().filter(|&gap| gap > 0).collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied().unwrap_or(1)
}

fn add_if_it_fits(apart: &mut Vec<Apart>, more: &[Apart], knots: usize, last: usize) {
    let before = apart.len();
    apart.extend(more.iter().filter(|one| one.from < one.to && one.to < knots));
    if earliest(apart, knots).last().is_some_and(|&end| end > last) {
        apart.truncate(before);
    }
}

/// The leftmost position of each knot.
fn earliest(apart: &[Apart], knots: usize) -> Vec<usize> {
    let mut by_end: Vec<&Apart> = apart.iter().collect();
    by_end.sort_by_key(|one| one.to);
    let mut at = vec![0; knots];
    let mut next = by_end.into_iter().peekable();
    for knot in 0..knots {
        if knot > 0 {
            at[knot] = at[knot - 1];
        }
        while let Some(one) = next.next_if(|one| one.to == knot) {
            at[knot] = at[knot].max(at[one.from] + one.units);
        }
    }
    at
}

/// The rightmost position of each knot.
fn latest(apart: &[Apart], knots: usize, last: usize) -> Vec<usize> {
    let mirrored: Vec<Apart> = apart
        .iter()
        .map(|one| Apart { from: knots - 1 - one.to, to: knots - 1 - one.from, units: one.units })
        .collect();
    earliest(&mirrored, knots).into_iter().rev().map(|at| last.saturating_sub(at)).collect()
}

/// Where each knot would be if nothing but the lengths of the gaps counted.
fn targets(gaps: &[u64], squeezed: &[bool], focus: (usize, usize), last: usize) -> Vec<usize> {
    let usual = median(gaps) as f64;
    let length = |i: usize| if squeezed[i] { usual * SQUEEZED as f64 } else { gaps[i] as f64 };
    let inside = |i: usize| focus.0 <= i && i < focus.1;
    let (mut within, mut around) = (0.0, 0.0);
    for i in 0..gaps.len() {
        if inside(i) { within += length(i) } else { around += length(i) }
    }
    let wanted = around * FOCUS_SHARE as f64 / (100 - FOCUS_SHARE) as f64;
    let scale = if within > 0.0 && within < wanted { wanted / within } else { 1.0 };
    let total = (within * scale + around).max(1.0);
    let mut sum = 0.0;
    let mut targets = vec![0];
    for i in 0..gaps.len() {
        sum += if inside(i) { length(i) * scale } else { length(i) };
        targets.push(((sum / total) * last as f64).round() as usize);
    }
    targets
}

/// As near to their targets as the distances allow; knots of one instant as near to each other.
fn place(apart: &[Apart], targets: &[usize], gaps: &[u64], last: usize) -> Vec<usize> {
    let knots = targets.len();
    let latest = latest(apart, knots, last);
    let mut at: Vec<usize> = Vec::with_capacity(knots);
    for knot in 0..knots {
        let bounds = apart.iter().filter(|one| one.to == knot).map(|one| at[one.from] + one.units);
        let from = bounds.chain(at.last().copied()).max().unwrap_or(0);
        let target = if knot > 0 && gaps[knot - 1] == 0 { from } else { targets[knot] };
        at.push(target.max(from).min(latest[knot].max(from)).min(last));
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(knots: &[u64], focus: (usize, usize), width: usize) -> Axis {
        Axis::new(knots, focus, width, &[], &[])
    }

    #[test]
    fn positions_never_fall_and_stay_inside() {
        let knots = [0, 5, 5, 5, 9, 10, 4_000, 4_000, 9_000_000, 9_000_063];
        for width in [0, 1, 2, 10, 60, 88, 200] {
            for focus in [(0, 0), (0, 9), (3, 4), (8, 9), (9, 9), (50, 90)] {
                let axis = plain(&knots, focus, width);
                assert!(axis.at.windows(2).all(|pair| pair[0] <= pair[1]), "{axis:?}");
                assert!(axis.at.iter().all(|&at| at <= width.saturating_sub(1)), "{axis:?}");
            }
        }
    }

    #[test]
    fn the_decisive_pair_gets_its_share_next_to_two_seconds() {
        let knots = [0, 2_000_000, 2_000_063, 4_000_000, 6_000_000];
        let axis = plain(&knots, (1, 2), 70);
        assert!(axis.at[2] - axis.at[1] >= 21, "{axis:?}");
    }

    #[test]
    fn a_pair_of_no_length_is_widened_to_its_neighbours() {
        let axis = plain(&[0, 10, 10, 20, 9_000], (1, 2), 50);
        assert!(axis.at[3] - axis.at[0] >= 15, "{axis:?}");
    }

    #[test]
    fn only_gaps_of_more_than_eight_medians_are_squeezed() {
        let axis = plain(&[0, 100, 200, 300, 1_100, 1_901], (1, 2), 50);
        assert_eq!(axis.squeezed, [false, false, false, false, true]);
    }

    #[test]
    fn least_distances_are_obeyed_as_far_as_they_fit() {
        let must = [Apart { from: 0, to: 1, units: 3 }, Apart { from: 1, to: 2, units: 3 }];
        let wish = [Apart { from: 2, to: 3, units: 90 }, Apart { from: 2, to: 3, units: 9 }];
        let axis = Axis::new(&[0, 1, 2, 3], (0, 0), 40, &must, &wish);
        assert!(axis.at[1] >= 3 && axis.at[2] >= axis.at[1] + 3 && axis.at[3] >= axis.at[2] + 9, "{axis:?}");
    }

    #[test]
    fn nothing_at_all_has_an_axis_too() {
        assert!(plain(&[], (0, 0), 80).at.is_empty());
        assert_eq!(plain(&[7], (0, 0), 80).at, [0]);
    }
}
