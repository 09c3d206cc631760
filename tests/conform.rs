//! Logs: what a run writes is judged as the run is, and what is wrong with a log is told.

mod common;
mod grammar;

use std::io::Cursor;

use common::{Folder, embedded, part_of};
use proptest::prelude::*;
use punctual::counterexample::breaches;
use punctual::logs::{Judged, Said, fit, judge, log, outside};
use punctual::sampling::Prepared;
use punctual_model::World;
use punctual_scenarios::{Case, Scenario, library};
use punctual_sim::{Span, TraceOf, sample};

fn written(case: &Case, trace: &TraceOf<World>) -> String {
    let mut text = Vec::new();
    log::write(&case.system, (trace, Some(trace.ended_at)), ("scenario", "run 0"), &mut text)
        .expect("memory can be written");
    String::from_utf8(text).expect("a log is text")
}

fn judged(case: &Case, text: &str, skew: Span) -> Judged {
    let logs = log::read(Cursor::new(text), &case.system).unwrap_or_else(|bad| panic!("{bad}\n{text}"));
    judge(&Prepared::new(case), &logs[0], skew)
}

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

fn documented() -> (Scenario, String) {
    let scenario = Scenario::parse("audio", embedded("audio-as-documented")).expect("the library is sound");
    let case = &scenario.cases[0];
    let text = written(case, &sample::trace(&World::new(&case.system), 0x5eed, 0));
    (scenario, text)
}

/// The lines with the first one that contains `part` as `change` makes it.
fn changed(text: &str, part: &str, change: impl Fn(&str) -> Vec<String>) -> String {
    let mut done = false;
    let lines = text.lines().flat_map(|line| {
        if !done && line.contains(part) {
            done = true;
            change(line)
        } else {
            vec![line.to_owned()]
        }
    });
    let changed: Vec<String> = lines.collect();
    assert!(done, "no line has {part}");
    changed.join("\n") + "\n"
}

fn later(line: &str, by: i64) -> String {
    let (_, rest) = line.split_once("\"at\":").expect("a line has a time");
    let (at, _) = rest.split_once(',').expect("more follows");
    let at: i64 = at.parse().expect("a number");
    line.replacen(&format!("\"at\":{at}"), &format!("\"at\":{}", at + by), 1)
}

#[test]
fn a_step_that_takes_too_long_is_outside_of_the_model_with_what_to_write() {
    let (scenario, text) = documented();
    let case = &scenario.cases[0];
    // All that comes after it is later as well.
    let at =
        text.find("\"fact\":\"voiceover.save\"").and_then(|at| text[..at].rfind('\n')).expect("it is saved");
    let rest: Vec<String> = text[at + 1..].lines().map(|line| later(line, 500_000)).collect();
    let slow = format!("{}{}\n", &text[..=at], rest.join("\n"));
    let told = judged(case, &slow, Span::ZERO);
    let outside = outside(&[told], Span::ZERO);
    let save = outside.iter().find(|one| one.what == "voiceover.save").expect("it took too long");
    assert!(save.took > 500_000, "{save:?}");
    assert_eq!(save.allowed.to_string(), "50ms..400ms");
    assert!(
        save.mend.as_deref().is_some_and(|mend| mend.starts_with("task.voiceover.save: takes = \"50ms..")),
        "{save:?}"
    );
}

#[test]
fn an_arrival_that_is_missing_is_a_loss_and_one_too_many_a_duplicate() {
    let (scenario, text) = documented();
    let case = &scenario.cases[0];
    let place = |name: &str| case.checks.iter().position(|check| check.rule.name() == name).expect("checked");
    let lost = changed(&text, "arrived tts_completed", |_| vec![]);
    assert!(matches!(judged(case, &lost, Span::ZERO).said[place("no-event-lost")], Said::Broken(_)));
    let unnumbered = |line: &str| {
        let (before, _) = line.split_once(",\"seq\"").expect("it is numbered");
        format!("{before}}}")
    };
    let twice = changed(&text, "arrived tts_completed", |line| vec![unnumbered(line), unnumbered(line)]);
    let told = judged(case, &twice, Span::ZERO);
    assert!(matches!(told.said[place("no-duplicate")], Said::Broken(_)), "{:?}", told.said);
    let again = changed(&text, "arrived tts_completed", |line| vec![line.to_owned(), line.to_owned()]);
    let told = judged(case, &again, Span::ZERO);
    assert_eq!(told.said[place("no-duplicate")], Said::Holds, "the same line twice is one");
    let missing = judged(case, &lost, Span::ZERO).findings;
    assert!(missing.iter().any(|found| found.what.contains("of panel never came")), "{missing:?}");
    assert!(told.findings.iter().any(|found| found.what.contains("was there before")), "{:?}", told.findings);
}

