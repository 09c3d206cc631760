//! Runs a pasted function: expressions and statements of the pure subset, one case each.
//!
//! What is not here is refused where it is reached, with its place. A call takes so many steps at most, so a
//! function that loops for ever is told instead of waited for.

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast::{self as ast, BoolOp, Expr, Number, Operator, Stmt, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use crate::call;
use crate::names::{ANY, Defined, Names, import};
use crate::number::{self, Int};
use crate::stop::{Stop, raises, refused, unknown};
use crate::value::{self, Done, Kind, Value, compare};

/// The most steps of one call.
const STEPS: u32 = 200_000;
/// The deepest that functions may call each other, and that expressions may be nested in all of them.
const CALLS: u32 = 40;
const DEPTH: u32 = 200;

/// One call on its way.
pub(crate) struct Run<'f> {
    /// The statements of the file.
    pub(crate) file: &'f [Stmt],
    pub(crate) globals: &'f Names,
    pub(crate) known: &'f Defined,
    /// Where statements begin that were reached.
    pub(crate) reached: BTreeSet<u32>,
    /// Where it stopped.
    pub(crate) place: Option<TextRange>,
    /// Where a name stands that is lost, if it stopped at that.
    pub(crate) used: Option<TextRange>,
    /// The names that are those of the function that is called.
    own: Option<&'f BTreeSet<String>>,
    steps: u32,
    calls: u32,
    depth: u32,
}

/// What a statement leads to.
enum Flow {
    Next,
    Return(Value, TextRange),
    Break,
    Continue,
}

impl<'f> Run<'f> {
    pub(crate) fn new(file: &'f [Stmt], globals: &'f Names, known: &'f Defined) -> Self {
        Self {
            file,
            globals,
            known,
            own: None,
            reached: BTreeSet::new(),
            place: None,
            used: None,
            steps: 0,
            calls: 0,
            depth: 0,
        }
    }

