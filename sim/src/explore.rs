//! Exploring: every run of a machine at once, whatever the delays.
//!
//! A *class* is a state, what is pending, and a zone: bounds on when each of it is due, relative to
//! the others (state classes: Berthomieu and Diaz, IEEE TSE 17(3), 1991). From a class each pending
//! event that no bound forbids to be the first leads to a class; all classes that can be reached are
//! found, level by level. Ties are included: bounds are closed, and of two things that can be due
//! at one instant either may come first.
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
mod graph;
mod parametric;
mod path;
mod store;
mod symbolic;
mod zone;

use std::collections::BTreeMap;
use std::fmt;

use crate::machine::Machine;
use crate::time::Span;
use crate::trace::TraceOf;
use crate::watch::Monitor;

use class::{Row, Shape};
use graph::{Edge, Graph};
use store::{Origin, Store, ZoneId};
use symbolic::{Desk, Table, Timed};
use zone::NEVER;

pub use parametric::{Linear, Parameter};
pub use path::NotReplayed;

/// Where a search stops without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most classes that are kept at a time.
    pub classes: usize,
    /// The most bounds of zones that are ever kept, of 8 bytes each: what memory goes into.
    pub bounds: usize,
    /// The most successors that are computed.
    pub successors: u64,
}

impl Default for Limits {
    /// A million classes and a hundred million bounds: some seconds, and less than a gigabyte.
    fn default() -> Self {
        Self { classes: 1_000_000, bounds: 100_000_000, successors: 100_000_000 }
    }
}

/// The limit that a search stopped at, and how far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What there were too many of.
    pub of: Much,
    /// How many there were to be at most.
    pub most: u64,
    /// The number of events of the longest runs that were looked at.
    pub depth: usize,
}

/// What a search can have too many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Much {
    /// Classes that no other contains.
    Classes,
    /// Bounds of zones.
    Bounds,
    /// Successors of classes.
    Successors,
}

/// What every timing comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The rules that some run breaks, a bit each.
    pub broken: u64,
    /// The classes that were kept at the end.
    pub classes: usize,
    /// How often an event was taken as the first.
    pub successors: u64,
    /// By slot that a monitor measured: the least and the greatest span; `NEVER` if there is no
    /// greatest. Every run lies between, and for either end there is a run that attains it.
    pub delays: BTreeMap<u64, (Span, Span)>,
    /// Whether some run may go on for ever, though time goes on. Of such a run it is not known what
    /// is true at its end.
    pub endless: bool,
    /// The limit that was met; then what is said above is not all.
    pub limit: Option<Limit>,
}

/// What a run is looked for that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// It breaks one of these rules.
    Breaks(u64),
    /// A measured span of the slot is at least this long.
    AtLeast(u64, Span),
    /// A measured span of the slot is at most this long.
    AtMost(u64, Span),
}

/// Looks at every run of `machine`, watched by `monitor`, and measures what it measures: one search
/// for what is broken, and one for each slot.
pub fn every_timing<M, J>(machine: &M, monitor: &J, limits: Limits) -> Explored
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let mut search = Search::new(machine, true);
    let mut explored = Explored {
        limit: search.run(monitor, None, limits),
        broken: search.broken,
        classes: search.store.alive(),
        successors: search.successors,
        delays: BTreeMap::new(),
        endless: search.may_be_endless(),
    };
    for slot in search.graph.slots() {
        if explored.limit.is_some() {
            break;
        }
        search.time(slot);
        explored.limit = search.run(monitor, None, limits);
        explored.classes += search.store.alive();
        explored.successors += search.successors;
        let bounds = search.span.map(|(least, most)| (span(least), span(most)));
        explored.delays.extend(bounds.map(|bounds| (slot, bounds)));
    }
    explored
}

/// The widest gap that is asked for at first, in microseconds.
const WIDEST: i64 = 1_000_000;

/// Why no run was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// There is none.
    None,
    /// The search stopped before it was clear.
    Limit(Limit),
    /// What was found cannot be replayed: where a clock is read, exploring allows more than there is.
    NotReplayed(NotReplayed),
}

/// A run that was looked for.
#[derive(Clone, Debug)]
pub struct Found<M: Machine> {
    /// The run.
    pub trace: TraceOf<M>,
    /// The least time between two events of it of which either could have come first, along the way to
    /// what was looked for; zero if there is no such run without a tie.
    pub gap: Span,
}

/// A run of `machine` that reaches `goal`, and a person believes: there is none in which what races is
/// twice as far apart, and of those it has the fewest events, and round delays. It has been run and is
/// what the machine does. Events tie in it only if there is no run without a tie.
///
/// # Errors
/// There is none, or none was found.
pub fn find<M, J>(machine: &M, monitor: &J, goal: Goal, limits: Limits) -> Result<Found<M>, NotFound>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    find_in(machine, machine, monitor, goal, limits)
}

