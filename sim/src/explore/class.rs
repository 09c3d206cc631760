//! A state class without its zone: what the machine and the monitor remember, and what is pending.
//!
//! Classes whose plain parts are equal differ only in when things are due; the store keeps them
//! together. Rows are in canonical order, so that one situation has one form, however it came about.

use std::hash::Hash;

use crate::machine::Lane;
use crate::time::Span;
use crate::watch::Watch;

/// What an instant of a zone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Row<E> {
    /// When a timer fires.
    Timer(E),
    /// When a message arrives; those of one lane in the order in which they were sent.
    Message(Lane, E),
    /// When the run is over, except for what is in flight.
    Over,
    /// When a monitor marked a slot, and how long after that it stops to matter.
    Mark(u64, i64),
    /// When a clock shows another tick than at its last reading, and how far apart its ticks are.
    Tick(u32, i64),
    /// Some tick of a clock, the last that was asked about, in a search that keeps its phase.
    Phase(u32),
}

impl<E> Row<E> {
    /// Whether it is something that will happen at a time of its own; the end of a run waits for all that
    /// is due. These come first.
    pub(crate) fn is_timed(&self) -> bool {
        matches!(self, Self::Timer(_) | Self::Message(..))
    }

    /// Whether it is something that will happen.
    pub(crate) fn is_pending(&self) -> bool {
        match self {
            Self::Timer(_) | Self::Message(..) | Self::Over => true,
            Self::Mark(..) | Self::Tick(..) | Self::Phase(_) => false,
        }
    }
}

/// What is pending or marked in a class, and what its zones are about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape<E> {
    /// What the rows of its zones are; first those that are pending.
    pub(crate) rows: Vec<Row<E>>,
    /// Marked slots whose limit has passed, in order.
    pub(crate) expired: Vec<u64>,
    /// Slots marked without a limit whose instant has no row, in order.
    pub(crate) untimed: Vec<u64>,
    /// Whether the run is over, except for what is in flight.
    pub(crate) over: bool,
}

impl<E> Shape<E> {
    pub(crate) fn empty() -> Self {
        Self { rows: Vec::new(), expired: Vec::new(), untimed: Vec::new(), over: false }
    }

    /// Makes `shape` the same with no marks and nothing of clocks among its rows, and only which slots are
    /// marked.
    pub(crate) fn unmarked(&self, shape: &mut Self)
    where
        E: Copy,
    {
        shape.rows.clear();
        shape.expired.clear();
        shape.untimed.clone_from(&self.untimed);
        shape.untimed.extend_from_slice(&self.expired);
        for row in &self.rows {
            match row {
                Row::Mark(slot, _) => shape.untimed.push(*slot),
                Row::Tick(..) | Row::Phase(_) => {}
                Row::Timer(_) | Row::Message(..) | Row::Over => shape.rows.push(*row),
            }
        }
        shape.untimed.sort_unstable();
        shape.over = self.over;
    }

    /// How many of its rows are pending.
    pub(crate) fn pending(&self) -> usize {
        self.rows.iter().take_while(|row| row.is_pending()).count()
    }

    /// Whether nothing is ahead of `row` on its lane.
    pub(crate) fn leads(&self, row: usize) -> bool {
        let lane = |row: &Row<E>| match row {
            Row::Message(lane, _) => Some(*lane),
            Row::Timer(_) | Row::Over | Row::Mark(..) | Row::Tick(..) | Row::Phase(_) => None,
        };
        let own = lane(&self.rows[row]);
        own.is_none() || self.rows[..row].iter().all(|other| lane(other) != own)
    }
}

/// A shape as a watch: what is marked, for whoever asks of nothing else.
pub(crate) struct Marked<'s, E>(pub(crate) &'s Shape<E>);

impl<E> Watch for Marked<'_, E> {
    fn mark(&mut self, _: u64, _: Span) {}

    fn unmark(&mut self, _: u64) {}

    fn late(&mut self, slot: u64) -> bool {
        self.0.expired.contains(&slot)
    }

    fn marked(&self, slot: u64) -> bool {
        let marks = |row: &Row<E>| matches!(row, Row::Mark(marked, _) if *marked == slot);
        self.0.expired.contains(&slot) || self.0.untimed.contains(&slot) || self.0.rows.iter().any(marks)
    }
}

/// The plain part of a class: the numbers under which its parts are kept. Many classes share a part,
/// and a number is quicker to compare than a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Plain {
    pub(crate) state: u32,
    pub(crate) monitor: u32,
    pub(crate) shape: u32,
}
