//! What logs do not tell: of what cannot be known nothing is said, and few measurements narrow nothing.

mod common;

use common::{Folder, embedded, part_of};

#[test]
fn what_a_log_of_the_server_alone_cannot_know_is_unknown_with_the_line_that_would_decide_it() {
    let folder = Folder::of("conform-server-alone");
    let whole = folder.run("run audio-as-coded-existing --format log").exits(0).stdout;
    let keeps = |line: &serde_json::Value| line["writer"] != "panel";
    folder.write("server.jsonl", part_of(&whole, &keeps));
    let ran = folder.run("conform audio-as-coded-existing server.jsonl").exits(3).shows(&[
        "UNKNOWN audio-as-coded-existing",
        "? no-event-lost, no-duplicate, in-order, delivered-within: no line tells what\n      arrives at panel; `arrived job_started at panel` would decide it",
        "? client-ends: no line tells whether panel is done; `finished panel` would decide it",
        "✓ holds: bounded-requests",
    ]);
    assert!(!ran.stdout.contains('✗') && !ran.stdout.contains("looks at the store"), "{}", ran.stdout);
    let json = folder.run("conform audio-as-coded-existing server.jsonl --format json").exits(3).stdout;
    let document: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let first = &document["runs"][0]["invariants"][0];
    assert_eq!(
        (&first["said"], &first["decided_by"]),
        (&"unknown".into(), &"arrived job_started at panel".into())
    );
    // Who says that arrivals would be told is believed, and what was sent was looked at.
    let told = part_of(&whole, &keeps).replacen("/1\"}", "/1\",\"tells\":[\"arrived\",\"finished\"]}", 1);
    folder.write("told.jsonl", told);
    let ran = folder.run("conform audio-as-coded-existing told.jsonl").exits(1);
    ran.shows(&["✗ no-event-lost", "is sent to panel at", "no line tells"]);
    folder.write("untold.jsonl", "{\"schema\":\"punctual.log/1\",\"tells\":[\"arival\"]}\n");
    folder
        .run("conform audio-as-coded-existing untold.jsonl")
        .exits(2)
        .says(&["untold.jsonl:1: \"tells\" has \"arival\": write \"all\", or a list of"]);
}

#[test]
fn why_an_event_is_lost_rests_on_no_look_that_the_log_does_not_tell() {
    let folder = Folder::of("conform-no-looks");
    folder.write("scenario.toml", embedded("closed-before-drained"));
    folder.write(
        "log.jsonl",
        "{\"schema\":\"punctual.log/1\"}\n\
         {\"at\":1000,\"fact\":\"published chapter\",\"writer\":\"a\"}\n\
         {\"at\":2000,\"fact\":\"arrived chapter at page\",\"writer\":\"b\"}\n\
         {\"at\":3000,\"fact\":\"published chapter\",\"writer\":\"a\"}\n\
         {\"at\":9000000,\"fact\":\"end\"}\n",
    );
    let ran = folder.run("conform scenario.toml log.jsonl").exits(1);
    ran.shows(&[
        "✗ no-event-lost: run 1: chapter #2 is published at 2 ms, and no line tells that it",
        "nor when anybody looks at the store for page, which would say why",
    ]);
}

#[test]
fn one_measurement_narrows_nothing() {
    let folder = Folder::of("fit-one");
    let log = |took: u32| {
        format!(
            "{{\"schema\":\"punctual.log/1\"}}\n\
             {{\"at\":0,\"fact\":\"sent tts_completed at panel\"}}\n\
             {{\"at\":{took},\"fact\":\"arrived tts_completed at panel\"}}\n"
        )
    };
    folder.write("within.jsonl", log(30_000));
    let ran = folder.run("fit audio-as-documented within.jsonl").exits(0).says(&[
        "client.panel.latency stays \"5ms..80ms\" (1 measurement, within it: fewer than 20 only widen it)",
    ]);
    assert_eq!(ran.stdout, embedded("audio-as-documented"));
    folder.write("beyond.jsonl", log(100_000));
    let ran = folder.run("fit audio-as-documented beyond.jsonl").exits(0);
    ran.says(&["client.panel.latency = \"5ms..110ms\", was \"5ms..80ms\" (1 measurement; fewer than 20 only widen it)"]);
}
