//! A sweep as a page: what is safe, what it costs, and where the edge is.

use super::summary::SHOWN;
use super::{Cell, Head, Safety, Shard, Summary, Verdict};
use crate::page::{
    Block, Cell as TableCell, Data, Heat, HeatEdge, Page, Point, Points, Prose, Shade, Table, Today, Tone,
};
use crate::text;

/// The most maps: one for each value of the dimensions that a map does not show.
const MAPS: usize = 6;

/// What a degree of safety is called.
pub(super) fn name(safety: Safety) -> &'static str {
    match safety {
        Safety::Safe => "safe",
        Safety::Broken => "broken",
        Safety::Unknown => "unknown",
        Safety::Failed => "failed",
    }
}

impl Summary {
    /// All that there is to say.
    pub fn page(&self) -> Page {
        let head = &self.head;
        let scenario = head
            .variant
            .as_ref()
            .map_or(head.scenario.clone(), |variant| format!("{} {variant}", head.scenario));
        let (tone, verdict) = self.verdict();
        let mut blocks: Vec<Block> =
            self.foreword().into_iter().map(|said| Block::Text(Prose::plain(said))).collect();
        blocks.extend(self.maps());
        blocks.extend(self.certified());
        blocks.push(Block::Heading(2, "frontier".into(), Prose::plain("Delay against load")));
        blocks.extend(self.points().map(Block::Points));
        blocks.push(Block::Table(self.table("cells that none beats in both", &self.frontier, true)));
        blocks.extend(self.others());
        let json = serde_json::to_string(&self.frontier).unwrap_or_default();
        Page {
            title: format!("Sweep of {scenario}"),
            verdict: Prose::plain(verdict),
            tone,
            commands: Vec::new(),
            blocks,
            data: vec![Data { without: "the cells that others beat".into(), json }],
        }
    }

    /// What it comes to.
    fn verdict(&self) -> (Tone, String) {
        let head = &self.head;
        let [safe, broken, ..] = self.counts;
        match &self.cheapest {
            Some(cell) if head.cells == 1 => {
                (Tone::Good, format!("{} is safe: {}", self.label(cell), costs(cell)))
            }
            None if head.cells == 1 => (Tone::Bad, self.only()),
            Some(cell) => (
                Tone::Good,
                format!(
                    "{} of {} cells are safe; the cheapest is {}: {}",
                    text::grouped(safe),
                    text::grouped(head.len()),
                    self.label(cell),
                    costs(cell),
                ),
            ),
            None if broken == head.len() => {
                (Tone::Bad, format!("none of {} cells is safe: each breaks something", text::grouped(broken)))
            }
            None => (Tone::Bad, format!("of {} cells none is proved to be safe", text::grouped(head.len()))),
        }
    }

    /// What is to be known before the results are read: what was asked, and what the results leave open.
    fn foreword(&self) -> Vec<String> {
        let head = &self.head;
        let mut said = vec![self.asked()];
        if self.shown.iter().any(is_cut) {
            said.push(format!(
                "{CUT}: so only in runs, which end before what would come; the system that goes on is another matter."
            ));
        }
        let stopped = self.shown.iter().flat_map(|cell| &cell.checks).find_map(|check| check.limit.as_ref());
        said.extend(
            stopped.map(|limit| format!("Exploring stopped in some cells, in the first at {limit}.")),
        );
        said.extend(head.unjudged());
        said.extend(self.first_failed.as_ref().map(|(cell, why)| format!("Cell {cell} failed: {why}")));
        said.extend(head.shard.map(|Shard { part, parts }| {
            format!("This is part {part} of {parts}; `punctual merge` puts them together.")
        }));
        said
    }

    /// What a safe cell keeps, how many there are of each kind, and with what they were judged.
    fn asked(&self) -> String {
        let head = &self.head;
        let [safe, broken, unknown, failed] = self.counts;
        let counts = [(safe, "safe"), (broken, "broken"), (unknown, "unknown"), (failed, "failed")];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", text::grouped(*count)))
            .collect();
        let until = head.until_width.map_or(String::new(), |width| {
            format!(" at most, until an interval is {} wide", text::chance(width))
        });
        format!(
            "Safe keeps {}, whatever the timing. {}; {} runs of each{until}, seed {}{}.",
            head.keep.join(", "),
            counts.join(", "),
            text::grouped(head.runs),
            head.seed,
            if head.limits.is_empty() { "; nothing was explored" } else { "" },
        )
    }

