//! The widest separation: how far apart the concurrent events of a run can be.
//!
//! Let `second[i]` come at least `separation` after `first[i]`, for each pair `i` of concurrent events. As
//! `second[i]` is at most `bound` after `first[j]`, by the zone, `first[i]` is at most `bound - separation`
//! after `first[j]`. Such demands can be met together exactly if no cycle of them adds up to less than
//! nothing, so the greatest separation is the least mean of the bounds on a cycle. It is found as one would
//! guess: any cycle has a mean; while there is one with a lesser mean, take that.

use crate::explore::zone::{Zone, sum};

/// Two concurrent events, by the indices of their instants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Concurrent {
    pub(crate) first: usize,
    pub(crate) second: usize,
}

/// The greatest separation up to `most` that all of these `pairs` can have at a time.
pub(crate) fn widest(zone: &Zone, pairs: &[Concurrent], most: i64) -> i64 {
    let cost = |i: usize, j: usize| zone.at(pairs[i].second, pairs[j].first);
    let mut mean = (0..pairs.len()).map(|i| cost(i, i)).fold(most, i64::min);
    while let Some(less) = cycle_below(mean, pairs.len(), cost) {
        mean = less;
    }
    mean
}

/// The mean, rounded down, of some cycle whose mean is less than `mean`; `None` if there is none. There
/// are `count` nodes, and going from `j` to `i` costs `cost(i, j)` (Bellman and Ford; a cycle of what
/// was improved by what is one that goes on improving).
fn cycle_below(mean: i64, count: usize, cost: impl Fn(usize, usize) -> i64) -> Option<i64> {
    let mut least = vec![0; count];
    let mut improved_by = vec![None; count];
    loop {
        let mut changed = false;
        for i in 0..count {
            for j in 0..count {
                let better = sum(least[j], sum(cost(i, j), -mean));
                if better < least[i] {
                    (least[i], improved_by[i]) = (better, Some(j));
                    changed = true;
                }
            }
        }
        if !changed {
            return None;
        }
        if let Some(on) = on_cycle(&improved_by) {
            let (mut at, mut all, mut steps) = (on, 0, 0);
            while let (Some(from), true) = (improved_by[at], steps == 0 || at != on) {
                all += cost(at, from);
                steps += 1;
                at = from;
            }
            return Some(all.div_euclid(steps));
        }
    }
}

/// A node that leads back to itself.
fn on_cycle(next: &[Option<usize>]) -> Option<usize> {
    // By node: in which walk it was met.
    let mut met = vec![usize::MAX; next.len()];
    for begin in 0..next.len() {
        let mut at = Some(begin);
        while let Some(node) = at {
            if met[node] == begin {
                return Some(node);
            }
            if met[node] != usize::MAX {
                break;
            }
            met[node] = begin;
            at = next[node];
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::zone::NEVER;

    fn mean(costs: &[&[i64]]) -> i64 {
        let mut mean = 100;
        while let Some(less) = cycle_below(mean, costs.len(), |from, to| costs[from][to]) {
            assert!(less < mean);
            mean = less;
        }
        mean
    }

    #[test]
    fn the_least_mean_is_that_of_the_cheapest_cycle() {
        let no = NEVER;
        assert_eq!(mean(&[]), 100);
        assert_eq!(mean(&[&[7]]), 7);
        assert_eq!(mean(&[&[no, 3], &[no, no]]), 100, "nothing leads back");
        assert_eq!(mean(&[&[9, 3], &[4, 9]]), 3, "7 in two steps, rounded down");
        assert_eq!(mean(&[&[no, 1, no], &[no, no, 2], &[9, no, 4]]), 4, "12 in three steps");
        assert_eq!(mean(&[&[no, -3], &[2, no]]), -1);
    }

    #[test]
    fn the_widest_gap_shares_what_there_is() {
        // 0, then two events at most 10 after it, in this order.
        let mut zone = Zone::default();
        zone.begin();
        let first = zone.add(0, 0, 10);
        let second = zone.add(0, 0, 10);
        zone.restrict(first, second, 0);
        let pair = Concurrent { first, second };
        assert_eq!(widest(&zone, &[pair], 100), 10);
        assert_eq!(widest(&zone, &[Concurrent { first: 0, second: first }, pair], 100), 5);
        assert_eq!(widest(&zone, &[pair], 4), 4);
    }
}
