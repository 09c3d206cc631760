//! A sweep: one scenario for many values of its parameters, cell by cell.
//!
//! A sweep is kept as lines of JSON: a [`Head`], the scenario as it is ([`Line::Now`]), then one [`Cell`] a line
//! in the order of the grid. Lines are written as cells are done and read one by one, so nothing here is as
//! large as the grid but a byte of each cell ([`Summary`]).

use serde::{Deserialize, Serialize};

use crate::document::significant;

#[cfg(feature = "render")]
mod csv;
#[cfg(feature = "render")]
mod page;
mod summary;
mod whole;

#[cfg(feature = "render")]
pub use csv::Rows;
pub use summary::{Certificate, Edge, Neighbour, Summary};

/// Which document it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Schema {
    /// This one.
    #[serde(rename = "punctual.sweep/1")]
    Sweep1,
}

/// What is swept, and how: the same head and the same cells make the same sweep.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Which document it is.
    pub schema: Schema,
    /// The version of punctual.
    pub version: String,
    /// The scenario, as it was named.
    pub scenario: String,
    /// The variant; null for the scenario as it is written.
    pub variant: Option<String>,
    /// Stands for the text of the scenario, and of functions that were pasted into it.
    pub digest: String,
    /// The seed, as it can be given on the command line.
    pub seed: String,
    /// The most runs of each cell.
    pub runs: u64,
    /// The width of an interval at which sampling stops by itself.
    pub until_width: Option<f64>,
    /// The limits of exploring, in words; empty if nothing is explored.
    pub limits: Vec<String>,
    /// The invariants that a safe cell keeps.
    pub keep: Vec<String>,
    /// The dimensions; of the last the values change fastest.
    pub axes: Vec<Dimension>,
    /// How many cells there are in all.
    pub cells: u64,
    /// Which part of how many this is; null for all.
    pub shard: Option<(u32, u32)>,
}

/// A parameter and its values.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dimension {
    /// What it is called.
    pub name: String,
    /// What the scenario has.
    pub now: String,
    /// Its values.
    pub values: Vec<String>,
}

/// One line of a sweep.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Line {
    /// The first.
    Head(Box<Head>),
    /// The scenario as it is.
    Now {
        /// What it comes to.
        now: Box<Cell>,
    },
    /// One of the grid.
    Cell(Box<Cell>),
}

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

/// How a cell differs from the scenario as it is: the same draws, so run by run.
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
        let lost = |check: &Check| check.invariant == "no-event-lost" && check.verdict == Verdict::Violated;
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

impl Dimension {
    /// Whether there is something between two of its values: they are numbers or durations, not choices.
    pub fn is_scale(&self) -> bool {
        self.values.len() > 1
            && self.values.iter().all(|value| value.starts_with(|c: char| c.is_ascii_digit()))
    }
}

impl Head {
    /// What of the values between those of the cells was judged: nothing. None if there are no such values.
    pub fn unjudged(&self) -> Option<String> {
        let scales: Vec<&str> =
            self.axes.iter().filter(|axis| axis.is_scale()).map(|axis| axis.name.as_str()).collect();
        if scales.is_empty() {
            return None;
        }
        Some(format!(
            "Only these values of {} were judged. What lies between two of them is not known, even where both are \
             safe; `punctual threshold` proves an invariant for all values of a duration.",
            scales.join(" and ")
        ))
    }

    /// What it says but for the part of the grid that it is about.
    #[must_use]
    pub fn whole(&self) -> Head {
        Head { shard: None, ..self.clone() }
    }

    /// Whether the cell of this number is in its part.
    pub fn has(&self, cell: u64) -> bool {
        self.shard.is_none_or(|(part, parts)| cell % u64::from(parts) == u64::from(part) - 1)
    }

    /// How many cells are in its part.
    pub fn len(&self) -> u64 {
        match self.shard {
            None => self.cells,
            Some((part, parts)) => (self.cells + u64::from(parts) - u64::from(part)) / u64::from(parts),
        }
    }

    /// Whether its part has no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of a cell in each dimension.
    pub fn places(&self, cell: u64) -> Vec<usize> {
        places(cell, self.axes.iter().map(|axis| axis.values.len()))
    }

    /// Whether it can be the head of a sweep, of so many cells at most.
    ///
    /// # Errors
    /// Why not.
    pub fn sound(&self, most: u64) -> Result<(), String> {
        let counts = self.axes.iter().map(|axis| axis.values.len() as u64);
        let cells = counts.clone().try_fold(1_u64, u64::checked_mul);
        if self.axes.is_empty() || counts.clone().any(|count| count == 0) || cells != Some(self.cells) {
            return Err(format!(
                "it says that there are {} cells, and its dimensions have others",
                self.cells
            ));
        }
        if self.cells > most {
            return Err(format!("it has {} cells, more than {most}", self.cells));
        }
        let whole = self.shard.is_none_or(|(part, parts)| part >= 1 && part <= parts);
        if whole { Ok(()) } else { Err("it is of a part that cannot be".to_owned()) }
    }

