//! A sweep: one scenario for many values of its parameters, cell by cell.
//!
//! A sweep is kept as lines of JSON: a [`Head`], the scenario as it is ([`Line::Now`]), then one [`Cell`] a line
//! in the order of the grid. Lines are written as cells are done and read one by one, so nothing here is as
//! large as the grid but a byte of each cell ([`Summary`]).

use serde::{Deserialize, Serialize};

use crate::document::significant;

#[cfg(feature = "render")]
mod csv;
mod head;
mod line;
#[cfg(feature = "render")]
mod page;
mod summary;
mod whole;

#[cfg(feature = "render")]
pub use csv::Rows;
pub use head::{Dimension, Head, Misfit, Schema, Shard, UnsoundHead, places};
pub use line::{BadLine, Line};
pub use summary::{Certificate, Edge, Neighbour, Summary};

/// What a scenario comes to with some values of its parameters.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Its number, from 0.
    pub cell: u64,
    /// The value of each dimension.
    pub values: Vec<String>,
    /// Runs that were sampled.
    pub runs: u64,
    /// What each invariant comes to.
    pub checks: Vec<Check>,
    /// How late events arrive.
    pub deliveries: Vec<Delivery>,
    /// Reads of the database in a run, on the average.
    pub reads_per_run: f64,
    /// Connections of clients, and what they fetch, in a run, on the average.
    pub requests_per_run: f64,
    /// Turns of polling loops in a run, on the average.
    pub polls_per_run: f64,
    /// How it differs from the scenario as it is, run by run; null where that is what it is.
    pub against_now: Option<Against>,
    /// Why nothing is known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// What one invariant comes to in a cell.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name.
    pub invariant: String,
    /// Whether it is broken where an event never arrives, and only there. Not kept: whoever reads a line says it again.
    #[serde(skip)]
    pub of_loss: bool,
    /// What is known.
    pub verdict: Verdict,
    /// Whether that was proved over every timing; else it rests on runs.
    pub proved: bool,
    /// Why it was not, if exploring was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Runs that broke it.
    pub broken: u64,
    /// Whether they show no more than that runs are over sooner than the system, which keeps it as far as they go.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end_of_runs: bool,
    /// The 95 % interval of the share of runs that break it.
    pub interval: (f64, f64),
}

/// What is known of an invariant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No timing breaks it.
    Holds,
    /// Some timing breaks it.
    Violated,
    /// No run broke it.
    Unknown,
}

/// How late one event arrives, in microseconds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Its name.
    pub event: String,
    /// The client.
    pub client: String,
    /// The exact least and greatest delay over every timing; null if exploring did not tell.
    pub exact_us: Option<(u64, Option<u64>)>,
    /// The mean of those that arrived; null if none did.
    pub mean_us: Option<f64>,
    /// Half of those that arrived.
    pub p50_us: u64,
    /// 99 in 100 of those that arrived.
    pub p99_us: u64,
    /// The latest of the runs.
    pub max_us: u64,
    /// Runs in which it never arrived.
    pub undelivered_runs: u64,
}

/// How a cell differs from the scenario as it is: with common random numbers, so run by run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Against {
    /// Reads in a run, more than now: the mean and its 95 % interval.
    pub reads: (f64, f64, f64),
    /// The longest delay of a run, in microseconds, more than now, where everything arrives in both.
    pub latest_us: Option<(f64, f64, f64)>,
    /// By invariant: runs that break it only here, and only now.
    pub only: Vec<(u64, u64)>,
}

/// Whether a cell may be lived with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Safety {
    /// Proved.
    Safe,
    /// Something that must be kept is broken.
    Broken,
    /// Neither.
    Unknown,
    /// It could not be judged at all.
    Failed,
}

impl Cell {
    /// Says again, of a cell that was read, what is not kept in it.
    fn recall(&mut self, is_of_loss: impl Fn(&str) -> bool) {
        for check in &mut self.checks {
            check.of_loss = is_of_loss(&check.invariant);
        }
    }

    /// Whether it keeps all of `keep`.
    pub fn safety(&self, keep: &[String]) -> Safety {
        if self.failed.is_some() {
            return Safety::Failed;
        }
        let verdict = |name: &String| {
            self.checks.iter().find(|check| check.invariant == *name).map(|check| check.verdict)
        };
        if keep.iter().any(|name| verdict(name) == Some(Verdict::Violated)) {
            Safety::Broken
        } else if keep.iter().all(|name| verdict(name) == Some(Verdict::Holds)) {
            Safety::Safe
        } else {
            // What was not checked is not known either.
            Safety::Unknown
        }
    }

    /// What 99 in 100 of each of its events take at most, in microseconds; `None` if of one more than one in a
    /// hundred never arrives: what is lost is not fast.
    pub fn p99(&self) -> Option<u64> {
        let each = self.deliveries.iter().map(|delivery| {
            let lost = delivery.undelivered_runs as f64 > self.runs as f64 / 100.0;
            (delivery.mean_us.is_some() && !lost).then_some(delivery.p99_us)
        });
        each.collect::<Option<Vec<u64>>>().map(|all| all.into_iter().max().unwrap_or(0))
    }

    /// The exact greatest delay of its events, in microseconds, if it is known of all and there is one; none either
    /// if one may never arrive.
    pub fn worst(&self) -> Option<u64> {
        let lost = |check: &Check| check.of_loss && check.verdict == Verdict::Violated;
        if self.checks.iter().any(lost)
            || self.deliveries.iter().any(|delivery| delivery.undelivered_runs > 0)
        {
            return None;
        }
        let each = self.deliveries.iter().map(|delivery| delivery.exact_us.and_then(|(_, most)| most));
        each.collect::<Option<Vec<u64>>>()?.into_iter().max()
    }

    /// The same with all numbers as they are written: six significant digits.
    #[must_use]
    pub fn rounded(mut self) -> Cell {
        let triple = |(a, b, c): (f64, f64, f64)| (significant(a), significant(b), significant(c));
        for check in &mut self.checks {
            check.interval = (significant(check.interval.0), significant(check.interval.1));
        }
        for delivery in &mut self.deliveries {
            delivery.mean_us = delivery.mean_us.map(significant);
        }
        self.reads_per_run = significant(self.reads_per_run);
        self.requests_per_run = significant(self.requests_per_run);
        self.polls_per_run = significant(self.polls_per_run);
        if let Some(against) = &mut self.against_now {
            against.reads = triple(against.reads);
            against.latest_us = against.latest_us.map(triple);
        }
        self
    }
}
