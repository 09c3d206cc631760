//! The tasks of a random scenario.

use super::draft::{Draft, DraftStep, DraftTask};
use super::draw::Plan;

/// What kind of task a step is drawn for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Job,
    /// The task that serves the client of this place.
    Stream(usize),
}

/// Draws all tasks.
pub(crate) fn tasks(plan: &mut Plan, draft: &mut Draft) {
    let beside = plan.dice.percent(35);
    draft.tasks.push(job(plan, "w0", "n0"));
    if plan.dice.percent(30) {
        let node = *plan.dice.pick(&["n0", "n1", "n2"]);
        let mut task = job(plan, "w1", node);
        if plan.dice.percent(40) {
            task.starts = Some("spawned".into());
            let spawn = DraftStep::new("spawn", "w1");
            let spawn = dressed(plan, spawn, Of::Job);
            let at = plan.dice.below(draft.tasks[0].steps.len() as u64 + 1) as usize;
            draft.tasks[0].steps.insert(at, spawn);
        } else if plan.ends.is_some() && plan.dice.percent(20) {
            task.around = vec![rest(plan, Of::Job)];
            let step = step(plan, Of::Job);
            task.around.push(step);
        }
        draft.tasks.push(task);
    }
    for at in 0..draft.clients.len() {
        let node = if beside { "n0" } else { "n1" };
        let stream = stream(plan, draft, at, node);
        draft.tasks.push(stream);
    }
    if plan.dice.percent(30) {
        let weather = weather(plan, draft);
        draft.tasks.push(weather);
    }
    for at in 0..draft.tasks.len() {
        complete(plan, &mut draft.tasks[at]);
    }
    outages_undone(plan, draft);
    notified(plan, draft);
}

fn job(plan: &mut Plan, name: &'static str, node: &'static str) -> DraftTask {
    let mut task = DraftTask { name, node, ..DraftTask::default() };
    if plan.dice.percent(35) {
        task.starts = Some(plan.delay(0, 2));
    }
    for _ in 0..plan.dice.weighed(&[(10, 1), (30, 2), (30, 3), (20, 4), (10, 5)]) {
        let step = step(plan, Of::Job);
        task.steps.push(step);
    }
    task
}

fn stream(plan: &mut Plan, draft: &Draft, client: usize, node: &'static str) -> DraftTask {
    let name = ["s", "z"][client];
    let mut task = DraftTask { name, node, serves: Some(client), ..DraftTask::default() };
    let of = Of::Stream(client);
    // A client that names an id is sent events of one store.
    let stores = plan.stores.clone();
    if plan.resuming[client] {
        plan.stores = vec![*plan.dice.pick(&stores)];
    }
    if plan.dice.percent(25) {
        task.starts = Some(plan.delay(0, 2));
    }
    let loops = plan.dice.percent(if plan.ends.is_some() { 60 } else { 12 });
    let most = if loops { 3 } else { 5 };
    for _ in 0..plan.dice.from(u64::from(!loops), most) {
        let step = step(plan, of);
        task.steps.push(step);
    }
    if loops {
        for _ in 0..plan.dice.from(1, 3) {
            let step = step(plan, of);
            // What makes more and more of something for ever cannot be counted out.
            let text = step.text();
            let grows = ["publish", "commit", "announce", "sends"].iter().any(|key| text.contains(key));
            task.around.extend((plan.ends.is_some() || !grows).then_some(step));
        }
        if plan.ends.is_none() {
            let close = DraftStep::new("close", draft.clients[client].name).with("if", "is b");
            task.around.push(close);
        }
        let rest = rest(plan, of);
        task.around.push(rest);
    } else if plan.dice.percent(60) {
        let close = DraftStep::new("close", draft.clients[client].name);
        let close = dressed(plan, close, of);
        task.steps.push(close);
    }
    own(plan, &mut task);
    plan.stores = stores;
    task
}

/// The cursor goes to what the task itself added to a store.
fn own(plan: &mut Plan, task: &mut DraftTask) {
    let into = |step: &DraftStep| step.value("into").map(|store| store.trim_matches('"').to_owned());
    let Some(store) = task.all().find_map(into).filter(|_| plan.dice.percent(25)) else { return };
    let list = if task.around.is_empty() { &mut task.steps } else { &mut task.around };
    let at = plan.dice.below(list.len() as u64) as usize;
    list.insert(at, DraftStep::new("cursor", &format!("own of {store}")));
}

