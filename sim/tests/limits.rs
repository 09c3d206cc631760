//! A search of every timing stops at each of its limits, and says which, how far it got, and what grows.

#[path = "textbook/fischer.rs"]
mod fischer;

use std::cell::Cell;

use fischer::Fischer;
use punctual_sim::explore::{self, Explored, Goal, Limits, Much, NotFound, Query, Traversal};
use punctual_sim::{Channel, Choice, Cx, Delay, Invariant, Machine, Span};

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

/// Something that goes round for ever, and keeps books that nobody ever closes, or no books at all.
struct Books {
    keep: fn(&mut Account),
    turn: Delay,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Account {
    turns: u8,
    lists: Vec<Vec<u8>>,
    pages: [Page; 2],
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Page {
    last: Option<Number>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Number(u64);

impl Machine for Books {
    type State = Account;
    type Event = ();
    type Effect = ();
    type Fact = ();

    fn start(&self, cx: &mut impl Cx<Self>) -> Account {
        cx.after((), &self.turn);
        Account { lists: vec![Vec::new(); 2], ..Account::default() }
    }

    fn step(&self, account: &mut Account, (): (), cx: &mut impl Cx<Self>) {
        account.turns = (account.turns + 1) % 40;
        (self.keep)(account);
        cx.after((), &self.turn);
    }
}

/// What grows as far as a search of so many classes sees; and whether no time passes.
fn grows(keep: fn(&mut Account), turn: (u64, u64), traversal: Traversal) -> Option<(Vec<String>, bool)> {
    let turn = Delay::uniform("turn", Span(turn.0), Span(turn.1));
    let (books, never) = (Books { keep, turn }, Invariant::never("never", |(): &()| true));
    let watcher = never.watcher();
    let limits = Limits { classes: 300, traversal, ..Limits::default() };
    let answer = Query::rules(&books, &watcher, limits).answer();
    let whole = answer.explored.limit.is_none();
    assert!(!whole || answer.growth.is_none(), "{:?}", answer.growth);
    answer.growth.map(|growth| (growth.fields, growth.at_once))
}

#[test]
fn what_grows_is_named_where_a_limit_is_met() {
    for traversal in [Traversal::BreadthFirst, Traversal::DepthFirst] {
        let grows = |keep: fn(&mut Account), turn| grows(keep, turn, traversal);
        let one = |name: &str, at_once| Some((vec![name.to_owned()], at_once));
        let counts: fn(&mut Account) = |account| {
            let last = account.pages[1].last.as_ref().map_or(0, |last| last.0);
            account.pages[1].last = Some(Number(last + 3));
        };
        assert_eq!(grows(counts, (1, 2)), one("pages[1].last", false));
        assert_eq!(grows(counts, (0, 0)), one("pages[1].last", true));
        assert_eq!(grows(counts, (0, 1)), one("pages[1].last", false));
        let lists: fn(&mut Account) = |account| account.lists[0].push(7);
        assert_eq!(grows(lists, (1, 2)), one("lists[0]", false));
        // Forty turns, and no more.
        assert_eq!(grows(|_| {}, (1, 2)), None);
    }
}

#[test]
fn in_a_large_model_that_ends_nothing_grows() {
    for traversal in [Traversal::BreadthFirst, Traversal::DepthFirst] {
        // Four thousand values, one after the other, until they come back.
        let walks: fn(&mut Account) = |account| {
            let last = account.pages[0].last.as_ref().map_or(0, |last| last.0);
            account.pages[0].last = Some(Number((last * 1_021 + 1) % 4_096));
        };
        assert_eq!(grows(walks, (1, 2), traversal), None);
        let (fischer, exclusion) = (Fischer::new(6, 10, 11), Fischer::exclusion());
        let watcher = exclusion.watcher();
        let limits = Limits { classes: 2_000, traversal, ..Limits::default() };
        let answer = Query::rules(&fischer, &watcher, limits).answer();
        assert!(answer.explored.limit.is_some());
        assert_eq!(answer.growth, None);
    }
}

/// Sends faster than what is sent arrives.
struct Flood;

impl Machine for Flood {
    type State = ();
    type Event = char;
    type Effect = ();
    type Fact = ();

    fn start(&self, cx: &mut impl Cx<Self>) {
        cx.after('s', &Delay::fixed("sends", Span(10)));
    }

    fn step(&self, (): &mut (), event: char, cx: &mut impl Cx<Self>) {
        if event == 's' {
            cx.send(Channel(3), 'm', &Delay::at_least("arrives", Span(5), Span(5)));
            cx.after('s', &Delay::fixed("sends", Span(10)));
        }
    }
}

#[test]
fn what_is_pending_on_a_channel_grows_too() {
    let never = Invariant::never("never", |(): &()| true);
    let watcher = never.watcher();
    let answer = Query::rules(&Flood, &watcher, Limits { classes: 100, ..Limits::default() }).answer();
    let growth = answer.growth.expect("it grows");
    assert_eq!((&growth.fields[..], growth.at_once), (&["channel 3".to_owned()][..], false));
}
