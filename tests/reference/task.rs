//! Nodes and their tasks: who takes steps when.

use super::facts::Fact;
use super::run::Event;
use super::state::{Doing, TaskState};
use super::system::{Action, Condition, Limit, Policy, StepTime};

/// Whoever takes more steps than that at one instant takes them for ever: no random scenario has so many.
const MOST_STEPS: usize = 300;

impl Event<'_> {
    /// What a task is at is over.
    pub(crate) fn task_due(&mut self, task: usize) {
        match self.state.tasks[task].doing {
            Doing::Starting(_) => {
                self.begin_task(task, None);
                self.ready(task);
            }
            Doing::Awaiting(_) => self.awaited(task),
            Doing::Answered(_) => self.ready(task),
            Doing::Blocking(_) => self.unblocked(task),
            Doing::Waiting(_) => {
                self.stop_waiting(task);
                self.did(task);
                self.ready(task);
            }
            Doing::Nothing | Doing::Ready | Doing::Over => panic!("nothing of that task is due"),
        }
    }

    /// The task begins: its age counts from now.
    pub(crate) fn begin_task(&mut self, task: usize, named: Option<i64>) {
        let mut state = TaskState::idle(self.system, task, Doing::Ready);
        state.next = self.system.tasks[task].first();
        state.named = named;
        state.age_lasts = self.system.age_limits.iter().map(|limit| Some(*limit)).collect();
        state.quiet_lasts = self.system.quiet_limits.iter().map(|limit| Some(*limit)).collect();
        self.state.tasks[task] = state;
    }

    /// The task can go on: at once if its node is free, else after all that are ready already.
    pub(crate) fn ready(&mut self, task: usize) {
        let node = &self.state.nodes[self.system.tasks[task].node];
        if node.queue.is_empty() && node.blocked_by.is_none() {
            self.go_on(task);
        } else {
            self.queue(task);
        }
    }

    /// The task goes to the end of its node's queue.
    pub(crate) fn queue(&mut self, task: usize) {
        self.state.tasks[task].doing = Doing::Ready;
        self.state.nodes[self.system.tasks[task].node].queue.push(task);
    }

    fn awaited(&mut self, task: usize) {
        let at = self.state.tasks[task].at;
        self.take_effect(task);
        if self.is_over(task) {
            return;
        }
        match self.system.tasks[task].steps[at].time {
            StepTime::TakesAndReturns(_, returns) => {
                let answer = self.draw(returns);
                self.state.tasks[task].doing = Doing::Answered(answer);
            }
            StepTime::None | StepTime::Takes(_) | StepTime::Blocks(_) => self.ready(task),
        }
    }

    fn unblocked(&mut self, task: usize) {
        self.state.nodes[self.system.tasks[task].node].blocked_by = None;
        let (given_up, anew) = (self.state.tasks[task].given_up, self.state.tasks[task].begins_anew);
        self.take_effect(task);
        if given_up {
            self.state.tasks[task] = TaskState::idle(self.system, task, Doing::Over);
        }
        if let Some(named) = anew {
            self.begin_task(task, named);
            self.queue(task);
        } else if !self.is_over(task) {
            self.go_on(task);
        }
    }

    fn is_over(&self, task: usize) -> bool {
        self.state.tasks[task].doing == Doing::Over
    }

    /// The task takes its steps until one lets time pass, or until it is over.
    pub(crate) fn go_on(&mut self, task: usize) {
        for _ in 0..MOST_STEPS {
            let Some(at) = self.state.tasks[task].next else { return self.over(task) };
            let known = &self.system.tasks[task];
            if at == known.loop_at && known.has_loop() {
                self.note(Fact::Turned(task));
            }
            self.state.tasks[task].at = at;
            self.state.tasks[task].next = known.after(at);
            if !self.is_taken(task, at) {
                continue;
            }
            let doing = match (&known.steps[at].action, known.steps[at].time) {
                (Action::Poll(policy), _) => Doing::Awaiting(self.rest(task, policy)),
                (Action::Wait { signal, at_most }, _) => {
                    if std::mem::take(&mut self.state.signals[*signal].permit) {
                        self.did(task);
                        continue;
                    }
                    self.state.signals[*signal].waiting.push(task);
                    let most = at_most.as_ref().map(|policy| self.rest(task, policy));
                    if most.is_none() {
                        self.rested(task);
                    }
                    Doing::Waiting(most)
                }
                (_, StepTime::Takes(delay) | StepTime::TakesAndReturns(delay, _)) => {
                    Doing::Awaiting(self.draw(delay))
                }
                (_, StepTime::Blocks(delay)) => {
                    self.state.nodes[known.node].blocked_by = Some(task);
                    Doing::Blocking(self.draw(delay))
                }
                (_, StepTime::None) => {
                    self.take_effect(task);
                    if self.is_over(task) {
                        return;
                    }
                    continue;
                }
            };
            self.state.tasks[task].doing = doing;
            return;
        }
        self.stands_still = true;
    }

    /// The task took its last step.
    pub(crate) fn over(&mut self, task: usize) {
        self.state.tasks[task] = TaskState::idle(self.system, task, Doing::Over);
        self.note(Fact::Over(task));
        if self.system.tasks[task].serves.is_none() {
            self.state.ledger.over();
        }
    }

    /// The task is over at once; if its step blocks its node, when that is done.
    pub(crate) fn give_up(&mut self, task: usize) {
        match self.state.tasks[task].doing {
            Doing::Nothing | Doing::Over => {}
            Doing::Blocking(_) => {
                self.state.tasks[task].given_up = true;
                self.state.tasks[task].begins_anew = None;
            }
            Doing::Starting(_)
            | Doing::Ready
            | Doing::Awaiting(_)
            | Doing::Answered(_)
            | Doing::Waiting(_) => {
                self.drop_task(task);
            }
        }
    }

    /// Nothing is left of what the task was at.
    pub(crate) fn drop_task(&mut self, task: usize) {
        self.stop_waiting(task);
        let node = &mut self.state.nodes[self.system.tasks[task].node];
        node.queue.retain(|queued| *queued != task);
        if node.blocked_by == Some(task) {
            node.blocked_by = None;
        }
        self.state.tasks[task] = TaskState::idle(self.system, task, Doing::Over);
    }

    fn stop_waiting(&mut self, task: usize) {
        self.state.signals.iter_mut().for_each(|signal| signal.waiting.retain(|waits| *waits != task));
    }

    /// A signal is given.
    pub(crate) fn notify(&mut self, signal: usize) {
        self.note(Fact::Notified(signal));
        let state = &mut self.state.signals[signal];
        let woken: Vec<usize> = if self.system.signals[signal].permit {
            if state.waiting.is_empty() {
                state.permit = true;
            }
            state.waiting.iter().take(1).copied().collect()
        } else {
            state.waiting.clone()
        };
        for task in woken {
            self.stop_waiting(task);
            self.did(task);
            self.queue(task);
        }
    }

    /// The step that a task is in took effect.
    pub(crate) fn did(&mut self, task: usize) {
        self.note(Fact::Did(task, self.state.tasks[task].at));
    }

    fn is_taken(&mut self, task: usize, at: usize) -> bool {
        let step = &self.system.tasks[task].steps[at];
        // All conditions are asked: one of them keeps a number.
        let held: Vec<bool> = step.conditions.iter().map(|condition| self.holds(task, condition)).collect();
        held.into_iter().all(|holds| holds) && self.chance(step.chance)
    }

    fn holds(&mut self, task: usize, condition: &Condition) -> bool {
        let now = &mut self.state.tasks[task];
        match condition {
            Condition::Is { statuses, limit } => now.read.as_ref().is_some_and(|read| {
                statuses.contains(&read.status) && limit.is_none_or(|limit| read.lasted[limit])
            }),
            Condition::Changed(statuses) => now.read.as_ref().is_some_and(|read| {
                statuses.contains(&read.status) && now.read_before.is_some_and(|before| before != read.status)
            }),
            Condition::Unsent(kind) => match self.system.kinds[*kind].row {
                Some(row) => now.rows[row] > now.sent[*kind],
                None => now.sent[*kind] == 0,
            },
            Condition::CountAbove => {
                let visible = now.rows.iter().filter(|version| **version > 0).count() as u32;
                let counted = std::mem::replace(&mut now.counted, visible);
                visible > counted
            }
            Condition::Quiet(limit) => now.quiet_lasts[*limit].is_none(),
            Condition::NoneWithinIds { kind, store, ids } => {
                let beyond = now.cursors[cursor_of(now, *store)] - ids;
                let entries = &self.state.stores[*store].entries;
                !entries.iter().any(|entry| entry.event.0 == *kind && entry.id > beyond)
            }
            Condition::Resumed => now.named.is_some(),
            Condition::Fresh => now.named.is_none(),
        }
    }

    /// How long to rest now; the task has then rested once more.
    fn rest(&mut self, task: usize, policy: &Policy) -> u64 {
        let now = &self.state.tasks[task];
        let status = now.read.as_ref().map_or(self.state.status, |read| read.status);
        let old = |age: usize| match &now.read {
            Some(read) => read.ages[age],
            None => now.age_lasts[age].is_none(),
        };
        let applies = |limit: Limit| match limit {
            Limit::None => true,
            Limit::Age(age) => !old(age),
            Limit::Rests(most) => now.rests < most,
            Limit::RestsSinceEvent(most) => now.rests_since_event < most,
        };
        let part = policy.lines[status].iter().find(|part| applies(part.limit));
        let rest = part.expect("the last part has no limit").rest;
        self.rested(task);
        self.draw(rest)
    }

    fn rested(&mut self, task: usize) {
        let (now, most) = (&mut self.state.tasks[task], self.system.most_rests);
        now.rests = (now.rests + 1).min(most);
        now.rests_since_event = (now.rests_since_event + 1).min(most);
    }
}

/// Which of a task's cursors is held against the ids of a store.
pub(crate) fn cursor_of(task: &TaskState, store: usize) -> usize {
    if task.cursors.len() == 1 { 0 } else { store }
}
