//! What is kept of a run while its lines are read: what numbers them, and which are missing.

use std::collections::{BTreeMap, BTreeSet};

use punctual_model::{ClientId, EventId, FactKind, Origin, RowId, System};
use punctual_scenarios::fact;

use super::bad::BadLine;
use super::facts::{Said, of_kind};
use super::line::{Finding, Line, LineNumber, Writer};
use super::logged::Log;
use super::schema::{FARTHEST, Told};
use crate::kinds::facts_of_step;

/// The most lines that are looked for one by one.
const MISSING: usize = 10_000;

/// What is kept while a run is read.
#[derive(Default)]
pub(super) struct Reading {
    /// How many facts of a kind there were, for those that are not numbered.
    counts: BTreeMap<Counted, u32>,
    /// How instants are written.
    notation: Option<Notation>,
    /// What the ids of the run are too long by.
    left_out: Option<u64>,
    sequences: BTreeMap<Writer, Sequence>,
}

/// What of a run is counted where lines do not number it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    Published(EventId),
    Sent(EventId, Option<ClientId>),
    Arrived(EventId, Option<ClientId>),
    /// Commits that were tried.
    Committed(RowId),
    Visible(RowId),
}

/// How instants are written, one way throughout a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notation {
    Microseconds,
    /// As times of the day.
    Dated,
}

/// The numbered lines of a writer.
#[derive(Default)]
struct Sequence {
    /// The number of the last one.
    last: Option<u64>,
    /// Those before it that have not come.
    missing: BTreeSet<u64>,
}

impl Reading {
    /// Takes a line that tells a fact, or that its run is over.
    pub(super) fn take(
        &mut self,
        log: &mut Log,
        (number, told): (LineNumber, Told),
        system: &System,
    ) -> Result<(), BadLine> {
        let (at, notation) = instant(&told.at)?;
        if *self.notation.get_or_insert(notation) != notation {
            return Err(BadLine::OtherAt);
        }
        if at.unsigned_abs() > FARTHEST.unsigned_abs() {
            return Err(BadLine::TooFar(at));
        }
        let name = told.writer.unwrap_or_default();
        let writer = Writer(log.writers.iter().position(|known| *known == name).unwrap_or_else(|| {
            log.writers.push(name);
            log.writers.len() - 1
        }));
        if let Some(seq) = told.seq
            && !self.is_new(log, (number, writer), seq)
        {
            return Ok(());
        }
        if log.ends.is_some() {
            return Err(BadLine::AfterEnd);
        }
        if told.fact.trim() == "end" {
            log.ends = Some(at);
            return Ok(());
        }
        let copy = match told.copy.as_deref() {
            None | Some("published") => Origin::Published,
            Some("synthesized") => Origin::Synthesized,
            Some(other) => return Err(BadLine::NoCopy(other.to_owned())),
        };
        let id = told.id.as_ref().and_then(|id| match id {
            serde_json::Value::Number(id) => id.as_u64(),
            serde_json::Value::String(id) => id.parse().ok(),
            _ => None,
        });
        let id = id.map_or(0, |id| self.short(id));
        let kind = fact(system, &told.fact).map_err(BadLine::Fact)?;
        let n = told.n.unwrap_or_else(|| self.count(kind));
        let facts = match kind {
            FactKind::Did(task, step) => facts_of_step(system, task, step),
            kind => vec![of_kind(system, kind, Said { n, copy, id })],
        };
        for fact in facts {
            log.kinds.line(system, &fact);
            log.lines.push(Line { number, at, fact, writer });
        }
        Ok(())
    }

    /// An id as facts have it, in 32 bits: of the ids of a run whose first is longer, what is above the last
    /// whole billion below it. 0, which stands for no id, if that is not possible.
    fn short(&mut self, id: u64) -> u32 {
        let fits = u32::try_from(id).is_ok();
        let left_out =
            *self.left_out.get_or_insert(if fits { 0 } else { (id - 1) - (id - 1) % 1_000_000_000 });
        id.checked_sub(left_out).and_then(|id| u32::try_from(id).ok()).unwrap_or(0)
    }

    /// Whether a numbered line has not been there before.
    fn is_new(&mut self, log: &mut Log, (line, writer): (LineNumber, Writer), seq: u64) -> bool {
        let Sequence { last, missing } = self.sequences.entry(writer).or_default();
        if last.is_none_or(|last| seq > last) {
            // The first line of a writer may have any number.
            let from = last.map_or(seq, |last| last.saturating_add(1));
            missing.extend((from..seq).take(MISSING.saturating_sub(missing.len())));
            *last = Some(seq);
            return true;
        }
        let late = missing.remove(&seq);
        let said = if late { "comes late" } else { "was there before, and is left out" };
        let what = format!("line {seq} of {} {said}", log.named(writer));
        log.findings.push(Finding { line, what });
        late
    }

    /// The run has no more lines.
    pub(super) fn end(self, log: &mut Log) {
        for (writer, Sequence { missing, .. }) in self.sequences {
            let (Some(first), Some(last)) = (missing.first(), missing.last()) else { continue };
            let lines = if first == last {
                format!("line {first}")
            } else {
                format!("{} lines from {first} to {last}", missing.len())
            };
            let line = log.lines.last().map_or(LineNumber(0), |line| line.number);
            let what = format!("{lines} of {} never came", log.named(writer));
            log.findings.push(Finding { line, what });
        }
    }

    /// Which of its kind a fact is that does not say so.
    fn count(&mut self, kind: FactKind) -> u32 {
        let counted = match kind {
            FactKind::Published(event) => Counted::Published(event),
            FactKind::Sent(event, client) => Counted::Sent(event, client),
            FactKind::Arrived(event, client) => Counted::Arrived(event, client),
            // What is rolled back was tried.
            FactKind::Committed(row) | FactKind::RolledBack(row) => Counted::Committed(row),
            FactKind::Visible(row) => Counted::Visible(row),
            _ => return 1,
        };
        let count = self.counts.entry(counted).or_default();
        *count += 1;
        *count
    }
}

/// When a line says that something happened, in microseconds, and how it says so.
fn instant(at: &serde_json::Value) -> Result<(i64, Notation), BadLine> {
    if let Some(at) = at.as_i64() {
        return Ok((at, Notation::Microseconds));
    }
    let Some(text) = at.as_str() else { return Err(BadLine::At(at.to_string())) };
    let read: Result<jiff::Timestamp, _> = text.parse();
    let time = read.map_err(|error| BadLine::Time { text: text.to_owned(), why: error.to_string() })?;
    Ok((time.as_microsecond(), Notation::Dated))
}

#[cfg(test)]
mod tests {
    use super::Reading;

    #[test]
    fn ids_keep_their_order_and_their_last_digits() {
        let short = |ids: &[u64]| {
            let mut reading = Reading::default();
            ids.iter().map(|id| reading.short(*id)).collect::<Vec<u32>>()
        };
        assert_eq!(short(&[3, 4_000_000_000, 5_000_000_000]), [3, 4_000_000_000, 0]);
        let of_the_day = [1_732_999_999_999, 1_733_000_000_000, 1_732_999_999_999];
        assert_eq!(short(&of_the_day), [999_999_999, 1_000_000_000, 999_999_999]);
        assert_eq!(short(&[1_733_000_000_000, 1_732_999_999_999, u64::MAX]), [1_000_000_000, 999_999_999, 0]);
    }
}
