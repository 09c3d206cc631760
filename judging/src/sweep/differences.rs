//! Differences between two cases, run by run, under common random numbers.
//!
//! Both make the same draws, so what a run owes to its draws falls out of the difference, and its interval is
//! small (common random numbers; Glasserman and Yao, Management Science 38(6), 1992). Sums are integers: they are the same whoever adds them up in whatever order.

use punctual_reports::sweep::Against;

use crate::sampling::OfRun;

/// Sums of differences.
#[derive(Clone, Debug)]
pub(super) struct Differences {
    reads: Moments,
    latest: Moments,
    only: Vec<(u64, u64)>,
}

/// What a mean and its interval are made of.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    count: u64,
    sum: i128,
    squares: u128,
}

impl Moments {
    fn add(&mut self, one: i64) {
        self.count += 1;
        self.sum += i128::from(one);
        self.squares += u128::from(one.unsigned_abs()) * u128::from(one.unsigned_abs());
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// The mean and its 95 % interval (normal approximation).
    fn mean(self) -> Option<(f64, f64, f64)> {
        if self.count < 2 {
            return None;
        }
        let count = self.count as f64;
        let mean = self.sum as f64 / count;
        let variance = ((self.squares as f64 - mean * mean * count) / (count - 1.0)).max(0.0);
        let reach = 1.96 * (variance / count).sqrt();
        Some((mean, mean - reach, mean + reach))
    }
}

impl Differences {
    pub(super) fn new(rules: usize) -> Self {
        Self { reads: Moments::default(), latest: Moments::default(), only: vec![(0, 0); rules] }
    }

    /// Adds a run, and what the same run is where it is compared.
    pub(super) fn add(&mut self, run: &OfRun, known: &OfRun) {
        self.reads.add(i64::from(run.reads) - i64::from(known.reads));
        if let (Some(latest), Some(known)) = (run.latest, known.latest) {
            self.latest.add(latest.0.cast_signed() - known.0.cast_signed());
        }
        let differs = run.broken ^ known.broken;
        if differs != 0 {
            for (place, (here, there)) in self.only.iter_mut().enumerate() {
                let differs = differs >> place & 1 == 1;
                let broken = run.broken >> place & 1 == 1;
                *here += u64::from(differs && broken);
                *there += u64::from(differs && !broken);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.reads.merge(other.reads);
        self.latest.merge(other.latest);
        for (mine, theirs) in self.only.iter_mut().zip(&other.only) {
            *mine = (mine.0 + theirs.0, mine.1 + theirs.1);
        }
    }

    /// The mean differences with their intervals; nothing of fewer than two runs.
    pub(super) fn against(&self) -> Option<Against> {
        Some(Against { reads: self.reads.mean()?, latest_us: self.latest.mean(), only: self.only.clone() })
    }
}
