//! What each step does, and whether that would change anything.
//!
//! One function an action. An effect happens in an instant; how long the step took to get there is
//! not its business. What happens in every turn of a loop is compiled into the run; what happens
//! now and then is kept out of line, so that the common way stays short.

use punctual_sim::{Channel, Choice, Cx};

use crate::backend::{After, Backend, BackendEffect, BackendEvent, Version};
use crate::client::Message;
use crate::fact::{Fact, Identity, Origin};
use crate::program::{OVER, Op, place};
use crate::state::{BackendState, Phase, StatusRead, TaskState};
use crate::system::{
    Action, ClientId, CursorRule, Cursors, EventId, Noted, RowId, SignalId, Since, StatusId, StepId, StoreId,
    TaskId,
};

/// The first of the FIFO channels on which committed versions become visible, one for each row.
const VERSIONS: u32 = 1 << 16;

impl Backend {
    /// Lets the step `op`, which is the one at `at`, take effect.
    #[inline(always)]
    pub(crate) fn effect(
        &self,
        state: &mut BackendState,
        task: TaskId,
        (at, op): (StepId, &Op),
        cx: &mut impl Cx<Backend>,
    ) -> After {
        if op.noted == Noted::Always {
            cx.note(Fact::Did(task, at));
        }
        match &op.action {
            // Of a wait, a permit was there or the back-stop came first.
            Action::Work | Action::Sleep | Action::Poll(_) | Action::Wait { .. } => {}
            Action::Send(store) => self.send(state, task, *store, cx),
            Action::Read { status, rows } => {
                read_rows(state, task, rows);
                if *status {
                    read_status(state, task, self.program(task).asks_change);
                }
                cx.note(Fact::Read(task));
            }
            Action::Announce { event, into, cursor } => {
                self.announce(state, (task, at), *event, *into, *cursor, cx);
            }
            Action::Status(status) => self.set_status(state, *status, cx),
            Action::Commit { row, fails } => return self.try_commit(state, task, *row, fails.as_ref(), cx),
            Action::Save(file) => {
                state.files |= 1 << file.0;
                cx.note(Fact::Saved(*file));
            }
            Action::Publish { event, store, id } => {
                let what = self.next_of(state, *event);
                self.publish(state, task, what, Origin::Published, *store, *id, cx);
            }
            Action::Notify(signal) => self.notify(state, *signal, cx),
            Action::Spawn(spawned) => self.spawn(state, *spawned, cx),
            Action::Cursor(rule) => self.move_cursor(state, task, *rule, cx),
            Action::Comment => self.comment(state, task, cx),
            Action::Refuse => {
                self.refuse(state, task, cx);
                return After::Jump(OVER);
            }
            Action::Fault(fault) => return self.fault(state, task, *fault, cx),
            Action::Close { event } => {
                self.close(state, task, *event, cx);
                return After::Jump(OVER);
            }
            Action::Repeat { to, times } => return repeat(state, task, *to, *times),
        }
        After::Next
    }

    /// Sends what is past the cursor. Mostly there is nothing new.
    #[inline(always)]
    fn send(&self, state: &mut BackendState, task: TaskId, store: StoreId, cx: &mut impl Cx<Backend>) {
        let last_id = state.stores[usize::from(store.0)].last_id;
        let cursor = self.program(task).cursor(store);
        if last_id.is_after(state.tasks[usize::from(task.0)].cursors[cursor]) {
            self.send_past_cursor(state, task, store, cx);
        }
    }

    #[inline(always)]
    fn spawn(&self, state: &mut BackendState, spawned: TaskId, cx: &mut impl Cx<Backend>) {
        let down = state.nodes[usize::from(self.program(spawned).node.0)].down;
        if state.tasks[usize::from(spawned.0)].phase == Phase::Unborn && !down {
            self.begin_in_turn(state, spawned, cx);
        }
    }

    /// Commits a row, or rolls it back and goes on with what is taken then.
    #[inline(always)]
    fn try_commit(
        &self,
        state: &mut BackendState,
        task: TaskId,
        row: RowId,
        fails: Option<&Choice>,
        cx: &mut impl Cx<Backend>,
    ) -> After {
        let tried = &mut state.rows[place(row)].tried;
        *tried = tried.saturating_add(1);
        if fails.is_some_and(|fails| cx.choose(fails) == 1) {
            cx.note(Fact::RolledBack(row, *tried));
            state.tasks[usize::from(task.0)].failed = true;
            return After::Jump(self.program(task).otherwise);
        }
        self.commit(state, row, cx);
        After::Next
    }

