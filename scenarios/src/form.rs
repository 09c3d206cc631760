//! The scenario file as it is written: the types that serde reads and the schema is made from.
//!
//! They are the one place that knows which keys exist. The structural pass and the JSON schema
//! follow from them, and their doc comments become the descriptions that an editor shows. What a
//! text such as `"5ms..80ms"` means is left to the compile step, which knows its place.

mod limits;
mod step;

use std::collections::BTreeMap;

use punctual_model::INVARIANTS;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

pub(crate) use self::limits::Limits;
pub use self::step::step_keys;
pub(crate) use self::step::{
    ANNOUNCE, COMMENT, CURSOR, Declared, Doing, Kind, PUBLISH, REPEAT, SAVE, SLEEP, STATUS, Said, Step, WORK,
    Who,
};
pub(crate) use crate::placed::{Anything, At, Lines, Text};

/// A scenario of punctual: a background job, the streams that deliver its events, and the clients that wait for them.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "a field is called what its key is called")]
pub(crate) struct Scenario {
    /// The scenario's name, in kebab-case.
    pub(crate) scenario: Text,
    /// What it shows, in a sentence or more.
    pub(crate) about: Text,
    /// When a run is over, e.g. "10s after voiceover".
    pub(crate) ends: Option<Text>,
    /// The job.
    pub(crate) job: Job,
    /// The kinds of events.
    #[serde(default)]
    pub(crate) event: Vec<Event>,
    /// The event stores.
    #[serde(default)]
    pub(crate) store: Vec<Store>,
    /// Rows of the database; only needed for rows that become visible late.
    #[serde(default)]
    pub(crate) row: Vec<Row>,
    /// Signals that wake tasks.
    #[serde(default)]
    pub(crate) signal: Vec<Signal>,
    /// Tables of sleeping times: status -> times by age, e.g. "300ms below 30s, 1s".
    #[serde(default)]
    pub(crate) policy: BTreeMap<Text, Lines>,
    /// The tasks.
    pub(crate) task: Vec<Task>,
    /// The clients.
    #[serde(default)]
    pub(crate) client: Vec<Client>,
    /// Limits of the invariants that need one.
    pub(crate) limits: Option<Limits>,
    /// What is checked, in the base and in every variant.
    #[serde(default)]
    pub(crate) expect: Expectations,
    /// Variants: patches of this file, by name.
    #[serde(default)]
    pub(crate) variant: BTreeMap<Text, Variant>,
    /// Variants that are checked together, by their names joined with "+".
    #[serde(default)]
    pub(crate) combination: BTreeMap<Text, Combination>,
    /// The variants that are proposed as fixes, in the order in which they are recommended.
    #[serde(default)]
    pub(crate) fixes: Vec<Text>,
    /// What no timing brings into play, and may stay so: steps as "TASK.STEP", "client.NAME.timer.TIMER", "client.NAME.on.EVENT".
    #[serde(default, rename = "never-taken")]
    pub(crate) never_taken: Vec<Text>,
    /// Orders of steps that are claimed to be possible or impossible.
    #[serde(default)]
    pub(crate) interleaving: Vec<Interleaving>,
}

/// The job.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Job {
    /// Its status when a run begins.
    pub(crate) status: Text,
    /// Further statuses that it could have, although no task sets them here.
    #[serde(default)]
    pub(crate) others: Vec<Text>,
}

/// A kind of event.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    /// Its name.
    pub(crate) name: Text,
    /// The row that it tells of.
    pub(crate) row: Option<Text>,
    /// Whether it is the last thing that a client needs.
    #[serde(default)]
    pub(crate) terminal: bool,
}

/// An event store.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Store {
    /// Its name.
    pub(crate) name: Text,
    /// Where ids come from: "given", "counter" or "clock 1ms".
    pub(crate) ids: Text,
    /// How many of the newest events it keeps; all if this is left out.
    #[schemars(range(min = 1, max = 65535))]
    pub(crate) keep: Option<At<u16>>,
}

/// A row of the database.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Row {
    /// Its name.
    pub(crate) name: Text,
    /// A delay: how long after its commit it becomes visible.
    pub(crate) visible_after: Option<Text>,
}

/// A signal that wakes those who wait for it.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signal {
    /// Its name.
    pub(crate) name: Text,
    /// Whether a notification that finds nobody waiting is kept for the next who waits.
    pub(crate) permit: bool,
}

