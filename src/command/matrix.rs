//! `punctual matrix`: every fix and every combination of fixes against every invariant.

use std::path::PathBuf;

use clap::Args;
use punctual::judge::judge;
use punctual::present::{self, Explained};
use punctual_reports::matrix::Matrix as Document;
use punctual_reports::page::Page;
use punctual_scenarios::Scenario;

use super::Exit;
use super::check::{Thoroughness, refuse};
use super::here::Here;
use super::output::{Output, say, wrong};
use super::progress::Progress;
use super::select::{did_you_mean, one};
use super::writing::Showing;

/// Most fixes that are combined: each doubles the number of rows.
const MOST: usize = 8;

/// Hold every fix and every combination of fixes against every invariant.
#[derive(Args, Debug)]
#[command(
    after_help = "The rows are the scenario as it is, every combination of the fixes, and whatever else its file lists.\n\
    Exits 0 if some row passes every check, 1 if none does."
)]
pub(crate) struct Matrix {
    /// Name of an embedded scenario, path of a scenario file, or - for standard input
    scenario: PathBuf,
    /// The variants that are fixes; those that the file lists as `fixes`, or all, if none is named
    fixes: Vec<String>,
    #[command(flatten)]
    thoroughness: Thoroughness,
    #[command(flatten)]
    showing: Showing,
}

impl Matrix {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        self.showing.refuse_clashes()?;
        let selected = one(&self.scenario, output)?;
        let scenario = &selected.scenario;
        let fixes = self.fixes_of(scenario)?;
        let here = Here::new();
        let effort = self.thoroughness.effort(&here);
        let (cases, impossible) = punctual::combinations::of(scenario, &fixes);
        let progress = Progress::of(cases.len() as u64 * effort.runs, output);
        let judged =
            self.thoroughness.threads.pool()?.install(|| judge(&cases, effort, &|runs| progress.add(runs)));
        progress.end();
        let judged = judged.map_err(|error| refuse(scenario, &error))?;
        if here.done() {
            say("    Interrupted: a matrix of which rows are missing says nothing");
            return Ok(Exit::Interrupted);
        }
        let saved = present::SavedAt::new();
        let explained = Explained::First;
        let manner = present::Manner { embedded: selected.embedded, effort, saved: &saved, explained };
        let runs = judged.iter().map(|case| case.runs_made).sum();
        let rows = present::verdicts(scenario, &judged, manner);
        let matrix = Document::new(present::made_with(&effort, runs), fixes, impossible, rows);
        let again = format!("punctual matrix {}", present::quoted(&self.scenario.display().to_string()));
        let page = Page { commands: vec![again], ..matrix.page() };
        self.showing.show(&page, (&matrix, "rows"), output)?;
        Ok(if matrix.passing.is_empty() { Exit::NotAsExpected } else { Exit::AsExpected })
    }

    /// The fixes that are meant, in the order of the file.
    fn fixes_of(&self, scenario: &Scenario) -> Result<Vec<String>, Exit> {
        let variants: Vec<&str> = punctual::combinations::variants(scenario);
        if variants.is_empty() {
            say(&format!("error: {} has no variants: nothing to combine", scenario.label()));
            return Err(Exit::Nothing);
        }
        for name in &self.fixes {
            if !variants.contains(&name.as_str()) {
                return Err(wrong(format!(
                    "{} has no variant {name}{}\nvariants: {}",
                    scenario.label(),
                    did_you_mean(name, &variants),
                    variants.join(", ")
                )));
            }
        }
        let wanted = if self.fixes.is_empty() { &scenario.fixes } else { &self.fixes };
        let meant = |name: &&str| wanted.is_empty() || wanted.iter().any(|fix| fix == name);
        let fixes: Vec<String> = variants.into_iter().filter(meant).map(str::to_owned).collect();
        if fixes.len() > MOST {
            return Err(wrong(format!(
                "{} fixes have {} combinations; name at most {MOST} of them: {}",
                fixes.len(),
                1_u128
                    .checked_shl(fixes.len() as u32)
                    .map_or("too many".to_owned(), |count| count.to_string()),
                fixes.join(", ")
            )));
        }
        Ok(fixes)
    }
}
