//! How close a run comes to going the other way: its smallest separation.
//!
//! The least time between two consecutive events of different tasks that touch one store, row,
//! link or client. A race that needs 3 us to go wrong is another matter than one that has 300 ms.
//! Where no two tasks meet in the run, nothing is closer than the run is long.

use std::collections::BTreeMap;

use punctual_model::{Action, ClientId, Fact, Resource, RowId, StoreId, System, TaskId, World};
use punctual_sim::{Span, Time, TraceOf};

/// What two tasks may meet at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Store(StoreId),
    Row(RowId),
    Link(ClientId),
    Client(ClientId),
}

/// Who came there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visitor {
    Task(TaskId),
    Link(ClientId),
    Client(ClientId),
}

/// The smallest separation of a run; its length if no two tasks meet anywhere.
pub fn smallest(system: &System, trace: &TraceOf<World>) -> Span {
    let mut last: BTreeMap<Place, (Visitor, Time)> = BTreeMap::new();
    let mut smallest: Option<Span> = None;
    for step in &trace.steps {
        for fact in &step.facts {
            for (visitor, place) in visits(system, fact) {
                if let Some((before, at)) = last.insert(place, (visitor, step.at))
                    && before != visitor
                {
                    let separation = step.at - at;
                    smallest = Some(smallest.map_or(separation, |least| least.min(separation)));
                }
            }
        }
    }
    smallest.unwrap_or(trace.ended_at - Time::ZERO)
}

fn visits(system: &System, fact: &Fact) -> Vec<(Visitor, Place)> {
    match *fact {
        Fact::Did(task, step) => {
            let steps = &system.tasks[usize::from(task.0)];
            let action = steps.step(step).map(|step| &step.action);
            let Some(traits) = action.map(Action::traits) else { return vec![] };
            let stores = traits.adds_to.into_iter().chain(traits.sends_from).map(Place::Store);
            let rows = traits.commits.iter().chain(traits.reads).map(|row| Place::Row(*row));
            stores.chain(rows).map(|place| (Visitor::Task(task), place)).collect()
        }
        Fact::Sent { by, to, .. } => vec![(Visitor::Task(by), Place::Link(to))],
        Fact::Arrived { at, .. } | Fact::CommentArrived(at) | Fact::EndArrived(at) => {
            vec![(Visitor::Link(at), Place::Client(at))]
        }
        Fact::TimedOut(client, _) => vec![(Visitor::Client(client), Place::Client(client))],
        Fact::Fetched { by, resource: Resource::Row(row), .. } => {
            vec![(Visitor::Client(by), Place::Row(row))]
        }
        _ => vec![],
    }
}
