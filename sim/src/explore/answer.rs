//! The answer to a query, and what more can be asked of it.
//!
//! All of a machine is searched once. What is asked for then (a span, a run, the values of a parameter) is searched for
//! where the first search says that it can be.

use std::collections::{BTreeMap, BTreeSet};

use crate::delay::Name;
use crate::explore::class::DiscreteId;
use crate::explore::graph::Cycles;
use crate::explore::growth::Growth;
use crate::explore::lasso::Through;
use crate::explore::limits::{Limits, Much, Traversal};
use crate::explore::not_replayed::NotReplayed;
use crate::explore::parametric::Parameter;
use crate::explore::pass::{By, Pass, Searched, Until};
use crate::explore::path::{self, Path};
use crate::explore::query::{Asks, Explored, Found, Goal, Hears, Length, NotFound, Query, span};
use crate::explore::space::Space;
use crate::explore::symbolic::{Kind, Timed};
use crate::explore::ticks::Ticks;
use crate::follow::Follow;
use crate::machine::Machine;
use crate::run::Ending;
use crate::time::Span;
use crate::trace::{TraceOf, record};
use crate::watch::{Monitor, ObserverClock};

/// The widest separation that is asked for at first, in microseconds.
const WIDEST: i64 = 1_000_000;

/// What every timing of a machine says, to be asked more.
pub struct Answer<'q, M: Machine, J> {
    /// What was found.
    pub explored: Explored,
    /// If time can stand still for ever: the events of the shortest Zeno cycle (Tripakis, "Verifying progress in timed
    /// systems", ARTS 1999). Some run comes to it and may stay
    /// in it: each of these events is asked for without a delay, and is due at the very instant of the one before.
    /// Such a machine is seldom meant, and whatever would happen later does not happen in that run; so what is said
    /// to hold is true and says little.
    ///
    /// Where time may pass in a cycle but need not, as with delays from 0 to 5, it does not stand still:
    /// that is a lasso ([`Explored::lassos`]). Nothing is found where the state grows
    /// from turn to turn, since nothing repeats; such a search meets its limit. Not looked for if the
    /// search was stopped.
    pub zeno: Option<Vec<M::Event>>,
    /// If a limit was met: what grows along one of the longest runs that were looked at, so that perhaps
    /// no limit would do. Nothing if nothing grows, or if the runs are too short to say so.
    pub growth: Option<Growth>,
    query: Query<'q, M, J>,
    space: Space<'q, M, J>,
    /// Whether it is decided if ticks have passed.
    passed: bool,
    /// The discrete states in which some run may go on for ever.
    lassos: Vec<DiscreteId>,
}

