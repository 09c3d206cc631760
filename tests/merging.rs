//! Worlds of scenarios, searched with merging zones and without: the same verdicts and the same delays.
//!
//! `every_timing` merges zones, `find` only drops those that lie in others. What the one says is broken
//! the other finds a path to; of what it says is not there is none; and a delay is as short, and as long,
//! as it says, and not by a microsecond more.

mod grammar;

use proptest::prelude::*;
use punctual::scenarios::{Case, Scenario, library};
use punctual_model::{ClientId, EventId, Fact, Identity, Ledger, Plan, Rule, World, without_idle_comments};
use punctual_sim::explore::{self, Goal, Limits, NotFound, Query, Reductions};
use punctual_sim::{Monitor, ObserverClock, Span, Watch};

/// Zones are kept as they come, but for those that lie in others.
const UNMERGED: Reductions = Reductions { merging: false, ..Reductions::ALL };

/// Measures the time from when the first event of a kind is published to when it arrives at a client.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Delivery {
    kind: EventId,
    at: ClientId,
    known: Option<Identity>,
}

impl Monitor<Fact> for Delivery {
    fn noted(&mut self, fact: &Fact, watch: &mut impl Watch) {
        match *fact {
            Fact::Published { what, .. } if what.event() == self.kind && self.known.is_none() => {
                self.known = Some(what);
                watch.start(ObserverClock(0), Span::NEVER);
            }
            Fact::Arrived { at, what, .. } if at == self.at && self.known == Some(what) => {
                watch.measure(ObserverClock(0));
            }
            _ => {}
        }
    }

    fn ended(&mut self, _: &impl Watch) {}

    fn broken(&self) -> u64 {
        0
    }

    fn forget(&mut self, _: u64) {}
}

fn world(case: &Case) -> World {
    World::new(&without_idle_comments(&case.system, |_, _| false))
}

/// Whether a run reaches `goal`, without merging; `None` if a limit was met.
fn reaches<J: Monitor<Fact>>(world: &World, monitor: &J, goal: Goal, limits: Limits<'_>) -> Option<bool> {
    match explore::find(world, monitor, goal, limits) {
        Ok(run) => {
            assert_eq!(run.trace.check(world), Ok(()));
            Some(true)
        }
        Err(NotFound::NotReplayed(why)) => panic!("{goal:?}: {why:?}"),
        Err(NotFound::None) => Some(false),
        Err(NotFound::Limit(_)) => None,
    }
}

/// Whether searching without merging says of each rule of `case` what searching with it says; `None` if
/// a limit was met. Counting reads is left out: each count is a state of its own.
fn verdicts_agree(case: &Case, limits: Limits<'_>) -> Option<bool> {
    let rules = case.checks.iter().map(|check| check.rule);
    let rules: Vec<Rule> = rules.filter(|rule| rule.bound().is_none()).collect();
    let (plan, world) = (Plan::new(&case.system, &rules), world(case));
    let ledger = Ledger::new(&plan);
    let explored = explore::every_timing(&world, &ledger, limits);
    if explored.limit.is_some() {
        return None;
    }
    // All of it again without merging, and a run for each rule that is broken.
    let unmerged = Query { reductions: UNMERGED, ..Query::rules(&world, &ledger, limits) }.answer().explored;
    if unmerged.limit.is_some() {
        return None;
    }
    let mut agree = unmerged.broken == explored.broken;
    for rule in (0..rules.len()).filter(|rule| explored.broken >> rule & 1 == 1) {
        agree &= reaches(&world, &ledger, Goal::Breaks(1 << rule), limits)?;
    }
    Some(agree)
}

/// The cases as they are written.
fn bases() -> Vec<(&'static str, Case)> {
    let parse = |&(name, text): &(&'static str, &str)| {
        let mut scenario = Scenario::parse(name, text).expect("the library is sound");
        (name, scenario.cases.remove(0))
    };
    library().iter().map(parse).collect()
}

#[test]
fn the_library_is_judged_alike_without_merging() {
    for (name, case) in bases() {
        assert_eq!(verdicts_agree(&case, Limits::default()), Some(true), "{name}");
    }
}

#[test]
fn delays_of_the_library_have_the_same_ends_without_merging() {
    let mut measured = 0;
    for (name, case) in bases() {
        let world = world(&case);
        for kind in 0..case.system.events.len() {
            let delivery = Delivery { kind: EventId(kind as u8), at: ClientId(0), known: None };
            let explored = explore::every_timing(&world, &delivery, Limits::default());
            assert_eq!(explored.limit, None);
            let query = Query::spans(&world, &delivery, Limits::default());
            let unmerged = Query { reductions: UNMERGED, ..query }.answer().explored;
            assert_eq!(unmerged.delays, explored.delays, "{name}: {kind}");
            let Some(&(least, most)) = explored.delays.get(&ObserverClock(0)) else { continue };
            measured += 1;
            let reaches = |goal| reaches(&world, &delivery, goal, Limits::default());
            assert_eq!(
                reaches(Goal::AtLeast(ObserverClock(0), most)),
                Some(true),
                "{name}: {kind} takes {most}"
            );
            assert_eq!(
                reaches(Goal::AtLeast(ObserverClock(0), Span(most.0 + 1))),
                Some(false),
                "{name}: {kind}, {most}"
            );
            assert_eq!(
                reaches(Goal::AtMost(ObserverClock(0), least)),
                Some(true),
                "{name}: {kind} takes {least}"
            );
            if let Some(less) = least.0.checked_sub(1) {
                assert_eq!(
                    reaches(Goal::AtMost(ObserverClock(0), Span(less))),
                    Some(false),
                    "{name}: {kind}, {least}"
                );
            }
        }
    }
    assert!(measured >= 10, "{measured} delays");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_scenarios_are_judged_alike_without_merging(text in grammar::text()) {
        let few = Limits { classes: 3_000, ..Limits::default() };
        let scenario = grammar::parse(&text);
        let agree = verdicts_agree(&scenario.cases[0], few);
        prop_assert!(agree != Some(false), "{}", text);
    }
}
