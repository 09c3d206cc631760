//! `cargo bench --bench exploring`: what every timing of a system takes: classes, bytes, and how long.
//!
//! The counts are part of the result: they are the same on every machine. Times are the best of
//! some rounds, on one core. With `-- --huge` there is one row only, of a model with ten million classes.

#[path = "../sim/tests/textbook/fischer.rs"]
mod fischer;
#[path = "exploring/runners.rs"]
mod runners;
#[path = "exploring/scale.rs"]
mod scale;

use std::time::Duration;

use punctual::budget::Budget;
use punctual::proof::{self, STATES, Size};
use punctual::sampling::Prepared;
use punctual::scenarios::{BASE, Case, Scenario, library};
use punctual::threshold::Asked;
use punctual_model::{ClientId, EventId, Stretch};
use punctual_sim::explore::{self, Explored, Limits, Query, Reductions};
use punctual_sim::{Invariant, Span};

/// The best of some rounds, in a row with what exploring takes.
fn row(name: &str, rounds: u32, explore: impl Fn() -> Size) -> Duration {
    let mut size = Size::default();
    let best = best(rounds, || size = explore());
    print(name, size, best);
    best
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn best(rounds: u32, mut work: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let begun = std::time::Instant::now();
        work();
        best = best.min(begun.elapsed());
    }
    best
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn print(name: &str, size: Size, best: Duration) {
    let Size { classes, successors, bytes, stopped } = size;
    assert_eq!(stopped, 0, "{name}: a benchmark does not stop at a limit");
    let (ms, mb) = (best.as_secs_f64() * 1e3, bytes as f64 / 1e6);
    let each = ms * 1e3 / successors.max(1) as f64;
    println!("{name:<54} {classes:>9} {successors:>9} {mb:>8.2} MB {ms:>9.2} ms {each:>6.2} us each");
}

#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn main() {
    println!("{:<54} {:>9} {:>10}", "", "classes", "successors");
    if std::env::args().any(|argument| argument == "--huge") {
        return huge();
    }
    for processes in [4, 6, 8] {
        let fischer = fischer::Fischer::new(processes, 10, 11);
        let exclusion = fischer::Fischer::exclusion();
        row(&format!("Fischer, {processes} processes"), 3, || {
            size(&explore::every_timing(&fischer, &exclusion.watcher(), Limits::default()))
        });
    }
    questions();
    growing();
    for (name, text) in library() {
        let scenario = Scenario::parse(name, text).expect("the library is sound");
        for case in &scenario.cases {
            if case.variant.as_deref() == Some("burst") {
                continue;
            }
            let prepared = Prepared::new(case);
            let variant = case.variant.as_deref().map_or(String::new(), |variant| format!(" {variant}"));
            row(&format!("{name}{variant}"), 3, || proof::size(&prepared, Budget::of(STATES)));
        }
    }
}

fn size(found: &Explored) -> Size {
    let Explored { classes, successors, bytes, limit, .. } = found;
    let stopped = u64::from(limit.is_some());
    Size { classes: *classes as u64, successors: *successors, bytes: *bytes, stopped }
}

/// What people ask, with all that belongs to the answer.
fn questions() {
    let (_, text) =
        library().into_iter().find(|(name, _)| *name == "audio-as-documented").expect("it is there");
    let documented = Scenario::parse("audio-as-documented", text).expect("the library is sound");
    let case = documented.combine(BASE).expect("it is a case");
    let deliveries = [0, 1].map(|event| Stretch::delivery(EventId(event), ClientId(0)));
    row("audio-as-documented, exact delays of both events", 5, || {
        proof::size_of(&Prepared::new(&case), &deliveries, Budget::of(STATES))
    });
    let fixes: Vec<Case> = (0..16_u32).map(|chosen| combination(&documented, chosen)).collect();
    verdicts("audio-as-documented, verdicts with their runs", 3, &[case]);
    verdicts("audio-as-documented, verdicts of 16 combinations", 1, &fixes);
    threshold(&documented);
    let long =
        format!("{text}\n[variant.long]\nset = {{ \"task.voiceover.synthesize.takes\" = \"9m..10m\" }}\n");
    let long = Scenario::parse("ten-minutes", &long).expect("it is sound");
    let long = long.combine("long").expect("it is a case");
    row("audio-as-documented, a job of 10 minutes", 1, || {
        proof::size(&Prepared::new(&long), Budget::of(2_000_000))
    });
    row("a job of 10 minutes, exact delays of both events", 1, || {
        proof::size_of(&Prepared::new(&long), &deliveries, Budget::of(2_000_000))
    });
    let two =
        Scenario::parse("two-clients", include_str!("exploring/two-clients.toml")).expect("it is sound");
    row("two clients of one store", 1, || proof::size(&Prepared::new(&two.cases[0]), Budget::of(2_000_000)));
}

