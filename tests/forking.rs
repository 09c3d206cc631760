//! What is done once for many machines is what each would have done by itself, event for event.

mod grammar;

use proptest::prelude::*;
use punctual::budget::Patient;
use punctual::model::{Fact, System, World, WorldEvent};
use punctual::sampling::{Prepared, sample_forking};
use punctual::scenarios::{Case, Scenario, library};
use punctual::sim::{
    Counts, Delay, Ending, Law, Name, Observer, Span, Sums, TakesOver, Time, common_turns, forking_runs,
    sample,
};

/// All that there is to hear of a run.
#[derive(Clone, Default, Debug, PartialEq)]
struct Log {
    events: Vec<(Time, WorldEvent)>,
    facts: Vec<(Time, Fact)>,
    passed: Vec<(Vec<Fact>, usize, u64)>,
    ended: Option<(Time, Ending)>,
}

/// A log, and how many events of it were taken over.
#[derive(Default)]
struct Scribe {
    log: Log,
    taken: u64,
}

impl Observer<World> for Scribe {
    fn fired(&mut self, at: Time, event: &WorldEvent) {
        self.log.events.push((at, *event));
    }
    fn noted(&mut self, at: Time, fact: &Fact) {
        self.log.facts.push((at, *fact));
    }
    fn ended(&mut self, at: Time, ending: Ending) {
        assert_eq!(self.log.ended, None, "a run ends once");
        self.log.ended = Some((at, ending));
    }
}

impl Counts<World> for Scribe {
    fn passed(&mut self, facts: &[Fact], events: usize, times: u64) {
        self.log.passed.push((facts.to_vec(), events, times));
    }
}

impl TakesOver for Scribe {
    fn take_over(&mut self, other: &Self) {
        assert_eq!(self.log, Log::default(), "the run before is forgotten");
        self.log.clone_from(&other.log);
        self.taken += other.log.events.len() as u64;
    }
}

/// `system` with every delay of that name so many times as long.
fn stretched(system: &System, name: &Name, times: u64) -> System {
    let mut other = system.clone();
    for delay in other.delays_mut() {
        let interval = delay.interval();
        if delay.name() == name && interval.max < Span::NEVER {
            *delay = delay.between(Span(interval.min.0 * times), Span(interval.max.0 * times));
        }
    }
    other
}

fn names(system: &System) -> Vec<Name> {
    let mut system = system.clone();
    let mut names: Vec<Name> = system.delays_mut().into_iter().map(|delay| delay.name().clone()).collect();
    names.dedup();
    names
}

/// Compares what is done for all `systems` at once with what each does by itself; gives the share of events that
/// was taken over.
fn compare(systems: &[System], seed: u64, runs: u64) -> f64 {
    let mut differ: Vec<Name> = Vec::new();
    for other in &systems[1..] {
        differ.extend(systems[0].differing_delays(other).expect("they differ in delays only"));
    }
    let worlds: Vec<World> = systems.iter().map(World::new).collect();
    let machines: Vec<&World> = worlds.iter().collect();
    let sums = Sums::default();
    let mut scribes: Vec<Scribe> = systems.iter().map(|_| Scribe::default()).collect();
    let mut together: Vec<Vec<(u64, Log, Ending)>> = systems.iter().map(|_| Vec::new()).collect();
    forking_runs(&machines, &differ, &sums, seed, 0..runs, &mut scribes, |place, scribe, run, ending| {
        together[place].push((run, std::mem::take(&mut scribe.log), ending));
    });
    let mut all = 0;
    for (place, world) in worlds.iter().enumerate() {
        let mut alone = Vec::new();
        sample::accelerated_runs(
            world,
            &sums,
            seed,
            0..runs,
            &mut Scribe::default(),
            |scribe, run, ending| {
                alone.push((run, std::mem::take(&mut scribe.log), ending));
            },
        );
        assert!(together[place] == alone, "machine {place}, {differ:?}, seed {seed}");
        all += alone.iter().map(|(_, log, _)| log.events.len() as u64).sum::<u64>();
    }
    let taken: u64 = scribes.iter().map(|scribe| scribe.taken).sum();
    taken as f64 / all.max(1) as f64
}

#[test]
fn what_the_library_does_together_each_does_by_itself() {
    let mut taken = Vec::new();
    for (name, text) in library() {
        let scenario = Scenario::parse(name, text).expect("the library is sound");
        for case in scenario.cases.iter().take(2) {
            let system = &case.system;
            for (place, name) in names(system).iter().enumerate() {
                let others = [2, 7].map(|times| stretched(system, name, times));
                // What lasts until a step is taken is another alarm: that is no fork.
                if others.iter().any(|other| system.differing_delays(other).is_none()) {
                    continue;
                }
                let [two, seven] = others;
                taken.push(compare(&[system.clone(), two, seven], place as u64, 2));
            }
        }
    }
    assert!(taken.len() > 250, "{}", taken.len());
    assert!(taken.contains(&0.0) && taken.iter().any(|share| *share > 0.5), "{taken:?}");
}

