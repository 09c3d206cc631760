//! The command as a script sees it: what it prints where, and the code it exits with.

mod common;

use std::fs::File;
use std::process::Stdio;

use common::{Folder, embedded, first, first_base, replaced};
use punctual_model::Rule;

/// The one expectation of `init`'s scenario that breaks, the other way round.
fn flipped() -> String {
    replaced(&first_base(), "delivered-within = \"violated\"", "delivered-within = \"holds\"")
}

/// A scenario that expects a loss where there is none.
fn never_lost() -> String {
    replaced(&first_base(), "no-event-lost = \"holds\"", "no-event-lost = \"violated\"")
}

/// An order that time forbids, but that cannot be refused without delays.
const TOO_LATE: &str = r#"
[[interleaving]]
name = "many-polls-while-queued"
order = ["stream.poll@9", "render.start"]
expect = "impossible"
"#;

// How a check ends.

#[test]
fn a_check_that_is_as_expected_exits_0() {
    let folder = Folder::of("command-as-expected");
    folder.run("check audio-reference --runs 400").exits(0);
    assert!(folder.list("").is_empty(), "nothing is saved: {:?}", folder.list(""));
}

#[test]
fn a_verdict_that_is_not_as_expected_exits_1_and_saves_the_run() {
    let folder = Folder::of("command-not-as-expected");
    folder.write("flipped.toml", flipped());
    let ran = folder.run("check flipped.toml --runs 300").exits(1).shows(&["delivered-within"]);
    let saved = folder.list(".punctual/failures");
    assert_eq!(saved.len(), 1, "{saved:?}");
    let replay = ran.stdout.lines().rfind(|line| line.contains("punctual replay")).expect("a line to paste");
    assert!(replay.contains(saved[0].trim_end_matches(".json")), "{replay} replays {saved:?}");
}

#[test]
fn the_line_to_paste_gives_the_saved_run_again() {
    let folder = Folder::of("command-paste");
    folder.write("flipped.toml", flipped());
    let ran = folder.run("check flipped.toml --runs 300").exits(1);
    let replay = ran.stdout.lines().rfind(|line| line.contains("punctual replay")).expect("a line to paste");
    let words = replay.split_once("punctual ").expect("it begins with the command").1;
    folder.run(words).exits(0).shows(&["delivered-within"]);
    let saved = folder.read(&format!(".punctual/failures/{}", folder.list(".punctual/failures")[0]));
    let again = folder.run(&format!("{words} --format json")).exits(0).stdout;
    let [saved, again] = [&saved, &again].map(|text| {
        let mut trace: serde_json::Value = serde_json::from_str(text).expect("a trace is JSON");
        // What it was saved for is known to the check alone.
        trace["invariant"].take();
        trace
    });
    assert!(saved["steps"].as_array().is_some_and(|steps| steps.len() > 10), "{saved}");
    assert_eq!(saved, again);
}

#[test]
fn a_check_that_cannot_decide_exits_3() {
    let folder = Folder::of("command-inconclusive");
    folder.write("never.toml", never_lost());
    folder.write("late.toml", first_base() + TOO_LATE);
    folder.run("check never.toml --runs 20 --states 1").exits(3);
    folder.run("check late.toml --runs 20 --states 1").exits(3);
}

#[test]
fn what_must_fail_and_cannot_is_a_failure() {
    let folder = Folder::of("command-never");
    folder.write("never.toml", never_lost());
    folder.run("check never.toml --runs 20").exits(1).shows(&["every timing ("]);
}

#[test]
fn an_order_that_only_the_delays_forbid_is_impossible() {
    let folder = Folder::of("command-late");
    folder.write("late.toml", first_base() + TOO_LATE);
    let refused = ["many-polls-while-queued: impossible", "render.start"];
    folder.run("check late.toml --runs 20").exits(0).shows(&refused);
    folder.run("replay late.toml many-polls-while-queued").exits(0).shows(&refused);
}

