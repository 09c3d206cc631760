//! Counterexamples: the smallest run found that breaks an invariant, and how near it is to passing.
//!
//! A run that breaks something is run again from its number, made smaller, and judged by
//! [`Trace::check`](punctual_sim::Trace::check), which trusts none of what found it. One run often
//! breaks several invariants at once; it is then the counterexample of each.

use punctual_model::{Breach, Fact, Ledger, Matcher, OrderId, Rule, RuleId, World};
use punctual_sim::{
    About, Chooser, Clocked, Decision, Ending, Follow, Judge, Observer, Runner, Seeded, Span, Time, TraceOf,
    record_until, sample, shrink,
};

use crate::sampling::{Prepared, Until};
use crate::separation;

/// The most runs that making a counterexample smaller may take.
const SHRINK_RUNS: usize = 300;
/// The same for a run that was stopped at the limit of events, each of which takes as long.
const SHRINK_STOPPED_RUNS: usize = 8;
/// Events of a run that is made beyond its end, to see what would have come.
const FURTHER: u64 = 20_000;
/// The most runs that looking for the nearest passing run may take.
const NEAREST_RUNS: usize = 300;

/// A run that is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunId {
    /// What decides the draws.
    pub seed: u64,
    /// Its number under the seed, from 0.
    pub number: u64,
}

impl RunId {
    /// The run, made in `world`, with a record of it.
    pub fn trace(self, world: &World) -> TraceOf<World> {
        sample::trace(world, self.seed, self.number)
    }
}

/// A run that breaks an invariant.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// What `punctual replay` and the name of a saved trace call it.
    pub id: String,
    /// The run.
    pub trace: TraceOf<World>,
    /// How each invariant of the case is broken in it, by place; not what it breaks only since it is over.
    pub breaches: Vec<Option<Breach>>,
    /// How each invariant is broken in it only since it is over: the system that goes on keeps it.
    pub cut: Vec<Option<Breach>>,
    /// The least time between two tasks meeting somewhere; the length of the run if none meet.
    pub smallest_separation: Span,
    /// Of a run that was found by exploring: the least time between two events of which either could have
    /// come first; zero if it breaks by a tie only.
    pub separation: Option<Span>,
    /// Events of the sampled run that it was made from.
    pub steps_before: usize,
    /// The number of that run; `None` if it was found by exploring.
    pub run: Option<u64>,
    /// Whether it is a run as they are made, or one that goes on beyond the end of those.
    pub until: Until,
}

/// The smallest change of one delay that makes an invariant hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The delay, or the clock.
    pub name: String,
    /// Whether it is how far a clock is into its tick when the run begins, and no delay.
    pub phase: bool,
    /// Which of its name, from 1.
    pub occurrence: u32,
    /// What it is in the counterexample.
    pub was: Span,
    /// What it would have to be.
    pub now: Span,
}

/// An engine that gave two answers to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disagreement {
    /// One run came out in two ways.
    TwoResults(String),
    /// The judge of traces refuses what a driver did.
    Refused(String),
}

impl std::fmt::Display for Disagreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TwoResults(what) | Self::Refused(what) => f.write_str(what),
        }
    }
}

/// The counterexample made from `run`, for the invariant at `place`, which it breaks not only since it
/// is over ([`only_cut`]).
///
/// # Errors
/// The run, run again, is another one, or the judge of traces refuses it: a bug of ours.
pub fn find(prepared: &Prepared<'_>, place: RuleId, run: RunId) -> Result<Counterexample, Disagreement> {
    let found = run.trace(&prepared.world);
    let rule = prepared.plan.rule(place);
    if !judge(prepared, place, &found).guilty() {
        return Err(Disagreement::TwoResults(format!(
            "run {} broke {} and, run again, did not",
            run.number,
            rule.name()
        )));
    }
    let smallest = smallest(prepared, found.clone(), || prepared.judge_of(place), run)?;
    if smallest.breaches[place.0].is_some() {
        return Ok(smallest);
    }
    // It was made so small that only its end breaks the invariant.
    let mut whole = of_trace(prepared, found, Until::End)?;
    // What its decisions leave open beyond its end may go well; as it is drawn it does not.
    if whole.breaches[place.0].is_none() {
        whole.breaches[place.0] = whole.cut[place.0].take();
    }
    Ok(Counterexample { run: Some(run.number), ..whole })
}

