//! Values kept once each, under numbers.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};

/// Values kept once each, under numbers.
pub(crate) struct Interned<T> {
    values: Vec<T>,
    /// For each value, the next one with the same hash.
    next: Vec<Option<u32>>,
    /// The newest value of each hash; only ever asked for one.
    newest: HashMap<u64, u32, BuildHasherDefault<Mix>>,
    /// What the values are made of, in bytes, wherever those lie.
    weight: usize,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    pub(crate) fn new() -> Self {
        Self { values: Vec::new(), next: Vec::new(), newest: HashMap::default(), weight: 0 }
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

    /// Roughly what all that takes, in bytes, with what the values own elsewhere.
    pub(crate) fn bytes(&self) -> usize {
        self.values.len() * (size_of::<T>() + size_of::<Option<u32>>() + size_of::<(u64, u32)>())
            + self.weight
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
        let mut weight = Weight(0);
        value.hash(&mut weight);
        self.weight += weight.0;
        self.next.push(newest);
        self.newest.insert(hash, number);
        number
    }
}

/// Counts what is hashed of a value, in bytes: what it is made of, however deep it lies.
struct Weight(usize);

impl Hasher for Weight {
    fn write(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }

    fn finish(&self) -> u64 {
        self.0 as u64
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_values_own_elsewhere_is_counted() {
        let mut kept = Interned::new();
        for number in 0..10_u64 {
            kept.number(&vec![number; 1_000]);
            kept.number(&vec![number; 1_000]);
        }
        assert_eq!(kept.len(), 10);
        assert!((80_000..90_000).contains(&kept.bytes()), "{}", kept.bytes());
    }
}
