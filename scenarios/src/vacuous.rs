//! Invariants that nothing in a system could break.
//!
//! A check that can match nothing would hold whatever happens, and somebody would trust it. What
//! an invariant needs so that it says anything is looked up here; a file that expects one of which
//! this is true of no case is refused.

use punctual_model::{Action, Rule, Shown, Starts, Step, System, Task};

/// What `system` lacks so that `rule` could be broken in it; `None` if it lacks nothing.
pub(crate) fn lacks(rule: Rule, system: &System) -> Option<&'static str> {
    let steps = || system.tasks.iter().flat_map(|task| task.steps.iter().chain(&task.otherwise));
    let any = |is: &dyn Fn(&Step) -> bool| steps().any(is);
    let publishes =
        |step: &Step| matches!(step.action, Action::Publish { .. } | Action::Announce { into: Some(_), .. });
    let ends_well = |step: &Step| match step.action {
        Action::Publish { event, .. } | Action::Announce { event, into: Some(_), .. } => {
            system.events[usize::from(event.0)].terminal
        }
        _ => false,
    };
    let fails = |step: &Step| match &step.action {
        Action::Commit { row, fails: Some(_) } => system.events.iter().any(|event| event.row == Some(*row)),
        _ => false,
    };
    let sends = |step: &Step| matches!(step.action, Action::Send(_) | Action::Announce { .. });
    let shows = |shown: Shown| {
        let timers = system.clients.iter().flat_map(|client| &client.timers).map(|timer| timer.shows);
        let reactions = system.clients.iter().flat_map(|client| &client.reactions).map(|on| on.shows);
        timers.chain(reactions).any(|shows| shows == Some(shown))
    };
    let may_fail = || {
        let set =
            |step: &Step| matches!(step.action, Action::Status(status) if Some(status) == system.failed);
        any(&set) || any(&|step| matches!(&step.action, Action::Commit { fails: Some(_), .. }))
    };
    // What is fetched and not found is shown as a failure.
    let fetches = || {
        let mut reactions = system.clients.iter().flat_map(|client| &client.reactions);
        reactions.any(|on| on.fetches.is_some())
    };
    let needs = |there: bool, what: &'static str| (!there).then_some(what);
    match rule {
        Rule::NoEventLost | Rule::InOrder | Rule::DeliveredWithin(_) => {
            needs(any(&publishes), "no task publishes an event")
        }
        Rule::NoDuplicate => needs(any(&sends), "no task sends anything to a client"),
        Rule::DurableBeforeAnnounced => needs(fetches(), "no client fetches what it is told of"),
        Rule::NoPhantom => needs(any(&fails), "no commit of a row that an event tells of can fail"),
        Rule::ClientNeverTimesOut => {
            needs(system.clients.iter().any(|client| !client.timers.is_empty()), "no client has a timer")
        }
        Rule::NoEarlyEnd => needs(any(&ends_well), "no task publishes a terminal event").or_else(|| {
            let closes = |step: &Step| matches!(step.action, Action::Close { .. } | Action::Refuse);
            needs(any(&closes), "no task ends a connection")
        }),
        Rule::StreamEnds(_) => {
            let job = system.tasks.iter().enumerate().any(|(place, task)| is_a_job(system, place, task));
            needs(job && !system.clients.is_empty(), "there is no job after which to end")
        }
        Rule::BoundedRequests(_) => {
            let again = system.clients.iter().any(|client| client.reconnects.is_some());
            let reads = any(&|step| matches!(step.action, Action::Read { .. }));
            needs(reads || again, "no task reads the database, and no client connects again")
        }
        Rule::ShownRight => {
            let wrong = fetches() || shows(Shown::Failure) || shows(Shown::Success) && may_fail();
            needs(wrong, "no client shows a failure, or a success of a job that can fail")
        }
        Rule::ClientEnds => needs(!system.clients.is_empty(), "there is no client"),
    }
}

/// Whether a task may take a last step and so be what a stream ends after. A loop is over where a commit fails.
fn is_a_job(system: &System, place: usize, task: &Task) -> bool {
    let spawns = |step: &Step| matches!(step.action, Action::Spawn(other) if usize::from(other.0) == place);
    let begins = task.starts != Starts::Spawned || system.tasks.iter().flat_map(Task::all_steps).any(spawns);
    let fails = |step: &Step| matches!(step.action, Action::Commit { fails: Some(_), .. });
    let ends = task.again_from.is_none() || task.all_steps().any(fails);
    task.serves.is_none() && begins && ends
}
