//! `punctual simulate`: scenarios with real bytes on a simulated network.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use clap::Args;
use punctual::sampling::Prepared;
use punctual::saved::{Saved, Unusable};
use punctual::simulated::{self, CannotSimulate, Cases, Ran};
use punctual::story::Story;
use punctual::{counterexample, present, race};
use punctual_model::RuleId;
use punctual_reports::document::{self, Evidence, Verdict};
use punctual_reports::simulated::{Finding, Report, Simulated, document as simulated_document, render};
use punctual_reports::text;
use punctual_scenarios::{Case, Expected, Scenario};
use punctual_sim::{Span, rate};

use super::output::{Output, say, wrong};
use super::progress::Progress;
use super::run::timeline;
use super::select::{Selected, Selection, called};
use super::{Exit, Format, Sampling};

/// Run scenarios with real bytes.
#[derive(Args, Debug)]
#[command(
    after_help = "Each party is on a host of its own: the tasks behind axum, the clients as EventSources over hyper,\n\
    the database as SQLite. Exits 0 if nothing that must hold is broken and the model allows every run,\n\
    1 if not; what is expected to be broken may be too rare to be seen here, and check decides that.\n\
    How long the runs take is known beforehand, since they are sampled first. One of more than 4 000 000 ticks of\n\
    the network (--tick), or one that never ends, is refused before any is made.\n\
    With --follow, exits 0 if the run breaks the same invariant again, 1 if it does not."
)]
pub(crate) struct Simulate {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    sampling: Sampling,
    /// Runs of each case: the first so many of the seed, as they are when they are sampled
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    seeds: u64,
    /// A saved trace (a path, or the id of one saved here) whose run is to be had again
    #[arg(long, value_name = "TRACE", conflicts_with_all = ["scenarios", "library", "variants", "seeds", "seed"])]
    follow: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value = "human", conflicts_with = "follow")]
    format: Format,
    /// How long the network takes from one host to the next, from 100us to 10ms
    #[arg(long, value_parser = tick)]
    tick: Option<Span>,
}

/// What is no tick of the network.
#[derive(Debug)]
enum NoTick {
    /// It is no duration: what scenarios say.
    NoDuration(punctual_scenarios::NoDuration),
    /// It is too short or too long.
    OutOfRange,
}

impl fmt::Display for NoTick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDuration(why) => why.fmt(f),
            Self::OutOfRange => f.write_str(
                "from 100us to 10ms: below that a run takes minutes, and above it nothing is like it is",
            ),
        }
    }
}

impl Error for NoTick {}

fn tick(text: &str) -> Result<Span, NoTick> {
    let span = punctual_scenarios::duration(text).map_err(NoTick::NoDuration)?;
    let (least, most) = punctual::hosts::simulate::TICKS;
    if (least..=most).contains(&span) { Ok(span) } else { Err(NoTick::OutOfRange) }
}

