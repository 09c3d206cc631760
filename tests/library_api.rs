//! Scenarios as tests of a Rust team's own, used as such a team would.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{Folder, embedded, first, replaced};
use punctual::{Checked, Scenario};
use punctual_reports::document::Document;
use punctual_reports::kind::measures::measures;

fn checked() -> Checked {
    let folder = Folder::of("library-api");
    let expects_less = replaced(&first(), "delivered-within = \"holds\"", "delivered-within = \"any\"");
    folder.write("first.toml", expects_less);
    let scenario = Scenario::from_path(folder.path.join("first.toml")).expect("it is sound");
    scenario.runs(400).check().expect("it can be judged")
}

/// What a failing expectation says.
fn complaint<T>(expectation: impl FnOnce() -> T) -> String {
    let payload = catch_unwind(AssertUnwindSafe(expectation)).err().expect("it must not pass");
    payload.downcast_ref::<String>().expect("it says something").clone()
}

#[test]
fn what_holds_passes_and_questions_can_be_chained() {
    let checked = checked();
    checked.expect_holds("no-event-lost").expect_violated("delivered-within").expect_as_expected();
    checked.of("publish-first").expect_holds("no-event-lost");
}

#[test]
fn what_breaks_fails_with_the_report() {
    let checked = checked();
    let said = complaint(|| checked.expect_holds("delivered-within"));
    assert!(said.contains("delivered-within of first"), "{said}");
    assert!(said.lines().count() > 10 && !said.contains('\x1b'), "{said}");
    let said = complaint(|| checked.expect_violated("no-event-lost"));
    assert!(said.contains("no-event-lost"), "{said}");
}

#[test]
fn what_breaks_fails_with_its_own_picture_and_no_other() {
    // What breaks as the file says is what a report shows first; it is not asked for.
    let text =
        replaced(&first(), "no-event-lost = \"holds\"", "no-event-lost = \"holds\"\nstream-ends = \"any\"");
    let text = replaced(&text, "delivered-within = \"holds\"", "delivered-within = \"any\"");
    let text = replaced(&text, "[limits]\n", "[limits]\nstream-ends = \"1us\"\n");
    let checked = Scenario::from_text("two", &text).expect("it is sound").runs(200).check().expect("judged");
    for (asked, other) in [("stream-ends", "delivered-within"), ("delivered-within", "stream-ends")] {
        let said = complaint(|| checked.expect_holds(asked));
        assert!(said.contains(&format!("{asked} in first: broken")), "{said}");
        assert!(!said.contains(other) && !said.contains("PASS"), "{said}");
        assert_eq!(said.matches("seconds ").count(), 1, "{said}");
    }
}

#[test]
fn a_question_that_nothing_was_found_out_about_fails() {
    let checked = checked();
    let said = complaint(|| checked.expect_holds("no-event-lots"));
    assert!(said.contains("no-event-lots") && said.contains("client-ends"), "{said}");
    assert!(complaint(|| checked.of("publish-last")).contains("publish-last"));
}

#[test]
fn what_is_not_as_the_file_says_is_not_as_expected() {
    let text = replaced(&first(), "delivered-within = \"violated\"", "delivered-within = \"holds\"");
    let checked =
        Scenario::from_text("flipped", &text).expect("it is sound").runs(200).check().expect("judged");
    assert!(!checked.as_expected());
    complaint(|| checked.expect_as_expected());
}

#[test]
fn a_file_that_is_no_scenario_is_an_error_with_its_name() {
    let folder = Folder::of("library-api-errors");
    folder.write("empty.toml", "");
    for file in ["empty.toml", "missing.toml"] {
        let error = Scenario::from_path(folder.path.join(file)).expect_err("it is no scenario");
        assert!(error.to_string().contains(file), "{error}");
    }
}

#[test]
fn it_finds_out_what_the_command_finds_out() {
    let scenario = Scenario::from_text("blog-as-coded", embedded("blog-as-coded")).expect("it is sound");
    let checked = scenario.runs(120).seed(9).check().expect("it can be judged");
    let words = "check blog-as-coded --runs 120 --seed 9 --format json --no-fail";
    let printed = Folder::of("library-api-command").run(words).exits(0).stdout;
    let printed: Document = serde_json::from_str(&printed).expect("a result");
    assert_eq!(checked.document().made_with, printed.made_with);
    // A report explains more runs; what was found out is the same.
    assert_eq!(measures(checked.document()), measures(&printed));
}
