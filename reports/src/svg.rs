//! Draws a race as SVG: the same places as in a terminal, with lines where that has characters.
//!
//! The layout counts columns; here a column is as wide as a letter of the type that labels are set
//! in, so what has room there has room here. Colours, dashes and the shapes of marks come from the
//! style sheet and the symbols of the page ([`symbols`]); this says only what is where. Names of the
//! lanes are a drawing of their own, so that they stay when a narrow screen scrolls the rest.

use std::fmt::Write as _;

use crate::canvas::{Canvas, Drawn};
use crate::layout::Layout;
use crate::picture::{BarKind, MarkKind, Race};
use crate::style::Style;
use crate::terminal::{self, Plan};
use crate::text;

/// Columns beside the names of the lanes.
const COLUMNS: usize = 112;
/// Width of a column: that of a letter of 12 pixels in a type of fixed width.
const WIDE: f64 = 7.2;
/// Height of a row.
const HIGH: f64 = 17.0;
/// Between two lanes.
const BETWEEN: f64 = 5.0;

/// A race, drawn.
pub(crate) struct Drawing {
    /// The names of the lanes.
    pub names: String,
    /// Everything else.
    pub plot: String,
    /// Its events, in time order.
    pub events: Vec<Event>,
    /// The kinds of bars and marks that occur.
    pub kinds: (Vec<BarKind>, Vec<MarkKind>),
}

/// An event of a race, as the table under its picture lists it.
pub(crate) struct Event {
    /// Number in the table, from 1.
    pub number: usize,
    /// When, in seconds.
    pub at: String,
    /// How long after the event before; empty for the first.
    pub later: String,
    /// How long before or after the deadline, or what decides it.
    pub distance: String,
    /// Name of its lane.
    pub lane: String,
    /// What.
    pub text: String,
}

/// Draws a race; none if there is nothing to show.
pub(crate) fn picture(race: &Race, said: &str) -> Option<Drawing> {
    let plan = terminal::plan(race, COLUMNS, &Style::plain())?;
    let heights = Heights::of(&plan);
    let drawn = plan.lanes.iter().flat_map(|lane| &lane.drawn);
    Some(Drawing {
        names: names(&plan, &heights),
        plot: plot(&plan, &heights, said),
        events: events(race, &plan.layout),
        kinds: kinds_of(drawn),
    })
}

/// Where things are from above, in pixels.
struct Heights {
    /// Where the axis and the times above it end.
    head: f64,
    /// Where each lane begins.
    lanes: Vec<f64>,
    /// Where the bands begin.
    foot: f64,
    /// How high all of it is.
    total: f64,
}

impl Heights {
    fn of(plan: &Plan) -> Heights {
        let head = plan.head.rows() as f64 * HIGH;
        let mut lanes = Vec::new();
        let mut y = head + BETWEEN;
        for block in &plan.lanes {
            lanes.push(y);
            y += block.rows().max(1) as f64 * HIGH + BETWEEN;
        }
        Heights { head, lanes, foot: y, total: y + plan.foot.rows() as f64 * HIGH + 4.0 }
    }
}

/// The names of the lanes, a drawing of their own.
fn names(plan: &Plan, heights: &Heights) -> String {
    let lanes = &plan.layout.lanes;
    let names = lanes.iter().map(|name| text::columns(name)).max().unwrap_or(0);
    let wide = (names.max(7) + 1) as f64 * WIDE;
    let mut out = Paint(format!(
        "<svg class=\"names\" width=\"{}\" height=\"{}\" aria-hidden=\"true\">",
        number(wide),
        number(heights.total)
    ));
    out.text("n", 0.0, heights.head - HIGH + 12.0, "seconds");
    for (name, top) in lanes.iter().zip(&heights.lanes) {
        out.text("n", 0.0, top + 12.0, name);
    }
    out.0.push_str("</svg>");
    out.0
}

