//! `check --watch`: what it waits for, what it says, and how it ends.

#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};

use common::{Folder, first_base, replaced};

/// A check that goes on, and what it says.
struct Watching {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Watching {
    fn begun(folder: &Folder, words: &str) -> Self {
        let mut command = folder.command(words);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it can be started");
        let stderr = BufReader::new(child.stderr.take().expect("it is a pipe"));
        Self { child, stderr }
    }

    /// Reads until a line says `part`; gives all that was said.
    #[track_caller]
    fn until(&mut self, part: &str) -> String {
        let mut said = String::new();
        loop {
            let from = said.len();
            assert!(
                self.stderr.read_line(&mut said).expect("it is a text") > 0,
                "it never said {part}, but\n{said}"
            );
            if said[from..].contains(part) {
                return said;
            }
        }
    }

    fn interrupt(&self) {
        let words = format!("kill -INT {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &words]).status().expect("there is a shell").success());
    }

    /// How it ends, and what it said since.
    fn ended(mut self) -> (i32, String) {
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).expect("it is a text");
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        assert!(!said.contains("panicked") && !said.contains("has a bug"), "{said}");
        (code, said)
    }
}

/// A scenario whose one check is not as expected.
fn flipped() -> String {
    replaced(&first_base(), "delivered-within = \"violated\"", "delivered-within = \"holds\"")
}

/// Replaces a file as editors do: a new one is renamed over it.
fn renamed_over(folder: &Folder, name: &str, text: &str) {
    folder.write("unfinished~", text);
    fs::rename(folder.path.join("unfinished~"), folder.path.join(name)).expect("it can be renamed");
}

#[test]
fn a_change_checks_again_however_it_is_written_and_ctrl_c_ends_it_with_0() {
    let folder = Folder::of("watching-changes");
    folder.write("a.toml", first_base());
    let mut watching = Watching::begun(&folder, "check a.toml --runs 20 --watch --report json=out.json");
    watching.until("Watching 1 file:");
    assert!(folder.read("out.json").contains("\"as_expected\": true"));
    for (text, as_expected) in [(flipped(), false), (first_base(), true)] {
        renamed_over(&folder, "a.toml", &text);
        watching.until("Changed a.toml");
        watching.until("Watching 1 file:");
        let verdict = format!("\n  \"as_expected\": {as_expected}");
        assert!(folder.read("out.json").contains(&verdict), "{text}");
    }
    folder.write("a.toml", flipped());
    watching.until("Changed a.toml");
    watching.until("Watching 1 file:");
    watching.interrupt();
    let (code, said) = watching.ended();
    assert_eq!((code, said.as_str()), (0, ""), "whatever was found last");
}

#[test]
fn what_is_wrong_with_a_file_is_told_and_watching_goes_on() {
    let folder = Folder::of("watching-broken");
    folder.write("a.toml", first_base());
    let mut watching = Watching::begun(&folder, "check a.toml --runs 20 --watch");
    watching.until("Watching 1 file:");
    renamed_over(&folder, "a.toml", "[[task]");
    let said = watching.until("Watching 1 file:");
    assert!(said.contains("P0001") && said.contains("a.toml:1"), "{said}");
    fs::remove_file(folder.path.join("a.toml")).expect("it is there");
    let said = watching.until("Watching 1 file:");
    assert!(said.contains("Changed a.toml") && said.contains("cannot read a.toml"), "{said}");
    folder.write("a.toml", first_base());
    let said = watching.until("Watching 1 file:");
    assert!(said.contains("Changed a.toml") && !said.contains("error"), "{said}");
    watching.interrupt();
    assert_eq!(watching.ended().0, 0);
}

#[test]
fn files_that_come_and_go_in_a_folder_are_noticed() {
    let folder = Folder::of("watching-folder");
    folder.write("a.punctual.toml", first_base());
    let mut watching = Watching::begun(&folder, "check --runs 20 --watch");
    let said = watching.until("Watching 1 file:");
    assert!(said.contains("the scenarios of this folder, a.punctual.toml;"), "{said}");
    folder.write("scenarios/b.toml", first_base());
    let said = watching.until("Watching 2 files:");
    assert!(said.contains("Changed scenarios/b.toml"), "{said}");
    // A folder that is there again is another one.
    fs::remove_dir_all(folder.path.join("scenarios")).expect("it is there");
    watching.until("Watching 1 file:");
    folder.write("scenarios/c.toml", first_base());
    watching.until("Watching 2 files:");
    folder.write("scenarios/c.toml", flipped());
    watching.until("Changed scenarios/c.toml");
    watching.until("Watching 2 files:");
    // Without any, the embedded ones do not take their place.
    fs::remove_dir_all(folder.path.join("scenarios")).expect("it is there");
    watching.until("Watching 1 file:");
    fs::remove_file(folder.path.join("a.punctual.toml")).expect("it is there");
    let said = watching.until("Watching 0 files:");
    assert!(said.contains("nothing selected"), "{said}");
    watching.interrupt();
    assert_eq!(watching.ended().0, 0);
}

#[test]
fn what_is_saved_as_it_was_or_is_no_scenario_checks_nothing_again() {
    let folder = Folder::of("watching-same");
    folder.write("scenarios/a.toml", first_base());
    let mut watching = Watching::begun(&folder, "check scenarios --runs 20 --watch");
    watching.until("Watching 1 file:");
    renamed_over(&folder, "scenarios/a.toml", &first_base());
    folder.write("scenarios/notes.md", "nothing");
    folder.write("scenarios/Cargo.toml", "[package]\nname = \"x\"\n");
    folder.write("scenarios/.a.toml", "[[task]");
    folder.write("scenarios/b.toml", first_base());
    let said = watching.until("Watching 2 files:");
    let changed: Vec<&str> = said.lines().filter(|line| line.contains("Changed")).collect();
    assert_eq!(changed, ["     Changed scenarios/b.toml"], "{said}");
    watching.interrupt();
    assert_eq!(watching.ended().0, 0);
}

#[test]
fn ctrl_c_in_the_midst_of_a_check_prints_what_is_known_and_ends_with_130() {
    let folder = Folder::of("watching-interrupted");
    folder.write("a.punctual.toml", first_base());
    // So many runs take hours.
    let words = "check --watch --runs 1000000000 --report json=out.json";
    let mut watching = Watching::begun(&folder, words);
    watching.until("Checking");
    watching.interrupt();
    let (code, said) = watching.ended();
    assert_eq!(code, 130, "{said}");
    assert!(said.contains("Interrupted") && !said.contains("Watching"), "{said}");
    assert!(folder.read("out.json").contains("\"interrupted\": true"));
}

#[test]
fn what_cannot_change_is_not_watched() {
    let folder = Folder::of("watching-nothing");
    folder
        .run("check audio-reference --watch")
        .exits(2)
        .says(&["--watch", "embedded scenarios do not change"]);
    folder.run("check --library --watch").exits(2).says(&["embedded scenarios do not change"]);
    folder.run("check --watch").exits(2).says(&["embedded scenarios do not change"]);
    folder.fed("check - --watch", first_base()).exits(2).says(&["standard input is read once"]);
    folder.run("check missing.toml --watch").exits(2).says(&["cannot read missing.toml"]);
    folder.run("check audio-refrence --watch").exits(2).says(&["did you mean", "audio-reference"]);
}
