//! Values of a pasted function, and `CPython`'s arithmetic on them.
//!
//! Integers have any size, up to a limit that is told (`number`). Floats are the machine's, and the operations
//! that Python defines itself (`//`, `%`, `round`) follow its definition step by step. A *range* stands for a
//! number of which only the ends are known: the time since the stream began, and what is computed from it.
//! Addition, subtraction, multiplication and division round monotonically, so what they give for the ends are
//! the ends of what they give.

use std::cmp::Ordering;
use std::rc::Rc;

use ruff_python_ast::{CmpOp, Operator};
use ruff_text_size::TextRange;

use crate::number::{self, Int};
use crate::power;
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
    Function(usize),
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

/// `left op right`.
pub(crate) fn binary(left: &Value, op: Operator, right: &Value) -> Done {
    if let (Value::Str(left), Value::Str(right), Operator::Add) = (left, right, op) {
        return Ok(Value::Str(format!("{left}{right}").into()));
    }
    if matches!(left, Value::Opaque) || matches!(right, Value::Opaque) {
        return Ok(Value::Opaque);
    }
    if let (Value::Bool(left), Value::Bool(right)) = (left, right) {
        match op {
            Operator::BitAnd => return Ok(Value::Bool(left & right)),
            Operator::BitOr => return Ok(Value::Bool(left | right)),
            Operator::BitXor => return Ok(Value::Bool(left ^ right)),
            _ => {}
        }
    }
    for value in [left, right] {
        match value {
            Value::Module(module) => return Err(unknown(module)),
            Value::Lost(lost) => return Err(lost.0.clone()),
            _ => {}
        }
    }
    // Python knows more of them than is known here.
    let joins = |value: &Value| matches!(value, Value::Str(_) | Value::List(..) | Value::Dict(_));
    if joins(left) && (joins(right) || op != Operator::Add || !right.is_number())
        || joins(right) && (op == Operator::Mult || !left.is_number())
    {
        let (op, left, right) = (op.as_str(), left.kind(), right.kind());
        return Err(refused(format!("`{op}` of a `{left}` and a `{right}`")));
    }
    if let (Some(left), Some(right)) = (left.int(), right.int()) {
        return of_ints(&left, op, &right);
    }
    if !left.is_number() || !right.is_number() {
        let (left, right) = (left.kind(), right.kind());
        return Err(raises(format!(
            "TypeError: unsupported operand type(s) for {}: '{left}' and '{right}'",
            op.as_str()
        )));
    }
    if let (Some(one), Some(other)) = (left.whole_ends(), right.whole_ends())
        && let Some(done) = of_wholes((&one.0, &one.1), op, (&other.0, &other.1))
    {
        return done;
    }
    let (Some(one), Some(other)) = (left.ends()?, right.ends()?) else { return Err(Stop::Undecided) };
    match (left, right) {
        _ if left.is_open() || right.is_open() => of_ranges(one, op, other),
        _ => of_floats(one.0, op, other.0),
    }
}

fn of_ints(left: &Int, op: Operator, right: &Int) -> Done {
    let whole = |value: Int| number::sized(value).map(Value::Int);
    match op {
        Operator::Add => whole(left + right),
        Operator::Sub => whole(left - right),
        Operator::Mult => whole(left * right),
        Operator::Div => number::divided(left, right).map(Value::Float),
        Operator::FloorDiv => number::divmod(left, right).map(|(quotient, _)| Value::Int(quotient)),
        Operator::Mod => number::divmod(left, right).map(|(_, rest)| Value::Int(rest)),
        Operator::Pow if number::is_negative(right) => {
            of_floats(number::to_float(left)?, op, number::to_float(right)?)
        }
        Operator::Pow => number::power(left, right).map(Value::Int),
        Operator::LShift => number::shifted_left(left, right).map(Value::Int),
        Operator::RShift => number::shifted_right(left, right).map(Value::Int),
        Operator::BitOr => whole(left | right),
        Operator::BitXor => whole(left ^ right),
        Operator::BitAnd => whole(left & right),
        Operator::MatMult => Err(raises("TypeError: unsupported operand type(s) for @: 'int' and 'int'")),
    }
}

fn of_floats(left: f64, op: Operator, right: f64) -> Done {
    let zero = |what: &str| Err(raises(format!("ZeroDivisionError: {what}")));
    Ok(Value::Float(match op {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mult => left * right,
        Operator::Div if right == 0.0 => return zero("float division by zero"),
        Operator::Div => left / right,
        Operator::FloorDiv if right == 0.0 => return zero("float floor division by zero"),
        Operator::FloorDiv => divmod(left, right).0,
        Operator::Mod if right == 0.0 => return zero("float modulo by zero"),
        Operator::Mod => divmod(left, right).1,
        Operator::Pow if left == 0.0 && right < 0.0 && right.is_finite() => {
            return zero("0.0 cannot be raised to a negative power");
        }
        Operator::Pow => return of_power(left, right),
        Operator::MatMult
        | Operator::LShift
        | Operator::RShift
        | Operator::BitOr
        | Operator::BitXor
        | Operator::BitAnd => {
            let op = op.as_str();
            return Err(raises(format!(
                "TypeError: unsupported operand type(s) for {op}: 'float' and 'float'"
            )));
        }
    }))
}

