//! The search: level by level, or depth first, until nothing is new or what is looked for was found.
//!
//! A [`Pass`] says what is asked, and a [`Searched`] what came of it; what searches have in common is the
//! [`Space`]. From each class every step is taken that can be the first (`steps`); what it led to is judged,
//! and kept if it adds something (`zones`).

use crate::explore::class::{DiscreteId, EnabledSet};
use crate::explore::desk::start;
use crate::explore::frontier::Frontier;
use crate::explore::graph::Edge;
use crate::explore::lasso::{Cycle, ExactCycles, Stop, Through};
use crate::explore::limits::{Limit, Much};
use crate::explore::memo::{Aim, Measured, Successor, SuccessorId, Unmarked};
use crate::explore::pass::{By, Pass, Reached, Searched, Until};
use crate::explore::query::{Goal, Hears};
use crate::explore::space::Space;
use crate::explore::symbolic::{Table, Timed};
use crate::explore::ticks::Ticks;
use crate::explore::zone::contains;
use crate::explore::zones::{Origin, ZoneId};
use crate::machine::Machine;
use crate::watch::Monitor;

/// How many successors are computed at least until it is asked again whether to stop.
pub(crate) const ASK: u64 = 256;

/// A search on its way.
pub(crate) struct Search<'s, 'm, M: Machine, J> {
    pub(crate) space: &'s mut Space<'m, M, J>,
    pub(crate) pass: &'s Pass<'m, M>,
    pub(crate) monitor: &'s J,
    pub(crate) hear: &'s mut Hears<'s, M>,
    pub(crate) desk: Desktop<M, J>,
    /// What the steps of a level have led to.
    pub(crate) next: Vec<ZoneId>,
    pub(crate) found: Searched,
    /// Whether the first class of which every continuation is bad is still to be found.
    pub(crate) seeking: bool,
    /// That class.
    pub(crate) first_bad: Option<ZoneId>,
}

/// Buffers for one step after the other.
pub(crate) struct Desktop<M: Machine, J> {
    pub(crate) state: M::State,
    pub(crate) monitor: J,
    pub(crate) enabled: EnabledSet<M::Event>,
    pub(crate) table: Table<M::Event>,
    pub(crate) facts: Vec<M::Fact>,
    pub(crate) kept: Vec<usize>,
    /// The bounds of the class that steps are taken from.
    pub(crate) from: Vec<i64>,
    /// The bounds of the class that the last step led to.
    pub(crate) bounds: Vec<i64>,
    pub(crate) measured: Measured,
}

impl<'m, M, J> Space<'m, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// Searches until nothing is new, the goal is reached, or a limit is met; `hear` is told of each step when
    /// it is memoised.
    pub(crate) fn search<'s>(
        &'s mut self,
        pass: &'s Pass<'m, M>,
        monitor: &'s J,
        hear: &'s mut Hears<'s, M>,
    ) -> Searched {
        self.begin(pass);
        let exact = match pass.goal {
            Some(Goal::Lasso(rules)) => Some(ExactCycles::of(rules)),
            Some(Goal::Breaks(_) | Goal::Lost(_) | Goal::AtLeast(..) | Goal::AtMost(..)) | None => None,
        };
        let mut search = Search {
            space: self,
            pass,
            monitor,
            hear,
            desk: Desktop::new(pass, monitor),
            next: Vec::new(),
            found: Searched { exact, ..Searched::default() },
            seeking: pass.goal.is_some() && !pass.only_bad.is_empty(),
            first_bad: None,
        };
        search.begin();
        search.found.limit = search.run();
        search.found
    }

    /// A lasso among all that were found: its steps to the end of the first turn of its cycle, and how many there are
    /// before that.
    pub(crate) fn cycle_among_all(
        &self,
        exact: &ExactCycles,
        through: Through,
    ) -> Option<(Vec<Origin>, usize)> {
        let Cycle { from, steps } = exact.cycle(self.store.zones.count(), through)?;
        let mut path = self.path(self.store.zones.origin(from));
        let before = path.len() - 1;
        path.extend(steps);
        Some((path, before))
    }
}

