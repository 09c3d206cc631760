//! Races that look like real ones.

#![allow(dead_code, unreachable_pub)] // each test takes what it needs

use punctual_reports::document::{
    Check, Counterexample, Delivery, Document, Evidence, ExactDelay, Expected, Interleaving,
    InterleavingVerdict, Load, MadeWith, Possibility, SHARES, Sampled, SampledDelay, Scenario, States,
    Verdict,
};
use punctual_reports::picture::{Arrow, Band, Bar, BarKind, Deadline, Mark, MarkKind, Race};
use punctual_reports::timeline::{Row, Timeline};

/// So many states, or a limit; and as many as are expected.
pub fn states(found: Option<u64>, expected: Option<u64>) -> States {
    let limit = found.is_none().then(|| "200000 states, 33 events into the runs".to_owned());
    let as_expected = expected.is_none() || found == expected;
    States { found, expected, as_expected, limit }
}

/// The stream passes the ids of two events that are published while it sleeps.
pub fn loss() -> Race {
    let mut race = Race::new(["job", "database", "store", "stream", "panel"]);
    let [job, database, store, stream, panel] = [0, 1, 2, 3, 4];
    race.bars.push(Bar::new(job, 600_000, 23_500_000, BarKind::Busy, "synthesize"));
    race.bars.push(Bar::new(job, 23_500_000, 23_700_000, BarKind::Busy, "save"));
    race.marks.push(Mark::new(job, 23_900_000, MarkKind::Done, "completed"));
    race.bars.push(Bar::new(job, 23_700_000, 23_900_000, BarKind::Busy, ""));
    race.marks.push(Mark::new(database, 23_730_000, MarkKind::Commit, "row visible"));
    race.marks.push(Mark::new(store, 23_870_000, MarkKind::Commit, "artifact_ready, id 1"));
    race.marks.push(Mark::new(store, 23_872_000, MarkKind::Commit, "tts_completed, id 2"));
    for turn in 0..57 {
        let at = 641_000 + turn * 405_000;
        race.marks.push(Mark::new(stream, at, MarkKind::Plain, "store read"));
        race.marks.push(Mark::new(stream, at + 8_000, MarkKind::Plain, "row read"));
        race.bars.push(Bar::new(stream, at + 8_000, at + 405_000, BarKind::Sleeping, "sleep 0.3 s"));
    }
    race.marks.push(Mark::new(stream, 23_741_000, MarkKind::Miss, "store read: empty"));
    race.marks.push(Mark::new(stream, 23_749_000, MarkKind::Hit, "row read: announces it, cursor := 2"));
    race.bars.push(Bar::new(stream, 23_749_000, 24_049_000, BarKind::Sleeping, "sleep 0.3 s"));
    race.marks.push(Mark::new(stream, 24_051_000, MarkKind::Lost, "store read: skips ids 1, 2"));
    race.bars.push(Bar::new(panel, 600_000, 23_790_000, BarKind::Waiting, ""));
    race.arrows.push(Arrow::new((stream, 23_749_000), (panel, 23_790_000), "artifact_ready"));
    race.bars.push(Bar::new(panel, 23_790_000, 25_790_000, BarKind::Waiting, "2 s timer"));
    race.marks.push(Mark::new(panel, 25_790_000, MarkKind::Deadline, "gives up"));
    race.deadline = Some(Deadline { at: 25_790_000, label: "2 s timer fires".into() });
    race.bands.push(Band::new(23_730_000, 23_872_000, "committed but not published"));
    race.focus = (23_741_000, 23_749_000);
    race
}

/// Two events within one millisecond get one id, and the reader passes it.
pub fn same_millisecond() -> Race {
    let mut race = Race::new(["worker", "store", "stream", "panel"]);
    race.bars.push(Bar::new(0, 27_000_000, 31_204_410, BarKind::Busy, "synthesize"));
    race.marks.push(Mark::new(0, 31_204_410, MarkKind::Done, "commits"));
    race.marks.push(Mark::new(1, 31_204_611, MarkKind::Commit, "artifact_ready 31204"));
    race.marks.push(Mark::new(1, 31_204_674, MarkKind::Commit, "tts_completed 31204"));
    race.bars.push(Bar::new(2, 29_500_000, 31_500_000, BarKind::Sleeping, "sleep 2 s"));
    race.marks.push(Mark::new(2, 31_500_000, MarkKind::Hit, "reads both"));
    race.marks.push(Mark::new(2, 31_500_120, MarkKind::Lost, "skips the second: its id is not greater"));
    race.arrows.push(Arrow::new((2, 31_500_060), (3, 31_522_000), "artifact_ready"));
    race.bars.push(Bar::new(3, 27_000_000, 36_000_000, BarKind::Waiting, ""));
    race.focus = (31_204_611, 31_204_674);
    race.horizon = (27_000_000, 36_000_000);
    race
}

