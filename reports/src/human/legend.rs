//! What the cells of the tables mean, as far as they occur.

use super::delays;
use crate::document::{Check, Delivery, Evidence, Verdict};
use crate::said::{bound, unseen};
use crate::style::Style;

/// One piece for each kind of cell.
pub(super) fn legend(checks: &[&Check], style: &Style) -> Vec<String> {
    let glyphs = style.glyphs();
    let holds = |check: &&&Check| check.verdict == Verdict::Holds;
    let mut said = Vec::new();
    if checks.iter().filter(holds).any(|check| matches!(check.evidence, Evidence::EveryTiming { .. })) {
        said.push(format!("{} proved: no timing breaks it", glyphs.tick));
    }
    if checks.iter().filter(holds).any(|check| matches!(check.evidence, Evidence::Runs)) {
        let runs = checks.iter().filter(holds).filter_map(|check| check.sampled.as_ref());
        let bound = bound(runs.map(|sampled| sampled.runs).min().unwrap_or(0));
        said.push(format!("{} in no run: {bound}", glyphs.tick));
    }
    let violations = |check: &Check| check.sampled.as_ref().map_or(0, |sampled| sampled.violations);
    let broken = || checks.iter().filter(|check| check.verdict == Verdict::Violated);
    if broken().any(|check| violations(check) > 0) {
        said.push("n % broken, in so many runs".to_owned());
    }
    let unseen_in_runs = || broken().filter(|check| violations(check) == 0);
    if unseen_in_runs().any(|check| check.end_of_runs.is_some()) {
        said.push(format!(
            "{} broken, but only beyond the runs asked for, or beyond their end",
            glyphs.cross
        ));
    } else if unseen_in_runs().next().is_some() {
        said.push(format!("{} broken, but only beyond the runs asked for", glyphs.cross));
    }
    let reasons: Vec<&str> = checks.iter().filter_map(|check| reason(check)).collect();
    let told = [UNSEEN, LIMIT, CUT_SHORT].into_iter().filter(|reason| reasons.contains(reason));
    let told: Vec<&str> = told.collect();
    if !told.is_empty() {
        said.push(format!("? {}", told.join("; or ")));
    }
    if checks.iter().any(|check| !check.as_expected) {
        said.push("! not as expected".to_owned());
    }
    said
}

/// One piece for each kind of column of delays.
pub(super) fn delays(deliveries: &[&Delivery], style: &Style) -> Vec<String> {
    if !deliveries.iter().any(|one| delays::is_known(one)) {
        return Vec::new();
    }
    let mut said =
        vec!["least, greatest: over every timing".to_owned(), "50 %, 99 %: in the runs".to_owned()];
    let exact = || deliveries.iter().filter_map(|one| one.exact_us.as_ref());
    if exact().any(|exact| !exact.attained.0 || !exact.attained.1 && exact.max.is_some()) {
        let (above, below) = if style.ascii { (">=", "<=") } else { ("≥", "≤") };
        said.push(format!("{above} {below} a bound that no run was found for"));
    }
    said
}

const UNSEEN: &str = "must be broken, and no run breaks it";
const LIMIT: &str = "exploring stopped at a limit";
const CUT_SHORT: &str = "interrupted";

/// Why a check is undecided, if it is.
fn reason(check: &Check) -> Option<&'static str> {
    match check.verdict {
        Verdict::Holds | Verdict::Violated => None,
        Verdict::Unknown if check.cut_short => Some(CUT_SHORT),
        Verdict::Unknown if unseen(check) => Some(UNSEEN),
        Verdict::Unknown => Some(LIMIT),
    }
}
