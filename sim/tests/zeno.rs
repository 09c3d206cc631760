//! Time that stands still is found, and told from a run that goes on for ever while time goes on.
//!
//! Machines here are tables: what each event asks for, in each of two modes. Of random ones every timing is
//! counted out in whole microseconds, with nothing of the explorer's: a moment is what is pending and in how
//! many microseconds each of it is due.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use punctual_sim::explore::{self, Goal, Length, Limits, Much, NotFound, Query};
use punctual_sim::{Channel, Choice, Cx, Delay, Invariant, Machine, Span};

/// What an event does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
    /// Asks for another, so many microseconds later.
    Set(char, (u64, u64)),
    /// Sends another on a channel.
    Send(char, (u64, u64)),
    Cancel(char),
    /// Goes over to the other mode.
    Turn,
    /// Goes over to it or not.
    MayTurn,
}
use Act::{Cancel, MayTurn, Send, Set, Turn};

/// By mode and event: what it does. What is not in it does nothing.
#[derive(Clone, Debug, Default)]
struct Table {
    start: Vec<Act>,
    acts: BTreeMap<(bool, char), Vec<Act>>,
}

impl Table {
    /// What does the same in both modes.
    fn of(start: &[Act], acts: &[(char, &[Act])]) -> Self {
        let both =
            acts.iter().flat_map(|(event, acts)| [false, true].map(|mode| ((mode, *event), acts.to_vec())));
        Self { start: start.to_vec(), acts: both.collect() }
    }

    fn act(&self, mode: &mut bool, acts: &[Act], cx: &mut impl Cx<Self>) {
        let delay = |(min, max)| Delay::uniform(&format!("{min}..{max}"), Span(min), Span(max));
        for act in acts {
            match *act {
                Set(event, span) => cx.after(event, &delay(span)),
                Send(event, span) => cx.send(Channel(0), event, &delay(span)),
                Cancel(event) => cx.cancel(event),
                Turn => *mode = !*mode,
                MayTurn => *mode ^= cx.choose(&Choice::chance("turn", 500_000)) == 1,
            }
        }
    }
}

impl Machine for Table {
    type State = bool;
    type Event = char;
    type Effect = ();
    type Fact = char;

    fn start(&self, cx: &mut impl Cx<Self>) -> bool {
        let mut mode = false;
        self.act(&mut mode, &self.start, cx);
        mode
    }

    fn step(&self, mode: &mut bool, event: char, cx: &mut impl Cx<Self>) {
        cx.note(event);
        if let Some(acts) = self.acts.get(&(*mode, event)) {
            self.act(mode, acts, cx);
        }
    }
}

/// The Zeno cycle, and whether some run goes on for ever while time goes on.
fn cycles(table: &Table) -> (Option<String>, bool) {
    let z = Invariant::eventually("z", |event: &char| *event == 'z');
    let watcher = z.watcher();
    let answer = Query::rules(table, &watcher, Limits::default()).answer();
    assert_eq!(answer.explored.limit, None);
    let round = answer.zeno.map(|round| round.iter().collect());
    (round, answer.explored.lassos.is_some())
}

const AT_ONCE: (u64, u64) = (0, 0);

fn still(round: &str) -> (Option<String>, bool) {
    (Some(round.to_owned()), false)
}

#[test]
fn a_round_without_delays_is_named_by_its_events() {
    let two: &[(char, &[Act])] = &[('a', &[Set('b', AT_ONCE)]), ('b', &[Set('a', AT_ONCE)])];
    assert_eq!(cycles(&Table::of(&[Set('a', AT_ONCE)], two)), still("ab"));
    // Nothing in what is pending tells the round from how it is come to.
    assert_eq!(cycles(&Table::of(&[Set('a', (5, 9))], two)), still("ab"));
    let itself: &[(char, &[Act])] = &[('a', &[Set('a', AT_ONCE)])];
    assert_eq!(cycles(&Table::of(&[Set('a', (3, 3))], itself)), still("a"));
    // Something that is due later stays pending for ever.
    assert_eq!(cycles(&Table::of(&[Set('a', AT_ONCE), Set('z', (7, 9))], itself)), still("a"));
    // What is due at the same instant and does nothing changes nothing.
    assert_eq!(cycles(&Table::of(&[Set('a', (3, 3)), Set('z', (3, 3))], itself)), still("a"));
    let sends: &[(char, &[Act])] = &[('m', &[Send('n', AT_ONCE)]), ('n', &[Send('m', AT_ONCE)])];
    assert_eq!(cycles(&Table::of(&[Send('m', (0, 4))], sends)), still("mn"));
}

