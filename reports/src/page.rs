//! A report as a list of blocks: what it says, before it is known how it is written down.
//!
//! Every report (of a check, a matrix, a comparison, a difference, or the story of one case) is a
//! [`Page`]. Three painters write pages down: [`html`], [`markdown`] and [`terminal`]. None of them
//! knows what a scenario is, and no report knows what a tag is, so a number that stands in one
//! rendering stands in all of them.

use crate::picture::Race;

#[cfg(feature = "render")]
pub mod html;
#[cfg(feature = "render")]
pub mod markdown;
#[cfg(feature = "render")]
pub mod terminal;

#[cfg(feature = "render")]
mod chart;
#[cfg(feature = "render")]
mod heat;
#[cfg(feature = "render")]
mod script;

/// A whole report.
#[derive(Clone, PartialEq, Debug)]
pub struct Page {
    /// What it is called.
    pub title: String,
    /// What it comes to, in one line.
    pub verdict: Prose,
    /// Whether that is as it should be.
    pub tone: Tone,
    /// What to paste next, most important first.
    pub commands: Vec<String>,
    /// What it says, most important first: where there is no room, the end is left out.
    pub blocks: Vec<Block>,
    /// The data behind it: the fullest that there are, then smaller ones that may have to do.
    pub data: Vec<Data>,
}

/// Data behind a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Data {
    /// What is not in them: `without pictures`; empty if all is.
    pub without: String,
    /// JSON.
    pub json: String,
}

/// A piece of a report.
#[derive(Clone, PartialEq, Debug)]
pub enum Block {
    /// A heading of level 2 to 4, with the name that links to it.
    Heading(u8, String, Prose),
    /// A paragraph.
    Text(Prose),
    /// Points; numbered if their order matters.
    List(Order, Vec<Prose>),
    /// Names with what there is to say of each.
    Facts(Vec<(String, Prose)>),
    /// A command to paste.
    Command(String),
    /// A table.
    Table(Table),
    /// The picture of a race with its events.
    Race(Shown),
    /// Delay curves.
    Curves(Curves),
    /// Points in two dimensions, of which one wants little of both.
    Points(Points),
    /// A map of two dimensions.
    Heat(Heat),
    /// What is only there for who asks for it.
    Folded(String, Vec<Block>),
}

/// Whether the order of points matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// It does.
    Numbered,
    /// It does not.
    Any,
}

/// What a piece of text means, beside what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    /// Nothing more.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Broken, and expected to be.
    Known,
    /// Of less weight.
    Faint,
    /// Of more weight.
    Strong,
}

/// Running text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Prose(pub Vec<Run>);

/// A piece of running text. None of it is ever markup, whatever it looks like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Run {
    /// As it is.
    Plain(String),
    /// Of more weight.
    Strong(String),
    /// Something to type or a name.
    Code(String),
    /// A link: what it says, and the name of the place on the page that it leads to.
    Link(String, String),
}

/// A table.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Table {
    /// What it shows, for whoever cannot see where it stands.
    pub caption: String,
    /// The heads of the columns; columns of numbers are aligned to the right.
    pub heads: Vec<Head>,
    /// Rows, each as long as the heads.
    pub rows: Vec<Vec<Cell>>,
}

/// The head of a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// What it is called.
    pub name: String,
    /// Whether what is below it are numbers.
    pub numbers: bool,
}

/// A cell of a table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// What it means.
    pub tone: Tone,
    /// The name of the place on the page that it leads to.
    pub link: Option<String>,
}

/// The picture of a race.
#[derive(Clone, PartialEq, Debug)]
pub struct Shown {
    /// The name of its place on the page; its events are at `NAME-e1` and so on.
    pub name: String,
    /// The race.
    pub race: Race,
    /// What it shows, in a sentence.
    pub said: String,
}

/// Delay curves: which share of deliveries takes at most so long.
#[derive(Clone, PartialEq, Debug)]
pub struct Curves {
    /// What it shows, with its numbers.
    pub said: String,
    /// Name, delays in microseconds, and the share of all for each; the share need not reach 1.
    pub curves: Vec<(String, Vec<(u64, f64)>)>,
}

