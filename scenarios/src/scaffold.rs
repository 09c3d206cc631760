//! What `punctual init` writes: a first scenario to change, and the schema beside it.
//!
//! The scenario is small enough to read in a minute and breaks in two of its cases, because a
//! first run that only says "holds" teaches nothing.

use crate::library::library;
use crate::schema::schema;

/// A file to write, by its path below the directory that is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScaffoldFile {
    /// Where it goes.
    pub path: String,
    /// What it contains.
    pub text: String,
}

/// The first scenario, and the schema that editors check it with.
pub fn scaffold() -> Vec<ScaffoldFile> {
    with_schema("first", FIRST.to_owned())
}

/// The embedded scenario of this name as a file to change, and the schema; nothing if there is none.
pub fn scaffold_from(name: &str) -> Option<Vec<ScaffoldFile>> {
    let (name, text) = library().into_iter().find(|(known, _)| *known == name)?;
    // Beside it lies another schema than beside the library.
    let text = text.replacen("#:schema ../scenario.schema.json", "#:schema ./punctual.schema.json", 1);
    Some(with_schema(name, text))
}

fn with_schema(name: &str, text: String) -> Vec<ScaffoldFile> {
    vec![
        ScaffoldFile { path: format!("scenarios/{name}.toml"), text },
        ScaffoldFile { path: "scenarios/punctual.schema.json".to_owned(), text: schema() },
    ]
}

/// The text of the first scenario.
pub(crate) const FIRST: &str = include_str!("first.toml");
