//! The JSON Schema of a line of a log, made from the types that read and write it.
//!
//! What names there are depends on the scenario, so a schema knows the words of facts and not what they are followed
//! by; that a line comes after an end, or a time after microseconds, no schema of lines can say. The rest is told by
//! `punctual conform`, with the number of the line.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Head, SCHEMA, Told};
use crate::kinds::WORDS;

/// The farthest that an instant may lie from the one from which it is counted, in microseconds.
pub(super) const FARTHEST: i64 = 1 << 60;

/// A line of a log: the first one of a run, or one that tells a fact.
#[derive(JsonSchema)]
#[schemars(untagged, title = "punctual.log/1")]
#[expect(dead_code, reason = "only its schema is made")]
enum Line {
    Head(Head),
    Told(Told),
}

/// The JSON schema (draft 7) of each line of a log, as text that ends with a newline.
pub fn schema() -> String {
    // Of numbers draft 7 knows no format, and strict validators refuse what they do not know.
    let no_format = RecursiveTransform(|schema: &mut Schema| drop(schema.remove("format")));
    let settings = SchemaSettings::draft07().with_transform(no_format);
    let mut schema = settings.into_generator().into_root_schema_for::<Line>().to_value();
    // Another crate of the build may make maps keep the order of insertion; ours does not depend on it.
    schema.sort_all_objects();
    let mut text = format!("{schema:#}");
    text.push('\n');
    text
}

pub(super) fn version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "const": SCHEMA })
}

pub(super) fn tells(_: &mut SchemaGenerator) -> Schema {
    let step = json_schema!({ "type": "string", "pattern": r"^\S*\.\S*$" });
    let words = json_schema!({ "enum": WORDS });
    json_schema!({ "anyOf": [{ "const": "all" }, { "type": "array", "items": { "anyOf": [words, step] } }] })
}

pub(super) fn at(_: &mut SchemaGenerator) -> Schema {
    let time = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$";
    json_schema!({ "anyOf": [
        { "type": "integer", "minimum": -FARTHEST, "maximum": FARTHEST },
        { "type": "string", "pattern": time },
    ] })
}

pub(super) fn fact(_: &mut SchemaGenerator) -> Schema {
    let words = punctual_scenarios::fact_words().join("|");
    let pattern = format!(r"^\s*(end|\S*\.\S*|({words})\s+\S+(\s+at\s+\S+)?)\s*$");
    json_schema!({ "type": "string", "pattern": pattern })
}

pub(super) fn id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["integer", "string"], "minimum": 0 })
}

pub(super) fn copy(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["published", "synthesized"] })
}