/// The event comes 38 ms after the client's timer.
pub fn late() -> Race {
    let mut race = Race::new(["job", "stream", "network", "panel"]);
    race.marks.push(Mark::new(0, 10_000_000, MarkKind::Commit, "artifact_ready"));
    race.marks.push(Mark::new(0, 10_003_000, MarkKind::Commit, "tts_completed"));
    race.marks.push(Mark::new(1, 10_001_000, MarkKind::Hit, "finds the first"));
    race.bars.push(Bar::new(1, 10_001_000, 12_001_000, BarKind::Sleeping, "sleep 2.0 s"));
    race.marks.push(Mark::new(1, 12_003_000, MarkKind::Hit, "finds the second"));
    race.arrows.push(Arrow::new((1, 10_001_000), (3, 10_024_000), "artifact_ready"));
    race.arrows.push(Arrow::new((1, 12_003_000), (3, 12_062_000), ""));
    race.bars.push(Bar::new(3, 10_024_000, 12_024_000, BarKind::Waiting, "timer of 2 s"));
    race.marks.push(Mark::new(3, 12_024_000, MarkKind::Deadline, "gives up"));
    race.marks.push(Mark::new(3, 12_062_000, MarkKind::Late, "tts_completed"));
    race.deadline = Some(Deadline { at: 12_024_000, label: "timer of 2 s".into() });
    race.bands.push(Band::new(12_024_000, 12_062_000, "too late by"));
    race.focus = (12_024_000, 12_062_000);
    race
}

/// Five marks and nothing else.
pub fn five() -> Race {
    let mut race = Race::new(["writer", "reader"]);
    race.marks.push(Mark::new(0, 1_000, MarkKind::Plain, "insert"));
    race.marks.push(Mark::new(1, 2_000, MarkKind::Miss, "read"));
    race.marks.push(Mark::new(0, 3_000, MarkKind::Commit, "commit"));
    race.marks.push(Mark::new(1, 4_000, MarkKind::Plain, "cursor moves"));
    race.marks.push(Mark::new(1, 9_000, MarkKind::Lost, "skipped"));
    race.focus = (2_000, 3_000);
    race
}

/// Four hundred marks, no two alike.
pub fn crowd() -> Race {
    let mut race = Race::new(["producer", "ring", "reader"]);
    for i in 0..200_u64 {
        race.marks.push(Mark::new(0, i * 5_000, MarkKind::Sent, &format!("chunk {i}")));
        race.marks.push(Mark::new(
            1,
            i * 5_000 + 700,
            MarkKind::Plain,
            &format!("keeps {i}, drops {}", i.saturating_sub(100)),
        ));
    }
    race.marks.push(Mark::new(2, 2_000, MarkKind::Hit, "reads chunk 0"));
    race.bars.push(Bar::new(2, 2_000, 802_000, BarKind::Sleeping, "sleep 0.8 s"));
    race.marks.push(Mark::new(2, 802_000, MarkKind::Lost, "reads chunk 61 to 160: 60 are gone"));
    race.bands.push(Band::new(505_700, 802_000, "the ring drops what nobody has read"));
    race.focus = (800_700, 802_000);
    race
}

/// Every example by name.
pub fn all() -> Vec<(&'static str, Race)> {
    vec![
        ("loss", loss()),
        ("same_millisecond", same_millisecond()),
        ("late", late()),
        ("five", five()),
        ("crowd", crowd()),
    ]
}

/// One run with a polling loop.
pub fn run() -> Timeline {
    let mut rows = vec![
        Row::new(0, "panel", "connects"),
        Row::new(12_400, "stream", "sets its cursor to 0"),
        Row::new(600_000, "job", "starts to synthesize"),
    ];
    for turn in 0..57 {
        let at = 641_000 + turn * 400_000;
        rows.push(Row::new(at, "stream", "reads the store: nothing"));
        rows.push(Row::new(at + 8_000, "stream", "reads the rows: nothing"));
    }
    rows.push(Row::new(23_730_000, "database", "the row of the artifact becomes visible"));
    rows.push(Row::new(23_741_000, "stream", "reads the store: nothing"));
    rows.push(Row::new(23_749_000, "stream", "reads the rows: announces artifact_ready, cursor := 2"));
    rows.push(Row::new(23_790_000, "panel", "receives artifact_ready, starts its timer of 2 s"));
    rows.push(Row::new(23_870_000, "job", "publishes artifact_ready as 1"));
    rows.push(Row::new(23_872_000, "job", "publishes tts_completed as 2"));
    rows.push(Row::new(25_790_000, "panel", "gives up"));
    Timeline { rows }
}

