//! Reports as files: what is written, what is read back, what is refused, and what changed.

mod common;

use common::{Folder, Ran, embedded, first_base, replaced};

/// A scenario of which one expectation is wrong.
fn failing() -> String {
    replaced(embedded("audio-reference"), "no-event-lost = \"violated\"", "no-event-lost = \"holds\"")
}

#[test]
fn a_result_that_is_saved_is_rendered_again_to_the_same_bytes() {
    let folder = Folder::of("reports-again");
    folder.write("s.toml", failing());
    folder.write("out/there", "");
    let kinds = ["html", "md", "junit", "csv", "perfetto", "json"];
    let written = |prefix: &str| -> String {
        kinds.map(|kind| format!("--report {kind}=out/{prefix}.{kind}")).join(" ")
    };
    let words = format!("check s.toml --variant base --runs 300 {}", written("first"));
    folder.run(&words).exits(1).shows(&["Report out/first.html", "Report out/first.json"]);
    folder.run(&format!("report out/first.json {}", written("second"))).exits(0);
    for kind in kinds {
        let [first, second] = ["first", "second"].map(|name| folder.read(&format!("out/{name}.{kind}")));
        assert!(first == second, "{kind} differs");
    }
    let html = folder.read("out/first.html");
    assert!(html.contains("✗ ") && html.contains("punctual replay .punctual/failures/"), "{html}");
    assert!(folder.read("out/first.junit").contains("failures=\"1\""));
    // The same of a second run, whatever the number of threads.
    folder.run(&format!("check s.toml --variant base --runs 300 --jobs 1 {}", written("third"))).exits(1);
    assert!(folder.read("out/third.html") == html);
    let printed = folder.run("check s.toml --variant base --runs 300 --format json").stdout;
    assert!(printed == folder.read("out/first.json"), "what is printed is what is written");
    let told = folder.run("check s.toml --variant base --runs 300").stdout;
    assert!(folder.run("report out/first.json").exits(0).stdout.contains("P1001 no-event-lost"), "{told}");
}

#[test]
fn what_cannot_be_a_report_is_refused() {
    let folder = Folder::of("reports-refused");
    let check = "check audio-reference --variant base --runs 10";
    folder
        .run(&format!("{check} --report pdf=x"))
        .exits(2)
        .says(&["no report of this is called \"pdf\"", "html"]);
    folder.run(&format!("{check} --report html")).exits(2).says(&["expected KIND=PATH"]);
    folder.run(&format!("{check} --report html=")).exits(2).says(&["expected a path"]);
    folder.run(&format!("{check} --report html=a --report md=a")).exits(2).says(&["two reports for a"]);
    folder.run(&format!("{check} --report md=- --format json")).exits(2).says(&["standard output"]);
    folder.write("file", "");
    folder
        .run(&format!("{check} --report html=file/x.html"))
        .exits(2)
        .says(&["file is a file, and no folder"]);
    assert_eq!(folder.list("."), ["file"], "nothing is left behind");
    let printed = |words: &str| folder.run(words).exits(0).stdout;
    let markdown = printed(&format!("{check} --report md=-"));
    assert!(
        markdown.starts_with("# punctual: audio-reference") && !markdown.contains("Checking"),
        "{markdown}"
    );
    let matrix = "matrix audio-as-coded-existing fix-2 --runs 10";
    assert!(
        printed(&format!("{matrix} --report md=-")).starts_with("# Fix matrix"),
        "nothing else is printed"
    );
    folder
        .run(&format!("{matrix} --report md=- --report html=-"))
        .exits(2)
        .says(&["two reports for standard"]);
    folder
        .run(&format!("{matrix} --report csv=x"))
        .exits(2)
        .says(&["no report of this is called \"csv\": expected html, md, json or jsonl"]);
    let mut command = folder.command(check);
    let spaced = command.args(["--report", "md=a name with spaces.md"]).output().expect("it starts");
    Ran::from(spaced).exits(0);
    assert!(folder.read("a name with spaces.md").starts_with("# punctual"));
}

