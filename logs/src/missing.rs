//! What a log does not tell, and the line that would: in words, for who writes the log.

use punctual_model::{ClientId, NodeId, Shown, Task, TaskId, Traits};

use super::kinds::Kind;
use super::knowledge::Knowledge;

/// What a log does not tell.
pub(super) struct Missing {
    /// What, so that it follows `no line tells`.
    pub(super) untold: String,
    /// The fact of a line that would decide it.
    pub(super) line: String,
}

impl Knowledge<'_> {
    /// What would tell of this kind, if no line does.
    pub(super) fn unless_told(&self, kind: Kind) -> Option<Missing> {
        (!self.kinds.tells(kind)).then(|| Missing { untold: self.untold(kind), line: self.line(kind) })
    }

    /// What it is that no line tells.
    fn untold(&self, kind: Kind) -> String {
        let system = self.system();
        let name = |client: ClientId| system.client_name(client);
        let node = |node: NodeId| system.node_name(node);
        match kind {
            Kind::Side(by) => format!("what {} publishes", node(by)),
            Kind::Sent(to) => format!("what is sent to {}", name(to)),
            Kind::Arrived(at) => format!("what arrives at {}", name(at)),
            Kind::Closed(of) => format!("whether the connection of {} ends", name(of)),
            Kind::Timers(of) => format!("what the timers of {} do", name(of)),
            Kind::Fetched(by) => format!("whether {} finds what it is told of", name(by)),
            Kind::Shown(at) => format!("what {} shows", name(at)),
            Kind::Finished(of) => format!("whether {} is done", name(of)),
            Kind::Looks(of) => format!("who looks at a store for {}", name(of)),
            Kind::Reads(by) => format!("when {} reads the database", node(by)),
            Kind::Over(on) => format!("when {} is over", self.a_task_of(on)),
            Kind::Rows => "what becomes of rows".to_owned(),
            Kind::Files => "which files are durable".to_owned(),
            Kind::Statuses => "the status of the job".to_owned(),
            Kind::Faults => "whether connections break or nodes stop".to_owned(),
        }
    }

    /// The fact of a line that would tell it.
    fn line(&self, kind: Kind) -> String {
        let system = self.system();
        let name = |client: ClientId| system.client_name(client);
        let any = || system.events.first().map_or("EVENT", |event| event.name.as_str());
        match kind {
            Kind::Side(by) => format!("published {}", self.an_event_of(by)),
            Kind::Sent(to) => self.at(any(), "sent", to),
            Kind::Arrived(at) => self.at(any(), "arrived", at),
            Kind::Closed(of) => format!("closed {}", name(of)),
            Kind::Timers(of) => {
                let timers = &system.clients[usize::from(of.0)].timers;
                let timer = timers.first().map_or("TIMER", |timer| timer.name.as_str());
                format!("started {timer} at {}", name(of))
            }
            Kind::Fetched(by) => format!("found {}", name(by)),
            Kind::Shown(at) => format!("shown {} at {}", Shown::Success, name(at)),
            Kind::Finished(of) => format!("finished {}", name(of)),
            Kind::Looks(_) => self.a_step(|traits| traits.sends_from.is_some()),
            Kind::Reads(_) => self.a_step(|traits| traits.reads_database()),
            Kind::Over(on) => format!("over {}", self.a_task_of(on)),
            Kind::Rows => {
                format!("committed {}", system.rows.first().map_or("ROW", |row| row.name.as_str()))
            }
            Kind::Files => format!("saved {}", system.files.first().map_or("FILE", String::as_str)),
            Kind::Statuses => {
                format!("status {}", system.statuses.last().map_or("STATUS", String::as_str))
            }
            Kind::Faults => {
                format!("cut {}", system.clients.first().map_or("CLIENT", |client| client.name.as_str()))
            }
        }
    }

    /// A task of the job on this node.
    fn a_task_of(&self, node: NodeId) -> &str {
        let mut tasks = self.system().tasks.iter().filter(|task| task.serves.is_none() && task.node == node);
        tasks.next().map_or("TASK", |task| task.name.as_str())
    }

    /// A word, an event and a client: of an event that no line tells to have reached it, if there is one.
    fn at(&self, any: &str, word: &str, client: ClientId) -> String {
        let what = self.unarrived(client).next();
        let event = what.map_or(any, |what| self.system().event_name(what.event()));
        format!("{word} {event} at {}", self.system().client_name(client))
    }

    fn a_step(&self, of: impl Fn(Traits<'_>) -> bool) -> String {
        let system = self.system();
        let mut steps = (0..system.tasks.len()).flat_map(|task| {
            system.tasks[task].numbered_steps().map(move |(number, step)| (task, number, step))
        });
        let step = steps.find(|(.., step)| of(step.action.traits()));
        step.map_or("TASK.STEP".to_owned(), |(task, number, _)| system.step_name(TaskId(task as u8), number))
    }

    fn an_event_of(&self, node: NodeId) -> &str {
        let steps = self.system().tasks.iter().filter(|task| task.node == node).flat_map(Task::all_steps);
        let event = steps.into_iter().find_map(|step| {
            let traits = step.action.traits();
            traits.publishes.or(traits.announces)
        });
        event.map_or("EVENT", |event| self.system().event_name(event))
    }
}
