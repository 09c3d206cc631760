//! What a check tells of what went wrong: where the run is, how it is had again, and why.

mod common;

use common::{Folder, first, first_base, replaced};

/// A job that publishes two events, a stream that looks every 100 ms, and a client.
const SMALL: &str = r#"
scenario = "small"
about = "A worker publishes, a stream polls, a page waits."
[job]
status = "running"
others = ["failed"]
[[event]]
name = "a"
[[event]]
name = "b"
terminal = true
[[store]]
name = "s"
ids = "counter"
[[task]]
name = "w"
node = "worker"
steps = [
  { work = "x", takes = "1s..2s" },
  { publish = "a", takes = "1ms..5ms" },
  { publish = "b", takes = "1ms..5ms" },
  { status = "completed", takes = "1ms..5ms" },
]
[[task]]
name = "r"
node = "server"
serves = "c"
loop = [
  { read = "status", takes = "1ms..3ms" },
  { send = "s", takes = "1ms..3ms" },
  { close = "c", if = "is completed" },
  { sleep = "100ms" },
]
[[client]]
name = "c"
latency = "5ms..80ms"
[[client.on]]
event = "b"
shows = "success"
ends = true
"#;

/// `SMALL` with these replacements, and what is expected of it.
fn small(changes: &[(&str, &str)], expect: &str) -> String {
    let text = changes.iter().fold(SMALL.to_owned(), |text, (from, to)| replaced(&text, from, to));
    format!("{text}\n{expect}\n")
}

/// `SMALL`, in which an event comes later than it may.
fn too_late(name: &str) -> String {
    small(
        &[("scenario = \"small\"", &format!("scenario = {name:?}"))],
        "[limits]\ndelivered-within = \"20ms\"\n[expect]\ndelivered-within = \"holds\"",
    )
}

fn document(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("a document")
}

// Saved runs.

#[test]
fn two_scenarios_never_share_a_saved_run() {
    let folder = Folder::of("told-share");
    folder.write("one.toml", too_late("one"));
    folder.write("two.toml", too_late("two"));
    folder.run("check one.toml two.toml --runs 50").exits(1);
    assert_eq!(folder.list(".punctual/failures").len(), 2);
}

#[test]
fn two_variants_never_share_a_saved_run() {
    let folder = Folder::of("told-variants");
    let variant = "\n[variant.other]\nabout = \"Nothing that matters.\"\nset = { \"task.r.sleep.sleep\" = \"101ms\" }\n";
    folder.write("one.toml", too_late("one") + variant);
    folder.run("check one.toml --runs 50").exits(1);
    assert_eq!(folder.list(".punctual/failures").len(), 2);
}

#[test]
fn the_document_names_runs_that_are_saved() {
    let folder = Folder::of("told-json");
    folder.write("late.toml", too_late("late"));
    let ran = folder.run("check late.toml --runs 50 --format json").exits(1);
    let id = document(&ran.stdout)["scenarios"][0]["checks"][0]["counterexample"]["id"].clone();
    let id = id.as_str().expect("an id");
    assert_eq!(folder.list(".punctual/failures"), [format!("{id}.json")]);
    folder.run(&format!("replay {id}")).exits(0).shows(&["delivered-within"]);
}

/// Makes a folder `blocked` in which what the check of `file` finds cannot be saved: another one is in its place.
fn block(folder: &Folder, file: &str) {
    let mut command = folder.command("check --runs 50 --failures free");
    common::Ran::from(command.arg(file).output().expect("it starts")).exits(1);
    for name in folder.list("free") {
        folder.write(&format!("blocked/{name}/keep"), "");
    }
}

#[test]
fn a_document_that_cannot_save_says_so_beside_it() {
    let folder = Folder::of("told-json-unsaved");
    folder.write("late.toml", too_late("late"));
    block(&folder, "late.toml");
    let ran = folder.run("check late.toml --runs 50 --format json --failures blocked").exits(1);
    assert_eq!(document(&ran.says(&["warning: cannot save"]).stdout)["as_expected"], false);
}

// Lines to paste.

/// What a shell makes of the last line to paste, with `punctual` being the program.
fn pasted(folder: &Folder, ran: &common::Ran) -> common::Ran {
    let at = ran.stdout.rfind("Replay ").expect("a line to paste") + "Replay ".len();
    let script =
        format!("punctual() {{ {} \"$@\"; }}\n{}", env!("CARGO_BIN_EXE_punctual"), &ran.stdout[at..]);
    let mut shell = std::process::Command::new("sh");
    shell.env_clear().env("LANG", "C.UTF-8").current_dir(&folder.path).args(["-c", &script]);
    common::Ran::from(shell.output().expect("there is a shell"))
}

