//! Scenarios side by side: how events come into being, how they are found, how late they are, what is lost.
//!
//! Every cell is computed, from runs of each scenario as it is written and from what was proved of it.

use punctual_model::{Action, Fact, INVARIANTS, Sleeping, Step, StepTime, System, TaskId};
use punctual_reports::document;
use punctual_reports::page::{Cell, Table, Tone};
use punctual_reports::{said, text};
use punctual_scenarios::Case;
use punctual_sim::{Span, Time, sample};
use serde::Serialize;

use punctual_judging::sampling::Prepared;

/// Runs of each scenario that are looked at.
const RUNS: u64 = 400;

/// What runs of a scenario show of how its events are made and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Events that were published.
    pub published: u64,
    /// Of these, while a task of the job still had work of its own before it.
    pub during_work: u64,
    /// Of these, in a run in which a row was committed.
    pub beside_commits: u64,
    /// Of those, before the last row was committed.
    pub before_commit: u64,
    /// The shortest and the longest sleep of a polling loop; none if nothing polls.
    pub sleeps: Option<(Span, Span)>,
    /// Sleeps during which an event was published that had to wait for their end.
    pub waits: Option<(Span, Span)>,
    /// Whether a stream is woken by whoever publishes.
    pub woken: bool,
    /// Whether such a stream looks by itself as well, if nobody wakes it for long.
    pub has_back_stop: bool,
}

/// A case beside others, for programs.
#[derive(Serialize)]
pub struct Beside<'c> {
    scenario: &'c str,
    variant: Option<&'c str>,
    /// Runs that the rest is from.
    runs: u64,
    published: u64,
    published_during_work: u64,
    published_beside_commits: u64,
    published_before_commit: u64,
    /// From the shortest to the longest; none if nothing polls.
    sleeps_us: Option<[u64; 2]>,
    waits_us: Option<[u64; 2]>,
    woken: bool,
    back_stop: bool,
    checks: &'c [document::Check],
    deliveries: &'c [document::Delivery],
}

/// Cases side by side, for programs.
#[derive(Serialize)]
pub struct Comparison<'c> {
    schema: &'static str,
    cases: Vec<Beside<'c>>,
}

/// The same as [`table`], for programs.
pub fn document<'c>(columns: &'c [(&document::Scenario, Ways)]) -> Comparison<'c> {
    let range = |range: Option<(Span, Span)>| range.map(|(least, most)| [least.0, most.0]);
    let beside = |(case, ways): &'c (&document::Scenario, Ways)| Beside {
        scenario: &case.scenario,
        variant: case.variant.as_deref(),
        runs: RUNS,
        published: ways.published,
        published_during_work: ways.during_work,
        published_beside_commits: ways.beside_commits,
        published_before_commit: ways.before_commit,
        sleeps_us: range(ways.sleeps),
        waits_us: range(ways.waits),
        woken: ways.woken,
        back_stop: ways.has_back_stop,
        checks: &case.checks,
        deliveries: &case.deliveries,
    };
    Comparison { schema: "punctual.comparison/1", cases: columns.iter().map(beside).collect() }
}

/// What 400 runs of a case show.
pub fn ways(case: &Case, seed: u64) -> Ways {
    let prepared = Prepared::new(case);
    let mut ways = Ways::default();
    for run in 0..RUNS {
        let trace = sample::trace(&prepared.world, seed, run);
        let facts = trace.steps.iter().flat_map(|step| step.facts.iter().map(|fact| (step.at, *fact)));
        ways.add(&case.system, &facts.collect::<Vec<_>>());
    }
    ways
}

/// Whether a step is work that somebody waits for: a few microseconds of writing a log are none.
fn is_long(step: &Step) -> bool {
    match &step.time {
        StepTime::Takes(delay, _) => delay.interval().max >= Span(1_000_000),
        StepTime::Instant | StepTime::Blocks(_) => false,
    }
}

/// The least and the greatest of some spans, and one more.
fn widened(range: Option<(Span, Span)>, span: Span) -> (Span, Span) {
    range.map_or((span, span), |(least, most)| (least.min(span), most.max(span)))
}

impl Ways {
    /// Adds what one run shows.
    fn add(&mut self, system: &System, facts: &[(Time, Fact)]) {
        let task = |task: TaskId| &system.tasks[usize::from(task.0)];
        let committed = facts.iter().rposition(|(_, fact)| matches!(fact, Fact::Committed(..)));
        let worked = facts.iter().rposition(|(_, fact)| {
            let Fact::Did(by, step) = *fact else { return false };
            let step = task(by).step(step);
            task(by).serves.is_none() && step.is_some_and(|step| step.action == Action::Work && is_long(step))
        });
        let mut since = vec![Time::ZERO; system.tasks.len()];
        let mut published: Vec<Time> = Vec::new();
        for (at, &(when, fact)) in facts.iter().enumerate() {
            match fact {
                Fact::Published { by, .. } if task(by).serves.is_none() => {
                    self.published += 1;
                    self.during_work += u64::from(worked.is_some_and(|worked| at < worked));
                    self.beside_commits += u64::from(committed.is_some());
                    self.before_commit += u64::from(committed.is_some_and(|committed| at < committed));
                    published.push(when);
                }
                Fact::Did(by, step) => {
                    let from = std::mem::replace(&mut since[usize::from(by.0)], when);
                    if let Some(step) = task(by).step(step)
                        && task(by).serves.is_some()
                    {
                        self.looked(&step.action, (from, when), &published);
                    }
                }
                _ => {}
            }
        }
    }

