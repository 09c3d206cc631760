//! What every timing says of a case, where sampling only watched some.
//!
//! The same machine and the same ledger are explored. A counterexample that exploring finds has been run by the
//! ordinary driver before it gets here.

mod decide;
mod question;
mod spans;

use std::collections::BTreeMap;

use punctual_model::{Coverage, Fact, RuleId, System, World};
use punctual_sim::explore::{
    self, Answer, Explored, Found, Goal, Growth, Length, Limit, Limits, NotFound, Parameter, Query,
    Reductions,
};
use punctual_sim::{Monitor, Span};

use crate::budget::{Budget, Cause};
use crate::counterexample::{self, Counterexample, Disagreement};
use crate::sampling::{Prepared, Until};
use crate::zeno;

use decide::{Decided, Decides, Run, Wanted};
use question::Question;

pub use decide::AnyValue;
pub use spans::{End, Extreme, Spans, attained, attaining, deliveries, happens, size_of, spans};

/// The most classes of one search, unless told otherwise.
pub const STATES: usize = 300_000;

/// The most that is named of what grows.
const NAMED: usize = 3;

/// What every timing says of one invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proved {
    /// No timing breaks it, however long the system goes on.
    Holds {
        /// The number of classes that show it.
        states: u64,
    },
    /// Some timing breaks it: a run was made that does, perhaps beyond the end of runs.
    Broken {
        /// The number of classes that were found.
        states: u64,
    },
    /// It is not clear.
    Unknown {
        /// Which limit was met, and how far exploring got; or what else kept it from being clear.
        limit: String,
        /// The kind of limit.
        cause: Cause,
    },
}

/// Which limit was met, how far exploring got, and what grows as far as it got.
fn met<J: Monitor<Fact>>(
    budget: Budget<'_>,
    answer: &Answer<'_, World, J>,
    limit: &Limit,
) -> (Cause, String) {
    let (cause, mut met) = budget.met(limit);
    if let (Some(growth), true) = (&answer.growth, cause != Cause::Interrupted) {
        met += &grows(growth);
    }
    (cause, met)
}

/// ``; `backend.published[0]` grows``; of many that grow the first are named.
fn grows(growth: &Growth) -> String {
    let more = growth.fields.len().saturating_sub(NAMED);
    let mut named: Vec<String> = growth.fields.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    let last = named.pop();
    let what = match (named.join(", "), last) {
        (_, None) => String::new(),
        (before, Some(last)) if before.is_empty() => format!("; {last} grows"),
        (before, Some(last)) => format!("; {before} and {last} grow"),
    };
    format!("{what}{}", if growth.at_once { "; no time passes" } else { "" })
}

fn unknown((cause, limit): (Cause, String)) -> Proved {
    Proved::Unknown { limit, cause }
}

/// The Zeno cycle that exploring found, in words.
fn zeno_cycle_of<J: Monitor<Fact>>(system: &System, answer: &Answer<'_, World, J>) -> Option<String> {
    answer.zeno.as_ref().map(|cycle| zeno::in_words(system, cycle))
}

/// What every timing says of a case.
pub struct Proof {
    /// By invariant.
    pub proved: Vec<Proved>,
    /// Runs that break invariants: one for each that is broken, unless one before breaks it too.
    pub counterexamples: Vec<Counterexample>,
    /// The number of classes that were kept, over all questions; or the first limit that was met.
    pub states: Result<u64, (Cause, String)>,
    /// What comes into play in some timing; nothing if a limit was met before that was clear.
    pub coverage: Option<Coverage>,
}

impl Proved {
    /// What is true of an invariant of which this is true of some clients, and that of others.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Holds { states }, Self::Holds { states: more }) => Self::Holds { states: states + more },
            (broken @ Self::Broken { .. }, _) | (_, broken @ Self::Broken { .. }) => broken,
            (unknown @ Self::Unknown { .. }, _) | (_, unknown @ Self::Unknown { .. }) => unknown,
        }
    }
}

/// What was proved of each invariant so far; nothing of one that was not asked about.
struct Verdicts(Vec<Option<Proved>>);

impl Verdicts {
    fn of(prepared: &Prepared<'_>) -> Self {
        Self(vec![None; prepared.plan.rules().len()])
    }

    fn add(&mut self, place: RuleId, proved: Proved) {
        let known = self.0[place.0].take();
        self.0[place.0] = Some(match known {
            Some(known) => known.and(proved),
            None => proved,
        });
    }

    fn is_broken(&self, place: RuleId) -> bool {
        matches!(self.0[place.0], Some(Proved::Broken { .. }))
    }

