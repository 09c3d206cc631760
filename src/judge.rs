//! From a scenario to its verdicts.
//!
//! Each case is sampled, in chunks over the cores. What the scenario expects to be broken and the
//! runs did not break is looked for on, up to twenty times as long, because a narrow race is still
//! a race; rates and figures stay those of the runs that were asked for. An order of steps that no
//! run contains is looked for among all orders, without delays: only that can say "impossible".

use std::ops::Range;

use punctual_model::World;
use punctual_reports::text;
use punctual_scenarios::{Case, Expected, Outcome};
use punctual_sim::orders::{self, Possible};
use punctual_sim::{Runner, Seeded, rate, sample};
use rayon::prelude::*;

use crate::counterexample::{self, Counterexample, Disagreement};
use crate::sampling::{Prepared, Tally};

/// How much longer than asked a violation that must be there is looked for.
const LOOK_ON: u64 = 20;
/// The runs of one task on one core; part of nothing that is printed.
const CHUNK: u64 = 1_000;
/// The most states that enumerating orders may take.
const MOST_STATES: usize = 200_000;
/// Runs in which something must happen that an invariant is about.
const RARE: u64 = 10_000;
/// Runs that are made twice to see that they come out the same.
const TWICE: u64 = 3;

/// How much to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// What decides the draws.
    pub seed: u64,
    /// Runs of each case.
    pub runs: u64,
}

/// What an invariant came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No run breaks it.
    Holds,
    /// A run breaks it.
    Violated,
    /// It must be broken and no run breaks it, or a run had to be stopped before its end.
    Unknown,
}

/// A case and all that was found out about it.
pub struct Judged<'c> {
    /// The case.
    pub prepared: Prepared<'c>,
    /// What its runs come to.
    pub tally: Tally,
    /// By invariant.
    pub verdicts: Vec<Verdict>,
    /// By invariant: a run that breaks it, by its place in `counterexamples`.
    pub broken_by: Vec<Option<usize>>,
    /// Runs that break something; one may break several invariants.
    pub counterexamples: Vec<Counterexample>,
    /// By named order.
    pub orders: Vec<OrderFound>,
    /// By named order: a run that contains it and does not come out as the scenario says.
    pub against: Vec<Option<Counterexample>>,
    /// All runs, with those made to find what must be there.
    pub runs_made: u64,
}

/// What became of a named order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderFound {
    /// It happens, in this many of the runs made, first in this one.
    Found {
        /// Runs that contain it.
        in_runs: u64,
        /// The first of them, perhaps beyond the runs asked for.
        first: u64,
        /// Runs that contain it, with those beyond the runs asked for.
        in_all: u64,
        /// By invariant: how many of those break it.
        broken: Vec<u64>,
        /// A run that contains it and does not come out as the scenario says.
        against: Option<u64>,
    },
    /// No order of events contains it, whatever the delays.
    Impossible {
        /// The number of states that were seen.
        states: u64,
        /// How many of its steps some order reaches.
        reached: usize,
    },
    /// No run contains it, and without delays it cannot be refused.
    NotFound {
        /// How many runs were made.
        runs: u64,
    },
}

/// Why a scenario could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JudgeError {
    /// One run gave two results, or a judge refused what a driver did.
    Disagreement(Disagreement),
    /// A task takes steps for ever without letting time pass.
    Stuck {
        /// The task.
        task: String,
    },
    /// Nothing happened that some invariants are about: that they hold says nothing.
    Nothing {
        /// The variant.
        variant: Option<String>,
        /// The invariants.
        invariants: Vec<&'static str>,
        /// The runs in which nothing of the kind happened.
        runs: u64,
    },
}

impl std::fmt::Display for JudgeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disagreement(Disagreement::TwoResults(what)) => {
                write!(f, "{what}; punctual promises that it cannot")
            }
            Self::Disagreement(Disagreement::Refused(what)) => write!(f, "{what}; this is a bug in punctual"),
            Self::Stuck { task } => write!(
                f,
                "task {task} takes steps for ever without letting time pass; let a step of its loop take time whatever happens"
            ),
            Self::Nothing { variant, invariants, runs } => {
                let of = variant.as_deref().map_or("as it is written".into(), |name| format!("with {name}"));
                write!(
                    f,
                    "{of}, nothing happened that `{}` {} about, in any of {}; whatever is wrong would go unseen: let it happen, or do not expect that to hold there",
                    invariants.join("`, `"),
                    if invariants.len() == 1 { "is" } else { "are" },
                    text::count(*runs, "run")
                )
            }
        }
    }
}

/// Judges every case of `scenario`; `progress` hears of runs made.
///
/// # Errors
/// The first case, in order, that cannot be judged.
pub fn judge<'c>(
    cases: &'c [Case],
    effort: Effort,
    progress: &(impl Fn(u64) + Sync),
) -> Result<Vec<Judged<'c>>, JudgeError> {
    let judged: Vec<_> = cases.par_iter().map(|case| judge_case(case, effort, progress)).collect();
    judged.into_iter().collect()
}

