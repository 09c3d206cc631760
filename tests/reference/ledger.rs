//! What a run has done so far, as far as invariants ask for it, and which of them it breaks.

use super::state::{Identity, RowState};
use super::system::{Limits, System};

/// The invariants, in the order of the manual.
pub(crate) const INVARIANTS: [&str; 12] = [
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

/// A set of invariants: one bit for each.
pub(crate) type Broken = u16;

pub(crate) const NO_EVENT_LOST: Broken = 1;
pub(crate) const NO_DUPLICATE: Broken = 1 << 1;
pub(crate) const IN_ORDER: Broken = 1 << 2;
pub(crate) const DURABLE: Broken = 1 << 3;
pub(crate) const NO_PHANTOM: Broken = 1 << 4;
pub(crate) const NEVER_TIMES_OUT: Broken = 1 << 5;
pub(crate) const STREAM_ENDS: Broken = 1 << 6;
pub(crate) const NO_EARLY_END: Broken = 1 << 7;
pub(crate) const DELIVERED_WITHIN: Broken = 1 << 8;
pub(crate) const BOUNDED_REQUESTS: Broken = 1 << 9;
pub(crate) const SHOWN_RIGHT: Broken = 1 << 10;
pub(crate) const CLIENT_ENDS: Broken = 1 << 11;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Ledger {
    /// No commit failed, no connection broke, nothing was held and no node stopped.
    pub(crate) healthy: bool,
    /// A timer of a client fired.
    pub(crate) fired: bool,
    /// How long ago a task that serves no client took its last step, the last of them so far. It stands at one
    /// more than the limit of `stream-ends`: all that is more is as much too late.
    over_for: Option<u64>,
    /// A connection was ended or made later than that limit after it.
    late: bool,
    /// The status `failed` was set.
    pub(crate) failed: bool,
    /// A client has shown success.
    pub(crate) success: bool,
    /// A client has shown a failure.
    pub(crate) failure: bool,
    /// Reads and connections after the first; stands at one more than their limit.
    requests: u64,
    clients: Vec<Served>,
    /// In the order of their identities.
    events: Vec<Known>,
}

/// What the server has done to a client.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Served {
    /// The connection that it has was ended by its server, or broke.
    ended: bool,
    /// It was ended by its server before any terminal event had been sent to the client.
    ended_early: bool,
    /// A terminal event was sent to it.
    told: bool,
}

/// What became of an event. Sets of clients have a bit for each.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Known {
    event: Identity,
    added: bool,
    /// How long ago it was first added; stands at one more than the limit of `delivered-within`.
    waits: u64,
    owed: u32,
    sent: u32,
    arrived: u32,
    /// Where it first arrived after it was published.
    arrived_published: u32,
    rolled_back: bool,
    /// The task that published it, and the how-manieth of the events that this task published it is.
    published: Option<(usize, usize)>,
}

/// One more than a limit; nothing is counted where there is none.
fn beyond(limit: Option<u64>) -> u64 {
    limit.map_or(0, |limit| limit + 1)
}

impl Ledger {
    pub(crate) fn new(clients: usize) -> Self {
        Self {
            healthy: true,
            fired: false,
            over_for: None,
            late: false,
            failed: false,
            success: false,
            failure: false,
            requests: 0,
            clients: vec![Served::default(); clients],
            events: Vec::new(),
        }
    }

    pub(crate) fn pass(&mut self, time: u64, limits: &Limits) {
        let most = beyond(limits.stream_ends);
        self.over_for.iter_mut().for_each(|ago| *ago = (*ago + time).min(most));
        let most = beyond(limits.delivered_within);
        for known in self.events.iter_mut().filter(|known| known.added) {
            known.waits = (known.waits + time).min(most);
        }
    }

    fn known(&mut self, event: Identity) -> &mut Known {
        let at = self.events.binary_search_by_key(&event, |known| known.event).unwrap_or_else(|at| {
            let known = Known {
                event,
                added: false,
                waits: 0,
                owed: 0,
                sent: 0,
                arrived: 0,
                arrived_published: 0,
                rolled_back: false,
                published: None,
            };
            self.events.insert(at, known);
            at
        });
        &mut self.events[at]
    }

    /// An event is added to a store while these clients are not done.
    pub(crate) fn added(&mut self, event: Identity, not_done: u32) {
        let known = self.known(event);
        if !known.added {
            known.added = true;
            known.owed = not_done & !known.arrived;
        }
    }

