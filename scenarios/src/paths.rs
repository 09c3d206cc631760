//! What a path leads to in a scenario, and which paths there are.
//!
//! A path is what `set` of a variant takes. It may be said shorter: a step that asks a policy stands for
//! the policy, and `client.timeout` for the only timer there is. Whoever names nothing is told all that
//! can be named, whichever verb was asked.

mod wrong;

use std::ops::Range;

use punctual_model::{PolicyId, System};
use toml::de::{DeTable, DeValue};

use crate::apply;
use crate::duration::duration;
use crate::file::File;
use crate::form::Text;
use crate::problem::{Findings, NOWHERE};
use crate::scenario::Scenario;
use crate::tree;
use crate::wanted::{Wanted, ended, is_interval, quote};
use crate::words::nearest;

pub use self::wrong::{NoParameter, WrongPath};

impl Scenario {
    /// The path that a name stands for: itself, or a shorter way to say it.
    pub(crate) fn resolve(&self, variant: &str, name: &str, wanted: Wanted) -> Result<String, NoParameter> {
        let (path, end) = ended(name);
        if self.value_at(variant, path).is_ok() {
            return Ok(name.to_owned());
        }
        let case = self.combine(variant).map_err(WrongPath::refused)?;
        let system = &case.system;
        if path == "client.timeout" {
            return Ok(timeout(system)?);
        }
        if let Some(path) = of_task(system, path)
            && self.value_at(variant, &path).is_ok()
        {
            return Ok(end.map_or(path.clone(), |end| format!("{path}.{end}")));
        }
        let all = self.parameters(variant, wanted);
        let within = within(system, path, &all);
        let is_near = nearest(name, all.iter().map(String::as_str)).is_some();
        let wrong = match self.value_at(variant, path) {
            _ if !within.is_empty() => WrongPath::NoValue {
                path: path.to_owned(),
                within: within.into_iter().map(str::to_owned).collect(),
            },
            // The message says what there is beside it.
            Err(wrong) if !is_near && is_whole(path) => wrong,
            _ => WrongPath::NoParameter { name: name.to_owned(), known: all.clone() },
        };
        Err(wrong.among(all))
    }

    /// Where the value at `path` stands in the file, with its quotes, and what it is.
    ///
    /// # Errors
    /// There is no text: what is wrong, and what would be right.
    pub fn place_of(&self, path: &str) -> Result<(Range<usize>, String), WrongPath> {
        let findings = Findings::new(self.label(), self.text());
        let file = File::read(&findings).map_err(WrongPath::refused)?;
        let mut tree = file.base.clone();
        let path = Text { at: NOWHERE, value: path.to_owned() };
        let found = apply::at_path(&mut tree, &path, &findings);
        findings.so_far().map_err(WrongPath::refused)?;
        let (table, key) = found.ok_or_else(|| WrongPath::Nowhere(path.value.clone()))?;
        let text = tree::text(table, &key).map(str::to_owned);
        let place = table.get(key.as_str()).map(toml::Spanned::span);
        place.zip(text).ok_or_else(|| WrongPath::NoText(path.value.clone()))
    }

    /// The text at `path` under `variant`.
    pub(crate) fn text_at(&self, variant: &str, path: &str) -> Result<String, WrongPath> {
        self.at(variant, path, |table, key| match table.get(key).map(toml::Spanned::get_ref) {
            Some(DeValue::String(text)) => Ok(text.to_string()),
            Some(other) => {
                let is = written(other).unwrap_or_else(|| "a list".to_owned());
                Err(WrongPath::NoDuration { path: path.to_owned(), is })
            }
            None => Err(missing(path, table, key)),
        })
    }

