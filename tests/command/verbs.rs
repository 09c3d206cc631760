//! The verbs that check nothing.

use crate::common;
use crate::common::{Folder, embedded};
use punctual_model::Rule;

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
    let scenario = include_str!("../../scenarios/scenario.schema.json");
    let check = include_str!("../../reports/check.schema.json");
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
