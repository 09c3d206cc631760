//! Forking: what machines that differ in a few delays do alike is done once.
//!
//! They do the same until one of these delays is asked for.
//!
//! ```text
//!   scout   ├──────────────────────┤ asks for one of these delays: so far all are alike
//!   first   ├──────────────────────●─────────────┤
//!   second                         └───────────┤       goes on from there, with its own delays
//!   third                          └────────────────┤
//! ```
//!
//! All machines make the same draws (common random numbers), since a draw depends on what it is for and on nothing else. Each run
//! is therefore the one that its machine would have had by itself, event for event.

use crate::acceleration::{Acceleration, Sums};
use crate::chooser::{Accelerating, Chooser, Seeded};
use crate::delay::{Choice, Clock, Delay, Name};
use crate::machine::Machine;
use crate::run::{Counts, Ending, Observer, Runner};
use crate::time::{Span, Time};

/// An observer that can begin in the middle of a run that another has seen from its beginning.
pub trait TakesOver {
    /// Takes over what `other` has seen of the present run. What it counted of runs before is its own.
    fn take_over(&mut self, other: &Self);
}

/// Decides by a seed, and notices when one of some delays is asked for.
struct Scout<'n> {
    seeded: Seeded,
    names: &'n [Name],
    met: bool,
}

impl<'n> Scout<'n> {
    fn new(seed: u64, names: &'n [Name]) -> Self {
        Self { seeded: Seeded::new(seed, 0), names, met: false }
    }

    fn begin(&mut self, run: u64) {
        self.seeded.begin(run);
        self.met = false;
    }

    fn look(&mut self, delay: &Delay) {
        self.met |= self.names.iter().any(|name| name.key() == delay.name().key());
    }
}

impl Chooser for Scout<'_> {
    fn delay(&mut self, delay: &Delay) -> Span {
        self.look(delay);
        self.seeded.delay(delay)
    }

    fn choose(&mut self, choice: &Choice) -> usize {
        self.seeded.choose(choice)
    }

    fn phase(&mut self, clock: &Clock) -> Span {
        self.seeded.phase(clock)
    }

    fn tie(&mut self, count: usize) -> usize {
        self.seeded.tie(count)
    }
}

impl Accelerating for Scout<'_> {
    fn block(&mut self, key: u32) -> [u64; 2] {
        self.seeded.block(key)
    }

    fn sees(&mut self, delays: &[&Delay]) {
        for delay in delays {
            self.look(delay);
        }
    }
}

impl<'m, M: Machine<Effect = ()>> Runner<'m, M, Scout<'_>> {
    /// How many turns of run `run` are over before one of the delays is asked for; `None` if one is asked for as
    /// the run begins.
    fn turns(&mut self, run: u64, acceleration: &mut Acceleration<'m, '_, M::Fact>) -> Option<u64> {
        self.chooser().begin(run);
        self.begin(&mut Nobody);
        if self.chooser().met {
            return None;
        }
        let mut turns = 0;
        while self.accelerate(&mut Nobody, acceleration) && !self.chooser().met {
            turns += 1;
        }
        Some(turns)
    }
}

/// Nobody watches a scout.
struct Nobody;

impl<M: Machine> Observer<M> for Nobody {
    fn noted(&mut self, _: Time, _: &M::Fact) {}
}

impl<M: Machine> Counts<M> for Nobody {
    fn passed(&mut self, _: &[M::Fact], _: usize, _: u64) {}
}

/// Runs numbers `runs` under `seed` of each of `machines`, which are equal but for delays of the names `differ`:
/// what [`accelerated_runs`](crate::sample::accelerated_runs) of each would be. Each is watched by an observer of its own;
/// `done` hears of each run of each, by the place of the machine.
///
/// # Panics
/// If there are not as many observers as machines.
pub fn forking_runs<M, O>(
    machines: &[&M],
    differ: &[Name],
    sums: &Sums,
    seed: u64,
    runs: impl IntoIterator<Item = u64>,
    observers: &mut [O],
    mut done: impl FnMut(usize, &mut O, u64, Ending),
) where
    M: Machine<Effect = ()>,
    O: Counts<M> + TakesOver,
{
    assert_eq!(machines.len(), observers.len(), "each machine is watched");
    let (Some(first), Some((trunk_observer, others))) = (machines.first(), observers.split_first_mut())
    else {
        return;
    };
    let mut scout = Runner::new(*first, Scout::new(seed, differ));
    let (mut trunk, mut branch) =
        (Runner::new(*first, Seeded::new(seed, 0)), Runner::new(*first, Seeded::new(seed, 0)));
    let mut scout_leaps = Acceleration::new(sums);
    let mut acceleration: Vec<Acceleration<'_, '_, _>> =
        machines.iter().map(|_| Acceleration::new(sums)).collect();
    for run in runs {
        let turns = scout.turns(run, &mut scout_leaps);
        trunk.chooser().begin(run);
        trunk.begin(trunk_observer);
        for _ in 0..turns.unwrap_or(0) {
            trunk.accelerate(trunk_observer, &mut acceleration[0]);
        }
        for (place, observer) in others.iter_mut().enumerate() {
            let place = place + 1;
            if turns.is_some() {
                branch.take_over(machines[place], &trunk);
                observer.take_over(trunk_observer);
            } else {
                branch.chooser().begin(run);
                branch.turn_to(machines[place]);
                branch.begin(observer);
            }
            while branch.accelerate(observer, &mut acceleration[place]) {}
            let ending = branch.end(observer);
            done(place, observer, run, ending);
        }
        while trunk.accelerate(trunk_observer, &mut acceleration[0]) {}
        let ending = trunk.end(trunk_observer);
        done(0, trunk_observer, run, ending);
    }
}

