//! A step as it is written: what it does, said by one key, and how, said by others.
//!
//! The keys that say what a step does are those of the table of kinds (`steps::KINDS`), and nowhere else: reading, the
//! schema and the words of a step all go through it. The keys that say how are the fields of [`How`].

use std::borrow::Cow;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};

use crate::placed::{At, Text, Words};
use crate::steps::{KINDS, Kind, Value};

/// One step.
#[derive(Debug)]
pub(crate) struct Step {
    /// What it does, in the order of the table of kinds; in a sound step one thing, and a cursor if it announces.
    pub(crate) does: Vec<Does>,
    /// How it does it.
    pub(crate) how: How,
}

/// One thing that a step does.
#[derive(Debug)]
pub(crate) struct Does {
    pub(crate) kind: &'static Kind,
    pub(crate) said: Said,
}

/// What stands behind the key that says what a step does.
#[derive(Debug)]
pub(crate) enum Said {
    Text(Text),
    Words(At<Words>),
    Count(At<u16>),
}

/// How a step does what it does.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct How {
    /// The step's own name within its task.
    pub(crate) step: Option<Text>,
    /// A delay: the task awaits this long, other tasks of its node run meanwhile; the effect is as of the end.
    pub(crate) takes: Option<Text>,
    /// A delay after the effect, until the answer is back.
    pub(crate) returns: Option<Text>,
    /// A delay: the whole event loop stands still this long.
    pub(crate) blocks: Option<Text>,
    /// Conditions that must all hold, else the step is passed over: "unsent", "changed to completed", "is completed for 10s", "count above", "none within 5s", "none within 1000 ids", "resumed", "fresh".
    pub(crate) r#if: Option<At<Words>>,
    /// The share of runs in which the step is taken.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) chance: Option<At<f64>>,
    /// Of `commit`: the chance that it fails.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) fails: Option<At<f64>>,
    /// Of `publish`: the store, if there are several.
    pub(crate) to: Option<Text>,
    /// Of `publish`: the event's id, if the store's ids are given.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub(crate) id: Option<At<u32>>,
    /// Of `announce`: the store that the event is published to as well.
    pub(crate) into: Option<Text>,
    /// Of `close`: an event that is sent before the end.
    pub(crate) sends: Option<Text>,
    /// Of `wait`: the policy that says how long at most.
    pub(crate) at_most: Option<Text>,
    /// Of `hold` and `release`: "to" the client, "from" it, or "both" (if left out).
    pub(crate) way: Option<At<Way>>,
    /// Of `repeat`: the steps of a round.
    pub(crate) steps: Option<Vec<At<Step>>>,
}

/// Directions between a client and the server.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    /// What is sent to the client and what it asks for.
    Both,
    /// What is sent to the client.
    To,
    /// What the client asks for.
    From,
}

impl Step {
    /// Whether it does what `kind` says, alone or among others.
    pub(crate) fn is(&self, kind: &Kind) -> bool {
        self.does.iter().any(|does| does.kind.key == kind.key)
    }

    /// The text behind the key of `kind`, if it is there.
    pub(crate) fn text(&self, kind: &Kind) -> Option<&Text> {
        let said = &self.does.iter().find(|does| does.kind.key == kind.key)?.said;
        match said {
            Said::Text(text) => Some(text),
            Said::Words(_) | Said::Count(_) => None,
        }
    }

    /// The keys that it has, apart from its name, and where their values stand.
    pub(crate) fn keys(&self) -> Vec<(&'static str, Range<usize>)> {
        let does = self.does.iter().map(|does| (does.kind.key, does.said.at().clone()));
        does.chain(self.how.keys()).collect()
    }
}

impl Said {
    /// Where it stands.
    pub(crate) fn at(&self) -> &Range<usize> {
        match self {
            Self::Text(text) => &text.at,
            Self::Words(words) => &words.at,
            Self::Count(count) => &count.at,
        }
    }
}

impl How {
    fn keys(&self) -> impl Iterator<Item = (&'static str, Range<usize>)> {
        let Self {
            step: _,
            takes,
            returns,
            blocks,
            r#if,
            chance,
            fails,
            to,
            id,
            into,
            sends,
            at_most,
            way,
            steps,
        } = self;
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.at.clone());
        let first = |steps: &Vec<At<Step>>| steps.first().map(|step| step.at.clone());
        let all = [
            ("takes", text(takes)),
            ("returns", text(returns)),
            ("blocks", text(blocks)),
            ("if", r#if.as_ref().map(|guards| guards.at.clone())),
            ("chance", chance.as_ref().map(|chance| chance.at.clone())),
            ("fails", fails.as_ref().map(|fails| fails.at.clone())),
            ("to", text(to)),
            ("id", id.as_ref().map(|id| id.at.clone())),
            ("into", text(into)),
            ("sends", text(sends)),
            ("at-most", text(at_most)),
            ("way", way.as_ref().map(|way| way.at.clone())),
            ("steps", steps.as_ref().and_then(first)),
        ];
        all.into_iter().filter_map(|(key, at)| Some((key, at?)))
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = Step;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a step")
            }
            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Step, A::Error> {
                let mut does = Vec::new();
                let how = How::deserialize(MapAccessDeserializer::new(Others { table, does: &mut does }))?;
                does.sort_by_key(|does| KINDS.iter().position(|kind| kind.key == does.kind.key));
                Ok(Step { does, how })
            }
        }
        deserializer.deserialize_map(Table)
    }
}

/// The keys of a step that say how. What the others say is put aside.
struct Others<'a, A> {
    table: A,
    does: &'a mut Vec<Does>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Others<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.table.next_key::<String>()? {
            let Some(kind) = Kind::named(&key) else {
                return seed.deserialize(key.into_deserializer()).map(Some);
            };
            let said = match kind.value {
                Value::Text(..) => Said::Text(self.table.next_value()?),
                Value::Words(..) => Said::Words(self.table.next_value()?),
                Value::Count(..) => Said::Count(self.table.next_value()?),
            };
            self.does.push(Does { kind, said });
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.table.next_value_seed(seed)
    }
}

impl JsonSchema for Step {
    fn schema_name() -> Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = How::json_schema(generator);
        schema.insert(
            "description".to_owned(),
            "One step: exactly one key that says what it does, and keys that say how.".into(),
        );
        let of_kind = |kind: &Kind| {
            let mut value = match kind.value {
                Value::Text(..) => json_schema!({ "type": "string" }),
                Value::Words(..) => generator.subschema_for::<Option<At<Words>>>(),
                Value::Count(..) => json_schema!({ "type": "integer", "minimum": 1, "maximum": u16::MAX }),
            };
            value.insert("description".to_owned(), kind.says.into());
            (kind.key.to_owned(), value.to_value())
        };
        let does: Vec<_> = KINDS.iter().copied().map(of_kind).collect();
        let properties = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut);
        properties.expect("keys that say how have properties").extend(does);
        schema
    }
}
