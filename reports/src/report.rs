//! The report of a check as a page: what it came to, what is not as expected, and all that was found.
//!
//! Most important first, since where there is no room the end is left out. What is not as expected is
//! told in full; of what breaks as it should, each scenario shows one picture, and more as long as half of
//! [`PICTURES`] are not on the page. All others are named by their ids.

mod checks;
mod data;
mod delays;
mod runs;
mod unexpected;

use std::collections::BTreeSet;

use crate::document::{Check, Document, Evidence, Group, Verdict};
use crate::matrix::Matrix;
use crate::page::{Block, Cell, Page, Prose, Table, Tone};
use crate::said;
use crate::text;

/// Most pictures of a page.
pub const PICTURES: usize = 20;
/// Longest name, in columns.
const NAME: usize = 120;

/// The page of a result.
pub fn page(document: &Document) -> Page {
    let mut builder = Builder { pictures: 0, shown: BTreeSet::new(), blocks: Vec::new() };
    let groups = document.groups();
    if let Some(changes) = &document.changes {
        builder.heading(2, "changes", "What changed");
        builder.blocks.extend(changes.blocks());
    }
    builder.unexpected(&groups);
    builder.overview(document, &groups);
    let known = groups.iter().filter_map(|group| first_known(group));
    let known: BTreeSet<String> = known.take(PICTURES.saturating_sub(builder.pictures)).collect();
    // What is as expected leaves half of the room to the rest of the page.
    let mut spare = (PICTURES / 2).saturating_sub(builder.pictures + known.len());
    for (number, group) in groups.iter().enumerate() {
        builder.scenario(document, (number, group), &known, &mut spare);
    }
    let (tone, verdict) = verdict(document, &groups);
    Page {
        title: match groups.as_slice() {
            [one] => format!("punctual: {}", text::clean(one.name(), NAME, false)),
            _ => "punctual: what was checked".to_owned(),
        },
        verdict: Prose::plain(verdict),
        tone,
        commands: commands(document),
        blocks: builder.blocks,
        data: data::data(document),
    }
}

