//! What every timing says of a case, where sampling only watched some.
//!
//! The same machine and the same ledger are explored. What no invariant in question can see is left
//! out before (`model/src/slice.rs`), since each alarm that stays pending multiplies the classes. A
//! counterexample that exploring finds has been run by the ordinary driver before it gets here.

use punctual_model::{
    Clerk, ClientId, Fact, FactKind, Gauge, Plan, Rule, SeenAt, Sighting, Stretch, System, TaskId, World,
    seen_without_clients, without_events, without_idle_comments, without_reactions,
};
use punctual_sim::explore::{
    self, Exploration, Explored, Found, Goal, Growth, Limit, Limits, NotFound, Parameter,
};
use punctual_sim::{Monitor, Span};

use crate::budget::{Budget, Cause};
use crate::counterexample::{self, Counterexample, Disagreement};
use crate::delivery::Delays;
use crate::sampling::Prepared;
use crate::standstill;

/// The most classes of one search, unless told otherwise.
pub const STATES: usize = 200_000;

/// The most that is named of what grows.
const NAMED: usize = 3;

/// What every timing says of one invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proved {
    /// No timing breaks it.
    Holds {
        /// The number of classes that show it.
        states: u64,
    },
    /// Some timing breaks it.
    Broken {
        /// The number of classes that were found.
        states: u64,
    },
    /// A limit was met before it was clear.
    Unknown {
        /// Which, and how far exploring got.
        limit: String,
        /// The kind of limit.
        cause: Cause,
    },
}

/// What is explored for some of a case's invariants.
struct Question {
    /// The places of the invariants in the case's plan.
    places: Vec<usize>,
    plan: Plan,
    world: World,
}

/// The question that takes fewest classes for the invariants at `places`.
fn question(prepared: &Prepared<'_>, places: Vec<usize>) -> Question {
    let (system, rules) = (&prepared.case.system, prepared.plan.rules());
    let asked: Vec<Rule> = places.iter().map(|&place| rules[place]).collect();
    let slice = without_idle_comments(system, |_, _| false);
    let world = if seen_without_clients(&asked) {
        World::deaf(&without_events(&slice).unwrap_or(slice))
    } else {
        World::new(&slice)
    };
    Question { places, plan: Plan::new(system, &asked), world }
}

/// Counting reads is asked apart from all else, because each count is a state of its own, and without
/// clients and events, which it does not depend on.
fn questions(prepared: &Prepared<'_>) -> Vec<Question> {
    let rules = prepared.plan.rules();
    let counts = |place: &usize| matches!(rules[*place], Rule::BoundedRequests(_));
    let (counted, others): (Vec<usize>, Vec<usize>) = (0..rules.len()).partition(counts);
    let asked = [others, counted].into_iter().filter(|places| !places.is_empty());
    asked.map(|places| question(prepared, places)).collect()
}

