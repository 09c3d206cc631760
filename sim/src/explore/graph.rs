//! What leads where: the graph of discrete states, and four questions to it.
//!
//! *From where is a measurement co-reachable?* An observer clock that is kept although nothing will ever measure
//! it makes every turn of a loop a class of its own. So a first search without observer clocks finds from which
//! discrete states a measurement can be reached, and a second one looks no further than these: elsewhere it is
//! proved that what is waited for never comes.
//!
//! *Where is every continuation bad?* What must happen in the end is broken long before the end, as soon
//! as nothing can mend it: in a discrete state that leads to no good end. A run that is told to somebody need
//! not be chosen any further than to the first such class, and whatever is said of its timing is about what comes before.
//!
//! *May a run be a lasso?* What must happen in the end can only be judged where runs end. A run
//! that goes on for ever stays in some strongly connected component of the graph, and there everything that is
//! pending happens or is set anew: what is pending all the way round has an upper bound, and so ends
//! the cycle, if only time goes on. So a component through which one timer stays pending is left by
//! every run; where there is none, it may not be.
//!
//! *Where may there be a Zeno cycle?* After a step after which something is due at its own instant no time
//! passes before the next one. A component that has only such steps is no place where time goes on;
//! one that has none is no place where it stands still. Whether it does stand still in another is more
//! than discrete states can say (`zeno`).

use crate::explore::class::{DiscreteId, ZoneClock};
use crate::watch::ObserverClock;

/// A step from one discrete state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) from: DiscreteId,
    pub(crate) to: DiscreteId,
    /// The clocks of `from` by their indices, a bit each, that are still pending and were not set anew.
    pub(crate) stays: u64,
    /// Whether something is due at the instant of the step, for any timing.
    pub(crate) instant: bool,
}

/// All steps between discrete states, and those in which a span was measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) edges: Vec<Edge>,
    /// Which observer clocks, and in which discrete state such a step is taken; `None` if at the beginning of a run.
    pub(crate) measured: Vec<(ObserverClock, Option<DiscreteId>)>,
    /// From which discrete state a run ends, and the rules that are broken then.
    pub(crate) ends: Vec<(DiscreteId, u64)>,
}

impl Graph {
    /// The observer clocks that some run measures, in order.
    pub(crate) fn observers(&mut self) -> Vec<ObserverClock> {
        self.measured.sort_unstable();
        self.measured.dedup();
        let mut observers: Vec<ObserverClock> = self.measured.iter().map(|(observer, _)| *observer).collect();
        observers.dedup();
        observers
    }

    /// By discrete state: whether a measurement of `observer` is co-reachable.
    pub(crate) fn co_reachable(&self, observer: ObserverClock, states: usize) -> Vec<bool> {
        let here = self.measured.iter().filter(|(measured, _)| *measured == observer);
        self.leading_to(here.filter_map(|(_, state)| *state).collect(), states)
    }

    /// By discrete state: whether every continuation is bad, since each that ends has broken one of `rules` then, and none
    /// goes on for ever in one of the discrete states that are `good`, where none is broken by what never happens.
    pub(crate) fn only_bad(
        &self,
        rules: u64,
        good: impl Iterator<Item = DiscreteId>,
        states: usize,
    ) -> Vec<bool> {
        let ends = self.ends.iter().filter(|(_, broken)| broken & rules == 0);
        let good = ends.map(|(state, _)| *state).chain(good);
        let mut only_bad = self.leading_to(good.collect(), states);
        for leads in &mut only_bad {
            *leads = !*leads;
        }
        only_bad
    }

    /// By discrete state: whether it leads to one of `left`, or is one.
    fn leading_to(&self, mut left: Vec<DiscreteId>, states: usize) -> Vec<bool> {
        let mut edges: Vec<(DiscreteId, DiscreteId)> =
            self.edges.iter().map(|edge| (edge.to, edge.from)).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut leads = vec![false; states];
        while let Some(state) = left.pop() {
            if std::mem::replace(&mut leads[state.place()], true) {
                continue;
            }
            let from = edges.partition_point(|(to, _)| *to < state);
            left.extend(edges[from..].iter().take_while(|(to, _)| *to == state).map(|(_, from)| *from));
        }
        leads
    }
}

