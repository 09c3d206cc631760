//! Holds the repository to its own rules: who may depend on whom, and what may stand in a file.
//!
//! Every rule is a function from files to offenders, each with its place, so the rules are tried on
//! made-up files below before they are believed about the real ones. What rustc and clippy can see
//! is left to them (`clippy.toml`, the lints of the workspace); here is what only a reader of
//! manifests and plain text can.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Which crates of the workspace a crate may know of; a crate that is not listed may not exist.
const EDGES: &[(&str, &[&str])] = &[
    ("punctual-sim", &[]),
    ("punctual-model", &["punctual-sim"]),
    ("punctual-policies", &["punctual-sim"]),
    ("punctual-scenarios", &["punctual-sim", "punctual-model", "punctual-policies"]),
    ("punctual-reports", &[]),
    ("punctual-hosts", &["punctual-sim", "punctual-model"]),
    ("punctual-judging", &["punctual-sim", "punctual-model", "punctual-scenarios", "punctual-reports"]),
    (
        "punctual-telling",
        &["punctual-sim", "punctual-model", "punctual-scenarios", "punctual-reports", "punctual-judging"],
    ),
    (
        "punctual-logs",
        &[
            "punctual-sim",
            "punctual-model",
            "punctual-scenarios",
            "punctual-reports",
            "punctual-judging",
            "punctual-telling",
        ],
    ),
    (
        "punctual",
        &[
            "punctual-sim",
            "punctual-model",
            "punctual-policies",
            "punctual-scenarios",
            "punctual-reports",
            "punctual-judging",
            "punctual-telling",
            "punctual-logs",
            "punctual-hosts",
        ],
    ),
];

/// The crates that stay small, and all that their users have to build for them.
const OUTSIDE: &[(&str, &[&str])] = &[("punctual-sim", &["libm"]), ("punctual-model", &[])];

const LINES_MAX: usize = 600;

/// What no source may say. The words are cut in two so that this file passes its own test.
const BANNED: &[(&str, &str)] = &[
    (concat!("to", "do!"), "write it, or leave it out"),
    (concat!("unimple", "mented!"), "write it, or leave it out"),
    (concat!("#[ig", "nore"), "a test that is not run holds nothing"),
    (concat!("#[should", "_panic"), "assert the error itself"),
    (concat!("TO", "DO"), "an issue is where open work stands"),
    (concat!("FIX", "ME"), "an issue is where open work stands"),
    (concat!("macro", "_rules!"), "no macros of our own"),
    (concat!("un", "safe {"), "no such code"),
    (concat!("un", "safe("), "no such code"),
    (concat!("un", "safe fn"), "no such code"),
    (concat!("un", "safe impl"), "no such code"),
    (concat!("un", "safe trait"), "no such code"),
    (concat!("un", "safe extern"), "no such code"),
];

/// Where the files of one machine lie.
const MACHINES: &[&str] =
    &[concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

/// What is not ours to read: version control, editors, and what tools leave behind.
const SKIPPED: &[&str] = &[".git", ".idea", ".punctual", ".vscode", "node_modules", "target"];

struct File {
    /// From the root of the repository, with `/` between its parts.
    path: String,
    text: String,
}

/// A dependency as a manifest writes it down.
struct Dependency {
    name: String,
    line: usize,
    /// Whether whoever uses the crate has to build it too.
    shipped: bool,
}

struct Manifest<'a> {
    path: &'a str,
    package: String,
    inherits_lints: bool,
    dependencies: Vec<Dependency>,
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
    for known in ["Cargo.toml", "sim/src/lib.rs", "tests/tidy.rs"] {
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

/// The packages among `files`; a manifest of a workspace alone is none.
fn manifests(files: &[File]) -> Vec<Manifest<'_>> {
    let is_manifest = |file: &&File| file.path == "Cargo.toml" || file.path.ends_with("/Cargo.toml");
    files.iter().filter(is_manifest).filter_map(manifest).collect()
}

fn manifest(file: &File) -> Option<Manifest<'_>> {
    let root =
        DeTable::parse(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path)).into_inner();
    let package = table(&root, "package")?.get("name").and_then(|name| name.get_ref().as_str())?.to_owned();
    let lints = table(&root, "lints").and_then(|lints| lints.get("workspace"));
    let mut dependencies = dependencies(&root, &file.text);
    for (_, target) in table(&root, "target").into_iter().flatten() {
        dependencies.extend(
            target.get_ref().as_table().into_iter().flat_map(|on| self::dependencies(on, &file.text)),
        );
    }
    dependencies.sort_by_key(|dependency| dependency.line);
    Some(Manifest {
        path: &file.path,
        package,
        inherits_lints: lints.is_some_and(|lints| lints.get_ref().as_bool() == Some(true)),
        dependencies,
    })
}

