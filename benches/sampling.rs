//! What a sampled run costs, beside the least it could cost and beside a general framework.
//!
//! Three programs sample the same system with the same draws: the sampler with all invariants on,
//! a plain loop over a packed heap that knows only this system, and `simcore` with callbacks. They
//! must agree before they are timed. They are timed in turns of a few milliseconds, so that
//! whatever else the machine does falls on all three; figures are medians over the turns, and
//! ratios are taken within a turn.
//!
//! `cargo bench --bench sampling` measures; without `--bench`, as under `cargo test`, it only
//! checks that the three agree.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "baseline/callbacks.rs"]
mod callbacks;
#[path = "baseline/packed.rs"]
mod packed;
#[path = "baseline/reference.rs"]
mod reference;

use std::hint::black_box;
use std::ops::Range;
use std::time::Instant;

use callbacks::Callbacks;
use packed::Packed;
use punctual_model::{Fact, Ledger, Plan, World, WorldEvent};
use punctual_sim::{Clocked, Observer, Sums, Time, sample};
use reference::{invariants, reference};

const SEED: u64 = 1;
/// Runs over which the three must agree.
const COMPARED: u64 = 20_000;
/// Runs of each in one turn, and turns.
const TURN: u64 = 600;
const TURNS: u64 = 200;
/// Runs for the question of threads, and for that of memory.
const SHARED: u64 = 200_000;
const MANY: u64 = 1_000_000;

/// What all runs of one program come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Total {
    lost: u64,
    events: u64,
}

/// Counts events; outside of what is timed.
#[derive(Default)]
struct Count(u64);

impl Observer<World> for Count {
    fn fired(&mut self, _: Time, _: &WorldEvent) {
        self.0 += 1;
    }

    fn noted(&mut self, _: Time, _: &Fact) {}
}

fn main() {
    let (sampler, packed, callbacks) = compare();
    println!("{COMPARED} runs of audio-reference, of which each lost {}", sampler.lost);
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("\n{:28}{:>10}{:>12}{:>14}", "", "ns/event", "ns/run", "runs/s");
    let nanos = take_turns();
    let [mine, least, general, accelerated] =
        [0, 1, 2, 3].map(|column| median(nanos.iter().map(|turn| turn[column])));
    print_line("sampler, 12 invariants", mine, sampler);
    print_line("plain loop, packed heap", least, packed);
    print_line("simcore 0.1, callbacks", general, callbacks);
    print_line("accelerated, 12 invariants", accelerated, sampler);
    let ratio = |over: usize, under: usize| median(nanos.iter().map(|turn| turn[over] / turn[under]));
    println!("\nsampler / plain loop, per run   {:.2}", ratio(0, 1));
    println!("simcore / sampler, per run      {:.2}", ratio(2, 0));
    println!("sampler / accelerated, per run      {:.2}", ratio(0, 3));
    println!("plain loop / accelerated, per run   {:.2}", ratio(1, 3));
    println!("two threads / one, runs/s       {:.2}", gain_of_two_threads());
    print_memory();
}

/// Runs all three over the same numbers.
fn compare() -> (Total, Total, Total) {
    let (world, plan) = (World::new(&reference()), Plan::new(&reference(), &invariants()));
    let mut sampler = Total::default();
    let mut observer = (Clocked::new(Ledger::new(&plan)), Count::default());
    sample::runs(&world, SEED, 0..COMPARED, &mut observer, |(judge, _), _, _| {
        sampler.lost += u64::from(judge.monitor.breaches()[0].is_some());
        judge.reset();
    });
    sampler.events = observer.1.0;
    let (mut plain, mut framework) = (Packed::new(SEED), Callbacks::new(SEED));
    let (mut packed, mut callbacks) = (Total::default(), Total::default());
    for run in 0..COMPARED {
        let (one, other) = (plain.run(run), framework.run(run));
        assert_eq!(
            (one.delay, one.timed_out, one.turns),
            (other.delay, other.timed_out, other.turns),
            "run {run}"
        );
        for (total, outcome) in [(&mut packed, one), (&mut callbacks, other)] {
            total.lost += u64::from(outcome.delay.is_none());
            total.events += outcome.events;
        }
    }
    assert_eq!([sampler.lost; 2], [packed.lost, callbacks.lost], "they must sample the same runs");
    (sampler, packed, callbacks)
}

