//! One step of a task: what it does, when it is taken, and how its time passes.

use punctual_sim::{Choice, Delay, Interval, Span};

use super::{Action, StatusSet, StoreId};

/// One step of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name within the task, e.g. `publish#2`.
    pub name: String,
    /// What it does.
    pub action: Action,
    /// All must hold when the step begins, else it is passed over.
    pub guards: Vec<Guard>,
    /// Outcome 1 takes the step, outcome 0 passes it over.
    pub chance: Option<Choice>,
    /// How its time passes.
    pub time: StepTime,
}

/// How the time of a step passes.
#[derive(Clone, Debug, PartialEq)]
pub enum StepTime {
    /// No time passes.
    Instant,
    /// The task awaits this long; the effect is as of the end. Then it goes on, or after another
    /// wait for the answer to return.
    Takes(Delay, Option<Delay>),
    /// The whole event loop stands still this long; the effect is as of the end.
    Blocks(Delay),
}

/// A condition on a step. The list is closed on purpose: there is no expression language.
#[derive(Clone, Debug, PartialEq)]
pub enum Guard {
    /// What is announced was not sent on this connection, in any copy.
    Unsent,
    /// The status read last is one of these, and an earlier read on this connection differed.
    ChangedTo(StatusSet),
    /// The status read last is one of these, and at that read had been for at least this long.
    Is(StatusSet, Option<Delay>),
    /// More rows were read than the count kept from before; either way the count is kept.
    CountAbove,
    /// The last comment is at least this long ago (so is the start of the task).
    NoneWithin(Delay),
    /// No event of the announced kind is in the store with an id above the cursor less this many.
    NoneWithinIds(StoreId, u32),
    /// The client that connected named the last event that it has.
    Resumed,
    /// It named none.
    Fresh,
}

impl Step {
    /// The shortest and longest time that the step itself can take, where that does not depend on
    /// a table or a signal.
    pub fn interval(&self) -> Interval {
        match &self.time {
            StepTime::Instant => Interval::fixed(Span::ZERO),
            StepTime::Takes(delay, None) | StepTime::Blocks(delay) => delay.interval(),
            StepTime::Takes(delay, Some(returns)) => Interval {
                min: delay.interval().min + returns.interval().min,
                max: delay.interval().max + returns.interval().max,
            },
        }
    }
}
