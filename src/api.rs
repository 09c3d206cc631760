//! Scenarios as tests of a Rust team's own.
//!
//! A scenario file is checked where all other tests are: in a `#[test]`, beside the code that it
//! describes. What a check finds is kept as plain data; a question that nothing was found out
//! about (a misspelt invariant, a variant that does not exist) fails like a wrong answer does.

use std::fmt;
use std::path::Path;

use punctual_reports::document::{self, Document, Verdict};
use punctual_reports::human;
use punctual_reports::style::Style;
use punctual_scenarios::{LoadError, Problems};

use punctual_judging::budget::Budget;
use punctual_judging::judge::{Effort, JudgeError, judge};
use punctual_judging::sampling;
use punctual_telling::present;

/// A scenario, and how thoroughly to check it.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// punctual::Scenario::from_path("scenarios/audio.toml")?.check()?.expect_holds("no-event-lost");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Scenario {
    scenario: punctual_scenarios::Scenario,
    effort: Effort<'static>,
}

/// What a check found out about each case of a scenario.
#[derive(Clone, Debug)]
pub struct Checked {
    document: Document,
    case: usize,
}

/// Why a scenario could not be checked.
#[derive(Clone, Debug)]
pub struct CheckError(JudgeError);

impl Scenario {
    /// Runs of each case, unless told otherwise.
    pub const RUNS: u64 = 5_000;
    /// What decides the draws, unless told otherwise.
    pub const SEED: u64 = sampling::SEED;

    /// Loads a scenario file.
    ///
    /// # Errors
    /// The file cannot be read, or is not a sound scenario; the error prints with its places.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        punctual_scenarios::load(path.as_ref()).map(Self::of)
    }

    /// The scenario with this text.
    ///
    /// # Errors
    /// It is not a sound scenario.
    pub fn from_text(name: &str, text: &str) -> Result<Self, Problems> {
        punctual_scenarios::Scenario::parse(name, text).map(Self::of)
    }

    fn of(scenario: punctual_scenarios::Scenario) -> Self {
        let budget = Budget::of(punctual_judging::proof::STATES);
        Self { scenario, effort: Effort { seed: Self::SEED, runs: Self::RUNS, budget } }
    }

    /// Makes this many runs of each case; at least one.
    #[must_use]
    pub fn runs(mut self, runs: u64) -> Self {
        self.effort.runs = runs.max(1);
        self
    }

    /// The case of a variant or combination, or the scenario as it is written; nothing if there is none.
    #[cfg(feature = "hosts")]
    pub(crate) fn case_of(&self, variant: Option<&str>) -> Option<punctual_scenarios::Case> {
        match variant {
            None => self.scenario.cases.first().cloned(),
            Some(name) => self.scenario.combine(name).ok(),
        }
    }

    /// Lets `seed` decide the draws.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.effort.seed = seed;
        self
    }

    /// Checks every case of it.
    ///
    /// # Errors
    /// A task takes steps, or events follow each other, for ever without letting time pass; or the engine contradicts itself.
    pub fn check(&self) -> Result<Checked, CheckError> {
        let judged = judge(&self.scenario.cases, self.effort, &|_| {}).map_err(CheckError)?;
        let saved = present::SavedAt::new();
        let explained = present::Explained::First;
        let manner = present::Manner { embedded: false, effort: self.effort, saved: &saved, explained };
        let runs = judged.iter().map(|case| case.runs_made).sum();
        let made_with = present::made_with(&self.effort, runs);
        let cases = present::document(&self.scenario, &judged, manner);
        Ok(Checked { document: Document { made_with, ..Document::new(cases) }, case: 0 })
    }
}

impl Checked {
    /// The same of a variant or combination; questions are then about that.
    ///
    /// # Panics
    /// The scenario lists no such variant.
    #[must_use]
    #[track_caller]
    pub fn of(mut self, variant: &str) -> Self {
        let found = self.document.scenarios.iter().position(|case| case.variant.as_deref() == Some(variant));
        let Some(case) = found else {
            panic!("{} has no variant {variant}", self.document.scenarios[0].scenario)
        };
        self.case = case;
        self
    }

    /// Expects that no run breaks an invariant.
    ///
    /// # Panics
    /// Some run does: with the picture of it. Or the scenario does not check that invariant.
    #[track_caller]
    pub fn expect_holds(&self, invariant: &str) -> &Self {
        self.expect(invariant, Verdict::Holds)
    }

    /// Expects that some run breaks an invariant.
    ///
    /// # Panics
    /// No run does. Or the scenario does not check that invariant.
    #[track_caller]
    pub fn expect_violated(&self, invariant: &str) -> &Self {
        self.expect(invariant, Verdict::Violated)
    }

    /// Expects that everything is as the scenario says.
    ///
    /// # Panics
    /// Something is not: with the whole report.
    #[track_caller]
    pub fn expect_as_expected(&self) -> &Self {
        assert!(self.as_expected(), "\n{self}");
        self
    }

    /// Whether everything is as the scenario says.
    pub fn as_expected(&self) -> bool {
        self.document.as_expected
    }

    /// All that was found out, as every report is made from it.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What was found out about each case, as data.
    pub fn cases(&self) -> &[document::Scenario] {
        &self.document.scenarios
    }

    #[track_caller]
    fn expect(&self, invariant: &str, wanted: Verdict) -> &Self {
        let case = &self.document.scenarios[self.case];
        let variant = case.variant.as_deref().map(|variant| format!(" {variant}")).unwrap_or_default();
        let Some(check) = case.checks.iter().find(|check| check.invariant == invariant) else {
            let known: Vec<&str> = case.checks.iter().map(|check| check.invariant.as_str()).collect();
            panic!("{}{variant} does not check {invariant}; it checks {}", case.scenario, known.join(", "));
        };
        assert!(
            check.verdict == wanted,
            "{invariant} of {}{variant}: expected {wanted:?}, found {:?}\n{}",
            case.scenario,
            check.verdict,
            human::check(case, check, &Style::plain())
        );
        self
    }
}

impl fmt::Display for Checked {
    /// The report that `punctual check` prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&human::render(&self.document, &Style::plain(), human::Extent::default()))
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for CheckError {}