/// The sampler as a user runs it: every invariant on every run.
fn sampled(world: &World, judge: &mut Clocked<Ledger<'_>>, runs: Range<u64>) -> u64 {
    let mut lost = 0;
    sample::runs(world, SEED, runs, judge, |judge, _, _| {
        lost += u64::from(judge.monitor.breaches()[0].is_some());
        judge.reset();
    });
    lost
}

/// The same, but idle cycles are passed.
fn accelerated(world: &World, sums: &Sums, judge: &mut Clocked<Ledger<'_>>, runs: Range<u64>) -> u64 {
    let mut lost = 0;
    sample::accelerated_runs(world, sums, SEED, runs, judge, |judge, _, _| {
        lost += u64::from(judge.monitor.breaches()[0].is_some());
        judge.reset();
    });
    lost
}

/// Nanoseconds a run of each, turn by turn.
fn take_turns() -> Vec<[f64; 4]> {
    let (world, plan) = (World::new(&reference()), Plan::new(&reference(), &invariants()));
    let mut judge = Clocked::new(Ledger::new(&plan));
    let (mut packed, mut callbacks) = (Packed::new(SEED), Callbacks::new(SEED));
    let sums = Sums::default();
    let mut turns: Vec<[f64; 4]> = Vec::new();
    for turn in 0..TURNS + TURNS / 10 {
        let runs = turn * TURN..(turn + 1) * TURN;
        let mine = timed(|| sampled(&world, &mut judge, runs.clone()));
        let least = timed(|| runs.clone().map(|run| packed.run(run).turns).sum());
        let general = timed(|| runs.clone().map(|run| callbacks.run(run).turns).sum());
        let accelerated = timed(|| accelerated(&world, &sums, &mut judge, runs.clone()));
        turns.push([mine, least, general, accelerated].map(|nanos| nanos / TURN as f64));
    }
    // The first turns warm caches and predictors up.
    turns.split_off((TURNS / 10) as usize)
}

fn timed(work: impl FnOnce() -> u64) -> f64 {
    let begin = Instant::now();
    black_box(work());
    begin.elapsed().as_nanos() as f64
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn print_line(name: &str, nanos: f64, total: Total) {
    let per_event = nanos * COMPARED as f64 / total.events as f64;
    println!("{name:28}{per_event:>10.1}{nanos:>12.0}{:>14.0}", 1e9 / nanos);
}

/// How much faster the same runs are over when two threads share them; the middle one of five
/// tries, since two threads need two processors that are free.
fn gain_of_two_threads() -> f64 {
    let (world, plan) = (World::new(&reference()), Plan::new(&reference(), &invariants()));
    let over = |runs: Range<u64>| sampled(&world, &mut Clocked::new(Ledger::new(&plan)), runs);
    let shared = || {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| over(SHARED / 2..SHARED));
            over(0..SHARED / 2) + other.join().expect("sampling does not panic")
        })
    };
    assert_eq!(shared(), over(0..SHARED), "who runs them does not matter");
    median((0..5).map(|_| timed(|| over(0..SHARED)) / timed(shared)))
}

/// The most memory that this process ever held, before and after many runs of the sampler.
fn print_memory() {
    let (world, plan) = (World::new(&reference()), Plan::new(&reference(), &invariants()));
    let before = peak_memory();
    black_box(sampled(&world, &mut Clocked::new(Ledger::new(&plan)), 0..MANY));
    match before.zip(peak_memory()) {
        Some((before, after)) => {
            println!("peak memory, {MANY} runs      {after} kB, {} kB of it for them", after - before);
        }
        None => println!("peak memory                     not known on this system"),
    }
}

/// In kilobytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
