//! What the steps of a system will ever ask of its stores and of what its tasks keep.

use crate::live::Liveness;
use crate::system::{CursorRule, Cursors, Guard, Ids, Step, StoreId, System, TaskId};

/// What is asked of a store, and of a task's registers, by some step of the system.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// By store: whether its greatest id is asked for, or a cursor may be set back.
    pub(crate) history: Vec<bool>,
    /// By task: whether it asks for the id that it published last.
    pub(crate) own: Vec<bool>,
    /// By task: whether it asks what was sent.
    pub(crate) sent: Vec<bool>,
    /// By task: what it will still ask of what it has read.
    pub(crate) live: Vec<Liveness>,
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
            steps(task).any(|step| {
                let traits = step.action.traits();
                match (traits.moves, traits.announces) {
                    (None, _) => false,
                    // A cursor for each store is moved by that store only; one for all of them by any.
                    (Some(CursorRule::Greatest(used, _)), Some(_)) => used == store || one_for_all(task),
                    (Some(CursorRule::Own(used)), Some(_))
                        if traits.adds_to == Some(used) && is_newest(used) =>
                    {
                        used != store && one_for_all(task)
                    }
                    (Some(_), _) => true,
                }
            })
        };
        // Whoever begins again may ask for any event that is still there.
        let returns_to = |task: usize, store: StoreId| {
            let sends = |step: &Step| step.action.traits().sends_from == Some(store);
            system.may_begin_again(TaskId(task as u8)) && steps(task).any(sends)
        };
        let asks_own = |task: usize| {
            steps(task).any(|step| matches!(step.action.traits().moves, Some(CursorRule::Own(_))))
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