/// `divmod(left, right)` for floats, as `CPython`'s `float_divmod` has it: exact where the quotient is whole.
pub(crate) fn divmod(left: f64, right: f64) -> (f64, f64) {
    let mut rest = left % right;
    let mut quotient = (left - rest) / right;
    if rest == 0.0 {
        rest = 0.0_f64.copysign(right);
    } else if (right < 0.0) != (rest < 0.0) {
        rest += right;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0_f64.copysign(left / right), rest);
    }
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, rest)
}

fn of_ranges(left: (f64, f64), op: Operator, right: (f64, f64)) -> Done {
    let hull = |values: [f64; 4]| {
        let [low, high] = [
            values.iter().copied().fold(f64::INFINITY, f64::min),
            values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ];
        // `min` and `max` pass over what is not a number.
        if values.iter().any(|value| value.is_nan()) { Err(Stop::Undecided) } else { Value::range(low, high) }
    };
    match op {
        Operator::Add => Value::range(left.0 + right.0, left.1 + right.1),
        Operator::Sub => Value::range(left.0 - right.1, left.1 - right.0),
        Operator::Mult => hull([left.0 * right.0, left.0 * right.1, left.1 * right.0, left.1 * right.1]),
        Operator::Div if right.0 > 0.0 || right.1 < 0.0 => {
            hull([left.0 / right.0, left.0 / right.1, left.1 / right.0, left.1 / right.1])
        }
        // It grows with what is divided, in jumps.
        Operator::FloorDiv if right.0.to_bits() == right.1.to_bits() && right.0 > 0.0 => {
            Value::range(divmod(left.0, right.0).0, divmod(left.1, right.0).0)
        }
        Operator::Mod if right.0.to_bits() == right.1.to_bits() && right.0 > 0.0 => {
            // Within one period the rest is what is left of it; beyond, it may be anything.
            let [low, high] = [divmod(left.0, right.0), divmod(left.1, right.0)];
            let same = low.0.to_bits() == high.0.to_bits();
            if same { Value::range(low.1, high.1) } else { Value::range(0.0, right.0) }
        }
        Operator::Pow if left.0 >= 0.0 => {
            let (low, high) = power::ends(left, right)?.ok_or(Stop::Undecided)?;
            Value::range(low, high)
        }
        _ => Err(Stop::Undecided),
    }
}

/// `left ** right` of floats.
pub(crate) fn of_power(left: f64, right: f64) -> Done {
    let (low, high) = power::power(left, right)?;
    if low.is_nan() { Ok(Value::Float(low)) } else { Value::range(low, high) }
}

/// Integers of which at least one is a range; `None` for what is done with floats.
fn of_wholes(left: (&Int, &Int), op: Operator, right: (&Int, &Int)) -> Option<Done> {
    type Ended = Result<Int, Stop>;
    // If the high one is too large only, it is so of a part of them.
    let bound = |low: Ended, high: Ended| match (low, high) {
        (Ok(low), Ok(high)) => Ok(Value::whole(low, high)),
        (Err(stop), Err(_)) => Err(stop),
        _ => Err(Stop::Undecided),
    };
    let same = left.0 == left.1;
    let positive = right.0 == right.1 && *right.0 > Int::ZERO;
    Some(match op {
        Operator::Add => bound(number::sized(left.0 + right.0), number::sized(left.1 + right.1)),
        Operator::Sub => bound(number::sized(left.0 - right.1), number::sized(left.1 - right.0)),
        Operator::Mult => {
            let all = [left.0 * right.0, left.0 * right.1, left.1 * right.0, left.1 * right.1];
            let (low, high) = (all.iter().min().cloned(), all.iter().max().cloned());
            bound(number::sized(low.unwrap_or_default()), number::sized(high.unwrap_or_default()))
        }
        Operator::FloorDiv if positive => {
            let down = |value: &Int| number::divmod(value, right.0).map(|(quotient, _)| quotient);
            bound(down(left.0), down(left.1))
        }
        Operator::Mod if positive => match (number::divmod(left.0, right.0), number::divmod(left.1, right.0))
        {
            (Ok(low), Ok(high)) if low.0 == high.0 => Ok(Value::whole(low.1, high.1)),
            _ => Ok(Value::whole(Int::ZERO, right.0 - 1)),
        },
        Operator::Pow if *left.0 >= Int::from(1) && *right.0 >= Int::ZERO => {
            bound(number::power(left.0, right.0), number::power(left.1, right.1))
        }
        Operator::LShift if *left.0 >= Int::ZERO && *right.0 >= Int::ZERO => {
            bound(number::shifted_left(left.0, right.0), number::shifted_left(left.1, right.1))
        }
        Operator::RShift if *left.0 >= Int::ZERO && *right.0 >= Int::ZERO => {
            bound(number::shifted_right(left.0, right.1), number::shifted_right(left.1, right.0))
        }
        // An integer to a negative power is a float.
        Operator::Pow if same && *left.0 >= Int::from(1) && *right.1 < Int::ZERO => return None,
        Operator::Div => return None,
        _ => Err(Stop::Undecided),
    })
}

