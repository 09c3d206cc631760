//! The command line: what can be asked, and one module for each verb.
//!
//! A verb returns how it ended; only `main` turns that into an exit code. Data goes to standard
//! output, everything said on the way there to standard error.

mod check;
mod compare;
mod completions;
mod conform;
mod delay;
mod diff;
mod explain;
mod exploring;
mod fit;
mod here;
mod init;
mod list;
mod man;
mod matrix;
mod output;
mod place;
mod policy;
mod progress;
mod replay;
mod report;
mod run;
mod schema;
mod select;
mod show;
#[cfg(feature = "hosts")]
mod simulate;
mod stdin;
mod sweep;
mod threads;
mod threshold;
mod watch;
mod writing;

use std::env;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use clap::builder::{OsStr, Resettable};
use clap::{Arg, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use output::Output;
pub(crate) use output::say;
use punctual_reports::programs;
use serde::Serialize;

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All is as expected.
    AsExpected,
    /// A verdict is not as expected.
    NotAsExpected,
    /// The command line or a scenario is wrong.
    Wrong,
    /// Undecided: too few runs, or a limit.
    Inconclusive,
    /// Nothing was selected.
    Nothing,
    /// Ctrl-C came before it was done.
    Interrupted,
    /// One run came out in two ways.
    NotDeterministic,
    /// A bug in this program.
    Bug,
}

impl Exit {
    /// The exit code, as docs/commands.md lists them.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::AsExpected => 0,
            Self::NotAsExpected => 1,
            Self::Wrong => 2,
            Self::Inconclusive => 3,
            Self::Nothing => 4,
            Self::NotDeterministic => 5,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

/// Finds out, before users do, whether a job's events reach the browser that waits for them, and
/// in time.
#[derive(Parser, Debug)]
#[command(name = "punctual", version, propagate_version = true)]
#[command(after_help = "Exit codes: 0 as expected, 1 a verdict is not as expected, 2 usage or scenario,\n\
    3 inconclusive, 4 nothing selected, 5 non-determinism found, 70 a bug in punctual,\n\
    130 interrupted by Ctrl-C.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    look: Look,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Check scenarios: those named, else those of the current folder, else the embedded ones
    Check(check::Check),
    /// Make one seeded run and print everything that happens
    Run(run::Run),
    /// Run a saved trace again, or a named interleaving, or what breaks an invariant
    Replay(replay::Replay),
    /// Run scenarios with real bytes: axum, an EventSource and SQLite on a simulated network
    #[cfg(feature = "hosts")]
    Simulate(simulate::Simulate),
    /// Say how far apart facts can be, over every timing
    Delay(delay::Delay),
    /// Say for which values of a parameter an invariant holds, exactly
    Threshold(threshold::Threshold),
    /// Hold a log of what really happened against a scenario
    Conform(conform::Conform),
    /// Write the delays that logs have measured into a scenario
    Fit(fit::Fit),
    /// Judge a scenario for many values of its parameters: what is safe, and what it costs
    Sweep(sweep::Sweep),
    /// Put the parts of a sweep together
    Merge(sweep::Merge),
    /// Show what a policy's Python function says, or compare it with a real Python
    Policy(policy::Policy),
    /// Hold every fix and every combination of fixes against every invariant
    Matrix(matrix::Matrix),
    /// Show scenarios side by side
    Compare(compare::Compare),
    /// Say what changed since a result was saved
    Diff(diff::Diff),
    /// Render a saved result again
    Report(report::Report),
    /// List scenarios and their cases, or those that have something
    List(list::List),
    /// Print the text of a scenario
    Show(show::Show),
    /// Write a first scenario, or an embedded one, and what an editor needs for it
    Init(init::Init),
    /// Print a JSON Schema: of scenario files, of the document of a check, or of logs
    Schema(schema::Schema),
    /// Explain an error code or an invariant, or list them
    Explain(explain::Explain),
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Write the manual pages
    Man(man::Man),
}

