//! One lane of a picture: its glyphs, and its labels where there is room for them.
//!
//! Labels are placed in the order of what a reader would miss most: those of marks beside their
//! mark, what is folded, those of marks below, and bars last. Whatever finds no room says so, and
//! the picture then brings its table.

use super::{HANGING, bar_glyph, mark_cell, mark_glyph};
use crate::canvas::{Canvas, Cell, Drawn};
use crate::layout::{Layout, Placed, arrow_item};
use crate::picture::MarkKind;
use crate::prepare::Shape;
use crate::style::{Ink, Style};
use crate::text;

/// Draws the lane, glyphs in row 0 and hanging labels below; `complete` becomes false if a label
/// found no room.
pub(super) fn draw(layout: &Layout, lane: usize, plot: usize, style: &Style, complete: &mut bool) -> Canvas {
    Block::new(layout, lane, plot, style).labelled(complete)
}

/// One lane: its glyphs in row 0, hanging labels below.
struct Block {
    canvas: Canvas,
    style: Style,
    /// Labels that belong to one column: column, label, number.
    flags: Vec<(usize, String, Option<usize>)>,
    /// Bars and folded stretches.
    spans: Vec<Span>,
}

/// A stretch of a lane with its label.
struct Span {
    from: usize,
    to: usize,
    label: String,
    folded: bool,
}

impl Block {
    fn new(layout: &Layout, lane: usize, plot: usize, style: &Style) -> Block {
        let mut block =
            Block { canvas: Canvas::new(plot), style: *style, flags: Vec::new(), spans: Vec::new() };
        if let Some((_, x, _)) = &layout.deadline {
            block.canvas.cross(*x, true);
        }
        for (i, item) in layout.items[lane].iter().enumerate() {
            block.draw_stretch(i, item, plot);
        }
        for item in &layout.items[lane] {
            if let Shape::Mark(kind) = item.shape {
                block.canvas.put(0, item.from, mark_cell(kind, &style.glyphs()));
                block.canvas.drawn.push(Drawn::Mark(kind, item.from, item.number));
                block.flags.push((item.from, item.label.clone(), item.number));
            }
        }
        for i in 0..layout.arrows.len() {
            block.draw_arrow(layout, lane, i, plot);
        }
        block
    }

    fn draw_stretch(&mut self, i: usize, item: &Placed, plot: usize) {
        let glyphs = self.style.glyphs();
        let to = if item.to + 1 >= plot { plot } else { item.to.max(item.from + 1) };
        match item.shape {
            Shape::Mark(_) => return,
            Shape::Bar(kind) => {
                self.canvas.drawn.push(Drawn::Bar(kind, item.from, to));
                for x in item.from..to {
                    self.canvas.put(0, x, Cell::Bar(i, bar_glyph(kind, x, &glyphs)));
                }
            }
            Shape::Folded(kind) => {
                self.canvas.drawn.push(Drawn::Folded(kind, item.from, to));
                for x in item.from..to {
                    let glyph = match (x - item.from) % 3 {
                        0 => mark_glyph(kind, &glyphs),
                        _ => glyphs.sleeping,
                    };
                    self.canvas.put(0, x, Cell::Bar(i, glyph));
                }
            }
        }
        let folded = matches!(item.shape, Shape::Folded(_));
        self.spans.push(Span { from: item.from, to, label: item.label.clone(), folded });
    }

    fn draw_arrow(&mut self, layout: &Layout, lane: usize, i: usize, plot: usize) {
        let glyphs = self.style.glyphs();
        let (arrow, from, to) = &layout.arrows[i];
        let (from, to) = (*from, to.unwrap_or((*from + 3).min(plot - 1)));
        let down = arrow.from_lane < arrow.to_lane;
        let lanes = (arrow.from_lane.min(arrow.to_lane), arrow.from_lane.max(arrow.to_lane));
        let column = if down { from } else { to };
        if lanes.0 < lane && lane < lanes.1 {
            self.canvas.cross(column, true);
        } else if lane == lanes.0 && lanes.0 < lanes.1 {
            self.canvas.cross(column, false);
        }
        let turns = if down { arrow.to_lane } else { arrow.from_lane };
        if lane == turns {
            for x in from + 1..to {
                self.draw(x, glyphs.line);
            }
            let corner = if down { glyphs.down_right } else { glyphs.down_left };
            if from < to && lanes.0 < lanes.1 {
                self.draw(column, corner);
            }
        }
        if lane == arrow.to_lane {
            let kind = match arrow.to {
                None => MarkKind::Lost,
                Some(_) if down && from < to => MarkKind::Sent,
                Some(_) if down => MarkKind::Arrived,
                Some(_) => MarkKind::Late,
            };
            let free = self.canvas.is_open(0, to);
            if free {
                let ink = if arrow.to.is_none() { Some(Ink::Bad) } else { None };
                self.canvas.put(0, to, Cell::Taken(mark_glyph(kind, &glyphs), ink));
                let wanted = (arrow.to_lane, arrow_item(i));
                let number = layout.entries.iter().position(|entry| (entry.lane, entry.item) == wanted);
                if arrow.to.is_none() {
                    self.canvas.drawn.push(Drawn::Mark(MarkKind::Lost, to, number.map(|at| at + 1)));
                }
                let label = match arrow.to {
                    None if !arrow.label.is_empty() => format!("{} lost", arrow.label),
                    _ => arrow.label.clone(),
                };
                self.flags.push((to, label, number.map(|at| at + 1)));
            } else if down && to > from + 1 {
                self.canvas.put(0, to - 1, Cell::Taken(glyphs.sent, None));
            }
        }
    }