fn check(invariant: &str, verdict: Verdict, expected: Verdict, violations: u64) -> Check {
    let expects = match expected {
        Verdict::Violated => Some(Expected::Violated),
        Verdict::Holds => Some(Expected::Holds),
        Verdict::Unknown => None,
    };
    let share = violations as f64 / 5_000.0;
    Check {
        invariant: invariant.into(),
        verdict,
        expected: expects,
        as_expected: verdict == expected,
        evidence: Evidence::EveryTiming { states: 266 },
        wanted: String::new(),
        observed: None,
        margin: None,
        code: String::new(),
        cut_short: false,
        end_of_runs: None,
        sampled: Some(Sampled { runs: 5_000, violations, rate: [share * 0.9, share * 1.1 + 0.000_6] }),
        counterexample: None,
    }
}

/// A counterexample of which nothing is told.
pub fn found(id: &str) -> Counterexample {
    Counterexample {
        id: id.into(),
        steps: 41,
        smallest_gap_us: 2_000,
        replay: Some(format!("punctual replay {id}")),
        saved: None,
        took_runs: None,
        why: None,
        nearest: None,
        window: None,
        race: None,
    }
}

/// The delays of an event: from a millisecond to two seconds, of which the longest are rare.
pub fn delivery(event: &str, greatest: Option<u64>) -> Delivery {
    let curve: Vec<u64> = SHARES.iter().map(|share| 1_000 + u64::from(*share).pow(2) * 2).collect();
    Delivery {
        event: event.into(),
        client: "panel".into(),
        undelivered_runs: 412,
        sampled_us: Some(SampledDelay {
            mean: 162_123.456_789,
            p50: 501_000,
            p90: 1_621_000,
            p99: 1_961_200,
            p999: 1_997_002,
            max: 2_001_000,
            p99_interval: (1_950_000, 1_970_000),
            curve,
        }),
        exact_us: greatest.map(|max| ExactDelay { min: 1_000, max: Some(max), attained: (true, true) }),
    }
}

/// A report with everything that can be in one.
pub fn report() -> Document {
    use Verdict::{Holds, Unknown, Violated};
    let lost = Check {
        wanted: "every event owed to a client reaches it".into(),
        counterexample: Some(Counterexample {
            why: Some(
                "the stream read the store 11 ms after the commit, announced the row by itself, and \
                 moved its cursor past the ids of the two events published 121 ms later"
                    .into(),
            ),
            nearest: Some("publish 131 ms earlier: delivered at 23.741 s".into()),
            window: Some("publish at least 131 ms: 34.5 % of its draws".into()),
            race: Some(loss()),
            ..found("7c1e")
        }),
        ..check("no-event-lost", Violated, Violated, 412)
    };
    let timed_out = Check {
        code: "P1001".into(),
        observed: Some("the panel gives up in 31 of 5 000 runs".into()),
        wanted: "in none".into(),
        margin: Some("tts_completed comes 38 ms after the timer".into()),
        counterexample: Some(Counterexample {
            why: Some("the stream slept 2.0 s across the whole timer of 2 s".into()),
            nearest: Some("poll every 1.95 s: delivered 12 ms before the timer".into()),
            saved: Some(".punctual/failures/03fa.json".into()),
            race: Some(late()),
            ..found("03fa")
        }),
        ..check("client-never-times-out", Violated, Holds, 31)
    };
    let sampled = Check { evidence: Evidence::Runs, ..check("no-duplicate", Holds, Holds, 0) };
    let unknown = Check {
        evidence: Evidence::Limit { limit: "200 000 classes".into() },
        expected: Some(Expected::Holds),
        ..check("no-duplicate", Unknown, Holds, 0)
    };
    let order = Interleaving {
        interleaving: "poll-between-commit-and-publish".into(),
        verdict: InterleavingVerdict::Impossible,
        expected: Possibility::Impossible,
        as_expected: true,
        runs: 5_000,
        found_in: 0,
        states: Some(1_204),
        refused_at: Some("stream: read rows".into()),
        reason: None,
        limit: None,
        against: None,
    };
    let seen = Interleaving {
        verdict: InterleavingVerdict::Found,
        as_expected: false,
        found_in: 3,
        states: None,
        refused_at: None,
        reason: None,
        limit: None,
        ..order.clone()
    };
    let case =
        |name: &str, variant: Option<&str>, checks: Vec<Check>, interleavings: Vec<Interleaving>| Scenario {
            scenario: name.into(),
            variant: variant.map(str::to_owned),
            about: variant.map_or_else(|| format!("What {name} is about."), |_| String::new()),
            fixes: if variant.is_none() && name == "audio-reference" {
                vec!["one-id-space".into()]
            } else {
                vec![]
            },
            place: Some(format!("scenarios/{name}.toml:14:1")),
            interrupted_after: None,
            digest: "3f9a01c2".into(),
            states: states(Some(266), None),
            never_taken: vec![],
            checks,
            deliveries: vec![],
            load: None,
            interleavings,
        };
    let audio = "audio-reference";
    let slow = "poll-equals-timer";
    let cases = vec![
        case(
            audio,
            None,
            vec![lost, check("client-never-times-out", Violated, Violated, 409), sampled.clone()],
            vec![],
        ),
        case(
            audio,
            Some("one-id-space"),
            vec![
                check("no-event-lost", Holds, Holds, 0),
                check("client-never-times-out", Holds, Holds, 0),
                sampled,
            ],
            vec![order],
        ),
        case(slow, None, vec![check("no-event-lost", Holds, Holds, 0), timed_out, unknown], vec![seen]),
        case(slow, Some("notify"), vec![check("client-never-times-out", Holds, Violated, 0)], vec![]),
    ];
    Document {
        made_with: MadeWith {
            version: "0.1.0".into(),
            seed: "0x5eed00000000a1".into(),
            runs_each: 5_000,
            runs: 20_000,
            limits: vec!["200 000 states".into()],
        },
        ..Document::new(cases)
    }
}