/// What grows with clients and events: verdicts, and exact delays.
fn growing() {
    let sizes = [1, 2, 3, 4, 8, 16].map(|tabs| (tabs, 1)).into_iter();
    for (tabs, events) in sizes.chain([8, 16, 32, 64, 128].map(|events| (1, events))) {
        let scenario = Scenario::parse("scale", &scale::text(tabs, events)).expect("it is sound");
        let case = &scenario.cases[0];
        let name = format!("{tabs} tabs, {events} events");
        verdicts(&format!("{name}, three invariants"), 1, std::slice::from_ref(case));
        let prepared = Prepared::new(case);
        let tally = prepared.tally();
        let took = best(1, || {
            let spans = proof::deliveries(&prepared, tally.deliveries.delays(), Budget::of(STATES));
            assert!(spans.iter().all(|spans| spans.ends().is_some()), "no limit is met");
        });
        print(&format!("{name}, exact delays"), Size::default(), took);
    }
}

/// The documented system with those of its four fixes, a bit each.
fn combination(documented: &Scenario, chosen: u32) -> Case {
    let fixes = (1..=4).filter(|fix| chosen >> (fix - 1) & 1 == 1);
    let name: Vec<String> = fixes.map(|fix| format!("fix-{fix}")).collect();
    let name = if name.is_empty() { BASE.to_owned() } else { name.join("+") };
    documented.combine(&name).expect("fixes combine")
}

/// All verdicts of some cases, and a run for each that is broken. What is counted is what shows the
/// verdicts, without what looking for runs takes.
fn verdicts(name: &str, rounds: u32, cases: &[Case]) {
    let took = best(rounds, || {
        for case in cases {
            let proof = proof::explore(&Prepared::new(case), Budget::of(STATES)).expect("there is no bug");
            assert!(proof.states.is_ok(), "no limit is met");
        }
    });
    let sizes = cases.iter().map(|case| proof::size(&Prepared::new(case), Budget::of(STATES)));
    let all = sizes.fold(Size::default(), |all, one| Size {
        classes: all.classes + one.classes,
        successors: all.successors + one.successors,
        bytes: all.bytes.max(one.bytes),
        stopped: all.stopped + one.stopped,
    });
    print(name, all, took);
}

/// How long the stream may sleep until the client's timer comes first, of all values from 0.2 s to 20 s.
#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn threshold(documented: &Scenario) {
    let variant = "counter-ids";
    let parameter = documented.parameter(variant, "policy.poll.completed").expect("it is a duration");
    let asked = Asked {
        scenario: documented,
        variant,
        fixed: vec![],
        parameter: &parameter,
        keep: "client-never-times-out",
        budget: Budget::of(STATES),
    };
    let mut searches = 0;
    let took = best(3, || {
        let answer = asked.regions(Span::millis(200), Span::secs(20)).expect("it can be asked");
        searches = answer.searches;
    });
    let ms = took.as_secs_f64() * 1e3;
    let name = "audio-as-documented, a threshold with its certificate";
    println!("{name:<54} {searches:>9} searches {ms:>24.2} ms");
}

/// One more to the fourth power are the classes.
const LAPS: u8 = 56;

/// A model that is wide: ten million classes, of which hardly two have the same state.
#[expect(clippy::print_stdout, reason = "a benchmark prints")]
fn huge() {
    let nothing = Invariant::never("nothing", |(): &()| false);
    let most = usize::MAX;
    let limits = Limits {
        classes: most,
        bounds: most,
        bytes: most,
        successors: u64::MAX,
        stop: None,
        ..Limits::default()
    };
    let runners = runners::Runners::new(LAPS);
    let took = row(&format!("four runners, {LAPS} laps each, without merging"), 1, || {
        let watcher = nothing.watcher();
        let reductions = Reductions { merging: false, ..Reductions::ALL };
        size(&Query { reductions, ..Query::rules(&runners, &watcher, limits) }.answer().explored)
    });
    let classes = (u64::from(LAPS) + 1).pow(4) as f64;
    println!("{:.0} classes a second", classes / took.as_secs_f64());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{peak}: the most memory that the system saw in use");
    }
}
