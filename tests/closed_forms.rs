//! Chances and means that can be worked out on paper, against what many runs come to.
//!
//! A seed is fixed, so each of these passes or fails for good. The bands are those of a test that
//! would refuse a true figure once in a thousand seeds.

mod common;

use common::replaced;
use punctual::delivery::Summary;
use punctual::sampling::{Prepared, Tally};
use punctual_scenarios::Scenario;

/// A normal deviate is beyond this, on either side, once in a thousand times.
const ONCE_IN_A_THOUSAND: f64 = 3.2905;

fn sampled(text: &str, runs: u64) -> Tally {
    let scenario =
        Scenario::parse("paper.toml", text).unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    Prepared::new(&scenario.cases[0]).sample(0x5eed, 0..runs)
}

/// Whether the 99.9 % interval (Wilson) of a chance seen `seen` times in `runs` encloses `wanted`.
fn encloses(seen: u64, runs: u64, wanted: f64) -> bool {
    let error = (wanted * (1.0 - wanted) / runs as f64).sqrt();
    (seen as f64 / runs as f64 - wanted).abs() <= ONCE_IN_A_THOUSAND * error
}

/// Two events a fixed time apart on one event loop, whose ids are whole milliseconds.
const PAIR: &str = r#"
scenario = "pair"
about = "Two events, one after the other."
ends = "1s after job"
[job]
status = "pending"
[[event]]
name = "one"
[[event]]
name = "two"
terminal = true
[[store]]
name = "events"
ids = "clock 1ms"
[[task]]
name = "job"
node = "app"
steps = [
  { work = "begin", takes = "100ms..1s" },
  { publish = "one" },
  { work = "gap", blocks = "GAP" },
  { publish = "two" },
]
[[task]]
name = "stream"
node = "app"
serves = "panel"
loop = [{ send = "events" }, { sleep = "500ms" }]
[[client]]
name = "panel"
latency = "5ms"
[expect]
no-event-lost = "any"
"#;

#[test]
fn two_events_share_a_millisecond_with_a_chance_of_one_less_the_gap() {
    for (gap, runs) in [(63, 6_000), (157, 6_000), (500, 6_000), (999, 40_000)] {
        let tally = sampled(&replaced(PAIR, "GAP", &format!("{gap}us")), runs);
        let (lost, wanted) = (tally.broken[0].runs, 1.0 - f64::from(gap) / 1_000.0);
        assert!(encloses(lost, runs, wanted), "gap {gap} us: {lost} of {runs} lost, not {wanted}");
    }
}

#[test]
fn no_gap_is_always_lost_and_a_whole_millisecond_never() {
    for (gap, lost) in [("0us", 1_000), ("1ms", 0), ("1500us", 0)] {
        assert_eq!(sampled(&replaced(PAIR, "GAP", gap), 1_000).broken[0].runs, lost, "{gap}");
    }
}

#[test]
fn a_coarser_clock_scales_the_chance() {
    let text = replaced(&replaced(PAIR, "clock 1ms", "clock 8ms"), "GAP", "2ms");
    let lost = sampled(&text, 6_000).broken[0].runs;
    assert!(encloses(lost, 6_000, 0.75), "{lost} of 6000");
}

/// A stream that looks every 300 ms from a phase on that is uniform, and a window of the job.
const WINDOW: &str = r#"
scenario = "window"
about = "A poll may land between a commit and a publish."
ends = "1s after job"
[job]
status = "pending"
[[event]]
name = "ready"
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [
  { work = "begin", takes = "3s" },
  { commit = "row" },
  { publish = "ready", takes = "WINDOW" },
]
[[task]]
name = "stream"
node = "app"
starts = "0us..299999us"
serves = "panel"
loop = [{ send = "events" }, { sleep = "300ms" }]
[[client]]
name = "panel"
latency = "5ms"
[[interleaving]]
name = "lands-in-it"
order = ["job.commit", "stream.send", "job.publish"]
keeps = ["no-event-lost"]
[expect]
no-event-lost = "holds"
"#;

#[test]
fn a_poll_lands_in_a_window_with_a_chance_of_window_over_period() {
    for (window, wanted) in [("3ms", 0.01), ("30ms", 0.1), ("100ms", 1.0 / 3.0), ("270ms", 0.9)] {
        let runs = 6_000;
        let tally = sampled(&replaced(WINDOW, "WINDOW", window), runs);
        let found = tally.orders[0].found.runs;
        assert!(encloses(found, runs, wanted), "window {window}: {found} of {runs}, not {wanted}");
        assert_eq!(tally.broken[0].runs, 0, "a counter loses nothing");
    }
}

#[test]
fn what_an_order_names_does_not_come_between_its_steps() {
    // In a window of one and a half periods there are one or two polls, each as likely; with two
    // of them a poll comes between the commit and the one before the publish, and neither counts.
    let tally = sampled(&replaced(WINDOW, "WINDOW", "450ms"), 6_000);
    let found = tally.orders[0].found.runs;
    assert!(encloses(found, 6_000, 0.5), "{found} of 6000");
}

#[test]
fn an_event_waits_half_a_period_on_average() {
    let runs = 6_000;
    let summary = only(&sampled(&replaced(WINDOW, "WINDOW", "1ms"), runs));
    // Uniform over 300 ms, and 5 ms on the way.
    within("the mean", summary.mean, 155_000.0, 300_000.0 / 12_f64.sqrt(), runs);
    assert!(summary.max <= 305_000, "{}", summary.max);
}

