//! `punctual policy`: a polling policy as it stands in production, a Python function.

mod pasted;
mod verify;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use punctual_policies::{Ages, Function, Piece, Refusal, Unreached};
use punctual_reports::page::{Block, Cell, Order, Page, Prose, Table, Tone, terminal};
use punctual_reports::text;
use punctual_scenarios::Problems;
use serde::Serialize;

use super::output::{Output, wrong};
use super::{Exit, Format};
pub(super) use pasted::Pasted;
use verify::Verify;

/// Statuses that are asked for if none are named, beside those that the function itself knows.
const STATUSES: [&str; 4] = ["pending", "running", "completed", "failed"];

/// Show what a policy's Python function says, for every age at once.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "The function is get_poll_interval(job_status, elapsed_time, …) -> seconds, as pasted. It is evaluated\n\
    with CPython's arithmetic; what is not pure is refused with its place. To judge a scenario with it:\n\
    punctual sweep SCENARIO --policy NAME=FILE.py --vary …, or `python` in the file's [policy.NAME].\n\
    Exits 0 if it is a policy, 2 if not."
)]
pub(crate) struct Policy {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The Python file
    #[arg(required = true, value_name = "FILE.py")]
    file: Option<PathBuf>,
    #[command(flatten)]
    asked: Asked,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// What a function says, for programs.
#[derive(Serialize)]
struct Said<'f> {
    schema: &'static str,
    function: &'f str,
    file: String,
    statuses: Vec<Rests<'f>>,
    /// Lines that no status and no age leads to.
    unreached: Vec<Line<'f>>,
}

/// What it says of one status.
#[derive(Serialize)]
struct Rests<'f> {
    status: &'f str,
    rests: Vec<Rest>,
}

/// How long a stream rests at these ages: from the first to below the second, which the last has none of.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "each says its unit")]
struct Rest {
    from_us: u64,
    below_us: Option<u64>,
    least_us: u64,
    greatest_us: u64,
}

#[derive(Serialize)]
struct Line<'f> {
    line: usize,
    text: &'f str,
}

impl<'f> Said<'f> {
    fn of(function: &'f Function, file: &Path, ages: &'f Ages) -> Self {
        let rests = |(status, pieces): &'f (String, Vec<Piece>)| {
            let rest = |(place, piece): (usize, &Piece)| Rest {
                from_us: piece.from.0,
                below_us: (place + 1 < pieces.len()).then_some(piece.to.0 + 1),
                least_us: piece.sleep.min.0,
                greatest_us: piece.sleep.max.0,
            };
            Rests { status, rests: pieces.iter().enumerate().map(rest).collect() }
        };
        let line = |one: &'f Unreached| Line { line: one.line, text: &one.text };
        Self {
            schema: "punctual.policy/1",
            function: function.name(),
            file: file.display().to_string(),
            statuses: ages.by_status.iter().map(rests).collect(),
            unreached: ages.unreached.iter().map(line).collect(),
        }
    }
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Compare with a real Python, bit for bit, on a grid of ages that holds every edge
    Verify(Verify),
}

/// What the function is asked.
#[derive(Args, Debug)]
struct Asked {
    /// An argument beside status and age, as in a call: `has_voiceover=True`. May be repeated
    #[arg(long = "arg", value_name = "NAME=VALUE")]
    arguments: Vec<String>,
    /// The statuses to ask for
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    status: Vec<String>,
}

/// Says why a file's function is no policy, where `option` says its arguments.
fn refused(label: &str, source: &str, option: &str, refusal: &Refusal, output: &Output) -> Exit {
    output.refuse(&Problems::of_function(label, source, option, refusal))
}

/// An option that may be repeated, as it stands on the command line.
fn options(name: &str, values: &[String]) -> String {
    values.iter().map(|value| format!("{name} {value}")).collect::<Vec<_>>().join(" ")
}

