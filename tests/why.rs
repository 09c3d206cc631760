//! A `why` is a claim: each fact that it names is in the run, each instant is in the picture, and with what it
//! blames taken out the run passes.
//!
//! Scenarios are drawn at random, always the same ones. `PUNCTUAL_CLAIMS=N` draws `N` of each kind instead of those
//! few that a test has the time for: `PUNCTUAL_CLAIMS=3000 cargo test --test why`.

mod breaking;
mod claims;
mod grammar;
mod without;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use punctual_scenarios::Scenario;

use claims::{Claimed, KINDS, OF_LOGS_ONLY, each_claim, kinds, picture, wrong};

/// Runs of each scenario.
const RUNS: u64 = 8;
/// How many claims that are wrong are told.
const TOLD: usize = 5;

/// How many scenarios are drawn, where a test has the time for `few`.
fn drawn(few: usize) -> usize {
    let Ok(asked) = std::env::var("PUNCTUAL_CLAIMS") else { return few };
    asked.parse().unwrap_or_else(|_| panic!("PUNCTUAL_CLAIMS is {asked:?}; it is a number of scenarios"))
}

/// So many texts, always the same.
fn texts(strategy: impl Strategy<Value = String>, count: usize) -> impl Iterator<Item = String> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    (0..count).map(move |_| strategy.new_tree(&mut runner).expect("a text").current())
}

/// The claims that were heard, by kind; and those that are wrong, with their scenarios.
#[derive(Default)]
struct Heard {
    kinds: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Heard {
    fn of(mut self, text: &str, scenario: &Scenario, runs: u64) -> Self {
        each_claim(scenario, runs, |claimed| {
            for kind in kinds(&claimed.why.cause) {
                *self.kinds.entry(kind).or_default() += 1;
            }
            self.wrong.extend(wrong(claimed).map(|wrong| format!("{wrong}\n{text}")));
        });
        self
    }

    /// Fails if a claim is wrong, or if fewer than so many were heard.
    fn holds(&self, least: usize) {
        let all: usize = self.kinds.values().sum();
        let told = &self.wrong[..self.wrong.len().min(TOLD)];
        assert!(told.is_empty(), "{} of {all} claims are wrong:\n{}", self.wrong.len(), told.join("\n\n"));
        assert!(all >= least, "only {all} claims were heard: {:#?}", self.kinds);
    }
}

#[test]
fn what_is_said_of_random_runs_is_so_and_every_kind_of_claim_is_heard() {
    let breaking = texts(breaking::text(), drawn(2_500)).filter_map(|text| breaking::parse(&text));
    let of_grammar = texts(grammar::text(), drawn(250)).map(|text| (grammar::parse(&text), text));
    let all = breaking.map(|(text, scenario)| (scenario, text)).chain(of_grammar);
    let heard = all.fold(Heard::default(), |heard, (scenario, text)| heard.of(&text, &scenario, RUNS));
    heard.holds(10_000);
    let seen: BTreeSet<&str> = heard.kinds.keys().map(String::as_str).collect();
    let unheard: Vec<&&str> = KINDS.iter().filter(|kind| !seen.contains(**kind)).collect();
    assert!(unheard.is_empty(), "no claim is of these kinds: {unheard:?}; heard were {:#?}", heard.kinds);
    let strange: Vec<&&str> = seen.iter().filter(|kind| !KINDS.contains(kind)).collect();
    assert!(strange.is_empty(), "of runs nobody claims {strange:?}; of logs: {OF_LOGS_ONLY:?}");
}

#[test]
fn what_is_said_of_the_library_is_so() {
    let heard = punctual_scenarios::library().iter().fold(Heard::default(), |heard, (name, text)| {
        let scenario = Scenario::parse(name, text).unwrap_or_else(|all| panic!("{}", all.render(false)));
        heard.of(name, &scenario, 2)
    });
    heard.holds(50);
}

/// What is said of the run, in which the event is lost, and its picture.
fn explained(job: &str, system: &str, page: &str) -> (String, String) {
    lost(job, system, page, |claimed| (claimed.why.said(claimed.story), picture(claimed)))
}

/// The same run, line by line.
fn timeline(job: &str, system: &str, page: &str) -> String {
    lost(job, system, page, |claimed| {
        let lines = claimed.story.lines().into_iter();
        let lines: Vec<String> =
            lines.map(|line| format!("{} {}: {}\n", line.at, line.lane, line.text)).collect();
        lines.concat()
    })
}

/// A job that publishes after a second, and what else there is, so that the event is lost: something of the run.
fn lost<T>(job: &str, system: &str, page: &str, of: impl Fn(&Claimed<'_>) -> T) -> T {
    let text = format!(
        r#"
scenario = "told"
about = "An event is lost."
ends = "5s after job"
[job]
status = "running"
[[event]]
name = "news"
[[store]]
name = "hub"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{job}]
{system}
[[client]]
name = "page"
latency = "5ms"
{page}
[expect]
no-event-lost = "violated"
"#
    );
    let scenario = Scenario::parse("told.toml", &text).unwrap_or_else(|all| panic!("{}", all.render(false)));
    let mut found = None;
    each_claim(&scenario, 1, |claimed| {
        assert_eq!(wrong(claimed), None);
        found = Some(of(claimed));
    });
    found.expect("an event is lost")
}

const PUBLISHES: &str = r#"{ publish = "news", takes = "1s" }"#;

#[track_caller]
fn has(picture: &str, all: &[&str]) {
    for one in all {
        assert!(picture.contains(one), "{one} is not in the picture:\n{picture}");
    }
}

#[test]
fn what_is_sent_on_a_line_that_its_client_gave_up_is_told_so() {
    let stream = r#"
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ cursor = "greatest" }]
loop = [{ send = "hub", takes = "400ms" }]
"#;
    let page = r#"
