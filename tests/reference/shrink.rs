//! Makes a scenario smaller for as long as it still shows the same.

use toml::{Table, Value};

use super::variant;

/// The scenario of one case as a file of its own: its variant is applied, and there are no others.
pub(crate) fn alone(text: &str, case: Option<&str>) -> String {
    let file: Table = text.parse().expect("a sound scenario is TOML");
    let mut file = variant::patched(&file, case).expect("it was applied before");
    for key in ["variant", "combination"] {
        file.remove(key);
    }
    // A number of its own is no part of a step's own name.
    variant::each_task(&mut file, |task| {
        variant::each_step(task, &mut |step| {
            let name = step["step"].as_str().expect("all steps are named").replace('#', "-");
            step.insert("step".into(), Value::String(name));
        });
    });
    let orders = file.remove("interleaving");
    if let Some(Value::Array(mut orders)) = orders {
        orders.retain(|order| order.get("variant").and_then(Value::as_str) == case);
        orders.iter_mut().filter_map(Value::as_table_mut).for_each(|order| drop(order.remove("variant")));
        if !orders.is_empty() {
            file.insert("interleaving".into(), Value::Array(orders));
        }
    }
    written(&file)
}

/// The text of a file, each step on a line of its own.
fn written(file: &Table) -> String {
    let lines = |table: &Table| -> String {
        let line = |(key, value): (&String, &Value)| match value {
            Value::Array(list) if list.iter().any(Value::is_table) => {
                let list: Vec<String> = list.iter().map(|one| format!("  {one},\n")).collect();
                format!("{key} = [\n{}]\n", list.concat())
            }
            value => format!("{key} = {value}\n"),
        };
        table.iter().map(line).collect()
    };
    let (mut scalars, mut rest) = (Table::new(), String::new());
    for (key, value) in file {
        match value {
            Value::Table(table) if table.values().any(Value::is_table) => {
                for (name, inner) in table.iter().filter_map(|(name, inner)| Some((name, inner.as_table()?)))
                {
                    rest += &format!("[{key}.{name}]\n{}", lines(inner));
                }
            }
            Value::Table(table) => rest += &format!("[{key}]\n{}", lines(table)),
            Value::Array(list) if list.iter().any(Value::is_table) => {
                let tables = list.iter().filter_map(Value::as_table);
                tables.for_each(|table| rest += &format!("[[{key}]]\n{}", lines(table)));
            }
            value => drop(scalars.insert(key.clone(), value.clone())),
        }
    }
    lines(&scalars) + &rest
}

/// The most scenarios that are tried to make one smaller.
const MOST: u32 = 2_000;

/// The smallest scenario that can be had by leaving parts of this one out, and by simpler delays, and of which
/// `shows` is true.
pub(crate) fn smallest(text: &str, shows: &dyn Fn(&str) -> bool) -> String {
    let mut best: Table = text.parse().expect("a sound scenario is TOML");
    let (mut smaller, mut left) = (true, MOST);
    while std::mem::take(&mut smaller) {
        let mut at = 0;
        // The parts are asked for anew after each change, so that none is passed over for long.
        while let Some(change) = changes(&best).into_iter().nth(at).filter(|_| left > 0) {
            left -= 1;
            let mut candidate = best.clone();
            change.make(&mut candidate);
            if shows(&written(&candidate)) {
                best = candidate;
                smaller = true;
            } else {
                at += 1;
            }
        }
    }
    written(&best)
}

/// One way to make a file smaller: what the path leads to is left out, or takes another value.
struct Change {
    path: Vec<Part>,
    to: Option<Value>,
}

#[derive(Clone)]
enum Part {
    Key(String),
    Place(usize),
}

impl Change {
    fn make(&self, file: &mut Table) {
        let (last, path) = self.path.split_last().expect("a path leads somewhere");
        let mut whole = Value::Table(std::mem::take(file));
        let mut at = &mut whole;
        for part in path {
            at = match part {
                Part::Key(key) => at.get_mut(key.as_str()),
                Part::Place(place) => at.get_mut(*place),
            }
            .expect("the path leads there");
        }
        match (last, at) {
            (Part::Key(key), Value::Table(table)) => match &self.to {
                Some(value) => drop(table.insert(key.clone(), value.clone())),
                None => drop(table.remove(key)),
            },
            (Part::Place(place), Value::Array(list)) => match &self.to {
                Some(value) => list[*place] = value.clone(),
                None => drop(list.remove(*place)),
            },
            _ => panic!("the path leads elsewhere"),
        }
        let Value::Table(table) = whole else { panic!("a file is a table") };
        *file = table;
    }
}

/// All changes, the larger ones first.
fn changes(file: &Table) -> Vec<Change> {
    let mut changes = Vec::new();
    collect(&Value::Table(file.clone()), &mut Vec::new(), &mut changes);
    changes.sort_by_key(|change| (change.to.is_some(), change.path.len()));
    changes
}

fn collect(value: &Value, path: &mut Vec<Part>, changes: &mut Vec<Change>) {
    let mut parts: Vec<(Part, &Value)> = Vec::new();
    match value {
        Value::Table(table) => parts.extend(table.iter().map(|(key, value)| (Part::Key(key.clone()), value))),
        Value::Array(list) => {
            parts.extend(list.iter().enumerate().map(|(place, value)| (Part::Place(place), value)));
        }
        Value::String(text) => {
            let simpler = simpler(text).into_iter();
            changes.extend(simpler.map(|text| Change { path: path.clone(), to: Some(Value::String(text)) }));
        }
        Value::Float(_) | Value::Integer(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
    for (part, value) in parts {
        path.push(part);
        // A name stays: what it names would be another thing.
        if !matches!(path.last(), Some(Part::Key(key)) if matches!(key.as_str(), "name" | "step" | "scenario" | "about"))
        {
            changes.push(Change { path: path.clone(), to: None });
            collect(value, path, changes);
        }
        path.pop();
    }
}

/// Simpler texts of a delay.
fn simpler(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if let Some((before, time)) = text.split_once("us after ") {
        let after: u64 = before.parse().unwrap_or(0);
        found.extend((after > 0).then(|| format!("{}us after {time}", after - 1)));
    } else if text.contains("us") && text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(' ') {
        let (low, high) = super::phrases::delay(text);
        found.push(format!("{low}us"));
        found.push(format!("{high}us"));
        found.extend((low > 0).then(|| format!("{}us", low - 1)));
        found.extend((high > low + 1).then(|| format!("{low}us..{}us", low + 1)));
        found.retain(|simple| simple != text);
        // Each is shorter or less, so that making smaller comes to an end.
        found.retain(|simple| {
            (super::phrases::delay(simple).1, simple.len()) < (high, text.len()) || simple.len() < text.len()
        });
    } else if text.contains("us")
        && text.contains("..")
        && !text.contains("below")
        && !text.contains("back-off")
    {
        let (low, high) = super::phrases::delay(text);
        found.push(format!("{low}us..{high}us"));
    }
    found
}
