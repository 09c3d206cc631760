//! The table of one scenario: a row per variant, a column per invariant.
//!
//! A cell is the share of runs that break the invariant, or a tick; an exclamation mark before it
//! says that it is not as expected. What holds in every case needs no column and is told in one
//! sentence, so that the table shows what differs. With more words, or if the columns do not fit
//! side by side, each variant lists its cells with their names instead.

use std::fmt::Write as _;

use super::NAME;
use crate::document::{Check, Evidence, Scenario, Verdict};
use crate::said::{self, AS_WRITTEN};
use crate::style::{Ink, Style};
use crate::text;

/// Columns before the names of the variants.
const INDENT: usize = 4;
/// Columns between two cells.
const GAP: usize = 1;

/// How finely shares are told.
#[derive(Clone, Copy)]
enum Digits {
    /// With one digit behind the point, two where it is needed.
    One,
    /// In whole percent.
    None,
}

/// The rows, each ending with a newline.
pub(super) fn render(cases: &[Scenario], style: &Style) -> String {
    let mut invariants: Vec<&str> = Vec::new();
    for check in cases.iter().flat_map(|case| &case.checks) {
        if !invariants.contains(&check.invariant.as_str()) {
            invariants.push(&check.invariant);
        }
    }
    let names: Vec<String> = cases.iter().map(|case| name(case, style)).collect();
    if style.verbose > 0 {
        return list(cases, &names, style);
    }
    let (clean, broken): (Vec<&str>, Vec<&str>) = invariants.iter().partition(|one| everywhere(cases, one));
    let first = names.iter().map(|name| text::columns(name)).max().unwrap_or(0);
    // As many digits as there is room for.
    let fitting = [Digits::One, Digits::None].into_iter().find_map(|digits| {
        let widths: Vec<usize> =
            broken.iter().map(|invariant| column(cases, invariant, digits, style)).collect();
        let wide = INDENT + first + widths.iter().map(|wide| wide + GAP).sum::<usize>();
        (wide <= style.columns()).then_some((digits, widths))
    });
    let Some((digits, widths)) = fitting else { return list(cases, &names, style) };
    let mut out = String::new();
    for (case, name) in cases.iter().zip(&names) {
        let mut row = format!("{}{}", " ".repeat(INDENT), text::left(name, first));
        for (invariant, wide) in broken.iter().zip(&widths) {
            let check = case.checks.iter().find(|check| check.invariant == *invariant);
            let padded = text::left(&check.map_or(String::new(), |check| brief(check, digits, style)), *wide);
            let inked = check.map_or(padded.clone(), |check| style.ink(ink(check), &padded));
            let _ = write!(row, "{}{inked}", " ".repeat(GAP));
        }
        if !broken.is_empty() {
            let _ = writeln!(out, "{}", row.trim_end());
        }
    }
    out.push_str(&feet(&broken, &widths, first, style));
    out.push_str(&held(cases, &clean, style));
    out
}

/// Whether an invariant holds in every case, as it should.
fn everywhere(cases: &[Scenario], invariant: &str) -> bool {
    let checks = cases.iter().flat_map(|case| &case.checks);
    checks
        .filter(|check| check.invariant == invariant)
        .all(|check| check.as_expected && check.verdict == Verdict::Holds)
}

/// The names of the columns, each hung below its own.
fn feet(invariants: &[&str], widths: &[usize], first: usize, style: &Style) -> String {
    let glyphs = style.glyphs();
    let mut out = String::new();
    for place in (0..invariants.len()).rev() {
        let mut line = " ".repeat(INDENT + first);
        for wide in &widths[..place] {
            let _ = write!(line, "{} {}{}", " ".repeat(GAP), glyphs.upright, " ".repeat(wide - 2));
        }
        let name = text::clean(invariants[place], NAME, style.ascii);
        let _ = write!(line, "{} {} {name}", " ".repeat(GAP), glyphs.down_right);
        let _ = writeln!(
            out,
            "{}",
            style.ink(Ink::Faint, text::cut(&line, style.columns(), style.ascii).trim_end())
        );
    }
    out
}

/// What holds in every case, in one sentence.
fn held(cases: &[Scenario], invariants: &[&str], style: &Style) -> String {
    if invariants.is_empty() {
        return String::new();
    }
    let checks = || cases.iter().flat_map(|case| &case.checks);
    let runs = checks().filter_map(|check| check.sampled.as_ref()).map(|sampled| sampled.runs).min();
    let proved = checks()
        .filter(|check| invariants.contains(&check.invariant.as_str()))
        .all(|check| matches!(check.evidence, Evidence::EveryTiming { .. }));
    let bound = match runs {
        _ if proved => ", proved for every timing".to_owned(),
        Some(runs) if runs > 3 => format!(", rate below {} at 95 %", text::chance(3.0 / runs as f64)),
        _ => String::new(),
    };
    let cases = if cases.len() > 1 { " in every case" } else { "" };
    let names: Vec<String> = invariants.iter().map(|name| text::clean(name, NAME, style.ascii)).collect();
    let said = format!("holds{cases}{bound}: {}", names.join(", "));
    let mut lead =
        format!("{}{} ", " ".repeat(INDENT), style.ink(Ink::Good, &style.glyphs().tick.to_string()));
    let mut out = String::new();
    for line in text::wrap(&said, style.columns() - INDENT - 2, style.ascii) {
        let _ = writeln!(out, "{lead}{line}");
        lead = " ".repeat(INDENT + 2);
    }
    out
}

