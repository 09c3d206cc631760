//! punctual held against a second reading of its manual: an interpreter that enumerates all whole-microsecond
//! delays and all ties of small scenarios from the whole grammar.
//!
//! `PUNCTUAL_REFERENCE=100000 cargo test --release --test reference -- --nocapture` makes more comparisons than
//! the usual 2 000, `PUNCTUAL_REFERENCE_SEED=17` makes those of one scenario and prints it, and
//! `PUNCTUAL_REFERENCE_OPEN=3` tells the first questions that punctual leaves open in small scenarios.

#![expect(clippy::print_stdout, reason = "a report for whoever asks with --nocapture")]

#[path = "reference/mod.rs"]
mod second;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;

use punctual_model::Rule;
use rayon::prelude::*;

use second::compare::{self, Disagreement, Effort, Outcome, Stretches, Unknown};
use second::features::Features;
use second::{draw, ledger, required, shrink};

/// Comparisons unless told otherwise; each is of one case of a scenario, and asks all that can be asked of it.
const COMPARISONS: u64 = 2_000;
/// Scenarios that are compared at a time: of a long run more, so that no core waits for the last of them.
const BLOCK: (u64, u64) = (64, 1_024);
/// Comparisons after which it is told how far it got.
const TOLD: u64 = 5_000;
/// Disagreements that are made smaller and printed; no more are looked for.
const SHOWN: usize = 8;

/// The most states that are counted out, unless told otherwise; a scenario with more is left out.
const STATES: u64 = 8_000;

fn effort() -> Effort {
    Effort { most_states: given("PUNCTUAL_REFERENCE_STATES").unwrap_or(STATES) as usize }
}

/// What all comparisons come to.
#[derive(Default)]
struct Tally {
    scenarios: u64,
    unsound: BTreeMap<String, u64>,
    too_many: u64,
    stands_still: u64,
    cases: u64,
    questions: u64,
    states: u64,
    endless: u64,
    bounds: u64,
    /// By question and reason.
    unknown: BTreeMap<String, u64>,
    features: Features,
    left_open: Vec<(u64, Option<String>, Unknown)>,
    /// The seed, the case and the first disagreement of each case that has one.
    disagreements: Vec<(u64, Option<String>, Disagreement)>,
}

impl Tally {
    fn note(&mut self, seed: u64, outcome: Outcome) {
        self.scenarios += 1;
        let (text, cases) = match outcome {
            Outcome::Unsound(problems) => {
                let first = problems.first().map_or(String::new(), |(code, _)| code.clone());
                *self.unsound.entry(first).or_default() += 1;
                return;
            }
            Outcome::TooMany => return self.too_many += 1,
            Outcome::StandsStill => return self.stands_still += 1,
            Outcome::Compared { text, cases } => (text, cases),
        };
        let file = text.parse().expect("what is sound is TOML");
        for case in cases {
            self.features.note(&file, case.variant.as_deref());
            self.features.known(&case.parts);
            case.facts.iter().for_each(|fact| self.features.asked(fact));
            self.cases += 1;
            self.questions += case.questions as u64;
            self.states += case.states as u64;
            self.endless += u64::from(case.endless);
            self.bounds += case.bounds as u64;
            for unknown in case.unknown {
                *self.unknown.entry(unknown.kind()).or_default() += 1;
                self.left_open.push((seed, case.variant.clone(), unknown));
            }
            let first = case.disagreements.into_iter().next();
            self.disagreements.extend(first.map(|first| (seed, case.variant, first)));
        }
    }

    fn report(&self) -> String {
        let mut text = String::new();
        let unsound: u64 = self.unsound.values().sum();
        let _ = writeln!(
            text,
            "{} comparisons, {} questions, of {} scenarios: {} thrown away because they have too many states, {} that \
             stand still, {unsound} that are not sound {:?}",
            self.cases, self.questions, self.scenarios, self.too_many, self.stands_still, self.unsound
        );
        let _ = writeln!(
            text,
            "{} states, {} cases in which a run may go on for ever, {} spans that are known as bounds only",
            self.states, self.endless, self.bounds
        );
        let unknown: u64 = self.unknown.values().sum();
        let share = unknown as f64 * 100.0 / self.questions as f64;
        let _ = writeln!(text, "{unknown} questions that punctual leaves open, {share:.2} %:");
        let unknown = self.unknown.iter().map(|(why, count)| format!("{count:8} {why}\n"));
        text + &unknown.collect::<String>() + &self.features.report()
    }
}

/// A scenario, asked twice.
fn asked(seed: u64) -> Outcome {
    compare::compare(&draw::text(seed), Stretches::Drawn(seed), effort())
}