#[test]
fn what_is_counted_together_is_counted_for_each() {
    let mut delivered = 0;
    for (name, text) in library() {
        let scenario = Scenario::parse(name, text).expect("the library is sound");
        let case = &scenario.cases[0];
        for name in names(&case.system) {
            let cases =
                [1, 2, 5].map(|times| Case { system: stretched(&case.system, &name, times), ..case.clone() });
            let prepared = cases.each_ref().map(Prepared::new);
            let Some(differ) = prepared[0].differs_in(&prepared[2]) else { continue };
            let sums = Sums::default();
            let mut runs = [const { Vec::new() }; 3];
            let together = sample_forking(
                (&prepared.each_ref(), &differ),
                (&Patient, &sums),
                5,
                0..25,
                |place, number, run| {
                    runs[place].push((number, run));
                },
            );
            for (place, one) in prepared.iter().enumerate() {
                let mut own = Vec::new();
                let alone = one
                    .sample_accelerated((&Patient, &sums), 5, 0..25, |number, run| own.push((number, run)));
                assert_eq!(runs[place], own, "{} {name:?}", scenario.name);
                assert_eq!(
                    format!("{:?}", together[place]),
                    format!("{alone:?}"),
                    "{} {name:?}",
                    scenario.name
                );
                delivered +=
                    alone.deliveries.delays().iter().filter(|delays| delays.summary().is_some()).count();
            }
        }
    }
    assert!(delivered > 300, "{delivered}");
}

fn reference() -> System {
    let text = library().into_iter().find(|(name, _)| *name == "audio-reference").expect("it is there").1;
    Scenario::parse("audio-reference", text).expect("it is sound").cases[0].system.clone()
}

#[test]
fn what_is_asked_for_late_is_asked_for_late() {
    let system = reference();
    let world = World::new(&system);
    let share = |name: &str| {
        let name = Name::new(name);
        assert!(names(&system).contains(&name), "{name:?} of {:?}", names(&system));
        common_turns(&world, &[name], &Sums::default(), 1, 0..200).share()
    };
    let [start, pending, synthesis, completed] =
        ["voiceover.queue", "poll.pending#1", "voiceover.synthesize", "poll.completed#1"].map(share);
    assert!(start < 0.05, "{start}");
    assert!(
        start < pending && pending < synthesis && synthesis < completed,
        "{pending} {synthesis} {completed}"
    );
    assert!(completed > 0.4 && completed < 0.9, "{completed}");
    // A delay that nobody asks for never sets two machines apart.
    let never = common_turns(&world, &[Name::new("nothing")], &Sums::default(), 1, 0..200);
    assert!(never.turns > 4_000 && never.alike == never.turns, "{never:?}");
}

#[test]
fn what_differs_in_more_than_delays_is_told() {
    let system = reference();
    let changed = |change: &dyn Fn(&mut System)| {
        let mut other = system.clone();
        change(&mut other);
        system.differing_delays(&other)
    };
    let of = |other: &mut System, name: &str, to: &dyn Fn(&Delay) -> Delay| {
        for delay in other.delays_mut() {
            if delay.name().text() == name {
                *delay = to(delay);
            }
        }
    };
    let longer = |delay: &Delay| delay.between(delay.interval().min, delay.interval().max + Span(1));
    assert_eq!(changed(&|_| {}), Some(vec![]));
    let one = changed(&|other| of(other, "voiceover.save", &longer)).expect("a delay");
    assert_eq!(one, [Name::new("voiceover.save")]);
    // The law is part of a delay.
    let drawn = |delay: &Delay| {
        let law = Law::Triangular { mode: Span::millis(100) };
        Delay::new(delay.name().text(), delay.interval(), law).expect("it can be cut")
    };
    assert_eq!(changed(&|other| of(other, "voiceover.save", &drawn)).expect("a delay"), one);
    // How long a status must last is an alarm that steps share by how long it is.
    assert_eq!(changed(&|other| of(other, "status for 10s", &longer)), None);
    assert_eq!(changed(&|other| other.tasks.swap(0, 1)), None);
    assert_eq!(changed(&|other| other.statuses[0].push('x')), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_random_scenarios_do_together_each_does_by_itself(
        text in grammar::text(), seed in any::<u64>(), which in prop::collection::vec((any::<prop::sample::Index>(), 2..9_u64), 1..5),
    ) {
        let scenario = grammar::parse(&text);
        let mut compared = false;
        for case in scenario.cases.iter().take(2) {
            let names = names(&case.system);
            let mut systems = vec![case.system.clone()];
            for (name, times) in &which {
                // Each is stretched in one delay more than the one before it.
                let other = stretched(systems.last().expect("there is one"), name.get(&names), *times);
                if case.system.differing_delays(&other).is_some() {
                    systems.push(other);
                }
            }
            compare(&systems, seed, 2);
            compared |= systems.len() > 1;
        }
        prop_assume!(compared);
    }
}
