//! Who decides in a simulation: a seed, as in sampling, or the record of a run.
//!
//! A draw is found by the name of what is drawn and its number, so each host can have a chooser of its own:
//! they never draw the same. Run number 7 of a seed takes the delays here that it takes when it is sampled.

use punctual_sim::{Choice, Chooser, Clock, Decision, Delay, Follow, Seeded, Span};

/// Who decides.
#[derive(Clone, Debug)]
pub enum Draws {
    /// A seed and the number of a run.
    Seeded {
        /// The seed.
        seed: u64,
        /// The number of the run.
        run: u64,
    },
    /// The decisions of a run.
    Follow(Vec<Decision>),
}

impl Draws {
    /// A chooser for one host.
    pub(crate) fn chooser(&self) -> HostChooser {
        match self {
            Self::Seeded { seed, run } => HostChooser::Seeded(Box::new(Seeded::new(*seed, *run))),
            Self::Follow(decisions) => HostChooser::Follow(Follow::new(decisions)),
        }
    }

    /// What the runtimes of the hosts are seeded with.
    pub(crate) fn seed(&self) -> u64 {
        match self {
            Self::Seeded { seed, run } => seed ^ run.rotate_left(32),
            Self::Follow(_) => 0,
        }
    }
}

/// The chooser of one host.
#[derive(Clone, Debug)]
pub(crate) enum HostChooser {
    Seeded(Box<Seeded>),
    Follow(Follow),
}

impl Chooser for HostChooser {
    fn delay(&mut self, delay: &Delay) -> Span {
        match self {
            Self::Seeded(seeded) => seeded.delay(delay),
            Self::Follow(follow) => follow.delay(delay),
        }
    }

    fn choose(&mut self, choice: &Choice) -> usize {
        match self {
            Self::Seeded(seeded) => seeded.choose(choice),
            Self::Follow(follow) => follow.choose(choice),
        }
    }

    fn phase(&mut self, clock: &Clock) -> Span {
        match self {
            Self::Seeded(seeded) => seeded.phase(clock),
            Self::Follow(follow) => follow.phase(clock),
        }
    }

    fn tie(&mut self, count: usize) -> usize {
        match self {
            Self::Seeded(seeded) => seeded.tie(count),
            Self::Follow(follow) => follow.tie(count),
        }
    }
}