#[test]
fn a_line_to_paste_can_have_blanks_and_quotes_in_it() {
    let folder = Folder::of("told-quotes");
    folder.write("it's late.toml", too_late("late"));
    for failures in ["my failures", "it's"] {
        let mut command = folder.command("check --runs 50");
        let ran = command.args(["it's late.toml", "--failures", failures]).output().expect("it starts");
        let ran = common::Ran::from(ran).exits(1);
        pasted(&folder, &ran).exits(0).shows(&["reaches c"]);
    }
}

#[test]
fn a_run_that_could_not_be_saved_is_found_again_by_the_line_to_paste() {
    let folder = Folder::of("told-fallback");
    folder.write("it's late.toml", too_late("late"));
    block(&folder, "it's late.toml");
    let mut command = folder.command("check --runs 50 --seed 77 --failures blocked");
    let ran = common::Ran::from(command.arg("it's late.toml").output().expect("it starts")).exits(1);
    // Exploring finds the same run whatever the seed.
    pasted(&folder, &ran).exits(0).shows(&["found among all timings", "reaches c"]);
}

// Interleavings.

/// What is claimed of an order that happens in most runs.
fn ordered(claims: &str) -> String {
    let expect = "[expect]\nclient-ends = \"violated\"\nno-event-lost = \"holds\"";
    let order = format!("[[interleaving]]\nname = \"i\"\norder = [\"w.publish\", \"r.send\"]\n{claims}");
    small(&[("shows = \"success\"\nends = true", "shows = \"progress\"")], &format!("{expect}\n{order}"))
}

#[test]
fn an_interleaving_that_does_not_keep_what_it_claims_names_it_and_how_often() {
    let folder = Folder::of("told-keeps");
    folder.write("keeps.toml", ordered("keeps = [\"client-ends\"]"));
    let ran = folder.run("check keeps.toml --runs 100").exits(1);
    let ran =
        ran.shows(&["i in small: not as claimed", "`keeps` claims that client-ends holds", "seconds  │"]);
    pasted(&folder, &ran).exits(0).shows(&["✗ client-ends"]);
}

#[test]
fn an_interleaving_that_does_not_break_what_it_claims_names_it_and_how_often() {
    let folder = Folder::of("told-breaks");
    folder.write("breaks.toml", ordered("breaks = [\"no-event-lost\"]"));
    let ran = folder.run("check breaks.toml --runs 100").exits(1);
    let ran = ran.shows(&["`breaks` claims that no-event-lost is broken", "in 100 of the 100 runs"]);
    pasted(&folder, &ran).exits(0).shows(&["✓ no-event-lost"]);
}

#[test]
fn a_replayed_interleaving_exits_0_and_says_what_the_file_expects() {
    let folder = Folder::of("told-replayed");
    folder.write("impossible.toml", ordered("expect = \"impossible\""));
    folder.run("replay impossible.toml i").exits(0).shows(&["claims that this is impossible"]);
    folder.write("keeps.toml", ordered("keeps = [\"client-ends\"]"));
    folder.run("replay keeps.toml i").exits(0).shows(&["client-ends is broken, which it must keep"]);
    folder.run("replay --help").exits(0).shows(&["whatever the scenario expects"]);
}

// What says nothing.

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

// Pictures and reasons.

/// The report of a check of `text` that must fail, or must not, all in one line.
fn told(name: &str, text: &str) -> String {
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
    let text = told("told-timer", &text);
    has(&text, &["fires at 700 ms, and nothing has arrived by then", "t fires", "t runs: 700 ms"]);
    has(&text, &["observed t fires at 700 ms", "timer t of c 0.700 ▼"]);
}

#[test]
fn a_connection_that_ends_too_late_is_drawn_with_the_end_of_the_job() {
    let ends = "[limits]\nstream-ends = \"2s\"\n[expect]\nstream-ends = \"holds\"";
    let text = small(&[("\"is completed\"", "\"is completed for 3s\"")], ends);
    let text = told("told-ends", &text);
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
    let text = told("told-shown", &text);
    has(&text, &["c shows failure at 1.5 s, and the job does not fail", "shows failure", "✗"]);
}

#[test]
fn a_client_that_waits_for_ever_is_drawn_to_its_end() {
    let text = small(
        &[("shows = \"success\"\nends = true", "shows = \"progress\"")],
        "[expect]\nclient-ends = \"holds\"",
    );
    has(&told("told-waits", &text), &["still waits"]);
}

#[test]
fn the_read_that_is_one_too_many_is_drawn() {
    let text = small(&[], "[limits]\nbounded-requests = 12\n[expect]\nbounded-requests = \"holds\"");
    has(&told("told-reads", &text), &["read 13, allowed are 12"]);
}

