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

use std::collections::BTreeSet;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde::{Deserialize, Serialize, Serializer};

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

/// A run that contains a named order and does not come out as the scenario says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Against {
    /// Names the run.
    pub id: String,
    /// What does not fit, and in how many runs.
    pub why: String,
    /// Its picture.
    pub race: Race,
    /// The file that it was saved in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<String>,
    /// The command that shows it again.
    pub replay: String,
}

/// How long one event took from its publication to one client.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// Name of the event.
    pub event: String,
    /// Name of the client.
    pub client: String,
    /// Runs in which it never arrived.
    pub undelivered_runs: u64,
    /// The delays of the sampled runs, in microseconds; null if none were made.
    pub sampled_us: Option<SampledDelay>,
    /// The exact extremes over every timing, in microseconds; null if exploring stopped at a limit, or
    /// no timing delivers it.
    pub exact_us: Option<ExactDelay>,
}

/// Delays of sampled runs, in microseconds.
#[derive(Clone, PartialEq, Default, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SampledDelay {
    /// Arithmetic mean.
    #[serde(serialize_with = "rounded")]
    pub mean: f64,
    /// Median.
    pub p50: u64,
    /// 90th percentile.
    #[serde(default)]
    pub p90: u64,
    /// 99th percentile.
    pub p99: u64,
    /// 99.9th percentile.
    #[serde(default)]
    pub p999: u64,
    /// Largest.
    pub max: u64,
    /// The 95 % interval of the 99th percentile, from the order of the delays alone.
    #[serde(default)]
    pub p99_interval: (u64, u64),
    /// The delays that a share of the deliveries do not exceed: one for each of [`SHARES`].
    #[serde(default)]
    pub curve: Vec<u64>,
}

/// The shares of a delay curve, in tenths of a percent.
pub const SHARES: [u16; 47] = [
    0, 10, 25, 50, 75, 100, 125, 150, 175, 200, 225, 250, 275, 300, 325, 350, 375, 400, 425, 450, 475, 500,
    525, 550, 575, 600, 625, 650, 675, 700, 725, 750, 775, 800, 825, 850, 875, 900, 925, 950, 975, 980, 990,
    995, 997, 999, 1000,
];

/// The exact least and largest delay, in microseconds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ExactDelay {
    /// Least delay.
    pub min: u64,
    /// Largest delay; null if it is unbounded.
    pub max: Option<u64>,
    /// Whether some run takes the least, and one the largest. Else there is no largest, or it is a bound
    /// that no run was found for: clocks are read, of which exploring allows more than they do.
    pub attained: (bool, bool),
}

/// What polling costs, as means over the sampled runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Load {
    /// Reads of the database in one run.
    #[serde(serialize_with = "rounded")]
    pub database_reads_per_run: f64,
    /// Turns of the polling loops in one run.
    #[serde(serialize_with = "rounded")]
    pub polls_per_run: f64,
}

/// A named order of events, and whether the timing allows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Interleaving {
    /// Name of the interleaving.
    pub interleaving: String,
    /// What was found.
    pub verdict: InterleavingVerdict,
    /// What the scenario says.
    pub expected: Possibility,
    /// Whether the two agree.
    pub as_expected: bool,
    /// Runs sampled.
    pub runs: u64,
    /// Runs in which the order was seen.
    pub found_in: u64,
    /// States explored; null if not explored.
    pub states: Option<u64>,
    /// The step at which the timing refuses the order; null if it does not.
    pub refused_at: Option<String>,
    /// If impossible: why that step cannot follow those before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The limit at which exploring stopped, and how far it got; null if it did not stop at one.
    pub limit: Option<String>,
    /// A run that contains it and does not come out as the scenario says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
}

/// What was found out about a named order of events.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InterleavingVerdict {
    /// No timing allows it; every timing was explored.
    Impossible,
    /// A timing allows it, although no sampled run shows it.
    Possible,
    /// A run shows it.
    Found,
    /// No run shows it, and not every timing was explored.
    NotFound,
    /// A limit was reached first.
    Unknown,
}

/// What a scenario can say about a named order of events.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Possibility {
    /// No timing allows it.
    Impossible,
    /// Some timing allows it.
    Possible,
}

