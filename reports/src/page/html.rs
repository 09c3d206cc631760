//! A page as one file of HTML that asks for nothing else.
//!
//! It is complete without JavaScript and says so by itself: a policy inside the file forbids every
//! request, every frame and every script but one, whose hash it names. It is readable in light and
//! dark, on a phone and on paper, and no larger than [`LARGEST`]: what there is no room for is left
//! out from the end, and the page says so.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::script::{HASH, SCRIPT};
use super::{Block, Cell, Curves, Heat, Order, Page, Points, Prose, Run, Shown, Table, Today, Tone};
use super::{chart, heat};
use crate::picture::{BarKind, MarkKind};
use crate::{svg, terminal, text};

/// The largest page, in bytes.
pub const LARGEST: usize = 500_000;
/// Most rows of a table.
const ROWS: usize = 400;
/// Most exact edges that are listed.
const EDGES: usize = 200;
/// Longest piece of text, in columns.
const LONGEST: usize = 2_000;
/// Longest heading, and longest cell, in columns.
const HEADING: usize = 200;
const CELL: usize = 400;
/// What is kept free for the data, if there is so much.
const DATA: usize = 130_000;

const STYLE: &str = include_str!("page.css");

/// The page, ending with a newline.
pub fn render(page: &Page) -> String {
    let mut painter = Painter::default();
    let before = before(page, &mut painter);
    let least = page.data.last().map_or(0, |data| data.json.len().min(DATA));
    let mut room = LARGEST.saturating_sub(before.len() + SCRIPT.len() + least + 2_000);
    let mut body = String::new();
    let mut left_out = 0;
    for block in &page.blocks {
        let said = painter.block(block).into_string();
        // What is smaller than what had no room stands after it, and would be out of order.
        if left_out > 0 || said.len() > room {
            left_out += 1;
            continue;
        }
        room -= said.len();
        body.push_str(&said);
    }
    if left_out > 0 {
        let said = format!(
            "{} had no room here, since a page has at most {} bytes: the data, and the other renderings, have them.",
            text::count(left_out, "further part"),
            text::grouped(LARGEST as u64)
        );
        body.push_str(&html! { p.known { (said) } }.into_string());
    }
    let data = page.data.iter().map(|data| (&data.without, island(&data.json)));
    let mut data = data.filter(|data| data.1.len() <= room + least);
    let data = data.next();
    let after = html! {
        footer {
            p {
                "Made by punctual. This page is one file: it asks for nothing, and says the same without JavaScript. "
                "With it, the arrow keys walk through the events of a picture."
                @if let Some((without, _)) = &data {
                    " The data are inside, in the element " code { "data" }
                    @if !without.is_empty() { ", " (without) } "."
                } @else if !page.data.is_empty() { " The data had no room inside." }
            }
        }
        @if let Some((_, data)) = data {
            script #data type="application/json" { (PreEscaped(data)) }
        }
        script { (PreEscaped(SCRIPT)) }
    };
    format!("{before}{body}</main>{}</body></html>\n", after.into_string())
}

/// Everything up to the first block.
fn before(page: &Page, painter: &mut Painter) -> String {
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src '{HASH}'; img-src data:; base-uri 'none'; form-action 'none'"
    );
    let heads = page.blocks.iter().filter_map(|block| match block {
        Block::Heading(2, name, said) => Some((name, said)),
        _ => None,
    });
    let heads: Vec<_> = heads.collect();
    let glyph = match page.tone {
        Tone::Good => "✓ ",
        Tone::Bad => "✗ ",
        Tone::Known | Tone::Plain | Tone::Faint | Tone::Strong => "",
    };
    let top = html! {
        header {
            h1 { (clean(&page.title)) }
            p class=(format!("verdict {}", class(page.tone))) { (glyph) (prose(&page.verdict)) }
            @for command in &page.commands { (self::command(command)) }
        }
        @if heads.len() > 1 {
            nav aria-label="On this page" { ul {
                @for (name, said) in heads.iter().take(40) { li { a href=(format!("#{name}")) { (text::clean(&said.text(), 60, false)) } } }
            } }
        }
    };
    painter.ids.insert("main".into());
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (clean(&page.title)) }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
        a.skip href="#main" { "Skip to the report" }
        (top)
        (PreEscaped(svg::symbols()))
        (PreEscaped("<main id=\"main\">"))
    }
    .into_string()
}

