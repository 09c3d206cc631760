//! `cargo bench --bench exploring`: how many classes every timing of a system takes, and how long.
//!
//! The counts are part of the result: they are the same on every machine. Times are the best of
//! some rounds, on one core.

#[path = "../sim/tests/textbook/fischer.rs"]
mod fischer;

use std::time::Duration;

use punctual::budget::Budget;
use punctual::proof;
use punctual::sampling::Prepared;
use punctual_sim::explore::{self, Limits};

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark reads the clock and prints")]
fn row(name: &str, rounds: u32, explore: impl Fn() -> (u64, u64)) {
    let mut best = Duration::MAX;
    let mut counts = (0, 0);
    for _ in 0..rounds {
        let begun = std::time::Instant::now();
        counts = explore();
        best = best.min(begun.elapsed());
    }
    let (classes, successors) = counts;
    let each = best.as_secs_f64() * 1e6 / successors.max(1) as f64;
    println!(
        "{name:<46} {classes:>8} {successors:>9} {:>9.2} ms {each:>6.2} us each",
        best.as_secs_f64() * 1e3
    );
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn main() {
    println!("{:<46} {:>8} {:>9}", "", "classes", "successors");
    for processes in [4, 6, 8] {
        let fischer = fischer::Fischer::new(processes, 10, 11);
        let exclusion = fischer::Fischer::exclusion();
        row(&format!("Fischer, {processes} processes"), 3, || {
            let found = explore::every_timing(&fischer, &exclusion.watcher(), Limits::default());
            (found.classes as u64, found.successors)
        });
    }
    for (name, text) in punctual::scenarios::library() {
        let scenario = punctual::scenarios::Scenario::parse(name, text).expect("the library is sound");
        for case in &scenario.cases {
            if case.variant.as_deref() == Some("burst") {
                continue;
            }
            let prepared = Prepared::new(case);
            let variant = case.variant.as_deref().map_or(String::new(), |variant| format!(" {variant}"));
            row(&format!("{name}{variant}"), 3, || proof::size(&prepared, Budget::of(proof::STATES)));
        }
    }
}
