//! One run: the loop that fires what is due, in order of time, and lets a chooser decide the rest.
//!
//! Sampling, replaying and shrinking differ in their chooser and in who watches; the loop is the
//! same, so what one of them finds the others can show.

use crate::chooser::{Chooser, Seeded};
use crate::delay::{Choice, Clock, Delay};
use crate::leap::{Counts, Leaps};
use crate::machine::{Cx, Lane, Machine, Stamp};
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
    /// It goes on for ever: what happens after so many events can happen again and again.
    ForEver(u32),
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
    pending: Pending<E>,
    clocks: Vec<Reading>,
    chooser: C,
}

/// What is known of one clock in one run.
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
        pick: impl FnMut(&Pending<M::Event>, First, &mut C) -> usize,
    ) -> Ending {
        self.run_with(observer, pick, |_, _, _, _| {})
    }

    /// The loop: what is due first is picked and happens, until nothing is or the run is over. Before that,
    /// `pass` may put off what is due first, and take as many events as it stands for from what is left.
    #[inline(always)]
    fn run_with<O: Observer<M>>(
        &mut self,
        observer: &mut O,
        mut pick: impl FnMut(&Pending<M::Event>, First, &mut C) -> usize,
        mut pass: impl FnMut(&M::State, &mut Board<M::Event, C>, &mut O, &mut u64),
    ) -> Ending {
        let Self { machine, board, .. } = self;
        let machine: &'m M = machine;
        board.now = Time::ZERO;
        board.over = Time::NEVER;
        board.pending.clear();
        board.clocks.clear();
        let desk = &mut Desk { machine, board, observer };
        match &mut self.state {
            Some(state) => machine.restart(state, desk),
            unborn => *unborn = Some(machine.start(desk)),
        }
        let state = self.state.as_mut().expect("a run has begun");
        let mut left = self.max_events;
        let mut ending = Ending::Quiet;
        loop {
            pass(state, board, observer, &mut left);
            let Some(mut first) = board.pending.first() else { break };
            if first.due > board.over {
                ending = Ending::Over;
                board.pending.keep_messages();
                let Some(message) = board.pending.first() else { break };
                first = message;
            }
            if left == 0 {
                ending = Ending::TooLong;
                break;
            }
            left -= 1;
            let choice = pick(&board.pending, first, &mut board.chooser);
            let event = board.pending.take(first, choice);
            board.now = first.due;
            observer.fired(board.now, &event);
            machine.step(state, event, &mut Desk { machine, board, observer });
        }
        observer.ended(board.now.min(board.over), ending);
        ending
    }
}

impl<'m, M: Machine<Effect = ()>> Runner<'m, M, Seeded> {
    /// One run, in which rounds are passed as long as nothing else is due.
    pub(crate) fn run_leaping<O: Counts<M>>(
        &mut self,
        observer: &mut O,
        leaps: &mut Leaps<'m, '_, M::Fact>,
    ) -> Ending {
        let machine = self.machine;
        // Before then no round is certain to leave everything as it is.
        let mut not_before = Time::ZERO;
        self.run_with(
            observer,
            |_, first, chooser| if first.ties == 1 { 0 } else { chooser.tie(first.ties) },
            |state, board, observer, left| {
                let Some((event, mut due, next)) = board.pending.alone() else { return };
                // The last instant before anything else happens, and in the run.
                let last = Time(next.0.min(board.over.0.saturating_add(1)) - 1);
                if due < not_before || due > last {
                    return;
                }
                leaps.round.clear();
                if !machine.round(state, event, &mut leaps.round) {
                    return;
                }
                not_before = last;
                let events = leaps.round.delays.len() as u64;
                // Nothing else will say when the last event of the run was.
                let to_the_end = board.over < next;
                let pending = due;
                while due <= last {
                    let rounds = leaps.round.certain(last.0 - due.0).min(*left / events);
                    if rounds == 0 {
                        break;
                    }
                    if to_the_end {
                        due += leaps.draw(rounds - 1, &mut board.chooser);
                        let (acts, rests) = leaps.draw_one(&mut board.chooser);
                        board.now = due + acts;
                        due = board.now + rests;
                    } else {
                        due += leaps.draw(rounds, &mut board.chooser);
                    }
                    *left -= rounds * events;
                    observer.passed(&leaps.round.facts, events as usize, rounds);
                }
                if due > pending {
                    board.pending.put_off(due);
                }
            },
        )
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

    fn send(&mut self, lane: Lane, event: M::Event, delay: &Delay) {
        let due = self.board.now + self.board.chooser.delay(delay);
        self.board.pending.put(lane, event, due);
    }

    fn lose(&mut self, lane: Lane) {
        self.board.pending.lose(lane);
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
