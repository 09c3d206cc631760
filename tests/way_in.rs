//! Which scenarios are meant where none is named, and scenarios from standard input.

mod common;

use std::path::Path;

use common::{Folder, embedded, first, first_base, replaced};
use punctual_scenarios::library;
use serde_json::Value;

/// What no scenario of these tests is called.
const CARGO: &str = "[package]\nname = \"mine\"\n\n[dependencies]\nserde = \"1\"\n";

/// The names of the scenarios of a result.
fn names(printed: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(printed).expect("a document");
    let scenarios = document["scenarios"].as_array().expect("a list");
    let mut names: Vec<String> =
        scenarios.iter().map(|case| case["scenario"].as_str().expect("a name").to_owned()).collect();
    names.dedup();
    names
}

/// `first`, under another name.
fn called(name: &str) -> String {
    replaced(&first_base(), "scenario = \"first\"", &format!("scenario = \"{name}\""))
}

fn all_embedded() -> Vec<&'static str> {
    library().into_iter().map(|(name, _)| name).collect()
}

// Where none is named.

#[test]
fn a_folder_with_scenarios_of_its_own_has_those_checked_and_nothing_else() {
    let folder = Folder::of("way-in-own");
    folder.write("scenarios/b.toml", called("second"));
    folder.write("a.punctual.toml", called("one"));
    folder.write("other.toml", called("not-this-one"));
    let ran = folder.run("check --runs 20 --format json --no-fail").exits(0);
    assert_eq!(names(&ran.stdout), ["one", "second"]);
    let said = ran.stderr.lines().next().expect("it says what it checks");
    assert_eq!(
        said,
        "    Checking the scenarios of this folder, a.punctual.toml and scenarios/b.toml; --library: the embedded ones"
    );
    let quiet = folder.run("check --runs 20 --format json --no-fail --progress never").exits(0);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (ran.stdout, ""));
}

#[test]
fn the_embedded_ones_are_asked_for_by_name_or_all_at_once() {
    let folder = Folder::of("way-in-library");
    folder.write("scenarios/mine.toml", called("mine"));
    let ran = folder.run("list --library --format json").exits(0).says(&["the embedded scenarios"]);
    assert_eq!(names(&ran.stdout), all_embedded());
    let ran = folder.run("list audio-reference --format json").exits(0);
    assert_eq!((names(&ran.stdout), ran.stderr.as_str()), (vec!["audio-reference".to_owned()], ""));
    folder.run("check --library audio-reference").exits(2).says(&["--library", "cannot be used with"]);
    let checked = folder.run("check --library --variant ship --runs 1 --format json --no-fail").exits(0);
    assert!(names(&checked.stdout).iter().all(|name| name.starts_with("audio-as-coded-")));
}

#[test]
fn a_folder_without_scenarios_has_the_embedded_ones_checked_and_is_told() {
    let folder = Folder::of("way-in-none");
    folder.write("notes.toml", called("not-this-one"));
    folder.write("scenarios/Cargo.toml", CARGO);
    folder.write("scenarios/readme.md", "scenario =");
    let ran = folder.run("list --format json").exits(0);
    assert_eq!(names(&ran.stdout), all_embedded());
    assert_eq!(ran.stderr, "    Listing the embedded scenarios, since this folder has none of its own\n");
    folder.write("scenarios/more/deep.toml", called("deep"));
    let ran = folder.run("list --format json").exits(0).says(&["not looked into: scenarios/more;"]);
    assert_eq!(names(&ran.stdout), all_embedded());
}

#[test]
fn this_repository_has_the_embedded_ones_checked() {
    let folder = Folder { path: Path::new(env!("CARGO_MANIFEST_DIR")).to_owned() };
    let ran = folder.run("list --format json").exits(0).says(&["the embedded scenarios, since"]);
    assert_eq!(names(&ran.stdout), all_embedded());
}

#[test]
fn compare_simulate_diff_and_list_mean_the_same_as_check() {
    let folder = Folder::of("way-in-verbs");
    folder.write("scenarios/mine.toml", called("mine"));
    let mut said = Vec::new();
    let mut says = |words: &str| {
        let ran = folder.run(words).exits(0);
        said.push(ran.stderr.lines().next().unwrap_or_default().to_owned());
        ran.stdout
    };
    let base = says("check --runs 20 --format json");
    folder.write("base.json", &base);
    assert_eq!(names(&base), ["mine"]);
    assert_eq!(names(&says("list --format json")), ["mine"]);
    assert!(says("compare --runs 20").contains("mine"));
    assert!(says("diff base.json --runs 20").contains("nothing changed"));
    if cfg!(feature = "hosts") {
        assert!(says("simulate --seeds 1").contains("mine"));
    }
    let rest = " the scenarios of this folder, scenarios/mine.toml; --library: the embedded ones";
    for (line, doing) in said.iter().zip(["Checking", "Listing", "Comparing", "Comparing", "Simulating"]) {
        assert_eq!(*line, format!("    {doing}{rest}"));
    }
}