impl<'q, M, J> Query<'q, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// Looks at every run of the machine.
    pub fn answer(self) -> Answer<'q, M, J> {
        self.answer_hearing(&mut |_, _| {})
    }

    /// The same; `hear` is told of what each step leads to and of what is noted in it, if there is a timing
    /// that takes it: at least once of each that differs.
    pub fn answer_hearing(self, hear: &mut Hears<'_, M>) -> Answer<'q, M, J> {
        let open_ticks = self.reductions.open_ticks;
        let (mut space, mut searched) = self.search_all(!open_ticks, hear);
        let mut passed = !open_ticks;
        // Zones of which each is greater than the one before, since a tick may have passed ever longer ago.
        let may_grow =
            searched.limit.is_some_and(|limit| matches!(limit.of, Much::Classes | Much::Successors));
        if may_grow && open_ticks && searched.ticks > Ticks::None {
            let (again, decided) = self.search_all(true, hear);
            if decided.limit.is_none() {
                (space, searched, passed) = (again, decided, true);
            }
        }
        let mut answer = self.answer_of(space, &searched, passed);
        if answer.query.asks == Asks::Spans {
            answer.measure();
        }
        answer
    }

    /// Searches all.
    fn search_all(&self, passed: bool, hear: &mut Hears<'_, M>) -> (Space<'q, M, J>, Searched) {
        let mut space = Space::new();
        let pass = Pass { merging: self.reductions.merging, ..self.pass(Kind { passed, ..Kind::ANY }) };
        let searched = space.search(&pass, self.monitor, hear);
        (space, searched)
    }

    /// A search that looks for nothing, and times no observer clock.
    fn pass(&self, kind: Kind) -> Pass<'q, M> {
        Pass {
            machine: self.machine,
            goal: None,
            timed: Timed::None,
            kind,
            merging: false,
            memoises: self.reductions.memo,
            until: Until::End,
            limits: self.limits,
            co_reachable: Vec::new(),
            only_bad: Vec::new(),
            within: None,
        }
    }

    /// What the search of all says.
    fn answer_of(self, mut space: Space<'q, M, J>, searched: &Searched, passed: bool) -> Answer<'q, M, J> {
        let stopped = searched.limit.is_some_and(|limit| limit.of == Much::Stopped);
        let cycles = if stopped { Cycles::default() } else { space.cycles() };
        let (zeno, limit) = match space.zeno(self.machine, &cycles.instant, self.limits) {
            Ok(zeno) => (zeno, searched.limit),
            Err(met) => (None, searched.limit.or(Some(met))),
        };
        let growth = limit.and_then(|_| space.growth());
        let explored = Explored {
            limit,
            broken: space.broken,
            classes: space.store.zones.maximal(),
            successors: searched.successors,
            bytes: space.bytes(),
            delays: BTreeMap::new(),
            over_approximate: BTreeSet::new(),
            clocks: searched.ticks > Ticks::None,
            lassos: space.never(&cycles.lassos),
        };
        Answer { explored, zeno, growth, query: self, space, passed, lassos: cycles.lassos }
    }
}

impl<'q, M: Machine, J> Answer<'q, M, J> {
    /// The same, of which more is asked within these limits.
    #[must_use]
    pub fn within(self, limits: Limits<'q>) -> Self {
        Self { query: Query { limits, ..self.query }, ..self }
    }
}

