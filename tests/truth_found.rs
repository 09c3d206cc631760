//! Verdicts that a second reading of the manual found to be wrong, each in the smallest system that showed it.
//!
//! The name of each test is what the manual says.

mod common;

use common::Folder;
use punctual::budget::Budget;
use punctual::proof::{self, Proved, Spans};
use punctual::sampling::Prepared;
use punctual::scenarios::Scenario;
use punctual_model::Stretch;
use punctual_scenarios::fact;

/// More classes than each of these has.
const CLASSES: usize = 1_000;

/// What is true of the only invariant of a scenario in every timing: `holds`, `broken`, or why it is not known.
fn verdict(text: &str) -> String {
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
fn span(text: &str, from: &str, to: &str) -> Option<(u64, u64)> {
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
fn holds_in_a_check(text: &str) {
    let scenario = punctual::Scenario::from_text("found", text).expect("it is sound");
    scenario.runs(20).check().expect("runs and exploring agree").expect_as_expected();
}

/// A client that gives up its connection, and comes again while a step that blocks its node is on the old one.
const COMES_AGAIN: &str = r#"
scenario = "comes-again"
ends = "0us after job"
about = "The page comes again while the task that served it before blocks its node."
[job]
status = "a"
[[event]]
name = "news"
[[store]]
name = "events"
ids = "counter"
[[client]]
name = "page"
latency = "2us"
reconnects = "0us"
[[client.timer]]
name = "silence"
from = "byte"
limit = "5us"
reconnects = true
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "news", takes = "4us" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ sleep = "6us" }]
loop = [STEP]
[expect]
RULE = "any"
"#;

#[test]
fn what_is_sent_on_a_connection_that_the_client_gave_up_does_not_arrive_on_the_next_one() {
    let text = COMES_AGAIN
        .replace("STEP", r#"{ send = "events", blocks = "3us" }, { sleep = "1us" }"#)
        .replace("RULE", "no-duplicate");
    assert_eq!(verdict(&text), "holds");
}

#[test]
fn a_connection_is_not_ended_by_the_task_that_served_the_one_before() {
    let ended = |step: &str| {
        let text = COMES_AGAIN.replace("5us", "9us").replace("6us", "10us");
        let text = text.replace("]\nloop = [STEP]", &format!(", {{ {step}, blocks = \"3us\" }}]"));
        span(&text.replace("RULE", "no-event-lost"), "over job", "closed page")
    };
    // The page comes again every 9 us: at first while that step blocks the node, later while the task sleeps.
    for step in [r#"close = "page""#, r#"refuse = "page""#] {
        assert_eq!(ended(step), None, "{step}");
    }
}

/// A client that gives up each request before it arrives.
const IMPATIENT: &str = r#"
scenario = "impatient"
about = "The page gives up each request for a connection before that arrives."
ends = "0us after job"
[job]
status = "a"
[[event]]
name = "news"
[[store]]
name = "events"
ids = "clock 1us"
[[client]]
name = "page"
latency = "2us"
reconnects = "0us"
[[client.timer]]
name = "silence"
from = "any event"
limit = "1us"
reconnects = true
[[task]]
name = "job"
node = "worker"
steps = [{ read = "status" }, { publish = "news", takes = "2us" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ announce = "news" }]
[limits]
bounded-requests = 1
[expect]
bounded-requests = "holds"
"#;

#[test]
fn a_request_that_a_timer_gives_up_never_arrives_though_runs_are_cut_before_the_timer_fires() {
    holds_in_a_check(&IMPATIENT.replace("clock 1us", "counter"));
}

#[test]
fn where_a_clock_is_read_once_and_not_again_exploring_comes_to_an_end() {
    // How long ago its tick may have passed grows for ever, unless whether it has is decided.
    assert_eq!(verdict(IMPATIENT), "holds");
}

#[test]
fn what_is_only_broken_where_runs_are_cut_is_unknown_if_exploring_stops_before_it_knows() {
    let scenario = Scenario::parse("found.toml", IMPATIENT).expect("it is sound");
    let prepared = Prepared::new(&scenario.cases[0]);
    let proof = proof::explore(&prepared, Budget::of(5)).expect("the judge of traces agrees");
    assert!(matches!(&proof.proved[0], Proved::Unknown { .. }), "{:?}", proof.proved[0]);
}

/// A client that fetches what is saved while its request travels, in runs that are cut before.
const FETCHES: &str = r#"
scenario = "fetches"
about = "The page fetches what is saved while its request travels."
ends = "0us after job"
[job]
status = "a"
[[event]]
name = "news"
[[store]]
name = "events"
ids = "counter"
[[client]]
name = "page"
latency = "1us"
on = [{ event = "news", fetches = "file sound", takes = "10us" }]
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "news", takes = "2us" }]
[[task]]
name = "saver"
node = "disk"
steps = [{ save = "sound", takes = "5us" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ send = "events", takes = "2us" }]
[expect]
durable-before-announced = "holds"
"#;

#[test]
fn what_is_fetched_after_a_run_was_cut_would_be_there_if_it_went_on() {
    holds_in_a_check(FETCHES);
}

