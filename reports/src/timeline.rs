//! Everything that happened in one run, one line each: time, gap, lane, what.
//!
//! This is what `punctual run` and `punctual replay` print. A polling loop fills most of a run with
//! turns that find nothing, so turns that repeat are folded into one line that says how many there
//! were and from when to when. Only what stands between two other events is folded together, so
//! the order of the lines stays the order of the events.

use std::fmt::Write as _;

use crate::fold::folds;
use crate::style::{Ink, Style};
use crate::text;

/// Most entries of a turn of a loop.
const LONGEST_TURN: usize = 8;
/// Fewer turns than this are printed in full.
const LEAST_TURNS: usize = 3;
/// Longest name of a lane, in columns.
const LANE: usize = 14;

/// One run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    /// What happened, in order.
    pub entries: Vec<Entry>,
}

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// When, in microseconds.
    pub at: u64,
    /// Who did it.
    pub lane: String,
    /// What.
    pub text: String,
}

impl Entry {
    /// An entry.
    pub fn new(at: u64, lane: &str, text: &str) -> Entry {
        Entry { at, lane: lane.to_owned(), text: text.to_owned() }
    }
}

/// A line to print: an entry, or turns of one lane.
enum Line<'a> {
    Entry(&'a Entry),
    Turns { lane: &'a str, turns: usize, from: u64, to: u64 },
}

/// The run as text, each line ending with a newline; with `verbose` nothing is folded.
pub fn render(timeline: &Timeline, style: &Style) -> String {
    let entries = &timeline.entries;
    let name = |lane: &str| text::clean(lane, LANE, style.ascii);
    let time =
        entries.iter().map(|entry| text::columns(&text::seconds(entry.at, 6))).max().unwrap_or(0).max(7);
    let wide = entries.iter().map(|entry| text::columns(&name(&entry.lane))).max().unwrap_or(0).max(4);
    let before = 2 + time + 2 + 12 + 2 + wide + 2;
    let room = style.columns().saturating_sub(before).max(8);
    let mut out = String::new();
    let mut print = |said: &str, ink: Option<Ink>| {
        let said = text::cut(said.trim_end(), style.columns(), style.ascii);
        let _ = writeln!(out, "{}", ink.map_or(said.clone(), |ink| style.ink(ink, &said)));
    };
    let (seconds, later) = (text::right("seconds", time), text::right("later by", 12));
    print(&format!("  {seconds}  {later}  {}  what", text::left("lane", wide)), Some(Ink::Faint));
    let mut last: Option<u64> = None;
    for line in if style.verbose > 0 { entries.iter().map(Line::Entry).collect() } else { fold(entries) } {
        match line {
            Line::Entry(entry) => {
                let at = text::right(&text::seconds(entry.at, 6), time);
                let later = text::right(&last.map_or(String::new(), |last| gap(last, entry.at)), 12);
                let mut lead = format!("  {at}  {later}  {}  ", text::left(&name(&entry.lane), wide));
                let mut said =
                    text::wrap(&text::clean(&entry.text, 4 * room, style.ascii), room, style.ascii);
                said.resize(said.len().max(1), String::new());
                for said in said {
                    print(&format!("{lead}{said}"), None);
                    lead = " ".repeat(before);
                }
                last = Some(entry.at);
            }
            Line::Turns { lane, turns, from, to } => {
                let dots = if style.ascii { "..." } else { "…" };
                let turns = format!("{} of {}", text::count(turns as u64, "turn"), name(lane));
                let span = format!("{} s to {} s", text::seconds(from, 3), text::seconds(to, 3));
                let lead = " ".repeat(2 + time + 2);
                print(&format!("{lead}{dots} {turns}, {span} {dots}"), Some(Ink::Faint));
                last = last.max(Some(to));
            }
        }
    }
    out
}

fn gap(last: u64, at: u64) -> String {
    if at < last { String::new() } else { format!("+{}", text::duration(at - last)) }
}

/// Folds the turns of each lane between the entries that belong to no turn.
fn fold(entries: &[Entry]) -> Vec<Line<'_>> {
    let mut names: Vec<&str> = entries.iter().map(|entry| entry.lane.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut period: Vec<Option<usize>> = vec![None; entries.len()];
    for lane in names {
        let own: Vec<usize> = (0..entries.len()).filter(|&i| entries[i].lane == lane).collect();
        let texts: Vec<&str> = own.iter().map(|&i| entries[i].text.as_str()).collect();
        for fold in folds(&texts, LONGEST_TURN, LEAST_TURNS) {
            (fold.start..fold.end()).for_each(|i| period[own[i]] = Some(fold.period));
        }
    }
    let mut lines = Vec::new();
    let mut start = 0;
    while start < entries.len() {
        let end = (start..entries.len()).find(|&i| period[i].is_none()).unwrap_or(entries.len());
        lines.extend(folded(entries, &period, start, end));
        if end < entries.len() {
            lines.push(Line::Entry(&entries[end]));
        }
        start = end + 1;
    }
    lines
}

/// The lines for `entries[start..end]`, all of which belong to turns.
fn folded<'a>(entries: &'a [Entry], period: &[Option<usize>], start: usize, end: usize) -> Vec<Line<'a>> {
    let mut names: Vec<&str> = Vec::new();
    for entry in &entries[start..end] {
        if !names.contains(&entry.lane.as_str()) {
            names.push(&entry.lane);
        }
    }
    let mut found: Vec<(usize, Line)> = Vec::new();
    for lane in names {
        let own: Vec<usize> = (start..end).filter(|&i| entries[i].lane == lane).collect();
        let turns = own.len() / period[own[0]].unwrap_or(1).max(1);
        if turns < LEAST_TURNS {
            found.extend(own.into_iter().map(|i| (i, Line::Entry(&entries[i]))));
        } else {
            let (from, to) = (entries[own[0]].at, entries[own[own.len() - 1]].at);
            found.push((own[0], Line::Turns { lane, turns, from, to }));
        }
    }
    found.sort_by_key(|one| one.0);
    found.into_iter().map(|one| one.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_folded_only_between_other_events() {
        let mut entries: Vec<Entry> =
            (0..20).map(|i| Entry::new(i * 100, "stream", "reads nothing")).collect();
        entries.insert(10, Entry::new(950, "job", "commits"));
        let text = render(&Timeline { entries }, &Style::plain());
        assert_eq!(text.matches("10 turns of stream").count(), 2, "{text}");
        assert_eq!(text.lines().count(), 4, "{text}");
    }

    #[test]
    fn no_line_is_wider_than_the_style() {
        let entries = vec![
            Entry::new(u64::MAX, &"l".repeat(99), &"word ".repeat(200)),
            Entry::new(0, "", "\u{202e}\n"),
        ];
        for width in [60, 88, 200] {
            let text = render(&Timeline { entries: entries.clone() }, &Style { width, ..Style::plain() });
            assert!(text.lines().all(|line| text::columns(line) <= width), "{text}");
        }
    }
}
