//! Every code is explained, and every example in an explanation is what it claims to be.

mod fragments;

use std::collections::BTreeSet;
use std::path::Path;

use fragments::{example, with_fragment};
use punctual_scenarios::{Scenario, codes, explain};

/// The codes that a fragment causes when it stands in the first scenario of `init`.
fn codes_of(fragment: &str) -> BTreeSet<&'static str> {
    let text = if fragment.is_empty() { String::new() } else { with_fragment(fragment) };
    match Scenario::parse("example.toml", &text) {
        Ok(_) => BTreeSet::new(),
        Err(problems) => problems.list.iter().map(|problem| problem.code).collect(),
    }
}

/// Adds the codes in the sources of a folder.
#[expect(clippy::disallowed_methods, reason = "the order of the files does not matter to a set")]
fn used_in(folder: &Path, used: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            used_in(&path, used);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(path).expect("a source is text");
            used.extend(text.split("\"P").skip(1).filter_map(|rest| {
                let code = rest.get(..4).filter(|code| code.chars().all(|c| c.is_ascii_digit()))?;
                Some(format!("P{code}"))
            }));
        }
    }
}

#[test]
fn every_code_in_the_sources_is_explained() {
    let mut used = BTreeSet::new();
    used_in(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut used);
    let explained: BTreeSet<String> = codes().map(str::to_owned).collect();
    assert_eq!(used, explained);
}

#[test]
fn every_wrong_example_has_its_code_and_every_right_one_has_none() {
    let mut wrong = Vec::new();
    for code in codes() {
        let entry = explain(code).expect("a listed code is explained");
        let found = codes_of(&example(entry, "wrong:"));
        if !found.contains(code) {
            wrong.push(format!("{code}: the wrong example gives {found:?}"));
        }
        let right = example(entry, "right:");
        let found = codes_of(&right);
        // The example of an empty file is a first line, and no more.
        if !found.is_empty() && code != "P0002" {
            wrong.push(format!("{code}: the right example gives {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
