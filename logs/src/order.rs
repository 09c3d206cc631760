//! In which order the lines of a log happened, as far as clocks may differ.
//!
//! Lines are put in order of time, and an effect that by its clock seems to come before its cause behind that.

use std::collections::BTreeMap;

use punctual_model::{ClientId, Fact, Identity, Origin, RowId, TimerId};
use punctual_reports::text;
use punctual_sim::Span;

use super::log::{Finding, Line, LineNumber, Log, Writer};
use super::timing::Seen;

/// What something else cannot come before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Published(Identity),
    Sent(Identity, ClientId),
    Committed(RowId, u32),
    TimerStarted(ClientId, TimerId),
}

impl Cause {
    /// The cause that a fact is.
    fn of(fact: &Fact) -> Option<Self> {
        match *fact {
            Fact::Published { what, .. } => Some(Self::Published(what)),
            Fact::Sent { what, to, .. } => Some(Self::Sent(what, to)),
            Fact::Committed(row, n) => Some(Self::Committed(row, n)),
            Fact::TimerStarted(client, timer) => Some(Self::TimerStarted(client, timer)),
            _ => None,
        }
    }

    /// The causes that a fact has.
    fn all(fact: &Fact) -> Vec<Self> {
        match *fact {
            Fact::Sent { what, copy: Origin::Published, .. } => vec![Self::Published(what)],
            Fact::Arrived { what, at, copy: Origin::Published } => {
                vec![Self::Published(what), Self::Sent(what, at)]
            }
            Fact::Arrived { what, at, copy: Origin::Synthesized } => vec![Self::Sent(what, at)],
            Fact::Visible(row, n) => vec![Self::Committed(row, n)],
            Fact::TimedOut(client, timer) => vec![Self::TimerStarted(client, timer)],
            _ => vec![],
        }
    }
}

/// The first line that tells a cause.
#[derive(Clone, Copy)]
struct First {
    at: i64,
    writer: Writer,
    line: LineNumber,
}

/// A line and the instant at which it is put.
struct Placed {
    at: i64,
    seen: Seen,
}

impl Placed {
    /// Whether it was put behind its cause.
    fn is_moved(&self) -> bool {
        self.at > self.seen.at
    }
}

/// Notes where the clock of a writer goes backwards.
pub(super) fn stepping_clocks(log: &Log, findings: &mut Vec<Finding>) {
    let mut last: Vec<Option<&Line>> = vec![None; log.writers.len()];
    for line in &log.lines {
        let before = last[line.writer.0].replace(line);
        if let Some(before) = before.filter(|before| before.at > line.at) {
            let by = text::duration((before.at - line.at).unsigned_abs());
            let what =
                format!("the clock of {} is {by} behind line {}", log.named(line.writer), before.number);
            findings.push(Finding { line: line.number, what });
        }
    }
}

/// The facts of a log in order of time, causes before their effects as far as clocks may differ.
pub(super) fn ordered(log: &Log, skew: Span, findings: &mut Vec<Finding>) -> Vec<Seen> {
    let first = first_causes(log);
    let mut placed: Vec<Placed> = log
        .lines
        .iter()
        .map(|line| Placed { at: placed(line, &first, skew, findings), seen: Seen::of(line) })
        .collect();
    // What is put behind its cause comes after all else of that instant, wherever it stood.
    placed.sort_by_key(|line| (line.at, line.is_moved()));
    placed.into_iter().map(|line| Seen { at: line.at, ..line.seen }).collect()
}

/// Of each cause the line that tells it earliest.
fn first_causes(log: &Log) -> BTreeMap<Cause, First> {
    let mut first: BTreeMap<Cause, First> = BTreeMap::new();
    for line in &log.lines {
        if let Some(cause) = Cause::of(&line.fact) {
            let here = First { at: line.at, writer: line.writer, line: line.number };
            let known = first.entry(cause).or_insert(here);
            if here.at < known.at {
                *known = here;
            }
        }
    }
    first
}

/// The instant at which a line is put: its own, or that of its last cause. Notes a cause that comes later than clocks
/// may differ.
fn placed(line: &Line, first: &BTreeMap<Cause, First>, skew: Span, findings: &mut Vec<Finding>) -> i64 {
    let mut at = line.at;
    for cause in Cause::all(&line.fact) {
        let Some(cause) = first.get(&cause).filter(|cause| cause.at > line.at) else { continue };
        let by = (cause.at - line.at).unsigned_abs();
        if by > skew.0 || cause.writer == line.writer {
            let (by, skew) = (text::duration(by), text::duration(skew.0));
            let what =
                format!("this is {by} before its cause in line {}; clocks may differ by {skew}", cause.line);
            findings.push(Finding { line: line.number, what });
        }
        at = at.max(cause.at);
    }
    at
}
