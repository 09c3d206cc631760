//! An invariant with its limit, as a scenario asks for it.

use punctual_sim::Span;

use crate::invariant::{Arriving, INVARIANTS, Invariant, JudgedAt, Measured, Unit};
use crate::system::System;

/// An invariant and its limit, if it has one.
#[derive(Clone, Copy)]
pub struct Rule {
    invariant: &'static Invariant,
    limit: Option<Allowed>,
}

/// An invariant that is asked for: its place among all that are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub usize);

impl RuleId {
    /// Its bit, where the invariants that are broken are a bit each.
    pub fn bit(self) -> u64 {
        1 << self.0
    }
}

/// The limit of an invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// So long is allowed.
    Within(Span),
    /// So many are allowed.
    AtMost(u32),
}

impl Allowed {
    /// How long is allowed.
    pub fn span(self) -> Option<Span> {
        match self {
            Self::Within(span) => Some(span),
            Self::AtMost(_) => None,
        }
    }

    /// How many are allowed.
    pub fn bound(self) -> Option<u32> {
        match self {
            Self::AtMost(bound) => Some(bound),
            Self::Within(_) => None,
        }
    }
}

impl Rule {
    /// The names of all, in the order in which they are printed.
    pub const NAMES: [&'static str; INVARIANTS.len()] = {
        let mut names = [""; INVARIANTS.len()];
        let mut place = 0;
        while place < names.len() {
            names[place] = INVARIANTS[place].name;
            place += 1;
        }
        names
    };

    /// `invariant` with this limit; `None` if it needs another kind of limit, or none.
    pub fn new(invariant: &'static Invariant, limit: Option<Allowed>) -> Option<Self> {
        let given = limit.map(|limit| match limit {
            Allowed::Within(_) => Unit::Time,
            Allowed::AtMost(_) => Unit::Count,
        });
        (invariant.measured().map(Measured::unit) == given).then_some(Self { invariant, limit })
    }

    /// Its name in scenario files and reports.
    pub fn name(self) -> &'static str {
        self.invariant.name
    }

    /// What is known of it, whatever its limit.
    pub fn invariant(self) -> &'static Invariant {
        self.invariant
    }

    /// Its limit.
    pub fn limit(self) -> Option<Allowed> {
        self.limit
    }

    /// How long is allowed, if that is its limit.
    pub fn span(self) -> Option<Span> {
        self.limit.and_then(Allowed::span)
    }

    /// How many are allowed, if that is its limit.
    pub fn bound(self) -> Option<u32> {
        self.limit.and_then(Allowed::bound)
    }

    /// Whether the end of a run of `system` may be what breaks it: that is judged there; or, of what is under way then
    /// and arrives after it, something would be lost or found if tasks and timers went on.
    pub fn may_be_cut(self, system: &System) -> bool {
        let Invariant { judged, arriving, .. } = self.invariant;
        let by_what_arrives = match arriving {
            Arriving::Never => false,
            Arriving::AfterOutages => system.has_outages(),
            Arriving::Always => true,
        };
        system.ends.is_some() && (*judged == JudgedAt::TheEnd || by_what_arrives)
    }
}

/// An invariant is known by its name.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.limit == other.limit
    }
}

impl Eq for Rule {}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.limit {
            None => write!(f, "{}", self.name()),
            Some(limit) => write!(f, "{} {limit:?}", self.name()),
        }
    }
}
