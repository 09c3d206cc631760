//! One run: the loop that fires what is due, in order of time, and lets a chooser decide the rest.
//!
//! Sampling, replaying and shrinking differ in their chooser and in who watches; the loop is the
//! same, so what one of them finds the others can show.

use crate::acceleration::Acceleration;
use crate::chooser::{Accelerating, Chooser};
use crate::delay::{Choice, Clock, Delay};
use crate::machine::{Channel, Cx, Machine, Stamp};
use crate::pending::{First, Pending};
use crate::time::{Span, Time};

/// Someone who watches a run.
pub trait Observer<M: Machine> {
    /// `event` is about to happen at `at`. The run's beginning is no event.
    fn fired(&mut self, at: Time, event: &M::Event) {
        let _ = (at, event);
    }

    /// `fact` was noted at `at`.
    fn noted(&mut self, at: Time, fact: &M::Fact);

    /// The run is over.
    fn ended(&mut self, at: Time, ending: Ending) {
        let _ = (at, ending);
    }
}

/// An observer that only counts, so that it can be told of idle cycles without being shown them.
pub trait Counts<M: Machine>: Observer<M> {
    /// What is noted in an idle cycle was noted `times` times, in as many idle cycles of `events` events each.
    fn passed(&mut self, facts: &[M::Fact], events: usize, times: u64);
}

/// Two that watch the same run.
impl<M: Machine, A: Observer<M>, B: Observer<M>> Observer<M> for (A, B) {
    fn fired(&mut self, at: Time, event: &M::Event) {
        self.0.fired(at, event);
        self.1.fired(at, event);
    }

    #[inline(always)]
    fn noted(&mut self, at: Time, fact: &M::Fact) {
        self.0.noted(at, fact);
        self.1.noted(at, fact);
    }

    fn ended(&mut self, at: Time, ending: Ending) {
        self.0.ended(at, ending);
        self.1.ended(at, ending);
    }
}

impl<M: Machine, O: Observer<M>> Observer<M> for &mut O {
    fn fired(&mut self, at: Time, event: &M::Event) {
        (**self).fired(at, event);
    }

    #[inline(always)]
    fn noted(&mut self, at: Time, fact: &M::Fact) {
        (**self).noted(at, fact);
    }

    fn ended(&mut self, at: Time, ending: Ending) {
        (**self).ended(at, ending);
    }
}

/// Why a run was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing was pending any more.
    Quiet,
    /// The time that the machine gives a run after its last fact was over.
    Over,
    /// It had more events than a run may have, and was stopped.
    TooLong,
    /// It is a lasso and goes on for ever: what happens after so many events can happen again and again.
    Lasso(u32),
}

/// Runs a machine again and again, keeping its buffers.
pub struct Runner<'m, M: Machine, C> {
    machine: &'m M,
    board: Board<M::Event, C>,
    /// That of the run before, for its memory.
    state: Option<M::State>,
    max_events: u64,
}

/// What there is in a run besides the machine.
struct Board<E, C> {
    now: Time,
    over: Time,
    /// How many events it may still have.
    left: u64,
    ending: Ending,
    /// Before then no idle cycle is certain to leave everything as it is.
    no_idle_cycle_before: Time,
    pending: Pending<E>,
    clocks: Vec<Reading>,
    chooser: C,
}

/// Written out so that it can be overwritten without giving back its memory.
impl<E: Copy, C: Clone> Clone for Board<E, C> {
    fn clone(&self) -> Self {
        Self {
            pending: self.pending.clone(),
            clocks: self.clocks.clone(),
            chooser: self.chooser.clone(),
            ..*self
        }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { now, over, left, ending, no_idle_cycle_before, pending, clocks, chooser } = other;
        (self.now, self.over, self.left) = (*now, *over, *left);
        (self.ending, self.no_idle_cycle_before) = (*ending, *no_idle_cycle_before);
        self.pending.clone_from(pending);
        self.clocks.clone_from(clocks);
        self.chooser.clone_from(chooser);
    }
}

/// What is known of one clock in one run.
#[derive(Clone, Copy)]
struct Reading {
    key: u32,
    phase: Span,
    last_tick: Option<u64>,
}

/// What a driver in virtual time offers to a machine: the board, and somebody who watches.
struct Desk<'a, M: Machine, C, O> {
    machine: &'a M,
    board: &'a mut Board<M::Event, C>,
    observer: &'a mut O,
}

impl<'m, M: Machine<Effect = ()>, C: Chooser> Runner<'m, M, C> {
    /// The number of events after which a run is stopped, unless told otherwise.
    pub const MAX_EVENTS: u64 = 1_000_000;

