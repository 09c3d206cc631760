//! `cargo bench --bench simulating`: how fast simulated time passes with real bytes.
//!
//! Simulated seconds in a second, on one core, for one client and for ten, and for several ticks of the network:
//! what costs is the tick of a host, whether anything happens in it or not. The rows of one client are divided
//! by those of ten in the same run, so that a busy machine does not decide the ratio.

use punctual::hosts::Draws;
use punctual::hosts::simulate::{simulate, tick_for};
use punctual::scenarios::Scenario;
use punctual_sim::{Span, Time};

/// A job of half a minute with so many clients, each with a stream and a line of its own.
fn scenario(clients: usize) -> Scenario {
    let mut text = String::from(
        r#"scenario = "many"
about = "A job, and pages that wait for it."
ends = "5s after job"
[job]
status = "running"
[[event]]
name = "chapter"
[[event]]
name = "finished"
terminal = true
[[store]]
name = "events"
ids = "counter"
[policy.poll]
running = "300ms"
completed = "500ms"
[[task]]
name = "job"
node = "worker"
steps = [
  { repeat = 10, step = "chapters", steps = [
    { work = "write", takes = "2s..4s" },
    { publish = "chapter" },
  ] },
  { publish = "finished", takes = "1ms..20ms" },
  { status = "completed", step = "complete", takes = "5ms..20ms" },
]
[expect]
no-event-lost = "holds"
"#,
    );
    for client in 1..=clients {
        text += &format!(
            r#"[[task]]
name = "stream{client}"
node = "server"
serves = "page{client}"
loop = [
  {{ send = "events", takes = "1ms..5ms" }},
  {{ read = "status", takes = "5ms..15ms" }},
  {{ close = "page{client}", if = "is completed for 2s" }},
  {{ poll = "poll" }},
]
[[client]]
name = "page{client}"
latency = "5ms..80ms"
[[client.on]]
event = "finished"
shows = "success"
ends = true
"#
        );
    }
    Scenario::parse("many", &text).unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

/// Simulated seconds in a second; the best of some runs.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn pace(scenario: &Scenario, tick: Span) -> f64 {
    let system = &scenario.cases[0].system;
    let once = |run: u64| {
        let begun = std::time::Instant::now();
        let simulated = simulate(system, &Draws::Seeded { seed: 1, run }, tick).expect("it runs");
        assert_eq!(simulated.allowed, Ok(()));
        let took = simulated.trace.ended_at - Time::ZERO;
        took.0 as f64 / 1e6 / begun.elapsed().as_secs_f64()
    };
    (0..3).map(once).fold(0.0, f64::max)
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn main() {
    let (one, ten) = (scenario(1), scenario(10));
    println!("{:<28} {:>14} {:>14} {:>10}", "simulated s in a second", "one client", "ten clients", "ratio");
    let suits = tick_for(&one.cases[0].system);
    for tick in [Span::micros(100), Span::millis(1), suits, Span::millis(10)] {
        let (alone, many) = (pace(&one, tick), pace(&ten, tick));
        let name = format!("a tick of {tick}{}", if tick == suits { ", which suits it" } else { "" });
        println!("{name:<28} {alone:>14.0} {many:>14.0} {:>10.1}", alone / many);
    }
}
