//! What a task has read and will still ask for, step by step.
//!
//! A value that will be read again before anybody asks for it makes no difference, and states that
//! differ in it are one. Which values these are is known before a task runs: they flow backwards from
//! the steps that ask to the steps that read (live variables: Aho et al., *Compilers*, 2nd ed., 9.2.5).

use crate::system::{CursorRule, EventId, Guard, Leads, RowId, Step, StepId, System, Task};

/// What will still be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Live {
    /// The status that was read last.
    pub(crate) status: bool,
    /// The rows that were read last, a bit each.
    pub(crate) rows: u64,
    /// The id that the client named when it connected.
    pub(crate) given: bool,
}

/// What is live of a task, by step.
#[derive(Clone, Debug)]
pub(crate) struct Liveness {
    /// When the step takes effect.
    at: Vec<Live>,
    /// Once it has.
    after: Vec<Live>,
    /// Whether it sleeps, having asked already: then only what comes after counts.
    sleeps: Vec<bool>,
}

impl Live {
    const ALL: Self = Self { status: true, rows: u64::MAX, given: true };

    fn or(self, other: Self) -> Self {
        Self {
            status: self.status || other.status,
            rows: self.rows | other.rows,
            given: self.given || other.given,
        }
    }
}

impl Liveness {
    pub(crate) fn of(task: &Task, system: &System) -> Self {
        let steps: Vec<&Step> = task.all_steps().collect();
        let compares = steps.iter().any(|step| step.guards.iter().any(|g| matches!(g, Guard::ChangedTo(_))));
        let none = vec![Live::default(); steps.len()];
        let sleeps = steps.iter().map(|step| step.action.traits().sleeps.is_some());
        let mut found = Self { at: none.clone(), after: none, sleeps: sleeps.collect() };
        let mut changed = true;
        while changed {
            changed = false;
            for place in (0..steps.len()).rev() {
                let step = steps[place];
                let leads = leads_to(task, place, step);
                let after = leads.iter().fold(Live::default(), |live, next| live.or(found.at[*next]));
                let at = asks(step, system, compares).or(without_what_is_read(step, after));
                changed |= (found.at[place], found.after[place]) != (at, after);
                (found.at[place], found.after[place]) = (at, after);
            }
        }
        found
    }

    /// What is live while the task is at a step; `asleep` if the step's time has begun.
    pub(crate) fn at(&self, step: StepId, asleep: bool) -> Live {
        let step = usize::from(step.0);
        let live = if asleep && self.sleeps.get(step) == Some(&true) { &self.after } else { &self.at };
        // What is not known may be asked for.
        live.get(step).copied().unwrap_or(Live::ALL)
    }
}

/// The steps that can follow a step.
fn leads_to(task: &Task, place: usize, step: &Step) -> Vec<usize> {
    let (count, all) = (task.steps.len(), task.steps.len() + task.otherwise.len());
    let mut leads = Vec::new();
    if place + 1 == count {
        leads.extend(task.again_from);
    } else if place + 1 < all {
        leads.push(place + 1);
    }
    match step.action.traits().leads {
        Leads::Next | Leads::Ends => {}
        Leads::Back(to) => leads.push(to),
        Leads::OrFails(_) => leads.extend((count < all).then_some(count)),
    }
    leads
}

/// What a step asks for.
fn asks(step: &Step, system: &System, compares: bool) -> Live {
    let row_of = |event: EventId| system.events[usize::from(event.0)].row;
    let row = |row: Option<RowId>| Live { rows: row.map_or(0, |row| 1 << row.0), ..Live::default() };
    let status = Live { status: true, ..Live::default() };
    let given = Live { given: true, ..Live::default() };
    let asks_given = |rule: &CursorRule| matches!(rule, CursorRule::Given(_));
    let traits = step.action.traits();
    let mut asks = traits.announces.map_or(Live::default(), |event| row(row_of(event)));
    if traits.moves.as_ref().is_some_and(asks_given) {
        asks = asks.or(given);
    }
    if traits.sleeps.is_some() || traits.reads_status && compares {
        asks = asks.or(status);
    }
    for guard in &step.guards {
        asks = asks.or(match guard {
            Guard::Unsent => traits.announces.map_or(Live::default(), |event| row(row_of(event))),
            Guard::ChangedTo(_) | Guard::Is(..) => status,
            Guard::CountAbove => Live { rows: u64::MAX, ..Live::default() },
            Guard::Resumed | Guard::Fresh => given,
            Guard::NoneWithin(_) | Guard::NoneWithinIds(..) => Live::default(),
        });
    }
    asks
}

/// What of `live` is not read anew by a step that is taken whatever happens.
fn without_what_is_read(step: &Step, live: Live) -> Live {
    if !step.guards.is_empty() || step.chance.is_some() {
        return live;
    }
    let traits = step.action.traits();
    let read = traits.reads.iter().fold(0, |read, row| read | 1_u64 << row.0);
    Live { status: live.status && !traits.reads_status, rows: live.rows & !read, ..live }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{Action, Cursors, NodeId, PolicyId, Starts, StepTime, StoreId};

    fn step(action: Action) -> Step {
        Step { name: String::new(), action, guards: Vec::new(), chance: None, time: StepTime::Instant }
    }

    #[test]
    fn what_is_read_is_live_until_the_last_step_that_asks() {
        let read = Action::Read { status: true, rows: vec![RowId(0)] };
        let announce = Action::Announce { event: EventId(0), into: None, cursor: None };
        let steps = vec![Action::Send(StoreId(0)), read, announce, Action::Poll(PolicyId(0))];
        let task = Task {
            name: "stream".into(),
            node: NodeId(0),
            starts: Starts::Spawned,
            serves: None,
            cursors: Cursors::One,
            steps: steps.into_iter().map(step).collect(),
            again_from: Some(0),
            otherwise: Vec::new(),
        };
        let system = System {
            events: vec![crate::EventKind { name: String::new(), row: Some(RowId(0)), terminal: false }],
            nodes: Vec::new(),
            statuses: Vec::new(),
            status: crate::StatusId(0),
            failed: None,
            tasks: Vec::new(),
            stores: Vec::new(),
            rows: Vec::new(),
            files: Vec::new(),
            signals: Vec::new(),
            policies: Vec::new(),
            clients: Vec::new(),
            ends: None,
        };
        let live = Liveness::of(&task, &system);
        let at = |step, asleep| live.at(StepId(step), asleep);
        assert_eq!(at(0, false), Live::default(), "all is read anew before it is asked for");
        assert_eq!(at(1, true), Live::default(), "reading takes effect at its end");
        assert_eq!(at(2, false), Live { status: true, rows: 1, given: false });
        assert_eq!(at(3, false), Live { status: true, rows: 0, given: false });
        assert_eq!(at(3, true), Live::default(), "how long to sleep is decided");
        let mut guarded = task;
        guarded.steps[1].guards.push(Guard::Unsent);
        let live = Liveness::of(&guarded, &system);
        assert_eq!(
            live.at(StepId(3), true),
            Live { status: true, rows: 1, given: false },
            "it may be passed over"
        );
    }
}
