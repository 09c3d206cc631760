//! `punctual replay`: the same run again.
//!
//! A saved trace, a named interleaving, or what breaks an invariant; the last two are found anew.

use std::path::PathBuf;

use clap::Args;
use punctual::budget::Cause;
use punctual::budget::Host;
use punctual::counterexample::{self, Counterexample, of_trace};
use punctual::order::{self, OrderProved};
use punctual::proof::{self, Proved};
use punctual::sampling::{Prepared, Until};
use punctual::saved::{Saved, Unusable, found};
use punctual::story::Story;
use punctual::why::Why;
use punctual::{present, race};
use punctual_reports::picture::Race;
use punctual_reports::{terminal, text};
use punctual_scenarios::{Case, Outcome, Scenario};
use punctual_sim::{sample, shrink};

use super::exploring::Exploring;
use super::here::Here;
use super::output::{Output, say};
use super::run::{Tracing, show};
use super::select::{case, is_embedded, one};
use super::{Exit, Format, Sampling, stdin};

/// Runs in which one that speaks against the file is looked for, once one was found that does not.
const AGAINST: u64 = 5_000;
/// Runs that making it smaller may take.
const SHRINK: usize = 400;

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
    pub(super) fn run(self, output: &Output) -> Exit {
        if let Err(exit) = stdin::refuse_twice([&self.what].into_iter().chain(&self.against)) {
            return exit;
        }
        let replayed = match &self.name {
            Some(name) => self.named(name, output),
            None if self.is_scenario() => self.nameless(output),
            None => self.saved(output),
        };
        replayed.unwrap_or_else(|exit| exit)
    }

    /// Whether a scenario is meant and no saved trace.
    fn is_scenario(&self) -> bool {
        let by_name = self.what.extension().is_some_and(|extension| extension == "toml");
        self.variant.is_some() || is_embedded(&self.what) || by_name || self.what.is_dir()
    }

    /// A scenario without the name of anything in it: says what there is.
    fn nameless(&self, output: &Output) -> Result<Exit, Exit> {
        let scenario = one(&self.what, output)?.scenario;
        let case = case(&scenario, self.variant.as_deref(), output)?;
        let what = present::quoted(&self.what.display().to_string());
        say(&format!(
            "error: of a scenario, replay needs the name of an interleaving or of an invariant: punctual replay {what} NAME\n{}",
            known(&scenario, &case)
        ));
        Err(Exit::Wrong)
    }

    fn saved(&self, output: &Output) -> Result<Exit, Exit> {
        let path = found(&self.what);
        let refuse = |error: Unusable| {
            say(&format!("error: {}", error.0));
            Exit::Wrong
        };
        let saved = Saved::read(&path).map_err(refuse)?;
        let refuse = |error: Unusable| refuse(Unusable(format!("{}: {}", path.display(), error.0)));
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
        let place = match &saved.invariant {
            None => None,
            Some(name) => {
                let place = counterexample::place_of(&prepared, name).map(|(place, _)| place);
                let place = place.ok_or_else(|| {
                    refuse(Unusable(format!("saved for {name}, which {} does not check", scenario.name)))
                })?;
                if found.breach(place).is_none() {
                    return Err(refuse(Unusable(format!("saved for {name}, which its run does not break"))));
                }
                Some(place)
            }
        };
        self.show(&scenario, &case, &prepared, &found, place, &format!("trace {}", saved.id), output)
    }

    fn named(&self, name: &str, output: &Output) -> Result<Exit, Exit> {
        let scenario = one(&self.what, output)?.scenario;
        let case = case(&scenario, self.variant.as_deref(), output)?;
        let prepared = Prepared::new(&case);
        let here = Here::new();
        if let Some((place, rule)) = counterexample::place_of(&prepared, name) {
            let budget = self.exploring.budget(&here);
            let explored = match proof::counterexample(&prepared, place, budget).map_err(bug)? {
                Ok(found) => {
                    here.done();
                    let title = "found among all timings";
                    return self.show(&scenario, &case, &prepared, &found, Some(place), title, output);
                }
                Err(Proved::Holds { .. } | Proved::Broken { .. }) => {
                    here.done();
                    say(&format!("{}: no timing breaks it", rule.name()));
                    return Ok(Exit::Inconclusive);
                }
                // A run that is drawn might not come to its end.
                Err(Proved::Unknown { limit, cause: Cause::Zeno }) => {
                    here.done();
                    say(&format!("{}: no timing breaks it, but there is {limit}", rule.name()));
                    return Ok(Exit::Inconclusive);
                }
                Err(Proved::Unknown { limit, .. }) => format!("stopped: {limit}"),
            };
            let (mut first, mut made) = (None, 0);
            for from in (0..self.runs).step_by(1_000) {
                if first.is_some() || here.interrupted() {
                    break;
                }
                let runs = from..(from + 1_000).min(self.runs);
                let sampled = prepared.sample_for(&here, self.sampling.seed, runs);
                (first, made) = (sampled.broken[place].first, made + sampled.runs);
            }
            let Some(run) = first else {
                let runs = text::count(made, "run");
                let rate = match made {
                    0 => String::new(),
                    runs => {
                        format!(": rate below {} at 95 %", text::chance(punctual_sim::rate::never_seen(runs)))
                    }
                };
                say(&format!("none of {runs} breaks {}, and exploring {explored}{rate}", rule.name()));
                return Ok(undecided(&here));
            };
            if counterexample::only_cut(&prepared, place, (self.sampling.seed, run)) {
                say(&format!(
                    "run {run} breaks {} only since it is over, and exploring {explored}",
                    rule.name()
                ));
                return Ok(undecided(&here));
            }
            here.done();
            let found = counterexample::find(&prepared, place, self.sampling.seed, run).map_err(bug)?;
            let title = format!("made from run {run} of seed {:#x}", self.sampling.seed);
            return self.show(&scenario, &case, &prepared, &found, Some(place), &title, output);
        }
        // An interleaving may be claimed of a variant; it is then found in that variant.
        let claims = |case: &Case| case.interleavings.iter().position(|order| order.name == name);
        if let Some(place) = claims(&case) {
            return self.order(&scenario, &case, place, &here, output);
        }
        if let (None, Some(other)) =
            (&self.variant, scenario.cases.iter().find(|case| claims(case).is_some()))
        {
            return self.order(&scenario, other, claims(other).unwrap_or(0), &here, output);
        }
        let elsewhere = scenario.cases.iter().find(|case| claims(case).is_some());
        let hint = if scenario.knows(name) {
            format!("; it is a variant: replay {} NAME --variant {name}", self.what.display())
        } else if let Some(other) = elsewhere {
            format!("; the interleaving is one {}", of_variant(other))
        } else {
            String::new()
        };
        say(&format!(
            "error: {} has {} no interleaving and checks no invariant {name}{hint}\n{}",
            scenario.name,
            of_variant(&case),
            known(&scenario, &case)
        ));
        Err(Exit::Wrong)
    }

    fn order(
        &self,
        scenario: &Scenario,
        case: &Case,
        place: usize,
        here: &Here,
        output: &Output,
    ) -> Result<Exit, Exit> {
        let prepared = Prepared::new(case);
        let named = &prepared.orders[place];
        let name = &case.interleavings[place].name;
        let limit = match self.explored(scenario, case, &prepared, place, here, output)? {
            Explored::Shown(exit) => return Ok(exit),
            Explored::Stopped(limit) => Some(limit),
            Explored::LookFurther => None,
        };
        let (mut first, mut against, mut made) = (None, None, 0);
        for from in (0..self.runs).step_by(1_000) {
            if against.is_some() || first.is_some() && from >= AGAINST || here.interrupted() {
                break;
            }
            let runs = from..(from + 1_000).min(self.runs);
            let sampled = prepared.sample_for(here, self.sampling.seed, runs);
            made += sampled.runs;
            first = first.or(sampled.orders[place].found.first);
            against = sampled.orders[place].against;
        }
        let Some(run) = first else {
            let limit = limit.map(|limit| format!(", and exploring stopped: {limit}")).unwrap_or_default();
            say(&format!("{name}: not found in {}{limit}", text::count(made, "run")));
            return Ok(undecided(here));
        };
        here.done();
        let seed = self.sampling.seed;
        let (found, run) = match against {
            Some(run) => (counterexample::against(&prepared, place, seed, run).map_err(bug)?, run),
            None => {
                let found = sample::trace(&prepared.world, seed, run);
                let trace = shrink(&prepared.world, found, || named.matcher(), SHRINK);
                (of_trace(&prepared, trace, Until::End).map_err(bug)?, run)
            }
        };
        let title = format!("{name}, made from run {run} of seed {seed:#x}");
        if against.is_some() {
            return self.against(scenario, case, &prepared, (place, &found), &title, output);
        }
        let broken = found.breaches.iter().position(Option::is_some);
        self.show(scenario, case, &prepared, &found, broken, &title, output)
    }

    /// What every timing says of a named order.
    fn explored(
        &self,
        scenario: &Scenario,
        case: &Case,
        prepared: &Prepared<'_>,
        place: usize,
        here: &Here,
        output: &Output,
    ) -> Result<Explored, Exit> {
        let interleaving = &case.interleavings[place];
        let name = &interleaving.name;
        let proved = order::order(prepared, place, self.exploring.budget(here)).map_err(bug)?;
        match proved {
            OrderProved::Possible(found) => {
                let seed = self.sampling.seed;
                let sampled = prepared.sample(seed, 0..AGAINST.min(self.runs));
                let as_said = prepared.as_said(place, &found.breaches);
                if as_said && sampled.orders[place].against.is_some() {
                    return Ok(Explored::LookFurther);
                }
                here.done();
                let title = format!("{name}, found among all timings");
                if !as_said {
                    return self
                        .against(scenario, case, prepared, (place, &found), &title, output)
                        .map(Explored::Shown);
                }
                let broken = found.breaches.iter().position(Option::is_some);
                self.show(scenario, case, prepared, &found, broken, &title, output).map(Explored::Shown)
            }
            OrderProved::Impossible(impossible) => {
                let step = interleaving.order.get(impossible.reached);
                let step = step.map_or("its first step", |step| &step.name);
                let why = impossible.reason(step).map(|why| format!(": {why}")).unwrap_or_default();
                let claimed = if interleaving.outcome == Outcome::Impossible {
                    ""
                } else {
                    "; the scenario claims that it is possible"
                };
                let states = text::count(impossible.states, "state");
                let said = format!("{name}: impossible, refused at {step} ({states}){why}{claimed}");
                let style = &output.style;
                let said = text::wrap(&said, style.columns(), style.ascii).join("\n") + "\n";
                if output.print(&said) { Ok(Explored::Shown(Exit::AsExpected)) } else { Err(Exit::Wrong) }
            }
            OrderProved::Unknown(limit) => Ok(Explored::Stopped(limit)),
        }
    }

    /// A run that contains a named order and does not come out as the file says.
    fn against(
        &self,
        scenario: &Scenario,
        case: &Case,
        prepared: &Prepared<'_>,
        (place, found): (usize, &Counterexample),
        title: &str,
        output: &Output,
    ) -> Result<Exit, Exit> {
        let exit = show(scenario, case, prepared, found, title, (self.format, &self.tracing), output)?;
        if self.format == Format::Human {
            let story = Story::of(&case.system, &found.trace);
            let picture = race::of_order(&story, prepared, place, found);
            let said = present::not_as_claimed(case, place, prepared, found);
            return if output.print(&drawn(&said, &picture, output)) { Ok(exit) } else { Err(Exit::Wrong) };
        }
        Ok(exit)
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
        let exit = show(scenario, case, prepared, found, title, (self.format, &self.tracing), output)?;
        let pictured = place.and_then(|place| Some((prepared.plan.rules()[place], found.breach(place)?)));
        if let (Format::Human, Some((rule, breach))) = (self.format, pictured) {
            let story = Story::of(&case.system, &found.trace);
            let why = Why::of(&story, rule, breach);
            let text = drawn(&present::said(&story, &why, found), &race::of_why(&story, &why), output);
            return if output.print(&text) { Ok(exit) } else { Err(Exit::Wrong) };
        }
        Ok(exit)
    }
}

/// What became of exploring a named order.
enum Explored {
    /// It is decided and shown.
    Shown(Exit),
    /// It stopped at a limit.
    Stopped(String),
    /// What it found comes out as the file says, and some runs do not.
    LookFurther,
}

/// How it ends where something was not found.
fn undecided(here: &Here) -> Exit {
    if here.done() { Exit::Interrupted } else { Exit::Inconclusive }
}

/// A sentence and a picture, with what its glyphs mean.
fn drawn(said: &str, picture: &Race, output: &Output) -> String {
    let style = &output.style;
    format!("\n{said}\n\n{}\n{}", terminal::picture(picture, style), terminal::key([picture], style))
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

fn bug(disagreement: counterexample::Disagreement) -> Exit {
    say(&format!("error: {disagreement}"));
    Exit::Bug
}
