//! Fischer's protocol: mutual exclusion by timing alone (Lamport, ACM TOCS 5(1), 1987).
//!
//! Whoever finds the shared variable empty writes his number into it, at most `k` later; waits longer
//! than that; and may enter if it still holds his number.

use punctual_sim::{Cx, Delay, Invariant, Machine, Span};

/// So many processes.
pub(crate) struct Fischer {
    processes: u8,
    whenever: Delay,
    writes: Delay,
    waits: Delay,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Event {
    Finds(u8),
    Writes(u8),
    Looks(u8),
    Leaves(u8),
}

/// The shared variable, and who is in the critical section, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shared {
    holds: u8,
    inside: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Entered(u8),
    TwoInside,
}

impl Fischer {
    /// `processes` that write within `k` and wait at least `wait`.
    pub(crate) fn new(processes: u8, k: u64, wait: u64) -> Self {
        Self {
            processes,
            whenever: Delay::at_least("whenever", Span::ZERO, Span(k)),
            writes: Delay::uniform("writes", Span::ZERO, Span(k)),
            waits: Delay::at_least("waits", Span(wait), Span(k)),
        }
    }

    /// Never are two inside.
    pub(crate) fn exclusion() -> Invariant<Fact> {
        Invariant::never("mutual-exclusion", |fact| *fact == Fact::TwoInside)
    }
}

impl Machine for Fischer {
    type State = Shared;
    type Event = Event;
    type Effect = ();
    type Fact = Fact;

    fn start(&self, cx: &mut impl Cx<Self>) -> Shared {
        for process in 1..=self.processes {
            cx.after(Event::Finds(process), &self.whenever);
        }
        Shared { holds: 0, inside: 0 }
    }

    fn step(&self, shared: &mut Shared, event: Event, cx: &mut impl Cx<Self>) {
        match event {
            Event::Finds(process) if shared.holds == 0 => cx.after(Event::Writes(process), &self.writes),
            Event::Finds(process) => cx.after(Event::Finds(process), &self.whenever),
            Event::Writes(process) => {
                shared.holds = process;
                cx.after(Event::Looks(process), &self.waits);
            }
            Event::Looks(process) if shared.holds == process => {
                shared.inside |= 1 << process;
                cx.note(Fact::Entered(process));
                if shared.inside.count_ones() > 1 {
                    cx.note(Fact::TwoInside);
                }
                cx.after(Event::Leaves(process), &self.whenever);
            }
            Event::Looks(process) => cx.after(Event::Finds(process), &self.whenever),
            Event::Leaves(process) => {
                shared.inside &= !(1 << process);
                shared.holds = 0;
                cx.after(Event::Finds(process), &self.whenever);
            }
        }
    }
}
