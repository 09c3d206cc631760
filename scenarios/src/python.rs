//! A polling policy as it stands in production: a Python function, run as pasted.
//!
//! ```python
//! def get_poll_interval(job_status: str, elapsed_time: float, has_voiceover: bool = False) -> float:
//!     if job_status == "running" and elapsed_time < 30:
//!         return 0.3
//!     return 1.0
//! ```
//!
//! It is parsed by the parser of ruff and evaluated here, with `CPython`'s arithmetic bit for bit; what is not
//! pure (a clock, a draw, a network) is refused with its place. What it returns is rounded to whole
//! microseconds once, here. Where its result changes with the age of the stream is found exactly
//! ([`Function::ages`]): so a pasted policy becomes a table, with an alarm at each age that it asks for, and can
//! be explored for every timing like any other.

mod ages;
mod call;
mod eval;
mod value;

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use punctual_sim::Span;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::{Mode, lexer, parse_expression, parse_module};
use ruff_text_size::{Ranged, TextRange};

pub use ages::{Ages, Piece, Rest};

use crate::problem::{NOWHERE, Problem, Problems, did_you_mean, quoted};
use eval::{Defined, Names, Run};
use value::Value;

/// The name of a policy's function where a file has several.
const NAME: &str = "get_poll_interval";
/// The most tokens of a statement, and the deepest that statements may be nested.
const TOKENS: u32 = 600;
const INDENTS: u32 = 40;

/// Why an evaluation stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stop {
    /// It depends on where in a range a number lies.
    Undecided,
    /// Python raises this.
    Raises(String),
    /// It is not part of what a policy may use.
    Refused(String),
    /// It takes too many steps.
    Forever,
}

/// A pasted function.
#[derive(Debug)]
pub struct Function {
    label: String,
    source: String,
    file: Vec<Stmt>,
    globals: Names,
    known: Defined,
    /// The place of its statement.
    place: usize,
    /// Arguments beyond the status and the age.
    arguments: Vec<(Rc<str>, Value)>,
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
    /// The function of `source`, which is called `label`; called with `arguments` beside the status and the
    /// age, which are written as in a call: `has_voiceover=True`.
    ///
    /// # Errors
    /// It is no Python, has no such function, or does more than a policy may.
    pub fn parse(label: &str, source: &str, arguments: &str) -> Result<Self, Problems> {
        Self::called(label, source, (arguments, "arguments"))
    }

    /// The same, where what the arguments are said by is known: `option`, as it stands on the command line.
    ///
    /// # Errors
    /// It is no Python, has no such function, or does more than a policy may.
    pub fn called(label: &str, source: &str, (arguments, option): (&str, &str)) -> Result<Self, Problems> {
        let problems = |list: Vec<Problem>| Problems::new(label, source, list);
        bounded(source).map_err(|problem| problems(vec![*problem]))?;
        let parsed = parse_module(source).map_err(|error| {
            let at = range(error.location);
            let what = error.error.to_string();
            problems(vec![
                Problem::new("P0801", &at, format!("this is no Python: {what}")).label("not understood"),
            ])
        })?;
        let file: Vec<Stmt> = parsed.into_suite().into_iter().collect();
        let (place, globals, known) = globals(&file).map_err(|problem| problems(vec![*problem]))?;
        let mut function = Self {
            label: label.to_owned(),
            source: source.to_owned(),
            file,
            globals,
            known,
            place,
            arguments: Vec::new(),
        };
        function.arguments = function.read_arguments(arguments).map_err(|title| {
            let problem = Problem::new("P0802", &NOWHERE, title);
            let problem = problem.help("write them as in a call: has_voiceover=True");
            Problems::of_option(label, source, option, problem)
        })?;
        Ok(function)
    }

    /// The values of arguments that are written as in a call.
    fn read_arguments(&self, arguments: &str) -> Result<Vec<(Rc<str>, Value)>, String> {
        let text = format!("f({arguments})");
        let wrong = || format!("{} are no arguments", quoted(arguments));
        bounded(&text).map_err(|_| wrong())?;
        let parsed = parse_expression(&text).map_err(|_| wrong())?;
        let Expr::Call(call) = parsed.expr() else { return Err(wrong()) };
        if !call.arguments.args.is_empty() {
            return Err(wrong());
        }
        let Stmt::FunctionDef(function) = &self.file[self.place] else { return Err(wrong()) };
        let mut values = Vec::new();
        for keyword in &call.arguments.keywords {
            let name = keyword.arg.as_ref().ok_or_else(wrong)?.as_str();
            if function.parameters.find(name).is_none() {
                let known = function.parameters.iter_non_variadic_params().skip(2);
                let known: Vec<&str> = known.map(|parameter| parameter.parameter.name.as_str()).collect();
                let hint = did_you_mean(name, known.iter().copied());
                return Err(format!("the function takes no argument {}{hint}", quoted(name)));
            }
            let value =
                Run::new(&self.file, &self.globals, &self.known).eval(&keyword.value, &mut Names::new());
            values.push((Rc::from(name), value.map_err(|_| wrong())?));
        }
        Ok(values)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        match &self.file[self.place] {
            Stmt::FunctionDef(function) => function.name.as_str(),
            _ => NAME,
        }
    }

    /// The texts that it holds something against; the statuses that it knows are among them.
    pub fn texts(&self) -> BTreeSet<String> {
        let mut texts = BTreeSet::new();
        ages::texts_of(&self.file[self.place], &mut texts);
        texts
    }

