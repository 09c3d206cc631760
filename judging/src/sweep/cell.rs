//! What is known of one cell, put together: what was proved of it, and what its runs come to.

use punctual_model::{Rule, RuleId};
use punctual_reports::sweep::{Cell, Check, Delivery, Verdict};
use punctual_sim::Span;

use super::sampled::{Sampled, interval};
use super::{Failed, Now, Plan};
use crate::budget::Cause;
use crate::counterexample::{RunId, only_cut};
use crate::delivery::Delays;
use crate::proof::{self, Proved, Spans};
use crate::sampling::{Prepared, Tally};

/// Runs that are drawn plainly at a time, to see whether those that break an invariant do so only since they are over;
/// and all of them, where it is proved.
const PLAIN: u64 = 200;

impl Plan<'_> {
    /// All that is known of a case, as a cell that has no number yet.
    pub(super) fn cell(
        &self,
        prepared: &Prepared<'_>,
        sampled: &Sampled,
        now: Option<&Now>,
    ) -> Result<Cell, Failed> {
        let Sampled { tally, differences, .. } = sampled;
        let proved = self.explore.map(|budget| proof::verdicts(prepared, budget)).transpose();
        let proved = proved.map_err(Failed::Disagreement)?;
        let delays = tally.deliveries.delays();
        let exact = self.explore.map(|budget| proof::deliveries(prepared, delays, budget));
        let rules = prepared.plan.places().zip(prepared.plan.rules());
        let checks = rules.map(|(place, rule)| {
            let proved = proved.as_ref().map(|proved| &proved[place.0]);
            self.check(prepared, (place, *rule), tally, proved)
        });
        let checks = checks.collect::<Result<Vec<_>, _>>()?;
        let deliveries = delays.iter().enumerate();
        let deliveries = deliveries
            .map(|(place, delays)| delivery(prepared, delays, exact.as_ref().map(|exact| &exact[place])));
        let per_run = |count: u64| count as f64 / tally.runs.max(1) as f64;
        Ok(Cell {
            runs: tally.runs,
            checks,
            deliveries: deliveries.collect::<Result<_, Failed>>()?,
            reads_per_run: per_run(tally.reads),
            requests_per_run: per_run(tally.requests),
            polls_per_run: per_run(tally.turns),
            against_now: now.and_then(|_| differences.against()),
            ..Cell::default()
        })
    }

    /// What an invariant comes to.
    fn check(
        &self,
        prepared: &Prepared<'_>,
        (place, rule): (RuleId, Rule),
        tally: &Tally,
        proved: Option<&Proved>,
    ) -> Result<Check, Failed> {
        let broken = tally.broken[place.0].runs;
        let is_proved = matches!(proved, Some(Proved::Holds { .. }));
        let most = if is_proved { PLAIN } else { tally.runs };
        let end_of_runs = broken > 0 && self.at_the_end(prepared, place, most);
        if is_proved && broken > 0 && !end_of_runs {
            return Err(Failed::Broken { invariant: rule.name(), runs: broken });
        }
        let (verdict, limit) = verdict(proved, broken > 0 && !end_of_runs);
        Ok(Check {
            invariant: rule.name().to_owned(),
            of_loss: rule.invariant().of_loss,
            verdict,
            proved: matches!(proved, Some(Proved::Holds { .. } | Proved::Broken { .. })),
            limit,
            broken,
            end_of_runs,
            interval: interval(tally, place),
        })
    }

    /// Whether none of `most` runs shows more of the invariant at `place`, which sampled runs break, than that a run is
    /// over sooner than the system. A run that passed idle cycles in one go cannot be made again, so this is asked of runs
    /// that are drawn plainly.
    fn at_the_end(&self, prepared: &Prepared<'_>, place: RuleId, most: u64) -> bool {
        let host = self.budget.host;
        prepared.plan.rule(place).may_be_cut(&prepared.case.system)
            && (0..most)
                .step_by(PLAIN as usize)
                .take_while(|_| !host.interrupted())
                .map(|from| prepared.sample_for(host, self.seed, from..(from + PLAIN).min(most)))
                .find_map(|tally| tally.broken[place.0].first)
                .is_none_or(|number| only_cut(prepared, place, RunId { seed: self.seed, number }))
    }
}

/// How long events of a kind take to a client: by runs, and by every timing, which must contain them.
fn delivery(prepared: &Prepared<'_>, delays: &Delays, exact: Option<&Spans>) -> Result<Delivery, Failed> {
    let system = &prepared.case.system;
    let summary = delays.summary();
    let exact = exact.and_then(Spans::ends).map(|(least, greatest)| {
        (least.span.0, Some(greatest.span.0).filter(|_| greatest.span != Span::NEVER))
    });
    if let (Some(summary), Some((least, most))) = (&summary, exact)
        && (summary.min < least || most.is_some_and(|most| summary.max > most))
    {
        return Err(Failed::Outside { runs: (summary.min, summary.max), exact: (least, most) });
    }
    Ok(Delivery {
        event: system.event_name(delays.event).to_owned(),
        client: system.clients[usize::from(delays.client.0)].name.clone(),
        exact_us: exact,
        mean_us: summary.map(|summary| summary.mean),
        p50_us: summary.map_or(0, |summary| summary.p50),
        p99_us: summary.map_or(0, |summary| summary.p99),
        max_us: summary.map_or(0, |summary| summary.max),
        undelivered_runs: delays.undelivered_runs,
    })
}

/// What is known of an invariant, and why not more: from a proof, else from whether runs break it.
fn verdict(proved: Option<&Proved>, is_broken: bool) -> (Verdict, Option<String>) {
    let of_runs = if is_broken { Verdict::Violated } else { Verdict::Unknown };
    match proved {
        Some(Proved::Holds { .. }) => (Verdict::Holds, None),
        Some(Proved::Broken { .. }) => (Verdict::Violated, None),
        Some(Proved::Unknown { limit, cause }) => {
            (of_runs, Some(limit.clone()).filter(|_| *cause != Cause::Interrupted))
        }
        None => (of_runs, None),
    }
}
