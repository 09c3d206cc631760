//! `punctual replay`: the same run again.
//!
//! A saved trace, a named interleaving, or what breaks an invariant; the last two are found anew.

mod invariant;
mod order;

use std::path::PathBuf;

use clap::Args;
use punctual::budget::Host;
use punctual::counterexample::{self, Counterexample, of_trace};
use punctual::sampling::{Prepared, Tally};
use punctual::saved::{Saved, Unusable, found};
use punctual::story::Story;
use punctual::why::Why;
use punctual::{present, race};
use punctual_model::{OrderId, RuleId};
use punctual_reports::picture::Race;
use punctual_scenarios::{Case, Scenario};

use super::exploring::Exploring;
use super::here::Here;
use super::output::{Output, bug, wrong};
use super::run::{Shown, Tracing};
use super::select::{case, is_embedded, one};
use super::{Exit, Format, Sampling, stdin};

/// Runs that are made before it is looked at what is known of them.
const BATCH: u64 = 1_000;

/// Run something again.
#[derive(Args, Debug)]
#[command(
    after_help = "Exits 0 if what was asked for is shown, or an interleaving is refused for every order of\n\
    events, whatever the scenario expects (that is said in words, and judged by check);\n\
    3 if it was neither found nor refused, 130 if Ctrl-C came before that was clear."
)]
pub(crate) struct Replay {
    /// A saved trace (a path or the id of one saved here), or a scenario; - for standard input, which is a scenario
    /// where NAME or --variant is given
    what: PathBuf,
    /// Of a scenario: the name of an interleaving, or of an invariant that some run breaks
    name: Option<String>,
    /// Of a scenario: the variant, or a combination such as `fix-1+fix-3`
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Of a saved trace: the scenario file that it must still be a run of
    #[arg(long, value_name = "PATH", conflicts_with = "name")]
    against: Option<PathBuf>,
    #[command(flatten)]
    sampling: Sampling,
    /// Of a scenario: runs in which it is looked for
    #[arg(long, default_value_t = present::SEARCHED, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    runs: u64,
    #[command(flatten)]
    exploring: Exploring,
    /// What to print; `json` is a trace that can be replayed
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    tracing: Tracing,
}

impl Replay {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        stdin::refuse_twice([&self.what].into_iter().chain(&self.against))?;
        match &self.name {
            Some(name) => self.named(name, output),
            None if self.is_scenario() => self.nameless(output),
            None => self.saved(output),
        }
    }

    /// Whether a scenario is meant and no saved trace.
    fn is_scenario(&self) -> bool {
        let by_name = self.what.extension().is_some_and(|extension| extension == "toml");
        self.variant.is_some() || is_embedded(&self.what) || by_name || self.what.is_dir()
    }

    /// Refuses a scenario without the name of anything in it: says what there is.
    fn nameless(&self, output: &Output) -> Result<Exit, Exit> {
        let scenario = one(&self.what, output)?.scenario;
        let case = case(&scenario, self.variant.as_deref(), output)?;
        let what = present::quoted(&self.what.display().to_string());
        Err(wrong(format!(
            "of a scenario, replay needs the name of an interleaving or of an invariant: punctual replay {what} NAME\n{}",
            known(&scenario, &case)
        )))
    }

    fn saved(&self, output: &Output) -> Result<Exit, Exit> {
        let path = found(&self.what);
        let saved = Saved::read(&path).map_err(|error| wrong(error.0))?;
        let refuse = |error: Unusable| wrong(format!("{}: {}", path.display(), error.0));
        let (scenario, case) = match &self.against {
            None => saved.case().map_err(refuse)?,
            Some(path) => {
                let scenario = one(path, output)?.scenario;
                let case = saved.case_of(&scenario).map_err(refuse)?;
                (scenario, case)
            }
        };
        let prepared = Prepared::new(&case);
        let trace = saved.replay(prepared.world_of(saved.until())).map_err(refuse)?;
        let found = of_trace(&prepared, trace, saved.until()).map_err(bug)?;
        let refuse = |why: String| wrong(format!("{}: {why}", path.display()));
        let broken = match &saved.invariant {
            None => None,
            Some(name) => {
                let place = counterexample::place_of(&prepared, name).map(|(place, _)| place);
                let place = place.ok_or_else(|| {
                    refuse(format!("saved for {name}, which {} does not check", scenario.name))
                })?;
                if found.breach(place).is_none() {
                    return Err(refuse(format!("saved for {name}, which its run does not break")));
                }
                Some(place)
            }
        };
        let title = format!("trace {}", saved.id);
        let shown = Shown { scenario: &scenario, prepared: &prepared, found: &found, title: &title };
        self.show(shown, broken, output)
    }

    /// What a scenario calls so: an invariant, an interleaving.
    fn named(&self, name: &str, output: &Output) -> Result<Exit, Exit> {
        let scenario = one(&self.what, output)?.scenario;
        let case = case(&scenario, self.variant.as_deref(), output)?;
        let prepared = Prepared::new(&case);
        let here = Here::new();
        let of = |prepared| Named { replay: self, scenario: &scenario, prepared, here: &here, output };
        if let Some((place, rule)) = counterexample::place_of(&prepared, name) {
            return of(&prepared).invariant(place, rule);
        }
        if let Some(place) = claims(&case, name) {
            return of(&prepared).order(place);
        }
        // An interleaving may be claimed of a variant; it is then found in that variant.
        let elsewhere = scenario.cases.iter().find_map(|case| Some((case, claims(case, name)?)));
        match elsewhere {
            Some((other, place)) if self.variant.is_none() => of(&Prepared::new(other)).order(place),
            elsewhere => Err(self.unknown(name, (&scenario, &case), elsewhere.map(|(other, _)| other))),
        }
    }

    /// Refuses a name that nothing of a case has; `elsewhere` is a case that has an interleaving of that name.
    fn unknown(&self, name: &str, (scenario, case): (&Scenario, &Case), elsewhere: Option<&Case>) -> Exit {
        let hint = if scenario.knows(name) {
            format!("; it is a variant: replay {} NAME --variant {name}", self.what.display())
        } else if let Some(other) = elsewhere {
            format!("; the interleaving is one {}", of_variant(other))
        } else {
            String::new()
        };
        wrong(format!(
            "{} has {} no interleaving and checks no invariant {name}{hint}\n{}",
            scenario.name,
            of_variant(case),
            known(scenario, case)
        ))
    }

    /// Shows a run, and how it breaks the invariant at a place, if one is given.
    fn show(&self, shown: Shown<'_>, broken: Option<RuleId>, output: &Output) -> Result<Exit, Exit> {
        let exit = shown.print((self.format, &self.tracing), output)?;
        let Shown { prepared, found, .. } = shown;
        let pictured = broken.and_then(|place| Some((prepared.plan.rule(place), found.breach(place)?)));
        if let (Format::Human, Some((rule, breach))) = (self.format, pictured) {
            let story = Story::of(&prepared.case.system, &found.trace);
            let why = Why::of(&story, rule, breach);
            output.print(&drawn(&present::said(&story, &why, found), &race::of_why(&story, &why), output))?;
        }
        Ok(exit)
    }
}

