//! Stretches that are passed in one go: what an idle cycle says of itself is so, runs with fixed delays are the same
//! event for event, and all others are distributed alike.

mod grammar;

use proptest::prelude::*;
use punctual::budget::Patient;
use punctual::model::{Fact, Happening, World, WorldEvent, WorldState};
use punctual::sampling::{Prepared, Tally};
use punctual::scenarios::{Case, Scenario, library};
use punctual::sim::{
    Channel, Choice, Chooser, Clock, Counts, Cx, Delay, Ending, IdleCycle, Machine, Observer, Seeded, Span,
    Stamp, Sums, Time, sample,
};

fn scenarios() -> Vec<Scenario> {
    library()
        .into_iter()
        .map(|(name, text)| Scenario::parse(name, text).expect("the library is sound"))
        .collect()
}

/// A host that takes down what is asked for in one step and refuses all but a timer.
#[derive(Default)]
struct Asked {
    timers: Vec<(WorldEvent, Delay)>,
    facts: Vec<Fact>,
    refused: bool,
}

impl Cx<World> for Asked {
    fn after(&mut self, event: WorldEvent, delay: &Delay) {
        self.timers.push((event, delay.clone()));
    }
    fn after_ticks(&mut self, _: WorldEvent, _: &Clock, _: u32) {
        self.refused = true;
    }
    fn cancel(&mut self, _: WorldEvent) {
        self.refused = true;
    }
    fn take_due(&mut self, _: WorldEvent) -> bool {
        self.refused = true;
        false
    }
    fn send(&mut self, _: Channel, _: WorldEvent, _: &Delay) {
        self.refused = true;
    }
    fn lose(&mut self, _: Channel) {
        self.refused = true;
    }
    fn note(&mut self, fact: Fact) {
        self.facts.push(fact);
    }
    fn emit(&mut self, (): ()) {}
    fn decide(&mut self, _: &Choice) -> usize {
        self.refused = true;
        0
    }
    fn stamp(&mut self, _: &Clock) -> Stamp {
        self.refused = true;
        Stamp::Same
    }
}

/// A machine around the world that looks at every event whether it begins an idle cycle, and if so, takes it.
struct Looked<'w> {
    world: &'w World,
    idle_cycles: std::cell::Cell<u64>,
}

impl Looked<'_> {
    fn look(&self, state: &WorldState, event: WorldEvent) {
        let mut idle_cycle = IdleCycle::default();
        if !self.world.idle_cycle(state, event, &mut idle_cycle) {
            return;
        }
        self.idle_cycles.set(self.idle_cycles.get() + 1);
        let (mut after, mut next, mut facts) = (state.clone(), event, Vec::new());
        for delay in &idle_cycle.delays {
            let mut asked = Asked::default();
            self.world.step(&mut after, next, &mut asked);
            assert!(!asked.refused, "{event:?} asks for more than a timer");
            let [(then, took)] = &asked.timers[..] else { panic!("{event:?} asks for one timer at a time") };
            assert_eq!(took, *delay, "{event:?}");
            next = *then;
            facts.extend(asked.facts.into_iter().filter(|fact| !matches!(fact, Fact::Did(..))));
        }
        assert_eq!((next, &after), (event, state), "a idle_cycle leads back");
        assert_eq!(facts, idle_cycle.facts, "{event:?}");
    }
}

impl Machine for Looked<'_> {
    type State = WorldState;
    type Event = WorldEvent;
    type Effect = ();
    type Fact = Fact;

    fn start(&self, cx: &mut impl Cx<Self>) -> WorldState {
        self.world.start(&mut cx.nest::<World, _, _>(|event| event, |(), _: &mut _| {}))
    }

    fn step(&self, state: &mut WorldState, event: WorldEvent, cx: &mut impl Cx<Self>) {
        self.look(state, event);
        self.world.step(state, event, &mut cx.nest::<World, _, _>(|event| event, |(), _: &mut _| {}));
    }

    fn ends(&self, fact: &Fact) -> Option<Span> {
        self.world.ends(fact)
    }
}

struct Deaf;

impl<M: Machine> Observer<M> for Deaf {
    fn noted(&mut self, _: Time, _: &M::Fact) {}
}

/// Takes some runs of `case`, and gives the number of idle cycles that were met.
fn look_at(case: &Case, runs: u64) -> u64 {
    let world = World::new(&case.system);
    let looked = Looked { world: &world, idle_cycles: std::cell::Cell::new(0) };
    sample::runs(&looked, 7, 0..runs, &mut Deaf, |_, _, _| {});
    looked.idle_cycles.get()
}

