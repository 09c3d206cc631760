//! Difference bounds: all that is known of a few instants, as upper bounds of their differences.
//!
//! A zone is the set of all assignments of instants that keep `x[i] - x[j] <= bound(i, j)` for all
//! pairs (Dill, "Timing assumptions and verification of finite-state concurrent systems", 1989;
//! Berthomieu and Diaz, IEEE TSE 17(3), 1991). It is kept closed: no bound can be lowered without
//! losing an assignment, so two zones are equal if their bounds are, one contains the other if its
//! bounds are all as high, and leaving a clock out of account is leaving out its row and column. All bounds
//! are whole microseconds and closed; then a zone that has an assignment has one in whole numbers.

use crate::watch::ObserverClock;

/// The bound that bounds nothing: a symbol, not a large number.
pub(crate) const NEVER: i64 = i64::MAX;

/// The sum of two bounds.
#[inline(always)]
pub(crate) fn sum(a: i64, b: i64) -> i64 {
    if a == NEVER || b == NEVER { NEVER } else { a + b }
}

/// A closed zone to work on; clocks are only added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zone {
    clocks: usize,
    stride: usize,
    bounds: Vec<i64>,
    /// The bounds of the instant that is being moved, kept here so that nothing is allocated.
    scratch: Vec<i64>,
}

/// What is stored of a zone: its bounds row by row, for `clocks` clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds<'z> {
    pub(crate) clocks: usize,
    pub(crate) all: &'z [i64],
}

impl Bounds<'_> {
    #[inline(always)]
    pub(crate) fn at(&self, i: usize, j: usize) -> i64 {
        self.all[i * self.clocks + j]
    }
}

impl Zone {
    /// The zone of one instant.
    pub(crate) fn begin(&mut self) {
        self.reserve(1);
        self.clocks = 1;
        self.bounds[0] = 0;
    }

    /// The number of instants.
    pub(crate) fn clocks(&self) -> usize {
        self.clocks
    }

    /// The greatest value of `x[i] - x[j]`.
    #[inline(always)]
    pub(crate) fn at(&self, i: usize, j: usize) -> i64 {
        self.bounds[i * self.stride + j]
    }

    /// Makes room for `clocks` clocks, keeping what there is.
    fn reserve(&mut self, clocks: usize) {
        if clocks <= self.stride {
            return;
        }
        let stride = clocks.next_power_of_two().max(16);
        let mut bounds = vec![NEVER; stride * stride];
        for row in 0..self.clocks {
            let from = row * self.stride;
            bounds[row * stride..row * stride + self.clocks]
                .copy_from_slice(&self.bounds[from..from + self.clocks]);
        }
        (self.bounds, self.stride) = (bounds, stride);
    }

    /// Becomes `from` at the moment when its instant `t` is reached before, or together with, all of
    /// its first `pending` instants; with at least `separation` before each. Index 0 is then `t`, and the other
    /// clocks follow in their order. `false` if `t` cannot be the first.
    #[inline(always)]
    pub(crate) fn reach(
        &mut self,
        from: Bounds<'_>,
        t: usize,
        pending: usize,
        separation: impl Fn(usize) -> i64,
    ) -> bool {
        let clocks = from.clocks;
        for k in 0..pending {
            if k != t && from.at(k, t) < separation(k) {
                return false;
            }
        }
        self.reserve(clocks);
        self.clocks = clocks;
        let mut first = std::mem::take(&mut self.scratch);
        first.clear();
        first.extend_from_slice(&from.all[t * clocks..(t + 1) * clocks]);
        for k in (0..pending).filter(|&k| k != t) {
            let row = &from.all[k * clocks..(k + 1) * clocks];
            let separation = separation(k);
            for (bound, &other) in first.iter_mut().zip(row) {
                *bound = (*bound).min(sum(other, -separation));
            }
        }
        first[t] = 0;
        let stride = self.stride;
        let place = |i: usize| if i < t { i + 1 } else { i };
        self.bounds[0] = 0;
        for j in (0..clocks).filter(|&j| j != t) {
            self.bounds[place(j)] = first[j];
        }
        for i in (0..clocks).filter(|&i| i != t) {
            let old = &from.all[i * clocks..(i + 1) * clocks];
            let to_t = old[t];
            let new = &mut self.bounds[place(i) * stride..place(i) * stride + clocks];
            new[0] = to_t;
            let (before, rest) = new[1..].split_at_mut(t);
            if to_t == NEVER {
                before.copy_from_slice(&old[..t]);
                rest.copy_from_slice(&old[t + 1..]);
                continue;
            }
            let through = |first: i64| if first == NEVER { NEVER } else { to_t + first };
            for ((new, &old), &first) in before.iter_mut().zip(&old[..t]).zip(&first) {
                *new = old.min(through(first));
            }
            for ((new, &old), &first) in rest.iter_mut().zip(&old[t + 1..]).zip(&first[t + 1..]) {
                *new = old.min(through(first));
            }
        }
        self.scratch = first;
        true
    }

