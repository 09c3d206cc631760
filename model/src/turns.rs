//! Turns: tasks on event loops, and what wakes whom.
//!
//! ```text
//!  timer ──> Done(task) ──> effect of the step ──> node is free: steps until the next await
//!            Returned(task) ────────────────────┘  └──> queue of its node ──> Turn(node) ──┘
//! ```
//!
//! A timer happens at its own time, even while the node is blocked: what a step does to the store
//! or the database is done there and then. Going on is another matter: a task goes on when its
//! node gets to it, in order of arrival. All steps up to the next await are one event, so no order
//! is ever seen that an event loop does not allow; and whoever they wake has its turn in an event of
//! its own, due at that instant, so that none is left out that several nodes allow.

use punctual_sim::{Cx, IdleCycle, Machine};

use crate::admits::admits;
use crate::backend::{After, Backend, BackendEffect, BackendEvent};
use crate::fact::Fact;
use crate::program::{OVER, Op, Program};
use crate::sleeping::falls_asleep;
use crate::state::{BackendState, NodeState, Phase, Then};
use crate::system::{NodeId, Starts, StatusSet, StepId, StepTime, TaskId};

/// The most steps that may be taken without letting time pass.
pub const MAX_STEPS_AT_ONCE: u32 = 10_000;

impl Backend {
    /// Sets the alarms with which a run begins.
    fn wake(&self, state: &mut BackendState, cx: &mut impl Cx<Backend>) {
        for (i, task) in self.system.tasks.iter().enumerate() {
            if let Starts::After(delay) = &task.starts {
                cx.after(BackendEvent::Done(TaskId(i as u8)), delay);
            }
        }
        self.hold(state, cx);
    }

    /// Puts a task into its node's queue.
    pub(crate) fn make_ready(&self, state: &mut BackendState, task: TaskId) {
        state.tasks[usize::from(task.0)].phase = Phase::Ready;
        state.nodes[usize::from(self.program(task).node.0)].ready.push_back(task);
        state.ready += 1;
    }

    /// Counts a task's age and its silence from here.
    #[inline(never)]
    pub(crate) fn begin(&self, state: &mut BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        self.count_silence(task, cx);
        self.wait_for_age(state, task, cx);
    }

    /// Lets a task begin, in its turn.
    pub(crate) fn begin_in_turn(&self, state: &mut BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        self.begin(state, task, cx);
        self.make_ready(state, task);
    }

    /// Counts all silences of a task from now on: it begins, or has sent a comment.
    pub(crate) fn count_silence(&self, task: TaskId, cx: &mut impl Cx<Backend>) {
        for (place, silence) in self.program(task).silences.iter().enumerate() {
            cx.after(BackendEvent::Quiet(task, place as u8), silence);
        }
    }

    /// Nobody will ask how long a task was silent.
    pub(crate) fn forget_silence(&self, task: TaskId, cx: &mut impl Cx<Backend>) {
        for place in 0..self.program(task).silences.len() {
            cx.cancel(BackendEvent::Quiet(task, place as u8));
        }
    }

    /// Sets the alarm for the next age of a task, unless nobody will ask for it.
    fn wait_for_age(&self, state: &BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        let passed = state.tasks[usize::from(task.0)].age;
        if let Some(age) = self.program(task).ages.get(usize::from(passed))
            && self.may_be(state, age.matters)
        {
            cx.after(BackendEvent::Aged(task), &age.wait);
        }
    }

    /// Whether the job's status is one of `statuses` or may become one.
    pub(crate) fn may_be(&self, state: &BackendState, statuses: StatusSet) -> bool {
        state.may_be(statuses, |i, task| {
            let program = &self.programs[i];
            let from = |step: StepId| {
                program.ops.get(usize::from(step.0)).map_or(StatusSet::default(), |op| op.may_set)
            };
            let again = if program.again { from(StepId(0)) } else { StatusSet::default() };
            match task.phase {
                Phase::Over => again,
                Phase::Unborn | Phase::Awaiting | Phase::Returning | Phase::Ready | Phase::Listening(_) => {
                    from(task.step).union(again)
                }
            }
        })
    }