#[test]
fn of_several_rounds_the_shortest_is_named() {
    let acts: &[(char, &[Act])] = &[
        ('a', &[Set('b', AT_ONCE)]),
        ('b', &[Set('c', AT_ONCE), Set('d', AT_ONCE)]),
        ('c', &[Set('a', AT_ONCE), Cancel('d')]),
        ('d', &[Set('b', AT_ONCE), Cancel('c')]),
    ];
    assert_eq!(cycles(&Table::of(&[Set('a', (1, 2))], acts)), still("bd"));
    // One event of it asks for nothing, and time passes for it no more than for the others.
    let idle: &[(char, &[Act])] =
        &[('a', &[Set('b', AT_ONCE), Set('i', AT_ONCE)]), ('b', &[Set('a', AT_ONCE)])];
    assert_eq!(cycles(&Table::of(&[Set('a', (1, 2))], idle)), still("ab"));
}

#[test]
fn a_round_that_may_be_left_is_one_all_the_same() {
    let mut table = Table::of(&[Set('a', (1, 2))], &[]);
    table.acts.insert((false, 'a'), vec![Set('a', AT_ONCE), MayTurn]);
    assert_eq!(cycles(&table), still("a"));
    // If time goes on in the other mode, a run may stay there too.
    table.acts.insert((true, 'a'), vec![Set('a', (1, 1))]);
    assert_eq!(cycles(&table), (Some("a".to_owned()), true));
}

#[test]
fn where_time_may_pass_it_does_not_stand_still() {
    for later in [(0, 5), (1, 1), (0, 1)] {
        let acts: &[(char, &[Act])] = &[('a', &[Set('b', AT_ONCE)]), ('b', &[Set('a', later)])];
        let table = Table::of(&[Set('a', later)], acts);
        assert_eq!(cycles(&table), (None, true), "{later:?}");
        // And a run is found that goes on for ever while it does.
        let z = Invariant::eventually("z", |event: &char| *event == 'z');
        let watcher = z.watcher();
        let found = explore::find(&table, &watcher, Goal::Lasso(1), Limits::default());
        let trace = found.expect("it goes on for ever").trace;
        assert!(trace.steps.last().map(|step| step.at) > trace.steps.first().map(|step| step.at));
    }
    // What is due at once comes to an end.
    let ends: &[(char, &[Act])] = &[('a', &[Set('b', AT_ONCE)]), ('b', &[Set('c', AT_ONCE)])];
    assert_eq!(cycles(&Table::of(&[Set('a', AT_ONCE)], ends)), (None, false));
    // Only if a tie is always decided against `u` does this go on without time.
    let unfair: &[(char, &[Act])] = &[('a', &[Set('a', (0, 5))])];
    assert_eq!(cycles(&Table::of(&[Set('a', (3, 3)), Set('u', (3, 3))], unfair)), (None, true));
}

#[test]
fn a_run_in_which_time_stands_still_is_none_that_goes_on_for_ever() {
    let table = Table::of(&[Set('a', (1, 2)), Set('z', (5, 5))], &[('a', &[Set('a', AT_ONCE)])]);
    let z = Invariant::never("no-z", |event: &char| *event == 'z');
    let watcher = z.watcher();
    let mut answer = Query::rules(&table, &watcher, Limits::default()).answer();
    assert_eq!((answer.explored.broken, answer.explored.lassos), (0, None));
    let found = answer.find(&table, Goal::Lasso(1), Length::ToTheEnd);
    assert_eq!(found.err(), Some(NotFound::None));
    assert_eq!(answer.zeno.as_deref(), Some(&['a'][..]));
}

#[test]
fn a_search_that_was_stopped_has_not_looked() {
    let table = Table::of(&[Set('a', AT_ONCE)], &[('a', &[Set('a', AT_ONCE)])]);
    let z = Invariant::eventually("z", |event: &char| *event == 'z');
    let watcher = z.watcher();
    let stop = || true;
    let limits = Limits { stop: Some(&stop), ..Limits::default() };
    let answer = Query::rules(&table, &watcher, limits).answer();
    assert_eq!(answer.explored.limit.map(|limit| limit.of), Some(Much::Stopped));
    assert_eq!(answer.zeno, None);
}

