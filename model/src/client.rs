//! The client: what it does when something arrives, and when nothing does.
//!
//! A machine of its own, because a client can be cut off from all the rest. It hears messages and
//! answers, and asks its host to fetch. After its end it still notes what arrives, since what is
//! late is not lost, but reacts no more.

use punctual_sim::{Cx, Machine};

use crate::fact::{Fact, Identity, Origin};
use crate::system::{
    ClientId, ClientPlan, Copies, EventId, Reaction, ReactionId, Resource, Shown, TimerFrom, TimerId,
};

/// What travels on a connection from server to client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// An event.
    Event(Identity, Origin),
    /// A comment: a sign of life without content.
    Comment,
    /// The end of the connection.
    End,
    /// An answer without a stream: the client need not come again.
    Refused,
}

/// What can happen to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientEvent {
    /// A message arrived.
    Arrived(Message),
    /// A timer fired.
    Timer(TimerId),
    /// A request was answered: whether the resource was there.
    Answered(Resource, bool),
    /// It has waited long enough to connect again.
    Retry,
}

/// What a client asks of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientEffect {
    /// To fetch a resource; the reaction with this number says how long the request travels.
    Fetch(Resource, ReactionId),
    /// To give up the connection, and a request for one: nothing more comes of them.
    HangUp,
    /// To ask for a connection.
    Connect,
}

/// One client.
#[derive(Clone, Debug)]
pub struct Client {
    id: ClientId,
    plan: ClientPlan,
}

/// What a client remembers.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct ClientState {
    finished: bool,
    /// Whether it will not connect again.
    gave_up: bool,
    timers: Vec<TimerState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum TimerState {
    /// Not started yet.
    Off,
    Running,
    /// Fired, and starts anew when the client asks for a connection.
    Fired,
    /// Fired or stopped: it does not start again.
    Done,
}

impl ClientState {
    /// Whether it has come to an end of its own.
    pub(crate) fn is_done(&self) -> bool {
        self.finished
    }

    /// Whether it may still connect again.
    pub(crate) fn may_connect(&self) -> bool {
        !self.finished && !self.gave_up
    }
}

impl Client {
    /// The client that follows `plan`.
    pub fn new(id: ClientId, plan: ClientPlan) -> Self {
        Self { id, plan }
    }

    /// Which one it is.
    pub fn id(&self) -> ClientId {
        self.id
    }

    /// What it follows.
    pub fn plan(&self) -> &ClientPlan {
        &self.plan
    }

    /// Whether it names the last event that it has when it connects again.
    pub fn resumes(&self) -> bool {
        self.plan.reconnects.as_ref().is_some_and(|reconnects| reconnects.resumes)
    }

    /// Whether a comment makes a difference to it.
    pub fn minds_comments(&self) -> bool {
        self.plan.timers.iter().any(|timer| timer.from == TimerFrom::Byte)
    }

    fn arrived(&self, state: &mut ClientState, message: Message, cx: &mut impl Cx<Client>) {
        match message {
            Message::Event(what, copy) => {
                cx.note(Fact::Arrived { at: self.id, what, copy });
                self.sign_of_life(state, message, cx);
                self.react(state, what, copy, cx);
            }
            Message::Comment => {
                cx.note(Fact::CommentArrived(self.id));
                self.sign_of_life(state, message, cx);
            }
            Message::End => {
                cx.note(Fact::EndArrived(self.id));
                self.lost(state, cx);
            }
            Message::Refused => {
                cx.note(Fact::GaveUp(self.id));
                state.gave_up = true;
            }
        }
    }

    /// Its connection has ended, one way or another: it will connect again, if it ever does.
    pub fn lost(&self, state: &mut ClientState, cx: &mut impl Cx<Client>) {
        if let Some(reconnects) = &self.plan.reconnects
            && state.may_connect()
        {
            cx.after(ClientEvent::Retry, &reconnects.after);
        }
    }

    fn retry(&self, state: &mut ClientState, cx: &mut impl Cx<Client>) {
        for (number, timer) in self.plan.numbered_timers() {
            if timer.reconnects && state.timers[usize::from(number.0)] == TimerState::Fired {
                self.start_timer(state, number, cx);
            }
        }
        cx.emit(ClientEffect::Connect);
    }

    /// Restarts the timers that run since the last byte or, if it was an event, the last event.
    fn sign_of_life(&self, state: &mut ClientState, message: Message, cx: &mut impl Cx<Client>) {
        for (number, timer) in self.plan.numbered_timers() {
            let restarts = match timer.from {
                TimerFrom::Byte => true,
                TimerFrom::Event => matches!(message, Message::Event(..)),
                TimerFrom::Start | TimerFrom::Named(_) => false,
            };
            if restarts && state.timers[usize::from(number.0)] == TimerState::Running {
                cx.after(ClientEvent::Timer(number), &timer.limit);
            }
        }
    }

