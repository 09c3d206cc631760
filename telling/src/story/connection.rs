//! What became of what was sent to a client: whether it arrived, was lost, or is held back.
//!
//! A line is first in, first out, and a break loses all that is on it. Which facts break one is said once,
//! here: the line is cut, the client gives its connection up, the server ends it, or the client is there anew.

use std::collections::VecDeque;

use punctual_model::{ClientId, Fact, Identity, Origin, TimerId, Way};
use punctual_sim::Span;

use super::{FactId, Story};

/// The course of a client's connection through a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// All that was sent to it, in order.
    pub sendings: Vec<Sending>,
    /// The places at which what is on the line is lost, or nothing more gets onto it.
    pub breaks: Vec<FactId>,
    /// The places at which there is a line again.
    pub ups: Vec<FactId>,
    /// From where on what is sent is held back, and where that ends if it does.
    pub holds: Vec<(FactId, Option<FactId>)>,
}

/// What stops something that is put onto a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops {
    /// The breaks: those since there was a line last, and those that come before it has arrived.
    pub breaks: Vec<FactId>,
    /// What holds it back and does not let go of it.
    pub holds: Vec<FactId>,
}

impl Stops {
    /// Whether nothing does.
    pub fn is_empty(&self) -> bool {
        self.breaks.is_empty() && self.holds.is_empty()
    }

    /// In how many ways.
    pub fn weight(&self) -> usize {
        usize::from(!self.breaks.is_empty()) + usize::from(!self.holds.is_empty())
    }

    /// The first of each: what is told of them.
    pub fn first_of_each(&self) -> Vec<FactId> {
        self.holds.first().into_iter().chain(self.breaks.first()).copied().collect()
    }
}

/// An event that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The place at which it was.
    pub sent: FactId,
    /// What.
    pub what: Identity,
    /// Which copy of it.
    pub copy: Origin,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of something that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It arrived, at this place.
    Arrived(FactId),
    /// It was sent on a line that had been broken: since these places, in order.
    NotOnTheLine(Vec<FactId>),
    /// The line broke at this place while it was on its way, or waited: since the place beside it.
    LostOnItsWay(FactId, Option<FactId>),
    /// It is held back, since this place.
    Held(FactId),
    /// It is on its way when the run ends.
    OnItsWay,
}

/// A line while its course is followed.
#[derive(Default)]
struct Walk {
    course: Course,
    /// What is on the line, by number in the course.
    flying: VecDeque<usize>,
    /// Since where it is broken.
    broken: Vec<FactId>,
    /// Since where the one before it was.
    before: Vec<FactId>,
    /// Whether what is sent next is sent on the one before it.
    outdated: bool,
    /// Whether the client is at its end, or will not come again.
    gone: bool,
}

impl Walk {
    fn breaks(&mut self, place: FactId) {
        self.course.breaks.push(place);
        self.broken.push(place);
        self.lose(place);
    }

    fn lose(&mut self, place: FactId) {
        for number in self.flying.drain(..) {
            let sending = &mut self.course.sendings[number];
            let held = match sending.outcome {
                Outcome::Held(since) => Some(since),
                _ => None,
            };
            sending.outcome = Outcome::LostOnItsWay(place, held);
        }
    }

    /// Since where what is sent is held back.
    fn held(&self) -> Option<FactId> {
        self.course.holds.iter().find(|(_, let_go)| let_go.is_none()).map(|(held, _)| *held)
    }

    fn sends(&mut self, sent: FactId, what: Identity, copy: Origin) {
        let broken = if self.outdated { &self.before } else { &self.broken };
        let outcome = match (broken.is_empty(), self.held()) {
            (false, _) => Outcome::NotOnTheLine(broken.clone()),
            (true, Some(held)) => Outcome::Held(held),
            (true, None) => Outcome::OnItsWay,
        };
        if broken.is_empty() {
            self.flying.push_back(self.course.sendings.len());
        }
        self.course.sendings.push(Sending { sent, what, copy, outcome });
    }

    fn arrives(&mut self, place: FactId, what: Identity, copy: Origin) {
        let sendings = &mut self.course.sendings;
        let same = |number: &usize| (sendings[*number].what, sendings[*number].copy) == (what, copy);
        if let Some(number) = self.flying.iter().position(same).and_then(|at| self.flying.remove(at)) {
            sendings[number].outcome = Outcome::Arrived(place);
        }
    }

    fn releases(&mut self, place: FactId) {
        for (_, let_go) in &mut self.course.holds {
            let_go.get_or_insert(place);
        }
        for number in &self.flying {
            self.course.sendings[*number].outcome = Outcome::OnItsWay;
        }
    }
}

impl Story<'_> {
    /// What became of all that was sent to a client.
    pub fn course(&self, client: ClientId) -> Course {
        let mut walk = Walk::default();
        for (place, fact) in self.placed() {
            match fact {
                Fact::Outdated(task) if self.serves(task) == Some(client) => walk.outdated = true,
                Fact::Did(task, _) if self.serves(task) == Some(client) => walk.outdated = false,
                Fact::Sent { to, what, copy, .. } if to == client => walk.sends(place, what, copy),
                Fact::Arrived { at, what, copy } if at == client => walk.arrives(place, what, copy),
                Fact::Cut { client: of, .. } if of == client => walk.breaks(place),
                Fact::TimedOut(of, number) if of == client && self.hangs_up(client, number) && !walk.gone => {
                    walk.breaks(place);
                }
                // What was sent before its end still arrives.
                Fact::Closed(of) if of == client => {
                    walk.course.breaks.push(place);
                    walk.broken.push(place);
                }
                Fact::Connected { client: of, .. } if of == client => {
                    walk.lose(place);
                    walk.before = std::mem::take(&mut walk.broken);
                    walk.course.ups.push(place);
                }
                Fact::Finished(of) | Fact::GaveUp(of) if of == client => walk.gone = true,
                Fact::Held(of, way) if of == client && way != Way::From => {
                    walk.course.holds.push((place, None));
                }
                Fact::Released(of, way) if of == client && way != Way::From => walk.releases(place),
                _ => {}
            }
        }
        walk.course
    }

    /// What stops something that is put onto a client's line from `place` on, `within` so long.
    pub fn stops(&self, course: &Course, client: ClientId, place: FactId, within: Span) -> Stops {
        let travels = self.system.clients[usize::from(client.0)].latency.interval().max;
        let sent = self.at_or_end(place) + within;
        let covers = |(held, let_go): &&(FactId, Option<FactId>)| {
            (*held < place || self.at(*held) <= sent) && let_go.is_none_or(|let_go| let_go > place)
        };
        let covering: Vec<(FactId, Option<FactId>)> = course.holds.iter().filter(covers).copied().collect();
        let let_go = covering.iter().filter_map(|(_, let_go)| let_go.map(|let_go| self.at(let_go))).max();
        let arrives = let_go.unwrap_or(sent).max(sent) + travels;
        let up = course.ups.iter().copied().rfind(|up| *up < place);
        let comes = |broke: &FactId| up.is_none_or(|up| *broke > up) && self.at(*broke) <= arrives;
        Stops {
            breaks: course.breaks.iter().copied().filter(comes).collect(),
            holds: covering.iter().filter(|(_, let_go)| let_go.is_none()).map(|(held, _)| *held).collect(),
        }
    }

    /// Whether a client gives up its connection when this timer of it fires.
    pub fn hangs_up(&self, client: ClientId, timer: TimerId) -> bool {
        let timers = &self.system.clients[usize::from(client.0)].timers;
        timers.get(usize::from(timer.0)).is_some_and(|timer| timer.reconnects && !timer.ends)
    }
}
