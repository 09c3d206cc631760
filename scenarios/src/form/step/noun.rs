//! What a text behind the key of a step means.
//!
//! The table of kinds says it of each key; the manual lists it, and a name that is declared by being used is known by it.

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

impl Noun {
    pub(super) fn text(self) -> &'static str {
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
