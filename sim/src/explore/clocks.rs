//! When the clocks of a path tick.
//!
//! A clock shows how many times it has ticked since some instant just before the run, and one instant,
//! its phase, decides all its ticks. Exploring does not keep that instant: from one reading to the next it
//! knows that the tick is within one resolution, and after that nothing. Along a path all instants are
//! kept, so the phase is one instant more, and a reading that shows `k` ticks lies from `k` resolutions
//! after it to just before the next tick: two bounds of differences. Which `k` is a whole number that no
//! difference bounds; so for one reading after the other those are tried that its bounds allow, first
//! those next to what the roundest timing would show.

use crate::delay::Clock;
use crate::explore::symbolic::bound;
use crate::explore::zone::{NEVER, Zone};

/// A use of a clock.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) clock: Clock,
    /// The row of the instant at which it is used.
    pub(crate) at: usize,
    pub(crate) shows: Shows,
    /// The row of its next tick, where it was read and shows a later one.
    pub(crate) tick: Option<usize>,
    /// The row of what happens when it first shows so many ticks more.
    pub(crate) due: Option<(usize, u32)>,
}

/// What a clock shows, beside what it showed when it was last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    Same,
    /// Later, if it was read before.
    Later,
    /// Nobody looks.
    Anything,
}

/// How many numbers of ticks are tried for one reading.
const MOST: i64 = 16;
/// How many are tried in all.
const TRIES: usize = 20_000;

/// The readings of a path, and the rows of the phases of its clocks.
pub(crate) struct Clocks {
    readings: Vec<Reading>,
    phases: Vec<(Clock, usize)>,
}

impl Clocks {
    /// The clocks of `readings`, with a row in `zone` for the phase of each. The first row of `zone` is the
    /// beginning of the run.
    pub(crate) fn of(readings: Vec<Reading>, zone: &mut Zone) -> Self {
        let mut phases: Vec<(Clock, usize)> = Vec::new();
        for Reading { clock, .. } in &readings {
            if !phases.iter().any(|(known, _)| known == clock) {
                phases.push((clock.clone(), zone.add(0, 1 - bound(clock.resolution()), 0)));
            }
        }
        Self { readings, phases }
    }

    /// Whether no clock is used.
    pub(crate) fn is_empty(&self) -> bool {
        self.readings.is_empty()
    }

    /// How far `clock` is into its tick when the run begins, if the instants are `values`.
    pub(crate) fn phase(&self, clock: &Clock, values: &[i64]) -> u64 {
        values[self.row(clock)].unsigned_abs()
    }

    fn row(&self, clock: &Clock) -> usize {
        let known = self.phases.iter().find(|(known, _)| known == clock);
        known.expect("the clock of a reading has a phase").1
    }

    /// Keeps of `zone` timings in which every reading shows what it shows, next to `values` if it can be;
    /// `false` if none were found.
    pub(crate) fn keep(&self, zone: &mut Zone, values: &[i64]) -> bool {
        // What a clock shows bounds only these rows, so only they are looked at while it is tried.
        let mut rows: Vec<usize> = self.phases.iter().map(|(_, row)| *row).collect();
        for reading in &self.readings {
            rows.push(reading.at);
            rows.extend(reading.tick);
            rows.extend(reading.due.map(|(row, _)| row));
        }
        rows.sort_unstable();
        rows.dedup();
        let place = |row: usize| rows.binary_search(&row).expect("it is among the rows");
        let small = |reading: &Reading| Reading {
            clock: reading.clock.clone(),
            at: place(reading.at),
            shows: reading.shows,
            tick: reading.tick.map(place),
            due: reading.due.map(|(row, ticks)| (place(row), ticks)),
        };
        let ticks = |reading: &Reading| {
            let since = values[reading.at] - values[self.row(&reading.clock)];
            since.div_euclid(bound(reading.clock.resolution()))
        };
        let clocks = Self {
            readings: self.readings.iter().map(small).collect(),
            phases: self.phases.iter().map(|(clock, row)| (clock.clone(), place(*row))).collect(),
        };
        let wanted: Vec<i64> = self.readings.iter().map(ticks).collect();
        let mut shown = Vec::new();
        if !clocks.shown(&zone.of_rows(&rows), &wanted, &mut shown, &mut TRIES.clone()) {
            return false;
        }
        let fits = self.readings.iter().zip(&shown).all(|(reading, ticks)| self.show(zone, reading, *ticks));
        assert!(fits, "what is possible of some rows is possible of all");
        true
    }

    /// Finds what the readings show from that of `shown.len()` on.
    fn shown(&self, zone: &Zone, wanted: &[i64], shown: &mut Vec<i64>, left: &mut usize) -> bool {
        let place = shown.len();
        let Some(reading) = self.readings.get(place) else { return true };
        let (low, high) = self.allowed(zone, reading, shown);
        let wanted_here = wanted[place].clamp(low, high.max(low));
        let near = (0..=MOST).flat_map(|far| [wanted_here + far, wanted_here - far]).skip(1);
        for ticks in near.filter(|ticks| (low..=high).contains(ticks)) {
            if *left == 0 {
                return false;
            }
            *left -= 1;
            let mut zone = zone.clone();
            if !self.show(&mut zone, reading, ticks) {
                continue;
            }
            shown.push(ticks);
            if self.shown(&zone, wanted, shown, left) {
                return true;
            }
            shown.pop();
        }
        false
    }

    /// The least and the greatest number of ticks that `reading` may show after `shown`.
    fn allowed(&self, zone: &Zone, reading: &Reading, shown: &[i64]) -> (i64, i64) {
        let (phase, resolution) = (self.row(&reading.clock), bound(reading.clock.resolution()));
        let ticks = |span: i64| if span == NEVER { i64::MAX / 2 } else { span.div_euclid(resolution) };
        let (low, high) = (ticks(-zone.at(phase, reading.at)), ticks(zone.at(reading.at, phase)));
        let mut before = self.readings.iter().zip(shown);
        // Only a reading that shows a later tick is compared with.
        let last = before.rfind(|(known, _)| known.clock == reading.clock && known.tick.is_some());
        match (reading.shows, last) {
            (Shows::Same, Some((_, last))) => (low.max(*last), high.min(*last)),
            (Shows::Later, Some((_, last))) => (low.max(last + 1), high),
            (Shows::Anything, _) | (Shows::Same | Shows::Later, None) => (low, high),
        }
    }

    /// Keeps what of `zone` has `reading` show so many ticks; `false` if there is nothing.
    fn show(&self, zone: &mut Zone, reading: &Reading, ticks: i64) -> bool {
        let (phase, resolution) = (self.row(&reading.clock), bound(reading.clock.resolution()));
        let from = ticks * resolution;
        let mut within = |row: usize, least: i64, most: i64| {
            let possible = |zone: &mut Zone, i: usize, j: usize, bound: i64| {
                let possible = zone.allows(i, j, bound);
                if possible {
                    zone.restrict(i, j, bound);
                }
                possible
            };
            possible(zone, row, phase, most) && possible(zone, phase, row, -least)
        };
        let exactly = |within: &mut dyn FnMut(usize, i64, i64) -> bool, row: usize, more: u32| {
            let at = from + i64::from(more) * resolution;
            within(row, at, at)
        };
        within(reading.at, from, from + resolution - 1)
            && reading.tick.is_none_or(|tick| exactly(&mut within, tick, 1))
            && reading.due.is_none_or(|(due, more)| exactly(&mut within, due, more))
    }
}
