//! One client at a time: the part of a system that decides what one client sees.
//!
//! What a stream only reads (stores, rows, statuses) it does not change, so clients whose streams only read know nothing of
//! each other: what one of them sees is decided by the job's side, by itself, and by those clients that do reach others.
//! Each is asked about by itself in a system in which the rest does nothing; a product of states becomes a sum.
//!
//! A client reaches others if a step of its streams writes (a store, a row, a status, a file, a signal, a count of what was
//! made up), blocks an event loop that others are on, looks into a store that drops events (what is dropped is told by what
//! readers have passed), stamps a store's clock, takes a permit, or draws sleeping times from a table that others draw
//! from, since draws are told apart by their number; or if a fault befalls it, since one excuses what others owe. Tasks that
//! serve nobody are always kept.
//!
//! ```text
//!   job --writes--> store, rows, status --read by--> stream 0 --> client 0        asked: client 0
//!                                       --read by--> stream 1 --> client 1        asked: client 1, or none if alike
//! ```

use punctual_sim::{Delay, Interval};

use crate::system::{
    Action, ClientId, CursorRule, Fault, Policy, PolicyId, Starts, Step, StepTime, System, Task,
};

/// Clients that are asked about together, and what decides what they see.
#[derive(Clone, Debug)]
pub struct Alone {
    /// Those who are asked about.
    pub asked: Vec<ClientId>,
    /// Others of whom the same is true, since they differ in names only.
    pub alike: Vec<ClientId>,
    /// The system in which the other clients, and what serves them, do nothing.
    pub system: System,
}

impl Alone {
    /// All of `system`, and all of its clients.
    pub fn whole(system: &System) -> Self {
        let asked = (0..system.clients.len()).map(|client| ClientId(client as u8)).collect();
        Self { asked, alike: Vec::new(), system: system.clone() }
    }
}

/// `system`, taken apart into what can be asked by itself; one part that is all of it, if nothing can be.
pub fn taken_apart(system: &System) -> Vec<Alone> {
    let clients = || (0..system.clients.len()).map(|client| ClientId(client as u8));
    let (together, apart): (Vec<_>, Vec<_>) = clients().partition(|&client| reaches_others(system, client));
    if apart.is_empty() || clients().count() < 2 {
        return vec![Alone::whole(system)];
    }
    let with = |asked: Vec<ClientId>| {
        let system = without_others(system, |client| together.contains(&client) || asked.contains(&client));
        Alone { asked, alike: Vec::new(), system }
    };
    let mut parts: Vec<Alone> = Vec::new();
    if !together.is_empty() {
        parts.push(with(together.clone()));
    }
    let first = parts.len();
    for client in apart {
        let known = parts[first..].iter_mut().find(|part| are_alike(system, part.asked[0], client));
        match known {
            Some(part) => part.alike.push(client),
            None => parts.push(with(vec![client])),
        }
    }
    parts
}

/// The system that decides what these clients see, if it is less than all of it.
pub fn deciding(system: &System, asked: impl Fn(ClientId) -> bool) -> Option<System> {
    let kept = |client: ClientId| asked(client) || reaches_others(system, client);
    let all = (0..system.clients.len()).all(|client| kept(ClientId(client as u8)));
    (!all).then(|| without_others(system, kept))
}

/// `system` in which clients that are not kept, and what serves them, do nothing. Everything keeps its place.
fn without_others(system: &System, kept: impl Fn(ClientId) -> bool) -> System {
    let mut part = system.clone();
    for task in &mut part.tasks {
        if task.serves.is_some_and(|client| !kept(client)) {
            (task.starts, task.again_from) = (Starts::Spawned, None);
            task.steps.clear();
            task.otherwise.clear();
        }
    }
    for (client, plan) in part.clients.iter_mut().enumerate() {
        if !kept(ClientId(client as u8)) {
            plan.timers.clear();
            plan.reactions.clear();
            plan.reconnects = None;
        }
    }
    part
}