    /// The seconds that it returns, as `CPython` computes them; before they are rounded.
    ///
    /// # Errors
    /// What Python would raise, or why it is not evaluated here.
    pub fn seconds(&self, status: &str, age: Span) -> Result<f64, String> {
        let mut run = Run::new(&self.file, &self.globals, &self.known);
        let age = Value::Float(age.0 as f64 / 1e6);
        match run.call(self.place, &[Value::text(status), age], &self.arguments) {
            Ok((Value::Float(value), _)) => Ok(value),
            Ok((other, _)) => {
                other.int().map(|value| value as f64).ok_or_else(|| format!("returns a {}", other.kind()))
            }
            Err(Stop::Raises(what) | Stop::Refused(what)) => Err(what),
            Err(Stop::Undecided | Stop::Forever) => Err("does not end".to_owned()),
        }
    }

    /// How long it lets a stream rest at every age, for each of `statuses`.
    ///
    /// # Errors
    /// It raises something, returns what is no time to rest, uses what a policy may not use, does not end, or
    /// has more to say than a table can.
    pub fn ages(&self, statuses: &[&str]) -> Result<Ages, Problems> {
        let mut reached = BTreeSet::new();
        let mut by_status = Vec::new();
        for status in statuses {
            let pieces = self.pieces(status, &mut reached).map_err(|problem| self.problems(*problem))?;
            by_status.push(((*status).to_owned(), pieces));
        }
        let mut unreached = Vec::new();
        if let Stmt::FunctionDef(function) = &self.file[self.place] {
            ages::unreached(&function.body, &reached, &mut unreached);
        }
        let of = |at: TextRange| {
            let before = &self.source[..at.start().to_usize()];
            let text = self.source[range(at)].lines().next().unwrap_or("").to_owned();
            Unreached { line: before.matches('\n').count() + 1, text }
        };
        Ok(Ages { by_status, unreached: unreached.into_iter().map(of).collect() })
    }

    fn problems(&self, problem: Problem) -> Problems {
        Problems::new(&self.label, &self.source, vec![problem])
    }

    /// Its text.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// The place of the policy's function among the statements of a file, what its names stand for, and what is known
/// of its functions.
fn globals(file: &[Stmt]) -> Result<(usize, Names, Defined), Box<Problem>> {
    let mut names = Names::from([("__name__".to_owned(), Value::text("policy"))]);
    let mut defined = Defined::default();
    for (place, statement) in file.iter().enumerate() {
        let (known, before) = (names.clone(), defined.clone());
        let mut run = Run::new(file, &known, &before);
        let done = match statement {
            Stmt::FunctionDef(function) => {
                let parameters = function.parameters.iter_non_variadic_params();
                let defaults = parameters.filter_map(|parameter| Some((parameter, parameter.default()?)));
                let values: Result<Names, Stop> = defaults
                    .map(|(parameter, default)| {
                        let value = run.eval(default, &mut Names::new())?;
                        Ok((parameter.parameter.name.to_string(), value))
                    })
                    .collect();
                values.map(|values| {
                    defined.defaults.insert(place, values);
                    defined.own.insert(place, ages::assigned_in(statement));
                    names.insert(function.name.to_string(), Value::Function(place));
                })
            }
            Stmt::Import(_) | Stmt::ImportFrom(_) => eval::import(statement, &mut names),
            Stmt::If(branch) if eval::asks_for_main(&branch.test) => Ok(()),
            other => run.top(other, &mut names),
        };
        if let Err(stop) = done {
            let at = run.place.unwrap_or_else(|| statement.range());
            return Err(Box::new(stopped(stop, at, "as the file is read")));
        }
    }
    let functions: Vec<usize> =
        (0..file.len()).filter(|&place| matches!(file[place], Stmt::FunctionDef(_))).collect();
    let place = match (names.get(NAME), &functions[..]) {
        (Some(Value::Function(place)), _) => *place,
        (None, [place]) => *place,
        (bound, functions) => {
            let at = functions.first().map_or(0..0, |place| range(file[*place].range()));
            let title = match bound {
                Some(other) => format!("{} is a {} and no function", quoted(NAME), other.kind()),
                None => format!("there is no function {}", quoted(NAME)),
            };
            let help = format!("call the policy's function {NAME}(job_status, elapsed_time)");
            return Err(Box::new(Problem::new("P0802", &at, title).label("not it").help(help)));
        }
    };
    Ok((place, names, defined))
}

/// Refuses what is nested, or goes on, so far that nothing that takes it apart comes to an end of it.
fn bounded(source: &str) -> Result<(), Box<Problem>> {
    let mut lexer = lexer::lex(source, Mode::Module);
    let (mut tokens, mut indents) = (0_u32, 0_u32);
    loop {
        let kind = lexer.next_token();
        match kind {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Newline => tokens = 0,
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            _ => tokens += 1,
        }
        if tokens > TOKENS || indents > INDENTS {
            let title = format!(
                "the policy has a statement of more than {TOKENS} words, or one nested {INDENTS} deep"
            );
            return Err(Box::new(Problem::new("P0802", &NOWHERE, title).help("cut it into several")));
        }
    }
}

/// What is told of an evaluation that stopped.
fn stopped(stop: Stop, at: TextRange, when: &str) -> Problem {
    let at = range(at);
    match stop {
        Stop::Refused(what) => {
            Problem::new("P0802", &at, format!("a policy may not use {what}")).label("not part of a policy")
        }
        Stop::Raises(what) => {
            Problem::new("P0803", &at, format!("the policy raises {what}")).label(when.to_owned())
        }
        Stop::Forever => Problem::new("P0803", &at, "the policy does not come to an end")
            .label(format!("still here after 200 000 steps, {when}")),
        Stop::Undecided => {
            Problem::new("P0804", &at, "the policy changes with every microsecond").label(when.to_owned())
        }
    }
}

fn range(at: TextRange) -> Range<usize> {
    at.start().to_usize()..at.end().to_usize()
}
