//! The invariants that a scenario can ask for.

use punctual_sim::Span;

/// An invariant and its limit, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Each event published for the job and not rolled back reaches each client that is owed it.
    NoEventLost,
    /// No client gets an event twice, by identity.
    NoDuplicate,
    /// What one task publishes arrives in that order.
    InOrder,
    /// What a client fetches when told of it is there.
    DurableBeforeAnnounced,
    /// What is rolled back was never announced.
    NoPhantom,
    /// On a healthy job no client's timer fires.
    ClientNeverTimesOut,
    /// The connection ends at most this long after the job, and the client does not connect again later.
    StreamEnds(Span),
    /// The connection does not end before the terminal event was sent.
    NoEarlyEnd,
    /// Each event arrives at most this long after it was published.
    DeliveredWithin(Span),
    /// At most this many reads of the database, and connections after the first, in a run.
    BoundedRequests(u32),
    /// No client shows an outcome that the job did not have.
    ShownRight,
    /// Each client reaches an end of its own.
    ClientEnds,
}

impl Rule {
    /// The names of all, in the order in which they are printed.
    pub const NAMES: [&'static str; 12] = [
        "no-event-lost",
        "no-duplicate",
        "in-order",
        "durable-before-announced",
        "no-phantom",
        "client-never-times-out",
        "stream-ends",
        "no-early-end",
        "delivered-within",
        "bounded-requests",
        "shown-right",
        "client-ends",
    ];

    /// Its name in scenario files and reports.
    pub fn name(self) -> &'static str {
        let place = match self {
            Self::NoEventLost => 0,
            Self::NoDuplicate => 1,
            Self::InOrder => 2,
            Self::DurableBeforeAnnounced => 3,
            Self::NoPhantom => 4,
            Self::ClientNeverTimesOut => 5,
            Self::StreamEnds(_) => 6,
            Self::NoEarlyEnd => 7,
            Self::DeliveredWithin(_) => 8,
            Self::BoundedRequests(_) => 9,
            Self::ShownRight => 10,
            Self::ClientEnds => 11,
        };
        Self::NAMES[place]
    }
}
