//! What a model is to the kernel: a machine to which events happen.
//!
//! ```text
//!           event                    after, cancel, send, lose, choose, stamp
//!   driver  ------------------>  machine  ------------------------------------>  driver
//!                                         --- note: facts ---->  monitors
//!                                         --- emit: effects -->  whoever hosts it
//! ```
//!
//! A machine never reads a clock and never draws a number. All it can do with time is to ask for
//! an event later, and all it can do with chance is to ask for a choice; which delay and which
//! outcome it gets is the driver's affair. One machine can therefore be sampled, replayed,
//! enumerated and hosted, without a line that knows which of these is going on.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;

use crate::delay::{Choice, Clock, Delay};
use crate::time::Span;

/// A model: an immutable description (`self`) and a plain value that is its state.
pub trait Machine: Sized {
    /// All that the future depends on, beside what is pending. No clock, no id of a run, no
    /// counter that only grows: two states that behave alike should be equal.
    type State: Clone + Eq + Hash + Debug;
    /// Something that can happen to it. An event that is pending as a timer is also the timer's
    /// name: asking for it again restarts it. What is sent on a channel must be told from timers and
    /// from what is sent on others, or a trace would not say which of them happened.
    type Event: Copy + Eq + Ord + Hash + Debug;
    /// What it asks of its host; `()` for a machine that is a world of its own.
    type Effect;
    /// Something worth judging that happened, in the words of the model's reader.
    type Fact: Clone + PartialEq + Debug;

    /// The state in which every run begins, and what is pending then.
    fn start(&self, cx: &mut impl Cx<Self>) -> Self::State;

    /// The same, into a state whose memory can be had again.
    fn restart(&self, state: &mut Self::State, cx: &mut impl Cx<Self>) {
        *state = self.start(cx);
    }

    /// `event` happens to `state`.
    fn step(&self, state: &mut Self::State, event: Self::Event, cx: &mut impl Cx<Self>);

    /// Whether `event`, the next to happen to `state`, begins an idle cycle that leads back to it and leaves the
    /// state as it was, however long its delays take and as long as nothing else happens; if so, `idle_cycle`,
    /// which is empty, is filled in. Only a driver that acceleration asks for it.
    fn idle_cycle<'m>(
        &'m self,
        state: &Self::State,
        event: Self::Event,
        idle_cycle: &mut IdleCycle<'m, Self::Fact>,
    ) -> bool {
        let _ = (state, event, idle_cycle);
        false
    }

    /// How long a run still goes on after `fact`; `None` if this fact does not end it. From then
    /// on, only messages in flight arrive.
    fn ends(&self, fact: &Self::Fact) -> Option<Span> {
        let _ = fact;
        None
    }

    /// Renumbers what only its order matters of, so that states that behave alike are equal. It
    /// must not change what can happen next. Drivers that store states call it; sampling does not.
    fn canonical(&self, state: &mut Self::State) {
        let _ = state;
    }
}

/// What a machine goes through again and again, as long as nothing else happens.
///
/// From one event a chain of timers leads back to it. Nothing else is asked for on the way: no message,
/// no choice, no clock. In the end the state is what it was.
#[derive(Clone, Debug)]
pub struct IdleCycle<'m, F> {
    /// The delays of the chain in the order in which they are asked for, one for each event; the last leads back.
    pub delays: Vec<&'m Delay>,
    /// What is noted on the way, as far as somebody may count it; none of it ends a run.
    pub facts: Vec<F>,
}

impl<F> Default for IdleCycle<'_, F> {
    fn default() -> Self {
        Self { delays: Vec::new(), facts: Vec::new() }
    }
}

/// A first in, first out line of messages: none overtakes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(pub u32);

/// What a clock shows, as far as a machine may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// The same tick as when it was last read in this run.
    Same,
    /// A later tick, or the first reading.
    Later,
}

/// All that a machine can do while an event happens to it. Drivers implement it; machines are
/// compiled against each driver, so that a call costs what it does.
pub trait Cx<M: Machine> {
    /// `event` will happen once `delay` has passed. If it is already pending, it is restarted.
    fn after(&mut self, event: M::Event, delay: &Delay);

