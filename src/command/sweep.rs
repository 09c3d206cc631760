//! `punctual sweep`: one scenario for many values of its parameters.

mod grid;
mod journal;
mod judging;
mod rendering;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use punctual::budget::Host;
use punctual::sweep::Plan;
use punctual_reports::sweep::{Safety, Shard, Summary};
use punctual_reports::text;
use punctual_scenarios::BASE;
use punctual_sim::Sums;

use super::exploring::Exploring;
use super::here::Here;
use super::output::{Output, say, wrong};
use super::place::file;
use super::policy::Pasted;
use super::select::{case, one};
use super::threads::Threads;
use super::{Exit, One, Sampling};
use grid::{shard, share};
use journal::Journal;
use judging::{explain, judge, summary};
use rendering::Rendering;

/// More cells than this are asked about before they are begun, and so are more runs in all.
const ASKED: u64 = 20_000;
const ASKED_RUNS: u128 = 5_000_000_000;
/// More cells than this are not begun.
const MOST: u64 = 100_000_000;

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
    #[command(flatten)]
    threads: Threads,
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

impl Sweep {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        self.rendering.refuse_clashes()?;
        let selected = one(&self.one.scenario, output)?;
        let scenario = &selected.scenario;
        let variant = self.one.variant.as_deref().unwrap_or(BASE);
        case(scenario, self.one.variant.as_deref(), output)?;
        let mut axes = grid::axes(scenario, variant, &self.vary).map_err(wrong)?;
        axes.extend(self.pasted.axes());
        let here = Here::new();
        let budget = self.exploring.budget(&here);
        let sums = Sums::default();
        let plan = Plan {
            scenario,
            variant,
            axes,
            pasted: self.pasted.read(scenario, variant, output)?,
            keep: grid::keep(scenario, &self.keep).map_err(wrong)?,
            seed: self.sampling.seed,
            runs: self.runs,
            until_width: self.until_width,
            explore: (!self.no_proof).then_some(budget),
            budget,
            sums: &sums,
        };
        self.ask(&plan)?;
        let mut journal = self.begun(&plan, output)?;
        let pool = self.threads.pool()?;
        if let Err(why) = pool.install(|| judge(&plan, &mut journal, &here, output)) {
            return Err(wrong(format!("{why}{}", kept(&journal))));
        }
        if here.interrupted() {
            say(&format!("    Interrupted{}", so_far(&journal)));
            return Ok(Exit::Interrupted);
        }
        if let Some(path) = &self.out {
            journal.finish(path).map_err(wrong)?;
        }
        let mut summary = summary(&journal).map_err(wrong)?;
        if self.shard.is_none() {
            pool.install(|| explain(&plan, &journal, &mut summary)).map_err(wrong)?;
        }
        let cut_short = here.done();
        if cut_short {
            say("    Interrupted: exact edges and the certificate may be missing");
        }
        self.rendering.show(&summary, &journal, output)?;
        Ok(if cut_short { Exit::Interrupted } else { exit_of(&summary) })
    }

    /// Asks before something is begun that will take long.
    fn ask(&self, plan: &Plan<'_>) -> Result<(), Exit> {
        let cells = plan.count();
        let runs = u128::from(cells.unwrap_or(u64::MAX)) * u128::from(self.runs);
        let size =
            cells.map_or("more cells than can be counted".to_owned(), |cells| text::count(cells, "cell"));
        let small = cells.is_some_and(|cells| cells <= ASKED) && runs <= ASKED_RUNS;
        if !small && !self.yes {
            let runs = u64::try_from(runs).map_or("countless".to_owned(), text::grouped);
            if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
                return Err(wrong(format!(
                    "{size}, {runs} runs in all: say --yes to begin, or make the grid coarser"
                )));
            }
            let _ = write!(io::stderr(), "{size}, {runs} runs in all. Begin? [y/N] ");
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
        Err(wrong(format!("{size}: no more than {most} can be kept; make the grid coarser")))
    }

    /// What the cells are kept in; what no cell can say is told before any is begun.
    fn begun(&self, plan: &Plan<'_>, output: &Output) -> Result<Journal, Exit> {
        let last = plan.count().unwrap_or(1) - 1;
        for cell in [0, last] {
            plan.case(cell).map_err(|problems| output.refuse(&problems))?;
        }
        let head = plan.head(self.shard);
        match &self.out {
            None => Ok(Journal::in_memory(head)),
            Some(path) => Journal::in_file(path, head, self.resume).map_err(wrong),
        }
    }
}

/// Where the cells that are done are kept, for whoever cannot go on; nothing if they are lost.
fn kept(journal: &Journal) -> String {
    journal.path().map_or(String::new(), |path| {
        let done = text::count(journal.done(), "cell");
        format!("\n{done} are kept in {}; go on with --resume", path.display())
    })
}

/// How many cells are done of a sweep that is interrupted, and where they are kept.
fn so_far(journal: &Journal) -> String {
    let cells = text::count(journal.head().len(), "cell");
    let done = format!("{} of {cells}", text::grouped(journal.done()));
    match journal.path() {
        Some(path) => format!(": {done} are kept in {}; go on with --resume", path.display()),
        None => format!(" after {done}; with --out PATH they would have been kept"),
    }
}

impl Merge {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        self.rendering.refuse_clashes()?;
        let journal = Journal::merged(&self.parts).map_err(wrong)?;
        if let Some(path) = &self.out {
            journal.finish(path).map_err(wrong)?;
        }
        let summary = summary(&journal).map_err(wrong)?;
        self.rendering.show(&summary, &journal, output)?;
        Ok(exit_of(&summary))
    }
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
