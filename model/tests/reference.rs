//! The reference system of the audio stream, built by hand: the figures it must give.

use punctual_model::*;
use punctual_sim::{Ending, Observer, Time, sample};

#[path = "../../benches/baseline/packed.rs"]
mod packed;
#[path = "../../benches/baseline/reference.rs"]
mod reference;

use reference::reference;

#[derive(Default)]
struct Figures {
    added: Option<Time>,
    arrived: bool,
    lost: u64,
    timeouts: u64,
    turns: u64,
    delay_sum: u64,
    delay_max: u64,
}

impl Observer<World> for Figures {
    fn noted(&mut self, at: Time, fact: &Fact) {
        match *fact {
            Fact::Published { what, .. } if what.event() == EventId(1) => self.added = Some(at),
            Fact::Arrived { what, .. } if what.event() == EventId(1) => {
                let delay = at.since(self.added.expect("it was published")).0;
                self.delay_sum += delay;
                self.delay_max = self.delay_max.max(delay);
                self.arrived = true;
            }
            Fact::TimedOut(..) => self.timeouts += 1,
            Fact::Turned(_) => self.turns += 1,
            _ => {}
        }
    }
    fn ended(&mut self, _: Time, ending: Ending) {
        assert_eq!(ending, Ending::Quiet);
        self.lost += u64::from(!self.arrived);
        self.arrived = false;
    }
}

/// Twenty million runs of an independent implementation gave: lost 26.4745 %, timed out 26.4981 %,
/// mean delay 230.444 ms, longest delay near 2.096 s, 105.830 turns a run.
#[test]
fn the_reference_gives_the_figures_of_an_independent_implementation() {
    let world = World::new(&reference());
    let runs = 100_000;
    let mut figures = Figures::default();
    sample::runs(&world, 1, 0..runs, &mut figures, |_, _, _| {});
    let share = |count: u64| count as f64 / runs as f64;
    let close = |got: f64, wanted: f64, four_errors: f64| {
        assert!((got - wanted).abs() < four_errors, "{got} is not {wanted}");
    };
    close(share(figures.lost), 0.264_745, 0.0056);
    close(share(figures.timeouts), 0.264_981, 0.0056);
    close(figures.delay_sum as f64 / (runs - figures.lost) as f64, 230_444.0, 2_200.0);
    close(share(figures.turns), 105.830, 0.23);
    assert!(figures.delay_max <= 2_100_000, "{}", figures.delay_max);
}

/// Takes down what the plain loop takes down.
#[derive(Default)]
struct Outcome {
    added: Option<Time>,
    delay: Option<u64>,
    timed_out: bool,
    turns: u64,
}

impl Observer<World> for Outcome {
    fn noted(&mut self, at: Time, fact: &Fact) {
        match *fact {
            Fact::Published { what, .. } if what.event() == EventId(1) => self.added = Some(at),
            Fact::Arrived { what, .. } if what.event() == EventId(1) => {
                self.delay = self.added.map(|added| at.since(added).0);
            }
            Fact::TimedOut(..) => self.timed_out = true,
            Fact::Turned(_) => self.turns += 1,
            _ => {}
        }
    }
}

/// The same draws in a second implementation, written out by hand: the same outcome of each run.
#[test]
fn agrees_run_by_run_with_the_plain_loop() {
    let world = World::new(&reference());
    let mut packed = packed::Packed::new(1);
    let mut outcome = Outcome::default();
    sample::runs(&world, 1, 0..5_000, &mut outcome, |outcome, run, _| {
        let plain = packed.run(run);
        let mine = std::mem::take(outcome);
        assert_eq!(
            (mine.delay, mine.timed_out, mine.turns),
            (plain.delay, plain.timed_out, plain.turns),
            "run {run}"
        );
        assert!(plain.events > 100);
    });
}
