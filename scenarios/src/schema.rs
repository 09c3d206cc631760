//! The JSON schema of the format, made from the types that read it.
//!
//! Editors complete and check a scenario with it, and the structural pass over a file is driven
//! by the same value, so what an editor marks and what `punctual` refuses cannot drift apart.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value;

use crate::form;

/// The schema as a value.
pub(crate) static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    // Of numbers draft 7 knows no format, and strict validators refuse what they do not know.
    let no_format = RecursiveTransform(|schema: &mut schemars::Schema| drop(schema.remove("format")));
    let generator = SchemaSettings::draft07().with_transform(no_format).into_generator();
    let mut schema = generator.into_root_schema_for::<form::Scenario>().to_value();
    drop_null(&mut schema);
    // Another crate of the build may make maps keep the order of insertion; ours does not depend on it.
    schema.sort_all_objects();
    schema
});

/// The JSON schema (draft 7) of the scenario format, as text that ends with a newline.
pub fn schema() -> String {
    let mut text = format!("{:#}", *SCHEMA);
    text.push('\n');
    text
}

/// TOML has no null: an optional key is left out instead, so a schema must not offer one.
fn drop_null(schema: &mut Value) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(drop_null),
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = &types[..] {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(any)) = map.get_mut("anyOf") {
                any.retain(|one| one["type"] != "null");
                if let [only] = &mut any[..] {
                    let only = std::mem::take(only);
                    map.remove("anyOf");
                    map.insert("allOf".to_owned(), Value::Array(vec![only]));
                }
            }
            map.remove("default");
            map.values_mut().for_each(drop_null);
        }
        _ => {}
    }
}
