//! What can be known of a task before it runs: where each step leads and what may still follow.
//!
//! Computed once per system, so that a run only looks things up. That an age or a status is never
//! asked for again is known here too: an alarm that nobody will read is not set.

use punctual_sim::{Choice, Delay, Span};

use crate::system::{
    Action, ClientId, Cursors, EventId, Guard, Ids, Leads, Limit, NodeId, Noted, Policy, RowId, Since, Sleep,
    Sleeping, StatusId, StatusSet, Step, StepId, StepTime, StoreId, System, Task, TaskId,
};

/// The number of the step after the last one.
pub(crate) const OVER: StepId = StepId(u16::MAX);

/// A task, ready to run.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Whose it is.
    pub(crate) task: TaskId,
    /// Where it runs.
    pub(crate) node: NodeId,
    /// The client whose connection it is the server's end of.
    pub(crate) serves: Option<ClientId>,
    /// How many cursors it keeps.
    pub(crate) cursors: Cursors,
    /// All steps: first those of the task, then those taken after a failed commit.
    pub(crate) ops: Vec<Op>,
    /// The first step after a failed commit.
    pub(crate) otherwise: StepId,
    /// The alarms that tell the task its age, each set when the one before it fires.
    pub(crate) ages: Vec<Age>,
    /// The most sleeps that its tables tell apart, from its beginning and since an event.
    pub(crate) most_sleeps: [u8; 2],
    /// How long it may have sent no comment, each time that some step asks for once.
    pub(crate) silences: Vec<Delay>,
    /// Whether some step asks whether the status changed.
    pub(crate) asks_change: bool,
    /// Whether it may begin a second time.
    pub(crate) again: bool,
}

/// A step, with all that a run asks of it in one place.
#[derive(Clone, Debug)]
pub(crate) struct Op {
    pub(crate) action: Action,
    /// How it sleeps, if it does by a table or until a signal.
    pub(crate) sleeps: Option<Sleeping>,
    /// Whether the time that it takes is sleep, and no work.
    pub(crate) rests: bool,
    /// When it is noted that it was taken.
    pub(crate) noted: Noted,
    pub(crate) time: StepTime,
    /// The number of the next step.
    pub(crate) next: StepId,
    /// Whether a round of the loop begins with it.
    pub(crate) turns: bool,
    /// Whether it is taken without asking: no tests, no chance.
    pub(crate) plain: bool,
    /// What must be true for it to be taken.
    pub(crate) tests: Vec<Test>,
    /// Outcome 1 takes it, outcome 0 passes it over.
    pub(crate) chance: Option<Choice>,
    /// How long it sleeps, if it sleeps by a table.
    pub(crate) table: SleepTable,
    /// The statuses that the task may still set from here on.
    pub(crate) may_set: StatusSet,
}

/// A table of sleeping times, with a place for each status and each age that some table of the task knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct SleepTable {
    ages: usize,
    /// The most sleeps that some table of the task tells apart, from its beginning and since an event.
    pub(crate) most_sleeps: [u8; 2],
    /// Whether any are told apart.
    pub(crate) counts: bool,
    /// Of each place the sleeping times below some numbers of sleeps, and at last one for all others.
    delays: Vec<Vec<Line>>,
}

/// A sleeping time, and below how many sleeps since when it applies; `None` for any number.
type Line = (Option<(u8, Since)>, Delay);

/// A guard, with everything looked up that does not change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Test {
    /// The event was not sent on this connection; the row, if it tells of one, was read as newer.
    Unsent(EventId, Option<RowId>),
    /// The status read last is one of these, and the read before told another.
    ChangedTo(StatusSet),
    /// The status read last is one of these.
    Is(StatusSet),
    /// At the last read of the status one of these holds had passed, a bit each.
    Held(u32),
    /// More rows were read than counted before.
    CountAbove,
    /// No comment was sent for this one of the task's silences.
    Quiet(u8),
    /// Whether the client named the last event that it has.
    Resumed(bool),
    /// No event of the kind is in the store with an id above the cursor less so many.
    NoneWithinIds { event: EventId, store: StoreId, cursor: usize, ids: u32, by_clock: bool },
}

/// A moment at which the age of a task begins to matter in another way.
#[derive(Clone, Debug)]
pub(crate) struct Age {
    /// The age.
    pub(crate) at: Span,
    /// From the age before it, or from the start.
    pub(crate) wait: Delay,
    /// The statuses for which it matters.
    pub(crate) matters: StatusSet,
}

/// A status that is asked for only once it has lasted.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) status: StatusId,
    pub(crate) lasts: Delay,
}

impl Program {
    /// The place of the cursor that is held against the ids of `store`.
    #[inline(always)]
    pub(crate) fn cursor(&self, store: StoreId) -> usize {
        self.cursors.place(store)
    }