    /// Cancels the alarms that nobody will ask for any more.
    pub(crate) fn forget_ages(&self, state: &BackendState, cx: &mut impl Cx<Backend>) {
        for (i, program) in self.programs.iter().enumerate() {
            let task = &state.tasks[i];
            if let Some(age) = program.ages.get(usize::from(task.age))
                && !self.may_be(state, age.matters)
            {
                cx.cancel(BackendEvent::Aged(TaskId(i as u8)));
            }
        }
    }

    /// Lets a task whose step is over go on: at once if its node is free, else in its turn.
    #[inline(always)]
    fn resume(&self, state: &mut BackendState, program: &Program, cx: &mut impl Cx<Backend>) {
        let node = &state.nodes[usize::from(program.node.0)];
        if node.blocked_by.is_some() || !node.ready.is_empty() {
            self.make_ready(state, program.task);
        } else {
            self.go_on(state, program, cx);
        }
    }

    /// Lets each node that is free and has somebody in its queue have its turn at this instant.
    #[inline(always)]
    pub(crate) fn give_turns(&self, state: &BackendState, cx: &mut impl Cx<Backend>) {
        if state.ready > 0 {
            self.give_turn_to_each(state, cx);
        }
    }

    #[inline(never)]
    fn give_turn_to_each(&self, state: &BackendState, cx: &mut impl Cx<Backend>) {
        let free = |(_, node): &(usize, &NodeState)| node.blocked_by.is_none() && !node.ready.is_empty();
        for (place, _) in state.nodes.iter().enumerate().filter(free) {
            cx.after(BackendEvent::Turn(NodeId(place as u8)), &self.at_once);
        }
    }

    /// A node takes the next task from its queue.
    #[inline(never)]
    fn turn(&self, state: &mut BackendState, node: NodeId, cx: &mut impl Cx<Backend>) {
        if let Some(task) = state.nodes[usize::from(node.0)].ready.pop_front() {
            state.ready -= 1;
            self.go_on(state, self.program(task), cx);
        }
    }

    /// Takes a task's steps until one takes time.
    #[inline(always)]
    fn go_on(&self, state: &mut BackendState, program: &Program, cx: &mut impl Cx<Backend>) {
        let task = program.task;
        let mut left = MAX_STEPS_AT_ONCE;
        state.tasks[usize::from(task.0)].phase = Phase::Ready;
        let mut at = state.tasks[usize::from(task.0)].step;
        while let Some(op) = program.ops.get(usize::from(at.0)) {
            if left == 0 {
                cx.note(Fact::Stuck(task));
                break;
            }
            left -= 1;
            // A repeat that the loop begins with comes back here.
            if op.turns && state.tasks[usize::from(task.0)].rounds == 0 {
                cx.note(Fact::Turned(task));
            }
            let Some(next) = self.take(state, program, (at, op), cx) else { return };
            state.tasks[usize::from(task.0)].step = next;
            at = next;
        }
        self.over(state, task, cx);
    }

    /// Takes one step and gives the next, or begins it if it takes time.
    #[inline(always)]
    fn take(
        &self,
        state: &mut BackendState,
        program: &Program,
        (at, op): (StepId, &Op),
        cx: &mut impl Cx<Backend>,
    ) -> Option<StepId> {
        let task = program.task;
        if !op.plain && !admits(state, task, op, cx) {
            return Some(op.next);
        }
        let delay = match &op.time {
            StepTime::Instant => match falls_asleep(state, task, op) {
                None => return Some(self.effect_at_once(state, task, (at, op), cx).step(op)),
                Some(sleep) => sleep?,
            },
            StepTime::Takes(delay, _) => {
                state.tasks[usize::from(task.0)].phase = Phase::Awaiting;
                delay
            }
            StepTime::Blocks(delay) => {
                state.tasks[usize::from(task.0)].phase = Phase::Awaiting;
                state.nodes[usize::from(program.node.0)].blocked_by = Some(task);
                delay
            }
        };
        cx.after(BackendEvent::Done(task), delay);
        None
    }

    /// The effect of a step that takes no time; kept apart, because most steps take some.
    #[inline(never)]
    fn effect_at_once(
        &self,
        state: &mut BackendState,
        task: TaskId,
        step: (StepId, &Op),
        cx: &mut impl Cx<Backend>,
    ) -> After {
        self.effect(state, task, step, cx)
    }

