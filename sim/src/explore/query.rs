//! A query: what is asked of every timing of a machine, and what it comes to.
//!
//! Searches, paths and answers all speak of it, so it is in a file below them.

use std::collections::{BTreeMap, BTreeSet};

use crate::explore::limits::{Limit, Limits};
use crate::explore::not_replayed::NotReplayed;
use crate::explore::zone::NEVER;
use crate::machine::Machine;
use crate::time::Span;
use crate::trace::TraceOf;
use crate::watch::ObserverClock;

/// What every timing comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The rules that some run breaks, a bit each. Where a clock is asked about, more is allowed than a
    /// clock does, so that perhaps no run does; [`Answer::find`](crate::explore::Answer::find) says.
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
    /// many times since they were read last. [`Answer::find`](crate::explore::Answer::find) looks for runs that do.
    pub over_approximate: BTreeSet<ObserverClock>,
    /// If some run may be a lasso, going on for ever while time goes on: the rules that such runs may break by what
    /// never happens in them, a bit each. Whether they do is another question ([`Goal::Lasso`]); and
    /// whether there is a Zeno cycle a third ([`Answer::zeno`](crate::explore::Answer::zeno)). Not looked at if the search
    /// was stopped.
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

/// What a query asks. More can be asked of its [`Answer`](crate::explore::Answer).
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
pub(crate) fn span(bound: i64) -> Span {
    if bound == NEVER { Span::NEVER } else { Span(bound.max(0) as u64) }
}

impl Goal {
    /// Whether a step that broke `broken` and measured `measured` reaches it.
    pub(crate) fn is_met(
        self,
        broken: u64,
        mut measured: impl Iterator<Item = (ObserverClock, i64, i64)>,
    ) -> bool {
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
