//! A map of two dimensions: where its fields and edges are, before it is known how they are drawn.
//!
//! Neighbours of one shade in a row are drawn as one, and each shade has a pattern of its own beside its
//! colour. An exact edge is a line where it lies between the middles of two fields.

mod characters;
mod svg;

pub(super) use characters::characters;
pub(super) use svg::svg;

use super::{Heat, Shade};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::HeatEdge;
    use crate::style::Style;

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
        let field = svg::WIDE / 4.0;
        assert!(drawn.contains(&format!("d=\"M{:.1} ", svg::LEFT + 1.75 * field)), "{drawn}");
        assert!(drawn.contains("&lt;said&gt;") && !drawn.contains("<said>"));
    }
}
