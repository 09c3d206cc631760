//! What is said of results in words, the same in every rendering.
//!
//! A terminal, a page and a table show the same verdict in different shapes; the words come from here,
//! so that no two of them can disagree.

use std::fmt::Write as _;

use crate::document::{
    Check, Delivery, Document, Evidence, Expected, Interleaving, InterleavingVerdict, Possibility,
    SampledDelay, Scenario, Verdict,
};
use crate::page::Tone;
use crate::text;

/// What the row of the scenario without a variant is called.
pub const AS_WRITTEN: &str = "as written";

/// `audio` or `audio with fix-1`.
pub fn of_case(case: &Scenario) -> String {
    match &case.variant {
        None => case.scenario.clone(),
        Some(variant) => format!("{} with {variant}", case.scenario),
    }
}

/// `broken, as expected`.
pub fn verdict(check: &Check) -> &'static str {
    match (check.verdict, check.expected, check.as_expected) {
        (Verdict::Violated, None, _) => "broken, where nothing is expected",
        (Verdict::Holds, None, _) => "holds, where nothing is expected",
        (Verdict::Violated, Some(_), true) => "broken, as expected",
        (Verdict::Violated, Some(_), false) => "broken, and must hold",
        (Verdict::Holds, Some(_), true) => "holds, as expected",
        (Verdict::Holds, Some(_), false) => "holds, and is expected to break",
        (Verdict::Unknown, ..) => "unknown",
    }
}

/// How much was checked, and whether it is as expected: `4 checks: 3 as expected, 1 not`, `2 cases`, `10 000 runs`.
pub fn summary(document: &Document) -> Vec<String> {
    let totals = document.totals();
    let not = totals.checks - totals.as_expected;
    let as_expected = match (totals.checks, not) {
        (0, _) => "nothing checked".to_owned(),
        (_, 0) => format!("{}, all as expected", text::count(totals.checks, "check")),
        _ => format!(
            "{}: {} as expected, {} not",
            text::count(totals.checks, "check"),
            text::grouped(totals.as_expected),
            text::grouped(not)
        ),
    };
    vec![as_expected, text::count(totals.cases, "case"), text::count(document.made_with.runs, "run")]
}

