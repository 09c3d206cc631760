//! A map of two dimensions: as characters, and as SVG.
//!
//! Neighbours of one shade in a row are drawn as one, and each shade has a pattern of its own beside its
//! colour. An exact edge is a line where it lies between the middles of two fields.

use std::fmt::Write as _;

use super::{Heat, Shade};
use crate::style::Style;
use crate::text;

/// Size in pixels: of the fields together, and what is left of them for labels.
const WIDE: f64 = 620.0;
const LEFT: f64 = 130.0;
/// The highest row, and the most of all rows.
const ROW: f64 = 26.0;
const HIGH: f64 = 360.0;
/// The most rows that are drawn; of more, some.
const ROWS: usize = 180;

impl Heat {
    fn shade(&self, column: usize, row: usize) -> Shade {
        self.shades.get(row * self.columns.len() + column).copied().unwrap_or(Shade::None)
    }

    /// Where a column of a row begins: mostly in the middle between its value and the one before, and where it is
    /// known exactly what changes between the two, there.
    fn border(&self, column: usize, row: usize) -> f64 {
        let between = |at: f64| column > 0 && (column - 1) as f64 <= at && at < column as f64;
        let edge = self.edges.iter().find(|edge| edge.row == row && between(edge.at));
        edge.map_or(column as f64, |edge| edge.at + 0.5)
    }

    /// The rows that are drawn, if there is room for so many; the first and those at even distances from it.
    fn rows_within(&self, most: usize) -> Vec<usize> {
        (0..self.rows.len()).step_by(self.rows.len().div_ceil(most).max(1)).collect()
    }
}

/// The map as characters, a column each, with what its edges are beside its rows.
pub(super) fn characters(heat: &Heat, style: &Style) -> String {
    let (safe, broken, open, none, now, best) =
        if style.ascii { ('#', '.', '?', ' ', 'o', '*') } else { ('■', '·', '?', ' ', '○', '★') };
    let wide = heat.rows.iter().map(|row| text::columns(row)).max().unwrap_or(0).min(24);
    let room = style.columns().saturating_sub(wide + 8).max(10);
    let step = heat.columns.len().div_ceil(room).max(1);
    let columns: Vec<usize> = (0..heat.columns.len()).step_by(step).collect();
    let mut out = String::new();
    if !heat.up.is_empty() {
        let _ = writeln!(out, "    {}", text::clean(&heat.up, 60, style.ascii));
    }
    for row in heat.rows_within(60).into_iter().rev() {
        let label = text::cut(&text::clean(&heat.rows[row], 100, style.ascii), wide, style.ascii);
        let fields: String = columns
            .iter()
            .map(|&column| {
                if heat.best == Some((column, row)) {
                    best
                } else if heat.now == Some((column, row)) {
                    now
                } else {
                    match heat.shade(column, row) {
                        Shade::Good => safe,
                        Shade::Bad => broken,
                        Shade::Open => open,
                        Shade::None => none,
                    }
                }
            })
            .collect();
        let edges: Vec<&str> =
            heat.edges.iter().filter(|edge| edge.row == row).map(|edge| edge.said.as_str()).collect();
        let line = format!("    {} {fields}  ", text::left(&label, wide));
        let left = style.columns().saturating_sub(text::columns(&line));
        let edges = text::clean(&edges.join("; "), 300, style.ascii);
        if text::columns(&edges) <= left {
            let _ = writeln!(out, "{}", format!("{line}{edges}").trim_end());
        } else {
            let _ = writeln!(out, "{}", line.trim_end());
            let indent = " ".repeat(5 + wide);
            for line in text::wrap(&edges, style.columns().saturating_sub(indent.len()), style.ascii) {
                let _ = writeln!(out, "{indent}{line}");
            }
        }
    }
    let (first, last) = (heat.columns.first(), heat.columns.last());
    if let (Some(first), Some(last)) = (first, last) {
        let (first, last) = (text::clean(first, 30, style.ascii), text::clean(last, 30, style.ascii));
        let indent = " ".repeat(5 + wide);
        let between = columns.len().saturating_sub(text::columns(&first) + text::columns(&last)).max(1);
        let ends = if columns.len() > 1 { format!("{first}{}{last}", " ".repeat(between)) } else { first };
        let _ = writeln!(out, "{indent}{ends}  {}", text::clean(&heat.across, 60, style.ascii));
    }
    let _ = write!(out, "    {safe} safe  {broken} broken  {open} unknown");
    if heat.now.is_some() {
        let _ = write!(out, "  {now} now");
    }
    if heat.best.is_some() {
        let _ = write!(out, "  {best} cheapest safe");
    }
    out.push('\n');
    out
}

