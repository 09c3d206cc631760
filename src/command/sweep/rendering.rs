//! How a sweep is shown: on the terminal, as a page, as a table, as its lines, as one document.

use std::io;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use punctual_reports::kind::{Kind, Made, Subject};
use punctual_reports::page::terminal;
use punctual_reports::programs;
use punctual_reports::sweep::{Cell, Rows, Summary};

use super::journal::{Journal, Unkept};
use crate::command::output::{Output, wrong};
use crate::command::place::{kind_and_path, offer};
use crate::command::writing::{self, put};
use crate::command::{Exit, Format};

/// How a sweep is shown.
#[derive(Args, Debug)]
pub(super) struct Rendering {
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Shape,
    #[arg(
        long = "report",
        value_name = "KIND=PATH",
        value_parser = |text: &str| kind_and_path(text, Subject::Sweep),
        help = offer("Write it as well", Subject::Sweep)
    )]
    reports: Vec<(Kind, PathBuf)>,
}

/// What a sweep is printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// As a document is; as lines it is what `--out` keeps.
    As(Format),
    /// The cells as a table.
    Csv,
}

impl ValueEnum for Shape {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::As(Format::Human), Self::As(Format::Json), Self::As(Format::Jsonl), Self::Csv]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::As(format) => format.to_possible_value(),
            Self::Csv => Some(PossibleValue::new("csv").help("The cells as a table")),
        }
    }
}

impl Rendering {
    pub(super) fn show(&self, summary: &Summary, journal: &Journal, output: &Output) -> Result<(), Exit> {
        let page = summary.page();
        for (kind, path) in &self.reports {
            match kind.made {
                Made::Page(render) => put(path, &render(&page))?,
                Made::Lines if path == Path::new("-") => lines(journal)?,
                Made::Lines => put(path, &text_of(journal)?)?,
                Made::Whole => put(path, &document(summary, journal)?)?,
                Made::Numbers(_) => put(path, &csv(journal)?)?,
                Made::Check(_) => unreachable!("a sweep is not offered as {}", kind.name),
            }
        }
        if writing::prints(&self.reports) {
            return Ok(());
        }
        match self.format {
            Shape::As(Format::Human) => output.print(&terminal::render(&page, &output.style)),
            Shape::As(Format::Jsonl) => lines(journal),
            Shape::As(Format::Json) => put(Path::new("-"), &document(summary, journal)?),
            Shape::Csv => put(Path::new("-"), &csv(journal)?),
        }
    }

    /// Refuses two things for one place, of which one may be what is printed.
    pub(super) fn refuse_clashes(&self) -> Result<(), Exit> {
        writing::refuse_clashes(&self.reports, self.format != Shape::As(Format::Human))
    }
}

fn lines(journal: &Journal) -> Result<(), Exit> {
    journal.write(&mut io::stdout().lock()).map_err(wrong)
}

/// The sweep as one document: all that its lines say, and what they come to.
fn document(summary: &Summary, journal: &Journal) -> Result<String, Exit> {
    let cells = (0..summary.head.cells).filter(|&cell| summary.head.has(cell));
    let cells: Result<Vec<Cell>, Unkept> = cells.map(|cell| journal.cell(cell)).collect();
    Ok(programs::json(&summary.document(&cells.map_err(wrong)?)))
}

fn text_of(journal: &Journal) -> Result<String, Exit> {
    let mut out = Vec::new();
    journal.write(&mut out).map_err(wrong)?;
    String::from_utf8(out).map_err(wrong)
}

fn csv(journal: &Journal) -> Result<String, Exit> {
    let head = journal.head();
    let numbers = (0..head.cells).filter(|&cell| head.has(cell));
    let first = numbers
        .clone()
        .map(|cell| journal.cell(cell))
        .find(|cell| cell.as_ref().is_ok_and(|cell| cell.failed.is_none()));
    let like = match (first, journal.now()) {
        (Some(cell), _) => cell.map_err(wrong)?,
        (None, now) => now.cloned().unwrap_or_default(),
    };
    let mut rows = Rows::new(head, &like);
    for cell in numbers {
        rows.add(head, &like, &journal.cell(cell).map_err(wrong)?);
    }
    Ok(rows.finish())
}