/// The code under which it is explained that there are others than the expected number of states.
pub const STATES_CODE: &str = "P1102";

/// The code of parts that come into play otherwise than the scenario says.
pub const NEVER_TAKEN_CODE: &str = "P1103";

/// A scenario with its variants: neighbouring entries of a document.
#[derive(Clone, Copy, Debug)]
pub struct Group<'d> {
    /// The scenario as it is written, and its variants; at least one.
    pub cases: &'d [Scenario],
}

/// How much was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Totals {
    /// Scenarios.
    pub scenarios: u64,
    /// Scenarios and variants.
    pub cases: u64,
    /// Verdicts on invariants and on interleavings, and numbers of states that are expected.
    pub checks: u64,
    /// How many of the checks ended as expected.
    pub as_expected: u64,
}

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

    /// Its scenarios, each with its variants. One file may be named twice: no variant occurs twice in a group.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups = Vec::new();
        let mut from = 0;
        for at in 1..=self.scenarios.len() {
            let goes_on = self.scenarios.get(at).is_some_and(|case| {
                let group = &self.scenarios[from..at];
                case.scenario == group[0].scenario && !group.iter().any(|known| known.variant == case.variant)
            });
            if !goes_on {
                groups.push(Group { cases: &self.scenarios[from..at] });
                from = at;
            }
        }
        groups
    }

    /// How much was checked.
    pub fn totals(&self) -> Totals {
        let cases = || self.scenarios.iter();
        let checks = cases().flat_map(|case| case.checks.iter().map(|check| check.as_expected));
        let orders = cases().flat_map(|case| case.interleavings.iter().map(|order| order.as_expected));
        let states = cases().map(|case| &case.states).filter(|states| states.expected.is_some());
        let idle = cases().flat_map(|case| case.never_taken.iter().map(|idle| idle.as_expected));
        let odd = idle.filter(|as_expected| !as_expected);
        let states = states.map(|states| states.as_expected);
        let all: Vec<bool> = checks.chain(orders).chain(states).chain(odd).collect();
        Totals {
            scenarios: self.groups().len() as u64,
            cases: self.scenarios.len() as u64,
            checks: all.len() as u64,
            as_expected: all.iter().filter(|as_expected| **as_expected).count() as u64,
        }
    }
}

impl Group<'_> {
    /// Name of the scenario.
    pub fn name(&self) -> &str {
        &self.cases[0].scenario
    }

    /// Where it is written.
    pub fn place(&self) -> Option<&str> {
        self.cases[0].place.as_deref()
    }

    /// Whether everything in it is as the scenario says.
    pub fn is_as_expected(&self) -> bool {
        self.cases.iter().all(Scenario::is_as_expected)
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

/// The document as text, indented by two spaces, with a newline at its end.
pub fn to_json(document: &Document) -> String {
    crate::programs::json(document)
}

/// The document as text in one line.
pub fn to_compact_json(document: &Document) -> String {
    serde_json::to_string(document).expect("strings and finite numbers always serialize")
}

/// The JSON schema (draft-07) of the document, as text with a newline at its end.
pub fn schema() -> String {
    // Of numbers draft 7 knows no format, and strict validators refuse what they do not know.
    let no_format = RecursiveTransform(|schema: &mut schemars::Schema| drop(schema.remove("format")));
    let settings = SchemaSettings::draft07().with_transform(no_format);
    let mut schema = settings.into_generator().into_root_schema_for::<Document>().to_value();
    // Another crate of the build may make maps keep the order of insertion; ours does not depend on it.
    schema.sort_all_objects();
    let mut text = format!("{schema:#}");
    text.push('\n');
    text
}

/// `value` with six significant digits, the same on every machine; what is not finite becomes 0.
pub fn significant(value: f64) -> f64 {
    if !value.is_finite() || value == 0.0 {
        return 0.0;
    }
    format!("{value:.5e}").parse().expect("a printed float parses")
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn is_false(value: &bool) -> bool {
    !*value
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn rounded<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(significant(*value))
}

fn rounded_pair<S: Serializer>(pair: &[f64; 2], serializer: S) -> Result<S::Ok, S::Error> {
    pair.map(significant).serialize(serializer)
}
