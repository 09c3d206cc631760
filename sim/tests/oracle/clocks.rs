//! Machines that read a clock whenever they like, and set timers by it.
//!
//! Exploring keeps when a clock ticks only where that matters: to measure, and where a run that it found
//! is none. So what it says is broken may be more than what is; what it measures and finds is neither more
//! nor less than what there is, as long as the clock cannot have ticked many times between two readings.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use punctual_sim::Span;
use punctual_sim::explore::{self, Goal, Limits, NotFound};

use crate::random::{Rules, SHORT, Scale, Uses, machine};
use crate::{count_out, run_to};

/// Some hundreds of rules of these machines are broken only if a clock may tick as it likes.
#[test]
fn there_is_a_run_for_what_is_broken_and_a_proof_for_what_is_not() {
    let mut random = TestRunner::deterministic();
    let machines = machine(&Scale { clock: Uses::Freely, ..SHORT });
    let rules = Rules::new(Span(2));
    let (mut broken, mut allowed) = (0, 0);
    for _ in 0..4_000 {
        let machine = machines.new_tree(&mut random).expect("a machine").current();
        let Some(all) = count_out(&machine, &rules) else { continue };
        let explored = explore::every_timing(&machine, &rules, Limits::default());
        assert_eq!(explored.limit, None);
        assert_eq!((&explored.delays, explored.over_approximate.len()), (&all.delays, 0), "{machine:?}");
        assert_eq!(all.broken & !explored.broken, 0, "a run breaks what no timing breaks: {machine:?}");
        for rule in (0..64).filter(|rule| explored.broken >> rule & 1 == 1) {
            let is_broken = all.broken >> rule & 1 == 1;
            let found = run_to(&machine, &rules, Goal::Breaks(1 << rule)).map(|_| ());
            assert_eq!(found, if is_broken { Ok(()) } else { Err(NotFound::None) }, "{rule} {machine:?}");
            broken += u32::from(is_broken);
            allowed += u32::from(!is_broken);
        }
        for (&observer, &(least, most)) in &all.delays {
            for goal in [Goal::AtLeast(observer, most), Goal::AtMost(observer, least)] {
                assert!(run_to(&machine, &rules, goal).is_ok(), "{goal:?} is attained by {machine:?}");
            }
            let beyond = run_to(&machine, &rules, Goal::AtLeast(observer, Span(most.0 + 1)));
            assert_eq!(beyond.map(|_| ()), Err(NotFound::None));
        }
    }
    assert!(broken > 15_000 && allowed > 80, "{broken} are broken, {allowed} only allowed");
}
