//! What says nothing is not taken for a verdict.

use super::{document, small};
use crate::common::{Folder, replaced};

#[test]
fn what_holds_because_nothing_happens_is_an_error() {
    let folder = Folder::of("told-nothing");
    let never = |event: &str| format!("{{ publish = {event:?}, takes = \"1ms..5ms\" }}");
    let text = small(
        &[
            (&never("a"), "{ publish = \"a\", chance = 0.0 }"),
            (&never("b"), "{ publish = \"b\", chance = 0.0 }"),
        ],
        "[expect]\nno-event-lost = \"holds\"",
    );
    folder.write("nothing.toml", text);
    let ran = folder.run("check nothing.toml --runs 20").exits(2);
    ran.says(&["P1101", "nothing.toml", "as it is written", "`no-event-lost`", "in any of 10 000 runs"]);
}

#[test]
fn what_is_rare_is_not_taken_for_nothing() {
    let folder = Folder::of("told-rare");
    let never = |event: &str| format!("{{ publish = {event:?}, takes = \"1ms..5ms\" }}");
    let text = small(
        &[
            (&never("a"), "{ publish = \"a\", chance = 0.01 }"),
            (&never("b"), "{ publish = \"b\", chance = 0.01 }"),
        ],
        "[expect]\nno-duplicate = \"holds\"",
    );
    folder.write("rare.toml", text);
    folder.run("check rare.toml --runs 1").exits(0);
}

/// `SMALL` with a stream that loops for ever without letting time pass by much.
fn busy(expect: &str) -> String {
    let timer = "latency = \"5ms..80ms\"\n[[client.timer]]\nname = \"t\"\nfrom = \"start\"\nlimit = \"10ms\"";
    small(
        &[
            ("{ sleep = \"100ms\" }", "{ sleep = \"1us\" }"),
            ("{ read = \"status\", takes = \"1ms..3ms\" }", "{ read = \"status\" }"),
            ("{ send = \"s\", takes = \"1ms..3ms\" }", "{ send = \"s\" }"),
            ("takes = \"1s..2s\"", "takes = \"100s\""),
            ("latency = \"5ms..80ms\"", timer),
        ],
        expect,
    )
}

#[test]
fn a_stopped_run_says_nothing_of_a_rate() {
    let folder = Folder::of("told-stopped");
    folder.write("busy.toml", busy("[expect]\nclient-ends = \"holds\""));
    let ran = folder.run("check busy.toml --runs 2 --format json").exits(3);
    let check = &document(&ran.stdout)["scenarios"][0]["checks"][0];
    assert_eq!(check["sampled"], serde_json::json!({ "runs": 0, "violations": 0, "rate": [0.0, 1.0] }));
    let ran = folder.run("check busy.toml --runs 2").exits(3).shows(&["no run came to its end", "stopped"]);
    assert!(!ran.stdout.contains("rate <") && !ran.stdout.contains("rate below"), "{}", ran.stdout);
}

#[test]
fn a_timer_that_fires_before_a_run_is_stopped_has_fired() {
    let folder = Folder::of("told-fired");
    folder.write("busy.toml", busy("[expect]\nclient-never-times-out = \"holds\""));
    folder.run("check busy.toml --runs 1").exits(1).shows(&["1 of 1 run", "timer t of c fires at 10 ms"]);
}

#[test]
fn what_was_not_seen_is_told_with_the_runs_that_did_not_show_it() {
    let folder = Folder::of("told-unseen");
    folder.write("unseen.toml", small(&[], "[expect]\nno-event-lost = \"violated\"\n"));
    let text = replaced(&folder.read("unseen.toml"), "takes = \"1s..2s\"", "takes = \"1s\"");
    folder
        .write("unseen.toml", replaced(&text, "{ send = \"s\", takes = \"1ms..3ms\" }", "{ send = \"s\" }"));
    let ran = folder
        .run("check unseen.toml --runs 5 --states 1")
        .exits(3)
        .shows(&["? must be broken, and no run breaks it"]);
    ran.shows(&["none in 100 runs", "stopped at a limit: 1 states"]);
}

#[test]
fn a_verdict_without_an_expectation_is_as_expected() {
    let folder = Folder::of("told-any");
    folder.write("any.toml", small(&[], "[expect]\nclient-ends = \"any\"\nno-duplicate = \"holds\""));
    let ran = folder.run("check any.toml --runs 5 --format json").exits(0);
    let checks = document(&ran.stdout)["scenarios"][0]["checks"].clone();
    let any = checks.as_array().expect("checks").iter().find(|check| check["expected"].is_null());
    assert_eq!(any.map(|check| check["as_expected"].clone()), Some(true.into()), "{checks}");
}