impl Simulate {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        match &self.follow {
            Some(trace) => self.follow(trace, output),
            None => self.simulate(output),
        }
    }

    fn simulate(&self, output: &Output) -> Result<Exit, Exit> {
        let selected = self.selection.selected("Simulating", output)?;
        let progress = Progress::simulated(self.foreseen(&selected)?, output);
        let mut scenarios = Vec::new();
        for one in &selected {
            match self.scenario(one, &progress, output) {
                Ok(simulated) => scenarios.push(simulated),
                Err(error) => {
                    progress.end();
                    return Err(refuse(&one.scenario, None, &error));
                }
            }
        }
        progress.end();
        let as_expected = scenarios.iter().all(Simulated::as_expected);
        if output.quiet && self.format == Format::Human {
            scenarios.retain(|one| !one.as_expected());
        }
        let seed = format!("{:#x}", self.sampling.seed);
        let report = Report { scenarios, runs_each: self.seeds, seed };
        let text = self.format.of(&simulated_document(&report), "scenarios");
        let text = text.unwrap_or_else(|| render(&report, &output.style));
        if !output.quiet || !as_expected || self.format != Format::Human {
            output.print(&text)?;
        }
        Ok(if as_expected { Exit::AsExpected } else { Exit::NotAsExpected })
    }

    /// How long all runs will take together; refuses what would not come to an end, before any run is made.
    fn foreseen(&self, selected: &[Selected]) -> Result<Span, Exit> {
        let mut total = Span::ZERO;
        for one in selected {
            for case in &one.scenario.cases {
                let foreseen =
                    simulated::foreseen(&Prepared::new(case), self.sampling.seed, self.seeds, self.tick);
                total = total + foreseen.map_err(|error| refuse(&one.scenario, Some(case), &error))?;
            }
        }
        Ok(total)
    }

    fn scenario(
        &self,
        one: &Selected,
        progress: &Progress,
        output: &Output,
    ) -> Result<Simulated, CannotSimulate> {
        let (mut cases, mut findings, mut picture) = (Vec::new(), Vec::new(), None);
        let (mut took, mut bytes, mut tick) = (0, 0, 0);
        for case in &one.scenario.cases {
            let prepared = Prepared::new(case);
            let made = simulated::runs(&prepared, self.sampling.seed, self.seeds, self.tick, &|span| {
                progress.add(span.0);
            })?;
            (took, bytes) = (took + made.took.0, bytes + made.bytes);
            tick = tick.max(made.tick.0);
            let judged = of_case(&one.scenario.name, &prepared, &made);
            let wrong = judged.checks.iter().any(|check| !check.as_expected);
            if let Some((run, ran)) = &made.shown
                && (wrong || picture.is_none())
            {
                let mut shown = drawn(&prepared, *run, ran, output);
                if output.style.verbose > 0 {
                    let title = format!("run {run} with real bytes");
                    shown += &format!("\n{}", lines(&one.scenario, &prepared, ran, &title, output));
                }
                picture = Some(shown);
            }
            findings.extend(found(case, &made));
            cases.push(judged);
        }
        let name = one.scenario.name.clone();
        Ok(Simulated { name, cases, took_us: took, bytes, tick_us: tick, findings, picture, cut: cut(one) })
    }

    fn follow(&self, trace: &std::path::Path, output: &Output) -> Result<Exit, Exit> {
        let path = punctual::saved::found(trace);
        let saved = Saved::read(&path).map_err(|error| wrong(error.0))?;
        let refuse_saved = |error: Unusable| wrong(format!("{}: {}", path.display(), error.0));
        let (scenario, case) = saved.case().map_err(refuse_saved)?;
        let prepared = Prepared::new(&case);
        let recorded = saved.replay(&prepared.world).map_err(refuse_saved)?;
        let failed = |error| refuse(&scenario, Some(&case), &CannotSimulate::Run(0, error));
        let followed = match self.tick {
            None => simulated::follow(&prepared, &recorded, &recorded.decisions).map_err(failed)?,
            Some(tick) => {
                let draws = punctual::hosts::Draws::Follow(recorded.decisions.clone());
                let ran = simulated::run(&prepared, &draws, Some(tick)).map_err(failed)?;
                simulated::Followed {
                    ran,
                    separation: punctual::separation::smallest(&case.system, &recorded),
                }
            }
        };
        let breaches = counterexample::breaches(&prepared, &recorded);
        let wanted = saved.invariant.as_deref().and_then(|name| case.rule_named(name));
        let wanted = wanted.or_else(|| case.rules().find(|place| breaches[place.0].is_some()));
        let ran = &followed.ran;
        let tick = text::duration(ran.simulated.tick.0);
        let mut said = lines(&scenario, &prepared, ran, "followed with real bytes", output);
        let reproduced = wanted.is_some_and(|place| ran.breaches[place.0].is_some());
        let name = wanted.map_or("nothing", |place| prepared.plan.rule(place).name());
        said += &format!(
            "\n  {} with real bytes, {tick} from host to host: {name} is {}\n",
            output.style.glyphs().dot,
            if reproduced { "broken again" } else { "not broken" }
        );
        if !reproduced && followed.separation.0 < 8 * ran.simulated.tick.0 {
            said += &format!(
                "    its narrowest gap is {}, which such a network cannot keep apart\n",
                text::duration(followed.separation.0)
            );
        }
        if let Some(place) = wanted.filter(|_| reproduced) {
            said += &format!("\n{}", picture(&prepared, place, ran, output));
        }
        for finding in found(&case, &one_run(&prepared, ran)) {
            said += &format!("    {}\n", finding.what);
        }
        output.print(&said)?;
        Ok(if reproduced { Exit::AsExpected } else { Exit::NotAsExpected })
    }
}

fn one_run(prepared: &Prepared<'_>, ran: &Ran) -> Cases {
    simulated::added_up(prepared, vec![ran.clone()])
}

/// The run, line by line, and what each invariant says.
fn lines(scenario: &Scenario, prepared: &Prepared<'_>, ran: &Ran, title: &str, output: &Output) -> String {
    let story = Story::of(&prepared.case.system, &ran.simulated.trace);
    let title = format!("{}, {title}", called(scenario, prepared.case));
    timeline(&title, prepared, &story, (&ran.breaches, &ran.cut), output)
}