    /// Cells that others beat, folded; some of them, if they are many.
    fn others(&self) -> Option<Block> {
        let head = &self.head;
        let rest: Vec<Cell> =
            self.shown.iter().filter(|cell| !self.frontier.contains(cell)).cloned().collect();
        if rest.is_empty() {
            return None;
        }
        let most = rest.len().min(if rest.len() > 400 { 200 } else { 400 });
        let all = head.len() as usize <= self.shown.len() && most == rest.len();
        let said = if all {
            format!("{} others", text::grouped(rest.len() as u64))
        } else {
            let others = text::grouped(head.len() - self.frontier.len() as u64);
            format!("{most} of {others} others; all are in the lines of the sweep")
        };
        let every = rest.len().div_ceil(most);
        let some: Vec<Cell> = rest.into_iter().step_by(every).collect();
        Some(Block::Folded(said, vec![Block::Table(self.table("other cells", &some, false))]))
    }

    /// What sets a cell apart.
    fn label(&self, cell: &Cell) -> String {
        let named = self.head.axes.iter().zip(&cell.values).filter(|(axis, _)| axis.values.len() > 1);
        let named: Vec<String> = named.map(|(axis, value)| format!("{} {value}", axis.name)).collect();
        if named.is_empty() { cell.values.join(", ") } else { named.join(", ") }
    }

    /// Why the only cell that there is is not safe.
    fn only(&self) -> String {
        let Some(cell) = self.shown.first() else { return "it could not be judged".to_owned() };
        let broken = cell.checks.iter().filter(|check| check.verdict == Verdict::Violated);
        let broken: Vec<&str> = broken
            .map(|check| check.invariant.as_str())
            .filter(|name| self.head.keep.iter().any(|keep| keep == name))
            .collect();
        let label = self.label(cell);
        match (&cell.failed, broken.is_empty()) {
            (Some(why), _) => format!("{label} could not be judged: {why}"),
            (None, false) => format!("{label} is not safe: it breaks {}", broken.join(", ")),
            (None, true) => format!("{label} is not proved to be safe"),
        }
    }

    fn is_now(&self, cell: &Cell) -> bool {
        self.head.axes.iter().zip(&cell.values).all(|(axis, value)| axis.now == *value)
    }

    /// The map of two dimensions, one for each value of the others.
    fn maps(&self) -> Vec<Block> {
        let axes = &self.head.axes;
        let wide: Vec<usize> = (0..axes.len()).filter(|&axis| axes[axis].values.len() > 1).collect();
        let Some((&across, others)) = wide.split_first() else { return Vec::new() };
        let up = others.first().copied();
        let mut blocks = vec![Block::Heading(2, "map".into(), Prose::plain("What is safe"))];
        let rest: Vec<usize> = others.iter().skip(1).copied().collect();
        let many = rest.iter().fold(1_usize, |count, &axis| count.saturating_mul(axes[axis].values.len()));
        for number in 0..many.min(MAPS) {
            let mut places = vec![0; axes.len()];
            let mut left = number;
            for &axis in rest.iter().rev() {
                places[axis] = left % axes[axis].values.len();
                left /= axes[axis].values.len();
            }
            blocks.push(Block::Heat(self.map(across, up, places, &rest)));
        }
        if many > MAPS {
            blocks.push(Block::Text(Prose::plain(format!("{MAPS} of {many} maps."))));
        }
        blocks
    }

    fn map(&self, across: usize, up: Option<usize>, mut places: Vec<usize>, rest: &[usize]) -> Heat {
        let axes = &self.head.axes;
        let rows = up.map_or(1, |up| axes[up].values.len());
        let fixed: Vec<String> = rest
            .iter()
            .map(|&axis| format!("{} {}", axes[axis].name, axes[axis].values[places[axis]]))
            .collect();
        let (mut shades, mut edges) = (Vec::new(), Vec::new());
        let mut now = None;
        let mut best = None;
        for row in 0..rows {
            if let Some(up) = up {
                places[up] = row;
            }
            for column in 0..axes[across].values.len() {
                places[across] = column;
                let cell = number(&self.head, &places);
                shades.push(match self.safety[cell as usize] {
                    _ if !self.head.has(cell) => Shade::None,
                    Safety::Safe => Shade::Good,
                    Safety::Broken => Shade::Bad,
                    Safety::Unknown => Shade::Open,
                    Safety::Failed => Shade::None,
                });
                let is_now = axes.iter().zip(&places).all(|(axis, place)| axis.values[*place] == axis.now);
                now = now.or(is_now.then_some((column, row)));
                let is_best = self.cheapest.as_ref().is_some_and(|best| best.cell == cell);
                best = best.or(is_best.then_some((column, row)));
                for edge in self.edges.iter().filter(|edge| edge.from == cell && edge.axis == across) {
                    edges.push(HeatEdge { row, at: column as f64 + edge.share, said: edge_said(edge) });
                }
            }
        }
        let safe = shades.iter().filter(|shade| **shade == Shade::Good).count();
        let of = if fixed.is_empty() { String::new() } else { format!(" at {}", fixed.join(", ")) };
        let up_name = up.map_or(String::new(), |up| axes[up].name.clone());
        let by = if up.is_some() { format!(" by {up_name}") } else { String::new() };
        Heat {
            said: format!("{}{by}{of}: {safe} of {} cells are safe.", axes[across].name, shades.len()),
            across: axes[across].name.clone(),
            up: up_name,
            columns: axes[across].values.clone(),
            rows: up.map_or(vec![String::new()], |up| axes[up].values.clone()),
            shades,
            edges,
            now,
            best,
        }
    }

