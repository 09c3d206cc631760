//! The spanned TOML tree, and the steps in it by name.
//!
//! Variants are patches of the file as written, so they work on the tree, before anything is
//! typed. Every step is given its name first, as the value of its key `step`: it then keeps it
//! when it moves, and so do the draws that are keyed by it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::form::{CURSOR, Kind, SAVE, WORK};
use crate::problem::{Findings, Problem};
use crate::words::quoted;

pub(crate) type Node<'t> = Spanned<DeValue<'t>>;

/// The keys of a task that hold steps.
pub(crate) const LISTS: [&str; 3] = ["steps", "loop", "otherwise"];

/// The way to a step inside its task: a list and a place in it, then those inside a `repeat`.
pub(crate) type Way = Vec<Turn>;

/// A list of steps, by the key that holds it, and a place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    list: &'static str,
    place: usize,
}

/// The tables of an array of tables at the top of the file.
pub(crate) fn tables<'a, 't>(tree: &'a DeTable<'t>, key: &str) -> impl Iterator<Item = &'a DeTable<'t>> {
    let array = tree.get(key).and_then(|node| node.get_ref().as_array());
    array.into_iter().flatten().filter_map(|node| node.get_ref().as_table())
}

/// The table with this value of `key` in the array `list` of `tree`.
pub(crate) fn named_mut<'a, 't>(
    tree: &'a mut DeTable<'t>,
    list: &str,
    key: &str,
    name: &str,
) -> Option<&'a mut DeTable<'t>> {
    array_mut(tree, list)?.iter_mut().find_map(|node| {
        let table = table_mut(node)?;
        (text(table, key) == Some(name)).then_some(table)
    })
}

pub(crate) fn text<'a>(table: &'a DeTable<'_>, key: &str) -> Option<&'a str> {
    table.get(key)?.get_ref().as_str()
}

pub(crate) fn table_mut<'a, 't>(node: &'a mut Node<'t>) -> Option<&'a mut DeTable<'t>> {
    match node.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

pub(crate) fn array_mut<'a, 't>(table: &'a mut DeTable<'t>, key: &str) -> Option<&'a mut DeArray<'t>> {
    match table.get_mut(key)?.get_mut() {
        DeValue::Array(array) => Some(array),
        _ => None,
    }
}

pub(crate) fn put<'t>(table: &mut DeTable<'t>, at: &Range<usize>, key: String, value: Node<'t>) {
    table.remove(key.as_str());
    table.insert(Spanned::new(at.clone(), Cow::Owned(key)), value);
}

/// Calls `visit` for each step of a task, those inside a `repeat` too, in file order.
pub(crate) fn each_step<'a, 't>(task: &'a DeTable<'t>, visit: &mut dyn FnMut(&'a DeTable<'t>, Way)) {
    fn list<'a, 't>(
        table: &'a DeTable<'t>,
        key: &'static str,
        way: &Way,
        visit: &mut dyn FnMut(&'a DeTable<'t>, Way),
    ) {
        let array = table.get(key).and_then(|node| node.get_ref().as_array());
        for (place, node) in array.into_iter().flatten().enumerate() {
            let Some(step) = node.get_ref().as_table() else { continue };
            let mut way = way.clone();
            way.push(Turn { list: key, place });
            visit(step, way.clone());
            list(step, "steps", &way, visit);
        }
    }
    for key in LISTS {
        list(task, key, &Way::new(), visit);
    }
}

/// The way to the step with this name.
pub(crate) fn locate(task: &DeTable<'_>, name: &str) -> Option<Way> {
    let mut found = None;
    each_step(task, &mut |step, way| {
        if text(step, "step") == Some(name) {
            found = Some(way);
        }
    });
    found
}

/// The list that a way ends in, and the place in it.
pub(crate) fn follow<'a, 't>(task: &'a mut DeTable<'t>, way: &Way) -> Option<(&'a mut DeArray<'t>, usize)> {
    let (last, before) = way.split_last()?;
    let mut table = task;
    for turn in before {
        table = table_mut(array_mut(table, turn.list)?.get_mut(turn.place)?)?;
    }
    Some((array_mut(table, last.list)?, last.place))
}

pub(crate) fn take<'t>(array: &mut DeArray<'t>, place: usize) -> Option<Node<'t>> {
    let mut nodes: Vec<Node<'t>> = std::mem::replace(array, DeArray::new()).into_iter().collect();
    let taken = (place < nodes.len()).then(|| nodes.remove(place));
    *array = nodes.into_iter().collect();
    taken
}

