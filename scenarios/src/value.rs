//! What the texts of a scenario file mean: durations, delays and sleeping times.
//!
//! Each parser notes what is wrong at the exact part of the text and then goes on with a stand-in
//! value, so one pass finds all problems; a system compiled from stand-ins is thrown away.

use std::ops::Range;
use std::sync::Arc;

use punctual_sim::{Delay, Interval, Law, LawError, Span};

use crate::duration::duration;
use crate::placed::{At, Text};
use crate::problem::{Findings, Problem};
use crate::words::{did_you_mean, listed, quoted};

/// A part of a text of the file, and where that part stands.
#[derive(Clone)]
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
    at: Range<usize>,
    /// Whether `at` is the place of exactly these bytes; a text with escapes has no such places.
    exact: bool,
}

impl<'a> Piece<'a> {
    pub(crate) fn of(findings: &Findings<'_>, text: &'a Text) -> Self {
        let inner = text.at.start + 1..text.at.end.saturating_sub(1);
        let exact =
            findings.text.get(inner.clone()) == Some(text.value.as_str()) && !findings.stands_in(&text.at);
        let at = if exact { inner } else { text.at.clone() };
        Self { text: &text.value, at, exact }.part(text.value.trim())
    }

    /// The same for a slice of this text.
    pub(crate) fn part(&self, part: &'a str) -> Self {
        if !self.exact {
            return Self { text: part, ..self.clone() };
        }
        let offset = part.as_ptr() as usize - self.text.as_ptr() as usize;
        let start = self.at.start + offset;
        Self { text: part, at: start..start + part.len(), exact: true }
    }

    /// Where it stands; for an empty part the character before it, so that there is one to see.
    pub(crate) fn at(&self) -> Range<usize> {
        let start = self.at.start - usize::from(self.at.is_empty() && self.at.start > 0);
        start..self.at.end
    }

    pub(crate) fn split(&self, by: char) -> impl Iterator<Item = Self> + '_ {
        self.text.split(by).map(|part| self.part(part.trim()))
    }
}

/// Reads a duration such as `1m30s`.
pub(crate) fn span(findings: &Findings<'_>, piece: &Piece<'_>) -> Span {
    if findings.stands_in(&piece.at()) {
        return Span::ZERO;
    }
    duration(piece.text).unwrap_or_else(|wrong| {
        let problem = Problem::new(wrong.code(), &piece.at(), wrong.title()).label("not a duration");
        findings.add(problem.help(wrong.help()));
        Span::ZERO
    })
}

/// Reads `2s` or `20s..45s`.
pub(crate) fn interval(findings: &Findings<'_>, piece: &Piece<'_>) -> Interval {
    let Some((min, max)) = piece.text.split_once("..") else {
        return Interval::fixed(span(findings, piece));
    };
    let (low, high) = (piece.part(min.trim()), piece.part(max.trim()));
    let before = findings.count();
    let (min, max) = (span(findings, &low), span(findings, &high));
    Interval::new(min, max).unwrap_or_else(|| {
        if findings.count() == before {
            let title = format!("{} is longer than {}", quoted(low.text), quoted(high.text));
            let problem = Problem::new("P0206", &piece.at(), title).label("reversed");
            findings.add(problem.help(format!("swap them: \"{}..{}\"", high.text, low.text)));
        }
        Interval::fixed(Span::ZERO)
    })
}

/// Reads a delay; `name` is what its draws are keyed by.
pub(crate) fn delay(findings: &Findings<'_>, name: &str, text: &Text) -> Delay {
    delay_piece(findings, name, &Piece::of(findings, text))
}

