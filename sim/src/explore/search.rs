//! The search: level by level, or depth first, until nothing is new or what is looked for was found.
//!
//! From each class every step is taken that can be the first (`steps`); what it led to is judged, and kept
//! if it adds something (`zones`).

use crate::explore::class::{Marked, Shape};
use crate::explore::endless::{Cycle, ExactRounds, Stop, Through};
use crate::explore::frontier::Frontier;
use crate::explore::graph::{self, Edge, Graph, Rounds};
use crate::explore::script::{Aim, Group, Measured, Scripts};
use crate::explore::store::Store;
use crate::explore::symbolic::{Kind, Table, Timed};
use crate::explore::ticks::Ticks;
use crate::explore::zone::contains;
use crate::explore::zones::{Origin, ZoneId};
use crate::explore::{Goal, Hears, Limit, Limits, Much};
use crate::machine::Machine;
use crate::watch::{Monitor, Watch};

pub(crate) struct Search<'m, M: Machine, J> {
    pub(crate) machine: &'m M,
    pub(crate) store: Store<M::State, J, M::Event>,
    /// The steps of the machine that were taken, with what is timed now.
    pub(crate) scripts: Scripts,
    /// Whether steps are repeated as they were learned.
    pub(crate) learns: bool,
    pub(crate) broken: u64,
    pub(crate) successors: u64,
    /// Which marks without a limit are timed.
    pub(crate) timed: Timed,
    /// Which timings are looked at.
    pub(crate) kind: Kind,
    /// What was kept of when clocks tick.
    pub(crate) ticks: Ticks,
    /// Whether any clock was asked about so far.
    clocks: bool,
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
    /// If only some groups are searched: whether each is one of them.
    within: Option<Vec<bool>>,
    /// How far a run is followed.
    pub(crate) until: Until,
    /// Whether the first class from which every end is one that is looked for is still to be found.
    seeking: bool,
    /// That class.
    pub(crate) settled: Option<ZoneId>,
    /// How the goal was reached.
    pub(crate) reached: Option<Origin>,
    /// Whether it was reached in the midst of a step.
    pub(crate) met: bool,
    /// If it is to go on for ever: how many events there are before what can be repeated.
    pub(crate) round: Option<usize>,
    /// If it is to go on for ever: which of the zones that were found lead to which.
    pub(crate) rounds_of: Option<ExactRounds>,
}

/// How many successors are computed at least until it is asked again whether to stop.
pub(crate) const ASK: u64 = 256;

/// How far a run that is looked for is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until nothing can mend it any more.
    Doom,
    /// To its end.
    End,
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

