//! What every timing says of a case, where sampling only watched some.
//!
//! The same machine and the same ledger are explored. What no invariant in question can see is left
//! out before (`model/src/slice.rs`), since each alarm that stays pending multiplies the classes. A
//! counterexample that exploring finds has been run by the ordinary driver before it gets here.

use punctual_model::{
    Clerk, FactKind, Order, Plan, Rule, SeenAt, Stretch, TaskId, World, seen_without_clients, without_events,
    without_idle_comments, without_reactions,
};
use punctual_sim::explore::{self, Goal, Limits, NotFound};
use punctual_sim::{Monitor, Span, TraceOf};

use crate::counterexample::{self, Counterexample, Disagreement};
use crate::sampling::Prepared;

/// The most classes of one search, unless told otherwise.
pub const STATES: usize = 200_000;

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
        /// Which.
        limit: String,
    },
}

/// What every timing says of a named order.
pub enum OrderProved {
    /// Some timing contains it: here is one.
    Possible(Box<Counterexample>),
    /// None does.
    Impossible {
        /// The number of classes that show it.
        states: u64,
        /// How many of its steps, from the first on, some timing contains.
        reached: usize,
    },
    /// A limit was met before it was clear.
    Unknown,
}

/// What is explored for some of a case's invariants.
struct Question {
    /// The places of the invariants in the case's plan.
    places: Vec<usize>,
    plan: Plan,
    world: World,
}

fn limits(states: usize) -> Limits {
    Limits { classes: states, bounds: states.saturating_mul(100), successors: states as u64 * 50 }
}

/// The questions that take fewest classes: counting reads is asked apart from all else, because each
/// count is a state of its own, and without clients and events, which it does not depend on.
fn questions(prepared: &Prepared<'_>) -> Vec<Question> {
    let system = &prepared.case.system;
    let rules = prepared.plan.rules();
    let counts = |place: &usize| matches!(rules[*place], Rule::BoundedRequests(_));
    let (counted, others): (Vec<usize>, Vec<usize>) = (0..rules.len()).partition(counts);
    [others, counted]
        .into_iter()
        .filter(|places| !places.is_empty())
        .map(|places| {
            let asked: Vec<Rule> = places.iter().map(|&place| rules[place]).collect();
            let slice = without_idle_comments(system, |_, _| false);
            let world = if seen_without_clients(&asked) {
                World::deaf(&without_events(&slice).unwrap_or(slice))
            } else {
                World::new(&slice)
            };
            Question { places, plan: Plan::new(system, &asked), world }
        })
        .collect()
}

/// What every timing says of each invariant, by its place in the plan; at most `states` classes are
/// kept for a question.
pub fn explore(prepared: &Prepared<'_>, states: usize) -> Vec<Proved> {
    let unasked = || Proved::Unknown { limit: "it was not asked".into() };
    let mut proved: Vec<Proved> = prepared.plan.rules().iter().map(|_| unasked()).collect();
    for Question { places, plan, world } in questions(prepared) {
        let found = explore::every_timing(&world, &Clerk::new(&plan), limits(states));
        for (bit, &place) in places.iter().enumerate() {
            let states = found.classes as u64;
            proved[place] = match &found.limit {
                _ if found.broken >> bit & 1 == 1 => Proved::Broken { states },
                Some(limit) => Proved::Unknown { limit: limit.to_string() },
                None if found.endless && judged_at_the_end(plan.rules()[bit]) => {
                    Proved::Unknown { limit: "runs that may go on for ever".into() }
                }
                None => Proved::Holds { states },
            };
        }
    }
    proved
}

/// The classes and successors that exploring a case takes, over all questions.
pub fn size(prepared: &Prepared<'_>, states: usize) -> (u64, u64) {
    let explored = questions(prepared)
        .into_iter()
        .map(|question| explore::every_timing(&question.world, &Clerk::new(&question.plan), limits(states)));
    explored.fold((0, 0), |(classes, successors), found| {
        (classes + found.classes as u64, successors + found.successors)
    })
}

/// Whether it takes the end of a run to say that a rule is broken.
fn judged_at_the_end(rule: Rule) -> bool {
    match rule {
        Rule::NoEventLost
        | Rule::ClientNeverTimesOut
        | Rule::StreamEnds(_)
        | Rule::NoEarlyEnd
        | Rule::DeliveredWithin(_)
        | Rule::ShownRight
        | Rule::ClientEnds => true,
        Rule::NoDuplicate
        | Rule::InOrder
        | Rule::DurableBeforeAnnounced
        | Rule::NoPhantom
        | Rule::BoundedRequests(_) => false,
    }
}

