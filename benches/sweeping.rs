//! What a sweep costs: cells a second on one core and on two, and memory by the number of cells.
//!
//! The command is run as a user runs it, each time in a process of its own, in turns, so that whatever else the
//! machine does falls on all. `cargo bench --bench sweeping` measures 1 000 cells at 10 000 runs; with `-- --full` all
//! 10 000 cells. Without `--bench`, as under `cargo test`, it only sees that a sweep comes to its end.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the real clock")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::process::{Command, Stdio};
use std::time::Instant;

/// A sweep of `audio-reference`, of so many cells and runs, by so many threads.
fn sweep(cells: u64, runs: u64, jobs: u16, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_punctual"));
    let (across, up) = if cells >= 100 { (cells / 10, 10) } else { (cells, 1) };
    let up = if up == 1 {
        "policy.poll.running=300ms".to_owned()
    } else {
        format!("policy.poll.running=100ms..1s:{up}")
    };
    command.args([
        "sweep",
        "audio-reference",
        "--vary",
        &format!("policy.poll.completed=100ms..3s:{across}"),
        "--vary",
        &up,
    ]);
    command
        .args(["--runs", &runs.to_string(), "--jobs", &jobs.to_string(), "-q", "--format", "csv"])
        .args(more);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Seconds of one sweep.
fn seconds(cells: u64, runs: u64, jobs: u16, more: &[&str]) -> f64 {
    let begin = Instant::now();
    let status = sweep(cells, runs, jobs, more).status().expect("the command can be started");
    assert!(status.code().is_some_and(|code| code == 1 || code == 3), "no cell of it is safe: {status}");
    begin.elapsed().as_secs_f64()
}

/// The most memory that a sweep held, in kilobytes, where the system tells.
fn memory(cells: u64) -> Option<u64> {
    let file = std::env::temp_dir().join(format!("punctual-bench-{}-{cells}.jsonl", std::process::id()));
    let path = file.to_string_lossy().into_owned();
    let mut child = sweep(cells, 1_000, 2, &["--no-proof", "--yes", "--out", &path]).spawn().ok()?;
    let mut most = 0;
    while child.try_wait().ok()?.is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        most = most.max(now.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let _ = std::fs::remove_file(file);
    (most > 0).then_some(most)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        seconds(4, 100, 2, &[]);
        return;
    }
    let cells = if std::env::args().any(|argument| argument == "--full") { 10_000 } else { 1_000 };
    let sampled = |jobs: u16| seconds(cells, 10_000, jobs, &["--no-proof", "--yes"]);
    let proved = || seconds(cells, 10_000, 2, &["--yes"]);
    let turns = if cells == 1_000 { 3 } else { 1 };
    let times: Vec<[f64; 3]> = (0..turns).map(|_| [sampled(1), sampled(2), proved()]).collect();
    let told = |name: &str, column: usize| {
        let took = median(times.iter().map(|time| time[column]).collect());
        println!(
            "{cells} cells at 10 000 runs, {name:29} {took:.1} s, {:.0} s for 10 000",
            took * 10_000.0 / cells as f64
        );
    };
    told("two jobs, sampled", 1);
    told("two jobs, proved and sampled", 2);
    println!(
        "two jobs / one, cells a second       {:.2}",
        median(times.iter().map(|time| time[0] / time[1]).collect())
    );
    for cells in [100, 1_000, 10_000] {
        let told = memory(cells).map_or("not known on this system".to_owned(), |most| format!("{most} kB"));
        println!("peak memory, {cells:>6} cells           {told}");
    }
}
