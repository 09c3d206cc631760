//! A map as characters: one a field, and what the edges of a row are beside it.

use std::fmt::Write as _;

use super::{Heat, Shade};
use crate::style::Style;
use crate::text;

/// The map as characters, a column each, with what its edges are beside its rows.
pub(in crate::page) fn characters(heat: &Heat, style: &Style) -> String {
    let mut drawing = Drawing::new(heat, style);
    if !heat.up.is_empty() {
        let _ = writeln!(drawing.out, "    {}", text::clean(&heat.up, 60, style.ascii));
    }
    for row in heat.rows_within(60).into_iter().rev() {
        drawing.row(row);
    }
    drawing.ends_of_columns();
    drawing.legend();
    drawing.out
}

/// What stands for what.
struct Signs {
    safe: char,
    broken: char,
    open: char,
    none: char,
    now: char,
    best: char,
}

const UNICODE: Signs = Signs { safe: '■', broken: '·', open: '?', none: ' ', now: '○', best: '★' };
const ASCII: Signs = Signs { safe: '#', broken: '.', open: '?', none: ' ', now: 'o', best: '*' };

/// A map that is being drawn, from above.
struct Drawing<'h> {
    heat: &'h Heat,
    style: &'h Style,
    signs: Signs,
    /// How wide the names of rows are.
    wide: usize,
    /// The columns that have room: the first, and those at even distances from it.
    columns: Vec<usize>,
    out: String,
}

impl<'h> Drawing<'h> {
    fn new(heat: &'h Heat, style: &'h Style) -> Self {
        let wide = heat.rows.iter().map(|row| text::columns(row)).max().unwrap_or(0).min(24);
        let room = style.columns().saturating_sub(wide + 8).max(10);
        let step = heat.columns.len().div_ceil(room).max(1);
        let columns = (0..heat.columns.len()).step_by(step).collect();
        let signs = if style.ascii { ASCII } else { UNICODE };
        Self { heat, style, signs, wide, columns, out: String::new() }
    }

    fn sign(&self, column: usize, row: usize) -> char {
        if self.heat.best == Some((column, row)) {
            return self.signs.best;
        }
        if self.heat.now == Some((column, row)) {
            return self.signs.now;
        }
        match self.heat.shade(column, row) {
            Shade::Good => self.signs.safe,
            Shade::Bad => self.signs.broken,
            Shade::Open => self.signs.open,
            Shade::None => self.signs.none,
        }
    }

    /// A row with its name; what its edges are stands beside it, or below where there is no room.
    fn row(&mut self, row: usize) {
        let (heat, style, wide) = (self.heat, self.style, self.wide);
        let label = text::cut(&text::clean(&heat.rows[row], 100, style.ascii), wide, style.ascii);
        let fields: String = self.columns.iter().map(|&column| self.sign(column, row)).collect();
        let edges: Vec<&str> =
            heat.edges.iter().filter(|edge| edge.row == row).map(|edge| edge.said.as_str()).collect();
        let line = format!("    {} {fields}  ", text::left(&label, wide));
        let left = style.columns().saturating_sub(text::columns(&line));
        let edges = text::clean(&edges.join("; "), 300, style.ascii);
        if text::columns(&edges) <= left {
            let _ = writeln!(self.out, "{}", format!("{line}{edges}").trim_end());
            return;
        }
        let _ = writeln!(self.out, "{}", line.trim_end());
        let indent = self.indent();
        for line in text::wrap(&edges, style.columns().saturating_sub(indent.len()), style.ascii) {
            let _ = writeln!(self.out, "{indent}{line}");
        }
    }

    /// What stands before the first field.
    fn indent(&self) -> String {
        " ".repeat(5 + self.wide)
    }

    /// The first and the last value to the right, below their columns.
    fn ends_of_columns(&mut self) {
        let (heat, ascii) = (self.heat, self.style.ascii);
        let (Some(first), Some(last)) = (heat.columns.first(), heat.columns.last()) else { return };
        let (first, last) = (text::clean(first, 30, ascii), text::clean(last, 30, ascii));
        let between = self.columns.len().saturating_sub(text::columns(&first) + text::columns(&last)).max(1);
        let ends =
            if self.columns.len() > 1 { format!("{first}{}{last}", " ".repeat(between)) } else { first };
        let indent = self.indent();
        let _ = writeln!(self.out, "{indent}{ends}  {}", text::clean(&heat.across, 60, ascii));
    }

    fn legend(&mut self) {
        let Signs { safe, broken, open, now, best, .. } = self.signs;
        let _ = write!(self.out, "    {safe} safe  {broken} broken  {open} unknown");
        if self.heat.now.is_some() {
            let _ = write!(self.out, "  {now} now");
        }
        if self.heat.best.is_some() {
            let _ = write!(self.out, "  {best} cheapest safe");
        }
        self.out.push('\n');
    }
}
