//! At which ages the result of a policy changes: exactly, and for every age at once.
//!
//! The function is evaluated for all ages of an interval together, with a range in place of the age. If no
//! comparison on the way depends on where in the range the age lies, what it returns is so for all of them.
//! Else the interval is halved, until it is so: down to one microsecond, where nothing is open any more. So
//! each boundary is found to the microsecond, however the function computes it, and none can be overlooked.
//!
//! A result that grows with the age is told in steps: each with the least and the greatest time to sleep in it.

use std::collections::BTreeSet;

use punctual_sim::Span;
use ruff_python_ast::Stmt;
use ruff_text_size::{Ranged, TextRange};

use crate::function::Function;
use crate::refusal::{Asked, DIFFERS, Refusal, Returned, Why, range};
use crate::stop::{self, Stop};
use crate::value::Value;

/// The most pieces that a table may have for one status.
const MOST: usize = 200;
/// The most evaluations for one status.
const EVALUATIONS: usize = 60_000;

/// What a function says for each status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ages {
    /// By status, in the order asked for.
    pub by_status: Vec<(String, Vec<Piece>)>,
    /// Statements that nothing leads to.
    pub unreached: Vec<Unreached>,
}

/// One statement that no status and no age leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// Its line, from 1.
    pub line: usize,
    /// Its text, the first line of it.
    pub text: String,
}

/// Neighbouring ages with one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The least.
    pub from: Span,
    /// The greatest.
    pub to: Span,
    /// How long the stream sleeps.
    pub sleep: Sleep,
}

/// How long a stream sleeps: the same if both ends are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sleep {
    /// At least.
    pub min: Span,
    /// At most.
    pub max: Span,
}

impl Sleep {
    /// Whether it is always the same.
    pub fn is_fixed(self) -> bool {
        self.min == self.max
    }

    /// Whether its ends are near enough to be told as one step: a tenth, or a millisecond.
    fn is_step(self) -> bool {
        self.max.0 - self.min.0 <= (self.min.0 / 10).max(1_000)
    }
}

/// Two neighbouring pieces as one step of what grows with the age, if they can be that. What is the same for long is
/// none: it would be told less exactly than it is.
fn one_step(one: &Piece, other: &Piece) -> Option<Sleep> {
    let sleep = Sleep { min: one.sleep.min.min(other.sleep.min), max: one.sleep.max.max(other.sleep.max) };
    let long = |piece: &Piece| piece.to.0 - piece.from.0;
    let grows = match (one.sleep.is_fixed(), other.sleep.is_fixed()) {
        (false, false) => true,
        (true, false) => long(one) < long(other),
        (false, true) => long(other) < long(one),
        (true, true) => false,
    };
    let touches = one.sleep.max >= other.sleep.min && other.sleep.max >= one.sleep.min
        || one.sleep.max.0.abs_diff(other.sleep.min.0) <= 1
        || other.sleep.max.0.abs_diff(one.sleep.min.0) <= 1;
    (grows && touches && sleep.is_step()).then_some(sleep)
}

/// A search for the pieces of one status.
struct Search<'f> {
    function: &'f Function,
    status: &'f str,
    pieces: Vec<Piece>,
    evaluations: usize,
    /// What was open last, and where.
    open: Option<TextRange>,
}

impl Function {
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
            self::unreached(&function.body, &reached, &mut unreached);
        }
        let of = |at: TextRange| {
            let before = &self.source()[..at.start().to_usize()];
            let text = self.source()[range(at)].lines().next().unwrap_or("").to_owned();
            Unreached { line: before.matches('\n').count() + 1, text }
        };
        Ok(Ages { by_status, unreached: unreached.into_iter().map(of).collect() })
    }

    pub(crate) fn pieces(&self, status: &str, reached: &mut BTreeSet<u32>) -> Result<Vec<Piece>, Refusal> {
        let mut search = Search { function: self, status, pieces: Vec::new(), evaluations: 0, open: None };
        search.between(0, Span::LONGEST.0, reached)?;
        Ok(search.pieces)
    }
}