/// The map as SVG.
pub(super) fn svg(heat: &Heat) -> String {
    let rows = heat.rows_within(ROWS);
    let field = WIDE / heat.columns.len().max(1) as f64;
    let high = (HIGH / rows.len().max(1) as f64).min(ROW);
    let total = high * rows.len() as f64;
    let mut out = format!(
        "<svg class=\"chart map\" viewBox=\"0 0 760 {:.0}\" role=\"img\" aria-label=\"{}\">",
        total + 44.0,
        crate::svg::escaped(&text::clean(&heat.said, 1_000, false))
    );
    out.push_str("<defs><pattern id=\"m-bad\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><path class=\"m-line\" d=\"M0 6L6 0\"/></pattern></defs>");
    let y = |place: usize| total - high * (place + 1) as f64;
    for (place, &row) in rows.iter().enumerate() {
        let mut column = 0;
        while column < heat.columns.len() {
            let shade = heat.shade(column, row);
            let end = (column..heat.columns.len()).find(|&at| heat.shade(at, row) != shade);
            let end = end.unwrap_or(heat.columns.len());
            let class = match shade {
                Shade::Good => Some("m-good"),
                Shade::Bad => Some("m-bad"),
                Shade::Open => Some("m-open"),
                Shade::None => None,
            };
            if let Some(class) = class {
                let (from, to) = (heat.border(column, row), heat.border(end, row));
                let (x, wide) = (LEFT + from * field, (to - from) * field);
                let fields = [class].into_iter().chain((shade == Shade::Bad).then_some("m-hatch"));
                for class in fields {
                    let _ = write!(
                        out,
                        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\"/>",
                        y(place)
                    );
                }
            }
            column = end;
        }
    }
    for edge in &heat.edges {
        let Some(place) = rows.iter().position(|row| *row == edge.row) else { continue };
        let x = LEFT + (edge.at + 0.5) * field;
        let _ = write!(
            out,
            "<path class=\"m-edge\" d=\"M{x:.1} {:.1}v{high:.1}\"><title>{}</title></path>",
            y(place),
            crate::svg::escaped(&text::clean(&edge.said, 200, false))
        );
    }
    for (at, class) in [(heat.now, "m-now"), (heat.best, "m-best")] {
        let Some((column, row)) = at else { continue };
        let Some(place) = rows.iter().position(|known| *known == row) else { continue };
        let (x, y) = (LEFT + (column as f64 + 0.5) * field, y(place) + high / 2.0);
        let _ = match class {
            "m-now" => write!(out, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>"),
            _ => write!(
                out,
                "<path class=\"{class}\" d=\"M{x:.1} {y:.1}m0-6 2 4 4 .5-3 3 1 4-4-2-4 2 1-4-3-3 4-.5z\"/>"
            ),
        };
    }
    let label = |text: &str| crate::svg::escaped(&text::cut(&text::clean(text, 100, false), 18, false));
    let every = (14.0 / high).ceil().max(1.0) as usize;
    for (place, &row) in rows.iter().enumerate().step_by(every) {
        let (x, y) = (LEFT - 6.0, y(place) + high / 2.0 + 4.0);
        let _ = write!(
            out,
            "<text class=\"f-ink m-r\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
            label(&heat.rows[row])
        );
    }
    let every = (64.0 / field).ceil().max(1.0) as usize;
    for (column, name) in heat.columns.iter().enumerate().step_by(every) {
        let x = LEFT + (column as f64 + 0.5) * field;
        let _ = write!(
            out,
            "<text class=\"f-ink m-m\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            total + 15.0,
            label(name)
        );
    }
    let across = crate::svg::escaped(&text::clean(&heat.across, 80, false));
    let _ = write!(
        out,
        "<text class=\"f-ink m-m\" x=\"{:.1}\" y=\"{:.1}\">{across}</text>",
        LEFT + WIDE / 2.0,
        total + 36.0
    );
    out + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::HeatEdge;

    fn heat() -> Heat {
        let shades = "++--++?-".chars().map(|shade| match shade {
            '+' => Shade::Good,
            '-' => Shade::Bad,
            _ => Shade::Open,
        });
        Heat {
            said: "<said>".into(),
            across: "poll".into(),
            up: "timeout".into(),
            columns: ["1s", "2s", "3s", "4s"].map(str::to_owned).to_vec(),
            rows: ["5s", "10s"].map(str::to_owned).to_vec(),
            shades: shades.collect(),
            edges: vec![HeatEdge {
                row: 0,
                at: 1.25,
                said: "safe up to 2.25s; at 2.250001s it breaks".into(),
            }],
            now: Some((2, 1)),
            best: Some((1, 1)),
        }
    }

    #[test]
    fn a_map_is_a_character_a_field_with_the_first_row_below() {
        let drawn = characters(&heat(), &Style::plain());
        let expected = "    timeout\n    10s ■★○·\n    5s  ■■··  safe up to 2.25s; at 2.250001s it breaks\n        1s 4s  poll\n    ■ safe  · broken  ? unknown  ○ now  ★ cheapest safe\n";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn neighbours_of_one_shade_are_drawn_as_one_and_an_edge_lies_between_them() {
        let drawn = svg(&heat());
        assert_eq!(drawn.matches("<rect").count(), 2 + 1 + 3 + 1, "{drawn}");
        let field = WIDE / 4.0;
        assert!(drawn.contains(&format!("d=\"M{:.1} ", LEFT + 1.75 * field)), "{drawn}");
        assert!(drawn.contains("&lt;said&gt;") && !drawn.contains("<said>"));
    }
}
