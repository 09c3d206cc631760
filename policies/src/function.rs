//! A pasted function: read once, and then asked.

use std::collections::BTreeSet;
use std::rc::Rc;

use punctual_sim::Span;
use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::{parse_expression, parse_module};
use ruff_text_size::TextRange;

use crate::ages::{self, Ages};
use crate::eval::Run;
use crate::names::{Defined, Names, StatementAt};
use crate::refusal::{NoSeconds, Place, Refusal, Why, range};
use crate::stop::Stop;
use crate::value::Value;
use crate::{bounds, module, number};

/// The name of a policy's function where a file has several.
pub const NAME: &str = "get_poll_interval";

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

/// One statement that no status and no age leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// Its line, from 1.
    pub line: usize,
    /// Its text, the first line of it.
    pub text: String,
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
        ages::texts_of(&self.file[self.place.0], &mut texts);
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

    /// How long it lets a stream sleep at every age, for each of `statuses`.
    ///
    /// # Errors
    /// It raises something, returns what is no time to sleep, uses what a policy may not use, does not end, or
    /// has more to say than a table can.
    pub fn ages(&self, statuses: &[&str]) -> Result<Ages, Refusal> {
        let mut reached = BTreeSet::new();
        let mut by_status = Vec::new();
        for status in statuses {
            by_status.push(((*status).to_owned(), self.pieces(status, &mut reached)?));
        }
        let mut unreached = Vec::new();
        if let Stmt::FunctionDef(function) = &self.file[self.place.0] {
            ages::unreached(&function.body, &reached, &mut unreached);
        }
        let of = |at: TextRange| {
            let before = &self.source[..at.start().to_usize()];
            let text = self.source[range(at)].lines().next().unwrap_or("").to_owned();
            Unreached { line: before.matches('\n').count() + 1, text }
        };
        Ok(Ages { by_status, unreached: unreached.into_iter().map(of).collect() })
    }
}
