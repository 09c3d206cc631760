//! How late the events of a scenario arrive: curves, a table, and against what polling costs.

use super::Builder;
use crate::document::{Delivery, Group, SHARES, SampledDelay, Scenario};
use crate::page::{Block, Cell, Curves, Point, Points, Table, Today};
use crate::said::{self, AS_WRITTEN};
use crate::text;

impl Builder {
    /// The curves of the first case, and a table of all.
    pub(super) fn delays(&mut self, group: &Group<'_>) {
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
            let sentences: Vec<String> = base.deliveries.iter().filter_map(sentence).collect();
            let said = format!(
                "Delays, {}: {}.",
                base.variant.as_deref().unwrap_or(AS_WRITTEN),
                sentences.join("; ")
            );
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
    pub(super) fn load(&mut self, group: &Group<'_>) {
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
        points.said = points.caption(|point| {
            format!("{}: {:.1} reads and {}", point.name, point.across, text::roughly(point.up))
        });
        self.blocks.push(Block::Points(points));
    }
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

/// What is known of a delay, in words.
fn sentence(one: &Delivery) -> Option<String> {
    let half = said::share(one, |sampled| sampled.p50)?;
    let most = said::share(one, |sampled| sampled.p99)?;
    let worst = one.exact_us.as_ref().map_or(String::new(), |exact| {
        // At most: whether some run takes as long is in the table.
        exact.max.map_or(", no end".to_owned(), |max| format!(", at most {}", text::exactly(max)))
    });
    Some(format!("{} at {}: half within {half}, 99 % within {most}{worst}", one.event, one.client))
}

fn delivery(case: &Scenario, one: &Delivery) -> Vec<Cell> {
    let sampled = |of: &dyn Fn(&SampledDelay) -> u64| {
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
