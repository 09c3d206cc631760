//! Exploring: every run of a machine at once, whatever the delays.
//!
//! A *class* is a state, what is pending, and a zone: bounds on when each of it is due, relative to
//! the others (state classes: Berthomieu and Diaz, IEEE TSE 17(3), 1991). From a class each pending
//! event that no bound forbids to be the first leads to a class; all classes that can be reached are
//! found, level by level unless asked otherwise ([`Traversal`]). Ties are included: bounds are closed,
//! and of two things that can be due at one instant either may come first.
//! Time is whole microseconds, so a strict bound of a model is the next one: longer than 5 us is at least
//! 6 us. A delay may have no greatest ([`Span::NEVER`]).
//!
//! What is left of time in a class are differences between what is pending. Each is bounded by
//! delays, so a machine with finitely many states has finitely many classes. Marks whose limit is
//! [`Span::NEVER`] are what a span is measured from, and nothing else depends on when they were made:
//! each slot is timed in a search of its own, which leaves a run as soon as nothing can measure the
//! slot any more. A span without a greatest value makes the classes infinite, and that search meets
//! its limit.
//!
//! ```
//! use punctual_sim::{Cx, Delay, Invariant, Machine, Span, explore};
//!
//! /// Two runners; the second is never faster, and may tie.
//! struct Race { first: Delay, second: Delay }
//! impl Machine for Race {
//!     type State = ();
//!     type Event = u8;
//!     type Effect = ();
//!     type Fact = u8;
//!     fn start(&self, cx: &mut impl Cx<Self>) {
//!         cx.after(1, &self.first);
//!         cx.after(2, &self.second);
//!     }
//!     fn step(&self, _: &mut (), event: u8, cx: &mut impl Cx<Self>) {
//!         cx.note(event);
//!         if event == 2 {
//!             cx.cancel(1);
//!         }
//!     }
//! }
//! let race = |second| Race {
//!     first: Delay::uniform("first", Span::secs(9), Span::secs(10)),
//!     second: Delay::uniform("second", second, Span::secs(12)),
//! };
//! let first_arrives = Invariant::eventually("first-arrives", |fact| *fact == 1);
//! // Not one run in a million shows the tie at 10 s; here it is found.
//! let tie = explore::every_timing(&race(Span::secs(10)), &first_arrives.watcher(), explore::Limits::default());
//! assert_eq!(tie.broken, 1);
//! let safe = explore::every_timing(&race(Span(10_000_001)), &first_arrives.watcher(), explore::Limits::default());
//! assert_eq!((safe.broken, safe.limit), (0, None));
//! ```

mod class;
mod clocks;
mod endless;
mod first;
mod frontier;
mod gap;
mod graph;
mod growth;
mod limits;
mod parametric;
mod path;
mod readings;
mod script;
mod search;
mod standstill;
mod steps;
mod store;
mod symbolic;
mod ticks;
mod zone;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use crate::delay::Name;
use crate::follow::Follow;
use crate::machine::Machine;
use crate::run::Ending;
use crate::time::Span;
use crate::trace::{TraceOf, record};
use crate::watch::Monitor;

use endless::Through;
use graph::Rounds;
use search::{Search, Until};
use symbolic::{Kind, Timed};
use ticks::Ticks;
use zone::NEVER;
use zones::Origin;

pub use growth::Growth;
pub use limits::{Limit, Limits, Much, Traversal};
pub use parametric::{Linear, Parameter};
pub use path::NotReplayed;
pub(crate) use steps::take;

/// The widest gap that is asked for at first, in microseconds.
const WIDEST: i64 = 1_000_000;

