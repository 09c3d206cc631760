//! Race windows: which delay must fall where for a run to break, and how likely that is.
//!
//! All other decisions of the run are kept, and one delay is moved: down until the run passes, up until
//! it passes. What lies between is its window, and the chance that a draw falls into it is a matter of
//! its law. It is moved by 1 us, 2 us, 4 us and so on, and where the run first passes, the edge is found
//! by halving; the edge has been run, and so has what lies beyond it. Moved are the last delays of each
//! name that end no sooner than something is committed or published: what was over before then decides
//! when the race takes place, not how it ends.

use punctual_model::{Fact, RuleId, System};
use punctual_sim::{About, Decision, Delay, Follow, Runner, Span, Time};

use crate::counterexample::Counterexample;
use crate::sampling::{Prepared, Until};

/// The most runs that looking for windows may take.
const RUNS: usize = 2_000;
/// The most windows of one run that are told.
const MOST: usize = 3;

/// Where a delay must fall for a run to break, with all else as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The delay.
    pub name: String,
    /// Which of its name in the run, from 1.
    pub occurrence: u32,
    /// The shortest that breaks.
    pub from: Span,
    /// The longest that breaks.
    pub to: Span,
    /// The least and the greatest that it can be.
    pub range: (Span, Span),
    /// The chance that its law draws from the window.
    pub chance: f64,
}

/// The windows of `counterexample`, which breaks the invariant at `place`: the least likely first.
pub fn windows(prepared: &Prepared<'_>, place: RuleId, counterexample: &Counterexample) -> Vec<Window> {
    if counterexample.stopped() {
        return Vec::new();
    }
    let Counterexample { until, .. } = *counterexample;
    let decisions = &counterexample.trace.decisions;
    let mut search = Search { prepared, place, decisions, until, left: RUNS };
    let mut system = prepared.case.system.clone();
    let mut windows: Vec<Window> = Vec::new();
    let mut seen: Vec<u32> = Vec::new();
    let trace = &counterexample.trace;
    let begins = |fact: &Fact| matches!(fact, Fact::Committed(..) | Fact::Published { .. });
    let begin =
        trace.steps.iter().find(|step| step.facts.iter().any(begins)).map_or(Time::ZERO, |step| step.at);
    for at in (0..search.decisions.len()).rev() {
        let Decision { about: About::Delay, name, value, .. } = &search.decisions[at] else { continue };
        let ends = trace.decided.get(at).map_or(Time::ZERO, |decided| *decided + Span(*value));
        if ends <= begin || seen.contains(&name.key()) {
            continue;
        }
        seen.push(name.key());
        windows.extend(search.window(at, &mut system));
    }
    windows.sort_by(|one, other| one.chance.total_cmp(&other.chance));
    windows.truncate(MOST);
    windows
}

struct Search<'s> {
    prepared: &'s Prepared<'s>,
    place: RuleId,
    decisions: &'s [Decision],
    until: Until,
    left: usize,
}

impl Search<'_> {
    /// The window of the decision at `at`; `None` if any value breaks, or it takes too many runs to say.
    fn window(&mut self, at: usize, system: &mut System) -> Option<Window> {
        let Decision { name, occurrence, value, range, .. } = &self.decisions[at];
        let from = self.end(at, *value, range.0)?;
        let to = self.end(at, *value, range.1)?;
        if (from, to) == *range {
            return None;
        }
        let delay = system.delays_mut().into_iter().find(|delay| delay.name().key() == name.key())?;
        let below = |value: u64| value.checked_sub(1).map_or(0.0, |value| share(delay, Span(value)));
        Some(Window {
            name: name.text().to_owned(),
            occurrence: occurrence + 1,
            from: Span(from),
            to: Span(to),
            range: (Span(range.0), Span(range.1)),
            chance: share(delay, Span(to)) - below(from),
        })
    }

    /// How far towards `end` the value can be moved.
    fn end(&mut self, at: usize, value: u64, end: u64) -> Option<u64> {
        let (mut breaks, mut step) = (value, 1);
        let mut passes = loop {
            if breaks == end {
                return Some(end);
            }
            let further = if end < value {
                breaks.saturating_sub(step).max(end)
            } else {
                breaks.saturating_add(step).min(end)
            };
            if !self.breaks(at, further)? {
                break further;
            }
            (breaks, step) = (further, step * 2);
        };
        while breaks.abs_diff(passes) > 1 {
            let middle = u64::midpoint(breaks, passes);
            if self.breaks(at, middle)? { breaks = middle } else { passes = middle }
        }
        Some(breaks)
    }

    fn breaks(&mut self, at: usize, value: u64) -> Option<bool> {
        self.left = self.left.checked_sub(1)?;
        let mut changed = self.decisions.to_vec();
        changed[at].value = value;
        let mut judge = self.prepared.judge_of(self.place);
        Runner::new(self.prepared.world_of(self.until), Follow::new(&changed)).run(&mut judge);
        Some(judge.guilty())
    }
}

/// The share of draws of `delay` that are at most `value`: a larger draw is never shorter.
fn share(delay: &Delay, value: Span) -> f64 {
    if delay.quantile(u64::MAX) <= value {
        return 1.0;
    }
    if delay.quantile(0) > value {
        return 0.0;
    }
    let (mut within, mut beyond) = (0, u64::MAX);
    while beyond - within > 1 {
        let middle = u64::midpoint(within, beyond);
        if delay.quantile(middle) <= value { within = middle } else { beyond = middle }
    }
    beyond as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_a_uniform_delay_is_its_part_of_the_interval() {
        let delay = Delay::uniform("d", Span(100), Span(199));
        let near = |value: u64, wanted: f64| (share(&delay, Span(value)) - wanted).abs() < 1e-9;
        assert!(near(99, 0.0) && near(199, 1.0) && near(149, 0.5) && near(100, 0.01) && near(500, 1.0));
    }
}