    /// Adds a step of a loop that serves a client, which lasted from one instant to the other.
    fn looked(&mut self, action: &Action, (from, to): (Time, Time), published: &[Time]) {
        let traits = action.traits();
        match traits.sleeps {
            // A wait with a back-stop is looked for by polling where nobody wakes it.
            Some(Sleeping { policy, signal: Some(_) }) => {
                self.woken = true;
                self.has_back_stop |= policy.is_some();
            }
            Some(Sleeping { signal: None, .. }) | None if traits.rests => {
                self.sleeps = Some(widened(self.sleeps, to - from));
                if published.iter().any(|at| from < *at && *at < to) {
                    self.waits = Some(widened(self.waits, to - from));
                }
            }
            Some(Sleeping { signal: None, .. }) | None => {}
        }
    }
}

/// Scenarios in columns: their bases as they were judged, and what their runs show.
pub fn table(columns: &[(&document::Scenario, Ways)]) -> Table {
    let heads = ["aspect".to_owned()].into_iter().chain(columns.iter().map(|(case, _)| said::of_case(case)));
    let heads: Vec<String> = heads.collect();
    let mut table = Table::new("scenarios side by side", heads.iter().map(String::as_str));
    let mut row = |aspect: &str, cell: &dyn Fn(&document::Scenario, &Ways) -> Cell| {
        let cells = columns.iter().map(|(case, ways)| cell(case, ways));
        table.rows.push([Cell::plain(aspect)].into_iter().chain(cells).collect());
    };
    row("events are published", &|_, ways| match ways.published {
        0 => Cell::plain("never"),
        all => {
            let share = share(ways.during_work, all);
            Cell::plain(format!("{share} of them while the job is at work"))
        }
    });
    row("against the commit", &|_, ways| match (ways.beside_commits, ways.before_commit) {
        (0, _) if ways.published == 0 => Cell::plain("–"),
        (0, _) => Cell::plain("no row is committed"),
        (_, 0) => Cell::plain("all after it"),
        (all, some) if all == some => Cell::plain("all before it"),
        (all, some) => Cell::plain(format!("{} before it", share(some, all))),
    });
    row("the stream finds them", &|_, ways| {
        Cell::plain(match (ways.woken, ways.has_back_stop, ways.sleeps) {
            (true, true, _) => "woken, with polling as a back-stop",
            (true, false, Some(_)) => "woken, and by polling",
            (true, false, None) => "woken, and only so",
            (false, _, Some(_)) => "by polling",
            (false, _, None) => "without ever sleeping",
        })
    });
    row("it sleeps", &|_, ways| Cell::plain(range(ways.sleeps)));
    row("an event waits for the end of a sleep of", &|_, ways| Cell::plain(range(ways.waits)));
    row("delay of what arrives, half", &|case, _| Cell::plain(slowest(case, |sampled| sampled.p50)));
    row("delay of what arrives, 99 %", &|case, _| Cell::plain(slowest(case, |sampled| sampled.p99)));
    row("delay of what arrives, at most", &|case, _| Cell::plain(said::greatest(case)));
    for invariant in INVARIANTS {
        let Some(aspect) = invariant.beside else { continue };
        row(aspect, &|case, _| {
            let check = case.checks.iter().find(|check| check.invariant == invariant.name);
            check.map_or(Cell::of(Tone::Faint, "not checked"), |check| {
                let tone = if check.verdict == document::Verdict::Holds { Tone::Good } else { Tone::Bad };
                Cell::of(tone, said::how_often(check))
            })
        });
    }
    table
}

fn share(some: u64, all: u64) -> String {
    match some {
        0 => "none".to_owned(),
        some if some == all => "all".to_owned(),
        some => text::chance(some as f64 / all as f64),
    }
}

fn range(range: Option<(Span, Span)>) -> String {
    match range {
        None => "never".to_owned(),
        Some((least, most)) if least == most => text::duration(least.0),
        Some((least, most)) => format!("{} to {}", text::duration(least.0), text::duration(most.0)),
    }
}

fn slowest(case: &document::Scenario, of: impl Fn(&document::SampledDelay) -> u64) -> String {
    let delays = case.deliveries.iter().filter_map(|one| one.sampled_us.as_ref());
    delays.map(of).max().map_or("–".to_owned(), text::roughly)
}