/// Points in two dimensions.
#[derive(Clone, PartialEq, Debug)]
pub struct Points {
    /// What it shows, with its numbers.
    pub said: String,
    /// The name of the first dimension, to the right.
    pub across: String,
    /// The name of the second, upwards: delays in microseconds.
    pub up: String,
    /// The points.
    pub points: Vec<Point>,
}

/// A map of two dimensions: what is good, and where exactly it ends.
#[derive(Clone, PartialEq, Debug)]
pub struct Heat {
    /// What it shows, with its numbers.
    pub said: String,
    /// The name of the dimension to the right.
    pub across: String,
    /// The name of the dimension upwards; empty if there is one row.
    pub up: String,
    /// The values to the right.
    pub columns: Vec<String>,
    /// The values upwards.
    pub rows: Vec<String>,
    /// What each is, row by row.
    pub shades: Vec<Shade>,
    /// Where it changes, exactly.
    pub edges: Vec<HeatEdge>,
    /// The column and row of what there is today.
    pub now: Option<(usize, usize)>,
    /// The column and row of the best.
    pub best: Option<(usize, usize)>,
}

/// Where the shade of a row changes.
#[derive(Clone, PartialEq, Debug)]
pub struct HeatEdge {
    /// In which row.
    pub row: usize,
    /// How far to the right, in columns, from the middle of the first.
    pub at: f64,
    /// What changes where.
    pub said: String,
}

/// What one field of a map is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shade {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Not known.
    Open,
    /// Not there.
    None,
}

/// A point in two dimensions.
#[derive(Clone, PartialEq, Debug)]
pub struct Point {
    /// Its name.
    pub name: String,
    /// How far it is to the right.
    pub across: f64,
    /// How far it is up.
    pub up: u64,
    /// Whether it is what there is today.
    pub today: Today,
    /// Whether it loses something: then it is no answer, however fast what is left arrives.
    pub loses: bool,
}

/// Whether something is what there is today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Today {
    /// It is.
    Now,
    /// It is proposed.
    Proposed,
}

impl Points {
    /// Those that lose nothing and that no other such is better than in one dimension and as good in the other,
    /// from the left.
    pub fn frontier(&self) -> Vec<usize> {
        let better = |a: usize, b: usize| {
            let (ax, ay, bx, by) =
                (self.points[a].across, self.points[a].up, self.points[b].across, self.points[b].up);
            // Of several at one place the first stands for all.
            ax <= bx && ay <= by && (ax < bx || ay < by || a < b)
        };
        let all = (0..self.points.len()).filter(|&at| !self.points[at].loses);
        let mut best: Vec<usize> =
            all.clone().filter(|&one| !all.clone().any(|other| better(other, one))).collect();
        best.sort_by(|&a, &b| self.points[a].across.total_cmp(&self.points[b].across));
        best
    }

    /// The points whose numbers are shown: what there is today, and as many of the frontier as can be told apart.
    pub fn numbered(&self) -> Vec<usize> {
        const MOST: usize = 12;
        let frontier = self.frontier();
        let every = frontier.len().div_ceil(MOST).max(1);
        let last = frontier.last().copied().filter(|_| every > 1);
        let today = (0..self.points.len()).filter(|&at| self.points[at].today == Today::Now);
        let mut all: Vec<usize> = frontier.iter().copied().step_by(every).chain(last).chain(today).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What the frontier is, in a sentence.
    pub fn caption(&self, say: impl Fn(&Point) -> String) -> String {
        let (up, across) = (&self.up, &self.across);
        let best: Vec<String> = self.frontier().into_iter().map(|at| say(&self.points[at])).collect();
        match best.as_slice() {
            [] => format!("Of what arrives: {up} against {across}; every case loses something."),
            best => format!(
                "Of what arrives: {up} against {across}; among the cases that lose nothing none beats {}.",
                best.join(", ")
            ),
        }
    }
}

impl Prose {
    /// Text that is only text.
    pub fn plain(text: impl Into<String>) -> Prose {
        Prose(vec![Run::Plain(text.into())])
    }

