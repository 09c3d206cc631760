//! Runs that go on for ever in classes in which something is broken by what never happens.
//!
//! Mostly such a run is seen on the way: a class leads back to one before it that is no larger. Where it is
//! not, all of these classes are looked at exactly: no zone is dropped for lying in another, so that what
//! leads from one to another does so for all of its timings, and a cycle of them can be gone round for ever.
//! There are finitely many, since bounds are, so where there is no cycle, no run goes on like that.
//! A path of closed zones that never ends has a timing (each of its beginnings has one, and those of a
//! beginning are a closed and bounded set).

use crate::explore::graph::{Edge, components};
use crate::explore::zones::{Origin, ZoneId};

/// The classes in which one of the rules is broken if nothing else happens, or in which something is due at their
/// very instant, so that nobody stops there; and what leads from one to another.
pub(crate) struct ExactRounds {
    rules: u64,
    /// By plain part: whether one of the rules is broken there, if that was asked.
    broken: Vec<Option<bool>>,
    /// By zone: whether it is of one of these classes.
    among: Vec<bool>,
    steps: Vec<Step>,
}

/// A step from one zone to another.
#[derive(Clone, Copy)]
struct Step {
    /// From which zone, and how.
    origin: Origin,
    to: ZoneId,
    /// Whether something is due at its own instant, so that no time passes before the next step.
    instant: bool,
}

/// A cycle of zones: where it begins, and its steps.
pub(crate) struct Cycle {
    pub(crate) from: ZoneId,
    pub(crate) steps: Vec<Origin>,
}

impl ExactRounds {
    pub(crate) fn of(rules: u64) -> Self {
        Self { rules, broken: Vec::new(), among: Vec::new(), steps: Vec::new() }
    }

    /// Whether one of the rules is broken in a plain part if nothing else happens any more.
    pub(crate) fn stays_broken(&mut self, part: u32, is_broken: impl FnOnce(u64) -> bool) -> bool {
        let place = part as usize;
        self.broken.resize(self.broken.len().max(place + 1), None);
        *self.broken[place].get_or_insert_with(|| is_broken(self.rules))
    }

    /// A step leads to `to`.
    pub(crate) fn leads(&mut self, origin: Origin, to: ZoneId, instant: bool) {
        let place = to as usize;
        self.among.resize(self.among.len().max(place + 1), false);
        self.among[place] = true;
        self.steps.push(Step { origin, to, instant });
    }

    /// Whether it is known that a step leads to this zone.
    pub(crate) fn contains(&self, zone: ZoneId) -> bool {
        self.among.get(zone as usize).copied().unwrap_or(false)
    }

    /// A shortest cycle in which time can pass, among `zones` zones; it ends where somebody can stop.
    pub(crate) fn cycle(&self, zones: ZoneId) -> Option<Cycle> {
        let from = |step: &Step| step.origin.from;
        let mut edges: Vec<Edge> = self
            .steps
            .iter()
            .filter_map(|step| Some(Edge { from: from(step)?, to: step.to, stays: 0, instant: step.instant }))
            .collect();
        edges.sort_unstable();
        let component = components(&edges, zones as usize);
        let of = |zone: ZoneId| component[zone as usize];
        let mut inside: Vec<&Step> =
            self.steps.iter().filter(|step| from(step).is_some_and(|from| of(from) == of(step.to))).collect();
        inside.sort_by_key(|step| from(step));
        let passing = inside.iter().filter(|step| !step.instant);
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

    fn rounds(steps: &[(u32, u32, bool)]) -> Option<(u32, usize)> {
        let mut rounds = ExactRounds::of(1);
        for (row, &(from, to, instant)) in steps.iter().enumerate() {
            rounds.leads(Origin { from: Some(from), row: row as u16, turn: 0 }, to, instant);
        }
        rounds.cycle(6).map(|cycle| (cycle.from, cycle.steps.len()))
    }

    #[test]
    fn a_cycle_is_found_although_no_zone_of_it_was_found_on_the_way_to_another() {
        // 1 and 2 were both found from 0, and lead to each other.
        assert_eq!(rounds(&[(0, 1, false), (0, 2, false), (1, 2, false), (2, 1, false)]), Some((2, 2)));
        assert_eq!(rounds(&[(0, 1, false), (0, 2, false), (1, 2, false)]), None);
    }

    #[test]
    fn time_passes_in_a_cycle_that_counts() {
        assert_eq!(rounds(&[(0, 1, true), (1, 0, true)]), None);
        assert_eq!(rounds(&[(0, 1, true), (1, 0, false)]), Some((1, 2)));
    }
}
