//! Real bytes against the model: every case of the library tells one story, however it is run.
#![cfg(feature = "hosts")]

mod common;

use common::{Folder, embedded};
use punctual::budget::Budget;
use punctual::counterexample::told;
use punctual::hosts::Draws;
use punctual::hosts::simulate::tick_for;
use punctual::proof::{self, Proved};
use punctual::sampling::Prepared;
use punctual::simulated::{self, outside};
use punctual_model::Breach;
use punctual_scenarios::{Scenario, library};
use punctual_sim::{Span, sample};
use rayon::prelude::*;

/// Runs of each case. More of them are a matter of time only: `punctual simulate --seeds`.
const RUNS: u64 = 2;
const SEED: u64 = 0xb17e5;

/// Exploring, sampling and real bytes: what is proved is broken by neither, the model allows every run, and a
/// run with real bytes breaks what the run of the same number breaks when it is sampled. Where an event and a
/// look at the store are less than a few ticks of the network apart, they may come in the other order; in no
/// run of this seed do they. Both end alike, and at the same time but for one look. Each run is made twice, and comes out the same, byte for byte.
#[test]
fn every_case_of_the_library_tells_one_story() {
    let library: Vec<Scenario> = library()
        .into_iter()
        .map(|(name, text)| Scenario::parse(name, text).expect("the library is sound"))
        .collect();
    let cases: Vec<_> =
        library.iter().flat_map(|scenario| scenario.cases.iter().map(move |case| (scenario, case))).collect();
    let told: Vec<Vec<String>> = cases
        .par_iter()
        .map(|(scenario, case)| {
            let prepared = Prepared::new(case);
            let name = format!("{} {}", scenario.name, case.variant.as_deref().unwrap_or("as written"));
            let proved = proof::explore(&prepared, Budget::of(proof::STATES)).expect("no bug").proved;
            let mut differ = Vec::new();
            for run in 0..RUNS {
                let draws = Draws::Seeded { seed: SEED, run };
                let once = || simulated::run(&prepared, &draws, None).expect("it runs");
                let ran = once();
                assert!(ran.simulated.is_same(&once().simulated), "{name}, run {run} comes out in two ways");
                assert_eq!(ran.simulated.allowed, Ok(()), "{name}, run {run}");
                assert_eq!(ran.simulated.troubles, [], "{name}, run {run}");
                let broken = |breaches: &[Option<Breach>]| -> Vec<&str> {
                    let rules = prepared.plan.rules().iter().zip(breaches);
                    rules.filter(|(_, breach)| breach.is_some()).map(|(rule, _)| rule.name()).collect()
                };
                for (place, proved) in proved.iter().enumerate() {
                    let holds = matches!(proved, Proved::Holds { .. });
                    let rule = prepared.plan.rules()[place].name();
                    assert!(!holds || ran.breaches[place].is_none(), "{name}, run {run}: {rule} is proved");
                }
                let sampled = sample::trace(&prepared.world, SEED, run);
                let (bytes, sampled_end) = (&ran.simulated.trace, (sampled.ending, sampled.ended_at));
                assert_eq!(bytes.ending, sampled_end.0, "{name}, run {run}");
                // A look that finds the status a moment too late comes again after half a second.
                let apart = bytes.ended_at.0.abs_diff(sampled_end.1.0);
                assert!(apart < 600_000, "{name}, run {run} ends {apart} us apart");
                let sampled = told(&prepared, &sampled).breaches;
                if broken(&sampled) != broken(&ran.breaches) {
                    let (sampled, bytes) = (broken(&sampled), broken(&ran.breaches));
                    differ.push(format!("{name}, run {run}: {sampled:?} sampled, {bytes:?} with real bytes"));
                }
            }
            differ
        })
        .collect();
    let differ: Vec<String> = told.into_iter().flatten().collect();
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// A counterexample of exploring, driven through axum, the network and an EventSource.
fn followed(scenario: &str, variant: Option<&str>, invariant: &str) {
    let parsed = Scenario::parse(scenario, embedded(scenario)).expect("the library is sound");
    let prepared = Prepared::new(parsed.case(variant).expect("the variant"));
    let place = prepared.case.rule_named(invariant).expect("it is checked");
    let found = proof::counterexample(&prepared, place, Budget::of(proof::STATES)).expect("no bug");
    let found = found.expect("some timing breaks it");
    let followed = simulated::follow(&prepared, &found.trace, &found.trace.decisions).expect("it runs");
    let ran = followed.ran;
    assert!(
        ran.breaches[place.0].is_some(),
        "{scenario} {variant:?}: {invariant} is not broken by real bytes"
    );
    assert_eq!(ran.breaches[place.0], found.breach(place), "{scenario} {variant:?}: of another event");
    assert_eq!(ran.simulated.allowed, Ok(()), "{scenario} {variant:?}");
    assert_eq!(ran.simulated.troubles, []);
}

#[test]
fn a_poll_between_commit_and_publish_loses_the_event_in_real_bytes() {
    followed("audio-as-documented", None, "no-event-lost");
}

#[test]
fn two_events_of_one_millisecond_lose_the_second_in_real_bytes() {
    followed("audio-as-coded-existing", None, "no-event-lost");
}

#[test]
fn narrow_windows_and_broken_lines_are_followed_too() {
    followed("audio-as-documented", Some("fix-3"), "no-event-lost");
    followed("replay-sends-twice", None, "no-duplicate");
    followed("closed-before-drained", None, "no-event-lost");
    followed("opened-too-late", Some("browser"), "stream-ends");
    followed("bad-weather", Some("half-open-unwatched"), "no-event-lost");
}

#[test]
fn a_commit_that_fails_is_rolled_back_in_the_database() {
    followed("audio-as-documented", Some("fix-3"), "no-phantom");
}

#[test]
fn a_stream_is_what_the_standard_says() {
    let parsed = Scenario::parse("bad-weather", embedded("bad-weather")).expect("the library is sound");
    let prepared = Prepared::new(&parsed.cases[0]);
    let ran = simulated::run(&prepared, &Draws::Seeded { seed: 1, run: 0 }, None).expect("it runs");
    let bytes: Vec<u8> = ran.simulated.received.iter().flat_map(|received| received.bytes.to_vec()).collect();
    let stream = String::from_utf8(bytes).expect("a stream is text");
    let blocks: Vec<&str> =
        stream.split_terminator("\n\n").filter(|block| *block != ": keep-alive").collect();
    let event = |id: u32, kind: &str, n: u32| {
        format!("id: {id}\nevent: {kind}\ndata: {{\"n\":{n},\"copy\":\"published\"}}")
    };
    let expected = [event(1, "progress", 1), event(2, "progress", 2), event(3, "finished", 1)];
    assert_eq!(blocks[0], "retry: 3000", "the browser is told how long to wait");
    assert_eq!(blocks[1..], expected, "{stream}");
    assert!(stream.contains("\n\n: keep-alive\n\n"), "{stream}");
}

#[test]
fn a_seed_gives_the_same_bytes_twice_and_another_seed_others() {
    let parsed = Scenario::parse("bad-weather", embedded("bad-weather")).expect("the library is sound");
    for variant in ["disconnect", "server-stops", "deaf"] {
        let prepared = Prepared::new(parsed.case(Some(variant)).expect("the variant"));
        let run = |seed: u64| {
            let ran = simulated::run(&prepared, &Draws::Seeded { seed, run: 0 }, None).expect("it runs");
            (ran.simulated.received, ran.simulated.trace)
        };
        let first = run(1);
        assert!(!first.0.is_empty());
        assert_eq!(first, run(1), "{variant}");
        assert_ne!(first.0, run(2).0, "{variant}");
    }
}

#[test]
fn what_the_scenario_does_not_allow_is_told_with_what_would_be_allowed() {
    // The server is slower than the scenario that it is held against.
    let slow = embedded("audio-reference").replace("takes = \"2ms..15ms\"", "takes = \"38ms\"");
    assert_ne!(slow, embedded("audio-reference"), "the scenario reads the database");
    let slow = Scenario::parse("slow", &slow).expect("it is sound");
    let said = Scenario::parse("said", embedded("audio-reference")).expect("it is sound");
    let (slow, said) = (Prepared::new(&slow.cases[0]), Prepared::new(&said.cases[0]));
    let tick = Span::millis(1);
    let draws = Draws::Seeded { seed: 1, run: 0 };
    let mut simulated = simulated::run(&slow, &draws, Some(tick)).expect("it runs").simulated;
    assert_eq!(simulated.allowed, Ok(()));
    simulated.allowed = punctual::hosts::simulate::allows(&said.case.system, &simulated.trace, tick);
    let refusal = simulated.allowed.clone().expect_err("38 ms are too long");
    let (what, mend) = outside(&said.case.system, &simulated, &refusal);
    assert!(what.starts_with("stream.read took 38 ms, allowed 2ms..15ms"), "{what}");
    assert_eq!(mend.as_deref(), Some("stream.read: takes = \"2ms..38ms\""));
}

#[test]
fn a_tick_suits_the_shortest_delay_that_crosses_the_network() {
    let parsed = Scenario::parse("audio", embedded("audio-as-documented")).expect("it is sound");
    assert_eq!(tick_for(&parsed.cases[0].system), Span::micros(1_500));
}

/// A consumer whose cursor begins where the topic ends at its first look: whoever answers before is lost.
const TOPIC: &str = r#"
scenario = "topic"
about = "Answers that come before the first look are lost."
ends = "30s after peer"
[job]
status = "joining"
[[event]]
name = "registration"
terminal = true
[[store]]
name = "topic"
ids = "clock 1ms"
[[task]]
name = "peer"
node = "other"
starts = "spawned"
steps = [{ work = "hear of it", step = "hear", takes = "5ms..2s" }, { publish = "registration" }]
[[task]]
name = "connector"
node = "server"
serves = "cohort"
steps = [
  { spawn = "peer", step = "announce-itself", takes = "1ms..50ms" },
  { cursor = "greatest", step = "first-poll", takes = "100ms..6s" },
]
loop = [{ send = "topic", takes = "1ms..100ms" }, { sleep = "500ms" }]
[[client]]
name = "cohort"
latency = "0us..1ms"
[[client.on]]
event = "registration"
shows = "success"
ends = true
[expect]
no-event-lost = "violated"
"#;

#[test]
fn what_would_not_come_to_an_end_is_refused_before_any_run_is_made() {
    let folder = Folder::of("simulate-ends");
    let with = |from: &str, to: &str| common::replaced(TOPIC, from, to);
    folder.write("long.toml", with("30s after", "900s after"));
    let ran = folder.run("simulate long.toml").exits(2).says(&[
        "run 7 takes 902.",
        "at a tick of 100us 9 02",
        "ticks of the network, and no more than 4 000 000 are made: say --tick 300us",
    ]);
    assert_eq!(ran.stdout, "");
    folder.write("longer.toml", with("30s after", "50000s after"));
    folder.run("simulate longer.toml").exits(2).says(&["let it end earlier with `ends`"]);
    let sometimes = "step = \"announce-itself\", chance = 0.5,";
    folder.write("endless.toml", with("step = \"announce-itself\",", sometimes));
    folder.run("simulate endless.toml").exits(2).says(&[
        "endless.toml: run",
        "does not come to an end: after a million events, at",
        "let it end with `ends = \"10s after TASK\"`",
    ]);
}

#[test]
fn how_long_runs_take_is_known_beforehand() {
    let text = common::replaced(TOPIC, "30s after", "1s after");
    let scenario = Scenario::parse("topic", &text).expect("it is sound");
    let prepared = Prepared::new(&scenario.cases[0]);
    let foreseen = simulated::foreseen(&prepared, SEED, 3, None).expect("they end");
    let took = std::sync::atomic::AtomicU64::new(0);
    let heard = |span: Span| {
        took.fetch_add(span.0, std::sync::atomic::Ordering::Relaxed);
    };
    simulated::runs(&prepared, SEED, 3, None, &heard).expect("they run");
    // The first of three is made twice; each ends where it ends when it is sampled, but for a look.
    let apart = took.into_inner().abs_diff(foreseen.0);
    assert!(apart < 4 * 600_000 && foreseen > Span::secs(4), "{apart} us apart of {foreseen}");
}

#[test]
fn a_question_mark_in_the_table_is_told_below_it() {
    let folder = Folder::of("simulate-legend");
    let ran = folder.run("simulate audio-as-documented --variant notify-without-permit --seeds 1").exits(0);
    ran.shows(&["?", "? must be broken, and no run breaks it"]);
    let ran = folder.run("simulate closed-before-drained --variant drain --seeds 1").exits(0);
    assert!(!ran.stdout.contains("in no run"), "where all holds one sentence says so:\n{}", ran.stdout);
}

#[test]
fn the_verb_exits_as_it_says() {
    let folder = Folder::of("simulate");
    let ran = folder.run("simulate closed-before-drained --seeds 3 --variant drain").exits(0);
    assert!(ran.stdout.contains("PASS closed-before-drained"), "{}", ran.stdout);
    let text = embedded("closed-before-drained").replacen(
        "no-event-lost = \"violated\"",
        "no-event-lost = \"holds\"",
        1,
    );
    folder.write("wrong.toml", text);
    let ran = folder.run("simulate wrong.toml --seeds 5 --variant base").exits(1);
    assert!(ran.stdout.contains("FAIL") && ran.stdout.contains("no-event-lost as written"), "{}", ran.stdout);
    let ran = folder.run("simulate wrong.toml --seeds 2 --variant base --format json").exits(1);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!(document["schema"], "punctual.simulate/1");
    assert_eq!(document["scenarios"][0]["cases"][0]["checks"][0]["expected"], "holds");
    assert_eq!(document["scenarios"][0]["findings"], serde_json::json!([]));
    folder.run("simulate wrong.toml --tick 1s").exits(2).says(&["from 100us to 10ms"]);
    folder.run("simulate wrong.toml --variant fix-9").exits(4).says(&["nothing selected by --variant fix-9"]);
    folder.run("simulate no-such-file.toml").exits(2).says(&["cannot read"]);
    let trace = folder.run("replay closed-before-drained no-event-lost --format json").exits(0).stdout;
    folder.write("trace.json", &trace);
    let ran = folder.run("simulate --follow trace.json").exits(0);
    assert!(ran.stdout.contains("no-event-lost is broken again"), "{}", ran.stdout);
    folder.write("half.json", &trace[..trace.len() / 2]);
    folder.run("simulate --follow half.json").exits(2).says(&["error: half.json: not a saved trace"]);
}
