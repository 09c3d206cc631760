//! Exact delays, thresholds and reasons, each held against a second way to have it.

use std::collections::BTreeMap;

use punctual::budget::Budget;
use punctual::counterexample::Counterexample;
use punctual::order::{self, Impossible, OrderProved, Why};
use punctual::proof::{self, Extreme, Proved, STATES, Spans};
use punctual::sampling::Prepared;
use punctual::story::Story;
use punctual::stretch::located;
use punctual::threshold::{Asked, Region, Safety};
use punctual_model::{ClientId, EventId, Fact, FactKind, Stretch};
use punctual_scenarios::{BASE, Case, Scenario, library};
use punctual_sim::{Ending, Span};

fn scenario(wanted: &str) -> Scenario {
    let (name, text) = library().into_iter().find(|(name, _)| *name == wanted).expect("it is in the library");
    Scenario::parse(name, text).expect("the library is sound")
}

fn case(wanted: &str, variant: &str) -> Case {
    scenario(wanted).combine(variant).expect("it is a case")
}

fn exact(prepared: &Prepared<'_>, stretch: Stretch) -> (Span, Span) {
    match proof::spans(prepared, &[stretch], budget()).remove(0) {
        Spans::Exact { least, greatest, .. } => (least.span, greatest.span),
        other => panic!("{other:?}"),
    }
}

fn budget() -> Budget<'static> {
    Budget::of(STATES)
}

const TTS: EventId = EventId(1);
const PANEL: ClientId = ClientId(0);

/// The stream sees `tts_completed`, at the latest, after a whole sleep and its store check, and the way to
/// the panel comes on top; at the earliest it looks at that instant.
#[test]
fn the_worst_delay_is_a_sleep_a_look_and_the_way() {
    let ms = Span::millis;
    // As documented it sleeps up to 2 s, looks within 3 ms, and sends within 80 ms; rows first means
    // 15 ms more before the look.
    let closed = [("base", 2_000 + 3 + 80), ("fix-1", 500 + 3 + 80), ("rows-first", 2_000 + 15 + 3 + 80)];
    for (variant, worst) in closed {
        let case = case("audio-as-documented", variant);
        let prepared = Prepared::new(&case);
        let found = exact(&prepared, Stretch::delivery(TTS, PANEL));
        assert_eq!(found, (ms(5), ms(worst)), "{variant}");
    }
}

/// Every end is attained by a run of the ordinary driver, in which the two facts are so far apart.
#[test]
fn both_ends_of_a_delay_are_attained() {
    for variant in ["base", "fix-2", "fix-2+fix-3", "counter-ids"] {
        let case = case("audio-as-documented", variant);
        let prepared = Prepared::new(&case);
        let stretch = Stretch::delivery(TTS, PANEL);
        let Spans::Exact { least, greatest, .. } = proof::spans(&prepared, &[stretch], budget()).remove(0)
        else {
            panic!("{variant}: it is delivered in some runs");
        };
        for end in [(least, Extreme::Least), (greatest, Extreme::Greatest)] {
            let run =
                proof::attaining(&prepared, stretch, end, budget()).expect("the judge of traces agrees");
            let run: Counterexample = run.unwrap_or_else(|| panic!("{variant}: a run attains {end:?}"));
            let story = Story::of(&case.system, &run.trace);
            let (from, to) = located(&story, stretch, end.0.span).expect("the run has such a stretch");
            assert_eq!(to - from, end.0.span, "{variant}");
        }
    }
}