    fn count(&mut self) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps > STEPS { Err(Stop::Forever) } else { Ok(()) }
    }

    /// Takes a statement at the top of the file.
    pub(crate) fn top(&mut self, statement: &Stmt, names: &mut Names) -> Result<(), Stop> {
        self.statement(statement, names).map(drop)
    }

    /// Calls the function of the file at `place`; where the value was returned goes with it.
    pub(crate) fn call(
        &mut self,
        place: usize,
        arguments: &[Value],
        named: &[(Rc<str>, Value)],
    ) -> Result<(Value, TextRange), Stop> {
        let Some(Stmt::FunctionDef(function)) = self.file.get(place) else {
            return Err(refused("a function that is not defined at the top of the file"));
        };
        self.calls += 1;
        if self.calls > CALLS {
            return Err(refused("functions that call each other 40 deep"));
        }
        let mut names = self.bind((function, place), arguments, named)?;
        let before = std::mem::replace(&mut self.own, self.known.own.get(&place));
        let flow = self.block(&function.body, &mut names)?;
        self.own = before;
        self.calls -= 1;
        Ok(match flow {
            Flow::Return(value, at) => (value, at),
            Flow::Next | Flow::Break | Flow::Continue => (Value::None, function.name.range()),
        })
    }

    /// The names of a function's parameters, with what they are called with.
    fn bind(
        &mut self,
        (function, place): (&ast::StmtFunctionDef, usize),
        arguments: &[Value],
        named: &[(Rc<str>, Value)],
    ) -> Result<Names, Stop> {
        let parameters = &function.parameters;
        if function.is_async || !function.decorator_list.is_empty() {
            self.place = Some(function.name.range());
            let what = if function.is_async { "an async function" } else { "a decorated function" };
            return Err(refused(what));
        }
        if parameters.vararg.is_some() || parameters.kwarg.is_some() {
            self.place = Some(parameters.range());
            return Err(refused("a function that takes any arguments"));
        }
        let name = function.name.as_str();
        let positional: Vec<_> = parameters.posonlyargs.iter().chain(&parameters.args).collect();
        if arguments.len() > positional.len() {
            let (takes, given) = (positional.len(), arguments.len());
            let what =
                format!("TypeError: {name}() takes {takes} positional arguments but {given} were given");
            return Err(raises(what));
        }
        let mut names = Names::new();
        for (parameter, value) in positional.iter().zip(arguments) {
            names.insert(parameter.parameter.name.to_string(), value.clone());
        }
        for (key, value) in named {
            if parameters.find(key).is_none() {
                return Err(raises(format!(
                    "TypeError: {name}() got an unexpected keyword argument '{key}'"
                )));
            }
            if names.insert(key.to_string(), value.clone()).is_some() {
                return Err(raises(format!("TypeError: {name}() got multiple values for argument '{key}'")));
            }
        }
        for parameter in parameters.iter_non_variadic_params() {
            let own = parameter.parameter.name.as_str();
            if names.contains_key(own) {
                continue;
            }
            let default = self.known.defaults.get(&place).and_then(|defaults| defaults.get(own));
            let Some(default) = default else {
                let what = format!("TypeError: {name}() missing 1 required positional argument: '{own}'");
                return Err(raises(what));
            };
            names.insert(own.to_owned(), default.clone());
        }
        Ok(names)
    }

    fn block(&mut self, body: &[Stmt], names: &mut Names) -> Result<Flow, Stop> {
        for statement in body {
            match self.statement(statement, names) {
                Ok(Flow::Next) => {}
                Ok(flow) => return Ok(flow),
                Err(stop) => {
                    self.place.get_or_insert(statement.range());
                    return Err(stop);
                }
            }
        }
        Ok(Flow::Next)
    }

    fn statement(&mut self, statement: &Stmt, names: &mut Names) -> Result<Flow, Stop> {
        self.count()?;
        self.reached.insert(statement.range().start().to_u32());
        match statement {
            Stmt::Pass(_) => {}
            Stmt::Expr(expression) => {
                // A text that stands by itself says what the function is for.
                if !matches!(*expression.value, Expr::StringLiteral(_)) {
                    self.eval(&expression.value, names)?;
                }
            }
            Stmt::Return(returned) => {
                let value = match &returned.value {
                    Some(value) => self.eval(value, names)?,
                    None => Value::None,
                };
                return Ok(Flow::Return(value, returned.range));
            }
            Stmt::Assign(assigned) => {
                let value = self.eval(&assigned.value, names)?;
                for target in &assigned.targets {
                    assign(target, value.clone(), names)?;
                }
            }
            Stmt::AnnAssign(assigned) => {
                if let Some(value) = &assigned.value {
                    let value = self.eval(value, names)?;
                    assign(&assigned.target, value, names)?;
                }
            }
            Stmt::AugAssign(assigned) => {
                let (before, by) = (self.eval(&assigned.target, names)?, self.eval(&assigned.value, names)?);
                assign(&assigned.target, value::binary(&before, assigned.op, &by)?, names)?;
            }
            Stmt::If(branch) => {
                if self.eval(&branch.test, names)?.truth()? {
                    return self.block(&branch.body, names);
                }
                for clause in &branch.elif_else_clauses {
                    let taken = match &clause.test {
                        Some(test) => self.eval(test, names)?.truth()?,
                        None => true,
                    };
                    if taken {
                        return self.block(&clause.body, names);
                    }
                }
            }
            Stmt::While(repeated) => {
                while self.eval(&repeated.test, names)?.truth()? {
                    self.count()?;
                    match self.block(&repeated.body, names)? {
                        Flow::Next | Flow::Continue => {}
                        Flow::Break => return Ok(Flow::Next),
                        returned @ Flow::Return(..) => return Ok(returned),
                    }
                }
                return self.block(&repeated.orelse, names);
            }
            Stmt::For(repeated) if !repeated.is_async => {
                let items = self.eval(&repeated.iter, names)?;
                for item in items_of(&items)? {
                    assign(&repeated.target, item, names)?;
                    match self.block(&repeated.body, names)? {
                        Flow::Next | Flow::Continue => {}
                        Flow::Break => return Ok(Flow::Next),
                        returned @ Flow::Return(..) => return Ok(returned),
                    }
                }
                return self.block(&repeated.orelse, names);
            }
            Stmt::Break(_) => return Ok(Flow::Break),
            Stmt::Continue(_) => return Ok(Flow::Continue),
            Stmt::Assert(claim) => {
                if !self.eval(&claim.test, names)?.truth()? {
                    return Err(raises("AssertionError"));
                }
            }
            Stmt::Raise(_) => return Err(raises("an exception that it raises itself")),
            Stmt::Import(_) | Stmt::ImportFrom(_) => import(statement, names),
            other => return Err(refused(name_of(other))),
        }
        Ok(Flow::Next)
    }

    /// The value of an expression.
    pub(crate) fn eval(&mut self, expression: &Expr, names: &mut Names) -> Done {
        self.depth += 1;
        let value = if self.depth > DEPTH {
            Err(refused("an expression that is nested so deep"))
        } else {
            self.count().and_then(|()| self.value(expression, names))
        };
        self.depth -= 1;
        if value.is_err() {
            self.place.get_or_insert(expression.range());
        }
        value
    }

    fn value(&mut self, expression: &Expr, names: &mut Names) -> Done {
        match expression {
            Expr::NoneLiteral(_) => Ok(Value::None),
            Expr::BooleanLiteral(literal) => Ok(Value::Bool(literal.value)),
            Expr::StringLiteral(literal) => Ok(Value::text(literal.value.to_str())),
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(value) => literal_of(&value.to_string()).map(Value::Int),
                Number::Float(value) => Ok(Value::Float(*value)),
                Number::Complex { .. } => Err(refused("a complex number")),
            },
            Expr::FString(text) => {
                // What is put together is not looked at, but what it is put together of may fail.
                for element in text.value.elements() {
                    if let ast::InterpolatedStringElement::Interpolation(part) = element {
                        self.eval(&part.expression, names)?;
                    }
                }
                Ok(Value::Opaque)
            }
            Expr::Name(name) => self.name(name, names),
            Expr::List(list) => self.all(Kind::List, &list.elts, names),
            Expr::Tuple(tuple) => self.all(Kind::Tuple, &tuple.elts, names),
            Expr::Set(set) => self.all(Kind::Set, &set.elts, names),
            Expr::Dict(dict) => {
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
            Expr::BoolOp(operation) => {
                let mut last = Value::None;
                for operand in &operation.values {
                    last = self.eval(operand, names)?;
                    if last.truth()? != (operation.op == BoolOp::And) {
                        break;
                    }
                }
                Ok(last)
            }
            Expr::BinOp(operation) => {
                let (left, right) = (self.eval(&operation.left, names)?, self.eval(&operation.right, names)?);
                value::binary(&left, operation.op, &right)
            }
            Expr::UnaryOp(operation) => {
                let operand = self.eval(&operation.operand, names)?;
                match operation.op {
                    UnaryOp::Not => operand.truth().map(|truth| Value::Bool(!truth)),
                    UnaryOp::USub => operand.negated(),
                    UnaryOp::UAdd => match operand.int() {
                        Some(value) => Ok(Value::Int(value)),
                        None if operand.is_number() => Ok(operand),
                        None => value::binary(&operand, Operator::Add, &Value::small(0)),
                    },
                    UnaryOp::Invert if operand.is_open() => Err(Stop::Undecided),
                    UnaryOp::Invert => match operand.int() {
                        Some(value) => Ok(Value::Int(!value)),
                        None => Err(raises(format!(
                            "TypeError: bad operand type for unary ~: '{}'",
                            operand.kind()
                        ))),
                    },
                }
            }
            Expr::Compare(comparison) => {
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
                match of {
                    Value::Module(module) => call::of_module(&module, attribute.attr.as_str()),
                    Value::Sink => Ok(Value::Sink),
                    Value::Str(_) | Value::Dict(_) => {
                        Ok(Value::Method(Rc::new(of), attribute.attr.as_str().into()))
                    }
                    _ => Err(refused(format!("`.{}` of a `{}`", attribute.attr, of.kind()))),
                }
            }
            Expr::Call(called) => self.called(called, names),
            other => Err(refused(kind_of(other))),
        }
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

/// The place of an item that is equal.
fn place_of<'v>(mut known: impl Iterator<Item = &'v Value>, item: &Value) -> Result<Option<usize>, Stop> {
    let mut place = 0;
    known.try_fold(None, |found: Option<usize>, known| {
        let equal = found.is_none() && value::equals(known, item)?;
        place += 1;
        Ok(found.or(equal.then_some(place - 1)))
    })
}