/// A step that lets time pass, without a condition.
fn rest(plan: &mut Plan, of: Of) -> DraftStep {
    let least = plan.delay(1, 2);
    let mut rest = match plan.dice.below(10) {
        0 | 1 if of != Of::Job => DraftStep::new("poll", "po"),
        2 if plan.signal => DraftStep::new("wait", "w"),
        3 if plan.signal => DraftStep::new("wait", "w").with("at-most", "po"),
        4 => DraftStep::new("work", "k").with("takes", &least),
        _ => DraftStep::new("sleep", &least),
    };
    rest.name = Some(plan.name('x'));
    rest
}

/// A random step, dressed with times, conditions and chances.
fn step(plan: &mut Plan, of: Of) -> DraftStep {
    let bare = bare(plan, of);
    if bare.has("repeat") { bare } else { dressed(plan, bare, of) }
}

/// A random step that says what it does and no more.
fn bare(plan: &mut Plan, of: Of) -> DraftStep {
    let common = [
        (6, "work"),
        (6, "status"),
        (7, "commit"),
        (3, "save"),
        (4, "read"),
        (3, "sleep"),
        (2, "poll"),
        (3, "wait"),
        (4, "repeat"),
        (if plan.signal { 5 } else { 0 }, "notify"),
    ];
    let job = [(28, "publish"), (1, "fault")];
    let stream = [
        (30, "send"),
        (12, "announce"),
        (8, "comment"),
        (10, "cursor"),
        (5, "close"),
        (4, "refuse"),
        (6, "read"),
        (3, "poll"),
        (3, "publish"),
        (1, "fault"),
    ];
    let mut weights = common.to_vec();
    weights.extend(if of == Of::Job { job.as_slice() } else { stream.as_slice() });
    match plan.dice.weighed(&weights) {
        "repeat" => {
            let mut round = DraftStep::raw("repeat", plan.dice.from(1, 2).to_string());
            round.name = Some(plan.name('x'));
            for _ in 0..plan.dice.from(1, 2) {
                let inner = step(plan, of);
                round.inner.extend((!inner.has("repeat")).then_some(inner));
            }
            if round.inner.is_empty() {
                round.inner.push(DraftStep::new("work", "k"));
            }
            round
        }
        "wait" if !plan.signal => DraftStep::new("work", "k"),
        "publish" | "announce" if plan.kinds.is_empty() => DraftStep::new("work", "k"),
        "fault" => fault(plan, of),
        verb => said(plan, of, verb),
    }
}

fn said(plan: &mut Plan, of: Of, verb: &'static str) -> DraftStep {
    let client = match of {
        Of::Job => "c",
        Of::Stream(at) => ["c", "d"][at],
    };
    match verb {
        "status" => DraftStep::new(verb, plan.dice.pick::<&str>(&plan.statuses)),
        "commit" => {
            let mut commit = DraftStep::new(verb, "row");
            match plan.dice.below(20) {
                0..5 => commit.keys.push(("fails", "0.5".into())),
                5 => commit.keys.push(("fails", "1.0".into())),
                6 => commit.keys.push(("fails", "0".into())),
                _ => {}
            }
            commit
        }
        "save" => DraftStep::new(verb, "f1"),
        "read" => match plan.dice.below(4) {
            0 => DraftStep::new(verb, "row"),
            1 => DraftStep::raw(verb, "[\"status\", \"row\"]".into()),
            _ => DraftStep::new(verb, "status"),
        },
        "sleep" => DraftStep::new(verb, &plan.delay(1, 2)),
        "poll" => DraftStep::new(verb, "po"),
        "wait" if plan.dice.percent(50) => DraftStep::new(verb, "w").with("at-most", "po"),
        "wait" | "notify" => DraftStep::new(verb, "w"),
        "publish" => {
            let (store, ids) = *plan.dice.pick(&plan.stores);
            let mut publish = DraftStep::new(verb, plan.dice.pick(&plan.kinds).0);
            if plan.several || plan.dice.percent(10) {
                publish = publish.with("to", store);
            }
            if ids == "given" {
                publish.keys.push(("id", plan.dice.from(1, 4).to_string()));
            }
            publish
        }
        "send" => DraftStep::new(verb, plan.dice.pick(&plan.stores).0),
        "announce" => announce(plan, of),
        "comment" => DraftStep::new(verb, "k"),
        "cursor" => {
            let place = place(plan, of, None);
            DraftStep::new(verb, &place)
        }
        "close" if !plan.kinds.is_empty() && plan.dice.percent(30) => {
            DraftStep::new(verb, client).with("sends", plan.dice.pick(&plan.kinds).0)
        }
        "close" | "refuse" => DraftStep::new(verb, client),
        "work" => DraftStep::new(verb, "k"),
        other => panic!("{other} is not drawn here"),
    }
}

