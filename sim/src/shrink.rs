//! Making a counterexample smaller: fewest steps first, then roundest delays.
//!
//! Every candidate is a set of decisions, and every candidate is run again: what comes out is a
//! run of the machine, judged like any other, never an edited story. First all delays of one name
//! are tried at once at either end of their interval (this shortens long runs), then each one
//! alone, rounded as far as the run stays bad.

use crate::chooser::About;
use crate::delay::Name;
use crate::follow::Follow;
use crate::machine::Machine;
use crate::run::{Observer, Runner};
use crate::time::Time;
use crate::trace::{Decision, TraceOf, record};

/// Someone who can say whether the run it watched is of the kind that is looked for.
pub trait Judge<M: Machine>: Observer<M> {
    /// Whether it is.
    fn guilty(&self) -> bool;
}

/// The smallest run found in at most `budget` runs that a fresh judge still finds guilty. The
/// given trace is returned as it is if no smaller one was found.
pub fn shrink<M, J>(machine: &M, trace: TraceOf<M>, fresh: impl Fn() -> J, budget: usize) -> TraceOf<M>
where
    M: Machine<Effect = ()>,
    J: Judge<M>,
{
    let mut search = Search { machine, fresh, left: budget, cost: cost::<M>(&trace), best: trace };
    loop {
        let before = search.cost;
        search.whole_names();
        search.single_decisions();
        if search.cost >= before || search.left == 0 {
            return search.best;
        }
    }
}

/// Steps, then digits that are not trailing zeros, then choices that are not the plainest, then
/// time: smaller is better.
type Cost = (usize, u64, u64, u64);

fn cost<M: Machine>(trace: &TraceOf<M>) -> Cost {
    let mut digits = 0;
    let mut odd = 0;
    for decision in &trace.decisions {
        match decision.about {
            About::Delay | About::Phase => digits += significant(decision.value),
            About::Choice | About::Tie => odd += decision.value,
        }
    }
    (trace.steps.len(), digits, odd, trace.ended_at.0)
}

/// The decimal digits of `value` without its trailing zeros.
fn significant(value: u64) -> u64 {
    let mut value = value;
    while value > 0 && value.is_multiple_of(10) {
        value /= 10;
    }
    value.checked_ilog10().map_or(0, |log| u64::from(log) + 1)
}

/// Counts the steps of a run, its beginning included.
struct Steps(usize);

impl<M: Machine> Observer<M> for Steps {
    fn fired(&mut self, _: Time, _: &M::Event) {
        self.0 += 1;
    }

    fn noted(&mut self, _: Time, _: &M::Fact) {}
}

struct Search<'m, M: Machine, F> {
    machine: &'m M,
    fresh: F,
    left: usize,
    cost: Cost,
    best: TraceOf<M>,
}

impl<M, F, J> Search<'_, M, F>
where
    M: Machine<Effect = ()>,
    F: Fn() -> J,
    J: Judge<M>,
{
    /// Runs `decisions`; keeps the run if it is guilty and smaller.
    fn attempt(&mut self, decisions: &[Decision]) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        // Most candidates fail: only those that do not are written down.
        let mut judge = (self.fresh)();
        let mut watched = (Steps(1), &mut judge);
        Runner::new(self.machine, Follow::new(decisions)).run(&mut watched);
        if watched.0.0 > self.cost.0 || !judge.guilty() {
            return false;
        }
        let trace = record(self.machine, Follow::new(decisions));
        let cost = cost::<M>(&trace);
        if cost >= self.cost {
            return false;
        }
        (self.best, self.cost) = (trace, cost);
        true
    }

    /// Tries both ends of each delay's interval for all delays of one name.
    fn whole_names(&mut self) {
        let mut names: Vec<(About, Name)> = Vec::new();
        for decision in &self.best.decisions {
            if !names.iter().any(|(about, name)| (*about, name) == (decision.about, &decision.name)) {
                names.push((decision.about, decision.name.clone()));
            }
        }
        for (about, name) in names {
            for end in [|d: &Decision| d.range.0, |d: &Decision| d.range.1] {
                let mut candidate = self.best.decisions.clone();
                for decision in &mut candidate {
                    if decision.about == about && decision.name == name {
                        decision.value = end(decision);
                    }
                }
                if candidate != self.best.decisions && self.attempt(&candidate) {
                    break;
                }
            }
        }
    }

    /// Tries rounder values for each decision alone, the last one first: what decides a race is
    /// near its end.
    fn single_decisions(&mut self) {
        let mut at = self.best.decisions.len();
        while at > 0 && self.left > 0 {
            at = (at - 1).min(self.best.decisions.len() - 1);
            for value in rounder(&self.best.decisions[at]) {
                let mut candidate = self.best.decisions.clone();
                candidate[at].value = value;
                if self.attempt(&candidate) {
                    break;
                }
            }
            if self.best.decisions.is_empty() {
                return;
            }
        }
    }
}

/// Rounder values than `decision` has, the roundest first.
fn rounder(decision: &Decision) -> Vec<u64> {
    let (min, max) = decision.range;
    let now = decision.value;
    if matches!(decision.about, About::Choice | About::Tie) {
        return (min..now.min(min + 8)).collect();
    }
    let mut values = vec![min, max];
    let mut unit = 10_u64.pow(max.max(1).ilog10());
    while unit >= 1 {
        let below = now / unit * unit;
        values.extend([below, below + unit].into_iter().filter(|v| (min..=max).contains(v)));
        unit /= 10;
    }
    let digits = significant(now);
    values.retain(|&value| value != now && significant(value) <= digits);
    values.sort_by_key(|&value| (significant(value), value.abs_diff(now)));
    values.dedup();
    values.truncate(8);
    values
}
