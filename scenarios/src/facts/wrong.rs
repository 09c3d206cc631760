//! What is wrong with the name of a fact.

use std::fmt;

use super::{forms, nearest_word};
use crate::words::{did_you_mean, listed, quoted};

/// Why a text names no fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoFact {
    /// The names of facts have another form.
    Unformed(String),
    /// No fact begins with this word.
    UnknownWord {
        /// The text.
        text: String,
        /// The word.
        word: String,
    },
    /// It says at which client, and happens at none.
    TakesNoClient {
        /// The text.
        text: String,
        /// Its first word.
        word: &'static str,
        /// What that is followed by.
        of: &'static str,
    },
    /// There is nothing of this name.
    Unknown {
        /// What there is none of.
        noun: &'static str,
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// It could be at any client.
    AnyClient {
        /// The text.
        text: String,
        /// The clients.
        clients: Vec<String>,
    },
    /// Several clients have a timer of this name.
    SeveralTimers(String),
}

impl fmt::Display for NoFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unformed(text) => write!(f, "{} is no fact: write {}", quoted(text), forms()),
            Self::UnknownWord { text, word } => {
                let near = nearest_word(word);
                let hint = near.map_or(String::new(), |near| format!(", did you mean {}?", quoted(near)));
                let (text, word) = (quoted(text), quoted(word));
                write!(f, "{text} is no fact: unknown word {word}{hint}\nwrite {}", forms())
            }
            Self::TakesNoClient { text, word, of } => {
                write!(f, "{} is no fact: {word} takes no client, write `{word} {of}`", quoted(text))
            }
            Self::Unknown { noun, name, known } => {
                let known = known.iter().map(String::as_str);
                let hint = did_you_mean(name, known.clone());
                write!(f, "unknown {noun} {}{hint}\nknown: {}", quoted(name), listed(known.take(40)))
            }
            Self::AnyClient { text, clients } => write!(
                f,
                "{} could be at any client: add `at CLIENT`, one of {}",
                quoted(text),
                listed(clients.iter().map(String::as_str))
            ),
            Self::SeveralTimers(name) => {
                write!(f, "several clients have a timer {}: add `at CLIENT`", quoted(name))
            }
        }
    }
}

impl std::error::Error for NoFact {}
