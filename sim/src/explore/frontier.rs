//! What was found and not looked at yet: a level at a time, or what was found last first.
//!
//! The search asks for what comes next and puts back what it led to. A level is one number of events, so
//! breadth first finds the shortest ways; depth first what is far from the beginning, and early.

use crate::explore::limits::Traversal;
use crate::explore::zones::ZoneId;

pub(crate) struct Frontier {
    traversal: Traversal,
    /// Each with the number of events that led to it; what is taken next comes last.
    levels: Vec<(Vec<ZoneId>, usize)>,
    /// The greatest number of events that led to what was taken.
    deepest: usize,
}

impl Frontier {
    /// Nothing but the beginnings of runs.
    pub(crate) fn new(traversal: Traversal, beginnings: Vec<ZoneId>) -> Self {
        let mut frontier = Self { traversal, levels: Vec::new(), deepest: 0 };
        frontier.put(beginnings, 0);
        frontier
    }

    /// What is to be looked at next, and the number of events that led to it.
    pub(crate) fn take(&mut self) -> Option<(Vec<ZoneId>, usize)> {
        let (next, depth) = match self.traversal {
            Traversal::BreadthFirst => self.levels.pop()?,
            Traversal::DepthFirst => {
                let (level, depth) = self.levels.last_mut()?;
                let (next, depth) = (level.pop()?, *depth);
                if level.is_empty() {
                    self.levels.pop();
                }
                (vec![next], depth)
            }
        };
        self.deepest = self.deepest.max(depth);
        Some((next, depth))
    }

    /// Adds what was found after so many events, in the order in which it is to be taken.
    pub(crate) fn put(&mut self, mut found: Vec<ZoneId>, depth: usize) {
        if found.is_empty() {
            return;
        }
        if self.traversal == Traversal::DepthFirst {
            found.reverse();
        }
        self.levels.push((found, depth));
    }

    /// Forgets all but `zone`, which so many events led to.
    pub(crate) fn only(&mut self, zone: ZoneId, depth: usize) {
        self.levels.clear();
        self.put(vec![zone], depth);
    }

    /// The number of events of the longest runs that were looked at.
    pub(crate) fn deepest(&self) -> usize {
        self.deepest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order in which a tree is looked at: from each number to twice itself, and one more.
    fn order(traversal: Traversal) -> Vec<(u32, usize)> {
        let mut frontier = Frontier::new(traversal, vec![ZoneId(1)]);
        let mut order = Vec::new();
        while let Some((zones, depth)) = frontier.take() {
            let mut found = Vec::new();
            for zone in zones {
                order.push((zone.0, depth));
                let below = [2 * zone.0, 2 * zone.0 + 1];
                found.extend(below.into_iter().filter(|zone| *zone < 8).map(ZoneId));
            }
            frontier.put(found, depth + 1);
        }
        assert_eq!(frontier.deepest(), 2);
        order
    }

    #[test]
    fn breadth_first_takes_levels_and_depth_first_what_was_found_last() {
        let breadth = [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2), (7, 2)];
        assert_eq!(order(Traversal::BreadthFirst), breadth);
        let depth = [(1, 0), (2, 1), (4, 2), (5, 2), (3, 1), (6, 2), (7, 2)];
        assert_eq!(order(Traversal::DepthFirst), depth);
    }
}