/// JSON that cannot end its element, whatever it contains.
fn island(data: &str) -> String {
    data.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[derive(Default)]
struct Painter {
    /// Names of places that are taken.
    ids: BTreeSet<String>,
}

impl Painter {
    /// A name of a place that no other has.
    fn id(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 2;
        while !self.ids.insert(name.clone()) {
            name = format!("{wanted}-{number}");
            number += 1;
        }
        name
    }

    fn block(&mut self, block: &Block) -> Markup {
        match block {
            Block::Heading(level, name, said) => {
                let (id, said) = (self.id(name), text::clean(&said.text(), HEADING, false));
                match level {
                    0..=2 => html! { h2 id=(id) { (said) } },
                    3 => html! { h3 id=(id) { (said) } },
                    _ => html! { h4 id=(id) { (said) } },
                }
            }
            Block::Text(said) => html! { p { (prose(said)) } },
            Block::List(Order::Numbered, points) => {
                html! { ol { @for one in points { li { (prose(one)) } } } }
            }
            Block::List(Order::Any, points) => html! { ul { @for one in points { li { (prose(one)) } } } },
            Block::Facts(facts) => html! {
                dl { @for (name, said) in facts { dt { (clean(name)) } dd { (prose(said)) } } }
            },
            Block::Command(said) => command(said),
            Block::Table(table) => self.table(table),
            Block::Race(shown) => self.race(shown),
            Block::Curves(curves) => chart_of_curves(curves),
            Block::Points(points) => chart_of_points(points),
            Block::Heat(map) => chart_of_map(map),
            Block::Folded(said, blocks) => {
                let blocks: Vec<Markup> = blocks.iter().map(|block| self.block(block)).collect();
                html! { details { summary { (clean(said)) } @for block in &blocks { (block) } } }
            }
        }
    }

    fn table(&mut self, table: &Table) -> Markup {
        let side = |numbers: bool, wide: bool| match (numbers, wide) {
            (true, _) => Some("r"),
            (false, true) => Some("w"),
            (false, false) => None,
        };
        let wide: Vec<bool> = (0..table.heads.len())
            .map(|at| table.rows.iter().any(|row| row.get(at).is_some_and(|cell| cell.text.len() > 30)))
            .collect();
        html! {
            div.scroll tabindex="0" role="group" aria-label=(clean(&table.caption)) { table {
                caption { (clean(&table.caption)) }
                thead { tr {
                    @for (at, head) in table.heads.iter().enumerate() {
                        th scope="col" class=[side(head.numbers, wide[at])] { (clean(&head.name)) }
                    }
                } }
                tbody {
                    @for row in table.rows.iter().take(ROWS) { tr {
                        @for (at, cell) in row.iter().enumerate() {
                            @let numbers = table.heads.get(at).is_some_and(|head| head.numbers);
                            @let side = side(numbers, wide.get(at).copied().unwrap_or(false));
                            @if at == 0 { th scope="row" class=[side] { (self::cell(cell)) } }
                            @else { td class=[side] { (self::cell(cell)) } }
                        }
                    } }
                }
            } }
            @if table.rows.len() > ROWS {
                p.faint { "showing " (ROWS) " of " (text::grouped(table.rows.len() as u64)) " rows" }
            }
        }
    }

    fn race(&mut self, shown: &Shown) -> Markup {
        let Some(drawing) = svg::picture(&shown.race, &clean(&shown.said)) else {
            return html! { p.faint { "Nothing of it can be drawn." } };
        };
        let name = self.id(&shown.name);
        let decides = if shown.race.deadline.is_some() { "to the deadline" } else { "to what decides" };
        html! {
            figure.race id=(name) {
                div.split {
                    (PreEscaped(&drawing.names))
                    div.scroll tabindex="0" role="group" aria-label="picture of the race; arrow keys walk through its events" {
                        (PreEscaped(&drawing.plot))
                    }
                }
                (key(&drawing.kinds))
                details {
                    summary { "the " (drawing.events.len()) " events of this picture" }
                    div.scroll tabindex="0" role="group" aria-label="events" { table {
                        caption { "times in seconds of simulated time" }
                        thead { tr {
                            th scope="col" { "#" } th scope="col" { "time" } th scope="col" { "later by" }
                            th scope="col" { (decides) } th scope="col" { "lane" } th scope="col" { "what" }
                        } }
                        tbody { @for event in &drawing.events {
                            tr id=(format!("{name}-e{}", event.number)) data-e=(event.number) {
                                td { (event.number) } td { (event.at) } td { (event.later) }
                                td { (event.distance) } td { (event.lane) } td { (event.text) }
                            }
                        } }
                    } }
                }
            }
        }
    }
}

fn key((bars, marks): &(Vec<BarKind>, Vec<MarkKind>)) -> Markup {
    let bar = |kind: &BarKind| match kind {
        BarKind::Busy => "busy",
        BarKind::Waiting => "waiting",
        BarKind::Sleeping => "sleeping",
        BarKind::Dead => "dead",
    };
    html! {
        ul.key aria-label="what the shapes mean" {
            @for kind in bars { li {
                (PreEscaped(format!("<svg aria-hidden=\"true\"><path class=\"{}\" d=\"M0 7H24\"/></svg> ", bar(kind))))
                (terminal::bar_word(*kind))
            } }
            @for kind in marks { li {
                (PreEscaped(format!("<svg aria-hidden=\"true\"><use href=\"#g-{}\" x=\"12\" y=\"7\"/></svg> ", svg::symbol(*kind))))
                (terminal::mark_word(*kind))
            } }
        }
    }
}

fn chart_of_curves(curves: &Curves) -> Markup {
    let Some(drawn) = chart::curves(curves) else { return html! {} };
    html! {
        figure {
            div.scroll tabindex="0" role="group" aria-label="chart" { (PreEscaped(drawn)) }
            ul.key { @for (number, (name, _)) in curves.curves.iter().take(chart::MOST).enumerate() { li {
                (PreEscaped(format!("<svg aria-hidden=\"true\"><path class=\"c{number}\" stroke-width=\"2\" d=\"M0 7H24\"/></svg> ")))
                (clean(name))
            } } }
            figcaption { (clean(&curves.said)) }
        }
    }
}

fn chart_of_points(points: &Points) -> Markup {
    let Some(drawn) = chart::points(points) else { return html! {} };
    let numbered = points.numbered();
    let told = |number: usize| numbered.contains(&number);
    html! {
        figure {
            div.scroll tabindex="0" role="group" aria-label="chart" { (PreEscaped(drawn)) }
            ul.key { @for (number, point) in points.points.iter().enumerate().filter(|one| told(one.0)).take(20) {
                li { (number + 1) " " (clean(&point.name)) @if points.points[number].today == Today::Now { " (today)" } }
            } }
            figcaption { (clean(&points.said)) }
        }
    }
}

fn chart_of_map(map: &Heat) -> Markup {
    html! {
        figure {
            div.scroll tabindex="0" role="group" aria-label="map" { (PreEscaped(heat::svg(map))) }
            ul.key {
                @for (class, said) in [("m-good", "safe"), ("m-bad m-hatch", "broken"), ("m-open", "unknown")] {
                    li { svg aria-hidden="true" { @for class in class.split(' ') { rect class=(class) width="26" height="12" {} } } " " (said) }
                }
                @if map.now.is_some() { li { svg aria-hidden="true" { circle.m-now cx="13" cy="7" r="5" {} } " now" } }
                @if map.best.is_some() { li { svg aria-hidden="true" { path.m-best d="M13 1l2 4 4 .5-3 3 1 4-4-2-4 2 1-4-3-3 4-.5z" {} } " cheapest safe" } }
                @if !map.edges.is_empty() { li { svg aria-hidden="true" { path.m-edge d="M13 0v14" {} } " exact edge" } }
            }
            figcaption {
                (clean(&map.said)) " " (clean(&map.up)) @if !map.up.is_empty() { " is upwards." }
            }
            @if !map.edges.is_empty() {
                details { summary { "Exact edges" } ul {
                    @for edge in map.edges.iter().take(EDGES) {
                        li { @if !map.up.is_empty() { (clean(&map.up)) " " (clean(&map.rows[edge.row])) ": " } (clean(&edge.said)) }
                    }
                } }
            }
        }
    }
}

fn command(said: &str) -> Markup {
    html! { pre.cmd { (clean(said)) } }
}

fn cell(cell: &Cell) -> Markup {
    let said = match cell.tone {
        Tone::Plain => html! { (text::clean(&cell.text, CELL, false)) },
        tone => html! { span class=(class(tone)) { (text::clean(&cell.text, CELL, false)) } },
    };
    match &cell.link {
        Some(place) => html! { a href=(format!("#{place}")) { (said) } },
        None => said,
    }
}

fn prose(prose: &Prose) -> Markup {
    html! {
        @for run in &prose.0 {
            @match run {
                Run::Plain(said) => (piece(said)),
                Run::Strong(said) => strong { (piece(said)) },
                Run::Code(said) => code { (clean(said)) },
                Run::Link(said, to) => a href=(format!("#{to}")) { (clean(said)) },
            }
        }
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Known => "known",
        Tone::Faint => "faint",
        Tone::Strong => "strong",
    }
}

/// Text without what turns or hides it.
fn clean(said: &str) -> String {
    text::clean(said, LONGEST, false)
}

/// The same of a piece of running text, whose spaces at its ends count.
fn piece(said: &str) -> String {
    let (first, last) = (said.starts_with(char::is_whitespace), said.ends_with(char::is_whitespace));
    let inner = clean(said);
    match (first, last, inner.is_empty()) {
        (_, _, true) if first => " ".to_owned(),
        (true, true, _) => format!(" {inner} "),
        (true, false, _) => format!(" {inner}"),
        (false, true, _) => format!("{inner} "),
        (false, false, _) => inner,
    }
}