    /// `event` will happen when `clock` first shows `ticks` ticks more than it does now.
    fn after_ticks(&mut self, event: M::Event, clock: &Clock, ticks: u32);

    /// `event` will not happen; nothing if it is not pending.
    fn cancel(&mut self, event: M::Event);

    /// Takes the timer `event`, which was set by ticks of a clock, as having happened if it is due at this instant, and
    /// says whether it is. Ticks come before whatever else happens at their instant for whoever reads the clock then.
    fn take_due(&mut self, event: M::Event) -> bool;

    /// `event` arrives once `delay` has passed, and not before what was sent on `channel` earlier:
    /// arrival = max(previous arrival, now + delay).
    fn send(&mut self, channel: Channel, event: M::Event, delay: &Delay);

    /// What is under way on `channel` is lost: none of it will arrive.
    fn lose(&mut self, channel: Channel);

    /// Nothing waits for `delay`, which others would draw here: it is counted, since draws are told apart by their
    /// number, and takes its least value wherever a run is made. Only machines that are explored instead of others, of which
    /// the same can be said, leave delays out.
    fn leave_out(&mut self, delay: &Delay) {
        let _ = delay;
    }

    /// `fact` happened; monitors hear of it.
    fn note(&mut self, fact: M::Fact);

    /// Asks the host for `effect`.
    fn emit(&mut self, effect: M::Effect);

    /// One outcome of `choice`, which has more than one. Machines call [`Cx::choose`].
    fn decide(&mut self, choice: &Choice) -> usize;

    /// Reads `clock`: whether it shows a later tick than at its last reading.
    fn stamp(&mut self, clock: &Clock) -> Stamp;

    /// One outcome of `choice`. What can only come out one way is not decided by anybody.
    fn choose(&mut self, choice: &Choice) -> usize {
        match choice.forced() {
            Some(outcome) => outcome,
            None => self.decide(choice),
        }
    }

    /// The context of a machine inside this one: its events are wrapped into this machine's, its
    /// facts are this machine's facts, and what it asks of its host is answered by `host`.
    fn nest<N, W, H>(&mut self, wrap: W, host: H) -> Nested<'_, M, Self, W, H>
    where
        Self: Sized,
        N: Machine<Fact = M::Fact>,
        W: Fn(N::Event) -> M::Event,
        H: FnMut(N::Effect, &mut Self),
    {
        Nested { outer: self, wrap, host, machine: PhantomData }
    }
}

/// What [`Cx::nest`] gives.
pub struct Nested<'a, M, C, W, H> {
    outer: &'a mut C,
    wrap: W,
    host: H,
    machine: PhantomData<M>,
}

impl<M, N, C, W, H> Cx<N> for Nested<'_, M, C, W, H>
where
    M: Machine,
    N: Machine<Fact = M::Fact>,
    C: Cx<M>,
    W: Fn(N::Event) -> M::Event,
    H: FnMut(N::Effect, &mut C),
{
    #[inline]
    fn after(&mut self, event: N::Event, delay: &Delay) {
        self.outer.after((self.wrap)(event), delay);
    }

    fn after_ticks(&mut self, event: N::Event, clock: &Clock, ticks: u32) {
        self.outer.after_ticks((self.wrap)(event), clock, ticks);
    }

    #[inline]
    fn cancel(&mut self, event: N::Event) {
        self.outer.cancel((self.wrap)(event));
    }

    fn take_due(&mut self, event: N::Event) -> bool {
        self.outer.take_due((self.wrap)(event))
    }

    fn send(&mut self, channel: Channel, event: N::Event, delay: &Delay) {
        self.outer.send(channel, (self.wrap)(event), delay);
    }

    fn lose(&mut self, channel: Channel) {
        self.outer.lose(channel);
    }

    fn leave_out(&mut self, delay: &Delay) {
        self.outer.leave_out(delay);
    }

    #[inline(always)]
    fn note(&mut self, fact: N::Fact) {
        self.outer.note(fact);
    }

    fn emit(&mut self, effect: N::Effect) {
        (self.host)(effect, self.outer);
    }

    fn decide(&mut self, choice: &Choice) -> usize {
        self.outer.decide(choice)
    }

    fn stamp(&mut self, clock: &Clock) -> Stamp {
        self.outer.stamp(clock)
    }
}
