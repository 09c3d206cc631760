//! The schema of logs says what a run writes and `conform` reads.

mod common;

use common::{Folder, embedded, first};
use punctual::logs::log;
use punctual_scenarios::{Case, Scenario, library};
use serde_json::{Value, json};

const COMMITTED: &str = include_str!("../logs/src/log/log.schema.json");

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(&log::schema()).expect("a schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is one of draft 7")
}

/// Whether the reader takes a line: a first one by itself, any other after one.
fn is_read(case: &Case, line: &Value) -> bool {
    let text = match line.get("schema") {
        Some(_) => line.to_string(),
        None => format!("{{\"schema\":\"punctual.log/1\"}}\n{line}"),
    };
    log::read(std::io::Cursor::new(text), &case.system).is_ok()
}

#[test]
fn the_schema_is_that_of_the_repository() {
    let folder = Folder::of("log-schema");
    let printed = folder.run("schema log").exits(0).stdout;
    if std::env::var_os("PUNCTUAL_BLESS").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("logs/src/log/log.schema.json");
        std::fs::write(path, &printed).expect("the schema can be written");
    }
    assert!(printed == COMMITTED, "log.schema.json is old: run with PUNCTUAL_BLESS=1");
    assert!(!printed.contains("\"format\""), "draft 7 knows no formats of numbers:\n{printed}");
}

#[test]
fn what_runs_of_all_scenarios_write_is_valid_line_by_line() {
    let folder = Folder::of("log-schema-valid");
    let validator = validator();
    folder.write("first.toml", first());
    let mut words = vec!["run first.toml".to_owned()];
    for (name, text) in library() {
        words.extend((0..2).map(|number| format!("run {name} --number {number}")));
        let last = Scenario::parse(name, text).expect("it is sound").cases.pop().expect("there is a base");
        words.extend(last.variant.map(|variant| format!("run {name} --variant {variant}")));
    }
    let mut lines = 0;
    for words in words {
        let written = folder.run(&format!("{words} --format log")).exits(0).stdout;
        for line in written.lines() {
            let value: Value = serde_json::from_str(line).expect("a line is JSON");
            if let Err(error) = validator.validate(&value) {
                panic!("{words}: {line}: {error}");
            }
            lines += 1;
        }
    }
    assert!(lines > 1_000, "only {lines} lines");
}

#[test]
fn a_line_that_is_no_line_is_not_valid_and_not_read() {
    let scenario = Scenario::parse("reference", embedded("audio-reference")).expect("it is sound");
    let (case, validator) = (&scenario.cases[0], validator());
    let published = "published tts_completed";
    let wrong = [
        json!({ "schema": "punctual.log/2" }),
        json!({ "schema": 1, "at": 1, "fact": published }),
        json!({ "schema": "punctual.log/1", "tells": "everything" }),
        json!({ "schema": "punctual.log/1", "tells": ["arived"] }),
        json!({ "schema": "punctual.log/1", "tells": [1] }),
        json!({ "schema": "punctual.log/1", "run": 7 }),
        json!({ "fact": published }),
        json!({ "at": 1 }),
        json!({ "at": "soon", "fact": published }),
        json!({ "at": 1.5, "fact": published }),
        json!({ "at": null, "fact": published }),
        json!({ "at": (1_i64 << 60) + 1, "fact": published }),
        json!({ "at": 1, "fact": "publised tts_completed" }),
        json!({ "at": 1, "fact": "published" }),
        json!({ "at": 1, "fact": "arrived tts_completed on panel" }),
        json!({ "at": 1, "fact": "" }),
        json!({ "at": 1, "fact": published, "n": -1 }),
        json!({ "at": 1, "fact": published, "n": "1" }),
        json!({ "at": 1, "fact": published, "copy": "made-up" }),
        json!({ "at": 1, "fact": published, "writer": 2 }),
        json!({ "at": 1, "fact": published, "seq": -1 }),
        json!([1, published]),
    ];
    for line in wrong {
        assert!(!validator.is_valid(&line), "{line} is valid");
        assert!(!is_read(case, &line), "{line} is read");
    }
}

#[test]
fn what_may_be_written_otherwise_is_valid_and_read() {
    let scenario = Scenario::parse("reference", embedded("audio-reference")).expect("it is sound");
    let (case, validator) = (&scenario.cases[0], validator());
    let right = [
        json!({ "schema": "punctual.log/1" }),
        json!({ "schema": "punctual.log/1", "run": "job 4711", "tells": "all", "host": "a" }),
        json!({ "schema": "punctual.log/1", "tells": ["arrived", "finished", "stream.read"] }),
        json!({ "at": 1200, "fact": "published tts_completed", "n": 1, "id": "1732550000001", "writer": "w", "seq": 7 }),
        json!({ "at": "2026-11-25T19:34:26.140Z", "fact": "arrived tts_completed at panel", "level": "info" }),
        json!({ "at": "2026-11-25T19:34:26+01:00", "fact": "stream.read" }),
        json!({ "at": -5, "fact": " published  tts_completed ", "id": 3, "copy": "synthesized" }),
        json!({ "at": 900_000, "fact": "end" }),
    ];
    for line in right {
        if let Err(error) = validator.validate(&line) {
            panic!("{line}: {error}");
        }
        assert!(is_read(case, &line), "{line} is not read");
    }
}
