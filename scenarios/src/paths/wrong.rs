//! What is wrong with a path, or with the name of a parameter.

use std::fmt;

use crate::problem::Problems;
use crate::words::{did_you_mean, listed, quoted};

/// Why a path leads to no value of the kind that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongPath {
    /// The file, or the variant under which it is read, is refused.
    Refused(Box<Problems>),
    /// It leads nowhere.
    Nowhere(String),
    /// There is a table, and the last part of the path is no key of it.
    NoKey {
        /// The path.
        path: String,
        /// Its last part.
        key: String,
        /// The keys that there are.
        keys: Vec<String>,
    },
    /// The file itself has no text there.
    NoText(String),
    /// What is there is no duration.
    NoDuration {
        /// The path.
        path: String,
        /// What is there, as a message shows it.
        is: String,
    },
    /// What is there is a list.
    List(String),
    /// A duration, and one end of it is asked for.
    NoEnds {
        /// The path.
        path: String,
        /// What is there.
        text: String,
    },
    /// An interval, of which no end is named.
    TwoEnds {
        /// The path.
        path: String,
        /// What is there.
        text: String,
    },
    /// Several values stand below it.
    NoValue {
        /// The path.
        path: String,
        /// Those below it.
        within: Vec<String>,
    },
    /// There is no parameter of this name.
    NoParameter {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// No client has a timer.
    NoTimer,
    /// There are several timers.
    SeveralTimers(Vec<String>),
}

/// Why a name names no parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoParameter {
    /// What is wrong.
    pub wrong: WrongPath,
    /// The parameters that there are, where that helps.
    pub known: Option<Vec<String>>,
}

impl WrongPath {
    pub(crate) fn refused(problems: Problems) -> Self {
        Self::Refused(Box::new(problems))
    }

    /// The same, for whoever looked for a parameter and may look for one of these.
    pub(crate) fn among(self, known: Vec<String>) -> NoParameter {
        NoParameter { wrong: self, known: Some(known) }
    }
}

impl From<WrongPath> for NoParameter {
    fn from(wrong: WrongPath) -> Self {
        Self { wrong, known: None }
    }
}

impl fmt::Display for WrongPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |words: &[String]| listed(words.iter().map(String::as_str));
        let near = |word: &str, known: &[String]| did_you_mean(word, known.iter().map(String::as_str));
        match self {
            // In one line and its help.
            Self::Refused(problems) => match &problems.list[0] {
                problem if let Some(help) = &problem.help => write!(f, "{}\n{help}", problem.title),
                problem => f.write_str(&problem.title),
            },
            Self::Nowhere(path) => write!(f, "{} leads nowhere", quoted(path)),
            Self::NoKey { path, key, keys } => {
                write!(f, "there is no {}{}; there are {}", quoted(path), near(key, keys), words(keys))
            }
            Self::NoText(path) => write!(f, "the file says no {}", quoted(path)),
            Self::NoDuration { path, is } => {
                write!(f, "{} is {is}, and only a duration can be varied", quoted(path))
            }
            Self::List(path) => write!(f, "{} is a list; name one value in it", quoted(path)),
            Self::NoEnds { path, text } => {
                let path = quoted(path);
                write!(f, "{path} is {} and has no ends: name it {path}", quoted(text))
            }
            Self::TwoEnds { path, text } => {
                let [min, max] = ["min", "max"].map(|end| quoted(&format!("{path}.{end}")));
                let (path, text) = (quoted(path), quoted(text));
                write!(f, "{path} is {text} and has two ends: name one, {min} or {max}")
            }
            Self::NoValue { path, within } => {
                write!(f, "{} is no value by itself; there are {}", quoted(path), words(within))
            }
            Self::NoParameter { name, known } => {
                write!(f, "there is no parameter {}{}", quoted(name), near(name, known))
            }
            Self::NoTimer => f.write_str("no client has a timer"),
            Self::SeveralTimers(all) => write!(f, "there are several timers, name one: {}", all.join(", ")),
        }
    }
}

impl fmt::Display for NoParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.wrong.fmt(f)?;
        match &self.known {
            Some(known) => write!(f, "\nparameters: {}", known.join(", ")),
            None => Ok(()),
        }
    }
}

impl std::error::Error for WrongPath {}

impl std::error::Error for NoParameter {}
