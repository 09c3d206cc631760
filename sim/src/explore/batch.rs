//! The successors of some classes, as far as the machine is not needed for them.
//!
//! What follows from a class is a matter of its zone, once the step is learned. So the classes of a
//! batch are shared out among threads, and what nobody has learned yet is left to be done afterwards,
//! by one. Results are kept in the order of classes, rows and turns: it makes no difference how many
//! threads there were.

use std::hash::Hash;
use std::ops::Range;

use crate::enumerate::Enumerate;
use crate::explore::Goal;
use crate::explore::first::{can_be_first, reach};
use crate::explore::script::{Measured, Outcome, Scripts};
use crate::explore::store::View;
use crate::explore::ticks::Ticks;
use crate::explore::zone::{Bounds, Zone};
use crate::explore::zones::ZoneId;

/// How many classes are expanded at a time. What is expanded is what no other contains when its batch
/// begins; so this number has a part in which classes are looked at, and is the same everywhere.
pub(crate) const BATCH: usize = 256;

/// What is looked for, and what is the same for a whole batch.
#[derive(Clone, Copy)]
pub(crate) struct Aim {
    pub(crate) goal: Option<Goal>,
    /// How far apart events must be that need not tie.
    pub(crate) apart: i64,
    /// Whether it is kept when clocks tick.
    pub(crate) phases: bool,
    /// The rules that are known to be broken.
    pub(crate) broken: u64,
}

impl Aim {
    /// Which rules are not watched any more after a step that broke `broken`.
    pub(crate) fn forgotten(&self, broken: u64) -> u64 {
        if self.goal.is_some() { broken } else { self.broken | broken }
    }
}

/// A step that was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) turn: u16,
    /// Where it led to, by the scripts; nothing if it reached what is looked for.
    pub(crate) leaf: Option<u32>,
    /// Whether something is due at its instant, for any timing.
    pub(crate) instant: bool,
    bounds: (u32, u32),
    measured: (u32, u32),
}

/// What was found of one row of a class.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfRow {
    /// The class; nothing for the beginning of a run.
    pub(crate) from: Option<ZoneId>,
    pub(crate) row: u16,
    /// Where its steps are in the sheet; nothing if the machine is needed.
    pub(crate) taken: Option<(u32, u32)>,
}

/// Steps that were taken, and what they led to.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) rows: Vec<OfRow>,
    pub(crate) taken: Vec<Taken>,
    bounds: Vec<i64>,
    measured: Measured,
}

impl Sheet {
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.taken.clear();
        self.bounds.clear();
        self.measured.clear();
    }

    /// Adds a step that led to a leaf, with what is kept of the zone, and what it measured.
    pub(crate) fn led_to(
        &mut self,
        turn: u16,
        number: u32,
        scripts: &Scripts,
        zone: &Zone,
        measured: &Measured,
    ) {
        let leaf = scripts.leaf(number);
        let kept = scripts.kept(&leaf);
        let from = self.bounds.len() as u32;
        zone.export(kept, &mut self.bounds);
        let bounds = (from, self.bounds.len() as u32);
        let from = self.measured.len() as u32;
        self.measured.extend_from_slice(measured);
        let measured = (from, self.measured.len() as u32);
        let instant = kept[..usize::from(leaf.timed)].iter().any(|&row| zone.at(usize::from(row), 0) <= 0);
        self.taken.push(Taken { turn, leaf: Some(number), instant, bounds, measured });
    }

    /// Adds a step that reached what is looked for.
    pub(crate) fn met(&mut self, turn: u16) {
        self.taken.push(Taken { turn, leaf: None, instant: false, bounds: (0, 0), measured: (0, 0) });
    }

    pub(crate) fn bounds_of(&self, taken: Taken) -> &[i64] {
        &self.bounds[taken.bounds.0 as usize..taken.bounds.1 as usize]
    }

    pub(crate) fn measured_in(&self, taken: Taken) -> &[(u64, i64, i64)] {
        &self.measured[taken.measured.0 as usize..taken.measured.1 as usize]
    }

    /// Whether a step of `row` reached what is looked for.
    pub(crate) fn reached(&self, row: OfRow) -> bool {
        row.taken.is_some_and(|taken| self.steps(taken).iter().any(|taken| taken.leaf.is_none()))
    }

    pub(crate) fn steps(&self, (from, to): (u32, u32)) -> &[Taken] {
        &self.taken[from as usize..to as usize]
    }
}

/// A thread's place of work.
#[derive(Debug, Default)]
pub(crate) struct Worker {
    zone: Zone,
    decide: Enumerate,
    measured: Measured,
    pub(crate) sheet: Sheet,
    /// What was kept of when clocks tick.
    pub(crate) ticks: Ticks,
}

impl Worker {
    /// Finds the successors of `zones`, until one reaches what is looked for.
    pub(crate) fn expand<E: Copy + Eq + Hash>(
        &mut self,
        zones: &[ZoneId],
        view: &View<'_, E>,
        scripts: &Scripts,
        aim: Aim,
    ) {
        self.sheet.clear();
        self.ticks = Ticks::None;
        for &zone in zones {
            let part = view.zones.part(zone);
            let shape = view.shape(part);
            let bounds = Bounds { rows: shape.rows.len(), all: view.zones.bounds(zone) };
            for row in (0..shape.pending()).filter(|&row| shape.leads(row)) {
                let from = self.sheet.taken.len() as u32;
                let begin = |worker: &mut Self| reach(&mut worker.zone, aim.apart, shape, bounds, row);
                let known = match scripts.root(part, row) {
                    None => !can_be_first(aim.apart, shape, bounds, row),
                    Some(root) => self.take(root, scripts, aim, begin),
                };
                let to = self.sheet.taken.len() as u32;
                let taken = known.then_some((from, to));
                if from < to || !known {
                    self.sheet.rows.push(OfRow { from: Some(zone), row: row as u16, taken });
                }
                if self.sheet.taken.last().is_some_and(|taken| taken.leaf.is_none()) {
                    return;
                }
            }
        }
    }

    /// Takes the step of one row in each way in turn; `false` if one is not known, and then there are none.
    fn take(&mut self, root: u32, scripts: &Scripts, aim: Aim, begin: impl Fn(&mut Self) -> bool) -> bool {
        let before = self.sheet.taken.len();
        self.decide.reset();
        for turn in 0.. {
            if !begin(self) {
                break;
            }
            let at = (&mut self.zone, &mut self.decide, &mut self.ticks);
            match scripts.follow(root, at, &mut self.measured, aim) {
                Outcome::Leaf(leaf) => {
                    self.sheet.led_to(turn, leaf, scripts, &self.zone, &self.measured);
                }
                Outcome::Met => {
                    self.sheet.met(turn);
                    break;
                }
                Outcome::Unknown => {
                    self.sheet.taken.truncate(before);
                    return false;
                }
            }
            if !self.decide.advance() {
                break;
            }
        }
        true
    }
}

/// The pieces of `zones` that so many threads are to work on.
pub(crate) fn pieces(zones: &[ZoneId], threads: usize) -> impl Iterator<Item = (usize, &[ZoneId])> {
    // A class costs some microseconds, and another thread some tens of them.
    let most = threads.min(zones.len() / 32).max(1);
    let size = zones.len().div_ceil(most).max(1);
    zones.chunks(size).map(|piece| (piece.len() * COST, piece))
}

/// What a class costs, in the measure of [`parallel::map`](crate::explore::parallel::map).
const COST: usize = 5_000;

/// The range of a pair.
pub(crate) fn range((from, to): (u32, u32)) -> Range<usize> {
    from as usize..to as usize
}