/// A job whose steps are `STEPS`.
const REPEATS: &str = r#"
scenario = "repeats"
about = "A job repeats a step."
ends = "9us after clock"
[job]
status = "a"
[[event]]
name = "news"
row = "row"
[[store]]
name = "events"
ids = "counter"
[[client]]
name = "page"
latency = "1us"
[[task]]
name = "clock"
node = "other"
steps = [{ publish = "news", takes = "1us" }]
[[task]]
name = "job"
node = "worker"
STEPS
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ send = "events", takes = "1us" }]
[expect]
no-event-lost = "any"
"#;

#[test]
fn a_round_of_a_loop_begins_once_however_often_its_first_steps_are_repeated() {
    let steps = r#"
steps = [{ commit = "row" }]
loop = [{ repeat = 2, steps = [{ sleep = "2us" }] }, { sleep = "1us" }]"#;
    // Rounds begin at 0 us and at 5 us.
    assert_eq!(span(&REPEATS.replace("STEPS", steps), "over clock", "turned job"), Some((4, 4)));
}

#[test]
fn a_signal_is_given_before_whoever_waits_for_it_is_woken() {
    let text = REPEATS.replace("STEPS", r#"steps = [{ commit = "row" }, { wait = "bell" }]"#);
    let text = text.replace("[[client]]", "[[signal]]\nname = \"bell\"\npermit = false\n[[client]]");
    let text = text.replace(
        r#"{ publish = "news", takes = "1us" }"#,
        r#"{ publish = "news" }, { notify = "bell", takes = "1us" }"#,
    );
    assert_eq!(span(&text, "notified bell", "job.wait"), Some((0, 0)));
    assert_eq!(span(&text, "job.wait", "notified bell"), None);
}

#[test]
fn a_wait_that_only_a_signal_ends_is_a_rest() {
    let text = r#"
scenario = "waits-first"
about = "The stream waits, and then polls by a table that counts its rests."
[job]
status = "a"
[[event]]
name = "news"
[[store]]
name = "events"
ids = "counter"
[[signal]]
name = "bell"
permit = false
[policy.poll]
a = "1us below 1 rest, 5us"
[[client]]
name = "page"
latency = "0us"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "news", takes = "1us" }, { notify = "bell" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ read = "status" }, { wait = "bell" }, { poll = "poll" }, { send = "events" }]
[expect]
no-event-lost = "any"
"#;
    let arrives = |text: &str| span(text, "notified bell", "arrived news at page");
    assert_eq!(arrives(text), Some((5, 5)));
    assert_eq!(arrives(&text.replace("{ wait = \"bell\" }, ", "")), Some((0, 0)));
}

#[test]
fn what_close_sends_of_a_row_is_of_the_version_that_comes_next() {
    let text = r#"
scenario = "closes-with-a-row"
about = "The end of the connection tells of a row, whose only commit may have failed."
[job]
status = "a"
[[event]]
name = "stored"
row = "row"
[[store]]
name = "events"
ids = "counter"
[[client]]
name = "page"
latency = "0us"
[[task]]
name = "job"
node = "worker"
steps = [{ commit = "row", fails = 0.5 }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ close = "page", sends = "stored", takes = "1us" }]
[expect]
no-phantom = "any"
"#;
    assert_eq!(verdict(text), "holds");
    // What is rolled back only later was the version that came next.
    assert_eq!(verdict(&text.replace("fails = 0.5", "fails = 0.5, takes = \"2us\"")), "broken");
}

#[test]
fn what_is_broken_each_time_a_run_is_cut_there_may_be_mended_later_each_time() {
    let text = r#"
scenario = "cut-while-away"
about = "The page comes back each time its connection was ended, after a while."
ends = "0us after job"
[job]
status = "a"
[[event]]
name = "done"
terminal = true
[[store]]
name = "events"
ids = "counter"
[[client]]
name = "page"
latency = "0us"
reconnects = "1us"
[[task]]
name = "job"
node = "worker"
starts = "3us"
steps = [{ publish = "done" }]
[[task]]
name = "stream"
node = "worker"
serves = "page"
steps = [{ close = "page", takes = "1us" }]
[expect]
no-early-end = "any"
"#;
    assert_eq!(verdict(text), "holds");
    // Where the ids are a clock's it may be unknown, but is not broken.
    assert_ne!(verdict(&text.replace("\"counter\"", "\"clock 3us\"")), "broken");
    holds_in_a_check(text);
}

#[test]
fn what_is_mended_each_time_round_is_not_broken_for_ever() {
    let text = r#"
scenario = "comes-back-for-ever"
about = "The page comes back each time its connection was ended, for a while."
ends = "0us after job"
[job]
status = "a"
[[event]]
name = "done"
terminal = true
[[event]]
name = "other"
[[store]]
name = "events"
ids = "counter"
[[client]]
name = "page"
latency = "0us..2us"
reconnects = "0us"
[[client]]
name = "beside"
latency = "0us"
[[task]]
name = "job"
node = "worker"
steps = [{ read = "status" }]
[[task]]
name = "later"
node = "other"
steps = [{ publish = "done", blocks = "2us" }, { publish = "other" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ close = "page", blocks = "1us" }]
[[task]]
name = "short"
node = "server"
serves = "beside"
steps = [{ send = "events" }]
[expect]
no-early-end = "any"
"#;
    assert_eq!(verdict(text), "holds");
}

