//! From verdicts to the document that every report is made from.
//!
//! Nothing is computed here that decides anything, and nothing is left for a report to find out: what
//! people read and what programs do are both made from this and from nothing else.

use std::collections::BTreeMap;

use punctual_model::{JudgedAt, Limited, Rule};
use punctual_reports::document;
use punctual_reports::text;
use punctual_scenarios::{Case, Expected, Outcome, STDIN, Scenario};
use punctual_sim::Span;
use punctual_sim::explore::Traversal;

use crate::race;
use crate::story::Story;
use crate::why::Why;
use punctual_judging::budget::Cause;
use punctual_judging::counterexample::{Counterexample, Nearest, nearest};
use punctual_judging::judge::{Effort, Judged, OrderFound, Verdict};
use punctual_judging::proof::{self, Proved, Spans};
use punctual_judging::sampling::{self, Prepared, Until};
use punctual_judging::window::{Window, windows};

/// The place of a check in a scenario: the case and the invariant.
pub type Where = (usize, usize);

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
        checks: (0..case.checks.len())
            .map(|place| {
                let is_explained = explained.contains(&(number, place));
                document_check(scenario, judged, place, is_explained, manner)
            })
            .collect(),
        states: states(judged),
        never_taken: never_taken(judged),
        deliveries: deliveries(judged),
        load: (judged.tally.runs > 0).then(|| document::Load {
            database_reads_per_run: judged.tally.reads as f64 / runs,
            polls_per_run: judged.tally.turns as f64 / runs,
        }),
        interleavings: (0..case.interleavings.len())
            .map(|place| interleaving(scenario, judged, place, manner))
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
    let delivery = |(delays, spans): (&punctual_judging::delivery::Delays, &Spans)| document::Delivery {
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

fn document_check(
    scenario: &Scenario,
    judged: &Judged<'_>,
    place: usize,
    is_explained: bool,
    manner: Manner<'_>,
) -> document::Check {
    let check = &judged.prepared.case.checks[place];
    let counterexample = judged.counterexample(place);
    let (mut observed, mut margin) = (None, None);
    let mut wanted = crate::explain::wanted(check.rule);
    if let Some(found) = counterexample {
        let story = Story::of(&judged.prepared.case.system, &found.trace);
        if let Some(breach) = found.breach(place) {
            (observed, margin) = Why::of(&story, check.rule, breach).figures(&story);
        }
    }
    let is_measured = check.rule.invariant().limited == Limited::Delivery;
    if let (Verdict::Holds, true, Some(limit)) = (judged.verdicts[place], is_measured, check.rule.span()) {
        (observed, margin) = kept(judged, limit);
    }
    if judged.verdicts[place] == Verdict::Unknown {
        (wanted, observed) = undecided(judged, place, wanted);
    }
    document::Check {
        invariant: check.rule.name().to_owned(),
        verdict: verdict(judged.verdicts[place]),
        expected: check.expected.map(expected),
        as_expected: judged.as_expected(place),
        evidence: evidence(judged, place),
        wanted,
        observed,
        margin,
        code: check.rule.invariant().code.to_owned(),
        cut_short: judged.verdicts[place] == Verdict::Unknown && judged.cut_short(place),
        end_of_runs: end_of_runs(judged, place),
        sampled: sampled(judged, place),
        counterexample: counterexample
            .map(|found| told(scenario, judged, place, found, is_explained, manner)),
    }
}

/// What the end that the scenario gives to runs has to do with the check at `place`.
fn end_of_runs(judged: &Judged<'_>, place: usize) -> Option<String> {
    let system = &judged.prepared.case.system;
    let (task, after) = system.ends?;
    let end = format!("{} after {}", text::duration(after.0), system.tasks[usize::from(task.0)].name);
    let beyond = judged.counterexample(place).is_some_and(|found| found.until == Until::Beyond);
    let (broken, runs) = (judged.tally.broken[place].runs, judged.tally.runs);
    match judged.verdicts[place] {
        Verdict::Violated if beyond => Some(format!(
            "it holds only up to the end of a run ({end}), and this run goes on beyond it; rates are those of runs that end there"
        )),
        Verdict::Holds if broken > 0 => {
            let runs = format!("{} of {}", text::grouped(broken), text::count(runs, "run"));
            Some(if judged.prepared.plan.rules()[place].invariant().judged == JudgedAt::TheEnd {
                format!("{runs} are over ({end}) before it has come about")
            } else {
                format!("{runs} break it only by what arrives after their end ({end})")
            })
        }
        Verdict::Holds | Verdict::Violated | Verdict::Unknown => None,
    }
}

/// The greatest delay of all events over every timing, and how far it is from the limit that it keeps.
fn kept(judged: &Judged<'_>, limit: Span) -> (Option<String>, Option<String>) {
    let greatest = judged.exact.iter().map(|spans| match spans {
        Spans::Never { beyond: None, .. } => Some(Span::ZERO),
        spans => spans.ends().map(|(_, greatest)| greatest.span),
    });
    let greatest = greatest.collect::<Option<Vec<Span>>>().and_then(|all| all.into_iter().max());
    let Some(greatest) = greatest.filter(|greatest| *greatest <= limit) else { return (None, None) };
    let spare = text::exactly(limit.0 - greatest.0);
    (
        Some(format!("at most {}, over every timing", text::exactly(greatest.0))),
        Some(format!("{spare} to spare")),
    )
}

/// What is wanted of a check that is undecided, and what was seen of it.
fn undecided(judged: &Judged<'_>, place: usize, wanted: String) -> (String, Option<String>) {
    let none = match (judged.runs_made, judged.tally.broken[place].runs) {
        (0, _) => "no run was made".to_owned(),
        (runs, 0) => format!("none in {}", text::count(runs, "run")),
        (runs, broken) => {
            format!("{} of {}, only since they are over", text::grouped(broken), text::count(runs, "run"))
        }
    };
    match (judged.prepared.case.checks[place].expected, judged.limit(place)) {
        (Some(Expected::Violated), _) => {
            ("a run that breaks it: the scenario says that there is one".into(), Some(none))
        }
        (_, Some((cause, limit))) => {
            let more = cause.option().map_or(String::new(), |option| format!("; more {option} may show it"));
            let stopped = if cause == Cause::Interrupted { "was" } else { "stopped at" };
            (
                format!("that no timing breaks it{more}"),
                Some(format!("{none}, and exploring {stopped} {limit}")),
            )
        }
        (_, None) => (wanted, Some(none)),
    }
}

/// A counterexample: where it can be seen again and, if it is to be explained, why it breaks what.
fn told(
    scenario: &Scenario,
    judged: &Judged<'_>,
    place: usize,
    found: &Counterexample,
    is_explained: bool,
    manner: Manner<'_>,
) -> document::Counterexample {
    let case = judged.prepared.case;
    let rule = case.checks[place].rule;
    let story = Story::of(&case.system, &found.trace);
    let why = found.breach(place).map(|breach| Why::of(&story, rule, breach));
    let beyond = judged.tally.broken[place].runs == 0;
    let is_told = is_explained || !judged.as_expected(place);
    document::Counterexample {
        id: found.id.clone(),
        steps: found.steps() as u64,
        smallest_gap_us: found.smallest_gap.0,
        replay: Some(replay(scenario, case.variant.as_deref(), rule.name(), found, manner)),
        saved: manner.saved.get(&found.id).cloned(),
        took_runs: found.run.filter(|_| beyond).map(|run| run + 1),
        only_by_a_tie: found.takes_a_tie(),
        why: why.as_ref().filter(|_| is_told).map(|why| {
            let tie =
                if found.takes_a_tie() { "; only a tie breaks it, two things at one instant" } else { "" };
            said(&story, why, found) + tie
        }),
        nearest: is_told
            .then(|| nearest(&judged.prepared, place, found))
            .flatten()
            .map(|nearest| nearest_text(&nearest)),
        window: is_told.then(|| window_text(&windows(&judged.prepared, place, found))).flatten(),
        race: why.filter(|_| is_explained).map(|why| race::of_why(&story, &why)),
    }
}

fn verdict(verdict: Verdict) -> document::Verdict {
    match verdict {
        Verdict::Holds => document::Verdict::Holds,
        Verdict::Violated => document::Verdict::Violated,
        Verdict::Unknown => document::Verdict::Unknown,
    }
}

/// What a scenario expects, as the document has it.
pub fn expected(expected: Expected) -> document::Expected {
    match expected {
        Expected::Holds => document::Expected::Holds,
        Expected::Violated => document::Expected::Violated,
    }
}

fn evidence(judged: &Judged<'_>, place: usize) -> document::Evidence {
    match &judged.proved[place] {
        Proved::Holds { states } | Proved::Broken { states } => {
            document::Evidence::EveryTiming { states: *states }
        }
        Proved::Unknown { .. } => match judged.limit(place) {
            None => document::Evidence::Runs,
            Some((_, limit)) => document::Evidence::Limit { limit: limit.to_owned() },
        },
    }
}

fn sampled(judged: &Judged<'_>, place: usize) -> Option<document::Sampled> {
    let (low, high) = judged.rate(place);
    (judged.tally.runs > 0).then(|| document::Sampled {
        runs: judged.tally.decided(place),
        violations: judged.tally.broken[place].runs,
        rate: [low, high],
    })
}

fn interleaving(
    scenario: &Scenario,
    judged: &Judged<'_>,
    place: usize,
    manner: Manner<'_>,
) -> document::Interleaving {
    let interleaving = &judged.prepared.case.interleavings[place];
    let (mut found_in, mut impossible, mut limit) = (0, None, None);
    let verdict = match &judged.orders[place] {
        OrderFound::Found { in_runs, .. } => {
            found_in = *in_runs;
            document::InterleavingVerdict::Found
        }
        OrderFound::Impossible(why) => {
            impossible = Some(why);
            document::InterleavingVerdict::Impossible
        }
        OrderFound::Possible { .. } => document::InterleavingVerdict::Possible,
        OrderFound::NotFound { limit: met, .. } => {
            limit = Some(met.clone());
            document::InterleavingVerdict::NotFound
        }
    };
    let refused_at = impossible.and_then(|impossible| interleaving.order.get(impossible.reached));
    let refused_at = refused_at.map(|step| step.name.clone());
    document::Interleaving {
        interleaving: interleaving.name.clone(),
        verdict,
        expected: match interleaving.outcome {
            Outcome::Impossible => document::Possibility::Impossible,
            Outcome::Possible { .. } => document::Possibility::Possible,
        },
        as_expected: judged.order_as_expected(place),
        runs: judged.tally.runs,
        found_in,
        states: impossible.map(|impossible| impossible.states),
        reason: impossible.zip(refused_at.as_deref()).and_then(|(impossible, next)| impossible.reason(next)),
        refused_at,
        limit,
        against: against(scenario, judged, place, manner),
    }
}

/// Which broken checks are explained: those not as expected, and one of each other race. Two
/// checks show the same race if one run breaks both.
fn explained(judged: &[Judged<'_>], which: Explained) -> Vec<Where> {
    let mut shown: Vec<Where> = Vec::new();
    for (number, case) in judged.iter().enumerate() {
        let mut pictured_runs = Vec::new();
        for place in 0..case.verdicts.len() {
            let Some(known) = case.broken_by[place] else { continue };
            let base_or_odd = number == 0 || which == Explained::All || !case.as_expected(place);
            if base_or_odd && !pictured_runs.contains(&known) {
                pictured_runs.push(known);
                shown.push((number, place));
            }
        }
    }
    shown
}

/// Why a run breaks an invariant, in a sentence.
pub fn said(story: &Story<'_>, why: &Why, found: &Counterexample) -> String {
    let mut why = why.said(story);
    if let Some((from, events, takes)) = found.for_ever() {
        let (from, takes) = (text::exactly(from.0), text::duration(takes.0));
        why += &format!(
            "; nothing ends it: what happens from {from} on ({} in {takes}) can repeat for ever",
            text::count(events as u64, "event")
        );
    }
    why
}

/// What does not fit what is claimed of a named order, and a run against it.
fn against(
    scenario: &Scenario,
    judged: &Judged<'_>,
    place: usize,
    manner: Manner<'_>,
) -> Option<document::Against> {
    let (found, case) = (judged.against[place].as_ref()?, judged.prepared.case);
    let name = &case.interleavings[place].name;
    let story = Story::of(&case.system, &found.trace);
    Some(document::Against {
        id: found.id.clone(),
        why: claims(judged, place),
        race: race::of_order(&story, &judged.prepared, place, found),
        saved: manner.saved.get(&found.id).cloned(),
        replay: replay(scenario, case.variant.as_deref(), name, found, manner),
    })
}

/// Which claims about a named order are wrong, and in how many of the runs that contain it.
fn claims(judged: &Judged<'_>, place: usize) -> String {
    let OrderFound::Found { in_all, broken, .. } = &judged.orders[place] else {
        let found = judged.against[place].as_ref();
        let case = judged.prepared.case;
        return found.map_or(String::new(), |found| not_as_claimed(case, place, &judged.prepared, found));
    };
    let Outcome::Possible { breaks, keeps } = &judged.prepared.case.interleavings[place].outcome else {
        return format!("{} contain it, and it is claimed to be impossible", text::count(*in_all, "run"));
    };
    let broken = |rule: &Rule| {
        let at = judged.prepared.plan.rules().iter().position(|known| known == rule);
        at.map_or(0, |at| broken[at])
    };
    let of = |runs: u64| {
        format!("in {} of the {} that contain it", text::grouped(runs), text::count(*in_all, "run"))
    };
    let kept = keeps.iter().filter(|rule| broken(rule) > 0).map(|rule| {
        format!("`keeps` claims that {} holds, but {} it is broken", rule.name(), of(broken(rule)))
    });
    let unbroken = breaks.iter().filter(|rule| broken(rule) < *in_all).map(|rule| {
        format!("`breaks` claims that {} is broken, but {} it holds", rule.name(), of(in_all - broken(rule)))
    });
    kept.chain(unbroken).collect::<Vec<_>>().join("; ")
}

/// What of the claims about a named order one run that contains it contradicts.
pub fn not_as_claimed(case: &Case, place: usize, prepared: &Prepared<'_>, found: &Counterexample) -> String {
    let Outcome::Possible { breaks, keeps } = &case.interleavings[place].outcome else {
        return "the scenario claims that this is impossible".into();
    };
    let broken = |rule: &&Rule| {
        let at = prepared.plan.rules().iter().position(|known| known == *rule);
        at.is_some_and(|at| found.breach(at).is_some())
    };
    let kept =
        keeps.iter().filter(broken).map(|rule| format!("{} is broken, which it must keep", rule.name()));
    let unbroken = breaks.iter().filter(|rule| !broken(rule));
    let unbroken = unbroken.map(|rule| format!("{} holds, which it must break", rule.name()));
    format!("not as the scenario claims: {}", kept.chain(unbroken).collect::<Vec<_>>().join("; "))
}

/// The command that shows a counterexample again: from where it was saved, or found anew.
fn replay(
    scenario: &Scenario,
    variant: Option<&str>,
    what: &str,
    found: &Counterexample,
    manner: Manner<'_>,
) -> String {
    if let Some(path) = manner.saved.get(&found.id) {
        return format!("punctual replay {}", quoted(path));
    }
    let name = match scenario.label() {
        _ if manner.embedded => scenario.name.as_str(),
        STDIN => "-",
        label => label,
    };
    let mut command = format!("punctual replay {} {}", quoted(name), quoted(what));
    if let Some(variant) = variant {
        command += &format!(" --variant {}", quoted(variant));
    }
    if found.run.is_some() && manner.effort.seed != sampling::SEED {
        command += &format!(" --seed {:#x}", manner.effort.seed);
    }
    if let Some(run) = found.run.filter(|run| *run >= SEARCHED) {
        command += &format!(" --runs {}", run + 1);
    }
    let states = manner.effort.budget.states;
    if found.run.is_none() && states != proof::STATES {
        command += &format!(" --states {states}");
    }
    if found.run.is_none() && manner.effort.budget.traversal == Traversal::DepthFirst {
        command += " --depth-first";
    }
    command
}

/// Runs in which `punctual replay` looks for what it is asked for, unless told otherwise.
pub const SEARCHED: u64 = 100_000;

/// A word of a command line as a shell must be given it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_./+-:=@%,".contains(c);
    let word = if word.starts_with('-') && word != "-" { format!("./{word}") } else { word.to_owned() };
    if !word.is_empty() && word.chars().all(plain) {
        return word;
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Where delays must fall for the run to break, as far as they may fall elsewhere.
fn window_text(windows: &[Window]) -> Option<String> {
    let told = |window: &Window| {
        let bound = match (window.from == window.range.0, window.to == window.range.1) {
            (true, _) => format!("at most {}", text::duration(window.to.0)),
            (_, true) => format!("at least {}", text::duration(window.from.0)),
            _ => format!("{} to {}", text::duration(window.from.0), text::duration(window.to.0)),
        };
        let which =
            if window.occurrence > 1 { format!(" (number {})", window.occurrence) } else { String::new() };
        format!("{}{which} {bound}: {} of its draws", window.name, text::chance(window.chance))
    };
    (!windows.is_empty()).then(|| windows.iter().map(told).collect::<Vec<_>>().join("; "))
}

fn nearest_text(nearest: &Nearest) -> String {
    let (was, now) = (nearest.was.0, nearest.now.0);
    let change = text::duration(was.abs_diff(now));
    if nearest.phase {
        // Further into its tick when the run begins, a clock comes to the next one sooner.
        let direction = if now < was { "later" } else { "earlier" };
        let store = nearest.name.strip_suffix(".clock").unwrap_or(&nearest.name);
        return format!("the clock of {store} ticks {change} {direction}: the run passes");
    }
    let direction = if now < was { "shorter" } else { "longer" };
    let which =
        if nearest.occurrence > 1 { format!(" (number {})", nearest.occurrence) } else { String::new() };
    let [now, was] = text::told_apart(now, was);
    format!("{}{which} {change} {direction}, {now} instead of {was}: the run passes", nearest.name)
}
