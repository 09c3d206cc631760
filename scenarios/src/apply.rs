//! Makes the changes of a variant in the tree, one after the other.
//!
//! Each sees what those before it have made. What is changed must be there in the end: a step that is
//! changed and then taken away, by itself or with the `repeat` around it, is refused with both places.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::form::Text;
use crate::patch::{Change, Side};
use crate::problem::{Findings, Problem};
use crate::tree::{self, Node, Taken, Way};
use crate::words::{did_you_mean, quoted};

/// A step that was changed, by its task and its name, and where the file says so.
struct Touched {
    task: String,
    step: String,
    at: Range<usize>,
}

/// Applies changes to the tree of the base, whose steps have their names.
pub(crate) fn apply<'t>(tree: &mut DeTable<'t>, changes: &[Change<'t>], findings: &Findings<'_>) {
    let mut touched: Vec<Touched> = Vec::new();
    for change in changes {
        let named = change.step().and_then(|path| path.split_once('.'));
        let step = match change {
            Change::Set { path, value } => {
                set(tree, path, value, findings);
                named.map(|(_, step)| step.to_owned())
            }
            Change::Unset { path } => {
                unset(tree, path, findings);
                named.map(|(_, step)| step.to_owned())
            }
            Change::Insert { anchor, side, step } => insert(tree, anchor, *side, step, findings),
            Change::Move { step, anchor, side } => {
                move_step(tree, step, anchor, *side, findings);
                named.map(|(_, step)| step.to_owned())
            }
            Change::Replace { step, with } => {
                let new = replace(tree, step, with, findings);
                for known in touched.iter_mut().filter(|known| named == Some((&*known.task, &*known.step))) {
                    known.step = new.clone().unwrap_or_default();
                }
                new
            }
            Change::Remove { step } => {
                if let Some((task, way)) = find_step(tree, step, findings)
                    && let Some((list, place)) = tree::follow(task, &way)
                {
                    tree::take(list, place);
                }
                None
            }
        };
        touched.retain(|known| !taken_away(tree, known, change, findings));
        let path = change.text().value.as_str();
        let task = path.strip_prefix("task.").unwrap_or(path).split('.').next().unwrap_or_default();
        let touch = |step| Touched { task: task.to_owned(), step, at: change.at().clone() };
        touched.extend(step.map(touch).filter(|step| is_there(tree, step)));
    }
}

fn is_there(tree: &DeTable<'_>, step: &Touched) -> bool {
    let mut tasks = tree::tables(tree, "task");
    let task = tasks.find(|table| tree::text(table, "name") == Some(step.task.as_str()));
    task.is_some_and(|task| tree::locate(task, &step.step).is_some())
}

/// Whether a step that was changed before is not there any more; then that is refused.
fn taken_away(tree: &DeTable<'_>, known: &Touched, by: &Change<'_>, findings: &Findings<'_>) -> bool {
    if is_there(tree, known) {
        return false;
    }
    let name = quoted(&format!("{}.{}", known.task, known.step));
    let problem = Problem::new("P0509", by.at(), format!("{name} is changed, and then taken away"));
    let problem = problem.label("takes it away").beside(&known.at, "changed here");
    findings.add(problem.help("leave one of the two out"));
    true
}

fn set<'t>(tree: &mut DeTable<'t>, path: &Text, value: &Node<'t>, findings: &Findings<'_>) {
    let Some((table, key)) = at_path(tree, path, findings) else { return };
    let help = match key.as_str() {
        "steps" | "loop" | "otherwise" => {
            "change its steps with `insert`, `move`, `replace` and `remove`, or set a key of one: \
             \"task.TASK.STEP.KEY\""
        }
        "timer" | "on" => "set a key of one of them: \"client.CLIENT.timer.TIMER.KEY\"",
        _ => return tree::put(table, &path.at, key, value.clone()),
    };
    let title = format!("{} is a list, and cannot be set as a whole", quoted(&path.value));
    findings.add(Problem::new("P0503", &path.at, title).label("a list").help(help));
}

fn unset(tree: &mut DeTable<'_>, path: &Text, findings: &Findings<'_>) {
    let Some((table, key)) = at_path(tree, path, findings) else { return };
    if table.remove(key.as_str()).is_some() {
        return;
    }
    if findings.hide_something_in_variants() {
        return findings.leave_unsaid();
    }
    let title = format!("{} is not set", quoted(&path.value));
    let problem = Problem::new("P0503", &path.at, title).label("nothing to leave out");
    findings.add(problem.help("remove this path"));
}

