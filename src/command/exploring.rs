//! What exploring every timing may take, as options of a verb.

use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use punctual::budget::{Budget, Host, UNITS};
use punctual::proof::STATES;
use punctual_sim::explore::Traversal;

use super::Expected;

/// What exploring every timing may take for one question.
#[derive(Args, Debug)]
pub(crate) struct Exploring {
    /// The most states that exploring every timing may keep for one question
    #[arg(long, env = "PUNCTUAL_STATES", default_value_t = STATES as u32, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    states: u32,
    /// The most memory that the states of one question may take, such as 512MiB or 4GB; 2GB if left out
    #[arg(long, value_name = "SIZE", env = "PUNCTUAL_EXPLORE_MEMORY", value_parser = size)]
    explore_memory: Option<usize>,
    /// The most time that exploring may take for one question, such as 10s; then a result may depend
    /// on the machine
    #[arg(long, value_name = "DURATION", env = "PUNCTUAL_EXPLORE_TIME", value_parser = duration)]
    explore_time: Option<Duration>,
    /// Look first at what happens late, where there are too many states to see all: what is broken
    /// after many events is found within fewer, but not in the fewest events. A number of states that a
    /// file expects is then not compared
    #[arg(long)]
    depth_first: bool,
}

impl Exploring {
    /// The same as a budget, whose time is `host`'s.
    pub(crate) fn budget<'h>(&self, host: &'h dyn Host) -> Budget<'h> {
        let traversal = if self.depth_first { Traversal::DepthFirst } else { Traversal::BreadthFirst };
        let (states, memory, time) = (self.states as usize, self.explore_memory, self.explore_time);
        Budget { traversal, states, memory, time, host }
    }
}

fn size(text: &str) -> Result<usize, Expected> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = text[digits.len()..].trim();
    let unit = UNITS.iter().find(|(known, _)| known.eq_ignore_ascii_case(unit));
    let size = unit.and_then(|(_, unit)| digits.replace('_', "").parse::<u64>().ok()?.checked_mul(*unit));
    let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    size.ok_or(Expected("a whole number and a unit, such as 512MiB or 2GB"))
}

fn duration(text: &str) -> Result<Duration, Expected> {
    let span = text.parse::<SignedDuration>().ok().and_then(|span| Duration::try_from(span).ok());
    let span = span.filter(|span| *span >= Duration::from_millis(1));
    span.ok_or(Expected("a duration of 1ms or more, such as 10s or 1m30s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit_and_is_more_than_nothing() {
        let read = ["512MiB", "2GB", "1 kB", "64kib", "1_000MB"].map(|text| size(text).ok());
        assert_eq!(read, [512 << 20, 2_000_000_000, 1_000, 64 << 10, 1_000_000_000].map(Some));
        for wrong in ["", "512", "MiB", "0MiB", "-1MB", "1.5GB", "1 XB", "99999999999TB", "1MiB2", "1Mi"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_duration_has_a_unit_and_is_at_least_a_millisecond() {
        let read = ["10s", "1ms", "1m30s", "2 minutes"].map(|text| duration(text).ok());
        assert_eq!(read, [10_000, 1, 90_000, 120_000].map(|ms| Some(Duration::from_millis(ms))));
        for wrong in ["", "10", "s", "0s", "-1s", "1us", "soon"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