#[test]
fn not_as_expected_weighs_more_than_inconclusive() {
    let folder = Folder::of("command-both");
    folder.write("one.toml", flipped());
    folder.write("two.toml", never_lost());
    folder.run("check . --runs 300").exits(1);
}

#[test]
fn no_fail_exits_0_for_verdicts_and_for_nothing_else() {
    let folder = Folder::of("command-no-fail");
    folder.write("flipped.toml", flipped());
    folder.write("never.toml", never_lost());
    folder.write("empty.toml", "");
    folder.run("check flipped.toml --runs 300").exits(1);
    folder.run("check flipped.toml --runs 300 --no-fail").exits(0).shows(&["not as expected"]);
    folder.run("check never.toml --runs 50 --no-fail").exits(0);
    folder.run("check empty.toml --no-fail").exits(2);
    folder.run("check flipped.toml --variant none --no-fail").exits(4);
}

#[test]
fn nothing_selected_exits_4() {
    let folder = Folder::of("command-nothing");
    folder.write("empty/readme.md", "no scenario");
    folder.run("check empty").exits(4).says(&["nothing selected"]);
    folder.run("check --variant fix-9 --runs 1").exits(4).says(&["nothing selected", "fix-9"]);
    folder.run("run empty").exits(4);
}

#[test]
fn a_variant_alone_is_checked_alone() {
    let folder = Folder::of("command-variant");
    let ran =
        folder.run("check audio-reference --variant fix-3+rows-first --runs 200 --format json").exits(0);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).expect("a document");
    let cases = document["scenarios"].as_array().expect("scenarios");
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0]["variant"], "fix-3+rows-first");
}

#[test]
fn the_base_can_be_named_wherever_a_variant_can() {
    let folder = Folder::of("command-base");
    let base = folder.run("run audio-reference --variant base").exits(0);
    assert_eq!(base.stdout, folder.run("run audio-reference").exits(0).stdout);
    folder.run("replay audio-reference no-event-lost --variant base").exits(0);
    let checked = folder.run("check audio-reference --variant base --runs 100 --format json").exits(0);
    let document: serde_json::Value = serde_json::from_str(&checked.stdout).expect("a document");
    assert!(document["scenarios"][0]["variant"].is_null());
    folder.write("base.toml", replaced(&first(), "[variant.poll-faster]", "[variant.base]"));
    folder.run("check base.toml").exits(2).says(&["P0313", "no variant can be called"]);
}

#[test]
fn each_variant_asked_for_must_be_there() {
    let folder = Folder::of("command-each-variant");
    folder
        .run("check audio-reference --variant fix-1 --variant fix-33 --runs 1")
        .exits(4)
        .says(&["--variant fix-33", "did you mean fix-3"]);
    folder
        .run("check audio-reference --variant fix-4+fix-1 --runs 1")
        .exits(2)
        .says(&["the order of the file", "fix-1+fix-4"]);
    folder
        .run("check audio-reference --variant fix-1 --variant fix-1 --runs 100")
        .exits(0)
        .shows(&["1 case"]);
}

#[test]
fn what_init_writes_is_as_it_expects() {
    let folder = Folder::of("command-init-holds");
    folder.run("init").exits(0);
    folder.run("check scenarios").exits(0).shows(&["all as expected"]);
}

#[test]
fn a_folder_that_is_named_like_a_scenario_is_not_passed_over() {
    let folder = Folder::of("command-folder-named-toml");
    folder.write("all/first.toml", first());
    folder.write("all/second.toml/inside.toml", first());
    folder.run("check all --runs 10").exits(2).says(&["second.toml", "directory"]);
}

#[test]
fn a_run_that_had_to_be_stopped_is_undecided() {
    let folder = Folder::of("command-stopped");
    let mut text = replaced(&first_base(), "{ poll = \"poll\" }", "{ sleep = \"1us\" }");
    for time in ["1ms..5ms", "1ms..10ms"] {
        text = replaced(&text, time, "0us");
    }
    folder.write(
        "busy.toml",
        replaced(&text, "delivered-within = \"violated\"", "delivered-within = \"holds\""),
    );
    let ran = folder.run("check busy.toml --runs 1").exits(3);
    ran.shows(&["unknown", "none in 1 run, and exploring stopped at", "no run came to its end"]);
}

