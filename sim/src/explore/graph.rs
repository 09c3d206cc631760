//! What leads where: the graph of plain parts, and four questions to it.
//!
//! *From where can a span still be measured?* A mark that is kept although nothing will ever measure
//! it makes every round of a loop a class of its own. So a first search without marks finds from which
//! parts a measurement can be reached, and a second one looks no further than these: elsewhere it is
//! proved that what is waited for never comes.
//!
//! *From where can no run end well?* What must happen in the end is broken long before the end, as soon
//! as nothing can mend it: from a part that leads to no good end. A run that is told to somebody need
//! not be chosen any further, and whatever is said of its timing is about its beginning only.
//!
//! *May a run go on for ever?* What must happen in the end can only be judged where runs end. A run
//! that goes on for ever goes round in some part of the graph, and in that part everything that is
//! pending happens or is set anew: what is pending all the way round has an upper bound, and so ends
//! the going round, if only time goes on. So a part through which one timer stays pending is left by
//! every run; where there is none, it may not be.
//!
//! *Where may time stand still?* After a step after which something is due at its own instant no time
//! passes before the next one. A part that has only such steps inside is no place where time goes on;
//! one that has none is no place where it stands still. Whether it does stand still in another is more
//! than plain parts can say (`standstill`).

use crate::explore::class::Row;

/// A step from one plain part to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// The rows of `from`, a bit each, that are still pending and were not set anew.
    pub(crate) stays: u64,
    /// Whether something is due at the instant of the step, for any timing.
    pub(crate) instant: bool,
}

/// All steps between plain parts, and those in which a span was measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) edges: Vec<Edge>,
    /// Which slots, and in which part such a step is taken; `None` if at the beginning of a run.
    pub(crate) measured: Vec<(u64, Option<u32>)>,
    /// From which part a run ends, and the rules that are broken then.
    pub(crate) ends: Vec<(u32, u64)>,
}

impl Graph {
    /// The slots that some run measures, in order.
    pub(crate) fn slots(&mut self) -> Vec<u64> {
        self.measured.sort_unstable();
        self.measured.dedup();
        let mut slots: Vec<u64> = self.measured.iter().map(|(slot, _)| *slot).collect();
        slots.dedup();
        slots
    }

    /// By plain part: whether from there `slot` may still be measured.
    pub(crate) fn hopeful(&self, slot: u64, parts: usize) -> Vec<bool> {
        let here = self.measured.iter().filter(|(measured, _)| *measured == slot);
        self.leading_to(here.filter_map(|(_, part)| *part).collect(), parts)
    }

    /// By plain part: whether from there every run that ends has broken one of `rules` then, and none goes
    /// on for ever in one of the parts that are `good`, where none is broken by what never happens.
    pub(crate) fn doomed(&self, rules: u64, good: impl Iterator<Item = u32>, parts: usize) -> Vec<bool> {
        let ends = self.ends.iter().filter(|(_, broken)| broken & rules == 0);
        let good = ends.map(|(part, _)| *part).chain(good);
        let mut doomed = self.leading_to(good.collect(), parts);
        for leads in &mut doomed {
            *leads = !*leads;
        }
        doomed
    }

    /// By plain part: whether it leads to one of `left`, or is one.
    fn leading_to(&self, mut left: Vec<u32>, parts: usize) -> Vec<bool> {
        let mut edges: Vec<(u32, u32)> = self.edges.iter().map(|edge| (edge.to, edge.from)).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut leads = vec![false; parts];
        while let Some(part) = left.pop() {
            if std::mem::replace(&mut leads[part as usize], true) {
                continue;
            }
            let from = edges.partition_point(|(to, _)| *to < part);
            left.extend(edges[from..].iter().take_while(|(to, _)| *to == part).map(|(_, from)| *from));
        }
        leads
    }
}

/// Where runs may go round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rounds {
    /// The parts between which some run may go on for ever while time goes on.
    pub(crate) endless: Vec<u32>,
    /// The parts from which a step leads on in a round, with something due at its instant.
    pub(crate) instant: Vec<u32>,
}

/// Where runs may go round; `rows` are those of a plain part.
pub(crate) fn rounds<'r, E: Eq + 'r>(
    edges: &mut Vec<Edge>,
    parts: usize,
    rows: impl Fn(u32) -> &'r [Row<E>],
) -> Rounds {
    edges.sort_unstable();
    edges.dedup();
    let component = components(edges, parts);
    let mut inside: Vec<&Edge> =
        edges.iter().filter(|edge| component[edge.from as usize] == component[edge.to as usize]).collect();
    inside.sort_by_key(|edge| component[edge.from as usize]);
    let timers = |edge: &Edge| -> Vec<&'r Row<E>> {
        let timer = |row: &Row<E>| matches!(row, Row::Timer(_) | Row::Over);
        let rows = rows(edge.from).iter().enumerate();
        rows.filter(|(at, row)| *at < 64 && edge.stays >> at & 1 == 1 && timer(row))
            .map(|(_, row)| row)
            .collect()
    };
    let mut rounds = Rounds::default();
    for around in inside.chunk_by(|a, b| component[a.from as usize] == component[b.from as usize]) {
        rounds.instant.extend(around.iter().filter(|edge| edge.instant).map(|edge| edge.from));
        let mut all_the_way = timers(around[0]);
        for edge in &around[1..] {
            if all_the_way.is_empty() {
                break;
            }
            let here = timers(edge);
            all_the_way.retain(|row| here.contains(row));
        }
        if all_the_way.is_empty() && !around.iter().all(|edge| edge.instant) {
            rounds.endless.extend(around.iter().map(|edge| edge.from));
        }
    }
    rounds.endless.dedup();
    rounds.instant.dedup();
    rounds
}

