//! Servers of one's own in the place of the modelled streams: sound ones, broken ones, hostile ones.
#![cfg(feature = "hosts")]

#[allow(dead_code, reason = "its `main` is for whoever runs it")]
#[path = "../examples/shared_millisecond.rs"]
mod shared_millisecond;

use axum::Router;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::StreamExt;
use futures_util::stream;
use punctual::Scenario;
use punctual::hosts::{Net, Outcome, Simulation};

fn scenario(name: &str) -> Scenario {
    let library = punctual::scenarios::library();
    let (_, text) = library.into_iter().find(|(known, _)| *known == name).expect("it is in the library");
    Scenario::from_text(name, text).expect("the library is sound")
}

/// A page that waits for one event for at most 25 s.
fn first() -> Scenario {
    let text = punctual_scenarios::scaffold().remove(0).text;
    Scenario::from_text("first", &text).expect("what `init` writes is sound")
}

#[test]
fn two_events_of_one_millisecond_are_lost_by_real_bytes_and_counting_mends_it() {
    let simulation = Simulation::new(scenario("audio-as-coded-existing")).runs(12);
    let found = simulation.app(shared_millisecond::as_found).expect("it runs");
    found.expect_no_trouble();
    // The chance is 1 - 63 us / 1 ms.
    assert!((9..=12).contains(&found.broken("no-event-lost")), "{}", found.broken("no-event-lost"));
    let mended = simulation.app(shared_millisecond::mended).expect("it runs");
    mended.expect_holds("no-event-lost");
    mended.expect_holds("no-duplicate");
}

#[test]
fn a_broken_promise_is_told_with_the_run() {
    let simulation = Simulation::new(scenario("audio-as-coded-existing")).runs(3).seed(7);
    let found = simulation.app(shared_millisecond::as_found).expect("it runs");
    let told = std::panic::catch_unwind(|| found.expect_holds("no-event-lost")).expect_err("it is broken");
    let told = told.downcast_ref::<String>().expect("a message");
    assert!(told.contains("no-event-lost is broken in") && told.contains("of 3 runs of seed 0x7"), "{told}");
    assert!(told.contains("tts_completed"), "{told}");
    let unknown = std::panic::catch_unwind(|| found.broken("no-event-lots")).expect_err("there is none");
    assert!(unknown.downcast_ref::<String>().expect("a message").contains("it checks no-event-lost"));
    assert!(simulation.clone().variant("fix-9").app(shared_millisecond::mended).is_err());
}

#[test]
fn what_cannot_befall_a_server_of_ones_own_is_refused() {
    let weather = Simulation::new(scenario("bad-weather")).runs(1);
    let refused = weather.clone().variant("server-stops").app(shared_millisecond::mended);
    let told = refused.err().expect("the server of the scenario crashes").to_string();
    assert!(told.contains("\"weather\" crashes \"server\"") && told.contains("disconnect"), "{told}");
    let refused = weather.clone().variant("deaf").app(shared_millisecond::mended);
    let told = refused.err().expect("the server of the scenario is deaf").to_string();
    assert!(told.contains("\"weather\" holds up what is sent in one way between \"page\""), "{told}");
    assert!(weather.variant("worker-stops").app(shared_millisecond::mended).is_ok());
}

/// A server whose stream is always this answer.
fn always(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Outcome {
    let app = move |_: Net| {
        let answer = answer.clone();
        Router::new().route("/events/{client}", get(move || async move { answer() }))
    };
    Simulation::new(first()).runs(1).app(app).expect("it runs")
}

fn stream(bytes: impl Into<Vec<u8>>) -> Response {
    ([(header::CONTENT_TYPE, "text/event-stream")], bytes.into()).into_response()
}

/// The first thing that went wrong.
fn trouble(outcome: &Outcome) -> &str {
    outcome.cases().troubles.first().map_or("", |(_, trouble)| &trouble.what)
}

#[test]
fn a_sound_answer_is_no_trouble() {
    let sound = || stream("id: 1\nevent: rendered\ndata: {\"n\":1,\"copy\":\"published\"}\n\n");
    let outcome = always(sound);
    outcome.expect_holds("no-event-lost");
    outcome.expect_holds("client-never-times-out");
}

#[test]
fn a_server_that_answers_no_stream_is_named_and_the_page_gives_up() {
    for status in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::NOT_FOUND, StatusCode::FOUND] {
        let outcome = always(move || status.into_response());
        assert!(trouble(&outcome).contains(&format!("status {}", status.as_u16())), "{}", trouble(&outcome));
        outcome.expect_violated("no-event-lost");
        outcome.expect_violated("client-never-times-out");
    }
    let html = always(|| ([(header::CONTENT_TYPE, "text/html")], "<p>hello").into_response());
    assert!(trouble(&html).contains("text/html"), "{}", trouble(&html));
    let none = always(|| Response::new(Body::from("event: rendered\ndata: 1\n\n")));
    assert!(trouble(&none).contains("no content type"), "{}", trouble(&none));
}

#[test]
fn an_answer_of_204_is_no_trouble_and_no_event() {
    let outcome = always(|| StatusCode::NO_CONTENT.into_response());
    outcome.expect_no_trouble();
    outcome.expect_violated("no-event-lost");
}

