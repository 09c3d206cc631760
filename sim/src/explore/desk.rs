//! What a machine and a monitor are offered while a step is taken for all timings at once.
//!
//! What a machine asks for becomes clocks of the table's zone, and what a monitor starts becomes an observer clock.
//! Where the answer to a question depends on time, the table decides.

use crate::delay::{Choice, Clock, Delay};
use crate::explore::class::ZoneClock;
use crate::explore::symbolic::{Asked, Since, Table, Timed, bound, tick_of};
use crate::explore::zone::NEVER;
use crate::machine::{Channel, Cx, Machine, Stamp};
use crate::time::Span;
use crate::watch::{ObserverClock, Watch};

/// A machine's context while it takes a step.
pub(crate) struct Desk<'a, M: Machine> {
    pub(crate) machine: &'a M,
    pub(crate) table: &'a mut Table<M::Event>,
    pub(crate) facts: &'a mut Vec<M::Fact>,
}

/// Whether something is the clock of `observer`.
fn is_of<E>(observer: ObserverClock) -> impl Fn(&Option<ZoneClock<E>>) -> bool {
    move |clock| matches!(clock, Some(ZoneClock::Observer(running, _)) if *running == observer)
}

impl<E: Copy + Eq + Ord> Watch for Table<E> {
    fn start(&mut self, observer: ObserverClock, limit: Span) {
        self.stop(observer);
        let timed = limit != Span::NEVER
            || match self.timed {
                Timed::None => false,
                Timed::Only(wanted) => wanted == observer,
                Timed::All => true,
            };
        if timed {
            self.add(ZoneClock::Observer(observer, bound(limit)), self.now, 0, 0);
        } else {
            self.untimed.push(observer);
        }
    }

    fn stop(&mut self, observer: ObserverClock) {
        self.expired.retain(|expired| *expired != observer);
        self.untimed.retain(|untimed| *untimed != observer);
        for clock in &mut self.clocks {
            if is_of(observer)(clock) {
                *clock = None;
            }
        }
    }

    fn late(&mut self, observer: ObserverClock) -> bool {
        if self.expired.contains(&observer) {
            return true;
        }
        for at in 0..self.clocks.len() {
            if let Some(ZoneClock::Observer(running, limit)) = self.clocks[at]
                && running == observer
            {
                return limit != NEVER && !self.holds(self.now, at, limit);
            }
        }
        false
    }

    fn runs(&self, observer: ObserverClock) -> bool {
        self.expired.contains(&observer)
            || self.untimed.contains(&observer)
            || self.clocks.iter().any(is_of(observer))
    }

    fn measure(&mut self, observer: ObserverClock) {
        if let Some(at) = self.clocks.iter().position(is_of(observer)) {
            self.measured.push((observer, at));
        } else if self.untimed.contains(&observer) {
            self.noticed.push(observer);
        }
        self.stop(observer);
    }
}