    /// Adds a clock between `min` and `max` after the one at index `base`; gives its index.
    pub(crate) fn add(&mut self, base: usize, min: i64, max: i64) -> usize {
        self.reserve(self.clocks + 1);
        let (index, stride) = (self.clocks, self.stride);
        self.clocks += 1;
        for j in 0..index {
            self.bounds[index * stride + j] = sum(max, self.bounds[base * stride + j]);
            self.bounds[j * stride + index] = sum(self.bounds[j * stride + base], -min);
        }
        self.bounds[index * stride + index] = 0;
        index
    }

    /// Whether `x[i] - x[j] <= bound` is possible.
    #[inline(always)]
    pub(crate) fn allows(&self, i: usize, j: usize, bound: i64) -> bool {
        sum(self.at(j, i), bound) >= 0
    }

    /// Keeps only what has `x[i] - x[j] <= bound`, which must be possible.
    pub(crate) fn restrict(&mut self, i: usize, j: usize, bound: i64) {
        self.restrict_to_all(i, &[(j, bound)]);
    }

    /// Keeps only what has `x[i] - x[j] <= bound` for each of `others`, a `j` and a bound each; all of
    /// that must be possible at a time.
    pub(crate) fn restrict_to_all(&mut self, i: usize, others: &[(usize, i64)]) {
        debug_assert!(
            others.iter().all(|&(j, bound)| self.allows(i, j, bound)),
            "a zone is never made empty"
        );
        let (clocks, stride) = (self.clocks, self.stride);
        let mut onward = std::mem::take(&mut self.scratch);
        onward.clear();
        // A way through `i` goes on by one of these bounds, since it does not come to `i` again.
        for &(j, bound) in others.iter().filter(|&&(j, bound)| bound < self.at(i, j)) {
            let from_j =
                self.bounds[j * stride..j * stride + clocks].iter().map(|&from_j| sum(bound, from_j));
            if onward.is_empty() {
                onward.extend(from_j);
            } else {
                onward.iter_mut().zip(from_j).for_each(|(onward, more)| *onward = (*onward).min(more));
            }
        }
        if !onward.is_empty() {
            for a in 0..clocks {
                let to_i = self.bounds[a * stride + i];
                // The bounds are closed: where no way to one of the others becomes shorter, none does.
                let shorter = |&(j, bound): &(usize, i64)| sum(to_i, bound) < self.bounds[a * stride + j];
                if to_i == NEVER || !others.iter().any(shorter) {
                    continue;
                }
                for (old, &more) in self.bounds[a * stride..a * stride + clocks].iter_mut().zip(&onward) {
                    *old = (*old).min(sum(to_i, more));
                }
            }
        }
        self.scratch = onward;
    }