    /// Whether the effect of a step leaves everything as it is.
    pub(crate) fn finds_nothing(
        &self,
        state: &BackendState,
        task: TaskId,
        kept: &TaskState,
        op: &Op,
    ) -> bool {
        match &op.action {
            Action::Work | Action::Sleep | Action::Poll(_) => true,
            // Nobody else waits, so the order of those who do is what it was, and no permit is taken.
            Action::Wait { signal, at_most } => {
                at_most.is_some()
                    && state.permits >> signal.0 & 1 == 0
                    && state.waiting.iter().all(|waits| *waits == task)
            }
            Action::Send(store) => {
                let cursor = kept.cursors[self.program(task).cursor(*store)];
                !state.stores[usize::from(store.0)].last_id.is_after(cursor)
            }
            Action::Read { status, rows } => {
                let known = |row: &RowId| kept.rows[place(*row)] == state.rows[place(*row)].visible;
                let (now, held) = (state.status.now, state.status.held);
                let same = StatusRead { status: now, held, age: kept.age, changed: false };
                rows.iter().all(known) && (!status || kept.read == Some(same))
            }
            Action::Status(_)
            | Action::Commit { .. }
            | Action::Save(_)
            | Action::Publish { .. }
            | Action::Notify(_)
            | Action::Spawn(_)
            | Action::Announce { .. }
            | Action::Cursor(_)
            | Action::Refuse
            | Action::Fault(_)
            | Action::Comment
            | Action::Close { .. }
            | Action::Repeat { .. } => false,
        }
    }

    #[inline(never)]
    fn set_status(&self, state: &mut BackendState, status: StatusId, cx: &mut impl Cx<Backend>) {
        if state.status.now == status {
            return;
        }
        for (i, hold) in self.holds.iter().enumerate() {
            if hold.status == state.status.now {
                cx.cancel(BackendEvent::Held(i as u8));
            }
        }
        state.status.now = status;
        state.status.held = 0;
        cx.note(Fact::Set(status));
        self.hold(state, cx);
        self.forget_ages(state, cx);
    }

    /// Sets the alarms that tell how long the present status lasts.
    pub(crate) fn hold(&self, state: &mut BackendState, cx: &mut impl Cx<Backend>) {
        for (i, hold) in self.holds.iter().enumerate() {
            if hold.status == state.status.now {
                cx.after(BackendEvent::Held(i as u8), &hold.lasts);
            }
        }
    }

    #[inline(never)]
    fn commit(&self, state: &mut BackendState, row: RowId, cx: &mut impl Cx<Backend>) {
        let row_state = &mut state.rows[place(row)];
        let version = row_state.tried;
        row_state.committed = version;
        cx.note(Fact::Committed(row, version));
        match &self.system.rows[place(row)].visible_after {
            Some(delay) => {
                cx.send(
                    Channel(VERSIONS + u32::from(row.0)),
                    BackendEvent::Appeared(row, Version(version)),
                    delay,
                );
            }
            None => self.appear(state, row, version, cx),
        }
    }

    pub(crate) fn appear(
        &self,
        state: &mut BackendState,
        row: RowId,
        version: u32,
        cx: &mut impl Cx<Backend>,
    ) {
        state.rows[place(row)].visible = version;
        cx.note(Fact::Visible(row, version));
    }

    /// With a permit a notification wakes the task that has waited longest, or is kept for the next
    /// one that will; without, it wakes all that wait and is gone.
    #[inline(never)]
    fn notify(&self, state: &mut BackendState, signal: SignalId, cx: &mut impl Cx<Backend>) {
        let permit = self.system.signals[usize::from(signal.0)].permit;
        let waits = |state: &BackendState, task: TaskId| {
            state.tasks[usize::from(task.0)].phase == Phase::Listening(signal)
        };
        let awaited = state.waiting.iter().any(|task| waits(state, *task));
        if permit && !awaited {
            state.permits |= 1 << signal.0;
        }
        cx.note(Fact::Notified { signal, heard: permit || awaited });
        let mut woken = false;
        let mut at = 0;
        while let Some(&task) = state.waiting.get(at) {
            if !waits(state, task) || woken && permit {
                at += 1;
                continue;
            }
            woken = true;
            state.waiting.remove(at);
            cx.cancel(BackendEvent::Done(task));
            cx.note(Fact::Did(task, state.tasks[usize::from(task.0)].step));
            self.move_on(state, task);
            self.make_ready(state, task);
        }
    }

    #[inline(never)]
    fn send_past_cursor(
        &self,
        state: &mut BackendState,
        task: TaskId,
        store: StoreId,
        cx: &mut impl Cx<Backend>,
    ) {
        let task_state = &mut state.tasks[usize::from(task.0)];
        let serves = task_state.serves_its_client();
        let mut told = serves;
        let cursor = &mut task_state.cursors[self.program(task).cursor(store)];
        let Some(to) = self.client_of(task) else { return };
        for stored in &state.stores[usize::from(store.0)].events {
            if stored.id.is_after(*cursor) {
                cursor.becomes(stored.id);
                task_state.slept[Since::Event as usize] = 0;
                let (event, ordinal) = (stored.what.event(), stored.what.ordinal());
                let sent = &mut task_state.sent[usize::from(event.0)];
                *sent = ordinal.max(*sent);
                if !std::mem::replace(&mut told, true) {
                    cx.note(Fact::Outdated(task));
                }
                cx.note(Fact::Sent { by: task, to, what: stored.what, copy: stored.copy });
                if serves {
                    let message = Message::Event(stored.what, stored.copy);
                    cx.emit(BackendEffect::Send(to, message, Some(stored.id)));
                }
            }
        }
    }

