//! The library against figures that were not made with this program, and against itself.
//!
//! `audio-reference` is defined to the last microsecond so that others can implement it too. An
//! independent implementation of it (a plain walk through one run, other generator, other draws)
//! was run 20 million times for each of the variants below.

mod common;

use std::collections::BTreeMap;

use common::{embedded, replaced};
use punctual::sampling::Prepared;
use punctual_model::{EventId, Fact, Identity, World, WorldEvent};
use punctual_scenarios::{Case, Expected, Scenario};
use punctual_sim::untimed::{self, Most, Possible};
use punctual_sim::{About, Ending, Observer, Time, sample};

/// What enumerating orders without delays may take here: as much memory as there is.
const MOST: Most = Most { states: 200_000, bytes: usize::MAX };

#[path = "../benches/baseline/packed.rs"]
#[allow(dead_code, unreachable_pub, reason = "the bench takes more of it")]
mod packed;

/// What one run of an audio scenario comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outcome {
    /// From the publication of `tts_completed` to its arrival, in microseconds.
    delay: Option<u64>,
    timed_out: bool,
    turns: u64,
    reads: u64,
}

/// Watches runs and keeps the outcome of each.
struct Outcomes {
    wanted: Identity,
    published: Option<Time>,
    run: Outcome,
    all: Vec<Outcome>,
}

impl Observer<World> for Outcomes {
    fn fired(&mut self, _: Time, _: &WorldEvent) {}

    fn noted(&mut self, at: Time, fact: &Fact) {
        match *fact {
            Fact::Published { what, .. } if what == self.wanted => self.published = Some(at),
            Fact::Arrived { what, .. } if what == self.wanted && self.run.delay.is_none() => {
                self.run.delay = Some(at.since(self.published.expect("it was published")).0);
            }
            Fact::TimedOut(..) => self.run.timed_out = true,
            Fact::Turned(_) => self.run.turns += 1,
            Fact::Read(_) => self.run.reads += 1,
            _ => {}
        }
    }

    fn ended(&mut self, _: Time, _: Ending) {
        self.all.push(std::mem::take(&mut self.run));
        self.published = None;
    }
}

fn scenario(name: &str) -> Scenario {
    Scenario::parse(name, embedded(name)).expect("the library is sound")
}

fn case(name: &str, variant: &str) -> Case {
    let scenario = scenario(name);
    if variant == "base" { scenario.cases[0].clone() } else { scenario.combine(variant).expect("a variant") }
}

fn outcomes(case: &Case, seed: u64, runs: u64) -> Vec<Outcome> {
    let event = case.system.events.iter().position(|kind| kind.name == "tts_completed").expect("declared");
    let wanted = Identity::new(EventId(event as u8), 1);
    let mut outcomes = Outcomes { wanted, published: None, run: Outcome::default(), all: Vec::new() };
    sample::runs(&World::new(&case.system), seed, 0..runs, &mut outcomes, |_, _, _| {});
    outcomes.all
}

/// Which runs lose `tts_completed`.
fn lost(outcomes: &[Outcome]) -> Vec<usize> {
    (0..outcomes.len()).filter(|&run| outcomes[run].delay.is_none()).collect()
}

fn mean(values: impl Iterator<Item = u64> + Clone) -> f64 {
    values.clone().sum::<u64>() as f64 / values.count() as f64
}

/// Asserts that the mean of `values` is within four standard errors of `wanted`.
#[track_caller]
fn close(what: &str, values: &[f64], wanted: f64) {
    let count = values.len() as f64;
    let got = values.iter().sum::<f64>() / count;
    let spread = values.iter().map(|value| (value - got) * (value - got)).sum::<f64>() / (count - 1.0);
    let error = (spread / count).sqrt();
    assert!((got - wanted).abs() <= 4.0 * error, "{what}: {got} is not {wanted} +- 4 x {error}");
}