#[test]
fn half_an_event_is_none() {
    let outcome = always(|| stream("id: 1\nevent: rendered\ndata: {\"n\":1,\"copy\":\"published\"}\n"));
    outcome.expect_no_trouble();
    outcome.expect_violated("no-event-lost");
}

#[test]
fn what_names_no_event_is_told() {
    let outcome = always(|| stream("event: rendered\ndata: done!\n\n"));
    assert!(trouble(&outcome).contains("with data that names no event"), "{}", trouble(&outcome));
    let outcome = always(|| stream("data: {\"n\":1,\"copy\":\"published\"}\n\n"));
    assert!(trouble(&outcome).contains("unknown kind \"message\""), "{}", trouble(&outcome));
}

#[test]
fn bytes_that_are_no_text_and_ids_with_nul_are_what_a_browser_makes_of_them() {
    let mut bytes = b"id: a\0b\nevent: \xff\xfe\ndata: \xc3\n\n: \xf0\x28\n".to_vec();
    bytes.extend_from_slice(b"id: 2\nevent: rendered\ndata: {\"n\":1,\"copy\":\"published\"}\n\n");
    let outcome = always(move || stream(bytes.clone()));
    assert!(trouble(&outcome).contains("unknown kind"), "{}", trouble(&outcome));
    assert_eq!(outcome.broken("no-event-lost"), 0, "the event after it arrives");
}

#[test]
fn ten_megabytes_in_one_event_are_left_out_and_the_next_event_arrives() {
    let outcome = always(|| {
        let mut bytes = b"event: rendered\ndata: ".to_vec();
        bytes.resize(10 << 20, b'x');
        bytes.extend_from_slice(b"\n\nevent: rendered\ndata: {\"n\":1,\"copy\":\"published\"}\n\n");
        stream(bytes)
    });
    assert!(trouble(&outcome).contains("more than 1048576 bytes"), "{}", trouble(&outcome));
    assert_eq!(outcome.broken("no-event-lost"), 0);
}

#[test]
fn a_server_that_never_answers_ends_with_the_patience_of_the_page() {
    let app = |_: Net| {
        Router::new().route("/events/{client}", get(|| async { std::future::pending::<Response>().await }))
    };
    let outcome = Simulation::new(first()).runs(1).app(app).expect("it runs");
    outcome.expect_no_trouble();
    outcome.expect_violated("client-never-times-out");
    let stalls = |_: Net| {
        let head = || async {
            let beginning = stream::iter([Ok::<_, std::io::Error>("data: ")]);
            let body = Body::from_stream(beginning.chain(stream::pending()));
            ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
        };
        Router::new().route("/events/{client}", get(head))
    };
    let outcome = Simulation::new(first()).runs(1).app(stalls).expect("it runs");
    outcome.expect_no_trouble();
    outcome.expect_violated("no-event-lost");
}

#[test]
fn a_server_that_panics_is_never_well() {
    let app = |_: Net| {
        let fails = || async { assert!(std::hint::black_box(false), "the handler fails") };
        Router::new().route("/events/{client}", get(fails))
    };
    let outcome = Simulation::new(first()).runs(1).app(app).expect("it runs");
    assert!(trouble(&outcome).contains("panicked: the handler fails"), "{}", trouble(&outcome));
    let told = std::panic::catch_unwind(|| outcome.expect_holds("no-duplicate"));
    assert!(told.is_err(), "nothing holds on a server that panics");
}

#[test]
fn a_server_reads_the_database_and_waits_for_signals() {
    use std::sync::{Arc, Mutex};
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let app = move |net: Net| {
        let told = Arc::clone(&told);
        let handler = move || {
            let (net, told) = (net.clone(), Arc::clone(&told));
            async move {
                let none = net.row("artifact").await;
                net.notified("wakeup").await;
                let row = net.row("artifact").await;
                let status = net.status().await;
                told.lock().unwrap().push((row, none, status));
                stream("")
            }
        };
        Router::new().route("/events/{client}", get(handler))
    };
    let simulation = Simulation::new(scenario("audio-as-documented")).variant("fix-2").runs(1).seed(1);
    simulation.app(app).expect("it runs").expect_no_trouble();
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].0, Some(1), "the row was committed before the signal was given");
    assert_eq!(seen[0].1, None, "it was not when the page connected");
    assert!(["completed", "running"].contains(&seen[0].2.as_str()), "{}", seen[0].2);
}

#[test]
fn a_server_that_asks_for_what_the_scenario_does_not_have_is_told() {
    let asks = |signal: bool| {
        let app = move |net: Net| {
            let handler = move || {
                let net = net.clone();
                async move {
                    if signal {
                        net.notified("wake").await;
                    } else {
                        let _ = net.row("artefact").await;
                    }
                    stream("")
                }
            };
            Router::new().route("/events/{client}", get(handler))
        };
        let simulation = Simulation::new(scenario("audio-as-documented")).runs(1);
        trouble(&simulation.app(app).expect("it runs")).to_owned()
    };
    assert!(asks(false).contains("the scenario has no row \"artefact\""), "{}", asks(false));
    assert!(asks(true).contains("the scenario has no signal \"wake\""), "{}", asks(true));
}
