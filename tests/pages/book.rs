//! The book: its contents name every page, and mdbook builds it.
//!
//! Where mdbook is missing the test says so loudly and passes, unless `CI` is set.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{is_page, link, page, root};

/// The names of the pages of the book, without its contents.
#[expect(clippy::disallowed_methods, reason = "the caller sorts what is found")]
pub(crate) fn files() -> Vec<String> {
    let entries = fs::read_dir(root().join("docs")).expect("there is a folder docs");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| is_page(name) && name != "SUMMARY.md").collect()
}

/// The pages that the contents name, in their order.
fn contents() -> Vec<String> {
    let text = page("docs/SUMMARY.md").text;
    let named =
        text.lines().filter_map(|line| line.strip_prefix("- [")?.split_once("](")?.1.strip_suffix(')'));
    named.map(str::to_owned).collect()
}

#[test]
fn the_contents_name_every_page_once_and_so_does_the_readme() {
    let (mut named, mut there) = (contents(), files());
    let readme = page("README.md").text;
    for name in &named {
        assert!(readme.contains(&format!("(docs/{name})")), "README.md does not lead to docs/{name}");
    }
    named.sort_unstable();
    there.sort_unstable();
    assert_eq!(named, there, "docs/SUMMARY.md names other pages than there are");
}

#[test]
#[allow(clippy::print_stderr)] // whoever runs the tests has to see that it was not run
fn the_book_is_built() {
    let is_there = Command::new("mdbook").arg("--version").output().is_ok_and(|ran| ran.status.success());
    if !is_there {
        let missing = "no mdbook in PATH (.ci/run says which version, and how it is installed)";
        eprintln!("\n*** THE BOOK WAS NOT BUILT: {missing} ***\n");
        assert!(std::env::var_os("CI").is_none_or(|ci| ci.is_empty()), "in CI it must be built: {missing}");
        return;
    }
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
    let _ = fs::remove_dir_all(&built);
    let ran =
        Command::new("mdbook").arg("build").arg(root().join("docs")).arg("-d").arg(&built).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
    let read = |name: &str| {
        let file = built.join(name.replace(".md", ".html"));
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    for name in contents() {
        assert!(read(&name).contains("<main>"), "{name} is empty");
    }
    for (name, heading) in link::to_headings() {
        assert!(
            read(&name).contains(&format!("id=\"{heading}\"")),
            "{name} has no heading {heading} in the book"
        );
    }
}