#[test]
fn what_is_no_result_is_refused() {
    let folder = Folder::of("reports-no-result");
    folder.write("broken.json", "{\"schema\": \"punctual.check/1\", ");
    folder.write("other.json", "{\"schema\": \"punctual.delay/1\"}");
    folder
        .write("empty.json", "{\"schema\": \"punctual.check/1\", \"as_expected\": true, \"scenarios\": []}");
    folder.run("report missing.json").exits(2).says(&["missing.json: cannot be read"]);
    folder.run("report broken.json").exits(2).says(&["broken.json: not a result of punctual check"]);
    folder.run("report other.json").exits(2).says(&["\"punctual.delay/1\"; expected \"punctual.check/1\""]);
    folder.run("report empty.json").exits(0).shows(&["nothing checked"]);
    folder.run("diff empty.json").exits(4).says(&["nothing was checked in it"]);
    folder.run("check audio-reference --baseline missing.json").exits(2).says(&["cannot be read"]);
}

#[test]
fn a_difference_exits_1_only_if_something_got_worse() {
    let folder = Folder::of("reports-diff");
    folder.write("s.toml", embedded("audio-reference"));
    let runs = "--variant base --runs 1000";
    folder.run(&format!("check s.toml {runs} --report json=base.json")).exits(0);
    folder.run(&format!("diff base.json s.toml {runs}")).exits(0).shows(&["nothing changed"]);
    // Looked at more often, more is lost; looked at less often, less is.
    let faster = replaced(embedded("audio-reference"), "\"300ms below 30s", "\"100ms below 30s");
    folder.write("s.toml", &faster);
    let worse =
        folder.run(&format!("diff base.json s.toml {runs} --report html=d.html --report md=d.md")).exits(1);
    worse.shows(&["more frequent", "no-event-lost", "another scenario", "for the worse"]);
    assert!(folder.read("d.html").contains("more frequent") && folder.read("d.md").contains("more frequent"));
    folder
        .run(&format!(
            "check s.toml {runs} --no-fail --report json=now.json --baseline base.json --report md=now.md"
        ))
        .exits(0);
    assert!(folder.read("now.md").contains("## What changed"));
    let back = folder.run("diff now.json --with base.json").exits(0);
    back.shows(&["rarer", "none for the worse"]);
    let json = folder.run("diff base.json --with now.json --format json").exits(1).stdout;
    assert!(json.starts_with("{\n  \"schema\": \"punctual.diff/1\","), "{json}");
    assert!(json.contains("\"kind\": \"more-frequent\""), "{json}");
    folder.run(&format!("diff base.json blog-as-coded {runs}")).exits(4).says(&["nothing to compare"]);
}

#[test]
fn on_github_what_is_not_so_is_annotated_and_the_step_has_a_summary() {
    let folder = Folder::of("reports-github");
    folder.write("scenarios/s.toml", failing());
    let run = |words: &str| -> Ran {
        let mut command = folder.command(words);
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", folder.path.join("summary.md"));
        Ran::from(command.output().expect("it starts"))
    };
    let words = "check scenarios/s.toml --variant base --runs 100";
    let line = failing().lines().position(|line| line.starts_with("no-event-lost")).unwrap() + 1;
    let place = format!("::error file=scenarios/s.toml,line={line},col=");
    run(words).exits(1).says(&[&place, "no-event-lost in audio-reference::broken, and must hold"]);
    assert!(folder.read("summary.md").starts_with("# punctual: audio-reference"));
    let silent = run(&format!("{words} --annotations none")).exits(1);
    assert!(!silent.stderr.contains("::error"), "{}", silent.stderr);
    // To render a result again is no step of its own.
    let summary = folder.read("summary.md");
    run(&format!("{words} --no-fail --annotations none --report json=r.json")).exits(0);
    run("report r.json").exits(0);
    assert!(folder.read("summary.md") == summary);
    // Elsewhere nothing of the kind is said.
    let elsewhere = folder.run(words).exits(1);
    assert!(!elsewhere.stderr.contains("::error"), "{}", elsewhere.stderr);
}

