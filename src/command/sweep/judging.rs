//! Judging the cells of a sweep that are not done, on all threads, and what the cells come to.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use punctual::budget::Host;
use punctual::sweep::{Failed, Plan, certify, edges};
use punctual_reports::sweep::Summary;

use super::journal::{Journal, Unkept};
use crate::command::here::Here;
use crate::command::output::Output;
use crate::command::progress::Progress;

/// Why judging the cells of a sweep came to an end before all were done.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The scenario as it is cannot be judged.
    Now(Failed),
    /// The scenario as it is came out in another way than before.
    OtherNow,
    /// What was judged could not be kept.
    Unkept(Unkept),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(failed) => failed.fmt(f),
            Self::OtherNow => f.write_str("the scenario as it is came out in another way than before"),
            Self::Unkept(unkept) => unkept.fmt(f),
        }
    }
}

impl Error for Stopped {}

/// Judges all cells that are not done.
pub(super) fn judge(
    plan: &Plan<'_>,
    journal: &mut Journal,
    here: &Here,
    output: &Output,
) -> Result<(), Stopped> {
    let head = journal.head().clone();
    let left = head.len() - journal.done();
    if left == 0 {
        return Ok(());
    }
    let now = plan.now().map_err(Stopped::Now)?;
    if here.interrupted() {
        return Ok(());
    }
    match journal.now() {
        None => journal.set_now(now.cell.clone()).map_err(Stopped::Unkept)?,
        Some(known) if *known != now.cell => return Err(Stopped::OtherNow),
        Some(_) => {}
    }
    let progress = Progress::cells(left, output);
    let failed = Mutex::new(None);
    let journal = &*journal;
    let stopped = || here.interrupted() || failed.lock().is_ok_and(|failed| failed.is_some());
    let groups = plan.groups(left, head.shard.map_or(1, |shard| u64::from(shard.parts)));
    let next = AtomicU64::new(0);
    let keep = |judged| match journal.keep(judged) {
        Ok(()) => {
            progress.add(1);
            ControlFlow::Continue(())
        }
        Err(why) => {
            *failed.lock().expect("nobody fails while holding it") = Some(why);
            ControlFlow::Break(())
        }
    };
    rayon::broadcast(|_| {
        while !stopped() {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= groups.count() {
                break;
            }
            let cells = groups.cells(number).filter(|cell| head.has(*cell) && !journal.has(*cell));
            for group in cells.collect::<Vec<_>>().chunks(groups.size) {
                if stopped() || plan.cells(&now, group, &mut |judged| keep(judged)).is_break() {
                    break;
                }
            }
        }
    });
    progress.end();
    let failed = failed.into_inner().expect("nobody failed while holding it");
    failed.map_or(Ok(()), |unkept| Err(Stopped::Unkept(unkept)))
}

/// What the cells come to, heard one by one.
pub(super) fn summary(journal: &Journal) -> Result<Summary, Unkept> {
    let head = journal.head().clone();
    let cells = (0..head.cells).filter(|&cell| head.has(cell));
    let mut summary = Summary::new(head.clone(), journal.now().cloned());
    for cell in cells {
        summary.add(journal.cell(cell)?);
    }
    summary.end();
    Ok(summary)
}

/// Adds exact edges, and what shows that the cheapest safe cell is one.
pub(super) fn explain(plan: &Plan<'_>, journal: &Journal, summary: &mut Summary) -> Result<(), Unkept> {
    summary.edges = edges(plan, summary);
    if let Some(best) = summary.cheapest.as_ref().map(|best| best.cell) {
        let mut reads = BTreeMap::new();
        for cell in plan.neighbours(best) {
            let known = journal.cell(cell)?;
            let verdicts =
                known.checks.iter().map(|check| (check.invariant.clone(), check.verdict)).collect();
            if known.failed.is_none() {
                reads.insert(cell, (known.reads_per_run, verdicts));
            }
        }
        summary.certificate = certify(plan, summary, &reads);
    }
    Ok(())
}
