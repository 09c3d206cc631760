//! What a machine may leave open: delays, choices and clocks, each with a name.
//!
//! The name is what a draw is keyed by. A delay called `voiceover.synthesize` takes the same time
//! in run 17 whatever else a variant changes, which is what gives comparisons common random numbers; and it is
//! what a trace, a threshold or a report calls the delay.

use std::sync::Arc;

use crate::law::{Law, LawError};
use crate::time::{Interval, Span};

/// What a delay, choice or clock is called, and the key of its draws.
/// Cheap to clone: every decision of a recorded run carries one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    text: Arc<str>,
    key: u32,
}

/// A delay: a closed interval, and the law by which the sampler draws from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Delay {
    name: Name,
    interval: Interval,
    law: Law,
}

/// A decision that the machine leaves to chance: one of several outcomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    name: Name,
    weights: Box<[u32]>,
    total: u32,
}

/// A wall clock that shows whole ticks only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    name: Name,
    resolution: Span,
}

impl Name {
    /// A name; draws are keyed by the 32-bit FNV-1a hash of its bytes.
    pub fn new(text: &str) -> Self {
        let key = text
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self { text: text.into(), key }
    }

    /// The name itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The key of its draws.
    pub fn key(&self) -> u32 {
        self.key
    }
}

impl Delay {
    /// A delay of `interval`, drawn by `law`.
    ///
    /// # Errors
    /// The law cannot be cut to the interval.
    pub fn new(name: &str, interval: Interval, law: Law) -> Result<Self, LawError> {
        law.check(interval)?;
        Ok(Self { name: Name::new(name), interval, law })
    }

    /// Always `span`.
    pub fn fixed(name: &str, span: Span) -> Self {
        Self { name: Name::new(name), interval: Interval::fixed(span), law: Law::Uniform }
    }

    /// Between `min` and `max`, every microsecond equally likely.
    ///
    /// # Panics
    /// If `min` is longer than `max`: a model written in Rust that says so is a bug.
    pub fn uniform(name: &str, min: Span, max: Span) -> Self {
        let interval = Interval::new(min, max).expect("a delay's interval must not be reversed");
        Self { name: Name::new(name), interval, law: Law::Uniform }
    }

    /// At least `min`, and perhaps for ever; the sampler draws from an exponential law, `mean` beyond
    /// `min` on the average.
    ///
    /// # Panics
    /// If `mean` is zero.
    pub fn at_least(name: &str, min: Span, mean: Span) -> Self {
        let interval = Interval { min, max: Span::NEVER };
        Self::new(name, interval, Law::Endless { mean }).expect("an endless delay needs a mean")
    }

    /// The same delay, anywhere from `min` to `max`, every microsecond equally likely.
    ///
    /// # Panics
    /// If `min` is longer than `max`.
    #[must_use]
    pub fn between(&self, min: Span, max: Span) -> Self {
        let interval = Interval::new(min, max).expect("a delay's interval must not be reversed");
        Self { name: self.name.clone(), interval, law: Law::Uniform }
    }

    /// What it is called.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The same under another name.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        Self { name: Name::new(name), ..self.clone() }
    }

    /// The delays that are possible.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// How the sampler spreads it over its interval.
    pub fn law(&self) -> &Law {
        &self.law
    }

    /// The delay that the 64 random bits `draw` stand for.
    #[inline]
    pub fn quantile(&self, draw: u64) -> Span {
        self.law.quantile(self.interval, draw)
    }
}

impl Choice {
    /// One of `weights.len()` outcomes, with chances in proportion to the weights. An outcome of
    /// weight 0 is never taken; with only one other there is nothing to choose.
    ///
    /// # Panics
    /// If all weights are 0, or their sum does not fit 32 bits.
    pub fn weighted(name: &str, weights: &[u32]) -> Self {
        let total: u64 = weights.iter().map(|&w| u64::from(w)).sum();
        assert!(total > 0, "a choice needs an outcome");
        let total = u32::try_from(total).expect("weights of a choice sum to 32 bits at most");
        Self { name: Name::new(name), weights: weights.into(), total }
    }

    /// Outcome 1 with a chance of `millionths` in a million, else outcome 0.
    ///
    /// # Panics
    /// If `millionths` is above a million.
    pub fn chance(name: &str, millionths: u32) -> Self {
        assert!(millionths <= 1_000_000, "a chance is at most one");
        Self::weighted(name, &[1_000_000 - millionths, millionths])
    }

    /// What it is called.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The same under another name.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        Self { name: Name::new(name), ..self.clone() }
    }

    /// The outcomes that can be taken.
    pub fn outcomes(&self) -> impl Iterator<Item = usize> + '_ {
        self.weights.iter().enumerate().filter(|(_, weight)| **weight > 0).map(|(i, _)| i)
    }

    /// The outcome, if only one can be taken.
    pub fn forced(&self) -> Option<usize> {
        let mut outcomes = self.outcomes();
        let first = outcomes.next()?;
        outcomes.next().is_none().then_some(first)
    }

    /// The outcome that the 64 random bits `draw` stand for.
    pub fn quantile(&self, draw: u64) -> usize {
        let mut at = ((u128::from(draw) * u128::from(self.total)) >> 64) as u32;
        for (outcome, &weight) in self.weights.iter().enumerate() {
            if at < weight {
                return outcome;
            }
            at -= weight;
        }
        unreachable!("a draw below the total lies under some weight")
    }
}

impl Clock {
    /// A clock that ticks every `resolution`.
    ///
    /// # Panics
    /// If the resolution is zero.
    pub fn new(name: &str, resolution: Span) -> Self {
        assert!(resolution.0 > 0, "a clock needs a resolution");
        Self { name: Name::new(name), resolution }
    }

    /// What it is called.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The length of one tick.
    pub fn resolution(&self) -> Span {
        self.resolution
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_zero_and_one_are_no_choices() {
        assert_eq!(Choice::chance("fails", 0).forced(), Some(0));
        assert_eq!(Choice::chance("fails", 1_000_000).forced(), Some(1));
        assert_eq!(Choice::chance("fails", 1).forced(), None);
        assert_eq!(Choice::weighted("which", &[0, 3, 0, 1]).outcomes().collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn draws_fall_under_the_weights() {
        let choice = Choice::weighted("which", &[0, 3, 1]);
        assert_eq!(choice.quantile(0), 1);
        assert_eq!(choice.quantile(u64::MAX / 4 * 3 - 1), 1);
        assert_eq!(choice.quantile(u64::MAX), 2);
    }

    #[test]
    fn a_name_has_the_published_hash() {
        // FNV-1a test suite: the empty text, and "foobar".
        assert_eq!(Name::new("").key(), 0x811c_9dc5);
        assert_eq!(Name::new("foobar").key(), 0xbf9c_f968);
    }
}
