//! Systems without what a [`Why`](punctual::why::Why) blames.

use punctual::why::{Blame, Blamed, Observed};
use punctual_model::{
    Action, Allowed, ClientId, ClientPlan, Cursors, Ids, Resource, RowId, Rule, Shown, Starts, Step, StepId,
    StepTime, StoreId, System, Task, TaskId, TimerFrom, TimerPlan,
};
use punctual_sim::{Delay, Span};

/// `system` and `system` without what is blamed. The states of one are those of the other, so that a run can go on in it:
/// each has, behind its last step, the looks and cursors of the other, which nobody comes to, so that its ids are
/// compared with the same others.
pub(crate) fn without(system: &System, blames: &[Blamed]) -> (System, System) {
    let mut before = system.clone();
    for blamed in blames {
        if let Blame::LooksNoMore(task, store) = blamed.what
            && ends_with_its_steps(of(&mut before, task))
        {
            of(&mut before, task).otherwise.push(plain(Action::Send(store), StepTime::Instant));
        }
    }
    let mut after = before.clone();
    for blamed in blames {
        take_out(&mut after, blamed.what);
    }
    for (task, as_before) in after.tasks.iter_mut().zip(&before.tasks) {
        if task.serves.is_some() && ends_with_its_steps(as_before) {
            task.otherwise.extend(as_before.all_steps().cloned());
        }
    }
    (before, after)
}

/// Whether nobody comes to the steps for failed commits: there are none.
fn ends_with_its_steps(task: &Task) -> bool {
    !task.all_steps().any(|step| matches!(step.action, Action::Commit { fails: Some(_), .. }))
}

/// `rule` with what is observed as its limit, or a microsecond or one less.
pub(crate) fn with_limit(rule: Rule, observed: Observed, less: u64) -> Rule {
    let limit = match observed {
        Observed::Span(span) => Allowed::Within(Span(span.0 - less)),
        Observed::Count(count) => Allowed::AtMost(count - less as u32),
    };
    Rule::new(rule.invariant(), Some(limit)).unwrap_or(rule)
}

fn take_out(system: &mut System, blame: Blame) {
    match blame {
        Blame::Keep(store) => system.stores[usize::from(store.0)].keep = None,
        Blame::Ids(store) => {
            system.stores[usize::from(store.0)].ids = Ids::Counter;
            counts_by_itself(system, store);
        }
        Blame::OneCursor(task) => of(system, task).cursors = Cursors::PerStore,
        Blame::Cursor(task, number) => match &mut step(system, task, number).action {
            Action::Announce { cursor, .. } => *cursor = None,
            other => *other = Action::Work,
        },
        Blame::Fault(fault) => {
            let same = |step: &&mut Step| step.action == Action::Fault(fault);
            steps(system).filter(same).for_each(|step| step.action = Action::Work);
        }
        Blame::Announces(task, number) => step(system, task, number).action = Action::Work,
        Blame::Ends(task) => {
            let ends = |step: &&mut Step| matches!(step.action, Action::Close { .. } | Action::Refuse);
            of(system, task).steps.iter_mut().filter(ends).for_each(|step| step.action = Action::Work);
        }
        Blame::HangUp(client, timer) => {
            system.clients[usize::from(client.0)].timers[usize::from(timer.0)].reconnects = false;
        }
        Blame::LooksNoMore(task, store) => looks_on(of(system, task), store),
        Blame::Condition(task, number) => step(system, task, number).guards.clear(),
        Blame::Chance(task, number) => step(system, task, number).chance = None,
        Blame::Unkept(signal) => system.signals[usize::from(signal.0)].permit = true,
        // The limit is one of the rule.
        Blame::Limit(_) => {}
        Blame::ComesBack(task, number) => step(system, task, number).action = Action::Refuse,
        Blame::Reconnects(client) => system.clients[usize::from(client.0)].reconnects = None,
        Blame::Early(client, resource, by) => fetches_later(system, client, resource, by),
        Blame::Fails(row) => commits_always(system, row),
        Blame::Timers(client) => system.clients[usize::from(client.0)].timers.clear(),
        Blame::NoEnd(task) => refuses_at_once(system, task),
        Blame::Shows(client, shown) => shows_no_more(&mut system.clients[usize::from(client.0)], shown),
        Blame::NothingEnds(client) => ends_at_once(system, client),
    }
}