    pub(crate) fn of(id: TaskId, system: &System, holds: &[Hold]) -> Self {
        let task = &system.tasks[usize::from(id.0)];
        let steps: Vec<&Step> = task.steps.iter().chain(&task.otherwise).collect();
        let (count, all) = (task.steps.len(), steps.len());
        let next: Vec<StepId> = (1..=all)
            .map(|next| {
                if next == count {
                    task.again_from.map_or(OVER, |at| StepId(at as u16))
                } else if next == all {
                    OVER
                } else {
                    StepId(next as u16)
                }
            })
            .collect();
        let silences = silences(&steps);
        let may_set = may_set(&steps, &next, StepId(count as u16));
        let ages = ages(task, &steps, system);
        let most_sleeps = most_sleeps(&steps, system);
        let ops = steps.iter().enumerate().map(|(at, step)| Op {
            action: step.action.clone(),
            rests: step.action.traits().rests,
            noted: step.action.traits().noted,
            sleeps: step.action.traits().sleeps,
            time: step.time.clone(),
            next: next[at],
            turns: task.again_from == Some(at),
            plain: step.guards.is_empty() && step.chance.is_none(),
            tests: step
                .guards
                .iter()
                .filter_map(|guard| test(guard, &step.action, task, system, (holds, &silences)))
                .collect(),
            chance: step.chance.clone(),
            table: sleep_table(step, &ages, most_sleeps, system),
            may_set: may_set[at],
        });
        Self {
            task: id,
            node: task.node,
            serves: task.serves,
            cursors: task.cursors,
            ops: ops.collect(),
            otherwise: if count == all { OVER } else { StepId(count as u16) },
            ages,
            most_sleeps,
            silences,
            asks_change: steps
                .iter()
                .flat_map(|step| &step.guards)
                .any(|guard| matches!(guard, Guard::ChangedTo(_))),
            again: system.may_begin_again(id),
        }
    }
}

/// The test of a guard; `None` for one that says nothing here: two are said of what is announced,
/// and the format refuses them elsewhere.
fn test(
    guard: &Guard,
    action: &Action,
    task: &Task,
    system: &System,
    (holds, silences): (&[Hold], &[Delay]),
) -> Option<Test> {
    let announced = action.traits().announces;
    Some(match *guard {
        Guard::Unsent => {
            let event = announced?;
            Test::Unsent(event, system.events[usize::from(event.0)].row)
        }
        Guard::NoneWithinIds(store, ids) => {
            let by_clock = matches!(system.stores[usize::from(store.0)].ids, Ids::Clock(_));
            let cursor = task.cursors.place(store);
            Test::NoneWithinIds { event: announced?, store, cursor, ids, by_clock }
        }
        Guard::ChangedTo(statuses) => Test::ChangedTo(statuses),
        Guard::Is(statuses, None) => Test::Is(statuses),
        Guard::Is(statuses, Some(ref lasts)) => {
            let asked = |hold: &Hold| statuses.contains(hold.status) && hold.lasts == *lasts;
            let holds = holds.iter().enumerate().filter(|(_, hold)| asked(hold));
            Test::Held(holds.fold(0, |mask, (place, _)| mask | 1 << place))
        }
        Guard::CountAbove => Test::CountAbove,
        Guard::NoneWithin(ref asked) => {
            let place = silences.iter().position(|known| known.interval() == asked.interval());
            Test::Quiet(place.expect("each that is asked for is known") as u8)
        }
        Guard::Resumed => Test::Resumed(true),
        Guard::Fresh => Test::Resumed(false),
    })
}

impl SleepTable {
    /// How long the table lets a task sleep that read `status` when `age` of its limits had passed, and that
    /// slept so often.
    pub(crate) fn at(&self, status: StatusId, age: u8, slept: [u8; 2]) -> &Delay {
        let line = &self.delays[usize::from(status.0) * self.ages + usize::from(age)];
        let applies = |(below, _): &&Line| match below {
            None => true,
            Some((below, since)) => slept[*since as usize] < *below,
        };
        let (_, delay) = line.iter().find(applies).expect("the format asks for a line per status, for ever");
        delay
    }
}

/// The tables by which a step sleeps, if it does.
fn policy_of<'s>(step: &Step, system: &'s System) -> Option<&'s Policy> {
    let policy = step.action.traits().sleeps?.policy?;
    Some(&system.policies[usize::from(policy.0)])
}

/// The table by which `step` sleeps, looked up for every status and age.
fn sleep_table(step: &Step, ages: &[Age], most_sleeps: [u8; 2], system: &System) -> SleepTable {
    let counts = most_sleeps != [0; 2];
    let Some(policy) = policy_of(step, system) else {
        // A `wait` that only a signal ends is a sleep all the same.
        return SleepTable { most_sleeps, counts, ..SleepTable::default() };
    };
    let passed: Vec<Option<Span>> =
        std::iter::once(None).chain(ages.iter().map(|age| Some(age.at))).collect();
    let line = |sleeps: &[Sleep], passed: Option<Span>| {
        let mut line = Vec::new();
        for Sleep { below, delay } in sleeps {
            match *below {
                Some(Limit::Age(below)) if passed.is_some_and(|passed| passed >= below) => {}
                Some(Limit::Sleeps(below, since)) => line.push((Some((below, since)), delay.clone())),
                Some(Limit::Age(_)) | None => {
                    line.push((None, delay.clone()));
                    break;
                }
            }
        }
        line
    };
    let line = &line;
    let by_status = policy.by_status.iter().map(|sleeps| sleeps.as_deref().unwrap_or_default());
    let delays = by_status.flat_map(|sleeps| passed.iter().map(move |passed| line(sleeps, *passed)));
    SleepTable { ages: passed.len(), most_sleeps, counts, delays: delays.collect() }
}

