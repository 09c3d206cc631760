//! A matrix as a page: what breaks, what each fix costs, and what follows.

use super::contribution::{Contribution, Rare, tenths};
use super::{Matrix, name};
use crate::document::{Check, SampledDelay, Scenario};
use crate::page::{Block, Cell, Data, Order, Page, Point, Points, Prose, Table, Today, Tone};
use crate::said::{self, Finding};
use crate::text;

impl Matrix {
    /// The matrix as a page.
    pub fn page(&self) -> Page {
        let count = self.rows.len() as u64;
        let (tone, verdict) = match self.passing.as_slice() {
            [] => (Tone::Bad, format!("none of {} passes every check", text::count(count, "row"))),
            [one] => (Tone::Good, format!("of {} only {one} passes every check", text::count(count, "row"))),
            [first, more @ ..] => {
                let said = format!(
                    "{} of {} pass every check; the cheapest is {first}",
                    more.len() + 1,
                    text::count(count, "row")
                );
                (Tone::Good, said)
            }
        };
        Page {
            title: format!("Fix matrix of {}", self.scenario),
            verdict: Prose::plain(verdict),
            tone,
            commands: Vec::new(),
            blocks: self.blocks(2, "matrix"),
            data: vec![Data {
                without: String::new(),
                json: serde_json::to_string(self).unwrap_or_default(),
            }],
        }
    }

    /// All that there is to say of it, under headings of a level and with names that begin alike.
    pub fn blocks(&self, level: u8, place: &str) -> Vec<Block> {
        let legend = "✓ no timing breaks it; ✓ < n: no run does, which bounds its rate; n %: broken, in so many runs; ✗ broken, but in none of the runs; ★ passes every check.";
        let mut blocks = vec![
            Block::Heading(level, format!("{place}-breaks"), Prose::plain("What breaks")),
            Block::Table(self.verdicts()),
            Block::Text(Prose::plain(legend)),
        ];
        blocks.extend(self.effects(level, place));
        blocks
    }

    /// The same without the verdicts: for where these stand already.
    pub fn effects(&self, level: u8, place: &str) -> Vec<Block> {
        let heading =
            |name: &str, said: &str| Block::Heading(level, format!("{place}-{name}"), Prose::plain(said));
        let mut blocks = vec![heading("costs", "How late, and at what cost"), Block::Table(self.costs())];
        blocks.extend(self.points().map(Block::Points));
        blocks.push(heading("conclusions", "What follows"));
        blocks.push(Block::List(Order::Any, self.conclusions()));
        if !self.contributions.is_empty() {
            blocks.push(heading("contributions", "What each fix contributes"));
            let (shares, legend) = self.shares();
            blocks.push(Block::Table(shares));
            blocks.extend(legend.map(|legend| Block::Text(Prose::plain(legend))));
        }
        blocks
    }

    /// What each fix contributes, by invariant, and what that says which is no number.
    fn shares(&self) -> (Table, Option<String>) {
        let caption = "percentage points by which each fix changes the share of broken runs, on average over all orders of adding them";
        let invariants = self.contributions.first().map_or(&[][..], |one| &one.by_invariant);
        let rare = |one: &Contribution, place: usize| {
            one.rare(one.by_invariant[place].1, |name| *name == one.by_invariant[place].0)
        };
        let tells = |one: &Contribution, place: usize| {
            tenths(one.by_invariant[place].1) != 0 || rare(one, place).is_some()
        };
        let told: Vec<usize> = (0..invariants.len())
            .filter(|&place| self.contributions.iter().any(|one| tells(one, place)))
            .collect();
        let names = told.iter().map(|&place| format!("#{}", invariants[place].0));
        let heads = ["fix", "#recommended", "#all together"].map(str::to_owned).into_iter().chain(names);
        let heads: Vec<String> = heads.collect();
        let mut table = Table::new(caption, heads.iter().map(String::as_str));
        let mut seen = Vec::new();
        for one in &self.contributions {
            let recommended = self.recommended.iter().position(|fix| *fix == one.fix);
            let mut cell = |value: f64, rare: Option<Rare>| {
                seen.extend(rare);
                rare.map_or_else(|| points_of(value), Rare::cell)
            };
            let mut row = vec![
                Cell::plain(&one.fix),
                Cell::plain(recommended.map_or("–".to_owned(), |place| (place + 1).to_string())),
                cell(one.fewer_broken, one.rare_in_all()),
            ];
            row.extend(told.iter().map(|&place| cell(one.by_invariant[place].1, rare(one, place))));
            table.rows.push(row);
        }
        let legend: Vec<&str> = [Rare::Mends, Rare::Breaks, Rare::Both]
            .into_iter()
            .filter(|rare| seen.contains(rare))
            .map(Rare::legend)
            .collect();
        let legend = (!legend.is_empty())
            .then(|| format!("Too rare to tell from these runs by how much: {}.", legend.join("; ")));
        (table, legend)
    }

