//! A scenario and its cases: the base, each variant and each combination, compiled.
//!
//! This is what the rest of the workspace sees of a file. Whoever holds one knows that nothing is
//! wrong with it.

use punctual_model::{Part, Rule, System, TaskId};

use crate::file::File;
use crate::form::{Expectations, Text};
use crate::idle::Idle;
use crate::names::BASE;
use crate::problem::{Findings, Problem, Problems};

/// A scenario file, compiled.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// The base, then the variants and then the combinations in the order of the file.
    pub cases: Vec<Case>,
    /// The variants that are proposed as fixes, in the order in which they are recommended.
    pub fixes: Vec<String>,
    /// What the base declares and does not use.
    pub(crate) unused: Vec<Problem>,
    label: String,
    text: String,
}

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
    pub step: u16,
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

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Place {
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        Self { line, column: before[line_start..].chars().count() + 1 }
    }
}

impl Scenario {
    /// Parses and compiles the text of a scenario file; `label` is what errors call the file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(label: &str, text: &str) -> Result<Self, Problems> {
        let findings = Findings::new(label, text);
        let file = File::read(&findings)?;
        let (cases, unused) = file.cases();
        findings.so_far()?;
        Ok(Self {
            name: file.form.scenario.value.clone(),
            about: file.form.about.value.clone(),
            cases,
            fixes: file.form.fixes.iter().map(|name| name.value.clone()).collect(),
            unused,
            label: label.to_owned(),
            text: text.to_owned(),
        })
    }

    /// The base, or the variant or combination of this name if the file lists it.
    pub fn case(&self, variant: Option<&str>) -> Option<&Case> {
        self.cases.iter().find(|case| case.variant.as_deref() == variant)
    }

    /// Whether `names` names a case: [`BASE`], or variants of this file, joined with `+`.
    pub fn knows(&self, names: &str) -> bool {
        let known = |name: &str| self.case(Some(name)).is_some();
        names == BASE || names.split('+').map(str::trim).all(known)
    }

    /// The case called `names`: [`BASE`] for the file as it is written, a variant, or a
    /// combination such as `fix-1+fix-3`, whether the file lists it or not. The file says
    /// nothing of one that it does not list, so there either result of a check will do.
    ///
    /// # Errors
    /// The variants do not exist, contradict each other, or are not named in the file's order.
    pub fn combine(&self, names: &str) -> Result<Case, Problems> {
        if let Some(case) = self.case(Some(names).filter(|names| *names != BASE)) {
            return Ok(case.clone());
        }
        let findings = Findings::new(&self.label, &self.text);
        let file = File::read(&findings)?;
        let key = Text { at: findings.given(format!("--variant {names}")), value: names.to_owned() };
        let base = file.compile_base();
        let made = file.combination(&key, None, &Expectations::default(), &base);
        findings.so_far()?;
        let mut case = made.expect("a combination without problems compiles").case;
        for check in &mut case.checks {
            (check.expected, check.stated) = (None, false);
        }
        Ok(case)
    }

    /// What errors call the file.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        &self.text
    }
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
