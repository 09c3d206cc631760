//! Who decides what a machine leaves open: a seed, a record, or nobody in particular.
//!
//! Each decision is addressed by what it is for (a name) and by how many decisions of that name
//! came before it in the run (its occurrence). Addresses survive small changes of a run, which
//! positions do not: a shortened trace still finds its decisions.

use crate::delay::{Choice, Clock, Delay, Name};
use crate::philox::Philox;
use crate::time::Span;

/// A source of decisions.
pub trait Chooser {
    /// How long `delay` takes this time; must lie in its interval.
    fn delay(&mut self, delay: &Delay) -> Span;
    /// The outcome of `choice`; must be one that can be taken.
    fn choose(&mut self, choice: &Choice) -> usize;
    /// How far into a tick `clock` is when the run begins; below its resolution. Asked once a run.
    fn phase(&mut self, clock: &Clock) -> Span;
    /// Which of `count` things due at one instant comes first.
    fn tie(&mut self, count: usize) -> usize;
}

/// What a decision is about; with a key and an occurrence, its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    /// The microseconds of a delay.
    Delay,
    /// The outcome of a choice.
    Choice,
    /// The phase of a clock, in microseconds.
    Phase,
    /// Which of several things due at one instant came first.
    Tie,
}

impl About {
    fn salt(self) -> u32 {
        match self {
            Self::Delay => 0,
            Self::Choice => 0x5bd1_e995,
            Self::Phase => 0x27d4_eb2f,
            Self::Tie => 0x1656_67b1,
        }
    }

    /// The key under which decisions about `name` are counted and drawn.
    pub(crate) fn key(self, name: &Name) -> u32 {
        name.key() ^ self.salt()
    }

    /// The key under which ties are counted and drawn.
    pub(crate) fn tie_key() -> u32 {
        Self::Tie.salt()
    }
}

/// A chooser that can draw for many idle cycles at once.
pub trait Accelerating: Chooser {
    /// The next 128 random bits under `key`.
    fn block(&mut self, key: u32) -> [u64; 2];

    /// These delays are looked at, whether they are drawn or not.
    fn sees(&mut self, delays: &[&Delay]) {
        let _ = delays;
    }
}

/// How often each key was asked for in this run: a flat table with linear probing, because the
/// sampler asks it for every draw. Entries of earlier runs are told by their generation.
#[derive(Debug)]
pub(crate) struct Occurrences {
    slots: Vec<Slot>,
    generation: u32,
    used: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: u32,
    generation: u32,
    count: u32,
}

impl Occurrences {
    pub(crate) fn new() -> Self {
        Self { slots: vec![Slot::default(); 64], generation: 1, used: 0 }
    }

    /// Forgets everything, as at the beginning of a run.
    pub(crate) fn reset(&mut self) {
        self.used = 0;
        self.generation = self.generation.wrapping_add(1);
        if self.generation == 0 {
            self.slots.fill(Slot::default());
            self.generation = 1;
        }
    }

