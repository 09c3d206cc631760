//! What a clock cannot show: a few machines that read one, and what is found of them.

use punctual_sim::explore::{self, Goal, Limits, NotFound};
use punctual_sim::{
    Clock, Cx, Delay, Invariant, Machine, Monitor, ObserverClock, Span, Stamp, TraceOf, Watch,
};

/// What it does at the event of its number; after that comes the next one.
#[derive(Clone, Copy)]
enum Step {
    /// Reads the clock, and notes its number if it shows a later tick.
    Read,
    /// Waits for that many ticks instead of for a delay.
    Ticks(u32),
}

/// A clock of 1 ms, and steps that are so far apart.
struct Reader {
    apart: Delay,
    clock: Clock,
    steps: Vec<Step>,
}

impl Reader {
    fn new((min, max): (u64, u64), steps: &[Step]) -> Self {
        let apart = Delay::uniform("apart", Span(min), Span(max));
        Self { apart, clock: Clock::new("clock", Span::millis(1)), steps: steps.to_vec() }
    }

    /// A run in which all steps are noted.
    fn noting_all(&self) -> Result<TraceOf<Self>, NotFound> {
        let last = self.steps.len();
        let noted = Noted { left: last + 1, from: 0, to: last };
        let found = explore::find(self, &noted, Goal::Breaks(1), Limits::default())?;
        assert_eq!(found.trace.check(self), Ok(()));
        Ok(found.trace)
    }
}

impl Machine for Reader {
    type State = ();
    type Event = usize;
    type Effect = ();
    type Fact = usize;

    fn start(&self, cx: &mut impl Cx<Self>) {
        cx.after(0, &self.apart);
    }

    fn step(&self, (): &mut (), number: usize, cx: &mut impl Cx<Self>) {
        match self.steps.get(number) {
            None => cx.note(number),
            Some(Step::Ticks(ticks)) => {
                cx.note(number);
                cx.after_ticks(number + 1, &self.clock, *ticks);
            }
            Some(Step::Read) => {
                if cx.stamp(&self.clock) == Stamp::Later {
                    cx.note(number);
                }
                cx.after(number + 1, &self.apart);
            }
        }
    }
}

/// Broken once so many facts were noted; measures from one number to another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Noted {
    left: usize,
    from: usize,
    to: usize,
}

impl Monitor<usize> for Noted {
    fn noted(&mut self, fact: &usize, watch: &mut impl Watch) {
        if *fact == self.from {
            watch.start(ObserverClock(0), Span::NEVER);
        } else if *fact == self.to {
            watch.measure(ObserverClock(0));
        }
        self.left = self.left.saturating_sub(1);
    }

    fn ended(&mut self, _: &impl Watch) {}

    fn broken(&self) -> u64 {
        u64::from(self.left == 0)
    }

    fn forget(&mut self, _: u64) {}
}

/// Two readings 157 us apart may show two ticks, but from the first of three to the last there is no room
/// for two ticks more; neither if something happens in between.
#[test]
fn three_readings_within_a_millisecond_do_not_show_three_ticks() {
    use Step::Read;
    assert!(Reader::new((63, 157), &[Read, Read]).noting_all().is_ok());
    assert_eq!(Reader::new((63, 157), &[Read, Read, Read]).noting_all().unwrap_err(), NotFound::None);
    assert!(Reader::new((63, 501), &[Read, Read, Read]).noting_all().is_ok());
    assert_eq!(Reader::new((63, 500), &[Read, Read, Read]).noting_all().unwrap_err(), NotFound::None);
}

/// A timer that is set by a clock which nobody has read says when the clock ticks.
#[test]
fn a_timer_set_by_a_clock_that_was_not_read_is_a_reading() {
    use Step::{Read, Ticks};
    let found = Reader::new((63, 157), &[Ticks(1), Read, Ticks(2)]).noting_all().expect("there is a run");
    let at: Vec<u64> = found.steps.iter().skip(2).map(|step| step.at.0).collect();
    // The second event comes with a tick, the fourth two ticks after the third.
    assert_eq!(at[2] - at[0], 2_000, "{at:?}");
}

/// From a tick on something takes 45.5 ms, and something else 20 to 80 ms, and then waits for a tick.
struct Late {
    fixed: Delay,
    wide: Delay,
    clock: Clock,
}

impl Machine for Late {
    type State = ();
    type Event = usize;
    type Effect = ();
    type Fact = usize;

    fn start(&self, cx: &mut impl Cx<Self>) {
        cx.after_ticks(0, &self.clock, 1);
    }

    fn step(&self, (): &mut (), event: usize, cx: &mut impl Cx<Self>) {
        match event {
            0 => {
                cx.after(1, &self.fixed);
                cx.after(2, &self.wide);
            }
            2 => cx.after_ticks(3, &self.clock, 1),
            number => cx.note(number),
        }
    }
}

/// How many ticks there are in between is one of too many numbers to look at each. Then an end is a bound,
/// it is said that it is one, and what is found for it is neither a run nor a proof that there is none. A
/// run comes half a millisecond after, since ticks do.
#[test]
fn a_span_across_very_many_ticks_has_a_bound_that_no_run_attains() {
    let wide = Delay::uniform("wide", Span::millis(20), Span::millis(80));
    let clock = Clock::new("clock", Span::millis(1));
    let late = Late { fixed: Delay::fixed("fixed", Span(45_500)), wide, clock };
    let noted = Noted { left: usize::MAX, from: 1, to: 3 };
    let exact = explore::every_timing(&late, &noted, Limits::default());
    assert_eq!(exact.delays[&ObserverClock(0)], (Span::ZERO, Span(35_500)));
    assert!(exact.clocks && exact.over_approximate.contains(&ObserverClock(0)));
    let find = |goal| explore::find(&late, &noted, goal, Limits::default()).map(|found| found.separation);
    assert!(matches!(find(Goal::AtMost(ObserverClock(0), Span::ZERO)), Err(NotFound::NotReplayed(_))));
    assert!(find(Goal::AtMost(ObserverClock(0), Span(500))).is_ok());
    assert!(find(Goal::AtLeast(ObserverClock(0), Span(35_500))).is_ok());
}

/// A machine without a clock says so.
#[test]
fn what_reads_no_clock_is_exact() {
    let reader = Reader::new((1, 2), &[]);
    let never = Invariant::never("never", |fact: &usize| *fact == 9);
    let found = explore::every_timing(&reader, &never.watcher(), Limits::default());
    assert!(!found.clocks && found.over_approximate.is_empty());
}
