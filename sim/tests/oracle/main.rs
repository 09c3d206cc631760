//! Exploring against counting it out: small random machines, of which every run in whole time is made.
//!
//! The two share the machine and the monitors and nothing else: the one keeps bounds, the other
//! makes each run with the ordinary driver, for every microsecond of every delay and every order of
//! every tie. They must agree on what can be broken, and on the least and the greatest of every delay.
//!
//! Machines with longer delays have too many runs. Of those, [`ends`] makes some that are aimed at the
//! ends of what exploring says, and [`alike`] holds a search that merges zones against one that does not,
//! and one that goes depth first against one that goes level by level.

mod alike;
mod clocks;
mod ends;
mod random;

use proptest::prelude::*;
use punctual_sim::explore::{self, Goal, Limits, NotFound};
use punctual_sim::{Cx, Delay, Enumerate, Invariant, Machine, ObserverClock, Runner, Span, TraceOf};
use random::Action::{After, Choose, Either, Note, Send};
use random::{All, OneRun, Random, Rules, SHORT, Scale, Uses, machine, written};

/// A run that reaches `goal`, which the judge of traces takes for one of `machine`.
fn run_to(machine: &Random, rules: &Rules, goal: Goal) -> Result<TraceOf<Random>, NotFound> {
    run_within(machine, rules, goal, Limits::default())
}

/// The same within other limits.
fn run_within(
    machine: &Random,
    rules: &Rules,
    goal: Goal,
    limits: Limits<'_>,
) -> Result<TraceOf<Random>, NotFound> {
    let trace = explore::find(machine, rules, goal, limits)?.trace;
    assert_eq!(trace.check(machine), Ok(()), "a run to {goal:?}");
    Ok(trace)
}

/// Every run, counted out; `None` if there are too many.
fn count_out(machine: &Random, rules: &Rules) -> Option<All> {
    let mut all = All::default();
    let mut runner = Runner::new(machine, Enumerate::new());
    for _ in 0..10_000 {
        runner.run(&mut OneRun::new(rules, &mut all));
        if !runner.chooser().advance() {
            return Some(all);
        }
    }
    None
}

/// Both come to the same; what that is, or `None` if there are too many runs.
fn agree(machine: &Random, rules: &Rules) -> Result<Option<All>, TestCaseError> {
    let Some(all) = count_out(machine, rules) else { return Ok(None) };
    let explored = explore::every_timing(machine, rules, Limits::default());
    prop_assert_eq!(explored.limit, None);
    prop_assert_eq!(&All { broken: explored.broken, delays: explored.delays }, &all);
    Ok(Some(all))
}

/// And what is found without merging is the same, and each of it is a run that the driver makes.
fn agree_and_find(machine: &Random) -> Result<(), TestCaseError> {
    let rules = Rules::new(Span(2));
    let Some(all) = agree(machine, &rules)? else { return Ok(()) };
    for rule in 0..3 {
        let found = run_to(machine, &rules, Goal::Breaks(1 << rule)).map(|_| ());
        prop_assert_eq!(found, if all.broken >> rule & 1 == 1 { Ok(()) } else { Err(NotFound::None) });
    }
    for (&observer, &(least, most)) in &all.delays {
        for goal in [Goal::AtLeast(observer, most), Goal::AtMost(observer, least)] {
            prop_assert_eq!(run_to(machine, &rules, goal).map(|_| ()), Ok(()), "{:?} is attained", goal);
        }
        let beyond = run_to(machine, &rules, Goal::AtLeast(observer, Span(most.0 + 1)));
        prop_assert_eq!(beyond.unwrap_err(), NotFound::None);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exploring_agrees_with_every_run_counted_out(machine in machine(&SHORT)) {
        agree_and_find(&machine)?;
    }

    #[test]
    fn exploring_agrees_where_a_clock_is_read(machine in machine(&Scale { clock: Uses::Reads, ..SHORT })) {
        agree_and_find(&machine)?;
    }

    #[test]
    fn exploring_agrees_where_timers_are_set_by_a_clock(
        machine in machine(&Scale { clock: Uses::Waits, ..SHORT }),
    ) {
        agree_and_find(&machine)?;
    }
}

#[test]
fn an_invariant_is_judged_alike_by_either() {
    struct Two(Delay, Delay);
    impl Machine for Two {
        type State = ();
        type Event = u8;
        type Effect = ();
        type Fact = u8;
        fn start(&self, cx: &mut impl Cx<Self>) {
            cx.after(1, &self.0);
            cx.after(2, &self.1);
        }
        fn step(&self, (): &mut (), event: u8, cx: &mut impl Cx<Self>) {
            cx.note(event);
        }
    }
    let two = Two(Delay::uniform("one", Span(0), Span(4)), Delay::uniform("two", Span(3), Span(9)));
    let within =
        |limit| Invariant::within("one-then-two", |fact: &u8| *fact == 1, |fact| *fact == 2, Span(limit));
    // The first can be 9 us ahead of the second; or behind it, and then the second never follows.
    for (limit, broken) in [(8, 1), (9, 1)] {
        assert_eq!(explore::every_timing(&two, &within(limit).watcher(), Limits::default()).broken, broken);
    }
    let later = Two(Delay::uniform("one", Span(0), Span(2)), Delay::uniform("two", Span(3), Span(9)));
    for (limit, broken) in [(8, 1), (9, 0)] {
        assert_eq!(explore::every_timing(&later, &within(limit).watcher(), Limits::default()).broken, broken);
    }
}

/// Machines that a search for a span once left too early: the one search had kept a mark whose limit may
/// have passed, where the other had found that it had. A drawn machine shows it once in 200 000.
#[test]
fn what_is_known_of_a_limit_is_no_reason_to_give_up_a_span() {
    let idle = || vec![After(0, 0)];
    let idles = |count: usize| (0..count).map(|_| idle());
    let mut first = vec![
        vec![Send(1, 1, 1), After(0, 0)],
        vec![Note(2)],
        vec![Note(1), Either(0, 0, 1)],
        vec![Either(2, 0, 1)],
        idle(),
        idle(),
        vec![After(2, 0), After(1, 1)],
    ];
    first.extend(idles(7));
    let mut second =
        vec![idle(), vec![Send(0, 0, 1)], vec![Choose(3), After(2, 0)], vec![Either(2, 1, 0), Send(0, 0, 0)]];
    second.extend(idles(6).chain([vec![Note(2)]]).chain(idles(3)));
    let mut third = vec![idle(), idle(), vec![Note(1)]];
    third.extend(idles(4));
    third.extend([vec![After(0, 2)], vec![Choose(2), Note(1), Either(1, 0, 2)], vec![Choose(1)]]);
    third.extend(idles(4));
    let machines = [
        written([1, 2, 3], vec![Send(0, 0, 2), Either(2, 1, 1)], first),
        written([1, 0, 0], vec![Note(1), After(1, 0)], second),
        written([3, 4, 2], vec![Either(1, 1, 0), Either(0, 0, 2), Either(2, 0, 0), Choose(2)], third),
    ];
    let longest = |machine: &Random| {
        let rules = Rules::new(Span(2));
        agree_and_find(machine).expect("exploring agrees with every run counted out");
        explore::every_timing(machine, &rules, Limits::default()).delays[&ObserverClock(1)].1
    };
    assert_eq!(machines.each_ref().map(longest), [Span(6), Span(5), Span(6)]);
}