/// The most sleeps that the tables of a task tell apart.
fn most_sleeps(steps: &[&Step], system: &System) -> [u8; 2] {
    let mut most = [0; 2];
    let tables = steps.iter().filter_map(|step| policy_of(step, system));
    for sleep in tables.flat_map(|policy| policy.by_status.iter().flatten()).flatten() {
        if let Some(Limit::Sleeps(below, since)) = sleep.below {
            most[since as usize] = below.max(most[since as usize]);
        }
    }
    most
}

/// The times for which some step asks whether no comment was sent, each once.
fn silences(steps: &[&Step]) -> Vec<Delay> {
    let mut silences: Vec<Delay> = Vec::new();
    for guard in steps.iter().flat_map(|step| &step.guards) {
        if let Guard::NoneWithin(asked) = guard
            && !silences.iter().any(|known| known.interval() == asked.interval())
        {
            silences.push(asked.clone());
        }
    }
    silences
}

/// The alarms of a task: every limit of every table that it sleeps by.
fn ages(task: &Task, steps: &[&Step], system: &System) -> Vec<Age> {
    let mut limits: Vec<(Span, StatusSet)> = Vec::new();
    for step in steps {
        let Some(policy) = policy_of(step, system) else { continue };
        for (status, sleeps) in policy.by_status.iter().enumerate() {
            for limit in sleeps.iter().flatten().filter_map(|sleep| sleep.below) {
                let Limit::Age(limit) = limit else { continue };
                let matters = StatusSet::default().with(StatusId(status as u8));
                match limits.iter_mut().find(|(known, _)| *known == limit) {
                    Some((_, set)) => *set = set.union(matters),
                    None => limits.push((limit, matters)),
                }
            }
        }
    }
    limits.sort_unstable_by_key(|(at, _)| *at);
    let mut before = Span::ZERO;
    let mut ages: Vec<Age> = limits
        .into_iter()
        .enumerate()
        .map(|(place, (at, matters))| {
            let wait = Delay::fixed(&format!("{}.age#{}", task.name, place + 1), Span(at.0 - before.0));
            before = at;
            Age { at, wait, matters }
        })
        .collect();
    // An age that no later status asks for is not waited for, and neither are those before it.
    for place in (1..ages.len()).rev() {
        ages[place - 1].matters = ages[place - 1].matters.union(ages[place].matters);
    }
    ages
}

/// For each step, what may be set from there on: a fixed point, since loops and repeats go back.
fn may_set(steps: &[&Step], next: &[StepId], otherwise: StepId) -> Vec<StatusSet> {
    let mut sets = vec![StatusSet::default(); steps.len()];
    loop {
        let mut changed = false;
        for at in (0..steps.len()).rev() {
            let mut set = sets.get(usize::from(next[at].0)).copied().unwrap_or_default();
            let traits = steps[at].action.traits();
            if let Some(status) = traits.sets {
                set = set.with(status);
            }
            match traits.leads {
                Leads::Next | Leads::Ends | Leads::OrFails(None) => {}
                Leads::Back(to) => set = set.union(sets[to]),
                Leads::OrFails(Some(_)) => {
                    set = set.union(sets.get(usize::from(otherwise.0)).copied().unwrap_or_default());
                }
            }
            changed |= sets[at] != set;
            sets[at] = set;
        }
        if !changed {
            return sets;
        }
    }
}

/// The statuses that some step asks for only once they have lasted.
pub(crate) fn holds(system: &System) -> Vec<Hold> {
    let mut holds: Vec<Hold> = Vec::new();
    for guard in system.steps().flat_map(|step| &step.guards) {
        let Guard::Is(statuses, Some(lasts)) = guard else { continue };
        for status in (0..32).map(StatusId).filter(|&status| statuses.contains(status)) {
            let known = |hold: &Hold| hold.status == status && hold.lasts == *lasts;
            if !holds.iter().any(known) {
                holds.push(Hold { status, lasts: lasts.clone() });
            }
        }
    }
    holds
}

/// For each store, the look-back windows that some step asks for: of which event, how many ids.
pub(crate) fn windows(system: &System) -> Vec<Vec<(EventId, u32)>> {
    let mut windows = vec![Vec::new(); system.stores.len()];
    for step in system.steps() {
        let Some(event) = step.action.traits().announces else { continue };
        for guard in &step.guards {
            if let Guard::NoneWithinIds(StoreId(store), ids) = *guard {
                windows[usize::from(store)].push((event, ids));
            }
        }
    }
    windows
}

/// The rows among `rows` that were read as visible.
pub(crate) fn visible(rows: &[u32]) -> u8 {
    rows.iter().filter(|&&version| version > 0).count() as u8
}

/// The place of a row in what a task read.
pub(crate) fn place(row: RowId) -> usize {
    usize::from(row.0)
}
