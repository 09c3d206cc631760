//! The functions of the language that a policy may call.
//!
//! Only such whose answer depends on nothing but what they are given, and that give the same bits everywhere.

use std::rc::Rc;

use ruff_python_ast::{CmpOp, Operator};

use crate::arithmetic::{binary, of_power};
use crate::comparison::{compare, equals};
use crate::number::{self, Int};
use crate::stop::{Stop, raises, refused, unknown};
use crate::value::{Done, Kind, Value};

/// The functions without a module.
pub(crate) const BUILTINS: [&str; 13] =
    ["abs", "bool", "divmod", "float", "int", "len", "max", "min", "pow", "print", "range", "round", "sum"];
/// Functions of the language that are known by name only.
pub(crate) const OF_LANGUAGE: [&str; 68] = [
    "ArithmeticError",
    "BaseException",
    "Exception",
    "IndexError",
    "KeyError",
    "OverflowError",
    "RuntimeError",
    "TypeError",
    "ValueError",
    "ZeroDivisionError",
    "__import__",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "enumerate",
    "eval",
    "exec",
    "filter",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "isinstance",
    "issubclass",
    "iter",
    "list",
    "locals",
    "map",
    "memoryview",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "property",
    "repr",
    "reversed",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];
/// The most items that are counted out.
const LONGEST: usize = 100_000;
/// The most digits of a text that is read as an integer, as `CPython` has it.
const DIGITS: usize = 4_300;

/// `name(arguments)`.
pub(crate) fn builtin(name: &str, arguments: &[Value], named: &[(Rc<str>, Value)]) -> Done {
    if name == "print" {
        return Ok(Value::None);
    }
    if let Some((argument, _)) = named.first() {
        let known = matches!((name, &**argument), ("round", "ndigits"));
        if !known {
            return Err(refused(format!("`{name}` with the argument `{argument}`")));
        }
    }
    let all: Vec<&Value> = arguments.iter().chain(named.iter().map(|(_, value)| value)).collect();
    let wrong = || Err(raises(format!("TypeError: {name}() does not take these arguments")));
    match (name, &all[..]) {
        ("min" | "max", [Value::List(_, items)]) => extreme(name, &items.iter().collect::<Vec<_>>()),
        ("min" | "max", [_, _, ..]) => extreme(name, &all),
        ("abs" | "fabs", [value]) => {
            let absolute = absolute(value)?;
            match name {
                "fabs" => floats(&absolute)?.map_or_else(wrong, |(low, high)| Value::range(low, high)),
                _ => Ok(absolute),
            }
        }
        ("bool", [value]) => value.truth().map(Value::Bool),
        ("float", [Value::Str(text)]) => parsed(text),
        ("float", [value]) => floats(value)?.map_or_else(wrong, |(low, high)| Value::range(low, high)),
        ("int" | "trunc", [value]) => whole(value, f64::trunc),
        ("floor", [value]) => whole(value, f64::floor),
        ("ceil", [value]) => whole(value, f64::ceil),
        ("round", [value] | [value, Value::None]) => whole(value, f64::round_ties_even),
        ("round", [value, digits]) => rounded(value, digits),
        ("len", [Value::List(_, items)]) => Ok(Value::small(items.len())),
        ("len", [Value::Dict(items)]) => Ok(Value::small(items.len())),
        ("len", [Value::Str(text)]) => Ok(Value::small(text.chars().count())),
        ("sum", [Value::List(_, items)]) if items.iter().any(Value::is_open) => Err(Stop::Undecided),
        ("sum", [Value::List(_, items)]) if items.iter().any(|item| item.int().is_none()) => {
            Err(refused("`sum` of floats: versions of Python round it in different ways"))
        }
        ("sum", [Value::List(_, items)]) => {
            items.iter().try_fold(Value::small(0), |sum, item| binary(&sum, Operator::Add, item))
        }
        ("pow", [left, right]) => binary(left, Operator::Pow, right),
        ("pow", [base, exponent, modulus]) => power_of(base, exponent, modulus),
        ("divmod", [left, right]) => {
            let part = |op| binary(left, op, right);
            let parts = [part(Operator::FloorDiv)?, part(Operator::Mod)?];
            Ok(Value::List(Kind::Tuple, parts.into()))
        }
        ("math.pow" | "fmod" | "sqrt", _) => in_math(name, &all),
        ("range", bounds) => range(bounds),
        _ => wrong(),
    }
}