/// Everything else, what lies behind first.
fn plot(plan: &Plan, heights: &Heights, said: &str) -> String {
    let layout = &plan.layout;
    let wide = COLUMNS as f64 * WIDE;
    let mut out = Paint(format!(
        "<svg class=\"plot\" width=\"{}\" height=\"{}\" role=\"img\" aria-label=\"{}\">",
        number(wide + 8.0),
        number(heights.total),
        escaped(said)
    ));
    if let Some((_, from, to)) = layout.bands.first() {
        let (from, to) = (x(*from), x(*to).max(x(*from) + 1.0));
        let high = number(heights.foot - heights.head);
        let (from, width, top) = (number(from), number(to - from), number(heights.head));
        let _ = write!(
            out.0,
            "<rect class=\"band\" x=\"{from}\" y=\"{top}\" width=\"{width}\" height=\"{high}\"/>"
        );
    }
    for (block, top) in plan.lanes.iter().zip(&heights.lanes) {
        out.level("rail", top + 8.0, (0.0, wide), &said_in(block, 0));
    }
    if let Some((_, at, _)) = &layout.deadline {
        out.path("deadline", &format!("M{} 0V{}", number(x(*at)), number(heights.foot)));
    }
    paint_head(&mut out, &plan.head, heights.head, wide);
    paint_arrows(&mut out, layout, &heights.lanes);
    for (block, top) in plan.lanes.iter().zip(&heights.lanes) {
        paint_lane(&mut out, block, *top);
    }
    paint_foot(&mut out, &plan.foot, heights.foot);
    out.0.push_str("</svg>");
    out.0
}

/// The bands: a brace each, and what it is called.
fn paint_foot(out: &mut Paint, foot: &Canvas, top: f64) {
    for drawn in &foot.drawn {
        let at = |row: &usize| top + *row as f64 * HIGH;
        match drawn {
            Drawn::Brace(row, from, to) => {
                let y = at(row);
                let (from, to) = (x(*from), x(*to));
                out.level("brace", y + 8.0, (from, to), &said_in(foot, *row));
                let (high, low) = (number(y), number(y + 8.0));
                out.path("brace", &format!("M{} {high}V{low}M{} {high}V{low}", number(from), number(to)));
            }
            Drawn::Text(row, from, said) => out.text("b", *from as f64 * WIDE, at(row) + 12.0, said),
            _ => {}
        }
    }
}

fn kinds_of<'d>(all: impl Iterator<Item = &'d Drawn>) -> (Vec<BarKind>, Vec<MarkKind>) {
    let mut bars: Vec<BarKind> = Vec::new();
    let mut marks: Vec<MarkKind> = Vec::new();
    for drawn in all {
        match drawn {
            Drawn::Bar(kind, ..) => bars.push(*kind),
            Drawn::Mark(kind, ..) => marks.push(*kind),
            _ => {}
        }
    }
    bars.sort_unstable();
    bars.dedup();
    marks.sort_unstable();
    marks.dedup();
    (bars, marks)
}

/// The axis with its breaks, and the times above it.
fn paint_head(out: &mut Paint, head: &Canvas, high: f64, wide: f64) {
    let axis = high - HIGH / 2.0;
    out.level("axis", axis, (0.0, wide), &said_in(head, 0));
    for drawn in &head.drawn {
        let at = |row: &usize| high - (*row as f64 + 1.0) * HIGH;
        match drawn {
            Drawn::Break(from, to) => {
                let (from, to) = (number(x(*from) + 3.0), number(x(*to) - 3.0));
                out.path("break", &format!("M{from} {}H{to}", number(axis)));
            }
            Drawn::Leader(column, row) => {
                let from = at(row) + 14.0;
                out.path("axis", &format!("M{} {}V{}", number(x(*column)), number(from), number(axis)));
            }
            Drawn::Text(row, from, said) => {
                let class = if *row == 0 { "q" } else { "t" };
                out.text(class, *from as f64 * WIDE, at(row) + 12.0, said);
            }
            _ => {}
        }
    }
}

