//! The laws by which the sampler draws a delay from its interval.
//!
//! Each law is a quantile function of one 64-bit draw, so a larger draw never gives a shorter
//! delay and runs that share draws stay comparable when a parameter moves. The support of every
//! law is the whole interval and nothing beyond it; exploring needs the interval only.
//! Transcendental functions come from `libm`: those of the platform differ in the last digit.

use std::sync::Arc;

use crate::time::{Interval, Span};

/// How the sampler spreads a delay over its interval.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Each whole microsecond of the interval is equally likely.
    Uniform,
    /// Rises linearly to `mode` and falls linearly after it.
    Triangular {
        /// The likeliest delay; lies in the interval.
        mode: Span,
    },
    /// Falls exponentially from the interval's lower end, cut off at its upper end.
    Exponential {
        /// The mean distance from the lower end that it would have without the cut.
        mean: Span,
    },
    /// Falls exponentially from the interval's lower end, for ever; only for an interval whose upper
    /// end is [`Span::NEVER`], and the only law for that.
    Endless {
        /// The mean distance from the lower end.
        mean: Span,
    },
    /// Log-normal, cut off at both ends of the interval.
    LogNormal {
        /// The median that it would have without the cuts.
        median: Span,
        /// The standard deviation of the logarithm; positive.
        sigma: f64,
    },
    /// Piecewise linear through measured quantiles.
    Empirical {
        /// Delays and the share of delays at or below each, both growing; the first has share 0,
        /// the last share 1, and together they span the interval.
        knots: Arc<[(Span, f64)]>,
    },
}

/// Why a law and an interval do not go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LawError {
    /// The mode of a triangular law lies outside its interval.
    ModeOutside,
    /// A mean, median or sigma is zero, negative or not a number.
    NotPositive,
    /// The cut leaves (as far as a float can tell) nothing of the law inside the interval.
    NothingInside,
    /// Knots must grow, from share 0 at the lower end to share 1 at the upper.
    KnotsNotGrowing,
}

impl Law {
    /// Whether the law can be cut to `interval`.
    ///
    /// # Errors
    /// The first reason why it cannot.
    pub fn check(&self, interval: Interval) -> Result<(), LawError> {
        if matches!(self, Self::Endless { .. }) != (interval.max == Span::NEVER) {
            return Err(LawError::NothingInside);
        }
        match self {
            Self::Uniform => Ok(()),
            Self::Triangular { mode } => {
                if interval.contains(*mode) {
                    Ok(())
                } else {
                    Err(LawError::ModeOutside)
                }
            }
            Self::Exponential { mean } | Self::Endless { mean } => {
                if mean.0 == 0 {
                    Err(LawError::NotPositive)
                } else {
                    Ok(())
                }
            }
            Self::LogNormal { median, sigma } => {
                if median.0 == 0 || !sigma.is_finite() || *sigma <= 0.0 {
                    return Err(LawError::NotPositive);
                }
                let (low, high) = normal_shares(interval, *median, *sigma);
                if high - low > 1e-12 { Ok(()) } else { Err(LawError::NothingInside) }
            }
            Self::Empirical { knots } => {
                let ends = knots.first().zip(knots.last());
                let spans_it = ends.is_some_and(|(first, last)| {
                    *first == (interval.min, 0.0) && *last == (interval.max, 1.0)
                });
                let grows = knots.windows(2).all(|w| w[0].0 <= w[1].0 && w[0].1 < w[1].1);
                if spans_it && grows { Ok(()) } else { Err(LawError::KnotsNotGrowing) }
            }
        }
    }

    /// The delay that the 64 random bits `draw` stand for.
    #[inline]
    pub fn quantile(&self, interval: Interval, draw: u64) -> Span {
        match self {
            Self::Uniform => {
                // Multiply-shift: each value has the same chance up to width / 2^64.
                let count = u128::from(interval.width().0) + 1;
                Span(interval.min.0 + ((u128::from(draw) * count) >> 64) as u64)
            }
            _ => self.curved(interval, draw),
        }
    }

