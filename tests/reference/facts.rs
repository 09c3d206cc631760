//! What can be said to have happened, for those who measure from one fact to another.

use super::state::Identity;
use super::system::{Shown, System};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fact {
    /// A task's step, by its place in the task, took effect.
    Did(usize, usize),
    /// A task begins a round of its loop.
    Turned(usize),
    Over(usize),
    Added(Identity),
    Sent(Identity, usize),
    Arrived(Identity, usize),
    Committed(usize),
    Visible(usize),
    RolledBack(usize),
    Saved(usize),
    Set(usize),
    Notified(usize),
    Closed(usize),
    Fetched(usize, bool),
    Showed(usize, Shown),
    Finished(usize),
    Started(usize, usize),
    TimedOut(usize, usize),
    Cut(usize),
    Connected(usize),
    GaveUp(usize),
    Held(usize),
    Crashed(usize),
    Restarted(usize),
}

/// What one fact of a kind is like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum FactKind {
    /// Exactly this.
    Is(Fact),
    /// Any of the steps of this name.
    Did(usize, String),
    Added(usize),
    Sent(usize, Option<usize>),
    Arrived(usize, Option<usize>),
}

impl FactKind {
    /// Whether a fact is of this kind.
    pub(crate) fn matches(&self, system: &System, fact: Fact) -> bool {
        match (self, fact) {
            (Self::Is(one), fact) => *one == fact,
            (Self::Did(task, name), Fact::Did(by, at)) => {
                *task == by && system.tasks[by].steps[at].name == *name
            }
            (Self::Added(kind), Fact::Added(event)) => event.0 == *kind,
            (Self::Sent(kind, client), Fact::Sent(event, to))
            | (Self::Arrived(kind, client), Fact::Arrived(event, to)) => {
                event.0 == *kind && client.is_none_or(|client| client == to)
            }
            _ => false,
        }
    }

    /// The kind of event that it tells of.
    pub(crate) fn event(&self) -> Option<usize> {
        match self {
            Self::Added(kind) | Self::Sent(kind, _) | Self::Arrived(kind, _) => Some(*kind),
            Self::Is(_) | Self::Did(..) => None,
        }
    }
}

impl Fact {
    /// The event that it tells of.
    pub(crate) fn event(self) -> Option<Identity> {
        match self {
            Self::Added(event) | Self::Sent(event, _) | Self::Arrived(event, _) => Some(event),
            _ => None,
        }
    }
}

/// The kind of fact that a text such as `arrived news at page` names; none if it names nothing.
pub(crate) fn named(system: &System, text: &str) -> Option<FactKind> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() == 1 {
        let (task, step) = text.split_once('.')?;
        let task = system.tasks.iter().position(|known| known.name == task)?;
        system.tasks[task].steps.iter().find(|known| known.name == step)?;
        return Some(FactKind::Did(task, step.to_owned()));
    }
    let (word, name) = (words[0], words[1]);
    let client_named = |name: &str| system.clients.iter().position(|client| client.name == name);
    let at = match words.get(3) {
        Some(client) => Some(client_named(client)?),
        None => None,
    };
    let kind = || system.kinds.iter().position(|kind| kind.name == name);
    let row = || system.rows.iter().position(|row| row.name == name);
    let task = || system.tasks.iter().position(|task| task.name == name);
    let place = |names: &[String]| names.iter().position(|known| known == name);
    let timer = || {
        let client = at.unwrap_or(0);
        Some((client, system.clients[client].timers.iter().position(|timer| timer.name == name)?))
    };
    let one = match word {
        "published" => return Some(FactKind::Added(kind()?)),
        "sent" => return Some(FactKind::Sent(kind()?, at)),
        "arrived" => return Some(FactKind::Arrived(kind()?, at)),
        "committed" => Fact::Committed(row()?),
        "visible" => Fact::Visible(row()?),
        "rolled-back" => Fact::RolledBack(row()?),
        "saved" => Fact::Saved(place(&system.files)?),
        "status" => Fact::Set(place(&system.statuses)?),
        "notified" => Fact::Notified(system.signals.iter().position(|signal| signal.name == name)?),
        "over" => Fact::Over(task()?),
        "turned" => Fact::Turned(task()?),
        "closed" => Fact::Closed(client_named(name)?),
        "found" => Fact::Fetched(client_named(name)?, true),
        "missed" => Fact::Fetched(client_named(name)?, false),
        "finished" => Fact::Finished(client_named(name)?),
        "cut" => Fact::Cut(client_named(name)?),
        "connected" => Fact::Connected(client_named(name)?),
        "gave-up" => Fact::GaveUp(client_named(name)?),
        "held" => Fact::Held(client_named(name)?),
        "crashed" => Fact::Crashed(place(&system.nodes)?),
        "restarted" => Fact::Restarted(place(&system.nodes)?),
        "started" => timer().map(|(client, timer)| Fact::Started(client, timer))?,
        "timed-out" => timer().map(|(client, timer)| Fact::TimedOut(client, timer))?,
        "shown" => Fact::Showed(
            at.unwrap_or(0),
            match name {
                "progress" => Shown::Progress,
                "success" => Shown::Success,
                _ => Shown::Failure,
            },
        ),
        _ => return None,
    };
    Some(FactKind::Is(one))
}