#[test]
fn why_an_event_is_lost_is_told_with_long_ids_and_without_ids() {
    let scenario = Scenario::parse("coded", embedded("audio-as-coded-existing")).expect("it is sound");
    let case = &scenario.cases[0];
    let place = case.checks.iter().position(|check| check.rule.name() == "no-event-lost").expect("checked");
    // 93.7 % of its runs lose an event, run 0 among them.
    let text = written(case, &sample::trace(&World::new(&case.system), 0x5eed, 0));
    let why = |text: &str| match &judged(case, text, Span::ZERO).said[place] {
        Said::Broken(why) => why.clone(),
        other => panic!("{other:?}"),
    };
    let one_tick = why(&text);
    assert!(one_tick.contains("in the same tick of the clock and so under the same id"), "{one_tick}");
    let lines = |change: &dyn Fn(&str, &str) -> String| -> String {
        let with = |line: &str| {
            let Some((before, rest)) = line.split_once("\"id\":\"") else { return line.to_owned() + "\n" };
            let (id, after) = rest.split_once('"').expect("it is quoted");
            format!("{before}{}{}\n", change(id, line), &after[1..])
        };
        text.lines().map(with).collect()
    };
    let long = lines(&|id, _| format!("\"id\":\"17325500{id:0>5}\","));
    assert!(long.contains("\"id\":\"1732550000001\"") || long.contains("\"1732550000002\""), "{long}");
    assert_eq!(why(&long), one_tick);
    let without = why(&lines(&|_, _| String::new()));
    assert!(
        without.starts_with("stream looks at the store ") && without.ends_with("then or later"),
        "{without}"
    );
}

#[test]
fn lines_may_be_numbered_from_any_number_and_come_late() {
    let (scenario, text) = documented();
    let case = &scenario.cases[0];
    for from in [0_u64, 7, u64::MAX - 100_000] {
        let renumbered = text.lines().map(|line| match line.split_once("\"seq\":") {
            Some((before, number)) => {
                let number: u64 = number.trim_end_matches('}').parse().expect("a number");
                format!("{before}\"seq\":{}}}\n", from + number - 1)
            }
            None => format!("{line}\n"),
        });
        let told = judged(case, &renumbered.collect::<String>(), Span::ZERO);
        assert_eq!((told.findings.as_slice(), told.facts > 500), ([].as_slice(), true), "from {from}");
    }
    // Two lines of one writer change places: one of them comes late, and its time is what it was.
    let lines: Vec<&str> = text.lines().collect();
    let place = lines.iter().position(|line| line.contains("stream.poll")).expect("it polls");
    let next = place
        + 1
        + lines[place + 1..].iter().position(|line| line.contains("stream.send")).expect("it sends");
    let mut swapped = lines.clone();
    swapped.swap(place, next);
    let told = judged(case, &(swapped.join("\n") + "\n"), Span::ZERO);
    assert!(told.findings.iter().any(|found| found.what.contains("comes late")), "{:?}", told.findings);
    assert!(told.said.iter().all(|said| *said == Said::Holds), "{:?}", told.said);
}