/// The ends of a number as floats.
fn floats(value: &Value) -> Result<Option<(f64, f64)>, Stop> {
    match value {
        Value::Module(module) => Err(unknown(module)),
        other => other.ends(),
    }
}

/// `pow(base, exponent, modulus)`.
fn power_of(base: &Value, exponent: &Value, modulus: &Value) -> Done {
    if [base, exponent, modulus].iter().any(|value| value.is_open()) {
        return Err(Stop::Undecided);
    }
    let (Some(base), Some(exponent), Some(modulus)) = (base.int(), exponent.int(), modulus.int()) else {
        return Err(raises("TypeError: pow() 3rd argument not allowed unless all arguments are integers"));
    };
    if number::is_zero(&modulus) {
        return Err(raises("ValueError: pow() 3rd argument cannot be 0"));
    }
    if number::is_negative(&exponent) {
        return Err(refused("`pow` of a negative exponent and a modulus"));
    }
    Ok(Value::Int(base.modpow(&exponent, &modulus)))
}

/// The functions of `math` that are left.
fn in_math(name: &str, arguments: &[&Value]) -> Done {
    let mut ends = Vec::new();
    for value in arguments {
        let Some(end) = floats(value)? else {
            return Err(raises(format!("TypeError: {name}() does not take these arguments")));
        };
        ends.push(end);
    }
    let domain = || Err(raises("ValueError: math domain error"));
    match (name, &ends[..]) {
        ("sqrt", [(low, _)]) if *low < 0.0 => match arguments {
            [value] if value.is_open() && ends[0].1 >= 0.0 => Err(Stop::Undecided),
            _ => domain(),
        },
        // Rounded correctly, so monotonically.
        ("sqrt", [(low, high)]) => Value::range(low.sqrt(), high.sqrt()),
        ("math.pow" | "fmod", [(left, left_high), (right, right_high)]) => {
            if left.to_bits() != left_high.to_bits() || right.to_bits() != right_high.to_bits() {
                return Err(Stop::Undecided);
            }
            match name {
                "fmod" if (*right == 0.0 && !left.is_nan()) || (left.is_infinite() && !right.is_nan()) => {
                    domain()
                }
                "fmod" => Ok(Value::Float(left % right)),
                _ if *left == 0.0 && *right < 0.0
                    || *left < 0.0 && right.fract() != 0.0 && right.is_finite() =>
                {
                    domain()
                }
                _ => match of_power(*left, *right) {
                    Err(Stop::Raises(_)) => Err(raises("OverflowError: math range error")),
                    done => done,
                },
            }
        }
        _ => Err(raises(format!("TypeError: {name}() does not take these arguments"))),
    }
}

/// `receiver.name(arguments)`.
pub(crate) fn method(receiver: &Value, name: &str, arguments: &[Value]) -> Done {
    match (receiver, name, arguments) {
        (Value::Dict(items), "get", [key, rest @ ..]) if rest.len() < 2 => {
            let found = find(items, key)?;
            Ok(found.or_else(|| rest.first().cloned()).unwrap_or(Value::None))
        }
        (Value::Dict(items), "keys", []) => {
            Ok(Value::List(Kind::List, items.iter().map(|(key, _)| key.clone()).collect()))
        }
        (Value::Dict(items), "values", []) => {
            Ok(Value::List(Kind::List, items.iter().map(|(_, value)| value.clone()).collect()))
        }
        (Value::Dict(items), "items", []) => {
            let pair =
                |(key, value): &(Value, Value)| Value::List(Kind::Tuple, [key.clone(), value.clone()].into());
            Ok(Value::List(Kind::List, items.iter().map(pair).collect()))
        }
        (Value::Str(text), "lower", []) => Ok(Value::text(&text.to_lowercase())),
        (Value::Str(text), "upper", []) => Ok(Value::text(&text.to_uppercase())),
        (Value::Str(text), "strip", []) => Ok(Value::text(text.trim())),
        (Value::Str(text), "startswith", [Value::Str(part)]) => Ok(Value::Bool(text.starts_with(&**part))),
        (Value::Str(text), "endswith", [Value::Str(part)]) => Ok(Value::Bool(text.ends_with(&**part))),
        _ => Err(refused(format!("the method `{name}` of a `{}`", receiver.kind()))),
    }
}

