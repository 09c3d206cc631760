//! What a client does: its timers, its reactions, and what it fetches.

use super::facts::Fact;
use super::ledger::DURABLE;
use super::run::Event;
use super::state::{Identity, Message, TimerState};
use super::system::{Delay, Fetched, From, Reaction, Shown};

impl Event<'_> {
    /// The first message of its lane arrives.
    pub(crate) fn arrive(&mut self, client: usize) {
        let (message, _) = self.state.clients[client].lane.remove(0);
        match message {
            Message::Event { event, id, announced } => self.arrive_event(client, event, id, announced),
            Message::Comment => self.start_again(client, |from| from == From::Byte),
            Message::End => {
                self.state.clients[client].connected = false;
                self.reconnect(client);
            }
            Message::Refusal => {
                self.state.clients[client].connected = false;
                self.state.clients[client].refused = true;
                self.note(Fact::GaveUp(client));
            }
        }
    }

    fn arrive_event(&mut self, client: usize, event: Identity, id: Option<i64>, announced: bool) {
        self.note(Fact::Arrived(event, client));
        self.broken |= self.state.ledger.arrived(event, client, &self.system.limits);
        self.state.clients[client].last = id.or(self.state.clients[client].last);
        self.start_again(client, |from| matches!(from, From::Byte | From::AnyEvent));
        let reactions = &self.system.clients[client].reactions;
        let understands = |on: &Reaction| on.kind == event.0 && (announced || !on.synthesized_only);
        let Some(at) = reactions.iter().position(understands).filter(|_| !self.state.clients[client].done)
        else {
            return;
        };
        let reaction = &reactions[at];
        for timer in 0..self.system.clients[client].timers.len() {
            let known = &self.system.clients[client].timers[timer];
            if known.stops.contains(&event.0) {
                self.state.clients[client].timers[timer] = TimerState::Stopped;
            }
            if known.from == From::Event(event.0)
                && self.state.clients[client].timers[timer] == TimerState::New
            {
                self.start_timer(client, timer);
            }
        }
        self.show(client, reaction.shows);
        if reaction.fetches.is_some() {
            let held = self.state.clients[client].held_from;
            let due = if held { None } else { Some(self.travel_fetch(client, at)) };
            self.state.clients[client].fetches.push((at, due));
        }
        if reaction.ends {
            self.finish(client);
        }
    }

    /// When what is asked for now arrives: not before what was asked for earlier.
    pub(crate) fn travel_fetch(&mut self, client: usize, reaction: usize) -> u64 {
        let (_, takes) = self.fetch(client, reaction);
        let before = self.state.clients[client].fetches.iter().filter_map(|(_, due)| *due).max().unwrap_or(0);
        self.draw(takes).max(before)
    }

    fn fetch(&self, client: usize, reaction: usize) -> (Fetched, Delay) {
        self.system.clients[client].reactions[reaction].fetches.expect("the reaction asks for something")
    }

    /// What it asked for is looked up.
    pub(crate) fn fetched(&mut self, client: usize) {
        let (reaction, _) = self.state.clients[client].fetches.remove(0);
        let there = match self.fetch(client, reaction).0 {
            Fetched::Row(row) => self.state.rows[row].visible > 0,
            Fetched::File(file) => self.state.files[file],
        };
        self.note(Fact::Fetched(client, there));
        if !there {
            self.broken |= DURABLE;
            if !self.state.clients[client].done {
                self.show(client, Some(Shown::Failure));
            }
        }
    }

    fn show(&mut self, client: usize, shown: Option<Shown>) {
        let Some(shown) = shown else { return };
        self.note(Fact::Showed(client, shown));
        match shown {
            Shown::Progress => {}
            Shown::Success => self.state.ledger.success = true,
            Shown::Failure => self.state.ledger.failure = true,
        }
    }

    /// The client is done.
    fn finish(&mut self, client: usize) {
        let state = &mut self.state.clients[client];
        state.done = true;
        state.asks_in = None;
        state.timers.fill(TimerState::Stopped);
        self.note(Fact::Finished(client));
    }

    /// Each running timer from one of these starts again.
    fn start_again(&mut self, client: usize, from: impl Fn(From) -> bool) {
        for timer in 0..self.system.clients[client].timers.len() {
            let runs = matches!(self.state.clients[client].timers[timer], TimerState::Running(_));
            if runs && from(self.system.clients[client].timers[timer].from) {
                self.run_timer(client, timer);
            }
        }
    }

    pub(crate) fn start_timer(&mut self, client: usize, timer: usize) {
        self.run_timer(client, timer);
        self.note(Fact::Started(client, timer));
    }

    /// The timer runs, from now on.
    fn run_timer(&mut self, client: usize, timer: usize) {
        let limit = self.draw(self.system.clients[client].timers[timer].limit);
        self.state.clients[client].timers[timer] = TimerState::Running(limit);
    }

    /// Timers that have fired and made the client connect again start anew.
    pub(crate) fn start_fired_timers(&mut self, client: usize) {
        for timer in 0..self.system.clients[client].timers.len() {
            let fired = self.state.clients[client].timers[timer] == TimerState::Fired;
            if fired && self.system.clients[client].timers[timer].reconnects {
                self.start_timer(client, timer);
            }
        }
    }

    pub(crate) fn fire(&mut self, client: usize, timer: usize) {
        let known = &self.system.clients[client].timers[timer];
        self.state.clients[client].timers[timer] = TimerState::Fired;
        self.note(Fact::TimedOut(client, timer));
        self.state.ledger.fired = true;
        self.show(client, known.shows);
        if known.ends {
            self.finish(client);
        }
        if known.reconnects {
            let state = &mut self.state.clients[client];
            state.lane.clear();
            state.request = None;
            (state.line, state.connected) = (false, false);
            self.reconnect(client);
        }
    }
}
