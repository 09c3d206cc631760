//! The log of a run says what the run says, and nothing else, whatever it leaves out.

use super::{judged, written};
use crate::common::part_of;
use crate::grammar;
use proptest::prelude::*;
use punctual::counterexample::breaches;
use punctual::logs::{Said, outside};
use punctual::sampling::Prepared;
use punctual_model::World;
use punctual_scenarios::{Case, Scenario, library};
use punctual_sim::{Span, sample};

/// The kinds of lines that a system may not write at all, by the first words of their facts.
const KINDS: [&[&str]; 12] = [
    &["published"],
    &["sent"],
    &["closed", "cut"],
    &["started", "timed-out"],
    &["found", "missed"],
    &["shown"],
    &["finished"],
    &["over"],
    &["committed", "visible", "rolled-back"],
    &["saved"],
    &["status"],
    &["cut", "held", "crashed"],
];

/// Whatever a run's log leaves out, by writers or by kinds, what it still says is so: less is known, and
/// nothing else. Says what is not so.
fn says_nothing_else(case: &Case, text: &str) -> Result<(), String> {
    let whole = judged(case, text, Span::ZERO);
    let of = |value: &serde_json::Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let mut writers: Vec<String> =
        text.lines().skip(1).map(|line| of(&serde_json::from_str(line).expect("JSON"), "writer")).collect();
    writers.sort();
    writers.dedup();
    let without_writer = writers.iter().map(|left_out| {
        let keeps = |value: &serde_json::Value| of(value, "writer") != *left_out;
        (format!("without {left_out}"), part_of(text, &keeps))
    });
    let only_writer = writers.iter().map(|kept| {
        let keeps = |value: &serde_json::Value| of(value, "writer") == *kept;
        (format!("only {kept}"), part_of(text, &keeps))
    });
    let word = |value: &serde_json::Value| of(value, "fact").split(' ').next().unwrap_or_default().to_owned();
    let without_kind = KINDS.iter().map(|kind| {
        let keeps = |value: &serde_json::Value| !kind.contains(&word(value).as_str());
        (format!("without {kind:?}"), part_of(text, &keeps))
    });
    let no_steps = part_of(text, &|value| !word(value).contains('.'));
    let all = without_writer.chain(only_writer).chain(without_kind);
    for (what, part) in all.chain([("without steps".to_owned(), no_steps)]) {
        let told = judged(case, &part, Span::ZERO);
        for (place, check) in case.checks.iter().enumerate() {
            let wrong = match (&whole.said[place], &told.said[place]) {
                (_, Said::Unknown(_)) => false,
                (Said::Broken(_), Said::Broken(_)) | (Said::Holds, Said::Holds) => false,
                // Nothing happened that it is about, or the run never came to its end.
                (Said::Unknown(_), Said::Holds | Said::Broken(_)) => false,
                (Said::Broken(_), Said::Holds) | (Said::Holds, Said::Broken(_)) => true,
            };
            if wrong {
                let name = check.rule.name();
                return Err(format!(
                    "{name} {what}: {:?}, and {:?} in whole",
                    told.said[place], whole.said[place]
                ));
            }
        }
    }
    Ok(())
}

#[test]
fn a_log_that_tells_less_says_less_and_nothing_else() {
    let mut broken = 0;
    for (name, text) in library() {
        let scenario = Scenario::parse(name, text).expect("the library is sound");
        for case in &scenario.cases {
            for run in 0..4 {
                let text = written(case, &sample::trace(&World::new(&case.system), 11, run));
                broken += judged(case, &text, Span::ZERO)
                    .said
                    .iter()
                    .filter(|said| matches!(said, Said::Broken(_)))
                    .count();
                let said = says_nothing_else(case, &text);
                assert_eq!(said, Ok(()), "{name} {:?}, run {run}", case.variant);
            }
        }
    }
    // Else nothing would be decided, and nothing could be wrong.
    assert!(broken > 100, "there is something to be wrong about: {broken}");
}

/// A run of `case` and its log say the same, and the log is of the model.
fn agrees(case: &Case, seed: u64, run: u64) -> Result<(), String> {
    let prepared = Prepared::new(case);
    let trace = sample::trace(&prepared.world, seed, run);
    let text = written(case, &trace);
    let told = judged(case, &text, Span::ZERO);
    let by_run = breaches(&prepared, &trace);
    for (place, breach) in by_run.iter().enumerate() {
        let rule = prepared.plan.rules()[place].name();
        let same = matches!(told.said[place], Said::Broken(_)) == breach.is_some();
        // Of what it is about nothing may have happened.
        let open = matches!(told.said[place], Said::Unknown(_)) && told.concerns[place];
        if !same || open {
            return Err(format!("{rule}: {breach:?} in the run, {:?} in its log\n{text}", told.said[place]));
        }
    }
    let outside = outside(std::slice::from_ref(&told), Span::ZERO);
    if outside.is_empty() && told.findings.is_empty() {
        Ok(())
    } else {
        Err(format!("{outside:?} {:?}\n{text}", told.findings))
    }
}

#[test]
fn the_log_of_a_run_is_judged_as_the_run_is_and_is_of_the_model() {
    for (name, text) in library() {
        let scenario = Scenario::parse(name, text).expect("the library is sound");
        for case in &scenario.cases {
            for run in 0..3 {
                let agreed = agrees(case, 5, run);
                assert_eq!(agreed, Ok(()), "{name} {:?}, run {run}", case.variant);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn so_it_is_of_random_scenarios(text in grammar::text(), seed in any::<u64>()) {
        let scenario = grammar::parse(&text);
        let agreed = agrees(&scenario.cases[0], seed, 0);
        prop_assert!(agreed.is_ok(), "{}\n{text}", agreed.unwrap_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn so_does_a_log_of_random_scenarios(text in grammar::text(), seed in any::<u64>()) {
        let scenario = grammar::parse(&text);
        let case = &scenario.cases[0];
        let log = written(case, &sample::trace(&World::new(&case.system), seed, 0));
        let said = says_nothing_else(case, &log);
        prop_assert!(said.is_ok(), "{}\n{text}", said.unwrap_err());
    }
}

#[test]
fn an_end_that_no_line_tells_of_is_not_taken_for_an_early_one() {
    let text = r#"
scenario = "comes-back"
about = "The page comes back after its connection broke, and the last event is never sent."
ends = "1s after job"
[job]
status = "running"
[[event]]
name = "news"
[[event]]
name = "done"
terminal = true
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "news" }, { publish = "done", takes = "1s" }, { status = "completed" }]
[[task]]
name = "weather"
node = "network"
starts = "100ms"
steps = [{ disconnect = "page" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ read = "status", takes = "50ms" }, { send = "events" }, { close = "page", if = "is completed" }]
[[client]]
name = "page"
latency = "5ms"
reconnects = "10ms"
[expect]
no-early-end = "any"
"#;
    let scenario = Scenario::parse("comes-back.toml", text).expect("it is sound");
    let case = &scenario.cases[0];
    let log = written(case, &sample::trace(&World::new(&case.system), 1, 0));
    assert!(matches!(judged(case, &log, Span::ZERO).said[0], Said::Holds));
    assert_eq!(says_nothing_else(case, &log), Ok(()));
}
