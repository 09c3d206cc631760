//! A monitor with a stopwatch: what watches the runs of drivers that know what time it is.
//!
//! A monitor has no clock, so that it can be asked by an explorer too. Here it is given one, and so becomes an
//! observer of single runs, sampled, replayed or shrunk. There is no other way from the one to the other.

use crate::fork::TakesOver;
use crate::machine::Machine;
use crate::run::{Ending, Observer};
use crate::shrink::Judge;
use crate::time::{Span, Time};
use crate::watch::{Monitor, ObserverClock, Stopwatch};

/// A monitor that watches one run after the other.
#[derive(Clone, Debug)]
pub struct Clocked<J> {
    /// What it says of the run so far.
    pub monitor: J,
    /// What it is before it has heard of anything.
    fresh: J,
    watch: Stopwatch,
    /// The rules of which a run is guilty that breaks one of them, a bit each.
    wanted: u64,
}

impl<J: Clone> Clocked<J> {
    /// One that finds a run guilty if it breaks any rule.
    pub fn new(monitor: J) -> Self {
        Self::of(monitor, u64::MAX)
    }

    /// One that finds a run guilty if it breaks one of these rules, a bit each.
    pub fn of(monitor: J, wanted: u64) -> Self {
        Self { fresh: monitor.clone(), monitor, watch: Stopwatch::default(), wanted }
    }

    /// Forgets the run before, keeping its memory.
    pub fn reset(&mut self) {
        self.monitor.clone_from(&self.fresh);
        self.watch.reset();
    }

    /// What was measured since the last time that this was asked, by observer clock.
    pub fn take_measured(&mut self) -> Vec<(ObserverClock, Span)> {
        self.watch.take_measured()
    }

    /// `fact` was noted at `at`. Inlined, so that a fact that no rule asks for costs nothing where it is noted.
    #[inline(always)]
    pub fn noted<F>(&mut self, at: Time, fact: &F)
    where
        J: Monitor<F>,
    {
        self.watch.at(at);
        self.monitor.noted(fact, &mut self.watch);
    }

    /// The run is over. Of one that had to be stopped nobody knows what it still owed.
    pub fn ended<F>(&mut self, at: Time, ending: Ending)
    where
        J: Monitor<F>,
    {
        self.watch.at(at);
        match ending {
            // In what happens again and again nothing happens that has not happened before.
            Ending::Quiet | Ending::Over | Ending::Lasso(_) => self.monitor.ended(&self.watch),
            Ending::TooLong => self.monitor.stopped(),
        }
    }

    /// Whether the run breaks what is looked for.
    pub fn guilty<F>(&self) -> bool
    where
        J: Monitor<F>,
    {
        self.monitor.broken() & self.wanted != 0
    }
}

impl<M: Machine, J: Monitor<M::Fact>> Observer<M> for Clocked<J> {
    #[inline(always)]
    fn noted(&mut self, at: Time, fact: &M::Fact) {
        self.noted(at, fact);
    }

    fn ended(&mut self, at: Time, ending: Ending) {
        self.ended(at, ending);
    }
}

impl<M: Machine, J: Monitor<M::Fact>> Judge<M> for Clocked<J> {
    fn guilty(&self) -> bool {
        self.guilty()
    }
}

impl<J: Clone> TakesOver for Clocked<J> {
    fn take_over(&mut self, other: &Self) {
        self.monitor.clone_from(&other.monitor);
        self.watch.take_over(&other.watch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invariant::Invariant;

    #[test]
    fn what_is_taken_over_is_what_was_seen() {
        let answered = Invariant::within("answered", |fact| *fact == 'q', |fact| *fact == 'a', Span(5));
        for (facts, broken) in [([(1, 'q'), (7, 'a')], true), ([(1, 'q'), (6, 'a')], false)] {
            for seen in 0..=facts.len() {
                let (mut first, mut second) =
                    (Clocked::new(answered.watcher()), Clocked::new(answered.watcher()));
                facts[..seen].iter().for_each(|(at, fact)| first.noted(Time(*at), fact));
                second.take_over(&first);
                facts[seen..].iter().for_each(|(at, fact)| second.noted(Time(*at), fact));
                second.ended(Time(9), Ending::Quiet);
                assert_eq!(second.guilty(), broken, "{facts:?}, {seen}");
            }
        }
    }

    #[test]
    fn what_was_stopped_owes_nothing() {
        let answered = Invariant::eventually("answered", |fact| *fact == 'a');
        for (ending, broken) in [(Ending::TooLong, false), (Ending::Quiet, true), (Ending::Lasso(0), true)] {
            let mut judge = Clocked::new(answered.watcher());
            judge.noted(Time(1), &'q');
            judge.ended(Time(2), ending);
            assert_eq!(judge.guilty(), broken, "{ending:?}");
            judge.reset();
            assert!(!judge.guilty());
        }
    }
}
