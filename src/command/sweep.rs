//! `punctual sweep`: one scenario for many values of its parameters.

pub(super) mod journal;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use punctual::budget::Host;
use punctual::sweep::{Plan, certify, edges};
use punctual_model::Rule;
use punctual_reports::kind::{Kind, Made, Subject};
use punctual_reports::page::{Page, terminal};
use punctual_reports::sweep::{Rows, Safety, Shard, Summary};
use punctual_reports::{programs, text};
use punctual_scenarios::{Axis, BASE, Scenario, VARIANT};
use punctual_sim::Sums;

use super::exploring::Exploring;
use super::here::Here;
use super::output::{Output, say};
use super::policy::Pasted;
use super::progress::Progress;
use super::select::one;
use super::writing::{self, file, kind_and_path, offer, put};
use super::{Exit, Format, One, Sampling};
use journal::Journal;

/// More cells than this are asked about before they are begun, and so are more runs in all.
const ASKED: u64 = 20_000;
const ASKED_RUNS: u128 = 5_000_000_000;
/// More cells than this are not begun.
pub(in crate::command) const MOST: u64 = 100_000_000;

/// Judge a scenario for many values of its parameters.
#[derive(Args, Debug)]
#[command(
    after_help = "A dimension is NAME=LOW..HIGH:COUNT, with :log behind it for even factors, or NAME=VALUE,VALUE.\n\
    NAME is a parameter by the path that `set` of a variant takes, such as policy.poll.completed or\n\
    task.worker.publish.takes.max; TASK.STEP.KEY and client.timeout are shorter ways to say some of them,\n\
    and `variant` varies the variant. A cell is safe if it keeps all invariants of --keep, proved. Only the\n\
    values of cells are judged: of what lies between two of them, `punctual threshold` says what is true.\n\
    With --out, cells are kept as soon as they are done: whatever stops it, --resume goes on.\n\
    Exits 0 if some cell is safe, 1 if none is, 3 if that is not known, 130 if Ctrl-C came before."
)]
pub(crate) struct Sweep {
    #[command(flatten)]
    one: One,
    /// A dimension. May be repeated; of the last, values change fastest. With --policy there need not be one
    #[arg(long = "vary", value_name = "NAME=VALUES", required_unless_present = "policies")]
    vary: Vec<String>,
    /// An invariant that a safe cell keeps; all that are checked if none is named. May be repeated
    #[arg(long, value_name = "INVARIANT", value_delimiter = ',')]
    keep: Vec<String>,
    #[command(flatten)]
    pasted: Pasted,
    #[command(flatten)]
    sampling: Sampling,
    /// Runs of each cell
    #[arg(long, env = "PUNCTUAL_RUNS", default_value_t = punctual::Scenario::RUNS, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    runs: u64,
    /// Stop sampling a cell when the 95 % interval of each rate is no wider than this. It is looked at every
    /// 1 000 runs, which makes it a little narrower than one of runs that were counted beforehand
    #[arg(long, value_name = "SHARE", value_parser = share)]
    until_width: Option<f64>,
    #[command(flatten)]
    exploring: Exploring,
    /// Only sample: nothing is proved then
    #[arg(long)]
    no_proof: bool,
    /// Threads; all cores if not given
    #[arg(long, env = "PUNCTUAL_JOBS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Only a part of the cells, such as 3/8; `punctual merge` puts parts together
    #[arg(long, value_name = "PART/PARTS", value_parser = shard, requires = "out")]
    shard: Option<Shard>,
    /// Keep the cells here, as lines of JSON, while it goes on and in the end
    #[arg(long, value_name = "PATH", value_parser = file)]
    out: Option<PathBuf>,
    /// Go on with a sweep that was stopped
    #[arg(long, requires = "out")]
    resume: bool,
    /// Begin without asking, however large it is
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    rendering: Rendering,
}

/// Put the parts of a sweep together.
#[derive(Args, Debug)]
#[command(after_help = "Writes what one sweep without --shard would have written, to the byte.")]
pub(crate) struct Merge {
    /// The parts, as `sweep --shard --out` wrote them
    #[arg(required = true, value_name = "PART.jsonl")]
    parts: Vec<PathBuf>,
    /// Where the sweep goes, as lines of JSON
    #[arg(long, value_name = "PATH", value_parser = file)]
    out: Option<PathBuf>,
    #[command(flatten)]
    rendering: Rendering,
}

