//! What is not as expected: all of it in one table, and then each run that shows it.

use super::{Builder, place_of};
use crate::document::{Check, Group, Interleaving, Scenario, States};
use crate::page::{Block, Cell, Table, Tone};
use crate::said::{self, of_case};
use crate::text;

/// The heads of the table, a cell of a row for each.
const HEADS: [&str; 6] = ["check", "case", "result", "wanted", "observed", "margin"];

impl Builder {
    /// All that is not as expected, in full.
    pub(super) fn unexpected(&mut self, groups: &[Group<'_>]) {
        let cases = || groups.iter().flat_map(|group| group.cases).filter(|case| !case.is_as_expected());
        if cases().next().is_none() {
            return;
        }
        self.heading(2, "unexpected", "Not as expected");
        let mut table = Table::new("what is not as expected", HEADS);
        table.rows.extend(cases().flat_map(rows));
        self.blocks.push(Block::Table(table.pruned()));
        for case in cases() {
            for check in case.checks.iter().filter(|check| !check.as_expected) {
                self.counterexample(case, check);
            }
            for order in &case.interleavings {
                if let Some(found) = &order.against {
                    self.against(case, order, found);
                }
            }
        }
    }
}

/// A row for each thing of a case that is not as expected.
fn rows(case: &Scenario) -> Vec<Vec<Cell>> {
    let checks = case.checks.iter().filter(|check| !check.as_expected).map(|check| of_check(case, check));
    let orders = case.interleavings.iter().filter(|order| !order.as_expected);
    let orders = orders.map(|order| of_order(case, order));
    let idle = said::idle(case, false)
        .map(|said| vec![Cell::plain("never-taken"), Cell::plain(of_case(case)), Cell::of(Tone::Bad, said)]);
    let mut rows: Vec<Vec<Cell>> =
        checks.chain(orders).chain(idle).chain(of_states(case, &case.states)).collect();
    for row in &mut rows {
        row.resize(HEADS.len(), Cell::default());
    }
    rows
}

fn of_check(case: &Scenario, check: &Check) -> Vec<Cell> {
    let name = Cell::plain(&check.invariant);
    let found = check.counterexample.as_ref().filter(|found| found.race.is_some());
    vec![
        found.map_or(name.clone(), |found| name.to(place_of(&found.id))),
        Cell::plain(of_case(case)),
        Cell::of(Tone::Bad, said::verdict(check)),
        Cell::plain(&check.wanted),
        Cell::plain(check.observed.clone().unwrap_or_default()),
        Cell::plain(check.margin.clone().unwrap_or_default()),
    ]
}

fn of_order(case: &Scenario, order: &Interleaving) -> Vec<Cell> {
    vec![
        Cell::plain(&order.interleaving),
        Cell::plain(of_case(case)),
        Cell::of(Tone::Bad, said::interleaving(order)),
    ]
}

/// The row of another number of states than is expected.
fn of_states(case: &Scenario, states: &States) -> Option<Vec<Cell>> {
    let expected = states.expected.filter(|_| !states.as_expected)?;
    Some(vec![
        Cell::plain("states"),
        Cell::plain(of_case(case)),
        Cell::of(Tone::Bad, "another number of states"),
        Cell::plain(text::grouped(expected)),
        Cell::plain(states.found.map_or("unknown".to_owned(), text::grouped)),
        Cell::plain(states.limit.clone().unwrap_or_default()),
    ])
}