/// Which limit was met, how far exploring got, and what grows as far as it got.
fn met<J: Monitor<Fact>>(
    budget: Budget<'_>,
    exploration: &Exploration<'_, World, J>,
    limit: &Limit,
) -> (Cause, String) {
    let (cause, mut met) = budget.met(limit);
    if let (Some(growth), true) = (exploration.growth(), cause != Cause::Interrupted) {
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

/// Where time can stand still, in words.
fn standstill<J: Monitor<Fact>>(system: &System, exploration: &Exploration<'_, World, J>) -> Option<String> {
    exploration.standstill().map(|round| standstill::told(system, round))
}

/// What every timing says of each of the `rules` that were explored.
fn answers<J: Monitor<Fact>>(
    (system, rules): (&System, &[Rule]),
    exploration: &Exploration<'_, World, J>,
    budget: Budget<'_>,
) -> Vec<Proved> {
    let (found, still) = (exploration.explored(), standstill(system, exploration));
    let states = found.classes as u64;
    let answer = |bit: usize| match &found.limit {
        _ if found.broken >> bit & 1 == 1 => Proved::Broken { states },
        // What would come later does not come in such a run, and nobody means it. No limit would do.
        _ if let Some(round) = &still => {
            unknown((Cause::Other, format!("a round in which time stands still: {round}")))
        }
        Some(limit) => unknown(met(budget, exploration, limit)),
        None if found.endless.unwrap_or(0) >> bit & 1 == 1 => {
            unknown((Cause::Other, "runs that may go on for ever".into()))
        }
        None => Proved::Holds { states },
    };
    (0..rules.len()).map(answer).collect()
}

/// What every timing says of a case.
pub struct Proof {
    /// By invariant.
    pub proved: Vec<Proved>,
    /// Runs that break invariants: one for each that is broken, unless one before breaks it too. There
    /// is none where what was found cannot be replayed.
    pub counterexamples: Vec<Counterexample>,
    /// The number of classes that were kept, over all questions; or the first limit that was met.
    pub states: Result<u64, (Cause, String)>,
}

/// What every timing says of each invariant.
///
/// # Errors
/// The judge of traces refuses a run that was found: a bug of ours.
pub fn explore(prepared: &Prepared<'_>, budget: Budget<'_>) -> Result<Proof, Disagreement> {
    let unasked = || unknown((Cause::Other, "it was not asked".into()));
    let proved = prepared.plan.rules().iter().map(|_| unasked()).collect();
    let mut proof = Proof { proved, counterexamples: Vec::new(), states: Ok(0) };
    for question in questions(prepared) {
        budget.ask(|limits| question.answer(prepared, (budget, limits), &mut proof))?;
    }
    Ok(proof)
}

impl Question {
    /// Adds what every timing says of its invariants, and runs that break them.
    fn answer(
        &self,
        prepared: &Prepared<'_>,
        (budget, limits): (Budget<'_>, Limits<'_>),
        proof: &mut Proof,
    ) -> Result<(), Disagreement> {
        let clerk = Clerk::new(&self.plan);
        let mut exploration = Exploration::of(&self.world, &clerk, limits);
        let found = exploration.explored();
        let (states, limit, endless) = (found.classes as u64, found.limit, found.endless.unwrap_or(0));
        proof.states = match (&proof.states, limit) {
            (Ok(known), None) => Ok(known + states),
            (Ok(_), Some(limit)) => Err(met(budget, &exploration, &limit)),
            (Err(first), _) => Err(first.clone()),
        };
        let answers = answers((self.world.system(), self.plan.rules()), &exploration, budget);
        for (bit, (answer, &place)) in answers.into_iter().zip(&self.places).enumerate() {
            let goal = match answer {
                Proved::Broken { .. } => Some(Goal::Breaks(1 << bit)),
                Proved::Unknown { .. } if limit.is_none() && endless >> bit & 1 == 1 => {
                    Some(Goal::ForEver(1 << bit))
                }
                Proved::Holds { .. } | Proved::Unknown { .. } => None,
            };
            proof.proved[place] = answer;
            let Some(goal) = goal else { continue };
            if proof.counterexamples.iter().any(|known| known.breaches[place].is_some()) {
                proof.proved[place] = Proved::Broken { states };
                continue;
            }
            match exploration.find(&prepared.world, goal) {
                Ok(found) => {
                    proof.counterexamples.push(counterexample_of(prepared, found)?);
                    proof.proved[place] = Proved::Broken { states };
                }
                Err(NotFound::Limit(limit)) if matches!(goal, Goal::Breaks(_)) => {
                    proof.proved[place] = unknown(budget.met(&limit));
                }
                // Only a clock that ticks as it likes would break it.
                Err(NotFound::None) if matches!(goal, Goal::Breaks(_)) => {
                    proof.proved[place] = Proved::Holds { states };
                }
                Err(NotFound::Limit(_) | NotFound::None | NotFound::NotReplayed(_)) => {}
            }
        }
        Ok(())
    }
}

/// One invariant, to be explored by itself.
struct Alone {
    plan: Plan,
    world: World,
}

impl Alone {
    fn new(prepared: &Prepared<'_>, place: usize) -> Self {
        let Question { plan, world, .. } = question(prepared, vec![place]);
        Self { plan, world }
    }
}

/// What every timing says of the invariant at `place` alone.
pub fn explore_one(prepared: &Prepared<'_>, place: usize, budget: Budget<'_>) -> Proved {
    let Alone { plan, world } = Alone::new(prepared, place);
    let clerk = Clerk::new(&plan);
    budget.ask(|limits| {
        let mut exploration = Exploration::of(&world, &clerk, limits);
        let (states, clocks) = (exploration.explored().classes as u64, exploration.explored().clocks);
        let answer = answers((world.system(), plan.rules()), &exploration, budget).remove(0);
        if !clocks || !matches!(answer, Proved::Broken { .. }) {
            return answer;
        }
        match exploration.find(&world, Goal::Breaks(1)) {
            Ok(_) => answer,
            Err(NotFound::None) => Proved::Holds { states },
            Err(NotFound::Limit(limit)) => unknown(budget.met(&limit)),
            Err(NotFound::NotReplayed(_)) => unknown((Cause::Other, NOT_REPLAYED.into())),
        }
    })
}

/// What every timing says of each invariant, without a run for what is broken.
pub fn verdicts(prepared: &Prepared<'_>, budget: Budget<'_>) -> Vec<Proved> {
    let mut all = vec![unknown((Cause::Other, "it was not asked".into())); prepared.plan.rules().len()];
    for Question { places, plan, world } in questions(prepared) {
        let clerk = Clerk::new(&plan);
        budget.ask(|limits| {
            let mut exploration = Exploration::of(&world, &clerk, limits);
            let found = exploration.explored().clone();
            let states = found.classes as u64;
            let answers = answers((world.system(), plan.rules()), &exploration, budget);
            for (bit, (answer, &place)) in answers.into_iter().zip(&places).enumerate() {
                let may_be_endless = found.limit.is_none() && found.endless.unwrap_or(0) >> bit & 1 == 1;
                let goal = match answer {
                    // More is allowed than a clock does: a violation counts once it was run.
                    Proved::Broken { .. } if found.clocks => Some(Goal::Breaks(1 << bit)),
                    Proved::Unknown { .. } if may_be_endless => Some(Goal::ForEver(1 << bit)),
                    Proved::Broken { .. } | Proved::Holds { .. } | Proved::Unknown { .. } => None,
                };
                all[place] = match (goal, goal.map(|goal| exploration.find(&prepared.world, goal))) {
                    (_, None) => answer,
                    (_, Some(Ok(_))) => Proved::Broken { states },
                    (Some(Goal::Breaks(_)), Some(Err(NotFound::None))) => Proved::Holds { states },
                    (Some(Goal::Breaks(_)), Some(Err(NotFound::Limit(limit)))) => unknown(budget.met(&limit)),
                    (Some(Goal::Breaks(_)), Some(Err(NotFound::NotReplayed(_)))) => {
                        unknown((Cause::Other, NOT_REPLAYED.into()))
                    }
                    (_, Some(Err(_))) => answer,
                };
            }
        });
    }
    all
}

/// A round of events in which time stands still, in words, if a run of the case can come to one.
pub fn stands_still(prepared: &Prepared<'_>, budget: Budget<'_>) -> Option<String> {
    questions(prepared).into_iter().find_map(|Question { plan, world, .. }| {
        let clerk = Clerk::new(&plan);
        budget.ask(|limits| standstill(world.system(), &Exploration::of(&world, &clerk, limits)))
    })
}

/// Why it is not known whether something is broken of which exploring found a way that no run takes.
const NOT_REPLAYED: &str = "a way to break it that could not be replayed";

/// What is true of the invariant at `place` if each delay may be what it is for any value of a range.
pub enum AnyValue {
    /// It is not broken; or it is not known whether.
    Settled(Proved),
    /// One way to break it takes one of these values throughout.
    Breaks(Span, Span),
    /// It is broken, but only ways were found that take several values at once.
    Several,
}

/// Whether the invariant at `place` is broken in `any`, the case in which each delay may be what it is
/// for any value of a range; and if it is, for which values of `parameter` in the range one way of the
/// case `at` to break it is possible. That case is `any` itself, unless another is given.
pub fn any_value(
    (any, at): (&Prepared<'_>, Option<&Prepared<'_>>),
    place: usize,
    (parameter, range): (&Parameter, (Span, Span)),
    budget: Budget<'_>,
) -> AnyValue {
    let Alone { plan, world } = Alone::new(any, place);
    let at = at.map(|at| Alone::new(at, place).world);
    let clerk = Clerk::new(&plan);
    budget.ask(|limits| {
        let mut exploration = Exploration::of(&world, &clerk, limits);
        let states = exploration.explored().classes as u64;
        let answer = answers((world.system(), plan.rules()), &exploration, budget).remove(0);
        if !matches!(answer, Proved::Broken { .. }) {
            return AnyValue::Settled(answer);
        }
        match exploration.breaking_values(at.as_ref().unwrap_or(&world), 1, (parameter, range)) {
            Ok(Some((least, greatest))) => AnyValue::Breaks(least, greatest),
            Ok(None) => AnyValue::Several,
            Err(NotFound::Limit(limit)) => AnyValue::Settled(unknown(budget.met(&limit))),
            Err(NotFound::None) => AnyValue::Settled(Proved::Holds { states }),
            Err(NotFound::NotReplayed(_)) => AnyValue::Settled(unknown((Cause::Other, NOT_REPLAYED.into()))),
        }
    })
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
    let explored = questions(prepared).into_iter().map(|question| {
        budget.ask(|limits| explore::every_timing(&question.world, &Clerk::new(&question.plan), limits))
    });
    explored.fold(Size::default(), |size, found| size.with(&found))
}

/// What measuring `stretches` takes.
pub fn size_of(prepared: &Prepared<'_>, stretches: &[Stretch], budget: Budget<'_>) -> Size {
    let (world, gauge) = (world_for(prepared, stretches), Gauge::new(stretches));
    let found = budget.ask(|limits| explore::every_timing(&world, &gauge, limits));
    Size::default().with(&found)
}

/// A run that breaks the invariant at `place`, or why there is none: it was not found within the limits,
/// or what was found cannot be replayed.
///
/// # Errors
/// The judge of traces refuses it: a bug of ours.
pub fn counterexample(
    prepared: &Prepared<'_>,
    place: usize,
    budget: Budget<'_>,
) -> Result<Result<Counterexample, NotFound>, Disagreement> {
    let Alone { plan, world } = Alone::new(prepared, place);
    found_in(prepared, &world, &Clerk::new(&plan), Goal::Breaks(1), budget)
}

/// The exact least and greatest span of a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spans {
    /// Between these, over every timing.
    Exact {
        /// The least.
        least: End,
        /// The greatest; [`Span::NEVER`] if there is none, since a step may take for ever.
        greatest: End,
        /// The number of classes that show it.
        states: u64,
    },
    /// No timing has such a span.
    Never {
        /// The number of classes that show it.
        states: u64,
    },
    /// A limit was met before it was clear.
    Unknown {
        /// Which.
        limit: String,
    },
}

/// An extreme of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// How long it is.
    pub span: Span,
    /// Whether some run attains it. Else there is no end to it, or it is a bound: clocks are read that may have ticked many times
    /// since they were read last, and no run was found that does.
    pub attained: bool,
    /// Of which event of its kind it is, from 1; 0 if the stretch is not about single events.
    slot: u64,
}

