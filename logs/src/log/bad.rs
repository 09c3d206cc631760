//! What can be wrong with a log so that it cannot be read, each with what would be right.

use std::error::Error;
use std::fmt;
use std::str::Utf8Error;

use punctual_scenarios::NoFact;

use super::line::LineNumber;
use super::schema::SCHEMA;
use crate::words::BadTells;

/// A log that cannot be read, with the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLog {
    /// The line.
    pub line: LineNumber,
    /// What is wrong with it.
    pub what: BadLine,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadLine {
    /// The file cannot be read: what the system says.
    Unreadable(String),
    /// It is longer than any line may be.
    TooLong {
        /// So many bytes it may have.
        most: usize,
    },
    /// It is no text, or no JSON.
    Garbled(Garbled),
    /// It is JSON, and no object.
    NoObject,
    /// It comes before any first line of a run.
    NoFirst,
    /// The first line of a run has something that is not of its kind.
    NoHead(String),
    /// The first line of a run is of this version, which is not known.
    Version(String),
    /// The first line of a run says of what there would be lines, in a wrong way.
    Tells(BadTells),
    /// A line of a fact lacks something, or has what is not of its kind.
    NoFact(String),
    /// `at` is no instant.
    At(String),
    /// `at` is a text, and no time of the day.
    Time {
        /// The text.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// `at` is of another kind than in the lines before.
    OtherAt,
    /// `at` is so many microseconds away.
    TooFar(i64),
    /// It comes after the end of its run.
    AfterEnd,
    /// `copy` is this, which no copy is.
    NoCopy(String),
    /// `fact` tells what the system does not have.
    Fact(NoFact),
    /// There is no line at all.
    Empty,
}

/// Bytes that are no text, or no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Garbled {
    /// They are no UTF-8.
    Text(Utf8Error),
    /// They are no JSON.
    Json {
        /// The column, from 1; 0 if nobody knows.
        column: usize,
        /// What the reader of JSON says.
        said: String,
    },
}

impl BadLine {
    /// The column of it, from 1; none if it is the line as a whole.
    fn column(&self) -> Option<usize> {
        match self {
            Self::Garbled(Garbled::Text(error)) => Some(error.valid_up_to() + 1),
            Self::Garbled(Garbled::Json { column, .. }) => Some(*column).filter(|column| *column > 0),
            Self::NoObject | Self::NoFirst => Some(1),
            Self::Unreadable(_)
            | Self::TooLong { .. }
            | Self::NoHead(_)
            | Self::Version(_)
            | Self::Tells(_)
            | Self::NoFact(_)
            | Self::At(_)
            | Self::Time { .. }
            | Self::OtherAt
            | Self::TooFar(_)
            | Self::AfterEnd
            | Self::NoCopy(_)
            | Self::Fact(_)
            | Self::Empty => None,
        }
    }
}

impl fmt::Display for BadLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.line)?;
        if let Some(column) = self.what.column() {
            write!(f, ":{column}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// How a line of a fact is written.
const RIGHT: &str = "write {\"at\":MICROSECONDS,\"fact\":\"published EVENT\"}";

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) | Self::NoHead(why) => f.write_str(why),
            Self::Fact(why) => why.fmt(f),
            Self::TooLong { most } => write!(f, "a line of more than {most} bytes"),
            Self::Garbled(Garbled::Text(_)) => f.write_str("this is no UTF-8"),
            Self::Garbled(json @ Garbled::Json { .. }) => write!(f, "this is no JSON object: {json}"),
            Self::NoObject => write!(f, "this is no JSON object: {RIGHT}"),
            Self::NoFirst => write!(f, "the first line must be {{\"schema\":{SCHEMA:?}}}"),
            Self::Version(schema) => write!(f, "the version {schema:?} is not known; write {SCHEMA:?}"),
            Self::Tells(tells) => tells.fmt(f),
            Self::NoFact(why) => write!(f, "{why}: {RIGHT}"),
            Self::At(at) => write!(
                f,
                "\"at\" is {at}: write whole microseconds, as in {{\"at\":1200,\"fact\":\"published EVENT\"}}, or a \
                 time by RFC 3339"
            ),
            Self::Time { text, why } => write!(f, "{text:?} is no time: {why}"),
            Self::OtherAt => {
                f.write_str("a run has microseconds or times throughout, and this line the other")
            }
            Self::TooFar(us) => write!(f, "{us} us are too far away"),
            Self::AfterEnd => f.write_str("nothing follows the end of a run but the first line of another"),
            Self::NoCopy(copy) => {
                write!(f, "no copy is {copy:?}: write \"published\" or \"synthesized\"")
            }
            Self::Empty => f.write_str("the log is empty"),
        }
    }
}

impl fmt::Display for Garbled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(error) => error.fmt(f),
            Self::Json { said, .. } => f.write_str(said),
        }
    }
}

impl Error for BadLog {}
impl Error for BadLine {}
impl Error for Garbled {}