    /// The zone of the clocks `kept` alone, in that order.
    pub(crate) fn of_clocks(&self, kept: &[usize]) -> Self {
        let bounds = kept.iter().flat_map(|&i| kept.iter().map(move |&j| self.at(i, j))).collect();
        Self { clocks: kept.len(), stride: kept.len(), bounds, scratch: Vec::new() }
    }

    /// Its bounds, if it has no more clocks than it was made for.
    pub(crate) fn into_bounds(self) -> Vec<i64> {
        self.bounds
    }

    /// The span since `observer` was started, for whoever measures it: the observer clock, the least and the greatest.
    pub(crate) fn measured(
        &self,
        observer: ObserverClock,
        started: usize,
        now: usize,
    ) -> (ObserverClock, i64, i64) {
        (observer, -self.at(started, now), self.at(now, started))
    }

    /// Writes the bounds of the clocks `kept`, in that order, behind `out`.
    pub(crate) fn export(&self, kept: &[u16], out: &mut Vec<i64>) {
        for &i in kept {
            let i = usize::from(i);
            let row = &self.bounds[i * self.stride..i * self.stride + self.clocks];
            out.extend(kept.iter().map(|&j| row[usize::from(j)]));
        }
    }
}

/// A bound as it is kept, in as many bits as suffice.
pub(crate) trait Bound: Copy + Ord {
    /// The sum, where one of them may bound nothing; never less than what it stands for allows.
    fn sum(self, other: Self) -> Self;

    /// The least by which the other way round is more than this bound: `x[j] - x[i] <= -(bound + 1)`.
    fn beyond(self) -> Self;
}

impl Bound for i64 {
    #[inline(always)]
    fn sum(self, other: Self) -> Self {
        sum(self, other)
    }

    #[inline(always)]
    fn beyond(self) -> Self {
        -(self + 1)
    }
}

/// The greatest bound that is kept in 32 bits, about 18 minutes; a sum of two of them can be, too.
const NARROW: i64 = (1 << 30) - 1;

impl Bound for i32 {
    /// Of three that are summed up the sum may be saturated: it is greater, or less, than all that are kept then.
    #[inline(always)]
    fn sum(self, other: Self) -> Self {
        if self == Self::MAX || other == Self::MAX { Self::MAX } else { self.saturating_add(other) }
    }

    #[inline(always)]
    fn beyond(self) -> Self {
        -(self + 1)
    }
}

/// Whether a bound can be kept in 32 bits.
#[inline(always)]
pub(crate) fn is_narrow(bound: i64) -> bool {
    bound == NEVER || bound.wrapping_add(NARROW) as u64 <= 2 * NARROW as u64
}

/// A bound that can, in 32 bits.
#[inline(always)]
pub(crate) fn narrowed(bound: i64) -> i32 {
    bound.min(i64::from(i32::MAX)) as i32
}

/// A bound that was kept in 32 bits.
#[inline(always)]
pub(crate) fn widened(bound: i32) -> i64 {
    if bound == i32::MAX { NEVER } else { i64::from(bound) }
}

/// Whether each assignment of `inner` is one of `outer`.
#[inline]
pub(crate) fn contains<B: Bound>(outer: &[B], inner: &[B]) -> bool {
    outer.iter().zip(inner).all(|(outer, inner)| inner <= outer)
}

/// Writes the least zone that contains `a` and `b` to `hull` if it contains nothing else.
///
/// What the hull adds to `a` lies, for some bound of `a` that the hull raises, beyond that bound; so
/// each of these parts must lie in `b` (exact merging: David, "Merging DBMs efficiently", NWPT 2005). The hull's
/// bounds are the greater ones of the two, and most pairs fail at once: they are not written down
/// before it is clear that they are wanted.
pub(crate) fn merge<B: Bound>(clocks: usize, a: &[B], b: &[B], hull: &mut Vec<B>) -> bool {
    for at in 0..clocks * clocks {
        if a[at] < b[at] && !part_lies_in_b(clocks, a, b, (at / clocks, at % clocks)) {
            return false;
        }
    }
    hull.clear();
    hull.extend(a.iter().zip(b).map(|(&a, &b)| a.max(b)));
    true
}