/// Where ids come from a clock, exploring allows more than the clock does. Yet whatever it says of these
/// cases there are runs for: of what is broken, and of both ends of each delay.
#[test]
fn what_reads_a_clock_has_runs_too() {
    let coded = ["audio-as-coded-existing", "audio-as-coded-standalone"];
    for (name, variant) in coded.iter().flat_map(|name| [BASE, "fix-1", "gap-157us"].map(|one| (*name, one)))
    {
        let case = case(name, variant);
        let prepared = Prepared::new(&case);
        let proof = proof::explore(&prepared, budget()).expect("no bug");
        for (place, rule) in prepared.plan.rules().iter().enumerate() {
            let shown = proof.counterexamples.iter().any(|found| found.breaches[place].is_some());
            let broken = matches!(proof.proved[place], Proved::Broken { .. });
            assert_eq!(broken, shown, "{name} {variant}: {}", rule.name());
        }
        // A run in 200 breaks it.
        let durable = prepared.plan.rules().iter().position(|rule| rule.name() == "durable-before-announced");
        assert!(matches!(proof.proved[durable.expect("it is a rule")], Proved::Broken { .. }));
        let delays = prepared.tally();
        for found in proof::deliveries(&prepared, delays.deliveries.delays(), budget()) {
            let Spans::Exact { least, greatest, .. } = found else { panic!("{found:?}") };
            assert!(least.attained && greatest.attained, "{name} {variant}: {least:?}, {greatest:?}");
        }
    }
    let case = case("audio-as-coded-existing", BASE);
    let prepared = Prepared::new(&case);
    let stretch = Stretch::delivery(EventId(2), PANEL);
    let Spans::Exact { greatest, .. } = proof::spans(&prepared, &[stretch], budget()).remove(0) else {
        panic!("it is delivered in some runs");
    };
    assert_eq!(greatest.span, Span::millis(2_104));
    let run = proof::attaining(&prepared, stretch, (greatest, Extreme::Greatest), budget()).expect("no bug");
    let story = Story::of(&case.system, &run.expect("there is a run").trace);
    let (from, to) = located(&story, stretch, greatest.span).expect("the run has such a stretch");
    assert_eq!(to - from, greatest.span);
}

/// No sampled delay lies outside of the exact ones, and where every run delivers, with thousands of them
/// some come within a hundredth of the longest.
#[test]
fn sampled_delays_lie_within_the_exact_ones_and_near_them() {
    let cases = [("audio-as-documented", "counter-ids"), ("audio-as-coded-existing", "counter-ids")];
    for (name, variant) in cases {
        let case = case(name, variant);
        let prepared = Prepared::new(&case);
        let sampled = prepared.sample(7, 0..4_000);
        let exact = proof::deliveries(&prepared, sampled.deliveries.delays(), budget());
        for (sampled, exact) in sampled.deliveries.delays().iter().zip(&exact) {
            let (Some(sampled), Spans::Exact { least, greatest, .. }) = (sampled.summary(), exact) else {
                panic!("{name}: all is delivered in some runs");
            };
            assert!(least.span.0 <= sampled.min && sampled.max <= greatest.span.0, "{name}: {exact:?}");
            assert!(sampled.max * 20 >= greatest.span.0 * 19, "{name}: {} to {exact:?}", sampled.max);
        }
    }
}

/// For each value the verdict of a plain exploration at that value alone.
fn by_bisection(asked: &Asked<'_>, mut safe: Span, mut broken: Span) -> (Span, Span) {
    let holds = |value: Span| {
        let case = asked.scenario.with(asked.variant, &[(asked.parameter, value)]).expect("it compiles");
        let place = case.rule_named(asked.keep).expect("a check");
        matches!(proof::explore_one(&Prepared::new(&case), place, budget()), Ok(Proved::Holds { .. }))
    };
    assert!(holds(safe) && !holds(broken));
    while safe.0.abs_diff(broken.0) > 1 {
        let middle = Span(u64::midpoint(safe.0, broken.0));
        if holds(middle) { safe = middle } else { broken = middle }
    }
    (safe, broken)
}