reconnects = "600ms"
[[client.timer]]
name = "silence"
from = "byte"
limit = "900ms"
reconnects = true
"#;
    let (said, picture) = explained(PUBLISHES, stream, page);
    assert_eq!(
        said,
        "news is sent at 1.2 s on a connection that page gave up at 900 ms, when its timer silence fired"
    );
    has(&picture, &["silence fires, gives up", "0.900", "1.200", "news lost"]);
}

#[test]
fn the_signal_that_is_named_is_the_one_that_is_waited_for() {
    let system = r#"
[[signal]]
name = "ready"
permit = false
[[signal]]
name = "written"
permit = false
[[task]]
name = "peer"
node = "peer"
steps = [{ notify = "ready", takes = "2s" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ work = "begin", takes = "3s" }, { wait = "ready" }]
loop = [{ send = "hub" }, { wait = "written" }]
"#;
    let (said, picture) = explained(&format!("{PUBLISHES}, {{ notify = \"written\" }}"), system, "");
    assert_eq!(
        said,
        "the signal ready given at 2 s finds nobody waiting and is not kept; stream waits for it from 3 s on; \
         nobody looks at the store after news is added at 1 s"
    );
    has(&picture, &["ready: nobody waits", "2.000", "wait begins", "3.000", "still waits"]);
    assert!(!picture.contains("written"), "{picture}");
}

#[test]
fn a_node_that_stops_in_the_middle_of_a_step_is_in_the_picture() {
    let system = r#"
[[task]]
name = "outage"
node = "host"
starts = "50ms"
steps = [{ crash = "worker" }, { restart = "worker", takes = "1s" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ cursor = "7" }]
loop = [{ send = "hub", takes = "700ms" }]
"#;
    let job = r#"{ work = "short", takes = "100ms" }, { publish = "news" }"#;
    let (said, picture) = explained(job, system, "");
    assert_eq!(
        said,
        "stream moves its cursor to 7, 1.15 s before job publishes news under id 1, and never sends what is \
         not above its cursor"
    );
    has(&picture, &["worker stops", "0.050", "worker starts again", "1.050", "cursor 7", "1.150"]);
    has(&picture, &["short, for 50 ms", "short, for 100 ms"]);
}

