//! What is kept of a sweep while its cells go by, and what it comes to.
//!
//! Cells are heard once each, in order. The frontier holds those that no other beats; of the rest only as many
//! are kept as a page can show, and of each a byte for the map.

use serde::Serialize;

use super::{Cell, Head, Safety};

/// The most cells that are shown beside the frontier.
pub(super) const SHOWN: usize = 2_000;

/// What a sweep comes to.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    /// What was swept.
    pub head: Head,
    /// The scenario as it is.
    pub now: Option<Cell>,
    /// How many cells are safe, broken, unknown and failed.
    pub counts: [u64; 4],
    /// By number of the cell: whether it is safe.
    pub safety: Vec<Safety>,
    /// Safe cells that no other safe one is as good as in both delay and reads, from the fewest reads. If none is
    /// safe, those of all that were judged.
    pub frontier: Vec<Cell>,
    /// The safe cell that reads least.
    pub cheapest: Option<Cell>,
    /// Cells that cost less than the cheapest safe one and of which nothing is proved.
    pub cheaper_unknown: u64,
    /// Some of the cells, evenly spread; all if they are few.
    pub shown: Vec<Cell>,
    /// Why the first of those that failed did.
    pub first_failed: Option<(u64, String)>,
    /// Where along the first dimension safety changes, for each row of the map.
    pub edges: Vec<Edge>,
    /// What shows that the cheapest safe cell is one, and that what is next to it and cheaper is not.
    pub certificate: Option<Certificate>,
    candidates: Vec<Cell>,
    unknown_reads: Vec<f64>,
    heard: u64,
}

/// Where safety changes between two neighbouring cells, exactly.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Edge {
    /// The cell on the side of the lesser value.
    pub from: u64,
    /// Along which dimension.
    pub axis: usize,
    /// The last value, in microseconds, on the lesser side that is as the cell is; the next one is not.
    pub last_us: u64,
    /// How far that is from the one cell to the other, from 0 to 1.
    pub share: f64,
    /// Whether the lesser side is the safe one.
    pub safe_below: bool,
    /// The invariant that decides.
    pub invariant: String,
}

/// What shows that a cell is the cheapest safe one.
#[derive(Clone, PartialEq, Debug)]
pub struct Certificate {
    /// The cell.
    pub cell: u64,
    /// By invariant: how many states show that it holds.
    pub states: Vec<(String, u64)>,
    /// Its neighbours that read less, or could not be judged.
    pub neighbours: Vec<Neighbour>,
}

/// A neighbour of the cheapest safe cell that reads less, or could not be judged.
#[derive(Clone, PartialEq, Debug)]
pub struct Neighbour {
    /// Its number.
    pub cell: u64,
    /// The dimension in which it differs, and its value there.
    pub axis: usize,
    /// Why it is no answer.
    pub why: String,
}

impl Summary {
    /// Nothing yet.
    pub fn new(head: Head, now: Option<Cell>) -> Summary {
        let cells = head.cells as usize;
        Summary {
            head,
            now,
            counts: [0; 4],
            safety: vec![Safety::Failed; cells],
            frontier: Vec::new(),
            cheapest: None,
            cheaper_unknown: 0,
            shown: Vec::new(),
            first_failed: None,
            edges: Vec::new(),
            certificate: None,
            candidates: Vec::new(),
            unknown_reads: Vec::new(),
            heard: 0,
        }
    }

    /// Hears of one cell.
    pub fn add(&mut self, cell: Cell) {
        let safety = cell.safety(&self.head.keep);
        self.counts[safety as usize] += 1;
        self.safety[cell.cell as usize] = safety;
        match safety {
            Safety::Failed => {
                let why = cell.failed.clone().unwrap_or_default();
                self.first_failed.get_or_insert((cell.cell, why));
            }
            Safety::Safe => {
                if self.cheapest.as_ref().is_none_or(|best| order(&cell).lt(&order(best))) {
                    self.cheapest = Some(cell.clone());
                    let least = cell.reads_per_run;
                    self.unknown_reads.retain(|reads| *reads < least);
                }
                keep_best(&mut self.frontier, &cell);
            }
            Safety::Unknown => {
                if self.cheapest.as_ref().is_none_or(|best| cell.reads_per_run < best.reads_per_run) {
                    self.unknown_reads.push(cell.reads_per_run);
                }
                keep_best(&mut self.candidates, &cell);
            }
            Safety::Broken => keep_best(&mut self.candidates, &cell),
        }
        let every = self.head.cells.div_ceil(SHOWN as u64).max(1);
        if self.heard.is_multiple_of(every) {
            self.shown.push(cell);
        }
        self.heard += 1;
    }

    /// There are no more.
    pub fn end(&mut self) {
        let least = self.cheapest.as_ref().map(|cell| cell.reads_per_run);
        let cheaper = |reads: &&f64| least.is_none_or(|least| **reads < least);
        self.cheaper_unknown = self.unknown_reads.iter().filter(cheaper).count() as u64;
        if self.frontier.is_empty() {
            self.frontier = std::mem::take(&mut self.candidates);
        }
        self.frontier
            .sort_by(|one, other| order(one).partial_cmp(&order(other)).expect("numbers are finite"));
    }

    /// Whether some cell is safe.
    pub fn has_safe(&self) -> bool {
        self.cheapest.is_some()
    }
}

/// How late it is; what never arrives is later than all that does.
fn delay(cell: &Cell) -> u64 {
    cell.p99().unwrap_or(u64::MAX)
}

/// By reads, then by delay, then by number.
fn order(cell: &Cell) -> (f64, u64, u64) {
    (cell.reads_per_run, delay(cell), cell.cell)
}

/// Adds a cell to those that none beats, and drops what it beats.
fn keep_best(best: &mut Vec<Cell>, cell: &Cell) {
    let place = |cell: &Cell| (cell.reads_per_run, delay(cell));
    let ((reads, delay), beats) =
        (place(cell), |one: (f64, u64), other: (f64, u64)| one.0 <= other.0 && one.1 <= other.1);
    if best.iter().any(|known| beats(place(known), (reads, delay))) {
        return;
    }
    best.retain(|known| !beats((reads, delay), place(known)));
    best.push(cell.clone());
}
