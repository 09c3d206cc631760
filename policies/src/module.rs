//! What the names of a file stand for: its statements taken one after the other, as far as they can be.
//!
//! A policy is pasted with the file around it: imports, classes, decorators, a server that is set up. None of
//! that matters unless the policy comes to it, so nothing is refused here. A statement that is not part of a
//! policy makes the names *lost* that it binds, and those of lists and dicts that it could change, itself or by
//! a function of the file that it names; whoever asks for a lost name is told why, and where.

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{CmpOp, ExceptHandler, Expr, ExprContext, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::eval::Run;
use crate::names::{Defined, Names, assigned_in, import};
use crate::position::StatementAt;
use crate::refusal::{Refusal, Why};
use crate::stop::{Stop, refused};
use crate::value::Value;

/// The name of a policy's function where a file has several.
pub const NAME: &str = "get_poll_interval";
/// What can bind a name that it does not say.
const ANYTHING: [&str; 4] = ["exec", "globals", "locals", "vars"];

/// A file that was read.
pub(crate) struct Module {
    /// The place of the policy's function among its statements.
    pub(crate) place: StatementAt,
    /// What its names stand for.
    pub(crate) names: Names,
    /// What is known of its functions.
    pub(crate) known: Defined,
}

/// Reads the statements of a file.
pub(crate) fn read(file: &[Stmt]) -> Result<Module, Refusal> {
    let mut names = Names::from([("__name__".to_owned(), Value::text("policy"))]);
    let mut known = Defined::default();
    for (place, statement) in file.iter().enumerate() {
        let place = StatementAt(place);
        match statement {
            Stmt::FunctionDef(function) => {
                let mut values = Names::new();
                for parameter in function.parameters.iter_non_variadic_params() {
                    let Some(default) = parameter.default() else { continue };
                    let mut run = Run::new(file, &names, &known);
                    let value = run.eval(default, &mut Names::new());
                    let at = run.place.unwrap_or_else(|| default.range());
                    let value = value.unwrap_or_else(|stop| Value::Lost(Rc::new((stop, at))));
                    values.insert(parameter.parameter.name.to_string(), value);
                }
                known.defaults.insert(place, values);
                known.own.insert(place, assigned_in(statement));
                // Whoever decorates it is called as it is defined.
                if !function.decorator_list.is_empty() {
                    touch(statement, file, &mut names);
                }
                names.insert(function.name.to_string(), Value::Function(place));
            }
            Stmt::Import(_) | Stmt::ImportFrom(_) => import(statement, &mut names),
            Stmt::If(branch) if asks_for_main(&branch.test) => {}
            other => {
                let mut run = Run::new(file, &names, &known);
                let mut bound = Names::new();
                match run.top(other, &mut bound) {
                    Ok(()) => names.extend(bound),
                    Err(stop) => {
                        let at = run.place.unwrap_or_else(|| header(other));
                        lose(other, (stop, at), file, &mut names);
                    }
                }
            }
        }
    }
    let place = policy(file, &names)?;
    Ok(Module { place, names, known })
}

/// The place of the policy's function.
fn policy(file: &[Stmt], names: &Names) -> Result<StatementAt, Refusal> {
    let is_function = |place: &StatementAt| matches!(file[place.0], Stmt::FunctionDef(_));
    let functions: Vec<StatementAt> = (0..file.len()).map(StatementAt).filter(is_function).collect();
    let (at, why) = match (names.get(NAME), &functions[..]) {
        (Some(Value::Function(place)), _) => return Ok(*place),
        (None, [place]) => return Ok(*place),
        (Some(Value::Lost(lost)), _) => return Err(Refusal::stopped(lost.0.clone(), lost.1, None)),
        (Some(other), _) => {
            (header(&file[functions.first().map_or(0, |place| place.0)]), Why::NotAFunction(other.kind()))
        }
        (None, functions) => {
            let at = functions.first().map_or_else(TextRange::default, |place| header(&file[place.0]));
            (at, Why::NoFunction)
        }
    };
    Err(Refusal::new(why, at))
}

/// Where a statement says what it is: its name, if it has a body of its own.
fn header(statement: &Stmt) -> TextRange {
    match statement {
        Stmt::FunctionDef(function) => function.name.range(),
        Stmt::ClassDef(class) => class.name.range(),
        other => other.range(),
    }
}

/// Loses what a statement binds that cannot be taken, and what it could change.
fn lose(statement: &Stmt, why: (Stop, TextRange), file: &[Stmt], names: &mut Names) {
    touch(statement, file, names);
    let mut bound = Mentions::default();
    bound.visit_stmt(statement);
    let lost = Value::Lost(Rc::new(why));
    names.extend(bound.stored.into_iter().map(|name| (name, lost.clone())));
}

/// Loses the lists and dicts that a statement could change, and the names that it could bind by a function.
fn touch(statement: &Stmt, file: &[Stmt], names: &mut Names) {
    let mut mentions = Mentions::default();
    mentions.visit_stmt(statement);
    let mut seen = BTreeSet::new();
    let mut bound = BTreeSet::new();
    // What is named may be called, and so may be what that names.
    while let Some(name) = mentions.loaded.iter().find(|name| !seen.contains(*name)).cloned() {
        for body in file.iter().filter(|other| defines(other, &name)) {
            let mut within = Mentions { bodies: true, ..Mentions::default() };
            within.visit_stmt(body);
            mentions.loaded.extend(within.loaded);
            bound.extend(within.global);
        }
        seen.insert(name);
    }
    let any = seen.iter().any(|name| ANYTHING.contains(&name.as_str()) && !names.contains_key(name));
    let touched: Vec<Value> = seen.iter().filter_map(|name| names.get(name).cloned()).collect();
    let changed: Vec<String> = names
        .iter()
        .filter(|(name, value)| {
            any || bound.contains(*name) || touched.iter().any(|touched| share(touched, value))
        })
        .map(|(name, _)| name.clone())
        .collect();
    for name in changed {
        let why = (refused(format!("`{name}`, which may be changed here")), header(statement));
        names.insert(name, Value::Lost(Rc::new(why)));
    }
}

fn defines(statement: &Stmt, name: &str) -> bool {
    match statement {
        Stmt::FunctionDef(function) => function.name.as_str() == name,
        Stmt::ClassDef(class) => class.name.as_str() == name,
        _ => false,
    }
}

/// Whether a list or dict is part of both.
fn share(one: &Value, other: &Value) -> bool {
    let same = match (one, other) {
        (Value::List(_, one), Value::List(_, other)) => Rc::ptr_eq(one, other),
        (Value::Dict(one), Value::Dict(other)) => Rc::ptr_eq(one, other),
        _ => false,
    };
    let parts = |value: &Value| -> Vec<Value> {
        match value {
            Value::List(_, items) => items.to_vec(),
            Value::Dict(items) => {
                items.iter().flat_map(|(key, value)| [key.clone(), value.clone()]).collect()
            }
            _ => Vec::new(),
        }
    };
    same || parts(one).iter().any(|part| share(part, other))
        || parts(other).iter().any(|part| share(one, part))
}

/// The names in what a statement does as it is taken: what stands in a function is done later, if ever.
#[derive(Default)]
struct Mentions {
    loaded: BTreeSet<String>,
    stored: BTreeSet<String>,
    global: BTreeSet<String>,
    /// Whether it is looked into functions as well.
    bodies: bool,
}

impl<'a> Visitor<'a> for Mentions {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.stored.insert(function.name.to_string());
                function.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
                self.visit_parameters(&function.parameters);
                if self.bodies {
                    self.visit_body(&function.body);
                }
            }
            Stmt::ClassDef(class) => {
                // Names of its body are its own.
                let own = std::mem::take(&mut self.stored);
                visitor::walk_stmt(self, statement);
                self.stored = own;
                self.stored.insert(class.name.to_string());
            }
            Stmt::Import(_) | Stmt::ImportFrom(_) => {
                let mut names = Names::new();
                import(statement, &mut names);
                self.stored.extend(names.into_keys());
            }
            Stmt::Global(names) => self.global.extend(names.names.iter().map(ToString::to_string)),
            other => visitor::walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression {
            let set = match name.ctx {
                ExprContext::Load => &mut self.loaded,
                ExprContext::Store | ExprContext::Del | ExprContext::Invalid => &mut self.stored,
            };
            set.insert(name.id.to_string());
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(named) = handler;
        self.stored.extend(named.name.as_ref().map(ToString::to_string));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(bound) => bound.name.as_ref(),
            Pattern::MatchStar(bound) => bound.name.as_ref(),
            Pattern::MatchMapping(bound) => bound.rest.as_ref(),
            Pattern::MatchValue(_)
            | Pattern::MatchSingleton(_)
            | Pattern::MatchSequence(_)
            | Pattern::MatchClass(_)
            | Pattern::MatchOr(_) => None,
        };
        self.stored.extend(name.map(ToString::to_string));
        visitor::walk_pattern(self, pattern);
    }
}

/// Whether a test at the top of a file is the one for being run as a program.
fn asks_for_main(test: &Expr) -> bool {
    let Expr::Compare(comparison) = test else { return false };
    let is_name = matches!(&*comparison.left, Expr::Name(name) if name.id.as_str() == "__name__");
    is_name && matches!(comparison.ops[..], [CmpOp::Eq])
}
