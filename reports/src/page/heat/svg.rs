//! A map as SVG: rows of fields, the exact edges between them, and what there is today.

use std::fmt::Write as _;

use super::{Heat, Shade};
use crate::svg::escaped;
use crate::text;

/// Size in pixels: of the fields together, and what is left of them for labels.
pub(super) const WIDE: f64 = 620.0;
pub(super) const LEFT: f64 = 130.0;
/// The highest row, and the most of all rows.
const ROW: f64 = 26.0;
const HIGH: f64 = 360.0;
/// The most rows that are drawn; of more, some.
const ROWS: usize = 180;

/// The map as SVG.
pub(in crate::page) fn svg(heat: &Heat) -> String {
    let mut drawing = Drawing::new(heat);
    for place in 0..drawing.rows.len() {
        drawing.fields(place);
    }
    drawing.edges();
    drawing.points();
    drawing.names_of_rows();
    drawing.names_of_columns();
    drawing.out + "</svg>"
}

/// A map that is being drawn.
struct Drawing<'h> {
    heat: &'h Heat,
    /// The rows that are drawn, from below.
    rows: Vec<usize>,
    /// How wide a field is.
    field: f64,
    /// How high a row is.
    high: f64,
    /// How high all rows are together.
    total: f64,
    out: String,
}

impl<'h> Drawing<'h> {
    fn new(heat: &'h Heat) -> Self {
        let rows = heat.rows_within(ROWS);
        let field = WIDE / heat.columns.len().max(1) as f64;
        let high = (HIGH / rows.len().max(1) as f64).min(ROW);
        let total = high * rows.len() as f64;
        let mut out = format!(
            "<svg class=\"chart map\" viewBox=\"0 0 760 {:.0}\" role=\"img\" aria-label=\"{}\">",
            total + 44.0,
            escaped(&text::clean(&heat.said, 1_000, false))
        );
        out.push_str("<defs><pattern id=\"m-bad\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><path class=\"m-line\" d=\"M0 6L6 0\"/></pattern></defs>");
        Self { heat, rows, field, high, total, out }
    }

    /// Where a row begins, by its place among those that are drawn.
    fn y(&self, place: usize) -> f64 {
        self.total - self.high * (place + 1) as f64
    }

    /// The middle of a field; between two of them, with a part of the way to the next.
    fn middle(&self, column: f64) -> f64 {
        LEFT + (column + 0.5) * self.field
    }

    fn place_of(&self, row: usize) -> Option<usize> {
        self.rows.iter().position(|known| *known == row)
    }

    /// The fields of a row: neighbours of one shade are one.
    fn fields(&mut self, place: usize) {
        let (heat, row) = (self.heat, self.rows[place]);
        let mut column = 0;
        while column < heat.columns.len() {
            let shade = heat.shade(column, row);
            let end = (column..heat.columns.len()).find(|&at| heat.shade(at, row) != shade);
            let end = end.unwrap_or(heat.columns.len());
            let classes: &[&str] = match shade {
                Shade::Good => &["m-good"],
                Shade::Bad => &["m-bad", "m-hatch"],
                Shade::Open => &["m-open"],
                Shade::None => &[],
            };
            let (from, to) = (heat.border(column, row), heat.border(end, row));
            let (x, wide) = (LEFT + from * self.field, (to - from) * self.field);
            let (y, high) = (self.y(place), self.high);
            for class in classes {
                let _ = write!(
                    self.out,
                    "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\"/>",
                );
            }
            column = end;
        }
    }

    fn edges(&mut self) {
        for edge in &self.heat.edges {
            let Some(place) = self.place_of(edge.row) else { continue };
            let (x, y, high) = (self.middle(edge.at), self.y(place), self.high);
            let said = escaped(&text::clean(&edge.said, 200, false));
            let _ = write!(
                self.out,
                "<path class=\"m-edge\" d=\"M{x:.1} {y:.1}v{high:.1}\"><title>{said}</title></path>",
            );
        }
    }

    /// What there is today, as a circle, and the best, as a star.
    fn points(&mut self) {
        if let Some((x, y)) = self.heat.now.and_then(|field| self.point(field)) {
            let _ = write!(self.out, "<circle class=\"m-now\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>");
        }
        if let Some((x, y)) = self.heat.best.and_then(|field| self.point(field)) {
            let _ = write!(
                self.out,
                "<path class=\"m-best\" d=\"M{x:.1} {y:.1}m0-6 2 4 4 .5-3 3 1 4-4-2-4 2 1-4-3-3 4-.5z\"/>"
            );
        }
    }

    /// The middle of a field, if its row is drawn.
    fn point(&self, (column, row): (usize, usize)) -> Option<(f64, f64)> {
        let place = self.place_of(row)?;
        Some((self.middle(column as f64), self.y(place) + self.high / 2.0))
    }

    /// The values upwards, as many as have room.
    fn names_of_rows(&mut self) {
        let every = (14.0 / self.high).ceil().max(1.0) as usize;
        for (place, &row) in self.rows.iter().enumerate().step_by(every) {
            let (x, y) = (LEFT - 6.0, self.y(place) + self.high / 2.0 + 4.0);
            let name = label(&self.heat.rows[row]);
            let _ = write!(self.out, "<text class=\"f-ink m-r\" x=\"{x:.1}\" y=\"{y:.1}\">{name}</text>");
        }
    }

    /// The values to the right, as many as have room, and what they are values of.
    fn names_of_columns(&mut self) {
        let every = (64.0 / self.field).ceil().max(1.0) as usize;
        for (column, name) in self.heat.columns.iter().enumerate().step_by(every) {
            self.centred(self.middle(column as f64), 15.0, &label(name));
        }
        let across = escaped(&text::clean(&self.heat.across, 80, false));
        self.centred(LEFT + WIDE / 2.0, 36.0, &across);
    }

    /// A text around `x`, so far below the fields.
    fn centred(&mut self, x: f64, below: f64, said: &str) {
        let y = self.total + below;
        let _ = write!(self.out, "<text class=\"f-ink m-m\" x=\"{x:.1}\" y=\"{y:.1}\">{said}</text>");
    }
}

fn label(text: &str) -> String {
    escaped(&text::cut(&text::clean(text, 100, false), 18, false))
}
