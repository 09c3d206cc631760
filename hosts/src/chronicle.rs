//! What all hosts of a simulation write down: one timeline, the bytes that arrived, and what went wrong.

use std::cell::{Cell, RefCell};

use bytes::Bytes;
use punctual_model::{Backend, Client, ClientId, Fact, World, WorldEvent};
use punctual_sim::{Decision, Ending, Machine, Span, Step, Time};

use crate::clock::SimClock;
use crate::own::Own;

/// Bytes that arrived at a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// When.
    pub at: Time,
    /// At whom.
    pub client: ClientId,
    /// What.
    pub bytes: Bytes,
}

/// Something that went wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When.
    pub at: Time,
    /// On which host.
    pub host: String,
    /// What.
    pub what: String,
}

/// What is shared by the hosts of a simulation, which are all on one thread.
pub(crate) struct Chronicle {
    pub(crate) clock: SimClock,
    /// How long the network takes at most from one host to another.
    pub(crate) tick: Span,
    pub(crate) backend: Backend,
    pub(crate) clients: Vec<Client>,
    pub(crate) world: World,
    /// A server in the place of the modelled streams.
    pub(crate) own: Option<Own>,
    steps: RefCell<Vec<Step<WorldEvent, Fact>>>,
    /// What the hosts noted when they began.
    begun: RefCell<Vec<(usize, Vec<Fact>)>>,
    received: RefCell<Vec<Received>>,
    troubles: RefCell<Vec<Trouble>>,
    decisions: RefCell<Vec<(Decision, Time)>>,
    over: Cell<Option<Time>>,
    /// Whether a step was given up because of that.
    too_late: Cell<bool>,
    flights: Cell<u32>,
    /// Why the run cannot go on.
    failed: RefCell<Option<String>>,
    rests: RefCell<Vec<Rest>>,
}

/// What a host waits for besides arrivals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest {
    /// An answer, or that a message is to be sent.
    pub(crate) busy: bool,
    /// Its next timer.
    pub(crate) timer: Option<Time>,
}

impl Rest {
    /// Whether it is nothing that comes by `ends`.
    fn is_quiet(self, ends: Option<Time>) -> bool {
        !self.busy && self.timer.is_none_or(|due| ends.is_some_and(|ends| due > ends))
    }
}

/// The place of the server's side among the hosts; the clients come after it.
pub(crate) const APP: usize = 0;

impl Chronicle {
    pub(crate) fn new(world: World, own: Option<Own>, clock: SimClock, tick: Span) -> Self {
        let system = world.system();
        let plans = system.clients.iter().cloned().enumerate();
        let clients: Vec<Client> = plans.map(|(id, plan)| Client::new(ClientId(id as u8), plan)).collect();
        Self {
            clock,
            tick,
            backend: Backend::new(system.clone()),
            rests: RefCell::new(vec![Rest { busy: true, timer: None }; clients.len() + 1]),
            clients,
            world,
            own,
            steps: RefCell::default(),
            begun: RefCell::default(),
            received: RefCell::default(),
            troubles: RefCell::default(),
            decisions: RefCell::default(),
            over: Cell::new(None),
            too_late: Cell::new(false),
            flights: Cell::new(0),
            failed: RefCell::default(),
        }
    }

    /// Writes down that `event` happened, or that a part of the world began.
    pub(crate) fn write(&self, at: Time, event: Option<WorldEvent>, facts: Vec<Fact>) {
        for fact in &facts {
            if let Some(span) = self.world.ends(fact) {
                let end = at + span;
                self.over.set(Some(self.over.get().map_or(end, |over| over.min(end))));
            }
        }
        self.steps.borrow_mut().push(Step { at, event, facts });
    }

    /// Writes down that the host at this place began.
    pub(crate) fn begins(&self, host: usize, facts: Vec<Fact>) {
        self.begun.borrow_mut().push((host, facts));
    }

