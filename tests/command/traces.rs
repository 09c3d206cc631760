//! Saved traces: which are refused, and where they go.

use std::fs::File;

use super::flipped;
use crate::common;
use crate::common::{Folder, replaced};

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
