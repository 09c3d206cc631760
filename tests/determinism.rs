//! The same version, scenario and seed give the same bytes, with any number of threads.

mod common;
mod grammar;

use common::{Folder, Ran};
use proptest::prelude::*;
use punctual::sampling::{Prepared, Tally};
use serde_json::Value;

fn document(folder: &Folder, words: &str) -> (String, Value) {
    let ran: Ran = folder.run(&format!("check --format json --no-fail {words}")).exits(0);
    let document = serde_json::from_str(&ran.stdout).expect("the document is JSON");
    (ran.stdout, document)
}

#[test]
fn the_library_gives_the_same_bytes_with_one_thread_and_with_two() {
    let folder = Folder::of("determinism-library");
    let (one, document) = document(&folder, "--runs 300 --jobs 1");
    let (two, _) = self::document(&folder, "--runs 300 --jobs 2");
    assert_eq!(one.lines().zip(two.lines()).find(|(one, two)| one != two), None);
    assert_eq!(one, two);
    let schema = folder.run("schema check").exits(0).stdout;
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut broken = document.clone();
    broken["scenarios"][0]["checks"][0]["verdict"] = "perhaps".into();
    assert!(!validator.is_valid(&broken), "the schema refuses something");
    let scenarios = document["scenarios"].as_array().expect("scenarios");
    let fixes = |case: &&Value| {
        let all_fixes = |variant: &str| variant.split('+').all(|part| part.starts_with("fix-"));
        case["scenario"] == "audio-as-documented" && case["variant"].as_str().is_none_or(all_fixes)
    };
    assert_eq!(scenarios.iter().filter(fixes).count(), 16, "each combination of four fixes");
    assert!(one.is_ascii() && one.ends_with("}\n") && !one.contains("target"), "no path, no stray byte");
}

#[test]
fn a_rerun_gives_the_same_bytes_and_another_seed_others() {
    let folder = Folder::of("determinism-seed");
    let words = "audio-reference blog-as-coded --runs 150";
    let (first, _) = document(&folder, words);
    assert_eq!(document(&folder, words).0, first);
    assert_eq!(document(&folder, &format!("{words} --seed 24301")).0, first, "0x5eed in decimal");
    assert_ne!(document(&folder, &format!("{words} --seed 24302")).0, first);
    let human = |jobs: u32| folder.run(&format!("check {words} --no-fail -v --jobs {jobs}")).exits(0).stdout;
    assert_eq!(human(1), human(2));
}

#[test]
fn the_runs_of_a_case_do_not_depend_on_what_is_checked_beside_it() {
    let folder = Folder::of("determinism-alone");
    let alone = document(&folder, "audio-reference --variant fix-2 --runs 120").1;
    let among = document(&folder, "blog-as-coded audio-reference --runs 120").1;
    let case = |document: &Value| {
        let cases = document["scenarios"].as_array().expect("scenarios");
        cases.iter().find(|case| case["variant"] == "fix-2").cloned().expect("the variant")
    };
    assert_eq!(case(&alone), case(&among));
}

/// All of a tally that is ever printed.
fn shown(tally: &Tally) -> String {
    let Tally { runs, broken, orders, deliveries, reads, turns, events, stuck, too_long, .. } = tally;
    let Tally { stopped, stopped_broken, seen, .. } = tally;
    let delays: Vec<_> =
        deliveries.delays().iter().map(|delays| (delays.undelivered_runs, delays.summary())).collect();
    format!("{runs} {broken:?} {orders:?} {delays:?} {reads} {turns} {events} {stuck:?} {too_long:?}")
        + &format!(" {stopped} {stopped_broken:?} {seen:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_random_scenario_counts_the_same_however_its_runs_are_cut(
        text in grammar::text(), seed in any::<u64>(), cut in 1..39_u64
    ) {
        let scenario = grammar::parse(&text);
        let prepared = Prepared::new(&scenario.cases[0]);
        let whole = prepared.sample(seed, 0..40);
        prop_assert_eq!(shown(&whole), shown(&prepared.sample(seed, 0..40)));
        let (early, late) = (prepared.sample(seed, 0..cut), prepared.sample(seed, cut..40));
        prop_assert_eq!(shown(&whole), shown(&early.clone().merge(&late)));
        prop_assert_eq!(shown(&whole), shown(&late.merge(&early)));
        prop_assert!(whole.runs == 40 && whole.stuck.is_none() && whole.too_long.is_none());
        // A stream whose node stops or whose line breaks may never come to its first turn.
        let turns = whole.turns >= 40 || text.contains("crash") || text.contains("disconnect");
        prop_assert!(whole.events > 40 * 5 && turns, "{}", shown(&whole));
    }
}
