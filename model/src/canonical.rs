//! One state for all that behave alike.
//!
//! A run leaves traces in its state that nobody will ever ask for: events that every reader has
//! passed, registers of tasks that are over, how often a clock has ticked. Drivers that store
//! states would tell such states apart for nothing; this module and `Spaces::rank` make them equal. They
//! change numbers and blanks, never what can happen next.

use crate::backend::Backend;
use crate::fact::{Copy, Identity};
use crate::ids::Id;
use crate::live::Liveness;
use crate::state::{BackendState, Phase, Stored, Then};
use crate::system::{Action, CursorRule, Cursors, EventId, Guard, Ids, Step, StoreId, System, TaskId};

impl Stored {
    /// Makes it stand for an event that nobody can read any more. It still takes its place in a ring.
    fn blank(&mut self) {
        let what = Identity::new(EventId(0), 0);
        *self = Self { what, copy: Copy::Published, id: self.id.numbered(0), window_end: None };
    }

    /// Whether it stands for one that nobody can read any more.
    pub(crate) fn is_blank(&self) -> bool {
        self.what.ordinal() == 0
    }
}

/// What is asked of a store, and of a task's registers, by some step of the system.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// By store: whether its greatest id is asked for, or a cursor may be set back.
    history: Vec<bool>,
    /// By task: whether it asks for the id that it published last.
    pub(crate) own: Vec<bool>,
    /// By task: whether it asks what was sent.
    sent: Vec<bool>,
    /// By task: what it will still ask of what it has read.
    live: Vec<Liveness>,
}

impl Asked {
    pub(crate) fn by(system: &System) -> Self {
        let stores = (0..system.stores.len()).map(|store| StoreId(store as u8));
        let tasks = 0..system.tasks.len();
        let steps = |task: usize| system.tasks[task].all_steps();
        let one_for_all = |task: usize| system.tasks[task].cursors == Cursors::One;
        // What was added last has the greatest id there.
        let is_newest = |store: StoreId| system.stores[usize::from(store.0)].ids != Ids::Given;
        let looks_back = |task: usize, store: StoreId| {
            steps(task).any(|step| match step.action {
                // A cursor for each store is moved by that store only; one for all of them by any.
                Action::Announce { cursor: Some(CursorRule::Greatest(used, _)), .. } => {
                    used == store || one_for_all(task)
                }
                Action::Announce { into: Some(into), cursor: Some(CursorRule::Own(used)), .. }
                    if into == used && is_newest(into) =>
                {
                    used != store && one_for_all(task)
                }
                Action::Cursor(_) | Action::Announce { cursor: Some(_), .. } => true,
                _ => false,
            })
        };
        // Whoever begins again may ask for any event that is still there.
        let returns_to = |task: usize, store: StoreId| {
            let sends = |step: &Step| step.action == Action::Send(store);
            system.may_begin_again(TaskId(task as u8)) && steps(task).any(sends)
        };
        let asks_own = |task: usize| {
            steps(task).any(|step| {
                matches!(
                    step.action,
                    Action::Cursor(CursorRule::Own(_))
                        | Action::Announce { cursor: Some(CursorRule::Own(_)), .. }
                )
            })
        };
        let asks_sent = |task: usize| steps(task).any(|step| step.guards.contains(&Guard::Unsent));
        Self {
            history: stores
                .map(|store| tasks.clone().any(|task| looks_back(task, store) || returns_to(task, store)))
                .collect(),
            own: tasks.clone().map(asks_own).collect(),
            sent: tasks.map(asks_sent).collect(),
            live: system.tasks.iter().map(|task| Liveness::of(task, system)).collect(),
        }
    }
}

impl Backend {
    /// Makes states equal that behave alike, but for the numbers of ids.
    pub(crate) fn forget(&self, state: &mut BackendState) {
        self.forget_registers(state);
        self.forget_events(state);
    }

    /// Blanks what a task keeps and will not ask for.
    fn forget_registers(&self, state: &mut BackendState) {
        for (task, kept) in state.tasks.iter_mut().enumerate() {
            let over = kept.phase == Phase::Over;
            if over || !self.asked.own[task] {
                kept.own.iter_mut().for_each(Id::forget);
            }
            if over || !self.asked.sent[task] {
                kept.sent.fill(0);
            }
            let resting = matches!(kept.phase, Phase::Awaiting | Phase::Listening(_));
            let live = self.asked.live[task].at(kept.step, resting);
            if (over || !live.given) && kept.then != Then::Begins {
                kept.given.forget();
            }
            if !live.status {
                kept.read = None;
            }
            for (row, version) in kept.rows.iter_mut().enumerate() {
                if live.rows >> row & 1 == 0 {
                    *version = 0;
                }
            }
            if over {
                kept.cursors.iter_mut().for_each(Id::forget);
                kept.age = 0;
                kept.rests = [0; 2];
                kept.quiet = 0;
                kept.read = None;
                kept.rows.fill(0);
                kept.count = 0;
                kept.failed = false;
            }
        }
    }

    /// The greatest id that every reader of `store` has passed; none if nobody reads it.
    pub(crate) fn passed(&self, state: &BackendState, store: StoreId) -> Option<Id> {
        let reads = |&task: &usize| {
            let sends = |step: &Step| step.action == Action::Send(store);
            state.tasks[task].phase != Phase::Over && self.system.tasks[task].all_steps().any(sends)
        };
        let readers = (0..state.tasks.len()).filter(reads);
        readers
            .map(|task| state.tasks[task].cursors[self.programs[task].cursor(store)])
            .min_by_key(|cursor| cursor.number())
    }

    /// Blanks events that every reader has passed and no look-back window asks for.
    fn forget_events(&self, state: &mut BackendState) {
        for store in 0..state.stores.len() {
            if self.asked.history[store] {
                continue;
            }
            let passed = self.passed(state, StoreId(store as u8));
            let windows = &self.windows[store];
            for stored in &mut state.stores[store].events {
                if passed.is_none_or(|passed| !stored.id.is_after(passed))
                    && !windows.iter().any(|(event, _)| *event == stored.what.event())
                {
                    stored.blank();
                }
            }
        }
    }
}
