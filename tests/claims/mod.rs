//! What a [`Why`] claims, held against the run that it is of, its picture, and the run without what it blames.

mod decides;
mod facts;
mod kinds;

use punctual::race;
use punctual::sampling::Prepared;
use punctual::story::Story;
use punctual::why::Why;
use punctual_model::World;
use punctual_reports::{style::Style, terminal, text};
use punctual_scenarios::Scenario;
use punctual_sim::{Ending, Time, TraceOf, sample};

pub(crate) use self::kinds::{KINDS, OF_LOGS_ONLY, kinds};

/// The seed of all runs.
const SEED: u64 = 0x5eed;

/// A run that breaks an invariant, and why it is said to.
pub(crate) struct Claimed<'r> {
    pub(crate) story: &'r Story<'r>,
    /// What happened in it, event by event.
    trace: &'r TraceOf<World>,
    pub(crate) why: Why,
    /// Its number.
    run: u64,
}

/// What is claimed of the first `runs` runs of each case of a scenario.
pub(crate) fn each_claim(scenario: &Scenario, runs: u64, mut hear: impl FnMut(&Claimed<'_>)) {
    for case in &scenario.cases {
        let prepared = Prepared::new(case);
        for run in 0..runs {
            let trace = sample::trace(&prepared.world, SEED, run);
            if !matches!(trace.ending, Ending::Quiet | Ending::Over) {
                continue;
            }
            let story = Story::of(&case.system, &trace);
            let breaches = punctual::counterexample::breaches(&prepared, &trace);
            for (rule, breach) in prepared.plan.rules().iter().zip(breaches) {
                let Some(breach) = breach else { continue };
                hear(&Claimed { story: &story, trace: &trace, why: Why::of(&story, *rule, breach), run });
            }
        }
    }
}

/// All that can be wrong with a claim.
pub(crate) fn wrong(claimed: &Claimed<'_>) -> Option<String> {
    let said = claimed.why.said(claimed.story);
    let wrong = facts::untrue(claimed).map(|wrong| format!("untrue: {wrong}"));
    let wrong = wrong.or_else(|| undrawn(claimed).map(|wrong| format!("not in the picture: {wrong}")));
    let wrong = wrong.or_else(|| decides::undecided(claimed).map(|wrong| format!("not decisive: {wrong}")));
    wrong.map(|wrong| format!("{}\n  {said}\n  {:?}\n{wrong}", claimed.why.rule.name(), claimed.why))
}

/// What of a claim is not in its picture.
fn undrawn(claimed: &Claimed<'_>) -> Option<String> {
    let Claimed { story, why, .. } = claimed;
    let (race, picture) = (race::of_why(story, why), picture(claimed));
    why.instants(story).into_iter().find_map(|Time(at)| {
        let drawn =
            race.marks.iter().any(|mark| mark.at == at) && race.horizon.0 <= at && at <= race.horizon.1;
        let printed = [3, 6].into_iter().any(|digits| picture.contains(&text::seconds(at, digits)));
        (!drawn || !printed).then(|| format!("what is at {at} us is not drawn:\n{picture}"))
    })
}

/// The picture of a claim, with all that is in it as a list.
pub(crate) fn picture(claimed: &Claimed<'_>) -> String {
    let style = Style { verbose: 1, ..Style::plain() };
    terminal::picture(&race::of_why(claimed.story, &claimed.why), &style)
}
