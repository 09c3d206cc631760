//! What became of the checks and the named orders of a scenario: at a glance, and with all that they rest on.

use super::{Builder, place_of};
use crate::document::{Check, Group, Scenario, significant};
use crate::page::{Block, Cell, Order, Prose, Run, Table};
use crate::said::{self, AS_WRITTEN};
use crate::text;

impl Builder {
    /// A row for each case, a column for each invariant; what is proved everywhere in one sentence.
    pub(super) fn matrix(&mut self, group: &Group<'_>) {
        let mut invariants: Vec<&str> = Vec::new();
        for check in group.cases.iter().flat_map(|case| &case.checks) {
            if !invariants.contains(&check.invariant.as_str()) {
                invariants.push(&check.invariant);
            }
        }
        let everywhere = |invariant: &&str| {
            let checks = group.cases.iter().flat_map(|case| &case.checks);
            let mut of = checks.filter(|check| check.invariant == **invariant);
            of.all(|check| check.as_expected && said::finding(check) == said::Finding::Proved)
        };
        let (clean, rest): (Vec<&str>, Vec<&str>) = invariants.iter().copied().partition(everywhere);
        if !clean.is_empty() {
            let in_every = if group.cases.len() > 1 { " in every case" } else { "" };
            let mut runs = vec![Run::Plain(format!("Proved{in_every} for every timing: "))];
            for (at, name) in clean.iter().enumerate() {
                runs.extend((at > 0).then(|| Run::Plain(", ".into())));
                runs.push(Run::Code((*name).to_owned()));
            }
            runs.push(Run::Plain(".".into()));
            self.blocks.push(Block::Text(Prose(runs)));
        }
        if rest.is_empty() {
            return;
        }
        let heads = ["case"].into_iter().chain(rest.iter().copied());
        let mut table =
            Table::new("share of the runs in which it is broken, or what shows that it is not", heads);
        for case in group.cases {
            let mut row = vec![Cell::plain(case.variant.as_deref().unwrap_or(AS_WRITTEN))];
            for invariant in &rest {
                let check = case.checks.iter().find(|check| check.invariant == **invariant);
                row.push(check.map_or_else(Cell::default, |check| {
                    let (tone, said) = said::cell(check);
                    Cell::of(tone, said)
                }));
            }
            table.rows.push(row);
        }
        self.blocks.push(Block::Table(table));
    }

    pub(super) fn orders(&mut self, group: &Group<'_>) {
        let orders =
            group.cases.iter().flat_map(|case| case.interleavings.iter().map(move |order| (case, order)));
        let points: Vec<Prose> = orders
            .map(|(case, order)| {
                let of = case.variant.as_ref().map_or(String::new(), |variant| format!(" ({variant})"));
                let mark = if order.as_expected { "✓" } else { "✗" };
                Prose(vec![
                    Run::Plain(format!("{mark} ")),
                    Run::Code(order.interleaving.clone()),
                    Run::Plain(format!("{of}: {}", said::interleaving(order))),
                ])
            })
            .collect();
        if !points.is_empty() {
            self.blocks.push(Block::List(Order::Any, points));
        }
    }

    /// Every check with what it rests on. What is the same of several checks of a case is said once.
    pub(super) fn details(&mut self, group: &Group<'_>) {
        let heads = ["case", "checks", "result", "observed", "margin", "rests on", "rate"];
        let mut table = Table::new("every check", heads);
        let mut wanted: Vec<(String, Prose)> = Vec::new();
        let mut all = 0;
        for case in group.cases {
            let mut rows: Vec<(Option<&str>, Vec<Cell>)> = Vec::new();
            for check in &case.checks {
                all += 1;
                if !check.wanted.is_empty() && !wanted.iter().any(|one| one.0 == check.invariant) {
                    wanted.push((check.invariant.clone(), Prose::plain(&check.wanted)));
                }
                let run = check.counterexample.as_ref().map(|found| found.id.as_str());
                let row = self.detail(case, check);
                match rows.iter_mut().find(|(known, cells)| *known == run && cells[2..] == row[2..]) {
                    Some((_, cells)) => cells[1].text += &format!(", {}", row[1].text),
                    None => rows.push((run, row)),
                }
            }
            table.rows.extend(rows.into_iter().map(|row| row.1));
        }
        let facts = group.cases.iter().map(|case| {
            let states = case.states.found.map_or("unknown".to_owned(), |found| text::count(found, "state"));
            let name = case.variant.as_deref().unwrap_or(AS_WRITTEN).to_owned();
            let load = case.load.as_ref().map_or(String::new(), |load| {
                let load = [load.database_reads_per_run, load.polls_per_run].map(significant);
                format!(", {} reads of the database and {} polls in a run", load[0], load[1])
            });
            (name, Prose::plain(format!("digest {}, {states}{load}", case.digest)))
        });
        let said = format!("all {} of {}", text::count(all, "check"), group.name());
        let inner = vec![Block::Facts(wanted), Block::Table(table.pruned()), Block::Facts(facts.collect())];
        self.blocks.push(Block::Folded(said, inner));
    }

    fn detail(&self, case: &Scenario, check: &Check) -> Vec<Cell> {
        let found = check.counterexample.as_ref();
        let name = Cell::plain(&check.invariant);
        let place = found.filter(|found| self.shown.contains(&found.id)).map(|found| place_of(&found.id));
        let (tone, _) = said::cell(check);
        // What is proved needs no bound.
        let is_proved = said::finding(check) == said::Finding::Proved;
        let rate = said::rate(check).filter(|_| !is_proved);
        vec![
            Cell::plain(case.variant.as_deref().unwrap_or(AS_WRITTEN)),
            place.map_or(name.clone(), |place| name.to(place)),
            Cell::of(tone, said::verdict(check)),
            Cell::plain(check.observed.clone().unwrap_or_default()),
            Cell::plain(check.margin.clone().unwrap_or_default()),
            Cell::plain(said::evidence(check)),
            Cell::plain(rate.unwrap_or_default()),
        ]
    }
}
