//! The expressions of the pure subset.

use std::rc::Rc;

use ruff_python_ast::{self as ast, BoolOp, Expr, Number, Operator, UnaryOp};

use super::Run;
use super::statements::assign;
use crate::arithmetic;
use crate::call;
use crate::comparison::{compare, equals};
use crate::names::{ANY, Names, of_module};
use crate::number::{self, Int};
use crate::stop::{Stop, raises, refused, unknown};
use crate::value::{Done, Kind, Value};

impl Run<'_> {
    pub(super) fn value(&mut self, expression: &Expr, names: &mut Names) -> Done {
        match expression {
            Expr::NoneLiteral(_) => Ok(Value::None),
            Expr::BooleanLiteral(literal) => Ok(Value::Bool(literal.value)),
            Expr::StringLiteral(literal) => Ok(Value::text(literal.value.to_str())),
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(value) => literal_of(&value.to_string()).map(Value::Int),
                Number::Float(value) => Ok(Value::Float(*value)),
                Number::Complex { .. } => Err(refused("a complex number")),
            },
            Expr::FString(text) => self.put_together(text, names),
            Expr::Name(name) => self.name(name, names),
            Expr::List(list) => self.all(Kind::List, &list.elts, names),
            Expr::Tuple(tuple) => self.all(Kind::Tuple, &tuple.elts, names),
            Expr::Set(set) => self.all(Kind::Set, &set.elts, names),
            Expr::Dict(dict) => self.dict(dict, names),
            Expr::BoolOp(operation) => self.and_or(operation, names),
            Expr::BinOp(operation) => {
                let (left, right) = (self.eval(&operation.left, names)?, self.eval(&operation.right, names)?);
                arithmetic::binary(&left, operation.op, &right)
            }
            Expr::UnaryOp(operation) => {
                let operand = self.eval(&operation.operand, names)?;
                unary(operation.op, operand)
            }
            Expr::Compare(comparison) => self.comparison(comparison, names),
            Expr::If(choice) => {
                let taken =
                    if self.eval(&choice.test, names)?.truth()? { &choice.body } else { &choice.orelse };
                self.eval(taken, names)
            }
            Expr::Named(named) => {
                let value = self.eval(&named.value, names)?;
                assign(&named.target, value.clone(), names)?;
                Ok(value)
            }
            Expr::Subscript(subscript) => {
                let (of, at) = (self.eval(&subscript.value, names)?, self.eval(&subscript.slice, names)?);
                item(&of, &at)
            }
            Expr::Attribute(attribute) => {
                let of = self.eval(&attribute.value, names)?;
                attribute_of(of, attribute.attr.as_str())
            }
            Expr::Call(called) => self.called(called, names),
            other => Err(refused(kind_of(other))),
        }
    }

    /// A text that is put together is not looked at, but what it is put together of may fail.
    fn put_together(&mut self, text: &ast::ExprFString, names: &mut Names) -> Done {
        for element in text.value.elements() {
            if let ast::InterpolatedStringElement::Interpolation(part) = element {
                self.eval(&part.expression, names)?;
            }
        }
        Ok(Value::Opaque)
    }

    fn dict(&mut self, dict: &ast::ExprDict, names: &mut Names) -> Done {
        let mut items = Vec::new();
        for item in &dict.items {
            let Some(key) = &item.key else { return Err(refused("a dict that takes in another")) };
            let (key, value) = (self.eval(key, names)?, self.eval(&item.value, names)?);
            // Of a key that is written twice, Python keeps the last value.
            match place_of(items.iter().map(|(known, _)| known), &key)? {
                Some(place) => items[place] = (items[place].0.clone(), value),
                None => items.push((key, value)),
            }
        }
        Ok(Value::Dict(items.into()))
    }

    fn and_or(&mut self, operation: &ast::ExprBoolOp, names: &mut Names) -> Done {
        let mut last = Value::None;
        for operand in &operation.values {
            last = self.eval(operand, names)?;
            if last.truth()? != (operation.op == BoolOp::And) {
                break;
            }
        }
        Ok(last)
    }

    fn comparison(&mut self, comparison: &ast::ExprCompare, names: &mut Names) -> Done {
        let mut left = self.eval(&comparison.left, names)?;
        for (op, right) in comparison.ops.iter().zip(&comparison.comparators) {
            let right = self.eval(right, names)?;
            if !compare(&left, *op, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn called(&mut self, called: &ast::ExprCall, names: &mut Names) -> Done {
        let function = self.eval(&called.func, names)?;
        let (mut arguments, mut named) = (Vec::new(), Vec::new());
        for argument in &called.arguments.args {
            arguments.push(self.eval(argument, names)?);
        }
        for keyword in &called.arguments.keywords {
            let Some(name) = &keyword.arg else { return Err(refused("arguments from a dict")) };
            named.push((Rc::from(name.as_str()), self.eval(&keyword.value, names)?));
        }
        match function {
            Value::Function(place) => self.call(place, &arguments, &named).map(|(value, _)| value),
            Value::Builtin(name) => call::builtin(name, &arguments, &named),
            Value::Method(of, name) if named.is_empty() => call::method(&of, &name, &arguments),
            Value::Sink => Ok(Value::Sink),
            Value::Module(name) => Err(unknown(&name)),
            other => Err(raises(format!("TypeError: '{}' object is not callable", other.kind()))),
        }
    }

    fn name(&mut self, written: &ast::ExprName, names: &Names) -> Done {
        let name = written.id.as_str();
        if self.own.is_some_and(|own| own.contains(name)) && !names.contains_key(name) {
            return Err(raises(format!("UnboundLocalError: cannot access local variable '{name}'")));
        }
        let known = names.get(name).or_else(|| self.globals.get(name));
        let builtin =
            || call::BUILTINS.iter().find(|known| **known == name).map(|known| Value::Builtin(known));
        let found = known.cloned().or_else(|| self.globals.get(ANY).cloned()).or_else(builtin);
        match found {
            Some(Value::Lost(lost)) => {
                self.place.get_or_insert(lost.1);
                self.used.get_or_insert(written.range);
                Err(lost.0.clone())
            }
            Some(value) => Ok(value),
            None if call::OF_LANGUAGE.contains(&name) => Err(refused(format!("`{name}`"))),
            None => Err(raises(format!("NameError: name '{name}' is not defined"))),
        }
    }

    fn all(&mut self, kind: Kind, items: &[Expr], names: &mut Names) -> Done {
        let mut values = Vec::new();
        for item in items {
            let value = self.eval(item, names)?;
            if kind != Kind::Set || place_of(values.iter(), &value)?.is_none() {
                values.push(value);
            }
        }
        Ok(Value::List(kind, values.into()))
    }
}

fn unary(op: UnaryOp, operand: Value) -> Done {
    match op {
        UnaryOp::Not => operand.truth().map(|truth| Value::Bool(!truth)),
        UnaryOp::USub => operand.negated(),
        UnaryOp::UAdd => match operand.int() {
            Some(value) => Ok(Value::Int(value)),
            None if operand.is_number() => Ok(operand),
            None => arithmetic::binary(&operand, Operator::Add, &Value::small(0)),
        },
        UnaryOp::Invert if operand.is_open() => Err(Stop::Undecided),
        UnaryOp::Invert => match operand.int() {
            Some(value) => Ok(Value::Int(!value)),
            None => Err(raises(format!("TypeError: bad operand type for unary ~: '{}'", operand.kind()))),
        },
    }
}

fn attribute_of(of: Value, name: &str) -> Done {
    match of {
        Value::Module(module) => of_module(&module, name),
        Value::Sink => Ok(Value::Sink),
        Value::Str(_) | Value::Dict(_) => Ok(Value::Method(Rc::new(of), name.into())),
        _ => Err(refused(format!("`.{name}` of a `{}`", of.kind()))),
    }
}

/// The place of an item that is equal.
fn place_of<'v>(mut known: impl Iterator<Item = &'v Value>, item: &Value) -> Result<Option<usize>, Stop> {
    let mut place = 0;
    known.try_fold(None, |found: Option<usize>, known| {
        let equal = found.is_none() && equals(known, item)?;
        place += 1;
        Ok(found.or(equal.then_some(place - 1)))
    })
}

/// An integer as it is written, in whatever base.
fn literal_of(text: &str) -> Result<Int, Stop> {
    let digits = text.replace('_', "").to_ascii_lowercase();
    let (digits, base) = match digits.as_bytes() {
        [b'0', b'x', ..] => (&digits[2..], 16),
        [b'0', b'o', ..] => (&digits[2..], 8),
        [b'0', b'b', ..] => (&digits[2..], 2),
        _ => (&digits[..], 10),
    };
    number::sized(Int::parse_bytes(digits.as_bytes(), base).ok_or_else(|| refused("this integer"))?)
}

fn item(of: &Value, at: &Value) -> Done {
    if at.is_open() {
        return Err(Stop::Undecided);
    }
    match (of, at.int()) {
        (Value::Dict(items), _) => {
            let found = call::find(items, at)?;
            found.ok_or_else(|| match at {
                Value::Str(key) => raises(format!("KeyError: '{key}'")),
                _ => raises("KeyError"),
            })
        }
        (Value::List(Kind::List | Kind::Tuple, items), Some(at)) => {
            let from_end = if number::is_negative(&at) { at + items.len() } else { at };
            let found = usize::try_from(&from_end).ok().and_then(|at| items.get(at)).cloned();
            found.ok_or_else(|| raises("IndexError: list index out of range"))
        }
        _ => Err(refused(format!("`[…]` of a `{}`", of.kind()))),
    }
}

/// What an expression is that is refused.
fn kind_of(expression: &Expr) -> &'static str {
    match expression {
        Expr::Lambda(_) => "`lambda`",
        Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => "a comprehension",
        Expr::Await(_) => "`await`: a policy cannot wait for anything",
        Expr::Yield(_) | Expr::YieldFrom(_) => "`yield`",
        Expr::BytesLiteral(_) => "bytes",
        Expr::Starred(_) => "`*` in a list",
        Expr::Slice(_) => "a slice",
        _ => "this expression",
    }
}