/// A cell of the table: the share of runs that break it, or that none does.
fn brief(check: &Check, digits: Digits, style: &Style) -> String {
    let glyphs = style.glyphs();
    let flag = if check.as_expected { ' ' } else { '!' };
    match (check.verdict, check.sampled.as_ref()) {
        (Verdict::Holds, _) => format!("{flag}{}", glyphs.tick),
        (Verdict::Unknown, _) => format!("{flag}?"),
        (Verdict::Violated, Some(sampled)) if sampled.violations > 0 => {
            format!("{flag}{}", percent(sampled.violations, sampled.runs, digits))
        }
        (Verdict::Violated, _) => format!("{flag}{}", glyphs.cross),
    }
}

/// A share in percent: `26.2 %` or `26%`.
fn percent(some: u64, all: u64, digits: Digits) -> String {
    let share = some as f64 * 100.0 / all as f64;
    match digits {
        Digits::One if some == all => "100 %".into(),
        Digits::One if share < 0.1 => format!("{share:.2} %"),
        Digits::One => format!("{share:.1} %"),
        Digits::None if share < 1.0 => "<1%".into(),
        Digits::None if some < all => format!("{:.0}%", share.min(99.0)),
        Digits::None => "100%".into(),
    }
}

fn name(case: &Scenario, style: &Style) -> String {
    text::clean(case.variant.as_deref().unwrap_or(AS_WRITTEN), NAME, style.ascii)
}

fn column(cases: &[Scenario], invariant: &str, digits: Digits, style: &Style) -> usize {
    let checks = cases.iter().flat_map(|case| &case.checks).filter(|check| check.invariant == invariant);
    let cells = checks.map(|check| text::columns(&brief(check, digits, style)));
    cells.max().unwrap_or(0).max(2)
}

/// Every cell on a line of its own, with its name and what it rests on.
fn list(cases: &[Scenario], names: &[String], style: &Style) -> String {
    let mut out = String::new();
    let checks = cases.iter().flat_map(|case| &case.checks);
    let invariants = checks.map(|check| text::columns(&text::clean(&check.invariant, NAME, style.ascii)));
    let wide = invariants.max().unwrap_or(0);
    for (case, name) in cases.iter().zip(names) {
        let _ = writeln!(out, "{}{name}", " ".repeat(INDENT));
        for check in &case.checks {
            let invariant = text::left(&text::clean(&check.invariant, NAME, style.ascii), wide);
            let room = style.columns().saturating_sub(INDENT + 2 + wide + 2);
            let mut cell = cell(check, style);
            if style.verbose > 0 {
                let _ = write!(cell, "   {}", text::clean(&said::evidence(check), NAME, style.ascii));
            }
            let cell = text::cut(&cell, room, style.ascii);
            let _ = writeln!(out, "{}{invariant} {}", " ".repeat(INDENT + 2), style.ink(ink(check), &cell));
        }
    }
    out
}

fn ink(check: &Check) -> Ink {
    match (check.as_expected, check.verdict) {
        (false, _) => Ink::Bad,
        (true, Verdict::Holds) => Ink::Good,
        (true, Verdict::Violated | Verdict::Unknown) => Ink::Known,
    }
}

fn cell(check: &Check, style: &Style) -> String {
    let glyphs = style.glyphs();
    let flag = if check.as_expected { ' ' } else { '!' };
    let sampled = check.sampled.as_ref();
    match check.verdict {
        Verdict::Holds => match (&check.evidence, sampled) {
            (Evidence::EveryTiming { .. }, _) => format!("{flag}{} proved", glyphs.tick),
            (Evidence::Runs | Evidence::Limit { .. }, Some(sampled)) if sampled.runs > 3 => {
                format!("{flag}{} < {}", glyphs.tick, text::chance(3.0 / sampled.runs as f64))
            }
            (Evidence::Runs | Evidence::Limit { .. }, _) => format!("{flag}{} watched", glyphs.tick),
        },
        Verdict::Violated => match sampled.filter(|sampled| sampled.violations > 0) {
            Some(sampled) => {
                let (some, all) = (text::grouped(sampled.violations), text::grouped(sampled.runs));
                format!("{flag}{} {some} of {all}", glyphs.cross)
            }
            None => format!("{flag}{} found", glyphs.cross),
        },
        Verdict::Unknown if check.cut_short => format!("{flag}? interrupted"),
        Verdict::Unknown if said::unseen(check) => format!("{flag}? not seen"),
        Verdict::Unknown => format!("{flag}? limit"),
    }
}
