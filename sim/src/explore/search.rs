//! The search: level by level, or depth first, until nothing is new or what is looked for was found.

use std::collections::BTreeSet;

use crate::explore::class::{Marked, Row, Shape};
use crate::explore::frontier::Frontier;
use crate::explore::graph::{self, Edge, Graph, Rounds};
use crate::explore::store::{Origin, Store, ZoneId};
use crate::explore::symbolic::{Desk, Table, Timed};
use crate::explore::zone::contains;
use crate::explore::{Goal, Limit, Limits, Much};
use crate::machine::Machine;
use crate::watch::{Monitor, Watch};

pub(crate) struct Search<'m, M: Machine, J> {
    pub(crate) machine: &'m M,
    pub(crate) store: Store<M::State, J, M::Event>,
    pub(crate) broken: u64,
    pub(crate) successors: u64,
    /// Which marks without a limit are timed.
    pub(crate) timed: Timed,
    /// How far apart events must be that need not tie.
    apart: i64,
    /// The least and greatest span of the slot that is timed.
    pub(crate) span: Option<(i64, i64)>,
    /// What the search without times has found.
    pub(crate) graph: Graph,
    /// By plain part that it has found: the number of its group.
    groups: Option<Vec<u32>>,
    /// By group: whether the slot that is timed may still be measured.
    hopeful: Vec<bool>,
    /// By group: whether every end from there is one that is looked for.
    pub(crate) doomed: Vec<bool>,
    /// If not all is searched: the states, each with what is pending, that are.
    within: Option<BTreeSet<(u32, u32)>>,
    /// How far a run is followed.
    pub(crate) until: Until,
    /// Whether the first class from which every end is one that is looked for is still to be found.
    seeking: bool,
    /// That class.
    settled: Option<ZoneId>,
    /// How the goal was reached.
    pub(crate) reached: Option<Origin>,
    /// Whether it was reached in the midst of a step.
    pub(crate) met: bool,
    /// If it is to go on for ever: how many events there are before what can be repeated.
    pub(crate) round: Option<usize>,
}

/// How many successors are computed until it is asked again whether to stop.
pub(crate) const ASK: u64 = 256;

/// How far a run that is looked for is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until nothing can mend it any more.
    Doom,
    /// To its end.
    End,
}

/// Buffers for one successor after the other.
struct Desktop<M: Machine, J> {
    state: M::State,
    monitor: J,
    shape: Shape<M::Event>,
    /// The same shape without marks.
    unmarked: Shape<M::Event>,
    table: Table<M::Event>,
    facts: Vec<M::Fact>,
    bounds: Vec<i64>,
    kept: Vec<usize>,
}

