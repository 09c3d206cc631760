//! One scenario for many values of its parameters: every cell judged like a scenario of its own.
//!
//! A cell is proved where exploring comes to an end, and sampled. All cells make the same draws, so each is
//! compared with the scenario as it is run by run: what the draws do to both falls out of the difference. Nothing
//! that a cell comes to depends on another cell or on who computes it when, so a sweep that was cut into parts,
//! or stopped and taken up again, is the same in the end, to the byte.

mod alike;
mod cell;
mod differences;
mod edges;
mod failed;
mod sampled;

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use punctual_reports::sweep::{Cell, Dimension, Head, Schema, Shard, places};
use punctual_scenarios::{Axis, BASE, Case, Problems, Put, Scenario, VARIANT, digest};
use punctual_sim::Sums;
use punctual_sim::explore::Traversal;

use crate::budget::Budget;
use crate::sampling::{OfRun, Prepared};
use alike::{Alike, alike};

pub use alike::Groups;
pub use edges::{Judged, certify, edges};
pub use failed::Failed;

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
    /// The laws of sums that idle cycles are passed by.
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
    pub fn head(&self, shard: Option<Shard>) -> Head {
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
    pub fn now(&self) -> Result<Now, Failed> {
        let case = self
            .scenario
            .patched(self.variant, &[], &[])
            .map_err(|problems| Failed::Refused { code: None, title: problems.list[0].title.clone() })?;
        let values = self.axes.iter().map(|axis| axis.now.clone()).collect();
        let prepared = [Prepared::new(&case)];
        let mut sampled = self.sample(&prepared, &[], None).pop().expect("one case was sampled")?;
        let cell = Cell { values, ..self.cell(&prepared[0], &sampled, None)? };
        Ok(Now { cell: cell.rounded(), runs: std::mem::take(&mut sampled.own) })
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
            return keep(self.failed(*cell, &Failed::Panicked(why.to_owned())));
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

    fn failed(&self, cell: u64, why: &Failed) -> Cell {
        Cell { cell, values: self.values(cell), failed: Some(why.to_string()), ..Cell::default() }
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
                    let (code, title) = (Some(problem.code), problem.title.clone());
                    keep(self.failed(*cell, &Failed::Refused { code, title }))?;
                }
            }
        }
        for Alike { cells, prepared, differ } in alike(&cases) {
            let sampled = self.sample(&prepared, &differ, Some(now));
            for ((cell, prepared), sampled) in cells.iter().zip(&prepared).zip(sampled) {
                let judged = sampled.and_then(|sampled| self.cell(prepared, &sampled, Some(now)));
                if self.budget.host.interrupted() {
                    return ControlFlow::Break(());
                }
                keep(match judged {
                    Ok(judged) => Cell { cell: *cell, values: self.values(*cell), ..judged }.rounded(),
                    Err(why) => self.failed(*cell, &why),
                })?;
            }
        }
        ControlFlow::Continue(())
    }
}
