//! Cells that begin alike, so that what they have in common is done once.
//!
//! Cells that differ in delays only do the same until the first of these is asked for. How much of a run that is
//! differs from dimension to dimension: what is polled while a job runs is asked for at once, how long a client waits
//! for its last event at the very end. A group is made of cells that differ in dimensions of the second kind. What
//! a cell comes to does not depend on its group.

use std::panic::{AssertUnwindSafe, catch_unwind};

use punctual_model::System;
use punctual_scenarios::Case;
use punctual_sim::{Common, Delay, Name, Span, common_turns};

use crate::delivery::Delays;
use crate::sampling::Prepared;
use crate::sweep::Plan;

/// The most cells of a group.
const MOST: usize = 32;
/// What the tallies of a group may take, in bytes.
const MEMORY: usize = 32 << 20;
/// The most turns of the loop that a group takes before any of its cells is done: some seconds.
const MOST_TURNS: u64 = 50_000_000;
/// The runs by which it is told how much dimensions have in common.
const TRIED: u64 = 32;
/// The share of the work at which it is worth to copy what a run has come to.
const WORTH: f64 = 0.8;

/// Cells that differ in some delays only.
pub(super) struct Alike<'c> {
    pub(super) cells: Vec<u64>,
    /// What they are made from.
    pub(super) prepared: Vec<Prepared<'c>>,
    /// The delays in which they differ.
    pub(super) differ: Vec<Name>,
}

/// The cells in groups of those that differ in delays only.
pub(super) fn alike(cases: &[(u64, Case)]) -> Vec<Alike<'_>> {
    let mut groups: Vec<Alike<'_>> = Vec::new();
    for (cell, case) in cases {
        let prepared = Prepared::new(case);
        let fitting = groups.iter_mut().find_map(|group| {
            let names = group.prepared[0].differs_in(&prepared)?;
            Some((group, names))
        });
        match fitting {
            Some((group, names)) => {
                group.cells.push(*cell);
                group.prepared.push(prepared);
                group.differ.extend(names);
                group.differ.sort_unstable_by_key(Name::key);
                group.differ.dedup();
            }
            None => {
                groups.push(Alike { cells: vec![*cell], prepared: vec![prepared], differ: Vec::new() });
            }
        }
    }
    groups
}

/// All cells of a sweep in groups that are best judged together. They are known by their number, and none is kept.
pub struct Groups {
    /// The dimensions in which the cells of a group are alike, and those in which they differ: how many values
    /// each has, and how far apart the cells of two neighbouring ones are.
    alike: Vec<(u64, u64)>,
    differ: Vec<(u64, u64)>,
    /// The most cells that are judged together.
    pub size: usize,
    /// How many numbers a group takes, of which others may judge some.
    span: u64,
}

impl Groups {
    /// How many there are.
    pub fn count(&self) -> u64 {
        cells_of(&self.alike) * cells_of(&self.differ).div_ceil(self.span)
    }

    /// The cells of one.
    pub fn cells(&self, number: u64) -> impl Iterator<Item = u64> {
        let parts = cells_of(&self.differ).div_ceil(self.span);
        let first = cell_at(number / parts, &self.alike);
        let from = number % parts * self.span;
        (from..(from + self.span).min(cells_of(&self.differ)))
            .map(move |at| first + cell_at(at, &self.differ))
    }
}

fn cells_of(dimensions: &[(u64, u64)]) -> u64 {
    dimensions.iter().map(|(count, _)| count).product()
}

/// The cell at a place of these dimensions, of which the last changes most quickly.
fn cell_at(mut place: u64, dimensions: &[(u64, u64)]) -> u64 {
    let mut cell = 0;
    for (count, apart) in dimensions.iter().rev() {
        cell += place % count * apart;
        place /= count;
    }
    cell
}

