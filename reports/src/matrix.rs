//! Every fix and every combination of fixes, against every invariant: what helps, what it costs, what it breaks.
//!
//! All cases make the same draws, so that what differs between two rows is what the fix does. What each
//! fix contributes is its Shapley value (Shapley 1953): by how much the share of broken runs falls when it
//! is added, on average over all orders in which fixes can be added. It is computed from all combinations,
//! so it is exact for the rates that were sampled. What is too rare to be seen in so many runs has no rate; of
//! that it is said what is proved: what holds with a fix, and breaks without it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Check, MadeWith, Scenario, Verdict};
use crate::page::{Block, Cell, Data, Order, Page, Point, Points, Prose, Table, Today, Tone};
use crate::said::{self, AS_WRITTEN, Finding};
use crate::text;

/// The name and version of the shape.
pub const SCHEMA: &str = "punctual.matrix/1";

/// A matrix of fixes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Matrix {
    /// Name and version of this shape.
    pub schema: String,
    /// Name of the scenario.
    pub scenario: String,
    /// With what it was made.
    pub made_with: MadeWith,
    /// The fixes, in the order of the file.
    pub fixes: Vec<String>,
    /// The fixes in the order in which they are recommended; empty if nobody does.
    pub recommended: Vec<String>,
    /// Combinations that contradict each other, and so have no row.
    pub impossible: Vec<String>,
    /// The scenario as it is, every combination of fixes, and whatever else its file lists.
    pub rows: Vec<Scenario>,
    /// Rows that break nothing, the cheapest for the database first.
    pub passing: Vec<String>,
    /// Fixes that change nothing at all by themselves.
    pub without_effect: Vec<String>,
    /// What a fix makes worse by itself: the fix, and the invariants.
    pub worse: Vec<(String, Vec<String>)>,
    /// What each fix contributes, the most first; empty where combinations are missing.
    pub contributions: Vec<Contribution>,
}

/// What a fix contributes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// The fix.
    pub fix: String,
    /// By how much it lowers the number of invariants that a run breaks, on average.
    pub fewer_broken: f64,
    /// The same of each invariant: by how much it lowers the share of runs that break it.
    pub by_invariant: Vec<(String, f64)>,
    /// Invariants that some combination breaks, and that are proved to hold if the fix is added to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proved_to_mend: Vec<String>,
    /// Invariants that are proved to hold in some combination, and break if the fix is added to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proved_to_break: Vec<String>,
}

/// What is known of a contribution that is too small to be told from the runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rare {
    /// The fix is proved to mend what breaks too seldom to be counted.
    Mends,
    /// It is proved to let something break, too seldom to be counted.
    Breaks,
    /// Both, in some combination each.
    Both,
}

impl Contribution {
    /// What is proved of the invariants of these names, if the runs do not show by how much.
    fn rare(&self, value: f64, of: impl Fn(&String) -> bool) -> Option<Rare> {
        match (self.proved_to_mend.iter().any(&of), self.proved_to_break.iter().any(&of)) {
            _ if tenths(value) != 0 => None,
            (true, true) => Some(Rare::Both),
            (true, false) => Some(Rare::Mends),
            (false, true) => Some(Rare::Breaks),
            (false, false) => None,
        }
    }

    /// The value of all invariants together, or what is proved of some of them.
    fn rare_in_all(&self) -> Option<Rare> {
        self.rare(self.fewer_broken, |_| true)
    }

    /// By what it is ranked: first what was counted, then what is proved.
    fn rank(&self) -> (i64, i64) {
        let proved = match self.rare_in_all() {
            Some(Rare::Mends) => 1,
            Some(Rare::Breaks) => -1,
            Some(Rare::Both) | None => 0,
        };
        (tenths(self.fewer_broken), proved)
    }
}

impl Matrix {
    /// A matrix of these rows, the first of which is the scenario as it is.
    ///
    /// A row is the combination of those fixes that the name of its variant spells. Its `recommended` are those of
    /// the first row that are among `fixes`.
    pub fn new(
        made_with: MadeWith,
        fixes: Vec<String>,
        impossible: Vec<String>,
        rows: Vec<Scenario>,
    ) -> Matrix {
        let base = rows.first();
        let recommended = base.map_or(&[][..], |base| &base.fixes).iter();
        let mut matrix = Matrix {
            schema: SCHEMA.to_owned(),
            scenario: base.map_or(String::new(), |base| base.scenario.clone()),
            made_with,
            recommended: recommended.filter(|fix| fixes.contains(fix)).cloned().collect(),
            fixes,
            impossible,
            rows,
            passing: Vec::new(),
            without_effect: Vec::new(),
            worse: Vec::new(),
            contributions: Vec::new(),
        };
        matrix.conclude();
        matrix
    }

