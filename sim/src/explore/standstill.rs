//! Time that stands still: rounds of events each of which is due at the very instant of the one before.
//!
//! A class forgets how long it is since the last event, so it does not say that something in it is due at
//! once. A step says so: what it has asked for without a delay is due at its own instant, whatever else is
//! true. From there only what is due at that instant is followed, and zones are kept as they come; none is
//! merged, and none is dropped for lying in another. What leads back to itself can go round for ever, and
//! no time can pass in it.
//!
//! What happens depends on the machine alone, so no monitor is asked. Its marks stay what they are,
//! instants that never fire.

use crate::explore::class::{Row, Shape};
use crate::explore::first::reach;
use crate::explore::graph::{self, Edge};
use crate::explore::search::ASK;
use crate::explore::space::Space;
use crate::explore::steps::take;
use crate::explore::symbolic::{Table, Timed};
use crate::explore::zone::Bounds;
use crate::explore::{Limit, Limits, Much};
use crate::interned::Interned;
use crate::machine::Machine;
use crate::watch::Monitor;

/// A moment within an instant: something is due before time can go on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Moment<E> {
    state: u32,
    shape: Shape<E>,
    bounds: Vec<i64>,
    /// The rows that are due now.
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
    /// The shortest round in which no time can pass, as the events of it; `parts` are those of rounds in
    /// which something is due at the instant of a step.
    ///
    /// # Errors
    /// A limit was met before it was clear.
    pub(crate) fn standstill(
        &self,
        machine: &'m M,
        parts: &[u32],
        limits: Limits<'m>,
    ) -> Result<Option<Vec<M::Event>>, Limit> {
        let (states, moments) = (Interned::new(), Interned::new());
        let mut instant = Instant { machine, states, moments, steps: Vec::new(), taken: 0, limits };
        let mut found = Vec::new();
        for zone in parts.iter().flat_map(|part| self.store.zones.of_part(*part)) {
            let shape = self.store.shape(*zone);
            let rows = 0..shape.pending();
            instant.successors(
                self.store.state(*zone),
                (shape, self.store.bounds(*zone)),
                rows,
                &mut found,
            )?;
        }
        let mut next = 0;
        while next < instant.moments.len() as u32 {
            let Moment { state, shape, bounds, due } = instant.moments.get(next).clone();
            let (state, zone) =
                (instant.states.get(state).clone(), Bounds { rows: shape.rows.len(), all: &bounds });
            found.clear();
            instant.successors(&state, (&shape, zone), due.into_iter(), &mut found)?;
            instant.steps.extend(found.iter().map(|(event, to)| (next, *to, *event)));
            next += 1;
        }
        Ok(instant.shortest_round())
    }
}

impl<M: Machine<Effect = ()>> Instant<'_, M> {
    /// Adds to `found` what the `rows` of a class lead to, each with its event, if time cannot go on there.
    fn successors(
        &mut self,
        state: &M::State,
        (shape, bounds): (&Shape<M::Event>, Bounds<'_>),
        rows: impl Iterator<Item = usize>,
        found: &mut Vec<(M::Event, u32)>,
    ) -> Result<(), Limit> {
        let mut table = Table::new(Timed::All);
        let (mut facts, mut kept) = (Vec::new(), Vec::new());
        for row in rows.filter(|row| shape.leads(*row)) {
            let (Row::Timer(event) | Row::Message(_, event)) = shape.rows[row] else { continue };
            table.decide.reset();
            while reach(&mut table.zone, 0, shape, bounds, row) {
                table.know_rows(shape, row);
                self.met()?;
                let mut state = state.clone();
                facts.clear();
                take(self.machine, &mut state, shape.rows[row], &mut table, &mut facts);
                self.machine.canonical(&mut state);
                let mut moment =
                    Moment { state: 0, shape: Shape::empty(), bounds: Vec::new(), due: Vec::new() };
                table.finish(&mut moment.shape, &mut kept);
                moment.bounds = table.zone.of_rows(&kept).into_bounds();
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

    /// The events of the shortest round, from the least of them on; of several rounds, the one of the first
    /// moment.
    fn shortest_round(&mut self) -> Option<Vec<M::Event>> {
        self.steps.sort_unstable();
        let edge = |&(from, to, _): &(u32, u32, M::Event)| Edge { from, to, stays: 0, instant: true };
        let edges: Vec<Edge> = self.steps.iter().map(edge).collect();
        let component = graph::components(&edges, self.moments.len());
        let inside =
            |(from, to, _): &(u32, u32, M::Event)| component[*from as usize] == component[*to as usize];
        self.steps.retain(inside);
        let mut shortest: Option<Vec<M::Event>> = None;
        let mut before = None;
        for begins in self.steps.iter().map(|(from, ..)| *from) {
            if before.replace(begins) != Some(begins) {
                let shorter_than = shortest.as_ref().map_or(usize::MAX, Vec::len);
                shortest = self.round_from(begins, shorter_than).or(shortest);
            }
        }
        if let Some(round) = &mut shortest {
            let least = round.iter().enumerate().min_by_key(|(_, event)| **event);
            let least = least.map_or(0, |(place, _)| place);
            round.rotate_left(least);
        }
        shortest
    }

    /// The events of the shortest way from a moment back to it, if there are fewer than so many.
    fn round_from(&self, begins: u32, shorter_than: usize) -> Option<Vec<M::Event>> {
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
