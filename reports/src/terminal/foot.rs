//! The bands under the lanes of a picture, which name what lies between two instants.

use crate::canvas::{Canvas, Drawn};
use crate::layout::Layout;
use crate::style::Style;
use crate::text;

/// The bands under the lanes: `╰── visible, not published: 142 ms ──╯`.
pub(super) fn draw(layout: &Layout, plot: usize, style: &Style) -> Canvas {
    let glyphs = style.glyphs();
    let mut canvas = Canvas::new(plot);
    if let Some((_, x, _)) = &layout.deadline {
        canvas.cross(*x, true);
    }
    for (label, from, to) in &layout.bands {
        let (from, to) = (*from, (*to).max(from + 1).min(plot - 1));
        let wide = text::columns(label);
        let brace = |inner: &str| {
            let lines = (to - from).saturating_sub(1 + text::columns(inner));
            let line = |n: usize| glyphs.line.to_string().repeat(n);
            format!(
                "{}{}{inner}{}{}",
                glyphs.down_right,
                line(lines / 2),
                line(lines.div_ceil(2)),
                glyphs.down_left
            )
        };
        let inner = format!(" {label} ");
        let (start, said, under) = if to - from > wide + 2 {
            (from, brace(&inner), None)
        } else if to + 2 + wide <= plot {
            (from, format!("{} {label}", brace("")), None)
        } else if from > wide {
            (from - wide - 1, format!("{label} {}", brace("")), None)
        } else {
            (from, brace(""), Some(text::cut(label, plot, style.ascii)))
        };
        let end = (start + text::columns(&said) + 1).min(plot);
        let rows = canvas.rows();
        let row = (0..rows).find(|&row| under.is_none() && canvas.has_room(row, start, end)).unwrap_or(rows);
        canvas.stamp(row, start, &said);
        let brace = if from == start || under.is_some() { from } else { start + text::columns(label) + 1 };
        canvas.drawn.push(Drawn::Brace(row, brace, brace + (to - from)));
        if under.is_none() {
            let at = said.find(label.as_str()).map_or(0, |at| text::columns(&said[..at]));
            canvas.drawn.push(Drawn::Text(row, start + at, label.clone()));
        }
        if let Some(label) = under {
            canvas.write(row + 1, from.min(plot - text::columns(&label)), &label);
        }
    }
    canvas
}
