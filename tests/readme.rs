//! Runs the README: what it shows is what the command prints, and every scenario in it is sound.
//!
//! A ```` ```console ```` block is a transcript. Each `$ punctual ...` in it is run, and what follows must be what it
//! prints, byte for byte; a line `...` stands for any lines, `> FILE` puts it into a file, `$ echo $?` prints the exit code. The folder in which it
//! runs holds the files that the README has written so far: a block that begins with `# NAME.toml` or `# NAME.py`
//! begins or continues that file, and one that begins with `# NAME.toml, from LINE` replaces the file
//! from that line on. `PUNCTUAL_BLESS=1 cargo test --test readme` writes what is printed now into the README.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use punctual_scenarios::Scenario;

/// A fenced block: its language, the numbers of its lines, and its text.
struct Block<'a> {
    language: &'a str,
    lines: std::ops::Range<usize>,
    text: Vec<&'a str>,
}

/// The scenario files that the README has written so far.
type Files = BTreeMap<String, String>;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("there is a README")
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let lines: Vec<&str> = page.lines().collect();
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(language) = lines[at].strip_prefix("```") {
            let length = lines[at + 1..].iter().position(|line| *line == "```").expect("a block has an end");
            let inside = at + 1..at + 1 + length;
            blocks.push(Block { language, lines: inside.clone(), text: lines[inside].to_vec() });
            at += length + 1;
        }
        at += 1;
    }
    blocks
}

/// Writes a block into the file that its first line names, if it names one; gives the file's name.
fn write_down(files: &mut Files, block: &Block<'_>) -> Option<String> {
    let heading = block.text.first()?.strip_prefix("# ")?;
    let (name, from) = match heading.split_once(", from ") {
        Some((name, from)) => (name, Some(from)),
        None => (heading, None),
    };
    if Path::new(name).extension().is_none_or(|extension| extension != "toml" && extension != "py") {
        return None;
    }
    let file = files.entry(name.to_owned()).or_default();
    if let Some(from) = from {
        let kept = file.find(&format!("\n{from}\n")).expect("the line to replace from is there");
        file.truncate(kept + 1);
    }
    if !file.is_empty() && !file.ends_with("\n\n") {
        file.push('\n');
    }
    for line in block.text.iter().skip(1).skip_while(|line| line.is_empty()) {
        file.push_str(line);
        file.push('\n');
    }
    Some(name.to_owned())
}

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
fn transcript(old: &[&str], folder: &Path) -> Vec<String> {
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
fn elided(shown: &[&str], mut printed: Vec<String>) -> Vec<String> {
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

#[test]
fn every_transcript_is_what_the_command_prints() {
    let page = readme();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder of tests can be written");
    let mut files = Files::new();
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let mut wrong = Vec::new();
    let mut transcripts = 0;
    for block in blocks(&page) {
        if matches!(block.language, "toml" | "python")
            && let Some(name) = write_down(&mut files, &block)
        {
            fs::write(folder.join(&name), &files[&name]).expect("the folder of tests can be written");
        }
        if block.language != "console" {
            continue;
        }
        transcripts += 1;
        let now = transcript(&block.text, &folder);
        if now != block.text {
            wrong.push((block.lines, now));
        }
    }
    assert!(transcripts > 0, "the README shows nothing");
    if wrong.is_empty() {
        return;
    }
    let told: Vec<String> = wrong
        .iter()
        .map(|(at, now)| format!("README.md:{}: this is printed now:\n{}", at.start + 1, now.join("\n")))
        .collect();
    if env::var_os("PUNCTUAL_BLESS").is_some() {
        for (at, now) in wrong.into_iter().rev() {
            lines.splice(at, now);
        }
        fs::write(root().join("README.md"), lines.join("\n") + "\n").expect("the README can be written");
    }
    panic!("{}\nPUNCTUAL_BLESS=1 cargo test --test readme writes it down", told.join("\n\n"));
}

#[test]
fn every_scenario_in_the_readme_is_sound() {
    let page = readme();
    let mut files = Files::new();
    let mut whole = 0;
    for block in blocks(&page) {
        let text = match block.language {
            // A file that is being written is read whenever the README stops to run it.
            "console" => files.iter().map(|(name, text)| (name.clone(), text.clone())).collect(),
            "toml" if write_down(&mut files, &block).is_some() => continue,
            "toml" if block.text.iter().any(|line| line.starts_with("scenario =")) => {
                vec![(format!("README.md:{}", block.lines.start + 1), block.text.join("\n"))]
            }
            _ => continue,
        };
        for (name, text) in text {
            whole += 1;
            if let Err(problems) = Scenario::parse(&name, &text) {
                panic!("{}", problems.render(false));
            }
        }
    }
    for (name, text) in &files {
        assert!(Scenario::parse(name, text).is_ok(), "{name} is not sound as the README leaves it");
    }
    assert!(whole > 0, "the README shows no scenario");
}

#[test]
fn what_the_readme_tells_to_run_is_what_is_run_for_every_change() {
    let page = readme();
    let ci = fs::read_to_string(root().join(".ci/run")).expect("there is a .ci/run");
    let blocks = blocks(&page);
    let told: Vec<&str> = blocks
        .iter()
        .filter(|block| block.language == "sh")
        .flat_map(|block| &block.text)
        .filter(|line| line.starts_with("cargo "))
        .map(|line| line.split("  ").next().unwrap_or(line))
        .collect();
    assert_eq!(told, ["cargo run --release -- check", "cargo test --workspace"]);
    for command in told {
        assert!(ci.lines().any(|line| line == format!("step {command}")), ".ci/run does not run `{command}`");
    }
}

#[test]
fn an_elision_stays_where_it_still_fits() {
    let printed = || ["one", "two", "three", "four"].map(str::to_owned).to_vec();
    assert_eq!(elided(&["one", "...", "four"], printed()), ["one", "...", "four"]);
    assert_eq!(elided(&["...", "three", "..."], printed()), ["...", "three", "..."]);
    assert_eq!(elided(&["five", "...", "four"], printed()), printed());
}
