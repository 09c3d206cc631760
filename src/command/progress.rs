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
    lines: bool,
    total: u64,
    made: AtomicU64,
    last: Mutex<Instant>,
}

impl Progress {
    /// Of `total` runs.
    #[expect(clippy::disallowed_methods, reason = "progress is about real time, and part of no result")]
    pub(crate) fn of(total: u64, output: &Output) -> Self {
        let target = if output.progress && output.bar {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let template = "    Sampling {bar:30} {made} of {all} runs, {eta} left";
        let style = ProgressStyle::with_template(template).expect("the template is sound");
        let style = style.with_key("made", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&text::grouped(state.pos()));
        });
        let style = style.with_key("all", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&text::grouped(state.len().unwrap_or(0)));
        });
        bar.set_style(if output.style.ascii { style.progress_chars("#> ") } else { style });
        let lines = output.progress && !output.bar;
        Self { bar, lines, total, made: AtomicU64::new(0), last: Mutex::new(Instant::now()) }
    }

    /// `runs` more were made.
    pub(crate) fn add(&self, runs: u64) {
        self.bar.inc(runs);
        let made = self.made.fetch_add(runs, Ordering::Relaxed) + runs;
        let Ok(mut last) = self.last.lock() else { return };
        if self.lines && last.elapsed() >= HEARTBEAT {
            *last += HEARTBEAT;
            say(&format!("    Sampling {} of {} runs", text::grouped(made), text::grouped(self.total)));
        }
    }

    /// There is no more to come.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
