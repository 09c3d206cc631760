//! A client: how it reacts to what it is told, and what it does by itself.

use std::fmt;

use punctual_sim::Delay;

use super::{EventId, FileId, RowId, TimerId};

/// A client and what it does when told something.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientPlan {
    /// Its name.
    pub name: String,
    /// How long what is sent to it travels.
    pub latency: Delay,
    /// Its timers.
    pub timers: Vec<TimerPlan>,
    /// How it reacts to events; an event without a reaction only counts as a sign of life.
    pub reactions: Vec<Reaction>,
    /// How it connects again when its connection has ended, whether cleanly or not; `None` if it does not.
    pub reconnects: Option<Reconnects>,
}

impl ClientPlan {
    /// Its timers, each with its number.
    pub fn numbered_timers(&self) -> impl Iterator<Item = (TimerId, &TimerPlan)> {
        self.timers.iter().enumerate().map(|(number, timer)| (TimerId(number as u8), timer))
    }

    /// Whether it does nothing that it would not have done otherwise when it is told of such an event: it shows that things go
    /// on, at most, and none of its timers hears of it.
    pub(crate) fn only_notes(&self, event: EventId) -> bool {
        let does_more = |reaction: &Reaction| {
            let shows_outcome = reaction.shows.is_some_and(|shown| shown != Shown::Progress);
            shows_outcome || reaction.fetches.is_some() || reaction.ends
        };
        let hears = |timer: &TimerPlan| match timer.from {
            TimerFrom::Byte | TimerFrom::Event => true,
            TimerFrom::Named(from) => from == event || timer.stopped_by.contains(&event),
            TimerFrom::Start => timer.stopped_by.contains(&event),
        };
        let mut reactions = self.reactions.iter().filter(|reaction| reaction.event == event);
        !reactions.any(does_more) && !self.timers.iter().any(hears)
    }
}

/// How a client connects again (WHATWG HTML, 9.2.3, for what a browser does).
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnects {
    /// How long it waits first.
    pub after: Delay,
    /// How long its request travels.
    pub travels: Delay,
    /// Whether it names the last event that it has (`Last-Event-ID`).
    pub resumes: bool,
}

/// A client's timer.
#[derive(Clone, Debug, PartialEq)]
pub struct TimerPlan {
    /// Its name.
    pub name: String,
    /// What starts it; a repeat of a cause that is no named event starts it again.
    pub from: TimerFrom,
    /// When it fires.
    pub limit: Delay,
    /// Events whose reaction stops it for good.
    pub stopped_by: Vec<EventId>,
    /// What the user is shown when it fires.
    pub shows: Option<Shown>,
    /// Whether the client is at its end when it fires.
    pub ends: bool,
    /// Whether the client gives up its connection when it fires, and connects again; the timer then
    /// starts anew.
    pub reconnects: bool,
}

/// What starts a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerFrom {
    /// The beginning of the run.
    Start,
    /// Whatever arrives, comments too.
    Byte,
    /// Any event.
    Event,
    /// The client's reaction to this event, once.
    Named(EventId),
}

/// How a client reacts to a kind of event.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// The event.
    pub event: EventId,
    /// Which copies of it the client understands.
    pub copies: Copies,
    /// What the user is then shown.
    pub shows: Option<Shown>,
    /// What the client then fetches, and how long the request travels.
    pub fetches: Option<(Resource, Delay)>,
    /// Whether the client is then at its end.
    pub ends: bool,
}

/// Which copies of an event a client understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copies {
    /// All.
    All,
    /// Those that the server's end made from a row.
    Synthesized,
}

/// What a client can fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A row; found if it is visible.
    Row(RowId),
    /// A file; found if it is durable.
    File(FileId),
}

/// What a user sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// That it goes on.
    Progress,
    /// That it worked.
    Success,
    /// That it failed.
    Failure,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Progress => "progress",
            Self::Success => "success",
            Self::Failure => "failure",
        })
    }
}
