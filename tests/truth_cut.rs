//! Runs are over sooner than the system: verdicts that were wrong, or not given, since runs are cut.
//!
//! The name of each test is what the manual says.

mod common;

use common::Folder;
use common::found::{holds_in_a_check, verdict};
use punctual::budget::Budget;
use punctual::proof::{self, Proved};
use punctual::sampling::Prepared;
use punctual::scenarios::Scenario;

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