    pub(crate) fn published(&mut self, event: Identity, task: usize) {
        let of_task = |known: &&Known| known.published.is_some_and(|(by, _)| by == task);
        let before = self.events.iter().filter(of_task).count();
        self.known(event).published = Some((task, before));
    }

    pub(crate) fn rolled_back(&mut self, version: u32, kinds: &[usize]) -> Broken {
        self.healthy = false;
        let mut broken = 0;
        for kind in kinds {
            let known = self.known((*kind, version));
            known.rolled_back = true;
            broken |= if known.sent == 0 { 0 } else { NO_PHANTOM };
        }
        broken
    }

    pub(crate) fn sent(&mut self, event: Identity, client: usize, terminal: bool) -> Broken {
        self.clients[client].told |= terminal;
        let known = self.known(event);
        known.sent |= 1 << client;
        if known.rolled_back { NO_PHANTOM } else { 0 }
    }

    pub(crate) fn arrived(&mut self, event: Identity, client: usize, limits: &Limits) -> Broken {
        let bit = 1 << client;
        let known = self.known(event);
        if known.arrived & bit != 0 {
            return NO_DUPLICATE;
        }
        known.arrived |= bit;
        let owed = known.owed & bit != 0 && !known.rolled_back;
        let too_late = limits.delivered_within.is_some_and(|limit| known.waits > limit);
        let Some((task, place)) = known.published else {
            return if owed && too_late { DELIVERED_WITHIN } else { 0 };
        };
        known.arrived_published |= bit;
        let overtook = |other: &Known| {
            other.published.is_some_and(|(by, at)| by == task && at > place)
                && other.arrived_published & bit != 0
        };
        let overtaken = self.events.iter().any(overtook);
        (if owed && too_late { DELIVERED_WITHIN } else { 0 }) | if overtaken { IN_ORDER } else { 0 }
    }

    /// A task that serves no client took its last step.
    pub(crate) fn over(&mut self) {
        (self.over_for, self.late) = (Some(0), false);
    }

    /// A connection is ended by its server, or made, now.
    fn late_if(&mut self, limits: &Limits) {
        let limit = limits.stream_ends;
        self.late |= self.over_for.is_some_and(|ago| limit.is_some_and(|limit| ago > limit));
    }

    pub(crate) fn closed(&mut self, client: usize, limits: &Limits) {
        self.late_if(limits);
        let served = &mut self.clients[client];
        served.ended = true;
        served.ended_early = !served.told;
    }

    pub(crate) fn broke(&mut self, client: usize) {
        self.healthy = false;
        self.clients[client].ended = true;
    }

    pub(crate) fn connected(&mut self, client: usize, limits: &Limits) -> Broken {
        self.late_if(limits);
        self.clients[client] = Served { told: self.clients[client].told, ..Served::default() };
        self.requested(limits)
    }

    /// A read was taken, or a connection made.
    pub(crate) fn requested(&mut self, limits: &Limits) -> Broken {
        self.requests = (self.requests + 1).min(beyond(limits.bounded_requests));
        let too_many = limits.bounded_requests.is_some_and(|most| self.requests > most);
        if too_many { BOUNDED_REQUESTS } else { 0 }
    }

    /// What would be broken if the run were over now. A run that never is breaks what it would break at
    /// all times from some time on.
    pub(crate) fn broken_if_over(&self, system: &System, rows: &[RowState], done: &[bool]) -> Broken {
        let mut broken = 0;
        let failed =
            self.failed || rows.iter().any(|row| row.tried > 0 && row.rolled_back.contains(&row.tried));
        if self.success && failed || self.failure && !failed {
            broken |= SHOWN_RIGHT;
        }
        for known in self.events.iter().filter(|known| known.added && !known.rolled_back) {
            let missing = known.owed & !known.arrived;
            if missing != 0 {
                broken |= NO_EVENT_LOST | DELIVERED_WITHIN;
            }
            let early = |client: &usize| {
                let bit = 1 << client;
                missing & bit != 0 && known.sent & bit == 0 && self.clients[*client].ended_early
            };
            if system.kinds[known.event.0].terminal && (0..done.len()).any(|client| early(&client)) {
                broken |= NO_EARLY_END;
            }
        }
        if self.fired && self.healthy {
            broken |= NEVER_TIMES_OUT;
        }
        if self.over_for.is_some() && (self.late || self.clients.iter().any(|served| !served.ended)) {
            broken |= STREAM_ENDS;
        }
        if done.contains(&false) {
            broken |= CLIENT_ENDS;
        }
        broken
    }
}
