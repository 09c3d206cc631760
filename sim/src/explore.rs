//! Exploring: every run of a machine at once, whatever the delays.
//!
//! A *class* is a state, what is pending, and a zone: bounds on when each of it is due, relative to
//! the others (state classes: Berthomieu and Diaz, IEEE TSE 17(3), 1991). From a class each pending
//! event that no bound forbids to be the first leads to a class; all classes that can be reached are
//! found, level by level. Ties are included: bounds are closed, and of two things that can be due
//! at one instant either may come first.
//!
//! What is left of time in a class are differences between what is pending. Each is bounded by
//! delays, so a machine with finitely many states has finitely many classes; only a mark whose limit
//! is [`Span::NEVER`] can make them infinite, if it is never taken away.
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
mod endless;
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
use endless::Edge;
use store::{Origin, Store, ZoneId};
use symbolic::{Desk, Table};
use zone::NEVER;

pub use path::NotReplayed;

/// Where a search stops without an answer.
#[derive(Clone, Copy)]
pub struct Limits<'s> {
    /// The most classes that are kept at a time.
    pub classes: usize,
    /// The most bounds of zones that are ever kept, of 8 bytes each: what memory goes into.
    pub bounds: usize,
    /// The most bytes that are kept: those bounds, and roughly what there is around them.
    pub bytes: usize,
    /// The most successors that are computed.
    pub successors: u64,
    /// Asked every few hundred successors whether to stop. A search reads no clock, and nobody can
    /// interrupt it; whoever calls it may do both here.
    pub stop: Option<&'s dyn Fn() -> bool>,
}

impl Default for Limits<'_> {
    /// A million classes and a hundred million bounds: some seconds, and less than a gigabyte.
    fn default() -> Self {
        Self {
            classes: 1_000_000,
            bounds: 100_000_000,
            bytes: usize::MAX,
            successors: 100_000_000,
            stop: None,
        }
    }
}

/// How many successors are computed until it is asked again whether to stop.
const ASK: u64 = 256;

/// The limit that a search stopped at, and how far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What there were too many of.
    pub of: Much,
    /// How many there were to be at most; 0 if the search was stopped.
    pub most: u64,
    /// How many classes were kept.
    pub kept: usize,
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
    /// Bytes.
    Bytes,
    /// Successors of classes.
    Successors,
    /// Nothing: [`Limits::stop`] said so.
    Stopped,
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
    /// is true at its end. Not looked at if the search was stopped.
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

/// Looks at every run of `machine`, watched by `monitor`.
pub fn every_timing<M, J>(machine: &M, monitor: &J, limits: Limits<'_>) -> Explored
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let mut search = Search::new(machine, true);
    let limit = search.run(monitor, None, limits);
    let Search { store, edges, .. } = &mut search;
    let stopped = limit.is_some_and(|limit| limit.of == Much::Stopped);
    let endless = !stopped && endless::endless(edges, store.parts(), |part| store.rows_of(part));
    let delays = search.delays.iter().map(|(&slot, &(least, most))| (slot, (span(least), span(most))));
    Explored {
        broken: search.broken,
        classes: search.store.alive(),
        successors: search.successors,
        delays: delays.collect(),
        endless,
        limit,
    }
}

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

/// A run of `machine` with the fewest events that reaches `goal`, with round delays and wide gaps;
/// it has been run and is what the machine does.
///
/// # Errors
/// There is none, or none was found.
pub fn find<M, J>(machine: &M, monitor: &J, goal: Goal, limits: Limits<'_>) -> Result<TraceOf<M>, NotFound>
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
    limits: Limits<'_>,
) -> Result<TraceOf<M>, NotFound>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    let mut search = Search::new(machine, false);
    let limit = search.run(monitor, Some(goal), limits);
    match (search.reached, limit) {
        (Some(origin), _) => {
            let path = search.path(origin);
            path::concrete((machine, whole), monitor, goal, &path).map_err(NotFound::NotReplayed)
        }
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
    delays: BTreeMap<u64, (i64, i64)>,
    successors: u64,
    /// The steps between plain parts, if all are looked at.
    edges: Vec<Edge>,
    /// How the goal was reached.
    reached: Option<Origin>,
}

/// Buffers for one successor after the other.
struct Desktop<M: Machine, J> {
    state: M::State,
    monitor: J,
    shape: Shape<M::Event>,
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
            delays: BTreeMap::new(),
            successors: 0,
            edges: Vec::new(),
            reached: None,
        }
    }

    /// Searches level by level until nothing is new, `goal` is reached, or a limit is met.
    fn run(&mut self, monitor: &J, goal: Option<Goal>, limits: Limits<'_>) -> Option<Limit> {
        let mut level = Vec::new();
        let mut desk = self.begin(monitor, goal, &mut level);
        let (mut depth, mut ask_at) = (0, 0);
        while !level.is_empty() && self.reached.is_none() {
            let mut next = Vec::new();
            for zone in level {
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
            level = next;
            depth += 1;
        }
        None
    }

    fn limit(&self, of: Much, most: u64, depth: usize) -> Limit {
        Limit { of, most, kept: self.store.alive(), depth }
    }

    /// Roughly what is kept, in bytes.
    fn bytes(&self) -> usize {
        self.store.bytes() + self.edges.len() * size_of::<Edge>()
    }

    /// The beginnings of all runs.
    fn begin(&mut self, monitor: &J, goal: Option<Goal>, level: &mut Vec<ZoneId>) -> Desktop<M, J> {
        let (mut table, mut facts) = (Table::new(), Vec::new());
        table.begin();
        let state =
            self.machine.start(&mut Desk { machine: self.machine, table: &mut table, facts: &mut facts });
        let (shape, monitor) = (Shape::empty(), monitor.clone());
        let first = monitor.clone();
        let mut desk = Desktop { state, monitor, shape, table, facts, bounds: Vec::new(), kept: Vec::new() };
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
        let Desktop { state, monitor, shape, table, facts, bounds, kept } = desk;
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
            for (slot, least, most) in table.spans() {
                let known = self.delays.entry(slot).or_insert((least, most));
                *known = (known.0.min(least), known.1.max(most));
            }
            monitor.forget(self.broken);
        }
        self.machine.canonical(state);
        table.finish(shape, bounds, kept);
        if shape.rows.iter().any(Row::is_pending) {
            let (to, new) = self.store.add((state, monitor, shape), bounds, origin);
            next.extend(new);
            if let (Some(zone), None) = (origin.from, goal) {
                self.edges.push(Edge { from: self.store.part(zone), to, stays });
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
        let Self { of, most, kept, depth } = self;
        let of = match of {
            Much::Classes => return write!(f, "{most} states, {depth} events into the runs"),
            Much::Bounds => format!("{most} bounds of states"),
            Much::Bytes => format!("{most} bytes"),
            Much::Successors => format!("{most} successors of states"),
            Much::Stopped => "a stop".to_owned(),
        };
        write!(f, "{of}, {kept} states kept, {depth} events into the runs")
    }
}
