//! Making a counterexample smaller: fewest steps first, then roundest delays.
//!
//! Every candidate is a set of decisions, and every candidate is run again: what comes out is a
//! run of the machine, judged like any other, never an edited story. First whole turns of the
//! busiest loop are cut out, and what went on meanwhile is shortened by as much, so that all that
//! follows keeps its place (this is what shortens long runs). Then all delays of one name are tried
//! at once at either end of their interval, then each one alone, rounded as far as the run stays
//! bad.
//!
//! It is greedy as delta debugging is (Zeller and Hildebrandt, IEEE TSE 28(2), 2002), and makes the same promise: of the
//! single changes that it knows none makes the result smaller, as long as its budget lasts. It knows more of what it
//! makes smaller, so it cuts turns and rounds delays where that takes halves of a list.

use std::collections::BTreeMap;

use crate::chooser::About;
use crate::delay::Name;
use crate::follow::Follow;
use crate::machine::Machine;
use crate::run::{Observer, Runner};
use crate::time::{Span, Time};
use crate::trace::{Decision, TraceOf, record};

/// Someone who can say whether the run it watched is of the kind that is looked for.
pub trait Judge<M: Machine>: Observer<M> {
    /// Whether it is.
    fn guilty(&self) -> bool;
}

/// The smallest run found in at most twice `budget` runs that a fresh judge still finds guilty (in the manner of delta
/// debugging: Zeller and Hildebrandt, IEEE TSE 28(2), 2002). The given trace is returned as it is if no smaller one
/// was found.
pub fn shrink<M, J>(machine: &M, trace: TraceOf<M>, fresh: impl Fn() -> J, budget: usize) -> TraceOf<M>
where
    M: Machine<Effect = ()>,
    J: Judge<M>,
{
    let mut search = Search { machine, fresh, left: budget, cost: cost::<M>(&trace), best: trace };
    search.turns();
    search.left = budget;
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
        self.attempt_if(decisions, |_, _| true)
    }

    /// The same, unless `fits` refuses the run in place of the best one so far.
    fn attempt_if(
        &mut self,
        decisions: &[Decision],
        fits: impl Fn(&TraceOf<M>, &TraceOf<M>) -> bool,
    ) -> bool {
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
        if cost >= self.cost || !fits(&trace, &self.best) {
            return false;
        }
        (self.best, self.cost) = (trace, cost);
        true
    }

    /// Tries to cut out turns of the loop that decides most often: many at once, then fewer.
    fn turns(&mut self) {
        let Some(busiest) = busiest::<M>(&self.best) else { return };
        let turns = |trace: &TraceOf<M>| -> Vec<Time> {
            let made = trace.decisions.iter().zip(&trace.decided);
            made.filter(|(decision, _)| busiest == (decision.about, decision.name.key()))
                .map(|(_, at)| *at)
                .collect()
        };
        let mut at_once = turns(&self.best).len() / 2;
        while at_once > 0 && self.left > 0 {
            let mut from = 0;
            loop {
                let begins = turns(&self.best);
                let Some(&to) = begins.get(from + at_once) else { break };
                let gone = to - begins[from];
                let same_after = |cut: &TraceOf<M>, whole: &TraceOf<M>| {
                    let after = whole.steps.iter().rev().take_while(|step| step.at >= to);
                    let mut pairs = after.zip(cut.steps.iter().rev());
                    pairs.all(|(old, new)| old.event == new.event && old.at == new.at + gone)
                };
                if !self.attempt_if(&without::<M>(&self.best, begins[from], to), same_after) {
                    from += at_once;
                }
            }
            at_once /= 2;
        }
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

/// What is decided most often, by its key; `None` if nothing is decided.
fn busiest<M: Machine>(trace: &TraceOf<M>) -> Option<(About, u32)> {
    let mut counts = BTreeMap::<(About, u32), usize>::new();
    for decision in &trace.decisions {
        *counts.entry((decision.about, decision.name.key())).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(busiest, _)| busiest)
}

/// The decisions of `trace` with the time from `from` to `to` cut out of it: what was decided then
/// is left out, and what was going on all that time is so much shorter.
fn without<M: Machine>(trace: &TraceOf<M>, from: Time, to: Time) -> Vec<Decision> {
    let mut left_out = BTreeMap::<(About, u32), u32>::new();
    let mut kept = Vec::with_capacity(trace.decisions.len());
    for (decision, &at) in trace.decisions.iter().zip(&trace.decided) {
        let gone = left_out.entry((decision.about, decision.name.key())).or_default();
        if from <= at && at < to {
            *gone += 1;
            continue;
        }
        let mut decision = decision.clone();
        decision.occurrence -= *gone;
        let cut = (to - from).0;
        match decision.about {
            About::Delay if at < from && at + Span(decision.value) >= to => {
                decision.value = decision.value.saturating_sub(cut).max(decision.range.0);
            }
            // The clock ticks as it did in all that follows.
            About::Phase => decision.value = (decision.value + cut) % (decision.range.1 + 1),
            About::Delay | About::Choice | About::Tie => {}
        }
        kept.push(decision);
    }
    kept
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use crate::{Cx, Delay, Invariant};

    /// A watchman looks now and again; a thief comes once and must not come just after a look.
    struct Museum {
        rests: Delay,
        comes: Delay,
        just_after: Delay,
    }

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
    enum Event {
        Looks,
        Forgets,
        Comes,
    }

    #[derive(Clone, PartialEq, Eq, Debug)]
    struct ComesJustAfterALook;

    impl Machine for Museum {
        type State = bool;
        type Event = Event;
        type Effect = ();
        type Fact = ComesJustAfterALook;

        fn start(&self, cx: &mut impl Cx<Self>) -> bool {
            cx.after(Event::Looks, &self.rests);
            cx.after(Event::Comes, &self.comes);
            false
        }

        fn step(&self, just_looked: &mut bool, event: Event, cx: &mut impl Cx<Self>) {
            match event {
                Event::Looks => {
                    *just_looked = true;
                    cx.after(Event::Looks, &self.rests);
                    cx.after(Event::Forgets, &self.just_after);
                }
                Event::Forgets => *just_looked = false,
                Event::Comes => {
                    if *just_looked {
                        cx.note(ComesJustAfterALook);
                    }
                    cx.cancel(Event::Looks);
                    cx.cancel(Event::Forgets);
                }
            }
        }
    }

    #[test]
    fn a_long_run_is_cut_to_what_its_shortest_delays_allow() {
        let museum = Museum {
            rests: Delay::uniform("rests", Span::millis(90), Span::millis(110)),
            comes: Delay::uniform("comes", Span::millis(950), Span::secs(30)),
            just_after: Delay::fixed("just after", Span::millis(1)),
        };
        let never = Invariant::never("not-just-after", |_: &ComesJustAfterALook| true);
        let (long, trace) = (0..)
            .map(|run| sample::trace(&museum, 1, run))
            .find_map(|trace| {
                let mut judge = never.judge();
                trace.tell::<Museum>(&mut judge);
                let guilty = Judge::<Museum>::guilty(&judge);
                (guilty && trace.steps.len() > 200).then_some((trace.steps.len(), trace))
            })
            .expect("one run in a hundred is broken, and most are long");
        let small = shrink(&museum, trace, || never.judge(), 300);
        small.check(&museum).expect("what comes out is a run");
        // Resting as long as it gets takes 9 looks to 950 ms; each but the last is forgotten, and
        // there are the thief and the beginning. One turn too many may stay.
        let fewest = 9 + 8 + 2;
        assert!(small.steps.len() <= fewest + 2, "{} steps of {long}", small.steps.len());
    }
}
