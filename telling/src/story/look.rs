//! Who looked at a store for a client, and where the cursor stood.
//!
//! A look is a step that sends what is in a store beyond the cursor. One that was passed over, because its
//! condition was not so or chance decided against it, is a look that could have been.

use punctual_model::{ClientId, Fact, Identity, StepId, StoreId, TaskId};

use super::{FactId, Skipped, Stored, Story};

/// A look at a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The place of its step; of one that was passed over, that of the step before it.
    pub place: FactId,
    /// What lies before this place had happened when the task came to it.
    pub reached: FactId,
    /// Whose step.
    pub task: TaskId,
    /// Which.
    pub step: StepId,
    /// Whether it was taken.
    pub looked: Looked,
}

/// Whether a look was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// It was.
    Taken,
    /// A condition of it was not so.
    NotAdmitted,
    /// Chance passed it over.
    ByChance,
}

/// A move of a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The place of the fact that tells of it.
    pub place: FactId,
    /// Where it went.
    pub to: u32,
    /// The event that was sent and moved it; `None` if a step moved it.
    pub sent: Option<Identity>,
}

impl Story<'_> {
    /// All looks at a store for a client from `from` on: those that were taken, and those that were passed over.
    pub fn looks(&self, client: ClientId, store: StoreId, from: FactId) -> Vec<Look> {
        let Some(task) = self.server(client) else { return Vec::new() };
        let mut looks = Vec::new();
        // The step before, in the same life of the task.
        let mut before: Option<(FactId, StepId)> = None;
        for (place, fact) in self.placed() {
            match fact {
                Fact::Connected { client: of, .. } if of == client => before = None,
                Fact::Did(by, number) if by == task => {
                    if let Some((last, after)) = before.filter(|(last, _)| *last >= from) {
                        let passed = self.passed(task, Some(after), number).unwrap_or_default();
                        let reached = self.beside(last).last().map_or(last, |(last, _)| last).next();
                        for step in passed.into_iter().filter(|step| self.looks_at(task, *step, store)) {
                            let looked = self.why_passed(task, step, (last, place));
                            looks.push(Look { place: last, reached, task, step, looked });
                        }
                    }
                    if place >= from && self.looks_at(task, number, store) {
                        let looked = Looked::Taken;
                        looks.push(Look { place, reached: place, task, step: number, looked });
                    }
                    before = Some((place, number));
                }
                _ => {}
            }
        }
        looks
    }

    /// Why a step was passed over between two others.
    fn why_passed(&self, task: TaskId, step: StepId, (from, to): (FactId, FactId)) -> Looked {
        let (from, to) = (self.at(from), self.at(to));
        let within = |one: &&Skipped| (one.task, one.step) == (task, step) && from <= one.at && one.at <= to;
        let has_chance = self.step(task, step).is_some_and(|step| step.chance.is_some());
        let by_chance = has_chance && self.skipped().iter().any(|one| within(&one));
        if by_chance { Looked::ByChance } else { Looked::NotAdmitted }
    }

    /// Whether a step sends from `store`.
    pub fn looks_at(&self, task: TaskId, step: StepId, store: StoreId) -> bool {
        self.step(task, step).is_some_and(|step| step.action.traits().sends_from == Some(store))
    }

    /// Whether any step of a task sends from `store`.
    pub fn ever_looks_at(&self, task: TaskId, store: StoreId) -> bool {
        let mut steps = self.system.tasks[usize::from(task.0)].all_steps();
        steps.any(|step| step.action.traits().sends_from == Some(store))
    }

    /// An event that was added to a store before another one and has no lesser id: whoever sends it takes the other
    /// for sent. And the place of its publication.
    pub fn behind(&self, stored: &Stored) -> Option<(Identity, FactId)> {
        self.before(stored.published).find_map(|(place, fact)| match fact {
            Fact::Published { what, store, id, .. } if store == stored.store && id >= stored.id => {
                Some((what, place))
            }
            _ => None,
        })
    }

    /// All moves of the cursor that a task holds against the ids of a store, in order.
    pub fn moves(&self, task: TaskId, store: StoreId) -> Vec<Move> {
        let client = self.serves(task);
        let mut ids: Vec<(Identity, StoreId, u32)> = Vec::new();
        let mut doing: Option<(TaskId, StepId)> = None;
        let mut moves = Vec::new();
        for (place, fact) in self.placed() {
            match fact {
                Fact::Published { what, store, id, .. } => ids.push((what, store, id)),
                Fact::Did(by, number) => doing = Some((by, number)),
                Fact::Connected { client: of, .. } if Some(of) == client => {
                    moves.push(Move { place, to: 0, sent: None });
                }
                Fact::Moved(by, of, to)
                    if by == task && of.is_none_or(|of| self.one_cursor(task, of, store)) =>
                {
                    moves.push(Move { place, to, sent: None });
                }
                // What is made up and sent at once moves no cursor by itself.
                Fact::Sent { by, what, .. } if by == task => {
                    let step = doing.filter(|(doer, _)| *doer == by);
                    let step = step.and_then(|(by, number)| self.step(by, number));
                    let Some(from) = step.and_then(|step| step.action.traits().sends_from) else { continue };
                    let id = ids.iter().rev().find(|(other, of, _)| *other == what && *of == from);
                    if let Some((.., id)) = id.filter(|_| self.one_cursor(task, from, store)) {
                        moves.push(Move { place, to: *id, sent: Some(what) });
                    }
                }
                _ => {}
            }
        }
        moves
    }

    /// The last of `moves`, in order, after all of which a cursor stood at or beyond the id of an event when
    /// `look` came to it; none if it stood before it.
    pub fn beyond(&self, moves: &[Move], stored: &Stored, look: &Look) -> Vec<Move> {
        let before = moves.partition_point(|one| one.place < look.reached);
        // What this very look sends may move the cursor before it comes to the event.
        let within = moves[before..]
            .iter()
            .take_while(|one| look.looked == Looked::Taken && self.doing(one.place) == Some(look.place));
        let stands_before = |one: &&Move| {
            let of =
                |what: Identity| self.stored(what).into_iter().filter(|other| other.store == stored.store);
            one.sent.is_some_and(|what| of(what).any(|other| other.published < stored.published))
        };
        let within: Vec<&Move> = within.filter(stands_before).collect();
        let so_far = moves[..before].iter().chain(within).rev();
        let mut beyond: Vec<Move> = so_far.take_while(|one| one.to >= stored.id).copied().collect();
        beyond.reverse();
        beyond
    }
}
