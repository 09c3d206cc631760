//! The JSON document keeps its shape, its key order and its schema.

mod common;

use punctual_reports::document::{Document, Evidence, Load, Verdict, schema, significant, to_json};

/// A result with everything that can be in one, but for pictures, which are long.
fn sample() -> Document {
    let mut sample = common::full();
    for found in sample.scenarios.iter_mut().flat_map(|case| &mut case.checks) {
        if let Some(found) = &mut found.counterexample {
            found.race = None;
        }
    }
    let last = &mut sample.scenarios[3];
    last.load = None;
    last.states = common::states(None, Some(7));
    last.checks[0].evidence = Evidence::Runs;
    sample.scenarios[0].load = Some(Load { database_reads_per_run: 79.123_456_789, polls_per_run: 80.0 });
    sample
}

#[test]
fn the_document_keeps_its_keys_and_their_order() {
    insta::assert_snapshot!(to_json(&sample()));
}

#[test]
fn one_thing_that_is_not_as_expected_makes_the_whole_so() {
    assert!(!sample().as_expected);
    assert!(Document::new(vec![]).as_expected);
    let mut last = sample().scenarios.remove(1);
    assert!(matches!(last.checks[0].verdict, Verdict::Holds));
    assert!(Document::new(vec![last.clone()]).as_expected);
    last.states.as_expected = false;
    assert!(!Document::new(vec![last]).as_expected);
}

#[test]
fn the_document_reads_back_as_it_was_written() {
    let text = to_json(&sample());
    let back: Document = serde_json::from_str(&text).unwrap();
    assert_eq!(to_json(&back), text);
}

#[test]
fn the_committed_schema_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/check.schema.json");
    if std::env::var_os("PUNCTUAL_BLESS").is_some() {
        std::fs::write(path, schema()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == schema(), "check.schema.json is old: run with PUNCTUAL_BLESS=1");
}

#[test]
fn a_document_validates_with_keys_of_a_later_version_and_not_with_a_verdict_of_its_own() {
    let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
    // As strict as the strictest validator: a format that it does not know is an error.
    let strict =
        jsonschema::draft7::options().should_validate_formats(true).should_ignore_unknown_formats(false);
    let validator = strict.build(&schema).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&to_json(&sample())).unwrap();
    assert!(validator.is_valid(&document));
    document["added_later"] = "a key that this version does not know".into();
    assert!(validator.is_valid(&document));
    document["scenarios"][0]["checks"][0]["verdict"] = "perhaps".into();
    assert!(!validator.is_valid(&document));
}

#[test]
fn floats_keep_six_significant_digits() {
    let printed: Vec<String> = [0.1 + 0.2, 1.0 / 3.0, 123_456_789.0, 6.0e-5, f64::NAN, f64::INFINITY, -0.0]
        .into_iter()
        .map(|value| serde_json::to_string(&significant(value)).unwrap())
        .collect();
    assert_eq!(printed, ["0.3", "0.333333", "123457000.0", "0.00006", "0.0", "0.0", "0.0"]);
}
