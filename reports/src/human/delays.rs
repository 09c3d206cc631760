//! How long events take from publication to arrival: what the runs say between what every timing says.
//!
//! A row is an event; from the left to the right its delays grow. The least and the greatest are those
//! over every timing, and what is between them is of the sampled runs. Variants are many and their
//! delays mostly alike, so only the first case has a table, and with more words each.

use std::fmt::Write as _;

use super::NAME;
use crate::document::{Delivery, ExactDelay, Scenario};
use crate::said::{self, AS_WRITTEN};
use crate::style::{Ink, Style};
use crate::text;

/// Columns before the names of the events.
const INDENT: usize = 6;
/// Columns between two cells.
const GAP: usize = 2;
/// What the columns are called.
const HEADS: [&str; 4] = ["least", "50 %", "99 %", "greatest"];

/// The cases that have a table.
pub(super) fn shown<'a>(cases: &'a [Scenario], style: &Style) -> &'a [Scenario] {
    let most = if style.verbose > 0 { cases.len() } else { 1 };
    &cases[..most.min(cases.len())]
}

/// Whether a delivery has a row: something is known of it.
pub(super) fn is_known(delivery: &Delivery) -> bool {
    delivery.sampled_us.is_some() || delivery.exact_us.is_some()
}

/// The tables of a scenario, each line ending with a newline.
pub(super) fn render(cases: &[Scenario], style: &Style) -> String {
    shown(cases, style).iter().map(|case| rows(cases, case, style)).collect()
}

fn rows(cases: &[Scenario], case: &Scenario, style: &Style) -> String {
    let known: Vec<&Delivery> = case.deliveries.iter().filter(|one| is_known(one)).collect();
    let Some(first) = known.first() else { return String::new() };
    let clients = known.iter().any(|one| one.client != first.client);
    let name = |one: &&Delivery| {
        let client = if clients { format!(" at {}", one.client) } else { String::new() };
        text::clean(&format!("{}{client}", one.event), NAME, style.ascii)
    };
    let head = match &case.variant {
        Some(variant) => format!("delay with {}", text::clean(variant, NAME, style.ascii)),
        None if cases.len() > 1 => format!("delay, {AS_WRITTEN}"),
        None => "delay".to_owned(),
    };
    let cells: Vec<[String; 4]> = known.iter().map(|one| cells(one, style)).collect();
    let wide: Vec<usize> = (0..HEADS.len())
        .map(|column| {
            let cells = cells.iter().map(|cells| text::columns(&cells[column]));
            cells.max().unwrap_or(0).max(HEADS[column].len())
        })
        .collect();
    let names: Vec<String> = known.iter().map(name).collect();
    let room = style.columns().saturating_sub(INDENT + wide.iter().map(|wide| wide + GAP).sum::<usize>());
    let first = names.iter().chain([&head]).map(|name| text::columns(name)).max().unwrap_or(0).min(room);
    let line = |name: &str, cells: &[&str]| {
        let name = text::left(&text::cut(name, first, style.ascii), first);
        let mut line = format!("{}{name}", " ".repeat(INDENT));
        for (cell, wide) in cells.iter().zip(&wide) {
            let _ = write!(line, "{}{}", " ".repeat(GAP), text::right(cell, *wide));
        }
        line
    };
    let mut out = format!("{}\n", style.ink(Ink::Faint, &line(&head, &HEADS)));
    for (name, cells) in names.iter().zip(&cells) {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let _ = writeln!(out, "{}", line(name, &cells));
    }
    out
}

fn cells(delivery: &Delivery, style: &Style) -> [String; 4] {
    let sampled = |of: fn(&crate::document::SampledDelay) -> u64| {
        said::share(delivery, of).unwrap_or_else(|| "-".to_owned())
    };
    let (least, greatest) = match &delivery.exact_us {
        None => ("?".to_owned(), "?".to_owned()),
        Some(ExactDelay { min, max, attained }) => {
            let (above, below) = if style.ascii { (">=", "<=") } else { ("≥", "≤") };
            let end = |us: u64, attained: bool, bound: &str| {
                if attained { text::exactly(us) } else { format!("{bound} {}", text::exactly(us)) }
            };
            let greatest = max.map_or_else(|| "no end".to_owned(), |max| end(max, attained.1, below));
            (end(*min, attained.0, above), greatest)
        }
    };
    [least, sampled(|sampled| sampled.p50), sampled(|sampled| sampled.p99), greatest]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::SampledDelay;

    #[test]
    fn what_is_exact_is_told_to_the_microsecond_and_a_bound_as_one() {
        let delivery = |sampled_us, exact_us| Delivery {
            event: "done".into(),
            client: "page".into(),
            undelivered_runs: 0,
            sampled_us,
            exact_us,
        };
        let sampled = SampledDelay { p50: 1_118_432, p99: 79_951, ..SampledDelay::default() };
        let exact = |attained| ExactDelay { min: 63, max: Some(2_103_937), attained };
        let plain = Style { ascii: true, ..Style::plain() };
        let one = delivery(Some(sampled), Some(exact((true, true))));
        assert_eq!(cells(&one, &plain), ["63 us", "1.12 s", "80 ms", "2.103937 s"]);
        let one = delivery(None, Some(exact((false, false))));
        assert_eq!(cells(&one, &plain), [">= 63 us", "-", "-", "<= 2.103937 s"]);
        let endless = ExactDelay { min: 0, max: None, attained: (true, false) };
        assert_eq!(cells(&delivery(None, Some(endless)), &plain)[3], "no end");
        // Three digits do not take a share beyond the ends.
        let sampled = SampledDelay { p50: 1_005_000, p99: 1_605_000, ..SampledDelay::default() };
        let ends = ExactDelay { min: 1_005_000, max: Some(1_605_000), attained: (true, true) };
        let told = cells(&delivery(Some(sampled), Some(ends)), &plain);
        assert_eq!(told, ["1.005 s", "1.01 s", "1.605 s", "1.605 s"]);
    }
}
