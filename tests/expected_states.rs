//! What a scenario says of the number of its states is a check like any other.

mod common;

use common::{Folder, first, replaced};
use serde_json::{Value, json};

/// The first scenario of `init` with this number of states in its base, and in a variant.
fn with(base: Option<u64>, variant: Option<u64>) -> String {
    let text = base.map_or_else(first, |count| {
        replaced(&first(), "[expect]\n", &format!("[expect]\nstates = {count}\n"))
    });
    let Some(count) = variant else { return text };
    let at = text.find("expect = {").expect("a variant expects something") + "expect = {".len();
    format!("{} states = {count},{}", &text[..at], &text[at..])
}

/// By case: what the document says of its states.
fn states(folder: &Folder, words: &str, code: i32) -> Vec<Value> {
    let printed = folder.run(&format!("check {words} --runs 300 --format json")).exits(code).stdout;
    let document: Value = serde_json::from_str(&printed).expect("the document is JSON");
    assert_eq!(document["as_expected"], json!(code == 0), "{document}");
    document["scenarios"].as_array().expect("cases").iter().map(|case| case["states"].clone()).collect()
}

/// How many states the base and the first variant have.
fn numbers(folder: &Folder) -> (u64, u64) {
    folder.write("plain.toml", first());
    let found: Vec<u64> = states(folder, "plain.toml", 0)
        .iter()
        .map(|states| states["found"].as_u64().expect("a number"))
        .collect();
    assert!(found[0] > 20 && found[0] != found[1], "{found:?}");
    (found[0], found[1])
}

#[test]
fn as_many_states_as_expected_are_a_check_that_is_as_expected() {
    let folder = Folder::of("states-same");
    let (base, variant) = numbers(&folder);
    folder.write("same.toml", with(Some(base), Some(variant)));
    let pinned =
        |count: u64| json!({ "found": count, "expected": count, "as_expected": true, "limit": null });
    assert_eq!(states(&folder, "same.toml", 0)[..2], [pinned(base), pinned(variant)]);
    // Whatever the seed, and with more room than needed.
    folder
        .run("check same.toml --runs 300 --seed 7 --states 300000")
        .exits(0)
        .shows(&["expected in 2 cases"]);
    folder.run("check plain.toml --runs 300").exits(0).shows(&["12 checks"]);
    folder.run("check same.toml --runs 300").exits(0).shows(&["14 checks"]);
}

#[test]
fn another_number_is_not_as_expected_and_names_both() {
    let folder = Folder::of("states-other");
    let (base, variant) = numbers(&folder);
    folder.write("other.toml", with(Some(base + 1), Some(variant)));
    let both = format!("P1102 {base} states, and {} are expected: the model", base + 1);
    let ran =
        folder.run("check other.toml --runs 300").exits(1).shows(&["FAIL", &both, "13 as expected, 1 not"]);
    assert!(ran.stdout.contains("as many states as expected in 1 case"), "{}", ran.stdout);
    let found = &states(&folder, "other.toml", 1)[0];
    assert_eq!(*found, json!({ "found": base, "expected": base + 1, "as_expected": false, "limit": null }));
    folder.run("check other.toml --runs 300 --no-fail").exits(0);
    folder.run("check other.toml --runs 300 -q").exits(1).shows(&[&both]);
    folder.run("check other.toml --runs 300 --variant publish-first").exits(0);
    folder.run("explain P1102").exits(0).shows(&["another number of states", "the model"]);
}

#[test]
fn a_variant_has_a_number_of_its_own_or_none() {
    let folder = Folder::of("states-variant");
    let (base, variant) = numbers(&folder);
    folder.write("base.toml", with(Some(base), None));
    let found = states(&folder, "base.toml", 0);
    assert!(found[1..].iter().all(|states| states["expected"].is_null()), "{found:?}");
    folder.write("variant.toml", with(None, Some(variant)));
    let found = states(&folder, "variant.toml", 0);
    assert_eq!((&found[0]["expected"], &found[1]["expected"]), (&Value::Null, &json!(variant)));
    // Of a combination that the file does not list it says nothing.
    folder.run("check base.toml --runs 300 --variant poll-faster+publish-first").exits(0);
}

#[test]
fn where_exploring_stops_there_is_no_number_to_compare() {
    let folder = Folder::of("states-limit");
    let (base, _) = numbers(&folder);
    // All that it expects of invariants is decided by runs, or will do either way.
    let text = with(Some(base), None).replace("= \"holds\"", "= \"any\"");
    folder.write("limit.toml", &text);
    let words = "limit.toml --variant base";
    folder.run(&format!("check {words} --runs 300")).exits(0);
    let ran = folder.run(&format!("check {words} --runs 300 --states 10")).exits(3);
    ran.shows(&["states unknown, exploring stopped: 10 states, ", &format!("{base} are expected")]);
    let found = &states(&folder, &format!("{words} --states 10"), 3)[0];
    assert_eq!((&found["found"], &found["as_expected"]), (&Value::Null, &json!(false)));
    assert!(found["limit"].as_str().is_some_and(|limit| limit.starts_with("10 states")), "{found}");
    folder.write("plain.toml", text.replace(&format!("states = {base}\n"), ""));
    folder.run("check plain.toml --variant base --runs 300 --states 10").exits(0);
}

#[test]
fn a_number_that_is_none_is_refused_with_its_place() {
    let folder = Folder::of("states-wrong");
    for (value, says) in [
        ("0", "expected a number from 1 to 4000000000"),
        ("-1", "expected a number from 1 to 4000000000"),
        ("5000000000", "expected a number from 1 to 4000000000"),
        ("\"many\"", "expected a whole number, found a string"),
    ] {
        let text = replaced(&first(), "[expect]\n", &format!("[expect]\nstates = {value}\n"));
        folder.write("wrong.toml", &text);
        let line = text.lines().position(|line| line.starts_with("states")).expect("the line") + 1;
        folder.run("check wrong.toml").exits(2).says(&[says, &format!("wrong.toml:{line}:10")]);
    }
}
