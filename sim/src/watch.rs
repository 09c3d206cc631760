//! Invariants: what must be true of every run, said about facts.
//!
//! An invariant sees facts and nothing else, so one invariant judges a sampled run, an explored
//! one, and a log from production. It has no clock either: where it must speak of time, it marks
//! an instant and asks later whether a limit has passed since. A driver with a clock answers by
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

use crate::machine::Machine;
use crate::run::{Ending, Observer};
use crate::shrink::Judge;
use crate::time::{Span, Time};

/// The instants that monitors have marked, and the time.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    now: Time,
    marks: Vec<(u64, Time)>,
}

impl Watch {
    /// Remembers this instant under `slot`, in place of an earlier one.
    pub fn mark(&mut self, slot: u64) {
        self.unmark(slot);
        self.marks.push((slot, self.now));
    }

    /// Forgets what is remembered under `slot`.
    pub fn unmark(&mut self, slot: u64) {
        if let Some(at) = self.marks.iter().position(|(known, _)| *known == slot) {
            self.marks.swap_remove(at);
        }
    }

    /// Whether at most `limit` has passed since `slot` was marked; `true` if it is not marked.
    pub fn within(&self, slot: u64, limit: Span) -> bool {
        self.marks.iter().find(|(known, _)| *known == slot).is_none_or(|(_, at)| self.now.since(*at) <= limit)
    }

    /// Whether `slot` is marked.
    pub fn marked(&self, slot: u64) -> bool {
        self.marks.iter().any(|(known, _)| *known == slot)
    }

    /// Forgets everything, as at the beginning of a run.
    pub fn reset(&mut self) {
        self.now = Time::ZERO;
        self.marks.clear();
    }

    /// Lets it be `now`.
    pub fn at(&mut self, now: Time) {
        self.now = now;
    }
}

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
    pub fn judge(&self) -> Verdict<'_, F> {
        Verdict { rule: &self.rule, watch: Watch::default(), satisfied: false, broken: None }
    }
}

/// What an invariant says of a run.
#[derive(Clone, Debug)]
pub struct Verdict<'a, F> {
    rule: &'a Rule<F>,
    watch: Watch,
    satisfied: bool,
    broken: Option<Time>,
}

impl<F> Verdict<'_, F> {
    /// When it was broken, if it was.
    pub fn broken(&self) -> Option<Time> {
        self.broken
    }
}

impl<M: Machine> Observer<M> for Verdict<'_, M::Fact> {
    fn noted(&mut self, at: Time, fact: &M::Fact) {
        self.watch.at(at);
        let wrong = match self.rule {
            Rule::Never(test) => test(fact),
            Rule::Within(from, to, limit) => {
                let late = to(fact) && !self.watch.within(0, *limit);
                if to(fact) {
                    self.watch.unmark(0);
                }
                if from(fact) && !self.watch.marked(0) {
                    self.watch.mark(0);
                }
                late
            }
            Rule::Eventually(test) => {
                self.satisfied |= test(fact);
                false
            }
        };
        if wrong && self.broken.is_none() {
            self.broken = Some(at);
        }
    }

    fn ended(&mut self, at: Time, _: Ending) {
        let wrong = match self.rule {
            Rule::Never(_) => false,
            Rule::Within(..) => self.watch.marked(0),
            Rule::Eventually(_) => !self.satisfied,
        };
        if wrong && self.broken.is_none() {
            self.broken = Some(at);
        }
    }
}

impl<M: Machine> Judge<M> for Verdict<'_, M::Fact> {
    fn guilty(&self) -> bool {
        self.broken.is_some()
    }
}
