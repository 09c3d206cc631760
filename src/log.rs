//! Logs with simulated timestamps, off unless `PUNCTUAL_LOG` asks for them.
//!
//! Nothing is logged while runs are sampled. A run that is shown (`run`, `replay`) is told to the
//! log fact by fact, each with the time that it had in the run.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use punctual::story::Story;
use punctual_model::{System, World};
use punctual_sim::TraceOf;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// The simulated time of what is being logged, in microseconds.
static NOW: AtomicU64 = AtomicU64::new(0);

struct Simulated;

impl FormatTime for Simulated {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let now = NOW.load(Ordering::Relaxed);
        write!(writer, "sim+{:>4}.{:06}s", now / 1_000_000, now % 1_000_000)
    }
}

/// Starts logging to standard error if `PUNCTUAL_LOG` says what to log.
pub(crate) fn start() {
    let Ok(filter) = EnvFilter::try_from_env("PUNCTUAL_LOG") else { return };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(Simulated)
        .with_target(false)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
}

/// Tells a run to the log.
pub(crate) fn tell(system: &System, trace: &TraceOf<World>) {
    if !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let story = Story::of(system, trace);
    for line in story.lines() {
        NOW.store(line.at.0, Ordering::Relaxed);
        tracing::debug!(lane = line.lane, "{}", line.text);
    }
    for (at, fact) in &story.facts {
        NOW.store(at.0, Ordering::Relaxed);
        tracing::trace!(?fact);
    }
}
