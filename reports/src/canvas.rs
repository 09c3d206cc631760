//! A small grid of characters on which nothing is ever written over a label.
//!
//! Each cell knows whether it is free, part of a bar, or taken; whoever wants to write asks first.
//! That is how labels never overlap: not by being careful, but by being refused.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthChar;

use crate::picture::{BarKind, MarkKind};
use crate::style::{Ink, Style};

/// What a cell holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cell {
    /// Nothing.
    Free,
    /// A piece of the bar with this number; a label may stand on it.
    Bar(usize, char),
    /// A glyph or a letter.
    Taken(char, Option<Ink>),
    /// The right half of a wide letter.
    Half,
}

/// Something that was drawn: for a painter that has other means than characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Drawn {
    /// A bar from one column up to another.
    Bar(BarKind, usize, usize),
    /// A stretch of repeated or left-out marks of one kind.
    Folded(MarkKind, usize, usize),
    /// A mark, and its number in the table.
    Mark(MarkKind, usize, Option<usize>),
    /// A text in a row, from a column on.
    Text(usize, usize, String),
    /// A line from a mark in row 0 to the text in a row.
    Leader(usize, usize),
    /// A squeezed piece of the axis.
    Break(usize, usize),
    /// A brace in a row, from one column to another.
    Brace(usize, usize, usize),
}

/// Rows of cells that grow as they are needed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Canvas {
    width: usize,
    rows: Vec<Vec<Cell>>,
    /// Columns that a vertical line crosses, in the first row and in the others.
    crossed: [BTreeSet<usize>; 2],
    /// What was drawn, in the order in which it was.
    pub(crate) drawn: Vec<Drawn>,
}

impl Canvas {
    /// An empty canvas.
    pub(crate) fn new(width: usize) -> Canvas {
        Canvas { width, rows: Vec::new(), crossed: [BTreeSet::new(), BTreeSet::new()], drawn: Vec::new() }
    }

    /// Keeps column `x` for a vertical line: in every row, or in all but the first.
    pub(crate) fn cross(&mut self, x: usize, first: bool) {
        if first {
            self.crossed[0].insert(x);
        }
        self.crossed[1].insert(x);
    }

    /// The cell, if it is on the canvas.
    pub(crate) fn get(&self, row: usize, x: usize) -> Option<Cell> {
        (x < self.width).then(|| self.rows.get(row).and_then(|row| row.get(x)).copied().unwrap_or(Cell::Free))
    }

    /// Whether a label can stand at `from..to`: on free cells, or on one bar.
    pub(crate) fn has_room(&self, row: usize, from: usize, to: usize) -> bool {
        let crossed = &self.crossed[row.min(1)];
        if to > self.width || from >= to || crossed.range(from..to).next().is_some() {
            return false;
        }
        let ground = |x: usize| match self.get(row, x) {
            Some(Cell::Free) => Some(None),
            Some(Cell::Bar(bar, _)) => Some(Some(bar)),
            Some(Cell::Taken(..) | Cell::Half) | None => None,
        };
        let first = ground(from);
        first.is_some() && (from..to).all(|x| ground(x) == first)
    }

    /// Whether a glyph may be drawn at the cell: it is free, or part of a bar.
    pub(crate) fn is_open(&self, row: usize, x: usize) -> bool {
        matches!(self.get(row, x), Some(Cell::Free | Cell::Bar(..)))
    }

    /// Writes one cell, whatever it held.
    pub(crate) fn put(&mut self, row: usize, x: usize, cell: Cell) {
        if x >= self.width {
            return;
        }
        while self.rows.len() <= row {
            self.rows.push(vec![Cell::Free; self.width]);
        }
        self.rows[row][x] = cell;
    }

    /// Writes a text from column `x` on; what is beyond the edge is cut off.
    pub(crate) fn write(&mut self, row: usize, x: usize, text: &str) {
        let before = text.len() - text.trim_start().len();
        self.drawn.push(Drawn::Text(row, x + before, text.trim().to_owned()));
        self.stamp(row, x, text);
    }

    /// Writes characters that are no text to be read.
    pub(crate) fn stamp(&mut self, row: usize, mut x: usize, text: &str) {
        for c in text.chars() {
            let wide = c.width().unwrap_or(0);
            if wide == 0 || x + wide > self.width {
                continue;
            }
            self.put(row, x, Cell::Taken(c, None));
            if wide == 2 {
                self.put(row, x + 1, Cell::Half);
            }
            x += wide;
        }
    }

    /// Whether a vertical line is kept free at the cell.
    pub(crate) fn is_crossed(&self, row: usize, x: usize) -> bool {
        self.crossed[row.min(1)].contains(&x)
    }

    /// The first row from `row` on that, but for column `x`, holds nothing, and nor do those after it.
    pub(crate) fn used(&self, row: usize, x: usize) -> usize {
        let holds =
            |cells: &Vec<Cell>| cells.iter().enumerate().any(|(at, cell)| at != x && *cell != Cell::Free);
        self.rows.iter().rposition(holds).map_or(row, |last| (last + 1).max(row))
    }

    /// Forgets the rows from `rows` on.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
    }

    /// Its columns.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// How many rows are in use.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The row as text with its vertical lines, without spaces at its end.
    pub(crate) fn line(&self, row: usize, style: &Style) -> String {
        let upright = style.glyphs().upright;
        let mut out = String::new();
        let mut taken = 0;
        for x in 0..self.width {
            let crossed = self.is_crossed(row, x);
            let (c, ink) = match self.get(row, x) {
                Some(Cell::Taken(c, ink)) => (c, ink),
                Some(Cell::Half) => continue,
                Some(Cell::Free | Cell::Bar(..)) if crossed => (upright, None),
                Some(Cell::Bar(_, c)) => (c, None),
                Some(Cell::Free) | None => (' ', None),
            };
            match ink {
                Some(ink) => out.push_str(&style.ink(ink, c.encode_utf8(&mut [0; 4]))),
                None => out.push(c),
            }
            if c != ' ' {
                taken = out.len();
            }
        }
        out.truncate(taken);
        out
    }
}
