//! `punctual delay`: how far apart two facts can be, over every timing, with runs that show it.

use clap::{Args, ValueEnum};
use punctual::budget::Budget;
use punctual::counterexample::Counterexample;
use punctual::proof::{self, End, Spans};
use punctual::sampling::Prepared;
use punctual::story::Story;
use punctual::stretch::located;
use punctual_model::{FactKind, Stretch};
use punctual_reports::exact::{self, DELAY, Found};
use punctual_reports::text;
use punctual_reports::timeline::{self, Entry, Timeline};
use punctual_scenarios::{Scenario, fact};
use punctual_sim::Span;

use super::exploring::Exploring;
use super::here::Here;
use super::output::{Output, bug, say, wrong};
use super::run::{Shown, Tracing};
use super::select::{called, case, one};
use super::{Exit, Format, One};

/// Say how far apart facts can be.
#[derive(Args, Debug)]
#[command(after_help = "A FACT is a word for what happens and the name of what it happens to, such as\n\
    `published NAME`, `arrived NAME at CLIENT` or `committed ROW`, or a step as TASK.STEP; a wrong one\n\
    is answered with a list. If both facts tell of one kind of event, each event is measured by itself.\n\
    Exits 0 with an answer, 2 if a fact never occurs, 3 if exploring stopped at a limit,\n    130 if Ctrl-C came before that was clear.")]
pub(crate) struct Delay {
    #[command(flatten)]
    one: One,
    /// Where it begins; without it: from the publication of each event to its arrival
    #[arg(long, value_name = "FACT", requires = "to")]
    from: Option<String>,
    /// Where it ends
    #[arg(long, value_name = "FACT", requires = "from")]
    to: Option<String>,
    /// Print one of the runs that show it, in full; with --format json as a trace to be replayed
    #[arg(long, value_enum, requires = "from")]
    run: Option<Extreme>,
    #[command(flatten)]
    exploring: Exploring,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// An end of what is possible.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Extreme {
    /// The shortest
    Least,
    /// The longest
    Greatest,
}

/// What is asked of a case.
struct Asked<'a> {
    scenario: &'a Scenario,
    prepared: Prepared<'a>,
    budget: Budget<'a>,
}

/// A stretch, in the words of whoever asked for it.
struct Named {
    stretch: Stretch,
    from: String,
    to: String,
}