/// Whether what a client and its streams do, or what befalls them, can make a difference to what others see.
fn reaches_others(system: &System, client: ClientId) -> bool {
    let serves = |task: &Task| task.serves == Some(client);
    let shares_node = |task: &Task| {
        let node = task.node;
        system.tasks.iter().any(|other| other.node == node && !serves(other))
    };
    let writes = |task: &Task, step: &Step| {
        matches!(step.time, StepTime::Blocks(_)) && shares_node(task)
            || does_more_than_read(system, step)
            || table(step).is_some_and(|policy| is_drawn_from_by_others(system, client, policy))
    };
    let streams = || system.tasks.iter().filter(|task| serves(task));
    let ends = system.ends.is_some_and(|(task, _)| serves(&system.tasks[usize::from(task.0)]));
    ends || befalls(system, client) || streams().any(|task| task.all_steps().any(|step| writes(task, step)))
}

/// Whether a step of a stream changes more than the stream itself.
fn does_more_than_read(system: &System, step: &Step) -> bool {
    let made_up = |event: crate::system::EventId| system.events[usize::from(event.0)].row.is_none();
    match &step.action {
        Action::Work
        | Action::Sleep
        | Action::Poll(_)
        | Action::Read { .. }
        | Action::Comment
        | Action::Refuse
        | Action::Repeat { .. }
        | Action::Close { event: None } => false,
        Action::Send(store) => system.stores[usize::from(store.0)].keep.is_some(),
        Action::Cursor(rule) => stamps(*rule),
        Action::Announce { event, into, cursor } => {
            into.is_some() || made_up(*event) || cursor.is_some_and(stamps)
        }
        Action::Wait { signal, .. } => system.signals[usize::from(signal.0)].permit,
        Action::Close { event: Some(_) }
        | Action::Status(_)
        | Action::Commit { .. }
        | Action::Save(_)
        | Action::Publish { .. }
        | Action::Notify(_)
        | Action::Spawn(_)
        | Action::Fault(_) => true,
    }
}

fn stamps(rule: CursorRule) -> bool {
    match rule {
        CursorRule::Now(_) => true,
        CursorRule::To(_) | CursorRule::Own(_) | CursorRule::Greatest(..) | CursorRule::Given(_) => false,
    }
}

/// The table of sleeping times that a step draws from.
fn table(step: &Step) -> Option<PolicyId> {
    step.action.traits().sleeps?.policy
}

/// Whether something is drawn from a table, by streams of `client` and by others.
fn is_drawn_from_by_others(system: &System, client: ClientId, policy: PolicyId) -> bool {
    let Policy { by_status, .. } = &system.policies[usize::from(policy.0)];
    let is_drawn = |delay: &Delay| {
        let Interval { min, max } = delay.interval();
        min != max
    };
    by_status.iter().flatten().flatten().any(|sleep| is_drawn(&sleep.delay))
        && system
            .tasks
            .iter()
            .filter(|task| task.serves != Some(client))
            .any(|task| task.all_steps().any(|step| table(step) == Some(policy)))
}

/// Whether some fault befalls the client, its line or what serves it.
fn befalls(system: &System, client: ClientId) -> bool {
    let mut faults = system.steps().filter_map(|step| step.action.traits().befalls);
    faults.any(|fault| match fault {
        Fault::Disconnect(of) | Fault::HalfOpen(of) | Fault::Hold(of, _) | Fault::Release(of, _) => {
            of == client
        }
        Fault::Crash(node) | Fault::Restart(node) => {
            system.tasks.iter().any(|task| task.serves == Some(client) && task.node == node)
        }
    })
}

/// Whether two clients and what serves them differ in names only.
fn are_alike(system: &System, one: ClientId, other: ClientId) -> bool {
    let spawned = |task: &Task| task.starts == Starts::Spawned;
    let (mine, theirs) = (nameless(system, one), nameless(system, other));
    // Who is spawned is so by name.
    mine == theirs && !mine.tasks.iter().any(spawned)
}

/// One client and what serves it, without their names.
fn nameless(system: &System, client: ClientId) -> System {
    let mut part = system.clone();
    part.tasks.retain(|task| task.serves == Some(client));
    part.clients = vec![part.clients.swap_remove(usize::from(client.0))];
    part.clients[0].name.clear();
    for task in &mut part.tasks {
        (task.serves, task.name) = (Some(ClientId(0)), String::new());
        for step in task.steps.iter_mut().chain(&mut task.otherwise) {
            step.name.clear();
            step.chance = step.chance.as_ref().map(|chance| chance.named(""));
        }
    }
    for timer in part.clients.iter_mut().flat_map(|client| &mut client.timers) {
        timer.name.clear();
    }
    for delay in part.delays_mut() {
        *delay = delay.named("");
    }
    part
}
