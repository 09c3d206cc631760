//! Cells that begin alike, so that what they have in common is done once.
//!
//! Cells that differ in delays only do the same until the first of these is asked for. How much of a run that is
//! differs from dimension to dimension: what is polled while a job runs is asked for at once, how long a client waits
//! for its last event at the very end. A group is made of cells that differ in dimensions of the second kind. What
//! a cell comes to does not depend on its group.

use std::collections::BTreeMap;

use punctual_scenarios::Case;
use punctual_sim::{Name, alike_share};

use crate::sampling::Prepared;
use crate::sweep::Plan;

/// The most cells of a group: each keeps a tally of its own.
const MOST: usize = 32;
/// The runs by which it is told how much dimensions have in common.
const TRIED: u64 = 32;
/// The most runs that a group makes before any of its cells is done.
const MOST_RUNS: u64 = 2_000_000;

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

impl Plan<'_> {
    /// The cells in groups that are best judged together.
    pub fn groups(&self, cells: &[u64]) -> Vec<Vec<u64>> {
        let threads = rayon::current_num_threads();
        let size = MOST.min(cells.len() / (8 * threads)).min((MOST_RUNS / self.runs.max(1)) as usize);
        let within = self.late_dimensions(size);
        if within.is_empty() {
            return cells.iter().map(|cell| vec![*cell]).collect();
        }
        let mut alike: BTreeMap<Vec<usize>, Vec<u64>> = BTreeMap::new();
        for cell in cells {
            let mut places = self.places(*cell);
            within.iter().for_each(|dimension| places[*dimension] = 0);
            alike.entry(places).or_default().push(*cell);
        }
        alike.values().flat_map(|cells| cells.chunks(size)).map(<[u64]>::to_vec).collect()
    }

    /// The dimensions in which the cells of a group of so many cells should differ, so that the least is done.
    fn late_dimensions(&self, size: usize) -> Vec<usize> {
        let mut shares: Vec<(usize, f64)> =
            (0..self.axes.len()).map(|dimension| (dimension, self.share(dimension).unwrap_or(0.0))).collect();
        shares.sort_by(|one, other| other.1.total_cmp(&one.1));
        let mut cells = 1;
        let mut best = (1.0, 0);
        for (count, (dimension, share)) in shares.iter().enumerate() {
            cells = size.min(cells * self.axes[*dimension].values.len());
            // A scout makes the common part too.
            let cost = 1.0 - share + 2.0 * share / cells as f64;
            if cost < best.0 {
                best = (cost, count + 1);
            }
        }
        shares[..best.1].iter().map(|(dimension, _)| *dimension).collect()
    }

    /// How much of a run cells have in common that differ in one dimension.
    fn share(&self, dimension: usize) -> Option<f64> {
        let mut places = vec![0; self.axes.len()];
        let first = self.at(&places).ok()?;
        places[dimension] = self.axes[dimension].values.len() - 1;
        let last = self.at(&places).ok()?;
        let (first, last) = (Prepared::new(&first), Prepared::new(&last));
        let names = first.differs_in(&last)?;
        Some(alike_share(&first.world, &names, self.sums, self.seed, 0..TRIED))
    }
}