#[test]
fn reads_that_follow_each_other_in_a_loop_are_drawn_as_a_loop() {
    let text = small(&[], "[limits]\nbounded-requests = 12\n[expect]\nbounded-requests = \"holds\"");
    let text = told("told-loop", &text);
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
    let text = told("told-after", &text);
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
    let text = told("told-ring", &text);
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
    let text = told("told-twice", &text);
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

// What cannot be replayed.

/// A saved trace, changed.
fn changed(folder: &Folder, change: impl Fn(&mut serde_json::Value)) {
    folder.write("late.toml", too_late("late"));
    folder.run("check late.toml --runs 50").exits(1);
    let name = format!(".punctual/failures/{}", folder.list(".punctual/failures")[0]);
    let mut trace = document(&folder.read(&name));
    change(&mut trace);
    folder.write("changed.json", trace.to_string());
}

#[test]
fn a_trace_of_another_version_is_refused() {
    let folder = Folder::of("told-version");
    changed(&folder, |trace| trace["version"] = "0.0.1".into());
    folder.run("replay changed.json").exits(2).says(&["changed.json", "0.0.1", env!("CARGO_PKG_VERSION")]);
}

#[test]
fn a_trace_saved_for_what_it_does_not_break_is_refused() {
    let folder = Folder::of("told-unbroken");
    changed(&folder, |trace| {
        let text = replaced(trace["text"].as_str().expect("a text"), "\"20ms\"", "\"20s\"");
        let scenario = punctual_scenarios::Scenario::parse("late", &text).expect("it is sound");
        trace["digest"] = scenario.cases[0].digest.clone().into();
        trace["text"] = text.into();
    });
    folder.run("replay changed.json").exits(2).says(&["changed.json", "delivered-within", "does not break"]);
}

#[test]
fn a_trace_saved_for_what_is_not_checked_is_refused() {
    let folder = Folder::of("told-unchecked");
    for name in ["no-event-lost", "no-such-thing"] {
        changed(&folder, |trace| trace["invariant"] = name.into());
        folder.run("replay changed.json").exits(2).says(&["changed.json", name, "does not check"]);
    }
}

#[test]
fn an_error_of_a_trace_names_its_file() {
    let folder = Folder::of("told-file");
    changed(&folder, |trace| trace["digest"] = "0".into());
    folder.run("replay changed.json").exits(2).says(&["changed.json: a trace of another version"]);
    changed(&folder, |trace| trace["decisions"][0]["value"] = 999_999_999_u64.into());
    folder.run("replay changed.json").exits(2).says(&["changed.json: "]);
}

#[test]
fn replaying_a_scenario_needs_a_name() {
    let folder = Folder::of("told-nameless");
    folder.write("keeps.toml", ordered("keeps = [\"no-event-lost\"]"));
    for words in ["replay keeps.toml", "replay keeps.toml --variant base"] {
        folder.run(words).exits(2).says(&["needs the name", "interleavings: i", "no-event-lost"]);
    }
    folder.run("replay blog-as-coded").exits(2).says(&["needs the name", "no-event-lost"]);
}

#[test]
fn an_interleaving_of_another_variant_is_told_to_be_there() {
    let folder = Folder::of("told-elsewhere");
    let text =
        replaced(&ordered("keeps = [\"no-event-lost\"]"), "name = \"i\"", "name = \"i\"\nvariant = \"v\"");
    folder.write("v.toml", text + "\n[variant.v]\nset = { \"task.r.sleep.sleep\" = \"101ms\" }\n");
    let ran = folder.run("replay v.toml i --variant base").exits(2).says(&["is one with v"]);
    assert!(!ran.stderr.contains("it has: i"), "{}", ran.stderr);
}

// The environment.

#[test]
fn a_log_that_nobody_can_mean_is_refused() {
    let folder = Folder::of("told-log");
    let mut command = folder.command("run blog-as-coded");
    let ran = common::Ran::from(command.env("PUNCTUAL_LOG", "bogus").output().expect("it starts"));
    ran.exits(2).says(&["PUNCTUAL_LOG", "bogus", "trace"]);
}

#[test]
fn a_variable_that_is_empty_is_as_good_as_unset() {
    let folder = Folder::of("told-empty");
    let mut command = folder.command("check blog-as-coded --variant base --format json");
    command
        .env("PUNCTUAL_RUNS", "")
        .env("PUNCTUAL_SEED", "")
        .env("PUNCTUAL_JOBS", "")
        .env("PUNCTUAL_LOG", "");
    let ran = common::Ran::from(command.output().expect("it starts")).exits(0);
    assert_eq!(document(&ran.stdout)["scenarios"][0]["checks"][0]["sampled"]["runs"], 5_000);
}

#[test]
fn progress_in_ascii_is_ascii() {
    let folder = Folder::of("told-progress");
    folder.write("first.toml", first());
    folder.write("base.toml", first_base());
    let ran = folder.run("check first.toml base.toml --runs 2000 --progress always --ascii");
    assert!(ran.stderr.is_ascii(), "{}", ran.stderr);
}
