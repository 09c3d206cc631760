//! The world: the server's side, the clients, and the links between them.
//!
//! ```text
//!   Backend ── Send(client, message) ──> link (first in, first out) ──> Client
//!   Backend <──────────── looked at when a fetch gets there ─────────── Fetch(resource)
//!   Backend <────── a task begins anew when a request gets there ────── Connect
//! ```
//!
//! A machine made of machines: it wraps their events, answers what they ask for, and adds nothing
//! else. Their facts are its facts.

use std::collections::VecDeque;

use punctual_sim::{Channel, Cx, IdleCycle, Machine, Span};

use crate::backend::{Backend, BackendEffect, BackendEvent};
use crate::client::{Client, ClientEffect, ClientEvent, ClientState, Message};
use crate::fact::{Fact, Identity, Origin};
use crate::line::{Asking, Line};
use crate::state::BackendState;
use crate::system::{ClientId, ClientPlan, ClientSet, EventId, ReactionId, Resource, System};

/// The first of the FIFO channels on which clients' requests travel, one for each client.
const REQUESTS: u32 = 1 << 8;

/// The first of the FIFO channels on which their requests for a connection travel.
const CONNECTS: u32 = 1 << 9;

/// A system, ready to be run by any driver.
#[derive(Clone, Debug)]
pub struct World {
    backend: Backend,
    clients: Vec<Client>,
    /// The clients that hear something, a bit each; nothing is carried to others, and they do nothing.
    hears: ClientSet,
    /// By client and kind of event: whether the client only takes note of it. Empty where all is carried.
    unfelt: Vec<Vec<bool>>,
}

/// The state of everything.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct WorldState {
    backend: BackendState,
    clients: Vec<ClientState>,
    /// None where no line can break or hold anything up.
    lines: Vec<Line>,
    /// By client what is under way to it, where not all of it is carried.
    under_way: Vec<VecDeque<UnderWay>>,
}

/// A message on a link that cannot break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum UnderWay {
    /// It is carried, and arrives when that is over.
    Carried,
    /// It arrives with what is carried before it: no clock is kept for it.
    Behind(Identity, Origin),
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
    /// A client's request for a connection gets to the server's side.
    Connect(ClientId),
}

impl WorldState {
    pub(crate) fn backend(&self) -> &BackendState {
        &self.backend
    }

    /// Whether a client has come to an end of its own.
    pub(crate) fn is_done(&self, client: ClientId) -> bool {
        self.clients[usize::from(client.0)].is_done()
    }
}

impl World {
    /// The world of `system`.
    pub fn new(system: &System) -> Self {
        Self::heard_by(system, ClientSet::EVERYBODY)
    }

    /// The same, but nothing is carried to clients: what the server's side does is the same, if nothing
    /// that a client does reaches it. Else it is the whole world.
    pub fn of_server(system: &System) -> Self {
        Self::heard_by(system, ClientSet::NOBODY)
    }

    /// The same, but something is carried only to these clients: each has a link of its
    /// own, so what the others do makes no difference to it, if nothing that a client does reaches the
    /// server's side. Else it is the whole world.
    pub fn heard_by(system: &System, hears: ClientSet) -> Self {
        let hears = if system.is_one_way() { hears } else { ClientSet::EVERYBODY };
        let clients = system.clients.iter().enumerate().map(|(i, plan)| {
            let mut plan = plan.clone();
            if !hears.contains(ClientId(i as u8)) {
                plan.timers.clear();
                plan.reactions.clear();
            }
            Client::new(ClientId(i as u8), plan)
        });
        Self { clients: clients.collect(), backend: Backend::new(system.clone()), hears, unfelt: Vec::new() }
    }

    /// The same for whoever does not ask how long a delivery takes: an event of which a client only takes note arrives with
    /// what is on its way before it, or at once. Where links cannot break they keep the order of what is sent on them, so each run
    /// of this is one of the world but for when such events arrive, and the other way round: with delays from `a` to `b`, what
    /// is sent between two messages can always arrive between them. The world itself, where there is no such event.
    #[must_use]
    pub fn without_unfelt_delays(self) -> Self {
        let system = self.system();
        if system.has_outages() {
            return self;
        }
        let unfelt = |plan: &ClientPlan| -> Vec<bool> {
            let kinds = system.events.iter().enumerate();
            // What tells of a row can be undone while it is on its way.
            kinds.map(|(event, kind)| kind.row.is_none() && plan.only_notes(EventId(event as u8))).collect()
        };
        let unfelt: Vec<Vec<bool>> = system.clients.iter().map(unfelt).collect();
        let any = unfelt.iter().flatten().any(|unfelt| *unfelt);
        Self { unfelt: if any { unfelt } else { Vec::new() }, ..self }
    }

    /// What it is the world of.
    pub fn system(&self) -> &System {
        &self.backend.system
    }

    /// The server's side alone. If nothing that a client does reaches it, an order of its steps is possible
    /// in the world if and only if it is possible there.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// A client's reaction to a copy of an event, by place.
    pub(crate) fn reaction(&self, client: ClientId, what: Identity, copy: Origin) -> Option<ReactionId> {
        self.clients[usize::from(client.0)].reaction(what, copy)
    }

