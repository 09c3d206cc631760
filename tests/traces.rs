//! Traces of random scenarios: they can be had again, they stay bad when made smaller, and a trace
//! that was changed by hand is refused by a judge who trusts no driver.

mod common;
mod grammar;

use common::{Folder, embedded};
use proptest::prelude::*;
use punctual::counterexample::{RunId, find, only_cut};
use punctual::sampling::{Prepared, Until};
use punctual::saved::Saved;
use punctual_model::{Fact, Ids, System, TaskId, World, WorldEvent, WorldState};
use punctual_scenarios::{Scenario, library};
use punctual_sim::{
    Cx, Ending, Machine, NotAllowed, Seeded, Span, Step, Time, TraceOf, record, replay, sample,
};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn every_run_is_allowed_and_is_the_same_from_its_decisions(text in grammar::text(), seed in any::<u64>()) {
        let scenario = grammar::parse(&text);
        let case = &scenario.cases[0];
        let world = World::new(&case.system);
        let folder = Folder::of("traces-saved");
        for run in 0..3 {
            let trace = sample::trace(&world, seed, run);
            prop_assert_eq!(trace.check(&world), Ok(()));
            prop_assert_eq!(replay(&world, &trace.decisions), Ok(trace.clone()));
            let saved = Saved::new(&scenario, case, (&trace, Until::End), "some", None);
            let path = saved.write(&folder.path).expect("it can be written");
            let read = Saved::read(&path).expect("it can be read");
            prop_assert_eq!(&read, &saved);
            let (_, case) = read.case().expect("its scenario is in it");
            prop_assert_eq!(read.replay(&World::new(&case.system)), Ok(trace.clone()));
        }
    }

    #[test]
    fn what_is_made_smaller_is_still_a_bad_run(text in grammar::text(), seed in any::<u64>()) {
        let scenario = grammar::parse(&text);
        let prepared = Prepared::new(&scenario.cases[0]);
        let tally = prepared.sample(seed, 0..20);
        for (place, count) in prepared.plan.places().zip(&tally.broken) {
            let run = |number| RunId { seed, number };
            // What a run breaks only since it is over has no counterexample.
            let Some(run) = count.first.map(run).filter(|run| !only_cut(&prepared, place, *run)) else {
                continue;
            };
            let found = find(&prepared, place, run);
            let found = found.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert!(found.breach(place).is_some(), "{} holds", prepared.plan.rule(place).name());
            prop_assert_eq!(found.trace.check(&prepared.world), Ok(()));
            prop_assert_eq!(replay(&prepared.world, &found.trace.decisions), Ok(found.trace.clone()));
            prop_assert!(found.steps() <= found.steps_before);
            for decision in &found.trace.decisions {
                let (low, high) = decision.range;
                prop_assert!(low <= decision.value && decision.value <= high, "{decision:?}");
            }
        }
    }

    #[test]
    fn a_changed_trace_is_refused(
        text in grammar::text(), seed in any::<u64>(), place in any::<prop::sample::Index>()
    ) {
        let scenario = grammar::parse(&text);
        let world = World::new(&scenario.cases[0].system);
        let trace = sample::trace(&world, seed, 0);
        let step = place.index(trace.steps.len() - 1) + 1;

        let mut late = trace.clone();
        late.steps[step].at += Span::secs(3_600);
        prop_assert_eq!(late.check(&world).map_err(|refusal| refusal.step), Err(step));

        if let Some(before) = trace.steps[step - 1].at.0.checked_sub(1) {
            let mut early = trace.clone();
            early.steps[step].at = Time(before);
            prop_assert_eq!(early.check(&world).map_err(|refusal| refusal.step), Err(step));
        }

        let mut twice = trace.clone();
        twice.steps.insert(step, trace.steps[step].clone());
        prop_assert!(twice.check(&world).is_err());

        let mut mute = trace.clone();
        if mute.steps[step].facts.pop().is_some() {
            prop_assert_eq!(mute.check(&world).map_err(|refusal| refusal.step), Err(step));
        }

        // The job goes on from each of its steps, so none but the last can be missing; unless it is given up.
        let crashes = |step: &Step<WorldEvent, Fact>| step.facts.iter().any(|fact| matches!(fact, Fact::Crashed(_)));
        let goes_on = !trace.steps.iter().any(crashes);
        let of_job = |facts: &[Fact]| facts.iter().any(|fact| matches!(fact, Fact::Did(TaskId(0), _)));
        let steps: Vec<usize> = (1..trace.steps.len()).filter(|&at| of_job(&trace.steps[at].facts)).collect();
        for &at in steps[..steps.len() - 1].iter().filter(|_| goes_on) {
            let mut without = trace.clone();
            without.steps.remove(at);
            prop_assert!(without.check(&world).is_err(), "without step {at}");
        }

        let mut short = trace.clone();
        short.steps.truncate(step);
        if trace.ending == Ending::Quiet {
            prop_assert!(short.check(&world).is_err(), "cut before step {step}");
        }
    }

    #[test]
    fn a_state_made_canonical_goes_on_as_before(text in grammar::text(), seed in any::<u64>()) {
        let scenario = grammar::parse(&text);
        for run in 0..3 {
            goes_on_as_before(&scenario.cases[0].system, seed, run).map_err(TestCaseError::fail)?;
        }
    }
}

