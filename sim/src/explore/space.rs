//! What all searches of one machine share: the discrete states that were found and what leads from one to another,
//! the successors that were memoised, and the zones of the last search.
//!
//! The first search finds the graph of discrete states. Each later one asks something of it first (what is
//! co-reachable, where every continuation is bad), and looks no further than the answer.

use crate::explore::class::Marked;
use crate::explore::graph::{self, Edge, Graph, Rounds};
use crate::explore::script::Scripts;
use crate::explore::search::Pass;
use crate::explore::store::Store;
use crate::explore::symbolic::Timed;
use crate::explore::zones::Origin;
use crate::machine::Machine;
use crate::watch::{Monitor, Watch};

pub(crate) struct Space<'m, M: Machine, J> {
    pub(crate) store: Store<M::State, J, M::Event>,
    /// The steps of the machine that were taken.
    pub(crate) scripts: Scripts,
    /// Of which machine, with which marks timed, and whether with phases.
    learned: Option<(&'m M, Timed, bool)>,
    /// The rules that the searches without a goal found to be broken.
    pub(crate) broken: u64,
    /// Whether any clock was asked about so far.
    pub(crate) clocks: bool,
    /// What the first search has found.
    pub(crate) graph: Graph,
    /// By discrete state that it has found: the number of its state without marks.
    unmarked: Option<Vec<u32>>,
}

impl<'m, M, J> Space<'m, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    pub(crate) fn new() -> Self {
        Self {
            store: Store::new(),
            scripts: Scripts::default(),
            learned: None,
            broken: 0,
            clocks: false,
            graph: Graph::default(),
            unmarked: None,
        }
    }

    /// Forgets the zones of the search before `pass`, and what was memoised if it is no use to it.
    pub(crate) fn begin(&mut self, pass: &Pass<'m, M>) {
        let same = self.learned.is_some_and(|(machine, timed, phases)| {
            std::ptr::eq(machine, pass.machine)
                && timed == pass.timed
                && (phases == pass.kind.phases || !self.clocks)
        });
        if !same {
            self.scripts.clear();
        }
        self.learned = Some((pass.machine, pass.timed, pass.kind.phases));
        self.store.zones.again();
    }

    /// By state without marks: whether every continuation of all that differ in marks breaks one of `rules`; runs may go on
    /// for ever in the discrete states `endless`. `None` if there is no such state.
    pub(crate) fn doomed(&mut self, rules: u64, endless: &[u32]) -> Option<Vec<bool>> {
        let never = |part: &u32| self.never(&[*part]).unwrap_or(0) & rules == 0;
        let good: Vec<u32> = endless.iter().filter(|part| never(part)).copied().collect();
        let unmarked = self.unmarked.get_or_insert_with(|| self.store.groups());
        let doomed = self.graph.doomed(rules, good.into_iter(), unmarked.len());
        let doomed = by_unmarked(unmarked, &doomed, true);
        doomed.contains(&true).then_some(doomed)
    }

    /// By state without marks: whether `slot` may still be measured from there.
    pub(crate) fn hopeful(&mut self, slot: u64) -> Vec<bool> {
        let unmarked = self.unmarked.get_or_insert_with(|| self.store.groups());
        let hopeful = self.graph.hopeful(slot, unmarked.len());
        by_unmarked(unmarked, &hopeful, false)
    }

    /// By state without marks: whether `path` leads through it.
    pub(crate) fn along(&mut self, path: &[Origin]) -> Vec<bool> {
        let unmarked = self.store.groups();
        // Some have a number now that had none.
        self.scripts.clear();
        let zones = &self.store.zones;
        let through = path.iter().filter_map(|origin| origin.from).map(|zone| zones.part(zone));
        let mut along = vec![false; unmarked.len()];
        for part in through {
            along[unmarked[part as usize] as usize] = true;
        }
        along
    }

    /// Where runs may go round.
    pub(crate) fn rounds(&mut self) -> Rounds {
        let Self { graph, store, .. } = self;
        graph::rounds(&mut graph.edges, store.parts(), |part| store.rows_of(part))
    }

    /// The rules that may be broken by what never happens in runs that stay between these discrete states; `None` if
    /// there are none.
    pub(crate) fn never(&self, endless: &[u32]) -> Option<u64> {
        let broken = endless.iter().map(|part| self.broken_if_over(*part));
        broken.reduce(|all, broken| all | broken)
    }

    /// The rules that are broken in a discrete state if nothing else happens any more.
    pub(crate) fn broken_if_over(&self, part: u32) -> u64 {
        let (monitor, shape) = self.store.watched(part);
        broken_by_now(monitor, &Marked(shape))
    }

    /// Roughly what is kept, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.store.bytes() + self.scripts.bytes() + self.graph.edges.len() * size_of::<Edge>()
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

/// By state without marks what is true of all that differ in marks only, or of any.
fn by_unmarked(unmarked: &[u32], of_part: &[bool], all: bool) -> Vec<bool> {
    let count = unmarked.iter().max().map_or(0, |last| *last as usize + 1);
    let mut of_unmarked = vec![all; count];
    for (number, of_part) in unmarked.iter().zip(of_part) {
        let known = &mut of_unmarked[*number as usize];
        *known = if all { *known && *of_part } else { *known || *of_part };
    }
    of_unmarked
}

/// The rules that are broken if nothing else happens any more.
fn broken_by_now<F, J: Monitor<F>>(monitor: &J, watch: &impl Watch) -> u64 {
    let mut monitor = monitor.clone();
    monitor.ended(watch);
    monitor.broken()
}