/// A run with the fewest events that breaks the invariant at `place`; `None` if none was found within
/// the limit, or what was found cannot be replayed.
///
/// # Errors
/// The judge of traces refuses it: a bug of ours.
pub fn counterexample(
    prepared: &Prepared<'_>,
    place: usize,
    states: usize,
) -> Result<Option<Counterexample>, Disagreement> {
    for Question { places, plan, world } in questions(prepared) {
        let Some(bit) = places.iter().position(|known| *known == place) else { continue };
        return found_in(prepared, &world, &Clerk::new(&plan), Goal::Breaks(1 << bit), states);
    }
    Ok(None)
}

/// Whether some timing contains the named order at `place`.
///
/// # Errors
/// The judge of traces refuses what was found: a bug of ours.
pub fn order(prepared: &Prepared<'_>, place: usize, states: usize) -> Result<OrderProved, Disagreement> {
    let order = &prepared.orders[place];
    let named = |task: TaskId, step: u16| order.steps().iter().any(|at| (at.task, at.step) == (task, step));
    let slice = without_idle_comments(&prepared.case.system, named);
    // A client reaches nothing on the server's side, where all steps are.
    let world = World::deaf(&slice);
    let all = explore::every_timing(&world, &order.matcher(), limits(states));
    if all.broken != 0 {
        // With clients, so that what the order leads to can be judged.
        let found = found_in(prepared, &world, &order.matcher(), Goal::Breaks(1), states)?;
        return Ok(found.map_or(OrderProved::Unknown, |found| OrderProved::Possible(Box::new(found))));
    }
    if all.limit.is_some() {
        return Ok(OrderProved::Unknown);
    }
    let possible = |count: &usize| {
        let beginning = Order::new(order.steps()[..*count].to_vec()).expect("it is shorter than the whole");
        explore::every_timing(&world, &beginning.matcher(), limits(states)).broken != 0
    };
    let reached = (1..order.steps().len()).take_while(possible).count();
    Ok(OrderProved::Impossible { states: all.classes as u64, reached })
}

/// The exact least and greatest span of a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spans {
    /// Between these, over every timing; `None` if none is the greatest.
    Exact {
        /// The least.
        least: Span,
        /// The greatest.
        greatest: Option<Span>,
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

/// What can make a difference to `stretch`.
fn world_for(prepared: &Prepared<'_>, stretch: Stretch) -> World {
    let system = &prepared.case.system;
    let named = |task: TaskId, step: u16| {
        let is = |kind: FactKind| kind == FactKind::Did(task, step);
        is(stretch.from) || is(stretch.to)
    };
    match stretch.from.seen_at().max(stretch.to.seen_at()) {
        SeenAt::Server => World::deaf(&without_idle_comments(&without_reactions(system), named)),
        SeenAt::Link => {
            let slice = without_idle_comments(&without_reactions(system), named);
            World::heard_by(&slice, heard(stretch))
        }
        SeenAt::Client => World::heard_by(&without_idle_comments(system, named), heard(stretch)),
    }
}

/// The clients that `stretch` is about, a bit each.
fn heard(stretch: Stretch) -> u32 {
    let kinds = [stretch.from, stretch.to].into_iter().filter(|kind| kind.seen_at() > SeenAt::Server);
    kinds.fold(0, |mask, kind| mask | kind.client().map_or(u32::MAX, |client| 1 << client.0))
}

/// The exact least and greatest span of `stretch` over every timing.
pub fn spans(prepared: &Prepared<'_>, stretch: Stretch, states: usize) -> Spans {
    let world = world_for(prepared, stretch);
    let found = explore::every_timing(&world, &stretch.gauge(), limits(states));
    let states = found.classes as u64;
    if let Some(limit) = found.limit {
        return Spans::Unknown { limit: limit.to_string() };
    }
    let spans = || found.delays.values();
    match (spans().map(|(least, _)| *least).min(), spans().map(|(_, greatest)| *greatest).max()) {
        (Some(least), Some(greatest)) => {
            Spans::Exact { least, greatest: Some(greatest).filter(|span| *span != Span::NEVER), states }
        }
        (None, _) | (_, None) => Spans::Never { states },
    }
}

fn found_in<J: Monitor<punctual_model::Fact>>(
    prepared: &Prepared<'_>,
    world: &World,
    monitor: &J,
    goal: Goal,
    states: usize,
) -> Result<Option<Counterexample>, Disagreement> {
    let found: Result<TraceOf<World>, NotFound> =
        explore::find_in(world, &prepared.world, monitor, goal, limits(states));
    found.ok().map(|trace| counterexample::of_trace(prepared, trace)).transpose()
}
