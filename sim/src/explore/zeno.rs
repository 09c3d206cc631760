//! Zeno cycles: events each of which is due at the very instant of the one before, so that time stands still.
//!
//! A class forgets how long it is since the last event, so it does not say that something in it is due at
//! once. A step says so: what it has asked for without a delay is due at its own instant, whatever else is
//! true. From there only what is due at that instant is followed, and zones are kept as they come; none is
//! merged, and none is dropped for lying in another. What leads back to itself is a cycle that can be
//! taken for ever, and no time can pass in it.
//!
//! What happens depends on the machine alone, so no monitor is asked. Its observer clocks stay what they are,
//! instants that never fire.

use crate::explore::class::{DiscreteId, EnabledSet, ZoneClock};
use crate::explore::desk::take;
use crate::explore::first::reach;
use crate::explore::graph;
use crate::explore::limits::{Limit, Limits, Much};
use crate::explore::search::ASK;
use crate::explore::space::Space;
use crate::explore::symbolic::{Table, Timed};
use crate::explore::zone::Bounds;
use crate::interned::Interned;
use crate::machine::Machine;
use crate::watch::Monitor;

/// A moment within an instant: something is due before time can go on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Moment<E> {
    state: u32,
    enabled: EnabledSet<E>,
    bounds: Vec<i64>,
    /// The indices of what is due now.
    due: Vec<usize>,
}

/// All moments that were found, and what leads from one to another.
struct Instant<'m, M: Machine> {
    machine: &'m M,
    states: Interned<M::State>,
    moments: Interned<Moment<M::Event>>,
    steps: Vec<(u32, u32, M::Event)>,
    taken: u64,
    limits: Limits<'m>,
}

impl<'m, M, J> Space<'m, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// The shortest Zeno cycle, as the events of it; `instant` are the discrete states from which a step leads on in a
    /// cycle, with something due at its instant.
    ///
    /// # Errors
    /// A limit was met before it was clear.
    pub(crate) fn zeno(
        &self,
        machine: &'m M,
        instant: &[DiscreteId],
        limits: Limits<'m>,
    ) -> Result<Option<Vec<M::Event>>, Limit> {
        let (states, moments) = (Interned::new(), Interned::new());
        let mut within = Instant { machine, states, moments, steps: Vec::new(), taken: 0, limits };
        let (mut found, mut bounds) = (Vec::new(), Vec::new());
        for zone in instant.iter().flat_map(|discrete| self.store.zones.of_discrete(*discrete)) {
            let enabled = self.store.enabled(*zone);
            bounds.clear();
            self.store.zones.read(*zone, &mut bounds);
            let class = (enabled, Bounds { clocks: enabled.clocks.len(), all: &bounds });
            within.successors(self.store.state(*zone), class, 0..enabled.pending(), &mut found)?;
        }
        let mut next = 0;
        while next < within.moments.len() as u32 {
            let Moment { state, enabled, bounds, due } = within.moments.get(next).clone();
            let (state, zone) =
                (within.states.get(state).clone(), Bounds { clocks: enabled.clocks.len(), all: &bounds });
            found.clear();
            within.successors(&state, (&enabled, zone), due.into_iter(), &mut found)?;
            within.steps.extend(found.iter().map(|(event, to)| (next, *to, *event)));
            next += 1;
        }
        Ok(within.shortest_cycle())
    }
}

