//! What is refused: why a function is no policy, and where in its text.
//!
//! It is said here as a value, and in words by whoever shows it: that knows the file in which the function stands, and
//! how what is wrong there is told.

use std::fmt;
use std::ops::Range;

use punctual_sim::Span;
use ruff_text_size::TextRange;

use crate::stop::Stop;

/// What is said of an answer that depends on the C library that Python uses.
pub const DIFFERS: &str = "a power whose last digit differs between platforms";

/// Why a function is no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub why: Why,
    /// Where.
    pub place: Place,
    /// Where a name is used that cannot be known, if that is what is wrong.
    pub used: Option<Range<usize>>,
}

/// Where it is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In these bytes of the function's text.
    Text(Range<usize>),
    /// In all of it.
    Whole,
    /// In the arguments that it is called with beside status and age.
    Arguments,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is no Python; the parser says this.
    NoPython(String),
    /// A statement of more than so many words in one another, or one that is nested so deep.
    Nested {
        /// The most words.
        words: u32,
        /// The deepest.
        deep: u32,
    },
    /// A statement of more than so many words.
    Long {
        /// The most words.
        words: u32,
    },
    /// This cannot stand between the brackets of a call.
    NoArguments(String),
    /// The function takes no argument of this name.
    UnknownArgument {
        /// The name.
        name: String,
        /// Those that it takes, beside status and age.
        known: Vec<String>,
    },
    /// There is no function of the policy's name ([`NAME`](crate::NAME)).
    NoFunction,
    /// The policy's name is that of something else: of such a type.
    NotAFunction(&'static str),
    /// It uses what a policy may not use.
    Uses(String),
    /// Python raises this; for what it was asked, if it was asked.
    Raises(String, Option<Asked>),
    /// It takes too many steps.
    Forever(Option<Asked>),
    /// It says something else with every microsecond.
    EveryMicrosecond(Option<Asked>),
    /// It returns what is no time to sleep.
    Returns(Returned, Asked),
    /// How long it sleeps changes at too many ages.
    TooManyAges {
        /// For this status.
        status: String,
        /// The most.
        most: usize,
        /// The first of them.
        first: Vec<Span>,
    },
}

/// What a function was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The status.
    pub status: String,
    /// The age of the stream, or the least one of several.
    pub age: Span,
}

/// What was returned, and is no time to sleep; numbers as Python prints them, nearly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Nothing.
    None,
    /// A text.
    Text(String),
    /// Something of this type.
    Typed(&'static str),
    /// An integer that is larger than any float.
    BeyondFloats,
    /// This, which is not above 0, or no number.
    NotAbove0(String),
    /// So many seconds, less than a microsecond.
    TooShort(String),
    /// So many seconds, more than the longest span.
    TooLong(String),
}

/// Why a function gives no seconds for one status and one age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSeconds {
    /// Python itself may say one thing or another.
    Differs,
    /// Python raises this.
    Raises(String),
    /// It uses what a policy may not use.
    Uses(String),
    /// It returns something of this type, which is no number.
    NoNumber(&'static str),
    /// It returns an integer that is larger than any float.
    BeyondFloats,
    /// It takes too many steps.
    Forever,
}

impl Refusal {
    pub(crate) fn new(why: Why, at: TextRange) -> Self {
        Self { why, place: Place::Text(range(at)), used: None }
    }

    /// What is refused wherever it stands.
    pub(crate) fn of(why: Why, place: Place) -> Self {
        Self { why, place, used: None }
    }

    /// An evaluation that stopped there, of what was asked.
    pub(crate) fn stopped(stop: Stop, at: TextRange, asked: Option<Asked>) -> Self {
        let why = match stop {
            Stop::Refused(what) => Why::Uses(what),
            Stop::Raises(what) => Why::Raises(what, asked),
            Stop::Forever => Why::Forever(asked),
            Stop::Undecided => Why::EveryMicrosecond(asked),
        };
        Self::new(why, at)
    }
}

impl fmt::Display for NoSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs => f.write_str(DIFFERS),
            Self::Raises(what) | Self::Uses(what) => f.write_str(what),
            Self::NoNumber(kind) => write!(f, "returns a {kind}"),
            Self::BeyondFloats => f.write_str("returns a number beyond all floats"),
            Self::Forever => f.write_str("does not end"),
        }
    }
}

impl std::error::Error for NoSeconds {}

/// The bytes of a place.
pub(crate) fn range(at: TextRange) -> Range<usize> {
    at.start().to_usize()..at.end().to_usize()
}
