//! Draws a race with characters: one row per lane, labels beside their marks or hung below them.
//!
//! From top to bottom: the times of the marks, the axis with its breaks, the lanes, and the bands
//! that name what lies between two instants. A label stands to the right of its mark; without room
//! there it hangs below, on a line of its own (`╰ read: nothing`); without room there too the mark
//! gets a number and a table under the picture says the rest. Nothing is ever drawn over a label.

mod foot;
mod head;
mod lane;

use std::fmt::Write as _;

use crate::canvas::{Canvas, Cell};
use crate::layout::{LANE, Layout, layout};
use crate::picture::{BarKind, MarkKind, Race};
use crate::style::{Glyphs, Ink, Style};
use crate::text;

/// Columns before the names of the lanes.
const INDENT: usize = 4;
/// What stands before the axis.
const SECONDS: &str = "seconds";
/// Rows below a lane in which labels may hang, and rows of times above the axis.
const HANGING: usize = 3;

/// A picture that is laid out, with all its labels where they have room: what is left is to paint it.
pub(crate) struct Plan {
    /// Where everything is.
    pub layout: Layout,
    /// The axis in row 0, and the times above it.
    pub head: Canvas,
    /// A block for each lane: its glyphs in row 0, hanging labels below.
    pub lanes: Vec<Canvas>,
    /// The bands.
    pub foot: Canvas,
    /// Whether every label and time has found room.
    pub complete: bool,
}

/// Lays out a race in `plot` columns beside the names of the lanes; none if there is nothing to show.
pub(crate) fn plan(race: &Race, plot: usize, style: &Style) -> Option<Plan> {
    let layout = layout(race, plot, style.ascii);
    if layout.times.is_empty() {
        return None;
    }
    let mut complete = true;
    let head = head::draw(&layout, plot, style, &mut complete);
    let lanes = (0..layout.lanes.len()).map(|lane| lane::draw(&layout, lane, plot, style, &mut complete));
    let lanes = lanes.collect();
    let foot = foot::draw(&layout, plot, style);
    Some(Plan { layout, head, lanes, foot, complete })
}

/// The picture of the race, each line ending with a newline; empty if there is nothing to show.
///
/// No line is wider than the style says. With `verbose`, or if a label or time found no room, a
/// table of all events follows.
pub fn picture(race: &Race, style: &Style) -> String {
    let names =
        race.lanes.iter().map(|name| text::columns(&text::clean(name, LANE, style.ascii))).max().unwrap_or(0);
    let gutter = INDENT + names.max(SECONDS.len()) + 2;
    let Some(plan) = plan(race, style.columns() - gutter, style) else { return String::new() };
    let mut out = String::new();
    let mut emit = |name: &str, canvas: &Canvas, row: usize| {
        let line = canvas.line(row, style);
        let line = format!("{}{}  {line}", " ".repeat(INDENT), text::left(name, names.max(SECONDS.len())));
        let _ = writeln!(out, "{}", line.trim_end());
    };
    for row in (0..plan.head.rows()).rev() {
        emit(if row == 0 { SECONDS } else { "" }, &plan.head, row);
    }
    for (name, block) in plan.layout.lanes.iter().zip(&plan.lanes) {
        for row in 0..block.rows().max(1) {
            emit(if row == 0 { name } else { "" }, block, row);
        }
    }
    for row in 0..plan.foot.rows() {
        emit("", &plan.foot, row);
    }
    if !plan.complete || style.verbose > 0 {
        out.push('\n');
        out.push_str(&table(&plan.layout, style));
    }
    out
}

/// One line or two that say what the glyphs of these races mean.
pub fn key<'a>(races: impl IntoIterator<Item = &'a Race>, style: &Style) -> String {
    let glyphs = style.glyphs();
    let mut bars = Vec::new();
    let mut marks = Vec::new();
    for race in races {
        // A bar too short to be drawn needs no explanation.
        bars.extend(race.bars.iter().filter(|bar| bar.from < bar.to).map(|bar| bar.kind));
        marks.extend(race.marks.iter().map(|mark| mark.kind));
    }
    bars.sort_unstable();
    bars.dedup();
    marks.sort_unstable();
    marks.dedup();
    let bars = bars.into_iter().map(|kind| {
        let glyph = bar_glyph(kind, 0, &glyphs);
        let other = bar_glyph(kind, 1, &glyphs);
        format!("{glyph}{other} {}", bar_word(kind))
    });
    let glyph = |kind: &MarkKind| mark_glyph(*kind, &glyphs);
    let marks = marks.chunk_by(|a, b| glyph(a) == glyph(b)).map(|kinds| {
        let words: Vec<&str> = kinds.iter().map(|&kind| mark_word(kind)).collect();
        format!("{} {}", glyph(&kinds[0]), words.join(", or "))
    });
    let pieces: Vec<String> = bars.chain(marks).collect();
    let lines = text::pack(&pieces, "   ", style.columns() - INDENT, style.ascii);
    let mut out = String::new();
    for line in lines {
        let _ = writeln!(out, "{}{}", " ".repeat(INDENT), style.ink(Ink::Faint, &line));
    }
    out
}

