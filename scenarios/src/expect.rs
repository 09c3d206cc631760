//! Expectations and interleavings: what is claimed of a case, with the place of each claim.
//!
//! A claim that cannot be checked (no limit, no such step, no such invariant) must never pass, so
//! it is refused here, before anything runs.

use std::collections::BTreeMap;

use punctual_model::{Allowed, INVARIANTS, Invariant, Measured, Order, Rule, StepId, System, TaskId, Unit};
use punctual_sim::Span;

use crate::case::{Check, Expected, Interleaving, Outcome, States, StepRef};
use crate::form::{self, Expectation, Text};
use crate::names::Names;
use crate::placed::Place;
use crate::problem::{Findings, Problem};
use crate::value::{self, Piece};
use crate::words::{did_you_mean, listed, quoted};

/// The limits of one case, by the names of the invariants that need them.
pub(crate) struct Limits {
    spans: BTreeMap<String, Span>,
    counts: BTreeMap<String, u32>,
}

impl Limits {
    pub(crate) fn of(form: &form::Scenario, findings: &Findings<'_>) -> Self {
        let limits = || form.limits.iter();
        let spans = limits().flat_map(|limits| &limits.spans);
        let counts = limits().flat_map(|limits| &limits.counts);
        Self {
            spans: spans.map(|(name, text)| (name.value.clone(), limit(findings, text))).collect(),
            counts: counts.map(|(name, count)| (name.value.clone(), count.value)).collect(),
        }
    }

    /// The rule of this name; one that is unknown or lacks its limit is noted.
    fn rule(&self, findings: &Findings<'_>, name: &Text) -> Option<Rule> {
        let invariant = Invariant::named(&name.value);
        let rule = invariant.and_then(|invariant| {
            let span = || self.spans.get(invariant.name).copied().map(Allowed::Within);
            let count = || self.counts.get(invariant.name).copied().map(Allowed::AtMost);
            Rule::new(invariant, span().or_else(count))
        });
        if rule.is_some() {
            return rule;
        }
        let known = invariant.is_some();
        if findings.stands_in(&name.at) || known && (findings.lost("limits") || findings.open("limits")) {
            return None;
        }
        let problem = if known {
            let counted = invariant.and_then(Invariant::measured).map(Measured::unit) == Some(Unit::Count);
            let example = if counted { "400" } else { "\"2s\"" };
            Problem::new("P0601", &name.at, format!("{} needs a limit", quoted(&name.value)))
                .label("which one?")
                .help(format!("add `{} = {example}` to [limits]", name.value))
        } else {
            let hint = did_you_mean(&name.value, Rule::NAMES.into_iter());
            Problem::new("P0303", &name.at, format!("unknown invariant {}{hint}", quoted(&name.value)))
                .label("not known")
                .help(format!("invariants: {}", listed(Rule::NAMES)))
        };
        findings.add(problem);
        None
    }
}

fn limit(findings: &Findings<'_>, text: &Text) -> Span {
    let piece = Piece::of(findings, text);
    let before = findings.count();
    let span = value::span(findings, &piece);
    if span == Span::ZERO && !findings.stands_in(&text.at) && findings.count() == before {
        let problem = Problem::new("P0211", &piece.at(), "a limit of nothing");
        findings.add(problem.label("zero").help("write how long is allowed, such as \"2s\""));
    }
    span
}

/// Refuses a limit that is not over when a run is: it would be kept by whatever comes too late.
pub(crate) fn check_limits(form: &form::Scenario, ends: Option<Span>, findings: &Findings<'_>) {
    let (Some(ends), Some(written), Some(limits)) = (ends, &form.ends, &form.limits) else { return };
    for (name, text) in &limits.spans {
        let name = &name.value;
        let span = limit(findings, text);
        if span > ends {
            let title = format!("a run is over {ends} after its task, and this limit is {span}");
            let problem =
                Problem::new("P0610", &text.at, title).label(format!("{name} would not be over yet"));
            let problem = problem.beside(&written.at, "a run goes on for so long");
            findings.add(problem.help(format!("let the run go on for {span} or more, or shorten the limit")));
        }
    }
}

