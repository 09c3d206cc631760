//! Random machines, made of tables, and what is asked of each of them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use punctual_sim::{
    Channel, Choice, Clock, Cx, Delay, Ending, Machine, Monitor, Observer, ObserverClock, Span, Stamp,
    Stopwatch, Time, Watch,
};

/// What an event does, in order.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    After(u8, usize),
    /// After one delay or after another: the same things are pending, at instants that are apart.
    Either(u8, usize, usize),
    Cancel(u8),
    Send(u32, u8, usize),
    /// What is under way on a channel is lost.
    Lose(u32),
    Choose(u8),
    /// Reads the clock; after some ticks, while the next one is known to be ahead.
    Read(u8, Option<(u8, u32)>),
    AfterTicks(u8, u32),
    Note(u8),
    Go(u8),
}

/// A machine made of tables: what each event does in each of two states, for a number of events.
pub(crate) struct Random {
    delays: Vec<Delay>,
    coin: Choice,
    clock: Clock,
    freely: bool,
    start: Vec<Action>,
    tables: Vec<Vec<Action>>,
    ends: Option<Span>,
    events: u8,
}

/// What a machine is drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    /// The least of a delay.
    pub(crate) min: Range<u64>,
    /// How much longer it can be.
    pub(crate) width: Range<u64>,
    /// How many delays in four are fixed. Unions of points have more holes than unions of intervals, and
    /// every run can be counted out of machines that do more.
    pub(crate) fixed: u32,
    /// How many events do something.
    pub(crate) events: Range<u8>,
    /// How long a run goes on after it is over.
    pub(crate) ends: Range<u64>,
    /// From one tick of a clock to the next.
    pub(crate) tick: u64,
    /// Whether some delays have no greatest.
    pub(crate) endless: bool,
    /// What a machine does with its clock.
    pub(crate) clock: Uses,
}

/// What a machine does with its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Uses {
    /// Nothing.
    Never,
    /// It reads it, and counts ticks from there.
    Reads,
    /// It sets timers by it without having read it: when it ticks is anybody's guess.
    Waits,
    /// Both, whenever it likes: from what exploring knows of a clock more can happen than from a clock.
    Freely,
}

/// Delays that can be counted out.
pub(crate) const SHORT: Scale = Scale {
    min: 0..5,
    width: 1..3,
    fixed: 3,
    events: 4..8,
    ends: 0..9,
    tick: 3,
    endless: false,
    clock: Uses::Never,
};

/// Delays that are too long for counting out.
pub(crate) const LONG: Scale = Scale {
    min: 0..400,
    width: 1..300,
    fixed: 2,
    events: 4..8,
    ends: 0..900,
    tick: 300,
    endless: false,
    clock: Uses::Never,
};

/// Three timers, and two messages on each of two channels.
const TIMERS: u8 = 3;
const KINDS: u8 = 7;

const DELAYS: usize = 3;

/// Facts are numbered from 1 to this one.
const FACTS: u8 = 7;

/// What a machine knows of its clock. Once a tick has passed, the next one is a whole resolution later,
/// which exploring does not keep: from then on the clock is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Known {
    Nothing,
    TickAhead,
    TickPassed,
}

/// Which tables hold, how many events it still hears, and its clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    table: u8,
    hears: u8,
    clock: Known,
}