impl<M, J> Search<'_, '_, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// Whether nothing more is to be looked for among the successors of a class.
    pub(crate) fn is_done(&self) -> bool {
        self.found.reached.is_some() || self.first_bad.is_some()
    }

    /// Looks at one class after the other; the limit that was met.
    fn run(&mut self) -> Option<Limit> {
        let limits = self.pass.limits;
        let mut ask_at = 0;
        let mut frontier = Frontier::new(limits.traversal, Vec::new());
        self.go_on(&mut frontier, 0);
        while self.found.reached.is_none() {
            let Some((level, events)) = frontier.take() else { break };
            for zone in level {
                if self.found.successors >= ask_at {
                    ask_at = self.found.successors + ASK;
                    if limits.stop.is_some_and(|stop| stop()) {
                        return Some(self.limit(Much::Stopped, 0, frontier.deepest()));
                    }
                }
                if !self.space.store.zones.is_subsumed(zone) {
                    self.space.memo.tidy();
                    self.expand(zone);
                }
                if self.found.reached.is_some() {
                    return None;
                }
                if self.first_bad.is_some() {
                    break;
                }
                if let Some((of, most)) = self.met() {
                    return Some(self.limit(of, most, frontier.deepest()));
                }
            }
            self.go_on(&mut frontier, events + 1);
        }
        None
    }

    /// What there are too many of now, and how many there may be.
    fn met(&self) -> Option<(Much, u64)> {
        let (limits, zones) = (&self.pass.limits, &self.space.store.zones);
        if zones.maximal() > limits.classes {
            Some((Much::Classes, limits.classes as u64))
        } else if zones.cells() > limits.bounds {
            Some((Much::Bounds, limits.bounds as u64))
        } else if self.space.bytes() > limits.bytes {
            Some((Much::Bytes, limits.bytes as u64))
        } else if self.found.successors > limits.successors {
            Some((Much::Successors, limits.successors))
        } else {
            None
        }
    }

    fn limit(&self, of: Much, most: u64, depth: usize) -> Limit {
        Limit { of, most, kept: self.space.store.zones.maximal(), depth }
    }

    /// Puts what was found after so many events on the frontier; or, instead of all there is, the one class
    /// of which every continuation is bad: what is left is its shortest way to the end.
    fn go_on(&mut self, frontier: &mut Frontier, events: usize) {
        let next = std::mem::take(&mut self.next);
        match self.first_bad.take() {
            Some(zone) => {
                self.space.store.zones.only(zone);
                frontier.only(zone, events);
                self.seeking = false;
            }
            None => frontier.put(next, events),
        }
    }

    /// What is looked for in a step.
    pub(crate) fn aim(&self) -> Aim {
        Aim { goal: self.pass.goal, phases: self.pass.kind.phases, broken: self.space.broken }
    }

    /// The goal was reached in the midst of a step.
    pub(crate) fn met_by(&mut self, last: Origin) {
        self.found.successors += 1;
        self.found.reached = Some(Reached { last, by: By::Step });
    }

    /// Adds what a step led to, which is memoised under `id`, to what is known.
    pub(crate) fn add(&mut self, origin: Origin, id: SuccessorId) {
        self.found.successors += 1;
        let Desktop { table, bounds, measured, .. } = &mut self.desk;
        self.found.ticks = self.found.ticks.max(table.ticks);
        self.space.clocks |= self.found.ticks > Ticks::None;
        let successor = self.space.memo.successor(id);
        let kept = self.space.memo.kept(&successor);
        bounds.clear();
        table.zone.export(kept, bounds);
        let (clocks, timed) = (kept.len(), &kept[..usize::from(successor.timed)]);
        // Whether something is due at this very instant, for any timing.
        let instant = timed.iter().any(|index| table.zone.at(usize::from(*index), 0) <= 0);
        if self.pass.goal.is_none() {
            self.space.broken |= successor.broken;
            for &(_, least, most) in measured.iter() {
                let known = self.found.span.get_or_insert((least, most));
                *known = (known.0.min(least), known.1.max(most));
            }
        }
        if let (Some(Goal::Lasso(_)), Some(discrete)) = (self.pass.goal, successor.number) {
            let at_once = timed.iter().any(|index| table.zone.at(0, usize::from(*index)) >= 0);
            return self.add_for_lasso(origin, discrete, (instant, at_once));
        }
        let unmarked = self.unmarked_of(&successor, id);
        // What the first search has not met, since less was known to be broken then, may be anything.
        let is_in = |some: &[bool]| match unmarked {
            Unmarked::Is(unmarked) => some.get(unmarked.place()).copied(),
            Unmarked::Unasked | Unmarked::New => None,
        };
        let outside = self.pass.within.as_deref().is_some_and(|within| is_in(within) != Some(true));
        if outside || is_in(&self.pass.co_reachable) == Some(false) {
            return;
        }
        if let Some(discrete) = successor.number {
            let new =
                self.space.store.zones.add((discrete, clocks), &self.desk.bounds, origin, self.pass.merging);
            self.next.extend(new);
            if self.seeking && is_in(&self.pass.only_bad) == Some(true) {
                match self.pass.until {
                    Until::FirstBad => self.found.reached = Some(Reached { last: origin, by: By::Class }),
                    Until::End => self.first_bad = new,
                }
            }
        }
        if self.pass.timed == Timed::None && self.pass.goal.is_none() {
            self.put_in_graph(origin, &successor, (id, instant));
        }
    }

    /// The state without marks of a successor, if somebody wants to know.
    fn unmarked_of(&mut self, successor: &Successor, id: SuccessorId) -> Unmarked {
        let asked = self.pass.timed != Timed::None || self.seeking || self.pass.within.is_some();
        if successor.unmarked != Unmarked::Unasked || !asked {
            return successor.unmarked;
        }
        let known = self.space.store.unmarked_of(successor.discrete);
        let unmarked = known.map_or(Unmarked::New, Unmarked::Is);
        self.space.memo.belongs(id, unmarked);
        unmarked
    }

    /// Adds a step to the graph, unless it has it.
    fn put_in_graph(&mut self, origin: Origin, successor: &Successor, (id, instant): (SuccessorId, bool)) {
        let Space { store, memo, graph, .. } = &mut *self.space;
        if !memo.is_new_in_graph(id, instant) {
            return;
        }
        let from = origin.from.map(|zone| store.zones.discrete(zone));
        graph.measured.extend(memo.noticed(successor).iter().map(|observer| (*observer, from)));
        match (from, successor.number) {
            (Some(from), Some(to)) => graph.edges.push(Edge { from, to, stays: successor.stays, instant }),
            (Some(from), None) => graph.ends.push((from, successor.broken)),
            (None, _) => {}
        }
    }

    /// Adds what a step led to, where a lasso is looked for.
    fn add_for_lasso(&mut self, origin: Origin, discrete: DiscreteId, (instant, at_once): (bool, bool)) {
        let (space, bounds) = (&mut *self.space, &self.desk.bounds);
        let Some(exact) = &mut self.found.exact else { return };
        let broken = exact.stays_broken(discrete, |rules| space.broken_if_over(discrete) & rules != 0);
        let stop = match (instant, broken, at_once) {
            (true, ..) => Stop::Never,
            (false, true, _) => Stop::Broken,
            (false, false, true) => Stop::Perhaps,
            (false, false, false) => {
                let (zone, new) = space.store.zones.add_unless_known(discrete, bounds, origin);
                return self.next.extend(new.then_some(zone));
            }
        };
        if let Some(from) = origin.from.filter(|_| stop == Stop::Broken)
            && let Some(before) = leads_back(space, exact, from, (discrete, bounds))
        {
            self.found.reached = Some(Reached { last: origin, by: By::Back(before) });
            return;
        }
        let (zone, new) = space.store.zones.add_unless_known(discrete, bounds, origin);
        exact.leads(origin, (zone, new), stop);
        self.next.extend(new.then_some(zone));
    }
}

