//! `punctual check`: judges scenarios, and exits 0 if every verdict is the expected one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use punctual::counterexample::{Counterexample, Disagreement};
use punctual::judge::{Effort, JudgeError, Judged, judge};
use punctual::present;
use punctual::saved::Saved;
use punctual_reports::{document, human};
use punctual_scenarios::{Outcome, Scenario};
use rayon::prelude::*;

use super::exploring::Exploring;
use super::here::Here;
use super::output::{Output, say};
use super::progress::Progress;
use super::select::{Selected, Selection};
use super::{Exit, Format, Sampling};

/// Check scenarios.
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    sampling: Sampling,
    /// Runs of each case
    #[arg(long, env = "PUNCTUAL_RUNS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    runs: u64,
    #[command(flatten)]
    exploring: Exploring,
    /// Threads; all cores if not given
    #[arg(long, env = "PUNCTUAL_JOBS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Exit 0 even if a verdict is not as expected or inconclusive
    #[arg(long)]
    no_fail: bool,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Where counterexamples of unexpected verdicts are saved
    #[arg(long, value_name = "FOLDER", default_value = ".punctual/failures")]
    failures: PathBuf,
}

impl Check {
    pub(super) fn run(self, output: &Output) -> Exit {
        match self.checked(output) {
            Ok(exit) | Err(exit) => match exit {
                Exit::NotAsExpected | Exit::Inconclusive if self.no_fail => Exit::AsExpected,
                exit => exit,
            },
        }
    }

    fn checked(&self, output: &Output) -> Result<Exit, Exit> {
        let selected = self.selection.selected(output)?;
        let here = Here::new();
        if self.selection.scenarios.is_empty() && self.format == Format::Human && output.progress {
            say("    Checking the embedded scenarios, since none was named");
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.jobs.map_or(0, usize::from));
        let pool = pool.build().map_err(|error| {
            say(&format!("error: cannot start threads: {error}"));
            Exit::Wrong
        })?;
        let cases: u64 = selected.iter().map(|one| one.scenario.cases.len() as u64).sum();
        let budget = self.exploring.budget(&here);
        let effort = Effort { seed: self.sampling.seed, runs: self.runs, budget };
        let progress = Progress::of(cases * self.runs, output);
        let judged = pool.install(|| {
            let judge_one =
                selected.par_iter().map(|one| judge(&one.scenario.cases, effort, &|runs| progress.add(runs)));
            judge_one.collect::<Vec<_>>()
        });
        progress.end();
        let interrupted = here.done();
        if interrupted && output.progress {
            say("    Interrupted: here is what is known so far; another Ctrl-C ends this at once");
        }
        let mut all = Vec::new();
        let mut refused = None;
        for (one, judged) in selected.iter().zip(judged) {
            match judged {
                Ok(judged) => all.push((one, judged)),
                Err(error) => refused = refused.max(Some(refuse(&one.scenario, &error))),
            }
        }
        let cut = if interrupted { Exit::Interrupted } else { Exit::AsExpected };
        if let Some(exit) = refused {
            return Err(exit.max(cut));
        }
        self.show(&all, effort, interrupted, output)?;
        Ok(exit(&all).max(cut))
    }

    fn show(
        &self,
        all: &[(&Selected, Vec<Judged<'_>>)],
        effort: Effort<'_>,
        interrupted: bool,
        output: &Output,
    ) -> Result<(), Exit> {
        let saved: Vec<_> =
            all.iter().map(|(one, judged)| save(&one.scenario, judged, &self.failures)).collect();
        if self.format == Format::Json {
            let scenarios =
                all.iter().flat_map(|(one, judged)| present::document(&one.scenario, judged)).collect();
            let document = document::Document { interrupted, ..document::Document::new(scenarios) };
            let text = document::to_json(&document);
            return if output.print(&text) { Ok(()) } else { Err(Exit::Wrong) };
        }
        let scenarios = all
            .iter()
            .zip(&saved)
            .filter(|((_, judged), _)| {
                !output.quiet || judged.iter().any(|case| case.wrong() || case.inconclusive())
            })
            .map(|((one, judged), saved)| {
                let every_picture = output.style.verbose > 0;
                let manner = present::Manner { embedded: one.embedded, effort, saved, every_picture };
                present::report(&one.scenario, judged, manner)
            })
            .collect();
        let runs = all.iter().flat_map(|(_, judged)| judged).map(|case| case.runs_made).sum();
        let report = human::Report {
            scenarios,
            runs_each: effort.runs,
            runs,
            seed: format!("{:#x}", effort.seed),
            took: None,
            interrupted,
            files: Vec::new(),
        };
        if output.quiet && report.scenarios.is_empty() {
            return Ok(());
        }
        if output.print(&human::render(&report, &output.style)) { Ok(()) } else { Err(Exit::Wrong) }
    }
}

/// Saves the counterexamples of what is not as expected; says where, by id.
fn save(scenario: &Scenario, judged: &[Judged<'_>], folder: &Path) -> BTreeMap<String, String> {
    let mut saved = BTreeMap::new();
    for case in judged {
        let rules = case.prepared.plan.rules();
        let checks = (0..case.verdicts.len()).filter(|&place| !case.as_expected(place));
        let broken =
            checks.filter_map(|place| Some((case.counterexample(place)?, Some(rules[place].name()))));
        let kept =
            |place: usize, found: &Counterexample| match &case.prepared.case.interleavings[place].outcome {
                Outcome::Impossible => None,
                Outcome::Possible { keeps, .. } => {
                    let mut rules = rules.iter().zip(&found.breaches);
                    let broken = rules.find(|(rule, breach)| breach.is_some() && keeps.contains(rule));
                    broken.map(|(rule, _)| rule.name())
                }
            };
        let against = case.against.iter().enumerate();
        let against =
            against.filter_map(|(place, found)| found.as_ref().map(|found| (found, kept(place, found))));
        for (found, rule) in broken.chain(against) {
            // A run that had to be stopped is too long for a file; its replay line finds it anew.
            if saved.contains_key(&found.id) || found.stopped() {
                continue;
            }
            let file = Saved::new(scenario, case.prepared.case, &found.trace, &found.id, rule);
            match file.write(folder) {
                Ok(path) => drop(saved.insert(found.id.clone(), path.display().to_string())),
                Err(error) => {
                    say(&format!("warning: cannot save a counterexample in {}: {error}", folder.display()));
                    return saved;
                }
            }
        }
    }
    saved
}

fn exit(all: &[(&Selected, Vec<Judged<'_>>)]) -> Exit {
    let cases = || all.iter().flat_map(|(_, judged)| judged);
    if cases().any(Judged::wrong) {
        Exit::NotAsExpected
    } else if cases().any(Judged::inconclusive) {
        Exit::Inconclusive
    } else {
        Exit::AsExpected
    }
}

fn refuse(scenario: &Scenario, error: &JudgeError) -> Exit {
    let code = match error {
        JudgeError::Nothing { .. } => format!("[{}]", punctual::explain::NOTHING),
        JudgeError::Disagreement(_) | JudgeError::Stuck { .. } | JudgeError::StandsStill { .. } => {
            String::new()
        }
    };
    say(&format!("error{code}: {}: {error}", scenario.label()));
    match error {
        JudgeError::Disagreement(Disagreement::TwoResults(_)) => Exit::NotDeterministic,
        JudgeError::Disagreement(Disagreement::Refused(_)) => Exit::Bug,
        JudgeError::Stuck { .. } | JudgeError::StandsStill { .. } | JudgeError::Nothing { .. } => Exit::Wrong,
    }
}
