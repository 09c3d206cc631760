//! The document of `punctual check --format json`, as types.
//!
//! Programs read it, so its shape is a promise: the order of the keys is that of the fields below,
//! floats keep six significant digits, and nothing in it depends on the machine, the clock or the
//! folder. Two runs of one version with one seed print the same bytes. The schema is made from the
//! same types and kept in `reports/check.schema.json`, where editors and other languages find it.
//!
//! ```
//! use punctual_reports::document::{Document, to_json};
//!
//! let empty = Document { as_expected: true, ..Document::new(Vec::new()) };
//! assert!(to_json(&empty).starts_with("{\n  \"schema\": \"punctual.check/1\","));
//! ```

mod delivery;
mod group;
mod interleaving;
mod written;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::delivery::{Delivery, ExactDelay, Load, SHARES, SampledDelay};
pub use self::group::{Group, Totals};
pub use self::interleaving::{Against, Interleaving, InterleavingVerdict, Possibility};
use self::written::{is_false, rounded_pair};
pub use self::written::{schema, significant, to_compact_json, to_json};
use crate::changes::Changes;
pub use crate::made_with::MadeWith;
use crate::picture::Race;

/// The name and version of the shape; a change that can break a reader gets a new number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub enum Schema {
    /// The first shape.
    #[serde(rename = "punctual.check/1")]
    Check1,
}

/// All that one `punctual check` found out.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Name and version of this shape.
    pub schema: Schema,
    /// Whether every check and every interleaving ended as its scenario expects, and there are as many
    /// states as it says.
    pub as_expected: bool,
    /// Whether it was interrupted: then fewer runs were made than asked for, or not every timing was
    /// looked at, and what is undecided has the limit `interrupted`.
    #[serde(default)]
    pub interrupted: bool,
    /// With what it was found out.
    #[serde(default)]
    pub made_with: MadeWith,
    /// What is other than in a baseline; missing if it was held against none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// One entry per scenario and variant, in the order in which they were selected.
    pub scenarios: Vec<Scenario>,
}

/// One scenario under one variant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Scenario {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the variant; null for the scenario as it is written.
    pub variant: Option<String>,
    /// What the file says that it is about; empty if it says nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Of the scenario as it is written: the variants that are proposed as fixes, in the order in which they are
    /// recommended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<String>,
    /// Where it is written, as it was named on the command line. Not kept: it is of the machine.
    #[serde(skip)]
    pub place: Option<String>,
    /// Runs made when it was interrupted; missing if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted_after: Option<u64>,
    /// Digest of the scenario with the variant applied: what was run.
    pub digest: String,
    /// The verdict on each invariant.
    pub checks: Vec<Check>,
    /// How many states exploring every timing kept.
    pub states: States,
    /// What no timing brings into play, and what does although the scenario says that it never does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never_taken: Vec<Idle>,
    /// How long each event took to each client.
    pub deliveries: Vec<Delivery>,
    /// What the polling cost; null if no runs were made.
    pub load: Option<Load>,
    /// The named orders of events, and whether the timing allows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interleavings: Vec<Interleaving>,
}

/// How many states exploring every timing kept, over all invariants.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct States {
    /// How many were kept; null if exploring stopped at a limit.
    pub found: Option<u64>,
    /// How many the scenario says there are; null if it says nothing.
    pub expected: Option<u64>,
    /// Whether the two agree; where the scenario says nothing, always.
    pub as_expected: bool,
    /// The limit at which exploring stopped, and how far it got; null if it did not stop at one.
    pub limit: Option<String>,
}

/// A step, a timer, a reaction or a line of a policy, and whether it ever comes into play.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Idle {
    /// What the scenario calls it: `stream.close`, `client.page.timer.silence`.
    pub part: String,
    /// Whether some timing brings it into play.
    pub taken: bool,
    /// Whether that is what the scenario says.
    pub as_expected: bool,
}

/// The verdict on one invariant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Name of the invariant.
    pub invariant: String,
    /// Whether it is broken where an event never arrives, and only there. Not kept: it is of the invariant, and
    /// [`Document::recall`] says it again.
    #[serde(skip)]
    pub of_loss: bool,
    /// What was found.
    pub verdict: Verdict,
    /// What the scenario says must be found; null if it says nothing.
    pub expected: Option<Expected>,
    /// Whether the two agree. Where the scenario says that either will do, always; where it says
    /// nothing, whether the verdict is not `unknown`.
    pub as_expected: bool,
    /// What the verdict rests on.
    pub evidence: Evidence,
    /// What the invariant asks for: `at most 2 s`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub wanted: String,
    /// What was seen of it: `arrives 2.038 s after it was published`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// How far the two are apart: `38 ms too late`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<String>,
    /// The code that `punctual explain` takes: `P1001`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Whether it is unknown only because it was interrupted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cut_short: bool,
    /// What the end that the scenario gives to runs has to do with it; missing if nothing: that it holds only up to
    /// there, or that runs are over before it has come about, or break it only by what arrives after their end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of_runs: Option<String>,
    /// What the sampled runs say; null if none were made.
    pub sampled: Option<Sampled>,
    /// A run that breaks the invariant; null if none was found.
    pub counterexample: Option<Counterexample>,
}