    /// What `look` makes of the table and the key that `path` leads to under `variant`.
    fn at<T>(
        &self,
        variant: &str,
        path: &str,
        look: impl FnOnce(&DeTable<'_>, &str) -> Result<T, WrongPath>,
    ) -> Result<T, WrongPath> {
        let findings = Findings::new(self.label(), self.text());
        let file = File::read(&findings).map_err(WrongPath::refused)?;
        let names = Text { at: NOWHERE, value: variant.to_owned() };
        let changes = file.changes(&names);
        findings.so_far().map_err(WrongPath::refused)?;
        let mut tree = file.base.clone();
        apply::apply(&mut tree, &changes.unwrap_or_default(), &findings);
        let path = Text { at: NOWHERE, value: path.to_owned() };
        let found = apply::at_path(&mut tree, &path, &findings);
        findings.so_far().map_err(WrongPath::refused)?;
        let (table, key) = found.ok_or_else(|| WrongPath::Nowhere(path.value.clone()))?;
        look(table, &key)
    }

    /// The keys of the table in which the value at `path` stands, or would stand, under `variant`.
    pub(crate) fn keys_at(&self, variant: &str, path: &str) -> Result<Vec<String>, WrongPath> {
        self.at(variant, path, |table, _| Ok(keys(table)))
    }

    /// The value at `path` under `variant`, as TOML writes it.
    ///
    /// # Errors
    /// There is none: what is wrong, and what would be right.
    pub fn value_at(&self, variant: &str, path: &str) -> Result<String, WrongPath> {
        self.at(variant, path, |table, key| match table.get(key) {
            Some(value) => written(value.get_ref()).ok_or_else(|| WrongPath::List(path.to_owned())),
            None => Err(missing(path, table, key)),
        })
    }

    /// The names of all parameters that there are under `variant`, in the order of the file.
    pub(crate) fn parameters(&self, variant: &str, wanted: Wanted) -> Vec<String> {
        let findings = Findings::new(self.label(), self.text());
        let Ok(file) = File::read(&findings) else { return Vec::new() };
        let changes = file.changes(&Text { at: NOWHERE, value: variant.to_owned() });
        let mut tree = file.base.clone();
        apply::apply(&mut tree, &changes.unwrap_or_default(), &findings);
        tables(&tree).into_iter().flat_map(|(path, table)| parameters_of(&path, table, wanted)).collect()
    }
}

/// The tables in which parameters stand, by their paths: policies, tasks and their steps, what is declared, limits.
fn tables<'a, 't>(tree: &'a DeTable<'t>) -> Vec<(String, &'a DeTable<'t>)> {
    let mut all = Vec::new();
    let table = |key: &str| tree.get(key).and_then(|node| node.get_ref().as_table());
    for (name, lines) in table("policy").into_iter().flatten() {
        all.extend(lines.get_ref().as_table().map(|lines| (format!("policy.{}", name.get_ref()), lines)));
    }
    for task in tree::tables(tree, "task") {
        let name = tree::text(task, "name").unwrap_or_default();
        all.push((format!("task.{name}"), task));
        tree::each_step(task, &mut |step, _| {
            all.push((format!("task.{name}.{}", tree::text(step, "step").unwrap_or_default()), step));
        });
    }
    for list in ["store", "row", "client"] {
        for table in tree::tables(tree, list) {
            let name = tree::text(table, "name").unwrap_or_default();
            all.push((format!("{list}.{name}"), table));
            for (inner, named_by) in [("timer", "name"), ("on", "event")] {
                for one in tree::tables(table, inner) {
                    let of = tree::text(one, named_by).unwrap_or_default();
                    all.push((format!("client.{name}.{inner}.{of}"), one));
                }
            }
        }
    }
    all.extend(table("limits").map(|limits| ("limits".to_owned(), limits)));
    all
}

/// The parameters of the table at `path`.
fn parameters_of(path: &str, table: &DeTable<'_>, wanted: Wanted) -> Vec<String> {
    let mut names = Vec::new();
    for (key, value) in table {
        let key = key.get_ref();
        match value.get_ref() {
            DeValue::Integer(_) | DeValue::Float(_) if wanted == Wanted::Values => {
                names.push(format!("{path}.{key}"));
            }
            DeValue::String(text) => {
                let interval = text.split_whitespace().any(is_interval);
                let first = text.split([',', ' ']).next().unwrap_or_default();
                if interval && text.split("..").count() == 2 {
                    names.extend(["min", "max"].map(|end| format!("{path}.{key}.{end}")));
                } else if duration(first).is_ok() {
                    names.push(format!("{path}.{key}"));
                }
            }
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {}
        }
    }
    names
}

fn keys(table: &DeTable<'_>) -> Vec<String> {
    table.keys().map(|key| key.get_ref().to_string()).collect()
}

/// What is said of a key that a table lacks.
fn missing(path: &str, table: &DeTable<'_>, key: &str) -> WrongPath {
    WrongPath::NoKey { path: path.to_owned(), key: key.to_owned(), keys: keys(table) }
}

/// `TASK.STEP.KEY` as a path; where the step asks a policy, KEY is a status.
fn of_task(system: &System, path: &str) -> Option<String> {
    let (task, rest) = path.split_once('.')?;
    let (step, key) = rest.rsplit_once('.')?;
    let task = system.tasks.iter().find(|known| known.name == task)?;
    let found = task.all_steps().find(|known| known.name == step)?;
    Some(match found.action.traits().sleeps.and_then(|sleeps| sleeps.policy) {
        Some(PolicyId(policy)) => format!("policy.{}.{key}", system.policies[usize::from(policy)].name),
        None => format!("task.{}.{step}.{key}", task.name),
    })
}

/// Whether a path is said from the top of the file, and not by the task that has the step.
fn is_whole(path: &str) -> bool {
    let tops = ["task", "policy", "store", "row", "event", "signal", "client", "job", "limits", "ends"];
    tops.contains(&path.split('.').next().unwrap_or_default())
}

/// Those of `all` that stand in what `path` names: a task, a step, a policy, or the policy that a step asks.
fn within<'a>(system: &System, path: &str, all: &'a [String]) -> Vec<&'a str> {
    // A step may be said by its whole path too.
    let bare = path.strip_prefix("task.").unwrap_or(path);
    let starts =
        [Some(format!("{path}.")), Some(format!("task.{bare}.")), of_task(system, &format!("{bare}."))];
    let names = all.iter().map(String::as_str);
    names.filter(|name| starts.iter().flatten().any(|start| name.starts_with(start.as_str()))).collect()
}

/// The path of the only timer there is.
fn timeout(system: &System) -> Result<String, WrongPath> {
    let timers =
        system.clients.iter().flat_map(|client| client.timers.iter().map(move |timer| (client, timer)));
    let all: Vec<String> =
        timers.map(|(client, timer)| format!("client.{}.timer.{}.limit", client.name, timer.name)).collect();
    match all.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(WrongPath::NoTimer),
        _ => Err(WrongPath::SeveralTimers(all)),
    }
}

/// A value as TOML writes it; none for a table or a list.
fn written(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(quote(text)),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