    /// What shows that the cheapest safe cell is that.
    fn certified(&self) -> Vec<Block> {
        let (Some(cell), Some(certificate)) = (&self.cheapest, &self.certificate) else { return Vec::new() };
        let mut points = Vec::new();
        let states: Vec<String> = certificate
            .states
            .iter()
            .map(|(invariant, states)| format!("{invariant} ({})", text::count(*states, "state")))
            .collect();
        points.push(Prose::plain(format!(
            "{}: proved for every timing: {}.",
            self.label(cell),
            states.join(", ")
        )));
        for neighbour in &certificate.neighbours {
            let axis = &self.head.axes[neighbour.axis];
            let value = &axis.values[self.head.places(neighbour.cell)[neighbour.axis]];
            points.push(Prose::plain(format!("{} {value}: {}.", axis.name, neighbour.why)));
        }
        if certificate.neighbours.is_empty() {
            points.push(Prose::plain("No neighbour on the grid reads less."));
        }
        if self.cheaper_unknown > 0 {
            points.push(Prose::plain(format!(
                "{} that would read less were not decided.",
                text::count(self.cheaper_unknown, "cell")
            )));
        }
        vec![
            Block::Heading(2, "cheapest".into(), Prose::plain("The cheapest that is safe")),
            Block::List(crate::page::Order::Any, points),
        ]
    }

    /// Delay against load: the frontier, the scenario as it is, and as many others as there is room for.
    fn points(&self) -> Option<Points> {
        let mut points = Vec::new();
        let loses = |cell: &Cell| self.has_safe() && cell.safety(&self.head.keep) != Safety::Safe;
        let mut add = |name: String, cell: &Cell, today: Today| {
            if let (None, Some(up)) = (&cell.failed, cell.p99().filter(|_| cell.reads_per_run > 0.0)) {
                points.push(Point { name, across: cell.reads_per_run, up, today, loses: loses(cell) });
            }
        };
        if let Some(now) = &self.now {
            add("now".to_owned(), now, Today::Now);
        }
        self.frontier.iter().for_each(|cell| add(self.label(cell), cell, Today::Proposed));
        let rest = self
            .shown
            .iter()
            .filter(|cell| !self.frontier.iter().any(|best| best.cell == cell.cell) && !self.is_now(cell));
        let every = self.shown.len().div_ceil(SHOWN / 4).max(1);
        rest.step_by(every).for_each(|cell| add(self.label(cell), cell, Today::Proposed));
        let points = Points {
            said: String::new(),
            across: "database reads in a run".into(),
            up: "99 in 100 events arrive within".into(),
            points,
        };
        let safe = if self.has_safe() { "safe cells" } else { "cells" };
        let now = self
            .now
            .as_ref()
            .map_or(String::new(), |now| format!(" Now: {} reads, {}.", load(now.reads_per_run), late(now)));
        let said = format!(
            "{} against {}: {} that no other of the {safe} beats.{now}",
            points.up,
            points.across,
            text::count(self.frontier.len() as u64, "cell"),
        );
        (!points.points.is_empty()).then_some(Points { said, ..points })
    }

