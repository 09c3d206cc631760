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

mod schema;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{BufRead, Read};

use punctual_model::{
    Action, ClientId, Copy, EventId, Fact, FactKind, Identity, Resource, RowId, StoreId, System, TaskId, Way,
};
use punctual_scenarios::fact;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::told::{Kinds, told_by_step};
pub use schema::schema;
pub use written::write;

/// The name and version of the shape.
pub const SCHEMA: &str = "punctual.log/1";
/// The longest line that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// The first line of a run.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Head {
    /// The name and version of the shape.
    #[schemars(schema_with = "schema::version")]
    schema: String,
    /// The scenario of which it is a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scenario: Option<String>,
    /// What the run is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    /// What there would be lines of if it happened: "all", or words and steps as they stand in `fact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::tells")]
    tells: Option<serde_json::Value>,
}

/// A line that tells a fact.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("not" = { "required": ["schema"] }))]
struct Told {
    /// When: microseconds since any instant, or a time by RFC 3339; one of the two throughout a run.
    #[schemars(schema_with = "schema::at")]
    at: serde_json::Value,
    /// What: a word and a name, TASK.STEP for a step that took effect, or "end" in the last line of a run.
    #[schemars(schema_with = "schema::fact")]
    fact: String,
    /// Which of its kind, from 1; of a row, its version. Counted if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    /// The id on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::id")]
    id: Option<serde_json::Value>,
    /// "synthesized" for an event that the stream made up from a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::copy")]
    copy: Option<String>,
    /// Whose clock `at` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    writer: Option<String>,
    /// Numbers the lines of a writer, from any number on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
}

/// A fact of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of the line in its file, from 1.
    pub number: usize,
    /// When, in microseconds by the clock of its writer.
    pub at: i64,
    /// What.
    pub fact: Fact,
    /// Whose clock that is, by its place among the writers.
    pub writer: usize,
}

/// A run as it was logged.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// What it is called.
    pub run: String,
    /// What it tells, in the order of the file.
    pub lines: Vec<Line>,
    /// The names of the writers.
    pub writers: Vec<String>,
    /// When it was over, if it says so.
    pub ends: Option<i64>,
    /// Which kinds of facts it tells, as far as its lines show it or its first line says so.
    pub kinds: Kinds,
    /// What is wrong with the log itself, and in which line.
    pub findings: Vec<(usize, String)>,
}

/// A log that cannot be read, with the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLog {
    /// The number of the line, from 1.
    pub line: usize,
    /// The column, from 1; 0 for the line as a whole.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for BadLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = if self.column > 0 { format!(":{}", self.column) } else { String::new() };
        write!(f, "{}{column}: {}", self.line, self.what)
    }
}

/// Reads the runs of a log; what is told is of `system`.
///
/// # Errors
/// It is no log, of another version, or tells what the system does not have.
pub fn read(mut reader: impl BufRead, system: &System) -> Result<Vec<Log>, BadLog> {
    let mut logs: Vec<Log> = Vec::new();
    let mut reading = Reading::default();
    let ended =
        |log: Option<&mut Log>, reading: &mut Reading| log.into_iter().for_each(|log| reading.end(log));
    let (mut number, mut buffer) = (0, Vec::new());
    loop {
        buffer.clear();
        let bad = |column: usize, what: String| BadLog { line: number + 1, column, what };
        let mut limited = (&mut reader).take(LONGEST as u64 + 1);
        let count = limited.read_until(b'\n', &mut buffer).map_err(|error| bad(0, error.to_string()))?;
        if count == 0 {
            break;
        }
        number += 1;
        let bad = |column: usize, what: String| BadLog { line: number, column, what };
        let whole = buffer.last() == Some(&b'\n');
        if buffer.len() > LONGEST {
            return Err(bad(0, format!("a line of more than {LONGEST} bytes")));
        }
        let text = match std::str::from_utf8(&buffer) {
            Ok(text) => text.trim(),
            Err(error) if !whole && !logs.is_empty() => {
                let log = logs.last_mut().expect("there is one");
                log.findings.push((number, format!("the line is cut off: {error}")));
                log.ends = None;
                break;
            }
            Err(error) => return Err(bad(error.valid_up_to() + 1, "this is no UTF-8".into())),
        };
        if text.is_empty() {
            continue;
        }
        let first = if number == 1 { text.trim_start_matches('\u{feff}') } else { text };
        let value: serde_json::Value = match serde_json::from_str(first) {
            Ok(value) => value,
            Err(error) if !whole && !logs.is_empty() => {
                let log = logs.last_mut().expect("there is one");
                log.findings.push((number, format!("the line is cut off: {error}")));
                log.ends = None;
                break;
            }
            Err(error) => return Err(bad(error.column(), format!("this is no JSON object: {error}"))),
        };
        if value.get("schema").is_some() {
            let head: Head = serde_json::from_value(value).map_err(|error| bad(0, error.to_string()))?;
            if head.schema != SCHEMA {
                let what = format!("the version {:?} is not known; write {SCHEMA:?}", head.schema);
                return Err(bad(0, what));
            }
            ended(logs.last_mut(), &mut reading);
            let run = head.run.unwrap_or_else(|| format!("run {}", logs.len() + 1));
            let mut kinds = Kinds::default();
            if let Some(tells) = &head.tells {
                kinds.declared(system, tells).map_err(|what| bad(0, what))?;
            }
            logs.push(Log { run, kinds, ..Log::default() });
            reading = Reading::default();
            continue;
        }
        let Some(log) = logs.last_mut() else {
            let what = format!("the first line must be {{\"schema\":{SCHEMA:?}}}");
            return Err(bad(1, what));
        };
        let right = "write {\"at\":MICROSECONDS,\"fact\":\"published EVENT\"}";
        // A list of the same values would do for serde.
        if !value.is_object() {
            return Err(bad(1, format!("this is no JSON object: {right}")));
        }
        let told: Told =
            serde_json::from_value(value).map_err(|error| bad(0, format!("{error}: {right}")))?;
        reading.take(log, (number, told), system).map_err(|what| bad(0, what))?;
    }
    ended(logs.last_mut(), &mut reading);
    if logs.is_empty() {
        return Err(BadLog { line: 1, column: 0, what: "the log is empty".into() });
    }
    Ok(logs)
}