/// The panel's 2 s run from the arrival of `artifact_ready`, at least 5 ms on the way; what stops them
/// sleeps for the parameter, looks within 3 ms and is at most 80 ms on the way, from a publication that
/// may fall together with the end of the look before: 2 s - 83 ms is the first value that ties.
#[test]
fn a_threshold_agrees_with_bisection_and_the_closed_form() {
    let scenario = scenario("audio-as-documented");
    let cases = [
        ("policy.poll.completed", "client-never-times-out", (1_916_999, 1_917_000)),
        ("policy.poll.completed", "delivered-within", (1_917_000, 1_917_001)),
        ("client.panel.timer.finish.limit", "client-never-times-out", (2_083_001, 2_083_000)),
        ("limits.delivered-within", "delivered-within", (2_083_000, 2_082_999)),
    ];
    for (name, keep, (safe, broken)) in cases {
        let parameter = scenario.parameter("counter-ids", name).expect("it is a duration");
        let variant = "counter-ids";
        let asked = Asked {
            scenario: &scenario,
            variant,
            fixed: vec![],
            parameter: &parameter,
            keep,
            budget: budget(),
        };
        let (low, high) = (Span::millis(200), Span::secs(20));
        let answer = asked.regions(low, high).expect("it can be asked");
        let edge = match &answer.regions[..] {
            [Region { to, safety: Safety::Safe { .. }, .. }, Region { from, safety: Safety::Breaks, .. }] => {
                (*to, *from)
            }
            [Region { to, safety: Safety::Breaks, .. }, Region { from, safety: Safety::Safe { .. }, .. }] => {
                (*from, *to)
            }
            other => panic!("{name}, {keep}: {other:?}"),
        };
        assert_eq!(edge, (Span(safe), Span(broken)), "{name}, {keep}");
        let (safe_end, broken_end) = if safe < broken { (low, high) } else { (high, low) };
        assert_eq!(by_bisection(&asked, safe_end, broken_end), edge, "{name}, {keep}");
        // What breaks at the edge does so in a run of the ordinary driver.
        let (.., found) = asked.breaking_run(edge.1).expect("no bug").expect("there is a run");
        assert!(found.breaches.iter().any(Option::is_some));
        assert!(asked.breaking_run(edge.0).expect("no bug").is_none(), "{name}: the edge itself is safe");
    }
}

/// Where a loss is possible for every value, one search says so; and a value by itself is a range too.
#[test]
fn a_range_may_be_all_safe_or_all_broken_or_one_value() {
    let scenario = scenario("audio-as-documented");
    let ask = |variant: &str, name: &str, keep: &str, low: Span, high: Span| {
        let parameter = scenario.parameter(variant, name).expect("it is a duration");
        let asked = Asked {
            scenario: &scenario,
            variant,
            fixed: vec![],
            parameter: &parameter,
            keep,
            budget: budget(),
        };
        let answer = asked.regions(low, high).expect("it can be asked");
        (answer.regions, answer.searches)
    };
    let publish = "task.voiceover.publish.takes.max";
    let (regions, searches) = ask(BASE, publish, "no-event-lost", Span::millis(1), Span::secs(1));
    assert!(matches!(regions[..], [Region { safety: Safety::Breaks, .. }]), "{regions:?}");
    assert!(searches <= 4, "{searches}");
    let (regions, _) = ask("counter-ids", publish, "no-event-lost", Span::millis(1), Span::secs(1));
    assert!(matches!(regions[..], [Region { safety: Safety::Safe { .. }, .. }]), "{regions:?}");
    let polled = "policy.poll.completed";
    let one = Span(1_917_000);
    let (regions, _) = ask("counter-ids", polled, "client-never-times-out", one, one);
    assert!(matches!(regions[..], [Region { safety: Safety::Breaks, .. }]), "{regions:?}");
}

/// The chain that FACTS' poll needs: two reads of the rows are 304 ms apart, and the worker publishes
/// 200 ms after it commits.
#[test]
fn an_impossible_order_has_two_chains_of_delays_for_a_reason() {
    let case = case("audio-as-documented", BASE);
    let prepared = Prepared::new(&case);
    let place =
        case.orders().find(|place| case.interleaving(*place).name == "two-reads-between-commit-and-publish");
    let found = order::order(&prepared, place.expect("it is there"), budget()).expect("no bug");
    let OrderProved::Impossible(Impossible { why: Why::TooLate { after, first, then }, .. }) = found else {
        panic!("the delays forbid it");
    };
    assert_eq!((after.as_str(), first.step.as_str()), ("stream.read", "voiceover.publish"));
    assert_eq!((first.span, then.span), (Span::millis(200), Span::millis(304)));
    let sum = |delays: &[(String, Span)]| delays.iter().map(|(_, span)| span.0).sum::<u64>();
    assert_eq!((sum(&first.delays), sum(&then.delays)), (200_000, 304_000), "each is the sum of its delays");
}

