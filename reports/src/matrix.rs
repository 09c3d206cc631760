//! Every fix and every combination of fixes, against every invariant: what helps, what it costs, what it breaks.
//!
//! All cases have common random numbers, so that what differs between two rows is what the fix does. What each
//! fix contributes is its Shapley value (Shapley 1953): by how much the share of broken runs falls when it
//! is added, on average over all orders in which fixes can be added. It is computed from all combinations,
//! so it is exact for the rates that were sampled. What is too rare to be seen in so many runs has no rate; of
//! that it is said what is proved: what holds with a fix, and breaks without it.

mod contribution;
mod page;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::contribution::Contribution;
use self::contribution::{Combinations, Fixes};
use crate::document::{Check, MadeWith, Scenario, Verdict};
use crate::said::AS_WRITTEN;

/// The name and version of the shape.
pub const SCHEMA: &str = "punctual.matrix/1";

/// A matrix of fixes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Matrix {
    /// Name and version of this shape.
    pub schema: String,
    /// Name of the scenario.
    pub scenario: String,
    /// With what it was made.
    pub made_with: MadeWith,
    /// The fixes, in the order of the file.
    pub fixes: Vec<String>,
    /// The fixes in the order in which they are recommended; empty if nobody does.
    pub recommended: Vec<String>,
    /// Combinations that contradict each other, and so have no row.
    pub impossible: Vec<String>,
    /// The scenario as it is, every combination of fixes, and whatever else its file lists.
    pub rows: Vec<Scenario>,
    /// Rows that break nothing, the cheapest for the database first.
    pub passing: Vec<String>,
    /// Fixes that change nothing at all by themselves.
    pub without_effect: Vec<String>,
    /// What a fix makes worse by itself: the fix, and the invariants.
    pub worse: Vec<(String, Vec<String>)>,
    /// What each fix contributes, the most first; empty where combinations are missing.
    pub contributions: Vec<Contribution>,
}

impl Matrix {
    /// A matrix of these rows, the first of which is the scenario as it is.
    ///
    /// A row is the combination of those fixes that the name of its variant spells. Its `recommended` are those of
    /// the first row that are among `fixes`.
    pub fn new(
        made_with: MadeWith,
        fixes: Vec<String>,
        impossible: Vec<String>,
        rows: Vec<Scenario>,
    ) -> Matrix {
        let base = rows.first();
        let recommended = base.map_or(&[][..], |base| &base.fixes).iter();
        let mut matrix = Matrix {
            schema: SCHEMA.to_owned(),
            scenario: base.map_or(String::new(), |base| base.scenario.clone()),
            made_with,
            recommended: recommended.filter(|fix| fixes.contains(fix)).cloned().collect(),
            fixes,
            impossible,
            rows,
            passing: Vec::new(),
            without_effect: Vec::new(),
            worse: Vec::new(),
            contributions: Vec::new(),
        };
        matrix.conclude();
        matrix
    }

    fn conclude(&mut self) {
        let passes = |case: &&Scenario| case.checks.iter().all(|check| check.verdict == Verdict::Holds);
        let mut passing: Vec<&Scenario> = self.rows.iter().filter(passes).collect();
        let reads = |case: &Scenario| case.load.as_ref().map_or(f64::MAX, |load| load.database_reads_per_run);
        passing.sort_by(|a, b| reads(a).total_cmp(&reads(b)));
        self.passing = passing.into_iter().map(name).collect();
        let Some(base) = self.rows.first() else { return };
        let alone = |fix: usize| self.row(Fixes::only(fix)).map(|case| (self.fixes[fix].clone(), case));
        let alone: Vec<(String, &Scenario)> = (0..self.fixes.len()).filter_map(alone).collect();
        let same = |case: &Scenario| {
            let outcome = |case: &Scenario| {
                let checks = case.checks.iter().map(|check| (check.verdict, check.sampled.clone()));
                (checks.collect::<Vec<_>>(), case.deliveries.clone(), case.load.clone())
            };
            outcome(base) == outcome(case)
        };
        let without_effect = alone.iter().filter(|one| same(one.1)).map(|one| one.0.clone()).collect();
        let worse = alone.iter().map(|(fix, case)| {
            let pairs =
                base.checks.iter().zip(&case.checks).filter(|(before, after)| is_worse(before, after));
            (fix.clone(), pairs.map(|pair| pair.1.invariant.clone()).collect::<Vec<_>>())
        });
        let worse = worse.filter(|one| !one.1.is_empty()).collect();
        (self.without_effect, self.worse) = (without_effect, worse);
        let all = Combinations::new(&self.fixes, |fixes| self.row(fixes));
        self.contributions = all.map_or(Vec::new(), |all| all.contributions(&self.recommended));
    }

    /// The row with exactly these fixes.
    fn row(&self, fixes: Fixes) -> Option<&Scenario> {
        self.rows.iter().find(|row| Fixes::in_name(row.variant.as_deref(), &self.fixes) == Some(fixes))
    }

    /// Pairs of fixes that are recommended in another order than what they contribute.
    pub fn misordered(&self) -> Vec<(String, String)> {
        let value =
            |fix: &String| self.contributions.iter().find(|one| one.fix == *fix).map(Contribution::rank);
        let mut pairs = Vec::new();
        for (at, first) in self.recommended.iter().enumerate() {
            for second in &self.recommended[at + 1..] {
                if value(first).zip(value(second)).is_some_and(|(first, second)| second > first) {
                    pairs.push((first.clone(), second.clone()));
                }
            }
        }
        pairs
    }
}

fn name(case: &Scenario) -> String {
    case.variant.clone().unwrap_or_else(|| AS_WRITTEN.to_owned())
}

/// Whether something holds no more, or is surely broken more often.
fn is_worse(before: &Check, after: &Check) -> bool {
    match (before.verdict, after.verdict) {
        (Verdict::Holds, Verdict::Violated) => true,
        (Verdict::Violated, Verdict::Violated) => {
            let rates = before.sampled.as_ref().zip(after.sampled.as_ref());
            rates.is_some_and(|(before, after)| after.rate[0] > before.rate[1])
        }
        _ => false,
    }
}
