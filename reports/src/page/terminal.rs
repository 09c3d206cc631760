//! A page for somebody at a terminal.
//!
//! Tables are as wide as they need to be; where their heads do not fit side by side these hang below the
//! columns, and where the columns do not fit there are several tables.

use std::fmt::Write as _;

use super::{Block, Cell, Order, Page, Table, Tone, heat};
use crate::style::{Ink, Style};
use crate::{terminal, text};

/// Columns before a table or a paragraph.
const INDENT: usize = 4;
/// Longest cell, in columns.
const CELL: usize = 48;
/// Longest piece of text, in columns.
const LONGEST: usize = 2_000;
/// Between two columns.
const GAP: usize = 2;

/// The page as text, each line ending with a newline.
pub fn render(page: &Page, style: &Style) -> String {
    let mut painter = Painter { out: String::new(), style: *style };
    let glyph = match page.tone {
        Tone::Good => format!("{} ", style.glyphs().tick),
        Tone::Bad => format!("{} ", style.glyphs().cross),
        Tone::Known | Tone::Plain | Tone::Faint | Tone::Strong => String::new(),
    };
    painter.wrapped("", &page.title, Some(Ink::Strong), 0);
    painter.wrapped(&glyph, &page.verdict.text(), ink(page.tone), 0);
    painter.blocks(&page.blocks);
    if !page.commands.is_empty() {
        painter.out.push('\n');
    }
    for command in &page.commands {
        painter.command(command);
    }
    painter.out
}

struct Painter {
    out: String,
    style: Style,
}

