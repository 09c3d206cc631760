//! A scenario with all that was found out about it, and the questions that the report asks of it.

use std::collections::BTreeMap;

use punctual::budget::Budget;
use punctual::judge::{Effort, judge};
use punctual::present::{self, Explained, Manner};
use punctual::sampling::Prepared;
use punctual::scenarios::{Scenario, library};
use punctual_reports::document::{Check, Evidence, Scenario as Found, Verdict};
use punctual_reports::page::{Block, Prose, Shown};
use punctual_reports::said;

/// Runs of each case.
pub(crate) const RUNS: u64 = 5_000;

/// A scenario and what was found out about all its cases.
pub(crate) struct Case {
    /// The scenario.
    pub(crate) scenario: Scenario,
    /// What was found out about each case.
    pub(crate) cases: Vec<Found>,
    /// What became of each named order, by its name.
    pub(crate) reasons: BTreeMap<String, String>,
}

impl Case {
    pub(crate) fn of(name: &str) -> Case {
        let library = library();
        let (_, text) = library.iter().find(|(known, _)| *known == name).expect("an embedded scenario");
        let scenario = Scenario::parse(name, text).expect("embedded scenarios are sound");
        let saved = present::SavedAt::new();
        let effort = effort();
        let judged = judge(&scenario.cases, effort, &|_| {}).expect("embedded scenarios can be judged");
        assert!(judged.iter().all(|case| !case.wrong() && !case.inconclusive()), "{name} is not as expected");
        let manner = Manner { embedded: true, effort, saved: &saved, explained: Explained::First };
        let cases = present::document(&scenario, &judged, manner);
        let reasons = cases.iter().flat_map(|case| &case.interleavings);
        let reasons = reasons.map(|order| (order.interleaving.clone(), said::interleaving(order))).collect();
        Case { scenario, cases, reasons }
    }

    pub(crate) fn case(&self, variant: Option<&str>) -> &Found {
        let found = self.cases.iter().find(|case| case.variant.as_deref() == variant);
        found.unwrap_or_else(|| panic!("{} has no case {variant:?}", self.scenario.name))
    }

    pub(crate) fn check(&self, variant: Option<&str>, invariant: &str) -> &Check {
        let found = self.case(variant).checks.iter().find(|check| check.invariant == invariant);
        found.unwrap_or_else(|| panic!("{} does not check {invariant}", self.scenario.name))
    }

    /// `26.2 %`, or `never, proved`.
    pub(crate) fn broken(&self, variant: Option<&str>, invariant: &str) -> String {
        said::how_often(self.check(variant, invariant))
    }

    pub(crate) fn share(&self, variant: Option<&str>, invariant: &str) -> f64 {
        let sampled = self.check(variant, invariant).sampled.as_ref().expect("runs were made");
        sampled.violations as f64 / sampled.runs as f64
    }

    pub(crate) fn violations(&self, variant: Option<&str>, invariant: &str) -> u64 {
        self.check(variant, invariant).sampled.as_ref().expect("runs were made").violations
    }

    /// The runs that break it, by their numbers.
    pub(crate) fn runs(&self, variant: Option<&str>, invariant: &str) -> Vec<u64> {
        let case = self.scenario.case(variant).expect("a case of the file");
        let prepared = Prepared::new(case);
        let (place, _) = punctual::counterexample::place_of(&prepared, invariant).expect("it is checked");
        let breaks = |run: &u64| prepared.sample(effort().seed, *run..run + 1).broken[place.0].runs > 0;
        (0..RUNS).filter(breaks).collect()
    }

    pub(crate) fn reads(&self, variant: Option<&str>) -> f64 {
        self.case(variant).load.as_ref().expect("runs were made").database_reads_per_run
    }

    /// Whether everything that is checked is proved for every timing.
    pub(crate) fn all_proved(&self, variant: Option<&str>) -> bool {
        self.case(variant).checks.iter().all(|check| self.is_proved(variant, &check.invariant))
    }

    pub(crate) fn is_proved(&self, variant: Option<&str>, invariant: &str) -> bool {
        let check = self.check(variant, invariant);
        check.verdict == Verdict::Holds && matches!(check.evidence, Evidence::EveryTiming { .. })
    }

    pub(crate) fn greatest(&self, variant: Option<&str>) -> String {
        said::greatest(self.case(variant))
    }

    /// The picture of a check with the sentence that says why.
    pub(crate) fn race(&self, invariant: &str) -> Vec<Block> {
        let check = self.check(None, invariant);
        let found = check.counterexample.as_ref().expect("a run breaks it");
        let race = found.race.clone().expect("the first case is drawn");
        let why = found.why.clone().unwrap_or_default();
        let name = format!("ce-{}", found.id);
        let mut facts = vec![("why".to_owned(), Prose::plain(why.clone()))];
        let mut fact = |name: &str, said: &Option<String>| {
            facts.extend(said.iter().map(|said| (name.to_owned(), Prose::plain(said.clone()))));
        };
        fact("nearest pass", &found.nearest);
        fact("window", &found.window);
        fact("rate", &said::rate(check));
        vec![
            Block::Race(Shown { name, race, said: why }),
            Block::Facts(facts),
            Block::Command(found.replay.clone().expect("it can be replayed")),
        ]
    }
}

pub(crate) fn effort() -> Effort<'static> {
    Effort { seed: 0x5eed, runs: RUNS, budget: Budget::of(punctual::proof::STATES) }
}

/// What is said, if it is true.
pub(crate) fn holds(what: bool, said: &str) -> String {
    assert!(what, "the results do not say: {said}");
    said.to_owned()
}
