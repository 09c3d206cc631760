//! One state for all that behave alike.
//!
//! A run leaves traces in its state that nobody will ever ask for: events that every reader has
//! passed, registers of tasks that are over, how often a clock has ticked. Drivers that store
//! states would tell such states apart for nothing; this module and `Spaces::rank` make them equal. They
//! change numbers and blanks, never what can happen next.

use crate::backend::Backend;
use crate::fact::{Identity, Origin};
use crate::ids::Id;
use crate::state::{BackendState, Phase, Stored, Then};
use crate::system::{EventId, Step, StoreId};

impl Stored {
    /// Makes it stand for an event that nobody can read any more. It still takes its place in a ring.
    fn blank(&mut self) {
        let what = Identity::new(EventId(0), 0);
        *self = Self { what, copy: Origin::Published, id: self.id.numbered(0), window_end: None };
    }

    /// Whether it stands for one that nobody can read any more.
    pub(crate) fn is_blank(&self) -> bool {
        self.what.ordinal() == 0
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
            let asleep = matches!(kept.phase, Phase::Awaiting | Phase::Listening(_));
            let live = self.asked.live[task].at(kept.step, asleep);
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
                kept.slept = [0; 2];
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
            let sends = |step: &Step| step.action.traits().sends_from == Some(store);
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
