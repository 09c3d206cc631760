//! The structural pass: keys, types and words of a file against the schema, all at once.
//!
//! serde stops at the first thing it does not expect. This pass walks the spanned tree beside the
//! schema instead and notes every unknown key, missing key, wrong type and unknown word, so that
//! by the time serde reads the tree there is nothing left for it to refuse.

use std::ops::Range;

use punctual_model::INVARIANTS;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::problem::{Findings, Problem};
use crate::schema::SCHEMA;
use crate::tree::Node;
use crate::words::{did_you_mean, listed, nearest, quoted};

/// Checks the whole tree. `blame` is the place to name for what is missing where the tree is not
/// the file as written but a variant of it.
pub(crate) fn check(tree: &DeTable<'_>, findings: &Findings<'_>, blame: Option<&Range<usize>>) {
    let pass = Pass { findings, blame };
    pass.table(&SCHEMA, tree, &(0..0));
}

/// The most entries of an array; what is typed of each takes memory.
const MOST: usize = 1_000;

struct Pass<'a, 't> {
    findings: &'a Findings<'t>,
    blame: Option<&'a Range<usize>>,
}

impl Pass<'_, '_> {
    fn node(&self, schema: &Value, node: &Node<'_>) {
        let schema = resolve(schema);
        if is_anything(schema) {
            return;
        }
        if let Some(words) = words(schema) {
            return self.word(&words, node);
        }
        if let Some(any) = schema["anyOf"].as_array() {
            match any.iter().find(|one| fits(one, node.get_ref())) {
                Some(one) => self.node(one, node),
                None => self.wrong_type(schema, node),
            }
            return;
        }
        if !fits(schema, node.get_ref()) {
            return self.wrong_type(schema, node);
        }
        match node.get_ref() {
            DeValue::Table(table) => self.table(schema, table, &node.span()),
            DeValue::Array(array) => {
                if let Some(item) = array.get(MOST) {
                    let at = first_line(self.findings.text, &item.span());
                    let title = format!("there are more than {MOST} entries");
                    let problem = Problem::new("P0108", &at, title).label("one too many");
                    self.findings.add(problem.help("split the scenario in two"));
                }
                for item in array.iter().take(MOST) {
                    self.node(&schema["items"], item);
                }
            }
            DeValue::Integer(_) | DeValue::Float(_) => self.number(schema, node),
            DeValue::String(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn table(&self, schema: &Value, table: &DeTable<'_>, at: &Range<usize>) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if let Some(known) = schema["properties"].get(name) {
                self.node(known, value);
            } else if schema["additionalProperties"].is_object() {
                self.node(&schema["additionalProperties"], value);
            } else {
                self.unknown_key(schema, name, &key.span());
            }
        }
        let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
        for name in required.iter().filter_map(Value::as_str) {
            if !table.contains_key(name) {
                let about = resolve(&schema["properties"][name])["description"].as_str();
                let about = schema["properties"][name]["description"].as_str().or(about);
                let (at, label) = match self.blame {
                    Some(variant) => (variant, "this variant leaves it out"),
                    None => (&first_line(self.findings.text, at), "it is missing here"),
                };
                let problem = Problem::new("P0101", at, format!("missing key {}", quoted(name)))
                    .label(label)
                    .help(format!("{}: {}", name, about.unwrap_or("it is required")));
                self.findings.add(problem);
            }
        }
    }

    fn unknown_key(&self, schema: &Value, name: &str, at: &Range<usize>) {
        let known = || schema["properties"].as_object().into_iter().flat_map(|map| map.keys());
        let invariant = INVARIANTS.iter().all(|one| known().any(|key| key == one.name));
        let (code, noun) = if invariant { ("P0303", "invariant") } else { ("P0102", "key") };
        let hint = did_you_mean(name, known().map(String::as_str));
        let title = format!("unknown {noun} {}{hint}", quoted(name));
        let help = match nearest(name, known().map(String::as_str)) {
            Some(near) => format!("write {}", quoted(near)),
            None => format!("known here: {}", listed(known().map(String::as_str))),
        };
        self.findings.add(Problem::new(code, at, title).label("not known here").help(help));
    }

    fn wrong_type(&self, schema: &Value, node: &Node<'_>) {
        let found = type_name(node.get_ref());
        let wanted = wanted(schema);
        let at = first_line(self.findings.text, &node.span());
        let title = format!("expected {wanted}, found {found}");
        let problem = Problem::new("P0103", &at, title).label(format!("this is {found}"));
        self.findings.add(problem.help(match (schema["type"].as_str(), node.get_ref()) {
            (Some("string"), DeValue::Integer(_) | DeValue::Float(_)) => {
                "write it between quotes; a time also needs its unit, such as \"2s\"".to_owned()
            }
            (Some("array"), DeValue::Table(_)) => {
                "begin each with `[[name]]`, or write `[...]` around the values".to_owned()
            }
            (Some("object"), DeValue::Array(_)) => "there is only one: write `[name]`".to_owned(),
            _ => format!("write {wanted}"),
        }));
    }

    fn word(&self, words: &[&str], node: &Node<'_>) {
        let DeValue::String(word) = node.get_ref() else {
            let found = type_name(node.get_ref());
            let at = first_line(self.findings.text, &node.span());
            let title = format!("expected {}, found {found}", listed(words.iter().copied()));
            let problem = Problem::new("P0103", &at, title).label(format!("this is {found}"));
            return self.findings.add(problem);
        };
        if !words.contains(&word.as_ref()) {
            let hint = did_you_mean(word, words.iter().copied());
            let title = format!("unknown word {}{hint}", quoted(word));
            let help = format!("possible here: {}", listed(words.iter().copied()));
            let problem = Problem::new("P0104", &node.span(), title).label("not possible here");
            self.findings.add(problem.help(help));
        }
    }

    fn number(&self, schema: &Value, node: &Node<'_>) {
        if let Some((min, max)) = bounds(schema)
            && !in_range(schema, node.get_ref())
        {
            let title = format!("expected a number from {min} to {max}");
            let problem = Problem::new("P0105", &node.span(), title).label("out of range");
            self.findings.add(problem.help(format!("write a number from {min} to {max}")));
        }
    }
}

/// The least and the greatest number, where a schema gives both.
fn bounds(schema: &Value) -> Option<(f64, f64)> {
    schema["minimum"].as_f64().zip(schema["maximum"].as_f64())
}

/// Whether a number lies within what its schema gives; others have no bounds.
pub(crate) fn in_range(schema: &Value, value: &DeValue<'_>) -> bool {
    let Some((min, max)) = bounds(schema) else { return true };
    let value = match value {
        DeValue::Integer(int) => {
            i64::from_str_radix(int.as_str(), int.radix()).map_or(f64::NAN, |int| int as f64)
        }
        DeValue::Float(float) => float.as_str().parse().unwrap_or(f64::NAN),
        _ => return true,
    };
    (min..=max).contains(&value)
}

/// Follows `$ref`, also where it stands alone inside an `allOf`.
pub(crate) fn resolve(schema: &Value) -> &Value {
    let mut schema = schema;
    loop {
        if let Some(Value::Array(all)) = schema.get("allOf") {
            schema = &all[0];
        } else if let Some(Value::String(name)) = schema.get("$ref") {
            schema = &SCHEMA["definitions"][name.trim_start_matches("#/definitions/")];
        } else {
            return schema;
        }
    }
}

/// The words that a schema lists, if it lists words.
pub(crate) fn words(schema: &Value) -> Option<Vec<&str>> {
    let one_of = schema["oneOf"].as_array()?;
    Some(one_of.iter().filter_map(|one| one["const"].as_str()).collect())
}

/// Whether a schema accepts whatever there is.
pub(crate) fn is_anything(schema: &Value) -> bool {
    schema.as_object().is_some_and(serde_json::Map::is_empty)
}

pub(crate) fn fits(schema: &Value, value: &DeValue<'_>) -> bool {
    if is_anything(schema) {
        return true;
    }
    match value {
        DeValue::String(_) => schema["type"] == "string",
        DeValue::Integer(_) => schema["type"] == "integer" || schema["type"] == "number",
        DeValue::Float(_) => schema["type"] == "number",
        DeValue::Boolean(_) => schema["type"] == "boolean",
        DeValue::Datetime(_) => false,
        DeValue::Array(_) => schema["type"] == "array",
        DeValue::Table(_) => schema["type"] == "object",
    }
}

fn wanted(schema: &Value) -> String {
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().map(wanted).collect::<Vec<_>>().join(" or ");
    }
    let plural = match resolve(&schema["items"])["type"].as_str() {
        Some("string") => "an array of strings",
        Some("object") => "an array of tables",
        _ => "an array",
    };
    let name = match schema["type"].as_str() {
        Some("string") => "a string",
        Some("integer") => "a whole number",
        Some("number") => "a number",
        Some("boolean") => "`true` or `false`",
        Some("array") => plural,
        _ => "a table",
    };
    name.to_owned()
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// What of a span lies on its first line: a whole table would be too much to point at.
fn first_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let line = text.get(span.clone()).unwrap_or("").lines().next().unwrap_or("");
    span.start..span.start + line.len()
}