/// What it came to: whether all is as expected, and how much that was.
fn verdict(document: &Document, groups: &[Group<'_>]) -> (Tone, String) {
    let mut said = said::summary(document);
    let failed: Vec<&str> = groups.iter().filter(|group| !group.is_as_expected()).map(Group::name).collect();
    if document.interrupted {
        said.push("interrupted".to_owned());
    }
    let said = said.join(" · ");
    match failed.as_slice() {
        [] if document.interrupted || document.totals().checks == 0 => (Tone::Known, said),
        [] => (Tone::Good, said),
        [one] => (Tone::Bad, format!("{} · {said}", text::clean(one, NAME, false))),
        more => (Tone::Bad, format!("{} · {said}", text::count(more.len() as u64, "scenario"))),
    }
}

/// What shows again what is not as expected; at most three commands, the rest is beside each.
fn commands(document: &Document) -> Vec<String> {
    let checks = document.scenarios.iter().flat_map(|case| &case.checks).filter(|check| !check.as_expected);
    let checks = checks.filter_map(|check| check.counterexample.as_ref()?.replay.clone());
    let orders = document.scenarios.iter().flat_map(|case| &case.interleavings);
    let orders = orders.filter_map(|order| Some(order.against.as_ref()?.replay.clone()));
    let mut all: Vec<String> = Vec::new();
    for command in checks.chain(orders) {
        if !all.contains(&command) {
            all.push(command);
        }
    }
    all.truncate(3);
    all
}

/// The id of the first run that breaks a scenario as expected and has a picture.
fn first_known(group: &Group<'_>) -> Option<String> {
    let mut checks = group.cases.iter().flat_map(|case| &case.checks);
    let found = checks.find(|check| check.as_expected && check.race().is_some())?;
    found.counterexample.as_ref().map(|found| found.id.clone())
}

/// What the fixes of a scenario do, as far as they were looked at; nothing if it has none.
fn fixes_of(document: &Document, group: &Group<'_>) -> Option<Matrix> {
    let base = group.cases.first().filter(|case| case.variant.is_none())?;
    let variants = group.cases.iter().filter_map(|case| case.variant.as_ref());
    let fixes: Vec<String> = variants.filter(|name| base.fixes.contains(name)).cloned().collect();
    let rows = group.cases.to_vec();
    (!fixes.is_empty()).then(|| Matrix::new(document.made_with.clone(), fixes, Vec::new(), rows))
}

/// The name of the place of a counterexample on a page.
fn place_of(id: &str) -> String {
    let id: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("ce-{id}")
}

struct Builder {
    pictures: usize,
    /// Counterexamples that have a place on the page.
    shown: BTreeSet<String>,
    blocks: Vec<Block>,
}

impl Builder {
    fn heading(&mut self, level: u8, name: &str, said: &str) {
        self.blocks.push(Block::Heading(level, name.to_owned(), Prose::plain(said)));
    }

    /// One row for each scenario, and with what all was made.
    fn overview(&mut self, document: &Document, groups: &[Group<'_>]) {
        self.heading(2, "checked", "What was checked");
        let mut table = Table::new(
            "the scenarios",
            ["scenario", "result", "#cases", "#proved", "#in runs only", "#broken", "#unknown"],
        );
        for (number, group) in groups.iter().enumerate() {
            let checks = || group.cases.iter().flat_map(|case| &case.checks);
            let count = |of: &dyn Fn(&Check) -> bool| {
                Cell::plain(text::grouped(checks().filter(|check| of(check)).count() as u64))
            };
            let proved = |check: &Check| matches!(check.evidence, Evidence::EveryTiming { .. });
            let holds = |check: &Check| check.verdict == Verdict::Holds;
            table.rows.push(vec![
                Cell::plain(group.name()).to(format!("s{}", number + 1)),
                if group.is_as_expected() {
                    Cell::of(Tone::Good, "✓ as expected")
                } else {
                    Cell::of(Tone::Bad, "✗ not as expected")
                },
                Cell::plain(text::grouped(group.cases.len() as u64)),
                count(&|check| holds(check) && proved(check)),
                count(&|check| holds(check) && !proved(check)),
                count(&|check| check.verdict == Verdict::Violated),
                count(&|check| check.verdict == Verdict::Unknown),
            ]);
        }
        self.blocks.push(Block::Table(table));
        let made_with = &document.made_with;
        let limits =
            if made_with.limits.is_empty() { "none".to_owned() } else { made_with.limits.join(", ") };
        let facts = [
            ("runs of each case", text::grouped(made_with.runs_each)),
            ("runs in all", text::grouped(made_with.runs)),
            ("seed", made_with.seed.clone()),
            ("limits of exploring", limits),
            ("punctual", made_with.version.clone()),
        ];
        self.blocks
            .push(Block::Facts(facts.map(|(name, said)| (name.to_owned(), Prose::plain(said))).to_vec()));
    }

    fn scenario(
        &mut self,
        document: &Document,
        (number, group): (usize, &Group<'_>),
        known: &BTreeSet<String>,
        spare: &mut usize,
    ) {
        let place = format!("s{}", number + 1);
        self.heading(2, &place, group.name());
        let base = &group.cases[0];
        let about = text::clean(&base.about, 1_200, false);
        if !about.is_empty() {
            let of = base.variant.as_ref().map_or(String::new(), |variant| format!("{variant}: "));
            self.blocks.push(Block::Text(Prose::plain(format!("{of}{about}"))));
        }
        self.matrix(group);
        self.orders(group);
        self.delays(group);
        match fixes_of(document, group) {
            Some(matrix) => self.blocks.extend(matrix.effects(3, &place)),
            None => self.load(group),
        }
        for case in group.cases {
            for check in case.checks.iter().filter(|check| check.as_expected) {
                let Some(found) = check.counterexample.as_ref().filter(|found| found.race.is_some()) else {
                    continue;
                };
                if self.shown.contains(&found.id) {
                    continue;
                }
                let first = known.contains(&found.id);
                if first || *spare > 0 {
                    *spare -= usize::from(!first);
                    self.counterexample(case, check);
                }
            }
        }
        self.details(group);
    }
}