pub(crate) fn delay_piece(findings: &Findings<'_>, name: &str, piece: &Piece<'_>) -> Delay {
    let words: Vec<&str> = piece.text.split_whitespace().collect();
    let Some((law, arguments)) = words.split_first().filter(|(law, _)| begins_a_law(law)) else {
        let Interval { min, max } = interval(findings, piece);
        return Delay::uniform(name, min, max);
    };
    let shape = LAWS.iter().find(|(known, _)| known == law);
    let Some((_, form)) = shape else {
        let hint = did_you_mean(law, LAWS.iter().map(|(known, _)| *known));
        let title = format!("{} is no duration and no law{hint}", quoted(law));
        let problem = Problem::new("P0207", &piece.part(law).at(), title).label("not known");
        let help = format!("laws: {}", listed(LAWS.iter().map(|(known, _)| *known)));
        findings.add(problem.help(help));
        return Delay::fixed(name, Span::ZERO);
    };
    let before = findings.count();
    let read = if *law == "empirical" {
        Some(empirical(findings, piece, arguments))
    } else {
        with_parameters(findings, piece, law, arguments)
    };
    let (interval, shape) = read.unwrap_or_else(|| {
        let title = format!("a delay by the law {} is written another way", quoted(law));
        let problem = Problem::new("P0207", &piece.at(), title).label("not complete");
        findings.add(problem.help(format!("write it like \"{form}\"")));
        (Interval::fixed(Span::ZERO), Law::Uniform)
    });
    if findings.count() > before {
        return Delay::fixed(name, Span::ZERO);
    }
    Delay::new(name, interval, shape).unwrap_or_else(|error| {
        let (title, help) = match error {
            LawError::ModeOutside => ("the mode lies outside the interval", "choose a mode within it"),
            LawError::NotPositive => {
                ("a parameter of the law is not a number above zero", "make it more than zero")
            }
            LawError::NothingInside => {
                ("next to nothing of the law lies inside the interval", "move the median nearer to it")
            }
            LawError::KnotsNotGrowing => (
                "the points of the law do not grow from 0% to 100%",
                "begin at 0%, end at 100%, and let times and shares grow",
            ),
        };
        findings.add(Problem::new("P0208", &piece.at(), title).label("cannot be drawn from").help(help));
        Delay::fixed(name, Span::ZERO)
    })
}

const LAWS: [(&str, &str); 4] = [
    ("triangular", "triangular 5ms..80ms mode 20ms"),
    ("exponential", "exponential 5ms..80ms mean 20ms"),
    ("log-normal", "log-normal 5ms..80ms median 20ms sigma 0.5"),
    ("empirical", "empirical 5ms@0% 20ms@50% 80ms@100%"),
];

/// Whether a word can only be meant as a law's name.
fn begins_a_law(word: &str) -> bool {
    word.len() > 4 && word.chars().all(|c| c.is_alphabetic() || c == '-') && !word.starts_with('-')
}

fn with_parameters(
    findings: &Findings<'_>,
    piece: &Piece<'_>,
    law: &str,
    arguments: &[&str],
) -> Option<(Interval, Law)> {
    let time = |text| span(findings, &piece.part(text));
    let (bounds, shape) = match (law, arguments) {
        ("triangular", [bounds, "mode", mode]) => (bounds, Law::Triangular { mode: time(mode) }),
        ("exponential", [bounds, "mean", mean]) => (bounds, Law::Exponential { mean: time(mean) }),
        ("log-normal", [bounds, "median", median, "sigma", sigma]) => {
            let sigma = sigma.parse().ok()?;
            (bounds, Law::LogNormal { median: time(median), sigma })
        }
        _ => return None,
    };
    Some((interval(findings, &piece.part(bounds)), shape))
}

fn empirical(findings: &Findings<'_>, piece: &Piece<'_>, points: &[&str]) -> (Interval, Law) {
    let knots: Vec<(Span, f64)> = points
        .iter()
        .filter_map(|point| {
            let share = point
                .split_once('@')
                .and_then(|(time, share)| Some((time, share.strip_suffix('%')?.parse::<f64>().ok()?)));
            let Some((time, share)) = share else {
                let title = format!("{} is not a point of the law", quoted(point));
                let problem = Problem::new("P0207", &piece.part(point).at(), title);
                findings.add(problem.label("not a point").help("write a time and a share: \"20ms@50%\""));
                return None;
            };
            Some((span(findings, &piece.part(time)), share / 100.0))
        })
        .collect();
    let (min, max) = match (knots.first(), knots.last()) {
        (Some(first), Some(last)) if first.0 <= last.0 => (first.0, last.0),
        _ => (Span::ZERO, Span::ZERO),
    };
    (Interval { min, max }, Law::Empirical { knots: Arc::from(knots) })
}

/// Reads a chance; a chance below one in a million would round to never.
pub(crate) fn millionths(findings: &Findings<'_>, chance: &At<f64>) -> u32 {
    let millionths = (chance.value * 1e6).round();
    if chance.value > 0.0 && millionths < 1.0 {
        let title = "this chance is below one in a million";
        let problem = Problem::new("P0210", &chance.at, title).label("would never happen");
        findings.add(problem.help("write at least 0.000001, or leave the step out"));
    }
    // The structural pass has refused what is not from 0 to 1.
    millionths as u32
}