/// Whether `run` breaks the invariant at `place` only because it is over: the system that goes on
/// keeps it.
pub fn only_cut(prepared: &Prepared<'_>, place: RuleId, run: RunId) -> bool {
    let events = || run.trace(&prepared.world).steps.len();
    is_kept_beyond(prepared, place, events, || Seeded::new(run.seed, run.number))
}

/// The same of a run that exploring found: whether it keeps the invariant if it goes on, or again and again if it goes
/// on for ever.
pub(crate) fn only_cut_there(prepared: &Prepared<'_>, place: RuleId, trace: &TraceOf<World>) -> bool {
    if let Ending::Lasso(before) = trace.ending {
        return is_kept_from(prepared, place, trace, before as usize);
    }
    is_kept_beyond(prepared, place, || trace.steps.len(), || Follow::new(&trace.decisions))
}

/// Whether the invariant at `place` may be broken by the end of a run of so many events, and is kept if that goes on
/// as the chooser decides.
fn is_kept_beyond<C: Chooser>(
    prepared: &Prepared<'_>,
    place: RuleId,
    events: impl FnOnce() -> usize,
    chooser: impl FnOnce() -> C,
) -> bool {
    let Some(unending) = &prepared.unending else { return false };
    if !prepared.plan.rule(place).may_be_cut(&prepared.case.system) {
        return false;
    }
    let further = record_until(unending, chooser(), events() as u64 + FURTHER);
    if further.ending != Ending::TooLong {
        return breaches(prepared, &further)[place.0].is_none();
    }
    is_kept_from(prepared, place, &further, further.steps.len().saturating_sub(FURTHER as usize / 2))
}

/// Whether the invariant at `place` is kept by a run that goes on for ever, as far as one sees: what is lost for ever
/// is so wherever one stops from the step `from` on. One stops only where time passes next.
fn is_kept_from(prepared: &Prepared<'_>, place: RuleId, trace: &TraceOf<World>, from: usize) -> bool {
    let mut judge = prepared.judge();
    let next = trace.steps.iter().skip(1).map(|next| next.at).chain([Time::NEVER]);
    trace.steps.iter().zip(next).enumerate().any(|(number, (step, next))| {
        step.facts.iter().for_each(|fact| judge.noted(step.at, fact));
        number >= from && next > step.at && {
            let mut stopped = judge.clone();
            stopped.ended(step.at, Ending::Quiet);
            stopped.monitor.breaches()[place.0].is_none()
        }
    })
}

/// A run that contains the named order at `place` and does not come out as the scenario says, made
/// from `run`, which is one.
///
/// # Errors
/// The run, run again, is another one, or the judge of traces refuses it: a bug of ours.
pub fn against(prepared: &Prepared<'_>, place: OrderId, run: RunId) -> Result<Counterexample, Disagreement> {
    let found = run.trace(&prepared.world);
    let fresh =
        || Against { prepared, place, matcher: prepared.orders[place.0].matcher(), judge: prepared.judge() };
    let mut judge = fresh();
    found.tell::<World>(&mut judge);
    if !judge.guilty() {
        let name = &prepared.case.interleaving(place).name;
        return Err(Disagreement::TwoResults(format!(
            "run {} spoke against {name} and, run again, did not",
            run.number
        )));
    }
    let smallest = smallest(prepared, found.clone(), fresh, run)?;
    if !prepared.as_said(place, &smallest.breaches) {
        return Ok(smallest);
    }
    // It was made so small that only its end speaks against what is said.
    let whole = of_trace(prepared, found, Until::End)?;
    Ok(Counterexample { run: Some(run.number), ..whole })
}

/// Finds a run guilty that contains a named order and does not come out as the scenario says.
struct Against<'p> {
    prepared: &'p Prepared<'p>,
    place: OrderId,
    matcher: Matcher<'p>,
    judge: Clocked<Ledger<'p>>,
}

impl Observer<World> for Against<'_> {
    fn noted(&mut self, at: Time, fact: &Fact) {
        Observer::<World>::noted(&mut self.matcher, at, fact);
        self.judge.noted(at, fact);
    }

    fn ended(&mut self, at: Time, ending: Ending) {
        self.judge.ended(at, ending);
    }
}