impl Painter {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(_, _, said) => {
                self.out.push('\n');
                self.wrapped("", &said.text(), Some(Ink::Strong), 2);
            }
            Block::Text(said) => self.wrapped("", &said.text(), None, INDENT),
            Block::List(order, points) => {
                for (number, said) in points.iter().enumerate() {
                    let lead = match order {
                        Order::Numbered => format!("{}. ", number + 1),
                        Order::Any => format!("{} ", self.style.glyphs().dot),
                    };
                    self.wrapped(&lead, &said.text(), None, INDENT);
                }
            }
            Block::Facts(facts) => {
                let wide = facts.iter().map(|(name, _)| text::columns(name)).max().unwrap_or(0);
                for (name, said) in facts {
                    self.wrapped(&format!("{}  ", text::left(name, wide)), &said.text(), None, INDENT);
                }
            }
            Block::Command(said) => self.command(said),
            Block::Table(table) => self.table(table),
            Block::Race(shown) => {
                let picture = terminal::picture(&shown.race, &self.style);
                let key = terminal::key([&shown.race], &self.style);
                let _ = write!(self.out, "\n{picture}\n{key}");
            }
            Block::Curves(_) => {}
            Block::Points(points) => self.wrapped("", &points.said, None, INDENT),
            Block::Heat(map) => {
                self.wrapped("", &map.said, None, INDENT);
                let map = heat::characters(map, &self.style);
                let _ = write!(self.out, "\n{map}");
            }
            Block::Folded(said, blocks) if self.style.verbose > 0 => {
                self.out.push('\n');
                self.wrapped("", said, Some(Ink::Strong), 2);
                self.blocks(blocks);
            }
            Block::Folded(..) => {}
        }
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{}", line.trim_end());
    }

    fn clean(&self, said: &str, most: usize) -> String {
        text::clean(said, most, self.style.ascii)
    }

    fn wrapped(&mut self, lead: &str, said: &str, ink: Option<Ink>, indent: usize) {
        let before = indent + text::columns(lead);
        let said = self.clean(said, LONGEST);
        let mut first = format!("{}{lead}", " ".repeat(indent));
        for line in text::wrap(&said, self.style.columns().saturating_sub(before).max(8), self.style.ascii) {
            let line = ink.map_or(line.clone(), |ink| self.style.ink(ink, &line));
            self.line(&format!("{first}{line}"));
            first = " ".repeat(before);
        }
    }

    fn command(&mut self, said: &str) {
        let said = self.clean(said, LONGEST);
        for line in text::command(&said, self.style.columns() - INDENT, self.style.ascii) {
            self.line(&format!("{}{line}", " ".repeat(INDENT)));
        }
    }

    fn table(&mut self, table: &Table) {
        self.wrapped("", &table.caption, Some(Ink::Faint), INDENT);
        let cell = |cell: &Cell| self.clean(&cell.text, CELL);
        let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        let heads: Vec<String> = table.heads.iter().map(|head| self.clean(&head.name, CELL)).collect();
        let cells = |at: usize| {
            rows.iter().filter_map(|row| row.get(at)).map(|cell| text::columns(cell)).max().unwrap_or(0)
        };
        let bare: Vec<usize> = (0..heads.len()).map(|at| cells(at).max(2)).collect();
        let full: Vec<usize> =
            bare.iter().zip(&heads).map(|(cell, head)| text::columns(head).max(*cell)).collect();
        let all =
            |wide: &[usize]| INDENT + wide.iter().map(|wide| wide + GAP).sum::<usize>() - GAP.min(wide.len());
        if all(&full) <= self.style.columns() {
            let line = self.row(&full, table, &heads, None);
            let line = self.style.ink(Ink::Faint, line.trim_end());
            self.line(&line);
            self.rows(&full, table, &rows);
        } else {
            self.parts(&bare, table, &rows, &heads);
        }
    }

    /// As many tables as it takes, each with the first column, and the heads hung below.
    fn parts(&mut self, wide: &[usize], table: &Table, rows: &[Vec<String>], heads: &[String]) {
        let first = wide.first().copied().unwrap_or(0).min(self.style.columns() / 2);
        let mut from = 1;
        while from < heads.len() {
            let mut room = self.style.columns().saturating_sub(INDENT + first);
            let mut to = from;
            // The last head stands to the right of its column's beginning.
            let fits = |at: usize, room: usize| wide[at].max(text::columns(&heads[at]) + 2) + GAP <= room;
            while to < heads.len() && (to == from || fits(to, room)) {
                room = room.saturating_sub(wide[to] + GAP);
                to += 1;
            }
            if from > 1 {
                self.out.push('\n');
            }
            for (said, cells) in rows.iter().zip(&table.rows) {
                let mut line = " ".repeat(INDENT);
                line.push_str(&text::left(&text::cut(&said[0], first, self.style.ascii), first));
                for at in from..to {
                    let room = self.style.columns().saturating_sub(INDENT + first + GAP).max(8);
                    let cell = text::cut(&said[at], room, self.style.ascii);
                    let padded = self.padded(&cell, wide[at].min(room), table.heads[at].numbers);
                    let ink = ink(cells[at].tone);
                    line.push_str(&" ".repeat(GAP));
                    line.push_str(&ink.map_or(padded.clone(), |ink| self.style.ink(ink, &padded)));
                }
                self.line(&line);
            }
            self.feet(first, &wide[from..to], &heads[from..to]);
            from = to;
        }
    }

    fn padded(&self, said: &str, wide: usize, numbers: bool) -> String {
        if numbers { text::right(said, wide) } else { text::left(said, wide) }
    }

    fn rows(&mut self, wide: &[usize], table: &Table, rows: &[Vec<String>]) {
        for (cells, row) in rows.iter().zip(&table.rows) {
            let line = self.row(wide, table, cells, Some(row));
            self.line(&line);
        }
    }

    fn row(&self, wide: &[usize], table: &Table, said: &[String], cells: Option<&Vec<Cell>>) -> String {
        let mut line = " ".repeat(INDENT);
        for (at, said) in said.iter().enumerate() {
            let padded = self.padded(said, wide[at], table.heads[at].numbers);
            let ink = cells.and_then(|cells| ink(cells[at].tone));
            if at > 0 {
                line.push_str(&" ".repeat(GAP));
            }
            line.push_str(&ink.map_or(padded.clone(), |ink| self.style.ink(ink, &padded)));
        }
        line
    }

    /// The heads of some columns, each hung below its own.
    fn feet(&mut self, first: usize, wide: &[usize], heads: &[String]) {
        let glyphs = self.style.glyphs();
        for place in (0..heads.len()).rev() {
            let mut line = " ".repeat(INDENT + first);
            for wide in &wide[..place] {
                let _ = write!(line, "{}{}{}", " ".repeat(GAP), glyphs.upright, " ".repeat(wide - 1));
            }
            let _ = write!(line, "{}{} {}", " ".repeat(GAP), glyphs.down_right, heads[place]);
            let line = text::cut(&line, self.style.columns(), self.style.ascii);
            let line = self.style.ink(Ink::Faint, line.trim_end());
            self.line(&line);
        }
    }
}

fn ink(tone: Tone) -> Option<Ink> {
    match tone {
        Tone::Plain => None,
        Tone::Good => Some(Ink::Good),
        Tone::Bad => Some(Ink::Bad),
        Tone::Known => Some(Ink::Known),
        Tone::Faint => Some(Ink::Faint),
        Tone::Strong => Some(Ink::Strong),
    }
}