impl Random {
    fn act(&self, state: &mut State, actions: &[Action], cx: &mut impl Cx<Self>) {
        for action in actions {
            match *action {
                Action::After(event, delay) => cx.after(event, &self.delays[delay]),
                Action::Either(event, one, other) => {
                    let delay = if cx.choose(&self.coin) == 1 { one } else { other };
                    cx.after(event, &self.delays[delay]);
                }
                Action::Cancel(event) => cx.cancel(event),
                Action::Send(channel, message, delay) => {
                    cx.send(Channel(channel), TIMERS + 2 * channel as u8 + message, &self.delays[delay]);
                }
                Action::Lose(channel) => cx.lose(Channel(channel)),
                Action::Choose(fact) => {
                    if cx.choose(&self.coin) == 1 {
                        cx.note((fact, state.hears));
                        state.table ^= 1;
                    }
                }
                Action::Read(..) | Action::AfterTicks(..) if state.clock == Known::TickPassed => {}
                Action::Read(same, then) if self.freely => {
                    if cx.stamp(&self.clock) == Stamp::Same {
                        cx.note((same, state.hears));
                        state.table ^= 1;
                    }
                    if let Some((event, ticks)) = then {
                        cx.after_ticks(event, &self.clock, ticks);
                    }
                }
                Action::AfterTicks(event, ticks) if self.freely => cx.after_ticks(event, &self.clock, ticks),
                Action::Read(same, then) => {
                    if cx.stamp(&self.clock) == Stamp::Same {
                        cx.note((same, state.hears));
                        state.table ^= 1;
                    } else if state.clock == Known::TickAhead {
                        state.clock = Known::TickPassed;
                        continue;
                    }
                    state.clock = Known::TickAhead;
                    if let Some((event, ticks)) = then {
                        cx.after_ticks(event, &self.clock, ticks);
                    }
                }
                Action::AfterTicks(event, ticks) => {
                    if state.clock == Known::Nothing {
                        cx.after_ticks(event, &self.clock, ticks);
                        state.clock = Known::TickPassed;
                    }
                }
                Action::Note(fact) => cx.note((fact, state.hears)),
                Action::Go(to) => state.table = to,
            }
        }
    }
}

impl Machine for Random {
    type State = State;
    type Event = u8;
    type Effect = ();
    /// What is noted, and how many events are still heard.
    type Fact = (u8, u8);

    fn start(&self, cx: &mut impl Cx<Self>) -> State {
        let mut state = State { table: 0, hears: self.events, clock: Known::Nothing };
        self.act(&mut state, &self.start, cx);
        state
    }

    fn step(&self, state: &mut State, event: u8, cx: &mut impl Cx<Self>) {
        if state.hears > 0 {
            state.hears -= 1;
            let table = usize::from(state.table * KINDS + event);
            self.act(state, &self.tables[table], cx);
        }
    }

    fn ends(&self, (fact, _): &(u8, u8)) -> Option<Span> {
        match fact {
            5 => self.ends,
            7 => self.ends.map(|ends| Span(ends.0 / 2)),
            _ => None,
        }
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let delays: Vec<_> = self.delays.iter().map(|delay| delay.interval().to_string()).collect();
        let Self { clock, start, tables, ends, events, .. } = self;
        let tick = clock.resolution();
        write!(f, "{delays:?} tick {tick} ends {ends:?} events {events} start {start:?} tables {tables:?}")
    }
}

/// Rules and two measurements. Bits 0 to 2: nothing is noted as 4; after 1 comes 2 within a limit; 3 comes
/// at all. From bit 8 on, a rule for each fact and each number of events still heard: it is not noted
/// then. With these all is compared that can be reached, and not only what three rules look for. The
/// spans are those from a 1 to the next 2, and from a 6 to the next 3.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Rules {
    limit: Span,
    broken: u64,
    three: bool,
}

impl Rules {
    /// The rules with that limit.
    pub(crate) fn new(limit: Span) -> Self {
        Self { limit, broken: 0, three: false }
    }
}

impl Monitor<(u8, u8)> for Rules {
    fn noted(&mut self, &(fact, hears): &(u8, u8), watch: &mut impl Watch) {
        self.broken |= 1 << (8 * fact + hears);
        match fact {
            1 if !watch.runs(ObserverClock(1)) => {
                watch.start(ObserverClock(0), self.limit);
                watch.start(ObserverClock(1), Span::NEVER);
            }
            2 => {
                self.broken |= u64::from(watch.late(ObserverClock(0))) << 1;
                watch.stop(ObserverClock(0));
                watch.measure(ObserverClock(1));
            }
            3 => {
                self.three = true;
                watch.measure(ObserverClock(2));
            }
            4 => self.broken |= 1,
            6 => watch.start(ObserverClock(2), Span::NEVER),
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

/// What some runs come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct All {
    pub(crate) broken: u64,
    pub(crate) delays: BTreeMap<ObserverClock, (Span, Span)>,
}

/// Adds one run to what there is.
pub(crate) struct OneRun<'a> {
    rules: Rules,
    watch: Stopwatch,
    all: &'a mut All,
}

impl<'a> OneRun<'a> {
    /// A run that is judged by `rules` and added to `all`.
    pub(crate) fn new(rules: &Rules, all: &'a mut All) -> Self {
        Self { rules: rules.clone(), watch: Stopwatch::default(), all }
    }