impl<'m, M, J> Search<'m, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    pub(crate) fn new(machine: &'m M) -> Self {
        Self {
            machine,
            store: Store::new(true),
            broken: 0,
            successors: 0,
            timed: Timed::None,
            apart: 0,
            span: None,
            graph: Graph::default(),
            groups: None,
            hopeful: Vec::new(),
            doomed: Vec::new(),
            within: None,
            until: Until::End,
            seeking: false,
            settled: None,
            reached: None,
            met: false,
            round: None,
        }
    }

    /// Begins anew, with events at least so far apart.
    pub(crate) fn begin_again(&mut self, apart: i64) {
        self.apart = apart;
        self.store.again();
        self.successors = 0;
    }

    /// Knows from now on from where every end breaks one of `rules`.
    pub(crate) fn doom(&mut self, rules: u64) {
        let groups = self.groups();
        let doomed = self.graph.doomed(rules, groups.len());
        self.doomed = by_group(&groups, &doomed, true);
        self.groups = Some(groups);
    }

    /// Searches from now on only the states that `path` leads through, with what is pending there; all, if
    /// there is none.
    pub(crate) fn confine(&mut self, path: Option<&[Origin]>) {
        let store = &mut self.store;
        self.within = path
            .map(|path| path.iter().filter_map(|origin| origin.from).map(|zone| store.bare(zone)).collect());
    }

    /// The group of each plain part that the search without times has found.
    fn groups(&mut self) -> Vec<u32> {
        self.groups.take().unwrap_or_else(|| self.store.groups())
    }

    /// Begins anew with `slot` timed; all was searched without.
    pub(crate) fn time(&mut self, slot: u64) {
        let groups = self.groups();
        self.timed = Timed::Only(slot);
        let hopeful = self.graph.hopeful(slot, groups.len());
        self.hopeful = by_group(&groups, &hopeful, false);
        self.groups = Some(groups);
        self.span = None;
        self.begin_again(0);
    }

    /// Where runs may go round.
    pub(crate) fn rounds(&mut self) -> Rounds {
        let Self { graph, store, .. } = self;
        graph::rounds(&mut graph.edges, store.parts(), |part| store.rows_of(part))
    }

    /// The rules that may be broken by what never happens in runs that stay between these parts; `None` if
    /// there are none.
    pub(crate) fn never(&self, endless: &[u32]) -> Option<u64> {
        let broken = endless.iter().map(|part| {
            let (monitor, shape) = self.store.watched(*part);
            broken_by_now(monitor, &Marked(shape))
        });
        broken.reduce(|all, broken| all | broken)
    }

    /// Searches until nothing is new, `goal` is reached, or a limit is met.
    pub(crate) fn run(&mut self, monitor: &J, goal: Option<Goal>, limits: Limits<'_>) -> Option<Limit> {
        (self.reached, self.round, self.settled) = (None, None, None);
        self.met = false;
        let mut level = Vec::new();
        let mut desk = self.begin(monitor, goal, &mut level);
        let mut ask_at = 0;
        self.seeking = goal.is_some() && !self.doomed.is_empty();
        let mut frontier = Frontier::new(limits.traversal, level);
        while self.reached.is_none() {
            let Some((level, events)) = frontier.take() else { break };
            let (depth, mut next) = (frontier.deepest(), Vec::new());
            for zone in level {
                if self.settled.is_some() {
                    break;
                }
                if self.successors >= ask_at {
                    ask_at = self.successors + ASK;
                    if limits.stop.is_some_and(|stop| stop()) {
                        return Some(self.limit(Much::Stopped, 0, depth));
                    }
                }
                if !self.store.is_dead(zone) {
                    self.expand(zone, goal, &mut desk, &mut next);
                }
                if self.reached.is_some() {
                    return None;
                }
                if self.store.alive() > limits.classes {
                    return Some(self.limit(Much::Classes, limits.classes as u64, depth));
                }
                if self.store.cells() > limits.bounds {
                    return Some(self.limit(Much::Bounds, limits.bounds as u64, depth));
                }
                if self.bytes() > limits.bytes {
                    return Some(self.limit(Much::Bytes, limits.bytes as u64, depth));
                }
                if self.successors > limits.successors {
                    return Some(self.limit(Much::Successors, limits.successors, depth));
                }
            }
            if let Some(zone) = self.settled.take() {
                // Nothing can mend this one: what is left is its shortest way to the end.
                self.store.only(zone);
                frontier.only(zone, events + 1);
                self.seeking = false;
            } else {
                frontier.put(next, events + 1);
            }
        }
        None
    }

    fn limit(&self, of: Much, most: u64, depth: usize) -> Limit {
        Limit { of, most, kept: self.store.alive(), depth }
    }

    /// Roughly what is kept, in bytes.
    fn bytes(&self) -> usize {
        self.store.bytes() + self.graph.edges.len() * size_of::<Edge>()
    }

    /// The beginnings of all runs.
    fn begin(&mut self, monitor: &J, goal: Option<Goal>, level: &mut Vec<ZoneId>) -> Desktop<M, J> {
        let (mut table, mut facts) = (Table::new(self.timed), Vec::new());
        table.apart = self.apart;
        table.begin();
        let state =
            self.machine.start(&mut Desk { machine: self.machine, table: &mut table, facts: &mut facts });
        let (shape, monitor) = (Shape::empty(), monitor.clone());
        let first = monitor.clone();
        let (unmarked, bounds, kept) = (Shape::empty(), Vec::new(), Vec::new());
        let mut desk = Desktop { state, monitor, shape, unmarked, table, facts, bounds, kept };
        for turn in 0.. {
            self.settle(Origin { from: None, row: 0, turn }, goal, &mut desk, level);
            if self.reached.is_some() || !desk.table.decide.advance() {
                break;
            }
            desk.table.begin();
            desk.facts.clear();
            desk.monitor.clone_from(&first);
            desk.state = self.machine.start(&mut Desk {
                machine: self.machine,
                table: &mut desk.table,
                facts: &mut desk.facts,
            });
        }
        desk
    }

    /// Adds all successors of `zone`.
    fn expand(&mut self, zone: ZoneId, goal: Option<Goal>, desk: &mut Desktop<M, J>, next: &mut Vec<ZoneId>) {
        for row in 0..self.store.shape(zone).pending() {
            if self.settled.is_some() {
                return;
            }
            if !self.store.shape(zone).leads(row) {
                continue;
            }
            desk.table.decide.reset();
            for turn in 0.. {
                // What contains it now is expanded in its place.
                if self.store.is_dead(zone) {
                    return;
                }
                let shape = self.store.shape(zone);
                if !desk.table.reach(shape, self.store.bounds(zone), row) {
                    break;
                }
                desk.state.clone_from(self.store.state(zone));
                desk.monitor.clone_from(self.store.monitor(zone));
                desk.facts.clear();
                take(self.machine, &mut desk.state, shape.rows[row], &mut desk.table, &mut desk.facts);
                self.settle(Origin { from: Some(zone), row: row as u16, turn }, goal, desk, next);
                if self.reached.is_some() || self.settled.is_some() || !desk.table.decide.advance() {
                    break;
                }
            }
        }
    }

    /// Judges what a step led to, and adds it to what is known.
    fn settle(
        &mut self,
        origin: Origin,
        goal: Option<Goal>,
        desk: &mut Desktop<M, J>,
        next: &mut Vec<ZoneId>,
    ) {
        self.successors += 1;
        let Desktop { state, monitor, shape, unmarked, table, facts, bounds, kept } = desk;
        table.tell(monitor, facts);
        let before = origin.from.map_or(0, |zone| self.store.shape(zone).rows.len());
        let stays = table.stays(usize::from(origin.row), before);
        let broken = monitor.broken();
        if let Some(goal) = goal {
            if goal.is_met(broken, table.spans()) {
                (self.reached, self.met) = (Some(origin), true);
                return;
            }
            monitor.forget(broken);
        } else {
            self.broken |= broken;
            for (_, least, most) in table.spans() {
                let known = self.span.get_or_insert((least, most));
                *known = (known.0.min(least), known.1.max(most));
            }
            monitor.forget(self.broken);
        }
        self.machine.canonical(state);
        table.finish(shape, bounds, kept);
        let numbers = self.store.numbers(state, monitor);
        let ends = !shape.rows.iter().any(Row::is_pending);
        if let (Some(Goal::ForEver(rules)), Some(from), false) = (goal, origin.from, ends)
            && let Some(round) = self.round_to(from, numbers, shape, bounds)
            && broken_by_now(monitor, table) & rules != 0
        {
            (self.reached, self.round) = (Some(origin), Some(round));
            return;
        }
        let mut group = None;
        if self.timed != Timed::None || self.seeking {
            shape.unmarked(unmarked);
            group = self.store.group(numbers, unmarked).map(|group| group as usize);
        }
        // What the first search has not met, since less was known to be broken then, may be anything.
        let is_in = |marked: &[bool]| group.and_then(|group| marked.get(group)).copied();
        if self.timed != Timed::None && is_in(&self.hopeful) == Some(false) {
            return;
        }
        if let Some(within) = &self.within {
            shape.bare(unmarked);
            let bare = self.store.find_shape(unmarked).map(|shape| (numbers.0, shape));
            if !bare.is_some_and(|bare| within.contains(&bare)) {
                return;
            }
        }
        let to = if ends {
            None
        } else {
            let (to, new) = self.store.add((numbers, shape), bounds, origin);
            next.extend(new);
            if self.seeking && is_in(&self.doomed) == Some(true) {
                match self.until {
                    Until::Doom => self.reached = Some(origin),
                    Until::End => self.settled = new,
                }
            }
            Some(to)
        };
        if self.timed == Timed::None && goal.is_none() {
            let from = origin.from.map(|zone| self.store.part(zone));
            self.graph.measured.extend(table.noticed.iter().map(|slot| (*slot, from)));
            match (from, to) {
                (Some(from), Some(to)) => {
                    let instant = table.due_now(kept).next().is_some();
                    self.graph.edges.push(Edge { from, to, stays, instant });
                }
                (Some(from), None) => self.graph.ends.push((from, broken)),
                (None, _) => {}
            }
        }
    }

    /// How many events there were before a class that this one can lead back to, if there was one on the
    /// way to it: what can happen from the smaller of two zones can happen from the larger.
    fn round_to(
        &self,
        from: ZoneId,
        numbers: (u32, u32),
        shape: &Shape<M::Event>,
        bounds: &[i64],
    ) -> Option<usize> {
        let part = self.store.find(numbers, shape)?;
        let before = |zone: &ZoneId| self.store.origin(*zone).from;
        let mut way = std::iter::successors(Some(from), before);
        let leads_back =
            |zone: &ZoneId| self.store.part(*zone) == part && contains(bounds, self.store.bounds(*zone).all);
        let back = way.find(leads_back)?;
        Some(std::iter::successors(before(&back), before).count())
    }

    /// The steps from the beginning to `last`.
    pub(crate) fn path(&self, last: Origin) -> Vec<Origin> {
        let mut path = vec![last];
        while let Some(from) = path[path.len() - 1].from {
            path.push(self.store.origin(from));
        }
        path.reverse();
        path
    }
}

