//! Monitors and watches: who judges facts, and all that it may know of time.
//!
//! A monitor has no clock, so that whoever knows what time it is and whoever looks at all timings at once can ask it alike.

use std::hash::Hash;

use crate::time::{Span, Time};

/// An observer clock: a clock that a monitor starts and asks about, and that nothing depends on otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObserverClock(pub u64);

/// All that a monitor may know of time: whether a limit has passed since it started an observer clock.
pub trait Watch {
    /// Starts observer clock `observer`, anew if it runs. It will be asked of it
    /// whether `limit` has passed; [`Span::NEVER`] if that will not be asked.
    fn start(&mut self, observer: ObserverClock, limit: Span);

    /// Stops `observer`.
    fn stop(&mut self, observer: ObserverClock);

    /// Whether more than its limit has passed since `observer` was started; `false` if it does not run.
    fn late(&mut self, observer: ObserverClock) -> bool;

    /// Whether `observer` runs.
    fn runs(&self, observer: ObserverClock) -> bool;

    /// The span since `observer` was started is a delay that somebody measures; it ends here. Nothing if
    /// it does not run.
    fn measure(&mut self, observer: ObserverClock) {
        self.stop(observer);
    }
}

/// A judge of facts who has no clock: a plain value, equal where the future is equal. It may judge
/// by several rules at once.
pub trait Monitor<F>: Clone + Eq + Hash {
    /// `fact` happened.
    fn noted(&mut self, fact: &F, watch: &mut impl Watch);

    /// The run is over: what has not happened by now never will.
    fn ended(&mut self, watch: &impl Watch);

    /// The run was stopped before its end: what it still owed, nobody knows.
    fn stopped(&mut self) {}

    /// The rules that are broken, a bit each; a rule stays broken until that is forgotten.
    fn broken(&self) -> u64;

    /// It is known that the rules of these bits can be broken: from now on they are not watched.
    fn forget(&mut self, broken: u64);
}

/// A watch for a driver that knows what time it is.
#[derive(Clone, Debug, Default)]
pub struct Stopwatch {
    now: Time,
    running: Vec<(ObserverClock, Time, Span)>,
    measured: Vec<(ObserverClock, Span)>,
}

impl Watch for Stopwatch {
    fn start(&mut self, observer: ObserverClock, limit: Span) {
        self.stop(observer);
        self.running.push((observer, self.now, limit));
    }

    fn stop(&mut self, observer: ObserverClock) {
        if let Some(at) = self.running.iter().position(|(known, ..)| *known == observer) {
            self.running.swap_remove(at);
        }
    }

    fn late(&mut self, observer: ObserverClock) -> bool {
        let started = self.running.iter().find(|(known, ..)| *known == observer);
        started.is_some_and(|(_, at, limit)| self.now.since(*at) > *limit)
    }

    fn runs(&self, observer: ObserverClock) -> bool {
        self.running.iter().any(|(known, ..)| *known == observer)
    }

    fn measure(&mut self, observer: ObserverClock) {
        let started = self.running.iter().find(|(known, ..)| *known == observer);
        self.measured.extend(started.map(|(_, at, _)| (observer, self.now.since(*at))));
        self.stop(observer);
    }
}

impl Stopwatch {
    /// What was measured since the last time that this was asked, by observer clock.
    pub fn take_measured(&mut self) -> Vec<(ObserverClock, Span)> {
        std::mem::take(&mut self.measured)
    }

    /// Forgets everything, as at the beginning of a run.
    pub fn reset(&mut self) {
        self.now = Time::ZERO;
        self.running.clear();
        self.measured.clear();
    }

    /// Shows what `other` shows, and remembers what it remembers.
    pub fn take_over(&mut self, other: &Self) {
        let Self { now, running, measured } = other;
        self.now = *now;
        self.running.clone_from(running);
        self.measured.clone_from(measured);
    }

    /// Lets it be `now`.
    pub fn at(&mut self, now: Time) {
        self.now = now;
    }
}
