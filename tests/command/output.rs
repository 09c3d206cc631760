//! What goes to which stream, and how it looks there.

use std::process::Stdio;

use super::flipped;
use crate::common;
use crate::common::Folder;

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