    fn all(self) -> Vec<Proved> {
        let unasked = || unknown((Cause::Other, "it was not asked".into()));
        self.0.into_iter().map(|proved| proved.unwrap_or_else(unasked)).collect()
    }
}

/// What every timing says of each invariant.
///
/// # Errors
/// The judge of traces refuses a run that was found: a bug of ours.
pub fn explore(prepared: &Prepared<'_>, budget: Budget<'_>) -> Result<Proof, Disagreement> {
    let mut verdicts = Verdicts::of(prepared);
    let mut proof = Proof { proved: Vec::new(), counterexamples: Vec::new(), states: Ok(0), coverage: None };
    let questions = Question::all(prepared);
    let sees_steps = questions.iter().any(|question| question.sees_steps);
    let mut coverage = sees_steps.then(|| Coverage::of(&prepared.case.system));
    for question in questions {
        question.answer(prepared, budget, (&mut proof, &mut verdicts, &mut coverage))?;
    }
    proof.proved = verdicts.all();
    if coverage.is_none() && !sees_steps && proof.states.is_ok() {
        coverage = seen(prepared, budget);
    }
    proof.coverage = coverage;
    Ok(proof)
}

/// What comes into play in some timing, asked by itself.
fn seen(prepared: &Prepared<'_>, budget: Budget<'_>) -> Option<Coverage> {
    let mut coverage = Coverage::of(&prepared.case.system);
    for question in Question::apart(prepared, &[]) {
        let ledger = question.ledger();
        let limit = budget.ask(|limits| {
            let mut hear = |state: &_, facts: &[Fact]| coverage.see(&question.world, state, facts);
            Query::rules(&question.world, &ledger, limits).answer_hearing(&mut hear).explored.limit
        });
        if limit.is_some() {
            return None;
        }
        question.see_alike(&prepared.case.system, &mut coverage);
    }
    Some(coverage)
}

