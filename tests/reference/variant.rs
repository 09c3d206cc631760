//! Names of steps, and variants: what a file is after it is patched.

use toml::{Table, Value};

use super::changes::{self, Anchor, Change};

/// What a step can do: the key that says so.
pub(crate) const VERBS: [&str; 23] = [
    "work",
    "status",
    "commit",
    "save",
    "publish",
    "notify",
    "spawn",
    "read",
    "send",
    "announce",
    "comment",
    "close",
    "refuse",
    "sleep",
    "poll",
    "wait",
    "repeat",
    "disconnect",
    "half-open",
    "hold",
    "release",
    "crash",
    "restart",
];

/// The key that says what a step does. `cursor` is also how an `announce` goes on, so it comes last.
pub(crate) fn verb(step: &Table) -> &'static str {
    let found = VERBS.into_iter().find(|verb| step.contains_key(*verb));
    found
        .unwrap_or_else(|| if step.contains_key("cursor") { "cursor" } else { panic!("{step} does nothing") })
}

/// The file with its variant or combination applied; the names of a combination are joined with `+`. Steps are
/// named once, in the file as it is written, and keep their names wherever they go. Nothing if a change names what
/// is not there.
pub(crate) fn patched(file: &Table, variant: Option<&str>) -> Option<Table> {
    let mut file = file.clone();
    each_task(&mut file, |task| {
        let mut known = Vec::new();
        each_step(task, &mut |step| name_step(step, &mut known));
    });
    for change in changes::of(&file, variant) {
        apply(&mut file, &change)?;
    }
    Some(file)
}

/// Calls this for each task.
pub(crate) fn each_task(file: &mut Table, mut told: impl FnMut(&mut Table)) {
    let tasks = file.get_mut("task").and_then(Value::as_array_mut).expect("there are tasks");
    for task in tasks {
        told(task.as_table_mut().expect("a task is a table"));
    }
}

/// Calls this for each step of a task, in the order of the file.
pub(crate) fn each_step(task: &mut Table, told: &mut dyn FnMut(&mut Table)) {
    for list in ["steps", "loop", "otherwise"] {
        for step in task.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let step = step.as_table_mut().expect("a step is a table");
            told(step);
            for inner in step.get_mut("steps").and_then(Value::as_array_mut).into_iter().flatten() {
                told(inner.as_table_mut().expect("a step is a table"));
            }
        }
    }
}

/// Its own name, what its work is for or what it saves, or its verb; a second one of a name has its number.
fn name_step(step: &mut Table, known: &mut Vec<String>) {
    let text = |key: &str| step.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("step")
        .or_else(|| text("work"))
        .or_else(|| text("save"))
        .unwrap_or_else(|| verb(step).to_owned());
    let before = known.iter().filter(|earlier| **earlier == name).count();
    known.push(name.clone());
    let name = if before == 0 { name } else { format!("{name}#{}", before + 1) };
    step.insert("step".into(), Value::String(name));
}

fn apply(file: &mut Table, change: &Change) -> Option<()> {
    match change {
        Change::Move { step, anchor } => {
            let (list, at) = find(file, step)?;
            let step = list.remove(at);
            put(file, anchor, step)?;
        }
        Change::Insert { step, anchor } => {
            let mut step = step.as_table()?.clone();
            name_step(&mut step, &mut Vec::new());
            put(file, anchor, Value::Table(step))?;
        }
        Change::Replace { step, with } => {
            let mut with = with.as_table()?.clone();
            with.entry("step").or_insert_with(|| own_name(step));
            let (list, at) = find(file, step)?;
            list[at] = Value::Table(with);
        }
        Change::Set { path, to } => {
            let (holder, key) = holder(file, path)?;
            holder.insert(key, to.clone());
        }
        Change::Unset { path } => {
            let (holder, key) = holder(file, path)?;
            holder.remove(&key)?;
        }
        Change::Remove { step } => {
            let (list, at) = find(file, step)?;
            list.remove(at);
        }
    }
    Some(())
}

fn own_name(path: &str) -> Value {
    Value::String(path.split_once('.').expect("TASK.STEP").1.to_owned())
}

/// Puts a step beside another one.
fn put(file: &mut Table, anchor: &Anchor, step: Value) -> Option<()> {
    let (list, at) = find(file, &anchor.step)?;
    list.insert(if anchor.after { at + 1 } else { at }, step);
    Some(())
}

/// The list that a step stands in, and where.
fn find<'f>(file: &'f mut Table, path: &str) -> Option<(&'f mut Vec<Value>, usize)> {
    let (task, step) = path.split_once('.')?;
    let task = named(file, "task", task);
    let is = |known: &Value| known["step"].as_str() == Some(step);
    let mut lists = Vec::new();
    for (key, value) in task.iter_mut() {
        if matches!(key.as_str(), "steps" | "loop" | "otherwise") {
            lists.push(value.as_array_mut()?);
        }
    }
    for list in lists {
        if let Some(at) = list.iter().position(is) {
            return Some((list, at));
        }
        for outer in list {
            let inner = outer.get_mut("steps").and_then(Value::as_array_mut);
            if let Some(inner) = inner.filter(|inner| inner.iter().any(is)) {
                let at = inner.iter().position(is)?;
                return Some((inner, at));
            }
        }
    }
    None
}

/// The table of this name in a list of tables.
fn named<'f>(table: &'f mut Table, list: &str, name: &str) -> &'f mut Table {
    let key = if list == "on" { "event" } else { "name" };
    let list = table.get_mut(list).and_then(Value::as_array_mut).expect("a list");
    let found = list.iter_mut().find(|one| one[key].as_str() == Some(name));
    found.unwrap_or_else(|| panic!("nothing is named {name}")).as_table_mut().expect("a table")
}

/// The table that a path leads into, and the key in it.
fn holder<'f>(file: &'f mut Table, path: &str) -> Option<(&'f mut Table, String)> {
    let words: Vec<&str> = path.split('.').collect();
    let key = words[words.len() - 1].to_owned();
    let table = match words[..] {
        [_] => file,
        ["job" | "limits", _] => file.get_mut(words[0]).and_then(Value::as_table_mut)?,
        ["policy", name, _] => file["policy"].get_mut(name).and_then(Value::as_table_mut)?,
        ["task", task, step, _] => {
            let (list, at) = find(file, &format!("{task}.{step}"))?;
            list[at].as_table_mut()?
        }
        ["client", client, list, name, _] => named(named(file, "client", client), list, name),
        [list, name, _] => named(file, list, name),
        _ => panic!("{path} leads nowhere"),
    };
    Some((table, key))
}
