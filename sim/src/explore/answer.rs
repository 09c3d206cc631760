//! The answer to a query, and what more can be asked of it.
//!
//! All of a machine is searched once. What is asked for then (a span, a run, the values of a parameter) is searched for
//! where the first search says that it can be.

use std::collections::{BTreeMap, BTreeSet};

use crate::delay::Name;
use crate::explore::endless::Through;
use crate::explore::graph::Rounds;
use crate::explore::path;
use crate::explore::search::{By, Pass, Searched, Until};
use crate::explore::space::Space;
use crate::explore::symbolic::{Kind, Timed};
use crate::explore::ticks::Ticks;
use crate::explore::zones::Origin;
use crate::explore::{
    Asks, Explored, Found, Goal, Growth, Hears, Length, Much, NotFound, NotReplayed, Parameter, Query,
    Traversal, span,
};
use crate::follow::Follow;
use crate::machine::Machine;
use crate::run::Ending;
use crate::time::Span;
use crate::trace::{TraceOf, record};
use crate::watch::Monitor;

/// The widest gap that is asked for at first, in microseconds.
const WIDEST: i64 = 1_000_000;

/// What every timing of a machine says, to be asked more.
pub struct Answer<'q, M: Machine, J> {
    /// What was found.
    pub explored: Explored,
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
    pub standstill: Option<Vec<M::Event>>,
    /// If a limit was met: what grows along one of the longest runs that were looked at, so that perhaps
    /// no limit would do. Nothing if nothing grows, or if the runs are too short to say so.
    pub growth: Option<Growth>,
    query: Query<'q, M, J>,
    space: Space<'q, M, J>,
    /// Whether it is decided if ticks have passed.
    passed: bool,
    /// The discrete states in which some run may go on for ever.
    endless: Vec<u32>,
}

/// The steps of a run that reaches a goal.
pub(crate) struct Path {
    pub(crate) steps: Vec<Origin>,
    pub(crate) by: By,
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

    /// A search that looks for nothing, and times no mark.
    fn pass(&self, kind: Kind) -> Pass<'q, M> {
        Pass {
            machine: self.machine,
            goal: None,
            timed: Timed::None,
            kind,
            merging: false,
            learns: self.reductions.scripts,
            until: Until::End,
            limits: self.limits,
            hopeful: Vec::new(),
            doomed: Vec::new(),
            within: None,
        }
    }

    /// What the search of all says.
    fn answer_of(self, mut space: Space<'q, M, J>, searched: &Searched, passed: bool) -> Answer<'q, M, J> {
        let stopped = searched.limit.is_some_and(|limit| limit.of == Much::Stopped);
        let rounds = if stopped { Rounds::default() } else { space.rounds() };
        let (standstill, limit) = match space.standstill(self.machine, &rounds.instant, self.limits) {
            Ok(standstill) => (standstill, searched.limit),
            Err(met) => (None, searched.limit.or(Some(met))),
        };
        let growth = limit.and_then(|_| space.growth());
        let explored = Explored {
            limit,
            broken: space.broken,
            classes: space.store.zones.alive(),
            successors: searched.successors,
            bytes: space.bytes(),
            delays: BTreeMap::new(),
            loose: BTreeSet::new(),
            clocks: searched.ticks > Ticks::None,
            endless: space.never(&rounds.endless),
        };
        Answer { explored, standstill, growth, query: self, space, passed, endless: rounds.endless }
    }
}