/// What exploring may take where more can be asked apart.
fn at_first(limits: Limits<'_>) -> Limits<'_> {
    let Limits { classes, bounds, successors, .. } = limits;
    Limits { classes: classes / 10, bounds: bounds / 10, successors: successors / 10, ..limits }
}

impl Question {
    /// Adds what every timing says of its invariants, and runs that break them.
    fn answer(
        &self,
        prepared: &Prepared<'_>,
        budget: Budget<'_>,
        (proof, verdicts, coverage): (&mut Proof, &mut Verdicts, &mut Option<Coverage>),
    ) -> Result<(), Disagreement> {
        let ledger = self.ledger();
        let is_divisible = self.is_divisible(prepared);
        let is_asked_finer = budget.ask(|limits| {
            let first = if is_divisible { at_first(limits) } else { limits };
            let mut hear = |state: &_, facts: &[Fact]| {
                if let Some(coverage) = coverage.as_mut().filter(|_| self.sees_steps) {
                    coverage.see(&self.world, state, facts);
                }
            };
            let answer = Query::rules(&self.world, &ledger, first).answer_hearing(&mut hear);
            let limit = answer.explored.limit;
            if is_divisible && limit.is_some() {
                return Ok(true);
            }
            if let Some(seen) = coverage.as_mut().filter(|_| self.sees_steps) {
                self.see_alike(&prepared.case.system, seen);
            }
            if self.sees_steps && limit.is_some() {
                *coverage = None;
            }
            proof.states = match (&proof.states, limit) {
                (Ok(known), None) => Ok(known + answer.explored.classes as u64),
                (Ok(_), Some(limit)) => Err(met(budget, &answer, &limit)),
                (Err(first), _) => Err(first.clone()),
            };
            let (answer, wanted) = (answer.within(limits), Wanted::Run);
            let decides = Decides { prepared, question: self, ledger: &ledger, answer, budget, wanted };
            self.decide(decides, (proof, verdicts)).map(|()| false)
        })?;
        if is_asked_finer {
            for question in self.finer(prepared) {
                question.answer(prepared, budget, (proof, verdicts, coverage))?;
            }
        }
        Ok(())
    }

    /// Adds what is decided of its invariants, and runs that break them, unless one is known already.
    fn decide(
        &self,
        mut decides: Decides<'_, '_>,
        (proof, verdicts): (&mut Proof, &mut Verdicts),
    ) -> Result<(), Disagreement> {
        let (prepared, states) = (decides.prepared, decides.answer.explored.classes as u64);
        for asked in self.all_asked() {
            let place = self.place_of(asked);
            // One client of whom it is broken is enough.
            if verdicts.is_broken(place) {
                continue;
            }
            // A run that takes a tie says nothing of whether this invariant takes one.
            let stands = |known: &Counterexample| known.breaches[place.0].is_some() && !known.takes_a_tie();
            if proof.counterexamples.iter().any(stands) && decides.may_break(asked) {
                verdicts.add(place, Proved::Broken { states });
                continue;
            }
            let Decided { proved, run } = decides.decide_of_all(asked)?;
            verdicts.add(place, proved);
            if let Some(Run { found, until }) = run {
                let found = counterexample_of(prepared, found, until)?;
                let is_known = |known: &Counterexample| (&known.id, known.until) == (&found.id, found.until);
                if !proof.counterexamples.iter().any(is_known) {
                    proof.counterexamples.push(found);
                }
            }
        }
        Ok(())
    }
}

/// What every timing says of the invariant at `place` alone.
///
/// # Errors
/// What was found is no run: a bug of ours.
pub fn explore_one(
    prepared: &Prepared<'_>,
    place: RuleId,
    budget: Budget<'_>,
) -> Result<Proved, Disagreement> {
    let mut verdicts = Verdicts::of(prepared);
    for question in Question::apart(prepared, &[place]) {
        verdicts.add(place, question.decide_all(prepared, Wanted::Verdict, budget)?.remove(0).proved);
        if verdicts.is_broken(place) {
            break;
        }
    }
    Ok(verdicts.all().swap_remove(place.0))
}

/// What every timing says of each invariant, without a run for what is broken.
///
/// # Errors
/// What was found is no run: a bug of ours.
pub fn verdicts(prepared: &Prepared<'_>, budget: Budget<'_>) -> Result<Vec<Proved>, Disagreement> {
    let mut verdicts = Verdicts::of(prepared);
    for question in Question::all(prepared) {
        let decided = question.decide_all(prepared, Wanted::Verdict, budget)?;
        for (decided, &place) in decided.into_iter().zip(&question.places) {
            verdicts.add(place, decided.proved);
        }
    }
    Ok(verdicts.all())
}

/// The same the plain way: the whole system, all invariants at once, and nothing that makes exploring quick.
///
/// # Errors
/// What was found is no run: a bug of ours.
pub fn verdicts_plainly(prepared: &Prepared<'_>, budget: Budget<'_>) -> Result<Vec<Proved>, Disagreement> {
    let question = Question::plainly(prepared);
    let ledger = question.ledger();
    budget.ask(|limits| {
        let query = Query { reductions: Reductions::NONE, ..Query::rules(&question.world, &ledger, limits) };
        let (question, ledger, answer) = (&question, &ledger, query.answer());
        let mut decides = Decides { prepared, question, ledger, answer, budget, wanted: Wanted::Verdict };
        question.all_asked().map(|asked| Ok(decides.decide(asked)?.proved)).collect()
    })
}

/// A run that breaks the invariant at `place`, or what is known instead.
///
/// # Errors
/// The judge of traces refuses it: a bug of ours.
pub fn counterexample(
    prepared: &Prepared<'_>,
    place: RuleId,
    budget: Budget<'_>,
) -> Result<Result<Counterexample, Proved>, Disagreement> {
    let mut verdicts = Verdicts::of(prepared);
    for question in Question::apart(prepared, &[place]) {
        let Decided { proved, run } = question.decide_all(prepared, Wanted::Run, budget)?.remove(0);
        if let Some(Run { found, until }) = run {
            return counterexample_of(prepared, found, until).map(Ok);
        }
        verdicts.add(place, proved);
    }
    Ok(Err(verdicts.all().swap_remove(place.0)))
}

impl Question {
    /// What is true of each of its rules.
    fn decide_all(
        &self,
        prepared: &Prepared<'_>,
        wanted: Wanted,
        budget: Budget<'_>,
    ) -> Result<Vec<Decided>, Disagreement> {
        let ledger = self.ledger();
        let is_divisible = self.is_divisible(prepared);
        let decided = budget.ask(|limits| {
            let first = if is_divisible { at_first(limits) } else { limits };
            let answer = Query::rules(&self.world, &ledger, first).answer();
            if is_divisible && answer.explored.limit.is_some() {
                return Ok(None);
            }
            let answer = answer.within(limits);
            let mut decides = Decides { prepared, question: self, ledger: &ledger, answer, budget, wanted };
            let all = self.all_asked().map(|asked| decides.decide_of_all(asked));
            all.collect::<Result<Vec<Decided>, Disagreement>>().map(Some)
        })?;
        if let Some(decided) = decided {
            return Ok(decided);
        }
        let mut by_place = BTreeMap::new();
        for question in self.finer(prepared) {
            let decided = question.decide_all(prepared, wanted, budget)?;
            by_place.extend(question.places.into_iter().zip(decided));
        }
        Ok(by_place.into_values().collect())
    }
}

/// A Zeno cycle, in words, if a run of the case can come to one.
pub fn zeno_cycle(prepared: &Prepared<'_>, budget: Budget<'_>) -> Option<String> {
    Question::all(prepared).into_iter().find_map(|question| {
        let ledger = question.ledger();
        let world = &question.world;
        budget.ask(|limits| zeno_cycle_of(world.system(), &Query::rules(world, &ledger, limits).answer()))
    })
}

/// Whether the invariant at `place` is broken in `any`, the case in which each delay may be what it is
/// for any value of a range; and if it is, for which values of `parameter` in the range one way of the
/// case `at` to break it is possible. That case is `any` itself, unless another is given. Of both the
/// system that goes on is asked, so that no edge is one of the end of runs.
///
/// # Errors
/// What was found is no run: a bug of ours.
pub fn any_value(
    (any, at): (&Prepared<'_>, Option<&Prepared<'_>>),
    place: RuleId,
    (parameter, range): (&Parameter, (Span, Span)),
    budget: Budget<'_>,
) -> Result<AnyValue, Disagreement> {
    let mut parts = Question::apart(any, &[place]);
    let mut fixed = at.map(|at| Question::apart(at, &[place]));
    // What a delay can be decides what can be taken apart.
    if let (Some(fixed), Some(at)) = (&mut fixed, at)
        && !fixed.iter().map(|one| &one.part.asked).eq(parts.iter().map(|one| &one.part.asked))
    {
        parts = vec![Question::new(any, vec![place])];
        *fixed = vec![Question::new(at, vec![place])];
    }
    let mut verdicts = Verdicts::of(any);
    for (number, question) in parts.iter().enumerate() {
        let ledger = question.ledger();
        let value = budget.ask(|limits| {
            let answer = Query::rules(&question.world, &ledger, limits).answer();
            let (prepared, ledger, wanted) = (any, &ledger, Wanted::Verdict);
            let mut decides = Decides { prepared, question, ledger, answer, budget, wanted };
            let world = fixed.as_ref().map_or(&question.world, |fixed| &fixed[number].world);
            decides.values(world, (parameter, range))
        })?;
        match value {
            AnyValue::Verdict(proved) => verdicts.add(place, proved),
            breaks @ (AnyValue::Breaks(..) | AnyValue::Several) => return Ok(breaks),
        }
    }
    Ok(AnyValue::Verdict(verdicts.all().swap_remove(place.0)))
}

/// What exploring takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Classes that were kept at the end of each search.
    pub classes: u64,
    /// How often an event was taken as the first.
    pub successors: u64,
    /// The most bytes that one search kept, roughly.
    pub bytes: usize,
    /// How many searches stopped at a limit.
    pub stopped: u64,
}

