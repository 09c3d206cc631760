//! A line of a log as it was read, and the places in a log that others point to.
//!
//! What reads logs, what judges them and what is wrong with them all speak of these, and these of none of them.

use std::fmt;

use punctual_model::Fact;
use serde::Serialize;

/// The number of a line in its file, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LineNumber(pub usize);

impl fmt::Display for LineNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whose clock an instant is by: a writer, by its place among those of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Writer(pub usize);

/// A fact of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it stands.
    pub number: LineNumber,
    /// When, in microseconds by the clock of its writer.
    pub at: i64,
    /// What.
    pub fact: Fact,
    /// Whose clock that is.
    pub writer: Writer,
}

/// What is wrong with a log that can be read, or with the clocks of its writers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The line where it shows.
    pub line: LineNumber,
    /// What it is, in a sentence.
    pub what: String,
}
