//! `punctual fit`: the delays of a scenario, as logs have measured them.

use std::path::PathBuf;

use clap::Args;
use punctual::logs::fit::{FEW, Fitted, fit};
use punctual::logs::log::Finding;
use punctual::logs::{Judged, judge};
use punctual::sampling::Prepared;
use punctual_reports::text;
use punctual_scenarios::Scenario;
use punctual_sim::Span;

use super::output::{Output, say};
use super::place::file;
use super::select::one;
use super::writing::put;
use super::{Exit, conform, stdin};

/// Write measured delays into a scenario.
#[derive(Args, Debug)]
#[command(
    after_help = "Logs are those that `punctual conform` takes. The scenario is printed with the delays that they\n\
    show: of 20 measurements and more as empirical laws; fewer only move an end that they lie beyond, and never\n\
    narrow what the file allows. All else stays as it is. Says from how many measurements each delay is."
)]
pub(crate) struct Fit {
    /// Name of an embedded scenario, path of a scenario file, or - for standard input
    scenario: PathBuf,
    /// Logs; - for standard input
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// Where the scenario is written; standard output if nothing is said
    #[arg(long, value_name = "PATH", value_parser = file)]
    out: Option<PathBuf>,
    /// How much wider than measured the ends are, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    margin: u32,
}

/// How often a delay was measured, and by whom.
fn times(one: &Fitted) -> String {
    let clocks = if one.across { ", by two clocks" } else { "" };
    format!("{}{clocks}", text::count(one.count as u64, "measurement"))
}

impl Fit {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        stdin::refuse_twice([&self.scenario].into_iter().chain(&self.logs))?;
        let scenario = one(&self.scenario, output)?.scenario;
        let case = &scenario.cases[0];
        let prepared = Prepared::new(case);
        let mut judged: Vec<Judged> = Vec::new();
        for path in &self.logs {
            judged.extend(conform::read(path, case)?.iter().map(|log| judge(&prepared, log, Span::ZERO)));
        }
        let fitted = fit(&scenario, &judged, self.margin);
        if fitted.fitted.is_empty() && fitted.kept.is_empty() {
            say(&format!("error: the logs measure no delay of {}", scenario.name));
            return Err(Exit::Nothing);
        }
        for one in &fitted.fitted {
            let few =
                if one.count < FEW { format!("; fewer than {FEW} only widen it") } else { String::new() };
            say(&format!("    {} = {:?}, was {:?} ({}{few})", one.path, one.after, one.before, times(one)));
        }
        for one in &fitted.kept {
            let within = if one.count < FEW {
                format!(", within it: fewer than {FEW} only widen it")
            } else {
                String::new()
            };
            say(&format!("    {} stays {:?} ({}{within})", one.path, one.before, times(one)));
        }
        for (path, why) in &fitted.left {
            say(&format!("    {path} is left as it is: {why}"));
        }
        if !fitted.unseen.is_empty() {
            say(&format!("    no log shows {}", fitted.unseen.join(", ")));
        }
        for run in &judged {
            for Finding { line, what } in &run.findings {
                say(&format!("    line {line} of {}: {what}", run.run));
            }
        }
        // What is written must be what the tools that follow can read.
        if let Err(problems) = Scenario::parse(scenario.label(), &fitted.text) {
            output.refuse(&problems);
            return Err(Exit::Bug);
        }
        match &self.out {
            None => output.printed(&fitted.text, Exit::AsExpected),
            Some(path) => put(path, &fitted.text).map(|()| Exit::AsExpected),
        }
    }
}
