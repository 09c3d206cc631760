//! Searching with and without merging zones says the same, of machines that cannot be counted out; and
//! so does searching depth first.
//!
//! `every_timing` merges zones, `find` only drops those that lie in others. So what the one says is
//! broken the other finds a run for, and of what it says is not there is none; and a measured span is as
//! short, and as long, as it says, and not by a microsecond more. Each run that is found is made.

use proptest::prelude::*;
use punctual_sim::explore::{self, Goal, Limits, NotFound, Query, Reductions, Traversal};
use punctual_sim::{Delay, Span};

use crate::random::Action::{After, Either, Read, Send};
use crate::random::{LONG, Random, Rules, Scale, Uses, machine, reading};
use crate::{run_to, run_within};

/// A span that is longer than all that must end.
const AGES: Span = Span(1_000_000_000);

/// The rules of which a run is looked for: those of bits 0 to 2, the last that is broken, and the first
/// of the many that is not.
fn asked(broken: u64) -> Vec<u32> {
    let last = (broken != 0).then(|| broken.ilog2());
    let first_unbroken = (8..64).find(|rule| broken >> rule & 1 == 0);
    (0..3).chain(last).chain(first_unbroken).collect()
}

fn alike(machine: &Random) -> Result<(), TestCaseError> {
    let rules = Rules::new(Span(200));
    let explored = explore::every_timing(machine, &rules, Limits::default());
    prop_assert_eq!(explored.limit, None);
    let query = Query { reductions: Reductions::NONE, ..Query::spans(machine, &rules, Limits::default()) };
    let plain = query.answer().explored;
    prop_assert_eq!(plain.broken, explored.broken);
    prop_assert_eq!(&plain.delays, &explored.delays);
    let found = |goal| run_to(machine, &rules, goal).map(|_| ());
    for rule in asked(explored.broken) {
        let expected = if explored.broken >> rule & 1 == 1 { Ok(()) } else { Err(NotFound::None) };
        prop_assert_eq!(found(Goal::Breaks(1 << rule)), expected, "rule {}", rule);
    }
    for (&observer, &(least, most)) in &explored.delays {
        prop_assert_eq!(
            found(Goal::AtMost(observer, least)),
            Ok(()),
            "{:?}, the least is {}",
            observer,
            least
        );
        if least > Span::ZERO {
            prop_assert_eq!(found(Goal::AtMost(observer, Span(least.0 - 1))), Err(NotFound::None));
        }
        let attained = if most == Span::NEVER { AGES } else { most };
        prop_assert_eq!(
            found(Goal::AtLeast(observer, attained)),
            Ok(()),
            "{:?}, the most is {}",
            observer,
            most
        );
        if most < Span::NEVER {
            prop_assert_eq!(found(Goal::AtLeast(observer, Span(most.0 + 1))), Err(NotFound::None));
        }
    }
    Ok(())
}

/// Which classes are looked at first makes no difference to what is broken and how long a span is; and
/// what was found depth first is a run, whose spans end where they do level by level.
fn alike_depth_first(machine: &Random) -> Result<(), TestCaseError> {
    let rules = Rules::new(Span(200));
    let explored = explore::every_timing(machine, &rules, Limits::default());
    let depth = Limits { traversal: Traversal::DepthFirst, ..Limits::default() };
    let deep = explore::every_timing(machine, &rules, depth);
    prop_assert_eq!((deep.limit, deep.broken), (None, explored.broken));
    prop_assert_eq!(&deep.delays, &explored.delays);
    prop_assert_eq!(deep.lassos, explored.lassos);
    let found = |goal| run_within(machine, &rules, goal, depth).map(|_| ());
    for rule in asked(explored.broken) {
        let expected = if explored.broken >> rule & 1 == 1 { Ok(()) } else { Err(NotFound::None) };
        prop_assert_eq!(found(Goal::Breaks(1 << rule)), expected, "rule {}", rule);
    }
    for (&observer, &(least, most)) in &explored.delays {
        let attained = if most == Span::NEVER { AGES } else { most };
        for goal in [Goal::AtMost(observer, least), Goal::AtLeast(observer, attained)] {
            prop_assert_eq!(found(goal), Ok(()), "{:?} is attained", goal);
        }
    }
    Ok(())
}

/// Where a run was found depth first, its states were once searched again with what was known of a tick:
/// a larger zone does not know that it has passed, and was left out. A drawn machine shows it once in some
/// thousands.
#[test]
fn what_is_known_of_a_tick_is_no_reason_to_leave_out_a_state() {
    let delays = [
        Delay::fixed("a", Span(0)),
        Delay::at_least("b", Span(332), Span(1)),
        Delay::uniform("c", Span(1), Span(33)),
    ];
    let idle = || vec![After(0, 0)];
    let mut tables = vec![vec![After(0, 1)], idle(), idle(), vec![Read(1, None)], idle(), idle()];
    tables.push(vec![Either(0, 0, 2), Send(0, 0, 2)]);
    tables.extend((0..7).map(|_| idle()));
    let machine = reading(delays, 5, vec![Send(1, 1, 2), After(0, 0)], tables);
    alike_depth_first(&machine).expect("both say the same");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_makes_no_difference(machine in machine(&LONG)) {
        alike(&machine)?;
    }

    #[test]
    fn merging_makes_no_difference_where_a_clock_is_read(machine in machine(&Scale { clock: Uses::Reads, ..LONG })) {
        alike(&machine)?;
    }

    #[test]
    fn merging_makes_no_difference_where_delays_have_no_greatest(
        machine in machine(&Scale { endless: true, ..LONG }),
    ) {
        alike(&machine)?;
    }

    #[test]
    fn depth_first_makes_no_difference(machine in machine(&LONG)) {
        alike_depth_first(&machine)?;
    }

    #[test]
    fn depth_first_makes_no_difference_where_a_clock_is_read_or_a_delay_has_no_greatest(
        machine in machine(&Scale { clock: Uses::Reads, endless: true, ..LONG }),
    ) {
        alike_depth_first(&machine)?;
    }
}
