//! One scenario for many values of its parameters: every cell judged like a scenario of its own.
//!
//! A cell is proved where exploring comes to an end, and sampled. All cells make the same draws, so each is
//! compared with the scenario as it is run by run: what the draws do to both falls out of the difference. Nothing
//! that a cell comes to depends on another cell or on who computes it when, so a sweep that was cut into parts,
//! or stopped and taken up again, is the same in the end, to the byte.

mod alike;
mod edges;
mod paired;
mod sampled;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use punctual_reports::sweep::{Cell, Check, Delivery, Dimension, Head, Schema, Verdict, places};
use punctual_scenarios::{Axis, BASE, Case, Problems, Put, Scenario, VARIANT, digest};
use punctual_sim::explore::Traversal;
use punctual_sim::{Span, Sums};

use crate::budget::{Budget, Cause};
use crate::counterexample::only_cut;
use crate::proof::{self, Proved};
use crate::sampling::{OfRun, Prepared};
use alike::{Alike, alike};
use sampled::{Sampled, interval};

pub use alike::Groups;
pub use edges::{Judged, certify, edges};

/// Runs that are drawn plainly at a time, to see whether those that break an invariant do so only since they are over;
/// and all of them, where it is proved.
const PLAIN: u64 = 200;

/// What is swept, and how thoroughly.
pub struct Plan<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The variant that all cells are of, unless a dimension says which.
    pub variant: &'a str,
    /// The dimensions.
    pub axes: Vec<Axis>,
    /// What is put into every cell, and left out of it.
    pub pasted: (Vec<Put>, Vec<String>),
    /// The invariants that a safe cell keeps.
    pub keep: Vec<String>,
    /// What decides the draws.
    pub seed: u64,
    /// The most runs of each cell.
    pub runs: u64,
    /// The width of the interval of every rate at which sampling stops.
    pub until_width: Option<f64>,
    /// What exploring may take; `None` if nothing is explored.
    pub explore: Option<Budget<'a>>,
    /// Who waits for it.
    pub budget: Budget<'a>,
    /// The laws of sums that runs leap by.
    pub sums: &'a Sums,
}

/// The scenario as it is, run by run.
pub struct Now {
    /// What it comes to.
    pub cell: Cell,
    runs: Vec<OfRun>,
}

