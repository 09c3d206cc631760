//! The library and the scaffold are sound, agree with the schema, and say what they claim to say.

use punctual_model::{Action, Ids, StepTime};
use punctual_scenarios::{Outcome, Scenario, library, scaffold, schema};

fn parsed(name: &str) -> Scenario {
    let (_, text) = library().into_iter().find(|(known, _)| *known == name).expect("in the library");
    Scenario::parse(name, text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The names of a task's steps, in order.
fn steps(scenario: &Scenario, variant: Option<&str>, task: &str) -> Vec<String> {
    let case = scenario.case(variant).expect("a listed case");
    let task = case.system.tasks.iter().find(|t| t.name == task).expect("a task");
    task.steps.iter().map(|step| step.name.clone()).collect()
}

#[test]
fn every_scenario_compiles_under_its_own_name() {
    for (name, _) in library() {
        let scenario = parsed(name);
        assert_eq!(scenario.name, name);
        assert_eq!(scenario.cases[0].variant, None);
    }
}

#[test]
fn every_scenario_and_the_scaffold_satisfy_the_schema() {
    let schema: serde_json::Value = serde_json::from_str(&schema()).expect("the schema is JSON");
    // As strict as the strictest validator: a format that it does not know is an error.
    let strict =
        jsonschema::draft7::options().should_validate_formats(true).should_ignore_unknown_formats(false);
    let validator = strict.build(&schema).expect("the schema is a schema");
    let first = scaffold()[0].text.clone();
    for (name, text) in library().into_iter().chain([("first", first.as_str())]) {
        let value: serde_json::Value = toml::from_str(text).expect("the file is TOML");
        let wrong: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
    }
    let unknown = serde_json::json!({ "scenario": "x", "abuot": "y" });
    assert!(!validator.is_valid(&unknown), "the schema must refuse an unknown key");
}

#[test]
fn the_committed_schema_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenario.schema.json");
    if std::env::var_os("PUNCTUAL_BLESS").is_some() {
        std::fs::write(path, schema()).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(path).expect("the schema is committed");
    assert!(committed == schema(), "run the tests with PUNCTUAL_BLESS=1 to write the schema again");
}

#[test]
fn the_scaffold_is_a_sound_first_scenario() {
    let files = scaffold();
    let first =
        Scenario::parse(&files[0].path, &files[0].text).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(first.name, "first");
    assert_eq!(first.cases.len(), 3);
    assert_eq!(files[1].text, schema());
}

#[test]
fn the_third_fix_publishes_before_it_commits() {
    let scenario = parsed("audio-reference");
    assert_eq!(
        steps(&scenario, None, "voiceover"),
        ["queue", "start", "synthesize", "save", "commit", "publish", "publish#2", "complete"]
    );
    assert_eq!(
        steps(&scenario, Some("fix-3"), "voiceover"),
        ["queue", "start", "synthesize", "save", "publish", "publish#2", "commit", "complete"]
    );
    let base = &scenario.case(None).expect("a base").system;
    let fixed = &scenario.case(Some("fix-3")).expect("a variant").system;
    assert_eq!(base.tasks[0].steps[4], fixed.tasks[0].steps[6], "a step that moves stays the same");
}

#[test]
fn the_second_fix_notifies_after_each_publish_and_waits_with_a_back_stop() {
    let scenario = parsed("audio-as-documented");
    let all = ["publish", "notify", "publish#2", "notify#2"];
    assert_eq!(steps(&scenario, Some("fix-2"), "voiceover")[6..10], all);
    assert_eq!(
        steps(&scenario, Some("fix-2+fix-3"), "voiceover")[5..10],
        ["publish", "notify", "publish#2", "commit", "notify#2"]
    );
    let system = &scenario.case(Some("fix-2")).expect("a variant").system;
    let wait = system.tasks[1].steps.last().expect("a loop");
    assert_eq!(wait.name, "poll");
    assert!(matches!(wait.action, Action::Wait { at_most: Some(_), .. }));
}

#[test]
fn the_fourth_fix_overrides_the_first() {
    let scenario = parsed("audio-as-documented");
    let both = &scenario.case(Some("fix-1+fix-4")).expect("a combination").system;
    assert_eq!(both, &scenario.case(Some("fix-4")).expect("a variant").system);
}

#[test]
fn ids_from_a_counter_need_no_ids_in_the_file() {
    let scenario = parsed("audio-as-documented");
    let system = &scenario.case(Some("counter-ids")).expect("a variant").system;
    assert_eq!(system.stores[0].ids, Ids::Counter);
    assert!(system.tasks[0].steps.iter().all(|s| !matches!(s.action, Action::Publish { id: Some(_), .. })));
}

#[test]
fn a_repeat_goes_back_to_its_first_step() {
    let scenario = parsed("audio-as-coded-existing");
    let task = &scenario.case(None).expect("a base").system.tasks[0];
    assert_eq!(task.steps[0].name, "synthesize");
    assert_eq!(task.steps[2].name, "speech");
    assert_eq!(task.steps[2].action, Action::Repeat { to: 0, times: 5 });
    let StepTime::Blocks(log) = &task.steps[7].time else { panic!("the log lines block") };
    assert_eq!((log.name().text(), log.interval().to_string().as_str()), ("voiceover.log-lines", "63us"));
}

#[test]
fn interleavings_point_at_steps_and_at_their_place_in_the_file() {
    let scenario = parsed("blog-as-coded");
    let case = scenario.case(Some("closes-early")).expect("a variant");
    let claim = &case.interleavings[0];
    assert_eq!(claim.order[1].occurrence, Some(12));
    assert_eq!(case.system.step_name(claim.order[0].task, claim.order[0].step), "stream.send#2");
    assert!(matches!(claim.outcome, Outcome::Possible { ref keeps, .. } if keeps.is_empty()));
    let line = scenario.text().lines().nth(claim.place.line - 1).expect("a line");
    assert!(line.contains("closed-before-drained"));
}

#[test]
fn a_combination_that_is_not_listed_is_compiled_on_demand() {
    let scenario = parsed("audio-reference");
    let case = scenario.combine("fix-1+rows-first").expect("these go together");
    assert_eq!(case.variant.as_deref(), Some("fix-1+rows-first"));
    assert!(case.checks.iter().all(|check| check.expected.is_none()));
    let refused = |names: &str| scenario.combine(names).expect_err("refused").list[0].code;
    assert_eq!(refused("fix-1+fix-9"), "P0309");
    assert_eq!(refused("rows-first+fix-1"), "P0505");
}

#[test]
fn a_digest_depends_on_the_text_and_the_variant_but_not_on_line_ends() {
    let (name, text) = library()[0];
    let unix = Scenario::parse(name, text).expect("sound");
    let dos =
        Scenario::parse(name, &text.replace('\n', "\r\n")).unwrap_or_else(|problems| panic!("{problems}"));
    let digests = |s: &Scenario| s.cases.iter().map(|case| case.digest.clone()).collect::<Vec<_>>();
    assert_eq!(digests(&unix), digests(&dos));
    let mut all = digests(&unix);
    all.dedup();
    assert_eq!(all.len(), unix.cases.len());
}