    pub(crate) fn received(&self, at: Time, client: ClientId, bytes: Bytes) {
        self.received.borrow_mut().push(Received { at, client, bytes });
    }

    pub(crate) fn trouble(&self, at: Time, host: &str, what: String) {
        self.troubles.borrow_mut().push(Trouble { at, host: host.to_owned(), what });
    }

    /// The last instant at which a timer may fire.
    pub(crate) fn over(&self) -> Option<Time> {
        self.over.get()
    }

    /// A step was given up, since the run is over.
    pub(crate) fn too_late(&self) {
        self.too_late.set(true);
    }

    /// Why the run was over, when it was: whether something was to come after its end.
    pub(crate) fn ending(&self) -> Ending {
        let more = self.too_late.get() || self.rests.borrow().iter().any(|rest| rest.timer.is_some());
        if more { Ending::Over } else { Ending::Quiet }
    }

    /// On a host something happens again and again without letting time pass.
    pub(crate) fn stands_still(&self, host: &str, at: Time, event: &str) {
        let what = format!(
            "there is a Zeno cycle (events without end at one instant) on {host} at {at}: {event} happens again and again"
        );
        self.failed.borrow_mut().get_or_insert(what);
    }

    /// Why the run cannot go on, if it cannot.
    pub(crate) fn failed(&self) -> Option<String> {
        self.failed.borrow().clone()
    }

    /// Something has set out.
    pub(crate) fn sets_out(&self) {
        self.flights.set(self.flights.get() + 1);
    }

    /// Something that had set out has arrived, or never will.
    pub(crate) fn is_there(&self) {
        self.flights.set(self.flights.get().saturating_sub(1));
    }

    pub(crate) fn waits(&self, host: usize, rest: Rest) {
        self.rests.borrow_mut()[host] = rest;
    }

    /// What a host decided at `now`: of all its decisions those after the ones that are known.
    pub(crate) fn decided(&self, now: Time, decisions: &[Decision], known: &mut usize) {
        let new = decisions[*known..].iter().map(|decision| (decision.clone(), now));
        self.decisions.borrow_mut().extend(new);
        *known = decisions.len();
    }

    /// Whether nothing is under way and nobody waits for anything.
    pub(crate) fn is_quiet(&self) -> bool {
        let ends = self.over();
        self.flights.get() == 0 && self.rests.borrow().iter().all(|rest| rest.is_quiet(ends))
    }

    /// Which hosts still wait for something, and how much is under way.
    pub(crate) fn unrest(&self) -> String {
        let names = std::iter::once("the server's side".to_owned())
            .chain(self.clients.iter().map(|client| client.plan().name.clone()));
        let (ends, rests) = (self.over(), self.rests.borrow());
        let waiting: Vec<String> =
            names.zip(rests.iter()).filter(|(_, rest)| !rest.is_quiet(ends)).map(|(name, _)| name).collect();
        let waiting = if waiting.is_empty() { "nobody".to_owned() } else { waiting.join(", ") };
        format!("{waiting} still waits for something, and {} messages are under way", self.flights.get())
    }

    /// All that was written down: the steps in order of time.
    #[expect(clippy::type_complexity, reason = "each is a list that was kept apart")]
    pub(crate) fn take(
        &self,
    ) -> (Vec<Step<WorldEvent, Fact>>, Vec<Received>, Vec<Trouble>, Vec<(Decision, Time)>) {
        let mut begun = self.begun.take();
        begun.sort_by_key(|(host, _)| *host);
        let facts = begun.into_iter().flat_map(|(_, facts)| facts).collect();
        let mut steps = vec![Step { at: Time::ZERO, event: None, facts }];
        steps.extend(self.steps.take());
        steps.sort_by_key(|step| step.at);
        let mut received = self.received.take();
        received.sort_by_key(|received| received.at);
        let mut troubles = self.troubles.take();
        troubles.sort_by_key(|trouble| trouble.at);
        (steps, received, troubles, self.decisions.take())
    }
}
