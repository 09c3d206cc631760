//! Whether a named order of steps is possible; if not, why.
//!
//! First without delays: what no order of events contains, no timing does. Then among all timings. Of an
//! order that is refused, a reason is looked for: after the steps that can happen, another step of the
//! order always comes before the one that is due. It comes within some time, by the greatest its delays
//! can be, and the other needs more, by the least that its own can be.

use std::fmt;

use punctual_model::{
    Order, OrderId, OrderWait, StepAt, StepId, System, TaskId, World, without_idle_comments,
};
use punctual_sim::Span;
use punctual_sim::explore::{self, Goal, NotFound, Query};
use punctual_sim::untimed::{self, Most, Possible};

use crate::budget::Budget;
use crate::counterexample::{Counterexample, Disagreement};
use crate::proof::found_in;
use crate::sampling::Prepared;

/// What enumerating orders without delays may take.
const MOST: Most = Most { states: 200_000, bytes: 500_000_000 };

/// What every timing says of a named order.
pub enum OrderProved {
    /// Some timing contains it: here is one.
    Possible(Box<Counterexample>),
    /// None does.
    Impossible(Impossible),
    /// A limit was met before it was clear: which, and how far exploring got.
    Unknown(String),
}

/// An order that no timing contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The number of states that show it.
    pub states: u64,
    /// How many of its steps, from the first on, can happen without another of them between.
    pub reached: usize,
    /// Why the next one cannot follow.
    pub why: Why,
}

/// Why a step cannot follow those before it in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No order of events has it there, whatever the delays.
    WhateverTheDelays,
    /// It never happens after them, or never at all.
    NeverFollows,
    /// Another step of the order comes first.
    TooLate {
        /// The step after which both come.
        after: String,
        /// The one that comes first, at the latest.
        first: Waits,
        /// The one that is due, at the earliest.
        then: Waits,
    },
    /// It takes more than two chains of delays to say.
    Unclear,
}

/// How long it takes until a step happens, and what that is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// The step.
    pub step: String,
    /// How long.
    pub span: Span,
    /// The delays whose sum that is, as far as delays are.
    pub delays: Vec<(String, Span)>,
}

/// Whether some timing contains the named order at `place`.
///
/// # Errors
/// The judge of traces refuses what was found: a bug of ours.
pub fn order(
    prepared: &Prepared<'_>,
    place: OrderId,
    budget: Budget<'_>,
) -> Result<OrderProved, Disagreement> {
    let order = &prepared.orders[place.0];
    let untimed = in_any_order(prepared, place);
    if let Possible::Never { reached, states } = untimed {
        let why = Why::WhateverTheDelays;
        return Ok(OrderProved::Impossible(Impossible { states: states as u64, reached, why }));
    }
    let named =
        |task: TaskId, step: StepId| order.steps().iter().any(|at| (at.task, at.step) == (task, step));
    let cone = without_idle_comments(&prepared.case.system, named);
    // All steps are on the server's side, and what no system that goes on contains, no run does that ends.
    let world = World::of_server(&System { ends: None, ..cone.clone() });
    let all = budget.ask(|limits| explore::every_timing(&world, &order.matcher(), limits));
    if all.broken != 0 {
        // With clients, so that what the order leads to can be judged.
        match found_in(prepared, &world, &order.matcher(), Goal::Breaks(1), budget)? {
            Ok(found) => return Ok(OrderProved::Possible(Box::new(found))),
            Err(NotFound::Limit(limit)) => return Ok(OrderProved::Unknown(budget.met(&limit).1)),
            Err(NotFound::NotReplayed(why)) if prepared.unending.is_none() => {
                return Ok(OrderProved::Unknown(format!("what contains it: {why}")));
            }
            Err(NotFound::NotReplayed(_)) => return before_the_end(prepared, place, &cone, budget),
            // Only a clock that ticks as it likes would allow it.
            Err(NotFound::None) => {}
        }
    }
    if let Some(limit) = &all.limit {
        return Ok(OrderProved::Unknown(budget.met(limit).1));
    }
    let mut reached = 0;
    while reached + 1 < order.steps().len() {
        let beginning = order.beginning(reached + 1);
        let found = budget.ask(|limits| explore::every_timing(&world, &beginning, limits));
        match &found.limit {
            _ if found.broken != 0 => reached += 1,
            Some(limit) => return Ok(OrderProved::Unknown(budget.met(limit).1)),
            None => break,
        }
    }
    let why = Reason { prepared, order, world: &world, budget, reached }.why();
    Ok(OrderProved::Impossible(Impossible { states: all.classes as u64, reached, why }))
}

