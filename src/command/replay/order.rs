//! Replaying a named interleaving.
//!
//! It is found among all timings, else among runs; of runs that contain it one is shown that does not come out as the
//! file says, if there is one.

use std::ops::ControlFlow;

use punctual::counterexample::{self, Counterexample, RunId, of_trace};
use punctual::order::{self, Impossible, OrderProved};
use punctual::sampling::Until;
use punctual::story::Story;
use punctual::{present, race};
use punctual_model::OrderId;
use punctual_reports::text;
use punctual_scenarios::Outcome;
use punctual_sim::shrink;

use super::{Limit, Named, drawn};
use crate::command::output::{bug, say};
use crate::command::{Exit, Format};

/// Runs in which one that speaks against the file is looked for, once one was found that does not.
const AGAINST: u64 = 5_000;
/// Runs that making it smaller may take.
const SHRINK: usize = 400;

impl Named<'_> {
    /// A run that contains the order at this place, or why there is none.
    pub(super) fn order(&self, place: OrderId) -> Result<Exit, Exit> {
        match self.order_in_some_timing(place)? {
            ControlFlow::Break(exit) => Ok(exit),
            ControlFlow::Continue(limit) => self.order_in_some_run(place, limit),
        }
    }

    fn name(&self, place: OrderId) -> &str {
        &self.prepared.case.interleaving(place).name
    }

    /// Shows what exploring decides; goes on with the limit at which it stopped, or with none where what it found comes
    /// out as the file says and some runs do not.
    fn order_in_some_timing(&self, place: OrderId) -> Result<ControlFlow<Exit, Option<Limit>>, Exit> {
        let budget = self.replay.exploring.budget(self.here);
        let found = match order::order(self.prepared, place, budget).map_err(bug)? {
            OrderProved::Possible(found) => found,
            OrderProved::Impossible(impossible) => {
                return self.refused(place, &impossible).map(ControlFlow::Break);
            }
            OrderProved::Unknown(limit) => return Ok(ControlFlow::Continue(Some(Limit(limit)))),
        };
        let sampling = &self.replay.sampling;
        let sampled = self.prepared.sample(sampling.seed, 0..AGAINST.min(self.replay.runs));
        let as_said = self.prepared.as_said(place, &found.breaches);
        if as_said && sampled.orders[place.0].against.is_some() {
            return Ok(ControlFlow::Continue(None));
        }
        self.here.done();
        let title = format!("{}, found among all timings", self.name(place));
        let shown = if as_said { self.as_said(&found, &title) } else { self.against(place, &found, &title) };
        shown.map(ControlFlow::Break)
    }

    /// Says that no timing contains it, and why.
    fn refused(&self, place: OrderId, impossible: &Impossible) -> Result<Exit, Exit> {
        let interleaving = self.prepared.case.interleaving(place);
        let step = interleaving.order.get(impossible.reached);
        let step = step.map_or("its first step", |step| &step.name);
        let why = impossible.reason(step).map(|why| format!(": {why}")).unwrap_or_default();
        let claimed = if interleaving.outcome == Outcome::Impossible {
            ""
        } else {
            "; the scenario claims that it is possible"
        };
        let states = text::count(impossible.states, "state");
        let said = format!("{}: impossible, refused at {step} ({states}){why}{claimed}", interleaving.name);
        self.output.printed(&(self.output.wrapped(&said) + "\n"), Exit::AsExpected)
    }

    fn order_in_some_run(&self, place: OrderId, limit: Option<Limit>) -> Result<Exit, Exit> {
        let name = self.name(place);
        let seed = self.replay.sampling.seed;
        let (mut first, mut against) = (None, None);
        let made = self.sample(|runs, tally| {
            let seen = &tally.orders[place.0];
            first = first.or(seen.found.first);
            against = seen.against;
            against.is_some() || first.is_some() && runs >= AGAINST
        });
        let Some(first) = first else {
            let limit =
                limit.map(|Limit(limit)| format!(", and exploring stopped: {limit}")).unwrap_or_default();
            say(&format!("{name}: not found in {}{limit}", text::count(made, "run")));
            return Ok(self.undecided());
        };
        self.here.done();
        let run = RunId { seed, number: against.unwrap_or(first) };
        let title = format!("{name}, made from run {} of seed {seed:#x}", run.number);
        if against.is_some() {
            let found = counterexample::against(self.prepared, place, run).map_err(bug)?;
            return self.against(place, &found, &title);
        }
        let world = &self.prepared.world;
        let named = &self.prepared.orders[place.0];
        let trace = shrink(world, run.trace(world), || named.matcher(), SHRINK);
        let found = of_trace(self.prepared, trace, Until::End).map_err(bug)?;
        self.as_said(&found, &title)
    }

    /// A run that contains it and comes out as the file says.
    fn as_said(&self, found: &Counterexample, title: &str) -> Result<Exit, Exit> {
        let broken = self.prepared.plan.places().find(|place| found.breach(*place).is_some());
        self.replay.show(self.shown(found, title), broken, self.output)
    }

    /// A run that contains it and does not come out as the file says.
    fn against(&self, place: OrderId, found: &Counterexample, title: &str) -> Result<Exit, Exit> {
        let format = self.replay.format;
        let exit = self.shown(found, title).print((format, &self.replay.tracing), self.output)?;
        if format == Format::Human {
            let case = self.prepared.case;
            let story = Story::of(&case.system, &found.trace);
            let picture = race::of_order(&story, self.prepared, place, found);
            let said = present::not_as_claimed(case, place, self.prepared, found);
            self.output.print(&drawn(&said, &picture, self.output))?;
        }
        Ok(exit)
    }
}