/// What was found out about an invariant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No run that was looked at breaks it; see the evidence for which were.
    Holds,
    /// A run breaks it, and was replayed.
    Violated,
    /// A limit was reached first.
    Unknown,
}

/// What a scenario can expect of an invariant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// It must hold.
    Holds,
    /// It must break.
    Violated,
}

/// What a verdict rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Evidence {
    /// Every order that the declared delays allow was explored.
    EveryTiming {
        /// How many states that took.
        states: u64,
    },
    /// Runs were sampled; see `sampled`.
    Runs,
    /// Exploring stopped at a limit.
    Limit {
        /// Which limit, with its value, and how far exploring got.
        limit: String,
    },
}

/// What the sampled runs say about an invariant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Sampled {
    /// Runs made; without those that were stopped at a limit before it was known whether they
    /// break the invariant.
    pub runs: u64,
    /// Runs that break the invariant.
    pub violations: u64,
    /// Lower and upper end of the 95 % interval of the chance that a run breaks it; what a stopped
    /// run would have come to counts for neither end.
    #[serde(serialize_with = "rounded_pair")]
    pub rate: [f64; 2],
}

/// Where a violation can be seen again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Counterexample {
    /// Names the run. If its verdict is not as expected, `punctual check` saves it as `ID.json` in
    /// `.punctual/failures`, or where `--failures` says, and `punctual replay ID` shows it again.
    /// One of an expected verdict is not saved; `punctual replay SCENARIO INVARIANT` finds it anew.
    pub id: String,
    /// How many steps the run takes.
    pub steps: u64,
    /// The least time between two consecutive events of different tasks that touch one store, row,
    /// link or client, in microseconds; the length of the run if no two tasks meet in it.
    pub smallest_gap_us: u64,
    /// Whether only a tie breaks the invariant: every such run has two things at one instant, of which either
    /// could have come first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_by_a_tie: bool,
    /// The command that shows it again: `punctual replay 7c1e`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<String>,
    /// The file that it was saved in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<String>,
    /// How many runs it took until one broke it, if that is more than were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took_runs: Option<u64>,
    /// One sentence that says why the run breaks the invariant. This and what follows is missing where
    /// another check of the same case tells of the same run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The nearest run that passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
    /// Where delays must fall for it to break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub race: Option<Race>,
}

/// The code under which it is explained that there are others than the expected number of states.
pub const STATES_CODE: &str = "P1102";

/// The code of parts that come into play otherwise than the scenario says.
pub const NEVER_TAKEN_CODE: &str = "P1103";

/// Adds the file to the name of scenarios that share one.
fn tell_apart(scenarios: &mut [Scenario]) {
    let files: BTreeSet<(String, Option<String>)> =
        scenarios.iter().map(|case| (case.scenario.clone(), case.place.clone())).collect();
    for case in scenarios {
        let shared = files.iter().filter(|(name, _)| *name == case.scenario).count() > 1;
        if let (true, Some(place)) = (shared, &case.place) {
            case.scenario = format!("{} ({place})", case.scenario);
        }
    }
}

impl Document {
    /// A document of these scenarios, of a check that came to its end; `as_expected` is what their
    /// checks, interleavings and numbers of states say. Scenarios of one name that are in several files are called
    /// by both: `export (old/export.toml)`.
    pub fn new(mut scenarios: Vec<Scenario>) -> Document {
        tell_apart(&mut scenarios);
        let as_expected = scenarios.iter().all(Scenario::is_as_expected);
        let made_with = MadeWith::default();
        Document {
            schema: Schema::Check1,
            as_expected,
            interrupted: false,
            made_with,
            changes: None,
            scenarios,
        }
    }

    /// Says again, of a document that was read, what is not kept in it: whether the invariant of a name is broken where
    /// an event never arrives, and only there.
    pub fn recall(&mut self, is_of_loss: impl Fn(&str) -> bool) {
        for check in self.scenarios.iter_mut().flat_map(|case| &mut case.checks) {
            check.of_loss = is_of_loss(&check.invariant);
        }
    }
}

impl Scenario {
    /// Whether everything in it is as the scenario says.
    pub fn is_as_expected(&self) -> bool {
        self.states.as_expected
            && self.never_taken.iter().all(|idle| idle.as_expected)
            && self.checks.iter().all(|check| check.as_expected)
            && self.interleavings.iter().all(|order| order.as_expected)
    }
}

impl Check {
    /// The picture of a run that breaks it.
    pub fn race(&self) -> Option<&Race> {
        self.counterexample.as_ref()?.race.as_ref()
    }
}