/// By group what is true of all its parts, or of any.
fn by_group(groups: &[u32], of_part: &[bool], all: bool) -> Vec<bool> {
    let count = groups.iter().max().map_or(0, |last| *last as usize + 1);
    let mut of_group = vec![all; count];
    for (group, of_part) in groups.iter().zip(of_part) {
        let of_group = &mut of_group[*group as usize];
        *of_group = if all { *of_group && *of_part } else { *of_group || *of_part };
    }
    of_group
}

/// The rules that are broken if nothing else happens any more.
fn broken_by_now<F, J: Monitor<F>>(monitor: &J, watch: &impl Watch) -> u64 {
    let mut monitor = monitor.clone();
    monitor.ended(watch);
    monitor.broken()
}

/// Lets `event` happen to `state`.
pub(crate) fn take<M: Machine<Effect = ()>>(
    machine: &M,
    state: &mut M::State,
    event: Row<M::Event>,
    table: &mut Table<M::Event>,
    facts: &mut Vec<M::Fact>,
) {
    match event {
        Row::Timer(event) | Row::Message(_, event) => {
            machine.step(state, event, &mut Desk { machine, table, facts });
        }
        Row::Over => table.drop_timers(),
        Row::Mark(..) | Row::Tick(_) => unreachable!("a mark does not happen"),
    }
}
