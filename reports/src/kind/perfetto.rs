//! Races as a trace in the JSON of Chrome's trace viewer, which Perfetto opens as well.
//!
//! A race is a process, a lane a thread; bars are complete events (`X`), marks instants (`i`), and
//! arrows flows (`s` and `f`) between slices that are a mark long. Times are microseconds, as there.

use serde::Serialize;

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

/// An event of a trace; what it does not have is left out.
#[derive(Serialize)]
struct Event {
    /// Its phase: metadata, a slice, an instant, or an end of a flow.
    ph: &'static str,
    pid: usize,
    tid: usize,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    /// In microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    /// How far an instant is seen: its thread or its process.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    /// Which flow it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    /// That a flow ends in the slice around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    bp: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<Args>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Args {
    Name { name: String },
    Place { sort_index: usize },
}

#[derive(Serialize)]
struct Trace {
    #[serde(rename = "displayTimeUnit")]
    unit: &'static str,
    #[serde(rename = "traceEvents")]
    events: Vec<Event>,
}

impl Event {
    fn new(ph: &'static str, (pid, tid): (usize, usize), name: String) -> Event {
        Event { ph, pid, tid, name, cat: None, ts: None, dur: None, s: None, id: None, bp: None, args: None }
    }

    fn at(self, ts: u64, cat: &'static str) -> Event {
        Event { ts: Some(ts), cat: Some(cat), ..self }
    }
}

/// Races with their names, as JSON that ends with a newline.
pub fn render(races: &[(String, &Race)]) -> String {
    let mut events: Vec<Event> = Vec::new();
    let mut flow = 0;
    for (process, (name, race)) in races.iter().enumerate() {
        let pid = process + 1;
        let mut add = |event: Event| events.push(event);
        let named = |of: (usize, usize), what: &str, name: &str| Event {
            args: Some(Args::Name { name: clean(name) }),
            ..Event::new("M", of, what.to_owned())
        };
        add(named((pid, 0), "process_name", name));
        for (lane, name) in race.lanes.iter().enumerate() {
            let of = (pid, lane + 1);
            add(named(of, "thread_name", name));
            let args = Some(Args::Place { sort_index: lane + 1 });
            add(Event { args, ..Event::new("M", of, "thread_sort_index".to_owned()) });
        }
        for bar in race.bars.iter().filter(|bar| bar.from <= bar.to) {
            let word = match bar.kind {
                BarKind::Busy => "works",
                BarKind::Waiting | BarKind::Sleeping | BarKind::Dead => terminal::bar_word(bar.kind),
            };
            let slice = Event::new("X", (pid, bar.lane + 1), or(&bar.label, word)).at(bar.from, word);
            add(Event { dur: Some((bar.to - bar.from) as f64), ..slice });
        }
        for mark in &race.marks {
            let word = terminal::mark_word(mark.kind);
            let instant = Event::new("i", (pid, mark.lane + 1), or(&mark.label, word)).at(mark.at, word);
            add(Event { s: Some("t"), ..instant });
        }
        for arrow in &race.arrows {
            let Some(to) = arrow.to else { continue };
            flow += 1;
            for (lane, at, ph) in [(arrow.from_lane, arrow.from, "s"), (arrow.to_lane, to, "f")] {
                let of = |ph| Event::new(ph, (pid, lane + 1), or(&arrow.label, "message")).at(at, "message");
                add(Event { dur: Some(POINT), ..of("X") });
                add(Event { id: Some(flow), bp: (ph == "f").then_some("e"), ..of(ph) });
            }
        }
        if let Some(deadline) = &race.deadline {
            let instant =
                Event::new("i", (pid, 1), or(&deadline.label, "deadline")).at(deadline.at, "deadline");
            add(Event { s: Some("p"), ..instant });
        }
    }
    let trace = Trace { unit: "ns", events };
    serde_json::to_string(&trace).expect("strings and finite numbers always serialize") + "\n"
}

/// A label, or what stands for it.
fn or(label: &str, word: &str) -> String {
    if label.is_empty() { word.to_owned() } else { clean(label) }
}

fn clean(name: &str) -> String {
    text::clean(name, 200, false)
}
