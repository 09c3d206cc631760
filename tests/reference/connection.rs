//! Connections between tasks and clients, and what befalls them and the nodes.

use super::facts::Fact;
use super::run::Event;
use super::state::{Doing, Identity, Message};
use super::system::{Starts, Way};

impl Event<'_> {
    /// The client that a task serves.
    fn served(&self, task: usize) -> usize {
        self.system.tasks[task].serves.expect("it serves a client")
    }

    /// Whether what the task sends travels: its own connection is there. If its client has connected again while
    /// its step blocks its node, that is another connection.
    fn has_line(&self, task: usize) -> bool {
        self.state.clients[self.served(task)].line && self.state.tasks[task].begins_anew.is_none()
    }

    /// Sends an event to the client that the task serves.
    pub(crate) fn send_event(&mut self, task: usize, event: Identity, id: Option<i64>, announced: bool) {
        let client = self.served(task);
        self.broken |= self.state.ledger.sent(event, client, self.system.kinds[event.0].terminal);
        self.note(Fact::Sent(event, client));
        self.transmit(task, Message::Event { event, id, announced });
    }

    /// What a task sends travels to its client, or is lost.
    pub(crate) fn transmit(&mut self, task: usize, message: Message) {
        if self.has_line(task) {
            let client = self.served(task);
            let held = self.state.clients[client].held_to;
            let due = if held { None } else { Some(self.travel(client)) };
            self.state.clients[client].lane.push((message, due));
        }
    }

    /// When what sets out to a client now arrives: not before what is under way already.
    fn travel(&mut self, client: usize) -> u64 {
        let before = self.state.clients[client].lane.iter().filter_map(|(_, due)| *due).max().unwrap_or(0);
        self.draw(self.system.clients[client].latency).max(before)
    }

    /// The server ends the connection of the task's client, unless that has another one by now; the task has no
    /// step after that.
    pub(crate) fn end(&mut self, task: usize, client: usize, message: Message) {
        if self.state.tasks[task].begins_anew.is_none() {
            self.note(Fact::Closed(client));
            self.transmit(task, message);
            self.state.clients[client].line = false;
            self.state.ledger.closed(client, &self.system.limits);
        }
        self.state.tasks[task].next = None;
    }

    /// What is under way to a client is lost, and nothing more gets there.
    fn lose_line(&mut self, client: usize) {
        self.state.clients[client].lane.clear();
        self.state.clients[client].line = false;
    }

    /// The connection breaks, and the client notices at once; if it knows of none there is nothing to notice.
    fn break_line(&mut self, client: usize) {
        self.note(Fact::Cut(client));
        self.lose_line(client);
        self.state.ledger.broke(client);
        if std::mem::take(&mut self.state.clients[client].connected) {
            self.reconnect(client);
        }
    }

    pub(crate) fn disconnect(&mut self, task: usize, client: usize) {
        self.break_line(client);
        let serving = self.system.clients[client].served_by;
        if serving == task {
            self.state.tasks[task].next = None;
        } else {
            self.give_up(serving);
        }
    }

    pub(crate) fn half_open(&mut self, client: usize) {
        self.note(Fact::Cut(client));
        self.lose_line(client);
        self.state.ledger.broke(client);
    }

    pub(crate) fn hold(&mut self, client: usize, way: Way) {
        self.note(Fact::Held(client));
        self.state.ledger.healthy = false;
        let state = &mut self.state.clients[client];
        state.held_to |= way.to;
        state.held_from |= way.from;
    }

    pub(crate) fn release(&mut self, client: usize, way: Way) {
        let known = &self.system.clients[client];
        if way.to && std::mem::take(&mut self.state.clients[client].held_to) {
            for at in 0..self.state.clients[client].lane.len() {
                if self.state.clients[client].lane[at].1.is_none() {
                    let due = self.travel(client);
                    self.state.clients[client].lane[at].1 = Some(due);
                }
            }
        }
        if way.from && std::mem::take(&mut self.state.clients[client].held_from) {
            if let Some((named, None)) = self.state.clients[client].request {
                let due = self.draw(known.latency);
                self.state.clients[client].request = Some((named, Some(due)));
            }
            for at in 0..self.state.clients[client].fetches.len() {
                if self.state.clients[client].fetches[at].1.is_none() {
                    let due = self.travel_fetch(client, self.state.clients[client].fetches[at].0);
                    self.state.clients[client].fetches[at].1 = Some(due);
                }
            }
        }
    }

    pub(crate) fn crash(&mut self, node: usize) {
        if !std::mem::take(&mut self.state.nodes[node].up) {
            return;
        }
        self.note(Fact::Crashed(node));
        self.state.ledger.healthy = false;
        let tasks = (0..self.system.tasks.len()).filter(|task| self.system.tasks[*task].node == node);
        for task in tasks {
            self.drop_task(task);
            if let Some(client) = self.system.tasks[task].serves {
                self.break_line(client);
            }
        }
    }

    pub(crate) fn restart(&mut self, node: usize) {
        if std::mem::replace(&mut self.state.nodes[node].up, true) {
            return;
        }
        self.note(Fact::Restarted(node));
        let tasks = (0..self.system.tasks.len()).filter(|task| self.system.tasks[*task].node == node);
        for task in tasks {
            match (self.system.tasks[task].serves, self.system.tasks[task].starts) {
                (None, _) | (Some(_), Starts::Spawned) => self.start_later(task),
                (Some(_), Starts::After(_)) => {}
            }
        }
    }

    /// The client waits and then asks for a connection, if it does so at all; a second reason begins that again.
    pub(crate) fn reconnect(&mut self, client: usize) {
        let state = &self.state.clients[client];
        if let Some(after) = self.system.clients[client].reconnects
            && !state.done
            && !state.refused
        {
            self.state.clients[client].asks_in = Some(self.draw(after));
        }
    }

    /// The client asks for a connection.
    pub(crate) fn ask(&mut self, client: usize) {
        let known = &self.system.clients[client];
        self.state.clients[client].asks_in = None;
        let named = self.state.clients[client].last.filter(|_| known.resumes);
        let held = self.state.clients[client].held_from;
        let due = if held { None } else { Some(self.draw(known.latency)) };
        self.state.clients[client].request = Some((named, due));
        self.start_fired_timers(client);
    }

    /// A request for a connection arrives.
    pub(crate) fn connect(&mut self, client: usize) {
        let (named, _) = self.state.clients[client].request.take().expect("it was asked for");
        let task = self.system.clients[client].served_by;
        if !self.state.nodes[self.system.tasks[task].node].up {
            return self.reconnect(client);
        }
        self.note(Fact::Connected(client));
        self.broken |= self.state.ledger.connected(client, &self.system.limits);
        let state = &mut self.state.clients[client];
        state.lane.clear();
        (state.line, state.connected) = (true, true);
        self.give_up(task);
        if matches!(self.state.tasks[task].doing, Doing::Blocking(_)) {
            self.state.tasks[task].begins_anew = Some(named);
        } else {
            self.begin_task(task, named);
            self.queue(task);
        }
    }
}
