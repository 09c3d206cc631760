//! The document behind a page, for who reads the page with a program: as much of it as there may be room for.

use crate::document::{Document, Verdict, to_compact_json};
use crate::page::Data;

/// The document for who reads the page with a program: as much of it as there may be room for.
pub(super) fn data(document: &Document) -> Vec<Data> {
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