    /// Whether a cell is one of its part.
    ///
    /// # Errors
    /// Why not.
    pub fn fits(&self, cell: &Cell) -> Result<(), String> {
        if cell.cell >= self.cells || !self.has(cell.cell) {
            return Err(format!("it has a cell {}, which is not in this sweep", cell.cell));
        }
        let places = self.places(cell.cell);
        let values: Vec<&String> =
            self.axes.iter().zip(places).map(|(axis, place)| &axis.values[place]).collect();
        if values.len() != cell.values.len()
            || values.iter().zip(&cell.values).any(|(one, other)| *one != other)
        {
            return Err(format!("its cell {} has other values than the grid has there", cell.cell));
        }
        Ok(())
    }

    /// What two heads that are about different sweeps differ in.
    pub fn differs(&self, other: &Head) -> Option<String> {
        let pair = |what: &str, one: &str, other: &str| Some(format!("{what}: {one} and {other}"));
        if self.version != other.version {
            return pair("versions of punctual", &self.version, &other.version);
        }
        if self.scenario != other.scenario || self.variant != other.variant {
            let name = |head: &Head| match &head.variant {
                Some(variant) => format!("{} {variant}", head.scenario),
                None => head.scenario.clone(),
            };
            return pair("scenarios", &name(self), &name(other));
        }
        if self.digest != other.digest {
            return pair("texts of the scenario", &self.digest, &other.digest);
        }
        if self.seed != other.seed {
            return pair("seeds", &self.seed, &other.seed);
        }
        if self.axes != other.axes {
            let told = |head: &Head| {
                let axes = head.axes.iter().map(|axis| format!("{}={}", axis.name, axis.values.join(",")));
                axes.collect::<Vec<_>>().join(" ")
            };
            return pair("grids", &told(self), &told(other));
        }
        (self.whole() != other.whole()).then(|| {
            let told = |head: &Head| {
                let until = head.until_width.map_or(String::new(), |width| format!(", until {width}"));
                let (runs, limits, keep) = (head.runs, head.limits.join(", "), head.keep.join(", "));
                format!("{runs} runs{until}, {limits}, keeping {keep}")
            };
            format!("thoroughness: {} and {}", told(self), told(other))
        })
    }
}

/// The place of a cell in each of dimensions of so many values; of the last the values change fastest.
pub fn places(cell: u64, counts: impl DoubleEndedIterator<Item = usize>) -> Vec<usize> {
    let mut rest = cell;
    let place = |count: usize| {
        let place = rest % count as u64;
        rest /= count as u64;
        place as usize
    };
    let mut places: Vec<usize> = counts.rev().map(place).collect();
    places.reverse();
    places
}

/// What is wrong with a line that is none of a sweep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadLine {
    /// The column, from 1; 0 for the line as a whole.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl Line {
    /// Reads a line. What it must be follows from the first key that it has of `schema`, `now` and `cell`.
    ///
    /// # Errors
    /// It is none: where, and what would be right.
    pub fn read(text: &[u8]) -> Result<Line, BadLine> {
        fn typed<T: for<'t> Deserialize<'t>>(text: &[u8], what: &str) -> Result<T, BadLine> {
            serde_json::from_slice(text).map_err(|error| {
                let told = error.to_string();
                let told = told.split(" at line ").next().unwrap_or(&told);
                BadLine { column: error.column(), what: format!("this is no {what}: {told}") }
            })
        }
        /// The scenario as it is, in its line.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Today {
            now: Box<Cell>,
        }
        let value: serde_json::Value = typed(text, "JSON object in one line")?;
        let has = |key: &str| value.get(key).is_some();
        if has("schema") {
            return typed(text, "head of a sweep").map(Line::Head);
        }
        if has("now") {
            return typed(text, "scenario as it is").map(|Today { now }| Line::Now { now });
        }
        if has("cell") {
            return typed(text, "cell").map(Line::Cell);
        }
        let shown: String = value.to_string().chars().take(60).collect();
        Err(BadLine {
            column: 0,
            what: format!(
                "{shown} is no line of a sweep: expected its head, {{\"schema\":\"punctual.sweep/1\",...}}, the scenario as \
                 it is, {{\"now\":{{...}}}}, or a cell, {{\"cell\":0,...}}"
            ),
        })
    }

    /// The line as text, with a newline at its end.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("texts and finite numbers always serialize") + "\n"
    }
}