/// Asserts that something of chance `wanted` is seen as often as that, within four standard errors.
#[track_caller]
fn likely(what: &str, seen: usize, runs: usize, wanted: f64) {
    let error = (wanted * (1.0 - wanted) / runs as f64).sqrt();
    let got = seen as f64 / runs as f64;
    assert!((got - wanted).abs() <= 4.0 * error, "{what}: {got} is not {wanted} +- 4 x {error}");
}

/// What an independent implementation, 20 million runs, gave for a variant.
struct Figures {
    variant: &'static str,
    /// Runs made here.
    runs: u64,
    lost: f64,
    timed_out: f64,
    /// Delays of what was delivered, in milliseconds.
    mean: f64,
    p50: f64,
    p99: f64,
    reads: f64,
}

const INDEPENDENT: [Figures; 7] = [
    figures("base", 20_000, [0.264_745, 0.264_981], [230.444, 211.241, 520.868], 105.8301),
    figures("fix-1", 6_000, [0.264_581, 0.264_581], [229.692, 211.242, 520.839], 120.5420),
    figures("fix-2", 6_000, [0.264_714, 0.264_714], [58.121, 60.815, 89.861], 107.5222),
    figures("fix-3", 6_000, [0.000_322_7, 0.000_327_5], [273.604, 261.405, 563.615], 105.8201),
    figures("fix-4", 6_000, [0.517_628, 0.517_628], [124.403, 116.082, 261.513], 204.3370),
    figures("rows-first", 6_000, [0.239_228, 0.239_228], [234.043, 215.640, 527.962], 105.8241),
    figures("fix-3+rows-first", 6_000, [0.0, 0.0], [273.600, 261.403, 563.737], 105.8274),
];

const fn figures(variant: &'static str, runs: u64, bad: [f64; 2], ms: [f64; 3], reads: f64) -> Figures {
    let ([lost, timed_out], [mean, p50, p99]) = (bad, ms);
    Figures { variant, runs, lost, timed_out, mean, p50, p99, reads }
}

#[test]
fn the_reference_gives_the_figures_of_an_independent_implementation() {
    for figures in &INDEPENDENT {
        let case = case("audio-reference", figures.variant);
        let all = outcomes(&case, 1, figures.runs);
        let named = |what: &str| format!("{} of {}", what, figures.variant);
        likely(&named("the lost share"), lost(&all).len(), all.len(), figures.lost);
        let timed_out = all.iter().filter(|outcome| outcome.timed_out).count();
        likely(&named("the timed out share"), timed_out, all.len(), figures.timed_out);
        let delays: Vec<u64> = all.iter().filter_map(|outcome| outcome.delay).collect();
        let ms: Vec<f64> = delays.iter().map(|&us| us as f64 / 1_000.0).collect();
        close(&named("the mean delay"), &ms, figures.mean);
        for (share, quantile) in [(0.50, figures.p50), (0.99, figures.p99)] {
            let below = ms.iter().filter(|&&delay| delay <= quantile).count();
            likely(&named("the share below a quantile"), below, ms.len(), share);
        }
        let reads: Vec<f64> = all.iter().map(|outcome| outcome.reads as f64).collect();
        close(&named("reads"), &reads, figures.reads);
    }
}

#[test]
fn what_is_added_up_is_what_the_runs_say() {
    let case = case("audio-reference", "base");
    let prepared = Prepared::new(&case);
    let (tally, all) = (prepared.sample(9, 0..3_000), outcomes(&case, 9, 3_000));
    let broken: BTreeMap<&str, u64> = prepared
        .plan
        .rules()
        .iter()
        .map(|rule| rule.name())
        .zip(tally.broken.iter().map(|c| c.runs))
        .collect();
    let timed_out = all.iter().filter(|outcome| outcome.timed_out).count() as u64;
    assert_eq!(broken["no-event-lost"], lost(&all).len() as u64);
    assert_eq!(broken["no-early-end"], lost(&all).len() as u64);
    assert_eq!(broken["client-never-times-out"], timed_out);
    assert_eq!(tally.broken[0].first, lost(&all).first().map(|&run| run as u64));
    assert_eq!(tally.reads, all.iter().map(|outcome| outcome.reads).sum::<u64>());
    assert_eq!(tally.turns, all.iter().map(|outcome| outcome.turns).sum::<u64>());
    let delays = tally.deliveries.delays().last().expect("tts_completed is declared last");
    assert_eq!(delays.undelivered_runs, lost(&all).len() as u64);
    let summary = delays.summary().expect("most are delivered");
    let delivered = all.iter().filter_map(|outcome| outcome.delay);
    assert!((summary.mean - mean(delivered.clone())).abs() < 1e-6);
    assert_eq!(Some(summary.max), delivered.max());
    let late = all.iter().filter(|outcome| outcome.delay.is_none_or(|us| us > 2_000_000)).count() as u64;
    assert!(broken["delivered-within"] >= late, "a late artifact_ready counts as well");
}

