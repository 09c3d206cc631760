//! What manifests may say: which crates know of which, and what each dependency is for.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{File, numbered};

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

/// A dependency as a manifest writes it down.
struct Dependency {
    name: String,
    line: usize,
    /// Whether whoever uses the crate has to build it too.
    shipped: bool,
}

pub(super) struct Manifest<'a> {
    path: &'a str,
    package: String,
    inherits_lints: bool,
    dependencies: Vec<Dependency>,
}

/// The packages among `files`; a manifest of a workspace alone is none.
pub(super) fn manifests(files: &[File]) -> Vec<Manifest<'_>> {
    let is_manifest = |file: &&File| file.path == "Cargo.toml" || file.path.ends_with("/Cargo.toml");
    files.iter().filter(is_manifest).filter_map(manifest).collect()
}

pub(super) fn wrong_edges(manifests: &[Manifest<'_>]) -> Vec<String> {
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

pub(super) fn without_lints(manifests: &[Manifest<'_>]) -> Vec<String> {
    let offender = |manifest: &Manifest<'_>| format!("{}:1: no `[lints] workspace = true`", manifest.path);
    manifests.iter().filter(|manifest| !manifest.inherits_lints).map(offender).collect()
}

/// Sets the dependencies beside the lines that start with a name in backticks, as a table row or
/// list item, below the heading "Dependencies" of `page`.
pub(super) fn undocumented(manifests: &[Manifest<'_>], page: &File) -> Vec<String> {
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