impl Plan<'_> {
    /// All cells in groups, of which `left` are to be judged here, one in `parts`.
    pub fn groups(&self, left: u64, parts: u64) -> Groups {
        let threads = rayon::current_num_threads() as u64;
        let most = (MOST as u64).min(left / (8 * threads)) as usize;
        let (late, size) = if most > 1 { self.late_dimensions(most) } else { (Vec::new(), 1) };
        let lengths: Vec<u64> = self.axes.iter().map(|axis| axis.values.len() as u64).collect();
        let dimension = |place: usize| (lengths[place], lengths[place + 1..].iter().product());
        let (differ, alike): (Vec<usize>, Vec<usize>) =
            (0..lengths.len()).partition(|place| late.contains(place));
        Groups {
            alike: alike.into_iter().map(dimension).collect(),
            differ: differ.into_iter().map(dimension).collect(),
            size,
            span: size as u64 * parts,
        }
    }

    /// The dimensions in which the cells of a group should differ, so that the least is done; and how many cells it
    /// should have, at most so many.
    fn late_dimensions(&self, most: usize) -> (Vec<usize>, usize) {
        let tried = |dimension: usize| Some((dimension, self.common(dimension)?));
        let mut late: Vec<(usize, Common)> = (0..self.axes.len()).filter_map(tried).collect();
        late.sort_by(|one, other| other.1.share().total_cmp(&one.1.share()));
        let turns = late.iter().map(|(_, common)| common.turns / TRIED).max().unwrap_or(0);
        let fitting = MOST_TURNS / (self.likely_runs() * turns).max(1);
        let most = most.min(fitting as usize).min(self.cells_in_memory());
        let mut cells = 1;
        let mut best = (WORTH, 0);
        for (count, (dimension, common)) in late.iter().enumerate() {
            cells = most.min(cells * self.axes[*dimension].values.len());
            // A scout makes the common part too.
            let cost = 1.0 - common.share() + 2.0 * common.share() / cells.max(1) as f64;
            if cost < best.0 {
                best = (cost, count + 1);
            }
        }
        match best.1 {
            0 => (Vec::new(), 1),
            count => (late[..count].iter().map(|(dimension, _)| *dimension).collect(), most),
        }
    }

    fn likely_runs(&self) -> u64 {
        if self.until_width.is_some() { self.runs.min(10_000) } else { self.runs }
    }

    /// How many cells may keep their tallies at once.
    fn cells_in_memory(&self) -> usize {
        let case = self.scenario.cases.iter().max_by_key(|case| case.system.events.len());
        let kinds = case.map_or(1, |case| case.system.events.len() * case.system.clients.len());
        MEMORY / (kinds.max(1) * Delays::bytes(self.likely_runs()))
    }

    /// What cells have in common that differ in one dimension; `None` if they differ in more than delays, or in
    /// uncertain ones, or if that cannot be tried out.
    fn common(&self, dimension: usize) -> Option<Common> {
        let tried = || {
            let mut places = vec![0; self.axes.len()];
            let first = self.at(&places).ok()?;
            places[dimension] = self.axes[dimension].values.len() - 1;
            let last = self.at(&places).ok()?;
            let (first, last) = (Prepared::new(&first), Prepared::new(&last));
            let names = first.differs_in(&last)?;
            // Each uncertain rest has a law of its sums of its own, and those are large.
            let mut systems = [first.case.system.clone(), last.case.system.clone()];
            let mut delays = systems.iter_mut().flat_map(System::delays_mut);
            let uncertain =
                |delay: &mut Delay| names.contains(delay.name()) && delay.interval().width() > Span::ZERO;
            if delays.any(uncertain) || self.first_run(&first).is_err() {
                return None;
            }
            let runs = (0..TRIED).take_while(|_| !self.budget.host.interrupted());
            Some(common_turns(&first.world, &names, self.sums, self.seed, runs))
        };
        // What goes wrong is told of the cell of which it does.
        catch_unwind(AssertUnwindSafe(tried)).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_cell_is_in_one_group(
            lengths in prop::collection::vec((1..7_u64, any::<bool>()), 1..5), size in 1..40_usize, parts in 1..9_u64,
        ) {
            let apart = |place: usize| lengths[place + 1..].iter().map(|(length, _)| length).product::<u64>();
            let dimensions = |late: bool| -> Vec<(u64, u64)> {
                let of_kind = |place: &usize| lengths[*place].1 == late;
                (0..lengths.len()).filter(of_kind).map(|place| (lengths[place].0, apart(place))).collect()
            };
            let groups =
                Groups { alike: dimensions(false), differ: dimensions(true), size, span: size as u64 * parts };
            let mut met = Vec::new();
            for number in 0..groups.count() {
                let cells: Vec<u64> = groups.cells(number).collect();
                prop_assert!(!cells.is_empty() && cells.len() as u64 <= groups.span);
                // They differ in the late dimensions only.
                for (length, apart) in &groups.alike {
                    prop_assert!(cells.iter().all(|cell| cell / apart % length == cells[0] / apart % length));
                }
                met.extend(cells);
            }
            met.sort_unstable();
            let all: u64 = lengths.iter().map(|(length, _)| length).product();
            prop_assert_eq!(met, (0..all).collect::<Vec<_>>());
        }
    }
}