/// A question that punctual leaves open, in the smallest scenario in which it does.
fn left_open(seed: u64, variant: Option<&str>, unknown: &Unknown) -> String {
    let Outcome::Compared { text: whole, .. } = asked(seed) else { return String::new() };
    let pairs: Vec<(String, String)> = unknown.stretch.iter().cloned().collect();
    let shows = |text: &str| match compare::compare(text, Stretches::These(&pairs), effort()) {
        Outcome::Compared { cases, .. } => {
            cases[0].unknown.iter().any(|known| known.question == unknown.question)
        }
        Outcome::Unsound(_) | Outcome::TooMany | Outcome::StandsStill => false,
    };
    let alone = shrink::alone(&whole, variant);
    let smallest = if shows(&alone) { shrink::smallest(&alone, &shows) } else { whole };
    let Unknown { question, why, reference, .. } = unknown;
    format!(
        "seed {seed}, {}: {question}: punctual says {why}, the manual {reference}\n{smallest}\n",
        variant.unwrap_or("as written")
    )
}

/// A disagreement in the smallest scenario that still shows it.
fn described(seed: u64, variant: Option<&str>, found: &Disagreement) -> String {
    let mut text = format!(
        "seed {seed}, {}: {}: punctual says {}, the manual {}\n",
        variant.unwrap_or("as written"),
        found.question,
        found.punctual,
        found.reference
    );
    let _ = writeln!(text, "  PUNCTUAL_REFERENCE_SEED={seed} cargo test --test reference -- --nocapture");
    let pairs: Vec<(String, String)> = found.stretch.iter().cloned().collect();
    let shows = |text: &str| match compare::compare(text, Stretches::These(&pairs), effort()) {
        Outcome::Compared { cases, .. } => cases[0].disagreements.contains(found),
        Outcome::Unsound(_) | Outcome::TooMany | Outcome::StandsStill => false,
    };
    let Outcome::Compared { text: whole, .. } = asked(seed) else { return text };
    let alone = shrink::alone(&whole, variant);
    if !shows(&alone) {
        return text + &whole;
    }
    text + &shrink::smallest(&alone, &shows)
}

/// A number that the environment gives.
fn given(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

/// Compares what the environment asks for.
fn compared() -> Tally {
    let mut tally = Tally::default();
    if let Some(seed) = given("PUNCTUAL_REFERENCE_SEED") {
        println!("{}", draw::text(seed));
        tally.note(seed, asked(seed));
        println!("{}", tally.report());
        return tally;
    }
    let wanted = given("PUNCTUAL_REFERENCE").unwrap_or(COMPARISONS);
    let from = given("PUNCTUAL_REFERENCE_FROM").unwrap_or(0);
    let block = (wanted / 32).clamp(BLOCK.0, BLOCK.1);
    for first in (from..).step_by(block as usize) {
        let seeds: Vec<u64> = (first..first + block).collect();
        let one_by_one = seeds.into_par_iter().with_max_len(1);
        let outcomes: Vec<(u64, Outcome)> = one_by_one.map(|seed| (seed, asked(seed))).collect();
        let before = tally.cases;
        for (seed, outcome) in outcomes {
            let known = tally.disagreements.len();
            tally.note(seed, outcome);
            if tally.disagreements.len() > known {
                println!("seed {seed} disagrees");
            }
        }
        // Of a long run one would like to know how it is getting on.
        if tally.cases / TOLD > before / TOLD {
            let disagreements = tally.disagreements.len();
            let last = first + block - 1;
            println!("{} comparisons up to seed {last}, {disagreements} disagree", tally.cases);
        }
        if tally.cases >= wanted || tally.disagreements.len() >= SHOWN {
            break;
        }
    }
    println!("{}", tally.report());
    tally
}

#[test]
fn punctual_agrees_with_a_second_reading_of_its_manual() {
    let tally = compared();
    let open = given("PUNCTUAL_REFERENCE_OPEN").unwrap_or(0) as usize;
    for (seed, variant, unknown) in tally.left_open.iter().take(open) {
        println!("{}", left_open(*seed, variant.as_deref(), unknown));
    }
    let told = |(seed, variant, found): &(u64, Option<String>, Disagreement)| {
        described(*seed, variant.as_deref(), found)
    };
    let shown: Vec<String> = tally.disagreements.iter().take(SHOWN).map(told).collect();
    let all = tally.disagreements.len();
    assert!(all == 0, "{all} of {} cases are told otherwise\n\n{}", tally.cases, shown.join("\n"));
    let missing = tally.features.missing();
    assert!(missing.is_empty() || tally.cases < COMPARISONS, "never compared: {missing:?}");
}

#[test]
fn all_invariants_are_asked_for() {
    assert_eq!(ledger::INVARIANTS, Rule::NAMES);
}

#[test]
fn all_operations_of_a_variant_are_asked_for() {
    let schema: serde_json::Value = serde_json::from_str(&punctual_scenarios::schema()).expect("it is JSON");
    let keys = schema["definitions"]["Variant"]["properties"].as_object().expect("a variant has keys");
    // These change nothing of the system.
    let beside = ["about", "expect", "never-taken"];
    let operations = keys.keys().filter(|key| !beside.contains(&key.as_str()));
    let missing: Vec<String> = operations.map(|key| format!("variant {key}")).collect();
    let missing: Vec<&String> = missing.iter().filter(|what| !required::all().contains(*what)).collect();
    assert!(missing.is_empty() && keys.contains_key("move"), "never drawn: {missing:?}");
}
