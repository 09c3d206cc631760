//! The steps from a class: as they were learned, or by the machine.
//!
//! A step of the machine is taken for all timings of a class, and written down (`script`).

use crate::explore::class::{Row, Shape};
use crate::explore::first::reach;
use crate::explore::script::{Leaf, Learned, Outcome};
use crate::explore::search::{Desktop, Search};
use crate::explore::symbolic::{Desk, Table};
use crate::explore::zone::Bounds;
use crate::explore::zones::{Origin, ZoneId};
use crate::explore::{Goal, Hears};
use crate::machine::Machine;
use crate::watch::Monitor;

impl<M, J> Search<'_, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// The beginnings of all runs.
    pub(crate) fn begin(
        &mut self,
        monitor: &J,
        goal: Option<Goal>,
        level: &mut Vec<ZoneId>,
        hear: &mut Hears<'_, M>,
    ) -> Desktop<M, J> {
        let (mut table, mut facts) = (Table::new(self.timed), Vec::new());
        table.kind = self.kind;
        table.begin();
        let state =
            self.machine.start(&mut Desk { machine: self.machine, table: &mut table, facts: &mut facts });
        let mut desk = Desktop {
            state,
            monitor: monitor.clone(),
            shape: Shape::empty(),
            table,
            facts,
            kept: Vec::new(),
            from: Vec::new(),
            bounds: Vec::new(),
            measured: Vec::new(),
        };
        for turn in 0.. {
            self.learn(Origin { from: None, row: 0, turn }, goal, &mut desk, (level, hear));
            if self.reached.is_some() || !desk.table.decide.advance() {
                break;
            }
            desk.table.begin();
            desk.facts.clear();
            desk.monitor.clone_from(monitor);
            desk.state = self.machine.start(&mut Desk {
                machine: self.machine,
                table: &mut desk.table,
                facts: &mut desk.facts,
            });
        }
        desk
    }

    /// Adds all successors of `zone`.
    pub(crate) fn expand(
        &mut self,
        zone: ZoneId,
        goal: Option<Goal>,
        desk: &mut Desktop<M, J>,
        (next, hear): (&mut Vec<ZoneId>, &mut Hears<'_, M>),
    ) {
        desk.from.clear();
        desk.from.extend_from_slice(self.store.zones.bounds(zone));
        for row in 0..self.store.shape(zone).pending() {
            if !self.store.shape(zone).leads(row) {
                continue;
            }
            desk.table.decide.reset();
            for turn in 0.. {
                // What contains it now is expanded in its place.
                if self.store.zones.is_dead(zone) {
                    return;
                }
                if !self.take(zone, (row, turn), goal, desk, (next, hear)) {
                    break;
                }
                if self.reached.is_some() || self.settled.is_some() {
                    return;
                }
                if !desk.table.decide.advance() {
                    break;
                }
            }
        }
    }

    /// Takes the step of a row, in one of its turns; `false` if what is to happen cannot be the first.
    fn take(
        &mut self,
        zone: ZoneId,
        (row, turn): (usize, u16),
        goal: Option<Goal>,
        desk: &mut Desktop<M, J>,
        (next, hear): (&mut Vec<ZoneId>, &mut Hears<'_, M>),
    ) -> bool {
        let (shape, part, apart) = (self.store.shape(zone), self.store.zones.part(zone), self.kind.apart);
        let Desktop { table, measured, from, .. } = &mut *desk;
        let bounds = Bounds { rows: shape.rows.len(), all: from };
        if !reach(&mut table.zone, apart, shape, bounds, row) {
            return false;
        }
        let origin = Origin { from: Some(zone), row: row as u16, turn };
        let known = self.scripts.root(part, row).filter(|_| self.learns).map(|root| {
            let with = (&mut table.zone, &mut table.decide, &mut table.ticks);
            self.scripts.follow(root, with, measured, self.aim(goal))
        });
        match known {
            Some(Outcome::Leaf(leaf)) => {
                self.settle(origin, goal, leaf, desk, next);
                return true;
            }
            Some(Outcome::Met) => {
                self.successors += 1;
                (self.reached, self.met) = (Some(origin), true);
                return true;
            }
            Some(Outcome::Unknown) => {
                table.decide.repeat();
                reach(&mut table.zone, apart, shape, bounds, row);
            }
            None => {}
        }
        table.know_rows(shape, row);
        desk.state.clone_from(self.store.state(zone));
        desk.monitor.clone_from(self.store.monitor(zone));
        desk.facts.clear();
        take(self.machine, &mut desk.state, shape.rows[row], &mut desk.table, &mut desk.facts);
        self.learn(origin, goal, desk, (next, hear));
        true
    }

    /// Learns a step that the machine has taken, and settles what it led to.
    fn learn(
        &mut self,
        origin: Origin,
        goal: Option<Goal>,
        desk: &mut Desktop<M, J>,
        (next, hear): (&mut Vec<ZoneId>, &mut Hears<'_, M>),
    ) {
        let aim = self.aim(goal);
        let Desktop { state, monitor, shape, table, facts, kept, measured, .. } = desk;
        table.tell(monitor, facts);
        hear(state, facts);
        let before = origin.from.map_or(0, |zone| self.store.shape(zone).rows.len());
        let stays = table.stays(usize::from(origin.row), before);
        let broken = monitor.broken();
        measured.clear();
        measured.extend(table.spans());
        if goal.is_some_and(|goal| goal.is_met(broken, measured.iter().copied())) {
            self.successors += 1;
            (self.reached, self.met) = (Some(origin), true);
            return;
        }
        let forgotten = aim.forgotten(broken);
        monitor.forget(forgotten);
        self.machine.canonical(state);
        table.finish(shape, kept);
        let numbers = self.store.numbers(state, monitor);
        let number = self.store.number_of(shape);
        let ends = !shape.rows.iter().any(Row::is_pending);
        let part = (!ends).then(|| self.store.part_of(numbers, number));
        let timed = shape.rows.iter().filter(|row| row.is_timed()).count() as u16;
        let leaf = Leaf { broken, forgotten, stays, timed, ..Leaf::new(numbers, number, part) };
        let step = origin.from.map(|zone| (self.store.zones.part(zone), usize::from(origin.row), before));
        let tape = table.tape.get_or_insert_default();
        let learned = Learned { leaf, kept, noticed: &table.noticed, measured: &table.measured };
        let leaf = self.scripts.learn(step, tape, &learned);
        self.settle(origin, goal, leaf, desk, next);
    }
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
