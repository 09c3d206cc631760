//! A run as a log: what nodes, clients and the database would have written down.

use std::collections::BTreeMap;
use std::io::{self, Write};

use punctual_model::{ClientId, Fact, Identity, Origin, RowId, System, TaskId, TimerId, World};
use punctual_sim::{Time, TraceOf};

use super::facts::serving;
use super::schema::{Head, SCHEMA, Told};

/// Writes a run as a log, with nodes and clients as writers. It has a line for its end if there is one: a run that is cut
/// before something comes about goes on, as far as its log should tell.
///
/// # Errors
/// It cannot be written.
pub fn write(
    system: &System,
    (trace, end): (&TraceOf<World>, Option<Time>),
    (scenario, run): (&str, &str),
    mut out: impl Write,
) -> io::Result<()> {
    let head = Head {
        schema: SCHEMA.into(),
        scenario: Some(scenario.into()),
        run: Some(run.into()),
        tells: Some("all".into()),
    };
    writeln!(out, "{}", serde_json::to_string(&head)?)?;
    let mut sequences: BTreeMap<String, u64> = BTreeMap::new();
    for step in &trace.steps {
        for fact in &step.facts {
            let Some((words, writer)) = words(system, fact) else { continue };
            let seq = sequences.entry(writer.clone()).or_default();
            *seq += 1;
            let (n, copy, id) = numbers(fact);
            let told = Told {
                at: i64::try_from(step.at.0).unwrap_or(i64::MAX).into(),
                fact: words,
                n,
                id: id.map(|id| serde_json::Value::String(id.to_string())),
                copy: copy.filter(|copy| *copy == Origin::Synthesized).map(|_| "synthesized".into()),
                seq: Some(*seq),
                writer: Some(writer),
            };
            writeln!(out, "{}", serde_json::to_string(&told)?)?;
        }
    }
    match end {
        Some(end) => writeln!(out, "{{\"at\":{},\"fact\":\"end\"}}", end.0),
        None => Ok(()),
    }
}

fn numbers(fact: &Fact) -> (Option<u32>, Option<Origin>, Option<u32>) {
    match *fact {
        Fact::Published { what, copy, id, .. } => (Some(what.ordinal()), Some(copy), Some(id)),
        Fact::Sent { what, copy, .. } | Fact::Arrived { what, copy, .. } => {
            (Some(what.ordinal()), Some(copy), None)
        }
        Fact::Committed(_, n) | Fact::Visible(_, n) | Fact::RolledBack(_, n) => (Some(n), None, None),
        Fact::Connected { last, .. } if last > 0 => (None, None, Some(last)),
        _ => (None, None, None),
    }
}

/// The words for a fact, and who would write it; nothing for what no word is for.
fn words(system: &System, fact: &Fact) -> Option<(String, String)> {
    let node = |task: TaskId| system.node_name(system.tasks[usize::from(task.0)].node).to_owned();
    let event = |what: Identity| system.event_name(what.event()).to_owned();
    let client = |client: ClientId| system.client_name(client).to_owned();
    let row = |row: RowId| system.rows[usize::from(row.0)].name.clone();
    let timer = |of: ClientId, number: TimerId| {
        system.clients[usize::from(of.0)].timers[usize::from(number.0)].name.clone()
    };
    let database = || "database".to_owned();
    Some(match *fact {
        Fact::Did(task, step) => (system.step_name(task, step), node(task)),
        Fact::Turned(task) => (format!("turned {}", system.tasks[usize::from(task.0)].name), node(task)),
        Fact::Set(status) => (format!("status {}", system.statuses[usize::from(status.0)]), database()),
        Fact::Committed(of, _) => (format!("committed {}", row(of)), database()),
        Fact::Visible(of, _) => (format!("visible {}", row(of)), database()),
        Fact::RolledBack(of, _) => (format!("rolled-back {}", row(of)), database()),
        Fact::Saved(file) => (format!("saved {}", system.files[usize::from(file.0)]), database()),
        Fact::Published { by, what, .. } => (format!("published {}", event(what)), node(by)),
        Fact::Sent { by, to, what, .. } => (format!("sent {} at {}", event(what), client(to)), node(by)),
        Fact::Notified { signal, .. } => {
            (format!("notified {}", system.signals[usize::from(signal.0)].name), database())
        }
        Fact::Over { task, .. } => (format!("over {}", system.tasks[usize::from(task.0)].name), node(task)),
        Fact::Closed(of) => (format!("closed {}", client(of)), node(serving(system, of))),
        Fact::Arrived { at, what, .. } => (format!("arrived {} at {}", event(what), client(at)), client(at)),
        Fact::TimerStarted(of, number) => {
            (format!("started {} at {}", timer(of, number), client(of)), client(of))
        }
        Fact::TimedOut(of, number) => {
            (format!("timed-out {} at {}", timer(of, number), client(of)), client(of))
        }
        Fact::Fetched { by, found: true, .. } => (format!("found {}", client(by)), client(by)),
        Fact::Fetched { by, found: false, .. } => (format!("missed {}", client(by)), client(by)),
        Fact::Showed(of, shown) => (format!("shown {shown} at {}", client(of)), client(of)),
        Fact::Finished(of) => (format!("finished {}", client(of)), client(of)),
        Fact::Cut { client: of, .. } => (format!("cut {}", client(of)), client(of)),
        Fact::Connected { client: of, .. } => {
            (format!("connected {}", client(of)), node(serving(system, of)))
        }
        Fact::GaveUp(of) => (format!("gave-up {}", client(of)), client(of)),
        Fact::Held(of, _) => (format!("held {}", client(of)), client(of)),
        Fact::Crashed(of) => (format!("crashed {}", system.node_name(of)), system.node_name(of).to_owned()),
        Fact::Restarted(of) => {
            (format!("restarted {}", system.node_name(of)), system.node_name(of).to_owned())
        }
        Fact::Read(_)
        | Fact::Dropped(..)
        | Fact::Moved(..)
        | Fact::Outdated(_)
        | Fact::Commented(_)
        | Fact::Stuck(_)
        | Fact::CommentArrived(_)
        | Fact::EndArrived(_)
        | Fact::TimerStopped(..)
        | Fact::Refused(_)
        | Fact::Released(..) => return None,
    })
}
