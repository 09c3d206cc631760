//! A step as it is written: what it does, said by one key, and how, said by others.
//!
//! The keys that say what a step does are those of the table of kinds (`kinds`), and nowhere else: reading, the
//! schema and the words of a step all go through it. The keys that say how are the fields of [`How`].
//! One value of [`Kind`] has all of what a step can do: how it is said, by whom, with which other keys, and what it
//! compiles to. So a new kind is one entry.

mod kinds;
mod noun;

use std::borrow::Cow;
use std::ops::Range;

use punctual_model::{
    Action, ClientId, CursorRule, EventId, FileId, NodeId, PolicyId, RowId, SignalId, StatusId, StoreId,
    TaskId,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};

use crate::placed::{At, Text, Words};
use crate::problem::Findings;

pub(crate) use self::kinds::{ANNOUNCE, COMMENT, CURSOR, KINDS, PUBLISH, REPEAT, SAVE, SLEEP, STATUS, WORK};
pub(crate) use self::noun::{Declared, Noun};

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

/// What a step can do.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The key that says so.
    pub(crate) key: &'static str,
    /// What it does, in a sentence.
    pub(crate) says: &'static str,
    /// What stands behind the key.
    pub(crate) value: Value,
    /// Keys that belong to steps of this kind; other kinds that name them, too, have them as well.
    pub(crate) also: &'static [&'static str],
    /// Keys that any step can have but for this one.
    pub(crate) without: &'static [Without],
    /// Who can do it.
    pub(crate) who: Who,
}

/// What stands behind the key of a kind, and what it compiles to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    /// A text that means such a thing.
    Text(Noun, fn(&dyn Doing, &Text) -> Action),
    /// One or more words that mean such things.
    Words(Noun, fn(&dyn Doing, &At<Words>) -> Action),
    /// A number of times.
    Count(fn(&dyn Doing, &At<u16>) -> Action),
}

/// Keys that a step of some kind cannot have.
#[derive(Debug)]
pub(crate) struct Without {
    pub(crate) keys: &'static [&'static str],
    /// What to write instead.
    pub(crate) help: &'static str,
}

/// Who can take a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    AnyTask,
    /// A task that is the server's end of a connection.
    ServersEnd,
}

/// A step on its way to what it does: what a kind asks to compile it.
///
/// Who compiles steps knows the names of the scenario, which stand on what is read here.
pub(crate) trait Doing {
    fn step(&self) -> &Step;
    /// Its task and its name, which its draws are keyed by.
    fn name(&self) -> &str;
    /// The number of the first of the steps that are inside it, if there are any.
    fn first_inside(&self) -> usize;
    /// The client that its task serves, if it serves one.
    fn serves(&self) -> Option<&Text>;
    fn findings(&self) -> &Findings<'_>;

    fn client(&self, name: &Text) -> ClientId;
    fn event(&self, name: &Text) -> EventId;
    fn file(&self, name: &Text) -> FileId;
    fn node(&self, name: &Text) -> NodeId;
    fn policy(&self, name: &Text) -> PolicyId;
    fn row(&self, name: &Text) -> RowId;
    fn signal(&self, name: &Text) -> SignalId;
    fn status(&self, name: &Text) -> StatusId;
    fn store(&self, name: &Text) -> StoreId;
    fn task(&self, name: &Text) -> TaskId;

    /// The client of this name, if there is one.
    fn known_client(&self, name: &str) -> Option<ClientId>;
    /// The store of this name, or the only one.
    fn store_or_only(&self, named: Option<&Text>, place: &Text) -> StoreId;
    /// Whether the ids of a store are given.
    fn has_given_ids(&self, store: StoreId) -> bool;
    fn given_id(&self, store: StoreId, id: Option<&At<u32>>, place: &Text) -> Option<u32>;
    /// Where `rule` moves the cursor; `into` is the store of which an id is the task's own.
    fn cursor(&self, rule: &Text, into: Option<StoreId>) -> CursorRule;
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

impl Kind {
    /// The kind of this key.
    pub(crate) fn named(key: &str) -> Option<&'static Self> {
        KINDS.iter().copied().find(|kind| kind.key == key)
    }

    /// The keys of all kinds, in the order of the table.
    pub(crate) fn keys() -> impl Iterator<Item = &'static str> + Clone {
        KINDS.iter().map(|kind| kind.key)
    }

    /// The keys of the kinds that `key` belongs to; none if it is one that any step can have.
    pub(crate) fn owners(key: &str) -> Vec<&'static str> {
        KINDS.iter().filter(|kind| kind.also.contains(&key)).map(|kind| kind.key).collect()
    }

    /// Why a step of this kind cannot have `key`, and what to write instead, if it can not although others can.
    pub(crate) fn refuses(&self, key: &str) -> Option<&'static str> {
        self.without.iter().find(|without| without.keys.contains(&key)).map(|without| without.help)
    }

    /// What a step of this kind compiles to that says this.
    pub(crate) fn compile(&self, doing: &dyn Doing, said: &Said) -> Action {
        match (self.value, said) {
            (Value::Text(_, compile), Said::Text(text)) => compile(doing, text),
            (Value::Words(_, compile), Said::Words(words)) => compile(doing, words),
            (Value::Count(compile), Said::Count(count)) => compile(doing, count),
            (Value::Text(..) | Value::Words(..) | Value::Count(_), _) => {
                unreachable!("what stands behind a key is read as its kind has it")
            }
        }
    }

    /// What is declared by being named behind the key, if something is.
    pub(crate) fn declares(&self) -> Option<Declared> {
        let noun = match self.value {
            Value::Text(noun, _) => noun,
            Value::Words(..) | Value::Count(_) => return None,
        };
        match noun {
            Noun::Status => Some(Declared::Status),
            Noun::Row => Some(Declared::Row),
            Noun::File => Some(Declared::File),
            Noun::Text
            | Noun::Client
            | Noun::Cursor
            | Noun::Delay
            | Noun::Event
            | Noun::Node
            | Noun::Policy
            | Noun::Read
            | Noun::Signal
            | Noun::Store
            | Noun::Task => None,
        }
    }
}

/// The keys of a step that say what it does, each with what stands behind it: one of the nouns of the manual.
pub fn step_keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().map(|kind| {
        let noun = match kind.value {
            Value::Text(noun, _) | Value::Words(noun, _) => noun.text(),
            Value::Count(_) => "number",
        };
        (kind.key, noun)
    })
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
