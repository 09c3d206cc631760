//! Exploring that stops at a limit of the command line leaves a verdict unknown, and says where; and so
//! does time that stands still.

mod common;

use common::{Folder, first, first_base, replaced};
use punctual::sampling::Prepared;
use punctual::scenarios::Scenario;
use punctual_sim::untimed::{self, Most, Possible};
use serde_json::Value;

/// A case of ten thousand states, which holds most of what it must.
const LARGE: &str = "check blog-as-coded --variant closes-early --runs 20";

/// An order that time forbids, but that cannot be refused without delays.
const TOO_LATE: &str = r#"
[[interleaving]]
name = "many-polls-while-queued"
order = ["stream.poll@9", "render.start"]
expect = "impossible"
"#;

fn document(folder: &Folder, words: &str, code: i32) -> Value {
    let printed = folder.run(&format!("{words} --format json")).exits(code).stdout;
    serde_json::from_str(&printed).expect("the document is JSON")
}

#[test]
fn a_limit_of_memory_or_time_ends_in_unknown_and_is_named() {
    let folder = Folder::of("limits-named");
    for (option, told) in [("--explore-memory 100kB", "100 kB of memory, "), ("--explore-time 1ms", "1 ms, ")]
    {
        let name = option.split(' ').next().expect("an option");
        let stopped = format!("and exploring stopped at {told}");
        let ran = folder.run(&format!("{LARGE} {option}")).exits(3);
        ran.shows(&[&stopped, "states kept", "events", &format!("more {name} may show it"), "unknown"]);
        let document = document(&folder, &format!("{LARGE} {option}"), 3);
        let checks = document["scenarios"][0]["checks"].as_array().expect("checks");
        assert!(checks.iter().all(|check| check["verdict"] != "holds"), "{document}");
        let in_order = checks.iter().find(|check| check["invariant"] == "in-order").expect("it is checked");
        assert_eq!(in_order["evidence"]["kind"], "limit");
        assert!(in_order["evidence"]["limit"].as_str().is_some_and(|limit| limit.starts_with(told)));
    }
}

#[test]
fn a_limit_that_is_not_met_changes_nothing() {
    let folder = Folder::of("limits-wide");
    let words = "check audio-reference --variant base --runs 100 --format json";
    let plain = folder.run(words).exits(0).stdout;
    let wide = folder.run(&format!("{words} --explore-memory 4GB --explore-time 1h")).exits(0).stdout;
    let found = |text: &str| {
        let mut document: Value = serde_json::from_str(text).expect("it is JSON");
        let limits = document["made_with"]["limits"].take();
        (document, limits.as_array().map(Vec::len))
    };
    let ((plain, one), (wide, three)) = (found(&plain), found(&wide));
    assert_eq!((plain, one, three), (wide, Some(1), Some(3)));
}

#[test]
fn an_order_that_exploring_cannot_decide_says_at_which_limit_it_stopped() {
    let folder = Folder::of("limits-order");
    folder.write("late.toml", first_base() + TOO_LATE);
    let ran = folder.run("check late.toml --runs 20 --states 1").exits(3);
    ran.shows(&["many-polls-while-queued: not found in 20 runs", "exploring stopped: 1 states, 0 events"]);
    let document = document(&folder, "check late.toml --runs 20 --states 1", 3);
    let order = &document["scenarios"][0]["interleavings"][0];
    assert_eq!(
        (&order["verdict"], &order["limit"]),
        (&"not-found".into(), &"1 states, 0 events into the runs".into())
    );
    let replay = "replay late.toml many-polls-while-queued --runs 20";
    folder.run(&format!("{replay} --states 1")).exits(3).says(&["exploring stopped: 1 states"]);
    folder
        .run(&format!("{replay} --explore-memory 1kB"))
        .exits(3)
        .says(&["exploring stopped: 1 kB of memory"]);
    folder.run(replay).exits(0).shows(&["impossible"]);
}

#[test]
fn what_is_looked_for_within_a_limit_and_not_found_is_no_proof() {
    let folder = Folder::of("limits-replay");
    let words = "replay audio-as-documented no-duplicate --runs 20 --explore-time 1ms";
    folder.run(words).exits(3).says(&["none of 20 runs", "exploring stopped: 1 ms, "]);
}