impl Delay {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let scenario = one(&self.one.scenario, output)?.scenario;
        let case = case(&scenario, self.one.variant.as_deref(), output)?;
        let prepared = Prepared::new(&case);
        let here = Here::new();
        let budget = self.exploring.budget(&here);
        let asked = Asked { scenario: &scenario, prepared, budget };
        let told = self.answer(&asked, output);
        let interrupted = here.done();
        told.map(|exit| if interrupted && exit == Exit::Inconclusive { Exit::Interrupted } else { exit })
    }

    fn answer(&self, asked: &Asked<'_>, output: &Output) -> Result<Exit, Exit> {
        match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                let read = |option: &str, text: &str| {
                    fact(&asked.prepared.case.system, text).map_err(|why| wrong(format!("--{option}: {why}")))
                };
                let (from_kind, to_kind) = (read("from", from), read("to", to));
                let stretch = Stretch { from: from_kind?, to: to_kind? };
                self.between(asked, &Named { stretch, from: from.clone(), to: to.clone() }, output)
            }
            _ => self.deliveries(asked, output),
        }
    }

    /// From the publication of each event to its arrival at each client.
    fn deliveries(&self, asked: &Asked<'_>, output: &Output) -> Result<Exit, Exit> {
        let tally = asked.prepared.tally();
        let delays = tally.deliveries.delays();
        let found = proof::deliveries(&asked.prepared, delays, asked.budget);
        let system = &asked.prepared.case.system;
        let named: Vec<Named> = delays
            .iter()
            .map(|delays| {
                let event = system.event_name(delays.event);
                Named {
                    stretch: Stretch::delivery(delays.event, delays.client),
                    from: format!("published {event}"),
                    to: format!("arrived {event} at {}", system.client_name(delays.client)),
                }
            })
            .collect();
        if named.is_empty() {
            return Err(wrong("nothing is published to a client in this scenario; ask with --from and --to"));
        }
        let attained: Vec<Option<(bool, bool)>> =
            named.iter().zip(&found).map(|(named, found)| asked.attained(named.stretch, found)).collect();
        let all = || named.iter().zip(found.iter().zip(&attained));
        let stretches = all().map(|(named, (found, attained))| stretch_of(named, found, *attained));
        let text = self.format.of(&asked.document(stretches.collect()), "stretches");
        let text = text.unwrap_or_else(|| {
            let wide = named.iter().map(|named| text::columns(&named.to)).max().unwrap_or(0);
            let mut text = format!("{}: from publication, over every timing\n\n", asked.title());
            for (named, (found, _)) in all() {
                text += &format!("  {}  {}\n", text::left(&named.to, wide), said(found));
            }
            for (named, (found, attained)) in all() {
                text += &unattained(named, found, *attained);
            }
            text
        });
        output.printed(&text, exit_of(&found))
    }

    /// Between two facts.
    fn between(&self, asked: &Asked<'_>, named: &Named, output: &Output) -> Result<Exit, Exit> {
        let found = proof::spans(&asked.prepared, &[named.stretch], asked.budget).remove(0);
        let Spans::Exact { least, greatest, .. } = found else {
            let exit = if matches!(found, Spans::Never { beyond: None, .. }) {
                wrong(asked.why_never(named))
            } else {
                Exit::Inconclusive
            };
            let document = asked.document(vec![stretch_of(named, &found, None)]);
            return match self.format.of(&document, "stretches") {
                Some(text) => output.printed(&text, exit),
                None if exit == Exit::Wrong => Err(exit),
                None => output.printed(&format!("{}{}\n", asked.heading(named), said(&found)), exit),
            };
        };
        match self.run {
            Some(extreme) => {
                let end = if extreme == Extreme::Least { least } else { greatest };
                let Some(run) = asked.attaining(named.stretch, end, extreme)? else {
                    say(&format!("no run was found that takes {}", span(end.span)));
                    return Err(Exit::Inconclusive);
                };
                let title = format!("{} from {} to {}", span(end.span), named.from, named.to);
                let (scenario, prepared) = (asked.scenario, &asked.prepared);
                let shown = Shown { scenario, prepared, found: &run, title: &title };
                shown.print((self.format, &Tracing::default()), output)
            }
            None => {
                let least_run = asked.attaining(named.stretch, least, Extreme::Least)?;
                let greatest_run = asked.attaining(named.stretch, greatest, Extreme::Greatest)?;
                let attained = (least_run.is_some(), greatest_run.is_some());
                let document = asked.document(vec![stretch_of(named, &found, Some(attained))]);
                let text = self.format.of(&document, "stretches").unwrap_or_else(|| {
                    let mut text = format!("{}{}\n", asked.heading(named), said(&found));
                    for (word, end, run) in
                        [("least", least, least_run), ("greatest", greatest, greatest_run)]
                    {
                        text += &asked.excerpt(word, named.stretch, end, run.as_ref(), output);
                    }
                    text
                });
                output.printed(&text, exit_of(&[found]))
            }
        }
    }
}

/// Whether all of it is clear, of the system that goes on.
fn exit_of(found: &[Spans]) -> Exit {
    let is_clear = |found: &Spans| !matches!(found, Spans::Unknown { .. }) && found.beyond().is_none();
    if found.iter().all(is_clear) { Exit::AsExpected } else { Exit::Inconclusive }
}

/// A span, or that there is no end to it.
fn span(span: Span) -> String {
    if span == Span::NEVER { "without end".into() } else { span.to_string() }
}

/// What was found, in words.
fn said(found: &Spans) -> String {
    match found {
        Spans::Exact { least, greatest, states, beyond } => {
            let states = format!("({}{})", text::count(*states, "state"), up_to_the_end(beyond.as_deref()));
            match (least.span, greatest.span) {
                (least, Span::NEVER) => format!("{} and more, unbounded {states}", span(least)),
                (least, greatest) if least == greatest => format!("exactly {} {states}", span(least)),
                (least, greatest) => format!("{} to {} {states}", span(least), span(greatest)),
            }
        }
        Spans::Never { states, beyond } => {
            format!("never ({}{})", text::count(*states, "state"), up_to_the_end(beyond.as_deref()))
        }
        Spans::Unknown { limit } => format!("unknown: exploring stopped at {limit}"),
    }
}

/// That what was found is known only as far as runs are made, if it is.
fn up_to_the_end(beyond: Option<&str>) -> String {
    beyond.map_or(String::new(), |limit| {
        format!("; only up to the end of the run, and unknown beyond it: exploring stopped at {limit}")
    })
}

/// Which ends no run was found for, a line each.
fn unattained(named: &Named, found: &Spans, attained: Option<(bool, bool)>) -> String {
    let (Spans::Exact { least, greatest, .. }, Some(attained)) = (found, attained) else {
        return String::new();
    };
    let ends = [("least", least, attained.0), ("greatest", greatest, attained.1)];
    let missing = ends.iter().filter(|(_, end, attained)| !attained && end.span != Span::NEVER);
    let lines: Vec<String> =
        missing.map(|(word, end, _)| format!("\n{}: {}\n", named.to, bound(word, end))).collect();
    lines.concat()
}