/// What can make a difference to `stretches`.
fn world_for(prepared: &Prepared<'_>, stretches: &[Stretch]) -> World {
    let system = &prepared.case.system;
    let kinds = || stretches.iter().flat_map(|stretch| [stretch.from, stretch.to]);
    let named = |task: TaskId, step: u16| kinds().any(|kind| kind == FactKind::Did(task, step));
    match kinds().map(FactKind::seen_at).max() {
        None | Some(SeenAt::Server) => World::deaf(&without_idle_comments(&without_reactions(system), named)),
        Some(SeenAt::Link) => {
            World::heard_by(&without_idle_comments(&without_reactions(system), named), heard(stretches))
        }
        Some(SeenAt::Client) => World::heard_by(&without_idle_comments(system, named), heard(stretches)),
    }
}

/// The clients that `stretches` are about, a bit each.
fn heard(stretches: &[Stretch]) -> u32 {
    let kinds = stretches.iter().flat_map(|stretch| [stretch.from, stretch.to]);
    let kinds = kinds.filter(|kind| kind.seen_at() > SeenAt::Server);
    kinds.fold(0, |mask, kind| mask | kind.client().map_or(u32::MAX, |client| 1 << client.0))
}

/// The exact least and greatest span of each of `stretches` over every timing.
pub fn spans(prepared: &Prepared<'_>, stretches: &[Stretch], budget: Budget<'_>) -> Vec<Spans> {
    let world = world_for(prepared, stretches);
    let gauge = Gauge::new(stretches);
    budget.ask(|limits| {
        let mut exploration = Exploration::of(&world, &gauge, limits);
        exploration.measure();
        let found = exploration.explored().clone();
        let limit = found.limit.map(|limit| met(budget, &exploration, &limit).1);
        let states = found.classes as u64;
        let mut of = |place: usize| {
            if let Some(limit) = &limit {
                return Spans::Unknown { limit: limit.clone() };
            }
            let mut end = |span: Span, slot: u64, goal: Goal| {
                let attained =
                    !found.loose.contains(&slot) || exploration.find(&prepared.world, goal).is_ok();
                End { span, attained: attained && span != Span::NEVER, slot: Stretch::number_of_slot(slot) }
            };
            let spans = || found.delays.iter().filter(|(slot, _)| Stretch::of_slot(**slot) == place);
            let least = spans().map(|(&slot, &(span, _))| (span, slot)).min();
            let greatest = spans().map(|(&slot, &(_, span))| (span, slot)).max();
            let (Some((least, first)), Some((greatest, last))) = (least, greatest) else {
                return Spans::Never { states };
            };
            Spans::Exact {
                least: end(least, first, Goal::AtMost(first, least)),
                greatest: end(greatest, last, Goal::AtLeast(last, greatest)),
                states,
            }
        };
        (0..stretches.len()).map(&mut of).collect()
    })
}

