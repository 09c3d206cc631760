//! What renderings take, against checking what they are of: `cargo bench --bench reporting`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use punctual::budget::Budget;
use punctual::judge::{Effort, judge};
use punctual::present::{self, Explained, Manner};
use punctual::scenarios::{Scenario, library};
use punctual_reports::document::{Document, to_json};
use punctual_reports::kind::{junit, measures, perfetto};
use punctual_reports::page::{html, markdown};
use punctual_reports::{human, report, style::Style};

#[path = "../reports/tests/common/mod.rs"]
mod examples;

/// The shortest of a few tries: the machine has other things to do.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures the clock on the wall")]
fn time(mut what: impl FnMut()) -> Duration {
    let once = || {
        let from = Instant::now();
        what();
        from.elapsed()
    };
    std::iter::repeat_with(once).take(5).min().unwrap_or_default()
}

#[allow(clippy::print_stdout)]
fn main() {
    let scenarios: Vec<Scenario> = library()
        .into_iter()
        .map(|(name, text)| Scenario::parse(name, text).expect("embedded scenarios are sound"))
        .collect();
    let effort = Effort { seed: 0x5eed, runs: 5_000, budget: Budget::of(punctual::proof::STATES) };
    let mut judged = Vec::new();
    let check = time(|| {
        judged = scenarios
            .iter()
            .map(|scenario| judge(&scenario.cases, effort, &|_| {}).expect("it can be judged"))
            .collect();
    });
    let documented = |explained| {
        let saved = present::SavedAt::new();
        let manner = Manner { embedded: true, effort, saved: &saved, explained };
        let cases = scenarios.iter().zip(&judged);
        Document::new(
            cases.flat_map(|(scenario, judged)| present::document(scenario, judged, manner)).collect(),
        )
    };
    println!("checking the library {check:?}, on all cores");
    let tell = |what: &str, took: Duration| {
        println!("{what:<52} {took:>12?}  {:>7.4} of the check", took.as_secs_f64() / check.as_secs_f64());
    };
    tell(
        "explaining what is told without a report, one core",
        time(|| {
            black_box(documented(Explained::First));
        }),
    );
    tell(
        "explaining every run that breaks something, one core",
        time(|| {
            black_box(documented(Explained::All));
        }),
    );
    let library = documented(Explained::All);
    let crowd = examples::crowded(100, 400);
    for (name, document) in [("the library", &library), ("100 counterexamples of 400 events", &crowd)] {
        println!("{name}:");
        let page = html::render(&report::page(document)).len();
        tell(
            &format!("  HTML, {page} bytes"),
            time(|| {
                black_box(html::render(&report::page(document)));
            }),
        );
        tell(
            "  Markdown",
            time(|| {
                black_box(markdown::render(&report::page(document)));
            }),
        );
        tell(
            "  JSON",
            time(|| {
                black_box(to_json(document));
            }),
        );
        tell(
            "  JUnit",
            time(|| {
                black_box(junit::render(document));
            }),
        );
        tell(
            "  CSV",
            time(|| {
                black_box(measures::to_csv(document));
            }),
        );
        tell(
            "  Perfetto",
            time(|| {
                black_box(perfetto::of_document(document));
            }),
        );
        tell(
            "  the terminal",
            time(|| {
                black_box(human::render(document, &Style::plain(), human::Extent::default()));
            }),
        );
    }
}
