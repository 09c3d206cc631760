//! What is no log, what is fitted to one, and how the verbs end.

use std::io::Cursor;

use super::{documented, judged, written};
use crate::common::{Folder, embedded};
use punctual::logs::{Judged, fit, log, outside};
use punctual_model::World;
use punctual_scenarios::{Case, Scenario};
use punctual_sim::{Span, sample};

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
