//! Sampling: many runs of one machine, each decided by a seed and its own number.
//!
//! Nothing is kept of a run but what its observer adds up; a run that turns out to be interesting
//! is simply run again from its number, with a record.

use std::ops::Range;

use crate::acceleration::{Acceleration, Sums};
use crate::chooser::Seeded;
use crate::invariant::Invariant;
use crate::machine::Machine;
use crate::run::{Counts, Ending, Observer, Runner};
use crate::shrink::Judge;
use crate::trace::{TraceOf, record};

/// Runs numbers `runs` under `seed`, each watched by `observer`; `done` hears of each.
pub fn runs<M, O>(
    machine: &M,
    seed: u64,
    runs: impl IntoIterator<Item = u64>,
    observer: &mut O,
    mut done: impl FnMut(&mut O, u64, Ending),
) where
    M: Machine<Effect = ()>,
    O: Observer<M>,
{
    let mut runner = Runner::new(machine, Seeded::new(seed, 0));
    for run in runs {
        runner.chooser().begin(run);
        let ending = runner.run(observer);
        done(observer, run, ending);
    }
}

/// The same, but accelerated: idle cycles are passed ([`Machine::idle_cycle`]) by their laws' `sums`. Each
/// run is another one than without, where delays are uncertain; all together are distributed alike.
pub fn accelerated_runs<M, O>(
    machine: &M,
    sums: &Sums,
    seed: u64,
    runs: impl IntoIterator<Item = u64>,
    observer: &mut O,
    mut done: impl FnMut(&mut O, u64, Ending),
) where
    M: Machine<Effect = ()>,
    O: Counts<M>,
{
    let mut runner = Runner::new(machine, Seeded::new(seed, 0));
    let mut acceleration = Acceleration::new(sums);
    for run in runs {
        runner.chooser().begin(run);
        let ending = runner.run_accelerated(observer, &mut acceleration);
        done(observer, run, ending);
    }
}

/// Run number `run` under `seed`, written down.
pub fn trace<M: Machine<Effect = ()>>(machine: &M, seed: u64, run: u64) -> TraceOf<M> {
    record(machine, Seeded::new(seed, run))
}

/// In how many of these runs `invariant` is broken.
pub fn count<M>(machine: &M, invariant: &Invariant<M::Fact>, seed: u64, numbers: Range<u64>) -> u64
where
    M: Machine<Effect = ()>,
{
    broken(machine, invariant, seed, numbers).count() as u64
}

/// The first of these runs in which `invariant` is broken.
pub fn first_broken<M>(
    machine: &M,
    invariant: &Invariant<M::Fact>,
    seed: u64,
    numbers: Range<u64>,
) -> Option<TraceOf<M>>
where
    M: Machine<Effect = ()>,
{
    let run = broken(machine, invariant, seed, numbers).next()?;
    Some(trace(machine, seed, run))
}

fn broken<M>(
    machine: &M,
    invariant: &Invariant<M::Fact>,
    seed: u64,
    numbers: Range<u64>,
) -> impl Iterator<Item = u64>
where
    M: Machine<Effect = ()>,
{
    let mut runner = Runner::new(machine, Seeded::new(seed, numbers.start));
    numbers.filter(move |&run| {
        runner.chooser().begin(run);
        let mut judge = invariant.judge();
        runner.run(&mut judge);
        Judge::<M>::guilty(&judge)
    })
}