/// Whether what the hull of `a` and `b` has beyond the bound of `a` for `x[i] - x[j]` lies in `b`.
fn part_lies_in_b<B: Bound>(clocks: usize, a: &[B], b: &[B], (i, j): (usize, usize)) -> bool {
    let row = |i: usize| i * clocks..(i + 1) * clocks;
    let beyond = a[i * clocks + j].beyond();
    let (onward_a, onward_b) = (&a[row(i)], &b[row(i)]);
    for from in 0..clocks {
        let (a, b) = (&a[row(from)], &b[row(from)]);
        let to_j = a[j].max(b[j]).sum(beyond);
        for to in 0..clocks {
            if a[to] > b[to] && to_j.sum(onward_a[to].max(onward_b[to])) > b[to] {
                return false;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The zone of instants given by their bounds after a common beginning, all kept.
    fn of(spans: &[(i64, i64)]) -> (Zone, Vec<i64>) {
        let mut zone = Zone::default();
        zone.begin();
        for &(min, max) in spans {
            zone.add(0, min, max);
        }
        let kept: Vec<usize> = (1..=spans.len()).collect();
        let mut bounds = Vec::new();
        zone.export(&kept.iter().map(|row| *row as u16).collect::<Vec<u16>>(), &mut bounds);
        (zone, bounds)
    }

    #[test]
    fn only_what_no_bound_forbids_can_be_first() {
        let (_, bounds) = of(&[(5, 9), (8, 20), (10, 12)]);
        let from = Bounds { clocks: 3, all: &bounds };
        let mut zone = Zone::default();
        assert!(zone.reach(from, 0, 3, |_| 0));
        // The others are at least 8 - 9 and 10 - 9 later; now the first of all is not negative.
        assert_eq!((zone.at(0, 1), zone.at(0, 2)), (0, -1));
        assert!(zone.reach(from, 1, 3, |_| 0), "at 8 or 9");
        assert_eq!((zone.at(1, 0), zone.at(0, 1), zone.at(0, 2)), (1, 0, -1), "the first is due within 1");
        assert!(!zone.reach(from, 2, 3, |_| 0), "at 10 the first is overdue");
        assert!(!zone.reach(from, 1, 3, |_| 2), "never 2 before the first");
    }

    #[test]
    fn zones_merge_where_their_hull_adds_nothing() {
        let mut hull = Vec::new();
        // Two instants: intervals of their distance that touch, in whole numbers, and that do not.
        let distance = |low: i64, high: i64| vec![0, -low, high, 0];
        assert!(merge(2, &distance(0, 5), &distance(6, 9), &mut hull));
        assert_eq!(hull, distance(0, 9));
        assert!(!merge(2, &distance(0, 5), &distance(7, 9), &mut hull));
        // Two squares side by side make a rectangle; two across a corner do not.
        let square = |x: (i64, i64), y: (i64, i64)| {
            let mut zone = Zone::default();
            zone.begin();
            zone.add(0, x.0, x.1);
            zone.add(0, y.0, y.1);
            let mut bounds = Vec::new();
            zone.export(&[0, 1, 2], &mut bounds);
            bounds
        };
        assert!(merge(3, &square((0, 4), (0, 9)), &square((5, 8), (0, 9)), &mut hull));
        assert_eq!(hull, square((0, 8), (0, 9)));
        assert!(!merge(3, &square((0, 4), (0, 4)), &square((5, 8), (5, 8)), &mut hull));
    }

    #[test]
    fn never_stays_never() {
        let mut zone = Zone::default();
        zone.begin();
        let open = zone.add(0, 3, NEVER);
        let fixed = zone.add(0, 7, 7);
        assert_eq!((zone.at(open, fixed), zone.at(fixed, open)), (NEVER, 4));
        zone.restrict(open, fixed, 2);
        assert_eq!((zone.at(open, 0), zone.at(0, open)), (9, -3));
    }

    /// The shortest ways between all clocks, the plain way.
    fn closed(clocks: usize, mut bounds: Vec<i64>) -> Vec<i64> {
        for k in 0..clocks {
            for i in 0..clocks {
                for j in 0..clocks {
                    let through = sum(bounds[i * clocks + k], bounds[k * clocks + j]);
                    bounds[i * clocks + j] = bounds[i * clocks + j].min(through);
                }
            }
        }
        bounds
    }

    #[test]
    fn restricting_one_row_is_closing_all_of_them() {
        let mut state = 7_u64;
        let mut draw = |below: i64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33).cast_signed().rem_euclid(below)
        };
        let mut shortened = 0;
        for _ in 0..2_000 {
            let mut zone = Zone::default();
            zone.begin();
            for row in 0..6 {
                let (least, wide) = (draw(10), draw(20));
                zone.add(draw(row + 1) as usize, least, if wide == 0 { NEVER } else { least + wide });
            }
            let clocks = zone.clocks();
            let all = |zone: &Zone| -> Vec<i64> {
                (0..clocks)
                    .flat_map(|i| (0..clocks).map(move |j| (i, j)))
                    .map(|(i, j)| zone.at(i, j))
                    .collect()
            };
            let i = draw(i64::try_from(clocks).expect("seven")) as usize;
            let drawn = (0..clocks).map(|j| (j, draw(24) - 4));
            let wanted: Vec<(usize, i64)> = drawn.filter(|&(j, bound)| j != i && bound < 8).collect();
            let mut plain = all(&zone);
            for &(j, bound) in &wanted {
                plain[i * clocks + j] = plain[i * clocks + j].min(bound);
            }
            let plain = closed(clocks, plain);
            // What cannot be is not asked for.
            if (0..clocks).any(|row| plain[row * clocks + row] < 0) {
                continue;
            }
            let before = all(&zone);
            zone.restrict_to_all(i, &wanted);
            assert_eq!(all(&zone), plain);
            shortened += usize::from(before != plain);
        }
        assert!(shortened > 200, "{shortened} were restricted");
    }

    /// All zones of three clocks whose bounds are as low or high as 32 bits keep them, 0, or none.
    fn extremes() -> Vec<Vec<i64>> {
        let values = [-NARROW, 0, NARROW, NEVER];
        let one = |number: usize| {
            let drawn: Vec<i64> = (0..6).map(|place| values[number / 4_usize.pow(place) % 4]).collect();
            closed(3, vec![0, drawn[0], drawn[1], drawn[2], 0, drawn[3], drawn[4], drawn[5], 0])
        };
        let is_zone = |zone: &Vec<i64>| {
            (0..3).all(|clock| zone[clock * 4] == 0) && zone.iter().all(|bound| is_narrow(*bound))
        };
        let mut zones: Vec<Vec<i64>> = (0..4_usize.pow(6)).map(one).filter(is_zone).collect();
        zones.sort_unstable();
        zones.dedup();
        zones
    }

    #[test]
    fn zones_merge_in_32_bits_where_they_do_in_64() {
        let all = extremes();
        let narrow: Vec<Vec<i32>> =
            all.iter().map(|zone| zone.iter().map(|bound| narrowed(*bound)).collect()).collect();
        let (mut hull, mut narrow_hull) = (Vec::new(), Vec::new());
        let mut merged = 0;
        for (a, narrow_a) in all.iter().zip(&narrow) {
            for (b, narrow_b) in all.iter().zip(&narrow) {
                let merges = merge(3, a, b, &mut hull);
                assert_eq!(merge(3, narrow_a, narrow_b, &mut narrow_hull), merges, "{a:?} {b:?}");
                assert!(!merges || hull.iter().copied().eq(narrow_hull.iter().map(|bound| widened(*bound))));
                merged += usize::from(merges);
            }
        }
        // As counted by another program.
        assert_eq!((all.len(), merged), (378, 28_230));
    }
}