/// What every timing comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The rules that some run breaks, a bit each. Where a clock is asked about, more is allowed than a
    /// clock does, so that perhaps no run does; [`Exploration::find`] says.
    pub broken: u64,
    /// Whether a clock is asked about.
    pub clocks: bool,
    /// The classes that were kept at the end.
    pub classes: usize,
    /// How often an event was taken as the first.
    pub successors: u64,
    /// The most bytes that one search kept, roughly.
    pub bytes: usize,
    /// By slot that a monitor measured: the least and the greatest span; `NEVER` if there is no
    /// greatest. Every run lies between, and for either end there is a run that attains it, unless the
    /// slot is one of `loose`.
    pub delays: BTreeMap<u64, (Span, Span)>,
    /// The slots whose ends may be bounds that no run attains, since clocks are read that may have ticked
    /// many times since they were read last. [`Exploration::find`] looks for runs that do.
    pub loose: BTreeSet<u64>,
    /// If some run may go on for ever while time goes on: the rules that such runs may break by what
    /// never happens in them, a bit each. Whether they do is another question ([`Goal::ForEver`]); and
    /// whether time can stand still a third ([`Exploration::standstill`]). Not looked at if the search was
    /// stopped.
    pub endless: Option<u64>,
    /// The limit that was met; then what is said above is not all.
    pub limit: Option<Limit>,
}

/// What a run is looked for that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// It breaks one of these rules.
    Breaks(u64),
    /// It comes to where nothing can mend it that one of these rules is broken in the end, or if nothing
    /// else happens. From there on the run is one that the machine it is made with ends by itself.
    Lost(u64),
    /// It goes on for ever, and one of these rules is broken if nothing else happens any more.
    ForEver(u64),
    /// A measured span of the slot is at least this long.
    AtLeast(u64, Span),
    /// A measured span of the slot is at most this long.
    AtMost(u64, Span),
}

/// Looks at every run of `machine`, watched by `monitor`, and measures what it measures.
pub fn every_timing<M, J>(machine: &M, monitor: &J, limits: Limits<'_>) -> Explored
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let mut exploration = Exploration::of(machine, monitor, limits);
    exploration.measure();
    exploration.explored
}

/// A run of `machine` that reaches `goal`: see [`Exploration::find`].
///
/// # Errors
/// There is none, or none was found.
pub fn find<M, J>(machine: &M, monitor: &J, goal: Goal, limits: Limits<'_>) -> Result<Found<M>, NotFound>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    Exploration::of(machine, monitor, limits).find(machine, goal)
}

/// How much is made of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    /// All of it.
    ToTheEnd,
    /// What comes until the goal is reached.
    UntilReached,
}

/// Why no run was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// There is none.
    None,
    /// The search stopped before it was clear.
    Limit(Limit),
    /// What was found is no run that was made, so there may be one, or none.
    NotReplayed(NotReplayed),
}

/// A run that was looked for.
#[derive(Clone, Debug)]
pub struct Found<M: Machine> {
    /// The run.
    pub trace: TraceOf<M>,
    /// The least time between two events of it of which either could have come first, along the way to
    /// what was looked for; zero if they tie.
    pub gap: Span,
}

/// What makes exploring quick without changing what it comes to; a test switches it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reductions {
    /// Two zones whose hull contains nothing else become the hull.
    pub merging: bool,
    /// A step of the machine is learned once, and then repeated without it.
    pub scripts: bool,
    /// Whether a tick has passed is decided only if exploring came to no end without.
    pub open_ticks: bool,
}

impl Reductions {
    /// All of it.
    pub const ALL: Self = Self { merging: true, scripts: true, open_ticks: true };
    /// Nothing of it.
    pub const NONE: Self = Self { merging: false, scripts: false, open_ticks: false };
}

/// Who is told of each step: the state that it led to, and what was noted.
pub type Hears<'h, M> = dyn FnMut(&<M as Machine>::State, &[<M as Machine>::Fact]) + 'h;

/// A machine that was looked at for every timing, to be asked more.
///
/// All of it is searched once. What is asked for then (a span, a run, the values of a parameter) is
/// searched for where the first search says that it can be.
pub struct Exploration<'m, M: Machine, J> {
    search: Search<'m, M, J>,
    monitor: &'m J,
    limits: Limits<'m>,
    /// Whether what is measured is measured with merging zones.
    merging: bool,
    explored: Explored,
    standstill: Option<Vec<M::Event>>,
    /// The plain parts in which some run may go on for ever.
    endless: Vec<u32>,
    growth: Option<Growth>,
    /// How much is made of a run that is found.
    length: Length,
}