    /// The backend's context in the world's: what it sends goes onto the client's link.
    fn backend_cx<'w, C: Cx<Self>>(
        &'w self,
        lines: &'w mut [Line],
        clients: &'w mut [ClientState],
        under_way: &'w mut [VecDeque<UnderWay>],
        cx: &'w mut C,
    ) -> impl Cx<Backend> + use<'w, C> {
        let host = |effect, cx: &mut C| match effect {
            BackendEffect::Send(to, message, id) => {
                let client = &self.clients[usize::from(to.0)];
                // A comment that restarts no timer changes nothing at the client: it is not carried, so
                // that it neither costs an event nor makes the state of a link grow.
                let heard = message != Message::Comment || client.minds_comments();
                if self.hears.contains(to) && heard && !self.takes_note(under_way, to, message, cx) {
                    let line = lines.get_mut(usize::from(to.0));
                    if line.is_none_or(|line| line.sends(message, id, client.resumes())) {
                        self.carry(to, message, cx);
                    }
                }
            }
            BackendEffect::Cut(of, noticed) => {
                let place = usize::from(of.0);
                cx.lose(Channel(u32::from(of.0)));
                if lines[place].breaks(noticed) {
                    self.clients[place].lost(&mut clients[place], &mut self.client_cx(of, lines, cx));
                }
            }
            BackendEffect::Hold(of, way) => lines[usize::from(of.0)].hold(way),
            BackendEffect::Release(of, way) => {
                let line = &mut lines[usize::from(of.0)];
                for (message, _) in line.release_to(way, self.clients[usize::from(of.0)].resumes()) {
                    self.carry(of, message, cx);
                }
                for asking in line.release_from(way) {
                    self.ask(of, asking, cx);
                }
            }
        };
        cx.nest::<Backend, _, _>(WorldEvent::Backend, host)
    }

    /// A client's context in the world's: what it asks for happens when its request gets there.
    fn client_cx<'w, C: Cx<Self>>(
        &'w self,
        id: ClientId,
        lines: &'w mut [Line],
        cx: &'w mut C,
    ) -> impl Cx<Client> + use<'w, C> {
        let host = move |effect, cx: &mut C| {
            let line = lines.get_mut(usize::from(id.0));
            let asking = match effect {
                ClientEffect::HangUp => {
                    cx.lose(Channel(u32::from(id.0)));
                    cx.lose(Channel(CONNECTS + u32::from(id.0)));
                    if let Some(line) = line {
                        line.breaks(true);
                        line.withdraws();
                    }
                    return;
                }
                ClientEffect::Fetch(resource, reaction) => Asking::Fetch(resource, reaction),
                ClientEffect::Connect => Asking::Connect,
            };
            if line.is_none_or(|line| line.asks(asking)) {
                self.ask(id, asking, cx);
            }
        };
        cx.nest::<Client, _, _>(move |event| WorldEvent::Client(id, event), host)
    }

    /// Whether a message is not carried, since its client only takes note of it.
    fn takes_note(
        &self,
        under_way: &mut [VecDeque<UnderWay>],
        to: ClientId,
        message: Message,
        cx: &mut impl Cx<Self>,
    ) -> bool {
        let Some(unfelt) = self.unfelt.get(usize::from(to.0)) else { return false };
        let before = &mut under_way[usize::from(to.0)];
        let Message::Event(what, copy) = message else {
            before.push_back(UnderWay::Carried);
            return false;
        };
        if !unfelt[usize::from(what.event().0)] {
            before.push_back(UnderWay::Carried);
            return false;
        }
        cx.leave_out(&self.clients[usize::from(to.0)].plan().latency);
        if before.is_empty() {
            cx.note(Fact::Arrived { at: to, what, copy });
        } else {
            before.push_back(UnderWay::Behind(what, copy));
        }
        true
    }

    /// What is carried has arrived, and with it what comes behind it.
    fn behind(under_way: &mut VecDeque<UnderWay>, at: ClientId, cx: &mut impl Cx<Self>) {
        under_way.pop_front();
        while let Some(&UnderWay::Behind(what, copy)) = under_way.front() {
            under_way.pop_front();
            cx.note(Fact::Arrived { at, what, copy });
        }
    }

    /// Lets a message set out.
    fn carry(&self, to: ClientId, message: Message, cx: &mut impl Cx<Self>) {
        let arrival = WorldEvent::Client(to, ClientEvent::Arrived(message));
        cx.send(Channel(u32::from(to.0)), arrival, &self.clients[usize::from(to.0)].plan().latency);
    }

    /// Lets a request set out.
    fn ask(&self, id: ClientId, asking: Asking, cx: &mut impl Cx<Self>) {
        let plan = self.clients[usize::from(id.0)].plan();
        match asking {
            Asking::Fetch(resource, reaction) => {
                if let Some((_, travels)) = &plan.reactions[usize::from(reaction.0)].fetches {
                    cx.send(Channel(REQUESTS + u32::from(id.0)), WorldEvent::Fetch(id, resource), travels);
                }
            }
            Asking::Connect => {
                if let Some(reconnects) = &plan.reconnects {
                    cx.send(
                        Channel(CONNECTS + u32::from(id.0)),
                        WorldEvent::Connect(id),
                        &reconnects.travels,
                    );
                }
            }
        }
    }

    fn in_client(&self, state: &mut WorldState, id: ClientId, event: ClientEvent, cx: &mut impl Cx<Self>) {
        let at = usize::from(id.0);
        if let ClientEvent::Arrived(message) = event
            && let Some(line) = state.lines.get_mut(at)
        {
            line.arrived(message);
        }
        self.clients[at].step(&mut state.clients[at], event, &mut self.client_cx(id, &mut state.lines, cx));
        if let ClientEvent::Arrived(_) = event
            && let Some(under_way) = state.under_way.get_mut(at)
        {
            Self::behind(under_way, id, cx);
        }
    }

    /// A client's request for a connection gets to the server's side.
    #[inline(never)]
    fn connect(&self, state: &mut WorldState, id: ClientId, cx: &mut impl Cx<Self>) {
        let place = usize::from(id.0);
        let WorldState { backend, clients, lines, under_way } = state;
        let last = lines[place].requested();
        cx.lose(Channel(u32::from(id.0)));
        lines[place].connects();
        if !self.backend.connect(backend, id, last, &mut self.backend_cx(lines, clients, under_way, cx)) {
            lines[place].breaks(true);
            self.clients[place].lost(&mut clients[place], &mut self.client_cx(id, lines, cx));
        }
    }
}