impl<M: Machine<Effect = ()>> Instant<'_, M> {
    /// Adds to `found` what the clocks of a class at these indices lead to, each with its event, if time cannot go on there.
    fn successors(
        &mut self,
        state: &M::State,
        (enabled, bounds): (&EnabledSet<M::Event>, Bounds<'_>),
        indices: impl Iterator<Item = usize>,
        found: &mut Vec<(M::Event, u32)>,
    ) -> Result<(), Limit> {
        let mut table = Table::new(Timed::All);
        let (mut facts, mut kept) = (Vec::new(), Vec::new());
        for index in indices.filter(|index| enabled.leads(*index)) {
            let (ZoneClock::Timer(event) | ZoneClock::Message(_, event)) = enabled.clocks[index] else {
                continue;
            };
            table.decide.reset();
            while reach(&mut table.zone, 0, enabled, bounds, index) {
                table.know_clocks(enabled, index);
                self.met()?;
                let mut state = state.clone();
                facts.clear();
                take(self.machine, &mut state, enabled.clocks[index], &mut table, &mut facts);
                self.machine.canonical(&mut state);
                let mut moment =
                    Moment { state: 0, enabled: EnabledSet::empty(), bounds: Vec::new(), due: Vec::new() };
                table.finish(&mut moment.enabled, &mut kept);
                moment.bounds = table.zone.of_clocks(&kept).into_bounds();
                moment.due.extend(table.due_now(&kept));
                if !moment.due.is_empty() {
                    moment.state = self.states.number(&state);
                    found.push((event, self.moments.number(&moment)));
                }
                if !table.decide.advance() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Counts a step, unless it is one too many.
    fn met(&mut self) -> Result<(), Limit> {
        let Limits { classes, successors, stop, .. } = self.limits;
        let kept = self.moments.len();
        let met = |of, most| Err(Limit { of, most, kept, depth: 0 });
        if kept > classes {
            return met(Much::Classes, classes as u64);
        }
        if self.taken > successors {
            return met(Much::Successors, successors);
        }
        if self.taken.is_multiple_of(ASK) && stop.is_some_and(|stop| stop()) {
            return met(Much::Stopped, 0);
        }
        self.taken += 1;
        Ok(())
    }

    /// The events of the shortest cycle, from the least of them on; of several cycles, the one of the first
    /// moment.
    fn shortest_cycle(&mut self) -> Option<Vec<M::Event>> {
        self.steps.sort_unstable();
        let component = graph::components(&self.steps, self.moments.len(), |&(from, to, _)| (from, to));
        let inside =
            |(from, to, _): &(u32, u32, M::Event)| component[*from as usize] == component[*to as usize];
        self.steps.retain(inside);
        let mut shortest: Option<Vec<M::Event>> = None;
        let mut before = None;
        for begins in self.steps.iter().map(|(from, ..)| *from) {
            if before.replace(begins) != Some(begins) {
                let shorter_than = shortest.as_ref().map_or(usize::MAX, Vec::len);
                shortest = self.cycle_from(begins, shorter_than).or(shortest);
            }
        }
        if let Some(cycle) = &mut shortest {
            let least = cycle.iter().enumerate().min_by_key(|(_, event)| **event);
            let least = least.map_or(0, |(place, _)| place);
            cycle.rotate_left(least);
        }
        shortest
    }

    /// The events of the shortest way from a moment back to it, if there are fewer than so many.
    fn cycle_from(&self, begins: u32, shorter_than: usize) -> Option<Vec<M::Event>> {
        // By moment: how it was come to.
        let mut from: Vec<Option<(u32, M::Event)>> = vec![None; self.moments.len()];
        let mut level = vec![begins];
        for _ in 1..shorter_than {
            let mut next = Vec::new();
            for moment in level {
                let first = self.steps.partition_point(|(from, ..)| *from < moment);
                for (_, to, event) in self.steps[first..].iter().take_while(|(from, ..)| *from == moment) {
                    if from[*to as usize].is_none() {
                        from[*to as usize] = Some((moment, *event));
                        next.push(*to);
                    }
                }
            }
            if next.is_empty() || from[begins as usize].is_some() {
                break;
            }
            level = next;
        }
        let (mut at, mut events) = (begins, Vec::new());
        while let Some((before, event)) = from[at as usize] {
            events.push(event);
            at = before;
            if at == begins {
                events.reverse();
                return Some(events);
            }
        }
        None
    }
}
