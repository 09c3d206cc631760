//! From a scenario to its verdicts.
//!
//! Each case is sampled, in chunks over the cores, and explored: sampling says how often, exploring
//! whether at all. They must agree where both know; that they do is asked of every check. What only
//! exploring finds has been run by the ordinary driver before it counts. Where exploring stops at a
//! limit, what must be broken is looked for in up to twenty times as many runs; rates and figures stay
//! those of the runs that were asked for. An order of steps that no run contains is first looked for
//! among all orders without delays, then among all timings.

use std::cmp::Reverse;

use punctual_model::{Coverage, Part};
use punctual_reports::text;
use punctual_scenarios::{Case, Expected, Outcome, Place};
use punctual_sim::explore::Traversal;
use punctual_sim::{rate, sample};

use crate::budget::{Budget, Cause};
use crate::cores;
use crate::counterexample::{self, Counterexample, Disagreement};
use crate::order::{self, Impossible, OrderProved};
use crate::proof::{self, Proof, Proved, Spans};
use crate::sampling::{Prepared, Tally};

/// How much longer than asked a violation that must be there is looked for.
const LOOK_ON: u64 = 20;
/// The runs of one task on one core; part of nothing that is printed.
const CHUNK: u64 = 1_000;
/// Runs in which something must happen that an invariant is about.
const RARE: u64 = 10_000;
/// Runs that are made twice to see that they come out the same.
const TWICE: u64 = 3;

/// How much to do.
#[derive(Clone, Copy, Debug)]
pub struct Effort<'h> {
    /// What decides the draws.
    pub seed: u64,
    /// Runs of each case.
    pub runs: u64,
    /// What exploring may take for one question.
    pub budget: Budget<'h>,
}

/// What an invariant came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No timing breaks it.
    Holds,
    /// A run breaks it.
    Violated,
    /// Exploring stopped at a limit, and no run breaks it.
    Unknown,
}

/// A case and all that was found out about it.
pub struct Judged<'c> {
    /// The case.
    pub prepared: Prepared<'c>,
    /// What its runs come to.
    pub tally: Tally,
    /// By invariant: what every timing says.
    pub proved: Vec<Proved>,
    /// By kind of event and client, as in the tally's deliveries: the exact delays.
    pub exact: Vec<Spans>,
    /// How many states exploring kept, or the limit that it stopped at.
    pub states: Result<u64, (Cause, String)>,
    /// How many the scenario says there are, if that is to be compared.
    pub states_expected: Option<u64>,
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
    /// What never comes into play, and what does although the scenario says that it never does; nothing where
    /// that is not clear.
    pub never_taken: Vec<NeverTaken>,
    /// Whether it was interrupted before it was done: what is known is then what was known by then.
    pub interrupted: bool,
}

/// A part of a case of which it is said whether it ever comes into play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeverTaken {
    /// Which.
    pub part: Part,
    /// Whether some timing brings it into play.
    pub taken: bool,
    /// Whether that is what the scenario says.
    pub as_expected: bool,
    /// Where the file has it, or says that it is never taken.
    pub place: Place,
}

/// What is to be said of what comes into play.
fn never_taken(case: &Case, coverage: &Coverage) -> Vec<NeverTaken> {
    let never = case.parts.iter().filter(|(part, _)| !coverage.has(*part)).map(|&(part, place)| {
        let as_expected = case.idle.iter().any(|idle| idle.part == part);
        NeverTaken { part, taken: false, as_expected, place }
    });
    let taken = case.idle.iter().filter(|idle| idle.said_here && coverage.has(idle.part));
    let taken =
        taken.map(|idle| NeverTaken { part: idle.part, taken: true, as_expected: false, place: idle.place });
    never.chain(taken).collect()
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
    /// No run that was made contains it, but some timing does.
    Possible {
        /// Whether it does not come out as the scenario says.
        against: bool,
    },
    /// No timing contains it.
    Impossible(Impossible),
    /// No run contains it, and exploring stopped at a limit.
    NotFound {
        /// How many runs were made.
        runs: u64,
        /// Which limit, and how far exploring got.
        limit: String,
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
    /// Events follow each other for ever without letting time pass.
    StandsStill {
        /// The variant.
        variant: Option<String>,
        /// Which, in words.
        round: String,
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
            Self::StandsStill { variant, round } => write!(
                f,
                "{}, time stands still for ever: {round}; let a step of that round take time whatever happens",
                of(variant.as_deref())
            ),
            Self::Nothing { variant, invariants, runs } => {
                write!(
                    f,
                    "{}, nothing happened that `{}` {} about, in any of {}; whatever is wrong would go unseen: let it happen, or do not expect that to hold there",
                    of(variant.as_deref()),
                    invariants.join("`, `"),
                    if invariants.len() == 1 { "is" } else { "are" },
                    text::count(*runs, "run")
                )
            }
        }
    }
}

