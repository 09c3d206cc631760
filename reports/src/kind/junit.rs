//! A result as the XML of `JUnit`: a suite for each scenario, a test for each verdict of each case.
//!
//! What is not as expected is a failure, with its picture as the output of the test. There is no time
//! and no host in it, so that the same result is the same file.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::document::{Check, Document, Scenario, Verdict};
use crate::said::{self, AS_WRITTEN};
use crate::style::Style;
use crate::{terminal, text};

/// Longest name, in columns.
const NAME: usize = 200;

/// The result as XML.
pub fn render(document: &Document) -> String {
    let mut report = Report::new("punctual");
    for group in document.groups() {
        let mut suite = TestSuite::new(clean(group.name()));
        for case in group.cases {
            let variant = case.variant.as_deref().unwrap_or(AS_WRITTEN);
            let name = |about: &str| clean(&format!("{variant}: {about}"));
            for check in &case.checks {
                suite.add_test_case(of_check(case, check, &name(&check.invariant)));
            }
            for order in &case.interleavings {
                let failed = (!order.as_expected).then(|| said::interleaving(order));
                let mut test = test(&name(&order.interleaving), failed, "interleaving");
                if let Some(found) = &order.against {
                    test.set_system_out(output(Some(&found.why), Some(&found.race), Some(&found.replay)));
                }
                suite.add_test_case(test);
            }
            if let Some(said) = said::idle(case, false) {
                suite.add_test_case(test(&name("never-taken"), Some(said), "never-taken"));
            }
            if let Some(expected) = case.states.expected {
                let found = case.states.found.map_or("unknown".to_owned(), text::grouped);
                let said = format!("{found} states, and {} are expected", text::grouped(expected));
                suite.add_test_case(test(
                    &name("states"),
                    (!case.states.as_expected).then_some(said),
                    "states",
                ));
            }
        }
        report.add_test_suite(suite);
    }
    // Writing into memory cannot fail.
    report.to_string().unwrap_or_default()
}

fn of_check(case: &Scenario, check: &Check, name: &str) -> TestCase {
    let failed = (!check.as_expected).then(|| {
        let mut said = vec![said::verdict(check).to_owned()];
        said.extend(check.observed.as_ref().map(|observed| format!("observed: {observed}")));
        said.push(format!("wanted: {}", check.wanted));
        said.extend(check.margin.as_ref().map(|margin| format!("margin: {margin}")));
        said.join("; ")
    });
    let mut test = test(name, failed, &check.code);
    test.set_classname(clean(&case.scenario));
    let mut property = |name: &str, value: String| {
        test.add_property((name.to_owned(), clean(&value)));
    };
    property("evidence", said::evidence(check));
    if let Some(rate) = said::rate(check) {
        property("rate", rate);
    }
    let found =
        check.counterexample.as_ref().filter(|_| !check.as_expected || check.verdict == Verdict::Violated);
    if let Some(found) = found.filter(|found| found.why.is_some()) {
        test.set_system_out(output(found.why.as_deref(), found.race.as_ref(), found.replay.as_deref()));
    }
    test
}

fn test(name: &str, failed: Option<String>, kind: &str) -> TestCase {
    let status = match failed {
        None => TestCaseStatus::success(),
        Some(said) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(text::clean(&said, 600, false)).set_type(clean(kind));
            status
        }
    };
    TestCase::new(clean(name), status)
}

fn output(why: Option<&str>, race: Option<&crate::picture::Race>, replay: Option<&str>) -> String {
    let mut out = String::new();
    for said in why.into_iter().chain(replay) {
        out += &format!("{}\n", text::clean(said, 2_000, false));
    }
    if let Some(race) = race {
        out += &format!(
            "\n{}\n{}",
            terminal::picture(race, &Style::plain()),
            terminal::key([race], &Style::plain())
        );
    }
    out
}

fn clean(name: &str) -> String {
    text::clean(name, NAME, false)
}
