//! From logs to the delays of a scenario: what was measured is written into its file.
//!
//! Only the texts of delays change; comments and layout stay. Of many measurements it is written how they are
//! spread, as steps of an empirical law. Few of them say nothing of what else is possible: they only move an end
//! that they lie beyond, and never narrow what the file allows. Ends are written a margin wider than measured,
//! since the longest of some measurements is not the longest that there is.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use punctual_scenarios::{NoDuration, Scenario, WrongPath, duration};
use punctual_sim::Span;

use super::timing::{Measure, paths};
use super::{Judged, rounded_down, rounded_up};

/// Fewer measurements than these say nothing of how they are spread, or of what does not occur.
pub const FEW: usize = 20;

/// A delay that logs have measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// Its path.
    pub path: String,
    /// How often it was measured.
    pub count: usize,
    /// What the file says.
    pub before: String,
    /// What it says now.
    pub after: String,
    /// Whether it was measured by two clocks, so that their difference is in it.
    pub across: bool,
}

/// A scenario with measured delays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The text of its file.
    pub text: String,
    /// What was changed, by path.
    pub fitted: Vec<Fitted>,
    /// Measured delays that stay as they are, since few measurements all lie within what the file says.
    pub kept: Vec<Fitted>,
    /// Measured delays that could not be written, by path.
    pub left: Vec<(String, Unwritten)>,
    /// Delays that no log shows.
    pub unseen: Vec<String>,
}

/// Why a measured delay could not be written: what the scenario says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// Its file has no text at that path.
    NoPlace(WrongPath),
    /// What its file has there is no duration.
    NoDuration(NoDuration),
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlace(why) => why.fmt(f),
            Self::NoDuration(why) => why.fmt(f),
        }
    }
}

impl Error for Unwritten {}

/// Writes what `logs` have measured into `scenario`, with ends `margin` percent wider.
pub fn fit(scenario: &Scenario, logs: &[Judged], margin: u32) -> Fit {
    let mut measured: BTreeMap<&str, Vec<&Measure>> = BTreeMap::new();
    for measure in logs.iter().flat_map(|log| &log.measures) {
        if let Some(path) = &measure.path {
            measured.entry(path).or_default().push(measure);
        }
    }
    let (mut edits, mut fitted, mut kept, mut left) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (path, measures) in measured {
        let mut spans: Vec<u64> =
            measures.iter().map(|measure| u64::try_from(measure.took).unwrap_or(0)).collect();
        spans.sort_unstable();
        let after = |before: &str| {
            if spans.len() < FEW { widened(before, &spans, margin) } else { Ok(law(&spans, margin)) }
        };
        let place = scenario.place_of(path).map_err(Unwritten::NoPlace);
        let written = place.and_then(|(at, before)| Ok((at, after(&before)?, before)));
        match written {
            Ok((at, after, before)) => {
                let across = measures.iter().any(|measure| measure.across);
                let one = Fitted { path: path.to_owned(), count: spans.len(), before, after, across };
                if one.after == one.before {
                    kept.push(one);
                } else {
                    edits.push((at, one.after.clone()));
                    fitted.push(one);
                }
            }
            Err(why) => left.push((path.to_owned(), why)),
        }
    }
    let seen = |path: &String| {
        let mut known = fitted.iter().chain(&kept).map(|one| &one.path);
        known.any(|known| known == path) || left.iter().any(|(known, _)| known == path)
    };
    let unseen = paths(&scenario.cases[0].system).into_iter().filter(|path| !seen(path)).collect();
    edits.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    let mut text = scenario.text().to_owned();
    for (at, after) in edits {
        text.replace_range(at, &format!("\"{after}\""));
    }
    Fit { text, fitted, kept, left, unseen }
}

/// The ends of some spans in order, so many percent wider.
fn ends(spans: &[u64], margin: u32) -> Option<(Span, Span)> {
    let part = |span: u64| span / 100 * u64::from(margin) + span % 100 * u64::from(margin) / 100;
    let (least, most) = (*spans.first()?, *spans.last()?);
    let least = rounded_down(Span(least.saturating_sub(part(least))));
    Some((least, rounded_up(Span(most.saturating_add(part(most))))))
}