// What is wrong on the command line.

#[test]
fn numbers_that_mean_nothing_are_refused() {
    let folder = Folder::of("command-numbers");
    for (words, named) in [
        ("check audio-reference --jobs 0", "--jobs"),
        ("check audio-reference --runs 0", "--runs"),
        ("check audio-reference --runs -5", "-5"),
        ("check audio-reference --seed twelve", "--seed"),
        ("check audio-reference --format xml", "--format"),
        ("check audio-reference -q -v", "--quiet"),
        ("frobnicate", "frobnicate"),
    ] {
        let ran = folder.run(words).exits(2);
        assert!(ran.stderr.contains(named) && ran.stdout.is_empty(), "{words}: {}", ran.stderr);
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    let folder = Folder::of("command-unknown");
    folder.run("check audio-refrence").exits(2).says(&["did you mean", "audio-reference"]);
    folder.run("run blog-as-code").exits(2).says(&["did you mean", "blog-as-coded"]);
    folder.run("run blog-as-coded --variant burts").exits(2).says(&["burts", "burst"]);
    folder.run("replay blog-as-coded nothing-lost").exits(2).says(&["nothing-lost", "no-event-lost"]);
    folder.run("explain no-event-lots").exits(2).says(&["no-event-lost"]);
}

// Files that are no scenarios.

#[test]
fn whatever_a_file_is_it_is_refused_with_its_name() {
    let folder = Folder::of("command-bad-files");
    folder.write("empty.toml", "");
    folder.write("blank.toml", "\n \n\t\n");
    folder.write("binary.toml", [0_u8, 159, 146, 150, 255, 10, 0]);
    folder.write("latin.toml", b"about = \"caf\xe9\"\n");
    folder.write("json.toml", "{\"scenario\": 1}");
    let huge = File::create(folder.path.join("huge.toml")).expect("a file can be made");
    huge.set_len(100 << 20).expect("a file can have holes");
    for (file, named) in [
        ("missing.toml", "cannot read"),
        ("empty.toml", "empty"),
        ("blank.toml", "empty"),
        ("binary.toml", "not a text"),
        ("latin.toml", "not a text"),
        ("json.toml", "P0001"),
        ("huge.toml", "larger than"),
        ("empty.toml/below.toml", "cannot read"),
    ] {
        for verb in ["check", "run"] {
            let ran = folder.run(&format!("{verb} {file}")).exits(2);
            let said = ran.stderr;
            assert!(said.contains(file) && said.contains(named), "{verb} {file}: {named:?} in\n{said}");
            assert!(ran.stdout.is_empty(), "{verb} {file}: {}", ran.stdout);
        }
    }
}

#[test]
fn deep_nesting_is_refused_before_it_can_hurt() {
    let folder = Folder::of("command-deep");
    folder.write("arrays.toml", format!("a = {}{}", "[".repeat(200_000), "]".repeat(200_000)));
    folder.write("open.toml", format!("a = {}", "[".repeat(500_000)));
    folder.write("tables.toml", format!("a = {}1{}", "{a=".repeat(200_000), "}".repeat(200_000)));
    folder.write("keys.toml", format!("a{} = 1", ".a".repeat(200_000)));
    folder.write("header.toml", format!("[a{}]", ".a".repeat(200_000)));
    for file in ["arrays.toml", "open.toml", "tables.toml", "keys.toml", "header.toml"] {
        folder.run(&format!("check {file}")).exits(2).says(&[file]);
    }
}

#[test]
fn all_that_is_wrong_with_a_file_is_said_at_once_each_with_its_line() {
    let folder = Folder::of("command-several");
    let text = replaced(&first(), "takes = \"5s..20s\"", "takes = \"20s..5s\"");
    let text = replaced(&text, "latency = \"5ms..80ms\"", "latency = \"5..80ms\"");
    let text = replaced(&text, "poll = \"poll\"", "poll = \"pol\"");
    folder.write("several.toml", &text);
    let ran = folder.run("check several.toml").exits(2);
    let line_of = |part: &str| text.lines().position(|line| line.contains(part)).expect("the line") + 1;
    let places = [("P0206", "20s..5s"), ("P0202", "latency"), ("P0304", "\"pol\"")];
    for (code, part) in places {
        assert!(ran.stderr.contains(code), "{code} is not in:\n{}", ran.stderr);
        let place = format!("several.toml:{}:", line_of(part));
        assert!(ran.stderr.contains(&place), "{place} is not in:\n{}", ran.stderr);
    }
    folder.write("fine.toml", first_base());
    folder.run("check several.toml fine.toml --runs 20").exits(2);
}

#[test]
fn a_loop_that_lets_no_time_pass_is_refused() {
    let folder = Folder::of("command-spin");
    let guarded =
        replaced(&first_base(), "{ poll = \"poll\" }", "{ work = \"w\", takes = \"1s\", chance = 0.5 }");
    let guarded = replaced(&guarded, "{ send = \"events\", takes = \"1ms..5ms\" }", "{ send = \"events\" }");
    let guarded = replaced(&guarded, "{ read = \"status\", takes = \"1ms..10ms\" }", "{ read = \"status\" }");
    folder.write("spin.toml", guarded);
    folder.run("check spin.toml").exits(2).says(&["P0407"]);
}

#[test]
fn a_task_that_wakes_itself_for_ever_is_stopped_and_named() {
    let folder = Folder::of("command-stuck");
    // The wait counts as an await, yet the task keeps a permit for itself: once woken, it spins.
    let text =
        replaced(&first_base(), "{ poll = \"poll\" }", "{ wait = \"wakeup\" },\n  { notify = \"wakeup\" }");
    let text = replaced(&text, "{ send = \"events\", takes = \"1ms..5ms\" }", "{ send = \"events\" }");
    let text = replaced(&text, "{ read = \"status\", takes = \"1ms..10ms\" }", "{ read = \"status\" }");
    let text =
        replaced(&text, "{ publish = \"rendered\"", "{ notify = \"wakeup\" },\n  { publish = \"rendered\"");
    let text = text + "\n[[signal]]\nname = \"wakeup\"\npermit = true\n";
    folder.write("stuck.toml", text);
    folder.run("check stuck.toml --runs 3").exits(2).says(&["task stream", "time pass"]);
}

// Saved traces.

/// A saved trace of the flipped scenario and its file name.
fn saved(folder: &Folder) -> (serde_json::Value, String) {
    folder.write("flipped.toml", flipped());
    folder.run("check flipped.toml --runs 300").exits(1);
    let name = format!(".punctual/failures/{}", folder.list(".punctual/failures")[0]);
    (serde_json::from_str(&folder.read(&name)).expect("a trace is JSON"), name)
}

#[test]
fn a_trace_of_another_scenario_is_refused() {
    let folder = Folder::of("command-against");
    let (_, name) = saved(&folder);
    folder.run(&format!("replay {name} --against flipped.toml")).exits(0);
    folder.run(&format!("replay {name} --against blog-as-coded")).exits(2).says(&["a trace of first"]);
    folder.write("changed.toml", replaced(&flipped(), "5s..20s", "5s..21s"));
    folder.run(&format!("replay {name} --against changed.toml")).exits(2).says(&["another version"]);
    // Other line ends are not another scenario.
    folder.write("windows.toml", flipped().replace('\n', "\r\n"));
    folder.run(&format!("replay {name} --against windows.toml")).exits(0);
}

#[test]
fn a_trace_that_was_tampered_with_is_refused() {
    let folder = Folder::of("command-tampered");
    let (trace, name) = saved(&folder);
    let decisions = trace["decisions"].as_array().expect("a list");
    let delay = decisions.iter().position(|decision| decision["about"] == "delay").expect("a delay");
    let tampered = |change: &dyn Fn(&mut serde_json::Value), says: &str| {
        let mut changed = trace.clone();
        change(&mut changed);
        assert_ne!(changed, trace, "{says}: nothing was changed");
        folder.write("tampered.json", changed.to_string());
        let ran = folder.run("replay tampered.json");
        assert_eq!(ran.code, 2, "{says}: {changed}");
        ran.says(&[says]);
    };
    tampered(&|trace| trace["schema"] = "punctual.trace/9".into(), "punctual.trace/9");
    tampered(&|trace| trace["decisions"][delay]["value"] = 999_999_999.into(), "decisions");
    tampered(&|trace| trace["decisions"][delay]["name"] = "render.nothing".into(), "decisions");
    tampered(&|trace| drop(trace["decisions"].as_array_mut().expect("a list").pop()), "decisions");
    tampered(&|trace| trace["decisions"][delay]["occurrence"] = u32::MAX.into(), "decisions");
    tampered(&|trace| trace["steps"][2]["at_us"] = 1.into(), "another run");
    tampered(&|trace| drop(trace["steps"].as_array_mut().expect("a list").pop()), "another run");
    tampered(&|trace| trace["digest"] = "0000000000000000".into(), "another version");
    tampered(&|trace| trace["variant"] = "fix-9".into(), "fix-9");
    tampered(&|trace| trace["text"] = "scenario = 1".into(), "unsound");
    let moved = |trace: &mut serde_json::Value| {
        let value = trace["decisions"][delay]["value"].as_u64().expect("a number");
        let low = trace["decisions"][delay]["range"][0].as_u64().expect("a number");
        trace["decisions"][delay]["value"] = if value == low { value + 1 } else { value - 1 }.into();
    };
    tampered(&moved, "another run");
    let text = folder.read(&name);
    for part in [0, 1, text.len() / 2, text.len() - 3] {
        folder.write("cut.json", &text[..part]);
        folder.run("replay cut.json").exits(2).says(&["cut.json"]);
    }
    folder.write("binary.json", [0_u8, 255, 254]);
    folder.run("replay binary.json").exits(2).says(&["binary.json"]);
    folder.run("replay missing.json").exits(2).says(&["missing.json"]);
}

#[test]
fn a_run_printed_as_json_can_be_replayed_from_standard_input() {
    let folder = Folder::of("command-stdin");
    let trace =
        folder.run("run blog-as-coded --variant burst --seed 7 --number 3 --format json").exits(0).stdout;
    folder.write("trace.json", &trace);
    let mut command = folder.command("replay - --format json");
    command.stdin(File::open(folder.path.join("trace.json")).expect("it was written"));
    let again = common::Ran::from(command.output().expect("the command can be started")).exits(0);
    assert_eq!(again.stdout, trace);
}

#[test]
fn a_folder_for_failures_that_cannot_be_is_refused_before_any_run_is_made() {
    let folder = Folder::of("command-unsaved");
    folder.write("flipped.toml", flipped());
    folder.write("file", "in the way");
    let ran = folder.run("check flipped.toml --runs 300 --failures file/below").exits(2);
    ran.says(&["--failures", "file is a file, and no folder"]);
    assert_eq!(folder.list(""), ["file", "flipped.toml"]);
    assert_eq!(folder.read("file"), "in the way");
}

#[test]
fn saving_leaves_nothing_half_written() {
    let folder = Folder::of("command-half");
    let (_, name) = saved(&folder);
    // Where the file would go there is a folder: the rename fails, after all was written.
    let id = name.rsplit('/').next().expect("a file name").to_owned();
    folder.write(&format!("other/{id}/keep"), "");
    folder.run("check flipped.toml --runs 300 --failures other").exits(1).says(&["warning"]);
    assert_eq!(folder.list("other"), [id]);
}

// Output.

#[test]
fn a_reader_that_has_left_is_no_error() {
    let folder = Folder::of("command-pipe");
    for words in ["check audio-reference --runs 100", "schema", "run blog-as-coded", "completions bash"] {
        let mut child = folder
            .command(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command can be started");
        drop(child.stdout.take());
        let ran = common::Ran::from(child.wait_with_output().expect("it ends"));
        let ran = ran.exits(0);
        assert!(!ran.stderr.contains("error"), "{words}: {}", ran.stderr);
    }
}

#[test]
fn data_goes_to_stdout_and_words_to_stderr() {
    let folder = Folder::of("command-streams");
    let ran = folder.run("check blog-as-coded --runs 50 --format json").exits(0);
    assert!(serde_json::from_str::<serde_json::Value>(&ran.stdout).is_ok(), "{}", ran.stdout);
    let quiet = folder.run("check blog-as-coded --runs 50 --format json --progress never").exits(0);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (ran.stdout, ""));
}

#[test]
fn quiet_prints_what_is_not_as_expected_and_nothing_else() {
    let folder = Folder::of("command-quiet");
    folder.write("flipped.toml", flipped());
    let ran = folder.run("check audio-reference --runs 300 -q").exits(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let ran = folder.run("check audio-reference flipped.toml --runs 300 -q").exits(1).shows(&["first"]);
    assert!(!ran.stdout.contains("audio-reference"), "{}", ran.stdout);
    assert_eq!(ran.stderr, "");
}

#[test]
fn verbose_shows_more_than_usual() {
    let folder = Folder::of("command-verbose");
    let usual = folder.run("check audio-reference --runs 200").exits(0).stdout;
    let verbose = folder.run("check audio-reference --runs 200 -v").exits(0).stdout;
    assert!(verbose.lines().count() > usual.lines().count(), "{verbose}");
}

#[test]
fn ascii_is_pure_ascii_and_says_as_much() {
    let folder = Folder::of("command-ascii");
    folder.write("flipped.toml", flipped());
    for words in [
        "check flipped.toml --runs 300",
        "check audio-reference --runs 100 -v",
        "run audio-reference",
        "replay audio-as-documented announced-between-commit-and-publish",
    ] {
        let rich = folder.run(words).stdout;
        let plain = folder.run(&format!("{words} --ascii")).stdout;
        assert!(!rich.is_ascii(), "{words} has glyphs without --ascii");
        assert!(plain.is_ascii(), "{words}:\n{plain}");
        assert_eq!(rich.lines().count(), plain.lines().count(), "{words}");
        let mut command = folder.command(words);
        let by_locale = common::Ran::from(command.env("LANG", "C").output().expect("it starts"));
        assert_eq!(by_locale.stdout, plain, "{words}");
    }
}

#[test]
fn colour_is_there_when_asked_for_and_only_then() {
    let folder = Folder::of("command-colour");
    let plain = folder.run("check audio-reference --runs 100").exits(0).stdout;
    let coloured = folder.run("check audio-reference --runs 100 --color always").exits(0).stdout;
    assert!(!plain.contains('\x1b') && coloured.contains('\x1b'));
}

#[test]
fn no_line_is_wider_than_the_width_that_is_told() {
    let folder = Folder::of("command-width");
    let mut command = folder.command("check audio-reference --runs 100");
    let ran = common::Ran::from(command.env("COLUMNS", "60").output().expect("it starts")).exits(0);
    let widest = ran.stdout.lines().max_by_key(|line| line.chars().count()).unwrap_or_default();
    assert!(widest.chars().count() <= 60, "{widest}");
}

// The other verbs.

#[test]
fn what_init_writes_can_be_checked_and_is_never_overwritten() {
    let folder = Folder::of("command-init");
    let ran = folder.run("init").exits(0);
    let next = ran.stdout.lines().find_map(|line| line.split_once("punctual ")).expect("what to do next").1;
    folder.run(&format!("{next} --runs 500 --no-fail")).exits(0);
    folder.write("scenarios/first.toml", "mine");
    folder.run("init").exits(2).says(&["first.toml", "nothing was written"]);
    assert_eq!(folder.read("scenarios/first.toml"), "mine");
    folder.run("init other").exits(0);
    assert_eq!(folder.list("other/scenarios"), ["first.toml", "punctual.schema.json"]);
    folder.write("file", "");
    folder.run("init file").exits(2).says(&["cannot write"]);
}

#[test]
fn the_schemas_are_those_in_the_repository() {
    let folder = Folder::of("command-schema");
    let scenario = include_str!("../scenarios/scenario.schema.json");
    let check = include_str!("../reports/check.schema.json");
    assert_eq!(folder.run("schema").exits(0).stdout, scenario);
    assert_eq!(folder.run("schema scenario").exits(0).stdout, scenario);
    assert_eq!(folder.run("schema check").exits(0).stdout, check);
}

#[test]
fn every_invariant_is_explained_by_its_name_and_its_code() {
    let folder = Folder::of("command-explain");
    let mut unexplained = Vec::new();
    let mut asked: Vec<String> = Vec::new();
    for (place, name) in Rule::NAMES.iter().enumerate() {
        asked.extend([(*name).to_owned(), format!("P10{:02}", place + 1)]);
    }
    for code in asked {
        let ran = folder.run(&format!("explain {code}"));
        let lower = folder.run(&format!("explain {}", code.to_lowercase()));
        if ran.code != 0 || !ran.stdout.contains(&code) || ran.stdout != lower.stdout {
            unexplained.push(code);
        }
    }
    assert!(unexplained.is_empty(), "{unexplained:?}");
    folder.run("explain P0000").exits(2);
}

#[test]
fn there_are_completions_for_every_shell() {
    let folder = Folder::of("command-completions");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        folder.run(&format!("completions {shell}")).exits(0).shows(&["punctual", "replay", "no-fail"]);
    }
    folder.run("completions tcsh").exits(2);
}

#[test]
fn version_and_help_exit_0() {
    let folder = Folder::of("command-help");
    folder.run("--version").exits(0).shows(&[env!("CARGO_PKG_VERSION")]);
    for verb in ["", "check", "run", "replay", "init", "schema", "explain", "completions"] {
        folder.run(&format!("{verb} --help")).exits(0).shows(&["Usage: punctual"]);
    }
    folder.run("").exits(2).says(&["Usage: punctual"]);
}

#[test]
fn a_log_tells_simulated_time_and_changes_nothing() {
    let folder = Folder::of("command-log");
    let plain = folder.run("run audio-reference").exits(0);
    let mut command = folder.command("run audio-reference");
    let logged =
        common::Ran::from(command.env("PUNCTUAL_LOG", "trace").output().expect("it starts")).exits(0);
    assert_eq!(logged.stdout, plain.stdout);
    assert!(logged.stderr.contains("sim+") && !plain.stderr.contains("sim+"), "{}", logged.stderr);
}

#[test]
fn the_environment_sets_what_the_line_does_not() {
    let folder = Folder::of("command-environment");
    let words = "check audio-reference --variant base --format json";
    let told = folder.run(&format!("{words} --runs 77 --seed 5")).exits(0).stdout;
    let mut command = folder.command(words);
    command.env("PUNCTUAL_RUNS", "77").env("PUNCTUAL_SEED", "0x5").env("PUNCTUAL_JOBS", "1");
    assert_eq!(common::Ran::from(command.output().expect("it starts")).exits(0).stdout, told);
    assert!(told.contains("\"runs\": 77"), "{told}");
}

#[test]
fn an_embedded_scenario_copied_to_a_file_gives_the_same_document() {
    let folder = Folder::of("command-copy");
    folder.write("copy.toml", embedded("audio-reference"));
    let own = folder.run("check audio-reference --runs 60 --format json").stdout;
    let copy = folder.run("check copy.toml --runs 60 --format json").stdout;
    // What is to be typed names the scenario as it was named.
    assert_eq!(own, copy.replace("punctual replay copy.toml ", "punctual replay audio-reference "));
}

#[test]
fn of_a_combination_that_nobody_listed_an_unknown_verdict_is_inconclusive() {
    let folder = Folder::of("command-unlisted");
    let words = "check audio-as-documented --variant fix-1+rows-first --runs 1 --states 1";
    folder.run(words).exits(3).shows(&["unknown"]);
    folder.run("check audio-as-documented --variant fix-1+rows-first --runs 1").exits(0);
}
