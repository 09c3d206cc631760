//! What a step can do: how it is said, by whom, with which other keys, and what it compiles to.
//!
//! One value of [`Kind`] has all of that. A step's table is read by it, checked by it, described by it in the schema
//! and in the manual, and compiled by it; so a new kind is one entry (`steps::kinds`).

use punctual_model::{
    Action, ClientId, EventId, FileId, NodeId, PolicyId, RowId, SignalId, StatusId, StoreId, TaskId,
};

use super::Steps;
use super::kinds::KINDS;
use crate::form::{At, Said, Step, Text, Words};
use crate::problem::Findings;

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
    Text(Noun, fn(&Doing<'_, '_, '_>, &Text) -> Action),
    /// One or more words that mean such things.
    Words(Noun, fn(&Doing<'_, '_, '_>, &At<Words>) -> Action),
    /// A number of times.
    Count(fn(&Doing<'_, '_, '_>, &At<u16>) -> Action),
}

/// What a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noun {
    /// Nothing to punctual.
    Text,
    Client,
    Cursor,
    Delay,
    Event,
    File,
    Node,
    Policy,
    /// The status, or rows.
    Read,
    Row,
    Signal,
    Status,
    Store,
    Task,
}

/// What is declared by a step that names it: a status that is set, a row that is committed, a file that is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declared {
    Status,
    Row,
    File,
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

/// A step on its way to what it does.
pub(crate) struct Doing<'d, 'a, 't> {
    pub(crate) steps: &'d Steps<'a, 't>,
    pub(crate) step: &'d Step,
    /// Its task and its name, which its draws are keyed by.
    pub(crate) name: &'d str,
    /// The number of the first of the steps that are inside it, if there are any.
    pub(crate) first_inside: usize,
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
    pub(crate) fn compile(&self, doing: &Doing<'_, '_, '_>, said: &Said) -> Action {
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

impl Noun {
    fn text(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Client => "client",
            Self::Cursor => "cursor",
            Self::Delay => "delay",
            Self::Event => "event",
            Self::File => "file",
            Self::Node => "node",
            Self::Policy => "policy",
            Self::Read => "what is read",
            Self::Row => "row",
            Self::Signal => "signal",
            Self::Status => "status",
            Self::Store => "store",
            Self::Task => "task",
        }
    }
}

impl<'a, 't> Doing<'_, 'a, 't> {
    pub(crate) fn findings(&self) -> &'a Findings<'t> {
        self.steps.findings
    }

    pub(crate) fn client(&self, name: &Text) -> ClientId {
        ClientId(self.steps.scope.clients.find(self.findings(), name))
    }

    pub(crate) fn event(&self, name: &Text) -> EventId {
        EventId(self.steps.scope.events.find(self.findings(), name))
    }

    pub(crate) fn file(&self, name: &Text) -> FileId {
        FileId(self.steps.scope.files.find(self.findings(), name))
    }

    pub(crate) fn node(&self, name: &Text) -> NodeId {
        NodeId(self.steps.scope.nodes.find(self.findings(), name))
    }

    pub(crate) fn policy(&self, name: &Text) -> PolicyId {
        PolicyId(self.steps.scope.policies.find(self.findings(), name))
    }

    pub(crate) fn row(&self, name: &Text) -> RowId {
        RowId(self.steps.scope.rows.find(self.findings(), name))
    }

    pub(crate) fn signal(&self, name: &Text) -> SignalId {
        SignalId(self.steps.scope.signals.find(self.findings(), name))
    }

    pub(crate) fn status(&self, name: &Text) -> StatusId {
        StatusId(self.steps.scope.statuses.find(self.findings(), name))
    }

    pub(crate) fn store(&self, name: &Text) -> StoreId {
        StoreId(self.steps.scope.stores.find(self.findings(), name))
    }

    pub(crate) fn task(&self, name: &Text) -> TaskId {
        TaskId(self.steps.scope.tasks.find(self.findings(), name))
    }
}
