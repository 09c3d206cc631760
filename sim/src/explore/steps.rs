//! The steps from a class: as they were memoised, or by the machine.
//!
//! A step of the machine is taken for all timings of a class, and written down (`memo`).

use crate::explore::class::ZoneClock;
use crate::explore::desk::{start, take};
use crate::explore::first::reach;
use crate::explore::memo::{Memoised, Outcome, Successor};
use crate::explore::search::{Desktop, Search};
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
            self.memoise(Origin { from: None, index: 0, turn });
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
        self.space.store.zones.read(zone, &mut self.desk.from);
        for index in 0..self.space.store.enabled(zone).pending() {
            if !self.space.store.enabled(zone).leads(index) {
                continue;
            }
            self.desk.table.decide.reset();
            for turn in 0.. {
                // What contains it now is expanded in its place.
                if self.space.store.zones.is_subsumed(zone) {
                    return;
                }
                if !self.take(zone, (index, turn)) {
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

    /// Takes the step in which the clock at an index is reached, in one of its turns; `false` if it cannot be the first.
    fn take(&mut self, zone: ZoneId, (index, turn): (usize, u16)) -> bool {
        let (aim, separation) = (self.aim(), self.pass.kind.separation);
        let (store, memo) = (&self.space.store, &self.space.memo);
        let (enabled, discrete) = (store.enabled(zone), store.zones.discrete(zone));
        let Desktop { table, measured, from, .. } = &mut self.desk;
        let bounds = Bounds { clocks: enabled.clocks.len(), all: from };
        if !reach(&mut table.zone, separation, enabled, bounds, index) {
            return false;
        }
        let origin = Origin { from: Some(zone), index: index as u16, turn };
        let known = memo.root(discrete, index).filter(|_| self.pass.memoises).map(|root| {
            let with = (&mut table.zone, &mut table.decide, &mut table.ticks);
            memo.follow(root, with, measured, aim)
        });
        match known {
            Some(Outcome::Successor(successor)) => {
                self.add(origin, successor);
                return true;
            }
            Some(Outcome::Met) => {
                self.met_by(origin);
                return true;
            }
            Some(Outcome::Unknown) => {
                table.decide.repeat();
                reach(&mut table.zone, separation, enabled, bounds, index);
            }
            None => {}
        }
        table.know_clocks(enabled, index);
        self.desk.state.clone_from(store.state(zone));
        self.desk.monitor.clone_from(store.monitor(zone));
        self.desk.facts.clear();
        let Desktop { state, table, facts, .. } = &mut self.desk;
        take(self.pass.machine, state, enabled.clocks[index], table, facts);
        self.memoise(origin);
        true
    }

    /// Memoises a step that the machine has taken, and adds what it led to.
    fn memoise(&mut self, origin: Origin) {
        let (aim, goal) = (self.aim(), self.pass.goal);
        let store = &mut self.space.store;
        let Desktop { state, monitor, enabled, table, facts, kept, measured, .. } = &mut self.desk;
        table.tell(monitor, facts);
        (self.hear)(state, facts);
        let before = origin.from.map_or(0, |zone| store.enabled(zone).clocks.len());
        let stays = table.stays(usize::from(origin.index), before);
        let broken = monitor.broken();
        measured.clear();
        measured.extend(table.spans());
        if goal.is_some_and(|goal| goal.is_met(broken, measured.iter().copied())) {
            return self.met_by(origin);
        }
        let forgotten = aim.forgotten(broken);
        monitor.forget(forgotten);
        self.pass.machine.canonical(state);
        table.finish(enabled, kept);
        let discrete = store.discrete_of(state, monitor, enabled);
        let ends = !enabled.clocks.iter().any(ZoneClock::is_pending);
        let number = (!ends).then(|| store.number_of(&discrete));
        let timed = enabled.clocks.iter().filter(|clock| clock.is_timed()).count() as u16;
        let successor = Successor { broken, forgotten, stays, timed, ..Successor::new(discrete, number) };
        let step = origin.from.map(|zone| (store.zones.discrete(zone), usize::from(origin.index), before));
        let operations = table.operations.get_or_insert_default();
        let memoised = Memoised { successor, kept, noticed: &table.noticed, measured: &table.measured };
        let successor = self.space.memo.memoise(step, operations, &memoised);
        self.add(origin, successor);
    }
}
