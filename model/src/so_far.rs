//! What became of a client so far, and what single invariants remember of it.
//!
//! The books keep it, and what an invariant hears of a run carries it, so it is in a file below both.

/// What became of a client so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is something that has happened or has not")]
pub struct SoFar {
    /// It reached an end of its own.
    pub finished: bool,
    /// A timer of it has fired.
    pub timed_out: bool,
    /// Its connection is ended or broken.
    pub closed: bool,
    /// No terminal event had been sent to it when the connection was ended.
    pub closed_early: bool,
    /// Its connection ended, or it came again, later than allowed after the job, if no task goes on after that.
    pub ended_late: bool,
    /// It has shown success.
    pub showed_success: bool,
    /// It has shown a failure.
    pub showed_failure: bool,
    /// What single invariants remember, a bit each.
    pub(crate) remembered: u8,
}

impl SoFar {
    /// Whether what an invariant remembers in this bit was noted of the client.
    pub(crate) fn remembers(self, memory: Memory) -> bool {
        self.remembered & memory.0 != 0
    }
}

/// Which bit of a client is what an invariant remembers of it; none if it remembers nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory(pub(crate) u8);
