//! The line between a client and the server's side, where it can break or hold up what is sent on it.
//!
//! What is under way is pending, like all that takes time; a line knows what is not: what waits because it
//! is held, and the ids by which a client that connects again names the last event that it has. A client
//! takes the id of an event when that has arrived, and an event without one leaves it the one before.

use std::collections::VecDeque;

use crate::client::Message;
use crate::ids::Id;
use crate::system::{ReactionId, Resource, Way};

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asking {
    /// A resource; the reaction with this number says how long the request travels.
    Fetch(Resource, ReactionId),
    /// A connection.
    Connect,
}

/// How a connection is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Connection {
    /// What is sent on it arrives.
    #[default]
    Up,
    /// Its end was sent and is under way: for the client it is up.
    Ending,
    /// What is sent on it does not arrive, and nobody knows.
    HalfOpen,
    /// It has ended, for the client too.
    Down,
}

/// What is known of a line.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Line {
    connection: Connection,
    /// Whether what is sent to the client is held, and what it asks for.
    held: (bool, bool),
    /// What was sent while it was held, with its ids.
    waiting: VecDeque<(Message, Option<Id>)>,
    asking: VecDeque<Asking>,
    /// How many requests for a connection are under way or wait.
    requests: u32,
    /// The ids of the events under way, for a client that will name one.
    ids: VecDeque<Option<Id>>,
    /// The id of the last event that arrived and had one.
    last: Option<Id>,
}

impl Line {
    /// Whether a message that is sent now sets out now. `remembers`: whether the client will name an id.
    pub(crate) fn sends(&mut self, message: Message, id: Option<Id>, remembers: bool) -> bool {
        if self.connection != Connection::Up {
            return false;
        }
        // Of an ended connection the end is the last that is sent.
        if matches!(message, Message::End | Message::Refused) {
            self.connection = Connection::Ending;
        }
        if self.held.0 {
            self.waiting.push_back((message, id.filter(|_| remembers)));
            return false;
        }
        self.sets_out(message, id, remembers);
        true
    }

    fn sets_out(&mut self, message: Message, id: Option<Id>, remembers: bool) {
        if remembers && matches!(message, Message::Event(..)) {
            self.ids.push_back(id);
        }
    }

    /// Whether a request that is made now sets out now.
    pub(crate) fn asks(&mut self, asking: Asking) -> bool {
        self.requests += u32::from(asking == Asking::Connect);
        if self.held.1 {
            self.asking.push_back(asking);
        }
        !self.held.1
    }

    /// A message has arrived.
    pub(crate) fn arrived(&mut self, message: Message) {
        match message {
            Message::Event(..) => {
                if let Some(Some(id)) = self.ids.pop_front() {
                    self.last = Some(id);
                }
            }
            Message::End | Message::Refused => self.connection = Connection::Down,
            Message::Comment => {}
        }
    }

    /// The connection breaks: what is under way and what waits to is lost. Whether there is something that
    /// the client can notice: not where it has ended for it already.
    pub(crate) fn breaks(&mut self, noticed: bool) -> bool {
        let ended = self.connection == Connection::Down;
        if !ended {
            self.connection = if noticed { Connection::Down } else { Connection::HalfOpen };
        }
        self.ids.clear();
        self.waiting.clear();
        noticed && !ended
    }

    /// Requests for a connection are given up, wherever they are.
    pub(crate) fn withdraws(&mut self) {
        self.requests = 0;
        self.asking.retain(|asking| *asking != Asking::Connect);
    }

    /// A request for a connection has arrived. The number of the id that the client names; 0 for none.
    pub(crate) fn requested(&mut self) -> u32 {
        self.requests = self.requests.saturating_sub(1);
        self.last.map_or(0, Id::number)
    }

    /// The connection is up again, and nothing is under way on it.
    pub(crate) fn connects(&mut self) {
        self.ids.clear();
        self.waiting.clear();
        self.connection = Connection::Up;
    }

    /// What is sent is held from now on.
    pub(crate) fn hold(&mut self, way: Way) {
        self.held.0 |= way != Way::From;
        self.held.1 |= way != Way::To;
    }

