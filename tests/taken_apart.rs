//! What is asked of one client and of one kind of event at a time comes to what all of them come to together.
//!
//! The systems are drawn at random: up to three tabs and up to four kinds of events, some of which touch each other in one
//! of the ways that keep them together. The plain way, which takes nothing apart, is the oracle.

mod common;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use punctual::budget::Budget;
use punctual::delivery::Delays;
use punctual::judge::{Effort, judge};
use punctual::proof::{self, Proved, Spans};
use punctual::sampling::Prepared;
use punctual_model::{
    Coverage, Fact, Gauge, Ledger, Plan, Stretch, System, World, independent_kinds, taken_apart,
};
use punctual_scenarios::{Case, Scenario};
use punctual_sim::Span;
use punctual_sim::explore::{Limits, Query};

/// Few enough states for the plain way to come to an end in time.
const FEW: usize = 30_000;

/// What one tab and its stream do.
#[derive(Clone, Debug)]
struct Tab {
    /// The milliseconds that its stream sleeps, and those that a message travels.
    sleeps: u8,
    travels: (u8, u8),
    /// The milliseconds until it gives up.
    limit: u8,
    /// The event that it reacts to, and whether it then ends.
    reaction: (u8, bool),
    /// Whether it shows progress at the event after that.
    shows_progress: bool,
    /// How it connects again, if it does: after so many milliseconds, and whether it names what it has.
    reconnects: Option<(u8, bool)>,
    does: Does,
}

/// What a stream does besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Nothing,
    Blocks,
    Publishes,
    SetsStatus,
    TellsOfTheEnd,
    Listens,
}

/// What of the system is not the plainest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    Counts,
    Keeps,
    Ticks,
    Two,
}

fn tab() -> impl Strategy<Value = Tab> {
    let does = prop_oneof![
        6 => Just(Does::Nothing),
        1 => Just(Does::Blocks),
        1 => Just(Does::Publishes),
        1 => Just(Does::SetsStatus),
        1 => Just(Does::TellsOfTheEnd),
        1 => Just(Does::Listens),
    ];
    let reconnects = proptest::option::weighted(0.2, (2..9_u8, any::<bool>()));
    let reaction = (0..4_u8, any::<bool>(), any::<bool>());
    (2..9_u8, (0..3_u8, 0..4_u8), 6..30_u8, reaction, reconnects, does).prop_map(
        |(sleeps, (least, more), limit, (event, ends, shows_progress), reconnects, does)| Tab {
            sleeps,
            travels: (least, least + more),
            limit,
            reaction: (event, ends),
            shows_progress,
            reconnects,
            does,
        },
    )
}

fn text() -> impl Strategy<Value = String> {
    let store = prop_oneof![
        6 => Just(Store::Counts),
        1 => Just(Store::Keeps),
        1 => Just(Store::Ticks),
        1 => Just(Store::Two),
    ];
    let same = any::<bool>();
    (vec(tab(), 1..=3), vec((0..3_u8, 0..3_u8), 1..=4), store, same, any::<bool>()).prop_map(
        |(mut tabs, events, store, same, within)| {
            // Half of the time the tabs are alike.
            if same {
                let first = tabs[0].clone();
                tabs.fill(first);
            }
            written(&tabs, &events, store, within)
        },
    )
}

