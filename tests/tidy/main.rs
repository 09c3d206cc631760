//! Holds the repository to its own rules: who may depend on whom, and what may stand in a file.
//!
//! Every rule is a function from files to offenders, each with its place, so the rules are tried on
//! made-up files (`tried`) before they are believed about the real ones. What rustc and clippy can see
//! is left to them (`clippy.toml`, the lints of the workspace); here is what only a reader of
//! manifests and plain text can.

mod manifest;
mod source;
mod tried;

use std::fs;
use std::path::Path;

use manifest::{manifests, undocumented, without_lints, wrong_edges};
use source::{banned, long_functions, machine_paths, too_long, without_doc};

/// What is not ours to read: version control, editors, and what tools leave behind.
const SKIPPED: &[&str] = &[".git", ".idea", ".punctual", ".vscode", "node_modules", "target"];

struct File {
    /// From the root of the repository, with `/` between its parts.
    path: String,
    text: String,
}

#[test]
fn crates_know_only_of_those_below_them() {
    assert_none(&wrong_edges(&manifests(&repository())));
}

#[test]
fn every_crate_inherits_the_lints() {
    assert_none(&without_lints(&manifests(&repository())));
}

#[test]
fn every_dependency_has_its_line_in_the_architecture() {
    let files = repository();
    let page = files.iter().find(|file| file.path == "ARCHITECTURE.md").expect("ARCHITECTURE.md is missing");
    assert_none(&undocumented(&manifests(&files), page));
}

#[test]
fn no_source_outgrows_a_reader() {
    assert_none(&sources(&repository()).filter_map(too_long).collect::<Vec<_>>());
}

#[test]
fn no_function_outgrows_a_screen() {
    assert_none(&sources(&repository()).flat_map(long_functions).collect::<Vec<_>>());
}

#[test]
fn every_module_says_what_it_is() {
    assert_none(&sources(&repository()).filter_map(without_doc).collect::<Vec<_>>());
}

#[test]
fn no_source_says_a_banned_word() {
    assert_none(&sources(&repository()).flat_map(banned).collect::<Vec<_>>());
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    assert_none(&repository().iter().flat_map(machine_paths).collect::<Vec<_>>());
}

fn assert_none(offenders: &[String]) {
    assert!(offenders.is_empty(), "{} to mend:\n{}", offenders.len(), offenders.join("\n"));
}

/// Every file of the repository, in order of its path.
fn repository() -> Vec<File> {
    let mut files = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    for known in ["Cargo.toml", "sim/src/lib.rs", "tests/tidy/main.rs"] {
        assert!(files.iter().any(|file| file.path == known), "{known} was not read: is this the repository?");
    }
    files
}

#[expect(clippy::disallowed_methods, reason = "the caller sorts what is found")]
fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    // Cargo marks its target folder with this file, whatever the folder is called.
    if folder.join("CACHEDIR.TAG").exists() {
        return;
    }
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let entry = entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().unwrap_or_else(|error| panic!("{prefix}{name}: {error}"));
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).unwrap_or_else(|error| panic!("{path}: {error}"));
            files.push(File { path, text: String::from_utf8_lossy(&bytes).into_owned() });
        }
    }
}

fn sources(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| Path::new(&file.path).extension().is_some_and(|extension| extension == "rs"))
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}