impl Judge<World> for Against<'_> {
    fn guilty(&self) -> bool {
        self.matcher.complete() && !self.prepared.as_said(self.place, self.judge.monitor.breaches())
    }
}

fn smallest<J: Judge<World>>(
    prepared: &Prepared<'_>,
    found: TraceOf<World>,
    fresh: impl Fn() -> J,
    run: RunId,
) -> Result<Counterexample, Disagreement> {
    let steps_before = found.steps.len() - 1;
    let most = if found.ending == Ending::TooLong { SHRINK_STOPPED_RUNS } else { SHRINK_RUNS };
    let trace = shrink(&prepared.world, found, fresh, most);
    let mut counterexample = of_trace(prepared, trace, Until::End)?;
    counterexample.steps_before = steps_before;
    counterexample.run = Some(run.number);
    Ok(counterexample)
}

/// By invariant, how a run breaks it.
pub struct Told {
    /// In the system that goes on.
    pub breaches: Vec<Option<Breach>>,
    /// Only since it is over.
    pub cut: Vec<Option<Breach>>,
}

/// How `trace` breaks each invariant, and what it breaks only since it is over.
pub fn told(prepared: &Prepared<'_>, trace: &TraceOf<World>) -> Told {
    let mut breaches = breaches(prepared, trace);
    let is_cut = |place| only_cut_there(prepared, place, trace);
    let cut =
        prepared.plan.places().zip(&mut breaches).map(|(place, breach)| breach.take_if(|_| is_cut(place)));
    Told { cut: cut.collect(), breaches }
}

/// By invariant: how `trace` breaks it, be it only since it is over.
pub fn breaches(prepared: &Prepared<'_>, trace: &TraceOf<World>) -> Vec<Option<Breach>> {
    let mut judge = prepared.judge();
    trace.tell::<World>(&mut judge);
    judge.monitor.breaches().to_vec()
}

/// What is known of `trace` as a counterexample.
///
/// # Errors
/// The judge of traces refuses it.
pub fn of_trace(
    prepared: &Prepared<'_>,
    trace: TraceOf<World>,
    until: Until,
) -> Result<Counterexample, Disagreement> {
    trace.check(prepared.world_of(until)).map_err(|refusal| {
        Disagreement::Refused(format!("the judge of traces refuses step {}: {}", refusal.step, refusal.why))
    })?;
    let Told { breaches, cut } = told(prepared, &trace);
    Ok(Counterexample {
        id: id(prepared, &trace.decisions),
        breaches,
        cut,
        smallest_separation: separation::smallest(&prepared.case.system, &trace),
        separation: None,
        steps_before: trace.steps.len() - 1,
        run: None,
        until,
        trace,
    })
}

impl Counterexample {
    /// Whether there is no such run without a tie.
    pub fn takes_a_tie(&self) -> bool {
        self.separation == Some(Span::ZERO)
    }

    /// The number of its events.
    pub fn steps(&self) -> usize {
        self.trace.steps.len() - 1
    }

    /// Whether it had to be stopped before its end.
    pub fn stopped(&self) -> bool {
        matches!(self.trace.ending, Ending::TooLong | Ending::Lasso(_))
    }

    /// If the run is a lasso: when its cycle begins, how many events that has,
    /// and how long it takes here.
    pub fn lasso(&self) -> Option<(Time, usize, Span)> {
        let Ending::Lasso(before) = self.trace.ending else { return None };
        let steps = &self.trace.steps;
        let (first, last) = (steps.get(before as usize)?, steps.last()?);
        Some((first.at, steps.len() - 1 - before as usize, last.at - first.at))
    }

    /// How it breaks `rule`, which has this place in the plan.
    pub fn breach(&self, place: RuleId) -> Option<Breach> {
        self.breaches[place.0]
    }
}

fn judge<'p>(prepared: &'p Prepared<'_>, place: RuleId, trace: &TraceOf<World>) -> Clocked<Ledger<'p>> {
    let mut judge = prepared.judge_of(place);
    trace.tell::<World>(&mut judge);
    judge
}

