//! What each fix contributes: its Shapley value, and what is proved of what is too rare to be counted.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Check, Scenario, Verdict};
use crate::said::{self, Finding};

/// What a fix contributes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// The fix.
    pub fix: String,
    /// By how much it lowers the number of invariants that a run breaks, on average.
    pub fewer_broken: f64,
    /// The same of each invariant: by how much it lowers the share of runs that break it.
    pub by_invariant: Vec<(String, f64)>,
    /// Invariants that some combination breaks, and that are proved to hold if the fix is added to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proved_to_mend: Vec<String>,
    /// Invariants that are proved to hold in some combination, and break if the fix is added to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proved_to_break: Vec<String>,
}

/// What is known of a contribution that is too small to be told from the runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rare {
    /// The fix is proved to mend what breaks too seldom to be counted.
    Mends,
    /// It is proved to let something break, too seldom to be counted.
    Breaks,
    /// Both, in some combination each.
    Both,
}

impl Contribution {
    /// What is proved of the invariants of these names, if the runs do not show by how much.
    pub(super) fn rare(&self, value: f64, of: impl Fn(&String) -> bool) -> Option<Rare> {
        match (self.proved_to_mend.iter().any(&of), self.proved_to_break.iter().any(&of)) {
            _ if tenths(value) != 0 => None,
            (true, true) => Some(Rare::Both),
            (true, false) => Some(Rare::Mends),
            (false, true) => Some(Rare::Breaks),
            (false, false) => None,
        }
    }

    /// The value of all invariants together, or what is proved of some of them.
    pub(super) fn rare_in_all(&self) -> Option<Rare> {
        self.rare(self.fewer_broken, |_| true)
    }

    /// By what it is ranked: first what was counted, then what is proved.
    pub(super) fn rank(&self) -> (i64, i64) {
        let proved = match self.rare_in_all() {
            Some(Rare::Mends) => 1,
            Some(Rare::Breaks) => -1,
            Some(Rare::Both) | None => 0,
        };
        (tenths(self.fewer_broken), proved)
    }
}

/// Some of the fixes: a bit for each, in the order of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fixes(usize);

impl Fixes {
    /// Only the fix at this place.
    pub(super) fn only(place: usize) -> Fixes {
        Fixes(1 << place)
    }

    /// Those that the name of a variant spells; `None` if it spells anything else.
    pub(super) fn in_name(variant: Option<&str>, all: &[String]) -> Option<Fixes> {
        let parts = variant.into_iter().flat_map(|name| name.split('+'));
        let places = parts.map(|part| all.iter().position(|fix| fix == part));
        places.map(|place| place.map(|place| 1 << place)).sum::<Option<usize>>().map(Fixes)
    }

    /// All sets of so many fixes.
    fn sets(count: usize) -> impl Iterator<Item = Fixes> + Clone {
        (0..1_usize << count).map(Fixes)
    }

    fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }

    fn and(self, place: usize) -> Fixes {
        Fixes(self.0 | 1 << place)
    }

    fn len(self) -> usize {
        self.0.count_ones() as usize
    }
}

/// A case for every set of fixes.
pub(super) struct Combinations<'m> {
    fixes: &'m [String],
    /// By the number of the set.
    cases: Vec<&'m Scenario>,
}

impl<'m> Combinations<'m> {
    /// The cases that `of` gives; `None` if one is missing, or there are no fixes.
    pub(super) fn new(
        fixes: &'m [String],
        of: impl Fn(Fixes) -> Option<&'m Scenario>,
    ) -> Option<Combinations<'m>> {
        let cases: Vec<&Scenario> = Fixes::sets(fixes.len()).map(of).collect::<Option<_>>()?;
        (!fixes.is_empty()).then_some(Combinations { fixes, cases })
    }

    /// What each fix contributes, the most first. What is printed alike is alike, and then keeps the order in which
    /// it is recommended.
    pub(super) fn contributions(&self, recommended: &[String]) -> Vec<Contribution> {
        let mut found: Vec<Contribution> = (0..self.fixes.len()).map(|fix| self.contribution(fix)).collect();
        let place = |fix: &String| recommended.iter().position(|known| known == fix);
        found.sort_by_key(|one| (Reverse(one.rank()), place(&one.fix).is_none(), place(&one.fix)));
        found
    }

    fn contribution(&self, fix: usize) -> Contribution {
        let checks = || self.cases[0].checks.iter().enumerate();
        let by_invariant: Vec<(String, f64)> =
            checks().map(|(place, check)| (check.invariant.clone(), self.shapley(fix, place))).collect();
        let changes = |from: &dyn Fn(&Check) -> bool, to: &dyn Fn(&Check) -> bool| {
            let some =
                |place: usize| self.pairs(fix, place).any(|(_, without, with)| from(without) && to(with));
            let changed = checks().filter(|(place, _)| some(*place));
            changed.map(|(_, check)| check.invariant.clone()).collect::<Vec<_>>()
        };
        let proved = |check: &Check| said::finding(check) == Finding::Proved;
        let breaks = |check: &Check| check.verdict == Verdict::Violated;
        Contribution {
            fix: self.fixes[fix].clone(),
            fewer_broken: by_invariant.iter().map(|one| one.1).sum(),
            by_invariant,
            proved_to_mend: changes(&breaks, &proved),
            proved_to_break: changes(&proved, &breaks),
        }
    }

    /// By how much a fix lowers the share of runs that break an invariant, on average over all orders of adding fixes.
    fn shapley(&self, fix: usize, place: usize) -> f64 {
        let factorial = |n: usize| (1..=n).map(|n| n as f64).product::<f64>();
        let count = self.fixes.len();
        let part = |(fixes, without, with): (Fixes, &Check, &Check)| {
            let weight = factorial(fixes.len()) * factorial(count - fixes.len() - 1) / factorial(count);
            weight * (share(without) - share(with))
        };
        self.pairs(fix, place).map(part).sum()
    }

    /// Each set without a fix, and what an invariant comes to without it and with it.
    fn pairs(&self, fix: usize, place: usize) -> impl Iterator<Item = (Fixes, &Check, &Check)> {
        let check = move |fixes: Fixes| &self.cases[fixes.0].checks[place];
        let without = Fixes::sets(self.fixes.len()).filter(move |fixes| !fixes.has(fix));
        without.map(move |fixes| (fixes, check(fixes), check(fixes.and(fix))))
    }
}

/// The share of the runs that break it.
fn share(check: &Check) -> f64 {
    check.sampled.as_ref().map_or(0.0, |sampled| sampled.violations as f64 / sampled.runs.max(1) as f64)
}

/// In tenths of a percentage point, as it is printed.
pub(super) fn tenths(value: f64) -> i64 {
    (value * 1_000.0).round() as i64
}
