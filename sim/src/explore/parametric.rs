//! For which values of a parameter a path is possible.
//!
//! All that a path asks of its instants are bounds of differences, and a delay that depends on a
//! parameter makes some of them linear in it: `x[i] - x[j] <= constant + slope * p`. For one `p` such
//! bounds have a solution unless some cycle of them adds up to less than nothing (Bellman 1958; Ford
//! 1956). What such a cycle adds up to is linear in `p` as well, so it says at once which values it
//! rules out; without them the next cycle is looked for. What remains is an interval, since bounds
//! that are linear in `p` make a convex set, and each end is exact: whole bounds and a whole `p` have
//! a solution in whole microseconds if they have one.

use std::collections::BTreeMap;

use crate::explore::symbolic::{Known, Since};
use crate::time::Span;

/// A bound that depends on a parameter: `constant + slope * p`, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// What it is at 0.
    pub constant: i64,
    /// How much it grows with the parameter.
    pub slope: i64,
}

/// How delays depend on a parameter (parametric bounds: Alur, Henzinger and Vardi, STOC 1993): by the key of a delay's name,
/// its least and its greatest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// The delays; those that are not here do not depend on it.
    pub delays: BTreeMap<u32, (Linear, Linear)>,
}

/// A bound between two instants, as an edge from `j` to `i`.
#[derive(Clone, Copy, Debug)]
struct Edge {
    from: usize,
    to: usize,
    weight: Linear,
}

impl Linear {
    /// One that does not depend on the parameter.
    pub fn constant(constant: i64) -> Self {
        Self { constant, slope: 0 }
    }

    /// Its value.
    pub fn at(self, p: i64) -> i64 {
        self.constant + self.slope * p
    }

    fn plus(self, other: Self) -> Self {
        Self { constant: self.constant + other.constant, slope: self.slope + other.slope }
    }

    fn negative(self) -> Self {
        Self { constant: -self.constant, slope: -self.slope }
    }
}

impl Parameter {
    fn weight(&self, known: &Known) -> Linear {
        let of = |key| self.delays.get(&key);
        match known.since {
            Since::Order => None,
            Since::Least(key) => of(key).map(|(least, _)| least.negative()),
            Since::Greatest(key) => of(key).map(|(_, greatest)| *greatest),
            Since::Beyond(key) => of(key).map(|(_, greatest)| greatest.negative().plus(Linear::constant(-1))),
        }
        .unwrap_or(Linear::constant(known.bound))
    }

    /// The values of the parameter from `low` to `high` for which what is `known` of `instants`
    /// instants is possible: the least and the greatest.
    pub(crate) fn possible(
        &self,
        known: &[Known],
        instants: usize,
        (low, high): (Span, Span),
    ) -> Option<(Span, Span)> {
        let edges: Vec<Edge> = known
            .iter()
            .map(|known| Edge { from: known.j, to: known.i, weight: self.weight(known) })
            .collect();
        let (mut least, mut greatest) = (i64::try_from(low.0).ok()?, i64::try_from(high.0).ok()?);
        while let Some(cycle) = negative_cycle(&edges, instants, least) {
            // More of the parameter must make it longer, or no value will do.
            if cycle.slope <= 0 {
                return None;
            }
            least = -cycle.constant.div_euclid(cycle.slope);
            if least > greatest {
                return None;
            }
        }
        while let Some(cycle) = negative_cycle(&edges, instants, greatest) {
            if cycle.slope >= 0 {
                return None;
            }
            greatest = cycle.constant.div_euclid(-cycle.slope);
            if greatest < least {
                return None;
            }
        }
        Some((Span(least as u64), Span(greatest as u64)))
    }
}

/// What some cycle adds up to that is less than nothing for this `p`, if there is one.
fn negative_cycle(edges: &[Edge], instants: usize, p: i64) -> Option<Linear> {
    let mut distance = vec![0_i64; instants];
    let mut by: Vec<Option<usize>> = vec![None; instants];
    let mut last = None;
    for _ in 0..=instants {
        last = None;
        for (number, edge) in edges.iter().enumerate() {
            let shorter = distance[edge.from] + edge.weight.at(p);
            if shorter < distance[edge.to] {
                distance[edge.to] = shorter;
                by[edge.to] = Some(number);
                last = Some(edge.to);
            }
        }
        last?;
    }
    // So many steps back from what still becomes shorter lies a cycle.
    let mut at = last?;
    for _ in 0..instants {
        at = edges[by[at]?].from;
    }
    let (begin, mut sum) = (at, Linear::constant(0));
    loop {
        let edge = &edges[by[at]?];
        sum = sum.plus(edge.weight);
        at = edge.from;
        if at == begin {
            return Some(sum);
        }
    }
}