/// An order of one event loop is refused whatever the delays, and one that only happens is not refused.
#[test]
fn an_order_that_no_loop_allows_is_refused_whatever_the_delays() {
    let case = case("audio-as-coded-existing", BASE);
    let prepared = Prepared::new(&case);
    let place =
        case.orders().find(|place| case.interleaving(*place).name == "poll-between-commit-and-publish");
    let found = order::order(&prepared, place.expect("it is there"), budget()).expect("no bug");
    assert!(matches!(found, OrderProved::Impossible(Impossible { why: Why::WhateverTheDelays, .. })));
}

/// A stream that polls until a status changes that never does.
const FOR_EVER: &str = r#"
scenario = "for-ever"
about = "A stream that is opened on a job that is completed already."

[job]
status = "completed"

[[event]]
name = "done"
terminal = true

[[store]]
name = "events"
ids = "counter"

[[task]]
name = "job"
node = "worker"
steps = [{ work = "think", takes = "1s..2s" }, { publish = "done" }]

[[task]]
name = "stream"
node = "app"
serves = "page"
loop = [
  { read = ["status"], takes = "2ms..15ms" },
  { send = "events", takes = "1ms..3ms" },
  { close = "page", if = "changed to completed" },
  { sleep = "500ms..600ms" },
]

[[client]]
name = "page"
latency = "5ms..80ms"

[[client.on]]
event = "done"
ends = true

[limits]
stream-ends = "15s"

[expect]
no-event-lost = "holds"
stream-ends = "violated"
client-ends = "holds"
"#;

/// What a run that goes on for ever has done by then holds; what it never does is broken, and shown as a
/// lasso.
#[test]
fn a_run_that_goes_on_for_ever_is_a_lasso() {
    let scenario = Scenario::parse("for-ever.toml", FOR_EVER).expect("it is sound");
    let prepared = Prepared::new(&scenario.cases[0]);
    let proof = proof::explore(&prepared, budget()).expect("no bug");
    let by_name: BTreeMap<&str, bool> = prepared
        .plan
        .rules()
        .iter()
        .zip(&proof.proved)
        .map(|(rule, proved)| {
            assert!(!matches!(proved, Proved::Unknown { .. }), "{}: {proved:?}", rule.name());
            (rule.name(), matches!(proved, Proved::Holds { .. }))
        })
        .collect();
    assert_eq!((by_name["no-event-lost"], by_name["stream-ends"]), (true, false));
    assert!(by_name["client-ends"]);
    let [found] = &proof.counterexamples[..] else { panic!("one run shows it") };
    assert!(matches!(found.trace.ending, Ending::Lasso(_)));
    let (from, events, takes) = found.lasso().expect("it goes on for ever");
    // A turn is a read, a look and a sleep.
    assert_eq!(events, 3);
    assert!((503_000..=618_000).contains(&takes.0), "{takes:?} from {from:?}");
    let closed = found.trace.steps.iter().flat_map(|step| &step.facts);
    assert!(!closed.clone().any(|fact| matches!(fact, Fact::Closed(_))));
}

/// A fact that never occurs is found out, and told from one that is only never after the other.
#[test]
fn a_stretch_that_no_timing_has_is_never() {
    let case = case("audio-as-documented", BASE);
    let prepared = Prepared::new(&case);
    let finished = FactKind::Finished(PANEL);
    let never =
        Stretch { from: finished, to: FactKind::Did(punctual_model::TaskId(0), punctual_model::StepId(0)) };
    assert!(matches!(proof::spans(&prepared, &[never], budget())[..], [Spans::Never { .. }]));
    assert_eq!(proof::happens(&prepared, finished, budget()), Some(true));
    assert_eq!(proof::happens(&prepared, FactKind::Fetched(PANEL, false), budget()), Some(false));
}
