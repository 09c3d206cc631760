//! A pasted function: read once, and then asked.

use std::collections::BTreeSet;
use std::rc::Rc;

use punctual_sim::Span;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::{parse_expression, parse_module};

use crate::eval::Run;
use crate::module::{self, NAME};
use crate::names::{Defined, Names};
use crate::position::StatementAt;
use crate::refusal::{NoSeconds, Place, Refusal, Why};
use crate::stop::Stop;
use crate::value::Value;
use crate::{bounds, number};

/// A pasted function.
#[derive(Debug)]
pub struct Function {
    source: String,
    pub(crate) file: Vec<Stmt>,
    pub(crate) globals: Names,
    pub(crate) known: Defined,
    /// The place of its statement.
    pub(crate) place: StatementAt,
    /// Arguments beyond the status and the age.
    pub(crate) arguments: Vec<(Rc<str>, Value)>,
}

impl Function {
    /// The function of `source`; called with `arguments` beside the status and the age, which are written as in a
    /// call: `has_voiceover=True`.
    ///
    /// # Errors
    /// It is no Python, has no such function, or does more than a policy may.
    pub fn parse(source: &str, arguments: &str) -> Result<Self, Refusal> {
        bounds::check(source)?;
        let parsed = parse_module(source)
            .map_err(|error| Refusal::new(Why::NoPython(error.error.to_string()), error.location))?;
        let file: Vec<Stmt> = parsed.into_suite().into_iter().collect();
        let read = module::read(&file)?;
        let mut function = Self {
            source: source.to_owned(),
            file,
            globals: read.names,
            known: read.known,
            place: read.place,
            arguments: Vec::new(),
        };
        function.arguments =
            function.read_arguments(arguments).map_err(|why| Refusal::of(why, Place::Arguments))?;
        Ok(function)
    }

    /// The values of arguments that are written as in a call.
    fn read_arguments(&self, arguments: &str) -> Result<Vec<(Rc<str>, Value)>, Why> {
        let text = format!("f({arguments})");
        let wrong = || Why::NoArguments(arguments.to_owned());
        bounds::check(&text).map_err(|_| wrong())?;
        let parsed = parse_expression(&text).map_err(|_| wrong())?;
        let Expr::Call(call) = parsed.expr() else { return Err(wrong()) };
        if !call.arguments.args.is_empty() {
            return Err(wrong());
        }
        let Stmt::FunctionDef(function) = &self.file[self.place.0] else { return Err(wrong()) };
        let mut values = Vec::new();
        for keyword in &call.arguments.keywords {
            let name = keyword.arg.as_ref().ok_or_else(wrong)?.as_str();
            if function.parameters.find(name).is_none() {
                let known = function.parameters.iter_non_variadic_params().skip(2);
                let known = known.map(|parameter| parameter.parameter.name.to_string()).collect();
                return Err(Why::UnknownArgument { name: name.to_owned(), known });
            }
            let value = self.run().eval(&keyword.value, &mut Names::new());
            values.push((Rc::from(name), value.map_err(|_| wrong())?));
        }
        Ok(values)
    }

    /// A call that has not begun.
    pub(crate) fn run(&self) -> Run<'_> {
        Run::new(&self.file, &self.globals, &self.known)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        match &self.file[self.place.0] {
            Stmt::FunctionDef(function) => function.name.as_str(),
            _ => NAME,
        }
    }

    /// Its text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The texts that it holds something against; the statuses that it knows are among them.
    pub fn texts(&self) -> BTreeSet<String> {
        let mut texts = BTreeSet::new();
        texts_of(&self.file[self.place.0], &mut texts);
        texts
    }

    /// The seconds that it returns, as `CPython` computes them; before they are rounded.
    ///
    /// # Errors
    /// What Python would raise, or why it is not evaluated here.
    pub fn seconds(&self, status: &str, age: Span) -> Result<f64, NoSeconds> {
        let age = Value::Float(age.0 as f64 / 1e6);
        match self.run().call(self.place, &[Value::text(status), age], &self.arguments) {
            Ok((Value::Float(value), _)) => Ok(value),
            Ok((other, _)) if other.is_open() => Err(NoSeconds::Differs),
            Ok((other, _)) => match other.int() {
                Some(value) => number::to_float(&value).map_err(|_| NoSeconds::BeyondFloats),
                None => Err(NoSeconds::NoNumber(other.kind())),
            },
            Err(Stop::Raises(what)) => Err(NoSeconds::Raises(what)),
            Err(Stop::Refused(what)) => Err(NoSeconds::Uses(what)),
            Err(Stop::Forever) => Err(NoSeconds::Forever),
            // Nothing else is open at one age.
            Err(Stop::Undecided) => Err(NoSeconds::Differs),
        }
    }
}

/// Collects the texts that something is held against.
struct Texts<'t> {
    found: &'t mut BTreeSet<String>,
    compared: bool,
}

impl<'a> Visitor<'a> for Texts<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::StringLiteral(literal) if self.compared => {
                self.found.insert(literal.value.to_str().to_owned());
            }
            Expr::Compare(_) | Expr::Dict(_) => {
                let before = std::mem::replace(&mut self.compared, true);
                visitor::walk_expr(self, expression);
                self.compared = before;
            }
            _ => visitor::walk_expr(self, expression),
        }
    }
}

fn texts_of(function: &Stmt, found: &mut BTreeSet<String>) {
    visitor::walk_stmt(&mut Texts { found, compared: false }, function);
}
