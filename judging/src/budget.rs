//! What exploring may take, and what only whoever asks for it can know.
//!
//! That is what time it is, and whether the answer is still wanted. A library that gives the same
//! bytes everywhere reads no clock. The command has one, and lends it here; so an answer that depends
//! on the machine is given only where that was asked for.

use std::fmt;
use std::time::Duration;

use punctual_reports::text;
use punctual_sim::explore::{Limit, Limits, Much, Traversal};

/// Whoever has something checked.
pub trait Host: fmt::Debug + Sync {
    /// The real time since an instant that stays the same.
    fn now(&self) -> Duration;

    /// Whether to stop soon, with what is known by then.
    fn interrupted(&self) -> bool;
}

/// A host that waits for the end.
#[derive(Clone, Copy, Debug)]
pub struct Patient;

impl Host for Patient {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn interrupted(&self) -> bool {
        false
    }
}

/// The most bytes that exploring keeps for one question, unless told otherwise: a few hundred thousand states take a
/// tenth of it, unless each is larger than the one before.
pub const MEMORY: usize = 2_000_000_000;

/// What exploring may take for one question.
#[derive(Clone, Copy, Debug)]
pub struct Budget<'h> {
    /// Which classes are looked at first.
    pub traversal: Traversal,
    /// The most classes.
    pub states: usize,
    /// The most bytes that are kept of them, roughly; [`MEMORY`] if none.
    pub memory: Option<usize>,
    /// The most real time; no limit if none.
    pub time: Option<Duration>,
    /// Whose time it is.
    pub host: &'h dyn Host,
}

/// What kept a question from being answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The limit of states, or what follows from it.
    States,
    /// The limit of memory.
    Memory,
    /// The limit of time.
    Time,
    /// The host did not want to wait any longer.
    Interrupted,
    /// Time can stand still.
    Zeno,
    /// Something that no limit is about.
    Other,
}

impl Budget<'static> {
    /// At most so many states, and nothing else is limited.
    pub fn of(states: usize) -> Self {
        let traversal = Traversal::BreadthFirst;
        Self { traversal, states, memory: None, time: None, host: &Patient }
    }
}

impl Budget<'_> {
    /// Explores within the budget; the time of this question begins now.
    pub(crate) fn ask<T>(&self, explore: impl FnOnce(Limits<'_>) -> T) -> T {
        let ends = self.time.map(|time| self.host.now().saturating_add(time));
        let stop = || self.host.interrupted() || ends.is_some_and(|ends| self.host.now() >= ends);
        explore(Limits {
            traversal: self.traversal,
            classes: self.states,
            bounds: self.states.saturating_mul(100),
            bytes: self.memory.unwrap_or(MEMORY),
            successors: self.states as u64 * 20,
            stop: Some(&stop),
        })
    }

    /// Which limit of the budget was met, and how far exploring got.
    pub fn met(&self, limit: &Limit) -> (Cause, String) {
        let far = format!("{} states kept, {} events into the runs", limit.kept, limit.depth);
        match limit.of {
            Much::Classes | Much::Bounds | Much::Successors => (Cause::States, limit.to_string()),
            Much::Bytes => (Cause::Memory, format!("{} of memory, {far}", bytes(limit.most))),
            Much::Stopped if !self.host.interrupted() => {
                let time = self.time.map_or(0, |time| time.as_micros());
                let time = text::duration(u64::try_from(time).unwrap_or(u64::MAX));
                (Cause::Time, format!("{time}, {far}"))
            }
            Much::Stopped if limit.depth == 0 => (Cause::Interrupted, "interrupted".into()),
            Much::Stopped => (Cause::Interrupted, format!("interrupted, {far}")),
        }
    }
}

impl Cause {
    /// The option of the command that raises the limit, if it is one.
    pub fn option(self) -> Option<&'static str> {
        match self {
            Self::States => Some("--states"),
            Self::Memory => Some("--explore-memory"),
            Self::Time => Some("--explore-time"),
            Self::Interrupted | Self::Zeno | Self::Other => None,
        }
    }
}

/// Units of memory, the greatest first; those that are written with an `i` are powers of 1024.
pub const UNITS: [(&str, u64); 8] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
];

/// `512 MiB`, in the greatest unit that needs no fraction.
fn bytes(count: u64) -> String {
    let unit = UNITS.iter().find(|(_, size)| count > 0 && count.is_multiple_of(*size));
    unit.map_or_else(
        || text::count(count, "byte"),
        |(unit, size)| format!("{} {unit}", text::grouped(count / size)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_the_unit_in_which_it_is_whole() {
        let told = [512 << 20, 2_000_000_000, 3 << 40, 1_000, 1_500, 1, 0].map(bytes);
        assert_eq!(told, ["512 MiB", "2 GB", "3 TiB", "1 kB", "1 500 bytes", "1 byte", "0 bytes"]);
    }
}
