//! What `punctual init` writes: a first scenario to change, and the schema beside it.
//!
//! The scenario is small enough to read in a minute and breaks in two of its cases, because a
//! first run that only says "holds" teaches nothing.

use crate::schema::schema;

/// A file to write, by its path below the directory that is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaffoldFile {
    /// Where it goes.
    pub path: &'static str,
    /// What it contains.
    pub text: String,
}

/// The first scenario, and the schema that editors check it with.
pub fn scaffold() -> Vec<ScaffoldFile> {
    vec![
        ScaffoldFile { path: "scenarios/first.toml", text: FIRST.to_owned() },
        ScaffoldFile { path: "scenarios/punctual.schema.json", text: schema() },
    ]
}

/// The text of the first scenario.
pub(crate) const FIRST: &str = include_str!("first.toml");
