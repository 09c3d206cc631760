//! What a sentence or a picture asks of a run: when the job was over, who looked, what was shown.

use punctual_model::{Action, Breach, ClientId, Copy, Fact, Identity, NodeId, Shown, TaskId, Way};
use punctual_sim::{Span, Time};

use super::{Story, span, time};

impl Story<'_> {
    /// When a client's connection ends, the last that it has.
    pub fn closed(&self, client: ClientId) -> Option<Time> {
        let last = self.facts.iter().rev().find(|(_, fact)| match *fact {
            Fact::Closed(of)
            | Fact::Cut { client: of, noticed: true }
            | Fact::Connected { client: of, .. } => of == client,
            _ => false,
        });
        last.filter(|(_, fact)| !matches!(fact, Fact::Connected { .. })).map(|(at, _)| *at)
    }

    /// When the database was read and when clients connected again.
    pub fn requests(&self) -> impl Iterator<Item = Time> {
        let is_one = |fact: &Fact| matches!(fact, Fact::Read(_) | Fact::Connected { .. });
        self.facts.iter().filter(move |(_, fact)| is_one(fact)).map(|(at, _)| *at)
    }

    /// What [`Story::requests`] are.
    pub fn requests_are(&self) -> &'static str {
        if self.system.is_one_way() {
            "reads of the database"
        } else {
            "reads of the database and connections"
        }
    }

    /// When the client connected again that late after the job that its stream had to have ended.
    pub fn came_back(&self, client: ClientId, over: Time, limit: Span) -> Option<Time> {
        let back = |at: Time, fact: &Fact| {
            at > over + limit && matches!(*fact, Fact::Connected { client: of, .. } if of == client)
        };
        self.facts.iter().find(|(at, fact)| back(*at, fact)).map(|(at, _)| *at)
    }

    /// What happens to a line or a node, and where.
    pub(super) fn of_an_outage(&self, fact: &Fact) -> Option<(String, String)> {
        let client = |client: ClientId| self.system.client_name(client).to_owned();
        let node = |node: NodeId| self.system.nodes[usize::from(node.0)].clone();
        let of_way = |way: Way| match way {
            Way::Both => "both ways",
            Way::To => "to it",
            Way::From => "from it",
        };
        Some(match *fact {
            Fact::Cut { client: of, noticed: true } => (client(of), "the connection breaks".into()),
            Fact::Cut { client: of, noticed: false } => {
                (client(of), "the connection breaks, and neither end notices".into())
            }
            Fact::Connected { client: of, last: 0 } => (client(of), "connects again".into()),
            Fact::Connected { client: of, last } => {
                (client(of), format!("connects again, Last-Event-ID {last}"))
            }
            Fact::Refused(of) => (self.server_of(of), "answers that there is no more to come".into()),
            Fact::GaveUp(of) => (client(of), "will not connect again".into()),
            Fact::Held(of, way) => (client(of), format!("what is sent {} is held back", of_way(way))),
            Fact::Released(of, way) => (client(of), format!("what is sent {} is let go", of_way(way))),
            Fact::Crashed(of) => (node(of), "stops".into()),
            Fact::Restarted(of) => (node(of), "starts again".into()),
            _ => return None,
        })
    }

    /// When the connection of a client broke or was let break after `from`.
    pub fn broke(&self, client: ClientId, from: Time) -> Option<Time> {
        let broke = |fact: &Fact| matches!(*fact, Fact::Cut { client: of, .. } if of == client);
        self.facts.iter().find(|(at, fact)| *at >= from && broke(fact)).map(|(at, _)| *at)
    }

    /// Why an event that was sent never arrived, if that is what happened to it.
    pub(super) fn lost_on_its_way(&self, what: Identity, client: ClientId) -> Option<String> {
        let sent = self.first(
            |fact| matches!(*fact, Fact::Sent { to, what: sent, .. } if to == client && sent == what),
        )?;
        let (name, to) = (self.event(what), self.system.client_name(client));
        if let Some(broke) = self.broke(client, sent) {
            let (at, after) = (time(broke), span(broke - sent));
            return Some(format!(
                "{name} is on its way to {to} when the connection breaks at {at}, {after} after it was sent"
            ));
        }
        let (sent, broke) = (time(sent), self.broke(client, Time::ZERO)?);
        Some(format!("{name} is sent at {sent} on a connection that broke at {}", time(broke)))
    }

    /// When the last task of the job was over, as far as that was before the connection ended.
    pub fn job_over(&self, client: Option<ClientId>) -> Option<Time> {
        let end = client.and_then(|client| self.closed(client)).unwrap_or(self.ended_at);
        let over = self.facts.iter().rev().find(|(at, fact)| {
            *at <= end && matches!(*fact, Fact::Over { task, .. } if self.serves(task).is_none())
        });
        over.map(|(at, _)| *at)
    }

    /// When a timer was last started before it fired; the beginning of the run if it never was.
    pub fn timer_started(&self, client: ClientId, timer: u8, fired: Time) -> Time {
        let started = |at: Time, fact: &Fact| {
            at <= fired && matches!(*fact, Fact::TimerStarted(c, number) if (c, number) == (client, timer))
        };
        self.facts.iter().rev().find(|(at, fact)| started(*at, fact)).map_or(Time::ZERO, |(at, _)| *at)
    }

    /// The first two arrivals of an event at a client.
    pub fn arrivals(&self, breach: Breach) -> Option<(Time, Time)> {
        match self.copies(breach).as_slice() {
            [(first, _), (second, _), ..] => Some((*first, *second)),
            _ => None,
        }
    }

    fn copies(&self, breach: Breach) -> Vec<(Time, Copy)> {
        let arrived = |(at, fact): &(Time, Fact)| match *fact {
            Fact::Arrived { at: client, what, copy }
                if breach.what == Some(what) && breach.client == Some(client) =>
            {
                Some((*at, copy))
            }
            _ => None,
        };
        self.facts.iter().filter_map(arrived).collect()
    }

    pub(super) fn why_twice(&self, breach: Breach) -> String {
        let (Some(what), Some(client)) = (breach.what, breach.client) else {
            return "an event arrives twice".into();
        };
        let (name, to) = (self.event(what), self.system.client_name(client));
        let copies = self.copies(breach);
        let [(first, one), (second, other), ..] = copies[..] else {
            return format!("{name} reaches {to} twice");
        };
        let came = |copy: Copy| match copy {
            Copy::Published => "from the store",
            Copy::Synthesized => "made up by the stream",
        };
        let copies = if one == other {
            format!("both times {}", came(one))
        } else {
            format!("first {}, then {}", came(one), came(other))
        };
        format!("{name} reaches {to} at {} and again at {}, {copies}", time(first), time(second))
    }

    /// An event that arrived before the one that a breach is about, although its task published it
    /// later, and the times of both arrivals.
    pub fn overtaken(&self, breach: Breach) -> Option<(Identity, Time, Time)> {
        let (what, client) = breach.what.zip(breach.client)?;
        let (at, (_, by, _)) = (self.arrival(what, client)?, self.published(what)?);
        let order: Vec<Identity> = self
            .facts
            .iter()
            .filter_map(|(_, fact)| match *fact {
                Fact::Published { what, by: task, .. } if task == by => Some(what),
                _ => None,
            })
            .collect();
        let own = order.iter().position(|known| *known == what)?;
        let later =
            order[own + 1..].iter().filter_map(|other| Some((*other, self.arrival(*other, client)?, at)));
        later.filter(|(_, before, _)| *before <= at).min_by_key(|(_, before, _)| *before)
    }

    pub(super) fn why_phantom(&self, breach: Breach) -> String {
        let (Some(what), Some(client)) = (breach.what, breach.client) else {
            return "something was announced that was rolled back".into();
        };
        let (name, to) = (self.event(what), self.system.client_name(client));
        let row = self.system.events[usize::from(what.event().0)].row;
        let sent =
            self.first(|fact| matches!(fact, Fact::Sent { what: w, to, .. } if *w == what && *to == client));
        let undone = self.first(|fact| {
            matches!(*fact, Fact::RolledBack(of, version) if Some(of) == row && version == what.ordinal())
        });
        let (Some(sent), Some(undone), Some(row)) = (sent, undone, row) else {
            return format!("{name} was announced to {to}, and what it tells of was rolled back");
        };
        let row = &self.system.rows[usize::from(row.0)].name;
        let when = if undone < sent {
            format!("{} after row {row}, of which it tells, was rolled back", span(sent - undone))
        } else {
            format!("and row {row}, of which it tells, is rolled back {} later", span(undone - sent))
        };
        format!("{name} is sent to {to} at {}, {when}", time(sent))
    }

    /// What makes the job one that failed: its status, or a commit; and when.
    pub fn outcome(&self) -> Option<(Time, String)> {
        self.facts.iter().find_map(|(at, fact)| match *fact {
            Fact::Set(status) if self.system.failed == Some(status) => {
                let name = &self.system.statuses[usize::from(status.0)];
                Some((*at, format!("the job's status is {name} from {} on", time(*at))))
            }
            Fact::RolledBack(row, _) => {
                let name = &self.system.rows[usize::from(row.0)].name;
                Some((*at, format!("row {name} is rolled back at {}", time(*at))))
            }
            _ => None,
        })
    }

    /// The outcome that a client shows and the job does not have, and when.
    pub fn shown_wrong(&self, client: ClientId) -> Option<(Time, Shown)> {
        let wrong = if self.outcome().is_some() { Shown::Success } else { Shown::Failure };
        let showed = |kind: Option<Shown>| {
            self.facts.iter().find_map(|(at, fact)| match *fact {
                Fact::Showed(c, shown) if c == client && shown != Shown::Progress => {
                    kind.is_none_or(|kind| kind == shown).then_some((*at, shown))
                }
                _ => None,
            })
        };
        showed(Some(wrong)).or_else(|| showed(None))
    }

    pub(super) fn why_shown(&self, breach: Breach) -> String {
        let Some(client) = breach.client else { return "a client shows what is not so".into() };
        let name = self.system.client_name(client);
        let Some((at, shown)) = self.shown_wrong(client) else {
            return format!("{name} shows an outcome that the job did not have");
        };
        let outcome = self.outcome().map_or("the job does not fail".into(), |(_, outcome)| outcome);
        format!("{name} shows {shown} at {}, and {outcome}", time(at))
    }

    /// When a signal, given after `from`, was not heard by the task that serves a client and waits
    /// for such signals.
    pub(super) fn unheard(&self, client: ClientId, from: Time) -> Option<Time> {
        let servers = self.system.tasks.iter().filter(|task| task.serves == Some(client));
        let waits: Vec<_> = servers
            .flat_map(punctual_model::Task::all_steps)
            .filter_map(|step| match step.action {
                Action::Wait { signal, .. } => Some(signal),
                _ => None,
            })
            .collect();
        self.facts.iter().find_map(|(at, fact)| match *fact {
            Fact::Notified { signal, heard: false } if *at >= from && waits.contains(&signal) => Some(*at),
            _ => None,
        })
    }

    /// What the step at `place` notes beside itself, at its instant.
    pub fn beside(&self, place: usize) -> impl Iterator<Item = Fact> {
        let at = self.facts[place].0;
        let after = self.facts[place + 1..].iter().take_while(move |(when, _)| *when == at);
        after.map(|(_, fact)| *fact).take_while(|fact| !matches!(fact, Fact::Did(..)))
    }

    /// What a look at a store does not find, or passes over; nothing of another step.
    pub(super) fn of_the_look(&self, place: usize) -> String {
        let Fact::Did(task, number) = self.facts[place].1 else { return String::new() };
        let (Some(store), Some(client)) = (self.looks_at(task, number), self.serves(task)) else {
            return String::new();
        };
        let before = self.facts[..place].iter().rposition(
            |(_, fact)| matches!(*fact, Fact::Did(t, n) if t == task && self.looks_at(t, n) == Some(store)),
        );
        let sent = |what: Identity| {
            let sent =
                |fact: &Fact| matches!(*fact, Fact::Sent { to, what: w, .. } if to == client && w == what);
            self.facts[..place].iter().any(|(_, fact)| sent(fact))
                || self.beside(place).any(|fact| sent(&fact))
        };
        let passed: Vec<String> = self.facts[before.map_or(0, |before| before + 1)..place]
            .iter()
            .filter_map(|(_, fact)| match *fact {
                Fact::Published { what, store: into, .. } if into == store && !sent(what) => {
                    Some(self.event(what))
                }
                _ => None,
            })
            .collect();
        if !passed.is_empty() {
            format!(", passes over {}", passed.join(", "))
        } else if self.came_of(place) {
            String::new()
        } else {
            ", finds nothing new".into()
        }
    }

    /// The store that a step sends from.
    fn looks_at(&self, task: TaskId, number: u16) -> Option<punctual_model::StoreId> {
        match self.system.tasks[usize::from(task.0)].all_steps().nth(usize::from(number))?.action {
            Action::Send(store) => Some(store),
            _ => None,
        }
    }
}
