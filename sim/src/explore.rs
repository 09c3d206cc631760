//! Exploring: every run of a machine at once, whatever the delays.
//!
//! A *class* is a state, what is pending, and a zone: bounds on when each of it is due, relative to
//! the others (state classes: Berthomieu and Diaz, IEEE TSE 17(3), 1991). From a class each pending
//! event that no bound forbids to be the first leads to a class; all classes that can be reached are
//! found, level by level unless asked otherwise ([`Traversal`]). Ties are included: bounds are closed,
//! and of two things that can be due at one instant either may come first.
//! Time is whole microseconds, so a strict bound of a model is the next one: longer than 5 us is at least
//! 6 us. A delay may have no greatest ([`Span::NEVER`](crate::Span::NEVER)).
//!
//! What is left of time in a class are differences between what is pending. Each is bounded by
//! delays, so a machine with finitely many states has finitely many classes. Observer clocks whose limit is
//! [`Span::NEVER`](crate::Span::NEVER) are what a span is measured from, and nothing else depends on when they were started:
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
mod bucket;
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
mod not_replayed;
mod parametric;
mod pass;
mod path;
mod query;
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

use crate::machine::Machine;
use crate::watch::Monitor;

pub use answer::Answer;
pub use growth::Growth;
pub use limits::{Limit, Limits, Much, Traversal};
pub use not_replayed::NotReplayed;
pub use parametric::{Linear, Parameter};
pub use query::{Asks, Explored, Found, Goal, Hears, Length, NotFound, Query, Reductions};

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