/// Why `x[to] - x[from]` is at most what it is: the bounds whose sum that is, from `from` on.
pub(crate) fn chain(known: &[Known], instants: usize, from: usize, to: usize) -> Option<Vec<Known>> {
    let mut distance: Vec<Option<i64>> = vec![None; instants];
    let mut by: Vec<Option<usize>> = vec![None; instants];
    distance[from] = Some(0);
    for _ in 0..instants {
        let mut shorter = false;
        for (number, known) in known.iter().enumerate() {
            let Some(before) = distance[known.j] else { continue };
            let there = before + known.bound;
            if distance[known.i].is_none_or(|old| there < old) {
                distance[known.i] = Some(there);
                by[known.i] = Some(number);
                shorter = true;
            }
        }
        if !shorter {
            break;
        }
    }
    let (mut at, mut chain) = (to, Vec::new());
    while at != from {
        let known = known[by[at]?];
        chain.push(known);
        at = known.j;
        if chain.len() > instants {
            return None;
        }
    }
    chain.reverse();
    Some(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(i: usize, j: usize, bound: i64) -> Known {
        Known { i, j, bound, since: Since::Order }
    }

    #[test]
    fn each_end_is_the_last_value_that_is_possible() {
        // A delay of exactly p from 0 to 1, and another of 10 to 20 from 0 to 2, which is not after 1.
        let parameter = Parameter {
            delays: [(7, (Linear { constant: 0, slope: 1 }, Linear { constant: 0, slope: 1 }))].into(),
        };
        let mut known = vec![
            Known { i: 0, j: 1, bound: 0, since: Since::Least(7) },
            Known { i: 1, j: 0, bound: 99, since: Since::Greatest(7) },
            order(0, 2, -10),
            order(2, 0, 20),
            order(2, 1, 0),
        ];
        let range = |low, high| (Span(low), Span(high));
        assert_eq!(parameter.possible(&known, 3, range(0, 99)), Some(range(10, 99)));
        assert_eq!(parameter.possible(&known, 3, range(12, 15)), Some(range(12, 15)));
        assert_eq!(parameter.possible(&known, 3, range(0, 9)), None);
        // Another round of p ends at most 11 after 2: 2p <= p + 11.
        known.extend([
            Known { i: 1, j: 3, bound: 0, since: Since::Least(7) },
            Known { i: 3, j: 1, bound: 99, since: Since::Greatest(7) },
            order(3, 2, 11),
        ]);
        assert_eq!(parameter.possible(&known, 4, range(0, 99)), Some(range(10, 11)));
        // Nothing that the parameter can mend.
        known.push(order(0, 0, -1));
        assert_eq!(parameter.possible(&known, 4, range(0, 99)), None);
    }

    #[test]
    fn a_chain_is_the_shortest_way() {
        let known = [order(1, 0, 5), order(2, 1, 7), order(2, 0, 20), order(0, 2, -3)];
        let steps = chain(&known, 3, 0, 2).map(|chain| chain.iter().map(|known| known.bound).collect());
        assert_eq!(steps, Some(vec![5, 7]));
        assert_eq!(chain(&known, 3, 2, 0).map(|chain| chain.len()), Some(1));
        assert_eq!(chain(&known[..1], 3, 0, 2), None);
    }

    #[test]
    fn half_values_are_not_possible() {
        // 2p = 7 + something of 0 to 1, so p = 4; and 2p = 7 has no whole solution.
        let once = (Linear { constant: 0, slope: 1 }, Linear { constant: 0, slope: 1 });
        let parameter = Parameter { delays: [(1, once)].into() };
        let twice = |least: i64, most: i64| {
            vec![
                Known { i: 0, j: 1, bound: 0, since: Since::Least(1) },
                Known { i: 1, j: 0, bound: 0, since: Since::Greatest(1) },
                Known { i: 1, j: 2, bound: 0, since: Since::Least(1) },
                Known { i: 2, j: 1, bound: 0, since: Since::Greatest(1) },
                order(2, 0, most),
                order(0, 2, -least),
            ]
        };
        assert_eq!(parameter.possible(&twice(7, 8), 3, (Span(0), Span(99))), Some((Span(4), Span(4))));
        assert_eq!(parameter.possible(&twice(7, 7), 3, (Span(0), Span(99))), None);
    }
}