#[test]
fn what_breaks_only_since_runs_are_over_is_unknown_whatever_else_is_broken_in_them() {
    let text = r#"
scenario = "publishes-for-ever"
about = "A job publishes for ever, and the stream looks each second: nothing is lost."
ends = "5s after other"
[job]
status = "running"
[[event]]
name = "news"
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "other"
node = "worker"
steps = [{ work = "short", takes = "1s" }]
[[task]]
name = "job"
node = "worker"
loop = [{ publish = "news", takes = "1s..3s" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{ send = "events", takes = "1ms..50ms" }, { sleep = "1s" }]
[[client]]
name = "page"
latency = "5ms"
[expect]
no-event-lost = "any"
client-ends = "violated"
"#;
    let folder = Folder::of("found-only-cut");
    folder.write("publishes.toml", text);
    let ran = folder.run("check publishes.toml --states 500 --runs 200 --format json");
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    let checks = document["scenarios"][0]["checks"].as_array().expect("it has checks").clone();
    let of = |name: &str| checks.iter().find(|check| check["invariant"] == name).expect("it is checked");
    assert_eq!(of("client-ends")["verdict"], "violated");
    let lost = of("no-event-lost");
    assert_eq!(lost["verdict"], "unknown");
    assert!(lost["sampled"]["violations"].as_u64() > Some(0), "{lost}");
    let observed = lost["observed"].as_str().expect("something was observed");
    assert!(observed.contains("of 200 runs, only since they are over"), "{observed}");
    let ran = folder.run("replay publishes.toml no-event-lost --states 500 --runs 200").exits(3);
    assert!(ran.stderr.contains("breaks no-event-lost only since it is over"), "{}", ran.stderr);
}

/// A stream that sends a comment in each round, and another one, which takes long, if there was none for long.
const COMMENTS: &str = r#"
scenario = "comments"
about = "A comment that nobody hears puts off one that is sent after a silence."
[job]
status = "running"
[[task]]
name = "job"
node = "worker"
steps = [{ status = "completed", takes = "5s" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [
  { read = "status", takes = "1s" },
  { close = "page", if = "is completed" },
  { comment = "late", if = "none within 2s", takes = "30s" },
  { comment = "always" },
]
[[client]]
name = "page"
latency = "1ms"
[limits]
stream-ends = "3s"
[expect]
stream-ends = "any"
"#;

#[test]
fn a_comment_that_nobody_hears_puts_off_one_that_is_sent_after_a_silence() {
    assert_eq!(verdict(COMMENTS), "holds");
    assert_eq!(verdict(&COMMENTS.replace("  { comment = \"always\" },\n", "")), "broken");
}

/// A comment is on its way when the last event that matters arrives, and runs are over long before that.
const ON_ITS_WAY: &str = r#"
scenario = "on-its-way"
about = "The time is up before the event comes, and a comment comes after it."
ends = "2us after job"
[job]
status = "running"
[[event]]
name = "e"
[[store]]
name = "events"
ids = "counter"
[[signal]]
name = "woken"
permit = true
[[task]]
name = "job"
node = "server"
steps = [
  { work = "prepare", takes = "2us" }, { publish = "e", to = "events", takes = "1us" },
  { work = "more", takes = "2us..5us" },
  { status = "completed", takes = "2us" }, { notify = "woken" },
]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [
  { sleep = "1us" }, { read = "status", takes = "1us" }, { send = "events" },
  { comment = "k", if = "none within 4us" },
  { wait = "woken" },
]
[[client]]
name = "page"
latency = "2us..4us"
[[client.timer]]
name = "limit"
from = "any event"
limit = "15us"
[expect]
client-never-times-out = "any"
"#;

#[test]
fn what_breaks_when_nothing_is_left_to_happen_is_a_run_although_a_comment_is_still_on_its_way() {
    assert_eq!(verdict(ON_ITS_WAY), "broken");
    let folder = Folder::of("found-on-its-way");
    for ends in ["2us", "4us", "9us", "30us"] {
        folder.write("way.toml", ON_ITS_WAY.replace("2us after job", &format!("{ends} after job")));
        let ran = folder.run("check way.toml --runs 300 --format json").exits(0);
        let document: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
        let check = &document["scenarios"][0]["checks"][0];
        assert_eq!(check["verdict"], "violated", "{ends}: {check}");
        folder.run("replay way.toml client-never-times-out --runs 300").exits(0);
    }
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

#[test]
fn one_cursor_for_two_stores_is_set_back_by_either() {
    holds_in_a_check(SET_BACK);
    assert_eq!(verdict(SET_BACK), "broken");
    let apart = SET_BACK.replace("serves = \"c\"", "serves = \"c\"\ncursors = \"per-source\"");
    assert_eq!(verdict(&apart), "holds");
}