fn announce(plan: &mut Plan, of: Of) -> DraftStep {
    // The kind that tells of a row, more often than others.
    let kind =
        if plan.dice.percent(50) { plan.kinds[plan.kinds.len() - 1] } else { *plan.dice.pick(&plan.kinds) };
    let mut announce = DraftStep::new("announce", kind.0);
    let into: Vec<&str> =
        plan.stores.iter().filter(|store| store.1 != "given").map(|store| store.0).collect();
    let into = (!into.is_empty() && plan.dice.percent(55)).then(|| *plan.dice.pick(&into));
    if let Some(store) = into {
        announce = announce.with("into", store);
    }
    if plan.dice.percent(35) {
        let place = place(plan, of, into);
        announce = announce.with("cursor", &place);
    }
    announce
}

/// A place for a cursor.
fn place(plan: &mut Plan, of_task: Of, into: Option<&str>) -> String {
    let (store, ids) = *plan.dice.pick(&plan.stores);
    let clock = ids.starts_with("clock");
    let of = if plan.several || plan.dice.percent(10) { format!(" of {store}") } else { String::new() };
    match plan.dice.below(12) {
        0 | 1 => "zero".into(),
        2 if !plan.has_clock() => plan.dice.from(1, 3).to_string(),
        3 | 4 if clock => format!("now{of}"),
        5 if !clock => format!("greatest{of} + {}", plan.dice.from(1, 2)),
        6 | 7 if into.is_some() => "own".into(),
        8 | 9 if resumes(plan, of_task) => format!("given{of}"),
        _ => format!("greatest{of}"),
    }
}

/// Whether the client of a task names an id when it connects again.
fn resumes(plan: &Plan, of: Of) -> bool {
    match of {
        Of::Job => false,
        Of::Stream(client) => plan.resuming[client],
    }
}

/// What befalls a line or a node.
fn fault(plan: &mut Plan, of: Of) -> DraftStep {
    let client = match of {
        Of::Job => "c",
        Of::Stream(at) => ["c", "d"][at],
    };
    let ways = ["to", "from", "both"];
    match plan.dice.below(8) {
        0 | 1 => DraftStep::new("disconnect", client),
        2 | 3 => DraftStep::new("half-open", client),
        4 => DraftStep::new("hold", client),
        5 => DraftStep::new("hold", client).with("way", plan.dice.pick::<&str>(&ways)),
        _ => DraftStep::new("crash", "n0"),
    }
}

/// Draws how long a step takes, when it is taken and how often, and what it is called.
fn dressed(plan: &mut Plan, mut step: DraftStep, of: Of) -> DraftStep {
    let verb = step.keys[0].0;
    if !matches!(verb, "sleep" | "poll" | "wait") {
        match plan.dice.below(100) {
            0..33 => step = step.with("takes", &plan.delay(0, 2)),
            33..42 => step = step.with("takes", &plan.delay(0, 2)).with("returns", &plan.delay(0, 1)),
            42..52 => step = step.with("blocks", &plan.delay(0, 2)),
            _ => {}
        }
    }
    if plan.dice.percent(12) {
        step.keys.push(("chance", (*plan.dice.pick(&["0.5", "0.5", "0.25", "1", "0.0"])).into()));
    }
    let share = if verb == "announce" { 55 } else { 15 };
    if plan.dice.percent(share) {
        let mut conditions = vec![condition(plan, verb, of)];
        if plan.dice.percent(20) {
            conditions.push(condition(plan, verb, of));
        }
        conditions.dedup();
        let list: Vec<String> = conditions.iter().map(|one| format!("\"{one}\"")).collect();
        step.keys
            .push(("if", if list.len() == 1 { list[0].clone() } else { format!("[{}]", list.join(", ")) }));
    }
    if plan.dice.percent(80) {
        step.name = Some(plan.name('x'));
    }
    step
}

fn condition(plan: &mut Plan, verb: &str, of: Of) -> String {
    let status = |plan: &mut Plan| *plan.dice.pick(&plan.statuses);
    match plan.dice.below(14) {
        0..5 if verb == "announce" => "unsent".into(),
        5 | 6 if verb == "announce" => format!("none within {} ids", plan.dice.from(1, 3)),
        0..8 if verb == "comment" => format!("none within {}us", plan.dice.from(1, 2)),
        0 | 1 => format!("is {}", status(plan)),
        2 | 3 => format!("is {} for {}us", status(plan), plan.dice.from(1, 2)),
        4 => "is a, b".into(),
        5 | 6 => format!("changed to {}", status(plan)),
        7 => "changed to a, b".into(),
        8 | 9 => "count above".into(),
        10 | 11 if resumes(plan, of) => "resumed".into(),
        12 | 13 if resumes(plan, of) => "fresh".into(),
        _ => format!("is {}", status(plan)),
    }
}

