//! Values of a pasted function.
//!
//! Integers have any size, up to a limit that is told (`number`). Floats are the machine's. A *range* stands for a
//! number of which only the ends are known: the time since the stream began, and what is computed from it.

use std::rc::Rc;

use ruff_text_size::TextRange;

use crate::number::{self, Int};
use crate::position::StatementAt;
use crate::stop::{Stop, raises, refused, unknown};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    None,
    Bool(bool),
    Int(Int),
    Float(f64),
    /// Some float from the first to the second, which is greater.
    Range(f64, f64),
    /// Some integer from the first to the second, which is greater.
    Whole(Int, Int),
    Str(Rc<str>),
    List(Kind, Rc<[Value]>),
    Dict(Rc<[(Value, Value)]>),
    /// A function of the file, by the place of its statement.
    Function(StatementAt),
    /// A function of the language, or of `math`.
    Builtin(&'static str),
    /// A method and what it is called on.
    Method(Rc<Value>, Rc<str>),
    Module(Rc<str>),
    /// A logger, and what becomes of what is written to it.
    Sink,
    /// A text that nobody looks at: one that is put together for a log.
    Opaque,
    /// What nobody here can compute, why, and where the file makes it.
    Lost(Rc<(Stop, TextRange)>),
}

/// What kind of a list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    List,
    Tuple,
    /// No two of its items are equal, and they are in no order.
    Set,
}

/// What an operation comes to.
pub(crate) type Done = Result<Value, Stop>;

impl Value {
    pub(crate) fn text(text: &str) -> Self {
        Self::Str(text.into())
    }

    /// A float, or a range of them.
    pub(crate) fn range(low: f64, high: f64) -> Done {
        if low.is_nan() || high.is_nan() {
            return Err(Stop::Undecided);
        }
        Ok(if low.to_bits() == high.to_bits() { Self::Float(low) } else { Self::Range(low, high) })
    }

    /// An integer, or a range of them.
    pub(crate) fn whole(low: Int, high: Int) -> Self {
        if low == high { Self::Int(low) } else { Self::Whole(low, high) }
    }

    /// An integer of the machine.
    pub(crate) fn small(value: impl Into<Int>) -> Self {
        Self::Int(value.into())
    }

    /// Whether only its ends are known.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Range(..) | Self::Whole(..))
    }

    /// The ends of an integer.
    pub(crate) fn whole_ends(&self) -> Option<(Int, Int)> {
        match self {
            Self::Whole(low, high) => Some((low.clone(), high.clone())),
            other => other.int().map(|value| (value.clone(), value)),
        }
    }

    /// What Python calls its type.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Whole(..) => "int",
            Self::Float(_) | Self::Range(..) => "float",
            Self::Str(_) | Self::Opaque => "str",
            Self::List(Kind::List, _) => "list",
            Self::List(Kind::Tuple, _) => "tuple",
            Self::List(Kind::Set, _) => "set",
            Self::Dict(_) => "dict",
            Self::Function(_) | Self::Builtin(_) | Self::Method(..) => "function",
            Self::Module(_) | Self::Lost(_) => "module",
            Self::Sink => "Logger",
        }
    }

    pub(crate) fn truth(&self) -> Result<bool, Stop> {
        Ok(match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => !number::is_zero(value),
            Self::Float(value) => *value != 0.0,
            Self::Range(low, high) if *low > 0.0 || *high < 0.0 => true,
            Self::Whole(low, high) if *low > Int::ZERO || *high < Int::ZERO => true,
            Self::Range(..) | Self::Whole(..) => return Err(Stop::Undecided),
            Self::Opaque => return Err(refused("to look at a text that was put together")),
            Self::Str(text) => !text.is_empty(),
            Self::List(_, items) => !items.is_empty(),
            Self::Dict(items) => !items.is_empty(),
            Self::Function(_) | Self::Builtin(_) | Self::Method(..) => true,
            Self::Module(module) => return Err(unknown(module)),
            Self::Lost(lost) => return Err(lost.0.clone()),
            Self::Sink => return Err(refused("what a log says")),
        })
    }

    /// As an integer, if it is one; a `bool` is.
    pub(crate) fn int(&self) -> Option<Int> {
        match self {
            Self::Bool(value) => Some(Int::from(u8::from(*value))),
            Self::Int(value) => Some(value.clone()),
            _ => None,
        }
    }

    /// Whether it is a number.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Bool(_) | Self::Int(_) | Self::Float(_) | Self::Range(..) | Self::Whole(..))
    }

    /// The ends of a number as floats, an infinite one for what is beyond the largest: for comparing.
    pub(crate) fn reach(&self) -> Option<(f64, f64)> {
        match self {
            Self::Float(value) => Some((*value, *value)),
            Self::Range(low, high) => Some((*low, *high)),
            Self::Whole(low, high) => Some((number::reach(low), number::reach(high))),
            other => other.int().map(|value| (number::reach(&value), number::reach(&value))),
        }
    }

    /// The ends of a number as floats: what Python makes of an integer that meets a float. `None` for no number.
    pub(crate) fn ends(&self) -> Result<Option<(f64, f64)>, Stop> {
        match self {
            Self::Whole(low, high) => match (number::to_float(low), number::to_float(high)) {
                (Ok(low), Ok(high)) => Ok(Some((low, high))),
                // Both are too large, and so is what lies between them, unless one is too small.
                (Err(stop), Err(_)) if number::is_negative(low) == number::is_negative(high) => Err(stop),
                _ => Err(Stop::Undecided),
            },
            Self::Bool(_) | Self::Int(_) => {
                let value = number::to_float(&self.int().unwrap_or_default())?;
                Ok(Some((value, value)))
            }
            other => Ok(other.reach()),
        }
    }

    pub(crate) fn negated(&self) -> Done {
        match self {
            Self::Whole(low, high) => Ok(Self::whole(-high.clone(), -low.clone())),
            Self::Float(value) => Ok(Self::Float(-value)),
            Self::Range(low, high) => Self::range(-high, -low),
            other => match other.int() {
                Some(value) => Ok(Self::Int(-value)),
                None => Err(raises(format!("TypeError: bad operand type for unary -: '{}'", self.kind()))),
            },
        }
    }
}
