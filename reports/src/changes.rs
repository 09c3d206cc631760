//! What is other in a result than in another: as data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::made_with::MadeWith;

/// What is other than it was.
#[allow(clippy::struct_field_names, reason = "the key of the document")]
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Changes {
    /// With what the baseline was made.
    pub baseline: MadeWith,
    /// What changed, what got worse first.
    pub changes: Vec<Change>,
    /// Cases whose scenario is another than in the baseline: what changed there may be meant.
    pub other_scenario: Vec<String>,
    /// Cases that the baseline does not have.
    pub only_now: Vec<String>,
    /// Cases that only the baseline has.
    pub only_before: Vec<String>,
    /// Broken in both, about as often.
    pub ongoing: u64,
}

/// Something that is other than it was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What kind of change.
    pub kind: Kind,
    /// Whether it is for the worse.
    pub worse: bool,
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the variant; null for the scenario as it is written.
    pub variant: Option<String>,
    /// The invariant, the interleaving, or the event and the client.
    pub about: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// How something changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Broken now, and was not.
    New,
    /// Decided before, and is not now.
    Undecided,
    /// Looked at before, and not now.
    NoLongerChecked,
    /// Arrived before, and never does now.
    NeverArrives,
    /// Broken more often.
    MoreFrequent,
    /// Arrives later.
    Slower,
    /// Holds in the runs, and was proved for every timing.
    NoLongerProved,
    /// Broken less often.
    Rarer,
    /// Arrives sooner.
    Faster,
    /// Was broken, and is not any more.
    Resolved,
}

impl Kind {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Kind::New => "new",
            Kind::Undecided => "undecided",
            Kind::NoLongerChecked => "no longer checked",
            Kind::NeverArrives => "never arrives",
            Kind::MoreFrequent => "more frequent",
            Kind::Slower => "slower",
            Kind::NoLongerProved => "no longer proved",
            Kind::Rarer => "rarer",
            Kind::Faster => "faster",
            Kind::Resolved => "resolved",
        }
    }
}
