//! Every combination of decisions, one after the other.
//!
//! Delays take each of their whole microseconds, so this is for machines whose delays are a few
//! microseconds long: there it says all that there is to say, and shares nothing with the drivers
//! that are quicker. Like a counter, it repeats the decisions of the last time up to the last one
//! that can still be moved, moves that, and takes the least from there on.
//!
//! ```
//! use punctual_sim::{Chooser, Choice, Delay, Enumerate, Span};
//! let (coin, throw) = (Choice::chance("coin", 500_000), Delay::uniform("throw", Span(3), Span(5)));
//! let all = Enumerate::all(|decide| (decide.choose(&coin), decide.delay(&throw).0));
//! assert_eq!(all, [(0, 3), (0, 4), (0, 5), (1, 3), (1, 4), (1, 5)]);
//! ```

use crate::chooser::Chooser;
use crate::delay::{Choice, Clock, Delay};
use crate::time::Span;

/// Decides in every possible way, in turn.
#[derive(Clone, Debug, Default)]
pub struct Enumerate {
    /// What was decided, and of how many outcomes.
    taken: Vec<(u64, u64)>,
    next: usize,
}

impl Enumerate {
    /// Takes the least of everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// What `run` gives for each combination of decisions.
    pub fn all<T>(mut run: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut decide = Self::new();
        let mut results = vec![run(&mut decide)];
        while decide.advance() {
            results.push(run(&mut decide));
        }
        results
    }

    /// Goes on to the next combination; `false` if that was the last one.
    pub fn advance(&mut self) -> bool {
        self.next = 0;
        while let Some((outcome, count)) = self.taken.pop() {
            if outcome + 1 < count {
                self.taken.push((outcome + 1, count));
                return true;
            }
        }
        false
    }

    /// Begins again with the least of everything.
    pub(crate) fn reset(&mut self) {
        self.taken.clear();
        self.next = 0;
    }

    /// Repeats the decisions of this combination from the first one on.
    pub(crate) fn repeat(&mut self) {
        self.next = 0;
    }

    /// One of `count` outcomes.
    pub(crate) fn one_of(&mut self, count: u64) -> u64 {
        if self.next == self.taken.len() {
            self.taken.push((0, count));
        }
        self.next += 1;
        self.taken[self.next - 1].0
    }
}

impl Chooser for Enumerate {
    fn delay(&mut self, delay: &Delay) -> Span {
        let interval = delay.interval();
        interval.min + Span(self.one_of(interval.width().0.saturating_add(1)))
    }

    fn choose(&mut self, choice: &Choice) -> usize {
        let count = choice.outcomes().count() as u64;
        let taken = self.one_of(count) as usize;
        choice.outcomes().nth(taken).expect("one of its outcomes is taken")
    }

    fn phase(&mut self, clock: &Clock) -> Span {
        Span(self.one_of(clock.resolution().0))
    }

    fn tie(&mut self, count: usize) -> usize {
        self.one_of(count as u64) as usize
    }
}