/// The cycles in which runs may stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cycles {
    /// The discrete states between which some run may go on for ever while time goes on.
    pub(crate) lassos: Vec<DiscreteId>,
    /// The discrete states from which a step leads on in a cycle, with something due at its instant.
    pub(crate) instant: Vec<DiscreteId>,
}

/// The cycles in which runs may stay; `clocks` are those of a discrete state.
pub(crate) fn cycles<'r, E: Eq + 'r>(
    edges: &mut Vec<Edge>,
    states: usize,
    clocks: impl Fn(DiscreteId) -> &'r [ZoneClock<E>],
) -> Cycles {
    edges.sort_unstable();
    edges.dedup();
    let component = components(edges, states, |edge| (edge.from.0, edge.to.0));
    let of = |state: DiscreteId| component[state.place()];
    let mut inside: Vec<&Edge> = edges.iter().filter(|edge| of(edge.from) == of(edge.to)).collect();
    inside.sort_by_key(|edge| of(edge.from));
    let timers = |edge: &Edge| -> Vec<&'r ZoneClock<E>> {
        let timer = |clock: &ZoneClock<E>| matches!(clock, ZoneClock::Timer(_) | ZoneClock::Over);
        let clocks = clocks(edge.from).iter().enumerate();
        let stay = clocks.filter(|(at, clock)| *at < 64 && edge.stays >> at & 1 == 1 && timer(clock));
        stay.map(|(_, clock)| clock).collect()
    };
    let mut cycles = Cycles::default();
    for around in inside.chunk_by(|a, b| of(a.from) == of(b.from)) {
        cycles.instant.extend(around.iter().filter(|edge| edge.instant).map(|edge| edge.from));
        let mut all_the_way = timers(around[0]);
        for edge in &around[1..] {
            if all_the_way.is_empty() {
                break;
            }
            let here = timers(edge);
            all_the_way.retain(|clock| here.contains(clock));
        }
        if all_the_way.is_empty() && !around.iter().all(|edge| edge.instant) {
            cycles.lassos.extend(around.iter().map(|edge| edge.from));
        }
    }
    cycles.lassos.dedup();
    cycles.instant.dedup();
    cycles
}

