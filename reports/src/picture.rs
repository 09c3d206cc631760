//! What the picture of a race shows: lanes, bars, marks, arrows, and the window in which it is lost.
//!
//! A race is about intervals: who was asleep while what was visible but not yet announced. So the
//! lanes (in causal order) carry bars as well as marks, the blind window is a band with its length,
//! the deadline is a line through all lanes, and the decisive pair of instants is named, because
//! the axis gives it room. This module is data only; `terminal` draws it.
//!
//! ```
//! use punctual_reports::picture::{Mark, MarkKind, Race};
//! use punctual_reports::{style::Style, terminal};
//!
//! let mut race = Race::new(["job", "stream"]);
//! race.marks.push(Mark::new(1, 23_741_000, MarkKind::Miss, "read: nothing"));
//! race.marks.push(Mark::new(0, 23_749_000, MarkKind::Commit, "row visible"));
//! race.focus = (23_741_000, 23_749_000);
//! let picture = terminal::picture(&race, &Style::plain());
//! assert!(picture.contains("8 ms"));
//! ```

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A race, ready to be drawn. All times are in microseconds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Race {
    /// Names of the lanes, causes above effects.
    pub lanes: Vec<String>,
    /// What lasts.
    pub bars: Vec<Bar>,
    /// What happens at one instant.
    pub marks: Vec<Mark>,
    /// What goes from one lane to another.
    pub arrows: Vec<Arrow>,
    /// Windows with a name, drawn under the lanes with their length.
    pub bands: Vec<Band>,
    /// A line through all lanes.
    pub deadline: Option<Deadline>,
    /// The decisive pair of instants; equal if there is none.
    pub focus: (u64, u64),
    /// The instants that the sentence above it names: what happens then is neither folded nor left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<u64>,
    /// What to show; everything if it is empty.
    pub horizon: (u64, u64),
}

/// Something that lasts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Bar {
    /// Index of its lane.
    pub lane: usize,
    /// Its first instant.
    pub from: u64,
    /// Its last instant.
    pub to: u64,
    /// How it is drawn.
    pub kind: BarKind,
    /// What it is; may be empty.
    pub label: String,
}

/// How a bar is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BarKind {
    /// Working, or blocking its event loop.
    Busy,
    /// Waiting for something.
    Waiting,
    /// Asleep until a time.
    Sleeping,
    /// Crashed, cut off or gone.
    Dead,
}

/// Something that happens at one instant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// Index of its lane.
    pub lane: usize,
    /// When.
    pub at: u64,
    /// How it is drawn.
    pub kind: MarkKind,
    /// What it is; may be empty.
    pub label: String,
}

/// How a mark is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// A step finished.
    Done,
    /// Something happened, neither good nor bad.
    Plain,
    /// A read that does not find what is wanted.
    Miss,
    /// Something becomes visible to others.
    Commit,
    /// A read that finds it.
    Hit,
    /// Something was sent.
    Sent,
    /// Something arrived in time.
    Arrived,
    /// Something arrived too late.
    Late,
    /// Something was lost for good.
    Lost,
    /// A timer or deadline passed.
    Deadline,
    /// What must not be.
    Wrong,
}

/// Something that goes from one lane to another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Arrow {
    /// Index of the lane that it leaves.
    pub from_lane: usize,
    /// When it leaves.
    pub from: u64,
    /// Index of the lane that it is for.
    pub to_lane: usize,
    /// When it arrives; never if none.
    pub to: Option<u64>,
    /// What it carries; may be empty.
    pub label: String,
}

/// A window with a name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Band {
    /// Its first instant.
    pub from: u64,
    /// Its last instant.
    pub to: u64,
    /// What it is; its length is added.
    pub label: String,
}

/// A line through all lanes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Deadline {
    /// When.
    pub at: u64,
    /// What it is; its time is added.
    pub label: String,
}

impl Race {
    /// An empty race with these lanes.
    pub fn new<const N: usize>(lanes: [&str; N]) -> Race {
        Race {
            lanes: lanes.map(str::to_owned).to_vec(),
            bars: Vec::new(),
            marks: Vec::new(),
            arrows: Vec::new(),
            bands: Vec::new(),
            deadline: None,
            focus: (0, 0),
            told: Vec::new(),
            horizon: (0, 0),
        }
    }
}

impl Bar {
    /// A bar.
    pub fn new(lane: usize, from: u64, to: u64, kind: BarKind, label: &str) -> Bar {
        Bar { lane, from, to, kind, label: label.to_owned() }
    }
}

impl Mark {
    /// A mark.
    pub fn new(lane: usize, at: u64, kind: MarkKind, label: &str) -> Mark {
        Mark { lane, at, kind, label: label.to_owned() }
    }
}

impl Arrow {
    /// An arrow from `(lane, time)` to `(lane, time)`.
    pub fn new(from: (usize, u64), to: (usize, u64), label: &str) -> Arrow {
        let label = label.to_owned();
        Arrow { from_lane: from.0, from: from.1, to_lane: to.0, to: Some(to.1), label }
    }

    /// An arrow from `(lane, time)` that never reaches `to_lane`.
    pub fn lost(from: (usize, u64), to_lane: usize, label: &str) -> Arrow {
        Arrow { from_lane: from.0, from: from.1, to_lane, to: None, label: label.to_owned() }
    }
}

impl Band {
    /// A band.
    pub fn new(from: u64, to: u64, label: &str) -> Band {
        Band { from, to, label: label.to_owned() }
    }
}
