//! `punctual run`: one seeded run, everything that happens in it, and what each invariant says.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use punctual::counterexample::{Counterexample, RunId, of_trace};
use punctual::race;
use punctual::sampling::{Prepared, Until};
use punctual::saved::Saved;
use punctual::story::Story;
use punctual_model::{Breach, Rule};
use punctual_reports::kind::perfetto;
use punctual_reports::programs;
use punctual_reports::timeline::{self, Entry, Timeline};
use punctual_scenarios::{Case, Scenario};

use super::output::{Output, bug};
use super::place::file;
use super::select::{called, case, one};
use super::writing::put;
use super::{Exit, Format, One, Sampling};

/// Make one seeded run.
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    sampling: Sampling,
    /// The number of the run under the seed
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    number: u64,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Printed,
    #[command(flatten)]
    tracing: Tracing,
}

/// Where the whole run is written as a trace.
#[derive(Args, Default, Debug)]
pub(crate) struct Tracing {
    /// Write the whole run as a trace that Perfetto and Chrome open
    #[arg(long, value_name = "PATH", value_parser = file)]
    perfetto: Option<PathBuf>,
}

impl Tracing {
    fn write(&self, scenario: &Scenario, case: &Case, found: &Counterexample) -> Result<(), Exit> {
        let Some(path) = &self.perfetto else { return Ok(()) };
        let variant = case.variant.as_deref().map(|variant| format!(" with {variant}")).unwrap_or_default();
        let race = race::whole(&Story::of(&case.system, &found.trace));
        put(path, &perfetto::render(&[(format!("{}{variant}", scenario.name), &race)]))
    }
}

/// What a run is printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Printed {
    /// As a document is, which is a trace that `punctual replay` takes.
    As(Format),
    /// A log that `punctual conform` takes.
    Log,
}

impl ValueEnum for Printed {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::As(Format::Human), Self::As(Format::Json), Self::As(Format::Jsonl), Self::Log]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::As(Format::Json) => {
                Some(PossibleValue::new("json").help("A trace that `punctual replay` takes"))
            }
            Self::As(format @ (Format::Human | Format::Jsonl)) => format.to_possible_value(),
            Self::Log => Some(PossibleValue::new("log").help("A log that `punctual conform` takes")),
        }
    }
}

impl Run {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let selected = one(&self.one.scenario, output)?;
        let case = case(&selected.scenario, self.one.variant.as_deref(), output)?;
        let prepared = Prepared::new(&case);
        let run = RunId { seed: self.sampling.seed, number: self.number };
        let found = of_trace(&prepared, run.trace(&prepared.world), Until::End).map_err(bug)?;
        let title = format!("run {} of seed {:#x}", self.number, self.sampling.seed);
        let format = match self.format {
            Printed::As(format) => format,
            Printed::Log => {
                let mut log = Vec::new();
                let named = (selected.scenario.name.as_str(), title.as_str());
                // Nothing is in the way of writing into memory.
                let is_whole = found.cut.iter().all(Option::is_none);
                let trace = (&found.trace, Some(found.trace.ended_at).filter(|_| is_whole));
                let written = punctual::logs::log::write(&case.system, trace, named, &mut log);
                let text = String::from_utf8(log).unwrap_or_default();
                written.map_err(|_| Exit::Wrong)?;
                return output.printed(&text, Exit::AsExpected);
            }
        };
        let shown = Shown { scenario: &selected.scenario, prepared: &prepared, found: &found, title: &title };
        shown.print((format, &self.tracing), output)
    }
}

/// A run that is shown, and what it is of.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) prepared: &'a Prepared<'a>,
    pub(crate) found: &'a Counterexample,
    pub(crate) title: &'a str,
}

impl Shown<'_> {
    /// Prints the run and what the invariants say of it.
    pub(crate) fn print(self, (format, tracing): (Format, &Tracing), output: &Output) -> Result<Exit, Exit> {
        let Self { scenario, prepared, found, .. } = self;
        let case = prepared.case;
        tracing.write(scenario, case, found)?;
        crate::log::tell(&case.system, &found.trace);
        let saved = || Saved::new(scenario, case, (&found.trace, found.until), &found.id, None);
        let text = match format {
            Format::Json => saved().to_json(),
            Format::Jsonl => programs::lines(&saved(), "steps"),
            Format::Human => self.timeline(output),
        };
        output.printed(&text, Exit::AsExpected)
    }

    fn timeline(self, output: &Output) -> String {
        let Self { scenario, prepared, found, title } = self;
        let story = Story::of(&prepared.case.system, &found.trace);
        let title = format!("{}, {title}: {} events", called(scenario, prepared.case), found.steps());
        timeline(&title, prepared, &story, (&found.breaches, &found.cut), output)
    }
}

/// A run line by line, and what each invariant says of it: how it breaks it, and how only since it is over.
pub(super) fn timeline(
    title: &str,
    prepared: &Prepared<'_>,
    story: &Story<'_>,
    judged: (&[Option<Breach>], &[Option<Breach>]),
    output: &Output,
) -> String {
    let entries = story.lines().iter().map(|line| Entry::new(line.at.0, &line.lane, &line.text)).collect();
    let lines = timeline::render(&Timeline { entries }, &output.style);
    format!("{title}\n\n{lines}\n{}", verdicts(prepared, story, judged, output))
}

/// What each invariant says of a run, a line each.
fn verdicts(
    prepared: &Prepared<'_>,
    story: &Story<'_>,
    (breaches, cut): (&[Option<Breach>], &[Option<Breach>]),
    output: &Output,
) -> String {
    let glyphs = output.style.glyphs();
    let line = |((rule, breach), cut): ((&Rule, &Option<Breach>), &Option<Breach>)| {
        let (glyph, why) = match (breach, cut) {
            (Some(breach), _) => (glyphs.cross, format!(": {}", story.reason(*rule, *breach))),
            (None, Some(_)) => {
                ('?', ": the run is over before it is kept, and one that goes on keeps it".into())
            }
            (None, None) => (glyphs.tick, String::new()),
        };
        format!("  {glyph} {}{why}\n", rule.name())
    };
    prepared.plan.rules().iter().zip(breaches).zip(cut).map(line).collect()
}