impl Search<'_> {
    /// Adds the pieces from age `from` to age `to`, both included, in microseconds.
    fn between(&mut self, from: u64, to: u64, reached: &mut BTreeSet<u32>) -> Result<(), Refusal> {
        self.evaluations += 1;
        if self.evaluations > EVALUATIONS || self.pieces.len() > MOST {
            return Err(self.too_many());
        }
        let seconds = |age: u64| age as f64 / 1e6;
        let age =
            if from == to { Value::Float(seconds(from)) } else { Value::Range(seconds(from), seconds(to)) };
        let mut run = self.function.run();
        let done = run.call(self.function.place, &[Value::text(self.status), age], &self.function.arguments);
        let asked = Asked { status: self.status.to_owned(), age: Span(from) };
        match done {
            Ok((Value::Module(module), at)) => {
                return Err(Refusal::stopped(stop::unknown(&module), at, Some(asked)));
            }
            Ok((value, at)) => match sleep(&value) {
                Ok(Some(sleep)) => {
                    reached.extend(run.reached);
                    self.add(Piece { from: Span(from), to: Span(to), sleep });
                    return Ok(());
                }
                // At one age only a power is open, and what is made of its last digit is no longer small.
                Ok(None) if from == to => return Err(Refusal::stopped(differs(), at, Some(asked))),
                Ok(None) => {}
                // Of a range only a part may be wrong.
                Err(_) if value.is_open() && from < to => {}
                Err(returned) => return Err(Refusal::new(Why::Returns(returned, asked), at)),
            },
            Err(Stop::Undecided) if from < to => self.open = run.place,
            Err(stop) => {
                let stop = if stop == Stop::Undecided { differs() } else { stop };
                let at = run.place.unwrap_or_else(|| self.function.file[self.function.place.0].range());
                let mut refusal = Refusal::stopped(stop, at, Some(asked));
                refusal.used = run.used.map(range);
                return Err(refusal);
            }
        }
        let middle = from + (to - from) / 2;
        self.between(from, middle, reached)?;
        self.between(middle + 1, to, reached)
    }

    fn add(&mut self, piece: Piece) {
        match self.pieces.last_mut() {
            Some(last) if last.sleep == piece.sleep => last.to = piece.to,
            Some(last) if let Some(sleep) = one_step(last, &piece) => {
                *last = Piece { to: piece.to, sleep, ..*last }
            }
            _ => self.pieces.push(piece),
        }
    }

    fn too_many(&self) -> Refusal {
        let whole = self.function.file[self.function.place.0].range();
        let first = self.pieces.iter().skip(1).take(3).map(|piece| piece.from).collect();
        let why = Why::TooManyAges { status: self.status.to_owned(), most: MOST, first };
        Refusal::new(why, self.open.unwrap_or(whole))
    }
}

/// What a value means as a time to sleep; `None` if the step is too large to be told as one.
fn sleep(value: &Value) -> Result<Option<Sleep>, Returned> {
    let ends = if let Value::Bool(_) = value { None } else { value.reach() };
    let Some((low, high)) = ends else {
        return Err(match value {
            Value::None => Returned::None,
            Value::Str(text) => Returned::Text(text.to_string()),
            other => Returned::Typed(other.kind()),
        });
    };
    if low.is_nan() || high.is_infinite() || low <= 0.0 {
        let large = high.is_infinite() && value.whole_ends().is_some();
        return Err(if large { Returned::BeyondFloats } else { Returned::NotAbove0(printed(low)) });
    }
    let micros = |seconds: f64| (seconds * 1e6).round_ties_even();
    if micros(low) < 1.0 {
        return Err(Returned::TooShort(printed(low)));
    }
    if micros(high) > Span::LONGEST.0 as f64 {
        return Err(Returned::TooLong(printed(high)));
    }
    let sleep = Sleep { min: Span(micros(low) as u64), max: Span(micros(high) as u64) };
    Ok(sleep.is_step().then_some(sleep))
}

/// That what is returned hangs on what is not known of a power.
fn differs() -> Stop {
    stop::refused(format!("{DIFFERS}, where what comes of it depends on that"))
}

/// A float as Python prints it, nearly.
fn printed(float: f64) -> String {
    if float.is_nan() { "nan".to_owned() } else { format!("{float:?}") }
}

/// The statements of `body` that were never reached; of one within another, the outer.
fn unreached(body: &[Stmt], reached: &BTreeSet<u32>, found: &mut Vec<TextRange>) {
    for statement in body {
        if !reached.contains(&statement.range().start().to_u32()) {
            found.push(statement.range());
            // What follows in the same block is not reached either.
            return;
        }
        match statement {
            Stmt::If(branch) => {
                unreached(&branch.body, reached, found);
                branch.elif_else_clauses.iter().for_each(|clause| unreached(&clause.body, reached, found));
            }
            Stmt::For(repeated) => unreached(&repeated.body, reached, found),
            Stmt::While(repeated) => unreached(&repeated.body, reached, found),
            _ => {}
        }
    }
}
