//! From logs to the delays of a scenario: what was measured is written into its file.
//!
//! Only the texts of delays change; comments and layout stay. Of few measurements only the least and the
//! greatest are kept, of more how they are spread: as steps of an empirical law. Both ends are widened, since
//! the longest of some measurements is not the longest that there is.

use std::collections::BTreeMap;

use punctual_scenarios::Scenario;
use punctual_sim::Span;

use super::timing::{Measure, paths};
use super::{Judged, rounded};

/// Fewer measurements than these say nothing of how they are spread.
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
    /// Measured delays that could not be written, and why.
    pub left: Vec<(String, String)>,
    /// Delays that no log shows.
    pub unseen: Vec<String>,
}

/// Writes what `logs` have measured into `scenario`, with ends `margin` percent wider.
pub fn fit(scenario: &Scenario, logs: &[Judged], margin: u32) -> Fit {
    let mut measured: BTreeMap<&str, Vec<&Measure>> = BTreeMap::new();
    for measure in logs.iter().flat_map(|log| &log.measures) {
        if let Some(path) = &measure.path {
            measured.entry(path).or_default().push(measure);
        }
    }
    let (mut edits, mut fitted, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for (path, measures) in measured {
        let mut spans: Vec<u64> =
            measures.iter().map(|measure| u64::try_from(measure.took).unwrap_or(0)).collect();
        spans.sort_unstable();
        let after = law(&spans, margin);
        match scenario.place_of(path) {
            Ok((at, before)) => {
                edits.push((at, after.clone()));
                let across = measures.iter().any(|measure| measure.across);
                fitted.push(Fitted { path: path.to_owned(), count: spans.len(), before, after, across });
            }
            Err(why) => left.push((path.to_owned(), why)),
        }
    }
    let seen = |path: &String| {
        fitted.iter().any(|one: &Fitted| one.path == *path) || left.iter().any(|(known, _)| known == path)
    };
    let unseen = paths(&scenario.cases[0].system).into_iter().filter(|path| !seen(path)).collect();
    edits.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    let mut text = scenario.text().to_owned();
    for (at, after) in edits {
        text.replace_range(at, &format!("\"{after}\""));
    }
    Fit { text, fitted, left, unseen }
}

/// The law of some spans, in order.
fn law(spans: &[u64], margin: u32) -> String {
    let (Some(&least), Some(&most)) = (spans.first(), spans.last()) else { return "0us".into() };
    let part = |span: u64| span / 100 * u64::from(margin) + span % 100 * u64::from(margin) / 100;
    let least = rounded(Span(least.saturating_sub(part(least))), false);
    let most = rounded(Span(most.saturating_add(part(most))), true);
    if least == most {
        return least.to_string();
    }
    if spans.len() < FEW {
        return format!("{least}..{most}");
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
    fn few_spans_are_an_interval_and_many_a_law() {
        assert_eq!(law(&[10_000, 12_000], 10), "9ms..14ms");
        assert_eq!(law(&[5_000; 3], 0), "5ms");
        let spans: Vec<u64> = (0..100).map(|n| 1_000 + n * 100).collect();
        assert_eq!(law(&spans, 0), "empirical 1ms@0% 1.9ms@10% 5.9ms@50% 9.9ms@90% 10.8ms@99% 11ms@100%");
        let same: Vec<u64> = std::iter::repeat_n(1_000, 50).chain([2_000]).collect();
        assert_eq!(law(&same, 0), "empirical 1ms@0% 2ms@100%");
    }
}
