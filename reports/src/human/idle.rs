//! What is said of what never comes into play: that it does not, where nobody said so.

use super::states::Line;
use crate::document::{Check, NEVER_TAKEN_CODE, Scenario, Verdict};
use crate::said::{self, AS_WRITTEN};
use crate::style::Style;

/// A line for each case of which something is not as the scenario says. With more words one for each case of
/// which something is said.
pub(super) fn lines(cases: &[Scenario], style: &Style) -> Vec<Line> {
    let line = |case: &Scenario| {
        let name = case.variant.as_deref().unwrap_or(AS_WRITTEN);
        let odd = said::idle(case, false).map(|said| Line {
            as_expected: false,
            mark: style.glyphs().cross,
            said: format!("{name}: {NEVER_TAKEN_CODE} {said}"),
        });
        let known = said::idle(case, true).filter(|_| style.verbose > 0).map(|said| Line {
            as_expected: true,
            mark: style.glyphs().tick,
            said: format!("{name}: {said}, as expected"),
        });
        [odd, known]
    };
    cases.iter().flat_map(line).flatten().collect()
}

/// A line for each check that holds, and that runs do not live to see.
pub(super) fn ends(cases: &[Scenario], style: &Style) -> Vec<Line> {
    let holds = |check: &&Check| check.verdict == Verdict::Holds;
    let line = |case: &Scenario, check: &Check| {
        let name = case.variant.as_deref().unwrap_or(AS_WRITTEN);
        let end = check.end_of_runs.as_ref()?;
        let said = format!("{name}: {} holds; {end}", check.invariant);
        Some(Line { as_expected: true, mark: style.glyphs().tick, said })
    };
    let lines = |case: &Scenario| -> Vec<Line> {
        case.checks.iter().filter(holds).filter_map(|check| line(case, check)).collect()
    };
    cases.iter().flat_map(lines).collect()
}
