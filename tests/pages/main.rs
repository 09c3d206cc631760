//! Runs the README and the pages of the book: what they show is what the command prints, every scenario on them is
//! sound, every link leads somewhere, and the book is built.
//!
//! `PUNCTUAL_BLESS=1 cargo test --test pages` writes what is printed now into the pages.

mod block;
mod book;
mod link;
mod transcript;

use std::env;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use block::{Files, blocks, write_down};
use punctual_scenarios::Scenario;
use transcript::{elided, transcript};

/// The most lines that the README may have.
const README_MAX: usize = 220;

/// A page in Markdown.
struct Page {
    /// From the root of the repository.
    path: String,
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page(path: &str) -> Page {
    let text = fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    Page { path: path.to_owned(), text }
}

/// The pages of the book, in order of their names.
fn book() -> Vec<Page> {
    let mut names = book::files();
    names.sort_unstable();
    names.iter().map(|name| page(&format!("docs/{name}"))).collect()
}

/// What users read first, and the book.
fn pages() -> Vec<Page> {
    let mut pages = vec![page("README.md")];
    pages.extend(book());
    pages
}

/// An empty folder for what a page writes.
fn folder(page: &Page) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages").join(page.path.replace('/', "-"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder of tests can be written");
    folder
}

/// Whether a name is that of a page.
fn is_page(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "md")
}

/// A transcript that comes out otherwise than it stands there.
struct Changed {
    /// The lines that it has on its page.
    at: Range<usize>,
    now: Vec<String>,
}

/// Runs the transcripts of a page; gives those that have changed, and how many there are.
fn run(page: &Page) -> (Vec<Changed>, usize) {
    let folder = folder(page);
    let mut files = Files::new();
    let mut wrong = Vec::new();
    let mut transcripts = 0;
    for block in blocks(&page.text) {
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
            wrong.push(Changed { at: block.lines, now });
        }
    }
    (wrong, transcripts)
}

#[test]
fn every_transcript_is_what_the_command_prints() {
    let mut told = Vec::new();
    let mut transcripts = 0;
    for page in pages() {
        let (wrong, count) = run(&page);
        transcripts += count;
        let tell = |Changed { at, now }: &Changed| {
            format!("{}:{}: this is printed now:\n{}", page.path, at.start + 1, now.join("\n"))
        };
        told.extend(wrong.iter().map(tell));
        if wrong.is_empty() || env::var_os("PUNCTUAL_BLESS").is_none() {
            continue;
        }
        let mut lines: Vec<String> = page.text.lines().map(str::to_owned).collect();
        for Changed { at, now } in wrong.into_iter().rev() {
            lines.splice(at, now);
        }
        fs::write(root().join(&page.path), lines.join("\n") + "\n").expect("the page can be written");
    }
    assert!(transcripts > 10, "the pages show next to nothing");
    let how = "PUNCTUAL_BLESS=1 cargo test --test pages writes it down";
    assert!(told.is_empty(), "{}\n{how}", told.join("\n\n"));
}

#[test]
fn every_scenario_on_the_pages_is_sound() {
    let mut whole = 0;
    for page in pages() {
        let mut files = Files::new();
        for block in blocks(&page.text) {
            let texts = match block.language {
                // A file that is being written is read whenever the page stops to run it.
                "console" => files.clone(),
                "toml" if write_down(&mut files, &block).is_some() => continue,
                "toml" if block.text.iter().any(|line| line.starts_with("scenario =")) => {
                    Files::from([(format!("{}:{}", page.path, block.lines.start + 1), block.text.join("\n"))])
                }
                _ => continue,
            };
            for (name, text) in texts {
                whole += 1;
                if let Err(problems) = Scenario::parse(&name, &text) {
                    panic!("{}", problems.render(false));
                }
            }
        }
        for (name, text) in &files {
            assert!(Scenario::parse(name, text).is_ok(), "{name} is not sound as {} leaves it", page.path);
        }
    }
    assert!(whole > 0, "the pages show no scenario");
}

#[test]
fn what_the_readme_tells_to_run_is_what_is_run_for_every_change() {
    let page = page("README.md");
    let ci = fs::read_to_string(root().join(".ci/run")).expect("there is a .ci/run");
    let blocks = blocks(&page.text);
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
fn the_readme_is_short_and_names_the_rust_that_it_needs() {
    let text = page("README.md").text;
    let lines = text.lines().count();
    assert!(
        lines <= README_MAX,
        "README.md has {lines} lines, at most {README_MAX}: what belongs into docs/?"
    );
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("there is a Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'));
    let version = version.expect("Cargo.toml says which Rust");
    assert!(text.contains(&format!("Rust {version} ")), "README.md does not say Rust {version}");
}

#[test]
fn every_verb_is_on_the_page_of_the_commands() {
    let page = page("docs/commands.md").text;
    let ran = Command::new(env!("CARGO_BIN_EXE_punctual")).arg("--help").env_clear().output();
    let help = String::from_utf8(ran.expect("punctual can be started").stdout).expect("it prints UTF-8");
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    // What is said of a verb may go on in the next line, which is indented further.
    let verbs = verbs.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let verbs: Vec<&str> = verbs.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(verbs.contains(&"check"), "{help}");
    for verb in verbs {
        assert!(page.contains(&format!("| `punctual {verb}")), "docs/commands.md has no line for {verb}");
    }
}

#[test]
fn an_elision_stays_where_it_still_fits() {
    let printed = || ["one", "two", "three", "four"].map(str::to_owned).to_vec();
    assert_eq!(elided(&["one", "...", "four"], printed()), ["one", "...", "four"]);
    assert_eq!(elided(&["...", "three", "..."], printed()), ["...", "three", "..."]);
    assert_eq!(elided(&["five", "...", "four"], printed()), printed());
}
