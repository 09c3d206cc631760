//! The search: level by level, or depth first, until nothing is new or what is looked for was found.
//!
//! A [`Pass`] says what is asked, and a [`Searched`] what came of it; what searches have in common is the
//! [`Space`]. From each class every step is taken that can be the first (`steps`); what it led to is judged,
//! and kept if it adds something (`zones`).

use crate::explore::class::Shape;
use crate::explore::endless::{Cycle, ExactRounds, Stop, Through};
use crate::explore::frontier::Frontier;
use crate::explore::graph::Edge;
use crate::explore::script::{Aim, Group, Leaf, Measured};
use crate::explore::space::Space;
use crate::explore::symbolic::{Kind, Table, Timed};
use crate::explore::ticks::Ticks;
use crate::explore::zone::contains;
use crate::explore::zones::{Origin, ZoneId};
use crate::explore::{Goal, Hears, Limit, Limits, Much};
use crate::machine::Machine;
use crate::watch::Monitor;

/// What one search asks.
pub(crate) struct Pass<'m, M> {
    /// Of which machine.
    pub(crate) machine: &'m M,
    /// What is looked for; nothing if all is looked at.
    pub(crate) goal: Option<Goal>,
    /// Which marks without a limit are timed.
    pub(crate) timed: Timed,
    /// Which timings are looked at.
    pub(crate) kind: Kind,
    /// Whether zones are merged, beside being dropped where another contains them.
    pub(crate) merging: bool,
    /// Whether steps are repeated as they were learned.
    pub(crate) learns: bool,
    /// How far a run is followed.
    pub(crate) until: Until,
    pub(crate) limits: Limits<'m>,
    /// By state without marks: whether the slot that is timed may still be measured.
    pub(crate) hopeful: Vec<bool>,
    /// By state without marks, if the first class of which every continuation is bad is to be found: whether it is one.
    pub(crate) doomed: Vec<bool>,
    /// If only some states without marks are searched: whether each is one of them.
    pub(crate) within: Option<Vec<bool>>,
}

/// How far a run that is looked for is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until every continuation is bad.
    Doom,
    /// To its end.
    End,
}

/// What a search found.
#[derive(Default)]
pub(crate) struct Searched {
    /// How the goal was reached.
    pub(crate) reached: Option<Reached>,
    /// If a run is to go on for ever: which of the zones that were found lead to which.
    pub(crate) exact: Option<ExactRounds>,
    /// The least and greatest span of the slot that is timed.
    pub(crate) span: Option<(i64, i64)>,
    /// What was kept of when clocks tick.
    pub(crate) ticks: Ticks,
    pub(crate) successors: u64,
    /// The limit that was met.
    pub(crate) limit: Option<Limit>,
}

/// How a goal was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) last: Origin,
    pub(crate) by: By,
}

/// What it was that reached a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// Something in the midst of a step.
    Step,
    /// The class that the step led to.
    Class,
    /// A class that leads back to one that was come to after so many events.
    Back(usize),
}

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
    pub(crate) settled: Option<ZoneId>,
}

