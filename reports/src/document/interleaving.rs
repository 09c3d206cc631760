//! What became of a named order of events.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::picture::Race;

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