#[test]
fn a_delivery_that_is_late_beyond_all_clocks_is_late_whatever_else_is_doubtful() {
    let text = embedded("closed-before-drained")
        .replace("delivered-within = \"1s\"", "delivered-within = \"100ms\"");
    let scenario = Scenario::parse("late", &text).expect("it is sound");
    let case = &scenario.cases[0];
    let place =
        case.checks.iter().position(|check| check.rule.name() == "delivered-within").expect("checked");
    let log = |second: u32| {
        format!(
            "{{\"schema\":\"punctual.log/1\"}}\n\
             {{\"at\":0,\"fact\":\"published chapter\",\"n\":1,\"writer\":\"a\"}}\n\
             {{\"at\":110000,\"fact\":\"arrived chapter at page\",\"n\":1,\"writer\":\"b\"}}\n\
             {{\"at\":200000,\"fact\":\"published chapter\",\"n\":2,\"writer\":\"a\"}}\n\
             {{\"at\":{},\"fact\":\"arrived chapter at page\",\"n\":2,\"writer\":\"b\"}}\n\
             {{\"at\":9000000,\"fact\":\"end\"}}\n",
            200_000 + second
        )
    };
    let said = |second: u32, skew: u64| judged(case, &log(second), Span::millis(skew)).said[place].clone();
    assert!(matches!(said(90_000, 20), Said::Unknown(why) if why.why.contains("late by 10 ms")));
    assert!(matches!(said(90_000, 5), Said::Broken(_)), "by more than clocks may differ");
    assert!(matches!(said(500_000, 20), Said::Broken(why) if why.contains("chapter #2")));
    // A second page that hears nothing is not excused by the first, which may have been in time.
    let two = text.replacen("[[client]]", SECOND_PAGE, 1);
    let scenario =
        Scenario::parse("two", &two).unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let said = |log: &str| judged(&scenario.cases[0], log, Span::millis(20)).said[place].clone();
    let both = log(90_000).replace("at page", "at other").replace("\"b\"", "\"c\"");
    let both = changed(&log(90_000), "\"n\":2,\"writer\":\"b\"", |line| {
        let others = both.lines().filter(|line| line.contains("at other"));
        std::iter::once(line).chain(others).map(str::to_owned).collect()
    });
    assert!(matches!(said(&both), Said::Unknown(_)), "{:?}", said(&both));
    let hears_nothing = log(90_000).replacen("/1\"}", "/1\",\"tells\":[\"arrived\"]}", 1);
    assert!(matches!(said(&hears_nothing), Said::Broken(_)), "{:?}", said(&hears_nothing));
    assert!(matches!(said(&log(90_000)), Said::Unknown(_)), "nobody says what it hears");
}

const SECOND_PAGE: &str = r#"[[task]]
name = "another-stream"
node = "server"
serves = "other"
loop = [{ send = "events", takes = "1ms" }, { sleep = "100ms" }]

[[client]]
name = "other"
latency = "5ms..80ms"

[[client]]"#;

#[test]
fn a_log_that_is_cut_off_leaves_open_what_was_owed() {
    let (scenario, text) = documented();
    let case = &scenario.cases[0];
    let place = |name: &str| case.checks.iter().position(|check| check.rule.name() == name).expect("checked");
    let at = text.find("arrived tts_completed").expect("it arrives");
    let told = judged(case, &text[..at], Span::ZERO);
    assert!(
        matches!(&told.said[place("no-event-lost")], Said::Unknown(why) if why.why.contains("no end line") && why.decided_by.as_deref() == Some("end")),
        "{:?}",
        told.said
    );
    assert_eq!(told.said[place("in-order")], Said::Holds);
    let mut bytes = text.as_bytes()[..at].to_vec();
    bytes.extend_from_slice(b"\xe2\x82");
    let logs = log::read(Cursor::new(bytes), &case.system).expect("in the middle of a letter too");
    assert!(logs[0].findings.iter().any(|found| found.what.contains("cut off")));
    assert!(told.findings.iter().any(|found| found.what.contains("cut off")), "{:?}", told.findings);
}

#[test]
fn clocks_may_differ_as_much_as_is_said_and_no_more() {
    let (scenario, text) = documented();
    let case = &scenario.cases[0];
    // The clock of the panel is behind: what it writes seems to come before it was sent.
    let behind: Vec<String> = text
        .lines()
        .map(
            |line| {
                if line.contains("\"writer\":\"panel\"") { later(line, -100_000) } else { line.to_owned() }
            },
        )
        .collect();
    let behind = behind.join("\n") + "\n";
    let told = judged(case, &behind, Span::millis(120));
    assert_eq!(told.findings, []);
    assert_eq!(outside(std::slice::from_ref(&told), Span::millis(120)), []);
    assert!(told.said.iter().all(|said| *said == Said::Holds), "{:?}", told.said);
    assert!(told.measures.iter().all(|measure| measure.took >= 0), "effects are behind their causes");
    let told = judged(case, &behind, Span::millis(5));
    assert!(told.findings.iter().any(|found| found.what.contains("before its cause")), "{:?}", told.findings);
    // One clock that goes backwards is told whatever others may do.
    let stepped = changed(&text, "\"fact\":\"stream.read\"", |line| vec![later(line, 3_000_000)]);
    let told = judged(case, &stepped, Span::secs(10));
    assert!(
        told.findings.iter().any(|found| found.what.contains("the clock of app is")),
        "{:?}",
        told.findings
    );
}