/// Steps that are taken one after the other on one node.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Task {
    /// Its name.
    pub(crate) name: Text,
    /// The event loop that it runs on; tasks with the same node share one.
    pub(crate) node: Text,
    /// A delay after which it starts, or "spawned"; at once if left out.
    pub(crate) starts: Option<Text>,
    /// The client whose connection it is the server's end of.
    pub(crate) serves: Option<Text>,
    /// How many cursors it keeps: one for all stores (if left out), or one per source.
    pub(crate) cursors: Option<At<Cursors>>,
    /// Steps taken once.
    #[serde(default)]
    pub(crate) steps: Vec<At<Step>>,
    /// Steps taken after those, again and again.
    #[serde(default)]
    pub(crate) r#loop: Vec<At<Step>>,
    /// Steps taken instead of the rest once a commit has failed.
    #[serde(default)]
    pub(crate) otherwise: Vec<At<Step>>,
}

/// How many cursors a task keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Cursors {
    /// One, held against the ids of every store that it sends from.
    One,
    /// One for each store; announcing from a row moves none unless it says so.
    PerSource,
}

/// A client and what it does when told something.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    /// Its name.
    pub(crate) name: Text,
    /// A delay: how long what is sent to it travels.
    pub(crate) latency: Text,
    /// A delay: how long it waits before it connects again when its connection has ended, cleanly or not. It does not if this is left out.
    pub(crate) reconnects: Option<Text>,
    /// Whether it then names the last event that it has, as `Last-Event-ID`; it does if this is left out.
    pub(crate) resumes: Option<At<bool>>,
    /// Its timers.
    #[serde(default)]
    pub(crate) timer: Vec<Timer>,
    /// How it reacts to events.
    #[serde(default)]
    pub(crate) on: Vec<Reaction>,
}

/// A client's timer.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Timer {
    /// Its name.
    pub(crate) name: Text,
    /// What starts it: "start", "byte", "any event" or an event.
    pub(crate) from: Text,
    /// A delay after which it fires.
    pub(crate) limit: Text,
    /// Events that stop it.
    #[serde(default)]
    pub(crate) stops: Vec<Text>,
    /// What the user is shown when it fires.
    pub(crate) shows: Option<Shows>,
    /// Whether the client is at its end when it fires.
    #[serde(default)]
    pub(crate) ends: bool,
    /// Whether the client gives up its connection when it fires, and connects again.
    pub(crate) reconnects: Option<At<bool>>,
}

/// How a client reacts to an event.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reaction {
    /// The event.
    pub(crate) event: Text,
    /// Which copies of it the client understands; all if left out.
    pub(crate) copies: Option<Copied>,
    /// What the user is then shown.
    pub(crate) shows: Option<Shows>,
    /// What the client then fetches: "row NAME" or "file NAME".
    pub(crate) fetches: Option<Text>,
    /// A delay: how long that request travels.
    pub(crate) takes: Option<Text>,
    /// Whether the client is then at its end.
    #[serde(default)]
    pub(crate) ends: bool,
}

/// What a user sees.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Shows {
    /// That it goes on.
    Progress,
    /// That it worked.
    Success,
    /// That it failed.
    Failure,
}

/// Which copies of an event a client understands.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Copied {
    /// All.
    All,
    /// Those that the server's end made from a row.
    Synthesized,
}

/// A patch of the file, by name.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(
    clippy::zero_sized_map_values,
    reason = "the values are taken from the tree, which knows their places"
)]
pub(crate) struct Variant {
    /// What it changes and why.
    pub(crate) about: Option<Text>,
    /// Values to set, by path: "task.NAME.STEP.KEY", "policy.NAME.STATUS", "client.NAME.timer.TIMER.KEY", "store.NAME.KEY".
    #[serde(default)]
    pub(crate) set: BTreeMap<Text, Anything>,
    /// Paths of optional keys to leave out.
    #[serde(default)]
    pub(crate) unset: Vec<Text>,
    /// Steps to insert.
    #[serde(default)]
    pub(crate) insert: Vec<At<Insert>>,
    /// Steps to move within their task.
    #[serde(default)]
    pub(crate) r#move: Vec<At<Move>>,
    /// Steps to replace; the new one keeps the name unless it has its own.
    #[serde(default)]
    pub(crate) replace: Vec<Replace>,
    /// Steps to remove.
    #[serde(default)]
    pub(crate) remove: Vec<Text>,
    /// Earlier variants whose values this one replaces where both are combined.
    #[serde(default)]
    pub(crate) overrides: Vec<Text>,
    /// What no timing of this variant brings into play, beside what the base says; lines that it sets too, as "policy.NAME.STATUS".
    #[serde(default, rename = "never-taken")]
    pub(crate) never_taken: Vec<Text>,
    /// Expectations that differ from those of the base.
    #[serde(default)]
    pub(crate) expect: Expectations,
}