fn dependencies(root: &DeTable<'_>, text: &str) -> Vec<Dependency> {
    let kinds = [("dependencies", true), ("build-dependencies", true), ("dev-dependencies", false)];
    let listed = kinds.iter().flat_map(|&(kind, shipped)| {
        table(root, kind).into_iter().flatten().map(move |(key, value)| (key, value, shipped))
    });
    let dependency = |(key, value, shipped): (&Spanned<_>, &Spanned<DeValue<'_>>, bool)| Dependency {
        name: renamed(value.get_ref()).unwrap_or_else(|| String::from(AsRef::<str>::as_ref(key.get_ref()))),
        line: text[..key.span().start].matches('\n').count() + 1,
        shipped,
    };
    listed.map(dependency).collect()
}

/// The name that `package = "..."` gives, where the key is one of our own choosing.
fn renamed(value: &DeValue<'_>) -> Option<String> {
    Some(value.as_table()?.get("package")?.get_ref().as_str()?.to_owned())
}

fn table<'a, 'i>(root: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
    root.get(key)?.get_ref().as_table()
}

fn wrong_edges(manifests: &[Manifest<'_>]) -> Vec<String> {
    let listed = |table: &[(&str, &'static [&'static str])], package: &str| {
        table.iter().find(|(name, _)| *name == package).map(|(_, allowed)| *allowed)
    };
    let mut offenders = Vec::new();
    for manifest in manifests {
        let Manifest { path, package, .. } = manifest;
        let Some(inside) = listed(EDGES, package) else {
            offenders.push(format!("{path}:1: {package} has no place in the crate graph"));
            continue;
        };
        for Dependency { name, line, shipped } in &manifest.dependencies {
            if manifests.iter().any(|other| other.package == *name) {
                if !inside.contains(&name.as_str()) {
                    offenders.push(format!("{path}:{line}: {package} may not know of {name}"));
                }
            } else if *shipped && listed(OUTSIDE, package).is_some_and(|few| !few.contains(&name.as_str())) {
                offenders.push(format!("{path}:{line}: {package} stays without {name}"));
            }
        }
    }
    offenders
}

