//! What there is: scenarios listed, shown and begun with, and the manual pages.

mod common;

use common::{Folder, embedded, first};
use punctual_model::Rule;
use punctual_scenarios::{Scenario, library};
use serde_json::Value;

fn entries(printed: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(printed).expect("a document");
    assert_eq!(document["schema"], "punctual.list/1");
    document["scenarios"].as_array().expect("a list").clone()
}

#[test]
fn every_embedded_scenario_is_listed_with_all_its_cases() {
    let folder = Folder::of("listing-all");
    let listed = entries(&folder.run("list --library --format json").exits(0).stdout);
    let told = folder.run("list --library").exits(0).stdout;
    assert_eq!(listed.len(), library().len());
    for (entry, (name, text)) in listed.iter().zip(library()) {
        let scenario = Scenario::parse(name, text).expect("it is sound");
        assert_eq!((entry["scenario"].as_str(), &entry["place"]), (Some(name), &Value::Null));
        let cases: Vec<&Value> = entry["cases"].as_array().expect("a list").iter().collect();
        let variants: Vec<Option<&str>> = cases.iter().map(|case| case["variant"].as_str()).collect();
        let known: Vec<Option<&str>> = scenario.cases.iter().map(|case| case.variant.as_deref()).collect();
        assert_eq!(variants, known, "{name}");
        assert!(told.lines().any(|line| line == name), "{name}: {told}");
    }
}

#[test]
fn each_is_told_in_a_few_lines_that_fit_the_terminal() {
    let folder = Folder::of("listing-lines");
    folder.write("mine.toml", first());
    let head = "first  mine.toml\n    A job renders something and publishes that it is done\n";
    let told = folder.run("list mine.toml").exits(0).stdout;
    assert_eq!(told, format!("{head}    3 cases: base, poll-faster, publish-first\n"));
    let cases = "    base           breaks delivered-within\n    poll-faster    breaks nothing\n    \
                 publish-first  breaks nothing\n";
    assert_eq!(folder.run("list mine.toml -v").exits(0).stdout, format!("{head}{cases}"));
    let mut command = folder.command("list --library --ascii");
    let narrow = common::Ran::from(command.env("COLUMNS", "60").output().expect("it starts")).exits(0).stdout;
    assert!(narrow.is_ascii() && narrow.lines().all(|line| line.len() <= 60), "{narrow}");
}

