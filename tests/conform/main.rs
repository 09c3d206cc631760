//! Logs: what a run writes is judged as the run is, and what is wrong with a log is told.

#[path = "../common/mod.rs"]
mod common;
#[path = "../grammar/mod.rs"]
mod grammar;

mod broken;
mod runs;
mod verbs;

use std::io::Cursor;

use common::embedded;
use punctual::logs::{Judged, judge, log};
use punctual::sampling::Prepared;
use punctual_model::World;
use punctual_scenarios::{Case, Scenario};
use punctual_sim::{Span, TraceOf, sample};

fn written(case: &Case, trace: &TraceOf<World>) -> String {
    let mut text = Vec::new();
    log::write(&case.system, (trace, Some(trace.ended_at)), ("scenario", "run 0"), &mut text)
        .expect("memory can be written");
    String::from_utf8(text).expect("a log is text")
}

fn judged(case: &Case, text: &str, skew: Span) -> Judged {
    let logs = log::read(Cursor::new(text), &case.system).unwrap_or_else(|bad| panic!("{bad}\n{text}"));
    judge(&Prepared::new(case), &logs[0], skew)
}

fn documented() -> (Scenario, String) {
    let scenario = Scenario::parse("audio", embedded("audio-as-documented")).expect("the library is sound");
    let case = &scenario.cases[0];
    let text = written(case, &sample::trace(&World::new(&case.system), 0x5eed, 0));
    (scenario, text)
}

/// The lines with the first one that contains `part` as `change` makes it.
fn changed(text: &str, part: &str, change: impl Fn(&str) -> Vec<String>) -> String {
    let mut done = false;
    let lines = text.lines().flat_map(|line| {
        if !done && line.contains(part) {
            done = true;
            change(line)
        } else {
            vec![line.to_owned()]
        }
    });
    let changed: Vec<String> = lines.collect();
    assert!(done, "no line has {part}");
    changed.join("\n") + "\n"
}

fn later(line: &str, by: i64) -> String {
    let (_, rest) = line.split_once("\"at\":").expect("a line has a time");
    let (at, _) = rest.split_once(',').expect("more follows");
    let at: i64 = at.parse().expect("a number");
    line.replacen(&format!("\"at\":{at}"), &format!("\"at\":{}", at + by), 1)
}