/// What never comes into play, and what does although nobody expected it; of what is as the scenario says, or
/// of what is not. Nothing if there is none.
pub fn idle(case: &Scenario, as_expected: bool) -> Option<String> {
    let of = |taken: bool| -> Vec<&str> {
        let of =
            case.never_taken.iter().filter(|idle| idle.as_expected == as_expected && idle.taken == taken);
        of.map(|idle| idle.part.as_str()).collect()
    };
    let (never, taken) = (of(false), of(true));
    let mut said = Vec::new();
    if !never.is_empty() {
        said.push(format!("never taken in any timing: {}", never.join(", ")));
    }
    if !taken.is_empty() {
        said.push(format!("taken, although `never-taken` says that it is not: {}", taken.join(", ")));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// What became of a named order, and what was expected if it is something else.
pub fn interleaving(order: &Interleaving) -> String {
    let mut said = match order.verdict {
        InterleavingVerdict::Impossible => "impossible".to_owned(),
        InterleavingVerdict::Possible => "possible, although no run shows it".to_owned(),
        InterleavingVerdict::Found if order.found_in == 0 => {
            format!("found, but only beyond the {} asked for", text::count(order.runs, "run"))
        }
        InterleavingVerdict::Found => {
            format!("found in {} of {}", text::grouped(order.found_in), text::count(order.runs, "run"))
        }
        InterleavingVerdict::NotFound => {
            format!("not found in {}: {}", text::count(order.runs, "run"), bound(order.runs))
        }
        InterleavingVerdict::Unknown => "unknown: a limit was reached".to_owned(),
    };
    if let Some(at) = &order.refused_at {
        let _ = write!(said, ", refused at {at}");
    }
    if let Some(limit) = &order.limit {
        let _ = write!(said, ", and exploring stopped: {limit}");
    }
    if let Some(states) = order.states {
        let _ = write!(said, " ({})", text::count(states, "state"));
    }
    if let Some(reason) = &order.reason {
        let _ = write!(said, ": {reason}");
    }
    if !order.as_expected {
        said.push_str(match (order.expected, order.verdict) {
            (Possibility::Impossible, _) => "; expected to be impossible",
            (Possibility::Possible, InterleavingVerdict::Found) => "; not as claimed",
            (Possibility::Possible, _) => "; expected to be possible",
        });
    }
    said
}

/// `412 of 5 000 = 8.24 %, 95 % interval 7.49 % to 9.04 %`, or the bound if there are none; nothing without runs.
pub fn rate(check: &Check) -> Option<String> {
    let sampled = check.sampled.as_ref()?;
    let of = format!("{} of {}", text::grouped(sampled.violations), text::count(sampled.runs, "run"));
    if sampled.runs == 0 {
        return Some("no run came to its end".to_owned());
    }
    let took = check.counterexample.as_ref().and_then(|found| found.took_runs);
    if let Some(took) = took {
        let bound = bound(sampled.runs);
        return Some(format!("{of}: {bound}; it took {} to see one", text::count(took, "run")));
    }
    if sampled.violations == 0 {
        return Some(format!("{of}: {}", bound(sampled.runs)));
    }
    let share = sampled.violations as f64 / sampled.runs as f64;
    let [low, high] = sampled.rate.map(text::chance);
    Some(format!("{of} = {}, 95 % interval {low} to {high}", text::chance(share)))
}

/// The bound on a rate after no violation in `runs` runs (rule of three).
pub fn bound(runs: u64) -> String {
    if runs < 4 {
        "says nothing about the rate".to_owned()
    } else {
        format!("rate < {} at 95 %", text::chance(3.0 / runs as f64))
    }
}

/// Whether a verdict is unknown because what must be broken was not seen broken.
pub fn unseen(check: &Check) -> bool {
    check.expected == Some(Expected::Violated)
}

/// Whether some event of a case does not arrive, in some run or by some timing.
pub fn loses(case: &Scenario) -> bool {
    let lost = |check: &Check| check.of_loss && check.verdict == Verdict::Violated;
    case.deliveries.iter().any(|one| one.undelivered_runs > 0) || case.checks.iter().any(lost)
}

/// The greatest delay of any event that arrives, over every timing.
pub fn greatest(case: &Scenario) -> String {
    let mut greatest: Option<(u64, bool)> = None;
    for one in &case.deliveries {
        match &one.exact_us {
            Some(exact) => {
                let Some(max) = exact.max else { return "no end".to_owned() };
                greatest = greatest.max(Some((max, exact.attained.1)));
            }
            // Without a delay in any run either, it never arrives, and has none.
            None if one.sampled_us.is_none() => {}
            None => return "not known".to_owned(),
        }
    }
    match greatest {
        None => "–".to_owned(),
        Some((max, true)) => text::exactly(max),
        Some((max, false)) => format!("≤ {}", text::exactly(max)),
    }
}

/// What a verdict rests on.
pub fn evidence(check: &Check) -> String {
    match (&check.evidence, check.verdict) {
        (Evidence::EveryTiming { states }, Verdict::Violated) => {
            format!("found among all timings ({})", text::count(*states, "state"))
        }
        (Evidence::EveryTiming { states }, Verdict::Holds | Verdict::Unknown) => {
            format!("every timing ({})", text::count(*states, "state"))
        }
        (Evidence::Runs, _) => "sampled runs".to_owned(),
        (Evidence::Limit { limit }, _) => format!("stopped at a limit: {limit}"),
    }
}

/// What was found out about a check, in its shortest form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// No timing breaks it.
    Proved,
    /// No run breaks it: the bound on its rate, or nothing if there are too few runs to say.
    Bound(Option<String>),
    /// So many runs break it.
    Share(String),
    /// It is broken, but in none of the runs asked for.
    Beyond,
    /// It is not known: why.
    Unknown(&'static str),
}

/// What was found out about a check.
pub fn finding(check: &Check) -> Finding {
    let sampled = check.sampled.as_ref();
    match check.verdict {
        Verdict::Holds => match (&check.evidence, sampled) {
            (Evidence::EveryTiming { .. }, _) => Finding::Proved,
            (Evidence::Runs | Evidence::Limit { .. }, sampled) => {
                let runs = sampled.map(|sampled| sampled.runs).filter(|runs| *runs > 3);
                Finding::Bound(runs.map(|runs| text::chance(3.0 / runs as f64)))
            }
        },
        Verdict::Violated => match sampled.filter(|sampled| sampled.violations > 0) {
            Some(sampled) => Finding::Share(text::chance(sampled.violations as f64 / sampled.runs as f64)),
            None => Finding::Beyond,
        },
        Verdict::Unknown if check.cut_short => Finding::Unknown("interrupted"),
        Verdict::Unknown if unseen(check) => Finding::Unknown("not seen"),
        Verdict::Unknown => Finding::Unknown("limit"),
    }
}

/// What a cell says of a check: that it is proved, its bound, or how often it is broken.
pub fn cell(check: &Check) -> (Tone, String) {
    let tone = match (check.as_expected, check.verdict) {
        (false, _) => Tone::Bad,
        (true, Verdict::Holds) => Tone::Good,
        (true, Verdict::Violated | Verdict::Unknown) => Tone::Known,
    };
    let said = match finding(check) {
        Finding::Proved => "✓ proved".to_owned(),
        Finding::Bound(Some(bound)) => format!("✓ < {bound}"),
        Finding::Bound(None) => "✓ watched".to_owned(),
        Finding::Share(share) => format!("✗ {share}"),
        Finding::Beyond => "✗ found".to_owned(),
        Finding::Unknown(why) => format!("? {why}"),
    };
    (tone, if check.as_expected { said } else { format!("! {said}") })
}

/// How often a check is broken, in words: `never, proved`, or the share of the runs.
pub fn how_often(check: &Check) -> String {
    match finding(check) {
        Finding::Proved => "never, proved".to_owned(),
        Finding::Bound(Some(bound)) => format!("in no run, < {bound}"),
        Finding::Bound(None) => "in no run".to_owned(),
        Finding::Share(share) => share,
        Finding::Beyond => "rarely, in none of the runs".to_owned(),
        Finding::Unknown(why) => format!("unknown: {why}"),
    }
}

/// What a share of the delays takes at most, between the exact ends.
pub fn share(delivery: &Delivery, of: impl Fn(&SampledDelay) -> u64) -> Option<String> {
    let us = of(delivery.sampled_us.as_ref()?);
    Some(match &delivery.exact_us {
        Some(exact) => text::roughly_within(us, exact.min, exact.max),
        None => text::roughly(us),
    })
}