/// What is pending, each with the microseconds until it is due, and whether it was asked for at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    mode: bool,
    pending: BTreeMap<char, (u64, bool)>,
}

impl Moment {
    /// All that `acts` can lead to.
    fn after(self, acts: &[Act]) -> BTreeSet<Self> {
        let mut all = BTreeSet::from([self]);
        for act in acts {
            let each = |moment: Moment| -> Vec<Moment> {
                let turned = || Moment { mode: !moment.mode, ..moment.clone() };
                match *act {
                    Set(event, (min, max)) => {
                        let due = |due| {
                            let mut moment = moment.clone();
                            moment.pending.insert(event, (due, max == 0));
                            moment
                        };
                        (min..=max).map(due).collect()
                    }
                    Cancel(event) => {
                        let mut moment = moment;
                        moment.pending.remove(&event);
                        vec![moment]
                    }
                    Turn => vec![turned()],
                    MayTurn => vec![moment.clone(), turned()],
                    Send(..) => unreachable!("random tables send nothing"),
                }
            };
            all = all.into_iter().flat_map(each).collect();
        }
        all
    }

    /// What each event that can come next leads to, and whether it was asked for at once.
    fn next(&self, table: &Table) -> Vec<(bool, BTreeSet<Self>)> {
        let first = self.pending.values().map(|(due, _)| *due).min().unwrap_or(0);
        let firsts = self.pending.iter().filter(|(_, (due, _))| *due == first);
        let next = firsts.map(|(event, (_, at_once))| {
            let mut next = self.clone();
            next.pending.remove(event);
            next.pending.values_mut().for_each(|(due, _)| *due -= first);
            let acts = table.acts.get(&(self.mode, *event)).map_or(&[][..], Vec::as_slice);
            (*at_once, next.after(acts))
        });
        next.collect()
    }
}

/// Whether a moment leads back to itself by events that were asked for at once; `None` if there are too many.
fn counted_out(table: &Table) -> Option<bool> {
    let mut known = Moment { mode: false, pending: BTreeMap::new() }.after(&table.start);
    let mut left: Vec<Moment> = known.iter().cloned().collect();
    let mut at_once: BTreeMap<Moment, BTreeSet<Moment>> = BTreeMap::new();
    while let Some(moment) = left.pop() {
        for (instant, next) in moment.next(table) {
            if instant {
                at_once.entry(moment.clone()).or_default().extend(next.iter().cloned());
            }
            left.extend(next.into_iter().filter(|next| known.insert(next.clone())));
        }
        if known.len() > 5_000 {
            return None;
        }
    }
    // What leads to nothing is taken away until each that is left leads to another.
    loop {
        let left: BTreeSet<Moment> = at_once.keys().cloned().collect();
        for next in at_once.values_mut() {
            next.retain(|next| left.contains(next));
        }
        at_once.retain(|_, next| !next.is_empty());
        if at_once.len() == left.len() {
            return Some(!left.is_empty());
        }
    }
}

fn table() -> impl Strategy<Value = Table> {
    let event = || prop_oneof![Just('a'), Just('b'), Just('c')];
    let span = prop_oneof![4 => Just(AT_ONCE), 1 => Just((0, 1)), 1 => Just((1, 1)), 1 => Just((1, 2)), 1 => Just((0, 2))];
    let act = prop_oneof![
        5 => (event(), span).prop_map(|(event, span)| Set(event, span)),
        1 => event().prop_map(Cancel),
        1 => Just(Turn),
        1 => Just(MayTurn),
    ];
    (vec(act.clone(), 1..3), vec(vec(act, 0..3), 6)).prop_map(|(start, acts)| {
        let places = [false, true].into_iter().flat_map(|mode| ['a', 'b', 'c'].map(|event| (mode, event)));
        Table { start, acts: places.zip(acts).collect() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn standing_still_agrees_with_every_timing_counted_out(table in table()) {
        if let Some(stands_still) = counted_out(&table) {
            let (round, _) = cycles(&table);
            prop_assert_eq!(round.is_some(), stands_still, "{:?}", round);
        }
    }
}