    fn conclude(&mut self) {
        let passes = |case: &&Scenario| case.checks.iter().all(|check| check.verdict == Verdict::Holds);
        let mut passing: Vec<&Scenario> = self.rows.iter().filter(passes).collect();
        let reads = |case: &Scenario| case.load.as_ref().map_or(f64::MAX, |load| load.database_reads_per_run);
        passing.sort_by(|a, b| reads(a).total_cmp(&reads(b)));
        self.passing = passing.into_iter().map(name).collect();
        let Some(base) = self.rows.first() else { return };
        let alone = |fix: usize| self.row(1 << fix).map(|case| (self.fixes[fix].clone(), case));
        let alone: Vec<(String, &Scenario)> = (0..self.fixes.len()).filter_map(alone).collect();
        let same = |case: &Scenario| {
            let outcome = |case: &Scenario| {
                let checks = case.checks.iter().map(|check| (check.verdict, check.sampled.clone()));
                (checks.collect::<Vec<_>>(), case.deliveries.clone(), case.load.clone())
            };
            outcome(base) == outcome(case)
        };
        let without_effect = alone.iter().filter(|one| same(one.1)).map(|one| one.0.clone()).collect();
        let worse = alone.iter().map(|(fix, case)| {
            let pairs =
                base.checks.iter().zip(&case.checks).filter(|(before, after)| is_worse(before, after));
            (fix.clone(), pairs.map(|pair| pair.1.invariant.clone()).collect::<Vec<_>>())
        });
        let worse = worse.filter(|one| !one.1.is_empty()).collect();
        (self.without_effect, self.worse) = (without_effect, worse);
        self.contributions = self.shapley();
    }

    /// The row with exactly the fixes of this mask.
    fn row(&self, mask: usize) -> Option<&Scenario> {
        self.rows.iter().find(|row| self.fixes_in(row) == Some(mask))
    }

    /// Which of the fixes are in a row; none if something else is.
    fn fixes_in(&self, row: &Scenario) -> Option<usize> {
        let parts = row.variant.iter().flat_map(|name| name.split('+'));
        parts.map(|part| self.fixes.iter().position(|fix| fix == part).map(|place| 1 << place)).sum()
    }

    /// What each fix contributes, the most first; nothing if a combination is missing.
    fn shapley(&self) -> Vec<Contribution> {
        let count = self.fixes.len();
        let all: Option<Vec<&Scenario>> = (0..1_usize << count).map(|mask| self.row(mask)).collect();
        let Some(all) = all.filter(|_| count > 0) else { return Vec::new() };
        let factorial = |n: usize| (1..=n).map(|n| n as f64).product::<f64>();
        let invariants = all[0].checks.len();
        let mut found: Vec<Contribution> = (0..count)
            .map(|fix| {
                let by_invariant: Vec<(String, f64)> = (0..invariants)
                    .map(|place| {
                        let without = (0..1_usize << count).filter(|mask| mask >> fix & 1 == 0);
                        let part = |mask: usize| {
                            let size = mask.count_ones() as usize;
                            let weight = factorial(size) * factorial(count - size - 1) / factorial(count);
                            weight
                                * (share(&all[mask].checks[place])
                                    - share(&all[mask | 1 << fix].checks[place]))
                        };
                        (all[0].checks[place].invariant.clone(), without.map(part).sum())
                    })
                    .collect();
                let changes = |from: &dyn Fn(&Check) -> bool, to: &dyn Fn(&Check) -> bool| {
                    let without = (0..1_usize << count).filter(|mask| mask >> fix & 1 == 0);
                    let pairs = |place: usize| {
                        without.clone().any(|mask| {
                            from(&all[mask].checks[place]) && to(&all[mask | 1 << fix].checks[place])
                        })
                    };
                    let places = (0..invariants).filter(|&place| pairs(place));
                    places.map(|place| all[0].checks[place].invariant.clone()).collect::<Vec<_>>()
                };
                let proved = |check: &Check| said::finding(check) == Finding::Proved;
                let breaks = |check: &Check| check.verdict == Verdict::Violated;
                Contribution {
                    fix: self.fixes[fix].clone(),
                    fewer_broken: by_invariant.iter().map(|one| one.1).sum(),
                    by_invariant,
                    proved_to_mend: changes(&breaks, &proved),
                    proved_to_break: changes(&proved, &breaks),
                }
            })
            .collect();
        // What is printed alike is alike, and then keeps the order in which it is recommended.
        let place = |fix: &String| self.recommended.iter().position(|known| known == fix);
        found.sort_by_key(|one| (std::cmp::Reverse(one.rank()), place(&one.fix).is_none(), place(&one.fix)));
        found
    }

    /// Pairs of fixes that are recommended in another order than what they contribute.
    pub fn misordered(&self) -> Vec<(String, String)> {
        let value =
            |fix: &String| self.contributions.iter().find(|one| one.fix == *fix).map(Contribution::rank);
        let mut pairs = Vec::new();
        for (at, first) in self.recommended.iter().enumerate() {
            for second in &self.recommended[at + 1..] {
                if value(first).zip(value(second)).is_some_and(|(first, second)| second > first) {
                    pairs.push((first.clone(), second.clone()));
                }
            }
        }
        pairs
    }

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
            let of = |quantile: &dyn Fn(&crate::document::SampledDelay) -> u64| {
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
        points.said = points.told(|point| point.name.clone());
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

fn name(case: &Scenario) -> String {
    case.variant.clone().unwrap_or_else(|| AS_WRITTEN.to_owned())
}

/// The share of the runs that break it.
fn share(check: &Check) -> f64 {
    check.sampled.as_ref().map_or(0.0, |sampled| sampled.violations as f64 / sampled.runs.max(1) as f64)
}

/// Whether something holds no more, or is surely broken more often.
fn is_worse(before: &Check, after: &Check) -> bool {
    match (before.verdict, after.verdict) {
        (Verdict::Holds, Verdict::Violated) => true,
        (Verdict::Violated, Verdict::Violated) => {
            let rates = before.sampled.as_ref().zip(after.sampled.as_ref());
            rates.is_some_and(|(before, after)| after.rate[0] > before.rate[1])
        }
        _ => false,
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

/// In tenths of a percentage point, as it is printed.
fn tenths(value: f64) -> i64 {
    (value * 1_000.0).round() as i64
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
