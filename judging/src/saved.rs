//! Saved traces: a counterexample as a file that can be run again anywhere.
//!
//! The file holds the scenario's text beside the decisions, so it needs nothing but this program:
//! it can be attached to a ticket. What it holds is checked before it is believed: the version,
//! the digest of scenario and variant, every decision, and every event that comes out.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use punctual_model::World;
use punctual_scenarios::{Case, Scenario};
use punctual_sim::{About, Decision, Ending, Name, TraceOf, replay, replay_until};
use serde::{Deserialize, Serialize};

use crate::sampling::Until;

/// The name and version of the file's shape.
pub const SCHEMA: &str = "punctual.trace/1";
/// The folder in which this program keeps what is its own, wherever it is started.
pub const OURS: &str = ".punctual";
/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// A trace as it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Name and version of the shape.
    pub schema: String,
    /// The version of the program that saved it.
    pub version: String,
    /// The name of the scenario.
    pub scenario: String,
    /// The variant; none for the scenario as it is written.
    pub variant: Option<String>,
    /// The digest of scenario and variant.
    pub digest: String,
    /// The invariant that it breaks, if it was saved for that.
    pub invariant: Option<String>,
    /// What it is called.
    pub id: String,
    /// Whether the run goes on beyond the end that the scenario gives to runs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beyond: bool,
    /// If the run goes on for ever: the number of events before those that can be repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_ever_after: Option<u32>,
    /// All decisions, in the order in which they are made.
    pub decisions: Vec<SavedDecision>,
    /// When something happened, and what.
    pub steps: Vec<SavedStep>,
    /// The text of the scenario.
    pub text: String,
}

/// A decision as it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedDecision {
    /// What it is about: `delay`, `choice`, `phase` or `tie`.
    pub about: SavedAbout,
    /// The name of the delay, choice or clock; empty for a tie.
    pub name: String,
    /// How many about the same came before it.
    pub occurrence: u32,
    /// Microseconds of a delay or phase; the outcome of a choice; the place in a tie.
    pub value: u64,
    /// The least and the greatest value that were possible.
    pub range: (u64, u64),
}

/// What a saved decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SavedAbout {
    /// How long a delay takes.
    Delay,
    /// How a choice comes out.
    Choice,
    /// How far a clock is into its tick.
    Phase,
    /// Which of several comes first.
    Tie,
}

/// An event of a run as it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedStep {
    /// When, in microseconds.
    pub at_us: u64,
    /// What, as the machine calls it; none for the beginning.
    pub event: Option<String>,
    /// What came of it, as the model calls it.
    pub facts: Vec<String>,
}

/// The file that is meant: as it is, or by the id of one that was saved here.
pub fn found(what: &Path) -> PathBuf {
    let id = format!("{}.json", what.display());
    let saved_here = Path::new(OURS).join("failures").join(id);
    if !what.exists() && saved_here.exists() { saved_here } else { what.to_owned() }
}

/// Why a saved trace could not be had again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable(pub String);

impl Saved {
    /// `trace`, a run of `case`, ready to be saved.
    pub fn new(
        scenario: &Scenario,
        case: &Case,
        (trace, until): (&TraceOf<World>, Until),
        id: &str,
        invariant: Option<&str>,
    ) -> Self {
        Self {
            schema: SCHEMA.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            scenario: scenario.name.clone(),
            variant: case.variant.clone(),
            digest: case.digest.clone(),
            invariant: invariant.map(Into::into),
            id: id.into(),
            beyond: until == Until::Beyond,
            for_ever_after: match trace.ending {
                Ending::Lasso(after) => Some(after),
                Ending::Quiet | Ending::Over | Ending::TooLong => None,
            },
            decisions: trace.decisions.iter().map(SavedDecision::from).collect(),
            steps: steps(trace),
            text: scenario.text().to_owned(),
        }
    }

    /// How far the run goes.
    pub fn until(&self) -> Until {
        if self.beyond { Until::Beyond } else { Until::End }
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers are JSON") + "\n"
    }

    /// Reads a saved trace from a file, or from standard input for `-`.
    ///
    /// # Errors
    /// It cannot be read, or is not a trace of this version.
    pub fn read(path: &Path) -> Result<Self, Unusable> {
        let told = |what: &str| Unusable(format!("{}: {what}", path.display()));
        let mut text = String::new();
        let read = if path == Path::new("-") {
            io::stdin().lock().take(LARGEST + 1).read_to_string(&mut text)
        } else {
            fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
        };
        read.map_err(|error| told(&format!("cannot be read: {error}")))?;
        if text.len() as u64 > LARGEST {
            return Err(told("larger than 64 MiB, which no trace is"));
        }
        let saved: Self =
            serde_json::from_str(&text).map_err(|error| told(&format!("not a saved trace: {error}")))?;
        if saved.schema != SCHEMA {
            return Err(told(&format!("a trace of shape {:?}; this version reads {SCHEMA:?}", saved.schema)));
        }
        let own = env!("CARGO_PKG_VERSION");
        if saved.version != own {
            return Err(told(&format!(
                "saved by punctual {:?}, and this is {own}: only the version that saved a trace promises the same run",
                saved.version
            )));
        }
        Ok(saved)
    }

