//! A Zeno cycle, in words.

use punctual_model::{BackendEvent, ClientEvent, Message, Resource, System, WorldEvent};

/// `one goes on, two goes on, and so on`.
pub fn in_words(system: &System, cycle: &[WorldEvent]) -> String {
    // Whose turn it is is told by what goes on then.
    let is_turn = |event: &&WorldEvent| matches!(event, WorldEvent::Backend(BackendEvent::Turn(_)));
    let others = cycle.iter().filter(|event| !is_turn(event));
    let mut events: Vec<String> = others.map(|event| happens(system, *event)).collect();
    events.push("and so on".into());
    events.join(", ")
}

/// What happens, as a sentence of a few words.
pub fn happens(system: &System, event: WorldEvent) -> String {
    match event {
        WorldEvent::Backend(event) => match event {
            BackendEvent::Done(task) | BackendEvent::Returned(task) => {
                format!("{} goes on", system.tasks[usize::from(task.0)].name)
            }
            BackendEvent::Turn(node) => {
                format!("{} takes the next of its tasks", system.nodes[usize::from(node.0)])
            }
            BackendEvent::Aged(task) => format!("{} grows older", system.tasks[usize::from(task.0)].name),
            BackendEvent::Quiet(task, _) => {
                format!("a comment of {} is due", system.tasks[usize::from(task.0)].name)
            }
            BackendEvent::Held(_) => "the status has lasted".into(),
            BackendEvent::Appeared(row, _) => {
                format!("row {} can be read", system.rows[usize::from(row.0)].name)
            }
            BackendEvent::Windowed(store, _) => {
                format!("the clock of {} ticks", system.stores[usize::from(store)].name)
            }
        },
        WorldEvent::Client(client, event) => {
            let name = system.client_name(client);
            match event {
                ClientEvent::Arrived(Message::Event(what, _)) => {
                    format!("{} reaches {name}", system.event_name(what.event()))
                }
                ClientEvent::Arrived(Message::Comment) => format!("a comment reaches {name}"),
                ClientEvent::Arrived(Message::End | Message::Refused) => format!("the end reaches {name}"),
                ClientEvent::Retry => format!("{name} connects again"),
                ClientEvent::Timer(timer) => {
                    let timers = &system.clients[usize::from(client.0)].timers;
                    format!("timer {} of {name} fires", timers[usize::from(timer.0)].name)
                }
                ClientEvent::Answered(resource, _) => {
                    format!("{name} is answered about {}", of(system, resource))
                }
            }
        }
        WorldEvent::Connect(client) => {
            format!("the server is asked for a connection by {}", system.client_name(client))
        }
        WorldEvent::Fetch(client, resource) => {
            format!("{} is asked for by {}", of(system, resource), system.client_name(client))
        }
    }
}

fn of(system: &System, resource: Resource) -> String {
    match resource {
        Resource::Row(row) => format!("row {}", system.rows[usize::from(row.0)].name),
        Resource::File(file) => format!("file {}", system.files[usize::from(file.0)]),
    }
}
