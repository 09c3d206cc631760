//! What is looked for where a path leads: a duration or any value, and which end of an interval.
//!
//! Parameters are found by paths and paths are told by the parameters that there are; both stand on this.

use crate::duration::duration;

/// What a parameter is looked for as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// One whose values are durations.
    Durations,
    /// Any value.
    Values,
}

/// A path, and which end of an interval is meant.
pub(crate) fn ended(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once('.') {
        Some((path, end @ ("min" | "max"))) => (path, Some(end)),
        _ => (name, None),
    }
}

/// Whether a word is an interval.
pub(crate) fn is_interval(word: &str) -> bool {
    word.contains("..") && duration(word).is_err()
}

/// A text as TOML writes it.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}