/// Whether some run contains the order before it ends, where the system that goes on does.
fn before_the_end(
    prepared: &Prepared<'_>,
    place: OrderId,
    cone: &System,
    budget: Budget<'_>,
) -> Result<OrderProved, Disagreement> {
    let order = &prepared.orders[place.0];
    let found = found_in(prepared, &World::of_server(cone), &order.matcher(), Goal::Breaks(1), budget)?;
    Ok(match found {
        Ok(found) => OrderProved::Possible(Box::new(found)),
        Err(NotFound::None) => {
            OrderProved::Unknown("the end of the run, and it is possible beyond that".into())
        }
        Err(NotFound::Limit(limit)) => OrderProved::Unknown(budget.met(&limit).1),
        Err(NotFound::NotReplayed(why)) => OrderProved::Unknown(format!("what contains it: {why}")),
    })
}

/// Whether the named order at `place` is possible if delays may be as long as they like.
pub fn in_any_order(prepared: &Prepared<'_>, place: OrderId) -> Possible {
    let (world, matcher) = (&prepared.world, prepared.orders[place.0].matcher());
    if prepared.case.system.is_one_way() {
        untimed::search(world.backend(), matcher, MOST)
    } else {
        untimed::search(world, matcher, MOST)
    }
}

/// What a reason is looked for in.
struct Reason<'r> {
    prepared: &'r Prepared<'r>,
    order: &'r Order,
    world: &'r World,
    budget: Budget<'r>,
    reached: usize,
}

impl Reason<'_> {
    /// The reason nearest to where the order is refused: some other step may have come in time only in
    /// runs in which what follows never happens.
    fn why(&self) -> Why {
        let mut late = (1..=self.reached).rev().filter_map(|reached| self.too_late(reached));
        if let Some(why) = late.next() {
            return why;
        }
        let next = self.order.steps()[self.reached];
        let never = self.reached == 0 || self.wait(self.reached, next) == Ok(None);
        if never { Why::NeverFollows } else { Why::Unclear }
    }

    /// Whether the step after the first `reached` ones always comes after another one that is named.
    fn too_late(&self, reached: usize) -> Option<Why> {
        let steps = self.order.steps();
        let next = steps[reached];
        let (least, _) = self.wait(reached, next).ok()??;
        let mut others: Vec<StepAt> = Vec::new();
        for step in steps {
            let same = |other: &StepAt| (other.task, other.step) == (step.task, step.step);
            if !same(&next) && !others.iter().any(same) {
                others.push(*step);
            }
        }
        let latest = |other: &StepAt| Some((self.wait(reached, *other).ok()??.1, *other));
        let (latest, first) = others.iter().filter_map(latest).filter(|(latest, _)| *latest < least).min()?;
        Some(Why::TooLate {
            after: self.name(steps[reached - 1]),
            first: self.waits(reached, first, (Goal::AtLeast(OrderWait::SINCE, latest), latest)),
            then: self.waits(reached, next, (Goal::AtMost(OrderWait::SINCE, least), least)),
        })
    }

    /// How long after the first `reached` steps `step` happens, at the earliest and the latest.
    fn wait(&self, reached: usize, step: StepAt) -> Result<Option<(Span, Span)>, ()> {
        let wait = self.order.wait(reached, step);
        let found = self.budget.ask(|limits| explore::every_timing(self.world, &wait, limits));
        if found.limit.is_some() { Err(()) } else { Ok(found.delays.get(&OrderWait::SINCE).copied()) }
    }

    fn waits(&self, reached: usize, step: StepAt, (goal, span): (Goal, Span)) -> Waits {
        let wait = self.order.wait(reached, step);
        let chain = self.budget.ask(|limits| Query::rules(self.world, &wait, limits).answer().chain(goal));
        let named = chain.unwrap_or_default().into_iter().map(|(name, span)| (name.text().to_owned(), span));
        Waits { step: self.name(step), span, delays: named.filter(|(_, span)| *span > Span::ZERO).collect() }
    }

    fn name(&self, step: StepAt) -> String {
        self.prepared.case.system.step_name(step.task, step.step)
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let delays: Vec<String> = self.delays.iter().map(|(name, span)| format!("{name} {span}")).collect();
        write!(f, "{}", self.span)?;
        if delays.is_empty() { Ok(()) } else { write!(f, " ({})", delays.join(" + ")) }
    }
}

impl Impossible {
    /// Why, in words; `next` is the step that cannot follow.
    pub fn reason(&self, next: &str) -> Option<String> {
        match &self.why {
            Why::WhateverTheDelays => Some(format!("nothing lets {next} happen there, whatever the delays")),
            Why::NeverFollows => Some(format!("{next} never happens there")),
            Why::TooLate { after, first, then } => Some(format!(
                "after {after}, {} comes within {first}, and {} needs {then} at least",
                first.step, then.step
            )),
            Why::Unclear => None,
        }
    }
}