#[test]
fn a_result_is_held_against_what_the_folder_has_or_the_library() {
    let folder = Folder::of("way-in-diff");
    let base = folder.run("check audio-reference --variant base --runs 20 --format json").exits(0).stdout;
    folder.write("base.json", &base);
    folder.run("diff base.json --runs 20").exits(0).says(&["the embedded scenarios, since"]);
    folder.write("scenarios/mine.toml", called("mine"));
    folder.run("diff base.json --runs 20").exits(2).says(&[
        "it is of audio-reference, which is not among the scenarios of this folder (mine)",
        "or --library if the embedded one is meant",
    ]);
    folder.run("diff base.json --library --runs 20").exits(0).shows(&["nothing changed"]);
    folder.run("diff base.json --with base.json --library").exits(2).says(&["cannot be used with"]);
}

#[test]
fn files_of_one_name_are_found_again_by_their_file() {
    let folder = Folder::of("way-in-twins");
    folder.write("scenarios/a.toml", called("twin"));
    folder.write("scenarios/b.toml", called("twin"));
    let base = folder.run("check --runs 20 --format json").exits(0).stdout;
    assert_eq!(names(&base), ["twin (scenarios/a.toml)", "twin (scenarios/b.toml)"]);
    folder.write("base.json", base);
    folder.run("diff base.json --runs 20").exits(0).shows(&["nothing changed"]);
}

// What is a scenario.

#[test]
fn what_belongs_to_another_tool_is_passed_over_and_nothing_else_is() {
    let folder = Folder::of("way-in-foreign");
    folder.write("scenarios/mine.toml", called("mine"));
    folder.write("scenarios/Cargo.toml", CARGO);
    folder.write("scenarios/rustfmt.toml", "max_width = 110\n");
    folder.write("scenarios/.hidden.toml", "[[task]");
    folder.write("scenarios/notes.txt", "scenario =");
    for words in ["list --format json", "list scenarios --format json"] {
        assert_eq!(names(&folder.run(words).exits(0).stdout), ["mine"], "{words}");
    }
}

#[test]
fn a_broken_scenario_is_an_error_and_not_passed_over() {
    let folder = Folder::of("way-in-broken");
    folder.write("scenarios/mine.toml", called("mine"));
    let broken: [(&str, &[u8], &str); 8] = [
        ("scenarios/typo.toml", &first().replace("scenario =", "scenaro =").into_bytes(), "scenaro"),
        ("scenarios/cut.toml", b"[[task]]\nname = \"wor", "not TOML"),
        ("scenarios/other.toml", b"[package\n", "not TOML"),
        ("scenarios/empty.toml", b"", "empty"),
        ("scenarios/latin.toml", b"about = \"caf\xe9\"\n", "latin.toml:1:13: it is not a text"),
        ("scenarios/keys.toml", b"[expect]\nno-event-lost = \"holds\"\n", "scenario"),
        ("x.punctual.toml", CARGO.as_bytes(), "package"),
        ("scenarios/x.punctual.toml", CARGO.as_bytes(), "package"),
    ];
    for (file, bytes, named) in broken {
        folder.write(file, bytes);
        let ran = folder.run("check --runs 20").exits(2);
        assert!(ran.stderr.contains(named) && ran.stderr.contains(file), "{file}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{file}: {}", ran.stdout);
        std::fs::remove_file(folder.path.join(file)).expect("it was written");
    }
    // Where it is the only one it is still the folder's own.
    folder.write("scenarios/mine.toml", "[[task]");
    folder.run("check --runs 20").exits(2).says(&["scenarios/mine.toml", "not TOML"]);
}

#[test]
fn a_name_of_a_file_that_is_a_folder_is_told() {
    let folder = Folder::of("way-in-folder");
    folder.write("scenarios/second.toml/inside.toml", first());
    folder.run("check --runs 20").exits(2).says(&["second.toml", "directory"]);
}

// Standard input.

#[test]
fn a_scenario_from_standard_input_is_checked_like_its_file() {
    let folder = Folder::of("way-in-stdin");
    folder.write("file.toml", first());
    let file = folder.run("check file.toml --runs 100 --format json").exits(0).stdout;
    let fed = folder.fed("check - --runs 100 --format json", first()).exits(0).stdout;
    assert!(file.contains("punctual replay file.toml ") && fed.contains("punctual replay - "));
    assert_eq!(fed.replace("punctual replay - ", "punctual replay file.toml "), file);
}