/// The same, looked for in `machine`, which may leave out what makes no difference to `monitor`; the
/// run is one of `whole`.
///
/// # Errors
/// There is none, or none was found.
pub fn find_in<M, J>(
    machine: &M,
    whole: &M,
    monitor: &J,
    goal: Goal,
    limits: Limits,
) -> Result<Found<M>, NotFound>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let mut search = Search::new(machine, true);
    search.aim(monitor, goal, limits)?;
    let doomed = std::mem::take(&mut search.doomed);
    let mut best: Result<Found<M>, NotFound> = Err(NotFound::None);
    let widest = if matches!(goal, Goal::Breaks(_)) { WIDEST } else { 0 };
    let mut apart = widest;
    loop {
        search.apart = apart;
        search.doomed.clone_from(&doomed);
        let limit = search.run(monitor, Some(goal), limits);
        let found = match (search.reached.take(), limit) {
            (Some(origin), _) => {
                let path = search.path(origin);
                path::concrete((machine, whole), monitor, (goal, apart), &path).map_err(NotFound::NotReplayed)
            }
            (None, Some(limit)) => Err(NotFound::Limit(limit)),
            (None, None) => Err(NotFound::None),
        };
        search.again();
        match found {
            Ok((trace, gap)) => {
                best = Ok(Found { trace, gap: if apart == 0 { Span::ZERO } else { span(gap) } });
                if apart == 0 || apart == widest {
                    return best;
                }
                apart = gap.max(apart).saturating_mul(2);
            }
            Err(why) if best.is_err() => {
                best = Err(why);
                if apart == 0 {
                    return best;
                }
                apart /= 10;
            }
            Err(_) => return best,
        }
    }
}

/// The values of `parameter` in `range` for which one path that breaks one of `rules` is possible, if
/// the parameter has one value throughout: the least and the greatest; `None` if there is none.
///
/// `any` is the machine in which each delay that depends on the parameter may take the values that it
/// has for any in the range. The path is looked for in `machine`, which is `any`, or the machine for one
/// value in the range; between the two ends that come out every value will do.
///
/// # Errors
/// There is no such path, or none was found.
pub fn breaking_values<M, J>(
    (any, machine): (&M, &M),
    monitor: &J,
    rules: u64,
    (parameter, range): (&Parameter, (Span, Span)),
    limits: Limits,
) -> Result<Option<(Span, Span)>, NotFound>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let goal = Goal::Breaks(rules);
    let mut search = Search::new(any, true);
    search.aim(monitor, goal, limits)?;
    // What cannot be mended whatever the value, cannot for one.
    search.machine = machine;
    search.until = Until::Doom;
    let limit = search.run(monitor, Some(goal), limits);
    match (search.reached, limit) {
        (Some(origin), _) => Ok(path::possible(machine, monitor, &search.path(origin), parameter, range)),
        (None, Some(limit)) => Err(NotFound::Limit(limit)),
        (None, None) => Err(NotFound::None),
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
            Self::AtLeast(slot, wanted) => {
                measured.any(|(known, _, most)| known == slot && span(most) >= wanted)
            }
            Self::AtMost(slot, wanted) => {
                measured.any(|(known, least, _)| known == slot && span(least) <= wanted)
            }
        }
    }
}

struct Search<'m, M: Machine, J> {
    machine: &'m M,
    store: Store<M::State, J, M::Event>,
    broken: u64,
    successors: u64,
    /// Which marks without a limit are timed.
    timed: Timed,
    /// How far apart events must be that need not tie.
    apart: i64,
    /// The least and greatest span of the slot that is timed.
    span: Option<(i64, i64)>,
    /// What the search without times has found.
    graph: Graph,
    /// The number of plain parts that it has found.
    parts: usize,
    /// By plain part: whether the slot that is timed may still be measured.
    hopeful: Vec<bool>,
    /// By plain part: whether every end from there is one that is looked for.
    doomed: Vec<bool>,
    /// How far a run is followed.
    until: Until,
    /// The first class from which every end is one that is looked for.
    settled: Option<ZoneId>,
    /// How the goal was reached.
    reached: Option<Origin>,
}