impl<'m, M, J> Exploration<'m, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// Looks at every run of `machine`, watched by `monitor`.
    pub fn of(machine: &'m M, monitor: &'m J, limits: Limits<'m>) -> Self {
        Self::hearing(machine, monitor, limits, &mut |_, _| {})
    }

    /// The same; `hear` is told of what each step leads to and of what is noted in it, if there is a timing
    /// that takes it: at least once of each that differs.
    pub fn hearing(machine: &'m M, monitor: &'m J, limits: Limits<'m>, hear: &mut Hears<'_, M>) -> Self {
        Self::with((machine, monitor), limits, Reductions::ALL, hear)
    }

    /// The same with only some of what makes it quick: it comes to the same, and takes longer.
    pub fn reduced(machine: &'m M, monitor: &'m J, limits: Limits<'m>, reductions: Reductions) -> Self {
        Self::with((machine, monitor), limits, reductions, &mut |_, _| {})
    }

    fn with(
        (machine, monitor): (&'m M, &'m J),
        limits: Limits<'m>,
        reductions: Reductions,
        hear: &mut Hears<'_, M>,
    ) -> Self {
        let mut searched = |passed: bool| {
            let mut search = Search::new(machine);
            search.learns = reductions.scripts;
            search.kind.passed = passed;
            search.store.zones.merging(reductions.merging);
            let limit = search.run_hearing(monitor, None, limits, hear);
            (search, limit)
        };
        let (mut search, mut limit) = searched(!reductions.open_ticks);
        // Zones of which each is greater than the one before, since a tick may have passed ever longer ago.
        let may_grow = limit.is_some_and(|limit| matches!(limit.of, Much::Classes | Much::Successors));
        if may_grow
            && reductions.open_ticks
            && search.ticks > Ticks::None
            && let (again, None) = searched(true)
        {
            (search, limit) = (again, None);
        }
        let stopped = limit.is_some_and(|limit| limit.of == Much::Stopped);
        let rounds = if stopped { Rounds::default() } else { search.rounds() };
        let (standstill, limit) = match search.standstill(&rounds.instant, limits) {
            Ok(standstill) => (standstill, limit),
            Err(met) => (None, limit.or(Some(met))),
        };
        let growth = limit.and_then(|_| search.growth());
        let explored = Explored {
            limit,
            broken: search.broken,
            classes: search.store.zones.alive(),
            successors: search.successors,
            bytes: search.bytes(),
            delays: BTreeMap::new(),
            loose: BTreeSet::new(),
            clocks: search.ticks > Ticks::None,
            endless: search.never(&rounds.endless),
        };
        let merging = reductions.merging;
        Self {
            search,
            monitor,
            limits,
            merging,
            explored,
            standstill,
            endless: rounds.endless,
            growth,
            length: Length::ToTheEnd,
        }
    }

    /// What was found.
    pub fn explored(&self) -> &Explored {
        &self.explored
    }

    /// If time can stand still for ever: the events of a round in which no time can pass, the shortest
    /// there is. Some run comes to it and may stay in it: each of these events is asked for without a
    /// delay, and is due at the very instant of the one before. Such a machine is seldom meant, and
    /// whatever would happen later does not happen in that run; so what is said to hold is true and says
    /// little.
    ///
    /// Where time may pass in a round but need not, as with delays from 0 to 5, it does not stand still:
    /// that is a run that may go on for ever ([`Explored::endless`]). Nothing is found where the state grows
    /// from round to round, since nothing repeats; such a search meets its limit. Not looked for if the
    /// search was stopped.
    pub fn standstill(&self) -> Option<&[M::Event]> {
        self.standstill.as_deref()
    }

    /// If a limit was met: what grows along one of the longest runs that were looked at, so that perhaps
    /// no limit would do. Nothing if nothing grows, or if the runs are too short to say so.
    pub fn growth(&self) -> Option<&Growth> {
        self.growth.as_ref()
    }

    /// Whether some run comes to where nothing can mend it that one of `rules` is broken in the end, or if
    /// nothing else happens. That none does says nothing of runs that go on for ever by chance.
    pub fn is_lost(&mut self, rules: u64) -> bool {
        self.explored.limit.is_none() && self.standstill.is_none() && self.search.doom(rules, &self.endless)
    }

    /// Measures what the monitor measures: one search for each slot.
    pub fn measure(&mut self) {
        self.search.confine(None);
        for slot in self.search.graph.slots() {
            if self.explored.limit.is_some() {
                break;
            }
            let mut limit = self.measure_slot(slot, Kind::PHASES);
            // Of a run that goes on for ever the age of a tick may be anything.
            if limit.is_some_and(|limit| limit.of != Much::Stopped) && self.explored.clocks {
                limit = self.measure_slot(slot, Kind::ANY);
            }
            self.growth = limit.and_then(|_| self.search.growth());
            let (search, explored) = (&self.search, &mut self.explored);
            explored.limit = limit;
            explored.classes += search.store.zones.alive();
            explored.successors += search.successors;
            explored.bytes = explored.bytes.max(search.bytes());
            let bounds = search.span.map(|(least, most)| (span(least), span(most)));
            explored.delays.extend(bounds.map(|bounds| (slot, bounds)));
            explored.loose.extend((search.ticks == Ticks::Loose).then_some(slot));
        }
    }

    fn measure_slot(&mut self, slot: u64, kind: Kind) -> Option<Limit> {
        self.search.time(slot, kind);
        self.search.store.zones.merging(self.merging);
        self.search.store.zones.keeping(false);
        self.search.run(self.monitor, None, self.limits)
    }

    /// The beginning of such a run, to where the goal is reached: of a machine that never comes to an end.
    ///
    /// # Errors
    /// There is none, or none was found.
    pub fn find_beginning(&mut self, whole: &M, goal: Goal) -> Result<Found<M>, NotFound> {
        self.length = Length::UntilReached;
        let found = self.find(whole, goal);
        self.length = Length::ToTheEnd;
        found
    }

    /// A run of `whole` that reaches `goal`, and a person believes: there is none in which what races is
    /// twice as far apart, and of those it has the fewest events, and round delays. It has been run and
    /// is what the machine does. `whole` is the machine that was explored, or that one with what makes no
    /// difference to the monitor.
    ///
    /// # Errors
    /// There is none, or none was found.
    pub fn find(&mut self, whole: &M, goal: Goal) -> Result<Found<M>, NotFound> {
        self.aim(goal)?;
        self.confine(goal)?;
        let widest = if matches!(goal, Goal::Breaks(_) | Goal::Lost(_)) { WIDEST } else { 0 };
        let (mut apart, mut too_wide) = (widest, i64::MAX);
        let mut best = Err(NotFound::None);
        let mut phases =
            matches!(goal, Goal::Breaks(_) | Goal::Lost(_) | Goal::AtLeast(..) | Goal::AtMost(..));
        loop {
            let found = self.try_apart(whole, goal, apart, &mut phases);
            match (found, &best) {
                (Ok((trace, gap)), _) => {
                    best = Ok(Found { trace, gap: span(gap) });
                    let wider = gap.max(apart).saturating_mul(2);
                    if apart == 0 || apart == widest || wider >= too_wide {
                        break;
                    }
                    apart = wider;
                }
                (Err(why), Err(_)) if apart == 0 => return Err(why),
                (Err(_), Err(_)) => (too_wide, apart) = (apart, apart / 10),
                (Err(_), Ok(_)) => break,
            }
        }
        best.map(|found| self.to_the_end(whole, found))
    }

    /// What was found, and how the run goes on.
    fn to_the_end(&self, whole: &M, found: Found<M>) -> Found<M> {
        if self.length == Length::UntilReached || found.trace.ending != Ending::TooLong {
            return found;
        }
        Found { trace: record(whole, Follow::new(&found.trace.decisions)), ..found }
    }

    /// The delays that make a span as long or as short as `goal` says, in their order, each with what it
    /// adds to it.
    ///
    /// # Errors
    /// There is no such span, or a limit was met.
    pub fn chain(&mut self, goal: Goal) -> Result<Vec<(Name, Span)>, NotFound> {
        self.aim(goal)?;
        self.confine(goal)?;
        let path = self.path_to(goal, Kind::ANY, Traversal::BreadthFirst)?;
        let kind = self.search.kind;
        path::chain(self.search.machine, self.monitor, (&path, kind), goal).ok_or(NotFound::None)
    }

    /// A run in which what races is at least so far apart, and how far it is. If the first path cannot be
    /// run since no clock ticks like that, paths are looked for on which clocks do, as long as `phases`
    /// says that this meets no limit.
    fn try_apart(
        &mut self,
        whole: &M,
        goal: Goal,
        apart: i64,
        phases: &mut bool,
    ) -> Result<(TraceOf<M>, i64), NotFound> {
        let first = self.try_kind(whole, goal, Kind { apart, ..Kind::ANY });
        if !*phases || !matches!(first, Err(NotFound::NotReplayed(_))) {
            return first;
        }
        let again = self.try_kind(whole, goal, Kind { apart, ..Kind::PHASES });
        *phases = !matches!(again, Err(NotFound::Limit(_)));
        if *phases { again } else { first }
    }

    fn try_kind(&mut self, whole: &M, goal: Goal, kind: Kind) -> Result<(TraceOf<M>, i64), NotFound> {
        let path = self.path_to(goal, kind, Traversal::BreadthFirst)?;
        let (machines, round, kind) = ((self.search.machine, whole), self.search.round, self.search.kind);
        let found = path::concrete(machines, self.monitor, (goal, kind), &path, (round, self.length));
        found.map_err(NotFound::NotReplayed)
    }

    /// The steps of a run of that kind that reaches `goal`.
    fn path_to(&mut self, goal: Goal, kind: Kind, traversal: Traversal) -> Result<Vec<Origin>, NotFound> {
        let search = &mut self.search;
        search.begin_again(kind);
        let limit = search.run(self.monitor, Some(goal), Limits { traversal, ..self.limits });
        match (search.reached, limit) {
            (Some(origin), _) => Ok(search.path(origin)),
            (None, Some(limit)) => Err(NotFound::Limit(limit)),
            (None, None) => {
                let Some((path, before)) = search.round_among_all(Through::Broken) else {
                    let perhaps = search.round_among_all(Through::Perhaps);
                    let mended = |_| NotFound::NotReplayed(NotReplayed::Mended);
                    return Err(perhaps.map_or(NotFound::None, mended));
                };
                search.round = Some(before);
                Ok(path)
            }
        }
    }

    /// Where classes are looked at depth first: a run that is found so takes long ways round, and says
    /// where to look for a shorter one. What goes on for ever is looked for breadth first all the same,
    /// since each step asks all that came before it whether it leads back there.
    fn confine(&mut self, goal: Goal) -> Result<(), NotFound> {
        if self.limits.traversal == Traversal::DepthFirst && !matches!(goal, Goal::ForEver(_)) {
            let path = self.path_to(goal, Kind::ANY, Traversal::DepthFirst)?;
            self.search.confine(Some(&path));
        }
        Ok(())
    }

    /// The values of `parameter` in `range` for which one path that breaks one of `rules` is possible, if
    /// the parameter has one value throughout: the least and the greatest; `None` if there is none.
    ///
    /// What was explored is the machine in which each delay that depends on the parameter may take the
    /// values that it has for any in the range. The path is looked for in `machine`, which is that one or
    /// the machine for one value in the range; between the two ends that come out every value will do.
    ///
    /// # Errors
    /// There is no such path, or none was found.
    pub fn breaking_values(
        &mut self,
        machine: &'m M,
        rules: u64,
        (parameter, range): (&Parameter, (Span, Span)),
    ) -> Result<Option<(Span, Span)>, NotFound> {
        let broken = self.explored.limit.is_some() || self.explored.broken & rules != 0;
        let goal = if broken { Goal::Breaks(rules) } else { Goal::Lost(rules) };
        self.aim(goal)?;
        if broken && self.explored.limit.is_none() && self.standstill.is_none() {
            self.search.doom(rules, &self.endless);
        }
        // What cannot be mended whatever the value, cannot for one.
        let any = self.search.instead(machine);
        self.search.until = Until::Doom;
        let mut path = self.path_to(goal, Kind::PHASES, Traversal::BreadthFirst);
        if matches!(path, Err(NotFound::Limit(_))) && self.explored.clocks {
            path = self.path_to(goal, Kind::ANY, Traversal::BreadthFirst);
        }
        let (kind, settled) = (self.search.kind, !self.search.met);
        let found =
            path.map(|path| path::possible(machine, self.monitor, (&path, kind, settled), parameter, range));
        self.search.instead(any);
        self.search.until = Until::End;
        found
    }

    /// Prepares the search for `goal`.
    fn aim(&mut self, goal: Goal) -> Result<(), NotFound> {
        let (search, explored) = (&mut self.search, &self.explored);
        search.doomed.clear();
        search.until = Until::End;
        search.confine(None);
        match (goal, explored.limit) {
            (Goal::Breaks(rules), None) if explored.broken & rules == 0 => return Err(NotFound::None),
            (Goal::Breaks(rules), limit) => {
                // The shortest way on from where nothing can mend it may lead elsewhere than a run that
                // was found depth first.
                let level_by_level = self.limits.traversal == Traversal::BreadthFirst;
                let every_run_ends = explored.endless.is_none() && self.standstill.is_none();
                if level_by_level && limit.is_none() && every_run_ends {
                    search.doom(rules, &[]);
                }
                search.times(Timed::None);
            }
            (Goal::Lost(_), Some(limit)) => return Err(NotFound::Limit(limit)),
            (Goal::Lost(rules), None) => {
                if self.standstill.is_some() || !search.doom(rules, &self.endless) {
                    return Err(NotFound::None);
                }
                search.until = Until::Doom;
                search.times(Timed::None);
            }
            (Goal::ForEver(rules), None) if explored.endless.unwrap_or(0) & rules == 0 => {
                return Err(NotFound::None);
            }
            (Goal::ForEver(_), _) => search.times(Timed::None),
            (Goal::AtLeast(slot, _) | Goal::AtMost(slot, _), None) => search.time(slot, Kind::ANY),
            (Goal::AtLeast(..) | Goal::AtMost(..), Some(limit)) => return Err(NotFound::Limit(limit)),
        }
        search.store.zones.merging(false);
        search.store.zones.keeping(matches!(goal, Goal::ForEver(_)));
        Ok(())
    }
}

fn span(bound: i64) -> Span {
    if bound == NEVER { Span::NEVER } else { Span(bound.max(0) as u64) }
}

impl Goal {
    /// Whether a step that broke `broken` and measured `measured` reaches it.
    fn is_met(self, broken: u64, mut measured: impl Iterator<Item = (u64, i64, i64)>) -> bool {
        match self {
            Self::Breaks(rules) => broken & rules != 0,
            Self::ForEver(_) | Self::Lost(_) => false,
            Self::AtLeast(slot, wanted) => {
                measured.any(|(known, _, most)| known == slot && span(most) >= wanted)
            }
            Self::AtMost(slot, wanted) => {
                measured.any(|(known, least, _)| known == slot && span(least) <= wanted)
            }
        }
    }
}