    /// Draws on a cell that no mark has taken.
    fn draw(&mut self, x: usize, glyph: char) {
        if self.canvas.is_open(0, x) {
            self.canvas.put(0, x, Cell::Taken(glyph, None));
        }
    }

    fn labelled(mut self, complete: &mut bool) -> Canvas {
        let mut flags = std::mem::take(&mut self.flags);
        flags.retain(|flag| !flag.1.is_empty());
        flags.sort_by_key(|flag| std::cmp::Reverse(flag.0));
        flags.retain(|(x, label, _)| !self.beside(*x, label));
        let mut spans = std::mem::take(&mut self.spans);
        spans.retain(|span| !span.label.is_empty());
        spans.retain(|span| !(span.folded && (self.inside(span) || self.somewhere_below(span))));
        flags.retain(|(x, label, _)| !self.below(*x, label) && !self.before(*x, label));
        for (x, _, number) in &flags {
            let Some(number) = number else { continue };
            let number = number.to_string();
            let _ = self.beside(*x, &number) || self.below(*x, &number);
        }
        spans.retain(|span| !self.inside(span));
        spans.retain(|span| !self.somewhere_below(span));
        *complete &= flags.is_empty() && spans.is_empty();
        self.canvas
    }

    /// To the right of its mark, with one more column of the ground to be seen after it.
    fn beside(&mut self, x: usize, label: &str) -> bool {
        let wide = text::columns(label);
        let end = x + 2 + wide;
        let rest = usize::from(end < self.canvas_width());
        let fits = self.canvas.has_room(0, x + 1, end + rest);
        if fits {
            self.canvas.put(0, x + 1, Cell::Taken(' ', None));
            self.canvas.write(0, x + 2, label);
            if rest == 1 {
                self.canvas.put(0, end, Cell::Taken(' ', None));
            }
        }
        fits
    }

    /// To the left of its mark, with something between it and the mark before.
    fn before(&mut self, x: usize, label: &str) -> bool {
        let wide = text::columns(label);
        let fits = x > wide + 3 && self.canvas.has_room(0, x - wide - 4, x);
        if fits {
            self.canvas.write(0, x - wide - 2, &format!(" {label} "));
        }
        fits
    }

    /// In the middle of its bar, of which something is to be seen on both sides.
    fn inside(&mut self, span: &Span) -> bool {
        let &Span { from, to, ref label, .. } = span;
        let wide = text::columns(label) + 2;
        let middle = from.midpoint(to).saturating_sub(wide / 2);
        let mut starts: Vec<usize> = (from + 1..to.saturating_sub(wide)).collect();
        starts.sort_by_key(|start| start.abs_diff(middle));
        let found = starts.into_iter().find(|&start| self.canvas.has_room(0, start - 1, start + wide + 1));
        if let Some(start) = found {
            self.canvas.write(0, start, &format!(" {label} "));
        }
        found.is_some()
    }

    /// Hung from its mark, to the right or, without room there, to the left. Where an arrow or the
    /// deadline leaves the mark downwards already, that line is what the label hangs on.
    fn below(&mut self, x: usize, label: &str) -> bool {
        let glyphs = self.style.glyphs();
        let (wide, width) = (text::columns(label), self.canvas_width());
        let crossed = self.canvas.is_crossed(1, x);
        let (first, last) = if crossed { (x + 1, x) } else { (x, x + 1) };
        for row in 1..=HANGING {
            if !crossed && !(1..row).all(|above| self.canvas.has_room(above, x, x + 1)) {
                return false;
            }
            let end = x + 2 + wide;
            if self.canvas.has_room(row, first, (end + 1).min(width.max(end))) {
                self.canvas.write(row, x + 2, label);
                self.canvas.put(row, x + 1, Cell::Taken(' ', None));
                self.canvas.put(row, end, Cell::Taken(' ', None));
                if !crossed {
                    self.canvas.put(row, x, Cell::Taken(glyphs.down_right, None));
                }
            } else if x > wide && self.canvas.has_room(row, (x - wide).saturating_sub(2), last) {
                self.canvas.write(row, x - wide - 1, label);
                self.canvas.put(row, x - 1, Cell::Taken(' ', None));
                if x - wide >= 2 {
                    self.canvas.put(row, x - wide - 2, Cell::Taken(' ', None));
                }
                if !crossed {
                    self.canvas.put(row, x, Cell::Taken(glyphs.down_left, None));
                }
            } else {
                continue;
            }
            self.canvas.drawn.push(Drawn::Leader(x, row));
            if !crossed {
                (1..row).for_each(|above| self.canvas.put(above, x, Cell::Taken(glyphs.upright, None)));
            }
            return true;
        }
        false
    }

    /// Hung from its bar, best from the middle.
    fn somewhere_below(&mut self, span: &Span) -> bool {
        let &Span { from, to, ref label, .. } = span;
        let middle = from.midpoint(to.saturating_sub(1));
        let mut columns: Vec<usize> = (from..to).collect();
        columns.sort_by_key(|&x| x.abs_diff(middle));
        columns.into_iter().any(|x| !self.canvas.is_crossed(1, x) && self.below(x, label))
    }

    fn canvas_width(&self) -> usize {
        self.canvas.width()
    }
}
