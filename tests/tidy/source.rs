//! What sources may say, and how much of it in one place.

use super::{File, numbered};

/// The most lines of a file.
pub(super) const LINES_MAX: usize = 500;
/// The most lines of a function, with its head and its braces.
pub(super) const FUNCTION_LINES_MAX: usize = 60;

/// What no source may say. The words are cut in two so that this file passes its own test.
pub(super) const BANNED: &[(&str, &str)] = &[
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
pub(super) const MACHINES: &[&str] =
    &[concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

pub(super) fn too_long(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (LINES_MAX < lines)
        .then(|| format!("{}:{lines}: {lines} lines, at most {LINES_MAX}: two jobs in one room?", file.path))
}

/// Functions as rustfmt lays them out: from the line with `fn` to the brace below its beginning.
pub(super) fn long_functions(file: &File) -> Vec<String> {
    let lines: Vec<(usize, &str)> = numbered(&file.text).collect();
    let heads = lines.iter().filter_map(|&(number, line)| Some((number, line, function(line)?)));
    let long = heads.filter_map(|(number, line, name)| {
        let indent = &line[..line.len() - line.trim_start().len()];
        let is_end = |line: &str| {
            let rest = line.strip_prefix(indent).unwrap_or_default();
            // A function of a trait may have no body.
            rest == "}" || rest.starts_with(')') && rest.ends_with(';')
        };
        let last = lines[number..].iter().find(|(_, line)| is_end(line))?.0;
        let length = last + 1 - number;
        let is_long = FUNCTION_LINES_MAX < length && !line.ends_with(['}', ';']);
        is_long.then(|| {
            let path = &file.path;
            format!("{path}:{number}: {name} has {length} lines, at most {FUNCTION_LINES_MAX}: which parts has it?")
        })
    });
    long.collect()
}

/// The name of the function that begins in a line.
fn function(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| {
        word.starts_with("pub") || ["in", "const", "async", "super)", "crate)"].contains(word)
    });
    let name = words.next().filter(|word| *word == "fn").and_then(|_| words.next())?;
    name.split(['(', '<']).next()
}

/// Tests and benches are named by their claims and need no more; everything else introduces itself.
pub(super) fn without_doc(file: &File) -> Option<String> {
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

pub(super) fn banned(file: &File) -> Vec<String> {
    let offender = |(number, line): (usize, &str)| {
        let word = BANNED.iter().find(|(word, _)| stands_alone(line, word))?;
        Some(format!("{}:{number}: `{}`: {}", file.path, word.0, word.1))
    };
    numbered(&file.text).filter_map(offender).collect()
}

pub(super) fn machine_paths(file: &File) -> Vec<String> {
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
