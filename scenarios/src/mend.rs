//! Makes a tree with structural mistakes sound enough that the rest of it can be looked at too.
//!
//! One slip of the pen must not hide the others. A key that is nearly right is taken for the one
//! that is meant, and what has no meaning gets a stand-in. Whatever depends on a stand-in is then
//! not spoken of: [`Doubts`] says what that is. The tree is never run; its file has been refused.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::doubts::Doubts;
use crate::form::{CURSOR, Kind, SAVE, WORK};
use crate::schema::SCHEMA;
use crate::structure::{fits, in_range, is_anything, resolve, words};
use crate::tree::Node;
use crate::words::nearest;

/// Mends a tree that the structural pass has refused, and says what is not what was meant.
pub(crate) fn mend(tree: &mut DeTable<'_>) -> Doubts {
    let mut doubts = Doubts { in_base: true, ..Doubts::default() };
    table(&SCHEMA, "", tree, &(0..0), &mut doubts);
    doubts
}

/// Mends the value of `key`.
fn node(schema: &Value, key: &str, node: &mut Node<'_>, doubts: &mut Doubts) {
    let (schema, at) = (resolve(schema), node.span());
    if is_anything(schema) {
        return;
    }
    if let Some(words) = words(schema) {
        let known = node.get_ref().as_str().is_some_and(|word| words.contains(&word));
        if !known {
            let near = node.get_ref().as_str().and_then(|word| nearest(word, words.iter().copied()));
            let word = near.unwrap_or(words[0]).to_owned();
            *node.get_mut() = DeValue::String(Cow::Owned(word));
            doubts.stand_in(&at);
            if key == "cursors" {
                doubts.hide();
            }
        }
        return;
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return match any.iter().find(|one| fits(resolve(one), node.get_ref())) {
            Some(one) => self::node(one, key, node, doubts),
            None => replace(schema, key, node, doubts),
        };
    }
    if !fits(schema, node.get_ref()) && !rewrap(schema, node) {
        return replace(schema, key, node, doubts);
    }
    if !in_range(schema, node.get_ref()) {
        *node.get_mut() = stand_in(schema, &at);
        return doubts.stand_in(&at);
    }
    match node.get_mut() {
        DeValue::Table(inner) => table(schema, key, inner, &at, doubts),
        DeValue::Array(items) => {
            for item in items.iter_mut() {
                self::node(&schema["items"], key, item, doubts);
            }
        }
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::String(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}

fn table(schema: &Value, key: &str, table: &mut DeTable<'_>, at: &Range<usize>, doubts: &mut Doubts) {
    let known = |name: &str| schema["properties"].get(name).is_some();
    let others = &schema["additionalProperties"];
    let unknown: Vec<String> = table
        .keys()
        .map(|name| name.get_ref().to_string())
        .filter(|name| !known(name) && !others.is_object())
        .collect();
    let mut lost = false;
    for name in unknown {
        let names = schema["properties"].as_object().into_iter().flat_map(|map| map.keys());
        let meant = nearest(&name, names.map(String::as_str)).map(str::to_owned);
        lost |= !rename(table, key, &name, meant, doubts);
    }
    for (name, value) in table.iter_mut() {
        let name = name.get_ref().as_ref();
        if key.is_empty() {
            doubts.in_base = !["limits", "expect", "variant", "combination", "interleaving"].contains(&name);
        }
        node(schema["properties"].get(name).unwrap_or(others), name, value, doubts);
    }
    doubts.in_base |= key.is_empty();
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !table.contains_key(name) {
            let value = Spanned::new(at.clone(), stand_in(&schema["properties"][name], at));
            table.insert(Spanned::new(at.clone(), Cow::Owned(name.to_owned())), value);
            doubts.stand_in(at);
            doubts.open.insert(name.to_owned());
            doubts.hide();
        }
    }
    // What has no name that could be read may be what is looked for.
    let names = [table.get("name"), table.get("event").filter(|_| key == "on")];
    if names.iter().flatten().any(|name| doubts.stands_in(&name.span())) {
        doubts.open.insert(key.to_owned());
    }
    if [&WORK, &SAVE]
        .iter()
        .filter_map(|kind| table.get(kind.key))
        .any(|named| doubts.stands_in(&named.span()))
    {
        doubts.open.insert("step".to_owned());
    }
    let is_step = Kind::keys().all(known);
    if is_step && lost {
        // It may have been the step's name, or what it does; `cursor` is no verb beside another.
        doubts.open.insert("step".to_owned());
        if !Kind::keys().any(|verb| verb != CURSOR.key && table.contains_key(verb)) {
            doubts.stand_in(at);
        }
    }
}

/// Takes an unknown key for the one that is meant, or drops it and says no.
fn rename(
    table: &mut DeTable<'_>,
    key: &str,
    name: &str,
    meant: Option<String>,
    doubts: &mut Doubts,
) -> bool {
    let Some((name, value)) = table.remove_entry(name) else { return true };
    let Some(meant) = meant else {
        doubts.lost.insert(key.to_owned());
        if ["task", "steps", "loop", "otherwise", "client", "timer", "on", "step", "with"].contains(&key) {
            doubts.hide();
        }
        return false;
    };
    let Some(there) = table.get_mut(meant.as_str()) else {
        table.insert(Spanned::new(name.span(), Cow::Owned(meant)), value);
        return true;
    };
    match (there.get_mut(), value.into_inner()) {
        (DeValue::Array(all), DeValue::Array(more)) => more.into_iter().for_each(|item| all.push(item)),
        _ => {
            doubts.open.insert(meant);
            doubts.hide();
        }
    }
    true
}

/// Writes one of several as several, and the only one of several as one.
fn rewrap(schema: &Value, node: &mut Node<'_>) -> bool {
    let at = node.span();
    let value = std::mem::replace(node.get_mut(), DeValue::Boolean(false));
    let (value, fitting) = match value {
        DeValue::Array(items) if schema["type"] == "object" && items.len() == 1 => {
            let only = items.into_iter().next().map_or(DeValue::Boolean(false), Spanned::into_inner);
            let fitting = matches!(only, DeValue::Table(_));
            (only, fitting)
        }
        value if schema["type"] == "array" && fits(resolve(&schema["items"]), &value) => {
            let mut items = DeArray::new();
            items.push(Spanned::new(at, value));
            (DeValue::Array(items), true)
        }
        value => (value, false),
    };
    *node.get_mut() = value;
    fitting
}

fn replace(schema: &Value, key: &str, node: &mut Node<'_>, doubts: &mut Doubts) {
    let at = node.span();
    *node.get_mut() = stand_in(schema, &at);
    doubts.stand_in(&at);
    doubts.open.insert(key.to_owned());
    doubts.hide();
}

/// A value that the schema accepts.
fn stand_in(schema: &Value, at: &Range<usize>) -> DeValue<'static> {
    let schema = resolve(schema);
    if let Some(words) = words(schema) {
        return DeValue::String(Cow::Owned(words[0].to_owned()));
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return stand_in(&any[0], at);
    }
    let number =
        |text: &'static str| DeValue::parse(text).map_or(DeValue::Boolean(false), Spanned::into_inner);
    match schema["type"].as_str() {
        Some("string") => DeValue::String(Cow::Borrowed("")),
        Some("integer") => number("1"),
        Some("number") => number("1.0"),
        Some("boolean") => DeValue::Boolean(false),
        Some("array") => DeValue::Array(DeArray::new()),
        _ => {
            let mut table = DeTable::new();
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                let value = Spanned::new(at.clone(), stand_in(&schema["properties"][name], at));
                table.insert(Spanned::new(at.clone(), Cow::Owned(name.to_owned())), value);
            }
            DeValue::Table(table)
        }
    }
}
