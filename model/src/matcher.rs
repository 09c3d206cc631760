//! Named orders of steps, and whether a run contains one.
//!
//! An order is a list of step names; a name stands for the instant at which the step takes
//! effect. Steps that the order does not name may come between, those that it names may not: the
//! run, looked at through the named steps only, must contain the order as it stands. That is what
//! makes "store read, publish, commit, row read" speak of one turn of a loop and not of two. Where
//! an order names one occurrence of a step, the others are not named.
//! All places of the order that may have been reached are followed at once, a bit each (the
//! shift-and method: Baeza-Yates and Gonnet, CACM 35, 1992).

use punctual_sim::untimed::Progress;
use punctual_sim::{Judge, Monitor, Observer, ObserverClock, Span, Time, Watch};

use crate::fact::Fact;
use crate::system::{StepId, TaskId};
use crate::world::World;

/// A step in an order, perhaps only one of its occurrences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepAt {
    /// The task.
    pub task: TaskId,
    /// The number of the step, over the task's steps and then those after a failed commit.
    pub step: StepId,
    /// Which occurrence in the run, from 1; `None` for any.
    pub occurrence: Option<u32>,
}

/// A named order of steps of a case: its place among all that are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub usize);

/// A named order of steps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    steps: Vec<StepAt>,
}

/// How far a run has come in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher<'o> {
    order: &'o Order,
    /// How many steps of the order are looked for.
    wanted: usize,
    /// Bit n: the first n + 1 steps of the order are the last named steps that happened.
    reached: u64,
    furthest: usize,
    /// How often each named step has happened, up to one more than anybody asks for.
    counts: Vec<u32>,
}

impl Order {
    /// The longest order that can be followed.
    pub const MAX: usize = 64;

    /// The order of `steps`; `None` if there are none or more than [`Order::MAX`].
    pub fn new(steps: Vec<StepAt>) -> Option<Self> {
        (1..=Self::MAX).contains(&steps.len()).then_some(Self { steps })
    }

    /// Its steps.
    pub fn steps(&self) -> &[StepAt] {
        &self.steps
    }

    /// A matcher for one run.
    pub fn matcher(&self) -> Matcher<'_> {
        self.beginning(self.steps.len())
    }

    /// A matcher for one run that looks for the first `wanted` steps only; the others are named too, and
    /// may not come between.
    pub fn beginning(&self, wanted: usize) -> Matcher<'_> {
        Matcher { order: self, wanted, reached: 0, furthest: 0, counts: vec![0; self.steps.len()] }
    }

    /// Measures the time from when the first `reached` steps have happened to `step`.
    pub fn wait(&self, reached: usize, step: StepAt) -> OrderWait<'_> {
        OrderWait { matcher: self.matcher(), reached, step }
    }
}

impl Matcher<'_> {
    /// Whether the order has happened.
    pub fn complete(&self) -> bool {
        self.furthest >= self.wanted
    }

    /// Forgets the run before.
    pub fn reset(&mut self) {
        self.reached = 0;
        self.furthest = 0;
        self.counts.fill(0);
    }

    fn did(&mut self, task: TaskId, step: StepId) {
        if self.complete() {
            return;
        }
        let mut here = 0_u64;
        let mut named = false;
        for (place, wanted) in self.order.steps.iter().enumerate() {
            if (wanted.task, wanted.step) != (task, step) {
                continue;
            }
            let count = &mut self.counts[place];
            *count = (*count + 1).min(wanted.occurrence.unwrap_or(0) + 1);
            if wanted.occurrence.is_none_or(|occurrence| occurrence == *count) {
                named = true;
                here |= 1 << place;
            }
        }
        if named {
            self.reached = (self.reached << 1 | 1) & here;
            let longest = (u64::BITS - self.reached.leading_zeros()) as usize;
            self.furthest = self.furthest.max(longest);
        }
    }
}

impl Observer<World> for Matcher<'_> {
    fn noted(&mut self, _: Time, fact: &Fact) {
        if let Fact::Did(task, step) = *fact {
            self.did(task, step);
        }
    }
}

impl Judge<World> for Matcher<'_> {
    fn guilty(&self) -> bool {
        self.complete()
    }
}

impl std::hash::Hash for Matcher<'_> {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        (self.reached, self.furthest, &self.counts).hash(hasher);
    }
}