#[test]
fn as_documented_the_fixes_do_to_the_same_runs_what_the_analysis_did_not_expect() {
    let runs = 4_000;
    let of = |variant: &str| outcomes(&case("audio-reference", variant), 7, runs);
    let (base, fix_1, fix_2, fix_4) = (of("base"), of("fix-1"), of("fix-2"), of("fix-4"));
    assert_eq!(lost(&fix_1), lost(&base), "polling faster afterwards loses the very same");
    assert!(lost(&fix_4).len() as f64 > 1.7 * lost(&base).len() as f64, "polling faster before loses more");
    let worst = |all: &[Outcome]| all.iter().filter_map(|outcome| outcome.delay).max();
    assert!(worst(&fix_1) <= worst(&base) && worst(&fix_1) < Some(600_000));
    assert!(worst(&fix_2) <= Some(100_000), "a notification leaves the network's delay");
    for (run, (one, other)) in base.iter().zip(&fix_1).enumerate() {
        assert!(other.delay <= one.delay, "run {run}: {other:?} is later than {one:?}");
    }
    let shipped = of("fix-3+rows-first");
    assert_eq!(lost(&shipped), [0; 0]);
}

#[test]
fn as_documented_the_race_is_found_and_a_cursor_of_its_own_mends_it() {
    let base = case("audio-as-documented", "base");
    let prepared = Prepared::new(&base);
    let order = &prepared.orders[0];
    assert_eq!(base.interleavings[0].name, "announced-between-commit-and-publish");
    assert_eq!(untimed::search(prepared.world.backend(), order.matcher(), MOST), Possible::InSomeOrder);
    let tally = prepared.sample(3, 0..1_000);
    assert!(tally.orders[0].found.runs > 150, "{:?}", tally.orders[0]);
    assert_eq!(tally.orders[0].broken[0], tally.orders[0].found.runs, "each of them loses");
    assert_eq!(tally.orders[0].against, None);
    for variant in ["cursor-per-source", "counter-ids", "notify-only", "fix-3+rows-first"] {
        let case = case("audio-as-documented", variant);
        assert_eq!(case.checks[0].rule.name(), "no-event-lost");
        assert_eq!(Prepared::new(&case).sample(3, 0..2_000).broken[0].runs, 0, "{variant}");
    }
}

#[test]
fn as_coded_the_race_is_impossible_whatever_the_delays() {
    for name in ["audio-as-coded-existing", "audio-as-coded-standalone"] {
        let base = case(name, "base");
        let prepared = Prepared::new(&base);
        assert!(!prepared.orders.is_empty());
        for (order, claim) in prepared.orders.iter().zip(&base.interleavings) {
            let found = untimed::search(prepared.world.backend(), order.matcher(), MOST);
            // The first step happens, and none of the others can follow it in its order.
            assert!(matches!(found, Possible::Never { reached: 1, .. }), "{name} {}: {found:?}", claim.name);
        }
    }
    // The same steps, with the stream on a node of its own: now something can come between.
    let text = embedded("audio-as-coded-existing");
    let apart = replaced(text, "name = \"stream\"\nnode = \"app\"", "name = \"stream\"\nnode = \"other\"");
    let apart = Scenario::parse("apart", &apart).expect("it is sound");
    let prepared = Prepared::new(&apart.cases[0]);
    let found = untimed::search(prepared.world.backend(), prepared.orders[0].matcher(), MOST);
    assert_eq!(found, Possible::InSomeOrder);
}