#[test]
fn the_states_of_the_library_made_canonical_go_on_as_before() {
    for (name, text) in library() {
        let scenario = Scenario::parse(name, text).expect("the library is sound");
        for case in &scenario.cases {
            for run in 0..4 {
                let same = goes_on_as_before(&case.system, 11, run);
                assert_eq!(same, Ok(()), "{name} {:?}, run {run}", case.variant);
            }
        }
    }
}

/// Of ids that a clock gave only the order is kept, also of those that a client will name when it is back,
/// although the store has dropped their events.
#[test]
fn ids_that_a_client_names_keep_their_order_among_those_of_the_store() {
    let text = embedded("replay-sends-twice");
    let text = text.replace("ids = \"counter\"", "ids = \"clock 1ms\"\nkeep = 1");
    let text = text.replace("starts = \"500ms..8s\"", "starts = \"2s..4s\"");
    let scenario = Scenario::parse("clocked", &text).expect("it is sound");
    let system = &scenario.case(Some("advance")).expect("the variant").system;
    for run in 0..60 {
        assert_eq!(goes_on_as_before(system, 3, run), Ok(()), "run {run}");
    }
}

/// A world that makes its state canonical after every step.
struct Canonical(World);

impl Machine for Canonical {
    type State = WorldState;
    type Event = WorldEvent;
    type Effect = ();
    type Fact = Fact;

    fn start(&self, cx: &mut impl Cx<Self>) -> WorldState {
        let mut state = self.0.start(&mut cx.nest::<World, _, _>(|event| event, |(), _| ()));
        self.0.canonical(&mut state);
        state
    }

    fn step(&self, state: &mut WorldState, event: WorldEvent, cx: &mut impl Cx<Self>) {
        self.0.step(state, event, &mut cx.nest::<World, _, _>(|event| event, |(), _| ()));
        self.0.canonical(state);
        let once = state.clone();
        self.0.canonical(state);
        assert_eq!(*state, once, "what is canonical stays as it is");
    }

    fn ends(&self, fact: &Fact) -> Option<Span> {
        self.0.ends(fact)
    }
}

/// Whether the same decisions lead a world and its canonical twin to the same facts.
fn goes_on_as_before(system: &System, seed: u64, run: u64) -> Result<(), String> {
    let plain = record(&World::new(system), Seeded::new(seed, run));
    let twin = record(&Canonical(World::new(system)), Seeded::new(seed, run));
    let (plain, twin) = (ordered(system, plain), ordered(system, twin));
    let differs = plain.steps.iter().zip(&twin.steps).find(|(plain, twin)| plain != twin);
    match differs {
        Some((plain, twin)) => Err(format!("{plain:?}\nis not\n{twin:?}")),
        None if plain.steps.len() != twin.steps.len() => Err("one run is longer".into()),
        None => Ok(()),
    }
}

