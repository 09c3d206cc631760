//! What each code of an error means, with an example that is wrong and one that is right.
//!
//! The texts stand in `codes.txt`, one entry a code, in a form that a test can read too: it puts
//! every example into the first scenario of `init` and looks which codes come out.

use std::sync::LazyLock;

static ENTRIES: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let entries = include_str!("codes.txt").split("\n=== ").skip(1);
    entries.filter_map(|entry| Some((entry.get(..5)?, entry.trim_end()))).collect()
});

/// What a code means: a paragraph, a wrong and a right example. `None` for an unknown code.
pub fn explain(code: &str) -> Option<&'static str> {
    ENTRIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, text)| *text)
}

/// All codes, in order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|(code, _)| *code)
}

/// All codes with their titles, in order.
pub fn titles() -> impl Iterator<Item = (&'static str, &'static str)> {
    ENTRIES
        .iter()
        .map(|(code, text)| (*code, text.lines().next().unwrap_or("").trim_start_matches(code).trim()))
}