impl<'q, M, J> Answer<'q, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// Whether some run comes to a class of which every continuation is bad: one of `rules` is broken in the end, or if
    /// nothing else happens. That none does says nothing of runs that go on for ever by chance.
    pub fn is_lost(&mut self, rules: u64) -> bool {
        self.explored.limit.is_none() && self.only_bad(rules).is_some()
    }

    /// A run of `whole` that reaches `goal`, and a person believes: there is none of twice the separation, and of those
    /// it has the fewest events, and round delays. It has been run and
    /// is what the machine does. `whole` is the machine that was explored, or that one with what makes no
    /// difference to the monitor; so much is made of its run as `length` says.
    ///
    /// # Errors
    /// There is none, or none was found.
    pub fn find(&mut self, whole: &M, goal: Goal, length: Length) -> Result<Found<M>, NotFound> {
        let mut pass = self.confined_pass_to(goal)?;
        let widest = if matches!(goal, Goal::Breaks(_) | Goal::Lost(_)) { WIDEST } else { 0 };
        let (mut separation, mut too_wide) = (widest, i64::MAX);
        let mut best = Err(NotFound::None);
        let mut phases = !matches!(goal, Goal::Lasso(_));
        loop {
            let found = self.try_separation(whole, (&mut pass, length), separation, &mut phases);
            match (found, &best) {
                (Ok((trace, reached)), _) => {
                    best = Ok(Found { trace, separation: span(reached) });
                    let wider = reached.max(separation).saturating_mul(2);
                    if separation == 0 || separation == widest || wider >= too_wide {
                        break;
                    }
                    separation = wider;
                }
                (Err(why), Err(_)) if separation == 0 => return Err(why),
                (Err(_), Err(_)) => (too_wide, separation) = (separation, separation / 10),
                (Err(_), Ok(_)) => break,
            }
        }
        best.map(|found| match (length, found.trace.ending) {
            (Length::ToTheEnd, Ending::TooLong) => {
                Found { trace: record(whole, Follow::new(&found.trace.decisions)), ..found }
            }
            (Length::ToTheEnd | Length::UntilReached, _) => found,
        })
    }

    /// The delays that make a span as long or as short as `goal` says, in their order, each with what it
    /// adds to it.
    ///
    /// # Errors
    /// There is no such span, or a limit was met.
    pub fn chain(&mut self, goal: Goal) -> Result<Vec<(Name, Span)>, NotFound> {
        let pass = self.confined_pass_to(goal)?;
        let path = self.path(&pass)?;
        path::chain(&pass, self.query.monitor, &path.steps).ok_or(NotFound::None)
    }

    /// The values of `parameter` in `range` (Alur, Henzinger and Vardi, "Parametric real-time reasoning", STOC 1993) for
    /// which one path that breaks one of `rules` is possible, if
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
        machine: &'q M,
        rules: u64,
        (parameter, range): (&Parameter, (Span, Span)),
    ) -> Result<Option<(Span, Span)>, NotFound> {
        let broken = self.explored.limit.is_some() || self.explored.broken & rules != 0;
        let mut pass = self.pass_to(if broken { Goal::Breaks(rules) } else { Goal::Lost(rules) })?;
        if broken && self.explored.limit.is_none() {
            pass.only_bad = self.only_bad(rules).unwrap_or(pass.only_bad);
        }
        // Where every continuation is bad whatever the value, it is for one.
        (pass.machine, pass.until) = (machine, Until::FirstBad);
        pass.kind.phases = true;
        let mut path = self.path(&pass);
        if matches!(path, Err(NotFound::Limit(_))) && self.explored.clocks {
            pass.kind.phases = false;
            path = self.path(&pass);
        }
        path.map(|path| path::possible(&pass, self.query.monitor, &path, parameter, range))
    }

    /// Measures what the monitor measures: one search for each observer clock.
    fn measure(&mut self) {
        for observer in self.space.graph.observers() {
            if self.explored.limit.is_some() {
                break;
            }
            let mut searched = self.measure_observer(observer, Kind::PHASES);
            // Of a run that goes on for ever the age of a tick may be anything.
            if searched.limit.is_some_and(|limit| limit.of != Much::Stopped) && self.explored.clocks {
                searched = self.measure_observer(observer, Kind::ANY);
            }
            self.growth = searched.limit.and_then(|_| self.space.growth());
            let (space, explored) = (&self.space, &mut self.explored);
            explored.limit = searched.limit;
            explored.classes += space.store.zones.maximal();
            explored.successors += searched.successors;
            explored.bytes = explored.bytes.max(space.bytes());
            let bounds = searched.span.map(|(least, most)| (span(least), span(most)));
            explored.delays.extend(bounds.map(|bounds| (observer, bounds)));
            explored.over_approximate.extend((searched.ticks == Ticks::OverApproximate).then_some(observer));
        }
    }

    fn measure_observer(&mut self, observer: ObserverClock, kind: Kind) -> Searched {
        let mut pass = self.query.pass(Kind { passed: self.passed, ..kind });
        (pass.timed, pass.merging) = (Timed::Only(observer), self.query.reductions.merging);
        pass.co_reachable = self.space.co_reachable(observer);
        self.space.search(&pass, self.query.monitor, &mut |_, _| {})
    }

    /// By state without marks: whether every continuation is bad, since it breaks one of `rules`; nothing if there is no
    /// such state, or time can stand still.
    fn only_bad(&mut self, rules: u64) -> Option<Vec<bool>> {
        if self.zeno.is_some() { None } else { self.space.only_bad(rules, &self.lassos) }
    }

    /// The search for `goal`, level by level.
    fn pass_to(&mut self, goal: Goal) -> Result<Pass<'q, M>, NotFound> {
        let mut pass = self.query.pass(Kind { passed: self.passed, ..Kind::ANY });
        pass.goal = Some(goal);
        pass.limits.traversal = Traversal::BreadthFirst;
        let explored = &self.explored;
        match (goal, explored.limit) {
            (Goal::Breaks(rules), None) if explored.broken & rules == 0 => return Err(NotFound::None),
            (Goal::Breaks(rules), limit) => {
                // The shortest way on from where every continuation is bad may lead elsewhere than a run that
                // was found depth first.
                let level_by_level = self.query.limits.traversal == Traversal::BreadthFirst;
                if level_by_level && limit.is_none() && explored.lassos.is_none() {
                    pass.only_bad = self.only_bad(rules).unwrap_or_default();
                }
            }
            (Goal::Lost(_), Some(limit)) => return Err(NotFound::Limit(limit)),
            (Goal::Lost(rules), None) => {
                pass.only_bad = self.only_bad(rules).ok_or(NotFound::None)?;
                pass.until = Until::FirstBad;
            }
            (Goal::Lasso(rules), None) if explored.lassos.unwrap_or(0) & rules == 0 => {
                return Err(NotFound::None);
            }
            (Goal::Lasso(_), _) => {}
            (Goal::AtLeast(observer, _) | Goal::AtMost(observer, _), None) => {
                pass.timed = Timed::Only(observer);
                pass.co_reachable = self.space.co_reachable(observer);
            }
            (Goal::AtLeast(..) | Goal::AtMost(..), Some(limit)) => return Err(NotFound::Limit(limit)),
        }
        Ok(pass)
    }

    /// The same where classes are looked at depth first: a run that is found so takes long ways round, and says
    /// where to look for a shorter one. What goes on for ever is looked for breadth first all the same,
    /// since each step asks all that came before it whether it leads back there.
    fn confined_pass_to(&mut self, goal: Goal) -> Result<Pass<'q, M>, NotFound> {
        let pass = self.pass_to(goal)?;
        let (limits, level_by_level) = (self.query.limits, pass.limits);
        if limits.traversal == Traversal::BreadthFirst || matches!(goal, Goal::Lasso(_)) {
            return Ok(pass);
        }
        let deep = Pass { limits, ..pass };
        let path = self.path(&deep)?;
        Ok(Pass { limits: level_by_level, within: Some(self.space.along(&path.steps)), ..deep })
    }

    /// A run of at least that separation, and its own. If the first path cannot be run since no clock ticks like that, paths are looked for on which clocks do, as long as `phases`
    /// says that this meets no limit.
    fn try_separation(
        &mut self,
        whole: &M,
        (pass, length): (&mut Pass<'q, M>, Length),
        separation: i64,
        phases: &mut bool,
    ) -> Result<(TraceOf<M>, i64), NotFound> {
        (pass.kind.separation, pass.kind.phases) = (separation, false);
        let first = self.try_pass(whole, pass, length);
        if !*phases || !matches!(first, Err(NotFound::NotReplayed(_))) {
            return first;
        }
        pass.kind.phases = true;
        let again = self.try_pass(whole, pass, length);
        *phases = !matches!(again, Err(NotFound::Limit(_)));
        if *phases { again } else { first }
    }

    fn try_pass(
        &mut self,
        whole: &M,
        pass: &Pass<'q, M>,
        length: Length,
    ) -> Result<(TraceOf<M>, i64), NotFound> {
        let path = self.path(pass)?;
        let found = path::concrete(pass, whole, self.query.monitor, &path, length);
        found.map_err(NotFound::NotReplayed)
    }

    /// The steps of a run that `pass` looks for.
    fn path(&mut self, pass: &Pass<'q, M>) -> Result<Path, NotFound> {
        let searched = self.space.search(pass, self.query.monitor, &mut |_, _| {});
        if let Some(reached) = searched.reached {
            return Ok(Path { steps: self.space.path(reached.last), by: reached.by });
        }
        if let Some(limit) = searched.limit {
            return Err(NotFound::Limit(limit));
        }
        let Some(exact) = &searched.exact else { return Err(NotFound::None) };
        let among_all = |through| self.space.cycle_among_all(exact, through);
        if let Some((steps, before)) = among_all(Through::Broken) {
            return Ok(Path { steps, by: By::Back(before) });
        }
        let mended = |_| NotFound::NotReplayed(NotReplayed::Mended);
        Err(among_all(Through::Perhaps).map_or(NotFound::None, mended))
    }
}
