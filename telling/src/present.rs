//! From verdicts to the document that every report is made from.
//!
//! Nothing is computed here that decides anything, and nothing is left for a report to find out: what
//! people read and what programs do are both made from this and from nothing else.

mod check;
mod order;
mod replay;

use std::collections::BTreeMap;

use punctual_judging::delivery::Delays;
use punctual_judging::judge::{Effort, Judged};
use punctual_judging::proof::Spans;
use punctual_model::RuleId;
use punctual_reports::{document, text};
use punctual_scenarios::Scenario;
use punctual_sim::Span;
use punctual_sim::explore::Traversal;

pub use check::{expected, said};
pub use order::not_as_claimed;
pub use replay::{SEARCHED, quoted};

/// A check of a scenario: the number of the case, and the invariant.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Where {
    case: usize,
    rule: RuleId,
}

/// What is known of a saved counterexample: where it was saved.
pub type SavedAt = BTreeMap<String, String>;

/// How a report is to be.
#[derive(Clone, Copy)]
pub struct Manner<'s> {
    /// Whether the scenario came with the program, and is known by its name.
    pub embedded: bool,
    /// With what its runs were made.
    pub effort: Effort<'s>,
    /// Where counterexamples were saved, by id.
    pub saved: &'s SavedAt,
    /// Which of what breaks is explained and drawn.
    pub explained: Explained,
}

/// Which of what breaks is explained and drawn: that takes some hundred runs each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explained {
    /// What is not as expected, and what breaks the first case as expected.
    First,
    /// Each run that breaks something.
    All,
}

/// With what a document was made.
pub fn made_with(effort: &Effort<'_>, runs: u64) -> document::MadeWith {
    let budget = &effort.budget;
    let mut limits = vec![text::count(budget.states as u64, "state")];
    limits.extend(budget.memory.map(|bytes| format!("{} bytes", text::grouped(bytes as u64))));
    limits.extend(budget.time.map(|time| text::duration(time.as_micros() as u64)));
    limits.extend((budget.traversal == Traversal::DepthFirst).then(|| "depth first".to_owned()));
    document::MadeWith {
        version: env!("CARGO_PKG_VERSION").into(),
        seed: format!("{:#x}", effort.seed),
        runs_each: effort.runs,
        runs,
        limits,
    }
}

/// The entries of one scenario's cases in a document.
pub fn document(scenario: &Scenario, judged: &[Judged<'_>], manner: Manner<'_>) -> Vec<document::Scenario> {
    let explained = explained(judged, manner.explained);
    let case = |(number, judged)| document_case(scenario, judged, (number, &explained), manner);
    judged.iter().enumerate().map(case).collect()
}

/// The same without anything that explains it.
pub fn verdicts(scenario: &Scenario, judged: &[Judged<'_>], manner: Manner<'_>) -> Vec<document::Scenario> {
    judged
        .iter()
        .enumerate()
        .map(|(number, case)| document_case(scenario, case, (number, &[]), manner))
        .collect()
}

fn document_case(
    scenario: &Scenario,
    judged: &Judged<'_>,
    (number, explained): (usize, &[Where]),
    manner: Manner<'_>,
) -> document::Scenario {
    let case = judged.prepared.case;
    let runs = judged.tally.runs as f64;
    document::Scenario {
        scenario: scenario.name.clone(),
        variant: case.variant.clone(),
        about: if case.variant.is_some() { case.about.clone() } else { scenario.about.clone() },
        fixes: if case.variant.is_none() { scenario.fixes.clone() } else { Vec::new() },
        place: (!manner.embedded).then(|| scenario.label().to_owned()),
        interrupted_after: judged.interrupted.then_some(judged.tally.runs),
        digest: case.digest.clone(),
        checks: case
            .rules()
            .map(|place| {
                let is_explained = explained.contains(&Where { case: number, rule: place });
                check::check(scenario, judged, place, is_explained, manner)
            })
            .collect(),
        states: states(judged),
        never_taken: never_taken(judged),
        deliveries: deliveries(judged),
        load: (judged.tally.runs > 0).then(|| document::Load {
            database_reads_per_run: judged.tally.reads as f64 / runs,
            polls_per_run: judged.tally.turns as f64 / runs,
        }),
        interleavings: case
            .orders()
            .map(|place| order::interleaving(scenario, judged, place, manner))
            .collect(),
    }
}

fn deliveries(judged: &Judged<'_>) -> Vec<document::Delivery> {
    let system = &judged.prepared.case.system;
    let exact = |exact: &Spans| {
        exact.ends().map(|(least, greatest)| document::ExactDelay {
            min: least.span.0,
            max: Some(greatest.span).filter(|span| *span != Span::NEVER).map(|span| span.0),
            attained: (least.attained, greatest.attained),
        })
    };
    let delivery = |(delays, spans): (&Delays, &Spans)| document::Delivery {
        event: system.event_name(delays.event).to_owned(),
        client: system.client_name(delays.client).to_owned(),
        undelivered_runs: delays.undelivered_runs,
        sampled_us: delays.summary().map(|summary| document::SampledDelay {
            mean: summary.mean,
            p50: summary.p50,
            p90: delays.at_share(0.9),
            p99: summary.p99,
            p999: delays.at_share(0.999),
            max: summary.max,
            p99_interval: delays.interval(0.99),
            curve: document::SHARES
                .iter()
                .map(|share| delays.at_share(f64::from(*share) / 1_000.0))
                .collect(),
        }),
        exact_us: exact(spans),
    };
    judged.tally.deliveries.delays().iter().zip(&judged.exact).map(delivery).collect()
}

fn never_taken(judged: &Judged<'_>) -> Vec<document::Idle> {
    let system = &judged.prepared.case.system;
    let idle = judged.never_taken.iter().map(|idle| document::Idle {
        part: idle.part.name(system),
        taken: idle.taken,
        as_expected: idle.as_expected,
    });
    idle.collect()
}

fn states(judged: &Judged<'_>) -> document::States {
    let limit = judged.states.as_ref().err().map(|(_, limit)| limit.clone());
    document::States {
        found: judged.states.as_ref().ok().copied(),
        expected: judged.states_expected,
        as_expected: judged.states_as_expected(),
        limit,
    }
}

/// Which broken checks are explained: those not as expected, and one of each other race. Two
/// checks show the same race if one run breaks both.
fn explained(judged: &[Judged<'_>], which: Explained) -> Vec<Where> {
    let mut shown: Vec<Where> = Vec::new();
    for (number, case) in judged.iter().enumerate() {
        let mut pictured_runs = Vec::new();
        for place in case.prepared.case.rules() {
            let Some(known) = case.broken_by[place.0] else { continue };
            let base_or_odd = number == 0 || which == Explained::All || !case.as_expected(place);
            if base_or_odd && !pictured_runs.contains(&known) {
                pictured_runs.push(known);
                shown.push(Where { case: number, rule: place });
            }
        }
    }
    shown
}