    fn verdicts(&self) -> Table {
        let checks = || self.rows.iter().flat_map(|row| &row.checks);
        let mut told: Vec<&str> = Vec::new();
        for check in checks() {
            let differs = said::finding(check) != Finding::Proved;
            if differs && !told.contains(&check.invariant.as_str()) {
                told.push(&check.invariant);
            }
        }
        let clean = self.rows.first().map_or(0, |row| row.checks.len()).saturating_sub(told.len());
        let caption = match clean {
            0 => "every invariant".to_owned(),
            _ => format!("all but {}, proved in every row", text::count(clean as u64, "invariant")),
        };
        let mut table = Table::new(&caption, ["fix"].into_iter().chain(told.iter().copied()));
        for row in &self.rows {
            let mut cells = vec![Cell::plain(self.starred(row))];
            for invariant in &told {
                let check = row.checks.iter().find(|check| check.invariant == **invariant);
                cells.push(check.map_or_else(Cell::default, brief));
            }
            table.rows.push(cells);
        }
        table
    }

    fn costs(&self) -> Table {
        let heads = ["fix", "#50 %", "#99 %", "#greatest", "#reads", "#against now"];
        let caption = "delay of the slowest event that arrives: of the runs, and exact over every timing; database reads in a run";
        let mut table = Table::new(caption, heads);
        let reads = |case: &Scenario| case.load.as_ref().map(|load| load.database_reads_per_run);
        let now = self.rows.first().and_then(reads);
        for case in &self.rows {
            let of = |quantile: &dyn Fn(&SampledDelay) -> u64| {
                let delays = case.deliveries.iter().filter(|one| one.sampled_us.is_some());
                let latest = delays.max_by_key(|one| one.sampled_us.as_ref().map(quantile));
                Cell::plain(
                    latest.and_then(|one| said::share(one, quantile)).unwrap_or_else(|| "–".to_owned()),
                )
            };
            let change = reads(case).zip(now).map_or(String::new(), |(reads, now)| {
                let percent = (reads / now.max(f64::MIN_POSITIVE) - 1.0) * 100.0;
                if percent.abs() < 0.5 { "=".to_owned() } else { format!("{percent:+.0} %") }
            });
            table.rows.push(vec![
                Cell::plain(self.starred(case)),
                of(&|sampled| sampled.p50),
                of(&|sampled| sampled.p99),
                Cell::plain(said::greatest(case)),
                Cell::plain(reads(case).map_or(String::new(), |reads| format!("{reads:.1}"))),
                Cell::plain(change),
            ]);
        }
        table
    }

    fn points(&self) -> Option<Points> {
        let point = |case: &Scenario| {
            let delays = case.deliveries.iter().filter_map(|one| Some(one.sampled_us.as_ref()?.p99));
            let today = if case.variant.is_none() { Today::Now } else { Today::Proposed };
            let across = case.load.as_ref()?.database_reads_per_run;
            Some(Point { name: name(case), across, up: delays.max()?, today, loses: said::loses(case) })
        };
        let points: Vec<_> = self.rows.iter().filter_map(point).collect();
        let mut points = Points {
            said: String::new(),
            across: "database reads in a run".into(),
            up: "delay at 99 %".into(),
            points,
        };
        points.said = points.caption(|point| point.name.clone());
        (points.points.len() > 1).then_some(points)
    }

