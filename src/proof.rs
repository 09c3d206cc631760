//! What every timing says of a case, where sampling only watched some.
//!
//! The same machine and the same ledger are explored. What no invariant in question can see is left
//! out before (`model/src/slice.rs`), since each alarm that stays pending multiplies the classes. A
//! counterexample that exploring finds has been run by the ordinary driver before it gets here.

use punctual_model::{
    Clerk, Order, Plan, Rule, TaskId, World, seen_without_clients, without_events, without_idle_comments,
};
use punctual_sim::explore::{self, Goal, NotFound};
use punctual_sim::{Monitor, TraceOf};

use crate::budget::{Budget, Cause};
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
        /// Which, and how far exploring got.
        limit: String,
        /// The kind of limit.
        cause: Cause,
    },
}

/// What exploring all of a case's questions comes to.
pub struct Explored {
    /// What every timing says of each invariant, by its place in the plan.
    pub proved: Vec<Proved>,
    /// The number of classes that were kept, over all questions; or the first limit that was met.
    pub states: Result<u64, (Cause, String)>,
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
    /// A limit was met before it was clear: which, and how far exploring got.
    Unknown(String),
}

/// What is explored for some of a case's invariants.
struct Question {
    /// The places of the invariants in the case's plan.
    places: Vec<usize>,
    plan: Plan,
    world: World,
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

/// Explores each of a case's questions.
pub fn explore(prepared: &Prepared<'_>, budget: Budget<'_>) -> Explored {
    let unknown = |(cause, limit): (Cause, String)| Proved::Unknown { limit, cause };
    let unasked = || unknown((Cause::Other, "it was not asked".into()));
    let mut proved: Vec<Proved> = prepared.plan.rules().iter().map(|_| unasked()).collect();
    let mut all = Ok(0);
    for Question { places, plan, world } in questions(prepared) {
        let found = budget.ask(|limits| explore::every_timing(&world, &Clerk::new(&plan), limits));
        let states = found.classes as u64;
        all = match (all, &found.limit) {
            (Ok(known), None) => Ok(known + states),
            (Ok(_), Some(limit)) => Err(budget.met(limit)),
            (Err(first), _) => Err(first),
        };
        for (bit, &place) in places.iter().enumerate() {
            proved[place] = match &found.limit {
                _ if found.broken >> bit & 1 == 1 => Proved::Broken { states },
                Some(limit) => unknown(budget.met(limit)),
                None if found.endless && judged_at_the_end(plan.rules()[bit]) => {
                    unknown((Cause::Other, "runs that may go on for ever".into()))
                }
                None => Proved::Holds { states },
            };
        }
    }
    Explored { proved, states: all }
}

/// The classes and successors that exploring a case takes, over all questions.
pub fn size(prepared: &Prepared<'_>, budget: Budget<'_>) -> (u64, u64) {
    let explored = questions(prepared).into_iter().map(|question| {
        budget.ask(|limits| explore::every_timing(&question.world, &Clerk::new(&question.plan), limits))
    });
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

/// A run with the fewest events that breaks the invariant at `place`, or why there is none: it was
/// not found within the limits, or what was found cannot be replayed.
///
/// # Errors
/// The judge of traces refuses it: a bug of ours.
pub fn counterexample(
    prepared: &Prepared<'_>,
    place: usize,
    budget: Budget<'_>,
) -> Result<Result<Counterexample, NotFound>, Disagreement> {
    for Question { places, plan, world } in questions(prepared) {
        let Some(bit) = places.iter().position(|known| *known == place) else { continue };
        return found_in(prepared, &world, &Clerk::new(&plan), Goal::Breaks(1 << bit), budget);
    }
    Ok(Err(NotFound::None))
}

/// Whether some timing contains the named order at `place`.
///
/// # Errors
/// The judge of traces refuses what was found: a bug of ours.
pub fn order(prepared: &Prepared<'_>, place: usize, budget: Budget<'_>) -> Result<OrderProved, Disagreement> {
    let order = &prepared.orders[place];
    let named = |task: TaskId, step: u16| order.steps().iter().any(|at| (at.task, at.step) == (task, step));
    let slice = without_idle_comments(&prepared.case.system, named);
    // A client reaches nothing on the server's side, where all steps are.
    let world = World::deaf(&slice);
    let all = budget.ask(|limits| explore::every_timing(&world, &order.matcher(), limits));
    if all.broken != 0 {
        // With clients, so that what the order leads to can be judged.
        let found = found_in(prepared, &world, &order.matcher(), Goal::Breaks(1), budget)?;
        return Ok(match found {
            Ok(found) => OrderProved::Possible(Box::new(found)),
            Err(NotFound::Limit(limit)) => OrderProved::Unknown(budget.met(&limit).1),
            Err(NotFound::None | NotFound::NotReplayed(_)) => {
                OrderProved::Unknown("what contains it, which could not be replayed".into())
            }
        });
    }
    if let Some(limit) = &all.limit {
        return Ok(OrderProved::Unknown(budget.met(limit).1));
    }
    for count in 1..order.steps().len() {
        let beginning = Order::new(order.steps()[..count].to_vec()).expect("it is shorter than the whole");
        let found = budget.ask(|limits| explore::every_timing(&world, &beginning.matcher(), limits));
        match &found.limit {
            _ if found.broken != 0 => {}
            Some(limit) => return Ok(OrderProved::Unknown(budget.met(limit).1)),
            None => return Ok(OrderProved::Impossible { states: all.classes as u64, reached: count - 1 }),
        }
    }
    Ok(OrderProved::Impossible { states: all.classes as u64, reached: order.steps().len() - 1 })
}

fn found_in<J: Monitor<punctual_model::Fact>>(
    prepared: &Prepared<'_>,
    world: &World,
    monitor: &J,
    goal: Goal,
    budget: Budget<'_>,
) -> Result<Result<Counterexample, NotFound>, Disagreement> {
    let found: Result<TraceOf<World>, NotFound> =
        budget.ask(|limits| explore::find_in(world, &prepared.world, monitor, goal, limits));
    match found {
        Ok(trace) => counterexample::of_trace(prepared, trace).map(Ok),
        Err(why) => Ok(Err(why)),
    }
}