/// A case of which something is replayed by its name.
struct Named<'a> {
    replay: &'a Replay,
    scenario: &'a Scenario,
    prepared: &'a Prepared<'a>,
    here: &'a Here,
    output: &'a Output,
}

/// Where exploring stopped, in words.
struct Limit(String);

impl Named<'_> {
    /// A run of the case, to be shown.
    fn shown<'s>(&'s self, found: &'s Counterexample, title: &'s str) -> Shown<'s> {
        Shown { scenario: self.scenario, prepared: self.prepared, found, title }
    }

    /// Samples runs, a batch after the other, until `enough` of them are seen, which hears how many there were in
    /// all and what is known of the last batch, or until Ctrl-C comes. Says how many were made.
    fn sample(&self, mut enough: impl FnMut(u64, &Tally) -> bool) -> u64 {
        let (all, seed) = (self.replay.runs, self.replay.sampling.seed);
        let (mut from, mut made) = (0, 0);
        while from < all && !self.here.interrupted() {
            let to = (from + BATCH).min(all);
            let tally = self.prepared.sample_for(self.here, seed, from..to);
            made += tally.runs;
            if enough(to, &tally) {
                break;
            }
            from = to;
        }
        made
    }

    /// How it ends where something was not found.
    fn undecided(&self) -> Exit {
        if self.here.done() { Exit::Interrupted } else { Exit::Inconclusive }
    }
}

/// The place of an interleaving among those of a case.
fn claims(case: &Case, name: &str) -> Option<OrderId> {
    case.orders().find(|place| case.interleaving(*place).name == name)
}

/// A sentence and a picture.
fn drawn(said: &str, picture: &Race, output: &Output) -> String {
    format!("\n{said}\n\n{}", output.picture(picture))
}

/// `with fix-1`, or `as it is written`.
fn of_variant(case: &Case) -> String {
    case.variant.as_deref().map_or("as it is written".into(), |variant| format!("with {variant}"))
}

/// What of `case` can be replayed, and the interleavings of other variants, which are found by name.
fn known(scenario: &Scenario, case: &Case) -> String {
    let names =
        |case: &Case| -> Vec<String> { case.interleavings.iter().map(|order| order.name.clone()).collect() };
    let mut orders = names(case);
    for other in &scenario.cases {
        let more: Vec<String> = names(other).into_iter().filter(|name| !orders.contains(name)).collect();
        orders.extend(more);
    }
    let checks: Vec<&str> = case.checks.iter().map(|check| check.rule.name()).collect();
    let listed = |names: String| if names.is_empty() { "none".into() } else { names };
    format!("interleavings: {}\ninvariants: {}", listed(orders.join(", ")), listed(checks.join(", ")))
}
