//! What a log can tell: the kinds of facts of which it has lines, or says that it would have them.
//!
//! A kind is told if there is a line of it. Two are told by any line of the same side: whoever writes down
//! anything of a client is taken to write down what arrives there, and whoever writes down anything of a node what
//! it publishes and who connects; otherwise an event that is lost would be indistinguishable from a log that never tells of any.

use std::collections::BTreeSet;

use punctual_model::{ClientId, Fact, FactKind, NodeId, StepId, System, TaskId};
use punctual_scenarios::fact;

use super::words::BadTells;

/// What one writer tells and another does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What a node does: what it publishes, and the connections that it takes.
    Side(NodeId),
    /// That events are sent to a client.
    Sent(ClientId),
    /// What arrives at a client.
    Arrived(ClientId),
    /// That a client's connection ends.
    Closed(ClientId),
    /// When a client's timers start or fire.
    Timers(ClientId),
    /// What comes of a client's requests for what it is told of.
    Fetched(ClientId),
    /// What a client shows.
    Shown(ClientId),
    /// That a client is done.
    Finished(ClientId),
    /// That somebody looks at a store for a client.
    Looks(ClientId),
    /// When a node reads the database.
    Reads(NodeId),
    /// When the tasks of a node that serve nobody take their last step.
    Over(NodeId),
    /// What becomes of rows.
    Rows,
    /// Which files are durable.
    Files,
    /// The status of the job.
    Statuses,
    /// Whether connections break, messages are held, or nodes stop.
    Faults,
}

/// The kinds that a log tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    all: bool,
    told: BTreeSet<Kind>,
}

impl Kinds {
    /// Notes what a line shows that the log tells.
    pub(super) fn line(&mut self, system: &System, fact: &Fact) {
        let of_task = |task: TaskId| &system.tasks[usize::from(task.0)];
        let side = |task: TaskId| Kind::Side(of_task(task).node);
        let here = Kind::Arrived;
        let kinds = match *fact {
            Fact::Published { by, .. } | Fact::Turned(by) => vec![side(by)],
            Fact::Sent { by, to, .. } => vec![Kind::Sent(to), side(by)],
            Fact::Arrived { at: client, .. } | Fact::GaveUp(client) => vec![here(client)],
            Fact::Closed(client) => vec![Kind::Closed(client)],
            Fact::Cut { client, .. } => vec![Kind::Closed(client), Kind::Faults],
            Fact::TimerStarted(client, _) | Fact::TimedOut(client, _) => {
                vec![Kind::Timers(client), here(client)]
            }
            Fact::Fetched { by: client, .. } => vec![Kind::Fetched(client), here(client)],
            Fact::Showed(client, _) => vec![Kind::Shown(client), here(client)],
            Fact::Finished(client) => vec![Kind::Finished(client), here(client)],
            Fact::Did(task, step) => {
                let step = of_task(task).step(step);
                let looks = step.is_some_and(|step| step.action.traits().sends_from.is_some());
                let looks = of_task(task).serves.filter(|_| looks).map(Kind::Looks);
                looks.into_iter().chain([side(task)]).collect()
            }
            Fact::Read(task) => vec![Kind::Reads(of_task(task).node), side(task)],
            Fact::Over { task, .. } if of_task(task).serves.is_none() => {
                vec![Kind::Over(of_task(task).node), side(task)]
            }
            Fact::Over { task, .. } => vec![side(task)],
            Fact::Committed(..) | Fact::Visible(..) | Fact::RolledBack(..) => vec![Kind::Rows],
            Fact::Saved(_) => vec![Kind::Files],
            Fact::Set(_) => vec![Kind::Statuses],
            Fact::Held(..) | Fact::Crashed(_) => vec![Kind::Faults],
            Fact::Dropped(..)
            | Fact::Notified { .. }
            | Fact::Moved(..)
            | Fact::Outdated(_)
            | Fact::Commented(_)
            | Fact::Stuck(_)
            | Fact::CommentArrived(_)
            | Fact::EndArrived(_)
            | Fact::TimerStopped(..)
            | Fact::Connected { .. }
            | Fact::Refused(_)
            | Fact::Released(..)
            | Fact::Restarted(_) => Vec::new(),
        };
        self.told.extend(kinds);
    }

    /// Notes what the first line of a run says that the log tells: `"all"`, or a list of words and steps.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub(super) fn declared(&mut self, system: &System, tells: &serde_json::Value) -> Result<(), BadTells> {
        if tells == "all" {
            self.all = true;
            return Ok(());
        }
        let Some(words) = tells.as_array() else { return Err(BadTells::NoList(tells.to_string())) };
        for word in words {
            let Some(word) = word.as_str() else { return Err(BadTells::NoWord(word.to_string())) };
            match self.word(system, word) {
                Some(()) => {}
                None if word.contains('.') => match fact(system, word).map_err(BadTells::NoStep)? {
                    FactKind::Did(task, step) => {
                        for fact in facts_of_step(system, task, step) {
                            self.line(system, &fact);
                        }
                    }
                    _ => return Err(BadTells::NoWord(format!("{word:?}"))),
                },
                None => return Err(BadTells::NoWord(format!("{word:?}"))),
            }
        }
        Ok(())
    }

    fn word(&mut self, system: &System, word: &str) -> Option<()> {
        let nodes = || (0..system.nodes.len()).map(|node| NodeId(node as u8));
        let clients = || (0..system.clients.len()).map(|client| ClientId(client as u8));
        let kinds: Vec<Kind> = match word {
            "published" => nodes().map(Kind::Side).collect(),
            "over" => nodes().map(Kind::Over).collect(),
            "committed" | "rolled-back" => vec![Kind::Rows],
            "saved" => vec![Kind::Files],
            "status" => vec![Kind::Statuses],
            "held" | "crashed" => vec![Kind::Faults],
            "sent" => clients().map(Kind::Sent).collect(),
            "arrived" => clients().map(Kind::Arrived).collect(),
            "closed" => clients().map(Kind::Closed).collect(),
            "cut" => clients().map(Kind::Closed).chain([Kind::Faults]).collect(),
            "started" | "timed-out" => clients().map(Kind::Timers).collect(),
            "found" | "missed" => clients().map(Kind::Fetched).collect(),
            "shown" => clients().map(Kind::Shown).collect(),
            "finished" => clients().map(Kind::Finished).collect(),
            _ => return None,
        };
        self.told.extend(kinds);
        Some(())
    }

    /// Whether the log tells this.
    pub fn tells(&self, kind: Kind) -> bool {
        self.all || self.told.contains(&kind)
    }
}

/// The facts that a line of a step tells: a step that reads the database is also a read.
pub(super) fn facts_of_step(system: &System, task: TaskId, step: StepId) -> Vec<Fact> {
    let described = system.tasks[usize::from(task.0)].step(step);
    let reads = described.is_some_and(|step| step.action.traits().reads_database());
    let did = Fact::Did(task, step);
    if reads { vec![did, Fact::Read(task)] } else { vec![did] }
}
