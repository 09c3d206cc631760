//! What is not as expected, on the lines of the scenario that claim it: as GitHub's workflow commands.

use std::fmt::Write as _;

use crate::document::{Document, Scenario};
use crate::said;
use crate::text;

/// Most annotations: GitHub shows no more of one step.
pub const MOST: usize = 10;

/// A place in a scenario file where something is claimed that is not so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spot {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The variant; none for the scenario as it is written.
    pub variant: Option<String>,
    /// The invariant, the interleaving, the step or the like that is never taken, or `states`.
    pub what: String,
}

/// One command a line, at most [`MOST`]; where there are more, the last one says so.
pub fn github(document: &Document, spots: &[Spot]) -> String {
    let mut out = String::new();
    let shown = if spots.len() > MOST { MOST - 1 } else { spots.len() };
    for spot in &spots[..shown] {
        let of = document
            .scenarios
            .iter()
            .find(|case| case.place.as_deref() == Some(spot.file.as_str()) && case.variant == spot.variant);
        let message = of.map_or_else(|| "not as expected".to_owned(), |case| message(case, &spot.what));
        let title =
            of.map_or_else(|| spot.what.clone(), |case| format!("{} in {}", spot.what, said::of_case(case)));
        let _ = writeln!(
            out,
            "::error file={},line={},col={},title={}::{}",
            property(&spot.file),
            spot.line,
            spot.column,
            property(&title),
            data(&message)
        );
    }
    if shown < spots.len() {
        let more = spots.len() - shown;
        let _ = writeln!(out, "::error title=punctual::{more} more are not as expected; the report has them");
    }
    out
}

fn message(case: &Scenario, what: &str) -> String {
    if let Some(check) = case.checks.iter().find(|check| check.invariant == what) {
        let found = check.counterexample.as_ref();
        let why = found.and_then(|found| found.why.as_ref()).map_or(String::new(), |why| format!(": {why}"));
        let replay = found.and_then(|found| found.replay.as_ref());
        let replay = replay.map_or(String::new(), |replay| format!("\n{replay}"));
        return format!("{}{why}{replay}", said::verdict(check));
    }
    if let Some(order) = case.interleavings.iter().find(|order| order.interleaving == what) {
        return said::interleaving(order);
    }
    if let Some(idle) = case.never_taken.iter().find(|idle| idle.part == what) {
        return if idle.taken { "taken in some timing" } else { "never taken in any timing" }.to_owned();
    }
    let found = case.states.found.map_or("unknown".to_owned(), text::grouped);
    format!("{found} states, and {} are expected", case.states.expected.map_or(String::new(), text::grouped))
}

/// A property of a command, as the runner reads it.
fn property(said: &str) -> String {
    data(said).replace(':', "%3A").replace(',', "%2C")
}

/// A message, as the runner reads it.
fn data(said: &str) -> String {
    let lines: Vec<String> = said.lines().map(|line| text::clean(line, 1_000, false)).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_message_ends_it_or_begins_another() {
        assert_eq!(data("50 %\n::error::x"), "50 %25%0A::error::x");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
        let spot = Spot { file: "s.toml".into(), line: 3, column: 1, variant: None, what: "states".into() };
        let all = github(&Document::new(vec![]), &vec![spot; 12]);
        assert_eq!(all.lines().count(), MOST);
        assert!(all.ends_with("3 more are not as expected; the report has them\n"), "{all}");
    }
}
