//! Logs with simulated timestamps, off unless `PUNCTUAL_LOG` asks for them.
//!
//! Nothing is logged while runs are sampled. A run that is shown (`run`, `replay`) is told to the
//! log fact by fact, each with the time that it had in the run.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use punctual::story::Story;
use punctual_model::{System, World};
use punctual_sim::TraceOf;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
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

/// What `PUNCTUAL_LOG` says, and nobody understands.
#[derive(Debug)]
pub(crate) enum NotUnderstood {
    /// It is no text.
    NoText,
    /// It is this, which is no level.
    NoLevel(String),
}

impl fmt::Display for NotUnderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoText => f.write_str("PUNCTUAL_LOG is not a text"),
            Self::NoLevel(asked) => {
                write!(f, "PUNCTUAL_LOG={asked:?}: expected off, error, warn, info, debug or trace")
            }
        }
    }
}

impl Error for NotUnderstood {}

/// Starts logging to standard error if `PUNCTUAL_LOG` says what to log: a level, or `target=level`.
///
/// # Errors
/// It says something else.
pub(crate) fn start() -> Result<(), NotUnderstood> {
    let asked = std::env::var_os("PUNCTUAL_LOG").unwrap_or_default();
    let asked = asked.to_str().ok_or(NotUnderstood::NoText)?.trim();
    if asked.is_empty() {
        return Ok(());
    }
    let level = |part: &str| part.rsplit('=').next().unwrap_or(part).trim().parse::<LevelFilter>().is_ok();
    let filter = EnvFilter::try_new(asked).ok().filter(|_| asked.split(',').all(level));
    let filter = filter.ok_or_else(|| NotUnderstood::NoLevel(asked.to_owned()))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(Simulated)
        .with_target(false)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    Ok(())
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
