//! Replaying what breaks an invariant: found among all timings, else among runs.

use std::ops::ControlFlow;

use punctual::budget::Cause;
use punctual::counterexample::{self, RunId};
use punctual::proof::{self, Proved};
use punctual_model::{Rule, RuleId};
use punctual_reports::text;
use punctual_sim::rate;

use super::{Limit, Named};
use crate::command::Exit;
use crate::command::output::{bug, say};

impl Named<'_> {
    /// What breaks the invariant at this place.
    pub(super) fn invariant(&self, place: RuleId, rule: Rule) -> Result<Exit, Exit> {
        match self.broken_by_some_timing(place, rule)? {
            ControlFlow::Break(exit) => Ok(exit),
            ControlFlow::Continue(Limit(limit)) => self.broken_by_some_run(place, rule, &limit),
        }
    }

    /// Shows what exploring decides; goes on with the limit at which it stopped.
    fn broken_by_some_timing(&self, place: RuleId, rule: Rule) -> Result<ControlFlow<Exit, Limit>, Exit> {
        let budget = self.replay.exploring.budget(self.here);
        let proved = match proof::counterexample(self.prepared, place, budget).map_err(bug)? {
            Ok(found) => {
                self.here.done();
                let shown = self.shown(&found, "found among all timings");
                return self.replay.show(shown, Some(place), self.output).map(ControlFlow::Break);
            }
            Err(proved) => proved,
        };
        let but = match proved {
            Proved::Holds { .. } | Proved::Broken { .. } => String::new(),
            // A run that is drawn might not come to its end.
            Proved::Unknown { limit, cause: Cause::Zeno } => format!(", but there is {limit}"),
            Proved::Unknown { limit, .. } => return Ok(ControlFlow::Continue(Limit(limit))),
        };
        self.here.done();
        say(&format!("{}: no timing breaks it{but}", rule.name()));
        Ok(ControlFlow::Break(Exit::Inconclusive))
    }

    fn broken_by_some_run(&self, place: RuleId, rule: Rule, limit: &str) -> Result<Exit, Exit> {
        let seed = self.replay.sampling.seed;
        let mut first = None;
        let made = self.sample(|_, tally| {
            first = tally.broken[place.0].first;
            first.is_some()
        });
        let Some(number) = first else {
            let runs = text::count(made, "run");
            let rate = match made {
                0 => String::new(),
                runs => format!(": rate below {} at 95 %", text::chance(rate::never_seen(runs))),
            };
            say(&format!("none of {runs} breaks {}, and exploring stopped: {limit}{rate}", rule.name()));
            return Ok(self.undecided());
        };
        let run = RunId { seed, number };
        if counterexample::only_cut(self.prepared, place, run) {
            say(&format!(
                "run {number} breaks {} only since it is over, and exploring stopped: {limit}",
                rule.name()
            ));
            return Ok(self.undecided());
        }
        self.here.done();
        let found = counterexample::find(self.prepared, place, run).map_err(bug)?;
        let title = format!("made from run {number} of seed {seed:#x}");
        self.replay.show(self.shown(&found, &title), Some(place), self.output)
    }
}
