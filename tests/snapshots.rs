//! What a reader sees, in full. After a change of a text: `INSTA_UPDATE=always cargo test --test
//! snapshots`, and read the difference.

mod common;

use common::{Folder, first_base, replaced};

#[track_caller]
fn shown(name: &str, words: &str, code: i32) -> String {
    let ran = Folder::of(&format!("snapshots-{name}")).run(words).exits(code);
    if code == 2 { ran.stderr } else { ran.stdout }
}

#[test]
fn the_check_of_a_scenario_that_fails_as_it_should() {
    insta::assert_snapshot!(shown("reference", "check audio-reference --runs 500", 0));
}

#[test]
fn the_check_of_a_scenario_that_holds_in_ascii() {
    insta::assert_snapshot!(shown("blog", "check blog-as-coded --runs 300 --ascii", 0));
}

#[test]
fn a_failing_check_in_full() {
    let folder = Folder::of("snapshots-failing");
    let text = replaced(&first_base(), "delivered-within = \"violated\"", "delivered-within = \"holds\"");
    folder.write("flipped.toml", text);
    insta::assert_snapshot!(folder.run("check flipped.toml --runs 300").exits(1).stdout);
}

#[test]
fn one_run() {
    insta::assert_snapshot!(shown("run", "run audio-reference", 0));
}

#[test]
fn a_race_by_its_name() {
    let words = "replay audio-as-documented announced-between-commit-and-publish";
    insta::assert_snapshot!(shown("replay", words, 0));
}

#[test]
fn an_impossible_race() {
    let words = "replay audio-as-coded-existing poll-between-commit-and-publish";
    insta::assert_snapshot!(shown("impossible", words, 0));
}

#[test]
fn an_invariant_explained() {
    insta::assert_snapshot!(shown("explain", "explain P1001", 0));
}

#[test]
fn help() {
    for verb in [
        "punctual",
        "check",
        "run",
        "replay",
        "list",
        "show",
        "init",
        "schema",
        "explain",
        "completions",
        "man",
    ] {
        let words = format!("{} --help", verb.trim_start_matches("punctual"));
        insta::assert_snapshot!(format!("help_{verb}"), shown("help", &words, 0));
    }
}

#[test]
fn the_document() {
    let words = "check audio-reference --variant fix-3 --runs 200 --format json";
    insta::assert_snapshot!(shown("document", &format!("{words} --no-fail"), 0));
}

#[test]
fn a_file_with_several_mistakes() {
    let folder = Folder::of("snapshots-mistakes");
    let text = replaced(&first_base(), "takes = \"5s..20s\"", "takes = \"20s..5s\"");
    let text = replaced(&text, "latency = \"5ms..80ms\"", "latency = \"5..80ms\"");
    folder.write("mistakes.toml", replaced(&text, "poll = \"poll\"", "poll = \"pol\""));
    insta::assert_snapshot!(folder.run("check mistakes.toml").exits(2).stderr);
}
