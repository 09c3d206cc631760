//! What is wrong on the command line or in a file, and is said before anything is run.

use std::fs::File;

use crate::common::{Folder, first, first_base, replaced};

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
