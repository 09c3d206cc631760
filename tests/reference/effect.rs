//! What a step does when it takes effect.

use super::facts::Fact;
use super::run::Event;
use super::state::{Doing, Entry, Identity, Message, StatusRead};
use super::system::{Action, Chance, Cursor, Ids};
use super::task::cursor_of;

impl Event<'_> {
    /// The step that the task is in takes effect.
    pub(crate) fn take_effect(&mut self, task: usize) {
        let system = self.system;
        let action = &system.tasks[task].steps[self.state.tasks[task].at].action;
        match action {
            // What is not announced is no step.
            Action::Announce { kind, .. } if self.to_announce(task, *kind).is_none() => return,
            _ => self.did(task),
        }
        match action {
            Action::Work | Action::Sleep | Action::Poll(_) | Action::Wait { .. } => {}
            Action::Status(status) => self.set_status(*status),
            Action::Commit { row, fails } => self.commit(task, *row, *fails),
            Action::Save(file) => {
                self.state.files[*file] = true;
                self.note(Fact::Saved(*file));
            }
            Action::Publish { kind, store, id } => {
                let event = self.next_published(*kind);
                self.state.ledger.published(event, task);
                self.add(task, event, *store, *id, false);
            }
            Action::Notify(signal) => self.notify(*signal),
            Action::Spawn(other) => self.spawn(*other),
            Action::Read { status, rows } => self.read(task, *status, rows),
            Action::Send(store) => self.send(task, *store),
            Action::Announce { kind, into, cursor } => self.announce(task, *kind, *into, *cursor),
            Action::Cursor(cursor) => self.move_cursor(task, *cursor),
            Action::Comment => {
                self.transmit(task, Message::Comment);
                let limits = self.system.quiet_limits.iter();
                self.state.tasks[task].quiet_lasts = limits.map(|limit| Some(*limit)).collect();
            }
            Action::Close { client, sends } => {
                if let Some(kind) = sends {
                    let event = self.next_published(*kind);
                    self.send_event(task, event, None, true);
                }
                self.end(task, *client, Message::End);
            }
            Action::Refuse(client) => self.end(task, *client, Message::Refusal),
            Action::Disconnect(client) => self.disconnect(task, *client),
            Action::HalfOpen(client) => self.half_open(*client),
            Action::Hold { client, way } => self.hold(*client, *way),
            Action::Release { client, way } => self.release(*client, *way),
            Action::Crash(node) => self.crash(*node),
            Action::Restart(node) => self.restart(*node),
        }
    }

    fn set_status(&mut self, status: usize) {
        if self.state.status == status {
            return;
        }
        self.state.status = status;
        self.state.status_lasts = self.system.status_limits.iter().map(|limit| Some(*limit)).collect();
        self.state.ledger.failed |= self.system.statuses[status] == "failed";
        self.note(Fact::Set(status));
    }

    fn commit(&mut self, task: usize, row: usize, fails: Chance) {
        self.state.rows[row].tried += 1;
        let version = self.state.rows[row].tried;
        if self.chance(fails) {
            self.state.rows[row].rolled_back.push(version);
            let tells = |kind: &usize| self.system.kinds[*kind].row == Some(row);
            let kinds: Vec<usize> = (0..self.system.kinds.len()).filter(tells).collect();
            self.broken |= self.state.ledger.rolled_back(version, &kinds);
            self.note(Fact::RolledBack(row));
            self.state.tasks[task].next = self.system.tasks[task].otherwise();
            return;
        }
        self.state.rows[row].committed = version;
        self.note(Fact::Committed(row));
        match self.system.rows[row].visible_after {
            None => self.visible(row, version),
            Some(delay) => {
                let before = self.state.rows[row].lane.last().map_or(0, |(_, due)| *due);
                let due = self.draw(delay).max(before);
                self.state.rows[row].lane.push((version, due));
            }
        }
    }

    /// What a `publish` of this kind would be an event of.
    fn next_of_row(&self, kind: usize, row: usize) -> u32 {
        let (row, published) = (&self.state.rows[row], self.state.numbers[kind]);
        if row.committed > published { row.committed } else { row.tried.max(published) + 1 }
    }

    fn next_published(&mut self, kind: usize) -> Identity {
        let number = match self.system.kinds[kind].row {
            None => self.state.numbers[kind] + 1,
            Some(row) => self.next_of_row(kind, row),
        };
        self.state.numbers[kind] = number;
        (kind, number)
    }

    /// Adds an event to a store, and says under which id.
    fn add(&mut self, task: usize, event: Identity, store: usize, id: Option<i64>, announced: bool) -> i64 {
        let state = &mut self.state.stores[store];
        let id = match self.system.stores[store].ids {
            Ids::Counter => state.greatest + 1,
            Ids::Given => id.expect("its id is given"),
            Ids::Clock(_) => state.clock.expect("the store has a clock").0,
        };
        if self.system.stores[store].ids == Ids::Counter {
            state.greatest = id;
        }
        state.entries.push(Entry { event, id, announced });
        if self.system.stores[store].keep.is_some_and(|keep| state.entries.len() > keep) {
            state.entries.remove(0);
        }
        self.state.tasks[task].own[store] = id;
        let not_done = (0..self.state.clients.len()).filter(|client| !self.state.clients[*client].done);
        let not_done = not_done.fold(0, |set, client| set | 1 << client);
        self.state.ledger.added(event, not_done);
        self.note(Fact::Added(event));
        id
    }

    fn spawn(&mut self, task: usize) {
        let up = self.state.nodes[self.system.tasks[task].node].up;
        if up && self.state.tasks[task].doing == Doing::Nothing {
            self.begin_task(task, None);
            self.queue(task);
        }
    }

    fn read(&mut self, task: usize, status: bool, rows: &[usize]) {
        self.broken |= self.state.ledger.requested(&self.system.limits);
        let visible: Vec<u32> = self.state.rows.iter().map(|row| row.visible).collect();
        let now = &mut self.state.tasks[task];
        if status {
            let passed = |lasts: &[Option<u64>]| lasts.iter().map(Option::is_none).collect();
            let read = StatusRead {
                status: self.state.status,
                lasted: passed(&self.state.status_lasts),
                ages: passed(&now.age_lasts),
            };
            now.read_before = now.read.replace(read).map(|before| before.status);
        }
        for row in rows {
            now.rows[*row] = visible[*row];
        }
    }

    fn send(&mut self, task: usize, store: usize) {
        for entry in self.state.stores[store].entries.clone() {
            let now = &mut self.state.tasks[task];
            let cursor = cursor_of(now, store);
            if entry.id > now.cursors[cursor] {
                now.cursors[cursor] = entry.id;
                self.sent_on(task, entry.event);
                self.send_event(task, entry.event, Some(entry.id), entry.announced);
            }
        }
    }

    /// The event that can be announced now: of a kind that tells of a row only if that was read as visible.
    fn to_announce(&self, task: usize, kind: usize) -> Option<Identity> {
        match self.system.kinds[kind].row {
            None => Some((kind, self.state.numbers[kind] + 1)),
            Some(row) => Some((kind, self.state.tasks[task].rows[row])).filter(|(_, version)| *version > 0),
        }
    }

    fn announce(&mut self, task: usize, kind: usize, into: Option<usize>, cursor: Option<Cursor>) {
        let Some(event) = self.to_announce(task, kind) else { return };
        if self.system.kinds[kind].row.is_none() {
            self.state.numbers[kind] = event.1;
        }
        let id = into.map(|store| self.add(task, event, store, None, true));
        self.sent_on(task, event);
        self.send_event(task, event, id, true);
        if let Some(cursor) = cursor {
            self.move_cursor(task, cursor);
        }
    }

    /// The task has sent or announced this on its connection.
    fn sent_on(&mut self, task: usize, (kind, number): Identity) {
        let now = &mut self.state.tasks[task];
        let tells = if self.system.kinds[kind].row.is_some() { number } else { 1 };
        now.sent[kind] = now.sent[kind].max(tells);
        now.rests_since_event = 0;
    }

    fn move_cursor(&mut self, task: usize, cursor: Cursor) {
        let stores = &self.state.stores;
        let greatest = |store: usize| stores[store].entries.iter().map(|entry| entry.id).max().unwrap_or(0);
        let now = &mut self.state.tasks[task];
        let (store, to) = match cursor {
            Cursor::To(id) => return now.cursors.fill(id),
            Cursor::Greatest { store, plus } => (store, greatest(store) + plus),
            Cursor::Now(store) => (store, stores[store].clock.expect("the store has a clock").0),
            Cursor::Own(store) => (store, now.own[store]),
            Cursor::Given(store) => (store, now.named.unwrap_or(0)),
        };
        let cursor = cursor_of(now, store);
        now.cursors[cursor] = to;
    }
}
