//! Reports in a real browser: Chromium opens the committed one, one that fails, a hostile one and a crowded one.
//!
//! It needs Chromium or Chrome, Node, and what `npm ci --prefix tests/browser` installs. Where these are
//! missing it says so loudly and passes, unless `CI` is set.

#[path = "../reports/tests/common/mod.rs"]
mod reports;

use std::path::{Path, PathBuf};
use std::process::Command;

use punctual_reports::document::Document;
use punctual_reports::page::html;
use punctual_reports::report;

/// A program that can be found.
fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

#[test]
#[allow(clippy::print_stderr)] // whoever runs the tests has to see that it was not run
fn reports_are_what_they_promise_in_a_real_browser() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let browser = program(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]);
    let node = program(&["node", "nodejs"]);
    let modules = root.join("tests/browser/node_modules/playwright-core");
    let missing = match (&browser, &node) {
        (None, _) => "no Chromium or Chrome in PATH (Debian: apt-get install chromium)",
        (_, None) => "no node in PATH (Debian: apt-get install nodejs npm)",
        _ if !modules.is_dir() => "its packages are missing (npm ci --prefix tests/browser)",
        _ => "",
    };
    if !missing.is_empty() {
        eprintln!("\n*** THE BROWSER TEST WAS NOT RUN: {missing} ***\n");
        assert!(std::env::var_os("CI").is_none_or(|ci| ci.is_empty()), "in CI it must run: {missing}");
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&folder).unwrap();
    let mut pages = vec![root.join("reports/audio-streaming.html")];
    let mut page = |name: &str, document: &Document| {
        let file = folder.join(format!("{name}.html"));
        std::fs::write(&file, html::render(&report::page(document))).unwrap();
        pages.push(file);
    };
    page("failing", &reports::full());
    page("hostile", &reports::hostile());
    page("crowded", &reports::crowded(3, 400));
    page("small", &reports::crowded(1, 5));
    page("empty", &Document::new(Vec::new()));
    let sweep = folder.join("sweep.html");
    let words = "sweep audio-as-documented --variant counter-ids --vary policy.poll.completed=500ms..3s:6 \
                 --vary client.timeout=1s,2s,5s --keep no-event-lost,client-never-times-out --runs 500 -q";
    let ran = Command::new(env!("CARGO_BIN_EXE_punctual"))
        .args(words.split_whitespace())
        .args(["--report", &format!("html={}", sweep.display())])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    pages.push(sweep);
    let (Some(browser), Some(node)) = (browser, node) else { unreachable!("both were found above") };
    let ran = Command::new(node)
        .arg(root.join("tests/browser/report.mjs"))
        .arg(browser)
        .arg(&folder)
        .args(&pages)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}\npictures: {}", folder.display());
}