#[test]
fn steps_that_cannot_follow_each_other_are_a_gap() {
    let (scenario, text) = documented();
    let case = &scenario.cases[0];
    let gap = changed(&text, "\"fact\":\"voiceover.publish\"", |_| vec![]);
    let told = judged(case, &gap, Span::ZERO);
    // A step that the log never tells of may have been taken; but its line is missing.
    assert!(told.findings.iter().all(|found| found.what.contains("never came")), "{:?}", told.findings);
    let once = changed(&text, "\"fact\":\"stream.read\"", |_| vec![]);
    let told = judged(case, &once, Span::ZERO);
    assert!(told.findings.iter().any(|found| found.what.contains("are missing")), "{:?}", told.findings);
}

#[test]
fn what_is_no_log_is_refused_with_its_place() {
    let (scenario, text) = documented();
    let system = &scenario.cases[0].system;
    let bad = |text: &[u8]| log::read(Cursor::new(text), system).expect_err("it is no log").to_string();
    assert_eq!(bad(b""), "1: the log is empty");
    assert!(bad(b"{\"at\":1,\"fact\":\"published tts_completed\"}\n").contains("the first line must be"));
    assert!(bad(b"{\"schema\":\"punctual.log/2\"}\n").contains("write \"punctual.log/1\""));
    assert!(bad(b"{\"schema\":\"punctual.log/1\"}\nnot json\n").starts_with("2:2: this is no JSON object"));
    let head = "{\"schema\":\"punctual.log/1\"}\n";
    let line = |line: &str| bad(format!("{head}{line}\n").as_bytes());
    assert!(line("{\"at\":1,\"fact\":\"publishd tts_completed\"}").contains("did you mean `published`?"));
    assert!(line("{\"at\":\"noon\",\"fact\":\"over voiceover\"}").contains("is no time"));
    assert!(line("{\"at\":1e300,\"fact\":\"over voiceover\"}").contains("write whole microseconds"));
    assert!(line("{\"fact\":\"over voiceover\"}").contains("missing field `at`"));
    assert!(line("[1,2]").contains("write {\"at\""));
    assert!(
        line("{\"at\":1,\"fact\":\"sent tts_completed\",\"copy\":\"third\"}")
            .contains("no copy is \"third\"")
    );
    assert!(bad(b"{\"schema\":\"punctual.log/1\"}\n\xff\xfe\n").contains("no UTF-8"));
    let mixed = "{\"at\":1,\"fact\":\"over voiceover\"}\n{\"at\":\"2026-01-01T00:00:00Z\",\"fact\":\"end\"}";
    assert!(line(mixed).contains("throughout"));
    let long = format!("{head}{{\"at\":1,\"fact\":\"{}\"}}\n", "x".repeat(2 << 20));
    assert!(bad(long.as_bytes()).contains("a line of more than"));
    // Dates and microseconds are the same.
    let dated = "{\"at\":\"2026-01-01T00:00:00.5Z\",\"fact\":\"over voiceover\"}\n{\"at\":\"2026-01-01T00:00:01+00:00\",\"fact\":\"end\"}\n";
    let logs = log::read(Cursor::new(format!("{head}{dated}{text}")), system).expect("two runs");
    assert_eq!((logs.len(), logs[0].ends.map(|ends| ends - logs[0].lines[0].at)), (2, Some(500_000)));
}