    /// Lets a task be at the step after the one it is at.
    pub(crate) fn move_on(&self, state: &mut BackendState, task: TaskId) {
        let task_state = &mut state.tasks[usize::from(task.0)];
        task_state.step = self.program(task).ops[usize::from(task_state.step.0)].next;
    }

    #[inline(never)]
    fn over(&self, state: &mut BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        let task_state = &mut state.tasks[usize::from(task.0)];
        task_state.phase = Phase::Over;
        task_state.step = OVER;
        cx.note(Fact::Over { task, failed: task_state.failed });
        let program = self.program(task);
        if !program.ages.is_empty() {
            cx.cancel(BackendEvent::Aged(task));
        }
        self.forget_silence(task, cx);
        self.forget_ages(state, cx);
    }

    /// The time of a task's step, or its start, is over.
    fn done(&self, state: &mut BackendState, task: TaskId, cx: &mut impl Cx<Backend>) {
        let task_state = &state.tasks[usize::from(task.0)];
        if task_state.phase == Phase::Unborn {
            self.begin(state, task, cx);
            return self.resume(state, self.program(task), cx);
        }
        let program = self.program(task);
        let at = task_state.step;
        if let Phase::Listening(_) = task_state.phase {
            state.waiting.retain(|waits| *waits != task);
        }
        let op = &program.ops[usize::from(at.0)];
        let after = self.effect(state, task, (at, op), cx);
        match &op.time {
            StepTime::Takes(_, Some(returns)) => {
                let task_state = &mut state.tasks[usize::from(task.0)];
                task_state.step = after.step(op);
                task_state.phase = Phase::Returning;
                cx.after(BackendEvent::Returned(task), returns);
            }
            StepTime::Blocks(_) => {
                state.tasks[usize::from(task.0)].step = after.step(op);
                state.nodes[usize::from(program.node.0)].blocked_by = None;
                if state.tasks[usize::from(task.0)].then == Then::GoesOn {
                    self.go_on(state, program, cx);
                } else {
                    self.unblocked(state, task, cx);
                }
            }
            StepTime::Instant | StepTime::Takes(_, None) => {
                state.tasks[usize::from(task.0)].step = after.step(op);
                self.resume(state, program, cx);
            }
        }
    }
}

impl Machine for Backend {
    type State = BackendState;
    type Event = BackendEvent;
    type Effect = BackendEffect;
    type Fact = Fact;

    fn start(&self, cx: &mut impl Cx<Self>) -> BackendState {
        let mut state = self.newborn.clone();
        self.wake(&mut state, cx);
        state
    }

    fn restart(&self, state: &mut BackendState, cx: &mut impl Cx<Self>) {
        state.clone_from(&self.newborn);
        self.wake(state, cx);
    }

    fn step(&self, state: &mut BackendState, event: BackendEvent, cx: &mut impl Cx<Self>) {
        match event {
            BackendEvent::Done(task) => self.done(state, task, cx),
            BackendEvent::Returned(task) => self.resume(state, self.program(task), cx),
            BackendEvent::Turn(node) => self.turn(state, node, cx),
            BackendEvent::Aged(task) => {
                state.tasks[usize::from(task.0)].age += 1;
                self.wait_for_age(state, task, cx);
            }
            BackendEvent::Quiet(task, silence) => state.tasks[usize::from(task.0)].quiet |= 1 << silence,
            BackendEvent::Held(hold) => state.status.held |= 1 << hold,
            BackendEvent::Appeared(row, version) => self.appear(state, row, version.0, cx),
            BackendEvent::Windowed(store, what) => self.windowed(state, store, what),
        }
        self.give_turns(state, cx);
    }

    #[inline(always)]
    fn idle_cycle<'m>(
        &'m self,
        state: &BackendState,
        event: BackendEvent,
        idle_cycle: &mut IdleCycle<'m, Fact>,
    ) -> bool {
        self.idle_cycle_from(state, event, idle_cycle)
    }

    fn canonical(&self, state: &mut BackendState) {
        self.forget(state);
        self.spaces.rank(&mut state.ids().collect::<Vec<_>>());
    }
}
