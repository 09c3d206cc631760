//! `punctual check`: judges scenarios, and exits 0 if every verdict is the expected one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use punctual::counterexample::{Counterexample, Disagreement};
use punctual::judge::{Effort, JudgeError, Judged, judge};
use punctual::present::{self, Explained};
use punctual::saved::Saved;
use punctual_model::OrderId;
use punctual_reports::document::Document;
use punctual_reports::{annotations::Spot, diff::Changes, human};
use punctual_scenarios::{Outcome, Place, STDIN, Scenario};
use rayon::prelude::*;

use super::exploring::Exploring;
use super::here::Here;
use super::output::{Output, say};
use super::place::folder;
use super::progress::Progress;
use super::report;
use super::select::{Meant, Selected, Selection};
use super::threads::Threads;
use super::watch::Watch;
use super::writing::{Annotating, Writing};
use super::{Exit, Format, Sampling, stdin};

/// Check scenarios.
#[derive(Args, Debug)]
#[command(
    after_help = "Exits 0 if every verdict is the expected one, 1 if one is not, 2 if the command line or a file is \
    wrong, 3 if exploring stopped at a limit before something that is expected was clear, 4 if nothing \
    was selected.\n\
    A file in ./scenarios is passed over only if it is TOML of another tool, such as a Cargo.toml: none \
    of its keys is one of a scenario. One that is broken is an error.\n\
    With --watch, Ctrl-C while it waits ends it with 0, whatever was found; in the midst of a check it \
    prints what is known and ends with 130. What is wrong with a file that was changed is told, and \
    watching goes on. It waits for another text in one of the files, also by rename, and for files that \
    come or go."
)]
pub(crate) struct Check {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    thoroughness: Thoroughness,
    /// Check again whenever one of the files changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Exit 0 even if a verdict is not as expected or inconclusive
    #[arg(long)]
    no_fail: bool,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// A result that was saved: the report says what changed since
    #[arg(long, value_name = "RESULTS.json")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
    #[command(flatten)]
    annotating: Annotating,
}

/// How thoroughly to check.
#[derive(Args, Debug)]
pub(crate) struct Thoroughness {
    #[command(flatten)]
    pub(crate) sampling: Sampling,
    /// Runs of each case
    #[arg(long, env = "PUNCTUAL_RUNS", default_value_t = punctual::Scenario::RUNS, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) runs: u64,
    #[command(flatten)]
    exploring: Exploring,
    #[command(flatten)]
    pub(crate) threads: Threads,
    /// Where counterexamples of unexpected verdicts are saved
    #[arg(long, value_name = "FOLDER", default_value = ".punctual/failures", value_parser = folder)]
    failures: PathBuf,
}

/// What checking came to.
pub(crate) struct CheckedAll {
    /// All that was found out.
    pub(crate) document: Document,
    /// How it ended.
    pub(crate) exit: Exit,
    /// Where what is not as expected is written: for annotations.
    pub(crate) spots: Vec<Spot>,
}

impl Check {
    pub(super) fn run(&self, output: &Output) -> Exit {
        let (Ok(exit) | Err(exit)) = self.checked(output);
        match exit {
            Exit::NotAsExpected | Exit::Inconclusive if self.no_fail => Exit::AsExpected,
            exit => exit,
        }
    }

    fn checked(&self, output: &Output) -> Result<Exit, Exit> {
        self.writing.refuse_clashes(self.format)?;
        let which = &self.selection.which;
        stdin::refuse_twice(which.scenarios.iter().chain(&self.baseline))?;
        let baseline = self.baseline.as_deref().map(report::read).transpose()?;
        let meant = which.meant()?;
        if self.watch {
            let watch = Watch::of(meant, output)?;
            let here = Here::new();
            let once = || {
                let selected = self.selected(meant, output);
                let judged = selected.and_then(|selected| {
                    meant.tell("Checking", &selected, output);
                    self.judged(&selected, baseline.as_ref(), &here, output)
                });
                judged.unwrap_or_else(|exit| exit)
            };
            return watch.again(&here, output, once);
        }
        let selected = self.selected(meant, output)?;
        // From here on Ctrl-C is heard, and who reads the next line may press it.
        let here = Here::new();
        meant.tell("Checking", &selected, output);
        self.judged(&selected, baseline.as_ref(), &here, output)
    }

    fn selected(&self, meant: Meant<'_>, output: &Output) -> Result<Vec<Selected>, Exit> {
        let mut selected = meant.scenarios(output)?;
        self.selection.keep_variants(&mut selected, output)?;
        Ok(selected)
    }

    fn judged(
        &self,
        selected: &[Selected],
        baseline: Option<&Document>,
        here: &Here,
        output: &Output,
    ) -> Result<Exit, Exit> {
        let all = self.format != Format::Human
            || output.style.verbose > 0
            || self.writing.writes()
            || self.annotating.summarises();
        let explained = if all { Explained::All } else { Explained::First };
        let CheckedAll { mut document, exit, spots } =
            self.thoroughness.check(selected, explained, here, output)?;
        if let Some(base) = baseline {
            document.changes = Some(Changes::between(base, &document));
        }
        let files = self.writing.write(&document)?;
        self.annotating.tell(&document, &spots);
        if self.writing.prints() {
            return Ok(exit);
        }
        let text = self.format.of(&document, "scenarios").unwrap_or_else(|| {
            let extent = human::Extent { files: &files, only_unexpected: output.quiet };
            human::render(&document, &output.style, extent)
        });
        output.printed(&text, exit)
    }
}