/// How a sweep is shown.
#[derive(Args, Debug)]
struct Rendering {
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

fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number.trim(), 100.0));
    let share =
        number.parse::<f64>().ok().map(|share| share / unit).filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| "expected a share above 0 and up to 1, such as 0.01 or 1%".to_owned())
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text
        .split_once('/')
        .and_then(|(part, parts)| Some(Shard { part: part.parse().ok()?, parts: parts.parse().ok()? }));
    parts
        .filter(|shard| shard.is_sound() && shard.parts <= 100_000)
        .ok_or_else(|| "expected a part and how many there are, such as 3/8".to_owned())
}

fn wrong(why: &str) -> Exit {
    say(&format!("error: {why}"));
    Exit::Wrong
}

impl Sweep {
    pub(super) fn run(self, output: &Output) -> Exit {
        self.swept(output).unwrap_or_else(|exit| exit)
    }

    fn swept(&self, output: &Output) -> Result<Exit, Exit> {
        self.rendering.refuse_clashes()?;
        let selected = one(&self.one.scenario, output)?;
        let scenario = &selected.scenario;
        let variant = self.one.variant.as_deref().unwrap_or(BASE);
        super::select::case(scenario, self.one.variant.as_deref(), output)?;
        let mut axes = axes(scenario, variant, &self.vary).map_err(|why| wrong(&why))?;
        axes.extend(self.pasted.axes());
        let here = Here::new();
        let budget = self.exploring.budget(&here);
        let sums = Sums::default();
        let plan = Plan {
            scenario,
            variant,
            axes,
            pasted: self.pasted.read(scenario, variant, output)?,
            keep: keep(scenario, &self.keep).map_err(|why| wrong(&why))?,
            seed: self.sampling.seed,
            runs: self.runs,
            until_width: self.until_width,
            explore: (!self.no_proof).then_some(budget),
            budget,
            sums: &sums,
        };
        self.ask(&plan)?;
        // What no cell can say is told before any is begun.
        let last = plan.count().unwrap_or(1) - 1;
        for cell in [0, last] {
            plan.case(cell).map_err(|problems| {
                say(&problems.render(output.color_errors));
                Exit::Wrong
            })?;
        }
        let head = plan.head(self.shard);
        let mut journal = match &self.out {
            None => Journal::in_memory(head),
            Some(path) => Journal::in_file(path, head, self.resume).map_err(|why| wrong(&why))?,
        };
        let pool = pool(self.jobs)?;
        let done = pool.install(|| self.judge(&plan, &mut journal, &here, output));
        if let Err(why) = done {
            let kept = journal.path().map_or(String::new(), |path| {
                format!(
                    "\n{} are kept in {}; go on with --resume",
                    text::count(journal.done(), "cell"),
                    path.display()
                )
            });
            return Err(wrong(&format!("{why}{kept}")));
        }
        if here.interrupted() {
            let done =
                format!("{} of {}", text::grouped(journal.done()), text::count(journal.head().len(), "cell"));
            say(&match journal.path() {
                Some(path) => {
                    format!("    Interrupted: {done} are kept in {}; go on with --resume", path.display())
                }
                None => format!("    Interrupted after {done}; with --out PATH they would have been kept"),
            });
            return Ok(Exit::Interrupted);
        }
        if let Some(path) = &self.out {
            journal.finish(path).map_err(|why| wrong(&why))?;
        }
        let mut summary = summary(&journal).map_err(|why| wrong(&why))?;
        if self.shard.is_none() {
            pool.install(|| explain(&plan, &journal, &mut summary)).map_err(|why| wrong(&why))?;
        }
        let cut_short = here.done();
        if cut_short {
            say("    Interrupted: exact edges and the certificate may be missing");
        }
        let exit = exit_of(&summary);
        self.rendering.show(&summary, &journal, output)?;
        Ok(if cut_short { Exit::Interrupted } else { exit })
    }

