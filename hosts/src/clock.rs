//! The clock of a simulated network, read in the model's microseconds.
//!
//! A runtime of tokio wakes on whole milliseconds, and a system under test may turn on microseconds: two
//! events that share a millisecond. So where all delays are ours, time is stretched: one millisecond of the
//! runtime is one microsecond of the model, and timers are exact. Software that has delays of its own is
//! run at its own pace, and then a timer is up to a millisecond late.

use std::time::Duration;

use punctual_sim::{Span, Time};

/// How the time of the runtime is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Nanoseconds of the runtime in a microsecond of the model.
    nanos: u32,
}

impl Pace {
    /// A millisecond of the runtime is a microsecond of the model.
    pub const STRETCHED: Self = Self { nanos: 1_000_000 };
    /// A microsecond is one.
    pub const REAL: Self = Self { nanos: 1_000 };

    /// So long in the runtime.
    pub fn of(self, span: Span) -> Duration {
        Duration::from_nanos(span.0.saturating_mul(u64::from(self.nanos)))
    }

    fn read(self, duration: Duration) -> u64 {
        (duration.as_nanos() / u128::from(self.nanos)) as u64
    }
}

/// The clock of all hosts of a simulation.
#[derive(Clone, Copy, Debug)]
pub struct SimClock {
    pace: Pace,
    /// How long the simulation goes on before the run begins, so that all connections are there.
    before: Span,
}

impl SimClock {
    /// A clock on which the run begins `before` after the simulation.
    pub fn new(pace: Pace, before: Span) -> Self {
        Self { pace, before }
    }

    /// How the time of the runtime is read.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// How long the simulation goes on before the run begins.
    pub fn before(&self) -> Span {
        self.before
    }

    /// The present instant of the host that asks; the beginning of the run until that has come.
    pub fn now(&self) -> Time {
        let elapsed = turmoil::sim_elapsed().unwrap_or_default();
        Time(self.pace.read(elapsed).saturating_sub(self.before.0))
    }

    /// Waits until the run begins.
    pub async fn begins(&self) {
        let elapsed = turmoil::sim_elapsed().unwrap_or_default();
        tokio::time::sleep(self.pace.of(self.before).saturating_sub(elapsed)).await;
    }

    /// Waits until `due`; for ever if that is never.
    pub async fn until(&self, due: Option<Time>) {
        match due.filter(|due| *due != Time::NEVER) {
            Some(due) => {
                let left = due.0.saturating_sub(self.now().0);
                if left > 0 {
                    tokio::time::sleep(self.pace.of(Span(left))).await;
                }
            }
            None => std::future::pending().await,
        }
    }
}