impl Thoroughness {
    /// Judges what was selected.
    pub(crate) fn check(
        &self,
        selected: &[Selected],
        explained: Explained,
        here: &Here,
        output: &Output,
    ) -> Result<CheckedAll, Exit> {
        let cases: u64 = selected.iter().map(|one| one.scenario.cases.len() as u64).sum();
        let effort = self.effort(here);
        let progress = Progress::of(cases * self.runs, output);
        let judged = self.threads.pool()?.install(|| {
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
        let documented = |(one, judged): &(&Selected, Vec<Judged<'_>>)| {
            let saved = save(&one.scenario, judged, &self.failures);
            let manner = present::Manner { embedded: one.embedded, effort, saved: &saved, explained };
            present::document(&one.scenario, judged, manner)
        };
        // Explaining takes runs of its own: spread over the cores as judging is.
        let scenarios: Vec<_> = self.threads.pool()?.install(|| all.par_iter().map(documented).collect());
        let runs = all.iter().flat_map(|(_, judged)| judged).map(|case| case.runs_made).sum();
        let document = Document {
            interrupted,
            made_with: present::made_with(&effort, runs),
            ..Document::new(scenarios.into_iter().flatten().collect())
        };
        let in_files = all.iter().filter(|(one, _)| !one.embedded && one.scenario.label() != STDIN);
        let spots = in_files.flat_map(|(one, judged)| spots(one, judged));
        Ok(CheckedAll { document, exit: exit(&all).max(cut), spots: spots.collect() })
    }

    /// With what runs are made.
    pub(crate) fn effort<'h>(&self, here: &'h Here) -> Effort<'h> {
        Effort { seed: self.sampling.seed, runs: self.runs, budget: self.exploring.budget(here) }
    }
}

/// Where in a file what is not as expected is claimed.
fn spots(one: &Selected, judged: &[Judged<'_>]) -> Vec<Spot> {
    let file = one.scenario.label();
    let mut spots = Vec::new();
    for case in judged {
        let of = case.prepared.case;
        let mut spot = |place: Place, what: String| {
            spots.push(Spot {
                file: file.to_owned(),
                line: place.line,
                column: place.column,
                variant: of.variant.clone(),
                what,
            });
        };
        for check in of.rules().filter(|&place| !case.as_expected(place)).map(|place| of.check(place)) {
            spot(check.place, check.rule.name().to_owned());
        }
        for order in of.orders().filter(|&place| !case.order_as_expected(place)) {
            let order = of.interleaving(order);
            spot(order.place, order.name.clone());
        }
        for idle in case.never_taken.iter().filter(|idle| !idle.as_expected) {
            spot(idle.place, idle.part.name(&of.system));
        }
        if let Some(states) = of.states.filter(|_| !case.states_as_expected()) {
            spot(states.place, "states".to_owned());
        }
    }
    spots
}

/// Saves the counterexamples of what is not as expected; says where, by id.
fn save(scenario: &Scenario, judged: &[Judged<'_>], folder: &Path) -> BTreeMap<String, String> {
    let mut saved = BTreeMap::new();
    for case in judged {
        let rules = case.prepared.plan.rules();
        let of = case.prepared.case;
        let checks = of.rules().filter(|&place| !case.as_expected(place));
        let broken =
            checks.filter_map(|place| Some((case.counterexample(place)?, Some(of.check(place).rule.name()))));
        let kept = |place: OrderId, found: &Counterexample| match &of.interleaving(place).outcome {
            Outcome::Impossible => None,
            Outcome::Possible { keeps, .. } => {
                let mut rules = rules.iter().zip(&found.breaches);
                let broken = rules.find(|(rule, breach)| breach.is_some() && keeps.contains(rule));
                broken.map(|(rule, _)| rule.name())
            }
        };
        let against = of.orders().zip(&case.against);
        let against =
            against.filter_map(|(place, found)| found.as_ref().map(|found| (found, kept(place, found))));
        for (found, rule) in broken.chain(against) {
            // A run that had to be stopped is too long for a file; its replay line finds it anew.
            if saved.contains_key(&found.id) || found.stopped() {
                continue;
            }
            let file = Saved::new(scenario, case.prepared.case, (&found.trace, found.until), &found.id, rule);
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

pub(crate) fn refuse(scenario: &Scenario, error: &JudgeError) -> Exit {
    let code = match error {
        JudgeError::Nothing { .. } => format!("[{}]", punctual::explain::NOTHING),
        JudgeError::Disagreement(_) | JudgeError::Stuck { .. } | JudgeError::ZenoCycle { .. } => {
            String::new()
        }
    };
    say(&format!("error{code}: {}: {error}", scenario.label()));
    match error {
        JudgeError::Disagreement(Disagreement::TwoResults(_)) => Exit::NotDeterministic,
        JudgeError::Disagreement(Disagreement::Refused(_)) => Exit::Bug,
        JudgeError::Stuck { .. } | JudgeError::ZenoCycle { .. } | JudgeError::Nothing { .. } => Exit::Wrong,
    }
}
