//! Instants, spans and intervals of simulated time, in whole microseconds.
//!
//! Time is an integer because two drivers must agree to the last digit and because ties (two
//! things due at one instant) are a subject of their own here; a float would blur both.
//!
//! ```
//! use punctual_sim::{Interval, Span, Time};
//! let poll = Interval::new(Span::millis(300), Span::millis(500)).unwrap();
//! assert!(poll.contains(Span::micros(300_001)));
//! assert_eq!((Time::ZERO + poll.max).to_string(), "500ms");
//! ```

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// An instant of a run, in microseconds since the run began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub u64);

/// A length of time in whole microseconds; never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(pub u64);

/// A closed interval of spans, `min <= max`, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The shortest span it contains.
    pub min: Span,
    /// The longest span it contains.
    pub max: Span,
}

impl Time {
    /// The instant at which every run begins.
    pub const ZERO: Self = Self(0);
    /// Later than everything that happens in a run.
    pub const NEVER: Self = Self(u64::MAX);

    /// The span from `earlier` to `self`, or zero where `earlier` is the later one.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest span a delay may have: about 31 years, so that sums of many stay exact.
    pub const LONGEST: Self = Self(1_000_000_000_000_000);

    /// No span is this long: the upper end of a delay that may last for ever.
    pub const NEVER: Self = Self(u64::MAX);

    /// `n` microseconds.
    pub const fn micros(n: u64) -> Self {
        Self(n)
    }

    /// `n` milliseconds.
    pub const fn millis(n: u64) -> Self {
        Self(n * 1_000)
    }

    /// `n` seconds.
    pub const fn secs(n: u64) -> Self {
        Self(n * 1_000_000)
    }
}

impl Interval {
    /// The interval from `min` to `max`; `None` if they are reversed.
    pub fn new(min: Span, max: Span) -> Option<Self> {
        (min <= max).then_some(Self { min, max })
    }

    /// The interval that contains `span` only.
    pub const fn fixed(span: Span) -> Self {
        Self { min: span, max: span }
    }

    /// Whether `span` lies in it, ends included.
    pub fn contains(self, span: Span) -> bool {
        self.min <= span && span <= self.max
    }

    /// The number of whole microseconds between its ends.
    pub fn width(self) -> Span {
        Span(self.max.0 - self.min.0)
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        self.since(earlier)
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Span {
    /// The shortest exact form in one unit: `2s`, `1.5s`, `300ms`, `63us`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (per_unit, unit) = match self.0 {
            0 => return f.pad("0s"),
            1..1_000 => (1, "us"),
            1_000..1_000_000 => (1_000, "ms"),
            _ => (1_000_000, "s"),
        };
        let whole = self.0 / per_unit;
        let part = self.0 % per_unit;
        if part == 0 {
            return f.pad(&format!("{whole}{unit}"));
        }
        let digits = if per_unit == 1_000 { 3 } else { 6 };
        let part = format!("{part:0digits$}");
        f.pad(&format!("{whole}.{}{unit}", part.trim_end_matches('0')))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max { self.min.fmt(f) } else { f.pad(&format!("{}..{}", self.min, self.max)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_print_in_their_largest_unit_without_loss() {
        let shown = [0, 63, 1_000, 1_500, 300_000, 2_000_000, 20_500_000, 1_000_001];
        let text: Vec<_> = shown.iter().map(|&us| Span(us).to_string()).collect();
        assert_eq!(text, ["0s", "63us", "1ms", "1.5ms", "300ms", "2s", "20.5s", "1.000001s"]);
    }

    #[test]
    fn a_reversed_interval_is_refused() {
        assert_eq!(Interval::new(Span(2), Span(1)), None);
        assert!(Interval::new(Span(1), Span(1)).is_some());
    }

    #[test]
    fn sums_stop_at_the_end_of_time_instead_of_wrapping() {
        assert_eq!(Time::NEVER + Span(5), Time::NEVER);
        assert_eq!(Time(3) - Time(5), Span::ZERO);
    }
}
