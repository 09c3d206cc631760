//! What is wrong with the name of a fact.

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
