//! A pass: what one search asks, and what it found.
//!
//! Whoever reads an answer, a path or its timings needs to know of it, and nothing of how a search is made.

use crate::explore::lasso::ExactCycles;
use crate::explore::limits::{Limit, Limits};
use crate::explore::query::Goal;
use crate::explore::symbolic::{Kind, Timed};
use crate::explore::ticks::Ticks;
use crate::explore::zones::Origin;

/// What one search asks.
pub(crate) struct Pass<'m, M> {
    /// Of which machine.
    pub(crate) machine: &'m M,
    /// What is looked for; nothing if all is looked at.
    pub(crate) goal: Option<Goal>,
    /// Which observer clocks without a limit are timed.
    pub(crate) timed: Timed,
    /// Which timings are looked at.
    pub(crate) kind: Kind,
    /// Whether zones are merged, beside being dropped where another subsumes them.
    pub(crate) merging: bool,
    /// Whether steps are repeated as they were memoised.
    pub(crate) memoises: bool,
    /// How far a run is followed.
    pub(crate) until: Until,
    pub(crate) limits: Limits<'m>,
    /// By state without marks: whether a measurement of the observer clock that is timed is co-reachable.
    pub(crate) co_reachable: Vec<bool>,
    /// By state without marks, if the first class is to be found of which every continuation is bad: whether every
    /// continuation of it is.
    pub(crate) only_bad: Vec<bool>,
    /// If only some states without marks are searched: whether each is one of them.
    pub(crate) within: Option<Vec<bool>>,
}

/// How far a run that is looked for is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Until every continuation is bad.
    FirstBad,
    /// To its end.
    End,
}

/// What a search found.
#[derive(Default)]
pub(crate) struct Searched {
    /// How the goal was reached.
    pub(crate) reached: Option<Reached>,
    /// If a lasso is looked for: which of the zones that were found lead to which.
    pub(crate) exact: Option<ExactCycles>,
    /// The least and greatest span of the observer clock that is timed.
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
