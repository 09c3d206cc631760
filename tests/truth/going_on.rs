//! Systems that may go on for ever, and streams that end before a page is done or after.

use super::{SILENT, parse, verdict};
use punctual::budget::Budget;
use punctual::proof::STATES;

/// A loop that polls for as long as the job has not ended, which it may never do.
const MAY_NEVER_END: &str = r#"
scenario = "may-never-end"
about = "A poll loop on a job that may never end."
[job]
status = "running"
[[event]]
name = "a"
terminal = true
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [
  { publish = "a", takes = "1s", chance = 0.5 },
  { status = "completed", takes = "1s..2s", chance = 0.5 },
]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [
  { read = "status", takes = "1ms..2ms" },
  { send = "events", takes = "1ms..2ms" },
  { close = "page", if = "is completed" },
  { sleep = "1s" },
]
[[client]]
name = "page"
latency = "5ms"
[[client.on]]
event = "a"
ends = true
[limits]
stream-ends = "3s"
[expect]
no-event-lost = "holds"
client-ends = "violated"
stream-ends = "violated"
no-duplicate = "holds"
"#;

#[test]
fn systems_that_may_go_on_for_ever_are_decided() {
    let said = ["no-event-lost", "no-duplicate", "client-ends", "stream-ends"]
        .map(|invariant| verdict(MAY_NEVER_END, None, invariant));
    assert_eq!(said, ["holds", "holds", "broken", "broken"]);
}

/// The job has two tasks, and the stream ends between their ends.
const TWO_TASKS: &str = r#"
scenario = "two-tasks"
about = "The job is over when the last of its tasks is."
[job]
status = "running"
[[event]]
name = "a"
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "first"
node = "worker"
steps = [{ publish = "a", takes = "1s" }]
[[task]]
name = "second"
node = "worker"
steps = [{ work = "tidy up", takes = "5s" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ send = "events", takes = "3s" }, { close = "page" }]
[[client]]
name = "page"
latency = "5ms"
[limits]
stream-ends = "1s"
[expect]
stream-ends = "holds"
"#;

#[test]
fn a_stream_that_ends_before_the_last_task_of_the_job_ends_in_time() {
    assert_eq!(verdict(TWO_TASKS, None, "stream-ends"), "holds");
    let too_late = TWO_TASKS.replace("takes = \"3s\"", "takes = \"6001ms\"");
    assert_eq!(verdict(&too_late, None, "stream-ends"), "broken");
    let in_time = TWO_TASKS.replace("takes = \"3s\"", "takes = \"6s\"");
    assert_eq!(verdict(&in_time, None, "stream-ends"), "holds", "the limit itself is kept");
}

#[test]
fn what_no_timing_takes_is_named_unless_the_file_says_so() {
    let names = |text: &str| -> Vec<String> {
        let scenario = parse(text);
        let checked = punctual::judge::judge(
            &scenario.cases,
            punctual::judge::Effort { seed: 1, runs: 100, budget: Budget::of(STATES) },
            &|_| {},
        );
        let judged = checked.expect("it can be judged");
        let odd = judged[0].never_taken.iter().filter(|idle| !idle.as_expected);
        odd.map(|idle| format!("{} {}", idle.part.name(&judged[0].prepared.case.system), idle.taken))
            .collect()
    };
    assert!(names(SILENT).is_empty());
    let unsaid = SILENT.replace("never-taken = [\"sse.announce\", \"sse.close\"]\n", "");
    assert_eq!(names(&unsaid), ["sse.announce false", "sse.close false"]);
    let taken = SILENT.replace("\"sse.close\"]", "\"sse.close\", \"export.commit\"]");
    assert_eq!(names(&taken), ["export.commit true"]);
}

/// One page is done before the last event is published, and its stream has ended; the stream of another goes on.
const DONE_BEFORE: &str = r#"
scenario = "done-before"
about = "What is not owed to a page any more is no reason not to end its stream."
[job]
status = "running"
[[event]]
name = "last"
terminal = true
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "last", takes = "5s" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ close = "page", takes = "1s" }]
[[task]]
name = "other-stream"
node = "server"
serves = "other-page"
steps = [{ refuse = "other-page", takes = "10s" }]
[[client]]
name = "page"
latency = "5ms"
[[client.timer]]
name = "patience"
from = "start"
limit = "2s"
ends = true
[[client]]
name = "other-page"
latency = "5ms"
[expect]
no-early-end = "holds"
"#;

#[test]
fn a_stream_does_not_end_too_early_for_a_page_that_is_done() {
    let owed_still = DONE_BEFORE.replace("limit = \"2s\"", "limit = \"6s\"");
    assert_eq!(verdict(&owed_still, None, "no-early-end"), "broken");
    let never_ends = DONE_BEFORE
        .replace("{ refuse = \"other-page\", takes = \"10s\" }", "{ work = \"idle\", takes = \"10s\" }");
    assert_eq!(verdict(&never_ends, None, "no-early-end"), "holds");
}

/// The stream ends at once whenever the page connects, and the page connects again and again.
const ENDS_AT_ONCE: &str = r#"
scenario = "ends-at-once"
about = "Between two connections nobody says what the page waits for."
ends = "3s after job"
[job]
status = "running"
[[event]]
name = "last"
terminal = true
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "last" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ close = "page" }]
[[client]]
name = "page"
latency = "1s"
reconnects = "0us"
[expect]
no-early-end = "violated"
"#;

#[test]
fn a_connection_that_is_ended_at_the_instant_it_is_made_mends_nothing() {
    assert!(verdict(ENDS_AT_ONCE, None, "no-early-end").starts_with("broken"));
    let open_for_a_while = ENDS_AT_ONCE.replace("close = \"page\" }", "close = \"page\", takes = \"1s\" }");
    assert_eq!(verdict(&open_for_a_while, None, "no-early-end"), "holds");
}