impl Plan<'_> {
    /// How many cells there are; `None` if more than can be counted.
    pub fn count(&self) -> Option<u64> {
        self.axes.iter().try_fold(1_u64, |count, axis| count.checked_mul(axis.values.len() as u64))
    }

    /// The head of the sweep, all of it or one of so many parts.
    pub fn head(&self, shard: Option<(u32, u32)>) -> Head {
        let dimension = |axis: &Axis| Dimension {
            name: axis.name.clone(),
            now: axis.now.clone(),
            values: axis.values.iter().map(|value| value.text.clone()).collect(),
        };
        let put = |put: &Put| format!("{}={}", put.path, put.value);
        let pasted: Vec<String> =
            self.pasted.0.iter().map(put).chain(self.pasted.1.iter().cloned()).collect();
        let limits = self.explore.map_or(Vec::new(), |budget| {
            let most = |what: String| format!("at most {what}");
            let states = most(format!("{} states", budget.states));
            let memory = budget.memory.map(|memory| most(format!("{memory} bytes")));
            let time = budget.time.map(|time| most(format!("{} us", time.as_micros())));
            let order = (budget.traversal == Traversal::DepthFirst).then(|| "depth first".to_owned());
            [Some(states), memory, time, order].into_iter().flatten().collect()
        });
        Head {
            schema: Schema::Sweep1,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario: self.scenario.name.clone(),
            variant: Some(self.variant.to_owned()).filter(|variant| variant != BASE),
            digest: digest(&self.scenario.cases[0].digest, Some(&pasted.join("\0"))),
            seed: format!("{:#x}", self.seed),
            runs: self.runs,
            until_width: self.until_width,
            limits,
            keep: self.keep.clone(),
            axes: self.axes.iter().map(dimension).collect(),
            cells: self.count().unwrap_or(u64::MAX),
            shard,
        }
    }

    /// The place of a cell in each dimension.
    fn places(&self, cell: u64) -> Vec<usize> {
        places(cell, self.axes.iter().map(|axis| axis.values.len()))
    }

    /// The variant that a cell is of, and what is put into it.
    fn put(&self, places: &[usize]) -> (String, Vec<Put>) {
        let mut variant = self.variant.to_owned();
        let mut put = Vec::new();
        for (axis, place) in self.axes.iter().zip(places) {
            let value = &axis.values[*place];
            if axis.name == VARIANT {
                variant.clone_from(&value.text);
            }
            put.extend(value.put.clone());
        }
        (variant, put)
    }

    /// The case of a cell.
    ///
    /// # Errors
    /// The file could not say that.
    pub fn case(&self, cell: u64) -> Result<Case, Problems> {
        self.at(&self.places(cell))
    }

    fn at(&self, places: &[usize]) -> Result<Case, Problems> {
        let (variant, put) = self.put(places);
        self.patched(&variant, put)
    }

    fn patched(&self, variant: &str, mut put: Vec<Put>) -> Result<Case, Problems> {
        let (pasted, left_out) = &self.pasted;
        let left_out: Vec<String> =
            left_out.iter().filter(|path| !put.iter().any(|put| put.path == **path)).cloned().collect();
        put.extend(pasted.iter().cloned());
        self.scenario.patched(variant, &put, &left_out)
    }

    /// The scenario as it is, without what is pasted into it.
    ///
    /// # Errors
    /// It cannot be judged.
    pub fn now(&self) -> Result<Now, String> {
        let case = self
            .scenario
            .patched(self.variant, &[], &[])
            .map_err(|problems| problems.list[0].title.clone())?;
        let values = self.axes.iter().map(|axis| axis.now.clone()).collect();
        let prepared = [Prepared::new(&case)];
        let mut sampled = self.sample(&prepared, &[], None).pop().expect("one case was sampled")?;
        let cell = self.told(&prepared[0], &sampled, (0, values), None);
        Ok(Now { cell: cell?.rounded(), runs: std::mem::take(&mut sampled.own) })
    }

    /// What cells come to that are judged together; `keep` hears of each as soon as it is clear, of none that is not
    /// wanted any more, and says whether to go on.
    pub fn cells(
        &self,
        now: &Now,
        group: &[u64],
        keep: &mut dyn FnMut(Cell) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut judged = Vec::new();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            self.judge(now, group, &mut |cell: Cell| {
                let number = cell.cell;
                let outcome = keep(cell);
                judged.push(number);
                outcome
            })
        }));
        let panic = match outcome {
            Ok(whether) => return whether,
            Err(panic) => panic,
        };
        if self.budget.host.interrupted() {
            return ControlFlow::Break(());
        }
        if let [cell] = group {
            let why = panic.downcast_ref::<String>().map(String::as_str);
            let why = why.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
            return keep(self.failed(*cell, format!("a bug in punctual: {why}")));
        }
        // Which of them it was is seen when each is judged by itself.
        group
            .iter()
            .filter(|cell| !judged.contains(cell))
            .try_for_each(|cell| self.cells(now, &[*cell], keep))
    }

    fn values(&self, cell: u64) -> Vec<String> {
        let places = self.places(cell);
        let values = self.axes.iter().zip(places).map(|(axis, place)| axis.values[place].text.clone());
        values.collect()
    }

    fn failed(&self, cell: u64, why: String) -> Cell {
        Cell { cell, values: self.values(cell), failed: Some(why), ..Cell::default() }
    }

    fn judge(
        &self,
        now: &Now,
        group: &[u64],
        keep: &mut dyn FnMut(Cell) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut cases = Vec::new();
        for cell in group {
            match self.case(*cell) {
                Ok(case) => cases.push((*cell, case)),
                Err(problems) => {
                    let problem = &problems.list[0];
                    keep(self.failed(*cell, format!("{}: {}", problem.code, problem.title)))?;
                }
            }
        }
        for Alike { cells, prepared, differ } in alike(&cases) {
            let sampled = self.sample(&prepared, &differ, Some(now));
            for ((cell, prepared), sampled) in cells.iter().zip(&prepared).zip(sampled) {
                let told = sampled.and_then(|sampled| {
                    self.told(prepared, &sampled, (*cell, self.values(*cell)), Some(now))
                });
                if self.budget.host.interrupted() {
                    return ControlFlow::Break(());
                }
                keep(told.map_or_else(|why| self.failed(*cell, why), Cell::rounded))?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Whether none of `most` runs shows more of the invariant at `place`, which sampled runs break, than that a run is
    /// over sooner than the system. A run that passed rounds in one go cannot be made again, so this is asked of runs
    /// that are drawn plainly.
    fn at_the_end(&self, prepared: &Prepared<'_>, place: usize, most: u64) -> bool {
        let host = self.budget.host;
        prepared.plan.rules()[place].may_be_cut(&prepared.case.system)
            && (0..most)
                .step_by(PLAIN as usize)
                .take_while(|_| !host.interrupted())
                .map(|from| prepared.sample_for(host, self.seed, from..(from + PLAIN).min(most)))
                .find_map(|tally| tally.broken[place].first)
                .is_none_or(|run| only_cut(prepared, place, (self.seed, run)))
    }

    /// All that is known of a case, as a cell.
    fn told(
        &self,
        prepared: &Prepared<'_>,
        sampled: &Sampled,
        (cell, values): (u64, Vec<String>),
        now: Option<&Now>,
    ) -> Result<Cell, String> {
        let Sampled { tally, paired, .. } = sampled;
        let system = &prepared.case.system;
        let proved = self.explore.map(|budget| proof::verdicts(prepared, budget)).transpose();
        let proved = proved.map_err(|bug| format!("a bug in punctual: {bug}"))?;
        let delays = tally.deliveries.delays();
        let exact = self.explore.map(|budget| proof::deliveries(prepared, delays, budget));
        let checks = prepared.plan.rules().iter().enumerate().map(|(place, rule)| {
            let proved = proved.as_ref().map(|proved| &proved[place]);
            let broken = tally.broken[place].runs;
            let is_proved = matches!(proved, Some(Proved::Holds { .. }));
            let most = if is_proved { PLAIN } else { tally.runs };
            let end_of_runs = broken > 0 && self.at_the_end(prepared, place, most);
            if is_proved && broken > 0 && !end_of_runs {
                let invariant = rule.name();
                return Err(format!("a bug in punctual: no timing breaks {invariant}, and {broken} runs do"));
            }
            let (verdict, limit) = verdict(proved, broken > 0 && !end_of_runs);
            Ok(Check {
                invariant: rule.name().to_owned(),
                verdict,
                proved: matches!(proved, Some(Proved::Holds { .. } | Proved::Broken { .. })),
                limit,
                broken,
                end_of_runs,
                interval: interval(tally, place),
            })
        });
        let checks = checks.collect::<Result<Vec<_>, _>>()?;
        let deliveries = delays.iter().enumerate().map(|(place, delays)| {
            let summary = delays.summary();
            let exact = exact.as_ref().and_then(|exact| exact[place].ends()).map(|(least, greatest)| {
                (least.span.0, Some(greatest.span.0).filter(|_| greatest.span != Span::NEVER))
            });
            if let (Some(summary), Some((least, most))) = (&summary, exact)
                && (summary.min < least || most.is_some_and(|most| summary.max > most))
            {
                return Err(format!(
                    "a bug in punctual: runs take {} to {} us, outside of the exact {least} to {most:?}",
                    summary.min, summary.max
                ));
            }
            Ok(Delivery {
                event: system.event_name(delays.event).to_owned(),
                client: system.clients[usize::from(delays.client.0)].name.clone(),
                exact_us: exact,
                mean_us: summary.map(|summary| summary.mean),
                p50_us: summary.map_or(0, |summary| summary.p50),
                p99_us: summary.map_or(0, |summary| summary.p99),
                max_us: summary.map_or(0, |summary| summary.max),
                undelivered_runs: delays.undelivered_runs,
            })
        });
        let per_run = |count: u64| count as f64 / tally.runs.max(1) as f64;
        Ok(Cell {
            cell,
            values,
            runs: tally.runs,
            checks,
            deliveries: deliveries.collect::<Result<_, String>>()?,
            reads_per_run: per_run(tally.reads),
            requests_per_run: per_run(tally.requests),
            polls_per_run: per_run(tally.turns),
            against_now: now.and_then(|_| paired.told()),
            failed: None,
        })
    }
}

/// What is known of an invariant, and why not more: from a proof, else from whether runs break it.
fn verdict(proved: Option<&Proved>, is_broken: bool) -> (Verdict, Option<String>) {
    let of_runs = if is_broken { Verdict::Violated } else { Verdict::Unknown };
    match proved {
        Some(Proved::Holds { .. }) => (Verdict::Holds, None),
        Some(Proved::Broken { .. }) => (Verdict::Violated, None),
        Some(Proved::Unknown { limit, cause }) => {
            (of_runs, Some(limit.clone()).filter(|_| *cause != Cause::Interrupted))
        }
        None => (of_runs, None),
    }
}
