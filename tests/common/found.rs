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

/// A stream with one cursor for two stores, which the greatest id of one of them sets back in the other.
const SET_BACK: &str = r#"
ends = "0us after w0"
scenario = "set-back"
about = "One cursor is held against two stores, and set to the greatest id of the one that is empty."
[[client]]
latency = "0us"
name = "c"
[[event]]
name = "e"
[[event]]
name = "f"
[expect]
no-duplicate = "any"
[job]
status = "a"
[[store]]
ids = "given"
name = "events"
[[store]]
ids = "given"
name = "others"
[[task]]
name = "w0"
node = "n0"
steps = [{ spawn = "w1" }]
[[task]]
name = "w1"
node = "n0"
starts = "spawned"
steps = [{ commit = "row" }, { id = 4, publish = "f", to = "others" }]
[[task]]
loop = [
  { read = ["status", "row"] },
  { announce = "e", cursor = "greatest of events", if = ["count above"] },
  { send = "others" }, { sleep = "1us" },
]
name = "s"
node = "n1"
serves = "c"
steps = [{ returns = "0us", send = "others", takes = "0us" }]
"#;

/// Scenarios in which one cursor that is held against two stores is set back: to the greatest id of the other one, to the
/// id that its task published last in it, and to the id of the event that it adds to it.
pub(crate) fn set_back() -> [String; 3] {
    let publishes = "steps = [{ publish = \"e\", to = \"events\", id = 1 }, { returns";
    let own =
        SET_BACK.replace("steps = [{ returns", publishes).replace("greatest of events", "own of events");
    let counted =
        own.replace(", id = 1", "").replace("\"given\"\nname = \"events\"", "\"counter\"\nname = \"events\"");
    let adds = counted.replace("announce = \"e\"", "announce = \"e\", into = \"events\"");
    [SET_BACK.to_owned(), own, adds]
}
