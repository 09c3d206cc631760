//! The JSON document keeps its shape, its key order and its schema.

use punctual_reports::document::{
    Check, Counterexample, Delivery, Document, Evidence, ExactDelay, Expected, Interleaving,
    InterleavingVerdict, Load, Possibility, Sampled, SampledDelay, Scenario, States, Verdict, schema,
    significant, to_json,
};

fn sample() -> Document {
    let checks = vec![
        Check {
            invariant: "no-event-lost".into(),
            verdict: Verdict::Violated,
            expected: Some(Expected::Violated),
            as_expected: true,
            evidence: Evidence::EveryTiming { states: 266 },
            sampled: Some(Sampled { runs: 5_000, violations: 412, rate: [0.074_912_345, 0.090_412_345] }),
            counterexample: Some(Counterexample { id: "7c1e".into(), steps: 41, smallest_gap_us: 2_000 }),
        },
        Check {
            invariant: "no-duplicate".into(),
            verdict: Verdict::Holds,
            expected: None,
            as_expected: true,
            evidence: Evidence::Runs,
            sampled: Some(Sampled { runs: 5_000, violations: 0, rate: [0.0, 0.000_599_2] }),
            counterexample: None,
        },
        Check {
            invariant: "stream-ends".into(),
            verdict: Verdict::Unknown,
            expected: Some(Expected::Holds),
            as_expected: false,
            evidence: Evidence::Limit { limit: "200 000 classes".into() },
            sampled: None,
            counterexample: None,
        },
    ];
    let deliveries = vec![
        Delivery {
            event: "tts_completed".into(),
            client: "panel".into(),
            undelivered_runs: 412,
            sampled_us: Some(SampledDelay {
                mean: 162_123.456_789,
                p50: 158_000,
                p99: 340_000,
                max: 371_220,
            }),
            exact_us: Some(ExactDelay { min: 1_000, max: None, attained: (true, false) }),
        },
        Delivery {
            event: "artifact_ready".into(),
            client: "panel".into(),
            undelivered_runs: 0,
            sampled_us: None,
            exact_us: None,
        },
    ];
    let interleavings = vec![Interleaving {
        interleaving: "poll-between-commit-and-publish".into(),
        verdict: InterleavingVerdict::Impossible,
        expected: Possibility::Impossible,
        as_expected: true,
        runs: 5_000,
        found_in: 0,
        states: Some(1_204),
        refused_at: Some("stream: read rows".into()),
        reason: None,
        limit: None,
    }];
    let load = Load { database_reads_per_run: 79.123_456_789, polls_per_run: 80.0 };
    Document::new(vec![
        Scenario {
            scenario: "audio-reference".into(),
            variant: None,
            digest: "3f9a01c2".into(),
            checks,
            states: States { found: Some(266), expected: Some(266), as_expected: true, limit: None },
            deliveries,
            load: Some(load.clone()),
            interleavings,
        },
        Scenario {
            scenario: "audio-reference".into(),
            variant: Some("one-id-space".into()),
            digest: "77aa01c2".into(),
            checks: vec![],
            states: States {
                found: None,
                expected: None,
                as_expected: true,
                limit: Some("200 000 classes".into()),
            },
            deliveries: vec![],
            load: None,
            interleavings: vec![],
        },
    ])
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
    let validator = jsonschema::draft7::new(&schema).unwrap();
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
