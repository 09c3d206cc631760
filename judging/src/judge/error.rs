//! Why a scenario could not be judged, and how that is said.

use punctual_reports::text;

use crate::counterexample::Disagreement;

/// Why a scenario could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JudgeError {
    /// One run gave two results, or a judge refused what a driver did.
    Disagreement(Disagreement),
    /// A task takes steps for ever without letting time pass.
    Stuck {
        /// The task.
        task: String,
    },
    /// Events follow each other for ever without letting time pass.
    ZenoCycle {
        /// The variant.
        variant: Option<String>,
        /// Which, in words.
        cycle: String,
    },
    /// Nothing happened that some invariants are about: that they hold says nothing.
    Nothing {
        /// The variant.
        variant: Option<String>,
        /// The invariants.
        invariants: Vec<&'static str>,
        /// The runs in which nothing of the kind happened.
        runs: u64,
    },
}

impl std::fmt::Display for JudgeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disagreement(Disagreement::TwoResults(what)) => {
                write!(f, "{what}; punctual promises that it cannot")
            }
            Self::Disagreement(Disagreement::Refused(what)) => write!(f, "{what}; this is a bug in punctual"),
            Self::Stuck { task } => write!(
                f,
                "task {task} takes steps for ever without letting time pass; let a step of its loop take time whatever happens"
            ),
            Self::ZenoCycle { variant, cycle } => write!(
                f,
                "{}, there is a Zeno cycle (events without end at one instant): {cycle}; let a step of it take time whatever happens",
                of(variant.as_deref())
            ),
            Self::Nothing { variant, invariants, runs } => {
                write!(
                    f,
                    "{}, nothing happened that `{}` {} about, in any of {}; whatever is wrong would go unseen: let it happen, or do not expect that to hold there",
                    of(variant.as_deref()),
                    invariants.join("`, `"),
                    if invariants.len() == 1 { "is" } else { "are" },
                    text::count(*runs, "run")
                )
            }
        }
    }
}

/// `as it is written`, or `with fix-1`.
fn of(variant: Option<&str>) -> String {
    variant.map_or("as it is written".into(), |name| format!("with {name}"))
}