#[test]
fn depth_first_comes_to_the_same_and_no_number_of_states_is_compared() {
    let folder = Folder::of("limits-depth");
    let pinned = |states: u32| replaced(&first(), "[expect]\n", &format!("[expect]\nstates = {states}\n"));
    folder.write("wrong.toml", pinned(7));
    folder.run("check wrong.toml --runs 300").exits(1).shows(&["P1102", "7 are expected"]);
    folder.run("check wrong.toml --runs 300 --depth-first").exits(0).shows(&["12 checks, all as expected"]);
    let verdicts = |words: &str| -> Vec<Value> {
        let document = document(&folder, &format!("check wrong.toml --runs 300 --no-fail {words}"), 0);
        let cases = document["scenarios"].as_array().expect("cases").clone();
        if !words.is_empty() {
            assert!(cases.iter().all(|case| case["states"]["expected"].is_null()), "{document}");
        }
        let judged = cases.iter().map(|case| {
            let checks = case["checks"].as_array().expect("checks").iter();
            let verdicts: Value = checks.map(|check| check["verdict"].clone()).collect();
            serde_json::json!([verdicts, case["deliveries"].clone()])
        });
        judged.collect()
    };
    assert_eq!(verdicts("--depth-first"), verdicts(""));
}

#[test]
fn depth_first_finds_what_is_broken_late_within_few_states() {
    let folder = Folder::of("limits-late");
    let words = "replay audio-as-documented no-event-lost --runs 1 --states 700";
    folder.run(words).exits(3).says(&["exploring stopped: 700 states"]);
    folder.run(&format!("{words} --depth-first")).exits(0).shows(&["found among all timings"]);
}

/// The first scenario, in which the job notifies a signal `ping` before it publishes, with such a chance.
fn pinged(chance: &str, tasks: &str) -> String {
    let notify = format!("{{ notify = \"ping\"{chance} }},\n  {{ publish = \"rendered\"");
    let text = replaced(&first_base(), "{ publish = \"rendered\"", &notify);
    format!("{text}\n[[signal]]\nname = \"ping\"\npermit = true\n{tasks}")
}

/// Two tasks that wake each other without letting time pass.
const TWO: &str = r#"
[[signal]]
name = "pong"
permit = true

[[task]]
name = "one"
node = "server"
loop = [{ wait = "ping" }, { work = "hits", takes = "0us" }, { notify = "pong" }]

[[task]]
name = "two"
node = "server"
loop = [{ wait = "pong" }, { work = "returns", takes = "0us" }, { notify = "ping" }]
"#;

/// A task that publishes ever more without letting time pass.
const BEATS: &str = r#"
[[event]]
name = "beat"

[[task]]
name = "heart"
node = "server"
loop = [{ wait = "ping" }, { publish = "beat", takes = "0us" }, { notify = "ping" }]
"#;

#[test]
fn time_that_stands_still_is_an_error_where_runs_show_it() {
    let folder = Folder::of("limits-still");
    folder.write("still.toml", pinged("", TWO));
    let told = "as it is written, there is a Zeno cycle (events without end at one instant): one goes on, two goes on, and so on";
    let ran = folder.run("check still.toml --runs 5000").exits(2).says(&["still.toml", told, "take time"]);
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    let told = "no timing breaks it, but there is a Zeno cycle (events without end at one instant): one goes on, two goes on, and so on";
    folder.run("replay still.toml no-event-lost").exits(3).says(&[told]);
    // Where time may pass between the two, it does not stand still.
    folder.write("goes-on.toml", pinged("", &TWO.replacen("0us", "1s..2s", 1)));
    folder.run("check goes-on.toml --runs 20").exits(0);
}

#[test]
fn time_that_stands_still_in_no_run_that_was_made_leaves_unknown_what_would_hold() {
    let folder = Folder::of("limits-rarely-still");
    folder.write("rarely.toml", pinged(", chance = 0.000001", TWO));
    let told = "a Zeno cycle (events without end at one instant): one goes on, two goes on, and so on";
    let ran = folder.run("check rarely.toml --runs 20").exits(3);
    ran.shows(&["? no-event-lost in first: unknown", "a Zeno cycle (events without end at one instant)"]);
    let document = document(&folder, "check rarely.toml --runs 20", 3);
    let checks = document["scenarios"][0]["checks"].as_array().expect("checks");
    for check in checks {
        let expected = if check["invariant"] == "delivered-within" { "violated" } else { "unknown" };
        assert_eq!(check["verdict"], expected, "{check}");
        assert!(expected == "violated" || check["evidence"]["limit"] == told, "{check}");
    }
}

