//! How values compare; where that depends on where in a range a number lies, it is left open.

use std::cmp::Ordering;

use ruff_python_ast::CmpOp;

use crate::number::{self, Int};
use crate::stop::{Stop, raises, refused, unknown};
use crate::value::{Kind, Value};

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