impl<'m, M, J> Search<'m, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    pub(crate) fn new(machine: &'m M) -> Self {
        Self {
            machine,
            store: Store::new(),
            scripts: Scripts::default(),
            learns: true,
            broken: 0,
            successors: 0,
            timed: Timed::None,
            kind: Kind::ANY,
            ticks: Ticks::None,
            clocks: false,
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
            rounds_of: None,
        }
    }

    /// Begins anew, with timings of that kind; whether it is decided if ticks have passed stays as it is.
    pub(crate) fn begin_again(&mut self, kind: Kind) {
        if self.clocks && kind.phases != self.kind.phases {
            self.scripts.clear();
        }
        (self.kind, self.ticks) = (Kind { passed: self.kind.passed, ..kind }, Ticks::None);
        self.store.zones.again();
        self.successors = 0;
    }

    /// Knows from now on from where every end breaks one of `rules`; runs may go on for ever in the parts
    /// `endless`. Whether there is such a place.
    pub(crate) fn doom(&mut self, rules: u64, endless: &[u32]) -> bool {
        let groups = self.groups();
        let good = endless.iter().filter(|part| self.never(&[**part]).unwrap_or(0) & rules == 0).copied();
        let doomed = self.graph.doomed(rules, good, groups.len());
        self.doomed = by_group(&groups, &doomed, true);
        self.groups = Some(groups);
        self.doomed.contains(&true)
    }

    /// Searches from now on only the groups that `path` leads through; all, if there is none.
    pub(crate) fn confine(&mut self, path: Option<&[Origin]>) {
        self.within = path.map(|path| {
            let groups = self.store.groups();
            // Some have a group now that had none.
            self.scripts.clear();
            let zones = &self.store.zones;
            let through = path.iter().filter_map(|origin| origin.from).map(|zone| zones.part(zone));
            let mut within = vec![false; groups.len()];
            for part in through {
                within[groups[part as usize] as usize] = true;
            }
            within
        });
    }

    /// The group of each plain part that the search without times has found.
    fn groups(&mut self) -> Vec<u32> {
        self.groups.take().unwrap_or_else(|| self.store.groups())
    }

    /// Times these marks from now on.
    pub(crate) fn times(&mut self, timed: Timed) {
        if self.timed != timed {
            self.scripts.clear();
        }
        self.timed = timed;
    }

    /// Searches for another machine from now on, with the same states; gives the one before.
    pub(crate) fn instead(&mut self, machine: &'m M) -> &'m M {
        self.scripts.clear();
        std::mem::replace(&mut self.machine, machine)
    }

    /// Begins anew with `slot` timed; all was searched without.
    pub(crate) fn time(&mut self, slot: u64, kind: Kind) {
        let groups = self.groups();
        self.times(Timed::Only(slot));
        let hopeful = self.graph.hopeful(slot, groups.len());
        self.hopeful = by_group(&groups, &hopeful, false);
        self.groups = Some(groups);
        self.span = None;
        self.begin_again(kind);
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
        self.run_hearing(monitor, goal, limits, &mut |_, _| {})
    }

    /// The same; `hear` is told of each step when it is learned.
    pub(crate) fn run_hearing(
        &mut self,
        monitor: &J,
        goal: Option<Goal>,
        limits: Limits<'_>,
        hear: &mut Hears<'_, M>,
    ) -> Option<Limit> {
        (self.reached, self.round, self.settled) = (None, None, None);
        self.rounds_of = match goal {
            Some(Goal::ForEver(rules)) => Some(ExactRounds::of(rules)),
            Some(Goal::Breaks(_) | Goal::Lost(_) | Goal::AtLeast(..) | Goal::AtMost(..)) | None => None,
        };
        self.met = false;
        self.seeking = goal.is_some() && !self.doomed.is_empty();
        let mut level = Vec::new();
        let mut desk = self.begin(monitor, goal, &mut level, hear);
        let mut ask_at = 0;
        let mut frontier = Frontier::new(limits.traversal, Vec::new());
        self.go_on(&mut frontier, level, 0);
        while self.reached.is_none() {
            let Some((level, events)) = frontier.take() else { break };
            let (depth, mut next) = (frontier.deepest(), Vec::new());
            for zone in level {
                if self.successors >= ask_at {
                    ask_at = self.successors + ASK;
                    if limits.stop.is_some_and(|stop| stop()) {
                        return Some(self.limit(Much::Stopped, 0, depth));
                    }
                }
                if !self.store.zones.is_dead(zone) {
                    self.scripts.tidy();
                    self.expand(zone, goal, &mut desk, (&mut next, hear));
                }
                if self.reached.is_some() {
                    return None;
                }
                if self.settled.is_some() {
                    break;
                }
                let zones = &self.store.zones;
                if zones.alive() > limits.classes {
                    return Some(self.limit(Much::Classes, limits.classes as u64, depth));
                }
                if zones.cells() > limits.bounds {
                    return Some(self.limit(Much::Bounds, limits.bounds as u64, depth));
                }
                if self.bytes() > limits.bytes {
                    return Some(self.limit(Much::Bytes, limits.bytes as u64, depth));
                }
                if self.successors > limits.successors {
                    return Some(self.limit(Much::Successors, limits.successors, depth));
                }
            }
            self.go_on(&mut frontier, next, events + 1);
        }
        None
    }

    /// Puts what was found after so many events on the frontier; or, instead of all there is, the one class
    /// that nothing can mend: what is left is its shortest way to the end.
    fn go_on(&mut self, frontier: &mut Frontier, found: Vec<ZoneId>, events: usize) {
        match self.settled.take() {
            Some(zone) => {
                self.store.zones.only(zone);
                frontier.only(zone, events);
                self.seeking = false;
            }
            None => frontier.put(found, events),
        }
    }

    fn limit(&self, of: Much, most: u64, depth: usize) -> Limit {
        Limit { of, most, kept: self.store.zones.alive(), depth }
    }

    /// Roughly what is kept, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.store.bytes() + self.scripts.bytes() + self.graph.edges.len() * size_of::<Edge>()
    }

    /// What is looked for now.
    pub(crate) fn aim(&self, goal: Option<Goal>) -> Aim {
        Aim { goal, phases: self.kind.phases, broken: self.broken }
    }

    /// Adds what a step led to, which is at leaf `number` of the scripts, to what is known.
    pub(crate) fn settle(
        &mut self,
        origin: Origin,
        goal: Option<Goal>,
        number: u32,
        desk: &mut Desktop<M, J>,
        next: &mut Vec<ZoneId>,
    ) {
        self.successors += 1;
        let Desktop { table, bounds, measured, .. } = desk;
        self.ticks = self.ticks.max(table.ticks);
        self.clocks |= self.ticks > Ticks::None;
        let leaf = self.scripts.leaf(number);
        let kept = self.scripts.kept(&leaf);
        bounds.clear();
        table.zone.export(kept, bounds);
        let rows = kept.len();
        // Whether something is due at this very instant, for any timing.
        let due = |row: &u16| table.zone.at(usize::from(*row), 0) <= 0;
        let instant = kept[..usize::from(leaf.timed)].iter().any(due);
        if goal.is_none() {
            self.broken |= leaf.broken;
            for &(_, least, most) in measured.iter() {
                let known = self.span.get_or_insert((least, most));
                *known = (known.0.min(least), known.1.max(most));
            }
        }
        if let (Some(Goal::ForEver(_)), Some(part)) = (goal, leaf.part) {
            let may_be_due = |row: &u16| table.zone.at(0, usize::from(*row)) >= 0;
            let at_once = kept[..usize::from(leaf.timed)].iter().any(may_be_due);
            return self.settle_for_ever(origin, part, (instant, at_once), desk, next);
        }
        let mut group = leaf.group;
        if group == Group::Unasked && (self.timed != Timed::None || self.seeking || self.within.is_some()) {
            group = self.store.group(leaf.numbers, leaf.shape).map_or(Group::New, Group::Is);
            self.scripts.belongs(number, group);
        }
        // What the first search has not met, since less was known to be broken then, may be anything.
        let is_in = |marked: &[bool]| match group {
            Group::Is(group) => marked.get(group as usize).copied(),
            Group::Unasked | Group::New => None,
        };
        if self.timed != Timed::None && is_in(&self.hopeful) == Some(false) {
            return;
        }
        if self.within.as_deref().is_some_and(|within| is_in(within) != Some(true)) {
            return;
        }
        if let Some(part) = leaf.part {
            let new = self.store.zones.add(part, rows, bounds, origin);
            next.extend(new);
            if self.seeking && is_in(&self.doomed) == Some(true) {
                match self.until {
                    Until::Doom => self.reached = Some(origin),
                    Until::End => self.settled = new,
                }
            }
        }
        if self.timed == Timed::None && goal.is_none() && self.scripts.is_new_in_graph(number, instant) {
            let from = origin.from.map(|zone| self.store.zones.part(zone));
            self.graph.measured.extend(self.scripts.noticed(&leaf).iter().map(|slot| (*slot, from)));
            match (from, leaf.part) {
                (Some(from), Some(to)) => {
                    self.graph.edges.push(Edge { from, to, stays: leaf.stays, instant });
                }
                (Some(from), None) => self.graph.ends.push((from, leaf.broken)),
                (None, _) => {}
            }
        }
    }

    /// Adds what a step led to, where runs are looked for that go on for ever.
    fn settle_for_ever(
        &mut self,
        origin: Origin,
        part: u32,
        (instant, at_once): (bool, bool),
        desk: &mut Desktop<M, J>,
        next: &mut Vec<ZoneId>,
    ) {
        let Some(exact) = &mut self.rounds_of else { return };
        let (monitor, shape) = self.store.watched(part);
        let broken = exact.stays_broken(part, |rules| broken_by_now(monitor, &Marked(shape)) & rules != 0);
        let stop = match (instant, broken, at_once) {
            (true, ..) => Stop::Never,
            (false, true, _) => Stop::Broken,
            (false, false, true) => Stop::Perhaps,
            (false, false, false) => {
                let (zone, new) = self.store.zones.add_unless_known(part, &desk.bounds, origin);
                return next.extend(new.then_some(zone));
            }
        };
        if let Some(from) = origin.from.filter(|_| stop == Stop::Broken)
            && let Some(round) = self.round_to(from, part, &desk.bounds)
        {
            (self.reached, self.round) = (Some(origin), Some(round));
            return;
        }
        let (zone, new) = self.store.zones.add_unless_known(part, &desk.bounds, origin);
        if let Some(exact) = &mut self.rounds_of {
            exact.leads(origin, (zone, new), stop);
        }
        next.extend(new.then_some(zone));
    }

    /// A run that goes on for ever, among all that were found: its steps to the end of the first round, and
    /// how many there are before that.
    pub(crate) fn round_among_all(&self, through: Through) -> Option<(Vec<Origin>, usize)> {
        let Cycle { from, steps } = self.rounds_of.as_ref()?.cycle(self.store.zones.count(), through)?;
        let mut path = self.path(self.store.zones.origin(from));
        let before = path.len() - 1;
        path.extend(steps);
        Some((path, before))
    }

    /// How many events there were before a class that this one can lead back to, if there was one on the
    /// way to it, and something stays broken since: what can happen from the smaller of two zones can happen
    /// from the larger.
    fn round_to(&self, from: ZoneId, part: u32, bounds: &[i64]) -> Option<usize> {
        let (zones, exact) = (&self.store.zones, self.rounds_of.as_ref()?);
        let before = |zone: &ZoneId| zones.origin(*zone).from;
        let mut way = std::iter::successors(Some(from), before).take_while(|zone| exact.contains(*zone));
        let leads_back = |zone: &ZoneId| zones.part(*zone) == part && contains(bounds, zones.bounds(*zone));
        let back = way.find(leads_back)?;
        Some(std::iter::successors(before(&back), before).count())
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
