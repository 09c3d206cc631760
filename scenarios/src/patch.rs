//! Variants: patches of the file by name, applied to the tree and combined with each other.
//!
//! A patch works on what was written, so a variant says "set this, move that" and nothing of how
//! a system is compiled. What two variants of a combination do to one place is compared before
//! anything is applied: a result that depends on their order is refused unless the later one says
//! that it overrides the earlier.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::form::{self, Scenario, Text};
use crate::names::in_file_order;
use crate::problem::{Findings, Problem, did_you_mean, quoted};
use crate::tree::{self, Node, Taken, Way};

/// One change of the file.
#[derive(Clone)]
pub(crate) enum Change<'t> {
    Set { path: Text, value: Node<'t> },
    Unset { path: Text },
    Insert { anchor: Text, side: Side, step: Node<'t> },
    Move { step: Text, anchor: Text, side: Side },
    Replace { step: Text, with: Node<'t> },
    Remove { step: Text },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

/// The most changes of one variant, and the most variants and combinations of a file.
pub(crate) const MOST: usize = 200;

/// The changes of one variant, in the order in which they are made.
pub(crate) fn changes<'t>(
    tree: &DeTable<'t>,
    name: &Text,
    variant: &form::Variant,
    findings: &Findings<'_>,
) -> Vec<Change<'t>> {
    let node = |list: &str| {
        let variants = tree.get("variant")?.get_ref();
        variants.get(name.value.as_str())?.get_ref().get(list).map(Spanned::get_ref)
    };
    let in_array = |list: &str, place: usize, key: &str| -> Option<Node<'t>> {
        node(list)?.get(place)?.get_ref().get(key).cloned()
    };
    let side = |at: &Range<usize>, before: &Option<Text>, after: &Option<Text>| {
        match (before, after) {
            (Some(anchor), None) => return Some((anchor.clone(), Side::Before)),
            (None, Some(anchor)) => return Some((anchor.clone(), Side::After)),
            _ if findings.hides_insertions() => {
                findings.leave_unsaid();
                return None;
            }
            _ => {}
        }
        let problem = Problem::new("P0507", at, "say either `before` or `after`");
        findings.add(problem.label("where?").help("name one step: after = \"TASK.STEP\""));
        None
    };
    let mut changes = Vec::new();
    for (path, _) in in_file_order(&variant.set) {
        let value = node("set").and_then(|set| set.get(path.value.as_str()).cloned());
        changes.extend(value.map(|value| Change::Set { path: path.clone(), value }));
    }
    changes.extend(variant.unset.iter().map(|path| Change::Unset { path: path.clone() }));
    for (place, insert) in variant.insert.iter().enumerate() {
        let at = insert.at.start..insert.at.start + 1;
        let anchor = side(&at, &insert.value.before, &insert.value.after);
        let step = in_array("insert", place, "step");
        changes.extend(anchor.zip(step).map(|((anchor, side), step)| Change::Insert { anchor, side, step }));
    }
    for moved in &variant.r#move {
        let anchor = side(&moved.value.step.at, &moved.value.before, &moved.value.after);
        let step = moved.value.step.clone();
        changes.extend(anchor.map(|(anchor, side)| Change::Move { step, anchor, side }));
    }
    for (place, replace) in variant.replace.iter().enumerate() {
        let step = replace.step.clone();
        changes.extend(in_array("replace", place, "with").map(|with| Change::Replace { step, with }));
    }
    changes.extend(variant.remove.iter().map(|step| Change::Remove { step: step.clone() }));
    if changes.len() > MOST {
        let title = format!("a variant makes more than {MOST} changes");
        let problem = Problem::new("P0108", &name.at, title).label("too many");
        findings.add(problem.help("describe another scenario in a file of its own"));
        changes.truncate(MOST);
    }
    changes
}