    /// Its reaction to a copy of an event, by place.
    pub(crate) fn reaction(&self, what: Identity, copy: Origin) -> Option<ReactionId> {
        let understands = |reaction: &Reaction| {
            reaction.event == what.event()
                && match reaction.copies {
                    Copies::All => true,
                    Copies::Synthesized => copy == Origin::Synthesized,
                }
        };
        let place = self.plan.reactions.iter().position(understands)?;
        Some(ReactionId(place as u8))
    }

    fn react(&self, state: &mut ClientState, what: Identity, copy: Origin, cx: &mut impl Cx<Client>) {
        if state.finished {
            return;
        }
        let Some(place) = self.reaction(what, copy) else { return };
        let reaction = &self.plan.reactions[usize::from(place.0)];
        self.start_and_stop(state, reaction.event, cx);
        if let Some(shown) = reaction.shows {
            cx.note(Fact::Showed(self.id, shown));
        }
        if let Some((resource, _)) = reaction.fetches {
            cx.emit(ClientEffect::Fetch(resource, place));
        }
        if reaction.ends {
            self.finish(state, cx);
        }
    }

    fn start_and_stop(&self, state: &mut ClientState, event: EventId, cx: &mut impl Cx<Client>) {
        for (number, timer) in self.plan.numbered_timers() {
            if timer.stopped_by.contains(&event) {
                self.stop(state, number, cx);
            }
            if timer.from == TimerFrom::Named(event) && state.timers[usize::from(number.0)] == TimerState::Off
            {
                self.start_timer(state, number, cx);
            }
        }
    }

    /// Starts the timers that run from the beginning.
    fn begin(&self, state: &mut ClientState, cx: &mut impl Cx<Client>) {
        for (number, timer) in self.plan.numbered_timers() {
            match timer.from {
                TimerFrom::Start | TimerFrom::Byte | TimerFrom::Event => {
                    self.start_timer(state, number, cx);
                }
                TimerFrom::Named(_) => {}
            }
        }
    }

    fn start_timer(&self, state: &mut ClientState, number: TimerId, cx: &mut impl Cx<Client>) {
        state.timers[usize::from(number.0)] = TimerState::Running;
        cx.after(ClientEvent::Timer(number), &self.plan.timers[usize::from(number.0)].limit);
        cx.note(Fact::TimerStarted(self.id, number));
    }

    fn stop(&self, state: &mut ClientState, number: TimerId, cx: &mut impl Cx<Client>) {
        if state.timers[usize::from(number.0)] == TimerState::Running {
            cx.cancel(ClientEvent::Timer(number));
            cx.note(Fact::TimerStopped(self.id, number));
        }
        state.timers[usize::from(number.0)] = TimerState::Done;
    }

    fn timed_out(&self, state: &mut ClientState, number: TimerId, cx: &mut impl Cx<Client>) {
        let timer = &self.plan.timers[usize::from(number.0)];
        state.timers[usize::from(number.0)] =
            if timer.reconnects { TimerState::Fired } else { TimerState::Done };
        cx.note(Fact::TimedOut(self.id, number));
        if let Some(shown) = timer.shows {
            cx.note(Fact::Showed(self.id, shown));
        }
        if timer.ends {
            self.finish(state, cx);
        } else if timer.reconnects && state.may_connect() {
            cx.emit(ClientEffect::HangUp);
            self.lost(state, cx);
        }
    }

    fn finish(&self, state: &mut ClientState, cx: &mut impl Cx<Client>) {
        state.finished = true;
        for (number, _) in self.plan.numbered_timers() {
            self.stop(state, number, cx);
        }
        cx.cancel(ClientEvent::Retry);
        cx.note(Fact::Finished(self.id));
    }
}

impl Machine for Client {
    type State = ClientState;
    type Event = ClientEvent;
    type Effect = ClientEffect;
    type Fact = Fact;

    fn start(&self, cx: &mut impl Cx<Self>) -> ClientState {
        let timers = vec![TimerState::Off; self.plan.timers.len()];
        let mut state = ClientState { finished: false, gave_up: false, timers };
        self.begin(&mut state, cx);
        state
    }

    fn restart(&self, state: &mut ClientState, cx: &mut impl Cx<Self>) {
        (state.finished, state.gave_up) = (false, false);
        state.timers.fill(TimerState::Off);
        self.begin(state, cx);
    }

    fn step(&self, state: &mut ClientState, event: ClientEvent, cx: &mut impl Cx<Self>) {
        match event {
            ClientEvent::Arrived(message) => self.arrived(state, message, cx),
            ClientEvent::Timer(number) => self.timed_out(state, number, cx),
            ClientEvent::Retry => self.retry(state, cx),
            ClientEvent::Answered(resource, found) => {
                cx.note(Fact::Fetched { by: self.id, resource, found });
                if !found && !state.finished {
                    cx.note(Fact::Showed(self.id, Shown::Failure));
                }
            }
        }
    }
}

/// Written out so that a state can be overwritten without giving back its memory.
impl Clone for ClientState {
    fn clone(&self) -> Self {
        Self { finished: self.finished, gave_up: self.gave_up, timers: self.timers.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { finished, gave_up, timers } = other;
        self.finished = *finished;
        self.gave_up = *gave_up;
        self.timers.clone_from(timers);
    }
}
