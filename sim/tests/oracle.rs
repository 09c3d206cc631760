//! Exploring against counting it out: small random machines, of which every run in whole time is made.
//!
//! The two share the machine and the monitors and nothing else: the one keeps bounds, the other
//! makes each run with the ordinary driver, for every microsecond of every delay and every order of
//! every tie. They must agree on what can be broken, and on the least and the greatest of every delay.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use punctual_sim::explore::{self, Goal, Limits, NotFound};
use punctual_sim::{
    Choice, Clock, Cx, Delay, Ending, Enumerate, Invariant, Lane, Machine, Monitor, Observer, Runner, Span,
    Stamp, Stopwatch, Time, Watch,
};

/// What an event does, in order.
#[derive(Clone, Debug)]
enum Action {
    After(u8, usize),
    Cancel(u8),
    Send(u32, u8, usize),
    Choose(u8),
    Stamp,
    AfterTicks(u8, u32),
    Note(u8),
    Go(u8),
}

/// A machine made of tables: what each event does in each of two states, for a number of events.
struct Random {
    delays: Vec<Delay>,
    coin: Choice,
    clock: Clock,
    start: Vec<Action>,
    tables: Vec<Vec<Action>>,
    ends: Option<Span>,
    events: u8,
}

/// Three timers, and two messages on each of two lanes.
const TIMERS: u8 = 3;
const KINDS: u8 = 7;

impl Random {
    fn act(&self, state: &mut (u8, u8), actions: &[Action], cx: &mut impl Cx<Self>) {
        for action in actions {
            match *action {
                Action::After(event, delay) => cx.after(event, &self.delays[delay]),
                Action::Cancel(event) => cx.cancel(event),
                Action::Send(lane, message, delay) => {
                    cx.send(Lane(lane), TIMERS + 2 * lane as u8 + message, &self.delays[delay]);
                }
                Action::Choose(fact) => {
                    if cx.choose(&self.coin) == 1 {
                        cx.note(fact);
                        state.0 ^= 1;
                    }
                }
                Action::Stamp => {
                    let later = cx.stamp(&self.clock) == Stamp::Later;
                    cx.note(7 + u8::from(later));
                }
                Action::AfterTicks(event, ticks) => cx.after_ticks(event, &self.clock, ticks),
                Action::Note(fact) => cx.note(fact),
                Action::Go(to) => state.0 = to,
            }
        }
    }
}

impl Machine for Random {
    /// The state, and how many events it still hears.
    type State = (u8, u8);
    type Event = u8;
    type Effect = ();
    type Fact = u8;

    fn start(&self, cx: &mut impl Cx<Self>) -> (u8, u8) {
        let mut state = (0, self.events);
        self.act(&mut state, &self.start, cx);
        state
    }

    fn step(&self, state: &mut (u8, u8), event: u8, cx: &mut impl Cx<Self>) {
        if state.1 > 0 {
            state.1 -= 1;
            let table = usize::from(state.0 * KINDS + event);
            self.act(state, &self.tables[table], cx);
        }
    }

    fn ends(&self, fact: &u8) -> Option<Span> {
        if *fact == 5 { self.ends } else { None }
    }
}

/// Three rules and two measurements: nothing is noted as 4; after 1 comes 2 within 2 us; 3 comes at
/// all; the spans from a 1 to the next 2, and from a 6 to the next 3.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Rules {
    broken: u64,
    three: bool,
}

impl Monitor<u8> for Rules {
    fn noted(&mut self, fact: &u8, watch: &mut impl Watch) {
        match fact {
            1 if !watch.marked(1) => {
                watch.mark(0, Span(2));
                watch.mark(1, Span::NEVER);
            }
            2 => {
                self.broken |= u64::from(watch.late(0)) << 1;
                watch.unmark(0);
                watch.measure(1);
            }
            3 => {
                self.three = true;
                watch.measure(2);
            }
            4 => self.broken |= 1,
            6 => watch.mark(2, Span::NEVER),
            _ => {}
        }
    }

    fn ended(&mut self, _: &impl Watch) {
        self.broken |= u64::from(!self.three) << 2;
    }

    fn broken(&self) -> u64 {
        self.broken
    }

    fn forget(&mut self, broken: u64) {
        self.broken &= !broken;
    }
}

/// What all runs come to.
#[derive(Debug, Default, PartialEq)]
struct All {
    broken: u64,
    delays: BTreeMap<u64, (Span, Span)>,
}

struct OneRun<'a> {
    rules: Rules,
    watch: Stopwatch,
    all: &'a mut All,
}

impl OneRun<'_> {
    fn took(&mut self) {
        self.all.broken |= self.rules.broken;
        for (slot, span) in self.watch.take_measured() {
            let known = self.all.delays.entry(slot).or_insert((span, span));
            *known = (known.0.min(span), known.1.max(span));
        }
    }
}

