//! Races as a trace in the JSON of Chrome's trace viewer, which Perfetto opens as well.
//!
//! A race is a process, a lane a thread; bars are complete events (`X`), marks instants (`i`), and
//! arrows flows (`s` and `f`) between slices that are a mark long. Times are microseconds, as there.

use serde_json::{Value, json};

use crate::document::Document;
use crate::picture::{BarKind, Race};
use crate::{said, terminal, text};

/// How long what has no length is drawn, in microseconds: a flow needs slices at both of its ends.
const POINT: f64 = 0.5;

/// The pictures of a result.
pub fn of_document(document: &Document) -> String {
    let races = document.scenarios.iter().flat_map(|case| {
        let of = |about: &str| format!("{}: {about}", said::of_case(case));
        let checks = case.checks.iter().filter_map(move |check| Some((of(&check.invariant), check.race()?)));
        let orders = case.interleavings.iter();
        checks.chain(
            orders.filter_map(move |order| Some((of(&order.interleaving), &order.against.as_ref()?.race))),
        )
    });
    render(&races.collect::<Vec<_>>())
}

/// Races with their names, as JSON that ends with a newline.
pub fn render(races: &[(String, &Race)]) -> String {
    let mut events: Vec<Value> = Vec::new();
    let mut flow = 0;
    for (process, (name, race)) in races.iter().enumerate() {
        let pid = process + 1;
        let mut add = |event: Value| events.push(event);
        add(json!({"ph": "M", "pid": pid, "name": "process_name", "args": {"name": clean(name)}}));
        for (lane, name) in race.lanes.iter().enumerate() {
            let tid = lane + 1;
            add(
                json!({"ph": "M", "pid": pid, "tid": tid, "name": "thread_name", "args": {"name": clean(name)}}),
            );
            add(
                json!({"ph": "M", "pid": pid, "tid": tid, "name": "thread_sort_index", "args": {"sort_index": tid}}),
            );
        }
        for bar in race.bars.iter().filter(|bar| bar.from <= bar.to) {
            let word = match bar.kind {
                BarKind::Busy => "works",
                BarKind::Waiting | BarKind::Sleeping | BarKind::Dead => terminal::bar_word(bar.kind),
            };
            let name = if bar.label.is_empty() { word.to_owned() } else { clean(&bar.label) };
            let (tid, length) = (bar.lane + 1, bar.to - bar.from);
            add(
                json!({"ph": "X", "pid": pid, "tid": tid, "ts": bar.from, "dur": length, "name": name, "cat": word}),
            );
        }
        for mark in &race.marks {
            let (tid, word) = (mark.lane + 1, terminal::mark_word(mark.kind));
            let name = if mark.label.is_empty() { word.to_owned() } else { clean(&mark.label) };
            add(
                json!({"ph": "i", "s": "t", "pid": pid, "tid": tid, "ts": mark.at, "name": name, "cat": word}),
            );
        }
        for arrow in &race.arrows {
            let Some(to) = arrow.to else { continue };
            flow += 1;
            let name = if arrow.label.is_empty() { "message".to_owned() } else { clean(&arrow.label) };
            for (lane, at, ph) in [(arrow.from_lane, arrow.from, "s"), (arrow.to_lane, to, "f")] {
                let tid = lane + 1;
                add(
                    json!({"ph": "X", "pid": pid, "tid": tid, "ts": at, "dur": POINT, "name": name, "cat": "message"}),
                );
                let mut end = json!({"ph": ph, "pid": pid, "tid": tid, "ts": at, "id": flow, "name": name, "cat": "message"});
                if ph == "f" {
                    end["bp"] = "e".into();
                }
                add(end);
            }
        }
        if let Some(deadline) = &race.deadline {
            let name = clean(&deadline.label);
            add(
                json!({"ph": "i", "s": "p", "pid": pid, "tid": 1, "ts": deadline.at, "name": name, "cat": "deadline"}),
            );
        }
    }
    let all = json!({"displayTimeUnit": "ns", "traceEvents": events});
    format!("{all}\n")
}

fn clean(name: &str) -> String {
    text::clean(name, 200, false)
}