/// What the runs of a scenario do not show, if it gives an end to them.
fn cut(one: &Selected) -> Option<String> {
    let system = &one.scenario.cases.first()?.system;
    let (task, after) = system.ends?;
    let (after, task) = (text::duration(after.0), &system.tasks[usize::from(task.0)].name);
    Some(format!("Runs are over {after} after {task}: what would come later is in none of them."))
}

/// What is said of a broken run, and its picture.
fn drawn(prepared: &Prepared<'_>, run: u64, ran: &Ran, output: &Output) -> String {
    let broken = |place: &RuleId| ran.breaches[place.0].is_some();
    let Some(place) = prepared.plan.places().find(broken) else { return String::new() };
    let rule = prepared.plan.rule(place);
    let variant = prepared.case.variant.as_deref().map_or("as written".into(), |name| format!("with {name}"));
    let story = Story::of(&prepared.case.system, &ran.simulated.trace);
    let why = ran.breaches[place.0].map(|breach| story.reason(rule, breach)).unwrap_or_default();
    let said = format!("{} {} {variant}, run {run}: {why}", output.style.glyphs().cross, rule.name());
    format!("{}\n\n{}", output.wrapped(&said), picture(prepared, place, ran, output))
}

fn picture(prepared: &Prepared<'_>, place: RuleId, ran: &Ran, output: &Output) -> String {
    let Some(breach) = ran.breaches[place.0] else { return String::new() };
    let story = Story::of(&prepared.case.system, &ran.simulated.trace);
    output.picture(&race::race(&story, prepared.plan.rule(place), breach))
}

/// What the runs of a case came to, as a row of the table.
fn of_case(name: &str, prepared: &Prepared<'_>, made: &Cases) -> document::Scenario {
    let check = |place: RuleId| {
        let check = prepared.case.check(place);
        let broken = made.broken[place.0].len() as u64;
        let (low, high) = rate::clopper_pearson(broken, made.runs);
        // What must be broken may be too rare for so few runs.
        let (verdict, as_expected) = match (broken, check.expected) {
            (0, Some(Expected::Violated)) => (Verdict::Unknown, true),
            (0, _) => (Verdict::Holds, true),
            (_, Some(Expected::Holds)) => (Verdict::Violated, false),
            (..) => (Verdict::Violated, true),
        };
        document::Check {
            invariant: check.rule.name().to_owned(),
            of_loss: check.rule.invariant().of_loss,
            verdict,
            expected: check.expected.map(present::expected),
            as_expected,
            evidence: Evidence::Runs,
            sampled: Some(document::Sampled { runs: made.runs, violations: broken, rate: [low, high] }),
            wanted: String::new(),
            observed: None,
            margin: None,
            code: String::new(),
            cut_short: false,
            end_of_runs: None,
            counterexample: None,
        }
    };
    document::Scenario {
        scenario: name.to_owned(),
        variant: prepared.case.variant.clone(),
        about: String::new(),
        fixes: Vec::new(),
        place: None,
        interrupted_after: None,
        digest: prepared.case.digest.clone(),
        states: document::States { found: None, expected: None, as_expected: true, limit: None },
        never_taken: Vec::new(),
        checks: prepared.case.rules().map(check).collect(),
        deliveries: Vec::new(),
        load: None,
        interleavings: Vec::new(),
    }
}

/// What the model does not allow and what went wrong, each sentence once.
fn found(case: &Case, made: &Cases) -> Vec<Finding> {
    let mut findings: BTreeMap<String, Finding> = BTreeMap::new();
    let outside = made
        .outside
        .iter()
        .map(|one| (one.run, format!("outside the model: {}", one.what), one.mend.clone()));
    let troubles = made.troubles.iter().map(|(run, trouble)| {
        let at = text::duration(trouble.at.0);
        (*run, format!("{} at {at}: {}", trouble.host, trouble.what), None)
    });
    for (run, what, mend) in outside.chain(troubles) {
        let finding = findings.entry(what.clone()).or_insert_with(|| Finding {
            variant: case.variant.clone(),
            runs: (run, 0),
            what,
            mend,
        });
        finding.runs.1 += 1;
    }
    findings.into_values().collect()
}

fn refuse(scenario: &Scenario, case: Option<&Case>, error: &CannotSimulate) -> Exit {
    let variant = case.and_then(|case| case.variant.as_ref());
    let variant = variant.map_or(String::new(), |variant| format!(" {variant}"));
    say(&format!("error: {}{variant}: {error}", scenario.label()));
    match error {
        CannotSimulate::TwoResults(_) => Exit::NotDeterministic,
        CannotSimulate::Run(..)
        | CannotSimulate::Endless(..)
        | CannotSimulate::StandsStill(..)
        | CannotSimulate::TooLong { .. } => Exit::Wrong,
    }
}