impl<M: Machine<Effect = ()>> Cx<M> for Desk<'_, M> {
    fn after(&mut self, event: M::Event, delay: &Delay) {
        let table = &mut *self.table;
        table.unset(event);
        let due = table.add_delay(ZoneClock::Timer(event), delay);
        if table.over {
            table.clocks[due] = None;
        }
    }

    fn after_ticks(&mut self, event: M::Event, clock: &Clock, ticks: u32) {
        let table = &mut *self.table;
        table.unset(event);
        let resolution = bound(clock.resolution());
        let whole = i64::from(ticks).saturating_sub(1).saturating_mul(resolution);
        if ticks == 0 {
            table.add(ZoneClock::Timer(event), table.now, 0, 0);
        } else {
            let known = table.find(tick_of(clock));
            let tick = table.tick_ahead(clock).unwrap_or_else(|| table.next_tick(clock, known));
            table.add(ZoneClock::Timer(event), tick, whole, whole);
        }
        if table.over {
            table.unset(event);
        }
    }

    fn cancel(&mut self, event: M::Event) {
        self.table.unset(event);
    }

    fn take_due(&mut self, event: M::Event) -> bool {
        let table = &mut *self.table;
        let is_due = table.find(ZoneClock::Timer(event)).is_some_and(|due| table.holds(due, table.now, 0));
        if is_due {
            table.unset(event);
        }
        is_due
    }

    fn send(&mut self, channel: Channel, event: M::Event, delay: &Delay) {
        let table = &mut *self.table;
        let (message, from, max) =
            (ZoneClock::Message(channel, event), table.now, bound(delay.interval().max));
        match table.last_on(channel) {
            None => {
                table.add_delay(message, delay);
            }
            // arrival = max(the one before, now + delay): either it may still be the earlier one,
            // or the one before comes later than any delay allows.
            Some(before) if max == NEVER || table.is_within(before, from, max, Some(delay)) => {
                let due = table.add_delay(message, delay);
                table.restrict(before, due, 0);
                table.note_known(before, due, 0, Since::Order);
            }
            Some(before) => {
                let due = table.add(message, before, 0, 0);
                table.note_asked(|| Asked::Delay { delay: delay.clone(), from, due });
            }
        }
    }

    fn lose(&mut self, channel: Channel) {
        for clock in &mut self.table.clocks {
            if matches!(clock, Some(ZoneClock::Message(on, _)) if *on == channel) {
                *clock = None;
            }
        }
    }

    fn leave_out(&mut self, delay: &Delay) {
        self.table.note_asked(|| Asked::LeftOut { delay: delay.clone() });
    }

    fn note(&mut self, fact: M::Fact) {
        if let Some(span) = self.machine.ends(&fact)
            && !self.table.over
        {
            let table = &mut *self.table;
            let after = bound(span);
            let later = match table.find(ZoneClock::Over) {
                Some(over) if table.holds(over, table.now, after) => false,
                Some(over) => {
                    table.clocks[over] = None;
                    true
                }
                None => true,
            };
            if later {
                table.add(ZoneClock::Over, table.now, after, after);
            }
        }
        self.facts.push(fact);
    }

    fn emit(&mut self, (): ()) {}

    fn decide(&mut self, choice: &Choice) -> usize {
        let taken = self.table.one_of(choice.outcomes().count());
        let outcome = choice.outcomes().nth(taken).expect("one of its outcomes is taken");
        self.table.note_asked(|| Asked::Choice { choice: choice.clone(), outcome });
        outcome
    }

    fn stamp(&mut self, clock: &Clock) -> Stamp {
        let table = &mut *self.table;
        let known = table.find(tick_of(clock));
        if table.tick_ahead(clock).is_some() {
            return Stamp::Same;
        }
        let tick = table.next_tick(clock, known);
        table.clocks[tick] = Some(tick_of(clock));
        Stamp::Later
    }
}

/// The beginning of a run.
pub(crate) fn start<M: Machine<Effect = ()>>(
    machine: &M,
    table: &mut Table<M::Event>,
    facts: &mut Vec<M::Fact>,
) -> M::State {
    machine.start(&mut Desk { machine, table, facts })
}

/// Lets `event` happen to `state`.
pub(crate) fn take<M: Machine<Effect = ()>>(
    machine: &M,
    state: &mut M::State,
    event: ZoneClock<M::Event>,
    table: &mut Table<M::Event>,
    facts: &mut Vec<M::Fact>,
) {
    match event {
        ZoneClock::Timer(event) | ZoneClock::Message(_, event) => {
            machine.step(state, event, &mut Desk { machine, table, facts });
        }
        ZoneClock::Over => table.drop_timers(),
        ZoneClock::Observer(..) | ZoneClock::Tick(..) | ZoneClock::Phase(_) => {
            unreachable!("a clock that is only asked about does not happen")
        }
    }
}