/// A step to insert.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Insert {
    /// The step, as "TASK.STEP", that it comes after.
    pub(crate) after: Option<Text>,
    /// The step, as "TASK.STEP", that it comes before.
    pub(crate) before: Option<Text>,
    /// The new step.
    #[serde(rename = "step")]
    pub(crate) _step: Step,
}

/// A step to move.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    /// The step, as "TASK.STEP".
    pub(crate) step: Text,
    /// The step of the same task that it then comes after.
    pub(crate) after: Option<Text>,
    /// The step of the same task that it then comes before.
    pub(crate) before: Option<Text>,
}

/// A step to replace.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Replace {
    /// The step, as "TASK.STEP".
    pub(crate) step: Text,
    /// The new step.
    #[serde(rename = "with")]
    pub(crate) _with: Step,
}

/// Variants that are checked together.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Combination {
    /// What is to be seen in it.
    pub(crate) about: Option<Text>,
    /// What no timing of it brings into play, beside what the base and its variants say.
    #[serde(default, rename = "never-taken")]
    pub(crate) never_taken: Vec<Text>,
    /// Expectations that differ from those of the base.
    #[serde(default)]
    pub(crate) expect: Expectations,
}

/// An order of steps that is claimed to be possible or impossible.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Interleaving {
    /// Its name.
    pub(crate) name: Text,
    /// The variant or combination in which it is claimed; the base if left out.
    pub(crate) variant: Option<Text>,
    /// Steps as "TASK.STEP"; "TASK.STEP@3" is the third time that the step is taken in a run.
    pub(crate) order: At<Vec<Text>>,
    /// "impossible": no timing allows it.
    pub(crate) expect: Option<At<Claim>>,
    /// Invariants that runs with this order break.
    pub(crate) breaks: Option<Vec<Text>>,
    /// Invariants that runs with this order keep.
    pub(crate) keeps: Option<Vec<Text>>,
}

/// What can be claimed of an order.
#[derive(Clone, Copy, Debug, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Claim {
    /// No timing allows it.
    Impossible,
}

/// What is expected of an invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expectation {
    /// It holds in every run.
    Holds,
    /// Some run breaks it.
    Violated,
    /// It is checked and reported, and either result will do.
    Any,
}

/// What is expected of each invariant, by its name, and of the number of states.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expectations {
    pub(crate) rules: BTreeMap<Text, At<Expectation>>,
    pub(crate) states: Option<At<u32>>,
}

impl Expectations {
    /// The key that is no invariant.
    const STATES: &'static str = "states";
}

impl<'de> Deserialize<'de> for Expectations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = Expectations;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of expectations")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Expectations, A::Error> {
                let mut expectations = Expectations::default();
                while let Some(key) = table.next_key::<Text>()? {
                    if key.value == Expectations::STATES {
                        expectations.states = Some(table.next_value()?);
                    } else {
                        expectations.rules.insert(key, table.next_value()?);
                    }
                }
                Ok(expectations)
            }
        }
        deserializer.deserialize_map(Table)
    }
}

impl JsonSchema for Expectations {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Expectations".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let expectation = generator.subschema_for::<Expectation>();
        let each = INVARIANTS.iter().map(|invariant| {
            let asked = json_schema!({ "description": invariant.asks, "allOf": [expectation.clone()] });
            (invariant.name.to_owned(), asked.to_value())
        });
        let mut properties: serde_json::Map<_, _> = each.collect();
        properties.insert(
            Self::STATES.to_owned(),
            json_schema!({
                "description": "How many states exploring every timing keeps, over all invariants. Each variant has its own number; of one that says none, none is expected.",
                "type": "integer",
                "minimum": 1,
                "maximum": 4_000_000_000_u32,
            })
            .to_value(),
        );
        json_schema!({
            "description": "What is expected of each invariant, by its name, and of the number of states.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}
