//! What befalls tasks from outside: broken connections, new ones, nodes that stop and start again.
//!
//! A task that has lost its connection is given up where it awaits, as a server gives up the handler of a
//! request: the step that it is in has no effect any more. A step that blocks its node cannot be given up
//! half-way; the task ends, or begins anew, when that is done, and what it sends then is not for the connection
//! that has come meanwhile. For a client that connects again its task
//! begins with nothing but the id that the client named.

use punctual_sim::Cx;

use crate::backend::{After, Backend, BackendEffect, BackendEvent};
use crate::client::Message;
use crate::fact::{Fact, Identity, Origin};
use crate::ids::Id;
use crate::program::OVER;
use crate::state::{BackendState, Phase, Then};
use crate::system::{ClientId, EventId, Fault, NodeId, Starts, TaskId};

impl Backend {
    /// Lets `fault` happen; `by` is the task whose step it is.
    #[inline(never)]
    pub(crate) fn fault(
        &self,
        state: &mut BackendState,
        by: TaskId,
        fault: Fault,
        cx: &mut impl Cx<Backend>,
    ) -> After {
        match fault {
            Fault::Disconnect(client) => {
                cx.note(Fact::Cut { client, noticed: true });
                for task in self.serving(client).filter(|task| *task != by) {
                    self.abandon(state, task, cx);
                }
                cx.emit(BackendEffect::Cut(client, true));
                if self.client_of(by) == Some(client) {
                    return After::Jump(OVER);
                }
            }
            Fault::HalfOpen(client) => {
                cx.note(Fact::Cut { client, noticed: false });
                cx.emit(BackendEffect::Cut(client, false));
            }
            Fault::Hold(client, way) => {
                cx.note(Fact::Held(client, way));
                cx.emit(BackendEffect::Hold(client, way));
            }
            Fault::Release(client, way) => {
                cx.note(Fact::Released(client, way));
                cx.emit(BackendEffect::Release(client, way));
            }
            Fault::Crash(node) => self.crash(state, node, cx),
            Fault::Restart(node) => self.restart(state, node, cx),
        }
        After::Next
    }

    /// Answers the client of a task that it need not come again.
    #[inline(never)]
    pub(crate) fn refuse(&self, state: &BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        let Some(to) = self.client_of(task) else { return };
        if !state.tasks[usize::from(task.0)].serves_its_client() {
            return;
        }
        cx.note(Fact::Refused(to));
        cx.note(Fact::Closed(to));
        cx.emit(BackendEffect::Send(to, Message::Refused, None));
    }

    /// Ends the connection of a task, after an event that tells of it.
    #[inline(never)]
    pub(crate) fn close(
        &self,
        state: &mut BackendState,
        task: TaskId,
        event: Option<EventId>,
        cx: &mut impl Cx<Backend>,
    ) {
        let Some(to) = self.client_of(task) else { return };
        if let Some(event) = event {
            let what = self.next_of(state, event);
            Self::make_up(state, task, (to, what), None, cx);
        }
        if state.tasks[usize::from(task.0)].serves_its_client() {
            cx.note(Fact::Closed(to));
            cx.emit(BackendEffect::Send(to, Message::End, None));
        }
    }

    /// Sends an event that no store has.
    pub(crate) fn make_up(
        state: &BackendState,
        task: TaskId,
        (to, what): (ClientId, Identity),
        id: Option<Id>,
        cx: &mut impl Cx<Backend>,
    ) {
        if !state.tasks[usize::from(task.0)].serves_its_client() {
            cx.note(Fact::Outdated(task));
        }
        cx.note(Fact::Sent { by: task, to, what, copy: Origin::Synthesized });
        Self::put_on_line(state, task, (to, Message::Event(what, Origin::Synthesized)), id, cx);
    }

    /// Sends a message to the client of a task, unless the client has a newer connection than the task.
    pub(crate) fn put_on_line(
        state: &BackendState,
        task: TaskId,
        (to, message): (ClientId, Message),
        id: Option<Id>,
        cx: &mut impl Cx<Backend>,
    ) {
        if state.tasks[usize::from(task.0)].serves_its_client() {
            cx.emit(BackendEffect::Send(to, message, id));
        }
    }