/// What a file says of a delay, with the ends that some spans lie beyond moved behind them; its law, if it has
/// one, stays.
fn widened(before: &str, spans: &[u64], margin: u32) -> Result<String, Unwritten> {
    let (Some((least, most)), Some(first), Some(last)) = (ends(spans, margin), spans.first(), spans.last())
    else {
        return Ok(before.to_owned());
    };
    let read = |text: &str| duration(text).map_err(Unwritten::NoDuration);
    let low = |text: &str| {
        read(text).map(|low| if Span(*first) < low { least.to_string() } else { text.to_owned() })
    };
    let high = |text: &str| {
        read(text).map(|high| if Span(*last) > high { most.to_string() } else { text.to_owned() })
    };
    let between = |text: &str| match text.split_once("..") {
        Some((from, to)) => {
            let (from, to) = (from.trim(), to.trim());
            let (new_from, new_to) = (low(from)?, high(to)?);
            let same = new_from == from && new_to == to;
            Ok::<String, Unwritten>(if same { text.to_owned() } else { format!("{new_from}..{new_to}") })
        }
        None => {
            let (from, to) = (low(text)?, high(text)?);
            Ok(if from == to { from } else { format!("{from}..{to}") })
        }
    };
    let mut words: Vec<String> = before.split_whitespace().map(str::to_owned).collect();
    let points = words.iter().filter(|word| word.contains('@')).count();
    if points > 0 {
        let count = words.len();
        for (word, end) in [(count - points, &low as &dyn Fn(&str) -> _), (count - 1, &high)] {
            if let Some((time, share)) = words[word].split_once('@') {
                words[word] = format!("{}@{share}", end(time)?);
            }
        }
        return Ok(words.join(" "));
    }
    let is_law = words.first().is_some_and(|word| word.starts_with(|c: char| c.is_alphabetic()));
    match words.iter().position(|word| word.contains("..")).filter(|_| is_law) {
        Some(bounds) => {
            words[bounds] = between(&words[bounds])?;
            Ok(words.join(" "))
        }
        None => between(before.trim()),
    }
}

/// The law of some spans, in order.
fn law(spans: &[u64], margin: u32) -> String {
    let Some((least, most)) = ends(spans, margin) else { return "0us".into() };
    if least == most {
        return least.to_string();
    }
    // Steps must grow.
    let mut points = vec![(least, 0)];
    for percent in [10_usize, 50, 90, 99] {
        let span = Span(spans[(spans.len() - 1) * percent / 100]);
        let (last, _) = points[points.len() - 1];
        if span > last && span < most {
            points.push((span, percent));
        }
    }
    points.push((most, 100));
    let points: Vec<String> = points.iter().map(|(span, percent)| format!("{span}@{percent}%")).collect();
    format!("empirical {}", points.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_spans_move_an_end_outwards_and_never_inwards() {
        let of =
            |before: &str, spans: &[u64]| widened(before, spans, 10).unwrap_or_else(|why| why.to_string());
        assert_eq!(of("20ms..400ms", &[33_000]), "20ms..400ms", "within");
        assert_eq!(
            of("20ms .. 400ms", &[20_000, 400_000]),
            "20ms .. 400ms",
            "at the ends, and as it was written"
        );
        assert_eq!(of("20ms..400ms", &[33_000, 500_000]), "20ms..550ms");
        assert_eq!(of("20ms..400ms", &[10_000]), "9ms..400ms");
        assert_eq!(of("1m", &[60_000_000; 3]), "1m");
        assert_eq!(of("20ms", &[10_000, 30_000]), "9ms..33ms");
        assert_eq!(of("20ms", &[30_000]), "20ms..33ms");
        assert_eq!(
            of("log-normal 5ms..80ms median 20ms sigma 0.5", &[90_000]),
            "log-normal 5ms..99ms median 20ms sigma 0.5"
        );
        assert_eq!(
            of("empirical 5ms@0% 20ms@50% 80ms@100%", &[2_000, 90_000]),
            "empirical 1.8ms@0% 20ms@50% 99ms@100%"
        );
        assert_eq!(of("empirical 5ms@0% 80ms@100%", &[6_000]), "empirical 5ms@0% 80ms@100%");
    }

    #[test]
    fn many_spans_are_a_law() {
        assert_eq!(law(&[5_000; 30], 0), "5ms");
        let spans: Vec<u64> = (0..100).map(|n| 1_000 + n * 100).collect();
        assert_eq!(law(&spans, 0), "empirical 1ms@0% 1.9ms@10% 5.9ms@50% 9.9ms@90% 10.8ms@99% 11ms@100%");
        let same: Vec<u64> = std::iter::repeat_n(1_000, 50).chain([2_000]).collect();
        assert_eq!(law(&same, 0), "empirical 1ms@0% 2ms@100%");
    }
}
