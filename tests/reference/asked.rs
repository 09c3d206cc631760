//! What punctual says of a scenario, through what a test of anybody may use.

use std::collections::BTreeMap;

use punctual::budget::Budget;
use punctual::counterexample::Disagreement;
use punctual::delivery::Delays;
use punctual::order::{self, OrderProved};
use punctual::proof::{self, Proved, Spans};
use punctual::sampling::Prepared;
use punctual_model::{OrderId, Stretch};
use punctual_scenarios::{BASE, Case, Scenario, fact};
use punctual_sim::Span as SimSpan;

use super::closed;
use super::spans::Span;

/// The most classes of one search: more than any scenario needs that is counted out.
const CLASSES: usize = 20_000;

fn budget() -> Budget<'static> {
    Budget::of(CLASSES)
}

/// What is said of an invariant, or of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Said<T> {
    Is(T),
    /// Nothing, and why.
    Unknown(String),
}

/// What punctual says of one case.
pub(crate) struct Answer {
    /// The variant or combination; none for the file as it is written.
    pub(crate) variant: Option<String>,
    /// Whether each invariant that is checked is broken: as `check` says it, with a run, and as `sweep` does, without.
    pub(crate) broken: BTreeMap<String, [Said<bool>; 2]>,
    /// The exact delays of each event at each client.
    pub(crate) deliveries: BTreeMap<(String, String), Said<Option<Bounds>>>,
    /// Whether some run contains each order.
    pub(crate) orders: BTreeMap<String, Said<bool>>,
    /// The parts of the grammar that its system has, as far as closed lists tell them apart.
    pub(crate) parts: Vec<&'static str>,
}

/// The least and the greatest, and whether some run attains them. What none attains is only a bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Bounds {
    pub(crate) span: Span,
    pub(crate) attained: (bool, bool),
}

/// The codes and titles of what is wrong with a file.
pub(crate) type Unsound = Vec<(String, String)>;

/// The text without the checks that nothing in the scenario could break, and their names.
pub(crate) fn sound(text: &str) -> Result<(String, Vec<String>), Unsound> {
    let (mut text, mut vacuous) = (text.to_owned(), Vec::new());
    loop {
        let Err(problems) = Scenario::parse("random.toml", &text) else { return Ok((text, vacuous)) };
        let mut removed = Vec::new();
        for problem in &problems.list {
            // P0602 is a limit whose check was taken out before.
            if matches!(problem.code, "P0608" | "P0602") {
                let line = text[..problem.span.end].rfind('\n').map_or(0, |at| at + 1);
                removed.push(line..text[line..].find('\n').map_or(text.len(), |at| line + at + 1));
            } else {
                let others = problems.list.iter().filter(|problem| problem.code != "P0608");
                let found = others.map(|problem| (problem.code.to_owned(), problem.title.clone()));
                return Err(found.collect());
            }
            // Beside another mistake not all cases were looked at.
            if problem.code == "P0608" && problems.list.iter().all(|problem| problem.code == "P0608") {
                let line = &text[removed[removed.len() - 1].clone()];
                vacuous.push(line.split(' ').next().unwrap_or_default().to_owned());
            }
        }
        removed.sort_by_key(|range| range.start);
        removed.into_iter().rev().for_each(|range| text.replace_range(range, ""));
    }
}

/// Why nothing is said of a scenario.
pub(crate) enum Silent {
    /// In some case something goes on for ever at one instant.
    StandsStill,
    /// What exploring found is no run.
    Refused(String),
}

/// What is said of each case of a sound scenario, by exploring alone.
pub(crate) fn answers(text: &str) -> Result<Vec<Answer>, Silent> {
    let scenario = Scenario::parse("random.toml", text).expect("it is sound");
    scenario.cases.iter().map(answer).collect()
}

fn answer(case: &Case) -> Result<Answer, Silent> {
    let prepared = Prepared::new(case);
    if proof::zeno_cycle(&prepared, budget()).is_some() {
        return Err(Silent::StandsStill);
    }
    let refused = |why: Disagreement| Silent::Refused(why.to_string());
    let with_runs = proof::explore(&prepared, budget()).map_err(refused)?.proved;
    let alone = proof::verdicts(&prepared, budget()).map_err(refused)?;
    let rules = prepared.plan.rules().iter().enumerate();
    let tally = prepared.tally();
    let delays = tally.deliveries.delays();
    let system = &case.system;
    let named = |delays: &Delays| {
        (system.event_name(delays.event).to_owned(), system.client_name(delays.client).to_owned())
    };
    let found = proof::deliveries(&prepared, delays, budget());
    Ok(Answer {
        variant: case.variant.clone(),
        parts: closed::parts(system),
        broken: rules
            .map(|(place, rule)| (rule.name().to_owned(), [said(&with_runs[place]), said(&alone[place])]))
            .collect(),
        deliveries: delays.iter().map(named).zip(found.iter().map(span)).collect(),
        orders: case
            .interleavings
            .iter()
            .enumerate()
            .map(|(place, order)| {
                Ok((order.name.clone(), is_possible(&prepared, OrderId(place)).map_err(refused)?))
            })
            .collect::<Result<_, _>>()?,
    })
}

fn said(proved: &Proved) -> Said<bool> {
    match proved {
        Proved::Holds { .. } => Said::Is(false),
        Proved::Broken { .. } => Said::Is(true),
        Proved::Unknown { limit, .. } => Said::Unknown(limit.clone()),
    }
}

fn is_possible(prepared: &Prepared<'_>, place: OrderId) -> Result<Said<bool>, Disagreement> {
    Ok(match order::order(prepared, place, budget())? {
        OrderProved::Possible(_) => Said::Is(true),
        OrderProved::Impossible(_) => Said::Is(false),
        OrderProved::Unknown(limit) => Said::Unknown(limit),
    })
}

fn span(found: &Spans) -> Said<Option<Bounds>> {
    if let Some(limit) = found.beyond() {
        return Said::Unknown(format!("beyond the end of runs: {limit}"));
    }
    match found {
        Spans::Exact { least, greatest, .. } => {
            let most = (greatest.span != SimSpan::NEVER).then_some(greatest.span.0);
            Said::Is(Some(Bounds {
                span: (least.span.0, most),
                attained: (least.attained, greatest.attained),
            }))
        }
        Spans::Never { .. } => Said::Is(None),
        Spans::Unknown { limit } => Said::Unknown(limit.clone()),
    }
}

/// How far punctual says that two facts are apart.
pub(crate) fn between(text: &str, variant: Option<&str>, from: &str, to: &str) -> Said<Option<Bounds>> {
    let scenario = Scenario::parse("random.toml", text).expect("it is sound");
    let case = scenario.combine(variant.unwrap_or(BASE)).expect("the case is there");
    let named = |text: &str| fact(&case.system, text);
    let (from, to) = match (named(from), named(to)) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(wrong), _) | (_, Err(wrong)) => return Said::Unknown(wrong.to_string()),
    };
    assert!(
        [from, to].into_iter().all(|kind| closed::fact(kind).is_some()),
        "a fact is one that can be written"
    );
    let prepared = Prepared::new(&case);
    span(&proof::spans(&prepared, &[Stretch { from, to }], budget())[0])
}