    /// Runs of `machine` as `chooser` decides.
    pub fn new(machine: &'m M, chooser: C) -> Self {
        let board = Board {
            now: Time::ZERO,
            over: Time::NEVER,
            left: 0,
            ending: Ending::Quiet,
            no_idle_cycle_before: Time::ZERO,
            pending: Pending::new(),
            clocks: Vec::new(),
            chooser,
        };
        Self { machine, board, state: None, max_events: Self::MAX_EVENTS }
    }

    /// Stops a run after `max_events` events.
    #[must_use]
    pub fn stop_after(mut self, max_events: u64) -> Self {
        self.max_events = max_events;
        self
    }

    /// Who decides; to be told of the next run.
    pub fn chooser(&mut self) -> &mut C {
        &mut self.board.chooser
    }

    /// Who decided.
    pub fn into_chooser(self) -> C {
        self.board.chooser
    }

    /// One run from its beginning to its end, watched by `observer`.
    pub fn run(&mut self, observer: &mut impl Observer<M>) -> Ending {
        self.run_picking(
            observer,
            |_, first, chooser| if first.ties == 1 { 0 } else { chooser.tie(first.ties) },
        )
    }

    /// The same, but which of several things due at one instant comes first is decided by `pick`.
    #[inline(always)]
    pub(crate) fn run_picking<O: Observer<M>>(
        &mut self,
        observer: &mut O,
        mut pick: impl FnMut(&Pending<M::Event>, First, &mut C) -> usize,
    ) -> Ending {
        self.begin(observer);
        while self.advance(observer, &mut pick, |_, _, _| {}) {}
        self.end(observer)
    }

    /// Puts everything at the beginning of a run.
    pub(crate) fn begin<O: Observer<M>>(&mut self, observer: &mut O) {
        let Self { machine, board, .. } = self;
        let machine: &'m M = machine;
        board.now = Time::ZERO;
        board.over = Time::NEVER;
        board.left = self.max_events;
        board.ending = Ending::Quiet;
        board.no_idle_cycle_before = Time::ZERO;
        board.pending.clear();
        board.clocks.clear();
        let desk = &mut Desk { machine, board, observer };
        match &mut self.state {
            Some(state) => machine.restart(state, desk),
            unborn => *unborn = Some(machine.start(desk)),
        }
    }

    /// One turn of the loop: what is due first is picked and happens. Before that, `pass` may put it off, and take
    /// as many events as it stands for from what is left. `false` if the run is over.
    #[inline(always)]
    fn advance<O: Observer<M>>(
        &mut self,
        observer: &mut O,
        pick: impl FnOnce(&Pending<M::Event>, First, &mut C) -> usize,
        pass: impl FnOnce(&M::State, &mut Board<M::Event, C>, &mut O),
    ) -> bool {
        let Self { machine, board, state, .. } = self;
        let machine: &'m M = machine;
        let state = state.as_mut().expect("a run has begun");
        pass(state, board, observer);
        let Some(mut first) = board.pending.first() else { return false };
        if first.due > board.over {
            board.ending = Ending::Over;
            board.pending.keep_messages();
            let Some(message) = board.pending.first() else { return false };
            first = message;
        }
        if board.left == 0 {
            board.ending = Ending::TooLong;
            return false;
        }
        board.left -= 1;
        let choice = pick(&board.pending, first, &mut board.chooser);
        let event = board.pending.take(first, choice);
        board.now = first.due;
        observer.fired(board.now, &event);
        machine.step(state, event, &mut Desk { machine, board, observer });
        true
    }

    /// Lets the observer know that the run is over.
    pub(crate) fn end<O: Observer<M>>(&mut self, observer: &mut O) -> Ending {
        let Board { now, over, ending, .. } = self.board;
        let at = if ending == Ending::Over { over } else { now.min(over) };
        observer.ended(at, ending);
        ending
    }
}

impl<'m, M: Machine<Effect = ()>, C: Accelerating> Runner<'m, M, C> {
    /// One run, in which idle cycles are passed as long as nothing else is due.
    pub(crate) fn run_accelerated<O: Counts<M>>(
        &mut self,
        observer: &mut O,
        acceleration: &mut Acceleration<'m, '_, M::Fact>,
    ) -> Ending {
        self.begin(observer);
        while self.accelerate(observer, acceleration) {}
        self.end(observer)
    }

