//! What a line tells, as the fact that the model notes: what no log writes down is filled in from the system.

use punctual_model::{
    Action, ClientId, EventId, Fact, FactKind, Identity, Origin, Resource, RowId, StoreId, System, TaskId,
    Way,
};

/// What a line says of its fact beside the kind.
#[derive(Clone, Copy)]
pub(super) struct Said {
    /// Which of its kind, from 1; of a row, its version.
    pub(super) n: u32,
    /// How the copy of an event came to be.
    pub(super) copy: Origin,
    /// The id on the wire, in 32 bits; 0 for none.
    pub(super) id: u32,
}

/// Who publishes an event, and where.
fn publisher(system: &System, event: EventId, copy: Origin) -> (TaskId, StoreId) {
    let steps = system.tasks.iter().enumerate();
    let mut steps = steps.flat_map(|(task, of)| of.all_steps().map(move |step| (TaskId(task as u8), step)));
    let found = steps.find_map(|(task, step)| match (&step.action, copy) {
        (Action::Publish { event: of, store, .. }, Origin::Published) if *of == event => Some((task, *store)),
        (Action::Announce { event: of, into, .. }, Origin::Synthesized) if *of == event => {
            Some((task, into.unwrap_or(StoreId(0))))
        }
        _ => None,
    });
    found.unwrap_or((TaskId(0), StoreId(0)))
}

/// The task that serves a client.
pub(super) fn serving(system: &System, client: ClientId) -> TaskId {
    let place = system.tasks.iter().position(|task| task.serves == Some(client));
    TaskId(place.unwrap_or(0) as u8)
}

/// What a client fetches.
fn resource(system: &System, client: ClientId) -> Resource {
    let reactions = &system.clients[usize::from(client.0)].reactions;
    let fetched = reactions.iter().find_map(|reaction| reaction.fetches.as_ref());
    fetched.map_or(Resource::Row(RowId(0)), |(resource, _)| *resource)
}

/// The fact that a line tells.
pub(super) fn of_kind(system: &System, kind: FactKind, said: Said) -> Fact {
    let Said { n, copy, id } = said;
    let only = |client: Option<ClientId>| client.unwrap_or(ClientId(0));
    match kind {
        FactKind::Did(task, step) => Fact::Did(task, step),
        FactKind::Turned(task) => Fact::Turned(task),
        FactKind::Set(status) => Fact::Set(status),
        FactKind::Committed(row) => Fact::Committed(row, n),
        FactKind::Visible(row) => Fact::Visible(row, n),
        FactKind::RolledBack(row) => Fact::RolledBack(row, n),
        FactKind::Saved(file) => Fact::Saved(file),
        FactKind::Published(event) => {
            let (by, store) = publisher(system, event, copy);
            Fact::Published { by, what: Identity::new(event, n), copy, store, id }
        }
        FactKind::Sent(event, client) => {
            let to = only(client);
            Fact::Sent { by: serving(system, to), to, what: Identity::new(event, n), copy }
        }
        FactKind::Arrived(event, client) => {
            Fact::Arrived { at: only(client), what: Identity::new(event, n), copy }
        }
        FactKind::Notified(signal) => Fact::Notified { signal, heard: true },
        FactKind::Over(task) => Fact::Over { task, failed: false },
        FactKind::Closed(client) => Fact::Closed(client),
        FactKind::TimerStarted(client, timer) => Fact::TimerStarted(client, timer),
        FactKind::TimerStopped(client, timer) => Fact::TimerStopped(client, timer),
        FactKind::TimedOut(client, timer) => Fact::TimedOut(client, timer),
        FactKind::Fetched(by, found) => Fact::Fetched { by, resource: resource(system, by), found },
        FactKind::Showed(client, shown) => Fact::Showed(client, shown),
        FactKind::Finished(client) => Fact::Finished(client),
        FactKind::Cut(client) => Fact::Cut { client, noticed: true },
        FactKind::Connected(client) => Fact::Connected { client, last: id },
        FactKind::GaveUp(client) => Fact::GaveUp(client),
        FactKind::Held(client) => Fact::Held(client, Way::Both),
        FactKind::Crashed(node) => Fact::Crashed(node),
        FactKind::Restarted(node) => Fact::Restarted(node),
    }
}
