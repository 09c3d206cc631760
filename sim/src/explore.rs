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
//! delays, so a machine with finitely many states has finitely many classes. Observer clocks whose limit is
//! [`Span::NEVER`] are what a span is measured from, and nothing else depends on when they were started:
//! each is timed in a search of its own, which leaves a run as soon as no measurement is co-reachable. A span without a
//! greatest value makes the classes infinite, and that search meets its limit.
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

mod answer;
mod class;
mod clocks;
mod desk;
mod first;
mod frontier;
mod graph;
mod growth;
mod lasso;
mod limits;
mod memo;
mod parametric;
mod path;
mod readings;
mod search;
mod separation;
mod space;
mod steps;
mod store;
mod symbolic;
mod ticks;
mod timings;
mod zeno;
mod zone;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use crate::machine::Machine;
use crate::time::Span;
use crate::trace::TraceOf;
use crate::watch::{Monitor, ObserverClock};

use zone::NEVER;

pub use answer::Answer;
pub use growth::Growth;
pub use limits::{Limit, Limits, Much, Traversal};
pub use parametric::{Linear, Parameter};
pub use path::NotReplayed;

/// What every timing comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The rules that some run breaks, a bit each. Where a clock is asked about, more is allowed than a
    /// clock does, so that perhaps no run does; [`Answer::find`] says.
    pub broken: u64,
    /// Whether a clock is asked about.
    pub clocks: bool,
    /// The classes that were kept at the end.
    pub classes: usize,
    /// How often an event was taken as the first.
    pub successors: u64,
    /// The most bytes that one search kept, roughly.
    pub bytes: usize,
    /// By observer clock that a monitor measured: the least and the greatest span; `NEVER` if there is no
    /// greatest. Every run lies between, and for either end there is a run that attains it, unless the
    /// observer clock is one of `over_approximate`.
    pub delays: BTreeMap<ObserverClock, (Span, Span)>,
    /// The observer clocks whose ends may be bounds that no run attains, since clocks are read that may have ticked
    /// many times since they were read last. [`Answer::find`] looks for runs that do.
    pub over_approximate: BTreeSet<ObserverClock>,
    /// If some run may be a lasso, going on for ever while time goes on: the rules that such runs may break by what
    /// never happens in them, a bit each. Whether they do is another question ([`Goal::Lasso`]); and
    /// whether there is a Zeno cycle a third ([`Answer::zeno`]). Not looked at if the search was
    /// stopped.
    pub lassos: Option<u64>,
    /// The limit that was met; then what is said above is not all.
    pub limit: Option<Limit>,
}

/// What a run is looked for that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// It breaks one of these rules.
    Breaks(u64),
    /// It comes to a class of which every continuation is bad: one of these rules is broken in the end, or if nothing
    /// else happens. From there on the run is one that the machine it is made with ends by itself.
    Lost(u64),
    /// It goes on for ever, and one of these rules is broken if nothing else happens any more.
    Lasso(u64),
    /// A measured span of the observer clock is at least this long.
    AtLeast(ObserverClock, Span),
    /// A measured span of the observer clock is at most this long.
    AtMost(ObserverClock, Span),
}

/// Looks at every run of `machine`, watched by `monitor`, and measures what it measures.
pub fn every_timing<M, J>(machine: &M, monitor: &J, limits: Limits<'_>) -> Explored
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    Query::spans(machine, monitor, limits).answer().explored
}

/// A run of `machine` that reaches `goal`: see [`Answer::find`].
///
/// # Errors
/// There is none, or none was found.
pub fn find<M, J>(machine: &M, monitor: &J, goal: Goal, limits: Limits<'_>) -> Result<Found<M>, NotFound>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    Query::rules(machine, monitor, limits).answer().find(machine, goal, Length::ToTheEnd)
}

/// How much is made of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// All of it.
    ToTheEnd,
    /// What comes until the goal is reached: of a machine that never comes to an end.
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
    /// The least time between two concurrent events of it, along the way to what was looked for; zero if they tie.
    pub separation: Span,
}

/// What makes exploring quick without changing what it comes to; a test switches it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reductions {
    /// Exact merging: two zones whose hull contains nothing else become the hull (David, "Merging DBMs efficiently", NWPT
    /// 2005). That a zone is dropped that another subsumes is no matter of choice (inclusion: Daws and Tripakis, TACAS
    /// 1998).
    pub merging: bool,
    /// Successors are memoised: a step of the machine is taken once, and then repeated without it.
    pub memo: bool,
    /// Whether a tick has passed is decided only if exploring came to no end without.
    pub open_ticks: bool,
}

impl Reductions {
    /// All of it.
    pub const ALL: Self = Self { merging: true, memo: true, open_ticks: true };
    /// Nothing of it.
    pub const NONE: Self = Self { merging: false, memo: false, open_ticks: false };
}

/// Who is told of each step: the state that it led to, and what was noted.
pub type Hears<'h, M> = dyn FnMut(&<M as Machine>::State, &[<M as Machine>::Fact]) + 'h;

/// A question about every timing of a machine, answered by its state classes (Berthomieu and Diaz, IEEE TSE 17(3), 1991)
/// with zones as difference-bound matrices (Dill, 1989).
pub struct Query<'q, M, J> {
    /// The machine.
    pub machine: &'q M,
    /// Who watches its runs.
    pub monitor: &'q J,
    /// What is asked.
    pub asks: Asks,
    /// Where a search stops without an answer, and in which order it looks at classes.
    pub limits: Limits<'q>,
    /// What makes it quick.
    pub reductions: Reductions,
}

/// What a query asks. More can be asked of its [`Answer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Which rules some run breaks.
    Rules,
    /// That, and how short and how long what the monitor measures can be.
    Spans,
}

impl<'q, M, J> Query<'q, M, J> {
    /// Which rules of `monitor` some run of `machine` breaks.
    pub fn rules(machine: &'q M, monitor: &'q J, limits: Limits<'q>) -> Self {
        Self { machine, monitor, asks: Asks::Rules, limits, reductions: Reductions::ALL }
    }

    /// That, and how short and how long what `monitor` measures can be.
    pub fn spans(machine: &'q M, monitor: &'q J, limits: Limits<'q>) -> Self {
        Self { asks: Asks::Spans, ..Self::rules(machine, monitor, limits) }
    }
}

/// The span of a bound.
fn span(bound: i64) -> Span {
    if bound == NEVER { Span::NEVER } else { Span(bound.max(0) as u64) }
}

impl Goal {
    /// Whether a step that broke `broken` and measured `measured` reaches it.
    fn is_met(self, broken: u64, mut measured: impl Iterator<Item = (ObserverClock, i64, i64)>) -> bool {
        match self {
            Self::Breaks(rules) => broken & rules != 0,
            Self::Lasso(_) | Self::Lost(_) => false,
            Self::AtLeast(observer, wanted) => {
                measured.any(|(known, _, most)| known == observer && span(most) >= wanted)
            }
            Self::AtMost(observer, wanted) => {
                measured.any(|(known, least, _)| known == observer && span(least) <= wanted)
            }
        }
    }
}