    /// One turn of the loop of such a run: idle cycles, if there are any to pass, and then an event. `false` if the run
    /// is over.
    #[inline]
    pub(crate) fn accelerate<O: Counts<M>>(
        &mut self,
        observer: &mut O,
        acceleration: &mut Acceleration<'m, '_, M::Fact>,
    ) -> bool {
        let machine = self.machine;
        self.advance(
            observer,
            |_, first, chooser| if first.ties == 1 { 0 } else { chooser.tie(first.ties) },
            |state, board, observer| {
                let Some((event, mut due, next)) = board.pending.alone() else { return };
                // The last instant before anything else happens, and in the run.
                let last = Time(next.0.min(board.over.0.saturating_add(1)) - 1);
                if due < board.no_idle_cycle_before || due > last {
                    return;
                }
                acceleration.idle_cycle.clear();
                let found = machine.idle_cycle(state, event, &mut acceleration.idle_cycle);
                board.chooser.sees(&acceleration.idle_cycle.delays);
                if !found {
                    return;
                }
                board.no_idle_cycle_before = last;
                let events = acceleration.idle_cycle.delays.len() as u64;
                // Nothing else will say when the last event of the run was.
                let to_the_end = board.over < next;
                let pending = due;
                while due <= last {
                    let idle_cycles =
                        acceleration.idle_cycle.certain(last.0 - due.0).min(board.left / events);
                    if idle_cycles == 0 {
                        break;
                    }
                    if to_the_end {
                        due += acceleration.draw(idle_cycles - 1, &mut board.chooser);
                        let (acts, rests) = acceleration.draw_one(&mut board.chooser);
                        board.now = due + acts;
                        due = board.now + rests;
                    } else {
                        due += acceleration.draw(idle_cycles, &mut board.chooser);
                    }
                    board.left -= idle_cycles * events;
                    observer.passed(&acceleration.idle_cycle.facts, events as usize, idle_cycles);
                }
                if due > pending {
                    board.pending.put_off(due);
                }
            },
        )
    }

    /// From the next run on it is one of `machine`.
    pub(crate) fn turn_to(&mut self, machine: &'m M) {
        self.machine = machine;
    }

    /// Goes on with `machine` where another run has come to, of a machine that is like it so far.
    pub(crate) fn take_over(&mut self, machine: &'m M, other: &Self)
    where
        C: Clone,
    {
        self.machine = machine;
        self.board.clone_from(&other.board);
        self.state.clone_from(&other.state);
    }
}

impl<E, C: Chooser> Board<E, C> {
    fn reading(&mut self, clock: &Clock) -> &mut Reading {
        let key = clock.name().key();
        let place = self.clocks.iter().position(|known| known.key == key).unwrap_or_else(|| {
            let phase = self.chooser.phase(clock);
            self.clocks.push(Reading { key, phase, last_tick: None });
            self.clocks.len() - 1
        });
        &mut self.clocks[place]
    }
}

impl<M, C, O> Cx<M> for Desk<'_, M, C, O>
where
    M: Machine<Effect = ()>,
    C: Chooser,
    O: Observer<M>,
{
    #[inline(never)]
    fn after(&mut self, event: M::Event, delay: &Delay) {
        let due = self.board.now + self.board.chooser.delay(delay);
        self.board.pending.set(event, due);
    }

    fn after_ticks(&mut self, event: M::Event, clock: &Clock, ticks: u32) {
        let now = self.board.now;
        let resolution = clock.resolution().0;
        let into_tick = (now.0 + self.board.reading(clock).phase.0) % resolution;
        let due = now + Span(u64::from(ticks).saturating_mul(resolution).saturating_sub(into_tick));
        self.board.pending.set(event, due);
    }

    fn cancel(&mut self, event: M::Event) {
        self.board.pending.unset(event);
    }

    fn take_due(&mut self, event: M::Event) -> bool {
        self.board.pending.take_due(event, self.board.now)
    }

    fn send(&mut self, channel: Channel, event: M::Event, delay: &Delay) {
        let due = self.board.now + self.board.chooser.delay(delay);
        self.board.pending.put(channel, event, due);
    }

    fn lose(&mut self, channel: Channel) {
        self.board.pending.lose(channel);
    }

    #[inline(always)]
    fn note(&mut self, fact: M::Fact) {
        if let Some(span) = self.machine.ends(&fact) {
            self.board.over = self.board.over.min(self.board.now + span);
        }
        self.observer.noted(self.board.now, &fact);
    }

    fn emit(&mut self, (): ()) {}

    fn decide(&mut self, choice: &Choice) -> usize {
        self.board.chooser.choose(choice)
    }

    fn stamp(&mut self, clock: &Clock) -> Stamp {
        let now = self.board.now;
        let reading = self.board.reading(clock);
        let tick = (now.0 + reading.phase.0) / clock.resolution().0;
        if reading.last_tick.replace(tick) == Some(tick) { Stamp::Same } else { Stamp::Later }
    }
}
