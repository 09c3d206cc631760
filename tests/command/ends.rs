//! How a check ends, as an exit code.

use super::{TOO_LATE, flipped, never_lost};
use crate::common::{Folder, first, first_base, replaced};

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
