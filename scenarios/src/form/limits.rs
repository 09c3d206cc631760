//! The limits that invariants are held against: which there are, and in what they are given, is said by the invariants.

use std::collections::BTreeMap;

use punctual_model::{INVARIANTS, Invariant, Measured, Unit};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::placed::{At, Text};

/// Limits of the invariants that need one, by their names.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    /// Those that are durations.
    pub(crate) spans: BTreeMap<Text, Text>,
    /// Those that are numbers.
    pub(crate) counts: BTreeMap<Text, At<u32>>,
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = Limits;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of limits")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Limits, A::Error> {
                let mut limits = Limits::default();
                while let Some(key) = table.next_key::<Text>()? {
                    let measured = Invariant::named(&key.value).and_then(Invariant::measured);
                    match measured.map(Measured::unit) {
                        Some(Unit::Time) => drop(limits.spans.insert(key, table.next_value()?)),
                        Some(Unit::Count) => drop(limits.counts.insert(key, table.next_value()?)),
                        None => return Err(Error::unknown_field(&key.value, &[])),
                    }
                }
                Ok(limits)
            }
        }
        deserializer.deserialize_map(Table)
    }
}

impl JsonSchema for Limits {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limits".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let each = INVARIANTS.iter().filter_map(|invariant| {
            let limited = invariant.limited?;
            let given = match limited.of.unit() {
                Unit::Time => json_schema!({ "description": limited.about, "type": "string" }),
                Unit::Count => json_schema!({
                    "description": limited.about,
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 4_000_000_000_u32,
                }),
            };
            Some((invariant.name.to_owned(), given.to_value()))
        });
        json_schema!({
            "description": "Limits of the invariants that need one.",
            "type": "object",
            "properties": each.collect::<serde_json::Map<_, _>>(),
            "additionalProperties": false,
        })
    }
}
