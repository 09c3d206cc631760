//! Progress on standard error: a bar where somebody watches, a line every ten seconds where not.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use punctual_reports::text;

use super::output::{Output, say};

/// How often a line is printed where there is no terminal.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// How far the runs have come.
pub(crate) struct Progress {
    bar: ProgressBar,
    doing: Doing,
    lines: bool,
    total: u64,
    made: AtomicU64,
    begun: Instant,
    last: Mutex<Instant>,
}

/// What is done, to what, and how much of what is counted makes one of it.
#[derive(Clone, Copy)]
struct Doing {
    word: &'static str,
    what: &'static str,
    unit: u64,
}

impl Progress {
    /// Of `total` runs.
    pub(crate) fn of(total: u64, output: &Output) -> Self {
        Self::doing(Doing { word: "Sampling", what: "runs", unit: 1 }, total, output)
    }

    /// Of `total` cells of a sweep.
    pub(crate) fn cells(total: u64, output: &Output) -> Self {
        Self::doing(Doing { word: "Sweeping", what: "cells", unit: 1 }, total, output)
    }

    /// Of simulated time, counted in microseconds.
    #[cfg(feature = "hosts")]
    pub(crate) fn simulated(total: punctual_sim::Span, output: &Output) -> Self {
        Self::doing(Doing { word: "Simulating", what: "s", unit: 1_000_000 }, total.0, output)
    }

    #[expect(clippy::disallowed_methods, reason = "progress is about real time, and part of no result")]
    fn doing(doing: Doing, total: u64, output: &Output) -> Self {
        let target = if output.progress && output.bar {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let Doing { word, what, unit } = doing;
        let template =
            format!("    {word} {{bar:30}} {{made}} of {{all}} {what}, {{rate}} a second, {{eta}} left");
        let style = ProgressStyle::with_template(&template).expect("the template is sound");
        let style = style.with_key("made", move |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&text::grouped(state.pos() / unit));
        });
        let style = style.with_key("all", move |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&text::grouped(state.len().unwrap_or(0) / unit));
        });
        let style = style.with_key("rate", move |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&rate(state.per_sec() / unit as f64));
        });
        bar.set_style(if output.style.ascii { style.progress_chars("#> ") } else { style });
        let lines = output.progress && !output.bar;
        let begun = Instant::now();
        Self { bar, doing, lines, total, made: AtomicU64::new(0), begun, last: Mutex::new(begun) }
    }

    /// So many more were made.
    pub(crate) fn add(&self, runs: u64) {
        self.bar.inc(runs);
        let made = self.made.fetch_add(runs, Ordering::Relaxed) + runs;
        let Ok(mut last) = self.last.lock() else { return };
        if self.lines && last.elapsed() >= HEARTBEAT {
            *last += HEARTBEAT;
            let fast = made as f64 / self.begun.elapsed().as_secs_f64();
            let left = self.total.saturating_sub(made) as f64 / fast;
            let Doing { word, what, unit } = self.doing;
            let (made, total) = (text::grouped(made / unit), text::grouped(self.total / unit));
            let fast = rate(fast / unit as f64);
            say(&format!("    {word} {made} of {total} {what}, {fast} a second, {left:.0} s left"));
        }
    }

    /// There is no more to come.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// So many a second: of few, one digit behind the point, since `0 a second` would come to no end.
fn rate(a_second: f64) -> String {
    if a_second < 10.0 { format!("{a_second:.1}") } else { text::grouped(a_second.round() as u64) }
}
