//! A state class without its zone: what the machine and the monitor remember, and what is pending.
//!
//! Classes whose plain parts are equal differ only in when things are due; the store keeps them
//! together. Rows are in canonical order, so that one situation has one form, however it came about.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};

use crate::machine::Lane;
use crate::time::Span;
use crate::watch::Watch;

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

/// What is pending or marked in a class, and what its zones are about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape<E> {
    /// What the rows of its zones are; first those that are pending.
    pub(crate) rows: Vec<Row<E>>,
    /// Marked slots whose limit has passed, in order.
    pub(crate) expired: Vec<u64>,
    /// Slots marked without a limit whose instant has no row, in order.
    pub(crate) untimed: Vec<u64>,
    /// Whether the run is over, except for what is in flight.
    pub(crate) over: bool,
}

impl<E> Shape<E> {
    pub(crate) fn empty() -> Self {
        Self { rows: Vec::new(), expired: Vec::new(), untimed: Vec::new(), over: false }
    }

    /// Makes `shape` the same with no marks among its rows, and only which slots are marked.
    pub(crate) fn unmarked(&self, shape: &mut Self)
    where
        E: Copy,
    {
        shape.rows.clear();
        shape.expired.clear();
        shape.untimed.clone_from(&self.untimed);
        shape.untimed.extend_from_slice(&self.expired);
        for row in &self.rows {
            match row {
                Row::Mark(slot, _) => shape.untimed.push(*slot),
                row => shape.rows.push(*row),
            }
        }
        shape.untimed.sort_unstable();
        shape.over = self.over;
    }

    /// Makes `shape` the same with nothing but what is pending.
    pub(crate) fn bare(&self, shape: &mut Self)
    where
        E: Copy,
    {
        shape.rows.clear();
        shape.rows.extend_from_slice(&self.rows[..self.pending()]);
        shape.expired.clear();
        shape.untimed.clear();
        shape.over = self.over;
    }

    /// How many of its rows are pending.
    pub(crate) fn pending(&self) -> usize {
        self.rows.iter().take_while(|row| row.is_pending()).count()
    }

    /// Whether nothing is ahead of `row` on its lane.
    pub(crate) fn leads(&self, row: usize) -> bool {
        let lane = |row: &Row<E>| match row {
            Row::Message(lane, _) => Some(*lane),
            Row::Timer(_) | Row::Over | Row::Mark(..) | Row::Tick(_) => None,
        };
        let own = lane(&self.rows[row]);
        own.is_none() || self.rows[..row].iter().all(|other| lane(other) != own)
    }
}

/// A shape as a watch: what is marked, for whoever asks of nothing else.
pub(crate) struct Marked<'s, E>(pub(crate) &'s Shape<E>);

impl<E> Watch for Marked<'_, E> {
    fn mark(&mut self, _: u64, _: Span) {}

    fn unmark(&mut self, _: u64) {}

    fn late(&mut self, slot: u64) -> bool {
        self.0.expired.contains(&slot)
    }

    fn marked(&self, slot: u64) -> bool {
        let marks = |row: &Row<E>| matches!(row, Row::Mark(marked, _) if *marked == slot);
        self.0.expired.contains(&slot) || self.0.untimed.contains(&slot) || self.0.rows.iter().any(marks)
    }
}

/// The plain part of a class: the numbers under which its parts are kept. Many classes share a part,
/// and a number is quicker to compare than a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Plain {
    pub(crate) state: u32,
    pub(crate) monitor: u32,
    pub(crate) shape: u32,
}

/// Values kept once each, under numbers.
pub(crate) struct Interned<T> {
    values: Vec<T>,
    /// For each value, the next one with the same hash.
    next: Vec<Option<u32>>,
    /// The newest value of each hash; only ever asked for one.
    newest: HashMap<u64, u32, BuildHasherDefault<Mix>>,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    pub(crate) fn new() -> Self {
        Self { values: Vec::new(), next: Vec::new(), newest: HashMap::default() }
    }

    #[inline(always)]
    pub(crate) fn get(&self, number: u32) -> &T {
        &self.values[number as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The number of `value`, if it has one.
    pub(crate) fn find(&self, value: &T) -> Option<u32> {
        let hash = BuildHasherDefault::<Mix>::default().hash_one(value);
        self.among(self.newest.get(&hash).copied(), value)
    }

    /// The number of `value` among those with its hash, of which `newest` is the newest.
    #[inline(always)]
    fn among(&self, newest: Option<u32>, value: &T) -> Option<u32> {
        let mut at = newest;
        while let Some(number) = at {
            if self.values[number as usize] == *value {
                return Some(number);
            }
            at = self.next[number as usize];
        }
        None
    }

    /// What all that takes, in bytes, without what the values own elsewhere.
    pub(crate) fn bytes(&self) -> usize {
        self.values.len() * (size_of::<T>() + size_of::<Option<u32>>() + size_of::<(u64, u32)>())
    }

    /// The number of `value`.
    #[inline]
    pub(crate) fn number(&mut self, value: &T) -> u32 {
        let hash = BuildHasherDefault::<Mix>::default().hash_one(value);
        let newest = self.newest.get(&hash).copied();
        if let Some(number) = self.among(newest, value) {
            return number;
        }
        let number = u32::try_from(self.values.len()).expect("there are less than 2^32 values");
        self.values.push(value.clone());
        self.next.push(newest);
        self.newest.insert(hash, number);
        number
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
