//! Transcripts: blocks in the language `console`.
//!
//! Each `$ punctual ...` in one is run, and what follows must be what it prints, byte for byte; a line `...` stands
//! for any lines, `> FILE` puts it into a file, `$ echo $?` prints the exit code.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs one line of a transcript in `folder`; gives what it prints and how it exits.
fn run(command: &str, folder: &Path) -> (Vec<String>, i32) {
    let arguments = command.strip_prefix("punctual ").expect("transcripts run punctual");
    let ran = Command::new(env!("CARGO_BIN_EXE_punctual"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .env_clear()
        .env("LANG", "C.UTF-8")
        .output()
        .expect("punctual can be started");
    // Errors are shown where nothing else is printed; what is said on the way to a result is not.
    let shown = if ran.stdout.is_empty() { ran.stderr } else { ran.stdout };
    let shown = String::from_utf8(shown).expect("punctual prints UTF-8");
    (shown.lines().map(str::to_owned).collect(), ran.status.code().expect("punctual exits"))
}

/// A transcript as it comes out now, with the elisions of `old` where they still fit.
pub(crate) fn transcript(old: &[&str], folder: &Path) -> Vec<String> {
    let mut new = Vec::new();
    let mut code: Option<i32> = None;
    let mut lines = old.iter().peekable();
    while let Some(line) = lines.next() {
        let command = line.strip_prefix("$ ").expect("a transcript begins with a command");
        let mut shown = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            shown.push(*line);
        }
        new.push((*line).to_owned());
        if command == "echo $?" {
            new.push(code.expect("something was run before").to_string());
            continue;
        }
        let (command, file) =
            command.split_once(" > ").map_or((command, None), |(one, file)| (one, Some(file)));
        let (mut printed, exit) = run(command, folder);
        if let Some(file) = file {
            fs::write(folder.join(file), printed.join("\n") + "\n")
                .expect("the folder of tests can be written");
            printed.clear();
        }
        code = Some(exit);
        new.extend(elided(&shown, printed));
    }
    new
}

/// `printed`, with `...` in place of what `shown` leaves out between two lines that are still there.
pub(crate) fn elided(shown: &[&str], mut printed: Vec<String>) -> Vec<String> {
    let mut from = 0;
    for at in (0..shown.len()).filter(|&at| shown[at] == "...") {
        let before = at.checked_sub(1).map_or(Some(0), |before| {
            printed[from..].iter().position(|line| line == shown[before]).map(|found| from + found + 1)
        });
        let Some(start) = before else { continue };
        let end = match shown.get(at + 1) {
            None => Some(printed.len()),
            Some(after) => printed[start..].iter().position(|line| line == after).map(|found| start + found),
        };
        let Some(end) = end.filter(|end| start < *end) else { continue };
        printed.splice(start..end, ["...".to_owned()]);
        from = start + 1;
    }
    printed
}
