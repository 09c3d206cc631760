//! Every rendering of a result: golden files, the same numbers in all of them, and names that are none.

mod common;

use std::collections::BTreeMap;

use punctual_reports::annotations::{self, Spot};
use punctual_reports::diff::{Changes, Kind};
use punctual_reports::document::{
    Document, ExactDelay, Load, SampledDelay, Scenario, Verdict, to_compact_json, to_json,
};
use punctual_reports::kind::measures::{measures, to_csv};
use punctual_reports::kind::{junit, perfetto};
use punctual_reports::matrix::Matrix;
use punctual_reports::page::{html, markdown, terminal};
use punctual_reports::style::Style;
use punctual_reports::{report, text};

fn as_html(document: &Document) -> String {
    html::render(&report::page(document))
}

fn as_markdown(document: &Document) -> String {
    markdown::render(&report::page(document))
}

/// The page without its style sheet and its data, a tag a line.
fn legible(html: &str) -> String {
    let (before, rest) = html.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (body, _) = rest.split_once("<script").unwrap();
    format!("{before}{body}").replace("><", ">\n<")
}

#[test]
fn each_rendering_is_as_it_was() {
    let document = common::full();
    insta::assert_snapshot!("page_html", legible(&as_html(&document)));
    insta::assert_snapshot!("page_markdown", as_markdown(&document));
    insta::assert_snapshot!("junit", junit::render(&document));
    insta::assert_snapshot!("csv", to_csv(&document));
    insta::assert_snapshot!("perfetto", perfetto::of_document(&document).replace("},{", "},\n{"));
    let spot = |line, variant: Option<&str>, what: &str| Spot {
        file: "scenarios/poll-equals-timer.toml:14:1".into(),
        line,
        column: 1,
        variant: variant.map(Into::into),
        what: what.into(),
    };
    let spots = [spot(9, None, "client-never-times-out"), spot(12, Some("notify"), "client-never-times-out")];
    insta::assert_snapshot!("annotations", annotations::github(&document, &spots));
}

/// A result in which no two numbers are alike.
fn distinct() -> Document {
    let mut document = common::full();
    document.scenarios.truncate(2);
    let mut next = 1_013_u64;
    let mut number = || {
        next += 1_009;
        next
    };
    for case in &mut document.scenarios {
        case.states.found = Some(number());
        case.load = Some(Load {
            database_reads_per_run: number() as f64 + 0.5,
            polls_per_run: number() as f64 + 0.5,
        });
        for check in &mut case.checks {
            check.evidence = punctual_reports::document::Evidence::EveryTiming { states: number() };
            let sampled = check.sampled.as_mut().unwrap();
            (sampled.runs, sampled.violations) = (number() + 900_000, number());
            sampled.rate = [number() as f64 / 100_000.0, number() as f64 / 50_000.0];
            check.verdict = Verdict::Violated;
        }
        for one in &mut case.deliveries {
            one.undelivered_runs = number();
            let quantiles = [(); 5].map(|()| number() * 1_000);
            one.sampled_us = Some(SampledDelay {
                p50: quantiles[0],
                p90: quantiles[1],
                p99: quantiles[2],
                p999: quantiles[3],
                max: quantiles[4],
                ..SampledDelay::default()
            });
            one.exact_us =
                Some(ExactDelay { min: number(), max: Some(number() * 1_000), attained: (true, true) });
        }
    }
    document
}

#[test]
fn every_number_is_the_same_in_every_rendering() {
    let document = distinct();
    let (html, markdown, junit) = (as_html(&document), as_markdown(&document), junit::render(&document));
    let html = html.split("<script").next().unwrap().to_owned();
    let csv = to_csv(&document);
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let back: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>().unwrap();
    let json: Document = serde_json::from_str(&to_json(&document)).unwrap();
    let again = measures(&json);
    let all = measures(&document);
    assert_eq!(all, again, "what is read back is what was written");
    assert_eq!(all.len(), back.len());
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for (one, row) in all.iter().zip(&back) {
        assert_eq!((&row[3], &row[5], &row[6]), (one.name.as_str(), one.measure, one.value.as_str()));
        let number = || one.value.parse::<u64>().unwrap();
        let printed = match one.measure {
            "states" => text::count(number(), "state"),
            "runs" => text::count(number(), "run"),
            "violations" => format!("{} of", text::grouped(number())),
            "rate_low" | "rate_high" => text::chance(one.value.parse().unwrap()),
            "p50_us" | "p90_us" | "p99_us" | "p999_us" => text::roughly(number()),
            "exact_min_us" | "exact_max_us" => text::exactly(number()),
            "undelivered_runs" => text::grouped(number()),
            "database_reads_per_run" | "polls_per_run" => one.value.clone(),
            _ => continue,
        };
        *seen.entry(one.measure).or_default() += 1;
        for (name, rendering) in [("HTML", &html), ("Markdown", &markdown)] {
            assert!(rendering.contains(&printed), "{name} lacks {printed} ({one:?})");
        }
        if one.of == "check" {
            assert!(junit.contains(&printed), "JUnit lacks {printed} ({one:?})");
        }
    }
    assert_eq!(seen.len(), 14, "{seen:?}");
}