    fn conclusions(&self) -> Vec<Prose> {
        let mut said = Vec::new();
        let mut point = |text: String| said.push(Prose::plain(text));
        match self.passing.as_slice() {
            [] => point("Nothing that is listed passes every check.".into()),
            [cheapest, rest @ ..] => {
                point(format!(
                    "The cheapest for the database among those that pass every check is {cheapest}."
                ));
                if !rest.is_empty() {
                    point(format!("So do {}.", rest.join(", ")));
                }
            }
        }
        if !self.without_effect.is_empty() {
            point(format!("Without any effect by itself: {}.", self.without_effect.join(", ")));
        }
        for (fix, invariants) in &self.worse {
            point(format!("{fix} makes worse: {}.", invariants.join(", ")));
        }
        if !self.impossible.is_empty() {
            point(format!("Cannot be combined: {}.", self.impossible.join(", ")));
        }
        if let (false, [best, ..]) = (self.recommended.is_empty(), self.contributions.as_slice()) {
            let found: Vec<&str> = self.contributions.iter().map(|one| one.fix.as_str()).collect();
            let misordered = self.misordered();
            point(format!("Recommended in this order: {}.", self.recommended.join(", ")));
            point(format!("By what they contribute: {}.", found.join(", ")));
            if misordered.is_empty() {
                point("The two orders agree.".into());
            } else {
                let pairs = misordered.iter().map(|(first, second)| format!("{second} before {first}"));
                point(format!("Other than recommended: {}.", pairs.collect::<Vec<_>>().join(", ")));
            }
            if best.rank() <= (0, 0) {
                point("None of them lowers the share of broken runs.".into());
            }
        }
        for one in &self.contributions {
            let rare =
                |(name, value): &&(String, f64)| one.rare(*value, |known| known == name) == Some(Rare::Mends);
            let mended: Vec<&str> =
                one.by_invariant.iter().filter(rare).map(|(name, _)| name.as_str()).collect();
            if !mended.is_empty() {
                let mended = mended.join(", ");
                point(format!(
                    "{} is proved to mend {mended}, which these runs break too rarely to count.",
                    one.fix
                ));
            }
        }
        said
    }

    fn starred(&self, case: &Scenario) -> String {
        let name = name(case);
        if self.passing.contains(&name) { format!("★ {name}") } else { name }
    }
}

/// A verdict in a few letters.
fn brief(check: &Check) -> Cell {
    match said::finding(check) {
        Finding::Proved => Cell::of(Tone::Good, "✓"),
        Finding::Bound(Some(bound)) => Cell::of(Tone::Good, format!("✓ < {bound}")),
        Finding::Bound(None) => Cell::of(Tone::Good, "✓ watched"),
        Finding::Share(share) => Cell::of(Tone::Bad, share),
        Finding::Beyond => Cell::of(Tone::Bad, "✗"),
        Finding::Unknown(_) => Cell::of(Tone::Known, "?"),
    }
}

impl Rare {
    fn cell(self) -> Cell {
        match self {
            Rare::Mends => Cell::of(Tone::Good, "✓ rare"),
            Rare::Breaks => Cell::of(Tone::Bad, "✗ rare"),
            Rare::Both => Cell::of(Tone::Known, "✓✗ rare"),
        }
    }

    fn legend(self) -> &'static str {
        match self {
            Rare::Mends => "✓ rare, proved to hold with the fix, and broken without it",
            Rare::Breaks => "✗ rare, broken with the fix, and proved to hold without it",
            Rare::Both => "✓✗ rare, the one beside some fixes and the other beside others",
        }
    }
}

/// Percentage points: what is lowered is good.
fn points_of(value: f64) -> Cell {
    let rounded = tenths(value) as f64 / 10.0;
    let tone = match rounded {
        value if value > 0.0 => Tone::Good,
        value if value < 0.0 => Tone::Bad,
        _ => Tone::Plain,
    };
    // A lower share is written with a minus, as what it does to the share.
    Cell::of(tone, if rounded == 0.0 { "0.0".to_owned() } else { format!("{:+.1}", -rounded) })
}
