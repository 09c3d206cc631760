//! Why a path is no run.
//!
//! What cannot be replayed is part of an answer, whoever finds that out.

use std::fmt;

/// Why a path is no run that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReplayed {
    /// It has more events than are timed.
    TooLong(usize),
    /// No clock was found that ticks as it is read along the path: exploring allows more than a clock does.
    NoClock,
    /// The machine that the run is made with ends it before that.
    Beyond,
    /// No time passes in the first two turns of its cycle, and only another might show that it does.
    Zeno,
    /// Somewhere on the way nothing is broken, for some time or for none.
    Mended,
    /// The driver does something else. Where no clock is read that is a mistake of the machine's canonical
    /// states, or of the explorer.
    Differs(String),
}

impl fmt::Display for NotReplayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(events) => write!(f, "it has {events} events, and {LONGEST} at most are timed"),
            Self::NoClock => f.write_str("no clock ticks as it is read there"),
            Self::Beyond => f.write_str("it is beyond the end of the run"),
            Self::Zeno => f.write_str("no time passes while it goes round twice"),
            Self::Mended => f.write_str("each time round it is mended, for some time or for none"),
            Self::Differs(what) => write!(f, "made by itself the run differs: {what}"),
        }
    }
}

/// The most events of a path that is timed: all its instants are kept, and that takes the cube of them.
pub(crate) const LONGEST: usize = 2_000;
