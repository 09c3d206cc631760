//! Invariants: what must be true of every run, said about facts.
//!
//! An invariant sees facts and nothing else, so one invariant judges a sampled run, an explored
//! one, and a log from production. It has no clock either: where it must speak of time, it starts
//! an observer clock and asks later whether a limit has passed since. A driver with a clock answers by
//! subtraction; one that explores all timings at once answers by the bounds it knows.
//!
//! ```
//! use punctual_sim::{Invariant, Span};
//!
//! #[derive(Clone, PartialEq, Debug)]
//! enum Fact { Asked, Answered, Crashed }
//!
//! let invariants = [
//!     Invariant::never("never-crashes", |fact: &Fact| *fact == Fact::Crashed),
//!     Invariant::within("answers-in-time", |f| *f == Fact::Asked, |f| *f == Fact::Answered, Span::secs(2)),
//!     Invariant::eventually("is-asked-at-all", |fact| *fact == Fact::Asked),
//! ];
//! assert_eq!(invariants[1].name, "answers-in-time");
//! ```

use std::hash::Hash;

use crate::clocked::Clocked;
use crate::time::Span;
use crate::watch::{Monitor, ObserverClock, Watch};

/// A rule about the facts of a run, as a plain value.
#[derive(Clone, Debug)]
pub struct Invariant<F> {
    /// What it is called.
    pub name: &'static str,
    rule: Rule<F>,
}

type Test<F> = fn(&F) -> bool;

#[derive(Clone, Debug)]
enum Rule<F> {
    Never(Test<F>),
    Within(Test<F>, Test<F>, Span),
    Eventually(Test<F>),
}

impl<F> Invariant<F> {
    /// Every fact passes `test`.
    pub fn never(name: &'static str, test: Test<F>) -> Self {
        Self { name, rule: Rule::Never(test) }
    }

    /// Each fact that passes `from` is followed by one that passes `to`, at most `limit` later.
    /// A run that is over before that leaves it broken.
    pub fn within(name: &'static str, from: Test<F>, to: Test<F>, limit: Span) -> Self {
        Self { name, rule: Rule::Within(from, to, limit) }
    }

    /// Some fact passes `test` before the end.
    pub fn eventually(name: &'static str, test: Test<F>) -> Self {
        Self { name, rule: Rule::Eventually(test) }
    }

    /// A judge of one run by this invariant.
    pub fn judge(&self) -> Clocked<Watcher<'_, F>> {
        Clocked::new(self.watcher())
    }

    /// A judge without a clock; its only rule has bit 0.
    pub fn watcher(&self) -> Watcher<'_, F> {
        Watcher { rule: &self.rule, satisfied: false, broken: false }
    }
}

/// The observer clock of an invariant.
const ONLY: ObserverClock = ObserverClock(0);

/// What an invariant remembers of the facts so far.
#[derive(Debug)]
pub struct Watcher<'a, F> {
    rule: &'a Rule<F>,
    satisfied: bool,
    broken: bool,
}

impl<F> Clone for Watcher<'_, F> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

/// Watchers are compared with those of the same invariant only.
impl<F> PartialEq for Watcher<'_, F> {
    fn eq(&self, other: &Self) -> bool {
        (self.satisfied, self.broken) == (other.satisfied, other.broken)
    }
}

impl<F> Eq for Watcher<'_, F> {}

impl<F> Hash for Watcher<'_, F> {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        (self.satisfied, self.broken).hash(hasher);
    }
}

impl<F> Monitor<F> for Watcher<'_, F> {
    fn noted(&mut self, fact: &F, watch: &mut impl Watch) {
        self.broken |= match self.rule {
            Rule::Never(test) => test(fact),
            Rule::Within(from, to, limit) => {
                let late = to(fact) && watch.late(ONLY);
                if to(fact) {
                    watch.stop(ONLY);
                }
                if from(fact) && !watch.runs(ONLY) {
                    watch.start(ONLY, *limit);
                }
                late
            }
            Rule::Eventually(test) => {
                self.satisfied |= test(fact);
                false
            }
        };
    }

    fn ended(&mut self, watch: &impl Watch) {
        self.broken |= match self.rule {
            Rule::Never(_) => false,
            Rule::Within(..) => watch.runs(ONLY),
            Rule::Eventually(_) => !self.satisfied,
        };
    }

    fn broken(&self) -> u64 {
        u64::from(self.broken)
    }

    fn forget(&mut self, broken: u64) {
        self.broken &= broken & 1 == 0;
    }
}
