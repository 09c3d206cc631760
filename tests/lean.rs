//! Whoever only checks scenarios in tests builds what judges and tells, and nothing that a command or a server needs.

use std::process::Command;

/// What is built for a crate that depends on `package` with the features that `flags` leave.
fn built(package: &str, flags: &[&str]) -> Vec<String> {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--locked",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            package,
        ])
        .args(flags)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be started");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("names are text");
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn a_test_builds_no_command_line_and_no_web_server() {
    let none_of = [
        "clap",
        "indicatif",
        "tracing-subscriber",
        "axum",
        "hyper",
        "tokio",
        "turmoil",
        "rusqlite",
        "ruff_python_parser",
    ];
    let all = built("punctual", &[]);
    let lean = built("punctual", &["--no-default-features"]);
    for name in none_of {
        assert!(all.iter().any(|built| built == name), "{name} is no dependency at all: mend this list");
        assert!(!lean.iter().any(|built| built == name), "{name} is built for whoever only checks scenarios");
    }
}

#[test]
fn what_judges_needs_no_threads_and_no_pages() {
    let lean = built("punctual-judging", &["--no-default-features"]);
    assert!(lean.iter().any(|built| built == "punctual-sim"), "{lean:?}");
    for name in
        ["rayon", "rayon-core", "maud", "plotters", "csv", "quick-junit", "anstyle-query", "terminal_size"]
    {
        assert!(!lean.iter().any(|built| built == name), "{name} is built for whoever only wants a verdict");
    }
}
