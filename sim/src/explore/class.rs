//! A state class without its zone: what the machine and the monitor remember, and what is pending.
//!
//! Classes whose plain parts are equal differ only in when things are due; the store keeps them
//! together. Rows are in canonical order, so that one situation has one form, however it came about.

use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};

use crate::machine::{Lane, Machine};

/// What an instant of a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Row<E> {
    /// When a timer fires.
    Timer(E),
    /// When a message arrives; those of one lane in the order in which they were sent.
    Message(Lane, E),
    /// When the run is over, except for what is in flight.
    Over,
    /// When a monitor marked a slot, and how long after that it stops to matter.
    Mark(u64, i64),
    /// When a clock shows another tick than at its last reading.
    Tick(u32),
}

impl<E> Row<E> {
    /// Whether it is something that will happen.
    pub(crate) fn is_pending(&self) -> bool {
        match self {
            Self::Timer(_) | Self::Message(..) | Self::Over => true,
            Self::Mark(..) | Self::Tick(_) => false,
        }
    }
}

/// The plain part of a class.
pub(crate) struct Class<M: Machine, J> {
    pub(crate) state: M::State,
    pub(crate) monitor: J,
    /// What the rows of its zones are; first those that are pending.
    pub(crate) rows: Vec<Row<M::Event>>,
    /// Marked slots whose limit has passed, in order.
    pub(crate) expired: Vec<u64>,
    /// Whether the run is over, except for what is in flight.
    pub(crate) over: bool,
}

impl<M: Machine, J: Clone> Clone for Class<M, J> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            monitor: self.monitor.clone(),
            rows: self.rows.clone(),
            expired: self.expired.clone(),
            over: self.over,
        }
    }
}

impl<M: Machine, J: Eq> PartialEq for Class<M, J> {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
            && self.state == other.state
            && self.monitor == other.monitor
            && self.expired == other.expired
            && self.over == other.over
    }
}

impl<M: Machine, J: Hash> Class<M, J> {
    /// A hash that is the same on every machine.
    pub(crate) fn hash(&self) -> u64 {
        BuildHasherDefault::<Mix>::default().hash_one((
            &self.state,
            &self.monitor,
            &self.rows,
            &self.expired,
            self.over,
        ))
    }

    /// How many of its rows are pending.
    pub(crate) fn pending(&self) -> usize {
        self.rows.iter().take_while(|row| row.is_pending()).count()
    }
}

/// A quick hasher: multiply and fold, a word at a time. What it hashes is our own, so nobody chooses
/// it to collide; and only equality is ever asked of what it finds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix(u64);

impl Mix {
    #[inline(always)]
    fn eat(&mut self, word: u64) {
        let mixed = self.0.rotate_left(23) ^ word ^ 0xf39c_c060_5ced_c835;
        let product = u128::from(mixed) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.eat(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.eat(u64::from(n));
    }

    fn write_u16(&mut self, n: u16) {
        self.eat(u64::from(n));
    }

    fn write_u32(&mut self, n: u32) {
        self.eat(u64::from(n));
    }

    fn write_u64(&mut self, n: u64) {
        self.eat(n);
    }

    fn write_usize(&mut self, n: usize) {
        self.eat(n as u64);
    }

    fn write_isize(&mut self, n: isize) {
        self.eat(n as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