fn written(tabs: &[Tab], events: &[(u8, u8)], store: Store, within: bool) -> String {
    let mut text =
        "scenario = \"apart\"\nabout = \"drawn\"\nends = \"60ms after job\"\n[job]\nstatus = \"running\"\nothers = [\"seen\"]\n"
            .to_owned();
    for event in 0..events.len() {
        let last = event + 1 == events.len();
        text += &format!("[[event]]\nname = \"e{event}\"\n{}", if last { "terminal = true\n" } else { "" });
    }
    text += "[[event]]\nname = \"extra\"\n";
    let ids = if store == Store::Ticks { "clock 3ms" } else { "counter" };
    let keep = if store == Store::Keeps { "keep = 2\n" } else { "" };
    text += &format!("[[store]]\nname = \"events\"\nids = \"{ids}\"\n{keep}");
    if store == Store::Two {
        text += "[[store]]\nname = \"others\"\nids = \"counter\"\n";
    }
    text += "[[signal]]\nname = \"news\"\npermit = false\n[policy.poll]\nrunning = \"5ms\"\ncompleted = \"5ms\"\nseen = \"5ms\"\n[[task]]\nname = \"job\"\nnode = \"worker\"\nsteps = [\n";
    for (event, (least, more)) in events.iter().enumerate() {
        let into = match store {
            Store::Two if event % 2 == 1 => ", to = \"others\"",
            Store::Two => ", to = \"events\"",
            Store::Counts | Store::Keeps | Store::Ticks => "",
        };
        text +=
            &format!("  {{ publish = \"e{event}\"{into}, takes = \"{least}ms..{}ms\" }},\n", least + more);
    }
    let into = if store == Store::Two { ", to = \"events\"" } else { "" };
    text += &format!("  {{ publish = \"extra\"{into} }},\n");
    text += "  { notify = \"news\" },\n  { status = \"completed\", takes = \"1ms..2ms\" },\n]\n";
    for (number, tab) in tabs.iter().enumerate() {
        text += &stream(number, tab, store);
        let (least, most) = tab.travels;
        let reconnects = tab.reconnects.map_or(String::new(), |(after, resumes)| {
            // A client names one id, of one store.
            let resumes = resumes && store != Store::Two;
            format!("reconnects = \"{after}ms\"\nresumes = {resumes}\n")
        });
        let (event, ends) = (usize::from(tab.reaction.0) % events.len(), tab.reaction.1);
        text += &format!(
            "[[client]]\nname = \"page{number}\"\nlatency = \"{least}ms..{most}ms\"\n{reconnects}[[client.timer]]\nname = \"give-up\"\nfrom = \"start\"\nlimit = \"{}ms\"\nstops = [\"e{event}\"]\nshows = \"failure\"\nends = true\n[[client.on]]\nevent = \"e{event}\"\nshows = \"success\"\nends = {ends}\n",
            tab.limit
        );
        let other = (event + 1) % events.len();
        if tab.shows_progress && other != event {
            text += &format!("[[client.on]]\nevent = \"e{other}\"\nshows = \"progress\"\n");
        }
    }
    text += "[expect]\nno-event-lost = \"any\"\nclient-never-times-out = \"any\"\nin-order = \"any\"\nno-duplicate = \"any\"\n";
    if within {
        text += "delivered-within = \"any\"\n[limits]\ndelivered-within = \"12ms\"\n";
    }
    text
}

fn stream(number: usize, tab: &Tab, store: Store) -> String {
    let sends = if store == Store::Two {
        "  { send = \"events\" },\n  { send = \"others\" },\n"
    } else {
        "  { send = \"events\", takes = \"0ms..1ms\" },\n"
    };
    let extra = match tab.does {
        Does::Nothing | Does::Listens => "",
        Does::Blocks => "  { work = \"thinks\", blocks = \"1ms..2ms\" },\n",
        Does::Publishes if store == Store::Two => "  { publish = \"extra\", to = \"events\" },\n",
        Does::Publishes => "  { publish = \"extra\" },\n",
        Does::SetsStatus => "  { status = \"seen\" },\n",
        Does::TellsOfTheEnd => "",
    };
    let close = if tab.does == Does::TellsOfTheEnd {
        format!("{{ close = \"page{number}\", sends = \"extra\", if = \"is completed\" }}")
    } else {
        format!("{{ close = \"page{number}\", if = \"is completed for 3ms\" }}")
    };
    let rests = if tab.does == Does::Listens {
        "{ wait = \"news\", at-most = \"poll\" }".to_owned()
    } else {
        format!("{{ sleep = \"{}ms\" }}", tab.sleeps)
    };
    format!(
        "[[task]]\nname = \"stream{number}\"\nnode = \"app\"\nserves = \"page{number}\"\nloop = [\n{sends}{extra}  {{ read = \"status\", takes = \"0ms..1ms\" }},\n  {close},\n  {rests},\n]\n"
    )
}

fn parse(text: &str) -> Scenario {
    Scenario::parse("apart", text).unwrap_or_else(|problems| panic!("{text}\n{problems}"))
}

