//! What is said of numbers of states: in one line, if all are as expected.

use crate::document::{STATES_CODE, Scenario};
use crate::said::AS_WRITTEN;
use crate::style::Style;
use crate::text;

/// A sentence, and the mark before it.
pub(super) struct Line {
    pub(super) as_expected: bool,
    pub(super) mark: char,
    pub(super) said: String,
}

/// A line for each number that is not as expected, and one for all others together. With more words
/// a line for each case.
pub(super) fn lines(cases: &[Scenario], style: &Style) -> Vec<Line> {
    let told = |case: &&Scenario| style.verbose > 0 || !case.states.as_expected;
    // That a case was interrupted has been said of it already.
    let known = |case: &&Scenario| case.states.found.is_some() || case.interrupted_after.is_none();
    let mut lines: Vec<Line> =
        cases.iter().filter(told).filter(known).map(|case| line(case, style)).collect();
    let good: Vec<&Scenario> =
        cases.iter().filter(|case| !told(case) && case.states.expected.is_some()).collect();
    let said = match good[..] {
        [] => return lines,
        [one] if cases.len() == 1 => {
            format!("{}, as expected", text::count(one.states.found.unwrap_or(0), "state"))
        }
        _ if good.len() == cases.len() => "as many states as expected in every case".to_owned(),
        _ => format!("as many states as expected in {}", text::count(good.len() as u64, "case")),
    };
    lines.push(Line { as_expected: true, mark: style.glyphs().tick, said });
    lines
}

fn line(case: &Scenario, style: &Style) -> Line {
    let states = &case.states;
    let (as_expected, glyphs) = (states.as_expected, style.glyphs());
    let name = case.variant.as_deref().unwrap_or(AS_WRITTEN);
    let expected = states.expected.map(text::grouped);
    let (mark, said) = match (states.found, expected) {
        (Some(found), None) => (glyphs.tick, text::count(found, "state")),
        (Some(found), Some(_)) if as_expected => {
            (glyphs.tick, format!("{}, as expected", text::count(found, "state")))
        }
        (Some(found), Some(expected)) => {
            let found = text::count(found, "state");
            let changed = "the model or the engine has changed";
            (glyphs.cross, format!("{STATES_CODE} {found}, and {expected} are expected: {changed}"))
        }
        (None, expected) => {
            let limit = states.limit.as_deref().unwrap_or("a limit");
            let expected = expected.map_or(String::new(), |count| format!("; {count} are expected"));
            ('?', format!("states unknown, exploring stopped: {limit}{expected}"))
        }
    };
    Line { as_expected, mark, said: format!("{name}: {said}") }
}
