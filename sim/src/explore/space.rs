//! What all searches of one machine share.
//!
//! That is the discrete states that were found and what leads from one to another, the successors that were memoised,
//! and the zones of the last search. The first search finds the graph of discrete states. Each later one asks something of it first (what is
//! co-reachable, where every continuation is bad), and looks no further than the answer.

use crate::explore::class::{DiscreteId, Running, UnmarkedId};
use crate::explore::graph::{self, Cycles, Edge, Graph};
use crate::explore::memo::Memo;
use crate::explore::pass::Pass;
use crate::explore::store::Store;
use crate::explore::symbolic::Timed;
use crate::explore::zones::Origin;
use crate::machine::Machine;
use crate::watch::{Monitor, ObserverClock, Watch};

pub(crate) struct Space<'m, M: Machine, J> {
    pub(crate) store: Store<M::State, J, M::Event>,
    /// The successors that were memoised.
    pub(crate) memo: Memo,
    /// Those of which machine, with which observer clocks timed, and whether with phases.
    memoised: Option<(&'m M, Timed, bool)>,
    /// The rules that the searches without a goal found to be broken.
    pub(crate) broken: u64,
    /// Whether any clock was asked about so far.
    pub(crate) clocks: bool,
    /// What the first search has found.
    pub(crate) graph: Graph,
    /// By discrete state that it has found: its state without marks.
    unmarked: Option<Vec<UnmarkedId>>,
}

impl<'m, M, J> Space<'m, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    pub(crate) fn new() -> Self {
        Self {
            store: Store::new(),
            memo: Memo::default(),
            memoised: None,
            broken: 0,
            clocks: false,
            graph: Graph::default(),
            unmarked: None,
        }
    }

    /// Forgets the zones of the search before `pass`, and what was memoised if it is no use to it.
    pub(crate) fn begin(&mut self, pass: &Pass<'m, M>) {
        let same = self.memoised.is_some_and(|(machine, timed, phases)| {
            std::ptr::eq(machine, pass.machine)
                && timed == pass.timed
                && (phases == pass.kind.phases || !self.clocks)
        });
        if !same {
            self.memo.clear();
        }
        self.memoised = Some((pass.machine, pass.timed, pass.kind.phases));
        self.store.zones.again();
    }

    /// By state without marks: whether every continuation is bad, since it breaks one of `rules`; runs may go on for ever
    /// in the discrete states `endless`. `None` if there is no such state.
    pub(crate) fn only_bad(&mut self, rules: u64, endless: &[DiscreteId]) -> Option<Vec<bool>> {
        let never = |discrete: &DiscreteId| self.never(&[*discrete]).unwrap_or(0) & rules == 0;
        let good: Vec<DiscreteId> = endless.iter().filter(|discrete| never(discrete)).copied().collect();
        let unmarked = self.unmarked.get_or_insert_with(|| self.store.all_unmarked());
        let only_bad = self.graph.only_bad(rules, good.into_iter(), unmarked.len());
        let only_bad = by_unmarked(unmarked, &only_bad, true);
        only_bad.contains(&true).then_some(only_bad)
    }

    /// By state without marks: whether a measurement of `observer` is co-reachable.
    pub(crate) fn co_reachable(&mut self, observer: ObserverClock) -> Vec<bool> {
        let unmarked = self.unmarked.get_or_insert_with(|| self.store.all_unmarked());
        let co_reachable = self.graph.co_reachable(observer, unmarked.len());
        by_unmarked(unmarked, &co_reachable, false)
    }

    /// By state without marks: whether `path` leads through it.
    pub(crate) fn along(&mut self, path: &[Origin]) -> Vec<bool> {
        let unmarked = self.store.all_unmarked();
        // Some have a number now that had none.
        self.memo.clear();
        let zones = &self.store.zones;
        let through = path.iter().filter_map(|origin| origin.from).map(|zone| zones.discrete(zone));
        let mut along = vec![false; unmarked.len()];
        for discrete in through {
            along[unmarked[discrete.place()].place()] = true;
        }
        along
    }

    /// The cycles in which runs may stay.
    pub(crate) fn cycles(&mut self) -> Cycles {
        let Self { graph, store, .. } = self;
        graph::cycles(&mut graph.edges, store.discrete_states(), |discrete| store.clocks_of(discrete))
    }

    /// The rules that may be broken by what never happens in runs that stay between these discrete states; `None` if
    /// there are none.
    pub(crate) fn never(&self, endless: &[DiscreteId]) -> Option<u64> {
        let broken = endless.iter().map(|discrete| self.broken_if_over(*discrete));
        broken.reduce(|all, broken| all | broken)
    }

    /// The rules that are broken in a discrete state if nothing else happens any more.
    pub(crate) fn broken_if_over(&self, discrete: DiscreteId) -> u64 {
        let (monitor, enabled) = self.store.watched(discrete);
        broken_by_now(monitor, &Running(enabled))
    }

    /// Roughly what is kept, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.store.bytes() + self.memo.bytes() + self.graph.edges.len() * size_of::<Edge>()
    }

    /// The steps from the beginning to `last`.
    pub(crate) fn path(&self, last: Origin) -> Vec<Origin> {
        let mut path = vec![last];
        while let Some(from) = path[path.len() - 1].from {
            path.push(self.store.zones.origin(from));
        }
        path.reverse();
        path
    }
}

/// By state without marks: what is true of all that differ in these, or of any.
fn by_unmarked(unmarked: &[UnmarkedId], of_discrete: &[bool], all: bool) -> Vec<bool> {
    let count = unmarked.iter().max().map_or(0, |last| last.place() + 1);
    let mut of_unmarked = vec![all; count];
    for (number, of_discrete) in unmarked.iter().zip(of_discrete) {
        let known = &mut of_unmarked[number.place()];
        *known = if all { *known && *of_discrete } else { *known || *of_discrete };
    }
    of_unmarked
}

/// The rules that are broken if nothing else happens any more.
fn broken_by_now<F, J: Monitor<F>>(monitor: &J, watch: &impl Watch) -> u64 {
    let mut monitor = monitor.clone();
    monitor.ended(watch);
    monitor.broken()
}