    /// Asks before something is begun that will take long.
    fn ask(&self, plan: &Plan<'_>) -> Result<(), Exit> {
        let cells = plan.count();
        let runs = u128::from(cells.unwrap_or(u64::MAX)) * u128::from(self.runs);
        let told =
            cells.map_or("more cells than can be counted".to_owned(), |cells| text::count(cells, "cell"));
        let small = cells.is_some_and(|cells| cells <= ASKED) && runs <= ASKED_RUNS;
        if !small && !self.yes {
            let runs = u64::try_from(runs).map_or("countless".to_owned(), text::grouped);
            if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
                return Err(wrong(&format!(
                    "{told}, {runs} runs in all: say --yes to begin, or make the grid coarser"
                )));
            }
            let _ = write!(io::stderr(), "{told}, {runs} runs in all. Begin? [y/N] ");
            let mut answer = String::new();
            let read = io::stdin().read_line(&mut answer);
            if read.is_err() || !["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) {
                return Err(wrong("not begun"));
            }
        }
        if cells.is_some_and(|cells| cells <= MOST) {
            return Ok(());
        }
        let most = text::grouped(MOST);
        Err(wrong(&format!("{told}: no more than {most} can be kept; make the grid coarser")))
    }

    /// Judges all cells that are not done.
    fn judge(
        &self,
        plan: &Plan<'_>,
        journal: &mut Journal,
        here: &Here,
        output: &Output,
    ) -> Result<(), String> {
        let head = journal.head().clone();
        let left = head.len() - journal.done();
        if left == 0 {
            return Ok(());
        }
        let now = plan.now().map_err(|failed| failed.to_string())?;
        if here.interrupted() {
            return Ok(());
        }
        match journal.now() {
            None => journal.set_now(now.cell.clone())?,
            Some(known) if *known != now.cell => {
                return Err("the scenario as it is came out in another way than before".to_owned());
            }
            Some(_) => {}
        }
        let progress = Progress::cells(left, output);
        let failed = Mutex::new(None);
        let journal = &*journal;
        let stopped = || here.interrupted() || failed.lock().is_ok_and(|failed| failed.is_some());
        let groups = plan.groups(left, head.shard.map_or(1, |shard| u64::from(shard.parts)));
        let next = AtomicU64::new(0);
        let keep = |judged| match journal.keep(judged) {
            Ok(()) => {
                progress.add(1);
                ControlFlow::Continue(())
            }
            Err(why) => {
                *failed.lock().expect("nobody fails while holding it") = Some(why);
                ControlFlow::Break(())
            }
        };
        rayon::broadcast(|_| {
            while !stopped() {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= groups.count() {
                    break;
                }
                let cells = groups.cells(number).filter(|cell| head.has(*cell) && !journal.has(*cell));
                for group in cells.collect::<Vec<_>>().chunks(groups.size) {
                    if stopped() || plan.cells(&now, group, &mut |judged| keep(judged)).is_break() {
                        break;
                    }
                }
            }
        });
        progress.end();
        failed.into_inner().expect("nobody failed while holding it").map_or(Ok(()), Err)
    }
}

impl Merge {
    pub(super) fn run(self, output: &Output) -> Exit {
        let merged = self.rendering.refuse_clashes();
        let merged = merged.and_then(|()| Journal::merged(&self.parts).map_err(|why| wrong(&why)));
        let shown = merged.and_then(|journal| {
            if let Some(path) = &self.out {
                journal.finish(path).map_err(|why| wrong(&why))?;
            }
            let summary = summary(&journal).map_err(|why| wrong(&why))?;
            self.rendering.show(&summary, &journal, output)?;
            Ok(exit_of(&summary))
        });
        shown.unwrap_or_else(|exit| exit)
    }
}

impl Rendering {
    fn show(&self, summary: &Summary, journal: &Journal, output: &Output) -> Result<(), Exit> {
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
            Shape::As(Format::Human) => print(&page, output),
            Shape::As(Format::Jsonl) => lines(journal),
            Shape::As(Format::Json) => put(Path::new("-"), &document(summary, journal)?),
            Shape::Csv => put(Path::new("-"), &csv(journal)?),
        }
    }

    /// Refuses two things for one place, of which one may be what is printed.
    fn refuse_clashes(&self) -> Result<(), Exit> {
        writing::refuse_clashes(&self.reports, self.format != Shape::As(Format::Human))
    }
}

fn lines(journal: &Journal) -> Result<(), Exit> {
    let mut out = io::stdout().lock();
    journal.write(&mut out).map_err(|why| wrong(&why))
}

/// The sweep as one document: all that its lines say, and what they come to.
fn document(summary: &Summary, journal: &Journal) -> Result<String, Exit> {
    let cells = (0..summary.head.cells).filter(|&cell| summary.head.has(cell));
    let cells: Result<Vec<_>, String> = cells.map(|cell| journal.cell(cell)).collect();
    Ok(programs::json(&summary.document(&cells.map_err(|why| wrong(&why))?)))
}

fn print(page: &Page, output: &Output) -> Result<(), Exit> {
    if output.print(&terminal::render(page, &output.style)) { Ok(()) } else { Err(Exit::Wrong) }
}

