//! With what a result was made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// With what a document was made: the same of these and of the scenarios give the same document.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MadeWith {
    /// The version of punctual.
    pub version: String,
    /// The seed, as it can be given on the command line.
    pub seed: String,
    /// Runs sampled of each case.
    pub runs_each: u64,
    /// Runs sampled in all, with those made to find what is rare.
    pub runs: u64,
    /// The limits of exploring, in words.
    pub limits: Vec<String>,
}
