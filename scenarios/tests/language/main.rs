//! Writes `docs/language.md` from the schema, and holds every key and every phrase on it against the parser.
//!
//! A key without a description or without an example is an error, and so is a phrase that is not read.
//! `PUNCTUAL_BLESS=1 cargo test -p punctual-scenarios --test language` writes the page.

mod examples;
#[path = "../fragments/mod.rs"]
mod fragments;
mod page;
mod phrases;

use std::collections::BTreeSet;

use examples::Examples;
use fragments::with_fragment;
use phrases::{KINDS, Kind};
use punctual_model::System;
use punctual_scenarios::{Scenario, library, scaffold, schema};
use serde_json::Value;

/// Small scenarios with the keys that the library does not use.
const OWN: [(&str, &str); 2] =
    [("rare.toml", include_str!("rare.toml")), ("several.toml", include_str!("several.toml"))];

/// What a key means that is left out, as a text of a scenario of [`OWN`] that may be left out.
const LEFT_OUT: [(&str, &str); 8] = [
    ("rare.toml", "starts = \"0us\"\n"),
    ("rare.toml", ", way = \"both\""),
    ("rare.toml", "cursors = \"one\"\n"),
    ("rare.toml", "resumes = true\n"),
    ("rare.toml", "copies = \"all\"\n"),
    ("rare.toml", "reconnects = false\n"),
    ("rare.toml", "terminal = false\n"),
    ("rare.toml", ", to = \"events\""),
];

fn parsed_schema() -> Value {
    serde_json::from_str(&schema()).expect("the schema is JSON")
}

fn own(name: &str) -> &'static str {
    OWN.into_iter().find(|(known, _)| *known == name).expect("it is one of ours").1
}

fn system(name: &str, text: &str) -> System {
    let scenario =
        Scenario::parse(name, text).unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    scenario.cases[0].system.clone()
}

/// Examples of the library and of the first scenario, and of our own scenarios where these have none.
fn examples(schema: &Value) -> Examples {
    let first = scaffold()[0].text.clone();
    let mut examples = Examples::default();
    for text in library().into_iter().map(|(_, text)| text).chain([first.as_str()]) {
        examples.add(schema, text);
    }
    let mut more = Examples::default();
    for (name, text) in OWN {
        system(name, text);
        more.add(schema, text);
    }
    examples.fill(more);
    examples
}

/// The text of the first scenario with a phrase in it.
fn with_phrase(place: &str, phrase: &str) -> String {
    let text = with_fragment(&place.replace("{}", phrase));
    assert!(text.contains(phrase), "{phrase:?} is not in the scenario that is to read it");
    text
}

fn all_phrases(kind: &Kind) -> impl Iterator<Item = &'static str> {
    kind.groups.iter().flat_map(|group| group.phrases.iter().map(|(phrase, _)| *phrase))
}

#[test]
fn every_key_has_a_description_and_an_example_and_the_page_has_them_all() {
    let schema = parsed_schema();
    let written =
        page::page(&schema, &examples(&schema)).unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/language.md");
    if std::env::var_os("PUNCTUAL_BLESS").is_some() {
        std::fs::write(path, &written).expect("the page can be written");
    }
    let committed = std::fs::read_to_string(path).expect("the page is committed");
    assert!(committed == written, "run the tests with PUNCTUAL_BLESS=1 to write docs/language.md again");
}

#[test]
fn a_key_without_a_description_or_an_example_is_an_error() {
    let mut schema = parsed_schema();
    let without = examples(&schema);
    schema["definitions"]["Store"]["properties"]["shelf"] = serde_json::json!({ "type": "boolean" });
    let wrong = page::page(&schema, &without).expect_err("a key that nobody describes");
    assert_eq!(wrong, ["Store.shelf has no description", "Store.shelf has no example"]);
}

#[test]
fn every_phrase_is_read() {
    let mut wrong = Vec::new();
    for group in KINDS.iter().flat_map(|kind| kind.groups) {
        for (phrase, says) in group.phrases {
            assert!(!says.is_empty(), "{phrase:?} is not explained");
            if let Err(problems) = Scenario::parse("phrase.toml", &with_phrase(group.place, phrase)) {
                wrong.push(format!("{phrase:?}:\n{}", problems.render(false)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the help of an error puts in quotes is what can be written.
#[test]
fn every_phrase_that_an_error_tells_of_is_listed() {
    for kind in KINDS {
        let Some((code, wrong)) = kind.refused else { continue };
        let text = with_fragment(wrong);
        let problems = Scenario::parse("wrong.toml", &text).expect_err("it is no phrase");
        let told = problems.list.iter().find(|problem| problem.code == code);
        let help = told.and_then(|problem| problem.help.clone());
        let help = help.unwrap_or_else(|| panic!("{}: no {code} with help", kind.title));
        let told: Vec<&str> = help.split('"').skip(1).step_by(2).collect();
        let laws: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
        assert!(!told.is_empty() || !laws.is_empty(), "{}: {help}", kind.title);
        let known: BTreeSet<&str> = all_phrases(kind).collect();
        for phrase in told {
            assert!(known.contains(phrase), "{}: {phrase:?} has no line", kind.title);
        }
        for law in laws {
            assert!(known.iter().any(|phrase| phrase.starts_with(law)), "{}: {law} has no line", kind.title);
        }
    }
}

#[test]
fn what_may_be_left_out_means_what_the_page_says() {
    for (name, text) in LEFT_OUT {
        let whole = own(name);
        let less = whole.replace(text, "");
        assert_ne!(less, whole, "{name} does not say {text:?}");
        assert!(system(name, whole) == system(name, &less), "{text:?} is not what is meant without it");
    }
}