/// The strongly connected component of each of so many states, by number (Tarjan, SIAM J. Comput. 1(2), 1972,
/// with a stack of its own). `ends` says from which state to which an edge leads; they are sorted by the first.
pub(crate) fn components<T>(edges: &[T], states: usize, ends: impl Fn(&T) -> (u32, u32)) -> Vec<u32> {
    const NEW: u32 = u32::MAX;
    let mut first = vec![0_usize; states + 1];
    for edge in edges {
        first[ends(edge).0 as usize + 1] += 1;
    }
    for state in 0..states {
        first[state + 1] += first[state];
    }
    let (mut order, mut low) = (vec![NEW; states], vec![0_u32; states]);
    let mut component = vec![NEW; states];
    let (mut stack, mut counted, mut found) = (Vec::new(), 0, 0);
    for root in 0..states {
        if order[root] != NEW {
            continue;
        }
        let mut path = vec![(root, first[root])];
        while let Some(&mut (state, ref mut next)) = path.last_mut() {
            if order[state] == NEW {
                (order[state], low[state]) = (counted, counted);
                counted += 1;
                stack.push(state);
            }
            if *next < first[state + 1] {
                let to = ends(&edges[*next]).1 as usize;
                *next += 1;
                if order[to] == NEW {
                    path.push((to, first[to]));
                } else if component[to] == NEW {
                    low[state] = low[state].min(order[to]);
                }
                continue;
            }
            path.pop();
            if let Some(&(above, _)) = path.last() {
                low[above] = low[above].min(low[state]);
            }
            if low[state] == order[state] {
                while let Some(member) = stack.pop() {
                    component[member] = found;
                    if member == state {
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
        Edge { from: DiscreteId(from), to: DiscreteId(to), stays, instant: false }
    }

    #[test]
    fn states_that_lead_back_to_each_other_are_one_component() {
        let mut edges = vec![edge(0, 1, 0), edge(1, 2, 0), edge(2, 1, 0), edge(2, 3, 0), edge(3, 3, 0)];
        edges.sort_unstable();
        let component = components(&edges, 5, |edge| (edge.from.0, edge.to.0));
        assert_eq!(component[1], component[2]);
        let mut all = vec![component[0], component[1], component[3], component[4]];
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn co_reachable_is_what_leads_to_a_measurement() {
        let edges = vec![edge(0, 1, 0), edge(1, 2, 0), edge(2, 1, 0), edge(1, 3, 0), edge(3, 3, 0)];
        let measured = [(9, Some(3)), (7, Some(2)), (7, None)];
        let measured = measured.map(|(observer, state)| (ObserverClock(observer), state.map(DiscreteId)));
        let mut graph = Graph { edges, measured: measured.to_vec(), ends: Vec::new() };
        assert_eq!(graph.observers(), [ObserverClock(7), ObserverClock(9)]);
        assert_eq!(graph.co_reachable(ObserverClock(7), 4), [true, true, true, false]);
        assert_eq!(graph.co_reachable(ObserverClock(9), 4), [true; 4]);
        assert_eq!(graph.co_reachable(ObserverClock(8), 4), [false; 4]);
    }

    #[test]
    fn every_continuation_is_bad_of_what_leads_to_no_good_end() {
        let edges = vec![edge(0, 1, 0), edge(0, 2, 0), edge(2, 3, 0), edge(1, 3, 0), edge(3, 3, 0)];
        let ends = [(1, 0b10), (3, 0b01), (2, 0b11)].map(|(state, broken)| (DiscreteId(state), broken));
        let graph = Graph { edges, measured: Vec::new(), ends: ends.to_vec() };
        let only_bad =
            |rules, good: &[u32]| graph.only_bad(rules, good.iter().map(|state| DiscreteId(*state)), 4);
        assert_eq!(only_bad(0b01, &[]), [false, false, true, true]);
        assert_eq!(only_bad(0b10, &[]), [false; 4]);
        assert_eq!(only_bad(0b11, &[]), [true; 4]);
        assert_eq!(only_bad(0b11, &[2]), [false, true, false, true], "a run may stay in state 2 for ever");
    }

    #[test]
    fn a_timer_that_stays_pending_ends_a_cycle() {
        let clocks = [ZoneClock::Timer('a'), ZoneClock::Timer('b')];
        let (poll, job) = (0b01, 0b10);
        let lassos = |mut edges: Vec<Edge>, states| {
            let cycles = cycles(&mut edges, states, |_| &clocks[..]);
            cycles.lassos.into_iter().map(|state| state.0).collect::<Vec<u32>>()
        };
        assert_eq!(lassos(vec![edge(0, 0, 0)], 1), [0]);
        assert_eq!(lassos(vec![edge(0, 0, job)], 1), []);
        assert_eq!(lassos(vec![edge(0, 1, job), edge(1, 0, poll)], 2), [0, 1]);
        assert_eq!(lassos(vec![edge(0, 1, job | poll), edge(1, 0, job)], 2), []);
        assert_eq!(lassos(vec![edge(0, 1, 0)], 2), [], "it does not lead back");
    }

    #[test]
    fn time_may_stand_still_where_a_cycle_has_a_step_that_takes_none() {
        let at_once = |from, to| Edge { instant: true, ..edge(from, to, 0) };
        let cycles =
            |mut edges: Vec<Edge>, states| cycles(&mut edges, states, |_| &[] as &[ZoneClock<char>]);
        let of = |lassos: &[u32], instant: &[u32]| Cycles {
            lassos: lassos.iter().copied().map(DiscreteId).collect(),
            instant: instant.iter().copied().map(DiscreteId).collect(),
        };
        assert_eq!(cycles(vec![at_once(0, 1), at_once(1, 0)], 2), of(&[], &[0, 1]));
        assert_eq!(cycles(vec![at_once(0, 1), edge(1, 0, 0)], 2), of(&[0, 1], &[0]));
        assert_eq!(cycles(vec![edge(0, 1, 0), edge(1, 0, 0)], 2), of(&[0, 1], &[]));
        assert_eq!(cycles(vec![at_once(0, 1), edge(1, 1, 0)], 2), of(&[1], &[]), "it is not come back to");
    }
}