/// Whether every invariant of `case` comes to the same; nothing where a limit was met.
fn alike(case: &Case) -> Option<bool> {
    let prepared = Prepared::new(case);
    let apart = proof::verdicts(&prepared, Budget::of(FEW)).expect("no bug");
    let plain = proof::verdicts_plainly(&prepared, Budget::of(FEW)).expect("no bug");
    let holds = |proved: &Proved| match proved {
        Proved::Holds { .. } => Some(true),
        Proved::Broken { .. } => Some(false),
        Proved::Unknown { .. } => None,
    };
    let pairs = apart.iter().zip(&plain).map(|(apart, plain)| Some((holds(apart)?, holds(plain)?)));
    Some(pairs.collect::<Option<Vec<_>>>()?.into_iter().all(|(apart, plain)| apart == plain))
}

/// Whether what is decided where those that look at less are asked by themselves is what is decided of all at once; nothing
/// where that is not known, or takes long.
fn alike_by_groups(case: &Case) -> Option<bool> {
    let prepared = Prepared::new(case);
    let size = proof::size(&prepared, Budget::of(1_000));
    let classes = usize::try_from(size.classes).ok().filter(|&classes| size.stopped == 0 && classes < 600)?;
    // All invariants together may take a tenth of this.
    let groups = proof::verdicts(&prepared, Budget::of(classes.max(50))).expect("no bug");
    let all = proof::verdicts(&prepared, Budget::of(10 * FEW)).expect("no bug");
    let is_known = |proved: &Proved| !matches!(proved, Proved::Unknown { .. });
    let same = |(one, other): (&Proved, &Proved)| {
        !is_known(one) || !is_known(other) || std::mem::discriminant(one) == std::mem::discriminant(other)
    };
    Some(groups.iter().zip(&all).all(same))
}

/// What a delivery takes at least and at most.
type Bounds = Option<(Span, Span)>;

/// The least and the greatest delay of a delivery in all of the system; nothing where a limit was met.
fn measured(system: &System, delays: &Delays) -> Option<Bounds> {
    let stretches = [Stretch::delivery(delays.event, delays.client)];
    let (world, gauge) = (World::new(&System { ends: None, ..system.clone() }), Gauge::new(&stretches));
    let limits = Limits { classes: FEW, successors: 20 * FEW as u64, ..Limits::default() };
    let found = Query::spans(&world, &gauge, limits).answer().explored;
    let least = found.delays.values().map(|(least, _)| *least).min();
    let most = found.delays.values().map(|(_, most)| *most).max();
    found.limit.is_none().then_some(least.zip(most))
}

/// Whether exact delays are those of all of the system; nothing where a limit was met.
fn delays_are_alike(case: &Case) -> Option<bool> {
    let prepared = Prepared::new(case);
    let tally = prepared.tally();
    let delays = tally.deliveries.delays();
    let apart = proof::deliveries(&prepared, delays, Budget::of(FEW));
    let one = |(delays, apart): (&Delays, &Spans)| {
        let plain = measured(&case.system, delays)?;
        match apart {
            Spans::Exact { least, greatest, .. } => Some(plain == Some((least.span, greatest.span))),
            Spans::Never { .. } => Some(plain.is_none()),
            Spans::Unknown { .. } => None,
        }
    };
    let all = delays.iter().zip(&apart).map(one);
    all.collect::<Option<Vec<bool>>>().map(|all| all.into_iter().all(|alike| alike))
}

/// What comes into play in all of the system; nothing where a limit was met.
fn seen(system: &System) -> Option<Coverage> {
    let world = World::new(&System { ends: None, ..system.clone() });
    let plan = Plan::new(system, &[]);
    let limits = Limits { classes: FEW, successors: 20 * FEW as u64, ..Limits::default() };
    let mut coverage = Coverage::of(system);
    let mut hear = |state: &_, facts: &[Fact]| coverage.see(&world, state, facts);
    let found = Query::rules(&world, &Ledger::new(&plan), limits).answer_hearing(&mut hear).explored;
    found.limit.is_none().then_some(coverage)
}