/// The same with delays and what polling costs.
pub fn full() -> Document {
    let mut document = report();
    for (number, case) in document.scenarios.iter_mut().enumerate() {
        case.deliveries = vec![delivery("artifact_ready", Some(2_083_000)), delivery("tts_completed", None)];
        let reads = 79.123_456_789 - 20.0 * number as f64;
        case.load = Some(Load { database_reads_per_run: reads, polls_per_run: reads + 1.0 });
        for one in &mut case.deliveries {
            one.sampled_us.as_mut().unwrap().p99 += 300_000 * number as u64;
        }
    }
    document
}

/// Calls everything in a result the same.
pub fn rename(report: &mut Document, label: &str) {
    label.clone_into(&mut report.made_with.seed);
    for case in &mut report.scenarios {
        label.clone_into(&mut case.scenario);
        case.place = Some(label.to_owned());
        case.variant = Some(label.to_owned());
        label.clone_into(&mut case.about);
        for order in &mut case.interleavings {
            label.clone_into(&mut order.interleaving);
            order.refused_at = Some(label.to_owned());
        }
        for one in &mut case.deliveries {
            (one.event, one.client) = (label.to_owned(), label.to_owned());
        }
        for check in &mut case.checks {
            label.clone_into(&mut check.invariant);
            label.clone_into(&mut check.code);
            label.clone_into(&mut check.wanted);
            check.observed = Some(label.to_owned());
            if let Some(found) = &mut check.counterexample {
                found.why = Some(label.to_owned());
                found.replay = Some(label.to_owned());
                for mark in found.race.iter_mut().flat_map(|race| &mut race.marks) {
                    label.clone_into(&mut mark.label);
                }
            }
        }
    }
}

/// What no name should be.
pub fn hostile_name() -> String {
    let script = "<script>alert(1)</script>\"' onload=x &amp; ]]> --> `${x}` \u{202e}turned\u{2066} \u{1f468}\u{200d}\u{1f469} 😀 = | #1 @you *b* ";
    format!("{script}{}", "x".repeat(10_000))
}

/// A result in which every name is hostile.
pub fn hostile() -> Document {
    let mut report = full();
    rename(&mut report, &hostile_name());
    // Neighbours with one name and one variant would be read as one scenario twice; so they are.
    report
}

/// A result with so many counterexamples of so many events each.
pub fn crowded(many: usize, events: u64) -> Document {
    let mut report = full();
    let case = report.scenarios[2].clone();
    report.scenarios.clear();
    for number in 0..many {
        let mut case = case.clone();
        case.variant = (number > 0).then(|| format!("variant-{number}"));
        let check = &mut case.checks[1];
        let counterexample = check.counterexample.as_mut().unwrap();
        counterexample.id = format!("{number:08x}");
        let race = counterexample.race.as_mut().unwrap();
        *race = Race::new(["producer", "ring", "reader"]);
        for i in 0..events {
            let lane = (i * 7 % 3) as usize;
            let at = i * 5_000 + i % 13 * 100 + number as u64;
            race.marks.push(Mark::new(lane, at, MarkKind::Sent, &format!("event {i} of {number}")));
        }
        race.focus = (events * 2_500, events * 2_500 + 5_000);
        report.scenarios.push(case);
    }
    report
}
