//! What `punctual delay` and `punctual threshold` answer, and what they refuse, as commands.

mod common;

use common::Folder;

const THRESHOLD: &str = "threshold audio-as-documented";

fn refused(folder: &Folder, args: &str, says: &[&str]) {
    folder.run(args).exits(2).says(says);
}

#[test]
fn a_threshold_is_told_with_its_edge_and_what_breaks_there() {
    let folder = Folder::of("asked-threshold");
    let asked = format!(
        "{THRESHOLD} policy.poll.completed=1s..3s --keep client-never-times-out --variant counter-ids"
    );
    let ran = folder.run(&asked).exits(0);
    ran.shows(&[
        "1s to 1.916999s",
        "largest safe policy.poll.completed: 1.916999s",
        "at 1.917s: timer finish",
        "tie",
    ]);
    let ran = folder.run(&format!("{asked} --format json")).exits(0);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!(answer["schema"], "punctual.threshold/1");
    let regions = &answer["rows"][0]["regions"];
    assert_eq!((&regions[0]["to_us"], &regions[0]["verdict"]), (&1_916_999.into(), &"holds".into()));
    assert_eq!((&regions[1]["from_us"], &regions[1]["verdict"]), (&1_917_000.into(), &"violated".into()));
    assert_eq!(regions[1]["runs"][0]["at_us"], 1_917_000);
}

#[test]
fn a_parameter_or_range_that_means_nothing_is_refused_with_what_would_be_right() {
    let folder = Folder::of("asked-refused");
    let refused = |args: &str, says: &[&str]| refused(&folder, &format!("{THRESHOLD} {args}"), says);
    refused("policy.poll.completed=5s..1s --keep no-event-lost", &["is empty", "5 s is more than 1 s"]);
    refused("policy.poll.completed=1s --keep no-event-lost", &["is no range", "=100ms..10s"]);
    refused("policy.poll.completed=1..2s --keep no-event-lost", &["`1` has no unit"]);
    refused("policy.poll.completed=1s..2s:0 --keep no-event-lost", &["from 1 to 1000"]);
    refused("policy.poll.completed=0s..1s --keep no-event-lost", &["P0211"]);
    refused(
        "policy.poll.complete --keep no-event-lost",
        &["did you mean `policy.poll.completed`?", "parameters: policy.poll.completed, "],
    );
    refused("store.events.ids --keep no-event-lost", &["only a duration can be varied"]);
    refused(
        "policy.poll.completed --keep no-event-los",
        &["--keep no-event-los: no invariant", "no-event-lost"],
    );
    refused("policy.poll.completed policy.poll.completed --keep no-event-lost", &["is named twice"]);
    refused(
        "policy.poll.completed=1s..2s:999 policy.poll.running=1s..2s:999 policy.poll.pending --keep in-order",
        &["rows"],
    );
}

#[test]
fn a_delay_is_told_with_runs_that_take_as_long() {
    let folder = Folder::of("asked-delay");
    let asked = "delay audio-as-documented --from voiceover.commit --to voiceover.publish#2";
    folder.run(asked).exits(0).shows(&["1ms to 205ms", "least: 1ms", "greatest: 205ms"]);
    let ran = folder.run(&format!("{asked} --format json")).exits(0);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    let found = &answer["stretches"][0];
    assert_eq!((&found["least_us"], &found["greatest_us"]), (&1_000.into(), &205_000.into()));
    assert_eq!(found["attained"], serde_json::json!([true, true]));
    folder.run(&format!("{asked} --run greatest --format json")).exits(0).shows(&["punctual.trace/1"]);
}

#[test]
fn a_fact_that_is_none_or_never_happens_is_named() {
    let folder = Folder::of("asked-facts");
    let delay = |from: &str, to: &str, says: &[&str]| {
        let mut command = folder.command("delay audio-as-documented");
        let out = command.args(["--from", from, "--to", to]).output().expect("it starts");
        common::Ran::from(out).exits(2).says(says);
    };
    delay("publishd tts_completed", "finished panel", &["--from", "did you mean `published`?"]);
    delay("published tts_completed", "finished pannel", &["--to", "did you mean `panel`?"]);
    delay("missed panel", "finished panel", &["missed panel never happens"]);
    delay("finished panel", "voiceover.queue", &["never happens after finished panel"]);
}

#[test]
fn what_meets_a_limit_is_unknown_and_exits_3() {
    let folder = Folder::of("asked-limit");
    folder.run("delay blog-as-coded --states 50").exits(3).shows(&["unknown: exploring stopped at"]);
    let threshold = format!("{THRESHOLD} policy.poll.completed --keep no-event-lost --states 5");
    folder.run(&threshold).exits(3).shows(&["not known"]);
}

#[test]
fn scenarios_side_by_side_are_told_to_programs_too() {
    let folder = Folder::of("asked-compare");
    let ran = folder.run("compare blog-as-coded closed-before-drained --runs 50 --format json").exits(0);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!(answer["schema"], "punctual.comparison/1");
    let cases = answer["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), 2);
    let told = folder.run("compare blog-as-coded closed-before-drained --runs 50").exits(0).stdout;
    for case in cases {
        let name = case["scenario"].as_str().expect("a name");
        assert!(told.contains(name), "{name}");
        assert_eq!(told.contains("woken"), cases.iter().any(|case| case["woken"] == true));
        assert!(!case["checks"].as_array().expect("a list").is_empty());
    }
}

#[test]
fn a_folder_within_a_folder_is_not_passed_over_silently() {
    let folder = Folder::of("asked-folder");
    folder.write("all/first.toml", common::embedded("blog-as-coded"));
    folder.write("all/more/second.toml", common::embedded("blog-as-coded"));
    folder.write("all/notes/readme.md", "nothing");
    let ran = folder.run("check all --runs 10").exits(0);
    let ran = ran.says(&["not looked into: all/more; name it beside all"]);
    assert!(!ran.stderr.contains("notes"), "{}", ran.stderr);
    folder.run("check all all/more --runs 10").exits(0).shows(&["2 scenarios"]);
    folder.run("help check").exits(0).shows(&["Usage: punctual check"]);
}
