//! Lines of a policy: how long to sleep, by age, by how often before, or backing off.
//!
//! ```text
//! 300ms below 30s, 500ms below 120s, 1s            by the age of the task
//! 100ms below 5 rests since event, 2s              often after an event, then seldom
//! back-off 100ms..5s factor 2 jitter 20% since event
//! ```
//!
//! A back-off is a table by the number of sleeps, and nothing else knows of it: what it grows to is computed
//! when the file is read.

use punctual_model::{Limit, Since, Sleep};
use punctual_sim::{Delay, Interval, Span};

use crate::form::Text;
use crate::problem::{Findings, Problem};
use crate::value::{self, Piece};
use crate::words::quoted;

/// The most sleeps that a line tells apart.
const MOST_SLEEPS: u8 = 100;
/// How a back-off is written.
const FORM: &str = "write it like \"back-off 100ms..5s factor 2 jitter 20% since event\"";

/// Reads a line of a policy, such as `300ms below 30s, 1s`.
pub(crate) fn sleeps(findings: &Findings<'_>, name: &str, text: &Text) -> Vec<Sleep> {
    if findings.stands_in(&text.at) {
        return Vec::new();
    }
    let whole = Piece::of(findings, text);
    if whole.text.split_whitespace().next() == Some("back-off") {
        return back_off(findings, name, &whole);
    }
    let pieces: Vec<_> = whole.split(',').collect();
    let count = pieces.len();
    let mut sleeps: Vec<Sleep> = Vec::new();
    for (place, piece) in pieces.iter().enumerate() {
        let before = findings.count();
        let (time, below) = match piece.text.split_once(" below ") {
            Some((time, below)) => (piece.part(time.trim()), Some(piece.part(below.trim()))),
            None => (piece.clone(), None),
        };
        let delay = value::delay_piece(findings, &format!("{name}#{}", place + 1), &time);
        let limit = below.as_ref().map(|below| limit(findings, below));
        let refuse = |title: &str, help: &str| {
            let problem = Problem::new("P0209", &piece.at(), title).label("in this part");
            findings.add(problem.help(help));
        };
        if findings.count() > before {
            continue;
        }
        if delay.interval().max == Span::ZERO {
            let problem = Problem::new("P0211", &time.at(), "a sleeping time of nothing");
            findings.add(problem.label("no time passes").help("sleep at least \"1us\""));
        } else if place + 1 < count && limit.is_none() {
            refuse("only the last sleeping time may go without `below`", "write \"300ms below 30s, 1s\"");
        } else if place + 1 == count && limit.is_some() {
            refuse(
                "the last sleeping time has a `below`, so older tasks have none",
                "add one for every age above it: \"300ms below 30s, 1s\"",
            );
        } else if limit.is_some_and(|limit| {
            sleeps.iter().any(|other| other.below.is_some_and(|other| !grows(other, limit)))
        }) {
            refuse("this limit is not above the one before it", "sort the sleeping times by age");
        }
        sleeps.push(Sleep { below: limit, delay });
    }
    sleeps
}

/// Whether a later limit can be reached after an earlier one.
fn grows(earlier: Limit, later: Limit) -> bool {
    match (earlier, later) {
        (Limit::Age(earlier), Limit::Age(later)) => earlier < later,
        (Limit::Sleeps(earlier, since), Limit::Sleeps(later, other)) => since != other || earlier < later,
        (Limit::Age(_), Limit::Sleeps(..)) | (Limit::Sleeps(..), Limit::Age(_)) => true,
    }
}

/// Reads what stands behind `below`: an age, `5 rests`, or `5 rests since event`.
fn limit(findings: &Findings<'_>, piece: &Piece<'_>) -> Limit {
    let words: Vec<&str> = piece.text.split_whitespace().collect();
    let since = match words[..] {
        [_, "rests" | "rest"] => Since::Start,
        [_, "rests" | "rest", "since", "event"] => Since::Event,
        _ => return Limit::Age(value::span(findings, piece)),
    };
    match words[0].parse() {
        Ok(count @ 1..=MOST_SLEEPS) => Limit::Sleeps(count, since),
        _ => {
            let title = format!("{} is no number of rests", quoted(words[0]));
            let problem = Problem::new("P0209", &piece.at(), title).label("in this part");
            findings.add(
                problem.help(format!("write a number from 1 to {MOST_SLEEPS}: \"100ms below 5 rests, 1s\"")),
            );
            Limit::Sleeps(1, since)
        }
    }
}

