//! Ids that a state keeps, each with the space in which it means something.
//!
//! A cursor, the id that a client names, the id that a task gave last: a state keeps ids of many origins,
//! and each can only be compared with ids of its own space, which are those of one store, or of several
//! that share a cursor. An id carries its space with it, so none can be held against another's, and whoever
//! renumbers a space finds all that belongs to it and nothing else.

use crate::system::{ClientId, CursorRule, Cursors, Guard, Ids, Step, StoreId, System, Task, TaskId};

/// Ids that can be compared with each other; named by the first of its stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Space(u8);

impl Space {
    /// That of ids which nobody compares with any other.
    pub(crate) const NOBODY: Self = Self(u8::MAX);
}

/// An id, from 1; 0 where there is none. Which ids it can be compared with, it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id {
    number: u32,
    space: Space,
}

impl Id {
    /// The id of no event.
    pub(crate) fn none(space: Space) -> Self {
        Self { number: 0, space }
    }

    /// What stands on the wire: for a clock, only the order of such numbers means something.
    #[inline(always)]
    pub fn number(self) -> u32 {
        self.number
    }

    #[inline(always)]
    pub(crate) fn is_none(self) -> bool {
        self.number == 0
    }

    /// The id of this number in the same space.
    #[inline(always)]
    pub(crate) fn numbered(self, number: u32) -> Self {
        Self { number, ..self }
    }

    /// Makes it the id of no event.
    pub(crate) fn forget(&mut self) {
        self.number = 0;
    }

    /// Makes it `other`, an id of the same space.
    #[inline(always)]
    pub(crate) fn becomes(&mut self, other: Self) {
        debug_assert_eq!(self.space, other.space, "an id is kept in its own space");
        self.number = other.number;
    }

    /// Whether it comes after `other`, an id of the same space.
    #[inline(always)]
    pub(crate) fn is_after(self, other: Self) -> bool {
        debug_assert_eq!(self.space, other.space, "ids of two spaces cannot be compared");
        self.number > other.number
    }
}

/// Which ids of a system can be compared with which.
#[derive(Clone, Debug)]
pub(crate) struct Spaces {
    of_store: Vec<Space>,
    /// By task: of its one cursor; nothing if it keeps one for each store.
    of_cursor: Vec<Option<Space>>,
    /// By client: of the id that it names.
    of_client: Vec<Space>,
    /// Those in which only the order of ids means something: of one store whose ids are a clock's.
    ranked: Vec<Space>,
}

impl Spaces {
    pub(crate) fn of(system: &System) -> Self {
        let mut of_store: Vec<u8> = (0..system.stores.len() as u8).collect();
        let mut unite = |stores: &[StoreId]| {
            for pair in stores.windows(2) {
                let [kept, gone] = [pair[0], pair[1]].map(|store| of_store[usize::from(store.0)]);
                let (kept, gone) = (kept.min(gone), kept.max(gone));
                of_store.iter_mut().filter(|space| **space == gone).for_each(|space| *space = kept);
            }
        };
        for task in system.tasks.iter().filter(|task| task.cursors == Cursors::One) {
            unite(&compared(task));
        }
        let clients = (0..system.clients.len()).map(|client| named(system, ClientId(client as u8)));
        let named: Vec<Vec<StoreId>> = clients.collect();
        for stores in &named {
            unite(stores);
        }
        let of_store: Vec<Space> = of_store.into_iter().map(Space).collect();
        let of =
            |stores: &[StoreId]| stores.first().map_or(Space::NOBODY, |store| of_store[usize::from(store.0)]);
        let by_clock = |store: usize| matches!(system.stores[store].ids, Ids::Clock(_));
        let alone = |store: usize| of_store.iter().filter(|space| **space == of_store[store]).count() == 1;
        let ranked = (0..of_store.len()).filter(|&store| by_clock(store) && alone(store));
        Self {
            of_cursor: system
                .tasks
                .iter()
                .map(|task| (task.cursors == Cursors::One).then(|| of(&compared(task))))
                .collect(),
            of_client: named.iter().map(|stores| of(stores)).collect(),
            ranked: ranked.map(|store| of_store[store]).collect(),
            of_store,
        }
    }

