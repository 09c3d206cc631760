//! Runs the `punctual` command in a folder of its own, and finds the texts that tests start from.

#![allow(dead_code, reason = "each test file takes what it needs")]

pub(crate) mod found;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use punctual_scenarios::{library, scaffold};

/// A folder below the target folder, empty when the test begins.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
}

/// What a command came to.
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The exit code; -1 if it was killed.
    pub(crate) code: i32,
}

impl Folder {
    /// The folder of the test called `name`, which no other test may have.
    pub(crate) fn of(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if path.exists() {
            fs::remove_dir_all(&path).expect("the folder of an earlier run can be removed");
        }
        fs::create_dir_all(&path).expect("a folder can be made");
        Self { path }
    }

    /// Puts a file into it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path.join(name);
        let parent = path.parent().expect("a file is in a folder");
        fs::create_dir_all(parent).expect("a folder can be made");
        fs::write(path, content).expect("a file can be written");
    }

    /// The text of a file in it.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of what lies in `name`, sorted; none if there is no such folder.
    #[expect(clippy::disallowed_methods, reason = "what is found is sorted")]
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path.join(name)) else { return Vec::new() };
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.expect("an entry").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    /// The command with these words, separated by spaces, to be started in this folder.
    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_punctual"));
        command.args(words.split_whitespace()).current_dir(&self.path).stdin(Stdio::null());
        // Nothing of the machine that the tests run on may show: no width, colour, seed or locale.
        command.env_clear().env("LANG", "C.UTF-8");
        command
    }

    /// Runs `punctual` with these words.
    pub(crate) fn run(&self, words: &str) -> Ran {
        Ran::from(self.command(words).output().expect("the command can be started"))
    }

    /// Runs `punctual` with these words and this on its standard input.
    pub(crate) fn fed(&self, words: &str, input: impl AsRef<[u8]>) -> Ran {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command can be started");
        // Whoever refuses it does not read to its end.
        let _ = child.stdin.take().expect("it is a pipe").write_all(input.as_ref());
        Ran::from(child.wait_with_output().expect("it ends"))
    }

    /// Runs `punctual` with these words, and nobody reads what it prints.
    pub(crate) fn unread(&self, words: &str) -> Ran {
        let mut command = self.command(words);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command can be started");
        drop(child.stdout.take());
        Ran::from(child.wait_with_output().expect("it ends"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("all output is UTF-8");
        Self {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code().unwrap_or(-1),
        }
    }
}

impl Ran {
    /// Asserts how it ended, and shows what was said if it did not end so.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        let said = format!("stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert_eq!(self.code, code, "{said}");
        assert!(!said.contains("panicked") && !said.contains("has a bug"), "{said}");
        self
    }

    /// Asserts that standard error says all of `parts`.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in stderr:\n{}", self.stderr);
        }
        self
    }

    /// Asserts that standard output shows all of `parts`.
    #[track_caller]
    pub(crate) fn shows(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stdout.contains(part), "{part:?} is not in stdout:\n{}", self.stdout);
        }
        self
    }
}

/// The text of an embedded scenario.
pub(crate) fn embedded(name: &str) -> &'static str {
    let found = library().into_iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("{name} is not embedded")).1
}

/// The scenario that `punctual init` writes.
pub(crate) fn first() -> String {
    let file = scaffold().into_iter().find(|file| file.path == "scenarios/first.toml");
    file.expect("a scenario is part of the scaffold").text
}

/// `text` with `from`, which must be in it, replaced by `to`.
#[track_caller]
pub(crate) fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from:?} is not in the text");
    text.replace(from, to)
}

/// `first`, without its variants.
pub(crate) fn first_base() -> String {
    let text = first();
    let end = text.find("# A variant is").expect("variants come last in it");
    text[..end].to_owned()
}

/// A log with only some of its lines, which does not say that it tells everything.
pub(crate) fn part_of(text: &str, keeps: &dyn Fn(&serde_json::Value) -> bool) -> String {
    let mut part = String::from("{\"schema\":\"punctual.log/1\"}\n");
    for line in text.lines().skip(1) {
        let mut value: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        if value["fact"] == "end" || keeps(&value) {
            // Lines that are left out are not missing.
            value.as_object_mut().expect("a line is an object").remove("seq");
            part += &format!("{value}\n");
        }
    }
    part
}