fn weather(plan: &mut Plan, draft: &Draft) -> DraftTask {
    let mut task = DraftTask { name: "x", node: "net", ..DraftTask::default() };
    task.starts = Some(plan.delay(0, 3));
    for _ in 0..plan.dice.weighed(&[(70, 1), (30, 2)]) {
        let mut fault = fault(plan, Of::Job);
        if fault.has("crash") {
            let nodes: Vec<&str> = draft.tasks.iter().map(|task| task.node).collect();
            fault = DraftStep::new("crash", plan.dice.pick::<&str>(&nodes));
        }
        let dressed = dressed(plan, fault, Of::Job);
        task.steps.push(dressed);
    }
    task
}

/// Lets what was held go and what was stopped start again, most of the time.
fn outages_undone(plan: &mut Plan, draft: &mut Draft) {
    let find = |key: &str| draft.tasks.iter().flat_map(DraftTask::all).find(|step| step.has(key)).cloned();
    let (held, crashed) = (find("hold"), find("crash"));
    let last = draft.tasks.len() - 1;
    if let Some(held) = held.filter(|_| plan.dice.percent(75)) {
        let mut release = DraftStep::raw("release", held.keys[0].1.clone());
        release.keys.extend(held.keys.iter().find(|(key, _)| *key == "way").cloned());
        let release = release.with("takes", &plan.delay(0, 2));
        draft.tasks[last].steps.push(release);
    }
    if let Some(crashed) = crashed.filter(|_| plan.dice.percent(80)) {
        let restart = DraftStep::raw("restart", crashed.keys[0].1.clone()).with("takes", &plan.delay(0, 2));
        // Of the node that stops nobody can start it again.
        let node = crashed.keys[0].1.trim_matches('"').to_owned();
        if draft.tasks[last].node != node {
            draft.tasks[last].steps.push(restart);
        }
    }
}

/// Whoever waits for the signal is given it by somebody else.
fn notified(plan: &mut Plan, draft: &mut Draft) {
    let waits = |task: &DraftTask| task.all().any(|step| step.has("wait"));
    if plan.signal && draft.tasks.iter().any(waits) {
        let notify = DraftStep::new("notify", "w");
        let mut notify = dressed(plan, notify, Of::Job);
        notify.keys.retain(|(key, _)| *key != "if");
        draft.tasks[0].steps.push(notify);
    }
}

/// Adds what the steps of a task need: reads of what they ask for, and what is taken if a commit fails.
fn complete(plan: &mut Plan, task: &mut DraftTask) {
    let text: String = task.all().map(DraftStep::text).collect();
    if text.contains("fails") && plan.dice.percent(70) {
        for _ in 0..plan.dice.from(1, 2) {
            let step = step(plan, task.serves.map_or(Of::Job, Of::Stream));
            task.otherwise.extend((!step.has("repeat")).then_some(step));
        }
    }
    let (mut status, mut row) = (false, false);
    for step in task.all() {
        status |= step.has("poll")
            || step.value("if").is_some_and(|if_| if_.contains("is ") || if_.contains("changed"));
        row |= step.value("if").is_some_and(|if_| if_.contains("count above"));
        row |= step.value("announce") == Some("\"r\"");
    }
    let reads =
        |what: &str| task.all().any(|step| step.value("read").is_some_and(|read| read.contains(what)));
    let (status, row) = (status && !reads("status"), row && !reads("row"));
    let mut read = match (status, row) {
        (true, true) => Some(DraftStep::raw("read", "[\"status\", \"row\"]".into())),
        (true, false) => Some(DraftStep::new("read", "status")),
        (false, true) => Some(DraftStep::new("read", "row")),
        (false, false) => None,
    };
    if let Some(read) = read.take() {
        let read = if plan.dice.percent(40) { read.with("takes", &plan.delay(0, 1)) } else { read };
        let list = if task.around.is_empty() { &mut task.steps } else { &mut task.around };
        let at = plan.dice.below(list.len() as u64 + 1) as usize;
        list.insert(if plan.dice.percent(70) { 0 } else { at }, read);
    }
    task.per_source = task.serves.is_some() && plan.dice.percent(if plan.has_clock() { 75 } else { 35 });
}

/// Another step for the task of this path.
pub(crate) fn like(plan: &mut Plan, draft: &Draft, path: &str) -> DraftStep {
    let task = draft.tasks.iter().find(|task| path.starts_with(&format!("{}.", task.name)));
    let of = task.expect("the step is of a task").serves.map_or(Of::Job, Of::Stream);
    loop {
        let step = step(plan, of);
        if !step.has("repeat") {
            return step;
        }
    }
}