fn read(path: &Path) -> Result<String, Exit> {
    let bytes = fs::read(path).map_err(|error| wrong(format!("cannot read {}: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|_| wrong(format!("{} is no text in UTF-8", path.display())))
}

impl Asked {
    fn function(&self, path: &Path, output: &Output) -> Result<(Function, Vec<String>), Exit> {
        let source = read(path)?;
        let function = Function::parse(&source, &self.arguments.join(", "))
            .map_err(|refusal| self.refused(path, &source, &refusal, output))?;
        let mut statuses = self.status.clone();
        if statuses.is_empty() {
            statuses = STATUSES.map(str::to_owned).to_vec();
            statuses.extend(function.texts().into_iter().filter(|text| !STATUSES.contains(&text.as_str())));
        }
        Ok((function, statuses))
    }

    fn ages(
        &self,
        path: &Path,
        function: &Function,
        statuses: &[String],
        output: &Output,
    ) -> Result<Ages, Exit> {
        let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
        function.ages(&statuses).map_err(|refusal| self.refused(path, function.source(), &refusal, output))
    }

    fn refused(&self, path: &Path, source: &str, refusal: &Refusal, output: &Output) -> Exit {
        let option = options("--arg", &self.arguments);
        refused(&path.display().to_string(), source, &option, refusal, output)
    }
}

impl Policy {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        match (&self.verb, &self.file) {
            (Some(Verb::Verify(verify)), _) => verify.compared(output),
            (None, Some(file)) => self.show(file, output),
            (None, None) => Err(Exit::Wrong),
        }
    }

    fn show(&self, file: &Path, output: &Output) -> Result<Exit, Exit> {
        let (function, statuses) = self.asked.function(file, output)?;
        let ages = self.asked.ages(file, &function, &statuses, output)?;
        if let Some(text) = self.format.of(&Said::of(&function, file, &ages), "statuses") {
            return output.printed(&text, Exit::AsExpected);
        }
        let mut blocks = vec![Block::Table(table(&ages))];
        if !ages.unreached.is_empty() {
            let title = Prose::plain("What no status and no age leads to");
            blocks.push(Block::Heading(2, "unreached".into(), title));
            let line = |one: &Unreached| Prose::plain(format!("line {}: {}", one.line, one.text));
            blocks.push(Block::List(Order::Any, ages.unreached.iter().map(line).collect()));
        }
        if output.style.verbose > 0 {
            blocks.push(Block::Heading(2, "lines".into(), Prose::plain("The same as lines of a policy")));
            blocks.extend(ages.by_status.iter().map(|(status, pieces)| Block::Command(line(status, pieces))));
        }
        let page = Page {
            title: format!("{} of {}", function.name(), file.display()),
            verdict: Prose::plain(verdict(&ages)),
            tone: Tone::Good,
            commands: Vec::new(),
            blocks,
            data: Vec::new(),
        };
        output.printed(&terminal::render(&page, &output.style), Exit::AsExpected)
    }
}

/// How long a stream rests, a row for each status and stretch of ages.
fn table(ages: &Ages) -> Table {
    let mut table = Table::new("how long a stream rests, by status and age", ["status", "age", "#rest"]);
    for (status, pieces) in &ages.by_status {
        for (place, piece) in pieces.iter().enumerate() {
            let (from, end) = (text::exactly(piece.from.0), text::exactly(piece.to.0 + 1));
            let age = match (place == 0, place + 1 == pieces.len()) {
                (true, true) => "any".to_owned(),
                (true, false) => format!("below {end}"),
                (false, true) => format!("from {from}"),
                (false, false) => format!("{from} to below {end}"),
            };
            let rest = if piece.sleep.is_fixed() {
                text::exactly(piece.sleep.min.0)
            } else {
                format!("{} to {}", text::exactly(piece.sleep.min.0), text::exactly(piece.sleep.max.0))
            };
            let name = if place == 0 { status.clone() } else { String::new() };
            table.rows.push([name, age, rest].map(Cell::plain).into());
        }
    }
    table
}

/// What is said of a status, as a line of a scenario's policy.
fn line(status: &str, pieces: &[Piece]) -> String {
    let rests = pieces.iter().enumerate().map(|(place, piece)| {
        let rest = if piece.sleep.is_fixed() {
            format!("{}us", piece.sleep.min.0)
        } else {
            format!("{}us..{}us", piece.sleep.min.0, piece.sleep.max.0)
        };
        if place + 1 == pieces.len() { rest } else { format!("{rest} below {}us", piece.to.0 + 1) }
    });
    format!("{status} = \"{}\"", rests.collect::<Vec<_>>().join(", "))
}

/// That it is a policy, and how exactly that is known.
fn verdict(ages: &Ages) -> String {
    let pieces = || ages.by_status.iter().flat_map(|(_, pieces)| pieces);
    let statuses = count_of_statuses(ages.by_status.len());
    match pieces().filter(|piece| !piece.sleep.is_fixed()).count() {
        0 => format!(
            "a policy: {statuses}, {} at which it changes, exact to the microsecond",
            text::count((pieces().count() - ages.by_status.len()) as u64, "age"),
        ),
        steps => format!(
            "a policy: {statuses}; where a rest grows with the age it is told in {}, each with a least and a greatest",
            text::count(steps as u64, "step"),
        ),
    }
}

fn count_of_statuses(count: usize) -> String {
    if count == 1 { "one status".to_owned() } else { format!("{count} statuses") }
}