    /// How often `key` was asked for before now.
    #[inline]
    pub(crate) fn next(&mut self, key: u32) -> u32 {
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        loop {
            let slot = &mut self.slots[at];
            if slot.generation != self.generation {
                *slot = Slot { key, generation: self.generation, count: 1 };
                self.used += 1;
                if self.used * 2 > self.slots.len() {
                    self.grow();
                }
                return 0;
            }
            if slot.key == key {
                slot.count += 1;
                return slot.count - 1;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let live: Vec<Slot> =
            self.slots.iter().copied().filter(|slot| slot.generation == self.generation).collect();
        let size = self.slots.len() * 2;
        self.slots = vec![Slot::default(); size];
        for slot in live {
            let mut at = slot.key as usize & (size - 1);
            while self.slots[at].generation == self.generation {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = slot;
        }
    }
}

/// Written out so that it can be overwritten without giving back its memory.
impl Clone for Occurrences {
    fn clone(&self) -> Self {
        Self { slots: self.slots.clone(), ..*self }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { slots, generation, used } = other;
        self.slots.clone_from(slots);
        self.generation = *generation;
        self.used = *used;
    }
}

/// Decides by a seed and the number of a run, so that a run can be had again without the others. What is asked for under
/// the same name draws the same in all machines: common random numbers (Glasserman and Yao, Management Science 38(6),
/// 1992).
#[derive(Debug)]
pub struct Seeded {
    philox: Philox,
    run: [u32; 2],
    occurrences: Occurrences,
}

impl Seeded {
    /// The chooser of run `run` under `seed`.
    pub fn new(seed: u64, run: u64) -> Self {
        let mut seeded = Self {
            philox: Philox::new([(seed >> 32) as u32, seed as u32]),
            run: [0; 2],
            occurrences: Occurrences::new(),
        };
        seeded.begin(run);
        seeded
    }

    /// Goes over to run `run` of the same seed.
    pub fn begin(&mut self, run: u64) {
        self.run = [(run >> 32) as u32, run as u32];
        self.occurrences.reset();
    }

    #[inline(always)]
    fn bits(&mut self, key: u32) -> u64 {
        let occurrence = self.occurrences.next(key);
        self.philox.draw([self.run[0], self.run[1], key, occurrence])
    }
}

/// Written out so that it can be overwritten without giving back its memory.
impl Clone for Seeded {
    fn clone(&self) -> Self {
        Self { philox: self.philox.clone(), run: self.run, occurrences: self.occurrences.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { philox, run, occurrences } = other;
        self.philox.clone_from(philox);
        self.run = *run;
        self.occurrences.clone_from(occurrences);
    }
}

impl Accelerating for Seeded {
    #[inline]
    fn block(&mut self, key: u32) -> [u64; 2] {
        let occurrence = self.occurrences.next(key);
        let [a, b, c, d] = self.philox.block([self.run[0], self.run[1], key, occurrence]);
        [u64::from(a) << 32 | u64::from(b), u64::from(c) << 32 | u64::from(d)]
    }
}

impl Chooser for Seeded {
    #[inline(always)]
    fn delay(&mut self, delay: &Delay) -> Span {
        let interval = delay.interval();
        if interval.min == interval.max {
            return interval.min;
        }
        let draw = self.bits(About::Delay.key(delay.name()));
        delay.quantile(draw)
    }

    fn choose(&mut self, choice: &Choice) -> usize {
        let draw = self.bits(About::Choice.key(choice.name()));
        choice.quantile(draw)
    }

    fn phase(&mut self, clock: &Clock) -> Span {
        let draw = self.bits(About::Phase.key(clock.name()));
        Span(((u128::from(draw) * u128::from(clock.resolution().0)) >> 64) as u64)
    }

    fn tie(&mut self, count: usize) -> usize {
        let draw = self.bits(About::tie_key());
        ((u128::from(draw) * count as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_its_address_only() {
        let (a, b) = (Delay::uniform("a", Span(0), Span(999)), Delay::uniform("b", Span(0), Span(999)));
        let mut one = Seeded::new(1, 5);
        let in_turn = [one.delay(&a), one.delay(&b), one.delay(&a)];
        let mut other = Seeded::new(1, 4);
        other.delay(&b);
        other.begin(5);
        let alone = [other.delay(&a), other.delay(&a), other.delay(&b)];
        assert_eq!([in_turn[0], in_turn[2], in_turn[1]], alone);
        assert_ne!(in_turn[0], in_turn[2]);
        assert_ne!(Seeded::new(2, 5).delay(&a), in_turn[0]);
    }

    #[test]
    fn golden_draws_of_a_seed() {
        let delay = Delay::uniform("voiceover.synthesize", Span::secs(20), Span::secs(45));
        let drawn: Vec<u64> = (0..3).map(|run| Seeded::new(42, run).delay(&delay).0).collect();
        // Computed by a second implementation of Philox, the hash and the law.
        assert_eq!(drawn, [37_786_353, 27_027_916, 30_331_177]);
    }

    #[test]
    fn occurrences_are_counted_per_key_however_many_keys_there_are() {
        let mut counts = Occurrences::new();
        for round in 0..3 {
            for key in 0..500_u32 {
                assert_eq!(counts.next(key.wrapping_mul(64)), round);
            }
        }
        counts.reset();
        assert_eq!(counts.next(64), 0);
    }
}