/// Markdown without what is shown as it is: fenced blocks, and what stands between as many backticks.
fn without_code(markdown: &str) -> String {
    let mut out = String::new();
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                let mut rest = line;
                while let Some(at) = rest.find('`').filter(|at| !rest[..*at].ends_with('\\')) {
                    let count = rest[at..].chars().take_while(|c| *c == '`').count();
                    out.push_str(&rest[..at]);
                    let inner = &rest[at + count..];
                    let end = inner.find(&rest[at..at + count]).expect("a span of code is closed");
                    rest = &inner[end + count..];
                }
                out.push_str(rest);
                out.push('\n');
            }
        }
    }
    assert_eq!(fence, None, "a fence is closed");
    out
}

#[test]
fn names_that_are_no_names_stay_text() {
    let document = common::hostile();
    let (html, markdown) = (as_html(&document), as_markdown(&document));
    // The walk, and the data if there is room for them.
    assert!(html.matches("<script").count() <= 2);
    let prose = without_code(&markdown);
    assert!(markdown.contains("<script") && !prose.contains("<script") && !prose.contains("@you"));
    let junit = junit::render(&document);
    assert!(!junit.contains("<script") && junit.contains("&lt;script&gt;"));
    for rendering in [&html, &markdown, &junit, &annotations::github(&document, &[])] {
        assert!(!rendering.split("<script").next().unwrap().contains(['\u{202e}', '\u{2066}']));
    }
    let csv = to_csv(&document);
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    assert!(rows.records().all(|row| row.unwrap()[3].len() < 11_000));
    let json: Document = serde_json::from_str(&to_json(&document)).unwrap();
    assert_eq!(json.scenarios[0].scenario, common::hostile_name());
}

#[test]
fn a_page_keeps_its_size_whatever_is_in_it() {
    for (many, events) in [(100, 400), (1, 5), (2_000, 3)] {
        let document = common::crowded(many, events);
        let (html, markdown) = (as_html(&document), as_markdown(&document));
        assert!(html.len() <= html::LARGEST, "{} for {many} of {events}", html.len());
        assert!(markdown.len() <= markdown::LARGEST, "{}", markdown.len());
        assert!(html.ends_with("</body></html>\n"));
    }
    let html = as_html(&common::hostile());
    assert!(html.len() <= html::LARGEST, "{}", html.len());
}

#[test]
fn nothing_checked_is_no_pass() {
    let page = report::page(&Document::new(Vec::new()));
    assert!(
        page.tone != punctual_reports::page::Tone::Good && page.verdict.text().contains("nothing checked")
    );
}

#[test]
fn a_result_that_was_saved_is_rendered_to_the_same_bytes() {
    let mut document = common::full();
    let html = as_html(&document);
    let mut json: Document = serde_json::from_str(&to_compact_json(&document)).unwrap();
    json.recall(common::is_of_loss);
    assert_eq!(as_html(&json), html);
    // Where a scenario is written is of the machine, and not in it.
    document.scenarios.iter_mut().for_each(|case| case.place = None);
    assert_eq!(as_html(&document), html);
}

fn changed(change: impl Fn(&mut Scenario)) -> Changes {
    let base = common::full();
    let mut now = common::full();
    change(&mut now.scenarios[0]);
    Changes::between(&base, &now)
}

#[test]
fn a_difference_is_what_changed_and_only_what_got_worse_is_worse() {
    let kinds = |changes: &Changes| -> Vec<(Kind, bool)> {
        changes.changes.iter().map(|change| (change.kind, change.worse)).collect()
    };
    assert!(kinds(&changed(|_| ())).is_empty());
    let more = changed(|case| case.checks[0].sampled.as_mut().unwrap().violations += 1);
    assert_eq!(kinds(&more), [(Kind::MoreFrequent, true)], "common random numbers: one run more is one more");
    let noise = changed(|case| {
        case.digest = "another".into();
        let sampled = case.checks[0].sampled.as_mut().unwrap();
        (sampled.violations, sampled.rate) = (sampled.violations + 20, sampled.rate.map(|end| end * 1.05));
    });
    assert!(kinds(&noise).is_empty() && noise.other_scenario == ["audio-reference as written"]);
    let rarer = changed(|case| {
        case.digest = "another".into();
        case.checks[0].sampled.as_mut().unwrap().rate = [0.001, 0.002];
    });
    assert_eq!(kinds(&rarer), [(Kind::Rarer, false)]);
    let resolved = changed(|case| case.checks[0].verdict = Verdict::Holds);
    assert_eq!(kinds(&resolved), [(Kind::Resolved, false)]);
    let new = changed(|case| {
        case.checks[2].verdict = Verdict::Violated;
        case.checks[2].as_expected = false;
    });
    assert_eq!(kinds(&new), [(Kind::New, true)]);
    let slower = changed(|case| case.deliveries[0].exact_us.as_mut().unwrap().max = None);
    assert_eq!(kinds(&slower), [(Kind::Slower, true)]);
    let faster = changed(|case| {
        let sampled = case.deliveries[1].sampled_us.as_mut().unwrap();
        sampled.p99_interval = (1_000, 2_000);
    });
    assert_eq!(kinds(&faster), [(Kind::Faster, false)]);
    insta::assert_snapshot!("diff", terminal::render(&more.page(), &Style::plain()));
    insta::assert_snapshot!("diff_markdown", markdown::render(&new.page()));
}

