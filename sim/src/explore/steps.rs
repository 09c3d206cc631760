//! The steps of the machine that nobody has learned yet.
//!
//! They are taken for all timings of a class, and written down.

use crate::explore::batch::{Aim, OfRow, Sheet, Worker};
use crate::explore::class::{Row, Shape};
use crate::explore::first::reach;
use crate::explore::script::{Leaf, Learned, Measured, Outcome};
use crate::explore::search::Search;
use crate::explore::symbolic::{Desk, Table};
use crate::explore::zones::{Origin, ZoneId};
use crate::machine::Machine;
use crate::watch::Monitor;

/// Buffers for one step of the machine after the other.
pub(crate) struct Desktop<M: Machine, J> {
    pub(crate) state: M::State,
    pub(crate) monitor: J,
    pub(crate) shape: Shape<M::Event>,
    pub(crate) table: Table<M::Event>,
    pub(crate) facts: Vec<M::Fact>,
    pub(crate) kept: Vec<usize>,
    pub(crate) measured: Measured,
    /// What the machine has found of the present batch.
    pub(crate) sheet: Sheet,
    /// Which row of which worker's sheet each row of it stands for.
    pub(crate) instead: Vec<(usize, usize)>,
    pub(crate) workers: Vec<Worker>,
}

impl<M, J> Search<'_, M, J>
where
    M: Machine<Effect = ()>,
    J: Monitor<M::Fact>,
{
    /// Lets the machine begin all runs.
    pub(crate) fn begin(&mut self, monitor: &J, aim: Aim) -> Desktop<M, J> {
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
            measured: Vec::new(),
            sheet: Sheet::default(),
            instead: vec![(0, 0)],
            workers: vec![Worker::default()],
        };
        for turn in 0.. {
            if !self.learn(Origin { from: None, row: 0, turn }, aim, &mut desk)
                || !desk.table.decide.advance()
            {
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
        let row = OfRow { from: None, row: 0, taken: None };
        desk.workers[0].sheet.rows.push(row);
        desk.sheet.rows.push(OfRow { taken: Some((0, desk.sheet.taken.len() as u32)), ..row });
        desk
    }

    /// Lets the machine take the step of a row of a class, in each way in turn; `false` if that reaches
    /// what is looked for.
    pub(crate) fn take(&mut self, zone: ZoneId, row: u16, aim: Aim, desk: &mut Desktop<M, J>) -> bool {
        let part = self.store.zones.part(zone);
        desk.table.decide.reset();
        for turn in 0.. {
            let (shape, bounds) = (self.store.shape(zone), self.store.bounds(zone));
            let (at, Desktop { table, measured, sheet, .. }) = (usize::from(row), &mut *desk);
            if !reach(&mut table.zone, aim.apart, shape, bounds, at) {
                return true;
            }
            let known = self.scripts.root(part, at).map_or(Outcome::Unknown, |root| {
                let with = (&mut table.zone, &mut table.decide, &mut table.ticks);
                let known = self.scripts.follow(root, with, measured, aim);
                if known == Outcome::Unknown {
                    table.decide.repeat();
                    reach(&mut table.zone, aim.apart, shape, bounds, at);
                }
                known
            });
            let goes_on = match known {
                Outcome::Leaf(leaf) => {
                    sheet.led_to(turn, leaf, &self.scripts, &table.zone, measured);
                    true
                }
                Outcome::Met => {
                    sheet.met(turn);
                    false
                }
                Outcome::Unknown => {
                    table.know_rows(shape, at);
                    desk.state.clone_from(self.store.state(zone));
                    desk.monitor.clone_from(self.store.monitor(zone));
                    desk.facts.clear();
                    take(self.machine, &mut desk.state, shape.rows[at], &mut desk.table, &mut desk.facts);
                    self.learn(Origin { from: Some(zone), row, turn }, aim, desk)
                }
            };
            if !goes_on || !desk.table.decide.advance() {
                return goes_on;
            }
        }
        true
    }

    /// Learns a step that the machine has taken; `false` if it reached what is looked for.
    fn learn(&mut self, origin: Origin, aim: Aim, desk: &mut Desktop<M, J>) -> bool {
        let Desktop { state, monitor, shape, table, facts, kept, measured, sheet, .. } = desk;
        table.tell(monitor, facts);
        let before = origin.from.map_or(0, |zone| self.store.shape(zone).rows.len());
        let stays = table.stays(usize::from(origin.row), before);
        let broken = monitor.broken();
        measured.clear();
        measured.extend(table.spans());
        if aim.goal.is_some_and(|goal| goal.is_met(broken, measured.iter().copied())) {
            sheet.met(origin.turn);
            return false;
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
        sheet.led_to(origin.turn, leaf, &self.scripts, &table.zone, measured);
        true
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
        Row::Mark(..) | Row::Tick(_) | Row::Phase(_) => unreachable!("a mark does not happen"),
    }
}
