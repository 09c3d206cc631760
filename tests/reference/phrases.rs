//! The texts of a file that say something: delays, conditions, places of a cursor, lines of a policy.

use super::system::{Delay, Ids, Limit, Part};

/// A time such as `3us` or `2ms`.
pub(crate) fn time(text: &str) -> u64 {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or_else(|| panic!("{text:?} has no unit"));
    let number: u64 = text[..digits].parse().unwrap_or_else(|_| panic!("{text:?} is no time"));
    let unit = match &text[digits..] {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        other => panic!("{other:?} is a unit that no random scenario has"),
    };
    number * unit
}

/// A delay such as `3us`, `1us..3us` or a law over an interval: what is possible, not how likely.
pub(crate) fn delay(text: &str) -> Delay {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words[0] == "empirical" {
        let at = |word: &str| time(word.split_once('@').expect("a time at a share").0);
        return (at(words[1]), at(words[words.len() - 1]));
    }
    let word = if words.len() > 1 { words[1] } else { words[0] };
    word.split_once("..").map_or_else(|| (time(word), time(word)), |(low, high)| (time(low), time(high)))
}

/// Where a store's ids come from.
pub(crate) fn ids(text: &str) -> Ids {
    match text.strip_prefix("clock ") {
        Some(tick) => Ids::Clock(time(tick)),
        None if text == "counter" => Ids::Counter,
        None => Ids::Given,
    }
}

/// A place for a cursor: its word or number, what is added, and the store if it is named.
pub(crate) struct Place<'t> {
    pub(crate) word: &'t str,
    pub(crate) plus: i64,
    pub(crate) store: Option<&'t str>,
}

/// A place for a cursor such as `greatest of events + 2`.
pub(crate) fn place(text: &str) -> Place<'_> {
    let (head, plus) = match text.split_once(" + ") {
        Some((head, plus)) => (head, plus.trim().parse().expect("a number of ids")),
        None => (text, 0),
    };
    let (word, store) =
        head.split_once(" of ").map_or((head, None), |(word, store)| (word, Some(store.trim())));
    Place { word: word.trim(), plus, store }
}

/// A condition, with names where a system has numbers.
pub(crate) enum Phrase<'t> {
    Is(Vec<&'t str>, Option<u64>),
    Changed(Vec<&'t str>),
    Unsent,
    CountAbove,
    NoneWithin(u64),
    NoneWithinIds(i64),
    Resumed,
    Fresh,
}

/// A condition such as `is completed for 10s`.
pub(crate) fn condition(text: &str) -> Phrase<'_> {
    fn list(text: &str) -> Vec<&str> {
        text.split(',').map(str::trim).collect()
    }
    if let Some(statuses) = text.strip_prefix("changed to ") {
        return Phrase::Changed(list(statuses));
    }
    if let Some(rest) = text.strip_prefix("is ") {
        return match rest.split_once(" for ") {
            Some((statuses, limit)) => Phrase::Is(list(statuses), Some(time(limit))),
            None => Phrase::Is(list(rest), None),
        };
    }
    if let Some(window) = text.strip_prefix("none within ") {
        return match window.strip_suffix(" ids") {
            Some(ids) => Phrase::NoneWithinIds(ids.trim().parse().expect("a number of ids")),
            None => Phrase::NoneWithin(time(window)),
        };
    }
    match text {
        "unsent" => Phrase::Unsent,
        "count above" => Phrase::CountAbove,
        "resumed" => Phrase::Resumed,
        "fresh" => Phrase::Fresh,
        other => panic!("{other:?} is no condition"),
    }
}

/// A line of a policy; `age` gives the place of an age in the list of those that matter.
pub(crate) fn line(text: &str, age: &mut dyn FnMut(u64) -> usize) -> Vec<Part> {
    if let Some(back_off) = text.strip_prefix("back-off ") {
        return table(back_off);
    }
    let part = |part: &str| {
        let Some((rest, limit)) = part.split_once(" below ") else {
            return Part { rest: delay(part), limit: Limit::None };
        };
        let words: Vec<&str> = limit.split_whitespace().collect();
        let count = || words[0].parse().expect("a number of rests");
        let limit = match words[..] {
            [limit] => Limit::Age(age(time(limit))),
            [_, "rest" | "rests"] => Limit::Rests(count()),
            [_, "rest" | "rests", "since", "event"] => Limit::RestsSinceEvent(count()),
            _ => panic!("{part:?} is no part of a policy"),
        };
        Part { rest: delay(rest), limit }
    };
    text.split(", ").map(part).collect()
}

/// A back-off as a table by the number of rests. Only factors that are whole numbers and jitter that leaves
/// whole microseconds are drawn, so nothing is rounded.
fn table(text: &str) -> Vec<Part> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let after = |word: &str| words.iter().position(|known| *known == word).map(|at| words[at + 1]);
    let (least, greatest) = delay(words[0]);
    let factor: u64 = after("factor").expect("a factor").parse().expect("a whole factor");
    let jitter: u64 =
        after("jitter").map_or(0, |share| share.trim_end_matches('%').parse().expect("a share"));
    let since_event = after("since").is_some();
    let shortened = |rest: u64| {
        assert!((rest * jitter).is_multiple_of(100), "jitter leaves a part of a microsecond: {text}");
        (rest - rest * jitter / 100, rest)
    };
    let (mut parts, mut rest) = (Vec::new(), least);
    while rest < greatest {
        let below = parts.len() as u32 + 1;
        let limit = if since_event { Limit::RestsSinceEvent(below) } else { Limit::Rests(below) };
        parts.push(Part { rest: shortened(rest), limit });
        rest = (rest * factor).min(greatest);
    }
    parts.push(Part { rest: shortened(greatest), limit: Limit::None });
    parts
}
