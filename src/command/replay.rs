//! `punctual replay`: the same run again.
//!
//! A saved trace, a named interleaving, or what breaks an invariant; the last two are found anew.

use std::path::{Path, PathBuf};

use clap::Args;
use punctual::counterexample::{self, Counterexample, of_trace};
use punctual::race;
use punctual::sampling::Prepared;
use punctual::saved::{Saved, Unusable};
use punctual::story::Story;
use punctual_reports::{terminal, text};
use punctual_scenarios::{Case, Scenario};
use punctual_sim::orders::{self, Possible};
use punctual_sim::{sample, shrink};

use super::output::{Output, say};
use super::run::show;
use super::select::{case, one};
use super::{Exit, Format, Sampling};

/// Runs that are made to find what was named.
const SEARCH: u64 = 100_000;
/// Runs that making it smaller may take.
const SHRINK: usize = 400;
/// States that refusing an order may take.
const MOST_STATES: usize = 200_000;

/// Run something again.
#[derive(Args, Debug)]
pub(crate) struct Replay {
    /// A saved trace (a path, the id of one saved here, or - for standard input), or a scenario
    what: PathBuf,
    /// Of a scenario: the name of an interleaving, or of an invariant that some run breaks
    name: Option<String>,
    /// Of a scenario: the variant, or a combination such as `fix-1+fix-3`
    #[arg(long, value_name = "NAME", requires = "name")]
    variant: Option<String>,
    /// Of a saved trace: the scenario file that it must still be a run of
    #[arg(long, value_name = "PATH", conflicts_with = "name")]
    against: Option<PathBuf>,
    #[command(flatten)]
    sampling: Sampling,
    /// What to print; `json` is a trace that can be replayed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Replay {
    pub(super) fn run(self, output: &Output) -> Exit {
        let replayed = match &self.name {
            Some(name) => self.named(name, output),
            None => self.saved(output),
        };
        replayed.unwrap_or_else(|exit| exit)
    }

    fn saved(&self, output: &Output) -> Result<Exit, Exit> {
        let path = self.path();
        let refuse = |error: Unusable| {
            say(&format!("error: {}", error.0));
            Exit::Wrong
        };
        let saved = Saved::read(&path).map_err(refuse)?;
        let (scenario, case) = match &self.against {
            None => saved.case().map_err(refuse)?,
            Some(path) => {
                let scenario = one(path, output)?.scenario;
                let case = saved.case_of(&scenario).map_err(refuse)?;
                (scenario, case)
            }
        };
        let prepared = Prepared::new(&case);
        let trace = saved.replay(&prepared.world).map_err(refuse)?;
        let found = of_trace(&prepared, trace).map_err(bug)?;
        let place = saved.invariant.as_deref().and_then(|name| counterexample::place_of(&prepared, name));
        self.show(
            &scenario,
            &case,
            &prepared,
            &found,
            place.map(|(place, _)| place),
            &format!("trace {}", saved.id),
            output,
        )
    }

    /// The file that is meant: as it is, or by its id.
    fn path(&self) -> PathBuf {
        let id = format!("{}.json", self.what.display());
        let saved_here = Path::new(".punctual/failures").join(id);
        if !self.what.exists() && saved_here.exists() { saved_here } else { self.what.clone() }
    }