/// What is kept while a run is read.
#[derive(Default)]
struct Reading {
    /// How many facts of a kind there were, for those that are not numbered.
    counts: BTreeMap<(u8, u8, Option<u8>), u32>,
    /// Whether instants are times of the day.
    dated: Option<bool>,
    /// What the ids of the run are too long by.
    left_out: Option<u64>,
    /// By writer: the number of the last line, and those before it that have not come.
    sequences: BTreeMap<usize, (Option<u64>, BTreeSet<u64>)>,
}

/// The most lines that are looked for one by one.
const MISSING: usize = 10_000;

impl Reading {
    fn take(&mut self, log: &mut Log, (number, told): (usize, Told), system: &System) -> Result<(), String> {
        let (at, dated) = instant(&told.at)?;
        if *self.dated.get_or_insert(dated) != dated {
            return Err("a run has microseconds or times throughout, and this line the other".into());
        }
        if at.unsigned_abs() > schema::FARTHEST.unsigned_abs() {
            return Err(format!("{at} us are too far away"));
        }
        let name = told.writer.unwrap_or_default();
        let writer = log.writers.iter().position(|known| *known == name).unwrap_or_else(|| {
            log.writers.push(name);
            log.writers.len() - 1
        });
        if let Some(seq) = told.seq
            && !self.is_new(log, (number, writer), seq)
        {
            return Ok(());
        }
        if log.ends.is_some() {
            return Err("nothing follows the end of a run but the first line of another".into());
        }
        if told.fact.trim() == "end" {
            log.ends = Some(at);
            return Ok(());
        }
        let copy = match told.copy.as_deref() {
            None | Some("published") => Copy::Published,
            Some("synthesized") => Copy::Synthesized,
            Some(other) => {
                return Err(format!("no copy is {other:?}: write \"published\" or \"synthesized\""));
            }
        };
        let id = told.id.as_ref().and_then(|id| match id {
            serde_json::Value::Number(id) => id.as_u64(),
            serde_json::Value::String(id) => id.parse().ok(),
            _ => None,
        });
        let id = id.map_or(0, |id| self.short(id));
        let kind = fact(system, &told.fact)?;
        let n = told.n.unwrap_or_else(|| self.count(kind));
        let facts = match kind {
            FactKind::Did(task, step) => told_by_step(system, task, step),
            kind => vec![of_kind(system, kind, n, copy, id)],
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
    fn is_new(&mut self, log: &mut Log, (number, writer): (usize, usize), seq: u64) -> bool {
        let (last, missing) = self.sequences.entry(writer).or_default();
        if last.is_none_or(|last| seq > last) {
            // The first line of a writer may have any number.
            let from = last.map_or(seq, |last| last.saturating_add(1));
            missing.extend((from..seq).take(MISSING.saturating_sub(missing.len())));
            *last = Some(seq);
            return true;
        }
        let late = missing.remove(&seq);
        let said = if late { "comes late" } else { "was there before, and is left out" };
        log.findings.push((number, format!("line {seq} of {} {said}", named(&log.writers[writer]))));
        late
    }

    /// The run has no more lines.
    fn end(&mut self, log: &mut Log) {
        for (writer, (_, missing)) in std::mem::take(&mut self.sequences) {
            let (Some(first), Some(last)) = (missing.first(), missing.last()) else { continue };
            let lines = if first == last {
                format!("line {first}")
            } else {
                format!("{} lines from {first} to {last}", missing.len())
            };
            let number = log.lines.last().map_or(0, |line| line.number);
            log.findings.push((number, format!("{lines} of {} never came", named(&log.writers[writer]))));
        }
    }

    /// Which of its kind a fact is that does not say so.
    fn count(&mut self, kind: FactKind) -> u32 {
        let key = match kind {
            FactKind::Published(event) => (0, event.0, None),
            FactKind::Sent(event, client) => (1, event.0, client.map(|client| client.0)),
            FactKind::Arrived(event, client) => (2, event.0, client.map(|client| client.0)),
            // What is rolled back was tried.
            FactKind::Committed(row) | FactKind::RolledBack(row) => (3, row.0, None),
            FactKind::Visible(row) => (4, row.0, None),
            _ => return 1,
        };
        let count = self.counts.entry(key).or_default();
        *count += 1;
        *count
    }
}

/// A writer, whether it has a name or not.
pub(super) fn named(writer: &str) -> &str {
    if writer.is_empty() { "the writer" } else { writer }
}

/// When a line says that something happened, in microseconds, and whether it says so as a time of the day.
fn instant(at: &serde_json::Value) -> Result<(i64, bool), String> {
    if let Some(at) = at.as_i64() {
        return Ok((at, false));
    }
    let Some(text) = at.as_str() else {
        return Err(format!(
            "\"at\" is {at}: write whole microseconds, as in {{\"at\":1200,\"fact\":\"published EVENT\"}}, or a time \
             by RFC 3339"
        ));
    };
    let read: Result<jiff::Timestamp, _> = text.parse();
    let time = read.map_err(|error| format!("{text:?} is no time: {error}"))?;
    Ok((time.as_microsecond(), true))
}

/// Who publishes an event, and where.
fn publisher(system: &System, event: EventId, copy: Copy) -> (TaskId, StoreId) {
    let steps = system.tasks.iter().enumerate();
    let mut steps = steps.flat_map(|(task, of)| of.all_steps().map(move |step| (TaskId(task as u8), step)));
    let found = steps.find_map(|(task, step)| match (&step.action, copy) {
        (Action::Publish { event: of, store, .. }, Copy::Published) if *of == event => Some((task, *store)),
        (Action::Announce { event: of, into, .. }, Copy::Synthesized) if *of == event => {
            Some((task, into.unwrap_or(StoreId(0))))
        }
        _ => None,
    });
    found.unwrap_or((TaskId(0), StoreId(0)))
}

fn serving(system: &System, client: ClientId) -> TaskId {
    let place = system.tasks.iter().position(|task| task.serves == Some(client));
    TaskId(place.unwrap_or(0) as u8)
}

/// What a client fetches.
fn resource(system: &System, client: ClientId) -> Resource {
    let reactions = &system.clients[usize::from(client.0)].reactions;
    let fetched = reactions.iter().find_map(|reaction| reaction.fetches.as_ref());
    fetched.map_or(Resource::Row(RowId(0)), |(resource, _)| *resource)
}

fn of_kind(system: &System, kind: FactKind, n: u32, copy: Copy, id: u32) -> Fact {
    let only = |client: Option<ClientId>| client.unwrap_or(ClientId(0));
    match kind {
        FactKind::Did(task, step) => Fact::Did(task, step),
        FactKind::Turned(task) => Fact::Turned(task),
        FactKind::Set(status) => Fact::Set(status),
        FactKind::Committed(row) => Fact::Committed(row, n),
        FactKind::Visible(row) => Fact::Visible(row, n),
        FactKind::RolledBack(row) => Fact::RolledBack(row, n),
        FactKind::Saved(file) => Fact::Saved(file),
        FactKind::Published(event) => {
            let (by, store) = publisher(system, event, copy);
            Fact::Published { by, what: Identity::new(event, n), copy, store, id }
        }
        FactKind::Sent(event, client) => {
            let to = only(client);
            Fact::Sent { by: serving(system, to), to, what: Identity::new(event, n), copy }
        }
        FactKind::Arrived(event, client) => {
            Fact::Arrived { at: only(client), what: Identity::new(event, n), copy }
        }
        FactKind::Notified(signal) => Fact::Notified { signal, heard: true },
        FactKind::Over(task) => Fact::Over { task, failed: false },
        FactKind::Closed(client) => Fact::Closed(client),
        FactKind::TimerStarted(client, timer) => Fact::TimerStarted(client, timer),
        FactKind::TimerStopped(client, timer) => Fact::TimerStopped(client, timer),
        FactKind::TimedOut(client, timer) => Fact::TimedOut(client, timer),
        FactKind::Fetched(by, found) => Fact::Fetched { by, resource: resource(system, by), found },
        FactKind::Showed(client, shown) => Fact::Showed(client, shown),
        FactKind::Finished(client) => Fact::Finished(client),
        FactKind::Cut(client) => Fact::Cut { client, noticed: true },
        FactKind::Connected(client) => Fact::Connected { client, last: id },
        FactKind::GaveUp(client) => Fact::GaveUp(client),
        FactKind::Held(client) => Fact::Held(client, Way::Both),
        FactKind::Crashed(node) => Fact::Crashed(node),
        FactKind::Restarted(node) => Fact::Restarted(node),
    }
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
