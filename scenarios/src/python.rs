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
mod module;
mod names;
mod number;
mod power;
mod stop;
mod value;

use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use punctual_sim::Span;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::{Mode, lexer, parse_expression, parse_module};
use ruff_text_size::TextRange;

pub use ages::{Ages, Piece, Rest};

use crate::problem::{NOWHERE, Problem, Problems};
use crate::words::{did_you_mean, quoted};
use eval::Run;
use names::{Defined, Names};
use stop::Stop;
use value::Value;

/// The name of a policy's function where a file has several.
const NAME: &str = "get_poll_interval";
/// The most words of a statement, the most of them that stand in one another, and the deepest that statements may be
/// nested.
const TOKENS: u32 = 100_000;
const NESTED: u32 = 600;
const INDENTS: u32 = 40;
/// What is said of an answer that depends on the C library that Python uses.
pub const DIFFERS: &str = "a power whose last digit differs between platforms";

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
        let read = module::read(&file).map_err(|problem| problems(vec![*problem]))?;
        let (place, globals, known) = (read.place, read.names, read.known);
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
    /// What Python would raise, or why it is not evaluated here: [`DIFFERS`] where Python itself may say one thing or another.
    pub fn seconds(&self, status: &str, age: Span) -> Result<f64, String> {
        let mut run = Run::new(&self.file, &self.globals, &self.known);
        let age = Value::Float(age.0 as f64 / 1e6);
        match run.call(self.place, &[Value::text(status), age], &self.arguments) {
            Ok((Value::Float(value), _)) => Ok(value),
            Ok((other, _)) if other.is_open() => Err(DIFFERS.to_owned()),
            Ok((other, _)) => match other.int() {
                Some(value) => {
                    number::to_float(&value).map_err(|_| "returns a number beyond all floats".to_owned())
                }
                None => Err(format!("returns a {}", other.kind())),
            },
            Err(Stop::Raises(what) | Stop::Refused(what)) => Err(what),
            Err(Stop::Forever) => Err("does not end".to_owned()),
            // Nothing else is open at one age.
            Err(Stop::Undecided) => Err(DIFFERS.to_owned()),
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

/// Refuses what is nested, or goes on, so far that nothing that takes it apart comes to an end of it. What stands
/// between two commas is held by nothing but what is around both.
fn bounded(source: &str) -> Result<(), Box<Problem>> {
    let mut lexer = lexer::lex(source, Mode::Module);
    let (mut tokens, mut indents) = (0_u32, 0_u32);
    // Of each bracket that is open the words since its last comma, and whether a comma may belong to a lambda.
    let mut open: Vec<(u32, Comma)> = vec![(0, Comma::Ends)];
    loop {
        let kind = lexer.next_token();
        match kind {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Newline => (tokens, open) = (0, vec![(0, Comma::Ends)]),
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            _ => tokens += 1,
        }
        if let Some(last) = open.last_mut() {
            last.0 += 1;
            match kind {
                TokenKind::Lambda => last.1 = Comma::Holds,
                TokenKind::Comma | TokenKind::Semi if last.1 == Comma::Ends => last.0 = 0,
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => open.push((0, Comma::Ends)),
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if open.len() > 1 => drop(open.pop()),
                _ => {}
            }
        }
        let nested = open.iter().map(|(words, _)| words).sum::<u32>() > NESTED || indents > INDENTS;
        if nested || tokens > TOKENS {
            let title = if nested {
                format!(
                    "the file has a statement of more than {NESTED} words in one another, or one nested {INDENTS} deep"
                )
            } else {
                format!("the file has a statement of more than {TOKENS} words")
            };
            return Err(Box::new(Problem::new("P0802", &NOWHERE, title).help("cut it into several")));
        }
    }
}

/// What a comma does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comma {
    /// It ends what came before it.
    Ends,
    /// What came before may go on.
    Holds,
}

/// What is told of an evaluation that stopped; `used` is where a name stands that is lost, if that is why.
fn stopped(stop: Stop, at: TextRange, when: &str, used: Option<TextRange>) -> Problem {
    let at = range(at);
    let problem = match stop {
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
    };
    match used {
        Some(used) => problem.beside(&range(used), "used here"),
        None => problem,
    }
}

fn range(at: TextRange) -> Range<usize> {
    at.start().to_usize()..at.end().to_usize()
}
