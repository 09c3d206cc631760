//! The documents of `punctual delay` and of `punctual threshold`, as types.
//!
//! Like that of `punctual check` their shape is a promise, and their bytes depend on nothing but the
//! scenario and the version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name and version of the shape of [`Delays`].
pub const DELAY: &str = "punctual.delay/1";

/// How far apart facts can be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Delays {
    /// Name and version of this shape.
    pub schema: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the variant; null for the scenario as it is written.
    pub variant: Option<String>,
    /// Digest of the scenario with the variant applied.
    pub digest: String,
    /// What was asked for.
    pub stretches: Vec<Stretch>,
}

/// A document as text.
pub fn to_json(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("such a document is always text");
    text.push('\n');
    text
}

/// How far apart two facts can be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Stretch {
    /// Where it begins.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// What was found.
    pub found: Found,
    /// The number of states that show it.
    pub states: Option<u64>,
    /// The least over every timing, in microseconds; null if not known.
    pub least_us: Option<u64>,
    /// The greatest over every timing, in microseconds; null if not known or unbounded.
    pub greatest_us: Option<u64>,
    /// Whether a run was made that takes the least, and one that takes the greatest; where there is none
    /// the end is only known to be a bound. Null if there are no ends.
    pub attained: Option<(bool, bool)>,
    /// The limit that was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// If that is so only up to the end that the scenario gives to runs: the limit that was met beyond it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond_end: Option<String>,
}

/// What is known of how far apart two facts can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// The least and the greatest.
    Exact,
    /// The least, and that there is no greatest.
    Unbounded,
    /// That the second never follows the first.
    Never,
    /// Nothing: a limit was met.
    Unknown,
}

/// The name and version of the shape of [`Thresholds`].
pub const THRESHOLD: &str = "punctual.threshold/1";

/// For which values of a parameter an invariant holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Thresholds {
    /// Name and version of this shape.
    pub schema: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the variant; null for the scenario as it is written.
    pub variant: Option<String>,
    /// The invariant.
    pub invariant: String,
    /// The parameter that is varied.
    pub parameter: String,
    /// What it is in the file, in microseconds.
    pub now_us: u64,
    /// One row; or, if there are more parameters, one for each of their values.
    pub rows: Vec<ThresholdRow>,
}

/// What is true of the values of a parameter while others have one value each.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdRow {
    /// The other parameters, and their values in microseconds.
    pub at_us: Vec<(String, u64)>,
    /// All values of the range, in order.
    pub regions: Vec<Region>,
}

/// Neighbouring values of which one thing is true.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Region {
    /// The least, in microseconds.
    pub from_us: u64,
    /// The greatest, in microseconds.
    pub to_us: u64,
    /// Whether the invariant holds for all of them, or for none.
    pub verdict: crate::document::Verdict,
    /// Of values that hold: the states that prove it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub states: Option<u64>,
    /// Of values that are not known: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Of values that break it: runs at those that lie next to values that hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<EdgeRun>,
}

/// A run that breaks an invariant at the edge of what is safe.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct EdgeRun {
    /// The value of the parameter, in microseconds.
    pub at_us: u64,
    /// Names the run.
    pub id: String,
    /// How many steps it takes.
    pub steps: u64,
    /// The least time between two tasks meeting in it, in microseconds; 0 if it takes a tie.
    pub smallest_gap_us: u64,
}
