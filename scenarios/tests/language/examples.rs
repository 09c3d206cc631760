//! Examples of keys, cut out of scenarios as they stand there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// Tables of one line that only make sense as a whole.
const WHOLE: [&str; 4] = ["Step", "Insert", "Move", "Replace"];

/// The policies' place in the schema has no name; this is what it is called here.
pub(crate) const POLICY: &str = "policy";

/// What is found in scenarios, by the names that tables have in the schema.
#[derive(Default)]
pub(crate) struct Examples {
    /// The shortest of each key of a table; nothing where a value is a table or a text of several lines.
    keys: BTreeMap<(String, String), Option<String>>,
    /// The shortest table that has a header: of those with the fewest parts in it.
    tables: BTreeMap<String, (usize, String)>,
    /// Words of lists that a value was taken from.
    words: BTreeSet<(String, String)>,
}

/// How a scenario uses a key.
pub(crate) enum Example<'a> {
    /// In one line.
    Short(&'a str),
    /// With a table of its own, or a text of several lines.
    Long,
}

/// The table, or list of words, that a part of the schema refers to.
pub(crate) fn target(part: &Value) -> Option<&str> {
    let part = if let Some(all) = part["allOf"].as_array() { &all[0] } else { part };
    part["$ref"].as_str()?.strip_prefix("#/definitions/")
}

/// A table of the schema; the whole file is the one that has no name there.
pub(crate) fn definition<'s>(schema: &'s Value, name: &str) -> &'s Value {
    if name == "Scenario" { schema } else { &schema["definitions"][name] }
}

