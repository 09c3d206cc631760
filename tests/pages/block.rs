//! Fenced blocks of a page, and the files that they write.
//!
//! A block that begins with `# NAME.toml` or `# NAME.py` begins or continues that file, and one that begins with
//! `# NAME.toml, from LINE` replaces the file from that line on. Each page has a folder of its own.

use std::collections::BTreeMap;
use std::path::Path;

/// A fenced block: its language, the numbers of its lines, and its text.
pub(crate) struct Block<'a> {
    pub(crate) language: &'a str,
    pub(crate) lines: std::ops::Range<usize>,
    pub(crate) text: Vec<&'a str>,
}

/// The files that a page has written so far.
pub(crate) type Files = BTreeMap<String, String>;

pub(crate) fn blocks(page: &str) -> Vec<Block<'_>> {
    let lines: Vec<&str> = page.lines().collect();
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(language) = lines[at].strip_prefix("```") {
            let length = lines[at + 1..].iter().position(|line| *line == "```").expect("a block has an end");
            let inside = at + 1..at + 1 + length;
            blocks.push(Block { language, lines: inside.clone(), text: lines[inside].to_vec() });
            at += length + 1;
        }
        at += 1;
    }
    blocks
}

/// Writes a block into the file that its first line names, if it names one; gives the file's name.
pub(crate) fn write_down(files: &mut Files, block: &Block<'_>) -> Option<String> {
    let heading = block.text.first()?.strip_prefix("# ")?;
    let (name, from) = match heading.split_once(", from ") {
        Some((name, from)) => (name, Some(from)),
        None => (heading, None),
    };
    if Path::new(name).extension().is_none_or(|extension| extension != "toml" && extension != "py") {
        return None;
    }
    let file = files.entry(name.to_owned()).or_default();
    if let Some(from) = from {
        let kept = file.find(&format!("\n{from}\n")).expect("the line to replace from is there");
        file.truncate(kept + 1);
    }
    if !file.is_empty() && !file.ends_with("\n\n") {
        file.push('\n');
    }
    for line in block.text.iter().skip(1).skip_while(|line| line.is_empty()) {
        file.push_str(line);
        file.push('\n');
    }
    Some(name.to_owned())
}
