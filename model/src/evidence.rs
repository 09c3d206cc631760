//! What a log has to tell of a run so that an invariant can be judged by it.
//!
//! That something is not in a log says that it did not happen only if the log would tell it. So each invariant says
//! what is to be told for it to be known to hold, what for it to be known to be broken, and how what is untold would
//! have gone at best.

/// What a log decides of an invariant.
#[derive(Clone, Copy, Debug)]
pub struct InLogs {
    /// How what a log does not tell is taken to have gone: at best for the invariant.
    pub at_best: &'static [Untold],
    /// Without these, what is broken at best is not known to be broken.
    pub breaks_with: &'static [Evidence],
    /// Without these, it is not known to hold. What is named first is asked for first.
    pub holds_with: &'static [Evidence],
}

/// Something that is taken to have happened where no line would tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// A client was done before anything was published: where arrivals are not told, and where a timer can have
    /// ended it.
    Gone,
    /// The same where it is not told what is sent to a client, or when it connects again.
    Unserved,
    /// Rows that events tell of were rolled back.
    RolledBack,
    /// Connections ended at once.
    Closed,
    /// Clients reached their ends.
    Finished,
}

/// Something that a log tells, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// What is published.
    Published,
    /// What arrives at clients.
    Arrived,
    /// Whether all that seems to be owed was owed: asked for where something seems to be.
    Owed,
    /// What becomes of what is sent before a connection ends: asked of clients whom a terminal event has not reached.
    Ending,
    /// What clients that fetch something find.
    Fetched,
    /// What becomes of rows.
    Rows,
    /// What is sent to clients: asked for where something is rolled back.
    SentOfUndone,
    /// What the timers of clients do.
    Timers,
    /// Whether a run is a healthy one.
    Health,
    /// The same, asked for where a timer fires.
    HealthOfFired,
    /// When the job is over.
    JobOver,
    /// Whether connections end.
    Closed,
    /// When clients connect again.
    Connected,
    /// When the database is read.
    Reads,
    /// What clients show.
    Shown,
    /// Whether the job failed.
    Outcome,
    /// Whether clients are done.
    Finished,
}
