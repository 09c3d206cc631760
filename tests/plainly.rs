//! What makes exploring quick changes nothing: the same verdicts without any of it.
//!
//! Cones of influence, merging zones and memoised successors are switched off together in one way of asking, canonical states in
//! another. What accelerates and forks while sampling has its own tests (`acceleration`, `forking`).

mod common;
mod grammar;

use proptest::prelude::*;
use punctual::budget::Budget;
use punctual::proof::{self, Proved};
use punctual::sampling::Prepared;
use punctual::scenarios::{Case, Scenario, library};
use punctual_model::{Fact, Ledger, World, WorldEvent, WorldState};
use punctual_sim::explore::{self, Limits};
use punctual_sim::{Cx, Machine, Span};

/// Few enough states for the plain way to come to an end in time.
const FEW: usize = 20_000;

/// Whether all invariants of `case` come to the same, asked quickly and plainly; nothing where a limit was met.
fn alike(case: &Case) -> Option<bool> {
    let prepared = Prepared::new(case);
    let quick = proof::verdicts(&prepared, Budget::of(FEW)).expect("no bug");
    let plain = proof::verdicts_plainly(&prepared, Budget::of(FEW)).expect("no bug");
    let word = |proved: &Proved| match proved {
        Proved::Holds { .. } => Some("holds"),
        Proved::Broken { .. } => Some("broken"),
        Proved::Unknown { .. } => None,
    };
    let pairs: Option<Vec<_>> =
        quick.iter().zip(&plain).map(|(quick, plain)| Some((word(quick)?, word(plain)?))).collect();
    pairs.map(|pairs| pairs.into_iter().all(|(quick, plain)| quick == plain))
}

/// The same world, whose states are told apart by all that they remember.
struct Raw(World);

impl Machine for Raw {
    type State = WorldState;
    type Event = WorldEvent;
    type Effect = ();
    type Fact = Fact;

    fn start(&self, cx: &mut impl Cx<Self>) -> WorldState {
        self.0.start(&mut cx.nest::<World, _, _>(|event| event, |(), _| {}))
    }

    fn step(&self, state: &mut WorldState, event: WorldEvent, cx: &mut impl Cx<Self>) {
        self.0.step(state, event, &mut cx.nest::<World, _, _>(|event| event, |(), _| {}));
    }

    fn ends(&self, fact: &Fact) -> Option<Span> {
        self.0.ends(fact)
    }
}

/// Whether the rules that runs of `case` break are the same with canonical states and without; nothing where a
/// limit was met.
fn alike_raw(case: &Case) -> Option<bool> {
    let prepared = Prepared::new(case);
    let ledger = Ledger::new(&prepared.plan);
    let few = Limits { classes: FEW, successors: 20 * FEW as u64, ..Limits::default() };
    let canonical = explore::every_timing(&prepared.world, &ledger, few);
    let raw = explore::every_timing(&Raw(World::new(&case.system)), &ledger, few);
    (canonical.limit.is_none() && raw.limit.is_none()).then_some(canonical.broken == raw.broken)
}

#[test]
fn a_cursor_that_is_set_back_is_judged_alike_without_canonical_states() {
    for text in common::found::set_back() {
        let scenario = grammar::parse(&text);
        assert_eq!(alike_raw(&scenario.cases[0]), Some(true), "{text}");
    }
}

#[test]
fn the_library_is_judged_alike_plainly() {
    let mut compared = 0;
    for (name, text) in library() {
        let scenario = Scenario::parse(name, text).expect("the library is sound");
        for case in &scenario.cases {
            let said = [alike(case), alike_raw(case)];
            assert!(!said.contains(&Some(false)), "{name} {:?}: {said:?}", case.variant);
            compared += said.iter().flatten().count();
        }
    }
    assert!(compared > 40, "{compared} were small enough");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_scenarios_are_judged_alike_plainly(text in grammar::text()) {
        let scenario = grammar::parse(&text);
        prop_assert!(alike(&scenario.cases[0]) != Some(false), "{}", text);
        prop_assert!(alike_raw(&scenario.cases[0]) != Some(false), "{}", text);
    }
}
