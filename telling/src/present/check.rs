//! A check in the document: its verdict, what was wanted and seen, and the run that breaks it.

use punctual_judging::budget::Cause;
use punctual_judging::counterexample::{Counterexample, Nearest, nearest};
use punctual_judging::judge::{Judged, Verdict};
use punctual_judging::proof::{Proved, Spans};
use punctual_judging::sampling::Until;
use punctual_judging::window::{Window, windows};
use punctual_model::{JudgedAt, Measured, RuleId};
use punctual_reports::{document, text};
use punctual_scenarios::{Expected, Scenario};
use punctual_sim::Span;

use super::{Manner, replay::replay};
use crate::race;
use crate::story::Story;
use crate::why::Why;

/// All that is said of the check at `place`; with a picture, if it `is_explained`.
pub(super) fn check(
    scenario: &Scenario,
    judged: &Judged<'_>,
    place: RuleId,
    is_explained: bool,
    manner: Manner<'_>,
) -> document::Check {
    let check = judged.prepared.case.check(place);
    let counterexample = judged.counterexample(place);
    let (mut observed, mut margin) = (None, None);
    let mut wanted = crate::explain::wanted(check.rule);
    if let Some(found) = counterexample {
        let story = Story::of(&judged.prepared.case.system, &found.trace);
        if let Some(breach) = found.breach(place) {
            (observed, margin) = Why::of(&story, check.rule, breach).figures(&story);
        }
    }
    let is_measured = check.rule.invariant().measured() == Some(Measured::Delivery);
    if let (Verdict::Holds, true, Some(limit)) = (judged.verdicts[place.0], is_measured, check.rule.span()) {
        (observed, margin) = kept(judged, limit);
    }
    if judged.verdicts[place.0] == Verdict::Unknown {
        (wanted, observed) = undecided(judged, place, wanted);
    }
    document::Check {
        invariant: check.rule.name().to_owned(),
        of_loss: check.rule.invariant().of_loss,
        verdict: verdict(judged.verdicts[place.0]),
        expected: check.expected.map(expected),
        as_expected: judged.as_expected(place),
        evidence: evidence(judged, place),
        wanted,
        observed,
        margin,
        code: check.rule.invariant().code.to_owned(),
        cut_short: judged.verdicts[place.0] == Verdict::Unknown && judged.cut_short(place),
        end_of_runs: end_of_runs(judged, place),
        sampled: sampled(judged, place),
        counterexample: counterexample
            .map(|found| shown(scenario, judged, place, found, is_explained, manner)),
    }
}

/// What the end that the scenario gives to runs has to do with the check at `place`.
fn end_of_runs(judged: &Judged<'_>, place: RuleId) -> Option<String> {
    let system = &judged.prepared.case.system;
    let (task, after) = system.ends?;
    let end = format!("{} after {}", text::duration(after.0), system.tasks[usize::from(task.0)].name);
    let beyond = judged.counterexample(place).is_some_and(|found| found.until == Until::Beyond);
    let (broken, runs) = (judged.tally.broken[place.0].runs, judged.tally.runs);
    match judged.verdicts[place.0] {
        Verdict::Violated if beyond => Some(format!(
            "it holds only up to the end of a run ({end}), and this run goes on beyond it; rates are those of runs that end there"
        )),
        Verdict::Holds if broken > 0 => {
            let runs = format!("{} of {}", text::grouped(broken), text::count(runs, "run"));
            Some(if judged.prepared.plan.rule(place).invariant().judged == JudgedAt::TheEnd {
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
fn undecided(judged: &Judged<'_>, place: RuleId, wanted: String) -> (String, Option<String>) {
    let none = match (judged.runs_made, judged.tally.broken[place.0].runs) {
        (0, _) => "no run was made".to_owned(),
        (runs, 0) => format!("none in {}", text::count(runs, "run")),
        (runs, broken) => {
            format!("{} of {}, only since they are over", text::grouped(broken), text::count(runs, "run"))
        }
    };
    match (judged.prepared.case.check(place).expected, judged.limit(place)) {
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
fn shown(
    scenario: &Scenario,
    judged: &Judged<'_>,
    place: RuleId,
    found: &Counterexample,
    is_explained: bool,
    manner: Manner<'_>,
) -> document::Counterexample {
    let case = judged.prepared.case;
    let rule = case.check(place).rule;
    let story = Story::of(&case.system, &found.trace);
    let why = found.breach(place).map(|breach| Why::of(&story, rule, breach));
    let beyond = judged.tally.broken[place.0].runs == 0;
    let is_told = is_explained || !judged.as_expected(place);
    document::Counterexample {
        id: found.id.clone(),
        steps: found.steps() as u64,
        smallest_gap_us: found.smallest_separation.0,
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

fn evidence(judged: &Judged<'_>, place: RuleId) -> document::Evidence {
    match &judged.proved[place.0] {
        Proved::Holds { states } | Proved::Broken { states } => {
            document::Evidence::EveryTiming { states: *states }
        }
        Proved::Unknown { .. } => match judged.limit(place) {
            None => document::Evidence::Runs,
            Some((_, limit)) => document::Evidence::Limit { limit: limit.to_owned() },
        },
    }
}

fn sampled(judged: &Judged<'_>, place: RuleId) -> Option<document::Sampled> {
    let (low, high) = judged.rate(place);
    (judged.tally.runs > 0).then(|| document::Sampled {
        runs: judged.tally.decided(place),
        violations: judged.tally.broken[place.0].runs,
        rate: [low, high],
    })
}

/// Why a run breaks an invariant, in a sentence.
pub fn said(story: &Story<'_>, why: &Why, found: &Counterexample) -> String {
    let mut why = why.said(story);
    if let Some((from, events, takes)) = found.lasso() {
        let (from, takes) = (text::exactly(from.0), text::duration(takes.0));
        why += &format!(
            "; nothing ends it: it is a lasso, and what happens from {from} on ({} in {takes}) can repeat for ever",
            text::count(events as u64, "event")
        );
    }
    why
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
