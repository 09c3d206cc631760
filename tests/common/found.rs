//! What exploring says of a scenario of one invariant, or of two facts.

use punctual::budget::Budget;
use punctual::proof::{self, Proved, Spans};
use punctual::sampling::Prepared;
use punctual::scenarios::Scenario;
use punctual_model::Stretch;
use punctual_scenarios::fact;

/// More classes than each of these has.
const CLASSES: usize = 1_000;

/// What is true of the only invariant of a scenario in every timing: `holds`, `broken`, or why it is not known.
pub(crate) fn verdict(text: &str) -> String {
    let scenario = Scenario::parse("found.toml", text);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let prepared = Prepared::new(&scenario.cases[0]);
    let proof = proof::explore(&prepared, Budget::of(CLASSES)).expect("the judge of traces agrees");
    match &proof.proved[0] {
        Proved::Holds { .. } => "holds".to_owned(),
        Proved::Broken { .. } => "broken".to_owned(),
        Proved::Unknown { limit, .. } => format!("unknown: {limit}"),
    }
}

/// The least and the greatest time from one fact to the other, in microseconds; nothing if that never happens.
pub(crate) fn span(text: &str, from: &str, to: &str) -> Option<(u64, u64)> {
    let scenario = Scenario::parse("found.toml", text);
    let scenario = scenario.unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let prepared = Prepared::new(&scenario.cases[0]);
    let fact = |text| fact(&prepared.case.system, text).expect("a fact");
    let stretch = Stretch { from: fact(from), to: fact(to) };
    let found = proof::spans(&prepared, &[stretch], Budget::of(CLASSES)).remove(0);
    assert_eq!(found.beyond(), None);
    match found {
        Spans::Exact { least, greatest, .. } => Some((least.span.0, greatest.span.0)),
        Spans::Never { .. } => None,
        Spans::Unknown { limit } => panic!("unknown: {limit}"),
    }
}

/// Holds what exploring says of a scenario against runs of it that are drawn and cut.
pub(crate) fn holds_in_a_check(text: &str) {
    let scenario = punctual::Scenario::from_text("found", text).expect("it is sound");
    scenario.runs(20).check().expect("runs and exploring agree").expect_as_expected();
}
