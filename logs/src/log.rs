//! Logs of what really happened: how they are written, and reading them.
//!
//! A log is text, one JSON object a line. The first line of a run says what it is; then each line tells one
//! fact, with the words that `punctual delay --from` takes; and the last one says that nothing is missing.
//!
//! ```text
//! {"schema":"punctual.log/1","scenario":"audio","run":"job 4711"}
//! {"at":1200,"fact":"published tts_completed","n":1,"id":"1732550000001","writer":"worker-2","seq":7}
//! {"at":"2026-11-25T19:34:26.140Z","fact":"arrived tts_completed at panel","writer":"browser"}
//! {"at":900000,"fact":"end"}
//! ```
//!
//! * `at`: microseconds since any instant, or a time by RFC 3339. One of the two throughout a run.
//! * `fact`: a word and a name, or `TASK.STEP` for a step that took effect; a step that reads the database is
//!   also a read.
//! * `n`: which of its kind, from 1; of a row, its version. Counted if it is left out.
//! * `copy`: `"synthesized"` for an event that the stream made up from a row.
//! * `id`: the id on the wire, a number; of those beyond 32 bits the last nine digits are told; `writer`: whose
//!   clock `at` is. Anything else in a line is ignored.
//! * `seq`: numbers the lines of a writer, from any number on. With it, lines that are missing are noticed, and
//!   one that comes twice counts once; without it, a line that comes twice says that something happened twice.
//!
//! A new first line begins another run. Without an end line, what was still owed at the last line is unknown.
//!
//! A log need not tell everything, and what it never tells is unknown, not absent: a log of the server alone says
//! nothing of what arrives. What its lines do not show, its first line can say: `"tells":["arrived","finished"]`
//! for kinds of lines that it would have if there were any, `"tells":"all"` if nothing is left out.

mod bad;
mod facts;
mod line;
mod logged;
mod reading;
mod schema;
mod written;

use std::io::{BufRead, Read};
use std::mem;

use punctual_model::System;

use super::kinds::Kinds;
pub use super::words::BadTells;
pub use bad::{BadLine, BadLog, Garbled};
pub use line::{Finding, Line, LineNumber, Writer};
pub use logged::Log;
use reading::Reading;
use schema::Head;
pub use schema::{SCHEMA, schema};
pub use written::write;

/// The longest line that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// Reads the runs of a log; what is told is of `system`.
///
/// # Errors
/// It is no log, of another version, or tells what the system does not have.
pub fn read(reader: impl BufRead, system: &System) -> Result<Vec<Log>, BadLog> {
    let mut lines = Lines { reader, number: LineNumber(0), buffer: Vec::new() };
    let mut runs = Runs { system, logs: Vec::new(), reading: Reading::default() };
    while let Some(line) = lines.next()? {
        let bad = |what: BadLine| BadLog { line: line.number, what };
        match line.value() {
            Ok(None) => {}
            Ok(Some(value)) => runs.take(line.number, value).map_err(bad)?,
            Err(garbled) => match runs.logs.last_mut() {
                Some(log) if !line.is_whole => {
                    log.cut_off(line.number, &garbled);
                    break;
                }
                Some(_) | None => return Err(bad(BadLine::Garbled(garbled))),
            },
        }
    }
    runs.end();
    if runs.logs.is_empty() {
        return Err(BadLog { line: LineNumber(1), what: BadLine::Empty });
    }
    Ok(runs.logs)
}

/// The lines of a file, none of them longer than it may be.
struct Lines<R> {
    reader: R,
    /// The number of the last line that was read.
    number: LineNumber,
    buffer: Vec<u8>,
}

/// A line as it stands in its file.
struct Raw<'l> {
    number: LineNumber,
    bytes: &'l [u8],
    /// Whether it was written to its end.
    is_whole: bool,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<Raw<'_>>, BadLog> {
        let number = LineNumber(self.number.0 + 1);
        let bad = |what: BadLine| BadLog { line: number, what };
        self.buffer.clear();
        let mut limited = (&mut self.reader).take(LONGEST as u64 + 1);
        let read = limited.read_until(b'\n', &mut self.buffer);
        if read.map_err(|error| bad(BadLine::Unreadable(error.to_string())))? == 0 {
            return Ok(None);
        }
        self.number = number;
        if self.buffer.len() > LONGEST {
            return Err(bad(BadLine::TooLong { most: LONGEST }));
        }
        Ok(Some(Raw { number, bytes: &self.buffer, is_whole: self.buffer.last() == Some(&b'\n') }))
    }
}

impl Raw<'_> {
    /// What it says as JSON; nothing if it is empty.
    fn value(&self) -> Result<Option<serde_json::Value>, Garbled> {
        let text = std::str::from_utf8(self.bytes).map_err(Garbled::Text)?.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let first = if self.number == LineNumber(1) { text.trim_start_matches('\u{feff}') } else { text };
        let read = serde_json::from_str(first).map(Some);
        read.map_err(|error| Garbled::Json { column: error.column(), said: error.to_string() })
    }
}

/// The runs that were read so far, of which the last one goes on.
struct Runs<'s> {
    system: &'s System,
    logs: Vec<Log>,
    reading: Reading,
}

impl Runs<'_> {
    /// Takes a line: the first of a run, or one that tells a fact.
    fn take(&mut self, number: LineNumber, value: serde_json::Value) -> Result<(), BadLine> {
        if value.get("schema").is_some() {
            let head = serde_json::from_value(value);
            return self.begin(head.map_err(|error| BadLine::NoHead(error.to_string()))?);
        }
        let Some(log) = self.logs.last_mut() else { return Err(BadLine::NoFirst) };
        // A list of the same values would do for serde.
        if !value.is_object() {
            return Err(BadLine::NoObject);
        }
        let told = serde_json::from_value(value).map_err(|error| BadLine::NoFact(error.to_string()))?;
        self.reading.take(log, (number, told), self.system)
    }

    fn begin(&mut self, head: Head) -> Result<(), BadLine> {
        if head.schema != SCHEMA {
            return Err(BadLine::Version(head.schema));
        }
        self.end();
        let run = head.run.unwrap_or_else(|| format!("run {}", self.logs.len() + 1));
        let mut kinds = Kinds::default();
        if let Some(tells) = &head.tells {
            kinds.declared(self.system, tells).map_err(BadLine::Tells)?;
        }
        self.logs.push(Log { run, kinds, ..Log::default() });
        Ok(())
    }

    /// The run that goes on has no more lines.
    fn end(&mut self) {
        let reading = mem::take(&mut self.reading);
        if let Some(log) = self.logs.last_mut() {
            reading.end(log);
        }
    }
}