    /// What was sent to the client and is held no longer, in order.
    pub(crate) fn release_to(&mut self, way: Way, remembers: bool) -> VecDeque<(Message, Option<Id>)> {
        if way == Way::From {
            return VecDeque::new();
        }
        self.held.0 = false;
        let released = std::mem::take(&mut self.waiting);
        for &(message, id) in &released {
            self.sets_out(message, id, remembers);
        }
        released
    }

    /// What the client has asked for and is held no longer, in order.
    pub(crate) fn release_from(&mut self, way: Way) -> VecDeque<Asking> {
        if way == Way::To {
            return VecDeque::new();
        }
        self.held.1 = false;
        std::mem::take(&mut self.asking)
    }

    /// Forgets the ids that nobody will name: `may_connect` says whether the client may connect again.
    pub(crate) fn forget(&mut self, may_connect: bool) {
        if !may_connect && self.requests == 0 {
            self.ids.clear();
            self.last = None;
            self.waiting.iter_mut().for_each(|(_, id)| *id = None);
        }
    }

    /// All ids that are kept.
    pub(crate) fn ids(&mut self) -> impl Iterator<Item = &mut Id> {
        let Self { waiting, ids, last, connection: _, held: _, asking: _, requests: _ } = self;
        ids.iter_mut().chain(waiting.iter_mut().map(|(_, id)| id)).chain([last]).flatten()
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for Line {
    fn clone(&self) -> Self {
        let mut line = Self::default();
        line.clone_from(self);
        line
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { connection, held, waiting, asking, requests, ids, last } = other;
        self.connection = *connection;
        self.held = *held;
        self.waiting.clone_from(waiting);
        self.asking.clone_from(asking);
        self.requests = *requests;
        self.ids.clone_from(ids);
        self.last = *last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Identity, Origin};
    use crate::ids::Space;
    use crate::system::EventId;

    const EVENT: Message = Message::Event(Identity::new(EventId(0), 1), Origin::Published);

    fn id(number: u32) -> Id {
        Id::none(Space::NOBODY).numbered(number)
    }

    #[test]
    fn an_id_is_taken_when_its_event_arrives_and_kept_by_one_without() {
        let mut line = Line::default();
        assert!(
            line.sends(EVENT, Some(id(7)), true)
                && line.sends(EVENT, None, true)
                && line.sends(EVENT, Some(id(9)), true)
        );
        line.arrived(EVENT);
        line.arrived(Message::Comment);
        assert_eq!(line.requested(), 7);
        line.arrived(EVENT);
        assert_eq!(line.requested(), 7, "an event without an id");
        assert!(line.breaks(true));
        line.arrived(EVENT);
        assert_eq!(line.requested(), 7, "what was under way is lost");
        assert!(!line.sends(EVENT, Some(id(11)), true), "nothing is sent on a broken line");
        line.connects();
        assert!(line.sends(EVENT, Some(id(11)), true));
    }

    #[test]
    fn an_id_is_forgotten_only_when_no_request_is_under_way_that_will_name_it() {
        let mut line = Line::default();
        assert!(line.sends(EVENT, Some(id(7)), true));
        line.arrived(EVENT);
        assert!(line.asks(Asking::Connect) && line.asks(Asking::Connect));
        assert_eq!(line.requested(), 7);
        line.forget(false);
        assert_eq!(line.requested(), 7, "of the second request");
        line.forget(false);
        assert_eq!(line.requested(), 0);
    }

    #[test]
    fn what_is_held_sets_out_in_order_when_it_is_released() {
        let mut line = Line::default();
        line.hold(Way::Both);
        assert!(!line.sends(EVENT, Some(id(1)), true) && !line.sends(Message::End, None, true));
        assert!(!line.asks(Asking::Connect));
        assert_eq!(line.release_to(Way::From, true), []);
        assert_eq!(line.release_from(Way::From), [Asking::Connect]);
        assert_eq!(line.release_to(Way::To, true), [(EVENT, Some(id(1))), (Message::End, None)]);
        line.arrived(EVENT);
        assert_eq!(line.requested(), 1);
        assert!(line.asks(Asking::Connect));
    }
}