#[test]
fn what_is_in_a_store_that_nobody_reads_is_not_passed_over() {
    let system = r#"
[[store]]
name = "live"
ids = "counter"
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{ send = "live", takes = "700ms" }]
"#;
    let (said, picture) = explained(r#"{ publish = "news", to = "hub", takes = "1s" }"#, system, "");
    assert_eq!(said, "news is added to hub at 1 s, and stream never looks there: it sends from live only");
    has(&picture, &["news id 1", "1.000", "live: nothing new"]);
    assert!(!picture.contains("passes over"), "{picture}");
}

#[test]
fn a_break_long_before_and_what_is_sent_on_the_line_later_are_in_one_picture() {
    let system = r#"
[[task]]
name = "weather"
node = "network"
starts = "500ms"
steps = [{ half-open = "page" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{ send = "hub", takes = "10ms" }, { sleep = "200ms" }]
"#;
    let (said, picture) = explained(PUBLISHES, system, "");
    assert_eq!(said, "news is sent at 1.06 s on a connection that broke at 500 ms");
    has(&picture, &["connection breaks", "0.500", "sends news", "1.060", "news lost"]);
    has(&timeline(PUBLISHES, system, ""), &["1.06s page: news is lost: there is no connection\n"]);
}

#[test]
fn what_is_sent_for_the_connection_before_is_told_so() {
    let system = r#"
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ send = "hub", blocks = "2500ms" }]
"#;
    let page = r#"
reconnects = "0ms"
resumes = false
[[client.timer]]
name = "silence"
from = "start"
limit = "1500ms"
reconnects = true
"#;
    let (said, picture) = explained(PUBLISHES, system, page);
    assert_eq!(
        said,
        "news is sent at 2.5 s on a connection that page gave up at 1.5 s, when its timer silence fired"
    );
    has(&picture, &["silence fires, gives up", "1.500", "2.500", "news never arrives"]);
    let lines = timeline(PUBLISHES, system, page);
    has(
        &lines,
        &[
            "2.5s stream: serves a connection that its client has given up for a newer one\n",
            "2.5s page: news is lost: there is no connection\n",
        ],
    );
}

#[test]
fn a_row_is_marked_where_it_becomes_visible() {
    let system = r#"
[[row]]
name = "row"
visible-after = "300ms"
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ cursor = "7" }]
loop = [{ send = "hub", takes = "700ms" }]
"#;
    let job = r#"{ commit = "row", takes = "100ms" }, { publish = "news", takes = "1s" }"#;
    let (_, picture) = explained(job, system, "");
    has(&picture, &["row committed, not yet visible", "0.100", "row visible", "0.400"]);
}

#[test]
fn what_chance_passes_over_is_in_the_picture_and_in_the_run() {
    let system = r#"
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ work = "begin", takes = "2s" }, { send = "hub", chance = 0.000001 }]
loop = [{ work = "rest", takes = "900ms" }]
"#;
    let (said, picture) = explained(PUBLISHES, system, "");
    assert_eq!(
        said,
        "news is published at 1 s; stream comes to look at the store at 2 s: chance passes send over"
    );
    has(&picture, &["send: not taken, by chance", "2.000"]);
    let lines = timeline(PUBLISHES, system, "");
    has(&lines, &["2s stream: send, passed over by chance\n"]);
}

#[test]
fn what_is_lost_on_its_way_is_in_the_run() {
    let system = r#"
[[task]]
name = "weather"
node = "network"
starts = "1203ms"
steps = [{ disconnect = "page" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{ send = "hub" }, { sleep = "200ms" }]
"#;
    let (said, picture) = explained(PUBLISHES, system, "");
    assert_eq!(
        said,
        "news is on its way to page when the connection breaks at 1.203 s, 3 ms after it was sent"
    );
    has(&picture, &["sends news", "1.200", "news lost", "1.203"]);
    has(&timeline(PUBLISHES, system, ""), &["1.203s page: news is lost on its way\n"]);
}