/// The smallest change of one delay of `counterexample` after which the invariant at `place`
/// holds: each delay is bisected towards both ends of its interval, those that happened last first.
pub fn nearest(prepared: &Prepared<'_>, place: RuleId, counterexample: &Counterexample) -> Option<Nearest> {
    if counterexample.stopped() {
        return None;
    }
    let decisions = &counterexample.trace.decisions;
    let mut left = NEAREST_RUNS;
    let mut holds = |at: usize, value: u64| {
        left = left.saturating_sub(1);
        let mut changed = decisions.clone();
        changed[at].value = value;
        (left > 0).then(|| {
            let mut judge = prepared.judge_of(place);
            Runner::new(prepared.world_of(counterexample.until), Follow::new(&changed)).run(&mut judge);
            !judge.guilty()
        })
    };
    let mut best: Option<(u64, usize, u64)> = None;
    for at in (0..decisions.len()).rev() {
        let Decision { about: About::Delay | About::Phase, value, range, .. } = decisions[at] else {
            continue;
        };
        for end in [range.0, range.1] {
            let reach = best.map_or(u64::MAX, |(change, ..)| change - 1);
            let end = end.clamp(value.saturating_sub(reach), value.saturating_add(reach));
            if end == value || holds(at, end) != Some(true) {
                continue;
            }
            let (mut bad, mut good) = (value, end);
            while bad.abs_diff(good) > 1 {
                let middle = u64::midpoint(bad, good);
                match holds(at, middle) {
                    Some(true) => good = middle,
                    Some(false) => bad = middle,
                    None => break,
                }
            }
            best = Some((value.abs_diff(good), at, good));
        }
    }
    best.map(|(_, at, now)| Nearest {
        name: decisions[at].name.text().to_owned(),
        phase: decisions[at].about == About::Phase,
        occurrence: decisions[at].occurrence + 1,
        was: Span(decisions[at].value),
        now: Span(now),
    })
}

/// The invariant of this name and its place, if the case checks it.
pub fn place_of(prepared: &Prepared<'_>, name: &str) -> Option<(RuleId, Rule)> {
    prepared.case.rule_named(name).map(|place| (place, prepared.plan.rule(place)))
}

/// Eight hexadecimal digits of what was run and of the decisions (FNV-1a, 64 bits, folded): two
/// scenarios may take the same decisions, and their runs are told apart.
fn id(prepared: &Prepared<'_>, decisions: &[Decision]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    eat(prepared.case.digest.as_bytes());
    eat(prepared.case.variant.as_deref().unwrap_or_default().as_bytes());
    for decision in decisions {
        eat(decision.name.text().as_bytes());
        eat(&decision.occurrence.to_le_bytes());
        eat(&decision.value.to_le_bytes());
    }
    format!("{:08x}", (hash >> 32) as u32 ^ hash as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use punctual_model::{ClientId, Invariant, NodeId, Plan, TimerId};
    use punctual_scenarios::{Scenario, library};
    use punctual_sim::TakesOver;

    #[test]
    fn a_timer_that_fired_before_a_run_was_stopped_has_fired_unless_something_was_faulty() {
        let text = library().into_iter().find(|(name, _)| *name == "audio-reference").expect("it is there").1;
        let scenario = Scenario::parse("audio-reference", text).expect("it is sound");
        let invariant = Invariant::named("client-never-times-out").expect("it is one");
        let rule = Rule::new(invariant, None).expect("it has no limit");
        let plan = Plan::new(&scenario.cases[0].system, &[rule]);
        let fired = Fact::TimedOut(ClientId(0), TimerId(0));
        let crashed = Fact::Crashed(NodeId(0));
        for (facts, broken) in [([fired, fired], true), ([crashed, fired], false)] {
            for seen in 0..=facts.len() {
                let (mut first, mut second) =
                    (Clocked::new(Ledger::new(&plan)), Clocked::new(Ledger::new(&plan)));
                facts[..seen].iter().for_each(|fact| first.noted(Time(1), fact));
                second.take_over(&first);
                facts[seen..].iter().for_each(|fact| second.noted(Time(1), fact));
                second.ended::<Fact>(Time(2), Ending::TooLong);
                assert_eq!(second.monitor.breaches()[0].is_some(), broken, "{facts:?}, {seen}");
            }
        }
    }
}