#[test]
fn a_round_leads_back_to_where_it_began_and_asks_for_what_it_says() {
    let scenarios = scenarios();
    let met: Vec<u64> = scenarios.iter().flat_map(|file| &file.cases).map(|case| look_at(case, 20)).collect();
    assert!(met.iter().filter(|idle_cycles| **idle_cycles > 0).count() * 4 > met.len() * 3, "{met:?}");
}

/// What an observer hears that only counts idle cycles.
#[derive(Default, Debug, PartialEq)]
struct Heard {
    notes: Vec<(Time, Fact)>,
    turns: u64,
    reads: u64,
    events: u64,
    passed: u64,
    ended: Option<(Time, Ending)>,
}

impl Observer<World> for Heard {
    fn fired(&mut self, _: Time, _: &WorldEvent) {
        self.events += 1;
    }
    fn noted(&mut self, at: Time, fact: &Fact) {
        match fact {
            Fact::Turned(_) => self.turns += 1,
            Fact::Read(_) => self.reads += 1,
            Fact::Did(..) => {}
            other => self.notes.push((at, *other)),
        }
    }
    fn ended(&mut self, at: Time, ending: Ending) {
        self.ended = Some((at, ending));
    }
}

impl Counts<World> for Heard {
    fn passed(&mut self, facts: &[Fact], events: usize, times: u64) {
        let count =
            |wanted: fn(&Fact) -> bool| facts.iter().filter(|fact| wanted(fact)).count() as u64 * times;
        self.turns += count(|fact| matches!(fact, Fact::Turned(_)));
        self.reads += count(|fact| matches!(fact, Fact::Read(_)));
        self.events += events as u64 * times;
        self.passed += times;
    }
}

/// The same case with each delay somewhere in its interval, and always there.
fn with_fixed_delays(case: &Case, seed: u64) -> World {
    let mut system = case.system.clone();
    let mut seeded = Seeded::new(seed, 0);
    for delay in system.delays_mut() {
        if delay.interval().max < Span::NEVER {
            *delay = Delay::fixed(delay.name().text(), seeded.delay(delay));
        }
    }
    World::new(&system)
}

/// One run with acceleration and without; and the number of idle cycles that were passed.
fn both(world: &World, run: u64) -> (Heard, Heard, u64) {
    let (mut plain, mut accelerated) = (Heard::default(), Heard::default());
    sample::runs(world, 3, run..=run, &mut plain, |_, _, _| {});
    sample::accelerated_runs(world, &Sums::default(), 3, run..=run, &mut accelerated, |_, _, _| {});
    let passed = std::mem::take(&mut accelerated.passed);
    (plain, accelerated, passed)
}

#[test]
fn where_delays_are_fixed_a_run_is_the_same_event_for_event() {
    let mut passed = 0;
    for scenario in scenarios() {
        for case in &scenario.cases {
            for seed in 0..8 {
                let (plain, accelerated, idle_cycles) = both(&with_fixed_delays(case, seed), seed);
                assert_eq!(plain, accelerated, "{} {:?}, seed {seed}", scenario.name, case.variant);
                passed += idle_cycles;
            }
        }
    }
    assert!(passed > 10_000, "{passed}");
}

/// The greatest distance of two empirical distributions, over the one that two of the same law exceed once
/// in a million times (Kolmogorov and Smirnov).
fn distance(mut one: Vec<u64>, mut other: Vec<u64>) -> f64 {
    one.sort_unstable();
    other.sort_unstable();
    let (n, m) = (one.len() as f64, other.len() as f64);
    let share = |sorted: &[u64], at: u64| sorted.partition_point(|value| *value <= at) as f64;
    let apart = |at: &u64| (share(&one, *at) / n - share(&other, *at) / m).abs();
    let greatest = one.iter().chain(&other).map(apart).fold(0.0, f64::max);
    greatest / (-0.5 * libm::log(0.5e-6)).sqrt() / ((n + m) / (n * m)).sqrt()
}

/// Of each run: turns, reads, events, when it ended, and the instants of its last notes.
fn measured(runs: impl FnOnce(&mut Vec<[u64; 7]>)) -> Vec<[u64; 7]> {
    let mut all = Vec::new();
    runs(&mut all);
    all
}