/// How many turns of the loop runs have, and how many of these come before a delay is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Common {
    /// The turns before it.
    pub alike: u64,
    /// All turns.
    pub turns: u64,
}

impl Common {
    /// The share of all turns that come before it, between 0 and 1.
    pub fn share(self) -> f64 {
        if self.turns == 0 { 0.0 } else { self.alike as f64 / self.turns as f64 }
    }
}

/// How much of these runs is over before a delay of the names `differ` is asked for.
pub fn common_turns<M: Machine<Effect = ()>>(
    machine: &M,
    differ: &[Name],
    sums: &Sums,
    seed: u64,
    runs: impl IntoIterator<Item = u64>,
) -> Common {
    let (mut scout, mut acceleration) =
        (Runner::new(machine, Scout::new(seed, differ)), Acceleration::new(sums));
    let mut common = Common::default();
    for run in runs {
        let turns = scout.turns(run, &mut acceleration);
        common.alike += turns.unwrap_or(0);
        common.turns += turns.unwrap_or(0);
        // The turn in which it was asked for, and those after it.
        if turns.is_none() || scout.chooser().met {
            common.turns += 1;
        }
        while scout.accelerate(&mut Nobody, &mut acceleration) {
            common.turns += 1;
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Cx, IdleCycle};

    /// Something that ticks from the first instant on, and is counted when it stops.
    struct Ticker {
        period: Delay,
        stops: Delay,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Event {
        Tick,
        Stop,
    }

    impl Machine for Ticker {
        type State = bool;
        type Event = Event;
        type Effect = ();
        type Fact = ();

        fn start(&self, cx: &mut impl Cx<Self>) -> bool {
            cx.after(Event::Tick, &Delay::fixed("first", Span(1)));
            cx.after(Event::Stop, &self.stops);
            false
        }

        fn step(&self, stopped: &mut bool, event: Event, cx: &mut impl Cx<Self>) {
            match event {
                Event::Tick if *stopped => {}
                Event::Tick => {
                    cx.note(());
                    cx.after(Event::Tick, &self.period);
                }
                Event::Stop => *stopped = true,
            }
        }

        // It is said at once, before the delay of an idle cycle was ever asked for.
        fn idle_cycle<'m>(
            &'m self,
            stopped: &bool,
            event: Event,
            idle_cycle: &mut IdleCycle<'m, ()>,
        ) -> bool {
            if *stopped || event == Event::Stop {
                return false;
            }
            idle_cycle.delays.push(&self.period);
            idle_cycle.facts.push(());
            true
        }
    }

    /// How often it ticked, and when the run was over.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Ticks(u64, Option<Time>);

    impl Observer<Ticker> for Ticks {
        fn noted(&mut self, _: Time, (): &()) {
            self.0 += 1;
        }
        fn ended(&mut self, at: Time, _: Ending) {
            self.1 = Some(at);
        }
    }

    impl Counts<Ticker> for Ticks {
        fn passed(&mut self, facts: &[()], _: usize, times: u64) {
            self.0 += facts.len() as u64 * times;
        }
    }

    impl TakesOver for Ticks {
        fn take_over(&mut self, other: &Self) {
            self.clone_from(other);
        }
    }

    #[test]
    fn a_round_that_would_take_another_time_is_not_passed_together() {
        let ticker = |period| Ticker {
            period: Delay::fixed("period", Span(period)),
            stops: Delay::uniform("stops", Span(900), Span(1_000)),
        };
        let tickers = [ticker(10), ticker(7), ticker(100)];
        let mut told = vec![Vec::new(); 3];
        let machines = tickers.each_ref();
        let mut observers = [Ticks::default(), Ticks::default(), Ticks::default()];
        let sums = Sums::default();
        forking_runs(
            &machines,
            &[Name::new("period")],
            &sums,
            1,
            0..9,
            &mut observers,
            |place, ticks, _, _| {
                told[place].push(std::mem::take(ticks));
            },
        );
        for (ticker, told) in tickers.iter().zip(told) {
            let mut alone = Vec::new();
            crate::sample::accelerated_runs(ticker, &sums, 1, 0..9, &mut Ticks::default(), |ticks, _, _| {
                alone.push(std::mem::take(ticks));
            });
            assert_eq!(told, alone);
        }
        // Where it is asked for as the run begins nothing is alike.
        assert_eq!(common_turns(machines[0], &[Name::new("stops")], &sums, 1, 0..9).alike, 0);
    }
}
