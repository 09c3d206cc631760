//! Which parameters are varied and over which values, as the command line says it.

use std::error::Error;
use std::fmt;

use punctual_reports::text;
use punctual_scenarios::{NoDuration, NoParameter, Parameter, Scenario, duration};
use punctual_sim::Span;

/// The most rows of a grid.
pub(super) const MOST_ROWS: u64 = 1_000;
/// Rows of a grid, unless told otherwise.
const ROWS: u64 = 8;

/// A parameter and the values that are asked for.
pub(super) struct Varied {
    pub(super) parameter: Parameter,
    pub(super) low: Span,
    pub(super) high: Span,
    /// How many of them, if it is not the last.
    pub(super) rows: u64,
}

/// Text that says no parameter and its values.
#[derive(Debug)]
pub(super) struct NotVaried {
    /// The text.
    asked: String,
    why: Why,
}

/// What is wrong with it.
#[derive(Debug)]
enum Why {
    /// It names no parameter: what the scenario says.
    NoParameter(NoParameter),
    /// This is no number of rows.
    NoRows(String),
    /// This is no range of the parameter.
    NoRange { range: String, parameter: String },
    /// An end of the range is no duration: what scenarios say.
    NoDuration(NoDuration),
    /// No value is in this range.
    Empty { range: String, low: Span, high: Span },
}

impl fmt::Display for NotVaried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.asked)?;
        match &self.why {
            Why::NoParameter(why) => why.fmt(f),
            Why::NoDuration(why) => why.fmt(f),
            Why::NoRows(rows) => write!(f, "{rows:?} is no number of values from 1 to {MOST_ROWS}"),
            Why::NoRange { range, parameter } => {
                write!(f, "{range:?} is no range: write {parameter}=100ms..10s")
            }
            Why::Empty { range, low, high } => {
                let (low, high) = (text::duration(low.0), text::duration(high.0));
                write!(f, "the range {range:?} is empty: {low} is more than {high}")
            }
        }
    }
}

impl Error for NotVaried {}

impl Varied {
    /// Reads `PARAMETER`, `PARAMETER=LOW..HIGH` or `PARAMETER=LOW..HIGH:N`.
    pub(super) fn read(scenario: &Scenario, variant: &str, asked: &str) -> Result<Self, NotVaried> {
        Self::parse(scenario, variant, asked).map_err(|why| NotVaried { asked: asked.to_owned(), why })
    }

    fn parse(scenario: &Scenario, variant: &str, asked: &str) -> Result<Self, Why> {
        let (name, range) = asked.split_once('=').map_or((asked, None), |(name, range)| (name, Some(range)));
        let parameter = scenario.parameter(variant, name).map_err(Why::NoParameter)?;
        let Some(range) = range else {
            let now = parameter.now.0;
            let (low, high) = (Span((now / 10).max(1)), Span(now.saturating_mul(10).max(1)));
            return Ok(Self { parameter, low, high: high.min(Span::LONGEST), rows: ROWS });
        };
        let (range, rows) = range.split_once(':').map_or((range, None), |(range, rows)| (range, Some(rows)));
        let rows = rows.map_or(Ok(ROWS), |rows| {
            let number = rows.parse().ok().filter(|rows| (1..=MOST_ROWS).contains(rows));
            number.ok_or_else(|| Why::NoRows(rows.to_owned()))
        })?;
        let (low, high) = range
            .split_once("..")
            .ok_or_else(|| Why::NoRange { range: range.to_owned(), parameter: name.to_owned() })?;
        let end = |text: &str| duration(text.trim()).map_err(Why::NoDuration);
        let (low, high) = (end(low)?, end(high)?);
        if low > high {
            return Err(Why::Empty { range: range.to_owned(), low, high });
        }
        Ok(Self { parameter, low, high, rows })
    }
}

/// The values of a row of the grid: the first parameter changes slowest.
pub(super) fn values(others: &[Varied], number: u64) -> Vec<Span> {
    let mut left = number;
    let mut values: Vec<Span> = Vec::new();
    for other in others.iter().rev() {
        let place = left % other.rows;
        left /= other.rows;
        let width = u128::from(other.high.0 - other.low.0);
        let step = width * u128::from(place) / u128::from(other.rows.saturating_sub(1).max(1));
        values.push(Span(other.low.0 + step as u64));
    }
    values.reverse();
    values
}