pub(crate) fn insert<'t>(array: &mut DeArray<'t>, place: usize, node: Node<'t>) {
    let mut nodes: Vec<Node<'t>> = std::mem::replace(array, DeArray::new()).into_iter().collect();
    nodes.insert(place.min(nodes.len()), node);
    *array = nodes.into_iter().collect();
}

/// Names that are taken, and for each plain name the last number given.
#[derive(Default)]
pub(crate) struct Taken {
    names: BTreeSet<String>,
    numbers: BTreeMap<String, usize>,
}

impl Taken {
    /// The names of a task's steps.
    pub(crate) fn of(task: &DeTable<'_>) -> Self {
        Self { names: step_names(task).into_iter().collect(), numbers: BTreeMap::new() }
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub(crate) fn release(&mut self, name: &str) {
        self.names.remove(name);
    }

    /// `plain`, or `plain#2` and so on if that is taken.
    fn take(&mut self, plain: String) -> String {
        if self.names.insert(plain.clone()) {
            return plain;
        }
        let number = self.numbers.entry(plain.clone()).or_insert(1);
        loop {
            *number += 1;
            let name = format!("{plain}#{number}");
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// The names of a task's steps, in file order.
pub(crate) fn step_names(task: &DeTable<'_>) -> Vec<String> {
    let mut names = Vec::new();
    each_step(task, &mut |step, _| names.extend(text(step, "step").map(str::to_owned)));
    names
}

/// Gives each step of the file its name.
pub(crate) fn name_all_steps(tree: &mut DeTable<'_>, findings: &Findings<'_>) {
    let Some(tasks) = array_mut(tree, "task") else { return };
    for task in tasks.iter_mut().filter_map(table_mut) {
        check_own_names(task, findings);
        let mut taken = Taken::of(task);
        for key in LISTS {
            for node in array_mut(task, key).into_iter().flat_map(|array| array.iter_mut()) {
                name_step(node, &mut taken);
            }
        }
    }
}

/// Gives a step, and those inside it, names that are not taken, unless they have their own.
pub(crate) fn name_step(node: &mut Node<'_>, taken: &mut Taken) {
    let at = node.span();
    let Some(step) = table_mut(node) else { return };
    if !step.contains_key("step") {
        let free = taken.take(default_name(step));
        let name = Spanned::new(at.clone(), DeValue::String(Cow::Owned(free)));
        put(step, &at, "step".to_owned(), name);
    }
    for inner in array_mut(step, "steps").into_iter().flat_map(|array| array.iter_mut()) {
        name_step(inner, taken);
    }
}

/// What a step is called that has no name of its own: what the work is for, else its verb.
fn default_name(step: &DeTable<'_>) -> String {
    let verbs = || Kind::keys().filter(|verb| step.contains_key(*verb));
    let named_by_value = [&WORK, &SAVE].into_iter().find_map(|kind| text(step, kind.key));
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let name = named_by_value.map(|value| value.replace(|c| !kept(c), "-"));
    let name = name.filter(|name| name.contains(char::is_alphanumeric));
    // `cursor` is a verb and also a key of `announce`, so any other verb goes first.
    let verb = verbs().find(|verb| *verb != CURSOR.key).or_else(|| verbs().next());
    name.unwrap_or_else(|| verb.unwrap_or("step").to_owned())
}

fn check_own_names(task: &DeTable<'_>, findings: &Findings<'_>) {
    let mut seen: BTreeMap<&str, Range<usize>> = BTreeMap::new();
    each_step(task, &mut |step, _| {
        let Some(node) = step.get("step") else { return };
        let Some(name) = node.get_ref().as_str().filter(|_| !findings.stands_in(&node.span())) else {
            return;
        };
        if let Some(first) = seen.get(name) {
            let title = format!("two steps are named {}", quoted(name));
            let problem = Problem::new("P0312", &node.span(), title).label("the second");
            let problem = problem.beside(first, "the first");
            findings.add(problem.help("give one of them another name"));
        }
        check_step_name(name, &node.span(), findings);
        seen.insert(name, node.span());
    });
}

/// A step's own name may not contain what paths, numbers and occurrences are written with.
pub(crate) fn check_step_name(name: &str, at: &Range<usize>, findings: &Findings<'_>) {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if (name.is_empty() || !name.chars().all(good)) && !findings.stands_in(at) {
        let title = format!("{} cannot be the name of a step", quoted(name));
        let problem = Problem::new("P0313", at, title).label("not a name");
        findings.add(problem.help("use letters, digits, `-` and `_`"));
    }
}
