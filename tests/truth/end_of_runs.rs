//! The end of runs decides nothing.

use super::{SILENT, case, parse, verdict};
use punctual::budget::Budget;
use punctual::proof::{self, STATES, Spans};
use punctual::sampling::Prepared;
use punctual::threshold::{Asked, Safety};
use punctual_model::{ClientId, EventId, Stretch};
use punctual_sim::Span;

/// For which limits of the page's timer it never fires.
fn safe_limits(text: &str) -> Vec<(u64, u64, &'static str)> {
    let scenario = parse(text);
    let parameter = scenario.parameter(punctual::scenarios::BASE, "client.page.timer.silence.limit");
    let asked = Asked {
        scenario: &scenario,
        variant: punctual::scenarios::BASE,
        fixed: Vec::new(),
        parameter: &parameter.expect("it is a duration of the file"),
        keep: "client-never-times-out",
        budget: Budget::of(STATES),
    };
    let answer = asked.regions(Span::secs(1), Span::secs(200)).expect("the range can be asked for");
    let said = |safety: &Safety| match safety {
        Safety::Safe { .. } => "safe",
        Safety::Breaks => "breaks",
        Safety::Unknown { .. } => "unknown",
    };
    answer.regions.iter().map(|region| (region.from.0, region.to.0, said(&region.safety))).collect()
}

#[test]
fn no_edge_is_one_of_the_end_of_runs() {
    for ends in ["60s after export", "100s after export"] {
        let text = SILENT.replace("60s after export", ends);
        assert_eq!(safe_limits(&text), [(1_000_000, 200_000_000, "breaks")], "{ends}");
    }
}

#[test]
fn what_holds_only_because_the_run_is_over_does_not_hold() {
    let late = SILENT.replace("limit = \"30s\"", "limit = \"90s\"");
    assert_eq!(verdict(SILENT, None, "client-never-times-out"), "broken");
    assert_eq!(verdict(&late, None, "client-never-times-out"), "broken beyond the end");
}

/// A page that comes to its end by a timer, long after the runs are over.
#[test]
fn what_comes_after_the_run_is_over_still_comes() {
    let late = SILENT.replace("limit = \"30s\"", "limit = \"90s\"\nends = true");
    assert_eq!(verdict(&late, None, "client-ends"), "holds");
    let checked = punctual::Scenario::from_text("truth.toml", &late).expect("a sound scenario").runs(200);
    checked.check().expect("no run contradicts it").expect_holds("client-ends");
}

#[test]
fn a_delay_is_measured_beyond_the_end_of_runs_too() {
    let text = SILENT
        .replace("60s after export", "10ms after export")
        .replace("{ wait = \"message\" }", "{ sleep = \"20s\" }")
        .replace("never-taken = [\"sse.announce\", \"sse.close\"]\n", "");
    let scenario = parse(&text);
    let prepared = Prepared::new(case(&scenario, None));
    let stretch = Stretch::delivery(EventId(0), ClientId(0));
    let found = proof::spans(&prepared, &[stretch], Budget::of(STATES)).remove(0);
    let Spans::Exact { greatest, beyond, .. } = found else { panic!("{found:?}") };
    // A look that ends just before the publication, a sleep, another look, and the way.
    assert_eq!((greatest.span, beyond), (Span(20_000_000 + 3_000 + 80_000), None));
}

/// A clock gives one id, and the stream goes on for ever.
const READ_ONCE: &str = r#"
scenario = "read-once"
about = "Runs end before the stream has looked."
ends = "0us after job"
[job]
status = "running"
[[event]]
name = "a"
[[store]]
name = "events"
ids = "clock 4s"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "a" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{ send = "events", takes = "1s" }]
[[client]]
name = "page"
latency = "0us"
[expect]
no-event-lost = "any"
"#;

#[test]
fn what_only_the_end_of_runs_breaks_is_not_broken_where_what_comes_after_is_not_known() {
    let said = verdict(READ_ONCE, None, "no-event-lost");
    assert!(said == "holds" || said.starts_with("unknown"), "{said}");
}