impl Machine for World {
    type State = WorldState;
    type Event = WorldEvent;
    type Effect = ();
    type Fact = Fact;

    fn start(&self, cx: &mut impl Cx<Self>) -> WorldState {
        let mut lines = Vec::new();
        if self.backend.system.has_outages() {
            lines.resize_with(self.clients.len(), Line::default);
        }
        // Nothing is sent and nobody is cut off before the first event.
        let mut under_way = vec![VecDeque::new(); self.unfelt.len()];
        let backend = self.backend.start(&mut self.backend_cx(&mut lines, &mut [], &mut under_way, cx));
        let clients = self.clients.iter().enumerate();
        let clients = clients
            .map(|(i, client)| client.start(&mut self.client_cx(ClientId(i as u8), &mut lines, cx)))
            .collect();
        WorldState { backend, clients, lines, under_way }
    }

    fn restart(&self, state: &mut WorldState, cx: &mut impl Cx<Self>) {
        let WorldState { backend, clients, lines, under_way } = state;
        lines.fill_with(Line::default);
        under_way.iter_mut().for_each(VecDeque::clear);
        self.backend.restart(backend, &mut self.backend_cx(lines, &mut [], under_way, cx));
        for (i, client) in self.clients.iter().enumerate() {
            client.restart(&mut clients[i], &mut self.client_cx(ClientId(i as u8), lines, cx));
        }
    }

    fn step(&self, state: &mut WorldState, event: WorldEvent, cx: &mut impl Cx<Self>) {
        match event {
            WorldEvent::Backend(event) => {
                let WorldState { backend, clients, lines, under_way } = state;
                self.backend.step(backend, event, &mut self.backend_cx(lines, clients, under_way, cx));
            }
            WorldEvent::Client(id, event) => self.in_client(state, id, event, cx),
            WorldEvent::Fetch(id, resource) => {
                let found = self.backend.finds(&state.backend, resource);
                self.in_client(state, id, ClientEvent::Answered(resource, found), cx);
            }
            WorldEvent::Connect(id) => self.connect(state, id, cx),
        }
    }

    fn ends(&self, fact: &Fact) -> Option<Span> {
        let (last, span) = self.backend.system.ends?;
        matches!(*fact, Fact::Over { task, .. } if task == last).then_some(span)
    }

    /// Clients and lines only act on what arrives, and nothing does.
    #[inline(always)]
    fn idle_cycle<'m>(
        &'m self,
        state: &WorldState,
        event: WorldEvent,
        idle_cycle: &mut IdleCycle<'m, Fact>,
    ) -> bool {
        let WorldEvent::Backend(event) = event else { return false };
        self.backend.idle_cycle(&state.backend, event, idle_cycle)
    }

    fn canonical(&self, state: &mut WorldState) {
        let WorldState { backend, clients, lines, under_way: _ } = state;
        for (line, client) in lines.iter_mut().zip(clients) {
            line.forget(client.may_connect());
        }
        self.backend.forget(backend);
        let ids = backend.ids().chain(lines.iter_mut().flat_map(Line::ids));
        self.backend.spaces.rank(&mut ids.collect::<Vec<_>>());
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for WorldState {
    fn clone(&self) -> Self {
        Self {
            backend: self.backend.clone(),
            clients: self.clients.clone(),
            lines: self.lines.clone(),
            under_way: self.under_way.clone(),
        }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { backend, clients, lines, under_way } = other;
        self.lines.clone_from(lines);
        self.under_way.clone_from(under_way);
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
