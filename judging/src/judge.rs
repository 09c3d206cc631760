//! From a scenario to its verdicts.
//!
//! Each case is sampled, in chunks over the cores, and explored: sampling says how often, exploring
//! whether at all. They must agree where both know; that they do is asked of every check. What only
//! exploring finds has been run by the ordinary driver before it counts. Where exploring stops at a
//! limit, what must be broken is looked for in up to twenty times as many runs; rates and figures stay
//! those of the runs that were asked for. An order of steps that no run contains is first looked for
//! among all orders without delays, then among all timings.

mod error;
mod expected;
mod runs;

use std::cmp::Reverse;

use punctual_model::{Coverage, OrderId, Part, RuleId};
use punctual_scenarios::{Case, Place};
use punctual_sim::explore::Traversal;
use punctual_sim::rate;

pub use error::JudgeError;

use crate::budget::{Budget, Cause};
use crate::cores;
use crate::counterexample::{self, Counterexample, Disagreement, RunId};
use crate::order::{self, Impossible, OrderProved};
use crate::proof::{self, Proof, Proved, Spans};
use crate::sampling::{Prepared, Tally};

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
    let tally = runs::asked_for(&prepared, effort, progress)?;
    let Proof { proved, counterexamples, states, coverage } =
        proof::explore(&prepared, effort.budget).map_err(JudgeError::Disagreement)?;
    let exact = proof::deliveries(&prepared, tally.deliveries.delays(), effort.budget);
    runs::within_bounds(&prepared, &tally, &exact).map_err(JudgeError::Disagreement)?;
    let further = runs::look_on(&prepared, &tally, &proved, effort);
    runs::something_happens(&prepared, &tally, &further, effort)?;
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
    for place in case.orders() {
        let found = judged.order_found(place, &further, effort).map_err(JudgeError::Disagreement)?;
        judged.orders.push(found);
    }
    let undecided = |proved: &Proved| matches!(proved, Proved::Unknown { cause: Cause::Interrupted, .. });
    let not_found = |order: &OrderFound| matches!(order, OrderFound::NotFound { .. });
    judged.interrupted |=
        judged.proved.iter().any(undecided) || host.interrupted() && judged.orders.iter().any(not_found);
    Ok(judged)
}

impl Judged<'_> {
    /// Of the runs that break the invariant at `place` the one of the greatest separation, the first of several.
    fn widest(&self, place: RuleId) -> Option<usize> {
        let runs = self.counterexamples.iter().enumerate();
        let breaking = runs.filter(|(_, run)| run.breaches[place.0].is_some());
        breaking.max_by_key(|(number, run)| (run.separation, Reverse(*number))).map(|(number, _)| number)
    }

    /// Finds counterexamples for all that is broken, each as small as it gets.
    fn explain(&mut self, first_broken: &[Option<u64>], effort: Effort<'_>) -> Result<(), Disagreement> {
        for (place, first) in self.prepared.plan.places().zip(first_broken) {
            let known = self.widest(place);
            // What a run breaks only since it is over has no counterexample.
            if let Proved::Holds { .. } = self.proved[place.0] {
                continue;
            }
            let is_broken = first.is_some() || matches!(self.proved[place.0], Proved::Broken { .. });
            if let Some(known) = known.filter(|_| is_broken) {
                self.broken_by[place.0] = Some(known);
                continue;
            }
            let drawn = first.map(|number| RunId { seed: effort.seed, number });
            // Exploring stopped at a limit, or what it found cannot be replayed.
            if let Some(run) = drawn
                && !counterexample::only_cut(&self.prepared, place, run)
            {
                let found = counterexample::find(&self.prepared, place, run)?;
                self.broken_by[place.0] = Some(self.counterexamples.len());
                self.counterexamples.push(found);
            }
        }
        Ok(())
    }

    /// Decides each invariant.
    fn settle(&mut self, first_broken: &[Option<u64>], seed: u64) -> Result<(), Disagreement> {
        for (place, first) in self.prepared.plan.places().zip(first_broken) {
            let rule = self.prepared.case.check(place).rule.name();
            self.verdicts[place.0] = match (&self.proved[place.0], first, self.broken_by[place.0]) {
                (Proved::Holds { .. }, Some(run), _)
                    if !counterexample::only_cut(&self.prepared, place, RunId { seed, number: *run }) =>
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
        place: OrderId,
        further: &Tally,
        effort: Effort<'_>,
    ) -> Result<OrderFound, Disagreement> {
        let prepared = &self.prepared;
        let (sampled, later) = (&self.tally.orders[place.0], &further.orders[place.0]);
        if let Some(first) = sampled.found.first.or(later.found.first) {
            let broken = sampled.broken.iter().zip(&later.broken).map(|(sampled, later)| sampled + later);
            let mut against = sampled.against.or(later.against);
            if let Some(run) = against {
                let run = RunId { seed: effort.seed, number: run };
                let found = counterexample::against(prepared, place, run)?;
                // It may break what must be kept only since it is over.
                if prepared.as_said(place, &found.breaches) {
                    against = None;
                } else {
                    self.against[place.0] = Some(found);
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
                    self.against[place.0] = Some(*found);
                }
                OrderFound::Possible { against }
            }
        })
    }

    /// The counterexample of the check at `place`.
    pub fn counterexample(&self, place: RuleId) -> Option<&Counterexample> {
        self.broken_by[place.0].map(|known| &self.counterexamples[known])
    }

    /// The 95 % interval of the chance that a run breaks the invariant at `place`. Runs that were
    /// stopped before that was known could all have gone either way.
    pub fn rate(&self, place: RuleId) -> (f64, f64) {
        let (broken, runs) = (self.tally.broken[place.0].runs, self.tally.runs);
        if runs == 0 {
            return (0.0, 1.0);
        }
        let undecided = runs - self.tally.decided(place);
        let (low, _) = rate::clopper_pearson(broken, runs);
        let (_, high) = rate::clopper_pearson(broken + undecided, runs);
        (low, high)
    }
}