#[test]
fn a_fit_is_what_its_logs_conform_to_and_keeps_all_else() {
    let text = embedded("audio-reference");
    let scenario = Scenario::parse("audio-reference", text).expect("the library is sound");
    let case = &scenario.cases[0];
    let logs: Vec<String> =
        (0..30).map(|run| written(case, &sample::trace(&World::new(&case.system), 9, run))).collect();
    let of = |case: &Case| -> Vec<Judged> { logs.iter().map(|log| judged(case, log, Span::ZERO)).collect() };
    let fitted = fit::fit(&scenario, &of(case), 5);
    assert_eq!(fitted.left, []);
    let narrower = Scenario::parse("fitted", &fitted.text).expect("what was fitted is sound");
    assert_eq!(outside(&of(&narrower.cases[0]), Span::ZERO), []);
    let comments = |text: &str| text.lines().filter(|line| line.contains('#')).count();
    assert_eq!(comments(&fitted.text), comments(text));
    assert_eq!(fitted.text.lines().count(), text.lines().count());
    let save =
        fitted.fitted.iter().find(|one| one.path == "task.voiceover.synthesize.takes").expect("measured");
    assert!(save.after.starts_with("empirical 1") || save.after.starts_with("empirical 2"), "{save:?}");
    assert!(fitted.fitted.iter().any(|one| one.path == "client.panel.latency" && one.across));
    // Fitted to other delays, it is theirs.
    let faster = text.replace("takes = \"20s..45s\"", "takes = \"2s..3s\"");
    let faster = Scenario::parse("faster", &faster).expect("it is sound");
    let quick: Vec<Judged> = (0..30)
        .map(|run| {
            let case = &faster.cases[0];
            judged(case, &written(case, &sample::trace(&World::new(&case.system), 9, run)), Span::ZERO)
        })
        .collect();
    let fitted = fit::fit(&scenario, &quick, 0);
    let synthesize =
        fitted.fitted.iter().find(|one| one.path == "task.voiceover.synthesize.takes").expect("measured");
    assert!(
        synthesize.after.starts_with("empirical 2") && synthesize.after.ends_with("@100%"),
        "{synthesize:?}"
    );
}

#[test]
fn the_verbs_exit_as_they_say() {
    let folder = Folder::of("conform");
    let sound = folder.run("run audio-as-documented --format log").exits(0).stdout;
    folder.write("sound.jsonl", &sound);
    let ran = folder.run("conform audio-as-documented sound.jsonl").exits(0);
    assert!(ran.stdout.contains("CONFORMS audio-as-documented"), "{}", ran.stdout);
    let ran = folder.run("conform audio-as-documented sound.jsonl --format json").exits(0);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!(document["schema"], "punctual.conform/1");
    assert_eq!(document["runs"][0]["invariants"][0]["said"], "holds");
    let lossy = folder.run("run audio-as-coded-existing --format log").exits(0).stdout;
    folder.write("lossy.jsonl", &lossy);
    let ran = folder.run("conform audio-as-coded-existing lossy.jsonl").exits(1);
    assert!(ran.stdout.contains("DIFFERS") && ran.stdout.contains("no-event-lost"), "{}", ran.stdout);
    folder.write("cut.jsonl", &sound[..sound.len() * 2 / 3]);
    folder.run("conform audio-as-documented cut.jsonl").exits(1);
    let until = sound.find("{\"at\":").and_then(|_| sound.find("arrived tts_completed")).expect("it arrives");
    let open = &sound[..=sound[..until].rfind('\n').expect("lines come before")];
    folder.write("open.jsonl", open);
    folder.run("conform audio-as-documented open.jsonl").exits(3);
    folder.write("idle.jsonl", "{\"schema\":\"punctual.log/1\"}\n{\"at\":1,\"fact\":\"turned stream\"}\n{\"at\":2,\"fact\":\"end\"}\n");
    folder.run("conform audio-as-documented idle.jsonl").exits(4).says(&["no line tells anything"]);
    folder.write("bad.jsonl", "{}\n");
    folder.run("conform audio-as-documented bad.jsonl").exits(2).says(&["bad.jsonl:1"]);
    folder.run("conform audio-as-documented none.jsonl").exits(2).says(&["cannot read none.jsonl"]);
    let fitting = folder.run("fit audio-as-documented sound.jsonl --out fitted.toml").exits(0);
    fitting
        .says(&["task.voiceover.save.takes stays \"50ms..400ms\" (1 measurement, within it", "no log shows"]);
    assert!(folder.read("fitted.toml").contains("scenario = \"audio-as-documented\""));
    folder.run("conform fitted.toml sound.jsonl").exits(0);
    folder.run("fit audio-as-documented idle.jsonl").exits(4).says(&["measure no delay"]);
}