/// A run that attains an end of `stretch`, the greatest or the least; `None` if none was found that
/// can be replayed.
///
/// # Errors
/// The judge of traces refuses it: a bug of ours.
pub fn attaining(
    prepared: &Prepared<'_>,
    stretch: Stretch,
    (end, greatest): (End, bool),
    budget: Budget<'_>,
) -> Result<Option<Counterexample>, Disagreement> {
    let goal = if greatest { Goal::AtLeast(end.slot, end.span) } else { Goal::AtMost(end.slot, end.span) };
    let stretches = [stretch];
    let world = world_for(prepared, &stretches);
    found_in(prepared, &world, &Gauge::new(&stretches), goal, budget).map(Result::ok)
}

/// Whether runs were found that attain the least and the greatest of `stretch`. They have been made.
pub fn attained(
    prepared: &Prepared<'_>,
    stretch: Stretch,
    (least, greatest): (End, End),
    budget: Budget<'_>,
) -> (bool, bool) {
    let stretches = [stretch];
    let (world, gauge) = (world_for(prepared, &stretches), Gauge::new(&stretches));
    budget.ask(|limits| {
        let mut exploration = Exploration::of(&world, &gauge, limits);
        let least = exploration.find(&prepared.world, Goal::AtMost(least.slot, least.span)).is_ok();
        let most = Goal::AtLeast(greatest.slot, greatest.span);
        (least, greatest.span != Span::NEVER && exploration.find(&prepared.world, most).is_ok())
    })
}

