//! The functions of the language that a policy may call.
//!
//! Only such whose answer depends on nothing but what they are given, and that give the same bits everywhere.

use std::rc::Rc;

use ruff_python_ast::CmpOp;

use super::Stop;
use super::value::{Done, Kind, Value, compare, raises, refused};

/// The functions without a module.
pub(super) const BUILTINS: [&str; 12] =
    ["abs", "bool", "float", "int", "len", "max", "min", "pow", "print", "range", "round", "sum"];
/// Those of `math`.
const MATH: [&str; 7] = ["ceil", "fabs", "floor", "fmod", "pow", "sqrt", "trunc"];
/// The most items that are counted out.
const LONGEST: i128 = 100_000;

/// What `module.name` is.
pub(super) fn of_module(module: &str, name: &str) -> Done {
    match (module, name) {
        ("math", "pi") => return Ok(Value::Float(std::f64::consts::PI)),
        ("math", "e") => return Ok(Value::Float(std::f64::consts::E)),
        ("math", "inf") => return Ok(Value::Float(f64::INFINITY)),
        ("math", "nan") => return Ok(Value::Float(f64::NAN)),
        ("logging", _) => return Ok(Value::Sink),
        _ => {}
    }
    if module == "math"
        && let Some(name) = MATH.iter().find(|known| **known == name)
    {
        return Ok(Value::Builtin(match *name {
            "pow" => "math.pow",
            other => other,
        }));
    }
    let why = match module {
        "random" | "secrets" | "uuid" => {
            "it draws at random, and a policy gives the same answer each time it is asked"
        }
        "time" | "datetime" | "datetime.datetime" => {
            "it reads a clock; all that a policy may know of time is the age of the stream, which it is given"
        }
        "os" | "sys" | "asyncio" | "requests" | "socket" => "it reaches outside of the policy",
        "math" => "its last digit differs between platforms",
        _ => "nothing is known of it",
    };
    Err(refused(format!("`{module}.{name}`: {why}")))
}

/// A float as Python prints it, nearly.
pub(super) fn printed(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    format!("{float:?}")
}

/// `name(arguments)`.
pub(super) fn builtin(name: &str, arguments: &[Value], named: &[(Rc<str>, Value)]) -> Done {
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
            match (name, absolute.ends()) {
                ("fabs", Some((low, high))) => Value::range(low, high),
                _ => Ok(absolute),
            }
        }
        ("bool", [value]) => value.truth().map(Value::Bool),
        ("float", [Value::Str(text)]) => parsed(text),
        ("float", [value]) => match value.ends() {
            Some((low, high)) => Value::range(low, high),
            None => wrong(),
        },
        ("int" | "trunc", [value]) => whole(value, f64::trunc),
        ("floor", [value]) => whole(value, f64::floor),
        ("ceil", [value]) => whole(value, f64::ceil),
        ("round", [value] | [value, Value::None]) => whole(value, f64::round_ties_even),
        ("round", [value, digits]) => rounded(value, digits),
        ("len", [Value::List(_, items)]) => Ok(Value::Int(items.len() as i128)),
        ("len", [Value::Dict(items)]) => Ok(Value::Int(items.len() as i128)),
        ("len", [Value::Str(text)]) => Ok(Value::Int(text.chars().count() as i128)),
        ("sum", [Value::List(_, items)]) if items.iter().any(Value::is_open) => Err(Stop::Undecided),
        ("sum", [Value::List(_, items)]) if items.iter().any(|item| item.int().is_none()) => {
            Err(refused("`sum` of floats: versions of Python round it in different ways"))
        }
        ("sum", [Value::List(_, items)]) => items.iter().try_fold(Value::Int(0), |sum, item| {
            super::value::binary(&sum, ruff_python_ast::Operator::Add, item)
        }),
        ("pow", [left, right]) => super::value::binary(left, ruff_python_ast::Operator::Pow, right),
        ("math.pow" | "fmod" | "sqrt", _) => in_math(name, &all),
        ("range", bounds) => range(bounds),
        _ => wrong(),
    }
}

/// The functions of `math` that are left.
fn in_math(name: &str, arguments: &[&Value]) -> Done {
    let ends: Option<Vec<(f64, f64)>> = arguments.iter().map(|value| value.ends()).collect();
    let domain = || Err(raises("ValueError: math domain error"));
    match (name, ends.as_deref()) {
        ("sqrt", Some([(low, _)])) if *low < 0.0 => match arguments {
            [value] if value.is_open() && value.ends().is_some_and(|(_, high)| high >= 0.0) => {
                Err(Stop::Undecided)
            }
            _ => domain(),
        },
        // Rounded correctly, so monotonically.
        ("sqrt", Some([(low, high)])) => Value::range(low.sqrt(), high.sqrt()),
        ("math.pow" | "fmod", Some([(left, left_high), (right, right_high)])) => {
            if left.to_bits() != left_high.to_bits() || right.to_bits() != right_high.to_bits() {
                return Err(Stop::Undecided);
            }
            if name == "fmod" {
                return if *right == 0.0 || left.is_infinite() {
                    domain()
                } else {
                    Ok(Value::Float(left % right))
                };
            }
            super::value::binary(&Value::Float(*left), ruff_python_ast::Operator::Pow, &Value::Float(*right))
        }
        _ => Err(raises(format!("TypeError: {name}() does not take these arguments"))),
    }
}