/// One message, sent a second after its event was published.
const ONE_STEP: &str = r#"
scenario = "one-step"
about = "One message travels by a law."
ends = "100s after job"
[job]
status = "pending"
[[event]]
name = "done"
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "done" }]
[[task]]
name = "stream"
node = "app"
starts = "1s"
serves = "panel"
steps = [{ send = "events" }, { close = "panel" }]
[[client]]
name = "panel"
latency = "LAW"
[expect]
no-event-lost = "holds"
"#;

/// The delays of the only event.
fn only(tally: &Tally) -> Summary {
    let [delays] = tally.deliveries.delays() else { panic!("one event, one client") };
    assert_eq!((tally.broken[0].runs, delays.undelivered_runs), (0, 0));
    delays.summary().expect("it was delivered")
}

/// Asserts that a mean lies in the band around `wanted`, given the deviation of one value.
#[track_caller]
fn within(what: &str, got: f64, wanted: f64, deviation: f64, runs: u64) {
    // Values are whole microseconds, which moves a mean by one at most.
    let band = 1.0 + ONCE_IN_A_THOUSAND * deviation / (runs as f64).sqrt();
    assert!((got - wanted).abs() <= band, "{what}: {got} is not {wanted} +- {band}");
}

/// The mean and deviation of the distance from the lower end of an exponential law with `mean`
/// that is cut off at `width`: its moments are those of the whole law less those of the tail.
fn cut_exponential(mean: f64, width: f64) -> (f64, f64) {
    let tail = libm::exp(-width / mean);
    let first = mean - width * tail / (1.0 - tail);
    let second = 2.0 * mean * mean - (width * width + 2.0 * mean * width) * tail / (1.0 - tail);
    (first, (second - first * first).sqrt())
}

#[test]
fn a_delay_has_the_mean_of_its_law() {
    let (low, high, mode) = (5_000.0_f64, 80_000.0_f64, 20_000.0_f64);
    let triangle = low * low + high * high + mode * mode - low * high - low * mode - high * mode;
    let (short, short_deviation) = cut_exponential(20_000.0, 75_000.0);
    let (flat, flat_deviation) = cut_exponential(500_000.0, 75_000.0);
    // Half uniform from 5 to 20 ms, half from 20 to 80 ms.
    let second = 0.5 * (5.0 * 5.0 + 5.0 * 20.0 + 20.0 * 20.0) / 3.0
        + 0.5 * (20.0 * 20.0 + 20.0 * 80.0 + 80.0 * 80.0) / 3.0;
    let measured = (31_250.0, (second - 31.25 * 31.25_f64).sqrt() * 1_000.0);
    for (law, mean, deviation) in [
        ("7ms", 7_000.0, 0.0),
        ("5ms..80ms", 42_500.0, 75_000.0 / 12_f64.sqrt()),
        ("triangular 5ms..80ms mode 20ms", (low + high + mode) / 3.0, (triangle / 18.0).sqrt()),
        ("exponential 5ms..80ms mean 20ms", low + short, short_deviation),
        ("exponential 5ms..80ms mean 500ms", low + flat, flat_deviation),
        ("empirical 5ms@0% 20ms@50% 80ms@100%", measured.0, measured.1),
    ] {
        let runs = 20_000;
        let summary = only(&sampled(&replaced(ONE_STEP, "LAW", law), runs));
        within(law, summary.mean, 1_000_000.0 + mean, deviation, runs);
    }
}

#[test]
fn a_log_normal_delay_has_its_median_and_its_mean() {
    // The cuts are four deviations of the logarithm away: what they take does not show.
    let (median, sigma, runs) = (20_000.0, 0.5, 20_000);
    let text = replaced(ONE_STEP, "LAW", "log-normal 100us..1s median 20ms sigma 0.5");
    let summary = only(&sampled(&text, runs));
    let mean = median * libm::exp(sigma * sigma / 2.0);
    let deviation = mean * libm::expm1(sigma * sigma).sqrt();
    within("the mean", summary.mean, 1_000_000.0 + mean, deviation, runs);
    // The deviation of a median is that of a mean times the root of half of pi, near a normal.
    let near = median * sigma * (std::f64::consts::PI / 2.0).sqrt();
    within("the median", summary.p50 as f64 - 100.0, 1_000_000.0 + median, near + 4_000.0, runs);
}

#[test]
fn quantiles_are_those_of_the_law() {
    let runs = 20_000;
    let summary = only(&sampled(&replaced(ONE_STEP, "LAW", "5ms..80ms"), runs));
    for (share, got) in [(0.50, summary.p50), (0.99, summary.p99)] {
        let wanted = 1_005_000.0 + share * 75_000.0;
        let error = 75_000.0 * (share * (1.0 - share) / runs as f64).sqrt();
        // The histogram keeps four digits: 100 us at a second.
        let band = 100.0 + ONCE_IN_A_THOUSAND * error;
        assert!((got as f64 - wanted).abs() <= band, "{share}: {got} is not {wanted} +- {band}");
    }
    assert!(summary.max <= 1_080_000, "{}", summary.max);
}
