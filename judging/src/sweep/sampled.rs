//! The runs of cells, beside the same runs of the scenario as it is.

use std::ops::Range;

use punctual_model::{RuleId, TaskId};
use punctual_sim::{Ending, Name, rate};

use crate::cores;
use crate::sampling::{OfRun, Prepared, Tally, sample_forking};
use crate::sweep::differences::Differences;
use crate::sweep::{Failed, Now, Plan};

/// The runs of one task on one core, and how often sampling asks whether to stop.
const CHUNK: u64 = 1_000;

/// What the runs of a case come to.
pub(super) struct Sampled {
    pub(super) tally: Tally,
    /// Beside the same runs of the scenario as it is.
    pub(super) differences: Differences,
    /// If the case is the scenario as it is: its runs.
    pub(super) own: Vec<OfRun>,
}

impl Sampled {
    fn nothing(case: &Prepared<'_>) -> Self {
        Self { tally: case.tally(), differences: Differences::new(case.plan.rules().len()), own: Vec::new() }
    }

    fn merge(self, other: Self) -> Self {
        let Self { tally, mut differences, mut own } = self;
        differences.merge(&other.differences);
        own.extend(other.own);
        Self { tally: tally.merge(&other.tally), differences, own }
    }

    /// Whether it is known well enough how often each invariant is broken.
    fn is_narrow(&self, width: f64) -> bool {
        let narrow = |place: RuleId| {
            let (low, high) = interval(&self.tally, place);
            high - low <= width
        };
        (0..self.tally.broken.len()).map(RuleId).all(narrow)
    }
}

impl Plan<'_> {
    /// Makes the runs of cases that differ in the delays of the names `differ` only: all of them, or until it is
    /// known well enough how often each invariant is broken.
    pub(super) fn sample(
        &self,
        cases: &[Prepared<'_>],
        differ: &[Name],
        now: Option<&Now>,
    ) -> Vec<Result<Sampled, Failed>> {
        let host = self.budget.host;
        // Where there are cells enough for all cores, one core makes all runs of a cell.
        let busy = self.count().is_none_or(|cells| cells > 4 * cores::count());
        let until_width = self.until_width.filter(|_| now.is_some());
        let size = if busy && until_width.is_none() && now.is_some() { self.runs } else { CHUNK };
        let runs = self.most_runs();
        let chunk = |active: &[usize], number: u64| {
            let group: Vec<&Prepared<'_>> = active.iter().map(|place| &cases[*place]).collect();
            self.chunk((&group, differ), now, number * size..((number + 1) * size).min(runs))
        };
        let chunks = runs.div_ceil(size);
        let mut all: Vec<Option<Sampled>> = cases.iter().map(|_| None).collect();
        let begun: Vec<Result<(), Failed>> = cases.iter().map(|case| self.first_run(case)).collect();
        let mut active: Vec<usize> = (0..cases.len()).filter(|place| begun[*place].is_ok()).collect();
        // What stops by itself goes on chunk by chunk; else they are shared out.
        let step = if until_width.is_some() { 1 } else { 64 };
        let mut from = 0;
        while from < chunks && !active.is_empty() && !host.interrupted() {
            let to = (from + step).min(chunks);
            let parts = cores::each(from..to, |number| chunk(&active, number));
            for (place, part) in parts.into_iter().flat_map(|parts| active.iter().zip(parts)) {
                all[*place] = Some(match all[*place].take() {
                    Some(before) => before.merge(part),
                    None => part,
                });
            }
            let narrow = |one: &Option<Sampled>| {
                until_width.is_some_and(|width| one.as_ref().is_some_and(|one| one.is_narrow(width)))
            };
            active.retain(|place| !narrow(&all[*place]));
            from = to;
        }
        let ended = |((one, case), begun): ((Option<Sampled>, &Prepared<'_>), Result<(), Failed>)| {
            begun?;
            let one = one.unwrap_or_else(|| Sampled::nothing(case));
            let stuck = one.tally.stuck.map(|(_, task)| task);
            comes_to_an_end(case, stuck, one.tally.too_long.is_some()).map(|()| one)
        };
        all.into_iter().zip(cases).zip(begun).map(ended).collect()
    }

    /// The most runs that a case can need: the interval of a rate is never wider than that of one half, for which
    /// four over the square of its width are enough.
    pub(super) fn most_runs(&self) -> u64 {
        let needed = |width: f64| (4.0 / (width * width)).min(1e18) as u64;
        self.until_width.map_or(self.runs, |width| self.runs.min(needed(width) + CHUNK))
    }

    /// The runs of these numbers.
    fn chunk(
        &self,
        (cases, differ): (&[&Prepared<'_>], &[Name]),
        now: Option<&Now>,
        numbers: Range<u64>,
    ) -> Vec<Sampled> {
        let mut all: Vec<Sampled> = cases.iter().map(|case| Sampled::nothing(case)).collect();
        let host = (self.budget.host, self.sums);
        let each = |one: &mut Sampled, number: u64, run: OfRun| match now {
            None => one.own.push(run),
            Some(now) => {
                if let Some(known) = now.runs.get(number as usize) {
                    one.differences.add(&run, known);
                }
            }
        };
        match (cases, &mut all[..]) {
            ([case], [one]) => {
                one.tally =
                    case.sample_accelerated(host, self.seed, numbers, |number, run| each(one, number, run));
            }
            _ => {
                let tallies =
                    sample_forking((cases, differ), host, self.seed, numbers, |place, number, run| {
                        each(&mut all[place], number, run);
                    });
                for (one, tally) in all.iter_mut().zip(tallies) {
                    one.tally = tally;
                }
            }
        }
        all
    }

    /// A run in which time stands still takes a million events until it is stopped: one is enough.
    pub(super) fn first_run(&self, case: &Prepared<'_>) -> Result<(), Failed> {
        let (ending, stuck) = case.first_run(self.sums, self.seed);
        comes_to_an_end(case, stuck, ending == Ending::TooLong)
    }
}

/// Refuses a case of which a run had to be stopped: what it would have read and sent nobody knows.
fn comes_to_an_end(case: &Prepared<'_>, stuck: Option<TaskId>, stopped: bool) -> Result<(), Failed> {
    if let Some(task) = stuck {
        return Err(Failed::Stuck { task: case.case.system.tasks[usize::from(task.0)].name.clone() });
    }
    if stopped { Err(Failed::TooLong) } else { Ok(()) }
}

/// The 95 % interval of the share of runs that break the invariant at `place`.
pub(super) fn interval(tally: &Tally, place: RuleId) -> (f64, f64) {
    let (broken, runs) = (tally.broken[place.0].runs, tally.runs);
    if runs == 0 {
        return (0.0, 1.0);
    }
    let undecided = runs - tally.decided(place);
    (rate::clopper_pearson(broken, runs).0, rate::clopper_pearson(broken + undecided, runs).1)
}
