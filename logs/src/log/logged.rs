//! A run as a log tells it.
//!
//! It is filled line by line by what reads it, and knows nothing of how.

use super::bad::Garbled;
use super::line::{Finding, Line, LineNumber, Writer};
use crate::kinds::Kinds;

/// A run as it was logged.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// What it is called.
    pub run: String,
    /// What it tells, in the order of the file.
    pub lines: Vec<Line>,
    /// The names of the writers.
    pub writers: Vec<String>,
    /// When it was over, if it says so.
    pub ends: Option<i64>,
    /// Which kinds of facts it tells, as far as its lines show it or its first line says so.
    pub kinds: Kinds,
    /// What is wrong with the log itself.
    pub findings: Vec<Finding>,
}

impl Log {
    /// A writer, whether it has a name or not.
    pub(crate) fn named(&self, writer: Writer) -> &str {
        let name = &self.writers[writer.0];
        if name.is_empty() { "the writer" } else { name }
    }

    /// Notes that its last line was not written to the end: what came after it is unknown.
    pub(super) fn cut_off(&mut self, line: LineNumber, garbled: &Garbled) {
        self.findings.push(Finding { line, what: format!("the line is cut off: {garbled}") });
        self.ends = None;
    }
}