fn without_lints(manifests: &[Manifest<'_>]) -> Vec<String> {
    let offender = |manifest: &Manifest<'_>| format!("{}:1: no `[lints] workspace = true`", manifest.path);
    manifests.iter().filter(|manifest| !manifest.inherits_lints).map(offender).collect()
}

/// Sets the dependencies beside the lines that start with a name in backticks, as a table row or
/// list item, below the heading "Dependencies" of `page`.
fn undocumented(manifests: &[Manifest<'_>], page: &File) -> Vec<String> {
    let lines = documented(page);
    if lines.is_empty() {
        return vec![format!("{}:1: no list or table below a heading \"Dependencies\"", page.path)];
    }
    let ours: BTreeSet<&str> = manifests.iter().map(|manifest| manifest.package.as_str()).collect();
    let mut used = BTreeSet::new();
    let mut offenders = Vec::new();
    for manifest in manifests {
        for Dependency { name, line, .. } in &manifest.dependencies {
            used.insert(name.as_str());
            if !ours.contains(name.as_str()) && !lines.iter().any(|(_, known)| known == name) {
                offenders.push(format!("{}:{line}: {name} has no line in {}", manifest.path, page.path));
            }
        }
    }
    let mut seen = BTreeSet::new();
    for (line, name) in lines {
        if !seen.insert(name) {
            offenders.push(format!("{}:{line}: {name} has a line already", page.path));
        } else if !used.contains(name) {
            offenders.push(format!("{}:{line}: no crate depends on {name}", page.path));
        }
    }
    offenders
}

fn documented(page: &File) -> Vec<(usize, &str)> {
    let mut level = None;
    let mut found = Vec::new();
    for (number, line) in numbered(&page.text) {
        let depth = line.chars().take_while(|sign| *sign == '#').count();
        if depth > 0 && line[depth..].starts_with(' ') {
            match level {
                Some(within) if within < depth => {}
                _ => level = line[depth..].trim().starts_with("Dependencies").then_some(depth),
            }
        } else if level.is_some() {
            let item =
                ["| `", "|`", "- `", "* `"].iter().find_map(|mark| line.trim_start().strip_prefix(mark));
            found.extend(item.and_then(|rest| rest.split_once('`')).map(|(name, _)| (number, name)));
        }
    }
    found
}

fn too_long(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (LINES_MAX < lines)
        .then(|| format!("{}:{lines}: {lines} lines, at most {LINES_MAX}: two jobs in one room?", file.path))
}

/// Tests and benches are named by their claims and need no more; everything else introduces itself.
fn without_doc(file: &File) -> Option<String> {
    if file.path.split('/').any(|part| part == "tests" || part == "benches") {
        return None;
    }
    let first = file.text.lines().next().unwrap_or_default();
    let Some(doc) = first.strip_prefix("//! ") else {
        return Some(format!("{}:1: does not begin with a `//!` doc", file.path));
    };
    let begins = doc.starts_with(|sign: char| sign.is_uppercase() || sign == '`' || sign == '[');
    let ends = doc.ends_with(['.', ':']);
    (!begins || !ends).then(|| format!("{}:1: the first line of its doc is not a sentence: {doc}", file.path))
}

fn banned(file: &File) -> Vec<String> {
    let offender = |(number, line): (usize, &str)| {
        let word = BANNED.iter().find(|(word, _)| stands_alone(line, word))?;
        Some(format!("{}:{number}: `{}`: {}", file.path, word.0, word.1))
    };
    numbered(&file.text).filter_map(offender).collect()
}

fn machine_paths(file: &File) -> Vec<String> {
    let names_one = |line: &str| {
        MACHINES.iter().any(|path| {
            line.match_indices(path).any(|(at, _)| {
                !line[..at].ends_with(|sign: char| {
                    sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.' | '}' | ')')
                })
            })
        })
    };
    let offenders = numbered(&file.text).filter(|(_, line)| names_one(line));
    offenders
        .map(|(number, line)| format!("{}:{number}: a path of one machine: {}", file.path, line.trim()))
        .collect()
}

