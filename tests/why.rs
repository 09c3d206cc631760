//! A `why` is a claim: each fact that it names is in the run, each instant is in the picture, and with what it
//! blames taken out the run passes.
//!
//! Scenarios are drawn at random, always the same ones. `PUNCTUAL_CLAIMS=N` draws `N` of each kind instead of those
//! few that a test has the time for: `PUNCTUAL_CLAIMS=3000 cargo test --test why`.

mod breaking;
mod claims;
mod grammar;
mod without;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use punctual_scenarios::Scenario;

use claims::{KINDS, OF_LOGS_ONLY, each_claim, kinds, wrong};

/// Runs of each scenario.
const RUNS: u64 = 8;
/// How many claims that are wrong are told.
const TOLD: usize = 5;

/// How many scenarios are drawn, where a test has the time for `few`.
fn drawn(few: usize) -> usize {
    let Ok(asked) = std::env::var("PUNCTUAL_CLAIMS") else { return few };
    asked.parse().unwrap_or_else(|_| panic!("PUNCTUAL_CLAIMS is {asked:?}; it is a number of scenarios"))
}

/// So many texts, always the same.
fn texts(strategy: impl Strategy<Value = String>, count: usize) -> impl Iterator<Item = String> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    (0..count).map(move |_| strategy.new_tree(&mut runner).expect("a text").current())
}

/// The claims that were heard, by kind; and those that are wrong, with their scenarios.
#[derive(Default)]
struct Heard {
    kinds: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Heard {
    fn of(mut self, text: &str, scenario: &Scenario, runs: u64) -> Self {
        each_claim(scenario, runs, |claimed| {
            for kind in kinds(&claimed.why.cause) {
                *self.kinds.entry(kind).or_default() += 1;
            }
            self.wrong.extend(wrong(claimed).map(|wrong| format!("{wrong}\n{text}")));
        });
        self
    }

    /// Fails if a claim is wrong, or if fewer than so many were heard.
    fn holds(&self, least: usize) {
        let all: usize = self.kinds.values().sum();
        let told = &self.wrong[..self.wrong.len().min(TOLD)];
        assert!(told.is_empty(), "{} of {all} claims are wrong:\n{}", self.wrong.len(), told.join("\n\n"));
        assert!(all >= least, "only {all} claims were heard: {:#?}", self.kinds);
    }
}

#[test]
fn what_is_said_of_random_runs_is_so_and_every_kind_of_claim_is_heard() {
    let scenarios = texts(breaking::text(), drawn(2_500)).filter_map(|text| breaking::parse(&text));
    let heard = scenarios.fold(Heard::default(), |heard, (text, scenario)| heard.of(&text, &scenario, RUNS));
    heard.holds(10_000);
    let seen: BTreeSet<&str> = heard.kinds.keys().map(String::as_str).collect();
    let unheard: Vec<&&str> = KINDS.iter().filter(|kind| !seen.contains(**kind)).collect();
    assert!(unheard.is_empty(), "no claim is of these kinds: {unheard:?}; heard were {:#?}", heard.kinds);
    let strange: Vec<&&str> = seen.iter().filter(|kind| !KINDS.contains(kind)).collect();
    assert!(strange.is_empty(), "of runs nobody claims {strange:?}; of logs: {OF_LOGS_ONLY:?}");
}

#[test]
fn what_is_said_of_runs_of_the_grammar_is_so() {
    let scenarios = texts(grammar::text(), drawn(150)).map(|text| (grammar::parse(&text), text));
    let heard = scenarios.fold(Heard::default(), |heard, (scenario, text)| heard.of(&text, &scenario, RUNS));
    heard.holds(100);
}

#[test]
fn what_is_said_of_the_library_is_so() {
    let heard = punctual_scenarios::library().iter().fold(Heard::default(), |heard, (name, text)| {
        let scenario = Scenario::parse(name, text).unwrap_or_else(|all| panic!("{}", all.render(false)));
        heard.of(name, &scenario, 2)
    });
    heard.holds(50);
}