fn assign(target: &Expr, value: Value, names: &mut Names) -> Result<(), Stop> {
    match target {
        Expr::Name(name) => {
            names.insert(name.id.to_string(), value);
            Ok(())
        }
        Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
            let items = items_of(&value)?;
            if items.len() != elts.len() {
                return Err(raises(format!("ValueError: {} values for {} names", items.len(), elts.len())));
            }
            elts.iter().zip(items).try_for_each(|(target, item)| assign(target, item, names))
        }
        _ => Err(refused("to change what something else may hold as well; give it a name of its own")),
    }
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

fn items_of(value: &Value) -> Result<Vec<Value>, Stop> {
    match value {
        Value::List(Kind::Set, _) => Err(refused("the items of a set: they are in no order")),
        Value::List(_, items) => Ok(items.to_vec()),
        Value::Dict(items) => Ok(items.iter().map(|(key, _)| key.clone()).collect()),
        Value::Str(text) => Ok(text.chars().map(|c| Value::text(&c.to_string())).collect()),
        Value::Module(name) => Err(unknown(name)),
        other => Err(raises(format!("TypeError: '{}' object is not iterable", other.kind()))),
    }
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

/// What a statement is that is refused.
fn name_of(statement: &Stmt) -> &'static str {
    match statement {
        Stmt::FunctionDef(_) => "a function within a function",
        Stmt::ClassDef(_) => "a class",
        Stmt::Delete(_) => "`del`",
        Stmt::With(_) => "`with`",
        Stmt::Match(_) => "`match`",
        Stmt::Try(_) => "`try`",
        Stmt::Global(_) | Stmt::Nonlocal(_) => {
            "a name that outlives the call: a policy must give the same answer each time it is asked"
        }
        Stmt::For(_) => "`async for`",
        _ => "this statement",
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
