//! Why a cell of a sweep could not be judged.

use std::fmt;

use crate::counterexample::Disagreement;

/// Why a cell could not be judged. The other cells are judged all the same.
#[derive(Clone, Debug, PartialEq)]
pub enum Failed {
    /// A scenario with these values is refused.
    Refused {
        /// The code of what is wrong with it.
        code: Option<&'static str>,
        /// What is wrong with it.
        title: String,
    },
    /// A task takes steps for ever without letting time pass.
    Stuck {
        /// The task.
        task: String,
    },
    /// A run is not over after the most events that a run may have.
    TooLong,
    /// A bug: exploring contradicts itself, or what was made from it.
    Disagreement(Disagreement),
    /// A bug: runs break what no timing breaks.
    Broken {
        /// The invariant.
        invariant: &'static str,
        /// The runs that break it.
        runs: u64,
    },
    /// A bug: the least and the greatest delay of the runs, in us, and those of every timing.
    Outside {
        /// Of the runs.
        runs: (u64, u64),
        /// Of every timing; no greatest, if it is never delivered in some.
        exact: (u64, Option<u64>),
    },
    /// A bug: judging it panicked, with these words.
    Panicked(String),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code: Some(code), title } => write!(f, "{code}: {title}"),
            Self::Refused { code: None, title } => f.write_str(title),
            Self::Stuck { task } => write!(f, "{task} takes steps for ever without letting time pass"),
            Self::TooLong => f.write_str("a run of it is not over after a million events"),
            Self::Disagreement(bug) => write!(f, "a bug in punctual: {bug}"),
            Self::Broken { invariant, runs } => {
                write!(f, "a bug in punctual: no timing breaks {invariant}, and {runs} runs do")
            }
            Self::Outside { runs: (min, max), exact: (least, most) } => write!(
                f,
                "a bug in punctual: runs take {min} to {max} us, outside of the exact {least} to {most:?}"
            ),
            Self::Panicked(why) => write!(f, "a bug in punctual: {why}"),
        }
    }
}

impl std::error::Error for Failed {}