/// How many events there were before a class that this one can lead back to, if there was one on the
/// way to it, and something stays broken since: what can happen from the smaller of two zones can happen
/// from the larger.
fn leads_back<M, J>(
    space: &Space<'_, M, J>,
    exact: &ExactCycles,
    from: ZoneId,
    (discrete, bounds): (DiscreteId, &[i64]),
) -> Option<usize>
where
    M: Machine,
    J: Monitor<M::Fact>,
{
    let zones = &space.store.zones;
    let before = |zone: &ZoneId| zones.origin(*zone).from;
    let mut way = std::iter::successors(Some(from), before).take_while(|zone| exact.contains(*zone));
    let mut known = Vec::new();
    let back = way.find(|zone| {
        if zones.discrete(*zone) != discrete {
            return false;
        }
        known.clear();
        zones.read(*zone, &mut known);
        contains(bounds, &known)
    })?;
    Some(std::iter::successors(before(&back), before).count())
}

impl<M, J> Desktop<M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// The first of the beginnings of all runs.
    fn new(pass: &Pass<'_, M>, monitor: &J) -> Self {
        let (mut table, mut facts) = (Table::new(pass.timed), Vec::new());
        table.kind = pass.kind;
        table.begin();
        Self {
            state: start(pass.machine, &mut table, &mut facts),
            monitor: monitor.clone(),
            enabled: EnabledSet::empty(),
            table,
            facts,
            kept: Vec::new(),
            from: Vec::new(),
            bounds: Vec::new(),
            measured: Vec::new(),
        }
    }
}
