//! A search of every timing stops at each of its limits, and says which and how far it got.

#[path = "textbook/fischer.rs"]
mod fischer;

use std::cell::Cell;

use fischer::Fischer;
use punctual_sim::explore::{self, Explored, Goal, Limits, Much, NotFound, Traversal};
use punctual_sim::{Choice, Cx, Delay, Invariant, Machine, Span};

/// Fischer's protocol for five processes: 727 classes, if nothing stops the search.
fn explored(limits: Limits<'_>) -> Explored {
    explore::every_timing(&Fischer::new(5, 10, 11), &Fischer::exclusion().watcher(), limits)
}

#[test]
fn each_limit_is_named_with_how_far_the_search_got() {
    let stop = || true;
    let none = Limits::default();
    for (limits, of, most, told) in [
        (Limits { classes: 100, ..none }, Much::Classes, 100, "100 states, "),
        (Limits { bounds: 5_000, ..none }, Much::Bounds, 5_000, "5000 bounds of states, "),
        (Limits { bytes: 60_000, ..none }, Much::Bytes, 60_000, "60000 bytes, "),
        (Limits { successors: 700, ..none }, Much::Successors, 700, "700 successors of states, "),
        (Limits { stop: Some(&stop), ..none }, Much::Stopped, 0, "a stop, "),
    ] {
        let found = explored(limits);
        let limit = found.limit.expect("it is met");
        assert_eq!((limit.of, limit.most, limit.kept), (of, most, found.classes), "{limit}");
        assert!(limit.kept < 727 && limit.depth < 20, "{limit:?}");
        assert!(limit.to_string().starts_with(told), "{limit}");
        assert!(limit.to_string().ends_with(&format!("{} events into the runs", limit.depth)), "{limit}");
    }
    assert_eq!((explored(none).limit, explored(none).classes), (None, 727));
}

#[test]
fn a_search_asks_now_and_then_whether_to_stop() {
    let asked = Cell::new(0_u64);
    let never = || {
        asked.set(asked.get() + 1);
        false
    };
    let found = explored(Limits { stop: Some(&never), ..Limits::default() });
    assert_eq!((found.limit, found.classes), (None, 727));
    // Every few hundred successors, and not after each.
    let often = asked.replace(0);
    assert!(often > 2 && often * 200 < found.successors, "{often} times of {}", found.successors);
    let twice = || asked.replace(asked.get() + 1) == 1;
    let limit = explored(Limits { stop: Some(&twice), ..Limits::default() }).limit.expect("it stops");
    assert!(limit.of == Much::Stopped && limit.kept > 20, "{limit:?}");
}

#[test]
fn a_search_for_a_run_that_is_stopped_finds_none() {
    let stop = || true;
    let limits = Limits { stop: Some(&stop), ..Limits::default() };
    let fischer = Fischer::new(3, 10, 10);
    let found = explore::find(&fischer, &Fischer::exclusion().watcher(), Goal::Breaks(1), limits);
    let Some(NotFound::Limit(limit)) = found.err() else { panic!("no limit was met") };
    assert_eq!((limit.of, limit.depth), (Much::Stopped, 0));
}

#[test]
fn neither_verdict_nor_count_nor_run_depends_on_the_number_of_threads() {
    for (check, broken) in [(11, false), (10, true)] {
        let (fischer, exclusion) = (Fischer::new(6, 10, check), Fischer::exclusion());
        let with = |threads| {
            let limits = Limits { threads, ..Limits::default() };
            let found = explore::find(&fischer, &exclusion.watcher(), Goal::Breaks(1), limits);
            let found = found.map(|found| (found.trace.decisions, found.trace.steps.len(), found.gap));
            (explore::every_timing(&fischer, &exclusion.watcher(), limits), found.ok())
        };
        let one = with(1);
        assert_eq!((one.0.broken != 0, one.1.is_some(), one.0.classes > 2_000), (broken, broken, true));
        for threads in [2, 3, 16] {
            assert_eq!(with(threads), one, "{threads} threads");
        }
    }
}
/// Each second a coin is tossed, of which the last ten are remembered, and the seconds are counted up to 400.
struct Tosses {
    second: Delay,
    coin: Choice,
}

impl Machine for Tosses {
    /// How many seconds, and how the coins lie.
    type State = (u32, u32);
    type Event = ();
    type Effect = ();
    type Fact = u32;

    fn start(&self, cx: &mut impl Cx<Self>) -> (u32, u32) {
        cx.after((), &self.second);
        (0, 0)
    }

    fn step(&self, (seconds, coins): &mut (u32, u32), (): (), cx: &mut impl Cx<Self>) {
        *seconds += 1;
        *coins = (*coins << 1 | cx.choose(&self.coin) as u32) & 0x3ff;
        cx.note(*seconds);
        if *seconds < 400 {
            cx.after((), &self.second);
        }
    }
}

#[test]
fn depth_first_comes_to_what_happens_late_in_a_model_that_is_too_large() {
    let second = Delay::uniform("second", Span(900), Span(1_100));
    let tosses = Tosses { second, coin: Choice::chance("coin", 500_000) };
    let never = Invariant::never("not-so-late", |seconds: &u32| *seconds >= 300);
    let few = Limits { classes: 2_000, successors: 40_000, ..Limits::default() };
    let level_by_level = explore::every_timing(&tosses, &never.watcher(), few);
    assert_eq!(level_by_level.broken, 0);
    assert!(level_by_level.limit.expect("it is too large").depth < 20, "{level_by_level:?}");
    let few = Limits { traversal: Traversal::DepthFirst, ..few };
    let deep = explore::every_timing(&tosses, &never.watcher(), few);
    assert_eq!(deep.broken, 1);
    let limit = deep.limit.expect("it is too large");
    assert!(limit.depth >= 300, "{limit}");
    let found = explore::find(&tosses, &never.watcher(), Goal::Breaks(1), few).expect("it is broken");
    assert_eq!(found.trace.check(&tosses), Ok(()));
    // The driver goes on to the end.
    assert_eq!(found.trace.steps.len(), 401);
}

#[test]
fn a_run_that_is_found_depth_first_is_shortened() {
    let (fischer, exclusion) = (Fischer::new(4, 10, 10), Fischer::exclusion());
    let watcher = exclusion.watcher();
    let depth = Limits { traversal: Traversal::DepthFirst, ..Limits::default() };
    let [level_by_level, deep] = [Limits::default(), depth].map(|limits| {
        let found = explore::find(&fischer, &watcher, Goal::Breaks(1), limits).expect("it is broken");
        assert_eq!(found.trace.check(&fischer), Ok(()));
        found.trace.steps.len()
    });
    assert!(level_by_level <= deep && deep < 3 * level_by_level, "{deep} instead of {level_by_level}");
}