    fn took(&mut self) {
        self.all.broken |= self.rules.broken;
        for (observer, span) in self.watch.take_measured() {
            let known = self.all.delays.entry(observer).or_insert((span, span));
            *known = (known.0.min(span), known.1.max(span));
        }
    }
}

impl Observer<Random> for OneRun<'_> {
    fn noted(&mut self, at: Time, fact: &(u8, u8)) {
        self.watch.at(at);
        self.rules.noted(fact, &mut self.watch);
        self.took();
    }

    fn ended(&mut self, _: Time, _: Ending) {
        self.rules.ended(&self.watch);
        self.took();
    }
}

fn action(clock: Uses) -> impl Strategy<Value = Action> {
    let timer = || 0..TIMERS;
    let delay = || 0..DELAYS;
    let fact = || 1..=FACTS;
    let ticks = || (timer(), 0..3_u32);
    let weight = |uses: Uses| u32::from(clock == uses || clock == Uses::Freely);
    prop_oneof![
        4 => (timer(), delay()).prop_map(|(event, delay)| Action::After(event, delay)),
        5 => (timer(), delay(), delay()).prop_map(|(event, one, other)| Action::Either(event, one, other)),
        1 => timer().prop_map(Action::Cancel),
        3 => (0..2_u32, 0..2_u8, delay()).prop_map(|(channel, which, delay)| Action::Send(channel, which, delay)),
        1 => (0..2_u32).prop_map(Action::Lose),
        1 => fact().prop_map(Action::Choose),
        8 => fact().prop_map(Action::Note),
        1 => (0..2_u8).prop_map(Action::Go),
        2 * weight(Uses::Reads) => (fact(), option::of(ticks())).prop_map(|(same, then)| Action::Read(same, then)),
        2 * weight(Uses::Waits) => ticks().prop_map(|(event, ticks)| Action::AfterTicks(event, ticks)),
    ]
}

/// Machines whose delays are `scale` long.
pub(crate) fn machine(scale: &Scale) -> impl Strategy<Value = Random> + use<> {
    let Scale { min, width, fixed, events, tick, ends, endless, clock } = scale.clone();
    let delay = (min, prop_oneof![fixed => Just(0), 4 - fixed => width], 0..8_u8);
    let delays = vec(delay, DELAYS);
    let start = vec(action(clock), 2..5);
    let tables = vec(vec(action(clock), 1..4), 2 * usize::from(KINDS));
    let ends = option::of(ends.prop_map(Span));
    (delays, start, tables, ends, events).prop_map(move |(delays, start, tables, ends, events)| {
        let delays = delays.iter().enumerate().map(|(name, &(min, width, which))| {
            let (name, min) = (format!("d{name}"), Span(min));
            if endless && which == 0 {
                Delay::at_least(&name, min, Span(width + 1))
            } else {
                Delay::uniform(&name, min, min + Span(width))
            }
        });
        Random {
            delays: delays.collect(),
            coin: Choice::chance("coin", 500_000),
            clock: Clock::new("clock", Span(tick)),
            freely: clock == Uses::Freely,
            start,
            tables,
            ends,
            events,
        }
    })
}

/// A machine of fixed delays, as written down of one that was drawn.
pub(crate) fn written(delays: [u64; 3], start: Vec<Action>, tables: Vec<Vec<Action>>) -> Random {
    let names = ["a", "b", "c"];
    let delays = names.iter().zip(delays);
    Random {
        delays: delays.map(|(name, span)| Delay::fixed(name, Span(span))).collect(),
        coin: Choice::chance("coin", 500_000),
        clock: Clock::new("clock", Span(3)),
        freely: false,
        start,
        tables,
        ends: None,
        events: 7,
    }
}

/// A machine that reads a clock of 300 us, as written down of one that was drawn.
pub(crate) fn reading(
    delays: [Delay; 3],
    events: u8,
    start: Vec<Action>,
    tables: Vec<Vec<Action>>,
) -> Random {
    Random {
        delays: delays.to_vec(),
        clock: Clock::new("clock", Span(300)),
        events,
        ..written([0; 3], start, tables)
    }
}
