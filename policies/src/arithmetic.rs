//! `CPython`'s arithmetic, on single values and on ranges of them.
//!
//! The operations that Python defines itself (`//`, `%`, `round`) follow its definition step by step. Addition,
//! subtraction, multiplication and division round monotonically, so what they give for the ends of a range are the
//! ends of what they give.

use ruff_python_ast::Operator;

use crate::number::{self, Int};
use crate::power;
use crate::stop::{Stop, raises, refused, unknown};
use crate::value::{Done, Value};

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
