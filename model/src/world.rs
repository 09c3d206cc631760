//! The world: the server's side, the clients, and the links between them.
//!
//! ```text
//!   Backend ── Send(client, message) ──> link (first in, first out) ──> Client
//!   Backend <──────────── looked at when a fetch gets there ─────────── Fetch(resource)
//! ```
//!
//! A machine made of machines: it wraps their events, answers what they ask for, and adds nothing
//! else. Their facts are its facts.

use punctual_sim::{Cx, Lane, Machine, Span};

use crate::backend::{Backend, BackendEffect, BackendEvent};
use crate::client::{Client, ClientEffect, ClientEvent, ClientState, Message};
use crate::fact::Fact;
use crate::state::BackendState;
use crate::system::{ClientId, Resource, System};

/// The first of the lanes on which clients' requests travel, one for each client.
const REQUESTS: u32 = 1 << 8;

/// A system, ready to be run by any driver.
#[derive(Clone, Debug)]
pub struct World {
    backend: Backend,
    clients: Vec<Client>,
    /// The clients that hear something, a bit each; nothing is carried to others, and they do nothing.
    hears: u32,
}

/// The state of everything.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct WorldState {
    backend: BackendState,
    clients: Vec<ClientState>,
}

/// What can happen.
///
/// Eight bytes: what is pending is then written and read as one word. With 12 or 16 bytes, which are
/// written in parts and soon read as a whole, a run takes up to twice as long.
#[repr(align(8))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorldEvent {
    /// On the server's side.
    Backend(BackendEvent),
    /// To a client.
    Client(ClientId, ClientEvent),
    /// A client's request gets to a resource.
    Fetch(ClientId, Resource),
}

impl World {
    /// The world of `system`.
    pub fn new(system: &System) -> Self {
        Self::heard_by(system, u32::MAX)
    }

    /// The same, but nothing is carried to clients: what the server's side does is the same, since
    /// nothing that a client does reaches it.
    pub fn deaf(system: &System) -> Self {
        Self::heard_by(system, 0)
    }

    /// The same, but something is carried only to the clients of these bits: each has a link of its
    /// own, so what the others do makes no difference to it.
    pub fn heard_by(system: &System, hears: u32) -> Self {
        let clients = system.clients.iter().enumerate().map(|(i, plan)| {
            let mut plan = plan.clone();
            if hears >> i & 1 == 0 {
                plan.timers.clear();
                plan.reactions.clear();
            }
            Client::new(ClientId(i as u8), plan)
        });
        Self { clients: clients.collect(), backend: Backend::new(system.clone()), hears }
    }

    /// What it is the world of.
    pub fn system(&self) -> &System {
        &self.backend.system
    }

    /// The server's side alone. Nothing that a client does reaches it, so an order of its steps is
    /// possible in the world if and only if it is possible there.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// The backend's context in the world's: what it sends goes onto the client's link.
    fn backend_cx<C: Cx<Self>>(&self, cx: &mut C) -> impl Cx<Backend> {
        let carry = |BackendEffect::Send(to, message), cx: &mut C| {
            let client = &self.clients[usize::from(to.0)];
            // A comment that restarts no timer changes nothing at the client: it is not carried, so
            // that it neither costs an event nor makes the state of a link grow.
            if self.hears >> to.0 & 1 == 1 && (message != Message::Comment || client.minds_comments()) {
                let arrival = WorldEvent::Client(to, ClientEvent::Arrived(message));
                cx.send(Lane(u32::from(to.0)), arrival, &client.plan().latency);
            }
        };
        cx.nest::<Backend, _, _>(WorldEvent::Backend, carry)
    }

    /// A client's context in the world's: what it fetches is asked for when the request gets there.
    fn client_cx<C: Cx<Self>>(&self, id: ClientId, cx: &mut C) -> impl Cx<Client> {
        let plan = self.clients[usize::from(id.0)].plan();
        let fetch = move |ClientEffect::Fetch(resource, reaction), cx: &mut C| {
            if let Some((_, travels)) = &plan.reactions[usize::from(reaction)].fetches {
                cx.send(Lane(REQUESTS + u32::from(id.0)), WorldEvent::Fetch(id, resource), travels);
            }
        };
        cx.nest::<Client, _, _>(move |event| WorldEvent::Client(id, event), fetch)
    }

    fn in_client(&self, state: &mut WorldState, id: ClientId, event: ClientEvent, cx: &mut impl Cx<Self>) {
        let at = usize::from(id.0);
        self.clients[at].step(&mut state.clients[at], event, &mut self.client_cx(id, cx));
    }
}

impl Machine for World {
    type State = WorldState;
    type Event = WorldEvent;
    type Effect = ();
    type Fact = Fact;

    fn start(&self, cx: &mut impl Cx<Self>) -> WorldState {
        let backend = self.backend.start(&mut self.backend_cx(cx));
        let clients = self.clients.iter().enumerate();
        let clients =
            clients.map(|(i, client)| client.start(&mut self.client_cx(ClientId(i as u8), cx))).collect();
        WorldState { backend, clients }
    }

    fn step(&self, state: &mut WorldState, event: WorldEvent, cx: &mut impl Cx<Self>) {
        match event {
            WorldEvent::Backend(event) => {
                self.backend.step(&mut state.backend, event, &mut self.backend_cx(cx));
            }
            WorldEvent::Client(id, event) => self.in_client(state, id, event, cx),
            WorldEvent::Fetch(id, resource) => {
                let found = self.backend.finds(&state.backend, resource);
                self.in_client(state, id, ClientEvent::Answered(resource, found), cx);
            }
        }
    }

    fn ends(&self, fact: &Fact) -> Option<Span> {
        let (last, span) = self.backend.system.ends?;
        matches!(*fact, Fact::Over { task, .. } if task == last).then_some(span)
    }

    fn canonical(&self, state: &mut WorldState) {
        self.backend.canonical(&mut state.backend);
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for WorldState {
    fn clone(&self) -> Self {
        Self { backend: self.backend.clone(), clients: self.clients.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { backend, clients } = other;
        self.backend.clone_from(backend);
        self.clients.clone_from(clients);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_pending_is_one_word() {
        assert_eq!(size_of::<super::WorldEvent>(), 8);
    }
}
