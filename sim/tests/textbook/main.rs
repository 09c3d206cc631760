//! Timed systems from textbooks, with the verdicts that are published of them.

mod csma;
mod fischer;
mod shop;

use fischer::{Event, Fact, Fischer};
use punctual_sim::explore::{self, Goal, Limits};
use punctual_sim::{Cx, Delay, Invariant, Machine, Span};

#[test]
fn fischers_protocol_keeps_others_out_if_everybody_waits_longer_than_writing_takes() {
    let exclusion = Fischer::exclusion();
    // An independent checker of timed automata stores as many zones of this protocol.
    for (processes, zones) in [(3, 65), (4, 220), (5, 727), (6, 2_378)] {
        let found =
            explore::every_timing(&Fischer::new(processes, 10, 11), &exclusion.watcher(), Limits::default());
        assert_eq!((found.broken, found.limit, found.classes), (0, None, zones), "{processes} processes");
    }
}

#[test]
fn without_the_longer_wait_two_get_in_and_at_equality_only_by_a_tie() {
    let exclusion = Fischer::exclusion();
    for processes in 2..=4 {
        for wait in [5, 10] {
            let fischer = Fischer::new(processes, 10, wait);
            let goal = Goal::Breaks(1);
            let run =
                explore::find(&fischer, &exclusion.watcher(), goal, Limits::default()).expect("a run").trace;
            assert_eq!(run.check(&fischer), Ok(()));
            let at = |nth: usize, is: fn(&Event) -> bool| {
                let happens = run.steps.iter().filter(|step| step.event.as_ref().is_some_and(is));
                happens.map(|step| step.at).nth(nth).expect("it happens")
            };
            let first_look = at(0, |event| matches!(event, Event::Looks(_)));
            let second_write = at(1, |event| matches!(event, Event::Writes(_)));
            // The one who gets in first looked before the other wrote; without slack, at that instant.
            let gap = second_write.since(first_look);
            assert_eq!(gap == Span::ZERO, wait == 10, "waits {wait}, gap {gap}");
        }
    }
}

#[test]
fn everybody_gets_in_at_some_time_and_nobody_has_to() {
    let enters = Invariant::eventually("enters", |fact: &Fact| *fact == Fact::Entered(1));
    let found = explore::every_timing(&Fischer::new(2, 10, 11), &enters.watcher(), Limits::default());
    assert!(found.lassos.is_some(), "the protocol never ends");
    let never = Invariant::never("stays-out", |fact: &Fact| *fact == Fact::Entered(1));
    assert_eq!(
        explore::every_timing(&Fischer::new(2, 10, 11), &never.watcher(), Limits::default()).broken,
        1
    );
}

/// A gate that closes when a train comes near: it takes 1 to 2 min down; the train is there after 3
/// to 5 min, if the gate is told at once, or `late` minutes later.
struct Crossing {
    comes: Delay,
    tells: Delay,
    closes: Delay,
    arrives: Delay,
    passes: Delay,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Rail {
    Near,
    Told,
    Closed,
    There,
    Gone,
}

impl Machine for Crossing {
    /// Whether the gate is closed.
    type State = bool;
    type Event = Rail;
    type Effect = ();
    /// Whether the gate was closed when a train was there.
    type Fact = bool;

    fn start(&self, cx: &mut impl Cx<Self>) -> bool {
        cx.after(Rail::Near, &self.comes);
        false
    }

    fn step(&self, closed: &mut bool, event: Rail, cx: &mut impl Cx<Self>) {
        match event {
            Rail::Near => {
                cx.after(Rail::Told, &self.tells);
                cx.after(Rail::There, &self.arrives);
            }
            Rail::Told => cx.after(Rail::Closed, &self.closes),
            Rail::Closed => *closed = true,
            Rail::There => {
                cx.note(*closed);
                cx.after(Rail::Gone, &self.passes);
            }
            Rail::Gone => {
                *closed = false;
                cx.after(Rail::Near, &self.comes);
            }
        }
    }
}

#[test]
fn a_gate_is_closed_before_the_train_up_to_the_last_microsecond() {
    let minutes = |n: u64| Span::secs(60 * n);
    let crossing = |late: Span| Crossing {
        comes: Delay::at_least("comes", minutes(10), minutes(10)),
        tells: Delay::fixed("tells", late),
        closes: Delay::uniform("closes", minutes(1), minutes(2)),
        arrives: Delay::uniform("arrives", minutes(3), minutes(5)),
        passes: Delay::uniform("passes", minutes(1), minutes(1)),
    };
    let closed = Invariant::never("open-gate", |closed: &bool| !closed);
    let broken =
        |late: Span| explore::every_timing(&crossing(late), &closed.watcher(), Limits::default()).broken;
    // Told 1 min late it may close in the instant of the arrival, and after it.
    assert_eq!(broken(Span(minutes(1).0 - 1)), 0);
    assert_eq!(broken(minutes(1)), 1);
    let found = explore::find(&crossing(minutes(1)), &closed.watcher(), Goal::Breaks(1), Limits::default());
    assert!(found.is_ok());
}