/// Lets a store give all its ids itself.
fn counts_by_itself(system: &mut System, store: StoreId) {
    for step in steps(system) {
        if let Action::Publish { store: to, id, .. } = &mut step.action
            && *to == store
        {
            *id = None;
        }
    }
}

/// Lets a client fetch something only when it was there so long after it came; or, if it never came, not at all.
fn fetches_later(system: &mut System, client: ClientId, resource: Resource, by: Option<Span>) {
    for reaction in &mut system.clients[usize::from(client.0)].reactions {
        match (&mut reaction.fetches, by) {
            (Some((of, travels)), Some(by)) if *of == resource => *travels = later(travels, by + Span(1)),
            (fetches, None) if fetches.as_ref().is_some_and(|(of, _)| *of == resource) => *fetches = None,
            _ => {}
        }
    }
}

/// Lets no commit of a row fail.
fn commits_always(system: &mut System, row: RowId) {
    for step in steps(system) {
        if let Action::Commit { row: of, fails } = &mut step.action
            && *of == row
        {
            *fails = None;
        }
    }
}

/// Lets the server's end of a connection answer that there is none, as the run begins.
fn refuses_at_once(system: &mut System, task: TaskId) {
    let closes = of(system, task);
    closes.otherwise.clear();
    closes.again_from = None;
    closes.steps = vec![plain(Action::Refuse, StepTime::Instant)];
    closes.starts = at_once();
    let client = closes.serves.expect("a task that ends a connection serves a client");
    system.clients[usize::from(client.0)].reconnects = None;
}

/// Lets a client never show something.
fn shows_no_more(client: &mut ClientPlan, shown: Shown) {
    // What is not there shows a failure.
    if shown == Shown::Failure {
        client.reactions.iter_mut().for_each(|reaction| reaction.fetches = None);
    }
    let reactions = client.reactions.iter_mut().map(|reaction| &mut reaction.shows);
    let timers = client.timers.iter_mut().map(|timer| &mut timer.shows);
    reactions.chain(timers).filter(|shows| **shows == Some(shown)).for_each(|shows| *shows = None);
}

/// Lets a client come to its end as the run begins.
fn ends_at_once(system: &mut System, client: ClientId) {
    system.clients[usize::from(client.0)].timers.push(TimerPlan {
        name: "ends".into(),
        from: TimerFrom::Start,
        limit: Delay::fixed("ends", Span::ZERO),
        stopped_by: Vec::new(),
        shows: None,
        ends: true,
        reconnects: false,
    });
}

/// Lets a task look at a store again and again, wherever it is.
fn looks_on(task: &mut Task, store: StoreId) {
    for step in task.steps.iter_mut().chain(&mut task.otherwise) {
        let soon = Delay::fixed("looks on", Span(1_000));
        // Of a step that is under way it is known whether it blocks its node.
        let time = match step.time {
            StepTime::Blocks(_) => StepTime::Blocks(soon),
            StepTime::Instant | StepTime::Takes(..) => StepTime::Takes(soon, None),
        };
        *step = plain(Action::Send(store), time);
    }
    // Whoever had taken the last step comes back to the first.
    (task.again_from, task.starts) = (Some(0), at_once());
}

fn at_once() -> Starts {
    Starts::After(Delay::fixed("begins", Span::ZERO))
}

/// So much longer than the delay can be.
fn later(delay: &Delay, by: Span) -> Delay {
    Delay::fixed(delay.name().text(), delay.interval().max + by)
}

fn plain(action: Action, time: StepTime) -> Step {
    Step { name: "added".into(), action, guards: Vec::new(), chance: None, time }
}

fn of(system: &mut System, task: TaskId) -> &mut Task {
    &mut system.tasks[usize::from(task.0)]
}

fn step(system: &mut System, task: TaskId, number: StepId) -> &mut Step {
    let task = of(system, task);
    let mut all = task.steps.iter_mut().chain(&mut task.otherwise);
    all.nth(usize::from(number.0)).expect("a step that is blamed is one of its task")
}

fn steps(system: &mut System) -> impl Iterator<Item = &mut Step> {
    system.tasks.iter_mut().flat_map(|task| task.steps.iter_mut().chain(&mut task.otherwise))
}
