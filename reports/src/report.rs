//! The report of a check as a page: what it came to, what is not as expected, and all that was found.
//!
//! Most important first, since where there is no room the end is left out. What is not as expected is
//! told in full; of what breaks as it should, each scenario shows one picture, and more as long as half of
//! [`PICTURES`] are not on the page. All others are named by their ids.

use std::collections::BTreeSet;

use crate::document::{
    Against, Check, Delivery, Document, Group, Interleaving, SHARES, Scenario, Verdict, to_compact_json,
};
use crate::matrix::Matrix;
use crate::page::{
    Block, Cell, Curves, Data, Order, Page, Point, Points, Prose, Run, Shown, Table, Today, Tone,
};
use crate::said::{self, AS_WRITTEN, of_case};
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
        data: data(document),
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

/// The document for who reads the page with a program: as much of it as there may be room for.
fn data(document: &Document) -> Vec<Data> {
    let mut smaller = document.clone();
    let of = |without: &str, document: &Document| Data {
        without: without.to_owned(),
        json: to_compact_json(document),
    };
    let mut all = vec![of("", document)];
    for case in &mut smaller.scenarios {
        for found in case.checks.iter_mut().filter_map(|check| check.counterexample.as_mut()) {
            found.race = None;
        }
        case.interleavings.iter_mut().for_each(|order| order.against = None);
        for one in &mut case.deliveries {
            one.sampled_us.iter_mut().for_each(|sampled| sampled.curve.clear());
        }
    }
    all.push(of("without pictures and curves", &smaller));
    for case in &mut smaller.scenarios {
        case.deliveries.clear();
        case.interleavings.clear();
        case.about.clear();
        for check in &mut case.checks {
            (check.sampled, check.counterexample, check.observed, check.margin) = (None, None, None, None);
            check.wanted.clear();
            check.code.clear();
        }
    }
    all.push(of("verdicts only", &smaller));
    for case in &mut smaller.scenarios {
        case.checks.retain(|check| !check.as_expected || check.verdict != Verdict::Holds);
    }
    all.push(of("only verdicts other than that something holds as expected", &smaller));
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

    /// All that is not as expected, in full.
    fn unexpected(&mut self, groups: &[Group<'_>]) {
        let cases = || groups.iter().flat_map(|group| group.cases).filter(|case| !case.is_as_expected());
        if cases().next().is_none() {
            return;
        }
        self.heading(2, "unexpected", "Not as expected");
        let mut table = Table::new(
            "what is not as expected",
            ["check", "case", "result", "wanted", "observed", "margin"],
        );
        for case in cases() {
            for check in case.checks.iter().filter(|check| !check.as_expected) {
                let name = Cell::plain(&check.invariant);
                let found = check.counterexample.as_ref().filter(|found| found.race.is_some());
                table.rows.push(vec![
                    found.map_or(name.clone(), |found| name.to(place_of(&found.id))),
                    Cell::plain(of_case(case)),
                    Cell::of(Tone::Bad, said::verdict(check)),
                    Cell::plain(&check.wanted),
                    Cell::plain(check.observed.clone().unwrap_or_default()),
                    Cell::plain(check.margin.clone().unwrap_or_default()),
                ]);
            }
            for order in case.interleavings.iter().filter(|order| !order.as_expected) {
                let mut row = vec![
                    Cell::plain(&order.interleaving),
                    Cell::plain(of_case(case)),
                    Cell::of(Tone::Bad, said::interleaving(order)),
                ];
                row.resize(6, Cell::default());
                table.rows.push(row);
            }
            if let Some(said) = said::idle(case, false) {
                let mut row =
                    vec![Cell::plain("never-taken"), Cell::plain(of_case(case)), Cell::of(Tone::Bad, said)];
                row.resize(6, Cell::default());
                table.rows.push(row);
            }
            if let (false, Some(expected)) = (case.states.as_expected, case.states.expected) {
                let found = case.states.found.map_or("unknown".to_owned(), text::grouped);
                table.rows.push(vec![
                    Cell::plain("states"),
                    Cell::plain(of_case(case)),
                    Cell::of(Tone::Bad, "another number of states"),
                    Cell::plain(text::grouped(expected)),
                    Cell::plain(found),
                    Cell::plain(case.states.limit.clone().unwrap_or_default()),
                ]);
            }
        }
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
            let proved =
                |check: &Check| matches!(check.evidence, crate::document::Evidence::EveryTiming { .. });
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

    /// A row for each case, a column for each invariant; what is proved everywhere in one sentence.
    fn matrix(&mut self, group: &Group<'_>) {
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

    fn orders(&mut self, group: &Group<'_>) {
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

    /// The curves of the first case, and a table of all.
    fn delays(&mut self, group: &Group<'_>) {
        let known = |one: &&Delivery| one.sampled_us.is_some() || one.exact_us.is_some();
        let base = &group.cases[0];
        let curves: Vec<(String, Vec<(u64, f64)>)> =
            base.deliveries.iter().filter_map(|one| curve(base, one)).collect();
        let heads =
            ["case", "event", "#least", "#50 %", "#90 %", "#99 %", "#99.9 %", "#greatest", "#never, runs"];
        let caption = "delay from publication to arrival; least and greatest are exact, over every timing";
        let mut first = Table::new(caption, heads);
        let mut rest = Table::new(caption, heads);
        for (number, case) in group.cases.iter().enumerate() {
            let table = if number == 0 { &mut first } else { &mut rest };
            table.rows.extend(case.deliveries.iter().filter(known).map(|one| delivery(case, one)));
        }
        if !curves.is_empty() {
            let told: Vec<String> = base.deliveries.iter().filter_map(told_delay).collect();
            let said =
                format!("Delays, {}: {}.", base.variant.as_deref().unwrap_or(AS_WRITTEN), told.join("; "));
            self.blocks.push(Block::Curves(Curves { said, curves }));
        }
        if !first.rows.is_empty() {
            self.blocks.push(Block::Table(first));
        }
        if !rest.rows.is_empty() {
            let said = format!("the delays of {}", text::count(group.cases.len() as u64 - 1, "other case"));
            self.blocks.push(Block::Folded(said, vec![Block::Table(rest)]));
        }
    }

    /// How late the last event comes, against what polling costs the database.
    fn load(&mut self, group: &Group<'_>) {
        let point = |case: &Scenario| {
            let across = case.load.as_ref()?.database_reads_per_run;
            let today = if case.variant.is_none() { Today::Now } else { Today::Proposed };
            let name = case.variant.clone().unwrap_or_else(|| AS_WRITTEN.to_owned());
            Some(Point { name, across, up: worst_p99(case)?, today, loses: said::loses(case) })
        };
        let points: Vec<_> = group.cases.iter().filter_map(point).collect();
        if points.len() < 2 {
            return;
        }
        let mut points = Points {
            said: String::new(),
            across: "database reads in a run".into(),
            up: "delay at 99 %".into(),
            points,
        };
        points.said = points.told(|point| {
            format!("{}: {:.1} reads and {}", point.name, point.across, text::roughly(point.up))
        });
        self.blocks.push(Block::Points(points));
    }

    /// Every check with what it rests on. What is the same of several checks of a case is said once.
    fn details(&mut self, group: &Group<'_>) {
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
                let load =
                    [load.database_reads_per_run, load.polls_per_run].map(crate::document::significant);
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

    fn counterexample(&mut self, case: &Scenario, check: &Check) {
        let found = check.counterexample.as_ref();
        let name = found.map_or_else(|| "undecided".to_owned(), |found| place_of(&found.id));
        let drawn = found.and_then(|found| found.race.as_ref()).filter(|_| self.pictures < PICTURES);
        let said = format!("{} in {}: {}", check.invariant, of_case(case), said::verdict(check));
        self.heading(3, &format!("{name}-why"), &said);
        if let Some(why) = found.and_then(|found| found.why.as_ref()) {
            self.blocks.push(Block::Text(Prose::plain(sentence(why))));
        }
        if let (Some(race), Some(found)) = (drawn, found) {
            self.pictures += 1;
            self.shown.insert(found.id.clone());
            let said = found.why.clone().unwrap_or(said);
            self.blocks.push(Block::Race(Shown { name, race: race.clone(), said }));
        } else if found.is_some_and(|found| found.race.is_some()) {
            let said = format!("The picture is left out: a page has at most {PICTURES}.");
            self.blocks.push(Block::Text(Prose::plain(said)));
        }
        let mut facts: Vec<(String, Prose)> = Vec::new();
        let mut fact = |name: &str, said: Option<String>| {
            facts.extend(said.map(|said| (name.to_owned(), Prose::plain(said))));
        };
        if !check.as_expected {
            fact("wanted", Some(check.wanted.clone()).filter(|wanted| !wanted.is_empty()));
            fact("observed", check.observed.clone());
            fact("margin", check.margin.clone());
        }
        fact("nearest pass", found.and_then(|found| found.nearest.clone()));
        fact("window", found.and_then(|found| found.window.clone()));
        fact("end of runs", check.end_of_runs.clone());
        fact("rate", said::rate(check));
        fact("rests on", Some(said::evidence(check)));
        fact(
            "run",
            found.map(|found| {
                let gap = text::duration(found.smallest_gap_us);
                format!("{}, {}, narrowest gap {gap}", found.id, text::count(found.steps, "event"))
            }),
        );
        fact("saved", found.and_then(|found| found.saved.clone()));
        self.blocks.push(Block::Facts(facts));
        self.blocks.extend(found.and_then(|found| found.replay.clone()).map(Block::Command));
    }

    fn against(&mut self, case: &Scenario, order: &Interleaving, found: &Against) {
        let name = place_of(&found.id);
        let said = format!("{} in {}: not as claimed", order.interleaving, of_case(case));
        self.heading(3, &format!("{name}-why"), &said);
        self.blocks.push(Block::Text(Prose::plain(sentence(&found.why))));
        if self.pictures < PICTURES {
            self.pictures += 1;
            self.blocks.push(Block::Race(Shown { name, race: found.race.clone(), said: found.why.clone() }));
        }
        self.blocks.push(Block::Command(found.replay.clone()));
    }
}

/// With a capital and a full stop, unless it begins with a name that is written small.
fn sentence(said: &str) -> String {
    if said.ends_with(['.', '!', '?']) { said.to_owned() } else { format!("{said}.") }
}

/// The greatest 99th percentile of a case's deliveries.
fn worst_p99(case: &Scenario) -> Option<u64> {
    case.deliveries.iter().filter_map(|one| Some(one.sampled_us.as_ref()?.p99)).max()
}

/// The name and the curve of a delivery; what never arrives keeps it below the top.
fn curve(case: &Scenario, one: &Delivery) -> Option<(String, Vec<(u64, f64)>)> {
    let sampled = one.sampled_us.as_ref().filter(|sampled| sampled.curve.len() == SHARES.len())?;
    let runs =
        case.checks.iter().filter_map(|check| check.sampled.as_ref()).map(|sampled| sampled.runs).max()?;
    let reaches = 1.0 - one.undelivered_runs as f64 / runs.max(1) as f64;
    let points = sampled.curve.iter().zip(SHARES);
    let points = points.map(|(us, share)| (*us, f64::from(share) / 1_000.0 * reaches.max(0.0))).collect();
    Some((format!("{} at {}", one.event, one.client), points))
}

fn told_delay(one: &Delivery) -> Option<String> {
    let half = said::share(one, |sampled| sampled.p50)?;
    let most = said::share(one, |sampled| sampled.p99)?;
    let worst = one.exact_us.as_ref().map_or(String::new(), |exact| {
        // At most: whether some run takes as long is in the table.
        exact.max.map_or(", no end".to_owned(), |max| format!(", at most {}", text::exactly(max)))
    });
    Some(format!("{} at {}: half within {half}, 99 % within {most}{worst}", one.event, one.client))
}

fn delivery(case: &Scenario, one: &Delivery) -> Vec<Cell> {
    let sampled = |of: &dyn Fn(&crate::document::SampledDelay) -> u64| {
        Cell::plain(said::share(one, of).unwrap_or_else(|| "–".to_owned()))
    };
    let (least, greatest) = match &one.exact_us {
        None => ("?".to_owned(), "?".to_owned()),
        Some(exact) => {
            let bound = |attained: bool, sign: &str, us: u64| {
                if attained { text::exactly(us) } else { format!("{sign} {}", text::exactly(us)) }
            };
            let greatest = exact.max.map_or("no end".to_owned(), |max| bound(exact.attained.1, "≤", max));
            (bound(exact.attained.0, "≥", exact.min), greatest)
        }
    };
    vec![
        Cell::plain(case.variant.as_deref().unwrap_or(AS_WRITTEN)),
        Cell::plain(format!("{} at {}", one.event, one.client)),
        Cell::plain(least),
        sampled(&|sampled| sampled.p50),
        sampled(&|sampled| sampled.p90),
        sampled(&|sampled| sampled.p99),
        sampled(&|sampled| sampled.p999),
        Cell::plain(greatest),
        Cell::plain(text::grouped(one.undelivered_runs)),
    ]
}
