//! What becomes of tasks and messages when lines break and nodes stop, in systems where one thing can happen.
//!
//! Times are fixed, so the seed does not matter; what happens is compared with what ARCHITECTURE.md pins.

use punctual::model::{Fact, StepId, TaskId, World};
use punctual::scenarios::Scenario;
use punctual::sim::{Time, sample};

/// A stream that shares its node with a task `busy`, and a network on which `weather` happens.
fn system(busy: &str, weather: &str, client: &str) -> String {
    // A client that never comes back names no event.
    let open = if client.is_empty() { IDLE } else { r#"{ cursor = "given", if = "resumed" }"# };
    format!(
        r#"scenario = "small"
about = "One thing happens."
ends = "1s after job"
[job]
status = "running"
[[event]]
name = "news"
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{{ publish = "news", takes = "10ms" }}, {{ publish = "news", step = "again", takes = "200ms" }}]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{open}]
loop = [{{ send = "events", takes = "1ms" }}, {{ sleep = "99ms" }}]
[[task]]
name = "busy"
node = "server"
steps = [{busy}]
[[task]]
name = "weather"
node = "network"
steps = [{weather}]
[[client]]
name = "page"
latency = "5ms"
{client}
[expect]
no-event-lost = "any"
"#
    )
}

/// What `pick` makes of the facts of one run, with their times in milliseconds.
fn picked<T>(text: &str, pick: impl Fn(u64, &Fact) -> Option<T>) -> Vec<T> {
    let scenario = Scenario::parse("small.toml", text).unwrap_or_else(|e| panic!("{}", e.render(false)));
    let world = World::new(&scenario.cases[0].system);
    let trace = sample::trace(&world, 1, 0);
    trace.check(&world).expect("what was sampled is a run");
    let facts = trace.steps.iter().flat_map(|step| step.facts.iter().map(move |fact| (step.at, fact)));
    facts.filter_map(|(Time(at), fact)| pick(at / 1_000, fact)).collect()
}

const STREAM: TaskId = TaskId(1);
const IDLE: &str = r#"{ work = "nothing" }"#;

/// When the stream looks at the store.
fn looks(text: &str) -> Vec<u64> {
    picked(text, |at, fact| matches!(fact, Fact::Did(STREAM, StepId(1))).then_some(at))
}

#[test]
fn a_task_that_was_given_up_while_its_node_was_busy_does_nothing_more() {
    // The node stands still from 50 to 180 ms; the stream would go on at 100, and is cut off at 120.
    let busy = r#"{ work = "wait", takes = "50ms" }, { work = "think", blocks = "130ms" }"#;
    let cut = r#"{ disconnect = "page", takes = "120ms" }"#;
    let text = system(busy, cut, "");
    assert_eq!(looks(&text), [1]);
    let over = picked(&text, |at, fact| matches!(fact, Fact::Over { task: STREAM, .. }).then_some(at));
    assert!(over.is_empty(), "it was given up, and did not come to its end");
    // Back at 135 ms, it begins once, when the node gets to it.
    let text = system(busy, cut, "reconnects = \"10ms\"");
    let turns = picked(&text, |at, fact| matches!(fact, Fact::Turned(STREAM)).then_some(at));
    assert_eq!(turns[..3], [0, 180, 280]);
    assert_eq!(looks(&text)[..3], [1, 181, 281]);
}

#[test]
fn what_is_under_way_is_lost_and_sent_again_to_a_client_that_comes_back() {
    // The event is published at 10 ms, sent at 101, and would arrive at 106.
    let cut = r#"{ disconnect = "page", takes = "104ms" }"#;
    let arrived = |at: u64, fact: &Fact| match fact {
        Fact::Arrived { what, .. } => Some((at, what.ordinal())),
        _ => None,
    };
    assert!(picked(&system(IDLE, cut, ""), arrived).is_empty());
    // It asks at 154, and is there at 159; the first look is a millisecond later.
    assert_eq!(picked(&system(IDLE, cut, "reconnects = \"50ms\""), arrived), [(165, 1), (265, 2)]);
    // On a line that is half open nothing arrives, and nobody comes back.
    let half = r#"{ half-open = "page", takes = "104ms" }"#;
    assert!(picked(&system(IDLE, half, "reconnects = \"50ms\""), arrived).is_empty());
    // What is held sets out when it is let go: one at 101 and one at 301, let go at 400.
    let held = r#"{ hold = "page", takes = "50ms" }, { release = "page", takes = "350ms" }"#;
    assert_eq!(picked(&system(IDLE, held, ""), arrived), [(405, 1), (405, 2)]);
}

#[test]
fn a_node_that_stops_does_not_do_what_it_was_about_to_and_begins_anew() {
    let stop = r#"{ crash = "worker", takes = "100ms" }, { restart = "worker", takes = "50ms" }"#;
    let published = |at: u64, fact: &Fact| match fact {
        Fact::Published { what, .. } => Some((at, what.ordinal())),
        _ => None,
    };
    // Published at 10, cut off before 210; begins anew at 150.
    assert_eq!(picked(&system(IDLE, stop, ""), published), [(10, 1), (160, 2), (360, 3)]);
    // Nobody answers a client while the server is down; it asks until somebody does.
    let stop = r#"{ crash = "server", takes = "100ms" }, { restart = "server", takes = "100ms" }"#;
    let connected = |at: u64, fact: &Fact| matches!(fact, Fact::Connected { .. }).then_some(at);
    // It asks at 140, 185 (there at 145 and 190), and 230.
    assert_eq!(picked(&system(IDLE, stop, "reconnects = \"40ms\""), connected), [235]);
}

#[test]
fn a_client_that_was_refused_stays_away_and_one_that_heard_a_clean_end_does_not() {
    let back = |text: &str| picked(text, |at, fact| matches!(fact, Fact::Connected { .. }).then_some(at));
    let text = system(IDLE, IDLE, "reconnects = \"200ms\"");
    let ends = |step: &str| {
        text.replace("{ sleep = \"99ms\" }", &format!("{{ {step} = \"page\", takes = \"99ms\" }}"))
    };
    // The end is sent at 100, arrives at 105; the request gets there at 310, and so on.
    assert_eq!(back(&ends("close"))[..2], [310, 620]);
    assert!(back(&ends("refuse")).is_empty());
}