/// Reads `back-off 100ms..5s factor 2 jitter 20% since event`: the first sleep takes as long as the interval's
/// lower end, each further one `factor` times as long as the one before, and none longer than its upper end;
/// jitter shortens a sleep by up to so much.
fn back_off(findings: &Findings<'_>, name: &str, piece: &Piece<'_>) -> Vec<Sleep> {
    let refuse = |part: &str, title: String, help: &str| {
        let problem = Problem::new("P0216", &piece.part(part).at(), title).label("in this part");
        findings.add(problem.help(help));
        Vec::new()
    };
    let words: Vec<&str> = piece.text.split_whitespace().collect();
    let (words, since) = match &words[..] {
        [words @ .., "since", "event"] => (words, Since::Event),
        words => (words, Since::Start),
    };
    let (bounds, factor, jitter) = match *words {
        [_, bounds, "factor", factor] => (bounds, factor, None),
        [_, bounds, "factor", factor, "jitter", jitter] => (bounds, factor, Some(jitter)),
        _ => return refuse(piece.text, "a back-off is written another way".to_owned(), FORM),
    };
    if !bounds.contains("..") {
        return refuse(bounds, format!("{} has no cap", quoted(bounds)), FORM);
    }
    let before = findings.count();
    let bounds_read = value::interval(findings, &piece.part(bounds));
    if findings.count() > before {
        return Vec::new();
    }
    if bounds_read.min == Span::ZERO {
        return refuse(
            bounds,
            "a back-off that begins with nothing stays there".to_owned(),
            "begin with at least \"1us\"",
        );
    }
    let Some(grows) = factor.parse::<f64>().ok().filter(|factor| *factor > 1.0 && factor.is_finite()) else {
        return refuse(factor, format!("{} is no factor above 1", quoted(factor)), FORM);
    };
    let share = match jitter.map(|text| text.strip_suffix('%').and_then(|share| share.parse::<f64>().ok())) {
        None => 0.0,
        Some(Some(share)) if (0.0..=100.0).contains(&share) => share / 100.0,
        Some(_) => {
            let jitter = jitter.unwrap_or_default();
            return refuse(jitter, format!("{} is no jitter from 0% to 100%", quoted(jitter)), FORM);
        }
    };
    let table = BackOff { bounds: bounds_read, grows, share, since }.table(name);
    table.unwrap_or_else(|| {
        let title = format!("{} takes more than {MOST_SLEEPS} rests to reach its cap", quoted(piece.text));
        refuse(factor, title, "take a larger factor or a lower cap")
    })
}

/// A back-off that was read.
struct BackOff {
    bounds: Interval,
    /// How much longer each sleep is than the one before.
    grows: f64,
    /// The share by which jitter may shorten it.
    share: f64,
    since: Since,
}

impl BackOff {
    /// Its table; none if it has too many lines.
    fn table(&self, name: &str) -> Option<Vec<Sleep>> {
        let (mut sleeps, mut takes) = (Vec::new(), self.bounds.min.0 as f64);
        loop {
            let place = sleeps.len() as u8 + 1;
            let capped = takes >= self.bounds.max.0 as f64;
            let max = if capped { self.bounds.max } else { Span(takes.round() as u64) };
            let min = Span(((max.0 as f64 * (1.0 - self.share)).round() as u64).max(1));
            let delay = Delay::uniform(&format!("{name}#{place}"), min.min(max), max);
            sleeps.push(Sleep { below: (!capped).then_some(Limit::Sleeps(place, self.since)), delay });
            if capped {
                return Some(sleeps);
            }
            if place == MOST_SLEEPS {
                return None;
            }
            takes *= self.grows;
        }
    }
}