/// Buffers for one step after the other.
pub(crate) struct Desktop<M: Machine, J> {
    pub(crate) state: M::State,
    pub(crate) monitor: J,
    pub(crate) shape: Shape<M::Event>,
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
    /// it is learned.
    pub(crate) fn search<'s>(
        &'s mut self,
        pass: &'s Pass<'m, M>,
        monitor: &'s J,
        hear: &'s mut Hears<'s, M>,
    ) -> Searched {
        self.begin(pass);
        let exact = match pass.goal {
            Some(Goal::ForEver(rules)) => Some(ExactRounds::of(rules)),
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
            seeking: pass.goal.is_some() && !pass.doomed.is_empty(),
            settled: None,
        };
        search.begin();
        search.found.limit = search.run();
        search.found
    }

    /// A run that goes on for ever, among all that were found: its steps to the end of the first cycle, and
    /// how many there are before that.
    pub(crate) fn cycle_among_all(
        &self,
        exact: &ExactRounds,
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
        self.found.reached.is_some() || self.settled.is_some()
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
                if !self.space.store.zones.is_dead(zone) {
                    self.space.scripts.tidy();
                    self.expand(zone);
                }
                if self.found.reached.is_some() {
                    return None;
                }
                if self.settled.is_some() {
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
        if zones.alive() > limits.classes {
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
        Limit { of, most, kept: self.space.store.zones.alive(), depth }
    }

    /// Puts what was found after so many events on the frontier; or, instead of all there is, the one class
    /// of which every continuation is bad: what is left is its shortest way to the end.
    fn go_on(&mut self, frontier: &mut Frontier, events: usize) {
        let next = std::mem::take(&mut self.next);
        match self.settled.take() {
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

    /// Adds what a step led to, which is at leaf `number` of the scripts, to what is known.
    pub(crate) fn settle(&mut self, origin: Origin, number: u32) {
        self.found.successors += 1;
        let Desktop { table, bounds, measured, .. } = &mut self.desk;
        self.found.ticks = self.found.ticks.max(table.ticks);
        self.space.clocks |= self.found.ticks > Ticks::None;
        let leaf = self.space.scripts.leaf(number);
        let kept = self.space.scripts.kept(&leaf);
        bounds.clear();
        table.zone.export(kept, bounds);
        let (rows, timed) = (kept.len(), &kept[..usize::from(leaf.timed)]);
        // Whether something is due at this very instant, for any timing.
        let instant = timed.iter().any(|row| table.zone.at(usize::from(*row), 0) <= 0);
        if self.pass.goal.is_none() {
            self.space.broken |= leaf.broken;
            for &(_, least, most) in measured.iter() {
                let known = self.found.span.get_or_insert((least, most));
                *known = (known.0.min(least), known.1.max(most));
            }
        }
        if let (Some(Goal::ForEver(_)), Some(part)) = (self.pass.goal, leaf.part) {
            let at_once = timed.iter().any(|row| table.zone.at(0, usize::from(*row)) >= 0);
            return self.settle_for_ever(origin, part, (instant, at_once));
        }
        let group = self.group_of(&leaf, number);
        // What the first search has not met, since less was known to be broken then, may be anything.
        let is_in = |marked: &[bool]| match group {
            Group::Is(group) => marked.get(group as usize).copied(),
            Group::Unasked | Group::New => None,
        };
        let outside = self.pass.within.as_deref().is_some_and(|within| is_in(within) != Some(true));
        if outside || is_in(&self.pass.hopeful) == Some(false) {
            return;
        }
        if let Some(part) = leaf.part {
            let new = self.space.store.zones.add((part, rows), &self.desk.bounds, origin, self.pass.merging);
            self.next.extend(new);
            if self.seeking && is_in(&self.pass.doomed) == Some(true) {
                match self.pass.until {
                    Until::Doom => self.found.reached = Some(Reached { last: origin, by: By::Class }),
                    Until::End => self.settled = new,
                }
            }
        }
        if self.pass.timed == Timed::None && self.pass.goal.is_none() {
            self.put_in_graph(origin, &leaf, (number, instant));
        }
    }

    /// The group of a leaf, if somebody wants to know.
    fn group_of(&mut self, leaf: &Leaf, number: u32) -> Group {
        let asked = self.pass.timed != Timed::None || self.seeking || self.pass.within.is_some();
        if leaf.group != Group::Unasked || !asked {
            return leaf.group;
        }
        let group = self.space.store.group(leaf.numbers, leaf.shape).map_or(Group::New, Group::Is);
        self.space.scripts.belongs(number, group);
        group
    }

    /// Adds a step to the graph, unless it has it.
    fn put_in_graph(&mut self, origin: Origin, leaf: &Leaf, (number, instant): (u32, bool)) {
        let Space { store, scripts, graph, .. } = &mut *self.space;
        if !scripts.is_new_in_graph(number, instant) {
            return;
        }
        let from = origin.from.map(|zone| store.zones.part(zone));
        graph.measured.extend(scripts.noticed(leaf).iter().map(|slot| (*slot, from)));
        match (from, leaf.part) {
            (Some(from), Some(to)) => graph.edges.push(Edge { from, to, stays: leaf.stays, instant }),
            (Some(from), None) => graph.ends.push((from, leaf.broken)),
            (None, _) => {}
        }
    }

    /// Adds what a step led to, where runs are looked for that go on for ever.
    fn settle_for_ever(&mut self, origin: Origin, part: u32, (instant, at_once): (bool, bool)) {
        let (space, bounds) = (&mut *self.space, &self.desk.bounds);
        let Some(exact) = &mut self.found.exact else { return };
        let broken = exact.stays_broken(part, |rules| space.broken_if_over(part) & rules != 0);
        let stop = match (instant, broken, at_once) {
            (true, ..) => Stop::Never,
            (false, true, _) => Stop::Broken,
            (false, false, true) => Stop::Perhaps,
            (false, false, false) => {
                let (zone, new) = space.store.zones.add_unless_known(part, bounds, origin);
                return self.next.extend(new.then_some(zone));
            }
        };
        if let Some(from) = origin.from.filter(|_| stop == Stop::Broken)
            && let Some(before) = leads_back(space, exact, from, (part, bounds))
        {
            self.found.reached = Some(Reached { last: origin, by: By::Back(before) });
            return;
        }
        let (zone, new) = space.store.zones.add_unless_known(part, bounds, origin);
        exact.leads(origin, (zone, new), stop);
        self.next.extend(new.then_some(zone));
    }
}

/// How many events there were before a class that this one can lead back to, if there was one on the
/// way to it, and something stays broken since: what can happen from the smaller of two zones can happen
/// from the larger.
fn leads_back<M, J>(
    space: &Space<'_, M, J>,
    exact: &ExactRounds,
    from: ZoneId,
    (part, bounds): (u32, &[i64]),
) -> Option<usize>
where
    M: Machine,
    J: Monitor<M::Fact>,
{
    let zones = &space.store.zones;
    let before = |zone: &ZoneId| zones.origin(*zone).from;
    let mut way = std::iter::successors(Some(from), before).take_while(|zone| exact.contains(*zone));
    let back = way.find(|zone| zones.part(*zone) == part && contains(bounds, zones.bounds(*zone)))?;
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
            state: crate::explore::steps::start(pass.machine, &mut table, &mut facts),
            monitor: monitor.clone(),
            shape: Shape::empty(),
            table,
            facts,
            kept: Vec::new(),
            from: Vec::new(),
            bounds: Vec::new(),
            measured: Vec::new(),
        }
    }
}