fn measure(heard: &mut Heard, all: &mut Vec<[u64; 7]>) {
    let Heard { notes, turns, reads, events, ended, .. } = std::mem::take(heard);
    let at = |place: usize| notes.iter().rev().nth(place).map_or(0, |(at, _)| at.0);
    let end = ended.map_or(0, |(at, _)| at.0);
    all.push([turns, reads, events, end, at(0), at(2), notes.len() as u64]);
}

#[test]
fn runs_are_distributed_as_they_are_without_leaps() {
    const RUNS: u64 = 4_000;
    for scenario in scenarios() {
        for case in scenario.cases.iter().take(6) {
            let world = World::new(&case.system);
            let mut heard = Heard::default();
            let plain = measured(|all| {
                sample::runs(&world, 11, 0..RUNS, &mut heard, |heard, _, _| measure(heard, all));
            });
            // Other numbers, so that what the two share in their draws does not make them look alike.
            let accelerated = measured(|all| {
                let numbers = RUNS..2 * RUNS;
                let sums = Sums::default();
                sample::accelerated_runs(&world, &sums, 11, numbers, &mut heard, |heard, _, _| {
                    measure(heard, all);
                });
            });
            for what in 0..7 {
                let of = |all: &[[u64; 7]]| all.iter().map(|run| run[what]).collect();
                let apart = distance(of(&plain), of(&accelerated));
                assert!(apart < 1.0, "{} {:?}: measure {what} is {apart} apart", scenario.name, case.variant);
            }
        }
    }
}

#[test]
fn the_time_that_many_rounds_take_has_the_law_of_a_sum() {
    // One loop of a uniform step and a fixed rest, watched for an hour: its last idle cycle before the end.
    let text = include_str!("grammar/patient.toml");
    let scenario = Scenario::parse("patient.toml", text).expect("it is sound");
    let world = World::new(&scenario.cases[0].system);
    let mut heard = Heard::default();
    let mut turns = Vec::new();
    sample::accelerated_runs(&world, &Sums::default(), 5, 0..20_000, &mut heard, |heard, _, _| {
        turns.push(std::mem::take(heard).turns as f64);
    });
    // A renewal process: after time t the number of idle cycles has mean t / m + (v / m^2 - 1) / 2, and variance
    // t v / m^3, with a mean m and a variance v of one idle cycle (Cox, Renewal Theory, 4.2). One more is under way;
    // the stream ends in the one after the first that reads the status after t, which is the one under way if
    // t falls into what comes before its rest, a share of u / m.
    let (low, high, rest, t) = (1e-3, 999e-3, 1.0, 3_600.0);
    let u = f64::midpoint(low, high);
    let m = u + rest;
    let v = (high - low) * (high - low) / 12.0;
    let mean = turns.iter().sum::<f64>() / turns.len() as f64;
    let variance = turns.iter().map(|n| (n - mean) * (n - mean)).sum::<f64>() / turns.len() as f64;
    let expected = (t / m + (v / (m * m) - 1.0) / 2.0 + 1.0 + (2.0 - u / m), t * v / (m * m * m));
    let error = (expected.1 / turns.len() as f64).sqrt();
    assert!((mean - expected.0).abs() < 5.0 * error, "mean {mean}, expected {}", expected.0);
    assert!((variance / expected.1 - 1.0).abs() < 0.08, "variance {variance}, expected {}", expected.1);
}

#[test]
fn what_sampling_counts_agrees_within_its_intervals() {
    for scenario in scenarios() {
        let prepared = Prepared::new(&scenario.cases[0]);
        let plain = prepared.sample(1, 0..5_000);
        let accelerated =
            prepared.sample_accelerated((&Patient, &Sums::default()), 1, 5_000..10_000, |_, _| {});
        for (place, rule) in prepared.plan.rules().iter().enumerate() {
            let [one, other] = [&plain, &accelerated].map(|tally| tally.broken[place].runs as f64 / 5_000.0);
            let error = ((one * (1.0 - one) + other * (1.0 - other)) / 5_000.0).sqrt();
            assert!(
                (one - other).abs() <= 5.0 * error + 1e-3,
                "{} {}: {one} and {other}",
                scenario.name,
                rule.name()
            );
        }
        let over = |tally: &Tally| tally.seen.times(Happening::JobOver);
        assert_eq!(over(&plain), over(&accelerated));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rounds_of_random_scenarios_are_what_they_say(text in grammar::text(), seed in any::<u64>()) {
        let scenario = grammar::parse(&text);
        for case in &scenario.cases {
            look_at(case, 5);
            let (plain, accelerated, _) = both(&with_fixed_delays(case, seed), 0);
            prop_assert_eq!(plain, accelerated, "{}", text);
        }
    }
}
