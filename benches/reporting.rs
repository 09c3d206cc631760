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

/// What renderings are held against: how long it took to check what they are of.
struct Yardstick(Duration);

impl Yardstick {
    #[allow(clippy::print_stdout)]
    fn tell(&self, what: &str, took: Duration) {
        let share = took.as_secs_f64() / self.0.as_secs_f64();
        println!("{what:<52} {took:>12?}  {share:>7.4} of the check");
    }

    /// Times each rendering of a result.
    fn renderings(&self, document: &Document) {
        let size = html::render(&report::page(document)).len();
        let renderings: [(String, &dyn Fn() -> String); 7] = [
            (format!("HTML, {size} bytes"), &|| html::render(&report::page(document))),
            ("Markdown".to_owned(), &|| markdown::render(&report::page(document))),
            ("JSON".to_owned(), &|| to_json(document)),
            ("JUnit".to_owned(), &|| junit::render(document)),
            ("CSV".to_owned(), &|| measures::to_csv(document)),
            ("Perfetto".to_owned(), &|| perfetto::of_document(document)),
            ("the terminal".to_owned(), &|| {
                human::render(document, &Style::plain(), human::Extent::default())
            }),
        ];
        for (what, render) in renderings {
            self.tell(&format!("  {what}"), time(|| drop(black_box(render()))));
        }
    }
}

#[allow(clippy::print_stdout)]
fn main() {
    let scenarios: Vec<Scenario> = library()
        .into_iter()
        .map(|(name, text)| Scenario::parse(name, text).expect("embedded scenarios are sound"))
        .collect();
    let effort = Effort { seed: 0x5eed, runs: 5_000, budget: Budget::of(punctual::proof::STATES) };
    let mut judged = Vec::new();
    let check = Yardstick(time(|| {
        judged = scenarios
            .iter()
            .map(|scenario| judge(&scenario.cases, effort, &|_| {}).expect("it can be judged"))
            .collect();
    }));
    let documented = |explained| {
        let saved = present::SavedAt::new();
        let manner = Manner { embedded: true, effort, saved: &saved, explained };
        let cases = scenarios.iter().zip(&judged);
        Document::new(
            cases.flat_map(|(scenario, judged)| present::document(scenario, judged, manner)).collect(),
        )
    };
    println!("checking the library {:?}, on all cores", check.0);
    let explaining = |explained| time(|| drop(black_box(documented(explained))));
    check.tell("explaining what is told without a report, one core", explaining(Explained::First));
    check.tell("explaining every run that breaks something, one core", explaining(Explained::All));
    println!("the library:");
    check.renderings(&documented(Explained::All));
    println!("100 counterexamples of 400 events:");
    check.renderings(&examples::crowded(100, 400));
}