/// How things are shown.
#[derive(Args, Debug)]
pub(crate) struct Look {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    color: When,
    /// When to show progress
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    progress: When,
    /// Print ASCII only (by itself where the terminal or locale cannot do more)
    #[arg(long, global = true)]
    ascii: bool,
    /// Show all pictures and every detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Print only what is not as expected, and nothing on the way
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Where there is a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// For people
    Human,
    /// For programs: one document
    Json,
    /// For programs: one object a line, the head of the document first
    Jsonl,
}

impl Format {
    /// A document, if it is for programs; `list` is what it is a list of.
    fn of(self, document: &impl Serialize, list: &str) -> Option<String> {
        match self {
            Self::Human => None,
            Self::Json => Some(programs::json(document)),
            Self::Jsonl => Some(programs::lines(document, list)),
        }
    }
}

/// How many runs, and which.
#[derive(Args, Debug)]
pub(crate) struct Sampling {
    /// What decides every draw: a number, 0x… or `random`
    #[arg(long, env = "PUNCTUAL_SEED", default_value = "0x5eed", value_parser = seed)]
    seed: u64,
}

/// The scenario and variant that one run is of.
#[derive(Args, Debug)]
pub(crate) struct One {
    /// Name of an embedded scenario, path of a scenario file, or - for standard input
    scenario: PathBuf,
    /// The variant, or a combination such as `fix-1+fix-3`
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
}

/// What an argument must be, and is not. Which argument, and what it is, says whoever reads the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected(&'static str);

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.0)
    }
}

impl Error for Expected {}

#[expect(clippy::disallowed_types, reason = "`random` is asked for by name, and what it chose is printed")]
fn seed(text: &str) -> Result<u64, Expected> {
    if text == "random" {
        let state = std::hash::BuildHasher::build_hasher(&<std::hash::RandomState as Default>::default());
        return Ok(std::hash::Hasher::finish(&state) >> 32);
    }
    let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |hex| (hex, 16));
    u64::from_str_radix(&digits.replace('_', ""), radix)
        .map_err(|_| Expected("a whole number below 2^64, 0x… or `random`"))
}

impl Cli {
    /// Reads the command line; a variable of the environment that is empty is as good as unset.
    pub(crate) fn read() -> Self {
        let unset = |arg: Arg| {
            let empty = arg.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
            if empty { arg.env(Resettable::<OsStr>::Reset) } else { arg }
        };
        let command = Self::command().mut_subcommands(|verb| verb.mut_args(unset));
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }

    /// Does what was asked.
    pub(crate) fn run(self) -> Exit {
        let output = Output::new(&self.look);
        let (Ok(exit) | Err(exit)) = match self.verb {
            Verb::Check(check) => Ok(check.run(&output)),
            Verb::Run(run) => run.run(&output),
            Verb::Replay(replay) => replay.run(&output),
            #[cfg(feature = "hosts")]
            Verb::Simulate(simulate) => simulate.run(&output),
            Verb::Delay(delay) => delay.run(&output),
            Verb::Threshold(threshold) => threshold.run(&output),
            Verb::Conform(conform) => conform.run(&output),
            Verb::Fit(fit) => fit.run(&output),
            Verb::Sweep(sweep) => sweep.run(&output),
            Verb::Merge(merge) => merge.run(&output),
            Verb::Policy(policy) => policy.run(&output),
            Verb::Matrix(matrix) => matrix.run(&output),
            Verb::Compare(compare) => compare.run(&output),
            Verb::Diff(diff) => diff.run(&output),
            Verb::Report(report) => report.run(&output),
            Verb::List(list) => list.run(&output),
            Verb::Show(show) => show.run(&output),
            Verb::Init(init) => init.run(&output),
            Verb::Schema(schema) => schema.run(&output),
            Verb::Explain(explain) => explain.run(&output),
            Verb::Completions(completions) => completions.run(&output),
            Verb::Man(man) => man.run(&output),
        };
        exit
    }
}
