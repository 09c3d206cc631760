//! Following a record: the chooser behind replay and shrinking.
//!
//! Decisions are looked up by address. One that the record lacks, or whose value is no longer
//! possible, is decided in the plainest way (the shortest delay, the first outcome) and counted
//! as a stray: replay refuses strays, shrinking lives on them.

use std::collections::BTreeMap;

use crate::chooser::{About, Chooser};
use crate::delay::{Choice, Clock, Delay};
use crate::machine::Machine;
use crate::run::Runner;
use crate::time::Span;
use crate::trace::{Decision, TraceOf, record_until};

/// Decides as a record says.
#[derive(Clone, Debug)]
pub struct Follow {
    lines: BTreeMap<u32, Line>,
    strays: usize,
}

/// The decisions about one name, by occurrence.
#[derive(Clone, Debug, Default)]
struct Line {
    values: Vec<Option<u64>>,
    next: usize,
}

impl Follow {
    /// The chooser that decides as `decisions` say.
    pub fn new<'a>(decisions: impl IntoIterator<Item = &'a Decision>) -> Self {
        let mut lines = BTreeMap::<u32, Line>::new();
        for decision in decisions {
            let key = match decision.about {
                About::Tie => About::tie_key(),
                About::Delay | About::Choice | About::Phase => decision.about.key(&decision.name),
            };
            let values = &mut lines.entry(key).or_default().values;
            let at = decision.occurrence as usize;
            if values.len() <= at && at < 1 << 24 {
                values.resize(at + 1, None);
            }
            if let Some(place) = values.get_mut(at) {
                *place = Some(decision.value);
            }
        }
        Self { lines, strays: 0 }
    }

    /// How many decisions so far were not in the record, or not possible.
    pub fn strays(&self) -> usize {
        self.strays
    }

    fn next(&mut self, key: u32, possible: impl Fn(u64) -> bool, plain: u64) -> u64 {
        let recorded = self.lines.get_mut(&key).and_then(|line| {
            line.next += 1;
            line.values.get(line.next - 1).copied().flatten()
        });
        match recorded {
            Some(value) if possible(value) => value,
            _ => {
                self.strays += 1;
                plain
            }
        }
    }
}

impl Chooser for Follow {
    fn delay(&mut self, delay: &Delay) -> Span {
        let interval = delay.interval();
        if interval.min == interval.max {
            return interval.min;
        }
        let possible = |us| interval.contains(Span(us));
        Span(self.next(About::Delay.key(delay.name()), possible, interval.min.0))
    }

    fn choose(&mut self, choice: &Choice) -> usize {
        let possible = |outcome| choice.outcomes().any(|o| o as u64 == outcome);
        let plain = choice.outcomes().next().unwrap_or(0) as u64;
        self.next(About::Choice.key(choice.name()), possible, plain) as usize
    }

    fn phase(&mut self, clock: &Clock) -> Span {
        let possible = |us| us < clock.resolution().0;
        Span(self.next(About::Phase.key(clock.name()), possible, 0))
    }

    fn tie(&mut self, count: usize) -> usize {
        self.next(About::tie_key(), |place| place < count as u64, 0) as usize
    }
}

/// Why a recorded run could not be had again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// The machine asks for decisions that the record lacks or that are not possible: it belongs
    /// to another machine. Holds how many.
    Strays(usize),
}

/// Runs `machine` again exactly as `decisions` say.
///
/// # Errors
/// The decisions do not fit the machine.
pub fn replay<M: Machine<Effect = ()>>(
    machine: &M,
    decisions: &[Decision],
) -> Result<TraceOf<M>, ReplayError> {
    replay_until(machine, decisions, Runner::<M, Follow>::MAX_EVENTS)
}

/// The same, stopped after `max_events` events.
///
/// # Errors
/// The decisions do not fit the machine.
pub fn replay_until<M: Machine<Effect = ()>>(
    machine: &M,
    decisions: &[Decision],
    max_events: u64,
) -> Result<TraceOf<M>, ReplayError> {
    let mut follow = Follow::new(decisions);
    let trace = record_until(machine, &mut follow, max_events);
    match follow.strays() {
        0 => Ok(trace),
        strays => Err(ReplayError::Strays(strays)),
    }
}

impl<C: Chooser> Chooser for &mut C {
    fn delay(&mut self, delay: &Delay) -> Span {
        (**self).delay(delay)
    }

    fn choose(&mut self, choice: &Choice) -> usize {
        (**self).choose(choice)
    }

    fn phase(&mut self, clock: &Clock) -> Span {
        (**self).phase(clock)
    }

    fn tie(&mut self, count: usize) -> usize {
        (**self).tie(count)
    }
}