/// Whether some timing has a fact of this kind; `None` if a limit was met before it was clear.
pub fn happens(prepared: &Prepared<'_>, kind: FactKind, budget: Budget<'_>) -> Option<bool> {
    let world = world_for(prepared, &[Stretch { from: kind, to: kind }]);
    let found = budget.ask(|limits| explore::every_timing(&world, &Sighting::of(kind), limits));
    if found.broken != 0 { Some(true) } else { found.limit.is_none().then_some(false) }
}

/// The exact delays of deliveries, in the order of `delays`: one search for each client.
pub fn deliveries(prepared: &Prepared<'_>, delays: &[Delays], budget: Budget<'_>) -> Vec<Spans> {
    let mut all = vec![Spans::Never { states: 0 }; delays.len()];
    let clients = prepared.case.system.clients.len();
    for client in (0..clients).map(|client| ClientId(client as u8)) {
        let places: Vec<usize> = (0..delays.len()).filter(|&place| delays[place].client == client).collect();
        let stretches: Vec<Stretch> =
            places.iter().map(|&place| Stretch::delivery(delays[place].event, client)).collect();
        for (place, spans) in places.into_iter().zip(spans(prepared, &stretches, budget)) {
            all[place] = spans;
        }
    }
    all
}

pub(crate) fn found_in<J: Monitor<Fact>>(
    prepared: &Prepared<'_>,
    world: &World,
    monitor: &J,
    goal: Goal,
    budget: Budget<'_>,
) -> Result<Result<Counterexample, NotFound>, Disagreement> {
    match budget.ask(|limits| Exploration::of(world, monitor, limits).find(&prepared.world, goal)) {
        Ok(found) => counterexample_of(prepared, found).map(Ok),
        Err(why) => Ok(Err(why)),
    }
}

fn counterexample_of(prepared: &Prepared<'_>, found: Found<World>) -> Result<Counterexample, Disagreement> {
    let counterexample = counterexample::of_trace(prepared, found.trace)?;
    Ok(Counterexample { gap: Some(found.gap), ..counterexample })
}