    /// Text of an author, with `` `names` ``, `**weight**` and `[links](#place)`. Never for what comes from a file.
    pub fn written(text: &str) -> Prose {
        let mut runs = Vec::new();
        let mut rest = text;
        let mut plain = String::new();
        while !rest.is_empty() {
            let found = [("`", "`"), ("**", "**"), ("[", ")")].into_iter().find_map(|(from, to)| {
                let inner = rest.strip_prefix(from)?;
                let end = inner.find(to)?;
                Some((from, &inner[..end], &inner[end + to.len()..]))
            });
            let link = |inner: &str| {
                let (said, to) = inner.split_once("](#")?;
                Some(Run::Link(said.to_owned(), to.to_owned()))
            };
            let run = found.and_then(|(from, inner, after)| {
                let run = match from {
                    "`" => Some(Run::Code(inner.to_owned())),
                    "**" => Some(Run::Strong(inner.to_owned())),
                    _ => link(inner),
                };
                run.map(|run| (run, after))
            });
            match run {
                Some((run, after)) => {
                    if !plain.is_empty() {
                        runs.push(Run::Plain(std::mem::take(&mut plain)));
                    }
                    runs.push(run);
                    rest = after;
                }
                None => {
                    let next = rest.chars().next().map_or(0, char::len_utf8);
                    plain.push_str(&rest[..next]);
                    rest = &rest[next..];
                }
            }
        }
        if !plain.is_empty() {
            runs.push(Run::Plain(plain));
        }
        Prose(runs)
    }

    /// Its text, without anything else.
    pub fn text(&self) -> String {
        let runs = self.0.iter().map(|run| match run {
            Run::Plain(text) | Run::Strong(text) | Run::Code(text) | Run::Link(text, _) => text.as_str(),
        });
        runs.collect()
    }
}

impl Table {
    /// A table without rows.
    pub fn new<'h>(caption: &str, heads: impl IntoIterator<Item = &'h str>) -> Table {
        let head = |name: &str| match name.strip_prefix('#') {
            Some(name) => Head { name: name.to_owned(), numbers: true },
            None => Head { name: name.to_owned(), numbers: false },
        };
        Table { caption: caption.to_owned(), heads: heads.into_iter().map(head).collect(), rows: Vec::new() }
    }

    /// The same without the columns in which nothing stands.
    #[must_use]
    pub fn pruned(mut self) -> Table {
        for at in (1..self.heads.len()).rev() {
            if self.rows.iter().all(|row| row[at].text.is_empty()) {
                self.heads.remove(at);
                self.rows.iter_mut().for_each(|row| drop(row.remove(at)));
            }
        }
        self
    }
}

impl Cell {
    /// A cell that says no more than its text.
    pub fn plain(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), ..Cell::default() }
    }

    /// A cell with a meaning.
    pub fn of(tone: Tone, text: impl Into<String>) -> Cell {
        Cell { text: text.into(), tone, link: None }
    }

    /// The same, leading somewhere.
    #[must_use]
    pub fn to(self, place: impl Into<String>) -> Cell {
        Cell { link: Some(place.into()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_author_writes_has_names_weight_and_links_and_all_else_is_text() {
        let prose = Prose::written("a `b` **c** [d](#e) [f] * g ` h");
        let runs = [
            Run::Plain("a ".into()),
            Run::Code("b".into()),
            Run::Plain(" ".into()),
            Run::Strong("c".into()),
            Run::Plain(" ".into()),
            Run::Link("d".into(), "e".into()),
            Run::Plain(" [f] * g ` h".into()),
        ];
        assert_eq!(prose.0, runs);
        assert_eq!(prose.text(), "a b c d [f] * g ` h");
    }

    #[test]
    fn the_frontier_leaves_out_what_something_else_beats() {
        let point = |name: &str, across, up| Point {
            name: name.into(),
            across,
            up,
            today: Today::Proposed,
            loses: name == "e",
        };
        let points = vec![
            point("a", 1.0, 9),
            point("b", 2.0, 5),
            point("c", 3.0, 5),
            point("d", 4.0, 1),
            point("e", 0.0, 0),
        ];
        let points = Points { said: String::new(), across: String::new(), up: String::new(), points };
        assert_eq!(points.frontier(), [0, 1, 3]);
    }
}
