//! Lassos: runs that go on for ever in classes in which something is broken by what never happens.
//!
//! Mostly such a run is seen on the way: a class leads back to one before it that is no larger. Where it is
//! not, all of these classes are looked at exactly: no zone is dropped for lying in another, so that what
//! leads from one to another does so for all of its timings, and a cycle of them can be taken for ever.
//! There are finitely many, since bounds are, so where there is no cycle, no run goes on like that.
//! A path of closed zones that never ends has a timing (each of its beginnings has one, and those of a
//! beginning are a closed and bounded set).

use crate::explore::class::DiscreteId;
use crate::explore::graph::components;
use crate::explore::zones::{Origin, ZoneId};

/// The classes in which one of the rules is broken if nothing else happens, or in which something is due at their
/// very instant, so that nobody stops there; and what leads from one to another.
pub(crate) struct ExactCycles {
    rules: u64,
    /// By discrete state: whether one of the rules is broken there, if that was asked.
    broken: Vec<Option<bool>>,
    /// By zone: whether one of the rules is broken there, or nobody stops, when it is first come to. How long it is
    /// until something is due there is not kept, so the same zone may be come to otherwise as well.
    among: Vec<bool>,
    steps: Vec<Step>,
}

/// A step from one zone to another.
#[derive(Clone, Copy)]
struct Step {
    /// From which zone, and how.
    origin: Origin,
    to: ZoneId,
    stop: Stop,
}

/// What it means to stop where a step leads to: one stops once all has happened that is due at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// One of the rules is broken there.
    Broken,
    /// Something is due at its own instant, so that nobody stops there.
    Never,
    /// None is broken, and something may be due at its own instant or later.
    Perhaps,
}

/// Which cycles count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    /// Those in which one of the rules is broken wherever one stops.
    Broken,
    /// Those too in which nobody need stop where none is.
    Perhaps,
}

/// A cycle of zones: where it begins, and its steps.
pub(crate) struct Cycle {
    pub(crate) from: ZoneId,
    pub(crate) steps: Vec<Origin>,
}

impl ExactCycles {
    pub(crate) fn of(rules: u64) -> Self {
        Self { rules, broken: Vec::new(), among: Vec::new(), steps: Vec::new() }
    }

    /// Whether one of the rules is broken in a discrete state if nothing else happens any more.
    pub(crate) fn stays_broken(&mut self, state: DiscreteId, is_broken: impl FnOnce(u64) -> bool) -> bool {
        let place = state.place();
        self.broken.resize(self.broken.len().max(place + 1), None);
        *self.broken[place].get_or_insert_with(|| is_broken(self.rules))
    }

    /// A step leads to `to`, which may be new.
    pub(crate) fn leads(&mut self, origin: Origin, (to, new): (ZoneId, bool), stop: Stop) {
        let place = to.place();
        self.among.resize(self.among.len().max(place + 1), false);
        self.among[place] |= new && stop != Stop::Perhaps;
        self.steps.push(Step { origin, to, stop });
    }

    /// Whether one of the rules is broken in this zone, or nobody stops there, on the way on which it was found.
    pub(crate) fn contains(&self, zone: ZoneId) -> bool {
        self.among.get(zone.place()).copied().unwrap_or(false)
    }

    /// A shortest cycle in which time can pass, among `zones` zones; it ends where somebody can stop.
    pub(crate) fn cycle(&self, zones: usize, through: Through) -> Option<Cycle> {
        let from = |step: &Step| step.origin.from;
        let counts = |step: &&Step| through == Through::Perhaps || step.stop != Stop::Perhaps;
        let counting = || self.steps.iter().filter(counts);
        let edge = |step: &Step| Some((from(step)?.0, step.to.0));
        let mut edges: Vec<(u32, u32)> = counting().filter_map(edge).collect();
        edges.sort_unstable();
        let component = components(&edges, zones, |edge| *edge);
        let of = |zone: ZoneId| component[zone.place()];
        let mut inside: Vec<&Step> =
            counting().filter(|step| from(step).is_some_and(|from| of(from) == of(step.to))).collect();
        inside.sort_by_key(|step| from(step));
        let passing = inside.iter().filter(|step| step.stop == Stop::Broken);
        let cycles = passing.filter_map(|last| {
            let mut steps = way(&inside, last.to, from(last)?)?;
            steps.push(last.origin);
            Some(Cycle { from: last.to, steps })
        });
        cycles.min_by_key(|cycle| cycle.steps.len())
    }
}

/// A shortest way from one zone to another by some of `steps`, which are sorted by where they begin.
fn way(steps: &[&Step], from: ZoneId, to: ZoneId) -> Option<Vec<Origin>> {
    let mut reached: Vec<(ZoneId, Option<(usize, Origin)>)> = vec![(from, None)];
    let mut next = 0;
    while let Some(&(zone, _)) = reached.get(next) {
        if zone == to {
            let mut way = Vec::new();
            let mut at = next;
            while let Some((before, origin)) = reached[at].1 {
                way.push(origin);
                at = before;
            }
            way.reverse();
            return Some(way);
        }
        let first = steps.partition_point(|step| step.origin.from < Some(zone));
        for step in steps[first..].iter().take_while(|step| step.origin.from == Some(zone)) {
            if !reached.iter().any(|(known, _)| *known == step.to) {
                reached.push((step.to, Some((next, step.origin))));
            }
        }
        next += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles(steps: &[(u32, u32, Stop)], through: Through) -> Option<(u32, usize)> {
        let mut cycles = ExactCycles::of(1);
        for (index, &(from, to, stop)) in steps.iter().enumerate() {
            cycles.leads(
                Origin { from: Some(ZoneId(from)), index: index as u16, turn: 0 },
                (ZoneId(to), false),
                stop,
            );
        }
        cycles.cycle(6, through).map(|cycle| (cycle.from.0, cycle.steps.len()))
    }

    fn broken(steps: &[(u32, u32)]) -> Option<(u32, usize)> {
        let steps: Vec<_> = steps.iter().map(|&(from, to)| (from, to, Stop::Broken)).collect();
        cycles(&steps, Through::Broken)
    }

    #[test]
    fn a_cycle_is_found_although_no_zone_of_it_was_found_on_the_way_to_another() {
        // 1 and 2 were both found from 0, and lead to each other.
        assert_eq!(broken(&[(0, 1), (0, 2), (1, 2), (2, 1)]), Some((2, 2)));
        assert_eq!(broken(&[(0, 1), (0, 2), (1, 2)]), None);
    }

    #[test]
    fn time_passes_in_a_cycle_that_counts() {
        let both = |one, other| cycles(&[(0, 1, one), (1, 0, other)], Through::Broken);
        assert_eq!(both(Stop::Never, Stop::Never), None);
        assert_eq!(both(Stop::Never, Stop::Broken), Some((0, 2)));
    }

    #[test]
    fn where_somebody_may_stop_and_nothing_is_broken_a_cycle_may_count() {
        let steps = [(0, 1, Stop::Perhaps), (1, 0, Stop::Broken)];
        assert_eq!(cycles(&steps, Through::Broken), None);
        assert_eq!(cycles(&steps, Through::Perhaps), Some((0, 2)));
    }
}