/// Whether `word` occurs in `line` other than as a part of a longer word.
fn stands_alone(line: &str, word: &str) -> bool {
    let inside = |sign: Option<char>| sign.is_some_and(|sign| sign.is_alphanumeric() || sign == '_');
    line.match_indices(word).any(|(at, _)| {
        let after = &line[at + word.len()..];
        let starts = !inside(word.chars().next()) || !inside(line[..at].chars().next_back());
        let ends = !inside(word.chars().next_back()) || !inside(after.chars().next());
        starts && ends
    })
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

mod rules_tried_on_made_up_files {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), text: text.into() }
    }

    fn package(path: &str, name: &str, rest: &str) -> File {
        file(path, &format!("[package]\nname = \"{name}\"\n{rest}"))
    }

    #[test]
    fn an_edge_upwards_a_crate_too_many_and_a_stranger_are_found() {
        let files = [
            file("Cargo.toml", "[workspace]\nmembers = [\"sim\"]\n"),
            package(
                "model/Cargo.toml",
                "punctual-model",
                "[dependencies]\npunctual-sim.workspace = true\nserde = \"1\"\n",
            ),
            package(
                "reports/Cargo.toml",
                "punctual-reports",
                "[dev-dependencies.near]\npackage = \"punctual-sim\"\n",
            ),
            package(
                "sim/Cargo.toml",
                "punctual-sim",
                "[dependencies]\nlibm = \"0.2\"\npunctual-model = { path = \"../model\" }\n\n\
                 [dev-dependencies]\nproptest = \"1\"\n\n[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n",
            ),
            package("util/Cargo.toml", "punctual-util", ""),
        ];
        assert_eq!(
            wrong_edges(&manifests(&files)),
            [
                "model/Cargo.toml:5: punctual-model stays without serde",
                "reports/Cargo.toml:3: punctual-reports may not know of punctual-sim",
                "sim/Cargo.toml:5: punctual-sim may not know of punctual-model",
                "sim/Cargo.toml:11: punctual-sim stays without libc",
                "util/Cargo.toml:1: punctual-util has no place in the crate graph",
            ]
        );
    }

    #[test]
    fn a_crate_without_the_lints_is_found() {
        let files = [
            package("a/Cargo.toml", "a", "[lints]\nworkspace = true\n"),
            package("b/Cargo.toml", "b", "[lints]\nworkspace = false\n"),
            package("c/Cargo.toml", "c", ""),
        ];
        let offenders = without_lints(&manifests(&files));
        assert_eq!(
            offenders,
            [
                "b/Cargo.toml:1: no `[lints] workspace = true`",
                "c/Cargo.toml:1: no `[lints] workspace = true`"
            ]
        );
    }

    #[test]
    fn a_dependency_without_a_line_and_a_line_without_a_dependency_are_found() {
        let files = [
            package(
                "sim/Cargo.toml",
                "punctual-sim",
                "[dependencies]\nlibm = \"0.2\"\n[dev-dependencies]\nproptest = \"1\"\n",
            ),
            package(
                "model/Cargo.toml",
                "punctual-model",
                "[dependencies]\npunctual-sim = \"0\"\nserde = \"1\"\n",
            ),
        ];
        let page = file(
            "ARCHITECTURE.md",
            "# Crates\n- `rand`: not read here\n## Dependencies\n| name | for |\n| `libm` | equal digits |\n\
             ### For tests\n- `proptest`: cases\n- `proptest`: again\n* `tokio`: gone\n## Next\n- `rand`: nor here\n",
        );
        assert_eq!(
            undocumented(&manifests(&files), &page),
            [
                "model/Cargo.toml:5: serde has no line in ARCHITECTURE.md",
                "ARCHITECTURE.md:8: proptest has a line already",
                "ARCHITECTURE.md:9: no crate depends on tokio",
            ]
        );
        let empty =
            undocumented(&manifests(&files), &file("ARCHITECTURE.md", "# Crates\n- `libm`: digits\n"));
        assert_eq!(empty, ["ARCHITECTURE.md:1: no list or table below a heading \"Dependencies\""]);
    }

    #[test]
    fn one_line_too_many_is_found() {
        assert_eq!(too_long(&file("a.rs", &"\n".repeat(LINES_MAX))), None);
        let found = too_long(&file("a.rs", &"\n".repeat(LINES_MAX + 1)));
        assert_eq!(found.as_deref(), Some("a.rs:601: 601 lines, at most 600: two jobs in one room?"));
    }

    #[test]
    fn a_module_that_does_not_introduce_itself_is_found() {
        for passes in ["//! What it is.\n", "//! `sim` runs:\n//! more\n"] {
            assert_eq!(without_doc(&file("sim/src/a.rs", passes)), None, "{passes}");
        }
        assert_eq!(without_doc(&file("sim/tests/a.rs", "use std::fmt;\n")), None);
        for fails in [
            "",
            "use std::fmt;\n//! What it is.\n",
            "\n//! What it is.\n",
            "//! What it\n//! is.\n",
            "//! what it is.\n",
        ] {
            assert!(without_doc(&file("sim/src/a.rs", fails)).is_some(), "{fails}");
        }
    }

    #[test]
    fn every_banned_word_is_found_and_no_longer_word() {
        for (word, reason) in BANNED {
            let found = banned(&file("a.rs", &format!("//! A.\nfn f() {{ {word} }}\n")));
            assert_eq!(found, [format!("a.rs:2: `{word}`: {reason}")]);
        }
        let innocent =
            "fn s() { let methodo = MASTODONS; } // safe, so a value below is not unsafe: it is ignored\n";
        assert_eq!(banned(&file("a.rs", innocent)), [""; 0]);
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_no_other() {
        for path in MACHINES {
            let found = machine_paths(&file("notes.md", &format!("See\n  `{path}me/notes`.\n")));
            assert_eq!(found, [format!("notes.md:2: a path of one machine: `{path}me/notes`.")]);
            assert_eq!(
                machine_paths(&file("notes.md", &format!("https://example.org{path}index\n"))),
                [""; 0]
            );
        }
    }
}
