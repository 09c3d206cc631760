//! The steps from a class: as they were learned, or by the machine.
//!
//! A step of the machine is taken for all timings of a class, and written down (`script`).

use crate::explore::class::Row;
use crate::explore::first::reach;
use crate::explore::script::{Leaf, Learned, Outcome};
use crate::explore::search::{Desktop, Search};
use crate::explore::symbolic::{Desk, Table};
use crate::explore::zone::Bounds;
use crate::explore::zones::{Origin, ZoneId};
use crate::machine::Machine;
use crate::watch::Monitor;

impl<M, J> Search<'_, '_, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// The beginnings of all runs; the first of them was taken.
    pub(crate) fn begin(&mut self) {
        for turn in 0.. {
            self.learn(Origin { from: None, row: 0, turn });
            let Desktop { state, monitor, table, facts, .. } = &mut self.desk;
            if self.found.reached.is_some() || !table.decide.advance() {
                break;
            }
            table.begin();
            facts.clear();
            monitor.clone_from(self.monitor);
            *state = start(self.pass.machine, table, facts);
        }
    }

    /// Adds all successors of `zone`.
    pub(crate) fn expand(&mut self, zone: ZoneId) {
        self.desk.from.clear();
        self.desk.from.extend_from_slice(self.space.store.zones.bounds(zone));
        for row in 0..self.space.store.shape(zone).pending() {
            if !self.space.store.shape(zone).leads(row) {
                continue;
            }
            self.desk.table.decide.reset();
            for turn in 0.. {
                // What contains it now is expanded in its place.
                if self.space.store.zones.is_dead(zone) {
                    return;
                }
                if !self.take(zone, (row, turn)) {
                    break;
                }
                if self.is_done() {
                    return;
                }
                if !self.desk.table.decide.advance() {
                    break;
                }
            }
        }
    }

    /// Takes the step of a row, in one of its turns; `false` if what is to happen cannot be the first.
    fn take(&mut self, zone: ZoneId, (row, turn): (usize, u16)) -> bool {
        let (aim, apart) = (self.aim(), self.pass.kind.apart);
        let (store, scripts) = (&self.space.store, &self.space.scripts);
        let (shape, part) = (store.shape(zone), store.zones.part(zone));
        let Desktop { table, measured, from, .. } = &mut self.desk;
        let bounds = Bounds { rows: shape.rows.len(), all: from };
        if !reach(&mut table.zone, apart, shape, bounds, row) {
            return false;
        }
        let origin = Origin { from: Some(zone), row: row as u16, turn };
        let known = scripts.root(part, row).filter(|_| self.pass.learns).map(|root| {
            let with = (&mut table.zone, &mut table.decide, &mut table.ticks);
            scripts.follow(root, with, measured, aim)
        });
        match known {
            Some(Outcome::Leaf(leaf)) => {
                self.settle(origin, leaf);
                return true;
            }
            Some(Outcome::Met) => {
                self.met_by(origin);
                return true;
            }
            Some(Outcome::Unknown) => {
                table.decide.repeat();
                reach(&mut table.zone, apart, shape, bounds, row);
            }
            None => {}
        }
        table.know_rows(shape, row);
        self.desk.state.clone_from(store.state(zone));
        self.desk.monitor.clone_from(store.monitor(zone));
        self.desk.facts.clear();
        let Desktop { state, table, facts, .. } = &mut self.desk;
        take(self.pass.machine, state, shape.rows[row], table, facts);
        self.learn(origin);
        true
    }

    /// Learns a step that the machine has taken, and settles what it led to.
    fn learn(&mut self, origin: Origin) {
        let (aim, goal) = (self.aim(), self.pass.goal);
        let store = &mut self.space.store;
        let Desktop { state, monitor, shape, table, facts, kept, measured, .. } = &mut self.desk;
        table.tell(monitor, facts);
        (self.hear)(state, facts);
        let before = origin.from.map_or(0, |zone| store.shape(zone).rows.len());
        let stays = table.stays(usize::from(origin.row), before);
        let broken = monitor.broken();
        measured.clear();
        measured.extend(table.spans());
        if goal.is_some_and(|goal| goal.is_met(broken, measured.iter().copied())) {
            return self.met_by(origin);
        }
        let forgotten = aim.forgotten(broken);
        monitor.forget(forgotten);
        self.pass.machine.canonical(state);
        table.finish(shape, kept);
        let numbers = store.numbers(state, monitor);
        let number = store.number_of(shape);
        let ends = !shape.rows.iter().any(Row::is_pending);
        let part = (!ends).then(|| store.part_of(numbers, number));
        let timed = shape.rows.iter().filter(|row| row.is_timed()).count() as u16;
        let leaf = Leaf { broken, forgotten, stays, timed, ..Leaf::new(numbers, number, part) };
        let step = origin.from.map(|zone| (store.zones.part(zone), usize::from(origin.row), before));
        let tape = table.tape.get_or_insert_default();
        let learned = Learned { leaf, kept, noticed: &table.noticed, measured: &table.measured };
        let leaf = self.space.scripts.learn(step, tape, &learned);
        self.settle(origin, leaf);
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
    event: Row<M::Event>,
    table: &mut Table<M::Event>,
    facts: &mut Vec<M::Fact>,
) {
    match event {
        Row::Timer(event) | Row::Message(_, event) => {
            machine.step(state, event, &mut Desk { machine, table, facts });
        }
        Row::Over => table.drop_timers(),
        Row::Mark(..) | Row::Tick(..) | Row::Phase(_) => unreachable!("a mark does not happen"),
    }
}