/// The changes of several variants together, in file order.
pub(crate) fn combine<'t>(
    parts: &[(&Text, &form::Variant, Vec<Change<'t>>)],
    at: &Range<usize>,
    findings: &Findings<'_>,
) -> Vec<Change<'t>> {
    let mut all: Vec<(usize, Change<'t>)> = Vec::new();
    for (later, (name, variant, changes)) in parts.iter().enumerate() {
        for change in changes {
            if all.iter().any(|(_, made)| same(made, change, findings.text)) {
                continue;
            }
            all.retain(|(earlier, made)| {
                if !contradicts(made, change) || *earlier == later {
                    return true;
                }
                let other = parts[*earlier].0;
                if variant.overrides.iter().any(|over| over.value == other.value) {
                    return false;
                }
                let title = format!(
                    "{} and {} change one thing in two ways",
                    quoted(&other.value),
                    quoted(&name.value)
                );
                let problem = Problem::new("P0504", at, title)
                    .label("cannot be combined")
                    .beside(made.at(), "this one")
                    .beside(change.at(), "and this one");
                let help = format!("add `overrides = [\"{}\"]` to {}", other.value, quoted(&name.value));
                findings.add(problem.help(help));
                true
            });
            all.push((later, change.clone()));
        }
    }
    all.into_iter().map(|(_, change)| change).collect()
}

impl Change<'_> {
    fn at(&self) -> &Range<usize> {
        match self {
            Self::Set { path, .. } | Self::Unset { path } => &path.at,
            Self::Insert { anchor, .. } => &anchor.at,
            Self::Move { step, .. } | Self::Replace { step, .. } | Self::Remove { step } => &step.at,
        }
    }

    /// The step that is changed as a whole or in one key, as `TASK.STEP`.
    fn step(&self) -> Option<&str> {
        match self {
            Self::Set { path, .. } | Self::Unset { path } => {
                Some(path.value.strip_prefix("task.")?.rsplit_once('.')?.0)
            }
            Self::Move { step, .. } | Self::Replace { step, .. } | Self::Remove { step } => Some(&step.value),
            Self::Insert { .. } => None,
        }
    }
}

/// Whether two changes, made in either order, end differently.
fn contradicts(a: &Change<'_>, b: &Change<'_>) -> bool {
    use Change::{Insert, Move, Remove, Replace, Set, Unset};
    match (a, b) {
        (Set { path: a, .. } | Unset { path: a }, Set { path: b, .. } | Unset { path: b }) => {
            a.value == b.value
        }
        (Insert { .. }, _)
        | (_, Insert { .. })
        | (Move { .. }, Set { .. } | Unset { .. } | Replace { .. })
        | (Set { .. } | Unset { .. } | Replace { .. }, Move { .. }) => false,
        (Move { .. } | Replace { .. } | Remove { .. }, _) | (_, Replace { .. } | Remove { .. }) => {
            a.step() == b.step()
        }
    }
}

/// Whether two variants make the very same change.
fn same(one: &Change<'_>, other: &Change<'_>, text: &str) -> bool {
    use Change::{Move, Remove, Replace, Set, Unset};
    let written = |node: &Node<'_>| text.get(node.span()).map(str::to_owned);
    match (one, other) {
        (Set { path, value }, Set { path: at, value: to })
        | (Replace { step: path, with: value }, Replace { step: at, with: to }) => {
            path == at && written(value) == written(to)
        }
        (Unset { path: step }, Unset { path: other }) | (Remove { step }, Remove { step: other }) => {
            step == other
        }
        (Move { step, anchor, side }, Move { step: other, anchor: to, side: at }) => {
            (step, anchor, side) == (other, to, at)
        }
        _ => false,
    }
}