#[test]
fn a_matrix_says_what_every_combination_does() {
    let folder = Folder::of("reports-matrix");
    let words = "matrix audio-reference --runs 400 --report html=m.html --report md=m.md";
    let text = folder.run(words).exits(1).stdout;
    for part in [
        "none of 17 rows passes every check",
        "fix-1+fix-2+fix-3+fix-4",
        "rows-first",
        "Recommended in this order: fix-1, fix-3, fix-2, fix-4",
        "fix-4 makes worse: no-event-lost",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    folder.write("own.toml", embedded("audio-reference"));
    let own = folder.run("matrix own.toml fix-1 --runs 50").exits(1);
    own.shows(&["punctual matrix own.toml"]);
    folder.run("check audio-as-documented --runs 200 --report md=c.md").exits(0);
    for part in ["What each fix contributes", "Recommended in this order", "How late, and at what cost"] {
        assert!(folder.read("c.md").contains(part), "the report of a check has the matrix of its fixes");
    }
    assert!(folder.read("m.html").contains("Fix matrix") && folder.read("m.md").contains("## What breaks"));
    let json: serde_json::Value = serde_json::from_str(
        &folder.run("matrix audio-reference fix-3 --runs 200 --format json").exits(1).stdout,
    )
    .expect("it is JSON");
    assert_eq!(
        (json["fixes"].as_array().unwrap().len(), json["schema"].as_str()),
        (1, Some("punctual.matrix/1"))
    );
    let near = folder.run("matrix audio-reference fix-33").exits(2);
    near.says(&["has no variant fix-33; did you mean fix-3?"]);
    folder.write("none.toml", first_base());
    folder.run("matrix none.toml").exits(4).says(&["no variants"]);
}

#[test]
fn a_row_that_passes_everything_is_the_answer() {
    let folder = Folder::of("reports-matrix-ship");
    let text = folder.run("matrix audio-as-coded-existing fix-2 --runs 300").exits(0).stdout;
    assert!(text.contains("★ ship") && text.contains("cheapest"), "{text}");
}

#[test]
fn a_comparison_computes_its_cells() {
    let folder = Folder::of("reports-compare");
    let text = folder.run("compare blog-as-coded audio-as-documented --runs 300").exits(0).stdout;
    for part in ["blog-as-coded", "audio-as-documented", "by polling", "never, proved", "300 ms to 2 s"] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn a_whole_run_is_written_as_a_trace() {
    let folder = Folder::of("reports-perfetto");
    folder.run("run audio-reference --perfetto run.json").exits(0);
    folder.run("replay audio-reference no-event-lost --perfetto replay.json").exits(0);
    for name in ["run.json", "replay.json"] {
        let trace: serde_json::Value = serde_json::from_str(&folder.read(name)).expect("it is JSON");
        let events = trace["traceEvents"].as_array().expect("a list of events");
        let of = |ph: &str| events.iter().filter(|event| event["ph"] == ph).count();
        assert!(of("X") > 50 && of("i") > 20 && of("M") > 5, "{name}");
        assert_eq!(of("s"), of("f"), "{name}: each flow has two ends");
    }
}

#[test]
fn files_with_one_scenario_name_are_told_apart() {
    let folder = Folder::of("reports-names");
    folder.write("old/export.toml", first_base());
    folder.write("new/export.toml", first_base());
    let ran = folder.run("check old/export.toml new/export.toml --runs 50 --report junit=it.xml").exits(0);
    ran.shows(&["first (old/export.toml)", "first (new/export.toml)"]);
    let junit = folder.read("it.xml");
    for name in ["first (old/export.toml)", "first (new/export.toml)"] {
        assert!(junit.contains(&format!("testsuite name=\"{name}\"")), "{junit}");
    }
    folder.run("check old/export.toml --runs 50").exits(0).shows(&["PASS first\n"]);
}