impl Examples {
    /// Adds what is in the text of a sound scenario.
    pub(crate) fn add(&mut self, schema: &Value, text: &str) {
        let tree = DeTable::parse(text).expect("the scenario is TOML");
        self.table(schema, "Scenario", tree.get_ref(), None, text);
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(header) = line.strip_prefix('[') else { continue };
            let header = header.trim_start_matches('[').split(']').next().unwrap_or_default();
            let mut own = vec![line];
            while let Some(line) = lines.next_if(|line| !line.starts_with('[')) {
                own.push(line);
            }
            while own.last().is_some_and(|line| line.is_empty() || line.starts_with('#')) {
                own.pop();
            }
            if let Some(name) = table_of(schema, header).filter(|_| own.len() > 1) {
                let lines: Vec<&str> = own.into_iter().map(without_comment).collect();
                let table = (header.split('.').count(), lines.join("\n"));
                let shortest = self.tables.entry(name).or_insert_with(|| table.clone());
                if (table.0, table.1.len()) < (shortest.0, shortest.1.len()) {
                    *shortest = table;
                }
            }
        }
    }

    /// Takes from others what there is none of.
    pub(crate) fn fill(&mut self, others: Self) {
        for (key, example) in others.keys {
            let own = self.keys.entry(key).or_default();
            *own = own.take().or(example);
        }
        for (name, table) in others.tables {
            self.tables.entry(name).or_insert(table);
        }
        self.words.extend(others.words);
    }

    /// The example of a key; none if no scenario uses it.
    pub(crate) fn of(&self, table: &str, key: &str) -> Option<Example<'_>> {
        let example = self.keys.get(&(table.to_owned(), key.to_owned()))?;
        Some(example.as_deref().map_or(Example::Long, Example::Short))
    }

    /// The shortest table of this name.
    pub(crate) fn table_of(&self, name: &str) -> Option<&str> {
        self.tables.get(name).map(|(_, table)| table.as_str())
    }

    /// Whether some scenario uses a word of a list.
    pub(crate) fn has_word(&self, list: &str, word: &str) -> bool {
        self.words.contains(&(list.to_owned(), word.to_owned()))
    }

    fn table(&mut self, schema: &Value, name: &str, table: &DeTable<'_>, whole: Option<&str>, text: &str) {
        for (key, value) in table {
            let key: &str = key.get_ref();
            let property = &definition(schema, name)["properties"][key];
            let written = text.get(value.span()).unwrap_or_default();
            let example = match whole.filter(|_| WHOLE.contains(&name)) {
                Some(whole) => short(whole),
                None if is_apart(value.get_ref(), written) => None,
                None => short(&format!("{key} = {written}")),
            };
            self.keep(name, key, example);
            if let (Some(list), DeValue::String(word)) = (target(property), value.get_ref()) {
                self.words.insert((list.to_owned(), word.to_string()));
            }
            self.within(schema, property, value.get_ref(), written, text);
        }
    }

    /// The tables in a value.
    fn within(&mut self, schema: &Value, property: &Value, value: &DeValue<'_>, written: &str, text: &str) {
        let each = &property["additionalProperties"];
        match value {
            DeValue::Table(table) if each["additionalProperties"].is_object() => {
                for lines in table.values().filter_map(|lines| lines.get_ref().as_table()) {
                    self.policy(lines, text);
                }
            }
            DeValue::Table(table) => {
                if let Some(name) = target(each) {
                    for value in table.values() {
                        let written = text.get(value.span()).unwrap_or_default();
                        let whole = Some(written).filter(|written| written.starts_with('{'));
                        let inside = value.get_ref().as_table().expect("a sound scenario");
                        self.table(schema, name, inside, whole, text);
                    }
                } else if let Some(name) = target(property) {
                    let whole = Some(written).filter(|written| written.starts_with('{'));
                    self.table(schema, name, table, whole, text);
                }
            }
            DeValue::Array(list) => {
                for value in list {
                    let written = text.get(value.span()).unwrap_or_default();
                    self.within(schema, &property["items"], value.get_ref(), written, text);
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }

    fn policy(&mut self, lines: &DeTable<'_>, text: &str) {
        for (key, value) in lines {
            let key: &str = key.get_ref();
            let written = text.get(value.span()).unwrap_or_default();
            let known = if matches!(key, "python" | "arguments") { key } else { "STATUS" };
            self.keep(POLICY, known, short(&format!("{key} = {written}")));
        }
    }

    fn keep(&mut self, table: &str, key: &str, example: Option<String>) {
        let shortest = self.keys.entry((table.to_owned(), key.to_owned())).or_default();
        if let Some(example) = example
            && shortest.as_ref().is_none_or(|known| example.len() < known.len())
        {
            *shortest = Some(example);
        }
    }
}

/// Whether a value stands under a header of its own.
fn is_apart(value: &DeValue<'_>, written: &str) -> bool {
    match value {
        DeValue::Table(_) => !written.starts_with('{'),
        DeValue::Array(_) => !written.starts_with('[') || written.starts_with("[["),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => false,
    }
}

/// A line without what is remarked behind its last value.
fn without_comment(line: &str) -> &str {
    let after = line.rfind(['"', '[', ']', '}']).unwrap_or_default();
    let comment = line[after..].find(" #").or_else(|| line.starts_with('#').then_some(0));
    comment.map_or(line, |at| line[..after + at].trim_end())
}

/// A value in one line, unless it is a text of several.
fn short(written: &str) -> Option<String> {
    if written.contains("\"\"\"") {
        return None;
    }
    let lines: Vec<&str> = written.lines().map(|line| without_comment(line).trim()).collect();
    let line = lines.join(" ").replace("[ ", "[").replace(", ]", "]").replace(" ]", "]");
    Some(line)
}

/// The table of the schema that a header begins.
fn table_of(schema: &Value, header: &str) -> Option<String> {
    let mut name = "Scenario".to_owned();
    let mut parts = header.split('.');
    while let Some(part) = parts.next() {
        let property = definition(schema, &name)["properties"].get(part)?;
        let each = &property["additionalProperties"];
        name = if each.is_object() {
            parts.next()?;
            target(each).unwrap_or(POLICY).to_owned()
        } else {
            target(property).or_else(|| target(&property["items"]))?.to_owned()
        };
    }
    Some(name)
}