impl<'q, M, J> Answer<'q, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// Whether some run comes to where nothing can mend it that one of `rules` is broken in the end, or if
    /// nothing else happens. That none does says nothing of runs that go on for ever by chance.
    pub fn is_lost(&mut self, rules: u64) -> bool {
        self.explored.limit.is_none() && self.doomed(rules).is_some()
    }

    /// A run of `whole` that reaches `goal`, and a person believes: there is none in which what races is
    /// twice as far apart, and of those it has the fewest events, and round delays. It has been run and
    /// is what the machine does. `whole` is the machine that was explored, or that one with what makes no
    /// difference to the monitor; so much is made of its run as `length` says.
    ///
    /// # Errors
    /// There is none, or none was found.
    pub fn find(&mut self, whole: &M, goal: Goal, length: Length) -> Result<Found<M>, NotFound> {
        let mut pass = self.confined_pass_to(goal)?;
        let widest = if matches!(goal, Goal::Breaks(_) | Goal::Lost(_)) { WIDEST } else { 0 };
        let (mut apart, mut too_wide) = (widest, i64::MAX);
        let mut best = Err(NotFound::None);
        let mut phases = !matches!(goal, Goal::ForEver(_));
        loop {
            let found = self.try_apart(whole, (&mut pass, length), apart, &mut phases);
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
        machine: &'q M,
        rules: u64,
        (parameter, range): (&Parameter, (Span, Span)),
    ) -> Result<Option<(Span, Span)>, NotFound> {
        let broken = self.explored.limit.is_some() || self.explored.broken & rules != 0;
        let mut pass = self.pass_to(if broken { Goal::Breaks(rules) } else { Goal::Lost(rules) })?;
        if broken && self.explored.limit.is_none() {
            pass.doomed = self.doomed(rules).unwrap_or(pass.doomed);
        }
        // Where every continuation is bad whatever the value, it is for one.
        (pass.machine, pass.until) = (machine, Until::Doom);
        pass.kind.phases = true;
        let mut path = self.path(&pass);
        if matches!(path, Err(NotFound::Limit(_))) && self.explored.clocks {
            pass.kind.phases = false;
            path = self.path(&pass);
        }
        path.map(|path| path::possible(&pass, self.query.monitor, &path, parameter, range))
    }

    /// Measures what the monitor measures: one search for each slot.
    fn measure(&mut self) {
        for slot in self.space.graph.slots() {
            if self.explored.limit.is_some() {
                break;
            }
            let mut searched = self.measure_slot(slot, Kind::PHASES);
            // Of a run that goes on for ever the age of a tick may be anything.
            if searched.limit.is_some_and(|limit| limit.of != Much::Stopped) && self.explored.clocks {
                searched = self.measure_slot(slot, Kind::ANY);
            }
            self.growth = searched.limit.and_then(|_| self.space.growth());
            let (space, explored) = (&self.space, &mut self.explored);
            explored.limit = searched.limit;
            explored.classes += space.store.zones.alive();
            explored.successors += searched.successors;
            explored.bytes = explored.bytes.max(space.bytes());
            let bounds = searched.span.map(|(least, most)| (span(least), span(most)));
            explored.delays.extend(bounds.map(|bounds| (slot, bounds)));
            explored.loose.extend((searched.ticks == Ticks::Loose).then_some(slot));
        }
    }

    fn measure_slot(&mut self, slot: u64, kind: Kind) -> Searched {
        let mut pass = self.query.pass(Kind { passed: self.passed, ..kind });
        (pass.timed, pass.merging) = (Timed::Only(slot), self.query.reductions.merging);
        pass.hopeful = self.space.hopeful(slot);
        self.space.search(&pass, self.query.monitor, &mut |_, _| {})
    }

    /// By state without marks: whether every continuation breaks one of `rules`; nothing if there is no such state, or
    /// time can stand still.
    fn doomed(&mut self, rules: u64) -> Option<Vec<bool>> {
        if self.standstill.is_some() { None } else { self.space.doomed(rules, &self.endless) }
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
                if level_by_level && limit.is_none() && explored.endless.is_none() {
                    pass.doomed = self.doomed(rules).unwrap_or_default();
                }
            }
            (Goal::Lost(_), Some(limit)) => return Err(NotFound::Limit(limit)),
            (Goal::Lost(rules), None) => {
                pass.doomed = self.doomed(rules).ok_or(NotFound::None)?;
                pass.until = Until::Doom;
            }
            (Goal::ForEver(rules), None) if explored.endless.unwrap_or(0) & rules == 0 => {
                return Err(NotFound::None);
            }
            (Goal::ForEver(_), _) => {}
            (Goal::AtLeast(slot, _) | Goal::AtMost(slot, _), None) => {
                pass.timed = Timed::Only(slot);
                pass.hopeful = self.space.hopeful(slot);
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
        if limits.traversal == Traversal::BreadthFirst || matches!(goal, Goal::ForEver(_)) {
            return Ok(pass);
        }
        let deep = Pass { limits, ..pass };
        let path = self.path(&deep)?;
        Ok(Pass { limits: level_by_level, within: Some(self.space.along(&path.steps)), ..deep })
    }

    /// A run in which what races is at least so far apart, and how far it is. If the first path cannot be
    /// run since no clock ticks like that, paths are looked for on which clocks do, as long as `phases`
    /// says that this meets no limit.
    fn try_apart(
        &mut self,
        whole: &M,
        (pass, length): (&mut Pass<'q, M>, Length),
        apart: i64,
        phases: &mut bool,
    ) -> Result<(TraceOf<M>, i64), NotFound> {
        (pass.kind.apart, pass.kind.phases) = (apart, false);
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