/// That an end is a bound that no run was found for.
fn bound(word: &str, end: &End) -> String {
    format!("the {word}, {}, is a bound; no run was found that attains it", span(end.span))
}

fn stretch_of(named: &Named, found: &Spans, attained: Option<(bool, bool)>) -> exact::Stretch {
    let (kind, states, least_us, greatest_us, limit) = match found {
        Spans::Exact { least, greatest, states, .. } if greatest.span == Span::NEVER => {
            (Found::Unbounded, Some(*states), Some(least.span.0), None, None)
        }
        Spans::Exact { least, greatest, states, .. } => {
            (Found::Exact, Some(*states), Some(least.span.0), Some(greatest.span.0), None)
        }
        Spans::Never { states, .. } => (Found::Never, Some(*states), None, None, None),
        Spans::Unknown { limit } => (Found::Unknown, None, None, None, Some(limit.clone())),
    };
    let (from, to) = (named.from.clone(), named.to.clone());
    let beyond_end = found.beyond().map(str::to_owned);
    exact::Stretch { from, to, found: kind, states, least_us, greatest_us, attained, limit, beyond_end }
}

impl Asked<'_> {
    fn title(&self) -> String {
        called(self.scenario, self.prepared.case)
    }

    fn heading(&self, named: &Named) -> String {
        format!("{}: from {} to {}, over every timing\n\n  ", self.title(), named.from, named.to)
    }

    fn document(&self, stretches: Vec<exact::Stretch>) -> exact::Delays {
        exact::Delays {
            schema: DELAY.to_owned(),
            scenario: self.scenario.name.clone(),
            variant: self.prepared.case.variant.clone(),
            digest: self.prepared.case.digest.clone(),
            stretches,
        }
    }

    /// Whether runs attain the ends of what was found.
    fn attained(&self, stretch: Stretch, found: &Spans) -> Option<(bool, bool)> {
        match found {
            Spans::Exact { least, greatest, .. } => {
                Some(proof::attained(&self.prepared, stretch, (*least, *greatest), self.budget))
            }
            Spans::Never { .. } | Spans::Unknown { .. } => None,
        }
    }

    fn attaining(&self, stretch: Stretch, end: End, which: Extreme) -> Result<Option<Counterexample>, Exit> {
        if end.span == Span::NEVER {
            return Ok(None);
        }
        let which = match which {
            Extreme::Least => proof::Extreme::Least,
            Extreme::Greatest => proof::Extreme::Greatest,
        };
        proof::attaining(&self.prepared, stretch, (end, which), self.budget).map_err(bug)
    }

    /// Which of the facts is to blame for there being no such stretch.
    fn why_never(&self, named: &Named) -> String {
        let never = |kind: FactKind| proof::happens(&self.prepared, kind, self.budget) == Some(false);
        let missing: Vec<&str> = [(named.stretch.from, &named.from), (named.stretch.to, &named.to)]
            .into_iter()
            .filter(|(kind, _)| never(*kind))
            .map(|(_, text)| text.as_str())
            .collect();
        match missing[..] {
            [] => format!("{} never happens after {}, whatever the timing", named.to, named.from),
            [one] => format!("{one} never happens, whatever the timing"),
            _ => format!("{} never happen, whatever the timing", missing.join(" and ")),
        }
    }

    /// What happens in `run` between the two facts.
    fn excerpt(
        &self,
        word: &str,
        stretch: Stretch,
        end: End,
        run: Option<&Counterexample>,
        output: &Output,
    ) -> String {
        if end.span == Span::NEVER {
            return "\ngreatest: there is none, since a step may take for ever\n".to_owned();
        }
        let Some(run) = run else {
            return format!("\n{}\n", bound(word, &end));
        };
        let story = Story::of(&self.prepared.case.system, &run.trace);
        let Some((from, to)) = located(&story, stretch, end.span) else { return String::new() };
        let lines = story.lines();
        let within = lines.iter().filter(|line| line.at >= from && line.at <= to);
        let entries = within.map(|line| Entry::new(line.at.0, &line.lane, &line.text)).collect();
        let timeline = timeline::render(&Timeline { entries }, &output.style);
        format!(
            "\n{word}: {}, in a run of {}\n{timeline}",
            span(end.span),
            text::count(run.steps() as u64, "event")
        )
    }
}
