//! Results and races that look like real ones.

#![allow(dead_code, unreachable_pub, unused_imports)] // each test takes what it needs

mod races;

use punctual_reports::document::{
    Check, Counterexample, Delivery, Document, Evidence, ExactDelay, Expected, Idle, Interleaving,
    InterleavingVerdict, Load, MadeWith, Possibility, SHARES, Sampled, SampledDelay, Scenario, States,
    Verdict,
};
use punctual_reports::picture::{Mark, MarkKind, Race};

pub use races::{all, crowd, five, late, loss, run, same_millisecond};

/// So many states, or a limit; and as many as are expected.
pub fn states(found: Option<u64>, expected: Option<u64>) -> States {
    let limit = found.is_none().then(|| "200000 states, 33 events into the runs".to_owned());
    let as_expected = expected.is_none() || found == expected;
    States { found, expected, as_expected, limit }
}

/// What is known of an invariant and kept in no result.
pub fn is_of_loss(invariant: &str) -> bool {
    invariant == "no-event-lost"
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
        of_loss: is_of_loss(invariant),
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
        only_by_a_tie: false,
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
    let sampled = Check { evidence: Evidence::Runs, ..check("no-duplicate", Holds, Holds, 0) };
    let unknown = Check {
        evidence: Evidence::Limit { limit: "200 000 classes".into() },
        expected: Some(Expected::Holds),
        ..check("no-duplicate", Unknown, Holds, 0)
    };
    let (audio, slow) = ("audio-reference", "poll-equals-timer");
    let timely = |verdict, expected, broken| check("client-never-times-out", verdict, expected, broken);
    let cases = vec![
        Scenario {
            fixes: vec!["one-id-space".into()],
            ..case(audio, None, vec![lost(), timely(Violated, Violated, 409), sampled.clone()], vec![])
        },
        case(
            audio,
            Some("one-id-space"),
            vec![check("no-event-lost", Holds, Holds, 0), timely(Holds, Holds, 0), sampled],
            vec![impossible()],
        ),
        Scenario {
            never_taken: vec![
                idle("stream.close", false, false),
                idle("panel.on.done", true, false),
                idle("stream.comment", false, true),
            ],
            ..case(slow, None, vec![cut(), timed_out(), unknown], vec![seen()])
        },
        case(slow, Some("notify"), vec![timely(Holds, Violated, 0)], vec![]),
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

fn case(name: &str, variant: Option<&str>, checks: Vec<Check>, interleavings: Vec<Interleaving>) -> Scenario {
    Scenario {
        scenario: name.into(),
        variant: variant.map(str::to_owned),
        about: variant.map_or_else(|| format!("What {name} is about."), |_| String::new()),
        fixes: vec![],
        place: Some(format!("scenarios/{name}.toml:14:1")),
        interrupted_after: None,
        digest: "3f9a01c2".into(),
        states: states(Some(266), None),
        never_taken: vec![],
        checks,
        deliveries: vec![],
        load: None,
        interleavings,
    }
}

fn idle(part: &str, taken: bool, as_expected: bool) -> Idle {
    Idle { part: part.into(), taken, as_expected }
}

/// Broken as expected, with all that can be said of the run that shows it.
fn lost() -> Check {
    let why = "the stream read the store 11 ms after the commit, announced the row by itself, and moved its cursor past \
               the ids of the two events published 121 ms later";
    Check {
        wanted: "every event owed to a client reaches it".into(),
        counterexample: Some(Counterexample {
            why: Some(why.into()),
            nearest: Some("publish 131 ms earlier: delivered at 23.741 s".into()),
            window: Some("publish at least 131 ms: 34.5 % of its draws".into()),
            race: Some(loss()),
            ..found("7c1e")
        }),
        ..check("no-event-lost", Verdict::Violated, Verdict::Violated, 412)
    }
}

/// Broken, and must hold.
fn timed_out() -> Check {
    Check {
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
        ..check("client-never-times-out", Verdict::Violated, Verdict::Holds, 31)
    }
}

/// Holds, although runs end before it has come about.
fn cut() -> Check {
    Check {
        end_of_runs: Some("12 of 5 000 runs are over (10 s after voiceover) before it has come about".into()),
        ..check("no-event-lost", Verdict::Holds, Verdict::Holds, 12)
    }
}

/// An order that no timing allows, as expected.
fn impossible() -> Interleaving {
    Interleaving {
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
    }
}

/// An order that must not be and that runs show.
fn seen() -> Interleaving {
    Interleaving {
        verdict: InterleavingVerdict::Found,
        as_expected: false,
        found_in: 3,
        states: None,
        refused_at: None,
        ..impossible()
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
        for idle in &mut case.never_taken {
            label.clone_into(&mut idle.part);
        }
        for check in &mut case.checks {
            check.end_of_runs = Some(label.to_owned());
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
