//! What the invariants need to know of a system, and which of them are asked for.

use punctual_sim::{ObserverClock, Span};

use crate::fact::{Fact, Identity};
use crate::hears::{Arrived, Fetched, Left, Missing, Moment, Requested, Sent, Stopped, Undone};
use crate::invariant::Measured;
use crate::rule::{Allowed, Rule, RuleId};
use crate::so_far::Memory;
use crate::system::{ClientId, ClientSet, RowId, StatusId, System};

/// What the invariants need to know of a system, and which of them are asked for.
#[derive(Clone, Debug)]
pub struct Plan {
    rules: Vec<Rule>,
    pub(crate) clients: u8,
    /// The clients of whom it is asked.
    pub(crate) asked: ClientSet,
    pub(crate) row_of: Vec<Option<RowId>>,
    pub(crate) terminal: Vec<bool>,
    pub(crate) serves: Vec<Option<ClientId>>,
    pub(crate) failed: Option<StatusId>,
    /// How long a delivery may take, if anybody asks.
    pub(crate) delivered_within: Option<Span>,
    /// How long after the job a connection may end, if anybody asks.
    pub(crate) ends_within: Option<Span>,
    /// How many requests are allowed; counting stops one above.
    pub(crate) bound: u32,
    pub(crate) heard: Heard,
}

/// Which invariants listen to what.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) sent: Vec<Listener<Sent>>,
    pub(crate) arrived: Vec<Listener<Arrived>>,
    pub(crate) undone: Vec<Listener<Undone>>,
    pub(crate) fetched: Vec<Listener<Fetched>>,
    pub(crate) requested: Vec<Listener<Requested>>,
    pub(crate) missing: Vec<Listener<Missing>>,
    pub(crate) left: Vec<Listener<Left>>,
    pub(crate) stopped: Vec<Listener<Stopped>>,
    pub(crate) remembered: Vec<Remembering>,
}

/// An invariant that listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listener<M> {
    /// Its place in the plan.
    pub(crate) place: RuleId,
    /// Whether what it hears breaks it.
    pub(crate) breaks: fn(&M) -> bool,
    /// What it remembers of clients.
    pub(crate) memory: Memory,
}

/// An invariant that remembers something of clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remembering {
    place: RuleId,
    pub(crate) memory: Memory,
    /// The client of whom a fact is remembered.
    pub(crate) of: fn(&Fact) -> Option<ClientId>,
}

impl Plan {
    /// What `rules` need to know of `system`.
    ///
    /// # Panics
    /// If the system has more than 32 clients; the format refuses that.
    pub fn new(system: &System, rules: &[Rule]) -> Self {
        assert!(system.clients.len() <= 32, "a system has at most 32 clients");
        let limit = |of: Measured| {
            rules.iter().find(|rule| rule.invariant().measured() == Some(of)).and_then(|rule| rule.limit())
        };
        let span = |of: Measured| limit(of).and_then(Allowed::span);
        Self {
            rules: rules.to_vec(),
            clients: system.clients.len() as u8,
            asked: ClientSet::EVERYBODY,
            row_of: system.events.iter().map(|event| event.row).collect(),
            terminal: system.events.iter().map(|event| event.terminal).collect(),
            serves: system.tasks.iter().map(|task| task.serves).collect(),
            failed: system.failed,
            delivered_within: span(Measured::Delivery),
            ends_within: span(Measured::AfterJob),
            bound: limit(Measured::Requests).and_then(Allowed::bound).unwrap_or(0),
            heard: Heard::by(rules),
        }
    }

    /// The invariants, in the order in which breaches are given.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The invariant at `place`.
    pub fn rule(&self, place: RuleId) -> Rule {
        self.rules[place.0]
    }

    /// The places of all invariants, in order.
    pub fn places(&self) -> impl Iterator<Item = RuleId> + use<> {
        (0..self.rules.len()).map(RuleId)
    }

    /// The place of an invariant, if it is asked for.
    pub fn place_of(&self, rule: &Rule) -> Option<RuleId> {
        self.rules.iter().position(|known| known == rule).map(RuleId)
    }

    /// The same, asked of these clients only: others are owed nothing.
    #[must_use]
    pub fn about(self, clients: impl IntoIterator<Item = ClientId>) -> Self {
        Self { asked: clients.into_iter().fold(ClientSet::NOBODY, ClientSet::with), ..self }
    }

    /// The observer clock of an event that is owed to a client.
    pub(crate) fn observer(what: Identity, client: ClientId) -> ObserverClock {
        let (event, ordinal) = (u64::from(what.event().0), u64::from(what.ordinal()));
        ObserverClock(event << 56 | ordinal << 8 | u64::from(client.0))
    }
}

impl Heard {
    fn by(rules: &[Rule]) -> Self {
        let remembered = remembering(rules);
        Self {
            sent: listeners(rules, &remembered),
            arrived: listeners(rules, &remembered),
            undone: listeners(rules, &remembered),
            fetched: listeners(rules, &remembered),
            requested: listeners(rules, &remembered),
            missing: listeners(rules, &remembered),
            left: listeners(rules, &remembered),
            stopped: listeners(rules, &remembered),
            remembered,
        }
    }
}

/// Those of `rules` that remember something, each with a bit of its own.
fn remembering(rules: &[Rule]) -> Vec<Remembering> {
    let all =
        rules.iter().enumerate().filter_map(|(place, rule)| Some((place, rule.invariant().hears.remembers?)));
    let all: Vec<Remembering> = all
        .enumerate()
        .map(|(bit, (place, of))| Remembering {
            place: RuleId(place),
            memory: Memory(1_u8.checked_shl(bit as u32).unwrap_or(0)),
            of,
        })
        .collect();
    assert!(all.iter().all(|one| one.memory != Memory(0)), "at most eight invariants remember something");
    all
}

/// Those of `rules` that listen to moments of this kind.
fn listeners<M: Moment>(rules: &[Rule], remembered: &[Remembering]) -> Vec<Listener<M>> {
    let memory =
        |place: RuleId| remembered.iter().find(|one| one.place == place).map_or(Memory(0), |one| one.memory);
    let heard = rules.iter().enumerate();
    heard
        .filter_map(|(place, rule)| {
            let breaks = M::heard_by(&rule.invariant().hears)?;
            let place = RuleId(place);
            Some(Listener { place, breaks, memory: memory(place) })
        })
        .collect()
}
