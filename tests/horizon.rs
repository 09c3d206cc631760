//! What rests on where runs are cut is never told as a fact: by any verb, in any column.

mod common;

use common::Folder;
use punctual::sampling::Prepared;
use punctual::scenarios::Scenario;
use punctual_sim::{Ending, Time, sample};
use serde_json::Value;

/// A scenario in which chance passes over each look, so that there is no greatest delay.
const LUCK: &str = r#"
scenario = "luck"
about = "Each look is passed over by chance: there is no greatest delay."
ends = "10s after job"
[job]
status = "running"
[[event]]
name = "news"
[[store]]
name = "hub"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "news", takes = "1s" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{ sleep = "1s..2s" }, { send = "hub", chance = 0.5 }]
[[client]]
name = "page"
latency = "5ms"
[expect]
no-duplicate = "holds"
"#;

/// A look that comes later than most runs are cut.
const LATE: &str = r#"
scenario = "late"
about = "The next look at the store may come later than the run is cut."
ends = "10s after job"
[job]
status = "running"
[[event]]
name = "news"
terminal = true
[[store]]
name = "hub"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "news", takes = "1s" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{ sleep = "1s..15s" }, { send = "hub", takes = "5ms" }]
[[client]]
name = "page"
latency = "5ms"
[[client.timer]]
name = "give-up"
from = "start"
limit = "1h"
stops = ["news"]
[[client.on]]
event = "news"
shows = "success"
ends = true
[limits]
delivered-within = "9s"
[expect]
no-event-lost = "holds"
client-ends = "holds"
client-never-times-out = "holds"
delivered-within = "violated"
"#;

#[test]
fn that_something_never_follows_is_only_said_of_what_goes_on() {
    let folder = Folder::of("horizon-never");
    let never = LUCK
        .replace("10s after job", "1s after job")
        .replace(
            r#"loop = [{ sleep = "1s..2s" }, { send = "hub", chance = 0.5 }]"#,
            "steps = [{ send = \"hub\", takes = \"5s\" }]\nloop = [{ sleep = \"1s\" }, { comment = \"ping\", chance = 0.5 }]",
        );
    folder.write("never.toml", &never);
    let words = "delay never.toml --from job.publish --to stream.comment --states 50";
    folder.run(words).exits(3).shows(&["never (", "only up to the end of the run, and unknown beyond it"]);
    let json = folder.run(&format!("{words} --format json")).exits(3).stdout;
    let told: Value = serde_json::from_str(&json).expect("it is JSON");
    assert!(told["stretches"][0]["beyond_end"].is_string(), "{json}");
    // What the system that goes on never does is said as before.
    let words = "delay never.toml --from stream.comment --to job.publish";
    folder.run(words).exits(2).says(&["job.publish never happens after stream.comment, whatever the timing"]);
}

#[test]
fn a_greatest_delay_that_is_where_runs_are_cut_is_none() {
    let folder = Folder::of("horizon-greatest");
    for ends in ["10s", "20s"] {
        folder.write("luck.toml", LUCK.replace("10s after job", &format!("{ends} after job")));
        let json = folder.run("check luck.toml --runs 200 --states 300 --format json").exits(0).stdout;
        let told: Value = serde_json::from_str(&json).expect("it is JSON");
        let delivery = &told["scenarios"][0]["deliveries"][0];
        assert!(delivery["exact_us"].is_null() && delivery["sampled_us"]["max"].is_u64(), "{delivery}");
        folder.run("delay luck.toml --states 300").exits(3).shows(&["only up to the end of the run"]);
        let words =
            "sweep luck.toml --vary client.page.latency=5ms,6ms --runs 200 --states 300 --format jsonl";
        for line in folder.run(words).stdout.lines().skip(2) {
            let cell: Value = serde_json::from_str(line).expect("each line is JSON");
            assert!(cell["deliveries"][0]["exact_us"].is_null(), "{line}");
        }
    }
}

