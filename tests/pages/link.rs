//! Links: each leads to a file that there is, and to a heading on it.

use std::collections::BTreeMap;

use super::{Page, book, is_page, page, pages, root};

/// The links in the prose of a page, each with its line: what stands in backticks is no link.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut inside = false;
    let mut links = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = !inside;
            continue;
        }
        if inside {
            continue;
        }
        let told: String = line.split('`').step_by(2).collect();
        let ends = told.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        links.extend(ends.map(|(to, _)| (number + 1, to.to_owned())));
    }
    links
}

/// The anchor that GitHub and mdbook make of a heading.
fn anchor(heading: &str) -> String {
    let heading = heading.trim().to_lowercase();
    let kept = heading.chars().filter(|sign| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_'));
    kept.map(|sign| if sign == ' ' { '-' } else { sign }).collect()
}

/// The anchors of a page. Of headings that are alike the second has `-1`.
pub(crate) fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut inside = false;
    let mut anchors = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside;
        }
        let title = line.trim_start_matches('#');
        if inside || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let anchor = anchor(title);
        let times = seen.entry(anchor.clone()).or_default();
        anchors.push(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
        *times += 1;
    }
    anchors
}

/// A path with its `..` taken away, if it stays in the repository.
fn plain(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()?),
            "." => {}
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What is wrong with a link of a page.
fn wrong(from: &Page, to: &str) -> Option<&'static str> {
    if to.starts_with("https://") {
        return None;
    }
    let (path, heading) = to.split_once('#').map_or((to, None), |(path, heading)| (path, Some(heading)));
    let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path = match (path, folder) {
        ("", _) => Some(from.path.clone()),
        (path, "") => plain(path),
        (path, folder) => plain(&format!("{folder}/{path}")),
    };
    let Some(path) = path.filter(|path| root().join(path).exists()) else {
        return Some("there is no such file");
    };
    if folder == "docs" && !path.starts_with("docs/") {
        return Some("a page of the book leads to pages of the book only: mdbook knows no others");
    }
    let heading = heading?;
    let known = is_page(&path) && anchors(&page(&path).text).iter().any(|known| known == heading);
    (!known).then_some("there is no such heading")
}

#[test]
fn every_link_leads_somewhere() {
    let mut all = pages();
    all.extend(["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(page));
    let mut found = 0;
    let mut offenders = Vec::new();
    for page in &all {
        for (line, to) in links(&page.text) {
            found += 1;
            if let Some(wrong) = wrong(page, &to) {
                offenders.push(format!("{}:{line}: {to}: {wrong}", page.path));
            }
        }
    }
    assert!(found > 50, "{found} links were found");
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

/// The links to headings on pages of the book, as a page and a heading.
pub(crate) fn to_headings() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for page in book() {
        for (_, to) in links(&page.text) {
            let Some((path, heading)) = to.split_once('#').filter(|_| !to.starts_with("https://")) else {
                continue;
            };
            let own = page.path.strip_prefix("docs/").expect("a page of the book");
            let path = if path.is_empty() { own } else { path };
            found.push((path.to_owned(), heading.to_owned()));
        }
    }
    found
}

#[test]
fn links_and_headings_are_found() {
    let text = "# A `b` c\n\nSee [x](y.md#z) and `[no](link)`.\n\n```\n[no](more)\n```\n\n## It's 1. done\n\n## It's 1. done\n";
    assert_eq!(links(text), [(3, "y.md#z".to_owned())]);
    assert_eq!(anchors(text), ["a-b-c", "its-1-done", "its-1-done-1"]);
    assert_eq!(plain("docs/../sim/src/lib.rs").as_deref(), Some("sim/src/lib.rs"));
    assert_eq!(plain("../x"), None);
}
