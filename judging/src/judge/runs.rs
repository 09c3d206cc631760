//! The runs of a case: those that are asked for, and those beyond them in which something must be seen.
//!
//! They are made in chunks over the cores. What must be broken and is not seen is looked for in up to twenty times as
//! many; what an invariant is about and never happens, in ten thousand. Some are made twice, and all lie within what was explored.

use punctual_model::RuleId;
use punctual_scenarios::Expected;
use punctual_sim::sample;

use super::{Effort, JudgeError};
use crate::cores;
use crate::counterexample::Disagreement;
use crate::proof::{self, Proved, Spans};
use crate::sampling::{Prepared, Tally};

/// How much longer than asked a violation that must be there is looked for.
const LOOK_ON: u64 = 20;
/// The runs of one task on one core; part of nothing that is printed.
const CHUNK: u64 = 1_000;
/// Runs in which something must happen that an invariant is about.
const RARE: u64 = 10_000;
/// Runs that are made twice to see that they come out the same.
const TWICE: u64 = 3;

/// The runs that were asked for, counted.
///
/// # Errors
/// Time stands still, a task never lets it pass, or one run came out in two ways.
pub(super) fn asked_for(
    prepared: &Prepared<'_>,
    effort: Effort<'_>,
    progress: &(impl Fn(u64) + Sync),
) -> Result<Tally, JudgeError> {
    let case = prepared.case;
    // Each run in which time stands still takes a million events until it is stopped: one is enough.
    if prepared.sample_for(effort.budget.host, effort.seed, 0..1).too_long.is_some()
        && let Some(cycle) = proof::zeno_cycle(prepared, effort.budget)
    {
        return Err(JudgeError::ZenoCycle { variant: case.variant.clone(), cycle });
    }
    let mut tally = sample_all(prepared, effort, progress);
    tally.deliveries.settle();
    if let Some((_, task)) = tally.stuck {
        return Err(JudgeError::Stuck { task: case.system.tasks[usize::from(task.0)].name.clone() });
    }
    twice(prepared, effort)?;
    Ok(tally)
}

fn sample_all(prepared: &Prepared<'_>, effort: Effort<'_>, progress: &(impl Fn(u64) + Sync)) -> Tally {
    let host = effort.budget.host;
    let chunk = |number: u64| {
        let runs = number * CHUNK..((number + 1) * CHUNK).min(effort.runs);
        let tally = prepared.sample_for(host, effort.seed, runs);
        progress(tally.runs);
        tally
    };
    let chunks = 0..effort.runs.div_ceil(CHUNK);
    cores::added_up(
        chunks,
        || !host.interrupted(),
        chunk,
        || prepared.tally(),
        |one, other| one.merge(&other),
    )
}

/// Makes some runs twice and compares every event and fact.
fn twice(prepared: &Prepared<'_>, effort: Effort<'_>) -> Result<(), JudgeError> {
    for run in (0..TWICE.min(effort.runs)).take_while(|_| !effort.budget.host.interrupted()) {
        let traces = [(); 2].map(|()| sample::trace(&prepared.world, effort.seed, run));
        if traces[0] != traces[1] {
            let what = format!("run {run} of seed {} came out in two ways", effort.seed);
            return Err(JudgeError::Disagreement(Disagreement::TwoResults(what)));
        }
    }
    Ok(())
}

/// No sampled delay lies outside of the exact ones.
pub(super) fn within_bounds(
    prepared: &Prepared<'_>,
    tally: &Tally,
    exact: &[Spans],
) -> Result<(), Disagreement> {
    for (delays, exact) in tally.deliveries.delays().iter().zip(exact) {
        let Some(sampled) = delays.summary() else { continue };
        let fits = match exact {
            Spans::Exact { least, greatest, .. } => {
                least.span.0 <= sampled.min && sampled.max <= greatest.span.0
            }
            Spans::Never { .. } => false,
            Spans::Unknown { .. } => true,
        };
        if !fits {
            let event = prepared.case.system.event_name(delays.event);
            let sampled = format!("{} to {} us", sampled.min, sampled.max);
            return Err(Disagreement::Refused(format!(
                "runs take {sampled} to deliver {event}, outside of what exploring has: {exact:?}"
            )));
        }
    }
    Ok(())
}

/// Runs beyond those asked for, as long as something that must be broken was not seen and exploring
/// does not know.
pub(super) fn look_on(
    prepared: &Prepared<'_>,
    tally: &Tally,
    proved: &[Proved],
    effort: Effort<'_>,
) -> Tally {
    let must_break = |place: RuleId| {
        prepared.case.check(place).expected == Some(Expected::Violated)
            && matches!(proved[place.0], Proved::Unknown { .. })
    };
    let mut further = prepared.tally();
    let mut from = effort.runs;
    let end = effort.runs.saturating_mul(LOOK_ON);
    loop {
        let unseen = |place: RuleId| tally.broken[place.0].runs + further.broken[place.0].runs == 0;
        let unbroken = prepared.case.rules().any(|place| must_break(place) && unseen(place));
        let host = effort.budget.host;
        if from >= end || !unbroken || host.interrupted() {
            return further;
        }
        let to = (from + CHUNK).min(end);
        further = further.merge(&prepared.sample_for(host, effort.seed, from..to));
        from = to;
    }
}

/// Refuses a case in which something holds because nothing that it is about ever happens. What is
/// rare is looked for in at least [`RARE`] runs before that is said.
pub(super) fn something_happens(
    prepared: &Prepared<'_>,
    tally: &Tally,
    further: &Tally,
    effort: Effort<'_>,
) -> Result<(), JudgeError> {
    let idle = |more: &Tally| -> Vec<&'static str> {
        let checks = prepared.case.checks.iter().enumerate();
        let must_hold = checks.filter(|(_, check)| check.expected == Some(Expected::Holds));
        let seen = [&tally.seen, &further.seen, &more.seen];
        must_hold
            .filter(|(_, check)| !seen.iter().any(|seen| seen.concerns(check.rule)))
            .map(|(_, check)| check.rule.name())
            .collect()
    };
    // Where runs had to be stopped, what was not broken is unknown, and nothing passes in silence.
    if tally.too_long.or(further.too_long).is_some() {
        return Ok(());
    }
    let mut more = prepared.tally();
    let mut from = effort.runs + further.runs;
    let host = effort.budget.host;
    while !idle(&more).is_empty() && !host.interrupted() {
        if from >= effort.runs.max(RARE) {
            let (variant, invariants) = (prepared.case.variant.clone(), idle(&more));
            return Err(JudgeError::Nothing { variant, invariants, runs: from });
        }
        let to = (from + CHUNK).min(RARE);
        more = more.merge(&prepared.sample_for(host, effort.seed, from..to));
        from = to;
    }
    Ok(())
}