    fn table(&self, caption: &str, cells: &[Cell], with_now: bool) -> Table {
        let axes = self.head.axes.iter().map(|axis| format!("#{}", axis.name));
        let tail = [
            "#reads",
            "#connections and fetches",
            "#99 in 100",
            "#never later than",
            "breaks",
            "#reads more than now",
            "mark",
        ];
        let heads: Vec<String> = axes.chain(tail.map(str::to_owned)).collect();
        let mut table = Table::new(caption, heads.iter().map(String::as_str));
        // What is the same everywhere says nothing.
        let requests = self.now.as_ref().map(|now| now.requests_per_run);
        let same = cells.iter().all(|cell| Some(cell.requests_per_run) == requests);
        let mut row = |cell: &Cell, mark: &str| {
            let mut row: Vec<TableCell> = cell.values.iter().map(TableCell::plain).collect();
            row.push(TableCell::plain(load(cell.reads_per_run)));
            row.push(TableCell::plain(if same { String::new() } else { load(cell.requests_per_run) }));
            row.push(TableCell::plain(late(cell)));
            row.push(TableCell::plain(cell.worst().map_or(String::new(), text::duration)));
            row.push(breaks(&self.head, cell));
            row.push(TableCell::plain(
                cell.against_now.as_ref().map_or(String::new(), |against| interval(against.reads)),
            ));
            row.push(TableCell::plain(mark));
            table.rows.push(row);
        };
        if let Some(now) = self.now.as_ref().filter(|_| with_now) {
            row(now, "now");
        }
        for cell in cells {
            let cheapest = self.cheapest.as_ref().is_some_and(|best| best.cell == cell.cell);
            row(cell, if cheapest { "★ cheapest safe" } else { "" });
        }
        table.pruned()
    }
}

/// What a cell costs, and how late it is at most.
fn costs(cell: &Cell) -> String {
    let worst =
        cell.worst().map_or(String::new(), |worst| format!(", never later than {}", text::duration(worst)));
    format!("{} reads a run{worst}", load(cell.reads_per_run))
}

/// The number of a cell by its places.
fn number(head: &Head, places: &[usize]) -> u64 {
    head.axes
        .iter()
        .zip(places)
        .fold(0, |number, (axis, place)| number * axis.values.len() as u64 + *place as u64)
}

fn edge_said(edge: &super::Edge) -> String {
    let (last, next) = (text::exactly(edge.last_us), text::exactly(edge.last_us + 1));
    let invariant = &edge.invariant;
    if edge.safe_below {
        format!("safe up to {last}; at {next} {invariant} breaks")
    } else {
        format!("{invariant} breaks up to {last}; safe from {next} on")
    }
}

/// What a cell breaks.
fn breaks(head: &Head, cell: &Cell) -> TableCell {
    if let Some(why) = &cell.failed {
        return TableCell::of(Tone::Bad, why.clone());
    }
    let kept = || cell.checks.iter().filter(|check| head.keep.contains(&check.invariant));
    let broken: Vec<String> = kept()
        .filter(|check| check.verdict == Verdict::Violated)
        .map(|check| {
            let share = check.broken as f64 / cell.runs.max(1) as f64;
            if check.broken == 0 {
                check.invariant.clone()
            } else {
                format!("{} {}", check.invariant, text::chance(share))
            }
        })
        .collect();
    if !broken.is_empty() {
        return TableCell::of(Tone::Bad, broken.join(", "));
    }
    let open: Vec<String> = kept()
        .filter(|check| check.verdict == Verdict::Unknown)
        .map(|check| {
            if check.end_of_runs {
                let share = check.broken as f64 / cell.runs.max(1) as f64;
                format!("{} {} {CUT}", check.invariant, text::chance(share))
            } else {
                format!("{} < {}", check.invariant, text::chance(check.interval.1))
            }
        })
        .collect();
    if open.is_empty() { TableCell::of(Tone::Good, "nothing") } else { TableCell::plain(open.join(", ")) }
}

/// What is said of what only the end of runs brings about.
const CUT: &str = "cut";

/// Whether runs of it end before what would come does.
fn is_cut(cell: &Cell) -> bool {
    cell.checks.iter().any(|check| check.end_of_runs)
}

/// What 99 in 100 events take at most.
fn late(cell: &Cell) -> String {
    match cell.p99() {
        Some(us) => text::roughly(us),
        None if cell.failed.is_some() => String::new(),
        None if is_cut(cell) => CUT.to_owned(),
        None => "never".to_owned(),
    }
}

/// A load with as many digits as say something.
fn load(value: f64) -> String {
    if value >= 100.0 { text::grouped(value.round() as u64) } else { format!("{value:.1}") }
}

fn interval((mean, low, high): (f64, f64, f64)) -> String {
    format!("{mean:+.1} ({low:+.1} to {high:+.1})")
}