/// Arrows take the way that the terminal keeps free for them: down at once, up at the end.
fn paint_arrows(out: &mut Paint, layout: &Layout, tops: &[f64]) {
    for (arrow, from, to) in &layout.arrows {
        let lost = to.is_none();
        let to = to.unwrap_or((*from + 3).min(COLUMNS - 1));
        let (from_y, to_y) = (tops[arrow.from_lane] + 8.0, tops[arrow.to_lane] + 8.0);
        let (from, to) = (x(*from), x(to));
        let down = arrow.from_lane < arrow.to_lane;
        let straight = (to - from).abs() < 1.0;
        let reach =
            if down && !straight { (to_y, to - 5.0) } else { (to_y - if down { 6.0 } else { -6.0 }, to) };
        let way = if straight {
            format!("M{} {}V{}", number(from), number(from_y), number(reach.0))
        } else if down {
            format!("M{} {}V{}H{}", number(from), number(from_y), number(to_y), number(reach.1))
        } else if arrow.from_lane == arrow.to_lane {
            format!("M{} {}H{}", number(from), number(from_y), number(to - 5.0))
        } else {
            format!("M{} {}H{}V{}", number(from), number(from_y), number(to), number(reach.0))
        };
        out.path(if lost { "arrow lost" } else { "arrow" }, &way);
    }
}

fn paint_lane(out: &mut Paint, block: &Canvas, top: f64) {
    let y = top + 8.0;
    let said = said_in(block, 0);
    for drawn in &block.drawn {
        match drawn {
            Drawn::Bar(kind, from, to) => {
                let (from, to) = (x(*from), x(*to) - WIDE);
                let class = match kind {
                    BarKind::Busy => "busy",
                    BarKind::Waiting => "waiting",
                    BarKind::Sleeping => "sleeping",
                    BarKind::Dead => "dead",
                };
                out.level(class, y, (from, to.max(from + 2.0)), &said);
            }
            Drawn::Folded(_, from, to) => {
                let (from, to) = (x(*from), x(*to) - WIDE);
                out.level("folded", y, (from, to.max(from + 2.0)), &said);
            }
            _ => {}
        }
    }
    for drawn in &block.drawn {
        if let Drawn::Leader(column, row) = drawn {
            let (at, end) = (x(*column), y + *row as f64 * HIGH);
            out.path("leader", &format!("M{} {}V{}", number(at), number(y + 5.0), number(end)));
        }
    }
    for drawn in &block.drawn {
        match drawn {
            Drawn::Mark(kind, column, number_in_table) => {
                let event = number_in_table.map_or(String::new(), |number| format!(" data-e=\"{number}\""));
                let (name, at, y) = (symbol(*kind), number(x(*column)), number(y));
                let _ = write!(out.0, "<use href=\"#g-{name}\" x=\"{at}\" y=\"{y}\"{event}/>");
            }
            Drawn::Text(row, from, said) => {
                out.text("l", *from as f64 * WIDE, top + *row as f64 * HIGH + 12.0, said);
            }
            _ => {}
        }
    }
}

/// Where texts stand in a row, with some air around them: no line goes through them.
fn said_in(canvas: &Canvas, row: usize) -> Vec<(f64, f64)> {
    let texts = canvas.drawn.iter().filter_map(|drawn| match drawn {
        Drawn::Text(at, from, said) if *at == row => {
            let from = *from as f64 * WIDE;
            Some((from - 3.0, from + text::columns(said) as f64 * WIDE + 3.0))
        }
        _ => None,
    });
    let mut texts: Vec<(f64, f64)> = texts.collect();
    texts.sort_by(|a, b| a.0.total_cmp(&b.0));
    texts
}

/// The middle of a column.
fn x(column: usize) -> f64 {
    column as f64 * WIDE + WIDE / 2.0
}

/// One digit behind the point at most.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

struct Paint(String);

