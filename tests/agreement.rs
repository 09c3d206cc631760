//! Sampling and exploring of random scenarios: no run breaks what exploring says that no timing breaks.

mod grammar;

use proptest::prelude::*;
use punctual::budget::Budget;
use punctual::counterexample::{RunId, only_cut};
use punctual::proof::{self, Proved, Spans};
use punctual::sampling::Prepared;

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_run_breaks_what_no_timing_breaks(text in grammar::text(), seed in any::<u64>()) {
        let scenario = grammar::parse(&text);
        let prepared = Prepared::new(&scenario.cases[0]);
        let tally = prepared.sample(seed, 0..300);
        let budget = Budget::of(3_000);
        let proved = proof::explore(&prepared, budget).expect("no bug").proved;
        let exact = proof::deliveries(&prepared, tally.deliveries.delays(), budget);
        for (sampled, exact) in tally.deliveries.delays().iter().zip(&exact) {
            if let (Some(sampled), Spans::Exact { least, greatest, .. }) = (sampled.summary(), exact) {
                let within = least.span.0 <= sampled.min && sampled.max <= greatest.span.0;
                prop_assert!(within, "{sampled:?} is outside of {exact:?}\n{text}");
            }
            prop_assert!(sampled.summary().is_none() || !matches!(exact, Spans::Never { .. }), "{text}");
        }
        for (place, proved) in prepared.plan.places().zip(&proved) {
            if let (Proved::Holds { .. }, Some(run)) = (proved, tally.broken[place.0].first)
                && !only_cut(&prepared, place, RunId { seed, number: run })
            {
                let rule = prepared.plan.rule(place).name();
                prop_assert!(false, "{rule} is proved, and run {run} of seed {seed} breaks it\n{text}");
            }
        }
    }
}