/// The strongly connected component of each part, by number (Tarjan, SIAM J. Comput. 1(2), 1972,
/// with a stack of its own). `edges` are sorted.
pub(crate) fn components(edges: &[Edge], parts: usize) -> Vec<u32> {
    const NEW: u32 = u32::MAX;
    let mut first = vec![0_usize; parts + 1];
    for edge in edges {
        first[edge.from as usize + 1] += 1;
    }
    for part in 0..parts {
        first[part + 1] += first[part];
    }
    let (mut order, mut low) = (vec![NEW; parts], vec![0_u32; parts]);
    let mut component = vec![NEW; parts];
    let (mut stack, mut counted, mut found) = (Vec::new(), 0, 0);
    for root in 0..parts {
        if order[root] != NEW {
            continue;
        }
        let mut path = vec![(root, first[root])];
        while let Some(&mut (part, ref mut next)) = path.last_mut() {
            if order[part] == NEW {
                (order[part], low[part]) = (counted, counted);
                counted += 1;
                stack.push(part);
            }
            if *next < first[part + 1] {
                let to = edges[*next].to as usize;
                *next += 1;
                if order[to] == NEW {
                    path.push((to, first[to]));
                } else if component[to] == NEW {
                    low[part] = low[part].min(order[to]);
                }
                continue;
            }
            path.pop();
            if let Some(&(above, _)) = path.last() {
                low[above] = low[above].min(low[part]);
            }
            if low[part] == order[part] {
                while let Some(member) = stack.pop() {
                    component[member] = found;
                    if member == part {
                        break;
                    }
                }
                found += 1;
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: u32, to: u32, stays: u64) -> Edge {
        Edge { from, to, stays, instant: false }
    }

    #[test]
    fn parts_that_lead_back_to_each_other_are_one_component() {
        let mut edges = vec![edge(0, 1, 0), edge(1, 2, 0), edge(2, 1, 0), edge(2, 3, 0), edge(3, 3, 0)];
        edges.sort_unstable();
        let component = components(&edges, 5);
        assert_eq!(component[1], component[2]);
        let mut all = vec![component[0], component[1], component[3], component[4]];
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn hope_is_what_leads_to_a_measurement() {
        let edges = vec![edge(0, 1, 0), edge(1, 2, 0), edge(2, 1, 0), edge(1, 3, 0), edge(3, 3, 0)];
        let measured = vec![(9, Some(3)), (7, Some(2)), (7, None)];
        let mut graph = Graph { edges, measured, ends: Vec::new() };
        assert_eq!(graph.slots(), [7, 9]);
        assert_eq!(graph.hopeful(7, 4), [true, true, true, false]);
        assert_eq!(graph.hopeful(9, 4), [true; 4]);
        assert_eq!(graph.hopeful(8, 4), [false; 4]);
    }

    #[test]
    fn doom_is_what_leads_to_no_good_end() {
        let edges = vec![edge(0, 1, 0), edge(0, 2, 0), edge(2, 3, 0), edge(1, 3, 0), edge(3, 3, 0)];
        let graph = Graph { edges, measured: Vec::new(), ends: vec![(1, 0b10), (3, 0b01), (2, 0b11)] };
        let doomed = |rules, good: &[u32]| graph.doomed(rules, good.iter().copied(), 4);
        assert_eq!(doomed(0b01, &[]), [false, false, true, true]);
        assert_eq!(doomed(0b10, &[]), [false; 4]);
        assert_eq!(doomed(0b11, &[]), [true; 4]);
        assert_eq!(doomed(0b11, &[2]), [false, true, false, true], "a run may stay in part 2 for ever");
    }

    #[test]
    fn a_timer_that_stays_pending_ends_the_going_round() {
        let rows = [Row::Timer('a'), Row::Timer('b')];
        let (poll, job) = (0b01, 0b10);
        let endless = |mut edges: Vec<Edge>, parts| rounds(&mut edges, parts, |_| &rows[..]).endless;
        assert_eq!(endless(vec![edge(0, 0, 0)], 1), [0]);
        assert_eq!(endless(vec![edge(0, 0, job)], 1), []);
        assert_eq!(endless(vec![edge(0, 1, job), edge(1, 0, poll)], 2), [0, 1]);
        assert_eq!(endless(vec![edge(0, 1, job | poll), edge(1, 0, job)], 2), []);
        assert_eq!(endless(vec![edge(0, 1, 0)], 2), [], "it does not lead back");
    }

    #[test]
    fn time_may_stand_still_where_a_round_has_a_step_that_takes_none() {
        let at_once = |from, to| Edge { instant: true, ..edge(from, to, 0) };
        let rounds = |mut edges: Vec<Edge>, parts| rounds(&mut edges, parts, |_| &[] as &[Row<char>]);
        let of = |endless: &[u32], instant: &[u32]| Rounds {
            endless: endless.to_vec(),
            instant: instant.to_vec(),
        };
        assert_eq!(rounds(vec![at_once(0, 1), at_once(1, 0)], 2), of(&[], &[0, 1]));
        assert_eq!(rounds(vec![at_once(0, 1), edge(1, 0, 0)], 2), of(&[0, 1], &[0]));
        assert_eq!(rounds(vec![edge(0, 1, 0), edge(1, 0, 0)], 2), of(&[0, 1], &[]));
        assert_eq!(rounds(vec![at_once(0, 1), edge(1, 1, 0)], 2), of(&[1], &[]), "it is not come back to");
    }
}