/// `receiver.name(arguments)`.
pub(super) fn method(receiver: &Value, name: &str, arguments: &[Value]) -> Done {
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
pub(super) fn find(items: &[(Value, Value)], key: &Value) -> Result<Option<Value>, Stop> {
    // Of a key that is written twice, Python keeps the last value.
    for (known, value) in items.iter().rev() {
        if super::value::equals(known, key)? {
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
    let (Some(one), Some(other)) = (one.ends(), other.ends()) else { return Err(Stop::Undecided) };
    match name {
        "min" => Value::range(one.0.min(other.0), one.1.min(other.1)),
        _ => Value::range(one.0.max(other.0), one.1.max(other.1)),
    }
}

fn absolute(value: &Value) -> Done {
    match value {
        Value::Whole(low, high) if *low >= 0 => Ok(Value::whole(*low, *high)),
        Value::Whole(low, high) if *high <= 0 && *low > i128::MIN => Ok(Value::whole(-high, -low)),
        Value::Whole(low, high) if *low > i128::MIN => Ok(Value::whole(0, *high.max(&-low))),
        Value::Whole(..) => Err(refused("an integer of more than 128 bits")),
        Value::Range(low, high) if *low >= 0.0 => Value::range(*low, *high),
        Value::Range(low, high) if *high <= 0.0 => Value::range(-high, -low),
        Value::Range(low, high) => Value::range(0.0, high.max(-low)),
        Value::Float(value) => Ok(Value::Float(value.abs())),
        other => match other.int().and_then(i128::checked_abs) {
            Some(value) => Ok(Value::Int(value)),
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
        if float.abs() > 1e38 {
            return Err(refused("an integer of more than 128 bits"));
        }
        Ok(round(float) as i128)
    };
    match value {
        Value::Float(float) => at(*float).map(Value::Int),
        Value::Range(low, high) => {
            // Only a part of it may be beyond what can be an integer. All of these grow with what they are given.
            if !(low.abs() <= 1e38 && high.abs() <= 1e38) {
                return Err(Stop::Undecided);
            }
            Ok(Value::whole(at(*low)?, at(*high)?))
        }
        Value::Whole(low, high) => Ok(Value::whole(*low, *high)),
        Value::Str(text) => {
            let parsed = text.trim().parse().map(Value::Int);
            parsed
                .map_err(|_| raises(format!("ValueError: invalid literal for int() with base 10: '{text}'")))
        }
        other => match other.int() {
            Some(value) => Ok(Value::Int(value)),
            None => Err(raises(format!("TypeError: a number is needed, not '{}'", other.kind()))),
        },
    }
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
    let at = |float: f64| {
        if !float.is_finite() || digits > 300 {
            return Ok(float);
        }
        let Ok(digits) = usize::try_from(digits) else {
            return Err(refused("rounding a float to tens or more"));
        };
        Ok(format!("{float:.digits$}").parse().expect("a printed float can be read"))
    };
    match value {
        Value::Float(float) => at(*float).map(Value::Float),
        Value::Range(low, high) => {
            let (low, high): (f64, f64) = (at(*low)?, at(*high)?);
            Value::range(low, high)
        }
        Value::Whole(..) => Err(Stop::Undecided),
        other => match other.int() {
            Some(value) if digits >= 0 => Ok(Value::Int(value)),
            Some(_) => Err(refused("rounding to tens or more")),
            None => Err(raises(format!("TypeError: type {} doesn't define __round__ method", other.kind()))),
        },
    }
}

fn parsed(text: &str) -> Done {
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
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
    let whole: Option<Vec<i128>> = bounds.iter().map(|bound| bound.int()).collect();
    let (start, stop, step) = match whole.as_deref() {
        Some([stop]) => (0, *stop, 1),
        Some([start, stop]) => (*start, *stop, 1),
        Some([_, _, 0]) => return Err(raises("ValueError: range() arg 3 must not be zero")),
        Some([start, stop, step]) => (*start, *stop, *step),
        _ => return Err(raises("TypeError: range() takes one to three integers")),
    };
    let (mut items, mut at) = (Vec::new(), start);
    while if step > 0 { at < stop } else { at > stop } {
        if items.len() as i128 >= LONGEST {
            return Err(refused("a range of more than 100 000 numbers"));
        }
        items.push(Value::Int(at));
        at = at.checked_add(step).ok_or_else(|| refused("an integer of more than 128 bits"))?;
    }
    Ok(Value::List(Kind::List, items.into()))
}
