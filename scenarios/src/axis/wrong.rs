//! What is wrong with a dimension of a sweep.

use std::fmt;

use crate::duration::NoDuration;
use crate::paths::{NoParameter, WrongPath};
use crate::problem::Problems;
use crate::words::quoted;

/// The most values of one parameter.
pub(super) const MOST: u64 = 1_000_000;

/// Why `NAME=VALUES` is no dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAxis {
    /// What was said.
    pub text: String,
    /// What is wrong with it.
    pub wrong: WrongAxis,
}

/// What is wrong with a dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongAxis {
    /// It gives no values.
    NoValues,
    /// Its name names no parameter.
    Parameter(NoParameter),
    /// This case cannot be made.
    Variant(Box<Problems>),
    /// A variant was chosen already.
    VariantTwice,
    /// A value is no duration.
    Duration(NoDuration),
    /// A value is no number.
    NoNumber(String),
    /// A range of what has none.
    NoRange(Now),
    /// A value of another type.
    Unlike(Now, String),
    /// What says how many values there are is no number.
    NoCount(String),
    /// A range has too many values, or none.
    Count {
        /// The range.
        range: String,
        /// How many it has.
        count: u64,
    },
    /// The range begins beyond its end.
    Reversed(Ends),
    /// One value is asked for of a range with two ends.
    OneOfTwo(Ends),
    /// Factors from nothing.
    FromNothing(Ends),
    /// A value is empty.
    Empty(String),
    /// A value comes twice.
    Twice(String),
}

/// What the file has at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// The path.
    pub name: String,
    /// What is there, as TOML writes it.
    pub value: String,
}

/// The ends of a range, as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The lower one.
    pub low: String,
    /// The upper one.
    pub high: String,
}

impl From<NoParameter> for WrongAxis {
    fn from(wrong: NoParameter) -> Self {
        Self::Parameter(wrong)
    }
}

impl From<WrongPath> for WrongAxis {
    fn from(wrong: WrongPath) -> Self {
        Self::Parameter(wrong.into())
    }
}

impl From<NoDuration> for WrongAxis {
    fn from(wrong: NoDuration) -> Self {
        Self::Duration(wrong)
    }
}

impl fmt::Display for WrongAxis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValues => {
                f.write_str("this gives no values: write NAME=LOW..HIGH:COUNT or NAME=VALUE,VALUE")
            }
            Self::Parameter(wrong) => wrong.fmt(f),
            Self::Variant(problems) => f.write_str(&problems.list[0].title),
            Self::VariantTwice => {
                f.write_str("`--variant` and `--vary variant=…` are two ways to say the same")
            }
            Self::Duration(wrong) => wrong.fmt(f),
            Self::NoNumber(text) => write!(f, "{} is no number", quoted(text)),
            Self::NoRange(Now { name, value }) => {
                write!(f, "{} is {value}, and has no range: list its values", quoted(name))
            }
            Self::Unlike(Now { name, value }, text) => {
                write!(f, "{} is {value}, and cannot be {}", quoted(name), quoted(text))
            }
            Self::NoCount(text) => write!(
                f,
                "{} is no number of values: write LOW..HIGH:COUNT, and :log behind it for even factors",
                quoted(text)
            ),
            Self::Count { range, count } => {
                write!(f, "{} has {count} values: from 1 to {MOST} are possible", quoted(range))
            }
            Self::Reversed(ends) => write!(f, "{ends} is reversed: write {}..{}", ends.high, ends.low),
            Self::OneOfTwo(ends) => write!(f, "{ends} has one value and two ends: write the one value"),
            Self::FromNothing(ends) => {
                write!(f, "{ends} begins with nothing, and no factor leads away from there: begin with more")
            }
            Self::Empty(values) => write!(f, "{} has a value that is empty", quoted(values)),
            Self::Twice(value) => write!(f, "the value {} comes twice: ask for fewer", quoted(value)),
        }
    }
}

impl fmt::Display for NoAxis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--vary {}: {}", self.text, self.wrong)
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&format!("{}..{}", self.low, self.high)))
    }
}

impl std::error::Error for WrongAxis {}

impl std::error::Error for NoAxis {}
