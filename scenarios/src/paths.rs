//! What a path leads to in a scenario, and which paths there are.
//!
//! A path is what `set` of a variant takes. It may be said shorter: a step that asks a policy stands for
//! the policy, and `client.timeout` for the only timer there is. Whoever names nothing is told all that
//! can be named, whichever verb was asked.

use std::ops::Range;

use punctual_model::{Action, PolicyId, System};
use toml::de::{DeTable, DeValue};

use crate::apply;
use crate::file::File;
use crate::form::Text;
use crate::parameter::{Wanted, ended, is_interval, quote};
use crate::problem::{Findings, NOWHERE, Problems};
use crate::scenario::Scenario;
use crate::tree;
use crate::value::duration;
use crate::words::{did_you_mean, listed, quoted};

/// What went wrong, in one line and its help.
fn first(problems: &Problems) -> String {
    let problem = &problems.list[0];
    problem.help.as_ref().map_or(problem.title.clone(), |help| format!("{}\n{help}", problem.title))
}

impl Scenario {
    /// The path that a name stands for: itself, or a shorter way to say it.
    pub(crate) fn resolve(&self, variant: &str, name: &str, wanted: Wanted) -> Result<String, String> {
        let (path, end) = ended(name);
        if self.value_at(variant, path).is_ok() {
            return Ok(name.to_owned());
        }
        let case = self.combine(variant).map_err(|problems| first(&problems))?;
        let system = &case.system;
        if path == "client.timeout" {
            return timeout(system);
        }
        if let Some(path) = of_task(system, path)
            && self.value_at(variant, &path).is_ok()
        {
            return Ok(end.map_or(path.clone(), |end| format!("{path}.{end}")));
        }
        let all = self.parameters(variant, wanted);
        let near = did_you_mean(name, all.iter().map(String::as_str));
        let within = within(system, path, &all);
        let wrong = match self.value_at(variant, path) {
            _ if !within.is_empty() => {
                format!("{} is no value by itself; there are {}", quoted(path), listed(within))
            }
            // The message says what there is beside it.
            Err(wrong) if near.is_empty() && is_whole(path) => wrong,
            _ => format!("there is no parameter {}{near}", quoted(name)),
        };
        Err(format!("{wrong}\n{}", self.known(variant, wanted)))
    }

    /// All that can be named.
    pub(crate) fn known(&self, variant: &str, wanted: Wanted) -> String {
        format!("parameters: {}", self.parameters(variant, wanted).join(", "))
    }

    /// Where the value at `path` stands in the file, with its quotes, and what it is.
    ///
    /// # Errors
    /// There is no text: what is wrong, and what would be right.
    pub fn place_of(&self, path: &str) -> Result<(Range<usize>, String), String> {
        let findings = Findings::new(self.label(), self.text());
        let file = File::read(&findings).map_err(|problems| first(&problems))?;
        let mut tree = file.base.clone();
        let path = Text { at: NOWHERE, value: path.to_owned() };
        let found = apply::at_path(&mut tree, &path, &findings);
        findings.so_far().map_err(|problems| first(&problems))?;
        let (table, key) = found.ok_or_else(|| format!("{} leads nowhere", quoted(&path.value)))?;
        let text = tree::text(table, &key).map(str::to_owned);
        let place = table.get(key.as_str()).map(toml::Spanned::span);
        place.zip(text).ok_or_else(|| format!("the file says no {}", quoted(&path.value)))
    }

    /// The text at `path` under `variant`.
    pub(crate) fn text_at(&self, variant: &str, path: &str) -> Result<String, String> {
        self.at(variant, path, |table, key| match table.get(key).map(toml::Spanned::get_ref) {
            Some(DeValue::String(text)) => Ok(text.to_string()),
            Some(other) => {
                let what = written(other).unwrap_or_else(|| "a list".to_owned());
                Err(format!("{} is {what}, and only a duration can be varied", quoted(path)))
            }
            None => Err(missing(path, table, key)),
        })
    }

