//! A page as Markdown that GitHub shows: pictures are fenced text, what is folded is a `details`.
//!
//! No larger than [`LARGEST`], which is less than GitHub takes for a summary of a step or a comment of
//! a file: what there is no room for is left out from the end.

use std::fmt::Write as _;

use super::{Block, Cell, Order, Page, Prose, Run, Table, Tone, heat};
use crate::style::Style;
use crate::{terminal, text};

/// The largest page, in bytes.
pub const LARGEST: usize = 900 * 1024;
/// Width of pictures, in columns.
const COLUMNS: usize = 96;
/// Longest piece of text, in columns.
const LONGEST: usize = 2_000;

/// The page, ending with a newline.
pub fn render(page: &Page) -> String {
    let glyph = match page.tone {
        Tone::Good => "✓ ",
        Tone::Bad => "✗ ",
        Tone::Known | Tone::Plain | Tone::Faint | Tone::Strong => "",
    };
    let mut out = format!("# {}\n\n**{glyph}{}**\n\n", escaped(&page.title), escaped(&page.verdict.text()));
    for command in &page.commands {
        out.push_str(&fenced("sh", &clean(command)));
    }
    let mut left_out = 0;
    for block in &page.blocks {
        let said = self::block(block);
        if left_out > 0 || out.len() + said.len() > LARGEST - 1_000 {
            left_out += 1;
            continue;
        }
        out.push_str(&said);
    }
    if left_out > 0 {
        let _ = writeln!(out, "*{} had no room here.*", text::count(left_out, "further part"));
    }
    format!("{}\n", out.trim_end())
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(level, name, said) => {
            let hashes = "#".repeat(usize::from(*level));
            format!("<a id=\"{name}\"></a>\n\n{hashes} {}\n\n", prose(said))
        }
        Block::Text(said) => format!("{}\n\n", paragraph(said)),
        Block::List(order, points) => {
            let point = |(number, said): (usize, &Prose)| match order {
                Order::Numbered => format!("{}. {}\n", number + 1, prose(said)),
                Order::Any => format!("* {}\n", prose(said)),
            };
            let points: String = points.iter().enumerate().map(point).collect();
            format!("{points}\n")
        }
        Block::Facts(facts) => {
            let fact = |(name, said): &(String, Prose)| format!("* **{}**: {}\n", escaped(name), prose(said));
            let facts: String = facts.iter().map(fact).collect();
            format!("{facts}\n")
        }
        Block::Command(said) => fenced("sh", &clean(said)),
        Block::Table(table) => self::table(table),
        Block::Race(shown) => {
            let style = Style { width: COLUMNS, ..Style::plain() };
            let picture = terminal::picture(&shown.race, &style);
            let key = terminal::key([&shown.race], &style);
            format!("<a id=\"{}\"></a>\n\n{}", shown.name, fenced("text", &format!("{picture}\n{key}")))
        }
        Block::Curves(curves) => format!("{}\n\n", escaped(&curves.said)),
        Block::Points(points) => format!("{}\n\n", escaped(&points.said)),
        Block::Heat(map) => {
            let drawn = heat::characters(map, &Style { width: COLUMNS, ..Style::plain() });
            format!("{}\n\n{}", escaped(&map.said), fenced("text", &drawn))
        }
        Block::Folded(said, blocks) => {
            let blocks: String = blocks.iter().map(self::block).collect();
            format!("<details><summary>{}</summary>\n\n{blocks}</details>\n\n", escaped(said))
        }
    }
}

/// A block of text that is shown as it is; its fence is longer than any in the text.
fn fenced(language: &str, said: &str) -> String {
    let mut fence = "```".to_owned();
    while said.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{}\n{fence}\n\n", said.trim_end())
}

fn table(table: &Table) -> String {
    let mut out = format!("*{}*\n\n", escaped(&table.caption));
    let mut row = |cells: &mut dyn Iterator<Item = String>| {
        let cells: Vec<String> = cells.collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    };
    row(&mut table.heads.iter().map(|head| escaped(&head.name)));
    row(&mut table.heads.iter().map(|head| if head.numbers { "---:" } else { "---" }.to_owned()));
    for cells in &table.rows {
        row(&mut cells.iter().map(cell));
    }
    out.push('\n');
    out
}

fn cell(cell: &Cell) -> String {
    let said = escaped(&cell.text);
    let said = match cell.tone {
        Tone::Bad | Tone::Strong if !said.is_empty() => format!("**{said}**"),
        _ => said,
    };
    match &cell.link {
        Some(place) => format!("[{said}](#{place})"),
        None => said,
    }
}

fn prose(prose: &Prose) -> String {
    let run = |run: &Run| match run {
        Run::Plain(said) => spaced(said),
        Run::Strong(said) => format!("**{}**", escaped(said)),
        Run::Code(said) => code(&clean(said)),
        Run::Link(said, to) => format!("[{}](#{to})", escaped(said)),
    };
    prose.0.iter().map(run).collect()
}

/// Running text that does not begin like a heading, a list or a quotation.
fn paragraph(said: &Prose) -> String {
    let text = prose(said);
    match text.chars().next() {
        Some(first) if "#+-=>~".contains(first) => format!("\\{text}"),
        Some(first) if first.is_ascii_digit() => {
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            if text[end..].starts_with(['.', ')']) {
                format!("{}\\{}", &text[..end], &text[end..])
            } else {
                text
            }
        }
        _ => text,
    }
}

fn code(said: &str) -> String {
    let longest = said.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest + 1);
    let pad = if said.starts_with('`') || said.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{}{pad}{ticks}", said.replace('|', "\\|"))
}

fn spaced(said: &str) -> String {
    let before = if said.starts_with(char::is_whitespace) { " " } else { "" };
    let after = if said.len() > 1 && said.ends_with(char::is_whitespace) { " " } else { "" };
    format!("{before}{}{after}", escaped(said))
}

/// Text in which nothing is markup, a mention or a reference.
fn escaped(said: &str) -> String {
    let said = clean(said);
    let mut out = String::with_capacity(said.len());
    let letters: Vec<char> = said.chars().collect();
    for (at, &c) in letters.iter().enumerate() {
        let word = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphanumeric());
        let within = word(at.checked_sub(1)) && word(Some(at + 1));
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '[' | ']' | '|' => {
                out.push('\\');
                out.push(c);
            }
            '_' | '~' if !within => {
                out.push('\\');
                out.push(c);
            }
            '#' if word(Some(at + 1)) => out.push_str("&#35;"),
            c => out.push(c),
        }
    }
    out
}

fn clean(said: &str) -> String {
    text::clean(said, LONGEST, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        let said = escaped("<script> @you #12 a_b _c_ *d* [e](f) `g` | \u{202e}h");
        assert_eq!(said, "&lt;script&gt; &#64;you &#35;12 a_b \\_c\\_ \\*d\\* \\[e\\](f) \\`g\\` \\| h");
        assert_eq!(paragraph(&Prose::plain("1. no list")), "1\\. no list");
        assert_eq!(code("a`b"), "``a`b``");
        assert!(fenced("text", "```\nx").starts_with("````text\n"));
    }
}
