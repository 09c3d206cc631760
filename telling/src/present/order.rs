//! A named order in the document: whether it happens, and whether that is what the scenario claims.

use punctual_judging::counterexample::Counterexample;
use punctual_judging::judge::{Judged, OrderFound};
use punctual_judging::sampling::Prepared;
use punctual_model::{OrderId, Rule};
use punctual_reports::{document, text};
use punctual_scenarios::{Case, Outcome, Scenario};

use super::{Manner, replay::replay};
use crate::race;
use crate::story::Story;

/// All that is said of the named order at `place`.
pub(super) fn interleaving(
    scenario: &Scenario,
    judged: &Judged<'_>,
    place: OrderId,
    manner: Manner<'_>,
) -> document::Interleaving {
    let interleaving = judged.prepared.case.interleaving(place);
    let (mut found_in, mut impossible, mut limit) = (0, None, None);
    let verdict = match &judged.orders[place.0] {
        OrderFound::Found { in_runs, .. } => {
            found_in = *in_runs;
            document::InterleavingVerdict::Found
        }
        OrderFound::Impossible(why) => {
            impossible = Some(why);
            document::InterleavingVerdict::Impossible
        }
        OrderFound::Possible { .. } => document::InterleavingVerdict::Possible,
        OrderFound::NotFound { limit: met, .. } => {
            limit = Some(met.clone());
            document::InterleavingVerdict::NotFound
        }
    };
    let refused_at = impossible.and_then(|impossible| interleaving.order.get(impossible.reached));
    let refused_at = refused_at.map(|step| step.name.clone());
    document::Interleaving {
        interleaving: interleaving.name.clone(),
        verdict,
        expected: match interleaving.outcome {
            Outcome::Impossible => document::Possibility::Impossible,
            Outcome::Possible { .. } => document::Possibility::Possible,
        },
        as_expected: judged.order_as_expected(place),
        runs: judged.tally.runs,
        found_in,
        states: impossible.map(|impossible| impossible.states),
        reason: impossible.zip(refused_at.as_deref()).and_then(|(impossible, next)| impossible.reason(next)),
        refused_at,
        limit,
        against: against(scenario, judged, place, manner),
    }
}

/// What does not fit what is claimed of a named order, and a run against it.
fn against(
    scenario: &Scenario,
    judged: &Judged<'_>,
    place: OrderId,
    manner: Manner<'_>,
) -> Option<document::Against> {
    let (found, case) = (judged.against[place.0].as_ref()?, judged.prepared.case);
    let name = &case.interleaving(place).name;
    let story = Story::of(&case.system, &found.trace);
    Some(document::Against {
        id: found.id.clone(),
        why: claims(judged, place),
        race: race::of_order(&story, &judged.prepared, place, found),
        saved: manner.saved.get(&found.id).cloned(),
        replay: replay(scenario, case.variant.as_deref(), name, found, manner),
    })
}

/// Which claims about a named order are wrong, and in how many of the runs that contain it.
fn claims(judged: &Judged<'_>, place: OrderId) -> String {
    let OrderFound::Found { in_all, broken, .. } = &judged.orders[place.0] else {
        let found = judged.against[place.0].as_ref();
        let case = judged.prepared.case;
        return found.map_or(String::new(), |found| not_as_claimed(case, place, &judged.prepared, found));
    };
    let Outcome::Possible { breaks, keeps } = &judged.prepared.case.interleaving(place).outcome else {
        return format!("{} contain it, and it is claimed to be impossible", text::count(*in_all, "run"));
    };
    let broken = |rule: &Rule| judged.prepared.plan.place_of(rule).map_or(0, |place| broken[place.0]);
    let of = |runs: u64| {
        format!("in {} of the {} that contain it", text::grouped(runs), text::count(*in_all, "run"))
    };
    let kept = keeps.iter().filter(|rule| broken(rule) > 0).map(|rule| {
        format!("`keeps` claims that {} holds, but {} it is broken", rule.name(), of(broken(rule)))
    });
    let unbroken = breaks.iter().filter(|rule| broken(rule) < *in_all).map(|rule| {
        format!("`breaks` claims that {} is broken, but {} it holds", rule.name(), of(in_all - broken(rule)))
    });
    kept.chain(unbroken).collect::<Vec<_>>().join("; ")
}

/// What of the claims about a named order one run that contains it contradicts.
pub fn not_as_claimed(
    case: &Case,
    place: OrderId,
    prepared: &Prepared<'_>,
    found: &Counterexample,
) -> String {
    let Outcome::Possible { breaks, keeps } = &case.interleaving(place).outcome else {
        return "the scenario claims that this is impossible".into();
    };
    let broken =
        |rule: &&Rule| prepared.plan.place_of(rule).is_some_and(|place| found.breach(place).is_some());
    let kept =
        keeps.iter().filter(broken).map(|rule| format!("{} is broken, which it must keep", rule.name()));
    let unbroken = breaks.iter().filter(|rule| !broken(rule));
    let unbroken = unbroken.map(|rule| format!("{} holds, which it must break", rule.name()));
    format!("not as the scenario claims: {}", kept.chain(unbroken).collect::<Vec<_>>().join("; "))
}