    /// What `look` makes of the table and the key that `path` leads to under `variant`.
    fn at<T>(
        &self,
        variant: &str,
        path: &str,
        look: impl FnOnce(&DeTable<'_>, &str) -> Result<T, String>,
    ) -> Result<T, String> {
        let findings = Findings::new(self.label(), self.text());
        let file = File::read(&findings).map_err(|problems| first(&problems))?;
        let names = Text { at: NOWHERE, value: variant.to_owned() };
        let changes = file.changes(&names);
        findings.so_far().map_err(|problems| first(&problems))?;
        let mut tree = file.base.clone();
        apply::apply(&mut tree, &changes.unwrap_or_default(), &findings);
        let path = Text { at: NOWHERE, value: path.to_owned() };
        let found = apply::at_path(&mut tree, &path, &findings);
        findings.so_far().map_err(|problems| first(&problems))?;
        let (table, key) = found.ok_or_else(|| format!("{} leads nowhere", quoted(&path.value)))?;
        look(table, &key)
    }

    /// The keys of the table in which the value at `path` stands, or would stand, under `variant`.
    pub(crate) fn keys_at(&self, variant: &str, path: &str) -> Result<Vec<String>, String> {
        self.at(variant, path, |table, _| Ok(table.keys().map(|key| key.get_ref().to_string()).collect()))
    }

    /// The value at `path` under `variant`, as TOML writes it.
    ///
    /// # Errors
    /// There is none: what is wrong, and what would be right.
    pub fn value_at(&self, variant: &str, path: &str) -> Result<String, String> {
        self.at(variant, path, |table, key| match table.get(key) {
            Some(value) => {
                let list = || format!("{} is a list; name one value in it", quoted(path));
                written(value.get_ref()).ok_or_else(list)
            }
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
        let mut names = Vec::new();
        let mut add = |path: &str, table: &DeTable<'_>| {
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
        };
        let tables = |key: &str| tree.get(key).and_then(|node| node.get_ref().as_table());
        for (name, lines) in tables("policy").into_iter().flatten() {
            if let Some(lines) = lines.get_ref().as_table() {
                add(&format!("policy.{}", name.get_ref()), lines);
            }
        }
        for task in tree::tables(&tree, "task") {
            let name = tree::text(task, "name").unwrap_or_default();
            add(&format!("task.{name}"), task);
            tree::each_step(task, &mut |step, _| {
                add(&format!("task.{name}.{}", tree::text(step, "step").unwrap_or_default()), step);
            });
        }
        for list in ["store", "row", "client"] {
            for table in tree::tables(&tree, list) {
                let name = tree::text(table, "name").unwrap_or_default();
                add(&format!("{list}.{name}"), table);
                for timer in tree::tables(table, "timer") {
                    let timer_name = tree::text(timer, "name").unwrap_or_default();
                    add(&format!("client.{name}.timer.{timer_name}"), timer);
                }
                for on in tree::tables(table, "on") {
                    add(&format!("client.{name}.on.{}", tree::text(on, "event").unwrap_or_default()), on);
                }
            }
        }
        if let Some(limits) = tables("limits") {
            add("limits", limits);
        }
        names
    }
}

/// What is said of a key that a table lacks.
fn missing(path: &str, table: &DeTable<'_>, key: &str) -> String {
    let keys = || table.keys().map(|key| key.get_ref().as_ref());
    let hint = did_you_mean(key, keys());
    format!("there is no {}{hint}; there are {}", quoted(path), listed(keys()))
}

/// `TASK.STEP.KEY` as a path; where the step asks a policy, KEY is a status.
fn of_task(system: &System, path: &str) -> Option<String> {
    let (task, rest) = path.split_once('.')?;
    let (step, key) = rest.rsplit_once('.')?;
    let task = system.tasks.iter().find(|known| known.name == task)?;
    let found = task.all_steps().find(|known| known.name == step)?;
    Some(match found.action {
        Action::Poll(PolicyId(policy)) | Action::Wait { at_most: Some(PolicyId(policy)), .. } => {
            format!("policy.{}.{key}", system.policies[usize::from(policy)].name)
        }
        _ => format!("task.{}.{step}.{key}", task.name),
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
fn timeout(system: &System) -> Result<String, String> {
    let timers =
        system.clients.iter().flat_map(|client| client.timers.iter().map(move |timer| (client, timer)));
    let all: Vec<String> =
        timers.map(|(client, timer)| format!("client.{}.timer.{}.limit", client.name, timer.name)).collect();
    match all.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err("no client has a timer".to_owned()),
        several => Err(format!("there are several timers, name one: {}", several.join(", "))),
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