/// The checks of a case: all that the base expects, with what `differs`.
pub(crate) fn checks(
    form: &form::Scenario,
    limits: &Limits,
    differs: &form::Expectations,
    findings: &Findings<'_>,
) -> Vec<Check> {
    let doubtful = findings.lost("expect") || findings.open("expect");
    for name in differs.rules.keys().filter(|name| !doubtful && !form.expect.rules.contains_key(name)) {
        let title = format!("{} is not expected of the base", quoted(&name.value));
        let problem = Problem::new("P0603", &name.at, title).label("not in [expect]");
        findings.add(problem.help(format!("add `{} = \"any\"` to [expect]", name.value)));
    }
    let in_order = Rule::NAMES.iter().filter_map(|name| {
        let (base, expectation) = form.expect.rules.iter().find(|(key, _)| key.value == *name)?;
        let own = differs.rules.iter().find(|(key, _)| key.value == *name);
        let rule = limits.rule(findings, base)?;
        let (key, expectation) = own.unwrap_or((base, expectation));
        let expected = match expectation.value {
            Expectation::Holds => Some(Expected::Holds),
            Expectation::Violated => Some(Expected::Violated),
            Expectation::Any => None,
        };
        Some(Check { rule, expected, stated: true, place: Place::of(findings.text, key.at.start) })
    });
    in_order.collect()
}

/// How many states are expected; a variant does not inherit the number, since its states are others.
pub(crate) fn states(own: &form::Expectations, findings: &Findings<'_>) -> Option<States> {
    let states = own.states.as_ref()?;
    Some(States { count: u64::from(states.value), place: Place::of(findings.text, states.at.start) })
}

/// Refuses a file in which nothing is expected, and limits that nothing is held against.
pub(crate) fn check_use(form: &form::Scenario, findings: &Findings<'_>) {
    if findings.lost("expect") || findings.open("expect") {
        return;
    }
    if form.expect.rules.is_empty() {
        let problem = Problem::new("P0107", &form.scenario.at, "this scenario expects nothing");
        findings.add(
            problem
                .label("nothing would be checked")
                .help(format!("add a table [expect] with a line such as {} = \"holds\"", INVARIANTS[0].name)),
        );
    }
    let claimed = form.interleaving.iter().flat_map(|claim| [&claim.breaks, &claim.keeps]);
    let claimed: Vec<&Text> = claimed.flatten().flatten().chain(form.expect.rules.keys()).collect();
    if let Some(limits) = &form.limits {
        let spans = limits.spans.iter().map(|(name, text)| (name, &text.at));
        let counts = limits.counts.iter().map(|(name, count)| (name, &count.at));
        for (name, place) in spans.chain(counts) {
            let name = name.value.as_str();
            if claimed.iter().any(|text| text.value == name) {
                continue;
            }
            let title = format!("nothing expects {}", quoted(name));
            let problem = Problem::new("P0602", place, title).label("a limit without a check");
            findings.add(problem.help(format!("add `{name} = \"holds\"` to [expect]")));
        }
    }
}

/// Compiles an interleaving for the system of its case.
pub(crate) fn interleaving(
    form: &form::Interleaving,
    system: &System,
    limits: &Limits,
    findings: &Findings<'_>,
) -> Interleaving {
    if form.order.value.is_empty() && !findings.stands_in(&form.order.at) {
        let problem = Problem::new("P0604", &form.order.at, "this interleaving has no steps");
        findings.add(problem.label("empty").help("name at least two steps as \"TASK.STEP\""));
    }
    if let Some(step) = form.order.value.get(Order::MAX) {
        let title = format!("an interleaving has more than {} steps", Order::MAX);
        let problem = Problem::new("P0108", &step.at, title).label("one too many");
        findings.add(problem.help("name the steps that matter: others may come between"));
    }
    let order = form.order.value.iter().filter_map(|text| step_ref(text, system, findings));
    Interleaving {
        name: form.name.value.clone(),
        order: order.collect(),
        outcome: outcome(form, limits, findings),
        place: Place::of(findings.text, form.name.at.start),
    }
}

