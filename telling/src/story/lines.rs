//! A run, line by line: what happened, and what did not although a step or a message was on its way.

use punctual_model::{
    ClientId, Fact, Identity, NodeId, Origin, RowId, StepId, StoreId, TaskId, TimerId, Way,
};
use punctual_sim::Time;

use super::{FactId, Outcome, Story};

/// A line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Time,
    /// Who did it or where it happened.
    pub lane: String,
    /// What.
    pub text: String,
}

impl Story<'_> {
    /// The run, line by line.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let mut unsaid = self.unsaid().into_iter().peekable();
        for (place, fact) in self.placed() {
            let at = self.at(place);
            lines.extend(self.line(place, &fact).map(|(lane, text)| Line { at, lane, text }));
            while let Some((_, line)) = unsaid.next_if(|(after, _)| *after <= place) {
                lines.push(line);
            }
        }
        lines.extend(unsaid.map(|(_, line)| line));
        lines
    }

    /// What no fact tells: what chance passed over, and what was lost on its way; each with the place after
    /// which it is told.
    fn unsaid(&self) -> Vec<(FactId, Line)> {
        let mut unsaid: Vec<(FactId, Line)> = Vec::new();
        for skipped in self.skipped() {
            let text = format!("{}, passed over by chance", self.step_name(skipped.task, skipped.step));
            let line = Line { at: skipped.at, lane: self.task(skipped.task).to_owned(), text };
            unsaid.push((self.comes_after(skipped.task, skipped.step, skipped.at), line));
        }
        for client in (0..self.system.clients.len()).map(|client| ClientId(client as u8)) {
            for sending in self.course(client).sendings {
                let (place, how) = match sending.outcome {
                    Outcome::NotOnTheLine(_) => (sending.sent, "is lost: there is no connection"),
                    Outcome::LostOnItsWay(place, None) => (place, "is lost on its way"),
                    Outcome::LostOnItsWay(place, Some(_)) => (place, "is lost where it is held back"),
                    Outcome::Arrived(_) | Outcome::Held(_) | Outcome::OnItsWay => continue,
                };
                let text = format!("{} {how}", self.event(sending.what));
                let lane = self.system.client_name(client).to_owned();
                unsaid.push((place, Line { at: self.at(place), lane, text }));
            }
        }
        unsaid.sort_by_key(|(after, _)| *after);
        unsaid
    }

    /// The place after which a task came to a step at `at` and passed it over: that of the last step before it
    /// which the task took by then.
    fn comes_after(&self, task: TaskId, step: StepId, at: Time) -> FactId {
        let last = self.facts.partition_point(|(when, _)| *when <= at);
        let first = self.facts.partition_point(|(when, _)| *when < at);
        let of_task = |place: &FactId| match self.fact(*place) {
            Fact::Did(by, number) => by == task && number < step,
            Fact::Turned(by) => by == task,
            _ => false,
        };
        (first..last).rev().map(FactId).find(of_task).unwrap_or(FactId(last.saturating_sub(1)))
    }

    /// Where a fact is told, and what is.
    fn line(&self, place: FactId, fact: &Fact) -> Option<(String, String)> {
        match fact {
            Fact::Set(_)
            | Fact::Committed(..)
            | Fact::Visible(..)
            | Fact::RolledBack(..)
            | Fact::Saved(_)
            | Fact::Published { .. }
            | Fact::Dropped(..)
            | Fact::Notified { .. } => self.of_what_is_kept(fact),
            Fact::Did(..)
            | Fact::Moved(..)
            | Fact::Sent { .. }
            | Fact::Outdated(_)
            | Fact::Closed(_)
            | Fact::Over { .. }
            | Fact::Stuck(_) => self.of_a_task(place, fact),
            Fact::Arrived { .. }
            | Fact::EndArrived(_)
            | Fact::TimerStarted(..)
            | Fact::TimerStopped(..)
            | Fact::TimedOut(..)
            | Fact::Fetched { .. }
            | Fact::Showed(..)
            | Fact::Finished(_) => self.of_a_client(fact),
            Fact::Cut { .. }
            | Fact::Connected { .. }
            | Fact::Refused(_)
            | Fact::GaveUp(_)
            | Fact::Held(..)
            | Fact::Released(..)
            | Fact::Crashed(_)
            | Fact::Restarted(_) => self.of_an_outage(fact),
            Fact::Turned(_) | Fact::Read(_) | Fact::Commented(_) | Fact::CommentArrived(_) => None,
        }
    }

    /// What happens to statuses, rows, files, stores and signals, and where.
    fn of_what_is_kept(&self, fact: &Fact) -> Option<(String, String)> {
        let system = self.system;
        let store = |store: StoreId| self.store(store).to_owned();
        let row = |row: RowId, version: u32, what: &str| {
            ("database".to_owned(), format!("row {} #{version} {what}", self.row(row)))
        };
        Some(match *fact {
            Fact::Set(status) => ("job".into(), format!("status {}", system.statuses[usize::from(status.0)])),
            Fact::Committed(of, version) => row(of, version, "committed"),
            Fact::Visible(of, version) => row(of, version, "visible"),
            Fact::RolledBack(of, version) => row(of, version, "rolled back"),
            Fact::Saved(file) => ("files".into(), format!("{} durable", system.files[usize::from(file.0)])),
            Fact::Published { what, store: into, id, copy, .. } => {
                let made = match copy {
                    Origin::Published => "",
                    Origin::Synthesized => ", made by the stream",
                };
                (store(into), format!("{} added, id {id}{made}", self.event(what)))
            }
            Fact::Dropped(of, what) => (store(of), format!("full: drops {}", self.event(what))),
            Fact::Notified { signal, heard } => {
                let heard = if heard { "" } else { ": nobody waits, and it is not kept" };
                ("signal".into(), format!("{}{heard}", system.signals[usize::from(signal.0)].name))
            }
            _ => return None,
        })
    }

    /// What a task does.
    fn of_a_task(&self, place: FactId, fact: &Fact) -> Option<(String, String)> {
        let task_name = |task: TaskId| self.task(task).to_owned();
        Some(match *fact {
            Fact::Did(task, step) => {
                (task_name(task), format!("{}{}", self.step_name(task, step), self.of_the_look(place)))
            }
            Fact::Moved(task, None, to) => (task_name(task), format!("cursor moved to {to}")),
            Fact::Moved(task, Some(of), to) => {
                (task_name(task), format!("cursor of {} moved to {to}", self.store(of)))
            }
            Fact::Sent { by, what, copy, .. } => {
                let copy = match copy {
                    Origin::Published => "sends",
                    Origin::Synthesized => "makes up and sends",
                };
                (task_name(by), format!("{copy} {}", self.event(what)))
            }
            Fact::Outdated(task) => {
                (task_name(task), "serves a connection that its client has given up for a newer one".into())
            }
            Fact::Closed(of) => (self.server_of(of), "ends the connection".into()),
            Fact::Over { task, failed: false } => (task_name(task), "is over".into()),
            Fact::Over { task, failed: true } => (task_name(task), "is over, failed".into()),
            Fact::Stuck(task) => (task_name(task), "takes steps for ever without letting time pass".into()),
            _ => return None,
        })
    }

    /// What happens at a client, or it does.
    fn of_a_client(&self, fact: &Fact) -> Option<(String, String)> {
        let client = |client: ClientId| self.system.client_name(client).to_owned();
        let timer = |of: ClientId, number: TimerId| {
            let timers = &self.system.clients[usize::from(of.0)].timers;
            timers[usize::from(number.0)].name.clone()
        };
        Some(match *fact {
            Fact::Arrived { at, what, .. } => (client(at), format!("{} arrives", self.event(what))),
            Fact::EndArrived(at) => (client(at), "the connection ends".into()),
            Fact::TimerStarted(of, number) => (client(of), format!("timer {} starts", timer(of, number))),
            Fact::TimerStopped(of, number) => (client(of), format!("timer {} stopped", timer(of, number))),
            Fact::TimedOut(of, number) => (client(of), format!("timer {} fires", timer(of, number))),
            Fact::Fetched { by, resource, found } => {
                let found = if found { "found" } else { "not there" };
                (client(by), format!("fetches {}: {found}", self.resource(resource)))
            }
            Fact::Showed(of, shown) => (client(of), format!("shows {shown}")),
            Fact::Finished(of) => (client(of), "is done".into()),
            _ => return None,
        })
    }

    /// What happens to a line or a node, and where.
    fn of_an_outage(&self, fact: &Fact) -> Option<(String, String)> {
        let client = |client: ClientId| self.system.client_name(client).to_owned();
        let node = |node: NodeId| self.system.node_name(node).to_owned();
        let of_way = |way: Way| match way {
            Way::Both => "both ways",
            Way::To => "to it",
            Way::From => "from it",
        };
        Some(match *fact {
            Fact::Cut { client: of, noticed: true } => (client(of), "the connection breaks".into()),
            Fact::Cut { client: of, noticed: false } => {
                (client(of), "the connection breaks, and neither end notices".into())
            }
            Fact::Connected { client: of, last: 0 } => (client(of), "connects again".into()),
            Fact::Connected { client: of, last } => {
                (client(of), format!("connects again, Last-Event-ID {last}"))
            }
            Fact::Refused(of) => (self.server_of(of), "answers that there is no more to come".into()),
            Fact::GaveUp(of) => (client(of), "will not connect again".into()),
            Fact::Held(of, way) => (client(of), format!("what is sent {} is held back", of_way(way))),
            Fact::Released(of, way) => (client(of), format!("what is sent {} is let go", of_way(way))),
            Fact::Crashed(of) => (node(of), "stops".into()),
            Fact::Restarted(of) => (node(of), "starts again".into()),
            _ => return None,
        })
    }

    /// What a look at a store does not find, or passes over; nothing of another step.
    fn of_the_look(&self, place: FactId) -> String {
        let Some((task, _, step)) = self.did(place) else { return String::new() };
        let (Some(store), Some(client)) = (step.action.traits().sends_from, self.serves(task)) else {
            return String::new();
        };
        let is_look = |fact: &Fact| matches!(*fact, Fact::Did(by, number) if by == task && self.looks_at(by, number, store));
        let before = self.last_before(place, is_look).map_or(FactId(0), FactId::next);
        let sent = |what: Identity| {
            let sent =
                |fact: &Fact| matches!(*fact, Fact::Sent { to, what: w, .. } if to == client && w == what);
            self.before(place).any(|(_, fact)| sent(&fact)) || self.beside(place).any(|(_, fact)| sent(&fact))
        };
        let is_there = |what: Identity| {
            let dropped = |fact: &Fact| matches!(*fact, Fact::Dropped(of, w) if (of, w) == (store, what));
            !self.between(before, place).any(|(_, fact)| dropped(&fact))
        };
        let passed = self.between(before, place).filter_map(|(_, fact)| match fact {
            Fact::Published { what, store: into, .. } if into == store && is_there(what) && !sent(what) => {
                Some(self.event(what))
            }
            _ => None,
        });
        let passed: Vec<String> = passed.collect();
        if !passed.is_empty() {
            format!(", passes over {}", passed.join(", "))
        } else if self.came_of(place) {
            String::new()
        } else {
            ", finds nothing new".into()
        }
    }

    /// Whether anything but looking came of the step at `place`.
    fn came_of(&self, place: FactId) -> bool {
        let Some((task, ..)) = self.did(place) else { return true };
        self.beside(place).any(|(_, fact)| match fact {
            Fact::Sent { by, .. } => by == task,
            Fact::Moved(..) | Fact::Closed(_) | Fact::Published { .. } => true,
            _ => false,
        })
    }

    fn server_of(&self, client: ClientId) -> String {
        self.server(client).map_or("server", |server| self.task(server)).to_owned()
    }
}