#[test]
fn what_is_missing_is_a_difference_and_another_version_draws_anew() {
    let of = |changes: &Changes, kind: Kind| {
        changes.changes.iter().filter(|change| change.kind == kind && change.worse).count()
    };
    let fewer = changed(|case| {
        case.checks.truncate(1);
        case.deliveries.truncate(1);
    });
    assert_eq!(of(&fewer, Kind::NoLongerChecked), 3, "{fewer:?}");
    let never = changed(|case| {
        case.deliveries[0].sampled_us = None;
        case.deliveries[0].exact_us = None;
    });
    assert_eq!(of(&never, Kind::NeverArrives), 1, "{never:?}");
    let missing = changed(|case| case.deliveries[0].undelivered_runs += 1);
    assert_eq!(of(&missing, Kind::MoreFrequent), 1, "{missing:?}");
    let base = common::full();
    let mut now = common::full();
    now.made_with.version = "0.2.0".into();
    now.scenarios[0].checks[0].sampled.as_mut().unwrap().violations += 1;
    assert!(!Changes::between(&base, &now).is_worse(), "draws of another version are others");
    // A baseline that kept no intervals is no reason to call anything slower.
    let mut old = common::full();
    old.scenarios[0].deliveries[1].sampled_us.as_mut().unwrap().p99_interval = (0, 0);
    assert!(Changes::between(&old, &common::full()).changes.is_empty());
}

#[test]
fn fixes_that_contribute_alike_are_in_the_order_that_is_recommended() {
    let made = matrix([40, 40, 40, 40]);
    let order: Vec<&str> = made.contributions.iter().map(|one| one.fix.as_str()).collect();
    assert_eq!((order, made.misordered()), (vec!["a", "b"], vec![]));
}

#[test]
fn a_case_that_is_only_in_one_result_is_told() {
    let base = common::full();
    let mut now = common::full();
    now.scenarios[1].variant = Some("another".into());
    let changes = Changes::between(&base, &now);
    assert_eq!(changes.only_now, ["audio-reference another"]);
    assert_eq!(changes.only_before, ["audio-reference one-id-space"]);
}

/// A matrix of two fixes, where these shares of the runs lose an event.
fn matrix(shares: [u64; 4]) -> Matrix {
    let names = [None, Some("a"), Some("b"), Some("a+b")];
    let fixes = vec!["a".to_owned(), "b".to_owned()];
    let rows = names.into_iter().zip(shares).map(|(name, share)| {
        let mut case = common::full().scenarios.remove(0);
        case.scenario = "some".into();
        case.variant = name.map(Into::into);
        case.fixes = if name.is_none() { fixes.clone() } else { Vec::new() };
        case.checks.truncate(1);
        case.checks[0].sampled.as_mut().unwrap().violations = share * 50;
        case.checks[0].verdict = if share == 0 { Verdict::Holds } else { Verdict::Violated };
        case
    });
    Matrix::new(common::full().made_with, fixes.clone(), vec![], rows.collect())
}

#[test]
fn what_a_fix_contributes_is_its_shapley_value() {
    // By hand: a alone takes 10 of 40, after b 20 of 20; b alone takes 20, after a 30.
    let made = matrix([40, 30, 20, 0]);
    let found: Vec<(&str, f64)> =
        made.contributions.iter().map(|one| (one.fix.as_str(), one.fewer_broken)).collect();
    let near = |value: f64, wanted: f64| (value - wanted).abs() < 1e-9;
    assert!(matches!(found[..], [("b", b), ("a", a)] if near(b, 0.25) && near(a, 0.15)), "{found:?}");
    // All that the fixes do together is shared out among them.
    assert!(near(found.iter().map(|one| one.1).sum(), 0.4));
    assert_eq!(made.misordered(), [("a".to_owned(), "b".to_owned())]);
    assert_eq!(made.passing, ["a+b"]);
    insta::assert_snapshot!("matrix", terminal::render(&made.page(), &Style::plain()));
    insta::assert_snapshot!(
        "matrix_narrow",
        terminal::render(&made.page(), &Style { width: 60, ascii: true, ..Style::plain() })
    );
}

#[test]
fn a_fix_that_does_nothing_and_one_that_makes_it_worse_are_named() {
    let made = matrix([40, 40, 60, 60]);
    assert_eq!(made.without_effect, ["a"]);
    assert!(made.passing.is_empty());
    let mut worse = matrix([0, 30, 0, 30]);
    assert_eq!(worse.worse, [("a".to_owned(), vec!["no-event-lost".to_owned()])]);
    worse.rows.remove(3);
    let partial = Matrix::new(worse.made_with, worse.fixes, vec!["a+b".into()], worse.rows);
    assert!(partial.contributions.is_empty(), "a combination is missing");
}