/// The order is the only rule: it is broken once it has happened.
impl Monitor<Fact> for Matcher<'_> {
    fn noted(&mut self, fact: &Fact, _: &mut impl Watch) {
        if let Fact::Did(task, step) = *fact {
            self.did(task, step);
        }
    }

    fn ended(&mut self, _: &impl Watch) {}

    fn broken(&self) -> u64 {
        u64::from(self.complete())
    }

    fn forget(&mut self, _: u64) {}
}

/// Measures how long after the beginning of an order a step happens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderWait<'o> {
    matcher: Matcher<'o>,
    reached: usize,
    step: StepAt,
}

impl OrderWait<'_> {
    /// The observer clock that it measures.
    pub const SINCE: ObserverClock = ObserverClock(0);
}

impl Monitor<Fact> for OrderWait<'_> {
    fn noted(&mut self, fact: &Fact, watch: &mut impl Watch) {
        let Fact::Did(task, step) = *fact else { return };
        if (self.step.task, self.step.step) == (task, step) {
            watch.measure(Self::SINCE);
        }
        self.matcher.did(task, step);
        if self.matcher.reached >> (self.reached - 1) & 1 == 1 {
            // Named steps only are looked at, so this is the step that has just happened.
            let names = |at: &StepAt| (at.task, at.step) == (task, step);
            if self.matcher.order.steps.iter().any(names) {
                watch.start(Self::SINCE, Span::NEVER);
            }
        }
    }

    fn ended(&mut self, _: &impl Watch) {}

    fn broken(&self) -> u64 {
        0
    }

    fn forget(&mut self, _: u64) {}
}

impl Progress<Fact> for Matcher<'_> {
    fn noted(&mut self, fact: &Fact) {
        if let Fact::Did(task, step) = *fact {
            self.did(task, step);
        }
    }

    fn reached(&self) -> usize {
        self.furthest
    }

    fn wanted(&self) -> usize {
        self.wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(task: u8, step: u16, occurrence: Option<u32>) -> StepAt {
        StepAt { task: TaskId(task), step: StepId(step), occurrence }
    }

    fn matches(order: &[StepAt], run: &[(u8, u16)]) -> bool {
        let order = Order::new(order.to_vec()).unwrap();
        let mut matcher = order.matcher();
        for &(task, step) in run {
            matcher.did(TaskId(task), StepId(step));
        }
        matcher.complete()
    }

    const COMMIT: (u8, u16) = (0, 0);
    const PUBLISH: (u8, u16) = (0, 1);
    const READ: (u8, u16) = (1, 0);
    const OTHER: (u8, u16) = (1, 9);

    #[test]
    fn unnamed_steps_may_come_between_and_named_ones_may_not() {
        let order = [at(0, 0, None), at(1, 0, None), at(0, 1, None)];
        assert!(matches(&order, &[READ, COMMIT, OTHER, READ, OTHER, PUBLISH]));
        assert!(!matches(&order, &[COMMIT, PUBLISH, READ]));
        assert!(!matches(&order, &[COMMIT, READ, READ, PUBLISH]));
    }

    #[test]
    fn an_order_that_begins_again_within_itself_is_found() {
        let order = [at(1, 0, None), at(1, 0, None), at(0, 1, None)];
        assert!(matches(&order, &[READ, READ, READ, PUBLISH]));
    }

    #[test]
    fn an_occurrence_is_counted_from_the_beginning_of_the_run() {
        let order = [at(1, 0, Some(2)), at(0, 0, None)];
        assert!(matches(&order, &[READ, READ, COMMIT]));
        assert!(!matches(&order, &[READ, COMMIT]));
        assert!(!matches(&order, &[COMMIT, READ, READ]));
        assert!(matches(&order, &[READ, READ, READ, COMMIT]), "the third is not named");
        let apart = [at(1, 0, Some(1)), at(1, 0, Some(2)), at(1, 0, Some(4))];
        assert!(matches(&apart, &[READ, READ, COMMIT, READ, READ]));
        assert!(!matches(&apart, &[READ, READ, READ]));
        let mixed = [at(1, 0, Some(1)), at(0, 0, None), at(1, 0, None)];
        assert!(matches(&mixed, &[READ, COMMIT, READ]));
        assert!(!matches(&mixed, &[READ, READ, COMMIT, READ]), "every one of them is named");
    }

    #[test]
    fn an_order_has_between_1_and_64_steps() {
        assert!(Order::new(vec![]).is_none());
        assert!(Order::new(vec![at(0, 0, None); 64]).is_some());
        assert!(Order::new(vec![at(0, 0, None); 65]).is_none());
    }
}