#[test]
fn a_sweep_says_of_what_runs_are_too_short_for_that_it_is_cut() {
    let folder = Folder::of("horizon-sweep");
    folder.write("late.toml", LATE);
    let words =
        "sweep late.toml --vary client.page.latency=1ms,5ms --keep no-event-lost,client-ends --runs 500";
    folder.run(words).exits(0).shows(&["2 of 2 cells are safe", "cut: so only in runs", "  cut  "]);
    let cells = |more: &str| -> Vec<(u64, bool)> {
        let lines = folder.run(&format!("{words} {more} --format jsonl")).stdout;
        let cells = lines.lines().skip(2).map(|line| {
            let cell: Value = serde_json::from_str(line).expect("each line is JSON");
            let check = cell["checks"][0].clone();
            (check["broken"].as_u64().expect("a number"), check["end_of_runs"] == true)
        });
        cells.collect()
    };
    // What runs break is said alike, whatever else is known.
    let proved = cells("");
    assert!(proved.iter().all(|(broken, cut)| *broken > 0 && *cut), "{proved:?}");
    assert_eq!((cells("--no-proof"), cells("--states 1")), (proved.clone(), proved));
    folder.run(&format!("{words} --states 1")).exits(3).shows(&["Exploring stopped in some cells"]);
}

#[test]
fn a_run_that_is_cut_ends_where_it_is_cut() {
    let folder = Folder::of("horizon-end");
    folder.write("late.toml", LATE);
    // The last event of this run is at 1 s, and nobody looks within the ten seconds after it.
    let scenario = Scenario::parse("late.toml", LATE).expect("it is sound");
    let prepared = Prepared::new(&scenario.cases[0]);
    let trace = |number: u64| sample::trace(&prepared.world, 0x5eed, number);
    let number =
        (0..50).find(|number| trace(*number).steps.last().is_some_and(|step| step.at == Time(1_000_000)));
    let number = number.expect("of some run nothing happens after that");
    let cut = trace(number);
    assert_eq!((cut.ending, cut.ended_at), (Ending::Over, Time(11_000_000)));
    cut.check(&prepared.world).expect("the judge of traces agrees");
    folder
        .run(&format!("run late.toml --number {number}"))
        .exits(0)
        .shows(&["? no-event-lost: the run is over before"]);
    // Nobody knows how it goes on, and a log of it does not say that it ends.
    let log = folder.run(&format!("run late.toml --number {number} --format log")).exits(0).stdout;
    assert!(!log.contains(r#""fact":"end""#), "{log}");
    folder.write("late.jsonl", &log);
    folder.run("conform late.toml late.jsonl").exits(3).shows(&[
        "? no-event-lost, delivered-within: the log has no end line",
        "? client-never-times-out: the log has no end line",
    ]);
    let ended = format!("{log}{{\"at\":11000000,\"fact\":\"end\"}}\n");
    folder.write("late.jsonl", &ended);
    folder.run("conform late.toml late.jsonl").exits(1).shows(&["client-never-times-out"]);
}

#[test]
fn what_chance_passes_over_with_real_bytes_is_told_when_it_does() {
    let folder = Folder::of("horizon-chance");
    folder.write(
        "luck.toml",
        LUCK.replace("no-duplicate", "no-event-lost").replace("\"holds\"", "\"any\"").replace("0.5", "0.01"),
    );
    let ran = folder.run("simulate luck.toml --seeds 1 -v");
    assert!(!ran.stdout.contains("  0.000000         +0 us  stream  send, passed over"), "{}", ran.stdout);
    assert!(ran.stdout.contains("stream  send, passed over by chance"), "{}", ran.stdout);
}

#[test]
fn what_happens_at_one_instant_is_listed_in_its_order() {
    let folder = Folder::of("horizon-tie");
    let tie = LUCK
        .replace("ends = \"10s after job\"\n", "")
        .replace(
            r#"loop = [{ sleep = "1s..2s" }, { send = "hub", chance = 0.5 }]"#,
            r#"steps = [{ send = "hub", takes = "1s" }, { close = "page" }]"#,
        )
        .replace(r#"no-duplicate = "holds""#, r#"no-event-lost = "violated""#);
    folder.write("tie.toml", &tie);
    folder.run("check tie.toml --runs 50 --report html=tie.html").exits(0);
    let page = folder.read("tie.html");
    let at = |what: &str| page.find(&format!("<td>{what}</td>")).unwrap_or_else(|| panic!("{what}: {page}"));
    let order = ["store: nothing new", "ends the connection", "news id 1"].map(at);
    assert!(order.is_sorted(), "{order:?}");
}
