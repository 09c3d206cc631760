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

/// Most rows of a turn of a loop.
const LONGEST_TURN: usize = 8;
/// Fewer turns than this are printed in full.
const LEAST_TURNS: usize = 3;
/// Longest name of a lane, in columns.
const LANE: usize = 14;

/// One run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    /// What happened, in order.
    pub rows: Vec<Row>,
}

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// When, in microseconds.
    pub at: u64,
    /// Who did it.
    pub lane: String,
    /// What.
    pub text: String,
}

impl Row {
    /// A row.
    pub fn new(at: u64, lane: &str, text: &str) -> Row {
        Row { at, lane: lane.to_owned(), text: text.to_owned() }
    }
}

/// A line to print: a row, or turns of one lane.
enum Line<'a> {
    Row(&'a Row),
    Turns { lane: &'a str, turns: usize, from: u64, to: u64 },
}

/// The run as text, each line ending with a newline; with `verbose` nothing is folded.
pub fn render(timeline: &Timeline, style: &Style) -> String {
    let rows = &timeline.rows;
    let name = |lane: &str| text::clean(lane, LANE, style.ascii);
    let time = rows.iter().map(|row| text::columns(&text::seconds(row.at, 6))).max().unwrap_or(0).max(7);
    let wide = rows.iter().map(|row| text::columns(&name(&row.lane))).max().unwrap_or(0).max(4);
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
    for line in if style.verbose > 0 { rows.iter().map(Line::Row).collect() } else { fold(rows) } {
        match line {
            Line::Row(row) => {
                let at = text::right(&text::seconds(row.at, 6), time);
                let later = text::right(&last.map_or(String::new(), |last| gap(last, row.at)), 12);
                let mut lead = format!("  {at}  {later}  {}  ", text::left(&name(&row.lane), wide));
                let mut said = text::wrap(&text::clean(&row.text, 4 * room, style.ascii), room, style.ascii);
                said.resize(said.len().max(1), String::new());
                for said in said {
                    print(&format!("{lead}{said}"), None);
                    lead = " ".repeat(before);
                }
                last = Some(row.at);
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

/// Folds the turns of each lane between the rows that belong to no turn.
fn fold(rows: &[Row]) -> Vec<Line<'_>> {
    let mut names: Vec<&str> = rows.iter().map(|row| row.lane.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut period: Vec<Option<usize>> = vec![None; rows.len()];
    for lane in names {
        let own: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].lane == lane).collect();
        let texts: Vec<&str> = own.iter().map(|&i| rows[i].text.as_str()).collect();
        for fold in folds(&texts, LONGEST_TURN, LEAST_TURNS) {
            (fold.start..fold.end()).for_each(|i| period[own[i]] = Some(fold.period));
        }
    }
    let mut lines = Vec::new();
    let mut start = 0;
    while start < rows.len() {
        let end = (start..rows.len()).find(|&i| period[i].is_none()).unwrap_or(rows.len());
        lines.extend(folded(rows, &period, start, end));
        if end < rows.len() {
            lines.push(Line::Row(&rows[end]));
        }
        start = end + 1;
    }
    lines
}

/// The lines for `rows[start..end]`, all of which belong to turns.
fn folded<'a>(rows: &'a [Row], period: &[Option<usize>], start: usize, end: usize) -> Vec<Line<'a>> {
    let mut names: Vec<&str> = Vec::new();
    for row in &rows[start..end] {
        if !names.contains(&row.lane.as_str()) {
            names.push(&row.lane);
        }
    }
    let mut found: Vec<(usize, Line)> = Vec::new();
    for lane in names {
        let own: Vec<usize> = (start..end).filter(|&i| rows[i].lane == lane).collect();
        let turns = own.len() / period[own[0]].unwrap_or(1).max(1);
        if turns < LEAST_TURNS {
            found.extend(own.into_iter().map(|i| (i, Line::Row(&rows[i]))));
        } else {
            let (from, to) = (rows[own[0]].at, rows[own[own.len() - 1]].at);
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
        let mut rows: Vec<Row> = (0..20).map(|i| Row::new(i * 100, "stream", "reads nothing")).collect();
        rows.insert(10, Row::new(950, "job", "commits"));
        let text = render(&Timeline { rows }, &Style::plain());
        assert_eq!(text.matches("10 turns of stream").count(), 2, "{text}");
        assert_eq!(text.lines().count(), 4, "{text}");
    }

    #[test]
    fn no_line_is_wider_than_the_style() {
        let rows =
            vec![Row::new(u64::MAX, &"l".repeat(99), &"word ".repeat(200)), Row::new(0, "", "\u{202e}\n")];
        for width in [60, 88, 200] {
            let text = render(&Timeline { rows: rows.clone() }, &Style { width, ..Style::plain() });
            assert!(text.lines().all(|line| text::columns(line) <= width), "{text}");
        }
    }
}
