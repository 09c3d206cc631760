//! One kind of event at a time.
//!
//! Where ids count up and nothing drops, resets or reacts, what becomes of one event does not depend on another: a
//! stream sends what is past its cursor, and the cursor only passes what was sent. So what is asked of each event is asked of
//! one kind after the other, in a system in which publishing the others is work like any other; what clients react to,
//! what tells of rows, and what ends a connection is always there.
//!
//! Two events are only compared by who arrives first. Where one stream sends from one store over one connection, that is the
//! order in which they were published ([`delivers_in_order`]): ids grow, the cursor only grows, and a link keeps the order of what
//! is sent on it.

use crate::system::{
    Action, ClientId, Cursors, EventId, Guard, Ids, Limit, Since, Step, StoreId, System, Task, TimerFrom,
};

/// The kinds of events that touch no other event, and that no other event touches; nothing if there are fewer than two.
pub fn independent_kinds(system: &System) -> Vec<EventId> {
    if !events_are_independent(system) {
        return Vec::new();
    }
    let kinds = (0..system.events.len()).map(|event| EventId(event as u8));
    let kinds: Vec<EventId> = kinds.filter(|&event| is_only_noted(system, event)).collect();
    if kinds.len() < 2 { Vec::new() } else { kinds }
}

/// `system` in which, of these kinds, only those that are `followed` are published.
pub fn following(system: &System, kinds: &[EventId], followed: impl Fn(EventId) -> bool) -> System {
    let mut part = system.clone();
    for step in part.tasks.iter_mut().flat_map(|task| task.steps.iter_mut().chain(&mut task.otherwise)) {
        if let Action::Publish { event, .. } = step.action
            && kinds.contains(&event)
            && !followed(event)
        {
            step.action = Action::Work;
        }
    }
    part
}

/// Whether a client gets what each task publishes in the order in which it was published, and nothing twice, whatever
/// the timing.
pub fn delivers_in_order(system: &System, client: ClientId) -> bool {
    let mut streams = system.tasks.iter().filter(|task| task.serves == Some(client));
    let (Some(stream), None) = (streams.next(), streams.next()) else { return false };
    let sends: Vec<StoreId> = stream.all_steps().filter_map(sent_from).collect();
    let [store] = sends[..] else { return false };
    let says_more = |step: &Step| {
        let traits = step.action.traits();
        traits.makes_up.is_some() || traits.moves.is_some()
    };
    !system.has_outages() && counts_up(system, store) && !stream.all_steps().any(says_more)
}

fn sent_from(step: &Step) -> Option<StoreId> {
    step.action.traits().sends_from
}

/// Whether the ids of a store count up, and it keeps everything.
fn counts_up(system: &System, store: StoreId) -> bool {
    let store = &system.stores[usize::from(store.0)];
    store.ids == Ids::Counter && store.keep.is_none()
}

/// Whether nothing that is done with an event depends on other events.
fn events_are_independent(system: &System) -> bool {
    let looks = |guard: &Guard| match guard {
        Guard::NoneWithinIds(..) => true,
        Guard::Unsent
        | Guard::ChangedTo(_)
        | Guard::Is(..)
        | Guard::CountAbove
        | Guard::NoneWithin(_)
        | Guard::Resumed
        | Guard::Fresh => false,
    };
    let moves_cursor = |step: &Step| step.action.traits().moves.is_some();
    let touches = |step: &Step| moves_cursor(step) || step.guards.iter().any(looks);
    let mut sleeps = system.policies.iter().flat_map(|policy| policy.by_status.iter().flatten()).flatten();
    let mut timers = system.clients.iter().flat_map(|client| &client.timers);
    !system.has_outages()
        && !system.stores.iter().any(|store| matches!(store.ids, Ids::Clock(_)))
        && !system.steps().any(touches)
        && !sleeps.any(|sleep| matches!(sleep.below, Some(Limit::Sleeps(_, Since::Event))))
        && !timers.any(|timer| matches!(timer.from, TimerFrom::Byte | TimerFrom::Event))
        && system.tasks.iter().all(has_a_cursor_for_each_store)
}

/// Whether what a task sends from one store moves no cursor that is held against the ids of another.
fn has_a_cursor_for_each_store(task: &Task) -> bool {
    let mut stores: Vec<StoreId> = task.all_steps().filter_map(sent_from).collect();
    stores.dedup();
    stores.len() < 2 || task.cursors == Cursors::PerStore
}

/// Whether events of a kind are published to stores that count up and keep everything, and whoever gets them only takes
/// note.
fn is_only_noted(system: &System, event: EventId) -> bool {
    let kind = &system.events[usize::from(event.0)];
    let mut published = false;
    let is_plain = |step: &Step| match step.action {
        Action::Publish { event: of, store, id } if of == event => {
            published = true;
            id.is_none() && counts_up(system, store)
        }
        _ => step.action.traits().makes_up != Some(event),
    };
    let is_plain = system.steps().all(is_plain);
    is_plain
        && published
        && kind.row.is_none()
        && !kind.terminal
        && system.clients.iter().all(|client| client.only_notes(event))
}