/// `as it is written`, or `with fix-1`.
fn of(variant: Option<&str>) -> String {
    variant.map_or("as it is written".into(), |name| format!("with {name}"))
}

/// Judges every case of `scenario`; `progress` hears of runs made.
///
/// # Errors
/// The first case, in order, that cannot be judged.
pub fn judge<'c>(
    cases: &'c [Case],
    effort: Effort<'_>,
    progress: &(impl Fn(u64) + Sync),
) -> Result<Vec<Judged<'c>>, JudgeError> {
    let judge = |place| judge_case(&cases[place as usize], effort, progress);
    cores::each(0..cases.len() as u64, judge).into_iter().collect()
}

fn judge_case<'c>(
    case: &'c Case,
    effort: Effort<'_>,
    progress: &(impl Fn(u64) + Sync),
) -> Result<Judged<'c>, JudgeError> {
    let prepared = Prepared::new(case);
    let host = effort.budget.host;
    // Each run in which time stands still takes a million events until it is stopped: one is enough.
    if prepared.sample_for(host, effort.seed, 0..1).too_long.is_some()
        && let Some(round) = proof::stands_still(&prepared, effort.budget)
    {
        return Err(JudgeError::StandsStill { variant: case.variant.clone(), round });
    }
    let mut tally = sample_all(&prepared, effort, progress);
    tally.deliveries.settle();
    if let Some((_, task)) = tally.stuck {
        return Err(JudgeError::Stuck { task: case.system.tasks[usize::from(task.0)].name.clone() });
    }
    twice(&prepared, effort)?;
    let Proof { proved, counterexamples, states, coverage } =
        proof::explore(&prepared, effort.budget).map_err(JudgeError::Disagreement)?;
    let exact = proof::deliveries(&prepared, tally.deliveries.delays(), effort.budget);
    within_bounds(&prepared, &tally, &exact).map_err(JudgeError::Disagreement)?;
    let further = look_on(&prepared, &tally, &proved, effort);
    something_happens(&prepared, &tally, &further, effort)?;
    let first_broken: Vec<Option<u64>> = tally
        .broken
        .iter()
        .zip(&further.broken)
        .map(|(sampled, later)| sampled.first.or(later.first))
        .collect();
    let count = first_broken.len();
    let mut judged = Judged {
        verdicts: vec![Verdict::Unknown; count],
        runs_made: tally.runs + further.runs,
        broken_by: vec![None; count],
        counterexamples,
        against: vec![None; case.interleavings.len()],
        orders: Vec::new(),
        interrupted: tally.runs < effort.runs,
        proved,
        exact,
        states,
        never_taken: coverage.map_or(Vec::new(), |coverage| never_taken(case, &coverage)),
        // The number is one of searching breadth first: which states contain or merge with others depends
        // on which were there before.
        states_expected: match effort.budget.traversal {
            Traversal::BreadthFirst => case.states.map(|states| states.count),
            Traversal::DepthFirst => None,
        },
        tally,
        prepared,
    };
    judged.explain(&first_broken, effort).map_err(JudgeError::Disagreement)?;
    judged.settle(&first_broken, effort.seed).map_err(JudgeError::Disagreement)?;
    for place in 0..case.interleavings.len() {
        let found = judged.order_found(place, &further, effort).map_err(JudgeError::Disagreement)?;
        judged.orders.push(found);
    }
    let undecided = |proved: &Proved| matches!(proved, Proved::Unknown { cause: Cause::Interrupted, .. });
    let not_found = |order: &OrderFound| matches!(order, OrderFound::NotFound { .. });
    judged.interrupted |=
        judged.proved.iter().any(undecided) || host.interrupted() && judged.orders.iter().any(not_found);
    Ok(judged)
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
fn within_bounds(prepared: &Prepared<'_>, tally: &Tally, exact: &[Spans]) -> Result<(), Disagreement> {
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
fn look_on(prepared: &Prepared<'_>, tally: &Tally, proved: &[Proved], effort: Effort<'_>) -> Tally {
    let must_break = |place: usize| {
        prepared.case.checks[place].expected == Some(Expected::Violated)
            && matches!(proved[place], Proved::Unknown { .. })
    };
    let mut further = prepared.tally();
    let mut from = effort.runs;
    let end = effort.runs.saturating_mul(LOOK_ON);
    loop {
        let unseen = |place: usize| tally.broken[place].runs + further.broken[place].runs == 0;
        let unbroken = (0..prepared.case.checks.len()).any(|place| must_break(place) && unseen(place));
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
fn something_happens(
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

impl Judged<'_> {
    /// Of the runs that break the invariant at `place` the one in which what races is farthest apart, the first of
    /// several.
    fn widest(&self, place: usize) -> Option<usize> {
        let runs = self.counterexamples.iter().enumerate();
        let breaking = runs.filter(|(_, run)| run.breaches[place].is_some());
        breaking.max_by_key(|(number, run)| (run.gap, Reverse(*number))).map(|(number, _)| number)
    }

    /// Finds counterexamples for all that is broken, each as small as it gets.
    fn explain(&mut self, first_broken: &[Option<u64>], effort: Effort<'_>) -> Result<(), Disagreement> {
        for (place, first) in first_broken.iter().enumerate() {
            let known = self.widest(place);
            // What a run breaks only since it is over has no counterexample.
            if let Proved::Holds { .. } = self.proved[place] {
                continue;
            }
            let is_broken = first.is_some() || matches!(self.proved[place], Proved::Broken { .. });
            if let Some(known) = known.filter(|_| is_broken) {
                self.broken_by[place] = Some(known);
                continue;
            }
            // Exploring stopped at a limit, or what it found cannot be replayed.
            if let Some(run) = first
                && !counterexample::only_cut(&self.prepared, place, (effort.seed, *run))
            {
                let found = counterexample::find(&self.prepared, place, effort.seed, *run)?;
                self.broken_by[place] = Some(self.counterexamples.len());
                self.counterexamples.push(found);
            }
        }
        Ok(())
    }

    /// Decides each invariant.
    fn settle(&mut self, first_broken: &[Option<u64>], seed: u64) -> Result<(), Disagreement> {
        for (place, first) in first_broken.iter().enumerate() {
            let rule = self.prepared.case.checks[place].rule.name();
            self.verdicts[place] = match (&self.proved[place], first, self.broken_by[place]) {
                (Proved::Holds { .. }, Some(run), _)
                    if !counterexample::only_cut(&self.prepared, place, (seed, *run)) =>
                {
                    return Err(Disagreement::Refused(format!(
                        "no timing breaks {rule} as exploring has it, and run {run} does"
                    )));
                }
                (Proved::Holds { .. }, ..) => Verdict::Holds,
                (Proved::Broken { .. } | Proved::Unknown { .. }, _, Some(_)) => Verdict::Violated,
                (Proved::Broken { .. } | Proved::Unknown { .. }, _, None) => Verdict::Unknown,
            };
        }
        Ok(())
    }

    /// What becomes of the named order at `place`.
    fn order_found(
        &mut self,
        place: usize,
        further: &Tally,
        effort: Effort<'_>,
    ) -> Result<OrderFound, Disagreement> {
        let prepared = &self.prepared;
        let (sampled, later) = (&self.tally.orders[place], &further.orders[place]);
        if let Some(first) = sampled.found.first.or(later.found.first) {
            let broken = sampled.broken.iter().zip(&later.broken).map(|(sampled, later)| sampled + later);
            let mut against = sampled.against.or(later.against);
            if let Some(run) = against {
                let found = counterexample::against(prepared, place, effort.seed, run)?;
                // It may break what must be kept only since it is over.
                if prepared.as_said(place, &found.breaches) {
                    against = None;
                } else {
                    self.against[place] = Some(found);
                }
            }
            return Ok(OrderFound::Found {
                in_runs: sampled.found.runs,
                first,
                in_all: sampled.found.runs + later.found.runs,
                broken: broken.collect(),
                against,
            });
        }
        if effort.budget.host.interrupted() {
            return Ok(OrderFound::NotFound { runs: self.runs_made, limit: "interrupted".into() });
        }
        Ok(match order::order(prepared, place, effort.budget)? {
            OrderProved::Impossible(impossible) => OrderFound::Impossible(impossible),
            OrderProved::Unknown(limit) => OrderFound::NotFound { runs: self.runs_made, limit },
            OrderProved::Possible(found) => {
                let against = !prepared.as_said(place, &found.breaches);
                if against {
                    self.against[place] = Some(*found);
                }
                OrderFound::Possible { against }
            }
        })
    }

    /// Whether the check at `place` came out as the scenario says.
    pub fn as_expected(&self, place: usize) -> bool {
        let check = &self.prepared.case.checks[place];
        match (self.verdicts[place], check.expected) {
            (Verdict::Holds, Some(Expected::Holds)) | (Verdict::Violated, Some(Expected::Violated)) => true,
            (Verdict::Holds | Verdict::Violated, None) => true,
            // Where either result will do, none will do as well; where nothing is said, one is asked for.
            // What was interrupted could still have come out as either.
            (Verdict::Unknown, None) => check.stated && !self.cut_short(place),
            (Verdict::Holds | Verdict::Violated | Verdict::Unknown, Some(_)) => false,
        }
    }

    /// Whether the check at `place` is undecided because it was interrupted.
    pub fn cut_short(&self, place: usize) -> bool {
        self.limit(place).is_some_and(|(cause, _)| cause == Cause::Interrupted)
    }

    /// Whether the named order at `place` came out as the scenario says.
    pub fn order_as_expected(&self, place: usize) -> bool {
        match (&self.orders[place], &self.prepared.case.interleavings[place].outcome) {
            (OrderFound::Found { against, .. }, Outcome::Possible { .. }) => against.is_none(),
            (OrderFound::Possible { against }, Outcome::Possible { .. }) => !against,
            (OrderFound::Impossible(_), Outcome::Impossible) => true,
            (OrderFound::Found { .. } | OrderFound::Possible { .. }, Outcome::Impossible)
            | (OrderFound::Impossible(_), Outcome::Possible { .. })
            | (OrderFound::NotFound { .. }, Outcome::Impossible | Outcome::Possible { .. }) => false,
        }
    }

    /// Whether there are as many states as the scenario says; always, where nothing is to be compared.
    pub fn states_as_expected(&self) -> bool {
        self.states_expected.is_none_or(|expected| self.states == Ok(expected))
    }

    /// Whether something is undecided that must be decided.
    pub fn inconclusive(&self) -> bool {
        let check = |place: usize| self.verdicts[place] == Verdict::Unknown && !self.as_expected(place);
        (0..self.verdicts.len()).any(check)
            || self.orders.iter().any(|order| matches!(order, OrderFound::NotFound { .. }))
            || !self.states_as_expected() && self.states.is_err()
    }

    /// Whether something was decided, and not as the scenario says.
    pub fn wrong(&self) -> bool {
        let check = |place: usize| !self.as_expected(place) && self.verdicts[place] != Verdict::Unknown;
        let order = |place: usize| {
            !self.order_as_expected(place) && !matches!(self.orders[place], OrderFound::NotFound { .. })
        };
        (0..self.verdicts.len()).any(check)
            || (0..self.orders.len()).any(order)
            || !self.states_as_expected() && self.states.is_ok()
            || self.never_taken.iter().any(|idle| !idle.as_expected)
    }

    /// What kept the check at `place` from being decided, if it is not.
    pub fn limit(&self, place: usize) -> Option<(Cause, &str)> {
        match &self.proved[place] {
            Proved::Unknown { limit, cause } if self.verdicts[place] == Verdict::Unknown => {
                Some((*cause, limit))
            }
            Proved::Unknown { .. } | Proved::Holds { .. } | Proved::Broken { .. } => None,
        }
    }

    /// The counterexample of the check at `place`.
    pub fn counterexample(&self, place: usize) -> Option<&Counterexample> {
        self.broken_by[place].map(|known| &self.counterexamples[known])
    }

    /// The 95 % interval of the chance that a run breaks the invariant at `place`. Runs that were
    /// stopped before that was known could all have gone either way.
    pub fn rate(&self, place: usize) -> (f64, f64) {
        let (broken, runs) = (self.tally.broken[place].runs, self.tally.runs);
        if runs == 0 {
            return (0.0, 1.0);
        }
        let undecided = runs - self.tally.decided(place);
        let (low, _) = rate::clopper_pearson(broken, runs);
        let (_, high) = rate::clopper_pearson(broken + undecided, runs);
        (low, high)
    }
}
