//! A case of a scenario, compiled: a system, and what is claimed of it.

use punctual_model::{OrderId, Part, Rule, RuleId, StepId, System, TaskId};

use crate::idle::Idle;
use crate::placed::Place;

/// One system to run, and what is expected of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The variant or combination; `None` for the base.
    pub variant: Option<String>,
    /// What it shows; may be empty for a variant.
    pub about: String,
    /// The system.
    pub system: System,
    /// What is checked, in the order of [`Rule::NAMES`].
    pub checks: Vec<Check>,
    /// How many states exploring every timing keeps; nothing is expected of them if none.
    pub states: Option<States>,
    /// What should come into play, and where the file has it: steps, timers, reactions, lines that the variant sets.
    pub parts: Vec<(Part, Place)>,
    /// What the file says never does.
    pub idle: Vec<Idle>,
    /// The orders of steps that are claimed of this case.
    pub interleavings: Vec<Interleaving>,
    /// 16 hex digits that stand for the text of the file and the variant.
    pub digest: String,
}

impl Case {
    /// The check of the invariant at `place`.
    pub fn check(&self, place: RuleId) -> &Check {
        &self.checks[place.0]
    }

    /// The places of all invariants that are checked, in order.
    pub fn rules(&self) -> impl Iterator<Item = RuleId> + use<> {
        (0..self.checks.len()).map(RuleId)
    }

    /// The place of the invariant of this name, if it is checked.
    pub fn rule_named(&self, name: &str) -> Option<RuleId> {
        self.checks.iter().position(|check| check.rule.name() == name).map(RuleId)
    }

    /// The order of steps at `place`.
    pub fn interleaving(&self, place: OrderId) -> &Interleaving {
        &self.interleavings[place.0]
    }

    /// The places of all orders of steps, in order.
    pub fn orders(&self) -> impl Iterator<Item = OrderId> + use<> {
        (0..self.interleavings.len()).map(OrderId)
    }
}

/// An invariant that is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The invariant.
    pub rule: Rule,
    /// What is expected of it; `None` if either result will do.
    pub expected: Option<Expected>,
    /// Whether the file says what is expected, if only that either result will do. It says nothing
    /// of combinations that it does not list.
    pub stated: bool,
    /// Where the file says so.
    pub place: Place,
}

/// How many states are expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct States {
    /// How many, over all questions that are explored.
    pub count: u64,
    /// Where the file says so.
    pub place: Place,
}

/// What is expected of an invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It holds in every run.
    Holds,
    /// Some run breaks it.
    Violated,
}

/// An order of steps, and what is claimed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interleaving {
    /// Its name.
    pub name: String,
    /// The steps, in the order in which they have their effects.
    pub order: Vec<StepRef>,
    /// What is claimed of runs with this order.
    pub outcome: Outcome,
    /// Where the file says so.
    pub place: Place,
}

/// A step of a task, perhaps at one of the times that it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRef {
    /// The task.
    pub task: TaskId,
    /// Counts the task's `steps` and then its `otherwise`.
    pub step: StepId,
    /// The how-manieth time in a run, from 1; `None` for any.
    pub occurrence: Option<u32>,
    /// `TASK.STEP`, as the file has it.
    pub name: String,
}

/// What is claimed of an order of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No timing allows it.
    Impossible,
    /// Some timing allows it.
    Possible {
        /// Invariants that such runs break.
        breaks: Vec<Rule>,
        /// Invariants that such runs keep.
        keeps: Vec<Rule>,
    },
}

/// FNV-1a (64 bits) of the text with plain line ends, and of the variant's name, or whatever else sets it apart.
pub fn digest(text: &str, variant: Option<&str>) -> String {
    let text = text.replace("\r\n", "\n");
    let bytes = text.bytes().chain([0]).chain(variant.unwrap_or("").bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