fn judge_case<'c>(
    case: &'c Case,
    effort: Effort,
    progress: &(impl Fn(u64) + Sync),
) -> Result<Judged<'c>, JudgeError> {
    let prepared = Prepared::new(case);
    let tally = sample_all(&prepared, effort.seed, 0..effort.runs, progress);
    if let Some((_, task)) = tally.stuck {
        return Err(JudgeError::Stuck { task: case.system.tasks[usize::from(task.0)].name.clone() });
    }
    twice(&prepared, effort)?;
    let further = look_on(&prepared, &tally, effort);
    something_happens(&prepared, &tally, &further, effort)?;
    let first_broken: Vec<Option<u64>> = tally
        .broken
        .iter()
        .zip(&further.broken)
        .map(|(sampled, later)| sampled.first.or(later.first))
        .collect();
    let mut judged = Judged {
        verdicts: verdicts(case, &first_broken, tally.too_long.is_some()),
        runs_made: tally.runs + further.runs,
        broken_by: vec![None; first_broken.len()],
        counterexamples: Vec::new(),
        against: vec![None; case.interleavings.len()],
        orders: orders_found(&prepared, &tally, &further, effort),
        tally,
        prepared,
    };
    judged.explain(&first_broken, effort.seed)?;
    Ok(judged)
}

fn sample_all(
    prepared: &Prepared<'_>,
    seed: u64,
    runs: Range<u64>,
    progress: &(impl Fn(u64) + Sync),
) -> Tally {
    let chunks: Vec<Range<u64>> =
        (runs.start..runs.end).step_by(CHUNK as usize).map(|at| at..(at + CHUNK).min(runs.end)).collect();
    chunks
        .into_par_iter()
        .map(|chunk| {
            let count = chunk.end - chunk.start;
            let tally = prepared.sample(seed, chunk);
            progress(count);
            tally
        })
        .reduce(|| prepared.tally(), |one, other| one.merge(&other))
}

/// Makes some runs twice and compares every event and fact.
fn twice(prepared: &Prepared<'_>, effort: Effort) -> Result<(), JudgeError> {
    for run in 0..TWICE.min(effort.runs) {
        let traces = [(); 2].map(|()| sample::trace(&prepared.world, effort.seed, run));
        if traces[0] != traces[1] {
            let what = format!("run {run} of seed {} came out in two ways", effort.seed);
            return Err(JudgeError::Disagreement(Disagreement::TwoResults(what)));
        }
    }
    Ok(())
}

/// Runs beyond those asked for, as long as something that must be there was not seen.
fn look_on(prepared: &Prepared<'_>, tally: &Tally, effort: Effort) -> Tally {
    let must_break = |place: usize| prepared.case.checks[place].expected == Some(Expected::Violated);
    let mut further = prepared.tally();
    let mut from = effort.runs;
    let end = effort.runs.saturating_mul(LOOK_ON);
    loop {
        let unseen = |place: usize| tally.broken[place].runs + further.broken[place].runs == 0;
        let unbroken = (0..prepared.case.checks.len()).any(|place| must_break(place) && unseen(place));
        let unmatched = (0..prepared.orders.len()).any(|place| {
            let must_happen = matches!(prepared.case.interleavings[place].outcome, Outcome::Possible { .. });
            must_happen && tally.orders[place].found.runs + further.orders[place].found.runs == 0
        });
        if from >= end || !(unbroken || unmatched) {
            return further;
        }
        let to = (from + CHUNK).min(end);
        further = further.merge(&prepared.sample(effort.seed, from..to));
        from = to;
    }
}

/// Refuses a case in which something holds because nothing that it is about ever happens. What is
/// rare is looked for in at least [`RARE`] runs before that is said.
fn something_happens(
    prepared: &Prepared<'_>,
    tally: &Tally,
    further: &Tally,
    effort: Effort,
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
    while !idle(&more).is_empty() {
        if from >= effort.runs.max(RARE) {
            let (variant, invariants) = (prepared.case.variant.clone(), idle(&more));
            return Err(JudgeError::Nothing { variant, invariants, runs: from });
        }
        let to = (from + CHUNK).min(RARE);
        more = more.merge(&prepared.sample(effort.seed, from..to));
        from = to;
    }
    Ok(())
}

fn verdicts(case: &Case, first_broken: &[Option<u64>], stopped: bool) -> Vec<Verdict> {
    let verdict = |(check, broken): (&punctual_scenarios::Check, &Option<u64>)| match (broken, check.expected)
    {
        (Some(_), _) => Verdict::Violated,
        (None, _) if stopped => Verdict::Unknown,
        (None, Some(Expected::Violated)) => Verdict::Unknown,
        (None, Some(Expected::Holds) | None) => Verdict::Holds,
    };
    case.checks.iter().zip(first_broken).map(verdict).collect()
}

