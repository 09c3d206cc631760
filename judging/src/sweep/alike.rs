//! Cells that begin alike, so that what they have in common is done once.
//!
//! Cells that differ in delays only do the same until the first of these is asked for. How much of a run that is
//! differs from dimension to dimension: what is polled while a job runs is asked for at once, how long a client waits
//! for its last event at the very end. A group is made of cells that differ in dimensions of the second kind. What
//! a cell comes to does not depend on its group. The delays of a group must be certain ones: how long an uncertain rest
//! takes many times has a large law of its own for each value.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use punctual_model::System;
use punctual_scenarios::Case;
use punctual_sim::{Delay, Name, Span, common_turns};

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
    /// Groups of `size` cells that are alike in some dimensions and differ in others, where one cell in `parts` is
    /// judged here.
    fn of(
        alike: impl Iterator<Item = (u64, u64)>,
        differ: impl Iterator<Item = (u64, u64)>,
        size: usize,
        parts: u64,
    ) -> Self {
        let (alike, differ): (Vec<_>, Vec<_>) = (alike.collect(), differ.collect());
        let span = size as u64 * in_different_parts(&differ, parts);
        Self { alike, differ, size, span }
    }

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

/// How many cells, one after the other in these dimensions, are all in different parts: as many values of a dimension as
/// come to no part twice, and all of those that change more quickly.
fn in_different_parts(dimensions: &[(u64, u64)], parts: u64) -> u64 {
    let mut met = BTreeSet::from([0]);
    for (count, apart) in dimensions.iter().rev() {
        let block: Vec<u64> = met.iter().copied().collect();
        for value in 1..*count {
            let next: Vec<u64> = block.iter().map(|part| (part + value * apart) % parts).collect();
            if next.iter().any(|part| met.contains(part)) {
                return met.len() as u64;
            }
            met.extend(next);
        }
    }
    met.len() as u64
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
        let threads = crate::cores::count();
        let most = (MOST as u64).min(left / (8 * threads)) as usize;
        let late = if most > 1 { self.late_dimensions(most) } else { None };
        // Else each cell is judged by itself, in any order.
        let (late, size) = late.unwrap_or_else(|| ((0..self.axes.len()).collect(), 1));
        let lengths: Vec<u64> = self.axes.iter().map(|axis| axis.values.len() as u64).collect();
        let dimension = |place: usize| (lengths[place], lengths[place + 1..].iter().product());
        let (differ, alike): (Vec<usize>, Vec<usize>) =
            (0..lengths.len()).partition(|place| late.contains(place));
        Groups::of(alike.into_iter().map(dimension), differ.into_iter().map(dimension), size, parts)
    }

    /// The dimensions in which the cells of a group should differ, so that the least is done; and how many cells it
    /// should have, at most so many. `None` if groups are not worth it, or if that cannot be tried out: what goes
    /// wrong is told of the cell of which it does.
    fn late_dimensions(&self, most: usize) -> Option<(Vec<usize>, usize)> {
        catch_unwind(AssertUnwindSafe(|| self.tried_out(most))).ok().flatten()
    }

    fn tried_out(&self, most: usize) -> Option<(Vec<usize>, usize)> {
        let first = self.at(&vec![0; self.axes.len()]).ok()?;
        let first = Prepared::new(&first);
        self.first_run(&first).ok()?;
        let common = |names: &[Name]| {
            let runs = (0..TRIED).take_while(|_| !self.budget.host.interrupted());
            common_turns(&first.world, names, self.sums, self.seed, runs)
        };
        let differing = |dimension: usize| Some((dimension, self.differing(&first, dimension)?));
        let mut late: Vec<(usize, Vec<Name>)> = (0..self.axes.len()).filter_map(differing).collect();
        late.sort_by_cached_key(|(_, names)| Reverse(common(names).alike));
        let (mut names, mut cells, mut size) = (Vec::new(), 1, most);
        let mut best = (WORTH, 0);
        for (count, (dimension, more)) in late.iter().enumerate() {
            names.extend_from_slice(more);
            let common = common(&names);
            let turns = self.most_runs() * (common.turns / TRIED).max(1);
            size = most.min((MOST_TURNS / turns) as usize).min(self.cells_in_memory());
            cells = size.min(cells * self.axes[*dimension].values.len());
            // A scout makes the common part too.
            let cost = 1.0 - common.share() + 2.0 * common.share() / cells.max(1) as f64;
            if cost < best.0 {
                best = (cost, count + 1);
            }
        }
        let (_, count) = best;
        (count > 0).then(|| (late[..count].iter().map(|(dimension, _)| *dimension).collect(), size))
    }

    /// How many cells may keep their tallies at once.
    fn cells_in_memory(&self) -> usize {
        let kinds =
            self.scenario.cases.iter().map(|case| case.system.events.len() * case.system.clients.len());
        MEMORY / (kinds.max().unwrap_or(0).max(1) * Delays::bytes(self.most_runs()))
    }

    /// The delays by which the last cell of a dimension differs from the first of all; `None` if it differs in more
    /// than delays, or in uncertain ones.
    fn differing(&self, first: &Prepared<'_>, dimension: usize) -> Option<Vec<Name>> {
        let mut places = vec![0; self.axes.len()];
        places[dimension] = self.axes[dimension].values.len() - 1;
        let last = self.at(&places).ok()?;
        let names = first.differs_in(&Prepared::new(&last))?;
        let mut systems = [first.case.system.clone(), last.system];
        let mut delays = systems.iter_mut().flat_map(System::delays_mut);
        let uncertain =
            |delay: &mut Delay| names.contains(delay.name()) && delay.interval().width() > Span::ZERO;
        (!delays.any(uncertain)).then_some(names)
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
                Groups::of(dimensions(false).into_iter(), dimensions(true).into_iter(), size, parts);
            let of_part = |cells: &[u64], part: u64| cells.iter().filter(|cell| *cell % parts == part).count();
            let mut met = Vec::new();
            for number in 0..groups.count() {
                let cells: Vec<u64> = groups.cells(number).collect();
                prop_assert!(!cells.is_empty() && cells.len() as u64 <= groups.span);
                // However the strides fall together with the parts, a part finds about so many cells, or none.
                for part in 0..parts {
                    prop_assert!(of_part(&cells, part) <= 2 * size, "{} of {size}", of_part(&cells, part));
                }
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
