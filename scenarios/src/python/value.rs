//! Values of a pasted function, and `CPython`'s arithmetic on them.
//!
//! Integers are those that fit 128 bits; what does not is refused and never wraps. Floats are the
//! machine's, and the operations that Python defines itself (`//`, `%`, `round`) follow its definition step
//! by step. A *range* stands for a float of which only the ends are known: the time since the stream began,
//! and what is computed from it. Addition, subtraction, multiplication and division round monotonically, so
//! what they give for the ends are the ends of what they give.

use std::cmp::Ordering;
use std::rc::Rc;

use ruff_python_ast::{CmpOp, Operator};

use super::Stop;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    /// Some float from the first to the second, which is greater.
    Range(f64, f64),
    /// Some integer from the first to the second, which is greater.
    Whole(i128, i128),
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
}

/// What kind of a list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    List,
    Tuple,
    /// No two of its items are equal, and they are in no order.
    Set,
}

/// What an operation comes to.
pub(super) type Done = Result<Value, Stop>;

/// It raises this.
pub(super) fn raises(what: impl Into<String>) -> Stop {
    Stop::Raises(what.into())
}

/// Refuses it.
pub(super) fn refused(what: impl Into<String>) -> Stop {
    Stop::Refused(what.into())
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        Self::Str(text.into())
    }

    /// A float, or a range of them.
    pub(super) fn range(low: f64, high: f64) -> Done {
        if low.is_nan() || high.is_nan() {
            return Err(Stop::Undecided);
        }
        Ok(if low.to_bits() == high.to_bits() { Self::Float(low) } else { Self::Range(low, high) })
    }

    /// An integer, or a range of them.
    pub(super) fn whole(low: i128, high: i128) -> Self {
        if low == high { Self::Int(low) } else { Self::Whole(low, high) }
    }

    /// Whether only its ends are known.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Range(..) | Self::Whole(..))
    }

    /// The ends of an integer.
    pub(super) fn whole_ends(&self) -> Option<(i128, i128)> {
        match self {
            Self::Whole(low, high) => Some((*low, *high)),
            other => other.int().map(|value| (value, value)),
        }
    }

    /// What Python calls its type.
    pub(super) fn kind(&self) -> &'static str {
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
            Self::Module(_) => "module",
            Self::Sink => "Logger",
        }
    }

    pub(super) fn truth(&self) -> Result<bool, Stop> {
        Ok(match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Range(low, high) if *low > 0.0 || *high < 0.0 => true,
            Self::Whole(low, high) if *low > 0 || *high < 0 => true,
            Self::Range(..) | Self::Whole(..) => return Err(Stop::Undecided),
            Self::Opaque => return Err(refused("to look at a text that was put together")),
            Self::Str(text) => !text.is_empty(),
            Self::List(_, items) => !items.is_empty(),
            Self::Dict(items) => !items.is_empty(),
            Self::Function(_) | Self::Builtin(_) | Self::Method(..) | Self::Module(_) => true,
            Self::Sink => return Err(refused("what a log says")),
        })
    }

    /// As an integer, if it is one; a `bool` is.
    pub(super) fn int(&self) -> Option<i128> {
        match self {
            Self::Bool(value) => Some(i128::from(*value)),
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The ends of a number as floats.
    pub(super) fn ends(&self) -> Option<(f64, f64)> {
        match self {
            Self::Float(value) => Some((*value, *value)),
            Self::Range(low, high) => Some((*low, *high)),
            Self::Whole(low, high) => Some((*low as f64, *high as f64)),
            other => other.int().map(|value| (value as f64, value as f64)),
        }
    }

    pub(super) fn negated(&self) -> Done {
        match (self.int(), self.ends()) {
            _ if let Self::Whole(low, high) = self => match (high.checked_neg(), low.checked_neg()) {
                (Some(low), Some(high)) => Ok(Self::whole(low, high)),
                _ => Err(too_large()),
            },
            (Some(value), _) => value.checked_neg().map(Self::Int).ok_or_else(too_large),
            (None, Some((low, high))) => Self::range(-high, -low),
            (None, None) => {
                Err(raises(format!("TypeError: bad operand type for unary -: '{}'", self.kind())))
            }
        }
    }
}

fn too_large() -> Stop {
    refused("an integer of more than 128 bits")
}

/// `left op right`.
pub(super) fn binary(left: &Value, op: Operator, right: &Value) -> Done {
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
    // Python knows more of them than is known here.
    let joins = |value: &Value| matches!(value, Value::Str(_) | Value::List(..) | Value::Dict(_));
    let is_number = |value: &Value| value.ends().is_some();
    if joins(left) && (joins(right) || op != Operator::Add || !is_number(right))
        || joins(right) && (op == Operator::Mult || !is_number(left))
    {
        let (op, left, right) = (op.as_str(), left.kind(), right.kind());
        return Err(refused(format!("`{op}` of a `{left}` and a `{right}`")));
    }
    if let (Some(left), Some(right)) = (left.int(), right.int()) {
        return of_ints(left, op, right);
    }
    let (Some(one), Some(other)) = (left.ends(), right.ends()) else {
        let (left, right) = (left.kind(), right.kind());
        return Err(raises(format!(
            "TypeError: unsupported operand type(s) for {}: '{left}' and '{right}'",
            op.as_str()
        )));
    };
    if let (Some(one), Some(other)) = (left.whole_ends(), right.whole_ends())
        && let Some(done) = of_wholes(one, op, other)
    {
        return done;
    }
    let exact = |value: &Value| value.int().is_none_or(|value| value.unsigned_abs() <= 1 << 100);
    if !exact(left) || !exact(right) {
        return Err(too_large());
    }
    match (left, right) {
        _ if left.is_open() || right.is_open() => of_ranges(one, op, other),
        _ => of_floats(one.0, op, other.0),
    }
}

fn of_ints(left: i128, op: Operator, right: i128) -> Done {
    let whole = |value: Option<i128>| value.map(Value::Int).ok_or_else(too_large);
    match op {
        Operator::Add => whole(left.checked_add(right)),
        Operator::Sub => whole(left.checked_sub(right)),
        Operator::Mult => whole(left.checked_mul(right)),
        Operator::Div | Operator::FloorDiv | Operator::Mod if right == 0 => {
            Err(raises("ZeroDivisionError: division by zero"))
        }
        Operator::Div => {
            // Exact for what a float holds exactly; Python rounds the exact quotient beyond that too.
            if left.unsigned_abs() > 1 << 53 || right.unsigned_abs() > 1 << 53 {
                return Err(refused("a division of integers beyond 2^53"));
            }
            Ok(Value::Float(left as f64 / right as f64))
        }
        Operator::FloorDiv => {
            let rest = left.wrapping_rem(right);
            let down = i128::from(rest != 0 && (rest < 0) != (right < 0));
            whole(left.checked_div(right).map(|quotient| quotient - down))
        }
        Operator::Mod => {
            let rest = left.wrapping_rem(right);
            Ok(Value::Int(if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest }))
        }
        Operator::Pow if right < 0 => of_floats(left as f64, op, right as f64),
        Operator::Pow => {
            let exponent = u32::try_from(right).map_err(|_| too_large())?;
            whole(left.checked_pow(exponent))
        }
        Operator::LShift | Operator::RShift if right < 0 => Err(raises("ValueError: negative shift count")),
        Operator::LShift => {
            let shifted =
                u32::try_from(right).ok().and_then(|by| 1_i128.checked_shl(by)).filter(|by| *by > 0);
            whole(if left == 0 { Some(0) } else { shifted.and_then(|by| left.checked_mul(by)) })
        }
        Operator::RShift => Ok(Value::Int(left >> right.min(127))),
        Operator::BitOr => Ok(Value::Int(left | right)),
        Operator::BitXor => Ok(Value::Int(left ^ right)),
        Operator::BitAnd => Ok(Value::Int(left & right)),
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
        Operator::Pow if left == 0.0 && right < 0.0 => {
            return zero("0.0 cannot be raised to a negative power");
        }
        Operator::Pow => power(left, right)?,
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

/// `left ** right`, where every C library gives the same bits: the exact power lies farther from the middle between
/// two floats than any of them errs. Else it is refused; so is what is no whole power.
///
/// The exact power is known to some 100 bits, by products of which the rounding error is kept (Dekker, A floating-point
/// technique for extending the available precision, 1971).
fn power(left: f64, right: f64) -> Result<f64, Stop> {
    let differs = || refused(format!("{left:?} ** {right:?}: its last digit differs between platforms"));
    if right.fract() != 0.0 || right.abs() > 4_096.0 || !left.is_finite() {
        return Err(differs());
    }
    let (mut base, mut exponent, mut all) = ((left, 0.0), right.abs() as u32, (1.0, 0.0));
    while exponent > 0 {
        if exponent & 1 == 1 {
            all = product(all, base);
        }
        base = product(base, base);
        exponent >>= 1;
    }
    if right < 0.0 {
        // One step of Newton's, with what is left of the division.
        let quotient = 1.0 / all.0;
        let (high, low) = product((quotient, 0.0), all);
        all = (quotient, quotient * ((1.0 - high) - low));
        let high = all.0 + all.1;
        all = (high, all.1 - (high - all.0));
    }
    let (high, low) = all;
    if high.is_infinite() {
        return Err(raises("OverflowError: (34, 'Numerical result out of range')"));
    }
    if high == 0.0 && left == 0.0 {
        // An odd power keeps the sign.
        return Ok(if right % 2.0 == 0.0 { 0.0 } else { left });
    }
    let gap = f64::from_bits(high.abs().to_bits() + 1) - high.abs();
    if !high.is_normal() || !low.is_finite() || low.abs() > 0.45 * gap { Err(differs()) } else { Ok(high) }
}

/// The product of two numbers that are each the sum of a float and a much smaller one.
fn product(left: (f64, f64), right: (f64, f64)) -> (f64, f64) {
    // 2^27 + 1 cuts a float into halves whose products are exact.
    let halves = |value: f64| {
        let cut = value * 134_217_729.0;
        let high = cut - (cut - value);
        (high, value - high)
    };
    let whole = left.0 * right.0;
    let ((a, b), (c, d)) = (halves(left.0), halves(right.0));
    let error = ((a * c - whole) + a * d + b * c) + b * d;
    let low = error + (left.0 * right.1 + left.1 * right.0);
    let high = whole + low;
    (high, low - (high - whole))
}

/// `divmod(left, right)` for floats, as `CPython`'s `float_divmod` has it: exact where the quotient is whole.
fn divmod(left: f64, right: f64) -> (f64, f64) {
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
        _ => Err(Stop::Undecided),
    }
}

/// Integers of which at least one is a range; `None` for what is done with floats.
fn of_wholes(left: (i128, i128), op: Operator, right: (i128, i128)) -> Option<Done> {
    let bound = |low: Option<i128>, high: Option<i128>| match (low, high) {
        (Some(low), Some(high)) => Ok(Value::whole(low, high)),
        _ => Err(Stop::Undecided),
    };
    match op {
        Operator::Add => Some(bound(left.0.checked_add(right.0), left.1.checked_add(right.1))),
        Operator::Sub => Some(bound(left.0.checked_sub(right.1), left.1.checked_sub(right.0))),
        Operator::Mult => {
            let all = [(left.0, right.0), (left.0, right.1), (left.1, right.0), (left.1, right.1)];
            let all: Option<Vec<i128>> = all.iter().map(|(one, other)| one.checked_mul(*other)).collect();
            let all = all.unwrap_or_default();
            Some(bound(all.iter().min().copied(), all.iter().max().copied()))
        }
        Operator::FloorDiv if right.0 == right.1 && right.0 > 0 => {
            Some(bound(Some(left.0.div_euclid(right.0)), Some(left.1.div_euclid(right.0))))
        }
        Operator::Mod if right.0 == right.1 && right.0 > 0 => {
            let same = left.0.div_euclid(right.0) == left.1.div_euclid(right.0);
            let rest = |value: i128| value.rem_euclid(right.0);
            Some(Ok(if same {
                Value::whole(rest(left.0), rest(left.1))
            } else {
                Value::whole(0, right.0 - 1)
            }))
        }
        Operator::Pow if left.0 == left.1 && left.0 >= 1 && right.0 >= 0 => {
            let power = |exponent: i128| left.0.checked_pow(u32::try_from(exponent).ok()?);
            Some(bound(power(right.0), power(right.1)))
        }
        Operator::Div => None,
        _ => Some(Err(Stop::Undecided)),
    }
}

/// How two numbers compare; exactly, as Python has it, where one is an integer. None for what is not a number.
fn order(left: &Value, right: &Value) -> Result<Option<Ordering>, Stop> {
    Ok(match (left.int(), right.int()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        (Some(whole), None) => against(whole, right)?,
        (None, Some(whole)) => against(whole, left)?.map(Ordering::reverse),
        (None, None) => {
            let (Some(one), Some(other)) = (left.ends(), right.ends()) else { return Err(Stop::Undecided) };
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
fn against(whole: i128, float: &Value) -> Result<Option<Ordering>, Stop> {
    let at = |float: f64| {
        if float.is_nan() {
            return None;
        }
        if float.abs() >= 1e38 {
            return Some(if float > 0.0 { Ordering::Less } else { Ordering::Greater });
        }
        let floor = float.floor();
        Some(whole.cmp(&(floor as i128)).then(if float > floor { Ordering::Less } else { Ordering::Equal }))
    };
    match float {
        Value::Float(float) => Ok(at(*float)),
        Value::Range(low, high) if at(*low) == at(*high) && at(*low) != Some(Ordering::Equal) => Ok(at(*low)),
        Value::Whole(low, high) if whole < *low || whole > *high => Ok(Some(whole.cmp(low))),
        _ => Err(Stop::Undecided),
    }
}

/// `left op right`, of a comparison.
pub(super) fn compare(left: &Value, op: CmpOp, right: &Value) -> Result<bool, Stop> {
    Ok(match op {
        CmpOp::Eq => equals(left, right)?,
        CmpOp::NotEq => !equals(left, right)?,
        CmpOp::Is | CmpOp::IsNot => {
            let same = match (left, right) {
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
                _ if left.ends().is_some() && right.ends().is_some() => order(left, right)?,
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
pub(super) fn equals(left: &Value, right: &Value) -> Result<bool, Stop> {
    if left.ends().is_some() && right.ends().is_some() {
        return order(left, right).map(|ordering| ordering == Some(Ordering::Equal));
    }
    match (left, right) {
        (Value::Opaque, _) | (_, Value::Opaque) => Err(refused("a text that was put together is looked at")),
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