    fn named(&self, name: &str, output: &Output) -> Result<Exit, Exit> {
        let scenario = one(&self.what, output)?.scenario;
        let case = case(&scenario, self.variant.as_deref(), output)?;
        let prepared = Prepared::new(&case);
        if let Some((place, rule)) = counterexample::place_of(&prepared, name) {
            let mut first = None;
            for from in (0..SEARCH).step_by(1_000) {
                first = prepared.sample(self.sampling.seed, from..from + 1_000).broken[place].first;
                if first.is_some() {
                    break;
                }
            }
            let Some(run) = first else {
                say(&format!(
                    "none of {} breaks {}: rate below {} at 95 %",
                    text::count(SEARCH, "run"),
                    rule.name(),
                    text::chance(3.0 / SEARCH as f64)
                ));
                return Ok(Exit::Inconclusive);
            };
            let found = counterexample::find(&prepared, place, self.sampling.seed, run).map_err(bug)?;
            let title = format!("made from run {run} of seed {:#x}", self.sampling.seed);
            return self.show(&scenario, &case, &prepared, &found, Some(place), &title, output);
        }
        // An interleaving may be claimed of a variant; it is then found in that variant.
        let claims = |case: &Case| case.interleavings.iter().position(|order| order.name == name);
        if let Some(place) = claims(&case) {
            return self.order(&scenario, &case, place, output);
        }
        if let (None, Some(other)) =
            (&self.variant, scenario.cases.iter().find(|case| claims(case).is_some()))
        {
            return self.order(&scenario, other, claims(other).unwrap_or(0), output);
        }
        let hint = if scenario.knows(name) {
            format!("; it is a variant: replay {} NAME --variant {name}", self.what.display())
        } else {
            String::new()
        };
        say(&format!(
            "error: {} has no interleaving or checked invariant {name}{hint}\n{}",
            scenario.name,
            known(&scenario)
        ));
        Err(Exit::Wrong)
    }

    fn order(&self, scenario: &Scenario, case: &Case, place: usize, output: &Output) -> Result<Exit, Exit> {
        let prepared = Prepared::new(case);
        let order = &prepared.orders[place];
        let name = &case.interleavings[place].name;
        let mut first = None;
        for from in (0..SEARCH).step_by(1_000) {
            first = prepared.sample(self.sampling.seed, from..from + 1_000).orders[place].found.first;
            if first.is_some() {
                break;
            }
        }
        let Some(run) = first else {
            return Ok(match orders::search(prepared.world.backend(), order.matcher(), MOST_STATES) {
                Possible::Never { reached, states } => {
                    let steps = &case.interleavings[place].order;
                    let step = steps.get(reached).map_or("its first step", |step| &step.name);
                    let text = format!(
                        "{name}: impossible: no order of events reaches {step} there, whatever the delays ({})\n",
                        text::count(states as u64, "state")
                    );
                    if output.print(&text) { Exit::AsExpected } else { Exit::Wrong }
                }
                Possible::InSomeOrder | Possible::Unknown { .. } => {
                    say(&format!(
                        "{name}: not found in {}, and not refused without delays",
                        text::count(SEARCH, "run")
                    ));
                    Exit::Inconclusive
                }
            });
        };
        let found = sample::trace(&prepared.world, self.sampling.seed, run);
        let trace = shrink(&prepared.world, found, || order.matcher(), SHRINK);
        let found = of_trace(&prepared, trace).map_err(bug)?;
        let title = format!("{name}, made from run {run} of seed {:#x}", self.sampling.seed);
        let broken = found.breaches.iter().position(Option::is_some);
        self.show(scenario, case, &prepared, &found, broken, &title, output)
    }

    #[expect(clippy::too_many_arguments, reason = "each is a part of what is shown")]
    fn show(
        &self,
        scenario: &Scenario,
        case: &Case,
        prepared: &Prepared<'_>,
        found: &Counterexample,
        place: Option<usize>,
        title: &str,
        output: &Output,
    ) -> Result<Exit, Exit> {
        let exit = show(scenario, case, prepared, found, title, self.format, output)?;
        let pictured = place.and_then(|place| Some((prepared.plan.rules()[place], found.breach(place)?)));
        if let (Format::Human, Some((rule, breach))) = (self.format, pictured) {
            let story = Story::of(&case.system, &found.trace);
            let picture = race::race(&story, rule, breach);
            let text = format!(
                "\n{}\n\n{}\n{}",
                story.reason(rule, breach),
                terminal::picture(&picture, &output.style),
                terminal::key([&picture], &output.style)
            );
            return if output.print(&text) { Ok(exit) } else { Err(Exit::Wrong) };
        }
        Ok(exit)
    }
}

fn known(scenario: &Scenario) -> String {
    let mut names: Vec<&str> =
        scenario.cases.iter().flat_map(|case| &case.interleavings).map(|o| o.name.as_str()).collect();
    names.extend(scenario.cases[0].checks.iter().map(|check| check.rule.name()));
    format!("it has: {}", names.join(", "))
}

fn bug(disagreement: counterexample::Disagreement) -> Exit {
    say(&format!("error: {disagreement}"));
    Exit::Bug
}