#[test]
fn as_coded_two_events_of_one_millisecond_are_what_is_lost() {
    let runs = 1_500;
    for name in ["audio-as-coded-existing", "audio-as-coded-standalone"] {
        let of = |variant: &str| outcomes(&case(name, variant), 5, runs);
        let base = of("base");
        likely(name, lost(&base).len(), base.len(), 1.0 - 0.063);
        likely(name, lost(&of("gap-157us")).len(), base.len(), 1.0 - 0.157);
        assert!(base.iter().all(|outcome| !outcome.timed_out), "the timer never starts");
        // The third fix moves a step, and with it the instants of all runs: the share stays.
        likely(name, lost(&of("fix-3")).len(), base.len(), 1.0 - 0.063);
        for variant in ["fix-1", "fix-4", "cursor-per-source"] {
            assert_eq!(lost(&of(variant)), lost(&base), "{variant} loses the very same");
        }
        assert_eq!(of("cursor-per-source"), base, "nothing is ever announced from a row");
        assert_eq!(lost(&of("counter-ids")), [0; 0]);
        assert_eq!(lost(&of("ship")), [0; 0]);
    }
    let delay = |variant: &str| mean_delay(&outcomes(&case("audio-as-coded-existing", variant), 5, runs));
    assert!(delay("fix-4") < delay("fix-1") && delay("fix-1") < delay("base"));
}

fn mean_delay(outcomes: &[Outcome]) -> f64 {
    mean(outcomes.iter().filter_map(|outcome| outcome.delay))
}

#[test]
fn the_blog_loses_nothing_until_its_store_overflows() {
    let broken = |variant: &str| {
        let case = case("blog-as-coded", variant);
        let tally = Prepared::new(&case).sample(2, 0..600);
        (tally.broken[0].runs, case.checks[0].expected)
    };
    assert_eq!(broken("base"), (0, Some(Expected::Holds)));
    for variant in ["burst", "closes-early"] {
        let (lost, expected) = broken(variant);
        assert!(lost > 0 && expected == Some(Expected::Violated), "{variant}: {lost}");
    }
    // One chunk less than the store keeps, between two looks that far apart: nothing is lost.
    let roomy = replaced(embedded("blog-as-coded"), "keep = 100", "keep = 151");
    let roomy = Scenario::parse("roomy", &roomy).expect("it is sound");
    let case = roomy.case(Some("burst")).expect("the variant");
    assert_eq!(Prepared::new(case).sample(2, 0..600).broken[0].runs, 0);
}

#[test]
fn a_plain_loop_over_a_heap_agrees_run_by_run() {
    // Its draws are keyed by the names that the steps have when the file gives them none.
    let text = replaced(embedded("audio-reference"), ", step = \"start\"", "");
    let text = replaced(&text, ", step = \"complete\"", "");
    let scenario = Scenario::parse("plain", &text).expect("it is sound");
    let (runs, seed) = (2_000, 0x5eed);
    let all = outcomes(&scenario.cases[0], seed, runs);
    let world = World::new(&scenario.cases[0].system);
    let mut plain = packed::Packed::new(seed);
    let mut tied = 0;
    for (run, outcome) in (0..runs).zip(&all) {
        let wanted = plain.run(run);
        if (outcome.delay, outcome.timed_out, outcome.turns) != (wanted.delay, wanted.timed_out, wanted.turns)
        {
            let trace = sample::trace(&world, seed, run);
            let ties = trace.decisions.iter().any(|decision| decision.about == About::Tie);
            assert!(ties, "run {run}: {outcome:?} is not {wanted:?}, and no tie explains it");
            tied += 1;
        }
    }
    assert!(tied <= runs / 100, "{tied} runs differ by a tie");
}