impl Paint {
    /// A level line, interrupted where something is said.
    fn level(&mut self, class: &str, y: f64, (from, to): (f64, f64), said: &[(f64, f64)]) {
        let mut way = String::new();
        let mut at = from;
        for &(begins, ends) in said.iter().filter(|said| said.1 > from && said.0 < to) {
            if begins > at {
                let _ = write!(way, "M{} {}H{}", number(at), number(y), number(begins));
            }
            at = at.max(ends);
        }
        if at < to {
            let _ = write!(way, "M{} {}H{}", number(at), number(y), number(to));
        }
        if !way.is_empty() {
            self.path(class, &way);
        }
    }

    fn path(&mut self, class: &str, way: &str) {
        let _ = write!(self.0, "<path class=\"{class}\" d=\"{way}\"/>");
    }

    fn text(&mut self, class: &str, x: f64, y: f64, said: &str) {
        let (x, y) = (number(x), number(y));
        let _ = write!(self.0, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(said));
    }
}

/// A text in which nothing is markup.
pub(crate) fn escaped(said: &str) -> String {
    let mut out = String::with_capacity(said.len());
    for c in said.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// The events of the table, with their distance to the deadline or, without one, to what decides.
fn events(race: &Race, layout: &Layout) -> Vec<Event> {
    let digits = terminal::digits(layout);
    let until = race.deadline.as_ref().map_or(race.focus.1, |deadline| deadline.at);
    let mut last = None;
    let event = |(place, entry): (usize, &crate::layout::Entry)| {
        let later = last.map_or(String::new(), |last| format!("+{}", text::duration(entry.at - last)));
        last = Some(entry.at);
        Event {
            number: place + 1,
            at: text::seconds(entry.at, digits),
            later,
            distance: match entry.at.cmp(&until) {
                std::cmp::Ordering::Less => format!("−{}", text::duration(until - entry.at)),
                std::cmp::Ordering::Equal => "0".to_owned(),
                std::cmp::Ordering::Greater => format!("+{}", text::duration(entry.at - until)),
            },
            lane: layout.lanes[entry.lane].clone(),
            text: entry.text.clone(),
        }
    };
    layout.entries.iter().enumerate().map(event).collect()
}

/// The name of the symbol of a mark.
pub(crate) fn symbol(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Done => "done",
        MarkKind::Plain => "plain",
        MarkKind::Miss => "miss",
        MarkKind::Commit => "commit",
        MarkKind::Hit => "hit",
        MarkKind::Sent => "sent",
        MarkKind::Arrived => "arrived",
        MarkKind::Late => "late",
        MarkKind::Lost | MarkKind::Deadline | MarkKind::Wrong => "cross",
    }
}

/// The shapes of marks, once for a page, each around its own origin.
pub(crate) fn symbols() -> &'static str {
    "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" class=\"defs\"><defs>\
     <circle id=\"g-done\" class=\"g-good\" r=\"4\"/>\
     <circle id=\"g-plain\" class=\"g-open\" r=\"3.5\"/>\
     <circle id=\"g-miss\" class=\"g-open g-miss\" r=\"4\"/>\
     <g id=\"g-hit\"><circle class=\"g-open g-ring\" r=\"4.5\"/><circle class=\"g-good\" r=\"2\"/></g>\
     <path id=\"g-commit\" class=\"g-solid\" d=\"M0-5.5 5 0 0 5.5-5 0z\"/>\
     <path id=\"g-sent\" class=\"g-solid\" d=\"M-3.5-4.5 5 0-3.5 4.5z\"/>\
     <path id=\"g-arrived\" class=\"g-good\" d=\"M-4.5-4 4.5-4 0 5z\"/>\
     <path id=\"g-late\" class=\"g-late\" d=\"M-4.5 4 4.5 4 0-5z\"/>\
     <path id=\"g-cross\" class=\"g-cross\" d=\"M-4-4 4 4M4-4-4 4\"/>\
     <marker id=\"g-head\" viewBox=\"0 0 8 8\" refX=\"6\" refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">\
     <path class=\"g-head\" d=\"M0 0 8 4 0 8z\"/></marker></defs></svg>"
}