#[test]
fn what_grows_is_named_with_the_limit_that_it_leads_to() {
    let folder = Folder::of("limits-grows");
    folder.write("grows.toml", pinged(", chance = 0.000001", BEATS));
    let document = document(&folder, "check grows.toml --runs 20 --states 4000", 3);
    let limit = document["scenarios"][0]["states"]["limit"].as_str().expect("a limit");
    let grows = "; `backend.published[1]`, `backend.stores[0].events` and `backend.stores[0].last_id.number` grow; no time passes";
    assert!(limit.ends_with(grows), "{limit}");
    folder.run("check grows.toml --runs 20 --states 4000").exits(3).shows(&["`backend.stores[0].events`"]);
}

#[test]
fn limits_that_mean_nothing_are_refused() {
    let folder = Folder::of("limits-wrong");
    for (words, named) in [
        ("--explore-memory 512", "512MiB"),
        ("--explore-memory 0MB", "512MiB"),
        ("--explore-memory all", "512MiB"),
        ("--explore-time 10", "10s"),
        ("--explore-time 0s", "1ms or more"),
        ("--states 0", "--states"),
    ] {
        let ran = folder.run(&format!("check audio-reference {words}")).exits(2).says(&[named]);
        assert!(ran.stdout.is_empty(), "{words}: {}", ran.stdout);
    }
}

/// With real bytes time would stand still as well, and a host that never gets on is a failure, not a wait.
#[cfg(feature = "hosts")]
#[test]
fn time_that_stands_still_fails_a_run_with_real_bytes() {
    let folder = Folder::of("limits-simulated");
    folder.write("still.toml", pinged("", TWO));
    folder
        .run("simulate still.toml --seeds 1")
        .exits(2)
        .says(&["run 0: there is a Zeno cycle", "let a step of it take time"]);
}

/// A task that publishes once more whenever its commit has failed: each state is larger than the one before.
const GROWS: &str = r#"
scenario = "grows"
about = "A job that publishes again and again, for as long as its commit fails."
[job]
status = "a"
[[event]]
name = "news"
row = "row"
[[row]]
name = "row"
[[store]]
name = "hub"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{ commit = "row", fails = 0.5, takes = "1us" }, { work = "late", takes = "1us" }, { work = "later", takes = "1us" }]
otherwise = [{ publish = "news" }, { commit = "row", fails = 0.5, takes = "1us", step = "again" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ send = "hub", takes = "1us" }]
[[client]]
name = "page"
latency = "1us"
[expect]
no-event-lost = "any"
[[interleaving]]
name = "backwards"
order = ["job.later", "job.late"]
expect = "impossible"
"#;

#[test]
fn states_that_grow_for_ever_take_no_more_memory_than_there_may_be() {
    let scenario = Scenario::parse("grows.toml", GROWS).expect("it is sound");
    let prepared = Prepared::new(&scenario.cases[0]);
    let search = |bytes: usize| {
        let order = prepared.orders[0].matcher();
        untimed::search(prepared.world.backend(), order, Most { states: 2_000, bytes })
    };
    // All that are looked at, and as far as a megabyte goes.
    assert!(matches!(search(usize::MAX), Possible::Unknown { states: 2_001.. }), "{:?}", search(usize::MAX));
    assert!(matches!(search(1_000_000), Possible::Unknown { states: 100..1_500 }), "{:?}", search(1_000_000));
    let folder = Folder::of("limits-grows");
    folder.write("grows.toml", GROWS);
    let words = "check grows.toml --runs 20 --explore-memory 4MB";
    let limit = document(&folder, words, 3)["scenarios"][0]["interleavings"][0]["limit"].take();
    assert!(limit.as_str().is_some_and(|limit| limit.starts_with("4 MB of memory")), "{limit}");
}