    #[inline(never)]
    fn announce(
        &self,
        state: &mut BackendState,
        (task, at): (TaskId, StepId),
        event: EventId,
        into: Option<StoreId>,
        cursor: Option<CursorRule>,
        cx: &mut impl Cx<Backend>,
    ) {
        let ordinal = match self.row_of(event) {
            Some(row) => state.tasks[usize::from(task.0)].rows[place(row)],
            None => {
                let count = &mut state.published[usize::from(event.0)];
                *count = count.saturating_add(1);
                *count
            }
        };
        let Some(to) = self.client_of(task) else { return };
        if ordinal == 0 {
            return;
        }
        cx.note(Fact::Did(task, at));
        let what = Identity::new(event, ordinal);
        let id = into.map(|store| self.publish(state, task, what, Origin::Synthesized, store, None, cx));
        let kept = &mut state.tasks[usize::from(task.0)];
        kept.slept[Since::Event as usize] = 0;
        let sent = &mut kept.sent[usize::from(event.0)];
        *sent = ordinal.max(*sent);
        Self::make_up(state, task, (to, what), id, cx);
        if let Some(rule) = cursor {
            self.move_cursor(state, task, rule, cx);
        }
    }

    #[inline(never)]
    fn move_cursor(
        &self,
        state: &mut BackendState,
        task: TaskId,
        rule: CursorRule,
        cx: &mut impl Cx<Backend>,
    ) {
        let (store, to) = match rule {
            CursorRule::To(id) => {
                let cursors = &mut state.tasks[usize::from(task.0)].cursors;
                for cursor in cursors.iter_mut() {
                    *cursor = cursor.numbered(id);
                }
                return cx.note(Fact::Moved(task, None, id));
            }
            CursorRule::Now(store) => (store, self.shown(state, store, cx)),
            CursorRule::Given(store) => (store, state.tasks[usize::from(task.0)].given),
            CursorRule::Own(store) => (store, state.tasks[usize::from(task.0)].own[usize::from(store.0)]),
            CursorRule::Greatest(store, more) => {
                let greatest = state.stores[usize::from(store.0)].greatest();
                (store, greatest.numbered(greatest.number().saturating_add(more)))
            }
        };
        let program = self.program(task);
        state.tasks[usize::from(task.0)].cursors[program.cursor(store)].becomes(to);
        let which = match program.cursors {
            Cursors::One => None,
            Cursors::PerStore => Some(store),
        };
        cx.note(Fact::Moved(task, which, to.number()));
    }

    #[inline(never)]
    fn comment(&self, state: &mut BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        if let Some(to) = self.client_of(task) {
            cx.note(Fact::Commented(to));
            Self::put_on_line(state, task, (to, Message::Comment), None, cx);
        }
        state.tasks[usize::from(task.0)].quiet = 0;
        self.count_silence(task, cx);
    }

    pub(crate) fn row_of(&self, event: EventId) -> Option<RowId> {
        self.system.events[usize::from(event.0)].row
    }

    pub(crate) fn client_of(&self, task: TaskId) -> Option<ClientId> {
        self.program(task).serves
    }
}

/// Goes back to the step `to`, until all rounds are done.
#[inline(always)]
fn repeat(state: &mut BackendState, task: TaskId, to: usize, times: u16) -> After {
    let rounds = &mut state.tasks[usize::from(task.0)].rounds;
    *rounds += 1;
    if *rounds < times {
        return After::Jump(StepId(to as u16));
    }
    *rounds = 0;
    After::Next
}

/// Keeps what can be seen of `rows` now.
#[inline(always)]
fn read_rows(state: &mut BackendState, task: TaskId, rows: &[RowId]) {
    let kept = &mut state.tasks[usize::from(task.0)].rows;
    for row in rows {
        kept[place(*row)] = state.rows[place(*row)].visible;
    }
}

/// Keeps what the status is now, and whether that is news if somebody asks.
#[inline(always)]
fn read_status(state: &mut BackendState, task: TaskId, asks_change: bool) {
    let task = &mut state.tasks[usize::from(task.0)];
    let now = state.status.now;
    task.read = Some(StatusRead {
        status: now,
        held: state.status.held,
        age: task.age,
        changed: asks_change && task.read.is_some_and(|before| before.status != now),
    });
}
