//! Runs a pasted function: statements and expressions of the pure subset, one case each.
//!
//! What is not here is refused where it is reached, with its place. A call takes so many steps at most, so a
//! function that loops for ever is told instead of waited for.

mod expressions;
mod statements;

use std::collections::BTreeSet;
use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use self::statements::Flow;
use crate::names::{Defined, Names};
use crate::position::StatementAt;
use crate::stop::{Stop, raises, refused};
use crate::value::{Done, Value};

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
        place: StatementAt,
        arguments: &[Value],
        named: &[(Rc<str>, Value)],
    ) -> Result<(Value, TextRange), Stop> {
        let Some(Stmt::FunctionDef(function)) = self.file.get(place.0) else {
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
        (function, place): (&ast::StmtFunctionDef, StatementAt),
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
}