/// Puts a step beside another; gives its name.
fn insert<'t>(
    tree: &mut DeTable<'t>,
    anchor: &Text,
    side: Side,
    step: &Node<'t>,
    findings: &Findings<'_>,
) -> Option<String> {
    let (task, way) = find_step(tree, anchor, findings)?;
    let mut taken = Taken::of(task);
    let mut step = step.clone();
    check_new_name(&step, &taken, findings);
    tree::name_step(&mut step, &mut taken);
    let name = name_of(&step);
    let (list, place) = tree::follow(task, &way)?;
    tree::insert(list, place + usize::from(side == Side::After), step);
    name
}

fn name_of(step: &Node<'_>) -> Option<String> {
    step.get_ref().get("step")?.get_ref().as_str().map(str::to_owned)
}

fn check_new_name(step: &Node<'_>, taken: &Taken, findings: &Findings<'_>) {
    let Some(node) = step.get_ref().get("step") else { return };
    let Some(name) = node.get_ref().as_str() else { return };
    tree::check_step_name(name, &node.span(), findings);
    if taken.contains(name) {
        let title = format!("two steps are named {}", quoted(name));
        let problem = Problem::new("P0312", &node.span(), title).label("the task has one already");
        findings.add(problem.help("give it another name"));
    }
}

fn move_step(tree: &mut DeTable<'_>, step: &Text, anchor: &Text, side: Side, findings: &Findings<'_>) {
    let found = find_step(tree, step, findings).is_some();
    if find_step(tree, anchor, findings).is_none() || !found {
        return;
    }
    let task_of = |path: &Text| path.value.split_once('.').map(|(task, _)| task.to_owned());
    let refuse = |title: &str, help: &str| {
        let problem = Problem::new("P0507", &anchor.at, title).label("not there");
        findings.add(problem.help(help));
    };
    if task_of(step) != task_of(anchor) {
        return refuse("a step moves within its task", "remove it here and insert it there");
    }
    let Some((task, from)) = find_step(tree, step, findings) else { return };
    let anchor_name = anchor.value.split_once('.').map_or("", |(_, name)| name);
    let inside = tree::locate(task, anchor_name).is_some_and(|way| way.starts_with(&from));
    if inside {
        return refuse("a step cannot move to itself", "name another step");
    }
    let Some((list, place)) = tree::follow(task, &from) else { return };
    let Some(node) = tree::take(list, place) else { return };
    let Some(to) = tree::locate(task, anchor_name) else { return };
    if let Some((list, place)) = tree::follow(task, &to) {
        tree::insert(list, place + usize::from(side == Side::After), node);
    }
}

/// Puts a step in the place of another; gives its name.
fn replace<'t>(
    tree: &mut DeTable<'t>,
    step: &Text,
    with: &Node<'t>,
    findings: &Findings<'_>,
) -> Option<String> {
    let (task, way) = find_step(tree, step, findings)?;
    let name = step.value.split_once('.').map_or("", |(_, name)| name).to_owned();
    let mut taken = Taken::of(task);
    taken.release(&name);
    let mut with = with.clone();
    check_new_name(&with, &taken, findings);
    let at = with.span();
    if let Some(table) = tree::table_mut(&mut with)
        && !table.contains_key("step")
    {
        let name = Spanned::new(at.clone(), DeValue::String(name.into()));
        tree::put(table, &at, "step".to_owned(), name);
    }
    tree::name_step(&mut with, &mut taken);
    let name = name_of(&with);
    let (list, place) = tree::follow(task, &way)?;
    list.as_mut()[place] = with;
    name
}

/// The task and the way to a step named as `TASK.STEP`.
fn find_step<'a, 't>(
    tree: &'a mut DeTable<'t>,
    path: &Text,
    findings: &Findings<'_>,
) -> Option<(&'a mut DeTable<'t>, Way)> {
    let found = path.value.split_once('.').and_then(|(task, step)| {
        let table = tree::tables(tree, "task").find(|table| tree::text(table, "name") == Some(task))?;
        Some((task, tree::locate(table, step)?))
    });
    let Some((task, way)) = found else {
        unknown_step(tree, path, &path.value, findings);
        return None;
    };
    Some((tree::named_mut(tree, "task", "name", task)?, way))
}

