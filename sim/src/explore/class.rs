//! A state class without its zone: what the machine and the monitor remember, and what is pending.
//!
//! Classes whose discrete states are equal differ only in when things are due; the store keeps them
//! together. Clocks are in canonical order, so that one situation has one form, however it came about.

use std::hash::Hash;

use crate::machine::Channel;
use crate::time::Span;
use crate::watch::{ObserverClock, Watch};

/// What a clock of a zone is: an instant that is related to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ZoneClock<E> {
    /// When a timer fires.
    Timer(E),
    /// When a message arrives; those of one FIFO channel in the order in which they were sent.
    Message(Channel, E),
    /// When the run is over, except for what is in flight.
    Over,
    /// When a monitor started an observer clock, and how long after that it stops to matter.
    Observer(ObserverClock, i64),
    /// When a clock shows another tick than at its last reading, and how far apart its ticks are.
    Tick(u32, i64),
    /// Some tick of a clock, the last that was asked about, in a search that keeps its phase.
    Phase(u32),
}

impl<E> ZoneClock<E> {
    /// Whether it is something that will happen at a time of its own; the end of a run waits for all that
    /// is due. These come first.
    pub(crate) fn is_timed(&self) -> bool {
        matches!(self, Self::Timer(_) | Self::Message(..))
    }

    /// Whether it is something that will happen.
    pub(crate) fn is_pending(&self) -> bool {
        match self {
            Self::Timer(_) | Self::Message(..) | Self::Over => true,
            Self::Observer(..) | Self::Tick(..) | Self::Phase(_) => false,
        }
    }
}

/// The enabled set of a class: what is pending, with the observer clocks that run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct EnabledSet<E> {
    /// The clocks of its zones by their indices; first those of what is pending.
    pub(crate) clocks: Vec<ZoneClock<E>>,
    /// The observer clocks whose limit has passed, in order.
    pub(crate) expired: Vec<ObserverClock>,
    /// The observer clocks without a limit that are in no zone, in order.
    pub(crate) untimed: Vec<ObserverClock>,
    /// Whether the run is over, except for what is in flight.
    pub(crate) over: bool,
}

impl<E> EnabledSet<E> {
    pub(crate) fn empty() -> Self {
        Self { clocks: Vec::new(), expired: Vec::new(), untimed: Vec::new(), over: false }
    }

    /// Makes `without` the same without marks: no observer clock and no tick is in its zones, and only which
    /// observer clocks run is known.
    pub(crate) fn without_marks(&self, without: &mut Self)
    where
        E: Copy,
    {
        without.clocks.clear();
        without.expired.clear();
        without.untimed.clone_from(&self.untimed);
        without.untimed.extend_from_slice(&self.expired);
        for clock in &self.clocks {
            match clock {
                ZoneClock::Observer(observer, _) => without.untimed.push(*observer),
                ZoneClock::Tick(..) | ZoneClock::Phase(_) => {}
                ZoneClock::Timer(_) | ZoneClock::Message(..) | ZoneClock::Over => without.clocks.push(*clock),
            }
        }
        without.untimed.sort_unstable();
        without.over = self.over;
    }

    /// How many of its clocks are of what is pending.
    pub(crate) fn pending(&self) -> usize {
        self.clocks.iter().take_while(|clock| clock.is_pending()).count()
    }

    /// Whether nothing is ahead of the clock at `index` on its FIFO channel.
    pub(crate) fn leads(&self, index: usize) -> bool {
        let channel = |clock: &ZoneClock<E>| match clock {
            ZoneClock::Message(channel, _) => Some(*channel),
            ZoneClock::Timer(_)
            | ZoneClock::Over
            | ZoneClock::Observer(..)
            | ZoneClock::Tick(..)
            | ZoneClock::Phase(_) => None,
        };
        let own = channel(&self.clocks[index]);
        own.is_none() || self.clocks[..index].iter().all(|other| channel(other) != own)
    }
}

/// An enabled set as a watch: which observer clocks run, for whoever asks of nothing else.
pub(crate) struct Running<'s, E>(pub(crate) &'s EnabledSet<E>);

impl<E> Watch for Running<'_, E> {
    fn start(&mut self, _: ObserverClock, _: Span) {}

    fn stop(&mut self, _: ObserverClock) {}

    fn late(&mut self, observer: ObserverClock) -> bool {
        self.0.expired.contains(&observer)
    }

    fn runs(&self, observer: ObserverClock) -> bool {
        let is_it =
            |clock: &ZoneClock<E>| matches!(clock, ZoneClock::Observer(running, _) if *running == observer);
        self.0.expired.contains(&observer)
            || self.0.untimed.contains(&observer)
            || self.0.clocks.iter().any(is_it)
    }
}

/// A discrete state: what of a class is not time, by the numbers under which the machine's state, the monitor and
/// the enabled set are kept. Many classes share one, and a number is quicker to compare than a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Discrete {
    pub(crate) state: u32,
    pub(crate) monitor: u32,
    pub(crate) enabled: u32,
}

/// The number of a discrete state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DiscreteId(pub(crate) u32);

impl DiscreteId {
    pub(crate) fn place(self) -> usize {
        self.0 as usize
    }
}

/// The number of a state without marks: of all discrete states that differ at most in what is known of observer clocks and
/// ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct UnmarkedId(pub(crate) u32);

impl UnmarkedId {
    pub(crate) fn place(self) -> usize {
        self.0 as usize
    }
}