pub(crate) fn bar_word(kind: BarKind) -> &'static str {
    match kind {
        BarKind::Busy => "busy",
        BarKind::Waiting => "waits",
        BarKind::Sleeping => "sleeps",
        BarKind::Dead => "dead",
    }
}

pub(crate) fn mark_word(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Done => "done",
        MarkKind::Plain => "step",
        MarkKind::Miss => "read: not there",
        MarkKind::Commit => "becomes visible",
        MarkKind::Hit => "read: there",
        MarkKind::Sent => "sent",
        MarkKind::Arrived => "arrives",
        MarkKind::Late => "too late",
        MarkKind::Lost => "lost",
        MarkKind::Deadline => "time is up",
        MarkKind::Wrong => "wrong",
    }
}

fn bar_glyph(kind: BarKind, x: usize, glyphs: &Glyphs) -> char {
    match kind {
        BarKind::Busy => glyphs.busy,
        BarKind::Waiting => glyphs.waiting,
        BarKind::Sleeping => glyphs.sleeping,
        BarKind::Dead if x.is_multiple_of(2) => glyphs.line,
        BarKind::Dead => ' ',
    }
}

fn mark_glyph(kind: MarkKind, glyphs: &Glyphs) -> char {
    match kind {
        MarkKind::Done => glyphs.done,
        MarkKind::Plain => glyphs.plain,
        MarkKind::Miss => glyphs.miss,
        MarkKind::Commit => glyphs.commit,
        MarkKind::Hit => glyphs.hit,
        MarkKind::Sent => glyphs.sent,
        MarkKind::Arrived => glyphs.arrived,
        MarkKind::Late => glyphs.late,
        MarkKind::Lost | MarkKind::Deadline | MarkKind::Wrong => glyphs.cross,
    }
}

fn mark_cell(kind: MarkKind, glyphs: &Glyphs) -> Cell {
    let ink = match kind {
        MarkKind::Done | MarkKind::Hit | MarkKind::Arrived => Some(Ink::Good),
        MarkKind::Miss | MarkKind::Late => Some(Ink::Known),
        MarkKind::Lost | MarkKind::Deadline | MarkKind::Wrong => Some(Ink::Bad),
        MarkKind::Commit => Some(Ink::Strong),
        MarkKind::Plain | MarkKind::Sent => None,
    };
    Cell::Taken(mark_glyph(kind, glyphs), ink)
}

/// 3 decimals, or 6 if two instants lie within one millisecond.
pub(crate) fn digits(layout: &Layout) -> usize {
    let mut times: Vec<u64> = layout.times.iter().map(|time| time.0).collect();
    times.sort_unstable();
    if times.windows(2).any(|pair| pair[1] - pair[0] < 1_000) { 6 } else { 3 }
}

/// All events with exact times: number, time, gap, lane, what.
fn table(layout: &Layout, style: &Style) -> String {
    let digits = digits(layout);
    let times: Vec<String> = layout.entries.iter().map(|entry| text::seconds(entry.at, digits)).collect();
    let wide = times.iter().map(|time| text::columns(time)).max().unwrap_or(0).max(5);
    let names = layout.lanes.iter().map(|name| text::columns(name)).max().unwrap_or(0).max(4);
    let before = 2 + 3 + 2 + wide + 2 + 11 + 2 + names + 2;
    let room = style.columns().saturating_sub(before).max(8);
    let mut out = String::new();
    let mut row = |number: &str, at: &str, gap: &str, lane: &str, what: &str, ink: Option<Ink>| {
        let (number, at, gap) = (text::right(number, 3), text::right(at, wide), text::right(gap, 11));
        let mut lead = format!("  {number}  {at}  {gap}  {}", text::left(lane, names));
        for what in text::wrap(what, room, style.ascii) {
            let line = text::cut(&format!("{lead}  {what}"), style.columns(), style.ascii);
            let _ = writeln!(out, "{}", ink.map_or(line.clone(), |ink| style.ink(ink, &line)));
            lead = " ".repeat(before - 2);
        }
    };
    row("#", "s", "later by", "lane", "what", Some(Ink::Faint));
    let mut last = None;
    for (i, (entry, time)) in layout.entries.iter().zip(&times).enumerate() {
        let gap = last.map_or(String::new(), |last| format!("+{}", text::duration(entry.at - last)));
        row(&(i + 1).to_string(), time, &gap, &layout.lanes[entry.lane], &entry.text, None);
        last = Some(entry.at);
    }
    out
}