    /// Saves it as `ID.json` in `folder`; a file that is there is replaced whole or not at all.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        make(folder)?;
        let path = folder.join(format!("{}.json", self.id));
        let unfinished = folder.join(format!(".{}.unfinished", self.id));
        let written = fs::File::create(&unfinished)
            .and_then(|mut file| file.write_all(self.to_json().as_bytes()))
            .and_then(|()| fs::rename(&unfinished, &path));
        if written.is_err() {
            // Nothing to be done if that fails too: the error to be told is the first one.
            let _ = fs::remove_file(&unfinished);
        }
        written.map(|()| path)
    }

    /// The scenario and the case that it is a run of.
    ///
    /// # Errors
    /// The text is no scenario any more, or another one.
    pub fn case(&self) -> Result<(Scenario, Case), Unusable> {
        let label = format!("{} (saved with the trace)", self.scenario);
        let scenario = Scenario::parse(&label, &self.text)
            .map_err(|problems| Unusable(format!("its scenario is unsound:\n{}", problems.render(false))))?;
        let case = self.case_of(&scenario)?;
        Ok((scenario, case))
    }

    /// The case of `scenario` that it is a run of.
    ///
    /// # Errors
    /// It is a run of another scenario, or of an earlier version of this one.
    pub fn case_of(&self, scenario: &Scenario) -> Result<Case, Unusable> {
        if scenario.name != self.scenario {
            return Err(Unusable(format!("a trace of {}, not of {}", self.scenario, scenario.name)));
        }
        let case = match &self.variant {
            None => scenario.cases.first().cloned(),
            Some(variant) => scenario.combine(variant).ok(),
        };
        let Some(case) = case else {
            let variant = self.variant.as_deref().unwrap_or_default();
            return Err(Unusable(format!("{} has no variant {variant}", scenario.name)));
        };
        if case.digest != self.digest {
            return Err(Unusable(format!(
                "a trace of another version of {}: its digest is {}, that of the scenario {}",
                self.scenario, self.digest, case.digest
            )));
        }
        Ok(case)
    }

    /// Runs it again, and compares every event and fact.
    ///
    /// # Errors
    /// The decisions do not fit the scenario, or something else comes out.
    pub fn replay(&self, world: &World) -> Result<TraceOf<World>, Unusable> {
        let decisions: Vec<Decision> = self.decisions.iter().map(Decision::from).collect();
        let events = self.steps.len().saturating_sub(1) as u64;
        let replayed = match self.for_ever_after {
            None if self.beyond => replay_until(world, &decisions, events),
            None => replay(world, &decisions),
            Some(after) => {
                let replayed = replay_until(world, &decisions, events);
                replayed.map(|trace| TraceOf::<World> { ending: Ending::Lasso(after), ..trace })
            }
        };
        let trace = replayed.map_err(|punctual_sim::ReplayError::Strays(strays)| {
            Unusable(format!("{strays} of its decisions are missing or not possible in this scenario"))
        })?;
        let differs = steps(&trace).iter().zip(&self.steps).position(|(new, old)| new != old);
        match differs
            .or((trace.steps.len() != self.steps.len()).then_some(trace.steps.len().min(self.steps.len())))
        {
            None => Ok(trace),
            Some(step) => Err(Unusable(format!("run again, it is another run from step {step} on"))),
        }
    }
}

/// Makes a folder. One of ours that is new says of itself that git is to leave it alone: nothing of a user's is
/// touched for that, and one that was there before stays as it is.
fn make(folder: &Path) -> io::Result<()> {
    let ours = folder.ancestors().find(|path| path.file_name().is_some_and(|name| name == OURS));
    let new = ours.filter(|ours| !ours.exists());
    fs::create_dir_all(folder)?;
    new.map_or(Ok(()), |new| fs::write(new.join(".gitignore"), "*\n"))
}

fn steps(trace: &TraceOf<World>) -> Vec<SavedStep> {
    let told = |step: &punctual_sim::Step<_, _>| SavedStep {
        at_us: step.at.0,
        event: step.event.map(|event| format!("{event:?}")),
        facts: step.facts.iter().map(|fact| format!("{fact:?}")).collect(),
    };
    trace.steps.iter().map(told).collect()
}

impl From<&Decision> for SavedDecision {
    fn from(decision: &Decision) -> Self {
        let about = match decision.about {
            About::Delay => SavedAbout::Delay,
            About::Choice => SavedAbout::Choice,
            About::Phase => SavedAbout::Phase,
            About::Tie => SavedAbout::Tie,
        };
        let Decision { name, occurrence, value, range, .. } = decision.clone();
        Self { about, name: name.text().to_owned(), occurrence, value, range }
    }
}

impl From<&SavedDecision> for Decision {
    fn from(saved: &SavedDecision) -> Self {
        let about = match saved.about {
            SavedAbout::Delay => About::Delay,
            SavedAbout::Choice => About::Choice,
            SavedAbout::Phase => About::Phase,
            SavedAbout::Tie => About::Tie,
        };
        let SavedDecision { name, occurrence, value, range, .. } = saved;
        Self { about, name: Name::new(name), occurrence: *occurrence, value: *value, range: *range }
    }
}
