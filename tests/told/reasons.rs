//! Why something is broken, and its picture.

use super::{document, small};
use crate::common::{Folder, first_base, replaced};

/// The report of a check of `text` that must fail, or must not, all in one line.
fn report_of(name: &str, text: &str) -> String {
    let folder = Folder::of(name);
    folder.write("it.toml", text);
    let ran = folder.run("check it.toml --runs 100");
    assert!(ran.code == 1, "{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

/// Asserts that `text` has all of `parts`, whatever the line breaks.
#[track_caller]
fn has(text: &str, parts: &[&str]) {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(words.contains(part), "{part:?} is not in:\n{text}");
    }
}

const TIMER: &str = "latency = \"5ms..80ms\"\n[[client.timer]]\nname = \"t\"\n";

#[test]
fn a_timer_that_nothing_stops_is_drawn_where_it_fires() {
    let timer = format!("{TIMER}from = \"byte\"\nlimit = \"700ms\"\nends = true");
    let text = small(&[("latency = \"5ms..80ms\"", &timer)], "[expect]\nclient-never-times-out = \"holds\"");
    let text = report_of("told-timer", &text);
    has(&text, &["fires at 700 ms, and nothing has arrived by then", "t fires", "t runs: 700 ms"]);
    has(&text, &["observed t fires at 700 ms", "timer t of c 0.700 ▼"]);
}

#[test]
fn a_connection_that_ends_too_late_is_drawn_with_the_end_of_the_job() {
    let ends = "[limits]\nstream-ends = \"2s\"\n[expect]\nstream-ends = \"holds\"";
    let text = small(&[("\"is completed\"", "\"is completed for 3s\"")], ends);
    let text = report_of("told-ends", &text);
    has(&text, &["after the job", "too late", "job over, connection open", "▲", "ends the connection"]);
    has(&text, &["why the job is over at", "later; allowed are 2 s"]);
}

#[test]
fn a_wrong_showing_is_drawn_and_told() {
    let timer = format!("{TIMER}from = \"start\"\nlimit = \"1500ms\"\nshows = \"failure\"\nends = true");
    let text = small(
        &[("takes = \"1s..2s\"", "takes = \"2s\""), ("latency = \"5ms..80ms\"", &timer)],
        "[expect]\nshown-right = \"holds\"",
    );
    let text = report_of("told-shown", &text);
    has(&text, &["c shows failure at 1.5 s, and the job does not fail", "shows failure", "✗"]);
}

#[test]
fn a_client_that_waits_for_ever_is_drawn_to_its_end() {
    let text = small(
        &[("shows = \"success\"\nends = true", "shows = \"progress\"")],
        "[expect]\nclient-ends = \"holds\"",
    );
    has(&report_of("told-waits", &text), &["still waits"]);
}

#[test]
fn the_read_that_is_one_too_many_is_drawn() {
    let text = small(&[], "[limits]\nbounded-requests = 12\n[expect]\nbounded-requests = \"holds\"");
    has(&report_of("told-reads", &text), &["read 13, allowed are 12"]);
}

#[test]
fn reads_that_follow_each_other_in_a_loop_are_drawn_as_a_loop() {
    let text = small(&[], "[limits]\nbounded-requests = 12\n[expect]\nbounded-requests = \"holds\"");
    let text = report_of("told-loop", &text);
    has(&text, &["read 13, allowed are 12", " × read, store: nothing new", "reads of the database"]);
    assert!(!text.contains("fetches"), "{text}");
}

#[test]
fn what_may_break_or_hold_is_not_said_to_be_expected() {
    let text = small(
        &[],
        "[limits]\ndelivered-within = \"20ms\"\n[expect]\nno-event-lost = \"holds\"\ndelivered-within = \"any\"",
    );
    let folder = Folder::of("told-neither");
    folder.write("it.toml", text);
    let ran = folder.run("check it.toml --runs 100").exits(0);
    has(&ran.stdout, &["delivered-within in small: broken, where nothing is expected"]);
    assert!(!ran.stdout.contains("broken, as expected"), "{}", ran.stdout);
}

#[test]
fn no_share_of_the_delays_is_above_the_greatest() {
    let folder = Folder::of("told-greatest");
    for latency in ["79951us", "5ms..79951us", "123457us"] {
        folder.write("it.toml", small(&[("5ms..80ms", latency)], "[expect]\nno-event-lost = \"holds\""));
        let ran = folder.run("check it.toml --runs 300 --format json").exits(0);
        let deliveries = document(&ran.stdout)["scenarios"][0]["deliveries"].clone();
        let deliveries = deliveries.as_array().expect("a list");
        assert!(!deliveries.is_empty());
        for one in deliveries {
            let sampled = &one["sampled_us"];
            let number = |key: &str| sampled[key].as_u64().unwrap_or_else(|| panic!("no {key} in {one}"));
            let all = ["p50", "p90", "p99", "p999", "max"].map(number);
            assert!(all.is_sorted(), "{one}");
        }
    }
}

#[test]
fn an_event_published_after_the_connection_ended_is_told_so() {
    let status = "{ status = \"completed\", takes = \"1ms..5ms\" },\n";
    let text = small(
        &[
            (status, ""),
            (
                "{ publish = \"b\", takes = \"1ms..5ms\" }",
                "{ status = \"completed\" }, { publish = \"b\", takes = \"1s\" }",
            ),
        ],
        "[expect]\nno-event-lost = \"holds\"\nno-early-end = \"holds\"",
    );
    let text = report_of("told-after", &text);
    has(
        &text,
        &[
            "after the connection ended",
            "connection ended, b not yet added",
            "without b, which is published at",
        ],
    );
}

#[test]
fn an_event_dropped_from_a_ring_is_drawn_so() {
    let text =
        small(&[("ids = \"counter\"", "ids = \"counter\"\nkeep = 1")], "[expect]\nno-event-lost = \"holds\"");
    let text = report_of("told-ring", &text);
    has(&text, &["dropped from the full store", "a in the store, never read"]);
    assert!(!text.contains("cursor beyond it"), "{text}");
}

#[test]
fn an_event_that_comes_twice_is_told_with_both_times() {
    let text = small(
        &[
            ("{ close = \"c\"", "{ cursor = \"zero\" }, { close = \"c\""),
            ("{ publish = \"b\", takes = \"1ms..5ms\" }", "{ publish = \"b\", takes = \"200ms\" }"),
        ],
        "[expect]\nno-duplicate = \"holds\"",
    );
    let text = report_of("told-twice", &text);
    has(&text, &["a reaches c at", "and again at", "both times from the store", "arrives twice"]);
}

#[test]
fn a_rare_breach_says_how_many_runs_it_took() {
    let text = replaced(&first_base(), "no-event-lost = \"holds\"", "no-event-lost = \"any\"");
    let folder = Folder::of("told-took");
    folder.write("it.toml", text);
    let ran = folder.run(
        "check it.toml audio-reference --variant base --variant fix-3 --runs 500 --states 1 -v --no-fail",
    );
    has(&ran.stdout, &["it took", "runs to see one"]);
}

#[test]
fn the_clock_that_would_have_had_to_tick_at_another_time_is_named() {
    let ran =
        Folder::of("told-clock").run("check audio-as-coded-existing --variant base --runs 300 -v").exits(0);
    has(&ran.stdout, &["nearest the clock of", "ticks"]);
}

#[test]
fn marks_of_one_instant_stand_together() {
    let folder = Folder::of("told-instant");
    for variant in ["base", "fix-1", "fix-4"] {
        let ran = folder.run(&format!("check audio-reference --variant {variant} --runs 300 -v")).exits(0);
        let lane =
            ran.stdout.lines().find(|line| line.contains("○ cursor 2")).expect("the lane of the stream");
        let cursor = lane.chars().position(|c| c == '○').expect("the mark");
        let sent = lane.chars().position(|c| c == '▶').expect("what is sent");
        assert!(sent < cursor && cursor <= sent + 2, "{variant}: {lane}");
    }
}