impl Size {
    fn with(self, found: &Explored) -> Self {
        Self {
            classes: self.classes + found.classes as u64,
            successors: self.successors + found.successors,
            bytes: self.bytes.max(found.bytes),
            stopped: self.stopped + u64::from(found.limit.is_some()),
        }
    }
}

/// What exploring a case takes, over all questions.
pub fn size(prepared: &Prepared<'_>, budget: Budget<'_>) -> Size {
    let explored = Question::all(prepared).into_iter().map(|question| {
        budget.ask(|limits| explore::every_timing(&question.world, &question.ledger(), limits))
    });
    explored.fold(Size::default(), |size, found| size.with(&found))
}

pub(crate) fn found_in<J: Monitor<Fact>>(
    prepared: &Prepared<'_>,
    world: &World,
    monitor: &J,
    goal: Goal,
    budget: Budget<'_>,
) -> Result<Result<Counterexample, NotFound>, Disagreement> {
    let found = budget.ask(|limits| {
        let mut answer = Query::rules(world, monitor, limits).answer();
        answer.find(&prepared.world, goal, Length::ToTheEnd)
    });
    match found {
        Ok(found) => counterexample_of(prepared, found, Until::End).map(Ok),
        Err(why) => Ok(Err(why)),
    }
}

fn counterexample_of(
    prepared: &Prepared<'_>,
    found: Found<World>,
    until: Until,
) -> Result<Counterexample, Disagreement> {
    let counterexample = counterexample::of_trace(prepared, found.trace, until)?;
    Ok(Counterexample { separation: Some(found.separation), ..counterexample })
}