/// The same scenarios each time, unless `PROPTEST_RNG_SEED` or `PROPTEST_CASES` ask for others.
fn drawn() -> ProptestConfig {
    let asked = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let is_asked = |name: &str| std::env::var_os(name).is_some();
    let rng_seed = if is_asked("PROPTEST_RNG_SEED") { asked.rng_seed } else { RngSeed::Fixed(0x5eed) };
    ProptestConfig { cases: if is_asked("PROPTEST_CASES") { asked.cases } else { 60 }, rng_seed, ..asked }
}

proptest! {
    #![proptest_config(drawn())]

    #[test]
    fn clients_and_kinds_of_events_are_judged_alike_one_at_a_time_and_together(text in text()) {
        let scenario = parse(&text);
        prop_assert!(alike(&scenario.cases[0]) != Some(false), "{}", text);
        prop_assert!(alike_by_groups(&scenario.cases[0]) != Some(false), "{}", text);
    }

    #[test]
    fn exact_delays_are_alike_one_at_a_time_and_together(text in text()) {
        let scenario = parse(&text);
        prop_assert!(delays_are_alike(&scenario.cases[0]) != Some(false), "{}", text);
    }

    #[test]
    fn runs_that_break_something_are_found_in_what_was_taken_apart(text in text()) {
        let scenario = parse(&text);
        // A run that is found and cannot be made is an error.
        let prepared = Prepared::new(&scenario.cases[0]);
        let proof = proof::explore(&prepared, Budget::of(FEW));
        let proof = proof.map_err(|bug| TestCaseError::fail(format!("{bug}\n{text}")))?;
        if let (Some(apart), Some(plain)) = (&proof.coverage, seen(&scenario.cases[0].system)) {
            prop_assert_eq!(apart, &plain, "{}", text);
        }
        for (place, proved) in proof.proved.iter().enumerate() {
            let has_run = proof.counterexamples.iter().any(|run| run.breaches[place].is_some());
            match proved {
                Proved::Broken { .. } => prop_assert!(has_run, "{} {}", place, text),
                Proved::Holds { .. } => prop_assert!(!has_run, "{} {}", place, text),
                Proved::Unknown { .. } => {}
            }
        }
    }
}

#[test]
fn what_is_drawn_is_taken_apart_often_and_kept_together_often() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let (mut apart, mut alike, mut kinds, mut together) = (0, 0, 0, 0);
    for _ in 0..200 {
        let text = text().new_tree(&mut runner).expect("a scenario can be drawn").current();
        let system = parse(&text).cases[0].system.clone();
        let parts = taken_apart(&system);
        apart += usize::from(parts.len() > 1);
        alike += usize::from(parts.iter().any(|part| !part.alike.is_empty()));
        kinds += usize::from(!independent_kinds(&system).is_empty());
        let is_together = system.clients.len() > 1 && parts.iter().any(|part| part.asked.len() > 1);
        together += usize::from(is_together);
    }
    assert!(apart > 30 && alike > 30 && kinds > 20 && together > 15, "{apart} {alike} {kinds} {together}");
}

#[test]
fn of_clients_that_are_alike_what_one_takes_all_take() {
    let tab = Tab {
        sleeps: 4,
        travels: (0, 2),
        limit: 25,
        reaction: (0, false),
        shows_progress: true,
        reconnects: None,
        does: Does::Nothing,
    };
    let text = written(&vec![tab; 3], &[(1, 2), (0, 1)], Store::Counts, false);
    let never_taken = |text: &str| -> Vec<String> {
        let scenario = parse(text);
        let system = &scenario.cases[0].system;
        assert_eq!(taken_apart(system)[0].alike.len(), 2);
        let effort = Effort { seed: 1, runs: 10, budget: Budget::of(FEW) };
        let judged = judge(&scenario.cases, effort, &|_| {}).expect("it can be judged");
        judged[0].never_taken.iter().map(|idle| idle.part.name(system)).collect()
    };
    assert_eq!(never_taken(&text), [""; 0]);
    // Nobody sets this status.
    let open = text.replace("is completed for 3ms", "is seen");
    assert_eq!(never_taken(&open), ["stream0.close", "stream1.close", "stream2.close"]);
}
