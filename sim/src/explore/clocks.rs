//! When the clocks of a path tick.
//!
//! One instant decides all ticks of a clock: its phase, how far it is into a tick when the run begins.
//! Exploring does not keep it. From one reading to the next it knows when the next tick can be, and after
//! that nothing. Along a path all instants are kept, so the phase is one instant more, and each tick that
//! somebody asked about comes some number of resolutions after it. Which number is a whole one that no
//! bound of differences says; so for one tick after the other those are tried that its bounds allow, first
//! those nearest to the roundest timing. What is left is a zone again.

use crate::delay::Clock;
use crate::explore::symbolic::bound;
use crate::explore::zone::{NEVER, Zone};

/// How many places are tried for one tick.
const MOST: usize = 32;
/// How many are tried in all.
const TRIES: usize = 20_000;

/// The ticks of a path, and the clocks of the phases of its clocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clocks {
    phases: Vec<Phase>,
    ticks: Vec<Tick>,
}

#[derive(Clone, Debug)]
struct Phase {
    clock: Clock,
    /// The index of the last tick that is not after the beginning of the run.
    index: usize,
}

#[derive(Clone, Copy, Debug)]
struct Tick {
    phase: usize,
    resolution: i64,
    index: usize,
}

impl Clocks {
    /// Adds the tick at `index` of `clock`; at its first one an index of `zone` for its phase. The first index of
    /// `zone` is the beginning of the run.
    pub(crate) fn tick(&mut self, clock: &Clock, index: usize, zone: &mut Zone) {
        let resolution = bound(clock.resolution());
        let phase = self.index(clock).unwrap_or_else(|| {
            let index = zone.add(0, 1 - resolution, 0);
            self.phases.push(Phase { clock: clock.clone(), index });
            index
        });
        self.ticks.push(Tick { phase, resolution, index });
    }

    /// Whether nobody asked about a tick.
    pub(crate) fn is_empty(&self) -> bool {
        self.ticks.is_empty()
    }

    fn index(&self, clock: &Clock) -> Option<usize> {
        self.phases.iter().find(|phase| phase.clock == *clock).map(|phase| phase.index)
    }

    /// How far `clock` is into its tick when the run begins, if the instants are `values`.
    pub(crate) fn phase(&self, clock: &Clock, values: &[i64]) -> u64 {
        self.index(clock).map_or(0, |index| values[index].unsigned_abs())
    }

    /// Keeps of `zone` only timings in which every tick is one of its clock, near `values` if that can be;
    /// `false` if none were found.
    pub(crate) fn keep(&self, zone: &mut Zone, values: &[i64]) -> bool {
        // Only these clocks are looked at while places are tried.
        let phases = self.phases.iter().map(|phase| phase.index);
        let mut clocks: Vec<usize> = phases.chain(self.ticks.iter().map(|tick| tick.index)).collect();
        clocks.sort_unstable();
        clocks.dedup();
        let place = |index: usize| clocks.binary_search(&index).expect("it is among the clocks");
        let tick = |tick: &Tick| {
            let wanted = (values[tick.index] - values[tick.phase]).div_euclid(tick.resolution);
            (Tick { phase: place(tick.phase), index: place(tick.index), ..*tick }, wanted)
        };
        let ticks: Vec<(Tick, i64)> = self.ticks.iter().map(tick).collect();
        let (mut numbers, mut left) = (Vec::new(), TRIES);
        if !find(&zone.of_clocks(&clocks), &ticks, &mut numbers, &mut left) {
            return false;
        }
        let fits = self.ticks.iter().zip(&numbers).all(|(tick, number)| tick.put(zone, *number));
        assert!(fits, "what is possible of some clocks is possible of all");
        true
    }
}

/// Finds the numbers of the `ticks` that have none yet, each beside the one that is wanted.
fn find(zone: &Zone, ticks: &[(Tick, i64)], numbers: &mut Vec<i64>, left: &mut usize) -> bool {
    let Some((tick, wanted)) = ticks.get(numbers.len()) else { return true };
    let Some((low, high)) = tick.numbers(zone) else { return false };
    let wanted = *wanted.clamp(&low, &high);
    let near = (0..).flat_map(|far| [wanted - far, wanted + far + 1]);
    let most = usize::try_from(high - low).map_or(MOST, |more| MOST.min(more + 1));
    for number in near.filter(|number| (low..=high).contains(number)).take(most) {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        let mut zone = zone.clone();
        if !tick.put(&mut zone, number) {
            continue;
        }
        numbers.push(number);
        if find(&zone, ticks, numbers, left) {
            return true;
        }
        numbers.pop();
    }
    false
}

impl Tick {
    /// How many resolutions after the phase it can be, at least and at most.
    fn numbers(&self, zone: &Zone) -> Option<(i64, i64)> {
        let least = -zone.at(self.phase, self.index);
        let low = least.div_euclid(self.resolution) + i64::from(least.rem_euclid(self.resolution) > 0);
        let high = match zone.at(self.index, self.phase) {
            NEVER => low.saturating_add(i64::from(u32::MAX)),
            most => most.div_euclid(self.resolution),
        };
        (low <= high).then_some((low, high))
    }

    /// Keeps what of `zone` has it so many resolutions after the phase; `false` if there is nothing.
    fn put(&self, zone: &mut Zone, number: i64) -> bool {
        let after = number * self.resolution;
        let possible = zone.allows(self.index, self.phase, after);
        if possible {
            zone.restrict(self.index, self.phase, after);
        }
        let possible = possible && zone.allows(self.phase, self.index, -after);
        if possible {
            zone.restrict(self.phase, self.index, -after);
        }
        possible
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    /// Readings of a clock of 10 that are `apart`, each after the tick that the one before it waited for.
    fn ticks_that_far(separation: &[(i64, i64)]) -> Option<Vec<i64>> {
        let clock = Clock::new("clock", Span(10));
        let mut zone = Zone::default();
        zone.begin();
        let (mut clocks, mut ticks) = (Clocks::default(), Vec::new());
        let mut read = 0;
        for &(least, most) in separation {
            read = zone.add(read, least, most);
            if let Some(last) = ticks.last() {
                if !zone.allows(*last, read, 0) {
                    return None;
                }
                zone.restrict(*last, read, 0);
            }
            ticks.push(zone.add(read, 1, 10));
        }
        for &tick in &ticks {
            clocks.tick(&clock, tick, &mut zone);
        }
        let values = vec![0; zone.clocks()];
        clocks.keep(&mut zone, &values).then(|| ticks.iter().map(|tick| -zone.at(0, *tick)).collect())
    }

    #[test]
    fn ticks_are_whole_resolutions_apart() {
        // Three readings in three ticks need more than one resolution from the first to the last.
        assert_eq!(ticks_that_far(&[(0, 0), (1, 5), (1, 5)]), None);
        assert_eq!(ticks_that_far(&[(0, 0), (1, 5), (1, 6)]), Some(vec![1, 11, 21]));
        // Thirty or twenty later; the one next to what is wanted comes out.
        assert_eq!(ticks_that_far(&[(7, 7), (23, 23)]), Some(vec![8, 38]));
    }
}