    fn curved(&self, interval: Interval, draw: u64) -> Span {
        // The middle of the 2^53 cells of (0, 1): never 0, never 1.
        let share = ((draw >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0;
        let width = interval.width().0 as f64;
        let beyond_min = match self {
            Self::Uniform => share * width,
            Self::Triangular { mode } => {
                let rise = (mode.0 - interval.min.0) as f64;
                if share * width < rise {
                    (share * width * rise).sqrt()
                } else {
                    width - ((1.0 - share) * width * (width - rise)).sqrt()
                }
            }
            Self::Exponential { mean } => {
                let mean = mean.0 as f64;
                let kept = -libm::expm1(-width / mean);
                -mean * libm::log1p(-share * kept)
            }
            Self::Endless { mean } => -(mean.0 as f64) * libm::log1p(-share),
            Self::LogNormal { median, sigma } => {
                let (low, high) = normal_shares(interval, *median, *sigma);
                let z = normal_quantile(low + share * (high - low));
                median.0 as f64 * libm::exp(sigma * z) - interval.min.0 as f64
            }
            Self::Empirical { knots } => {
                let upper = knots.partition_point(|knot| knot.1 < share).clamp(1, knots.len() - 1);
                let ((from, low), (to, high)) = (knots[upper - 1], knots[upper]);
                let along = (share - low) / (high - low);
                (from.0 - interval.min.0) as f64 + along * (to.0 - from.0) as f64
            }
        };
        let whole = (beyond_min + 0.5).clamp(0.0, width) as u64;
        Span(interval.min.0 + whole.min(interval.width().0))
    }
}

/// The shares of an uncut log-normal below each end of `interval`.
fn normal_shares(interval: Interval, median: Span, sigma: f64) -> (f64, f64) {
    let share = |end: Span| {
        if end.0 == 0 {
            return 0.0;
        }
        normal_share(libm::log(end.0 as f64 / median.0 as f64) / sigma)
    };
    (share(interval.min), share(interval.max))
}

/// The share of a standard normal below `z`.
fn normal_share(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// The inverse of [`normal_share`]: Acklam's rational approximation (2003, relative error below
/// 1.2e-9) and one step of Halley's method, which takes it to the precision of a float.
fn normal_quantile(share: f64) -> f64 {
    const TAIL: f64 = 0.02425;
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let polynomial = |terms: &[f64], x: f64| terms.iter().fold(0.0, |sum, term| sum * x + term);
    let tail = |share: f64| {
        let q = (-2.0 * libm::log(share)).sqrt();
        polynomial(&C, q) / polynomial(&D, q)
    };
    let near = if share < TAIL {
        tail(share)
    } else if share <= 1.0 - TAIL {
        let q = share - 0.5;
        q * polynomial(&A, q * q) / polynomial(&B, q * q)
    } else {
        -tail(1.0 - share)
    };
    let density = libm::exp(-near * near / 2.0) / 2.506_628_274_631_000_5;
    let step = (normal_share(near) - share) / density;
    near - step / (1.0 + near * step / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::philox::philox64;

    const WIDE: Interval = Interval { min: Span(1_000), max: Span(101_000) };

    fn laws() -> Vec<Law> {
        vec![
            Law::Uniform,
            Law::Triangular { mode: Span(11_000) },
            Law::Exponential { mean: Span(20_000) },
            Law::LogNormal { median: Span(15_000), sigma: 0.8 },
            Law::Empirical { knots: [(Span(1_000), 0.0), (Span(5_000), 0.5), (Span(101_000), 1.0)].into() },
        ]
    }

    #[test]
    fn golden_values() {
        let draws = [0, 1 << 62, 1 << 63, 3 << 62, u64::MAX];
        let drawn: Vec<Vec<u64>> =
            laws().iter().map(|law| draws.iter().map(|&draw| law.quantile(WIDE, draw).0).collect()).collect();
        // Uniform: 1000 + share * 100001, cut. Triangular: median 1000 + 100000 - sqrt(.5*1e5*9e4).
        // Exponential: 1000 - 20000 ln(1 - share * (1 - e^-5)). Empirical: 5000 at one half.
        assert_eq!(drawn[0], [1_000, 26_000, 51_000, 76_000, 101_000]);
        assert_eq!(drawn[1], [1_000, 18_842, 33_918, 53_566, 101_000]);
        assert_eq!(drawn[2], [1_000, 6_709, 14_729, 28_326, 101_000]);
        assert_eq!(drawn[4], [1_000, 3_000, 5_000, 53_000, 101_000]);
        // The cut takes 0.04 % below and 0.86 % above, so the quartiles stay near those of the
        // uncut law: 15000 * e^(-0.8 * 0.6745), 15000, 15000 * e^(0.8 * 0.6745).
        let uncut = [15_000.0 * libm::exp(-0.5396), 15_000.0, 15_000.0 * libm::exp(0.5396)];
        for (drawn, uncut) in drawn[3][1..4].iter().zip(uncut) {
            assert!((*drawn as f64 / uncut - 1.0).abs() < 0.02, "{drawn} against {uncut}");
        }
    }

    #[test]
    fn the_support_is_the_interval_and_a_larger_draw_is_never_shorter() {
        for law in laws() {
            assert_eq!(law.check(WIDE), Ok(()));
            let mut draws: Vec<u64> = (0..2_000).map(|i| philox64([7, 7], [i, 0, 0, 0])).collect();
            draws.extend([0, u64::MAX]);
            draws.sort_unstable();
            let spans: Vec<Span> = draws.iter().map(|&d| law.quantile(WIDE, d)).collect();
            assert!(spans.is_sorted(), "{law:?}");
            assert!(spans.iter().all(|&span| WIDE.contains(span)), "{law:?}");
            assert!(spans[0].0 <= 1_400 && spans.last().unwrap().0 >= 100_900, "{law:?}");
        }
    }

    #[test]
    fn means_agree_with_closed_forms() {
        let width: f64 = 100_000.0;
        let tail = libm::exp(-width / 20_000.0);
        let expected = [
            (0, 51_000.0),
            (1, f64::midpoint(1_000.0, 11_000.0 + 101_000.0) / 1.5),
            (2, 1_000.0 + 20_000.0 - width * tail / (1.0 - tail)),
            (4, f64::midpoint(3_000.0, 53_000.0)),
        ];
        let laws = laws();
        for (law, mean) in expected {
            let law = &laws[law];
            let sum: u64 = (0..200_000).map(|i| law.quantile(WIDE, philox64([1, 2], [i, 0, 0, 0])).0).sum();
            let sampled = sum as f64 / 200_000.0;
            assert!((sampled / mean - 1.0).abs() < 0.01, "{law:?}: {sampled} against {mean}");
        }
    }

    #[test]
    fn the_normal_quantile_inverts_the_share() {
        for share in [1e-9, 1e-4, 0.02, 0.3, 0.5, 0.77, 0.99, 1.0 - 1e-9] {
            let back = normal_share(normal_quantile(share));
            assert!((back - share).abs() < 1e-14 + share * 1e-12, "{share} came back as {back}");
        }
    }

    #[test]
    fn laws_that_do_not_fit_their_interval_are_refused() {
        let refused = [
            (Law::Triangular { mode: Span(5) }, LawError::ModeOutside),
            (Law::Exponential { mean: Span(0) }, LawError::NotPositive),
            (Law::LogNormal { median: Span(5), sigma: f64::NAN }, LawError::NotPositive),
            (Law::LogNormal { median: Span(1), sigma: 0.1 }, LawError::NothingInside),
            (Law::Empirical { knots: [(Span(1_000), 0.0)].into() }, LawError::KnotsNotGrowing),
        ];
        for (law, why) in refused {
            assert_eq!(law.check(WIDE), Err(why));
        }
    }
}
