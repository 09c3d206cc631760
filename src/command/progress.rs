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
    /// What is done, and to what.
    words: (&'static str, &'static str),
    lines: bool,
    total: u64,
    made: AtomicU64,
    begun: Instant,
    last: Mutex<Instant>,
}

impl Progress {
    /// Of `total` runs.
    pub(crate) fn of(total: u64, output: &Output) -> Self {
        Self::in_words(("Sampling", "runs"), total, output)
    }

    /// Of `total` cells of a sweep.
    pub(crate) fn cells(total: u64, output: &Output) -> Self {
        Self::in_words(("Sweeping", "cells"), total, output)
    }

    #[expect(clippy::disallowed_methods, reason = "progress is about real time, and part of no result")]
    fn in_words(words: (&'static str, &'static str), total: u64, output: &Output) -> Self {
        let target = if output.progress && output.bar {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template =
            format!("    {} {{bar:30}} {{made}} of {{all}} {}, {{per_sec}}, {{eta}} left", words.0, words.1);
        let style = ProgressStyle::with_template(&template).expect("the template is sound");
        let style = style.with_key("made", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&text::grouped(state.pos()));
        });
        let style = style.with_key("all", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&text::grouped(state.len().unwrap_or(0)));
        });
        bar.set_style(if output.style.ascii { style.progress_chars("#> ") } else { style });
        let lines = output.progress && !output.bar;
        let begun = Instant::now();
        Self { bar, words, lines, total, made: AtomicU64::new(0), begun, last: Mutex::new(begun) }
    }

    /// So many more were made.
    pub(crate) fn add(&self, runs: u64) {
        self.bar.inc(runs);
        let made = self.made.fetch_add(runs, Ordering::Relaxed) + runs;
        let Ok(mut last) = self.last.lock() else { return };
        if self.lines && last.elapsed() >= HEARTBEAT {
            *last += HEARTBEAT;
            let rate = made as f64 / self.begun.elapsed().as_secs_f64();
            let left = self.total.saturating_sub(made) as f64 / rate;
            let ((doing, what), rate) = (self.words, text::grouped(rate.round() as u64));
            let (made, total) = (text::grouped(made), text::grouped(self.total));
            say(&format!("    {doing} {made} of {total} {what}, {rate} a second, {left:.0} s left"));
        }
    }

    /// There is no more to come.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