fn orders_found(prepared: &Prepared<'_>, tally: &Tally, further: &Tally, effort: Effort) -> Vec<OrderFound> {
    let found = |(place, order): (usize, &punctual_model::Order)| {
        let (sampled, later) = (&tally.orders[place], &further.orders[place]);
        if let Some(first) = sampled.found.first.or(later.found.first) {
            let broken = sampled.broken.iter().zip(&later.broken).map(|(sampled, later)| sampled + later);
            return OrderFound::Found {
                in_runs: sampled.found.runs,
                first,
                in_all: sampled.found.runs + later.found.runs,
                broken: broken.collect(),
                against: sampled.against.or(later.against),
            };
        }
        match orders::search(prepared.world.backend(), order.matcher(), MOST_STATES) {
            Possible::Never { reached, states } => OrderFound::Impossible { states: states as u64, reached },
            Possible::InSomeOrder | Possible::Unknown { .. } => {
                OrderFound::NotFound { runs: effort.runs + further.runs }
            }
        }
    };
    prepared.orders.iter().enumerate().map(found).collect()
}

impl Judged<'_> {
    /// Finds counterexamples for all that is broken, each as small as it gets.
    fn explain(&mut self, first_broken: &[Option<u64>], seed: u64) -> Result<(), JudgeError> {
        for (place, first) in first_broken.iter().enumerate() {
            let Some(run) = *first else { continue };
            let known = self.counterexamples.iter().position(|known| known.breaches[place].is_some());
            self.broken_by[place] = Some(match known {
                Some(known) => known,
                None => {
                    let found = counterexample::find(&self.prepared, place, seed, run);
                    self.counterexamples.push(found.map_err(JudgeError::Disagreement)?);
                    self.counterexamples.len() - 1
                }
            });
        }
        for place in 0..self.orders.len() {
            let OrderFound::Found { against: Some(run), .. } = self.orders[place] else { continue };
            let found = counterexample::against(&self.prepared, place, seed, run);
            self.against[place] = Some(found.map_err(JudgeError::Disagreement)?);
        }
        Ok(())
    }

    /// Whether the check at `place` came out as the scenario says.
    pub fn as_expected(&self, place: usize) -> bool {
        match (self.verdicts[place], self.prepared.case.checks[place].expected) {
            (Verdict::Holds, Some(Expected::Holds)) | (Verdict::Violated, Some(Expected::Violated)) => true,
            (Verdict::Holds | Verdict::Violated, None) => true,
            (Verdict::Unknown, _) | (Verdict::Holds | Verdict::Violated, Some(_)) => false,
        }
    }

    /// Whether the named order at `place` came out as the scenario says.
    pub fn order_as_expected(&self, place: usize) -> bool {
        match (&self.orders[place], &self.prepared.case.interleavings[place].outcome) {
            (OrderFound::Found { against, .. }, Outcome::Possible { .. }) => against.is_none(),
            (OrderFound::Impossible { .. }, Outcome::Impossible) => true,
            (OrderFound::Found { .. }, Outcome::Impossible)
            | (OrderFound::Impossible { .. }, Outcome::Possible { .. })
            | (OrderFound::NotFound { .. }, Outcome::Impossible | Outcome::Possible { .. }) => false,
        }
    }

    /// Whether something is undecided and nothing is wrong.
    pub fn inconclusive(&self) -> bool {
        self.verdicts.contains(&Verdict::Unknown)
            || self.orders.iter().any(|order| matches!(order, OrderFound::NotFound { .. }))
    }

    /// Whether something was decided, and not as the scenario says.
    pub fn wrong(&self) -> bool {
        let check = |place: usize| !self.as_expected(place) && self.verdicts[place] != Verdict::Unknown;
        let order = |place: usize| {
            !self.order_as_expected(place) && !matches!(self.orders[place], OrderFound::NotFound { .. })
        };
        (0..self.verdicts.len()).any(check) || (0..self.orders.len()).any(order)
    }

    /// The limit that runs were stopped at, if some were.
    pub fn limit(&self) -> Option<String> {
        let most = Runner::<World, Seeded>::MAX_EVENTS;
        self.tally.too_long.map(|run| format!("{most} events, in run {run}"))
    }

    /// The counterexample of the check at `place`.
    pub fn counterexample(&self, place: usize) -> Option<&Counterexample> {
        self.broken_by[place].map(|known| &self.counterexamples[known])
    }

    /// The 95 % interval of the chance that a run breaks the invariant at `place`. Runs that were
    /// stopped before that was known could all have gone either way.
    pub fn rate(&self, place: usize) -> (f64, f64) {
        let (broken, runs) = (self.tally.broken[place].runs, self.tally.runs);
        let undecided = runs - self.tally.decided(place);
        let (low, _) = rate::clopper_pearson(broken, runs);
        let (_, high) = rate::clopper_pearson(broken + undecided, runs);
        (low, high)
    }
}