/// The value of a key.
pub(crate) fn find(items: &[(Value, Value)], key: &Value) -> Result<Option<Value>, Stop> {
    // Of a key that is written twice, Python keeps the last value.
    for (known, value) in items.iter().rev() {
        if equals(known, key)? {
            return Ok(Some(value.clone()));
        }
    }
    Ok(None)
}

fn extreme(name: &str, items: &[&Value]) -> Done {
    let Some((first, others)) = items.split_first() else {
        return Err(raises(format!("ValueError: {name}() iterable argument is empty")));
    };
    let mut best = (*first).clone();
    for item in others {
        let op = if name == "min" { CmpOp::Lt } else { CmpOp::Gt };
        match compare(item, op, &best) {
            Ok(true) => best = (*item).clone(),
            Ok(false) => {}
            Err(Stop::Undecided) => best = hull_of(name, item, &best)?,
            Err(stop) => return Err(stop),
        }
    }
    Ok(best)
}

/// What lies between the ends of an extreme of which it is not decided which of the two it is.
fn hull_of(name: &str, one: &Value, other: &Value) -> Done {
    if let (Some(one), Some(other)) = (one.whole_ends(), other.whole_ends()) {
        return Ok(match name {
            "min" => Value::whole(one.0.min(other.0), one.1.min(other.1)),
            _ => Value::whole(one.0.max(other.0), one.1.max(other.1)),
        });
    }
    // An integer that is larger than any float may be what it comes to, and is none.
    let (Some(one), Some(other)) =
        (one.ends().or(Err(Stop::Undecided))?, other.ends().or(Err(Stop::Undecided))?)
    else {
        return Err(Stop::Undecided);
    };
    match name {
        "min" => Value::range(one.0.min(other.0), one.1.min(other.1)),
        _ => Value::range(one.0.max(other.0), one.1.max(other.1)),
    }
}

fn absolute(value: &Value) -> Done {
    match value {
        Value::Whole(low, _) if !number::is_negative(low) => Ok(value.clone()),
        Value::Whole(low, high) if *high <= Int::ZERO => Ok(Value::whole(-high, -low)),
        Value::Whole(low, high) => Ok(Value::whole(Int::ZERO, high.clone().max(-low))),
        Value::Range(low, high) if *low >= 0.0 => Value::range(*low, *high),
        Value::Range(low, high) if *high <= 0.0 => Value::range(-high, -low),
        Value::Range(low, high) => Value::range(0.0, high.max(-low)),
        Value::Float(value) => Ok(Value::Float(value.abs())),
        Value::Module(module) => Err(unknown(module)),
        other => match other.int() {
            Some(value) => Ok(Value::Int(value.magnitude().clone().into())),
            None => Err(raises(format!("TypeError: bad operand type for abs(): '{}'", other.kind()))),
        },
    }
}

/// `int(value)` and its like.
fn whole(value: &Value, round: impl Fn(f64) -> f64) -> Done {
    let at = |float: f64| {
        if float.is_nan() {
            return Err(raises("ValueError: cannot convert float NaN to integer"));
        }
        if float.is_infinite() {
            return Err(raises("OverflowError: cannot convert float infinity to integer"));
        }
        Ok(number::of_float(round(float)))
    };
    match value {
        Value::Float(float) => at(*float).map(Value::Int),
        // Only a part of it may be infinite. All of these grow with what they are given.
        Value::Range(low, high) if low.is_infinite() || high.is_infinite() => Err(Stop::Undecided),
        Value::Range(low, high) => Ok(Value::whole(at(*low)?, at(*high)?)),
        Value::Whole(..) => Ok(value.clone()),
        Value::Str(text) => {
            let digits = plain_digits(text)?;
            if digits.len() > DIGITS {
                return Err(refused(format!("an integer of more than {DIGITS} digits, read from a text")));
            }
            let invalid = || raises(format!("ValueError: invalid literal for int() with base 10: '{text}'"));
            digits.parse().map(Value::Int).map_err(|_| invalid())
        }
        Value::Module(module) => Err(unknown(module)),
        other => match other.int() {
            Some(value) => Ok(Value::Int(value)),
            None => Err(raises(format!("TypeError: a number is needed, not '{}'", other.kind()))),
        },
    }
}