/// How two numbers compare; exactly, as Python has it, where one is an integer. None for what is not a number.
fn order(left: &Value, right: &Value) -> Result<Option<Ordering>, Stop> {
    Ok(match (left.int(), right.int()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        (Some(whole), None) => against(&whole, right)?,
        (None, Some(whole)) => against(&whole, left)?.map(Ordering::reverse),
        (None, None) => {
            let (Some(one), Some(other)) = (left.reach(), right.reach()) else { return Err(Stop::Undecided) };
            if one.1 < other.0 {
                Some(Ordering::Less)
            } else if one.0 > other.1 {
                Some(Ordering::Greater)
            } else if let (Value::Float(one), Value::Float(other)) = (left, right) {
                one.partial_cmp(other)
            } else {
                return Err(Stop::Undecided);
            }
        }
    })
}

/// How an integer compares with floats.
fn against(whole: &Int, float: &Value) -> Result<Option<Ordering>, Stop> {
    let at = |float: f64| number::against(whole, float);
    match float {
        Value::Float(float) => Ok(at(*float)),
        Value::Range(low, high) if at(*low) == at(*high) && at(*low) != Some(Ordering::Equal) => Ok(at(*low)),
        Value::Whole(low, high) if whole < low || whole > high => Ok(Some(whole.cmp(low))),
        _ => Err(Stop::Undecided),
    }
}

/// `left op right`, of a comparison.
pub(crate) fn compare(left: &Value, op: CmpOp, right: &Value) -> Result<bool, Stop> {
    Ok(match op {
        CmpOp::Eq => equals(left, right)?,
        CmpOp::NotEq => !equals(left, right)?,
        CmpOp::Is | CmpOp::IsNot => {
            let same = match (left, right) {
                (Value::Module(module), _) | (_, Value::Module(module)) => {
                    return Err(unknown(module));
                }
                (Value::None, other) | (other, Value::None) => *other == Value::None,
                (Value::Bool(one), Value::Bool(other)) => one == other,
                (Value::Bool(_), _) | (_, Value::Bool(_)) => false,
                _ => return Err(refused("`is` between values of which Python may keep several; write `==`")),
            };
            same == (op == CmpOp::Is)
        }
        CmpOp::In | CmpOp::NotIn => contains(right, left)? == (op == CmpOp::In),
        CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => {
            let ordering = match (left, right) {
                (Value::Str(left), Value::Str(right)) => Some(left.cmp(right)),
                _ if left.is_number() && right.is_number() => order(left, right)?,
                (Value::Module(module), _) | (_, Value::Module(module)) => {
                    return Err(unknown(module));
                }
                (Value::List(..), _) | (_, Value::List(..)) => return Err(refused("to order lists")),
                _ => {
                    let (op, left, right) = (op.as_str(), left.kind(), right.kind());
                    let what = format!(
                        "TypeError: '{op}' not supported between instances of '{left}' and '{right}'"
                    );
                    return Err(raises(what));
                }
            };
            ordering.is_some_and(|ordering| match op {
                CmpOp::Lt => ordering.is_lt(),
                CmpOp::LtE => ordering.is_le(),
                CmpOp::Gt => ordering.is_gt(),
                _ => ordering.is_ge(),
            })
        }
    })
}

/// Whether two values are equal.
pub(crate) fn equals(left: &Value, right: &Value) -> Result<bool, Stop> {
    if left.is_number() && right.is_number() {
        return order(left, right).map(|ordering| ordering == Some(Ordering::Equal));
    }
    match (left, right) {
        (Value::Opaque, _) | (_, Value::Opaque) => Err(refused("a text that was put together is looked at")),
        (Value::Module(module), _) | (_, Value::Module(module)) => Err(unknown(module)),
        (Value::List(Kind::Set, _), _) | (_, Value::List(Kind::Set, _)) => Err(refused("`==` of a set")),
        (Value::List(one, _), Value::List(other, _)) if one != other => Ok(false),
        (Value::List(_, left), Value::List(_, right)) => {
            let pairs = left.iter().zip(right.iter());
            let all = pairs.map(|(left, right)| equals(left, right)).collect::<Result<Vec<_>, _>>()?;
            Ok(left.len() == right.len() && all.into_iter().all(|equal| equal))
        }
        (left, right) => Ok(left == right),
    }
}

/// Whether `item in container`.
fn contains(container: &Value, item: &Value) -> Result<bool, Stop> {
    let mut keys: Box<dyn Iterator<Item = &Value>> = match container {
        Value::List(_, items) => Box::new(items.iter()),
        Value::Dict(items) => Box::new(items.iter().map(|(key, _)| key)),
        Value::Str(text) => {
            return match item {
                Value::Str(part) => Ok(text.contains(&**part)),
                _ => Err(raises("TypeError: 'in <string>' requires string as left operand")),
            };
        }
        other => {
            return Err(raises(format!("TypeError: argument of type '{}' is not iterable", other.kind())));
        }
    };
    keys.try_fold(false, |found, key| Ok(found || equals(key, item)?))
}