fn outcome(form: &form::Interleaving, limits: &Limits, findings: &Findings<'_>) -> Outcome {
    let rules = |list: &Option<Vec<Text>>| -> Vec<Rule> {
        list.iter().flatten().filter_map(|name| limits.rule(findings, name)).collect()
    };
    let claimed: Vec<&Text> = [&form.breaks, &form.keeps].into_iter().flatten().flatten().collect();
    let doubtful = form.expect.as_ref().is_some_and(|expect| findings.stands_in(&expect.at))
        || findings.lost("interleaving")
        || ["breaks", "keeps", "expect"].iter().any(|key| findings.open(key));
    match (&form.expect, claimed.first()) {
        _ if doubtful => {}
        (Some(expect), Some(other)) => {
            let problem = Problem::new("P0605", &expect.at, "what is impossible breaks and keeps nothing");
            let problem = problem.label("impossible").beside(&other.at, "but this is claimed of it");
            findings.add(problem.help("keep either `expect` or `breaks` and `keeps`"));
        }
        (None, None) => {
            let problem = Problem::new("P0605", &form.name.at, "this interleaving claims nothing");
            findings.add(
                problem
                    .label("nothing to check")
                    .help("add expect = \"impossible\", breaks = [\"INVARIANT\"] or keeps = [\"INVARIANT\"]"),
            );
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    for (place, name) in claimed.iter().enumerate() {
        if let Some(first) = claimed[..place].iter().find(|other| other.value == name.value) {
            let title = format!("{} is claimed twice", quoted(&name.value));
            let problem = Problem::new("P0606", &name.at, title).label("the second");
            let problem = problem.beside(&first.at, "the first");
            findings.add(problem.help("an invariant is either broken or kept"));
        }
    }
    if form.expect.is_some() {
        return Outcome::Impossible;
    }
    Outcome::Possible { breaks: rules(&form.breaks), keeps: rules(&form.keeps) }
}

fn step_ref(text: &Text, system: &System, findings: &Findings<'_>) -> Option<StepRef> {
    let (path, occurrence) = match text.value.rsplit_once('@') {
        None => (text.value.as_str(), None),
        Some((path, number)) => {
            let occurrence = number.parse().ok().filter(|k: &u32| *k >= 1);
            if occurrence.is_none() {
                let title = format!("{} is no number of times", quoted(number));
                let problem = Problem::new("P0607", &text.at, title).label("after the `@`");
                findings.add(problem.help("write \"TASK.STEP@3\" for the third time in a run"));
            }
            (path, occurrence)
        }
    };
    let found = path.split_once('.').and_then(|(task, step)| {
        let id = system.tasks.iter().position(|t| t.name == task)?;
        let task = &system.tasks[id];
        let place = task.steps.iter().chain(&task.otherwise).position(|s| s.name == step)?;
        Some((TaskId(u8::try_from(id).ok()?), StepId(u16::try_from(place).ok()?)))
    });
    let Some((task, step)) = found else {
        if findings.stands_in(&text.at) || findings.hides_steps() || findings.hides_insertions() {
            return None;
        }
        let known: Vec<String> = system
            .tasks
            .iter()
            .flat_map(|task| {
                let steps = task.steps.iter().chain(&task.otherwise);
                steps.map(|step| format!("{}.{}", task.name, step.name))
            })
            .collect();
        let hint = did_you_mean(path, known.iter().map(String::as_str));
        let title = format!("unknown step {}{hint}", quoted(path));
        let problem = Problem::new("P0310", &text.at, title).label("not known");
        let help = format!("known: {}", listed(known.iter().map(String::as_str).take(40)));
        findings.add(problem.help(help));
        return None;
    };
    Some(StepRef { task, step, occurrence, name: path.to_owned() })
}

/// Refuses two interleavings of one name.
pub(crate) fn check_names(form: &form::Scenario, findings: &Findings<'_>) {
    let mut names = Names::implied("interleaving");
    form.interleaving.iter().for_each(|one| names.declare(findings, &one.name));
}