    /// A client connects again and names the last event that it has, or 0. `false` if nobody is there.
    pub fn connect(
        &self,
        state: &mut BackendState,
        client: ClientId,
        last: u32,
        cx: &mut impl Cx<Backend>,
    ) -> bool {
        let is_down = |task: TaskId| state.nodes[usize::from(self.program(task).node.0)].down;
        if self.serving(client).any(is_down) {
            return false;
        }
        cx.note(Fact::Connected { client, last });
        for task in self.serving(client) {
            self.abandon(state, task, cx);
            let kept = &mut state.tasks[usize::from(task.0)];
            if kept.then == Then::GoesOn {
                *kept = self.unborn(task);
                kept.given = kept.given.numbered(last);
                self.begin_in_turn(state, task, cx);
            } else {
                kept.then = Then::Begins;
                kept.given = kept.given.numbered(last);
            }
        }
        self.give_turns(state, cx);
        true
    }

    /// The step is done that blocked the node of a task that has lost its connection meanwhile.
    #[inline(never)]
    pub(crate) fn unblocked(&self, state: &mut BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        let kept = &mut state.tasks[usize::from(task.0)];
        let (then, given) = (kept.then, kept.given);
        *kept = self.unborn(task);
        if then == Then::Begins {
            kept.given = given;
            self.begin_in_turn(state, task, cx);
        } else {
            self.give_up(state, task, cx);
        }
    }

    fn crash(&self, state: &mut BackendState, node: NodeId, cx: &mut impl Cx<Backend>) {
        let place = usize::from(node.0);
        if state.nodes[place].down {
            return;
        }
        cx.note(Fact::Crashed(node));
        state.nodes[place].down = true;
        state.nodes[place].blocked_by = None;
        for task in self.on(node) {
            state.tasks[usize::from(task.0)].then = Then::GoesOn;
            self.abandon(state, task, cx);
            if let Some(client) = self.client_of(task) {
                cx.note(Fact::Cut { client, noticed: true });
                cx.emit(BackendEffect::Cut(client, true));
            }
        }
    }

    fn restart(&self, state: &mut BackendState, node: NodeId, cx: &mut impl Cx<Backend>) {
        if !std::mem::replace(&mut state.nodes[usize::from(node.0)].down, false) {
            return;
        }
        cx.note(Fact::Restarted(node));
        for task in self.on(node) {
            let described = &self.system.tasks[usize::from(task.0)];
            if described.serves.is_some() {
                continue;
            }
            state.tasks[usize::from(task.0)] = self.unborn(task);
            if let Starts::After(delay) = &described.starts {
                cx.after(BackendEvent::Done(task), delay);
            }
        }
    }

    /// Gives a task up where it is. One that blocks its node is marked, and ends when it is done.
    fn abandon(&self, state: &mut BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        let node = &mut state.nodes[usize::from(self.program(task).node.0)];
        let kept = &mut state.tasks[usize::from(task.0)];
        if node.blocked_by == Some(task) {
            kept.then = Then::Ends;
            cx.cancel(BackendEvent::Aged(task));
            self.forget_silence(task, cx);
            return;
        }
        match kept.phase {
            Phase::Ready => {
                let queued = node.ready.len();
                node.ready.retain(|ready| *ready != task);
                state.ready -= (queued - node.ready.len()) as u16;
                if node.ready.is_empty() {
                    cx.cancel(BackendEvent::Turn(self.program(task).node));
                }
            }
            Phase::Listening(_) => state.waiting.retain(|waits| *waits != task),
            Phase::Unborn | Phase::Awaiting | Phase::Returning | Phase::Over => {}
        }
        self.give_up(state, task, cx);
    }

    fn give_up(&self, state: &mut BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        let kept = &mut state.tasks[usize::from(task.0)];
        kept.phase = Phase::Over;
        kept.step = OVER;
        for pending in [BackendEvent::Done, BackendEvent::Returned, BackendEvent::Aged] {
            cx.cancel(pending(task));
        }
        self.forget_silence(task, cx);
        self.forget_ages(state, cx);
    }

    /// The tasks that are the server's end of a client's connection.
    fn serving(&self, client: ClientId) -> impl Iterator<Item = TaskId> {
        self.programs.iter().filter(move |program| program.serves == Some(client)).map(|program| program.task)
    }

    fn on(&self, node: NodeId) -> impl Iterator<Item = TaskId> {
        self.programs.iter().filter(move |program| program.node == node).map(|program| program.task)
    }
}
