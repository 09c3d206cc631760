//! The axis under which the lanes of a picture stand, with its breaks, the times above it and the deadline.
//!
//! The axis is row 0; the times are in rows 1 and up, to be printed upside down. A time that the picture is about
//! may stand in any of them and has a line down to its instant, another one only right above the axis.

use super::HANGING;
use crate::canvas::{Canvas, Cell, Drawn};
use crate::layout::Layout;
use crate::style::{Glyphs, Ink, Style};
use crate::text;

/// Draws it; `complete` becomes false if a time that must be there finds no room.
pub(super) fn draw(layout: &Layout, plot: usize, style: &Style, complete: &mut bool) -> Canvas {
    let glyphs = style.glyphs();
    let mut canvas = Canvas::new(plot);
    axis(&mut canvas, layout, &glyphs);
    if let Some((_, x, _)) = &layout.deadline {
        (0..=HANGING + 1).for_each(|row| canvas.put(row, *x, Cell::Taken(glyphs.upright, None)));
    }
    for time in times(layout) {
        let drawn = time.draw(&mut canvas, &glyphs);
        *complete &= drawn || time.weight == Weight::May;
    }
    if let Some((label, x, _)) = &layout.deadline {
        deadline(&mut canvas, label, *x, &glyphs);
    }
    canvas
}

/// The axis, and in its squeezed pieces how long they are, where that has room.
fn axis(canvas: &mut Canvas, layout: &Layout, glyphs: &Glyphs) {
    for x in 0..canvas.width() {
        canvas.put(0, x, Cell::Bar(0, glyphs.line));
    }
    for &(us, from, to) in &layout.breaks {
        canvas.drawn.push(Drawn::Break(from, to));
        (from + 1..to).for_each(|x| canvas.put(0, x, Cell::Bar(1, glyphs.sleeping)));
        let label = format!(" {} ", text::duration(us));
        let wide = text::columns(&label);
        if to > from + wide + 2 {
            canvas.write(0, from + 1 + (to - from - 1 - wide) / 2, &label);
        }
    }
}

/// An instant whose time may be printed.
struct Time {
    weight: Weight,
    /// Its column.
    x: usize,
    label: String,
}

/// Whether a time must be printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Where there is room.
    May,
    /// The picture is about it.
    Must,
}

/// The times that may be printed, but for the deadline's: what comes first takes the room.
fn times(layout: &Layout) -> Vec<Time> {
    let mut times: Vec<(Weight, usize, u64)> = Vec::new();
    for (i, &(at, x)) in layout.times.iter().enumerate() {
        if layout.deadline.as_ref().is_none_or(|one| one.2 != at) {
            times.push((if i < layout.marked { Weight::Must } else { Weight::May }, x, at));
        }
    }
    let decisive = times.len().min(4);
    times[..decisive].sort_unstable_by(|a, b| b.cmp(a));
    times[decisive..].sort_unstable_by(|a, b| b.cmp(a));
    let time = |(weight, x, at)| Time { weight, x, label: text::seconds(at, digits_of(layout, at)) };
    times.into_iter().map(time).collect()
}

/// 3 decimals, or 6 for an instant that has another within one millisecond.
fn digits_of(layout: &Layout, at: u64) -> usize {
    let close = |&(other, _): &(u64, usize)| other != at && other.abs_diff(at) < 1_000;
    if layout.times.iter().any(close) { 6 } else { 3 }
}

impl Time {
    /// Writes it above the axis, with a line down to its instant; whether it found room.
    fn draw(&self, canvas: &mut Canvas, glyphs: &Glyphs) -> bool {
        let (x, plot) = (self.x, canvas.width());
        let wide = text::columns(&self.label);
        let start = if x + wide <= plot { x } else { (x + 1).saturating_sub(wide) };
        let highest = match self.weight {
            Weight::Must => HANGING,
            Weight::May => 1,
        };
        let row = (1..=highest).find(|&row| {
            canvas.has_room(row, start, (start + wide + 1).min(plot))
                && (start == 0 || canvas.is_open(row, start - 1))
                && (1..row).all(|below| canvas.is_open(below, x))
        });
        let Some(row) = row else { return false };
        canvas.write(row, start, &self.label);
        canvas.drawn.push(Drawn::Leader(x, row));
        (1..row).for_each(|below| canvas.put(below, x, Cell::Taken(glyphs.upright, None)));
        canvas.put(0, x, Cell::Taken(glyphs.upright, None));
        true
    }
}

/// The label of the deadline beside its line, which ends there.
fn deadline(canvas: &mut Canvas, label: &str, x: usize, glyphs: &Glyphs) {
    let wide = text::columns(label);
    let (start, end) =
        if x + 2 + wide <= canvas.width() { (x + 1, x + 2 + wide) } else { (x.saturating_sub(wide + 1), x) };
    let row = (1..=HANGING)
        .find(|&row| canvas.has_room(row, start.saturating_sub(1).max(usize::from(start > x) * start), end));
    let row = row.unwrap_or(HANGING + 1);
    canvas.write(row, if start > x { start + 1 } else { start }, label);
    canvas.put(row, x, Cell::Taken(glyphs.arrived, Some(Ink::Bad)));
    canvas.truncate(canvas.used(row + 1, x));
    (row + 1..canvas.rows()).for_each(|above| canvas.put(above, x, Cell::Free));
}
