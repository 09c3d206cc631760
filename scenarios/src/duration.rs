//! Durations as they are written: `300ms`, `1.5s`, `1m30s`.

use std::fmt;

use jiff::fmt::friendly::SpanParser;
use punctual_sim::Span;

use crate::words::quoted;

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoDuration {
    text: String,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    NotOne,
    NoUnit,
    Negative,
    TooFine,
    TooLong,
}

/// Reads a duration such as `1m30s`.
///
/// # Errors
/// It is none: what is wrong, and what would be right.
pub fn duration(text: &str) -> Result<Span, NoDuration> {
    let text = text.trim();
    read(text).map_err(|why| NoDuration { text: text.to_owned(), why })
}

fn read(text: &str) -> Result<Span, Why> {
    if text.ends_with(|c: char| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok() {
        return Err(Why::NoUnit);
    }
    if text.starts_with('-') {
        return Err(Why::Negative);
    }
    let parser = SpanParser::new();
    let Ok(duration) = parser.parse_duration(text) else {
        // Is it the form that is wrong, or only the size?
        let small = text.chars().fold(String::new(), |mut small, c| {
            if !(c.is_ascii_digit() && small.ends_with('1')) {
                small.push(if c.is_ascii_digit() { '1' } else { c });
            }
            small
        });
        let is_one = text.contains(char::is_numeric) && parser.parse_duration(&small).is_ok();
        return Err(if is_one { Why::TooLong } else { Why::NotOne });
    };
    if duration.is_negative() {
        return Err(Why::Negative);
    }
    if duration.subsec_nanos() % 1_000 != 0 {
        return Err(Why::TooFine);
    }
    match u64::try_from(duration.as_micros()) {
        Ok(micros) if Span(micros) <= Span::LONGEST => Ok(Span(micros)),
        _ => Err(Why::TooLong),
    }
}

impl NoDuration {
    pub(crate) fn code(&self) -> &'static str {
        match self.why {
            Why::NotOne => "P0201",
            Why::NoUnit => "P0202",
            Why::Negative => "P0203",
            Why::TooFine => "P0204",
            Why::TooLong => "P0205",
        }
    }

    pub(crate) fn title(&self) -> String {
        let is = match self.why {
            Why::NotOne => "is not a duration",
            Why::NoUnit => "has no unit",
            Why::Negative => "is negative",
            Why::TooFine => "is finer than a microsecond",
            Why::TooLong => "is too long",
        };
        format!("{} {is}", quoted(&self.text))
    }

    pub(crate) fn help(&self) -> String {
        let text = &self.text;
        match self.why {
            Why::NotOne => "write a duration such as \"300ms\", \"1.5s\" or \"1m30s\"".to_owned(),
            Why::NoUnit => format!("write the unit: \"{text}s\", \"{text}ms\" or \"{text}us\""),
            Why::Negative => "a time is zero or more".to_owned(),
            Why::TooFine => "the finest unit is the microsecond: write \"1us\" or more".to_owned(),
            Why::TooLong => "the longest is 1000000000s".to_owned(),
        }
    }
}

impl fmt::Display for NoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title(), self.help())
    }
}

impl std::error::Error for NoDuration {}