#[test]
fn every_verb_that_takes_a_scenario_takes_it_from_standard_input() {
    let folder = Folder::of("way-in-stdin-verbs");
    let text = first_base();
    let log = folder.fed("run - --format log", &text).exits(0).stdout;
    folder.write("log.jsonl", &log);
    let base = folder.fed("check - --runs 20 --format json", &text).exits(0).stdout;
    folder.write("base.json", &base);
    let trace = folder.run("run audio-reference --format json").exits(0).stdout;
    folder.write("trace.json", &trace);
    let mut verbs = vec![
        ("run -", "first, run 0"),
        ("list -", "first  <stdin>"),
        ("show -", "scenario = \"first\""),
        ("delay -", "arrived rendered at page"),
        ("threshold - policy.poll.completed --keep no-event-lost", "proved for all"),
        ("conform - log.jsonl", "no-event-lost"),
        ("fit - log.jsonl", "scenario = \"first\""),
        ("replay - delivered-within", "found among all timings"),
        ("compare - --runs 20", "first"),
        ("diff base.json - --runs 20", "nothing changed"),
        ("sweep - --vary policy.poll.completed=500ms,2s --runs 20 --keep no-event-lost", "cells"),
    ];
    if cfg!(feature = "hosts") {
        verbs.push(("simulate - --seeds 1", "first"));
    }
    for (words, shown) in verbs {
        let ran = folder.fed(words, &text).exits(0);
        assert!(ran.stdout.contains(shown), "{words}: {shown:?} is not in\n{}", ran.stdout);
    }
    folder.fed("matrix - --runs 20", first()).exits(0).shows(&["punctual matrix -"]);
    let reference = embedded("audio-reference");
    folder.fed("replay trace.json --against -", reference).exits(0).shows(&["audio-reference"]);
    folder.fed("replay - --variant base", &text).exits(2).says(&["punctual replay - NAME"]);
}

#[test]
fn what_is_no_scenario_is_refused_from_standard_input_too_with_its_place() {
    let folder = Folder::of("way-in-stdin-wrong");
    let wrong = replaced(&first_base(), "takes = \"5s..20s\"", "takes = \"20s..5s\"");
    let line = wrong.lines().position(|line| line.contains("20s..5s")).expect("it is there") + 1;
    let refused: [(Vec<u8>, &str); 6] = [
        (Vec::new(), "<stdin>"),
        (b" \n\t\n".to_vec(), "empty"),
        (b"about = \"x\"\nscenario = \"caf\xe9\"\n".to_vec(), "<stdin>:2:16: it is not a text in UTF-8"),
        (b"a\0b".to_vec(), "<stdin>:1:2: it is not a text in UTF-8"),
        (vec![b'#'; (1 << 20) + 1], "<stdin>: it is larger than 1 MiB"),
        (wrong.clone().into_bytes(), &format!("<stdin>:{line}:")),
    ];
    for (input, named) in refused {
        for verb in ["check", "run", "delay", "show", "list"] {
            let ran = folder.fed(&format!("{verb} -"), &input).exits(2);
            assert!(ran.stderr.contains(named) && ran.stdout.is_empty(), "{verb}: {}", ran.stderr);
        }
    }
    let most = format!("{}{}", first_base(), "#".repeat((1 << 20) - first_base().len()));
    folder.fed("check - --runs 20", most).exits(0);
}

#[test]
fn standard_input_is_read_once() {
    let folder = Folder::of("way-in-stdin-twice");
    folder.write("trace.json", "{}");
    for words in [
        "check - -",
        "check - --baseline -",
        "compare - audio-reference -",
        "list - -",
        "conform - -",
        "fit - log.jsonl -",
        "diff - -",
        "diff - --with -",
        "replay - --against -",
    ] {
        let ran = folder.fed(words, first_base()).exits(2).says(&["- is named twice"]);
        assert!(ran.stdout.is_empty(), "{words}");
    }
    folder.write("-", first_base());
    folder.run("check ./- --runs 20").exits(0);
}

#[test]
fn github_is_told_no_line_of_what_is_in_no_file() {
    let folder = Folder::of("way-in-stdin-github");
    let flipped = replaced(&first_base(), "delivered-within = \"violated\"", "delivered-within = \"holds\"");
    let ran = folder.fed("check - --runs 100 --annotations github --progress never", &flipped).exits(1);
    assert!(!ran.stderr.contains("::error"), "{}", ran.stderr);
    // What broke was saved with the text, so it can be had again without it.
    let replay = ran.stdout.lines().rfind(|line| line.contains("punctual replay")).expect("a line to paste");
    folder.run(replay.split_once("punctual ").expect("a command").1).exits(0).shows(&["delivered-within"]);
}