/// How far a run that is looked for is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
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
    /// The same shape without times.
    untimed: Shape<M::Event>,
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
    fn new(machine: &'m M, merging: bool) -> Self {
        Self {
            machine,
            store: Store::new(merging),
            broken: 0,
            successors: 0,
            timed: Timed::None,
            apart: 0,
            span: None,
            graph: Graph::default(),
            parts: 0,
            hopeful: Vec::new(),
            doomed: Vec::new(),
            until: Until::End,
            settled: None,
            reached: None,
        }
    }

    /// Searches all, without times; what was found makes the search for `goal`, which comes next, short.
    fn aim(&mut self, monitor: &J, goal: Goal, limits: Limits) -> Result<(), NotFound> {
        let limit = self.run(monitor, None, limits);
        match (goal, limit) {
            (Goal::Breaks(rules), None) if self.broken & rules == 0 => return Err(NotFound::None),
            (Goal::Breaks(rules), None) if !self.may_be_endless() => {
                self.doomed = self.graph.doomed(rules, self.store.parts());
            }
            (Goal::Breaks(_), _) => {}
            (Goal::AtLeast(slot, _) | Goal::AtMost(slot, _), None) => self.time(slot),
            (Goal::AtLeast(..) | Goal::AtMost(..), Some(limit)) => return Err(NotFound::Limit(limit)),
        }
        self.store.merging(false);
        self.again();
        Ok(())
    }

    /// Begins anew.
    fn again(&mut self) {
        self.store.again();
        self.successors = 0;
    }

    /// Begins anew with `slot` timed; all was searched without.
    fn time(&mut self, slot: u64) {
        if self.timed == Timed::None {
            self.parts = self.store.parts();
        }
        self.timed = Timed::Only(slot);
        self.hopeful = self.graph.hopeful(slot, self.parts);
        self.span = None;
        self.again();
    }

    /// Whether some run may go on for ever.
    fn may_be_endless(&mut self) -> bool {
        graph::endless(&mut self.graph.edges, self.store.parts(), |part| self.store.rows_of(part))
    }

    /// Searches level by level until nothing is new, `goal` is reached, or a limit is met.
    fn run(&mut self, monitor: &J, goal: Option<Goal>, limits: Limits) -> Option<Limit> {
        (self.reached, self.settled) = (None, None);
        let mut level = Vec::new();
        let mut desk = self.begin(monitor, goal, &mut level);
        let mut depth = 0;
        while !level.is_empty() && self.reached.is_none() {
            let mut next = Vec::new();
            for zone in level {
                if self.settled.is_some() {
                    break;
                }
                if !self.store.is_dead(zone) {
                    self.expand(zone, goal, &mut desk, &mut next);
                }
                if self.reached.is_some() {
                    return None;
                }
                if self.store.alive() > limits.classes {
                    return Some(Limit { of: Much::Classes, most: limits.classes as u64, depth });
                }
                if self.store.cells() > limits.bounds {
                    return Some(Limit { of: Much::Bounds, most: limits.bounds as u64, depth });
                }
                if self.successors > limits.successors {
                    return Some(Limit { of: Much::Successors, most: limits.successors, depth });
                }
            }
            level = next;
            if let Some(zone) = self.settled.take() {
                // Nothing can mend this one: what is left is its shortest way to the end.
                level = vec![zone];
                self.doomed.clear();
            }
            depth += 1;
        }
        None
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
        let (untimed, bounds, kept) = (Shape::empty(), Vec::new(), Vec::new());
        let mut desk = Desktop { state, monitor, shape, untimed, table, facts, bounds, kept };
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
                if self.reached.is_some() || !desk.table.decide.advance() {
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
        let Desktop { state, monitor, shape, untimed, table, facts, bounds, kept } = desk;
        table.tell(monitor, facts);
        let before = origin.from.map_or(0, |zone| self.store.shape(zone).rows.len());
        let stays = table.stays(usize::from(origin.row), before);
        let broken = monitor.broken();
        if let Some(goal) = goal {
            if goal.is_met(broken, table.spans()) {
                self.reached = Some(origin);
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
        if self.timed != Timed::None {
            shape.without_times(untimed);
            let part = self.store.find(numbers, untimed);
            // What the first search has not met, since less was known to be broken then, may be anything.
            if part.and_then(|part| self.hopeful.get(part as usize)) == Some(&false) {
                return;
            }
        }
        let to = if ends {
            None
        } else {
            let (to, new) = self.store.add((numbers, shape), bounds, origin);
            next.extend(new);
            if goal.is_some() && self.doomed.get(to as usize) == Some(&true) {
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
                (Some(from), Some(to)) => self.graph.edges.push(Edge { from, to, stays }),
                (Some(from), None) => self.graph.ends.push((from, broken)),
                (None, _) => {}
            }
        }
    }

    /// The steps from the beginning to `last`.
    fn path(&self, last: Origin) -> Vec<Origin> {
        let mut path = vec![last];
        while let Some(from) = path[path.len() - 1].from {
            path.push(self.store.origin(from));
        }
        path.reverse();
        path
    }
}

/// Lets `event` happen to `state`.
fn take<M: Machine<Effect = ()>>(
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

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = match self.of {
            Much::Classes => "states",
            Much::Bounds => "bounds of states",
            Much::Successors => "successors of states",
        };
        write!(f, "{} {of}, {} events into the runs", self.most, self.depth)
    }
}
