//! How an event gets into a store, and under which id.
//!
//! Here, and nowhere else, a clock is read that gives ids: when something is published, and when a cursor is set to what
//! the clock shows. How long ago an event was published by that clock is an alarm that is set then.

use punctual_sim::{Clock, Cx, Stamp};

use crate::backend::{Backend, BackendEvent};
use crate::fact::{Fact, Identity, Origin};
use crate::ids::Id;
use crate::program::place;
use crate::state::{BackendState, Stored};
use crate::system::{EventId, Ids, StoreId, TaskId};

impl Backend {
    /// What is published now of a kind. An event that tells of a row tells of its committed version
    /// if that was not published yet, else of the one that is tried next.
    pub(crate) fn next_of(&self, state: &mut BackendState, event: EventId) -> Identity {
        let last = &mut state.published[usize::from(event.0)];
        *last = match self.row_of(event).map(|row| state.rows[place(row)]) {
            Some(row) if row.committed > *last => row.committed,
            Some(row) => row.tried.max(*last).saturating_add(1),
            None => last.saturating_add(1),
        };
        Identity::new(event, *last)
    }

    #[expect(clippy::too_many_arguments, reason = "each is a part of what is published")]
    #[inline(never)]
    pub(crate) fn publish(
        &self,
        state: &mut BackendState,
        task: TaskId,
        what: Identity,
        copy: Origin,
        store: StoreId,
        given: Option<u32>,
        cx: &mut impl Cx<Backend>,
    ) -> Id {
        let id = match given {
            Some(id) => state.stores[usize::from(store.0)].last_id.numbered(id),
            None => self.next_id(state, store, cx),
        };
        if let Some(own) = state.tasks[usize::from(task.0)].own.get_mut(usize::from(store.0)) {
            own.becomes(id);
        }
        let store_state = &mut state.stores[usize::from(store.0)];
        if id.is_after(store_state.last_id) {
            store_state.last_id = id;
        }
        store_state.events.push_back(Stored { what, copy, id, window_end: None });
        cx.note(Fact::Published { by: task, what, copy, store, id: id.number() });
        if let Ids::Clock(clock) = &self.system.stores[usize::from(store.0)].ids {
            for (event, ids) in &self.windows[usize::from(store.0)] {
                if *event == what.event() {
                    cx.after_ticks(BackendEvent::Windowed(store.0, what), clock, *ids);
                }
            }
        }
        let keep = self.system.stores[usize::from(store.0)].keep;
        if keep.is_some_and(|keep| store_state.events.len() > usize::from(keep))
            && let Some(dropped) = store_state.events.pop_front()
            && self.passed(state, store).is_some_and(|passed| dropped.id.is_after(passed))
        {
            cx.note(Fact::Dropped(store, dropped.what));
        }
        id
    }

    /// The id of what is published now: one more than the last, or what the clock shows. A clock
    /// shows ranks: only whether it ticked matters.
    fn next_id(&self, state: &mut BackendState, store: StoreId, cx: &mut impl Cx<Backend>) -> Id {
        let later = match &self.system.stores[usize::from(store.0)].ids {
            Ids::Given | Ids::Counter => true,
            Ids::Clock(clock) => self.has_ticked(state, store, clock, cx),
        };
        let store_state = &mut state.stores[usize::from(store.0)];
        let next = store_state.last_id.numbered(store_state.last_id.number() + u32::from(later));
        store_state.last_id = next;
        next
    }

    /// What a store's clock shows; the last id, where ids are no clock's.
    pub(crate) fn shown(&self, state: &mut BackendState, store: StoreId, cx: &mut impl Cx<Backend>) -> Id {
        match &self.system.stores[usize::from(store.0)].ids {
            Ids::Given | Ids::Counter => state.stores[usize::from(store.0)].last_id,
            Ids::Clock(_) => self.next_id(state, store, cx),
        }
    }

    /// Reads a store's clock: whether it has ticked since the last reading. A window that ends at this very tick has
    /// ended then, although its alarm may come after what happens now.
    fn has_ticked(
        &self,
        state: &mut BackendState,
        store: StoreId,
        clock: &Clock,
        cx: &mut impl Cx<Backend>,
    ) -> bool {
        if cx.stamp(clock) == Stamp::Same {
            return false;
        }
        let windows = &self.windows[usize::from(store.0)];
        let stored = if windows.is_empty() { 0 } else { state.stores[usize::from(store.0)].events.len() };
        for place in 0..stored {
            let Stored { what, window_end, .. } = state.stores[usize::from(store.0)].events[place];
            if window_end.is_none() && cx.take_due(BackendEvent::Windowed(store.0, what)) {
                self.windowed(state, store.0, what);
            }
        }
        true
    }

    /// The clock is a look-back window past an event: ids given from now on are outside of it.
    pub(crate) fn windowed(&self, state: &mut BackendState, store: u8, what: Identity) {
        let store_state = &mut state.stores[usize::from(store)];
        let end = store_state.last_id.numbered(store_state.last_id.number() + 1);
        for stored in store_state.events.iter_mut().filter(|stored| stored.what == what) {
            stored.window_end.get_or_insert(end);
        }
    }
}