/// The trace with ids of clocks left out: only their order means something.
fn ordered(system: &System, mut trace: TraceOf<World>) -> TraceOf<World> {
    let by_clock = |store: usize| matches!(system.stores[store].ids, Ids::Clock(_));
    let any_clock = (0..system.stores.len()).any(by_clock);
    for fact in trace.steps.iter_mut().flat_map(|step| &mut step.facts) {
        match fact {
            Fact::Published { store, id, .. } if by_clock(usize::from(store.0)) => *id = 0,
            Fact::Moved(_, _, to) | Fact::Connected { last: to, .. } if any_clock => *to = 0,
            _ => {}
        }
    }
    trace
}

/// A run of the path that works, in which many messages are in flight at once.
fn many_messages() -> (World, TraceOf<World>) {
    let scenario = Scenario::parse("blog", embedded("blog-as-coded")).expect("the library is sound");
    let case = scenario.case(Some("burst")).expect("the variant");
    let world = World::new(&case.system);
    let trace = sample::trace(&world, 3, 0);
    (world, trace)
}

#[test]
fn two_messages_of_one_link_cannot_change_places() {
    let (world, trace) = many_messages();
    let arrived = |at: usize| trace.steps[at].facts.iter().any(|fact| matches!(fact, Fact::Arrived { .. }));
    let mut swapped = 0;
    for at in (1..trace.steps.len() - 1).filter(|&at| arrived(at) && arrived(at + 1)) {
        let mut changed = trace.clone();
        let (one, other) = (trace.steps[at].clone(), trace.steps[at + 1].clone());
        (changed.steps[at].event, changed.steps[at].facts) = (other.event, other.facts);
        (changed.steps[at + 1].event, changed.steps[at + 1].facts) = (one.event, one.facts);
        let refusal = changed.check(&world).expect_err("it overtakes");
        assert_eq!(refusal.step, at, "{refusal:?}");
        assert_eq!(refusal.why, NotAllowed::Overtakes);
        swapped += 1;
    }
    assert!(swapped > 20, "only {swapped} pairs arrive one after the other");
}

#[test]
fn a_delay_may_be_anything_in_its_interval_and_nothing_beyond() {
    let publish = "{ publish = \"rendered\", takes = \"1ms..20ms\" }";
    let lingers = "{ publish = \"rendered\" },\n  { work = \"linger\", takes = \"5ms..6ms\" }";
    let scenario = grammar::parse(&common::replaced(&common::first_base(), publish, lingers));
    let world = World::new(&scenario.cases[0].system);
    // A run in which nothing else happens from the beginning of that step to well after its end.
    let alone = (0..200).find_map(|run| {
        let trace = sample::trace(&world, 1, run);
        let over = |fact: &Fact| matches!(fact, Fact::Over { task: TaskId(0), .. });
        let last = trace.steps.iter().position(|step| step.facts.iter().any(over))?;
        let quiet =
            trace.steps.get(last + 1).is_none_or(|next| next.at > trace.steps[last].at + Span::millis(2));
        let began = trace.steps[last - 1].facts.iter().any(|fact| matches!(fact, Fact::Published { .. }));
        (quiet && began).then_some((trace, last))
    });
    let (trace, last) = alone.expect("such a run is common");
    let since = trace.steps[last - 1].at;
    for (us, allowed) in [(4_999, false), (5_000, true), (5_500, true), (6_000, true), (6_001, false)] {
        let mut moved = trace.clone();
        moved.steps.truncate(last + 1);
        moved.ending = Ending::TooLong;
        moved.steps[last].at = since + Span::micros(us);
        moved.ended_at = moved.steps[last].at;
        assert_eq!(moved.check(&world).is_ok(), allowed, "{us}: {:?}", moved.check(&world));
    }
}
