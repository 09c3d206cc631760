//! The JSON Schema of a line of a log, made from the types that read and write it.
//!
//! What names there are depends on the scenario, so a schema knows the words of facts and not what they are followed
//! by; that a line comes after an end, or a time after microseconds, no schema of lines can say. The rest is told by
//! `punctual conform`, with the number of the line.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::words::WORDS;

/// The name and version of the shape.
pub const SCHEMA: &str = "punctual.log/1";
/// The farthest that an instant may lie from the one from which it is counted, in microseconds.
pub(super) const FARTHEST: i64 = 1 << 60;

/// The first line of a run.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Head {
    /// The name and version of the shape.
    #[schemars(schema_with = "version")]
    pub(super) schema: String,
    /// The scenario of which it is a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scenario: Option<String>,
    /// What the run is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<String>,
    /// What there would be lines of if it happened: "all", or words and steps as they stand in `fact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "tells")]
    pub(super) tells: Option<serde_json::Value>,
}

/// A line that tells a fact.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("not" = { "required": ["schema"] }))]
pub(super) struct Told {
    /// When: microseconds since any instant, or a time by RFC 3339; one of the two throughout a run.
    #[schemars(schema_with = "at")]
    pub(super) at: serde_json::Value,
    /// What: a word and a name, TASK.STEP for a step that took effect, or "end" in the last line of a run.
    #[schemars(schema_with = "fact")]
    pub(super) fact: String,
    /// Which of its kind, from 1; of a row, its version. Counted if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) n: Option<u32>,
    /// The id on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "id")]
    pub(super) id: Option<serde_json::Value>,
    /// "synthesized" for an event that the stream made up from a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "copy")]
    pub(super) copy: Option<String>,
    /// Whose clock `at` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) writer: Option<String>,
    /// Numbers the lines of a writer, from any number on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seq: Option<u64>,
}

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

fn version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "const": SCHEMA })
}

fn tells(_: &mut SchemaGenerator) -> Schema {
    let step = json_schema!({ "type": "string", "pattern": r"^\S*\.\S*$" });
    let words = json_schema!({ "enum": WORDS });
    json_schema!({ "anyOf": [{ "const": "all" }, { "type": "array", "items": { "anyOf": [words, step] } }] })
}

fn at(_: &mut SchemaGenerator) -> Schema {
    let time = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$";
    json_schema!({ "anyOf": [
        { "type": "integer", "minimum": -FARTHEST, "maximum": FARTHEST },
        { "type": "string", "pattern": time },
    ] })
}

fn fact(_: &mut SchemaGenerator) -> Schema {
    let words = punctual_scenarios::fact_words().join("|");
    let pattern = format!(r"^\s*(end|\S*\.\S*|({words})\s+\S+(\s+at\s+\S+)?)\s*$");
    json_schema!({ "type": "string", "pattern": pattern })
}

fn id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["integer", "string"], "minimum": 0 })
}

fn copy(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["published", "synthesized"] })
}
