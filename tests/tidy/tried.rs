//! The rules, tried on made-up files.

use super::File;
use super::manifest::{manifests, undocumented, without_lints, wrong_edges};
use super::source::{
    BANNED, FUNCTION_LINES_MAX, LINES_MAX, MACHINES, banned, long_functions, machine_paths, too_long,
    without_doc,
};

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
        ["b/Cargo.toml:1: no `[lints] workspace = true`", "c/Cargo.toml:1: no `[lints] workspace = true`"]
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
    let empty = undocumented(&manifests(&files), &file("ARCHITECTURE.md", "# Crates\n- `libm`: digits\n"));
    assert_eq!(empty, ["ARCHITECTURE.md:1: no list or table below a heading \"Dependencies\""]);
}

#[test]
fn one_line_too_many_is_found() {
    assert_eq!(too_long(&file("a.rs", &"\n".repeat(LINES_MAX))), None);
    let (most, lines) = (LINES_MAX, LINES_MAX + 1);
    let found = too_long(&file("a.rs", &"\n".repeat(lines)));
    let expected = format!("a.rs:{lines}: {lines} lines, at most {most}: two jobs in one room?");
    assert_eq!(found.as_deref(), Some(expected.as_str()));
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
        assert_eq!(machine_paths(&file("notes.md", &format!("https://example.org{path}index\n"))), [""; 0]);
    }
}

#[test]
fn a_function_with_a_line_too_many_is_found() {
    let with = |body: usize| {
        let lines = "        f();\n".repeat(body);
        file(
            "a.rs",
            &format!(
                "impl A {{\n    pub(super) const fn long(\n        self,\n    ) {{\n{lines}    }}\n}}\n"
            ),
        )
    };
    assert_eq!(long_functions(&with(FUNCTION_LINES_MAX - 4)), [""; 0]);
    let most = FUNCTION_LINES_MAX;
    let found = format!("a.rs:2: long has {} lines, at most {most}: which parts has it?", most + 1);
    assert_eq!(long_functions(&with(most - 3)), [found]);
}