/// Applies changes to the tree of the base, whose steps have their names.
pub(crate) fn apply<'t>(tree: &mut DeTable<'t>, changes: &[Change<'t>], findings: &Findings<'_>) {
    for change in changes {
        match change {
            Change::Set { path, value } => {
                if let Some((table, key)) = at_path(tree, path, findings) {
                    tree::put(table, &path.at, key, value.clone());
                }
            }
            Change::Unset { path } => {
                if let Some((table, key)) = at_path(tree, path, findings)
                    && table.remove(key.as_str()).is_none()
                {
                    if findings.hide_something_in_variants() {
                        findings.leave_unsaid();
                        continue;
                    }
                    let title = format!("{} is not set", quoted(&path.value));
                    let problem = Problem::new("P0503", &path.at, title).label("nothing to leave out");
                    findings.add(problem.help("remove this path"));
                }
            }
            Change::Insert { anchor, side, step } => insert(tree, anchor, *side, step, findings),
            Change::Move { step, anchor, side } => move_step(tree, step, anchor, *side, findings),
            Change::Replace { step, with } => replace(tree, step, with, findings),
            Change::Remove { step } => {
                if let Some((task, way)) = find_step(tree, step, findings)
                    && let Some((list, place)) = tree::follow(task, &way)
                {
                    tree::take(list, place);
                }
            }
        }
    }
}

fn insert<'t>(tree: &mut DeTable<'t>, anchor: &Text, side: Side, step: &Node<'t>, findings: &Findings<'_>) {
    let Some((task, way)) = find_step(tree, anchor, findings) else { return };
    let mut taken = Taken::of(task);
    let mut step = step.clone();
    check_new_name(&step, &taken, findings);
    tree::name_step(&mut step, &mut taken);
    if let Some((list, place)) = tree::follow(task, &way) {
        tree::insert(list, place + usize::from(side == Side::After), step);
    }
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

fn replace<'t>(tree: &mut DeTable<'t>, step: &Text, with: &Node<'t>, findings: &Findings<'_>) {
    let Some((task, way)) = find_step(tree, step, findings) else { return };
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
    if let Some((list, place)) = tree::follow(task, &way) {
        list.as_mut()[place] = with;
    }
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
pub(crate) fn unknown_step(tree: &DeTable<'_>, path: &Text, name: &str, findings: &Findings<'_>) {
    if findings.stands_in(&path.at) || findings.hides_steps() || findings.hides_insertions() {
        return findings.leave_unsaid();
    }
    let mut known = Vec::new();
    for task in tree::tables(tree, "task") {
        let name = tree::text(task, "name").unwrap_or("");
        known.extend(tree::step_names(task).iter().map(|step| format!("{name}.{step}")));
    }
    let hint = did_you_mean(name, known.iter().map(String::as_str));
    let task = name.split('.').next().unwrap_or("");
    let steps = tree::tables(tree, "task").find(|table| tree::text(table, "name") == Some(task));
    let help = match steps.map(tree::step_names) {
        Some(steps) if name.contains('.') => {
            let steps = crate::problem::listed(steps.iter().map(String::as_str));
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
            return no_such_path(path, findings);
        }
        let (task, way) = find_step(tree, &step, findings)?;
        let (list, place) = tree::follow(task, &way)?;
        return Some((tree::table_mut(list.get_mut(place)?)?, key.to_owned()));
    }
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
        _ => no_such_path(path, findings),
    }
}

fn no_such_path<T>(path: &Text, findings: &Findings<'_>) -> Option<T> {
    let lists = ["event", "store", "row", "signal", "policy", "client", "timer", "on", "job", "limits"];
    if findings.hides_steps() || lists.iter().any(|key| findings.open(key)) {
        findings.leave_unsaid();
        return None;
    }
    let title = format!("the path {} leads nowhere", quoted(&path.value));
    let problem = Problem::new("P0503", &path.at, title).label("nothing here");
    findings.add(problem.help(
        "paths: \"task.TASK.STEP.KEY\", \"policy.POLICY.STATUS\", \"store.STORE.KEY\", \
         \"client.CLIENT.timer.TIMER.KEY\"",
    ));
    None
}

/// The variants of a scenario in the order of the file.
pub(crate) fn variants(form: &Scenario) -> Vec<(&Text, &form::Variant)> {
    in_file_order(&form.variant).collect()
}
