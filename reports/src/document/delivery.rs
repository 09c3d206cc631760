//! How long events took, and what the polling behind that cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::written::rounded;

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
