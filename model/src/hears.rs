//! What an invariant hears of a run: its monitor, as a few questions that the books ask it.
//!
//! What is known of a run (which event was published, sent, has arrived; what is late) is kept once for all
//! invariants, in the [`Books`](crate::Books). Where something happens that may break an invariant they say what it
//! is, with all that is known of it, and each invariant that listens answers whether it is broken by that. So an
//! invariant is a few conditions, which stand in its file. What it has to know besides, and nobody else, it may remember:
//! one thing of each client.

use crate::fact::{Fact, Identity};
use crate::so_far::{Memory, SoFar};
use crate::system::ClientId;

/// When an invariant listens, and what breaks it then.
#[derive(Clone, Copy, Debug)]
pub struct Hears {
    /// An event is sent to a client.
    pub sent: Option<fn(&Sent) -> bool>,
    /// An event arrives at a client.
    pub arrived: Option<fn(&Arrived) -> bool>,
    /// What an event tells of is rolled back.
    pub undone: Option<fn(&Undone) -> bool>,
    /// A request of a client is answered.
    pub fetched: Option<fn(&Fetched) -> bool>,
    /// The requests of a run are more than are allowed.
    pub requested: Option<fn(&Requested) -> bool>,
    /// The run is over, and an event that is owed to a client has not arrived there.
    pub missing: Option<fn(&Missing) -> bool>,
    /// The run is over: what became of a client.
    pub left: Option<fn(&Left) -> bool>,
    /// The run was stopped before it was over: what is known of a client by then.
    pub stopped: Option<fn(&Stopped) -> bool>,
    /// The client of whom this is remembered, if it is a fact of the kind that has to be; facts of steps and timers are
    /// not asked about.
    pub remembers: Option<fn(&Fact) -> Option<ClientId>>,
}

impl Hears {
    /// One that never listens, to be filled in.
    pub const NOTHING: Self = Self {
        sent: None,
        arrived: None,
        undone: None,
        fetched: None,
        requested: None,
        missing: None,
        left: None,
        stopped: None,
        remembers: None,
    };
}

/// How an invariant was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Breach {
    /// The event that it is about.
    pub what: Option<Identity>,
    /// The client that it is about.
    pub client: Option<ClientId>,
}

/// An event is sent to a client.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Which.
    pub what: Identity,
    /// To whom.
    pub to: ClientId,
    /// What it tells of was rolled back before.
    pub undone: bool,
}

/// An event arrives at a client.
#[derive(Clone, Copy, Debug)]
pub struct Arrived {
    /// Which.
    pub what: Identity,
    /// At whom.
    pub at: ClientId,
    /// A copy of it has arrived there before; then nothing else is said of it.
    pub again: bool,
    /// One that its task published later has arrived before it.
    pub overtaken: bool,
    /// What it tells of was rolled back before.
    pub undone: bool,
    /// It was published longer ago than the limit of deliveries.
    pub late: bool,
}

/// What an event tells of is rolled back, and the event was sent to a client.
#[derive(Clone, Copy, Debug)]
pub struct Undone {
    /// Which event.
    pub what: Identity,
    /// To whom.
    pub sent_to: ClientId,
}

/// A request of a client is answered, for what it was told of.
#[derive(Clone, Copy, Debug)]
pub struct Fetched {
    /// Whose.
    pub by: ClientId,
    /// Whether it was there.
    pub found: bool,
}

/// Reads of the database, and connections after the first, are more than are allowed for the first time.
#[derive(Clone, Copy, Debug)]
pub struct Requested {
    /// How many.
    pub made: u32,
    /// Of how many.
    pub allowed: u32,
}

/// The run is over, and an event that is owed to a client has not arrived there.
#[derive(Clone, Copy, Debug)]
pub struct Missing {
    /// Which.
    pub what: Identity,
    /// Whose.
    pub client: ClientId,
    /// It is the last thing that a client needs.
    pub terminal: bool,
    /// It was sent to that client.
    pub sent: bool,
    /// What became of the client.
    pub so_far: SoFar,
    /// The invariant remembers something of the client.
    pub remembered: bool,
}

/// The run is over, for a client.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// Which.
    pub client: ClientId,
    /// What became of it.
    pub so_far: SoFar,
    /// Nothing in the run was a fault.
    pub healthy: bool,
    /// The job failed.
    pub failed: bool,
    /// The job is over, and somebody asks how long a connection goes on after that.
    pub job_over: bool,
    /// The invariant remembers something of the client.
    pub remembered: bool,
}

/// The run was stopped before it was over, and what it still owed is not known.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    /// Which client it is about.
    pub client: ClientId,
    /// What became of it.
    pub so_far: SoFar,
    /// Nothing in the run was a fault.
    pub healthy: bool,
}

/// Something that may break an invariant.
pub(crate) trait Moment: Copy {
    /// What of an invariant listens to it.
    fn heard_by(hears: &Hears) -> Option<fn(&Self) -> bool>;

    /// How an invariant is broken by it.
    fn breach(&self) -> Breach;

    /// The same for an invariant whose memory is this bit.
    fn recalled(self, _memory: Memory) -> Self {
        self
    }
}

impl Moment for Sent {
    fn heard_by(hears: &Hears) -> Option<fn(&Self) -> bool> {
        hears.sent
    }

    fn breach(&self) -> Breach {
        Breach { what: Some(self.what), client: Some(self.to) }
    }
}

impl Moment for Arrived {
    fn heard_by(hears: &Hears) -> Option<fn(&Self) -> bool> {
        hears.arrived
    }

    fn breach(&self) -> Breach {
        Breach { what: Some(self.what), client: Some(self.at) }
    }
}

impl Moment for Undone {
    fn heard_by(hears: &Hears) -> Option<fn(&Self) -> bool> {
        hears.undone
    }

    fn breach(&self) -> Breach {
        Breach { what: Some(self.what), client: Some(self.sent_to) }
    }
}

impl Moment for Fetched {
    fn heard_by(hears: &Hears) -> Option<fn(&Self) -> bool> {
        hears.fetched
    }

    fn breach(&self) -> Breach {
        Breach { what: None, client: Some(self.by) }
    }
}

impl Moment for Requested {
    fn heard_by(hears: &Hears) -> Option<fn(&Self) -> bool> {
        hears.requested
    }

    fn breach(&self) -> Breach {
        Breach { what: None, client: None }
    }
}

impl Moment for Missing {
    fn heard_by(hears: &Hears) -> Option<fn(&Self) -> bool> {
        hears.missing
    }

    fn breach(&self) -> Breach {
        Breach { what: Some(self.what), client: Some(self.client) }
    }

    fn recalled(self, memory: Memory) -> Self {
        Self { remembered: self.so_far.remembers(memory), ..self }
    }
}

impl Moment for Left {
    fn heard_by(hears: &Hears) -> Option<fn(&Self) -> bool> {
        hears.left
    }

    fn breach(&self) -> Breach {
        Breach { what: None, client: Some(self.client) }
    }

    fn recalled(self, memory: Memory) -> Self {
        Self { remembered: self.so_far.remembers(memory), ..self }
    }
}

impl Moment for Stopped {
    fn heard_by(hears: &Hears) -> Option<fn(&Self) -> bool> {
        hears.stopped
    }

    fn breach(&self) -> Breach {
        Breach { what: None, client: Some(self.client) }
    }
}