/// A text that is to be read as a number, as it is written without an underscore.
fn plain_digits(text: &str) -> Result<&str, Stop> {
    if text.contains('_') {
        return Err(refused("a text with underscores, read as a number"));
    }
    Ok(text.trim())
}

/// `round(value, digits)`: the decimal number nearest to the exact value of the float, of two the even one.
fn rounded(value: &Value, digits: &Value) -> Done {
    if digits.is_open() {
        return Err(Stop::Undecided);
    }
    let Some(digits) = digits.int() else {
        return Err(raises(format!(
            "TypeError: '{}' object cannot be interpreted as an integer",
            digits.kind()
        )));
    };
    let below = number::is_negative(&digits).then(|| u64::try_from(digits.magnitude()).unwrap_or(u64::MAX));
    let digits = usize::try_from(&digits).unwrap_or(usize::MAX);
    let at = |float: f64| {
        if !float.is_finite() {
            return Ok(float);
        }
        match below {
            Some(below) => number::rounded_float(float, below),
            None if digits > 330 => Ok(float),
            None => Ok(format!("{float:.digits$}").parse().expect("a printed float can be read")),
        }
    };
    match value {
        Value::Float(float) => at(*float).map(Value::Float),
        Value::Range(low, high) => {
            let (low, high): (f64, f64) = (at(*low)?, at(*high)?);
            Value::range(low, high)
        }
        Value::Whole(..) => Err(Stop::Undecided),
        Value::Module(module) => Err(unknown(module)),
        other => match (other.int(), below) {
            (Some(value), None) => Ok(Value::Int(value)),
            (Some(value), Some(below)) => number::rounded(&value, below).map(Value::Int),
            (None, _) => {
                Err(raises(format!("TypeError: type {} doesn't define __round__ method", other.kind())))
            }
        },
    }
}

fn parsed(text: &str) -> Done {
    let lower = plain_digits(text)?.to_ascii_lowercase();
    let unsigned = lower.trim_start_matches(['+', '-']);
    let plain = unsigned.chars().all(|c| c.is_ascii_digit() || ".e+-".contains(c));
    let named = ["inf", "infinity", "nan"].contains(&unsigned);
    let read = if plain || named { lower.parse::<f64>().ok() } else { None };
    read.map(Value::Float)
        .ok_or_else(|| raises(format!("ValueError: could not convert string to float: '{text}'")))
}

fn range(bounds: &[&Value]) -> Done {
    if bounds.iter().any(|bound| bound.is_open()) {
        return Err(Stop::Undecided);
    }
    let whole: Option<Vec<Int>> = bounds.iter().map(|bound| bound.int()).collect();
    let (start, stop, step) = match whole.as_deref() {
        Some([stop]) => (Int::ZERO, stop.clone(), Int::from(1)),
        Some([start, stop]) => (start.clone(), stop.clone(), Int::from(1)),
        Some([_, _, step]) if number::is_zero(step) => {
            return Err(raises("ValueError: range() arg 3 must not be zero"));
        }
        Some([start, stop, step]) => (start.clone(), stop.clone(), step.clone()),
        _ => return Err(raises("TypeError: range() takes one to three integers")),
    };
    let (mut items, mut at) = (Vec::new(), start);
    while if number::is_negative(&step) { at > stop } else { at < stop } {
        if items.len() >= LONGEST {
            return Err(refused("a range of more than 100 000 numbers"));
        }
        items.push(Value::Int(at.clone()));
        at += &step;
    }
    Ok(Value::List(Kind::List, items.into()))
}
