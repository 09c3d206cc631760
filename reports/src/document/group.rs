//! A document as people read it: scenarios with their variants, and how much was checked of them.

use super::{Document, Scenario};

/// A scenario with its variants: neighbouring entries of a document.
#[derive(Clone, Copy, Debug)]
pub struct Group<'d> {
    /// The scenario as it is written, and its variants; at least one.
    pub cases: &'d [Scenario],
}

/// How much was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Totals {
    /// Scenarios.
    pub scenarios: u64,
    /// Scenarios and variants.
    pub cases: u64,
    /// Verdicts on invariants and on interleavings, and numbers of states that are expected.
    pub checks: u64,
    /// How many of the checks ended as expected.
    pub as_expected: u64,
}

impl Document {
    /// Its scenarios, each with its variants. One file may be named twice: no variant occurs twice in a group.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut groups = Vec::new();
        let mut from = 0;
        for at in 1..=self.scenarios.len() {
            let goes_on = self.scenarios.get(at).is_some_and(|case| {
                let group = &self.scenarios[from..at];
                case.scenario == group[0].scenario && !group.iter().any(|known| known.variant == case.variant)
            });
            if !goes_on {
                groups.push(Group { cases: &self.scenarios[from..at] });
                from = at;
            }
        }
        groups
    }

    /// How much was checked.
    pub fn totals(&self) -> Totals {
        let cases = || self.scenarios.iter();
        let checks = cases().flat_map(|case| case.checks.iter().map(|check| check.as_expected));
        let orders = cases().flat_map(|case| case.interleavings.iter().map(|order| order.as_expected));
        let states = cases().map(|case| &case.states).filter(|states| states.expected.is_some());
        let idle = cases().flat_map(|case| case.never_taken.iter().map(|idle| idle.as_expected));
        let odd = idle.filter(|as_expected| !as_expected);
        let states = states.map(|states| states.as_expected);
        let all: Vec<bool> = checks.chain(orders).chain(states).chain(odd).collect();
        Totals {
            scenarios: self.groups().len() as u64,
            cases: self.scenarios.len() as u64,
            checks: all.len() as u64,
            as_expected: all.iter().filter(|as_expected| **as_expected).count() as u64,
        }
    }
}

impl Group<'_> {
    /// Name of the scenario.
    pub fn name(&self) -> &str {
        &self.cases[0].scenario
    }

    /// Where it is written.
    pub fn place(&self) -> Option<&str> {
        self.cases[0].place.as_deref()
    }

    /// Whether everything in it is as the scenario says.
    pub fn is_as_expected(&self) -> bool {
        self.cases.iter().all(Scenario::is_as_expected)
    }
}
