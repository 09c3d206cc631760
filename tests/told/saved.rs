//! Where a run is saved, and how it is had again.

use super::{document, ordered, pasted, too_late};
use crate::common;
use crate::common::{Folder, replaced};

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