/// Notes that there is no such step.
fn unknown_step(tree: &DeTable<'_>, path: &Text, name: &str, findings: &Findings<'_>) {
    if findings.stands_in(&path.at) || findings.hides_steps() || findings.hides_insertions() {
        return findings.leave_unsaid();
    }
    let mut known = Vec::new();
    for task in tree::tables(tree, "task") {
        let name = tree::text(task, "name").unwrap_or("");
        known.extend(tree::step_names(task).iter().map(|step| format!("{name}.{step}")));
    }
    // A path of `set` begins with a word that the name of a step does not have.
    let bare = name.strip_prefix("task.").filter(|bare| known.iter().any(|known| known == bare));
    let hint = match bare {
        Some(bare) => format!(", did you mean {}?", quoted(bare)),
        None => did_you_mean(name, known.iter().map(String::as_str)),
    };
    let task = name.split('.').next().unwrap_or("");
    let steps = tree::tables(tree, "task").find(|table| tree::text(table, "name") == Some(task));
    let help = match steps.map(tree::step_names) {
        Some(steps) if name.contains('.') => {
            let steps = crate::words::listed(steps.iter().map(String::as_str));
            format!("steps of {}: {steps}", quoted(task))
        }
        _ => "name it as \"TASK.STEP\"".to_owned(),
    };
    let problem = Problem::new("P0310", &path.at, format!("unknown step {}{hint}", quoted(name)));
    findings.add(problem.label("not known").help(help));
}

/// The table that a path leads to, and the key in it.
pub(crate) fn at_path<'a, 't>(
    tree: &'a mut DeTable<'t>,
    path: &Text,
    findings: &Findings<'_>,
) -> Option<(&'a mut DeTable<'t>, String)> {
    let full = path.value.as_str();
    let (head, rest) = full.split_once('.').unwrap_or((full, ""));
    let (way, key) = rest.rsplit_once('.').unwrap_or(("", rest));
    if head == "task"
        && let Some((task, _)) = way.split_once('.')
    {
        let step = Text { at: path.at.clone(), value: way.to_owned() };
        let exists = tree::tables(tree, "task").any(|t| tree::text(t, "name") == Some(task));
        if !exists {
            return no_such_path(path, "", findings);
        }
        let (task, way) = find_step(tree, &step, findings)?;
        let (list, place) = tree::follow(task, &way)?;
        return Some((tree::table_mut(list.get_mut(place)?)?, key.to_owned()));
    }
    let of_task = tree::tables(tree, "task").any(|task| tree::text(task, "name") == Some(head));
    let missing = if of_task { "task." } else { "" };
    let found = match (head, way) {
        ("ends" | "about", _) if rest.is_empty() => return Some((tree, head.to_owned())),
        ("job" | "limits", "") => tree.get_mut(head).and_then(tree::table_mut),
        ("policy", name) => {
            let policies = tree.get_mut("policy").and_then(tree::table_mut);
            policies.and_then(|all| all.get_mut(name)).and_then(tree::table_mut)
        }
        ("event" | "store" | "row" | "signal" | "task", name) => tree::named_mut(tree, head, "name", name),
        ("client", way) => match *way.split('.').collect::<Vec<_>>() {
            [name] => tree::named_mut(tree, "client", "name", name),
            [name, list @ ("timer" | "on"), inner] => {
                let by = if list == "timer" { "name" } else { "event" };
                tree::named_mut(tree, "client", "name", name)
                    .and_then(|client| tree::named_mut(client, list, by, inner))
            }
            _ => None,
        },
        _ => None,
    };
    match found {
        Some(table) if !key.is_empty() && key != "name" && key != "step" => Some((table, key.to_owned())),
        _ => no_such_path(path, missing, findings),
    }
}

/// Notes that a path leads nowhere, and what may be `missing` before it.
fn no_such_path<T>(path: &Text, missing: &str, findings: &Findings<'_>) -> Option<T> {
    let lists = ["event", "store", "row", "signal", "policy", "client", "timer", "on", "job", "limits"];
    if findings.hides_steps() || lists.iter().any(|key| findings.open(key)) {
        findings.leave_unsaid();
        return None;
    }
    let hint = match missing {
        "" => String::new(),
        missing => format!(", did you mean {}?", quoted(&format!("{missing}{}", path.value))),
    };
    let title = format!("the path {} leads nowhere{hint}", quoted(&path.value));
    let problem = Problem::new("P0503", &path.at, title).label("nothing here");
    findings.add(problem.help(
        "paths: \"task.TASK.STEP.KEY\", \"policy.POLICY.STATUS\", \"store.STORE.KEY\", \
         \"client.CLIENT.timer.TIMER.KEY\"",
    ));
    None
}