    pub(crate) fn of_store(&self, store: StoreId) -> Space {
        self.of_store[usize::from(store.0)]
    }

    /// By store: no id.
    pub(crate) fn none_of_each(&self) -> Vec<Id> {
        self.of_store.iter().map(|space| Id::none(*space)).collect()
    }

    /// The cursors of a task before its first step.
    pub(crate) fn cursors(&self, task: TaskId) -> Vec<Id> {
        match self.of_cursor[usize::from(task.0)] {
            Some(space) => vec![Id::none(space)],
            None => self.none_of_each(),
        }
    }

    /// That of the id that a client names; of a task that serves none, nobody's.
    pub(crate) fn of_client(&self, client: Option<ClientId>) -> Space {
        client.map_or(Space::NOBODY, |client| self.of_client[usize::from(client.0)])
    }

    /// Gives the ids of each space in which only their order means something the smallest numbers in the
    /// same order: what differs only in how often a clock ticked meanwhile behaves alike. `ids` must be all
    /// that are kept.
    pub(crate) fn rank(&self, ids: &mut [&mut Id]) {
        for space in &self.ranked {
            let own = |id: &&mut Id| id.space == *space;
            let mut used: Vec<u32> = ids.iter().filter(|id| id.space == *space).map(|id| id.number).collect();
            used.push(0);
            used.sort_unstable();
            used.dedup();
            for id in ids.iter_mut().filter(|id| own(id)) {
                let rank = used.binary_search(&id.number).expect("every id of the space is among those used");
                id.number = rank as u32;
            }
        }
    }
}

/// The stores with whose ids a task compares its cursor.
fn compared(task: &Task) -> Vec<StoreId> {
    task.all_steps().flat_map(Step::compared_stores).collect()
}

/// The stores of the ids that a client may name when it connects again: all that its tasks send from or
/// announce into. None if it never names one.
fn named(system: &System, client: ClientId) -> Vec<StoreId> {
    if !system.clients[usize::from(client.0)].reconnects.as_ref().is_some_and(|again| again.resumes) {
        return Vec::new();
    }
    let tasks = system.tasks.iter().filter(|task| task.serves == Some(client));
    let of_step = |step: &Step| {
        let traits = step.action.traits();
        let announced = traits.announces.and(traits.adds_to);
        let given = match traits.moves {
            Some(CursorRule::Given(store)) => Some(store),
            Some(CursorRule::To(_) | CursorRule::Now(_) | CursorRule::Own(_) | CursorRule::Greatest(..))
            | None => None,
        };
        traits.sends_from.or(announced).or(given)
    };
    tasks.flat_map(Task::all_steps).filter_map(of_step).collect()
}

impl Step {
    /// The stores against whose ids the step holds its task's cursor.
    pub fn compared_stores(&self) -> impl Iterator<Item = StoreId> {
        let of_rule = |rule: CursorRule| match rule {
            CursorRule::To(_) => None,
            CursorRule::Now(store)
            | CursorRule::Own(store)
            | CursorRule::Given(store)
            | CursorRule::Greatest(store, _) => Some(store),
        };
        let traits = self.action.traits();
        let by_action = traits.sends_from.or(traits.moves.and_then(of_rule));
        let by_guard = self.guards.iter().filter_map(|guard| match guard {
            Guard::NoneWithinIds(store, _) => Some(*store),
            _ => None,
        });
        by_action.into_iter().chain(by_guard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_of_a_space_are_ranked_together_and_no_others_are() {
        let (ranked, other) = (Space(0), Space(1));
        let spaces = Spaces {
            of_store: vec![ranked, other],
            of_cursor: Vec::new(),
            of_client: Vec::new(),
            ranked: vec![ranked],
        };
        let id = |space, number| Id { number, space };
        let mut ids =
            [id(ranked, 9), id(other, 9), id(ranked, 4), id(ranked, 9), id(ranked, 0), id(other, 2)];
        spaces.rank(&mut ids.iter_mut().collect::<Vec<_>>());
        assert_eq!(ids.map(Id::number), [2, 9, 1, 2, 0, 2]);
    }
}