fn text_of(journal: &Journal) -> Result<String, Exit> {
    let mut out = Vec::new();
    journal.write(&mut out).map_err(|why| wrong(&why))?;
    String::from_utf8(out).map_err(|error| wrong(&error.to_string()))
}

fn csv(journal: &Journal) -> Result<String, Exit> {
    let head = journal.head();
    let numbers = (0..head.cells).filter(|&cell| head.has(cell));
    let first = numbers
        .clone()
        .map(|cell| journal.cell(cell))
        .find(|cell| cell.as_ref().is_ok_and(|cell| cell.failed.is_none()));
    let like = match (first, journal.now()) {
        (Some(cell), _) => cell.map_err(|why| wrong(&why))?,
        (None, now) => now.cloned().unwrap_or_default(),
    };
    let mut rows = Rows::new(head, &like);
    for cell in numbers {
        rows.add(head, &like, &journal.cell(cell).map_err(|why| wrong(&why))?);
    }
    Ok(rows.finish())
}

/// What the cells come to, heard one by one.
fn summary(journal: &Journal) -> Result<Summary, String> {
    let head = journal.head().clone();
    let cells = (0..head.cells).filter(|&cell| head.has(cell));
    let mut summary = Summary::new(head.clone(), journal.now().cloned());
    for cell in cells {
        summary.add(journal.cell(cell)?);
    }
    summary.end();
    Ok(summary)
}

/// Adds exact edges, and what shows that the cheapest safe cell is one.
fn explain(plan: &Plan<'_>, journal: &Journal, summary: &mut Summary) -> Result<(), String> {
    summary.edges = edges(plan, summary);
    if let Some(best) = summary.cheapest.as_ref().map(|best| best.cell) {
        let mut reads = BTreeMap::new();
        for cell in plan.neighbours(best) {
            let known = journal.cell(cell)?;
            let verdicts =
                known.checks.iter().map(|check| (check.invariant.clone(), check.verdict)).collect();
            if known.failed.is_none() {
                reads.insert(cell, (known.reads_per_run, verdicts));
            }
        }
        summary.certificate = certify(plan, summary, &reads);
    }
    Ok(())
}

fn exit_of(summary: &Summary) -> Exit {
    let [safe, broken, _, _] = summary.counts;
    let judged = summary.counts.iter().sum::<u64>() - summary.counts[Safety::Failed as usize];
    match (safe, broken) {
        (1.., _) => Exit::AsExpected,
        (0, broken) if broken == judged && broken > 0 => Exit::NotAsExpected,
        _ => Exit::Inconclusive,
    }
}

fn pool(jobs: Option<u16>) -> Result<rayon::ThreadPool, Exit> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.map_or(0, usize::from)).build();
    pool.map_err(|error| wrong(&format!("cannot start threads: {error}")))
}

/// The dimensions, each named once.
fn axes(scenario: &Scenario, variant: &str, vary: &[String]) -> Result<Vec<Axis>, String> {
    let mut axes: Vec<Axis> = Vec::new();
    // Parameters are those of the first variant that is varied: others may have more.
    let of_variant = vary.iter().find_map(|text| text.trim().strip_prefix(VARIANT)?.trim().strip_prefix('='));
    let first = of_variant.and_then(|values| values.split(',').next()).map_or(variant, str::trim);
    for text in vary {
        let is_variant = text.split_once('=').is_some_and(|(name, _)| name.trim() == VARIANT);
        let axis = Axis::parse(scenario, if is_variant { variant } else { first }, text)?;
        if axes.iter().any(|known| known.name == axis.name) {
            return Err(format!("--vary {text}: `{}` is varied twice", axis.name));
        }
        axes.push(axis);
    }
    Ok(axes)
}

/// The invariants that must be kept; all that are checked if none is named.
fn keep(scenario: &Scenario, named: &[String]) -> Result<Vec<String>, String> {
    let checked: Vec<&str> = scenario.cases[0].checks.iter().map(|check| check.rule.name()).collect();
    if named.is_empty() {
        return Ok(checked.into_iter().map(str::to_owned).collect());
    }
    for name in named {
        if !checked.contains(&name.as_str()) {
            let hint = super::select::nearest(name, &checked)
                .map_or(String::new(), |near| format!(", did you mean {near}?"));
            let known = if Rule::NAMES.contains(&name.as_str()) {
                "is not checked in this scenario"
            } else {
                "is no invariant"
            };
            return Err(format!("--keep {name}: `{name}` {known}{hint}\nchecked: {}", checked.join(", ")));
        }
    }
    Ok(named.to_vec())
}
