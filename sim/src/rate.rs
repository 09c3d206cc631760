//! What a number of runs says about a rate: the exact binomial interval.
//!
//! Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case
//! of the binomial", Biometrika 26 (1934). With no event in n runs the upper end is 3/n to good
//! accuracy for the one-sided bound (the rule of three); the two-sided interval given here is
//! wider, 3.69/n.

/// The two-sided 95 % interval of the chance of an event that was seen in `seen` of `runs` runs (Clopper and Pearson,
/// Biometrika 26, 1934).
///
/// # Panics
/// If there are no runs, or more events than runs.
pub fn clopper_pearson(seen: u64, runs: u64) -> (f64, f64) {
    assert!(runs > 0 && seen <= runs, "{seen} of {runs} is no rate");
    let (k, n) = (seen as f64, runs as f64);
    // Where all runs are alike, what is left of the distribution is a power.
    let all_but_a_fortieth = libm::log(0.025) / n;
    match seen {
        0 => (0.0, -libm::expm1(all_but_a_fortieth)),
        _ if seen == runs => (libm::exp(all_but_a_fortieth), 1.0),
        _ => (quantile(0.025, k, n - k + 1.0), quantile(0.975, k + 1.0, n - k)),
    }
}

/// The one-sided 95 % upper bound of the chance of an event never seen in `runs` runs (the exact form of the rule of
/// three: Hanley and Lippman-Hand, JAMA 249(13), 1983).
pub fn never_seen(runs: u64) -> f64 {
    -libm::expm1(libm::log(0.05) / runs as f64)
}

/// The quantile of the beta distribution: Newton's steps from its mean, and where one leads out of the bracket in
/// which it must lie, the bracket is halved instead.
fn quantile(share: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    let mut at = a / (a + b);
    for _ in 0..200 {
        let off = beta_share(at, a, b) - share;
        if off < 0.0 {
            low = at;
        } else {
            high = at;
        }
        let newton = at - off / beta_density(at, a, b);
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - at).abs() <= 1e-15 * at || next <= low || next >= high {
            return next;
        }
        at = next;
    }
    at
}

fn beta_density(x: f64, a: f64, b: f64) -> f64 {
    beta_front(x, a, b) / (x * (1.0 - x))
}

/// x^a (1 - x)^b over the beta function of a and b.
fn beta_front(x: f64, a: f64, b: f64) -> f64 {
    libm::exp(
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x),
    )
}

/// The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun,
/// 26.5.8), evaluated with the modified Lentz algorithm.
fn beta_share(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = beta_front(x, a, b);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let keep = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for m in 1..100_000_u32 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep(1.0 + even * d);
        c = keep(1.0 + even / c);
        product *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep(1.0 + odd * d);
        c = keep(1.0 + odd / c);
        product *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, wanted: f64) {
        assert!((got - wanted).abs() <= wanted * 1e-4 + 1e-12, "{got} is not {wanted}");
    }

    #[test]
    fn known_intervals() {
        // Solved by hand: with 0 of n the upper end is 1 - 0.025^(1/n), with n of n the mirror.
        close(clopper_pearson(0, 10).1, 1.0 - libm::pow(0.025, 0.1));
        close(clopper_pearson(10, 10).0, libm::pow(0.025, 0.1));
        close(quantile(0.975, 1.0, 10.0), clopper_pearson(0, 10).1);
        close(quantile(0.025, 10.0, 1.0), clopper_pearson(10, 10).0);
        // A published example: 3 of 50 000.
        close(clopper_pearson(3, 50_000).0, 1.2374e-5);
        close(clopper_pearson(3, 50_000).1, 1.7533e-4);
        // 8 of 20, the textbook's: 0.1912 to 0.6395.
        close(clopper_pearson(8, 20).0, 0.191_19);
        close(clopper_pearson(8, 20).1, 0.639_46);
    }

    #[test]
    fn the_interval_is_where_the_binomial_tails_are_a_fortieth() {
        let (seen, runs) = (3_u64, 40_u64);
        let (low, high) = clopper_pearson(seen, runs);
        let tail = |p: f64, range: std::ops::RangeInclusive<u64>| -> f64 {
            range
                .map(|k| {
                    let ways: f64 = (0..k).map(|i| (runs - i) as f64 / (i + 1) as f64).product();
                    ways * libm::pow(p, k as f64) * libm::pow(1.0 - p, (runs - k) as f64)
                })
                .sum()
        };
        close(tail(low, seen..=runs), 0.025);
        close(tail(high, 0..=seen), 0.025);
    }

    #[test]
    fn a_quantile_is_where_the_distribution_function_says_so() {
        for runs in [2_u64, 3, 10, 1_000, 10_000, 1_000_000] {
            for seen in
                [1, 2, runs / 3, runs / 2, runs - 1].into_iter().filter(|seen| (1..runs).contains(seen))
            {
                let (low, high) = clopper_pearson(seen, runs);
                let (k, n) = (seen as f64, runs as f64);
                assert!(low < k / n && k / n < high, "{seen} of {runs}: {low} to {high}");
                // lgamma of a million is exact to some 1e-10 of it.
                assert!((beta_share(low, k, n - k + 1.0) - 0.025).abs() < 1e-9, "{seen} of {runs}");
                assert!((beta_share(high, k + 1.0, n - k) - 0.975).abs() < 1e-9, "{seen} of {runs}");
            }
        }
    }

    #[test]
    fn the_rule_of_three() {
        close(never_seen(50_000), 5.9913e-5);
    }
}