impl Observer<Random> for OneRun<'_> {
    fn noted(&mut self, at: Time, fact: &u8) {
        self.watch.at(at);
        self.rules.noted(fact, &mut self.watch);
        self.took();
    }

    fn ended(&mut self, _: Time, _: Ending) {
        self.rules.ended(&self.watch);
        self.took();
    }
}

/// Every run, counted out; `None` if there are too many.
fn count_out(machine: &Random) -> Option<All> {
    let mut all = All::default();
    let mut runner = Runner::new(machine, Enumerate::new());
    for _ in 0..60_000 {
        runner.run(&mut OneRun { rules: Rules::default(), watch: Stopwatch::default(), all: &mut all });
        if !runner.chooser().advance() {
            return Some(all);
        }
    }
    None
}

fn action() -> impl Strategy<Value = Action> {
    let event = 0..TIMERS;
    prop_oneof![
        4 => (event.clone(), 0..3_usize).prop_map(|(event, delay)| Action::After(event, delay)),
        1 => event.clone().prop_map(Action::Cancel),
        3 => (0..2_u32, 0..2_u8, 0..3_usize).prop_map(|(lane, which, delay)| Action::Send(lane, which, delay)),
        1 => (1..7_u8).prop_map(Action::Choose),
        5 => (1..7_u8).prop_map(Action::Note),
        1 => (0..2_u8).prop_map(Action::Go),
    ]
}

/// The same with a clock. What a clock shows at its third reading depends on what it showed at the
/// first, which exploring does not keep: it is read twice at most.
fn machine(clocked: bool) -> impl Strategy<Value = Random> {
    let delay = (0..4_u64, 0..3_u64);
    let tables = vec(vec(action(), 0..4), 2 * usize::from(KINDS));
    let ends = proptest::option::of((0..5_u64).prop_map(Span));
    (vec(delay, 3), vec(action(), 1..5), tables, ends, 2..5_u8, 0..3_u32).prop_map(
        move |(delays, mut start, mut tables, ends, events, ticks)| {
            if clocked {
                start.push(Action::Stamp);
                start.push(Action::AfterTicks(0, ticks));
                tables[0] = vec![Action::Stamp, Action::Go(1)];
            }
            let delays = delays.iter().enumerate();
            let delays = delays.map(|(name, &(min, width))| {
                Delay::uniform(&format!("d{name}"), Span(min), Span(min + width))
            });
            Random {
                delays: delays.collect(),
                coin: Choice::chance("coin", 500_000),
                clock: Clock::new("clock", Span(3)),
                start,
                tables,
                ends,
                events,
            }
        },
    )
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let delays: Vec<_> = self.delays.iter().map(|delay| delay.interval().to_string()).collect();
        write!(
            f,
            "{delays:?} ends {:?} events {} start {:?} tables {:#?}",
            self.ends, self.events, self.start, self.tables
        )
    }
}

fn agree(machine: &Random) -> Result<(), TestCaseError> {
    let Some(all) = count_out(machine) else { return Ok(()) };
    let explored = explore::every_timing(machine, &Rules::default(), Limits::default());
    prop_assert_eq!(explored.limit, None);
    prop_assert_eq!(All { broken: explored.broken, delays: explored.delays }, all.clone());
    // What is found without merging is the same, and each of it is a run that the driver makes.
    let find = |goal| explore::find(machine, &Rules::default(), goal, Limits::default());
    for rule in 0..3 {
        let goal = Goal::Breaks(1 << rule);
        match find(goal) {
            Ok(trace) => {
                prop_assert!(all.broken >> rule & 1 == 1);
                prop_assert_eq!(trace.trace.check(machine), Ok(()));
            }
            Err(not) => {
                prop_assert_eq!(not, NotFound::None);
                prop_assert!(all.broken >> rule & 1 == 0);
            }
        }
    }
    for (&slot, &(least, most)) in &all.delays {
        for goal in [Goal::AtLeast(slot, most), Goal::AtMost(slot, least)] {
            prop_assert_eq!(
                find(goal).map(|found| found.trace.check(machine)),
                Ok(Ok(())),
                "{:?} is attained",
                goal
            );
        }
        prop_assert_eq!(find(Goal::AtLeast(slot, Span(most.0 + 1))).unwrap_err(), NotFound::None);
    }
    Ok(())
}

impl Clone for All {
    fn clone(&self) -> Self {
        Self { broken: self.broken, delays: self.delays.clone() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exploring_agrees_with_every_run_counted_out(machine in machine(false)) {
        agree(&machine)?;
    }

    #[test]
    fn exploring_agrees_where_a_clock_is_read_twice(machine in machine(true)) {
        agree(&machine)?;
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
