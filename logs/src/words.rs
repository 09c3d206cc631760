//! The words by which the first line of a log says what it tells, and what can be wrong with them.
//!
//! The reader, the schema and the complaint about a wrong word have to name the same ones.

use std::error::Error;
use std::fmt;

use punctual_scenarios::NoFact;

/// What `tells` of a first line may name beside steps.
pub(super) const WORDS: [&str; 18] = [
    "published",
    "sent",
    "arrived",
    "closed",
    "cut",
    "held",
    "crashed",
    "started",
    "timed-out",
    "found",
    "missed",
    "shown",
    "finished",
    "over",
    "committed",
    "rolled-back",
    "saved",
    "status",
];

/// What is wrong with `tells`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadTells {
    /// It is this, and neither "all" nor a list.
    NoList(String),
    /// It has this, which is neither a word nor a step.
    NoWord(String),
    /// It has what looks like a step, and the system has no such step.
    NoStep(NoFact),
}

impl fmt::Display for BadTells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoList(tells) => write!(f, "\"tells\" is {tells}: ")?,
            Self::NoWord(word) => write!(f, "\"tells\" has {word}: ")?,
            Self::NoStep(why) => return why.fmt(f),
        }
        let words: Vec<String> = WORDS.iter().map(|word| format!("{word:?}")).collect();
        write!(f, "write \"all\", or a list of {} and steps as \"TASK.STEP\"", words.join(", "))
    }
}

impl Error for BadTells {}