#[test]
fn filters_keep_the_cases_of_which_all_of_them_are_true() {
    let folder = Folder::of("listing-filters");
    folder.write("mine.toml", first());
    let variants = |words: &str| {
        let listed = entries(&folder.run(&format!("list mine.toml {words} --format json")).exits(0).stdout);
        let cases = listed[0]["cases"].as_array().expect("a list").clone();
        cases.iter().map(|case| case["variant"].as_str().unwrap_or("base").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(variants("--violated delivered-within"), ["base"]);
    assert_eq!(variants("--holds delivered-within"), ["poll-faster", "publish-first"]);
    assert_eq!(variants("--holds delivered-within --text SLEEP --text changes"), ["publish-first"]);
    assert_eq!(variants("--text renders"), ["base", "poll-faster", "publish-first"]);
    assert_eq!(variants("--checks client-ends --violated delivered-within"), ["base"]);
    folder.run("list mine.toml --violated client-ends").exits(4).says(&["nothing selected"]);
    folder.run("list mine.toml --checks in-order").exits(4).says(&["nothing selected"]);
    // A scenario without such a case is not listed.
    let lossy = entries(&folder.run("list --library --violated no-event-lost --format json").exits(0).stdout);
    let names: Vec<&str> = lossy.iter().filter_map(|entry| entry["scenario"].as_str()).collect();
    assert!(names.contains(&"audio-reference") && names.len() < library().len(), "{names:?}");
}

#[test]
fn a_filter_that_names_no_invariant_is_answered_with_the_nearest() {
    let folder = Folder::of("listing-unknown");
    for option in ["--checks", "--violated", "--holds"] {
        let ran = folder.run(&format!("list {option} no-event-lots")).exits(2);
        ran.says(&[option, "did you mean no-event-lost?"]);
        folder.run(&format!("list {option} xyz")).exits(2).says(&Rule::NAMES);
    }
    folder.run("list audio-refrence").exits(2).says(&["did you mean", "audio-reference"]);
    folder.run("show audio-refrence").exits(2).says(&["did you mean", "audio-reference"]);
    folder.run("init --from audio-refrence").exits(2).says(&["did you mean", "audio-reference"]);
    folder.run("man chekc").exits(2).says(&["no verb is called chekc", "did you mean check?"]);
    assert!(folder.list("").is_empty(), "nothing was written");
}

#[test]
fn lines_are_the_document_line_by_line() {
    let folder = Folder::of("listing-lines-json");
    let whole: Value =
        serde_json::from_str(&folder.run("list --library --format json").exits(0).stdout).expect("JSON");
    let lines = folder.run("list --library --format jsonl").exits(0).stdout;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[0], serde_json::json!({ "schema": "punctual.list/1" }));
    assert_eq!(Value::Array(lines[1..].to_vec()), whole["scenarios"]);
}

#[test]
fn a_scenario_is_shown_to_the_byte() {
    let folder = Folder::of("listing-show");
    for (name, text) in library() {
        assert_eq!(folder.run(&format!("show {name}")).exits(0).stdout, text);
    }
    let windows = first().replace('\n', "\r\n");
    folder.write("scenarios/windows.toml", &windows);
    assert_eq!(folder.run("show scenarios/windows.toml").exits(0).stdout, windows);
    folder.write("broken.toml", "scenario = 1");
    let ran = folder.run("show broken.toml").exits(2).says(&["broken.toml:1:"]);
    assert!(ran.stdout.is_empty());
    folder.run("show").exits(2);
    folder.run("show empty.toml").exits(2).says(&["cannot read empty.toml"]);
}

#[test]
fn every_embedded_scenario_can_be_begun_with() {
    let folder = Folder::of("listing-from");
    for (name, text) in library() {
        let ran = folder.run(&format!("init --from {name}")).exits(0);
        assert!(ran.stdout.contains(&format!("punctual check ./scenarios/{name}.toml")), "{}", ran.stdout);
        let copy = folder.read(&format!("scenarios/{name}.toml"));
        // It is the same but for the line that says where the schema is, which is beside it.
        assert_eq!(copy.lines().next(), Some("#:schema ./punctual.schema.json"));
        assert_eq!(copy.split_once('\n').map(|parts| parts.1), text.split_once('\n').map(|parts| parts.1));
    }
    let listed = entries(&folder.run("list --format json").exits(0).stdout);
    assert_eq!(listed.len(), library().len());
    assert!(listed.iter().all(|entry| entry["place"].is_string()));
}

#[test]
fn begun_with_it_is_judged_as_it_was() {
    let folder = Folder::of("listing-from-same");
    folder.run("init --from audio-reference").exits(0);
    folder.run("check --runs 200").exits(0).shows(&["all as expected"]);
}

#[test]
fn what_is_there_is_never_overwritten_and_the_schema_may_be_there() {
    let folder = Folder::of("listing-from-there");
    folder.run("init").exits(0);
    let second = folder.run("init --from blog-as-coded").exits(0).stdout;
    assert!(!second.contains("punctual.schema.json"), "{second}");
    folder.run("init --from blog-as-coded").exits(2).says(&["blog-as-coded.toml", "nothing was written"]);
    folder.write("scenarios/punctual.schema.json", "{}");
    folder.run("init --from audio-reference").exits(2).says(&["punctual.schema.json", "nothing was written"]);
    let files = ["blog-as-coded.toml", "first.toml", "punctual.schema.json"];
    assert_eq!(folder.list("scenarios"), files);
    folder.run("init --from audio-reference elsewhere").exits(0);
    assert_eq!(folder.list("elsewhere/scenarios"), ["audio-reference.toml", "punctual.schema.json"]);
    folder.run("init --from ./x.toml").exits(2).says(&["no embedded scenario is called so"]);
    assert!(embedded("audio-reference").starts_with("#:schema ../scenario.schema.json\n"));
}

// The manual pages.

/// The verbs, as the help lists them.
fn verbs(folder: &Folder) -> Vec<String> {
    let help = folder.run("--help").exits(0).stdout;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    // What is said of a verb may take a second line, which begins further in.
    let verbs =
        listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    verbs.filter(|verb| *verb != "help").map(str::to_owned).collect()
}

#[test]
fn there_is_a_page_for_each_verb() {
    let folder = Folder::of("listing-man");
    let ran = folder.run("man --out pages").exits(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let pages = folder.list("pages");
    let verbs = verbs(&folder);
    assert!(verbs.len() > 20, "{verbs:?}");
    for verb in &verbs {
        let page = folder.read(&format!("pages/punctual-{verb}.1"));
        let head = format!(".TH punctual-{verb} 1 \"\" \"punctual {}\"", env!("CARGO_PKG_VERSION"));
        assert!(page.contains(&head), "{page}");
        assert_eq!(folder.run(&format!("man {verb}")).exits(0).stdout, page);
    }
    assert!(pages.contains(&"punctual-policy-verify.1".to_owned()), "{pages:?}");
    let whole = folder.read("pages/punctual.1");
    assert_eq!(folder.run("man").exits(0).stdout, whole);
    assert!(verbs.iter().all(|verb| whole.contains(&format!("punctual\\-{verb}(1)"))), "{whole}");
    // They can be written again.
    folder.run("man --out pages").exits(0);
    assert_eq!(folder.list("pages"), pages);
}

#[test]
fn a_page_tells_options_exit_codes_and_nothing_of_who_wrote_it() {
    let folder = Folder::of("listing-man-check");
    let page = folder.run("man check").exits(0).stdout;
    for told in ["\\-\\-watch", "\\-\\-library", "PUNCTUAL_RUNS", "Exits 0 if every verdict"] {
        assert!(page.contains(told), "{told} is not in\n{page}");
    }
    let mut command = folder.command("man check");
    command.env("PUNCTUAL_RUNS", "77").env("PUNCTUAL_SEED", "0x77").env("COLUMNS", "40");
    assert_eq!(common::Ran::from(command.output().expect("it starts")).exits(0).stdout, page);
}

#[test]
fn pages_that_cannot_be_written_are_refused() {
    let folder = Folder::of("listing-man-wrong");
    folder.write("file", "in the way");
    folder.run("man --out file").exits(2).says(&["file"]);
    folder.run("man --out missing/pages").exits(2).says(&["there is no folder missing"]);
    folder.run("man check --out pages").exits(2).says(&["cannot be used with"]);
    assert_eq!(folder.list(""), ["file"]);
}

#[test]
fn a_reader_that_has_left_is_no_error() {
    let folder = Folder::of("listing-pipe");
    let verbs =
        ["list --library", "list --library --format jsonl", "show audio-reference", "man", "schema log"];
    for words in verbs {
        let ran = folder.unread(words).exits(0);
        assert!(!ran.stderr.contains("error"), "{words}: {}", ran.stderr);
    }
}

#[test]
fn completions_know_the_new_verbs() {
    let folder = Folder::of("listing-completions");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let known = ["list", "show", "man", "watch", "library", "violated", "from", "log"];
        folder.run(&format!("completions {shell}")).exits(0).shows(&known);
    }
}
