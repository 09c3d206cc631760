//! What is shown of a sweep, and what cannot be swept.

use std::collections::BTreeSet;

use super::{SWEEP, check, lines};
use crate::common::Folder;
use punctual_reports::sweep::{Cell, Safety, Summary, Verdict};

#[test]
fn what_cannot_be_swept_is_told_with_what_can() {
    let folder = Folder::of("sweep-wrong");
    let wrong = |vary: &str, says: &str| {
        folder.run(&format!("sweep audio-as-documented {vary}")).exits(2).says(&[says]);
    };
    wrong("--vary policy.poll.complete=1s", "did you mean `policy.poll.completed`?");
    wrong("--vary policy.poll.completed=3s..1s:4", "reversed: write 1s..3s");
    wrong("--vary policy.poll.completed=1s..1s:0", "from 1 to 1000000");
    wrong(
        "--vary policy.poll.completed=1s --vary stream.poll.completed=2s",
        "`policy.poll.completed` is varied twice",
    );
    wrong("--vary policy.poll.completed=1s --keep no-event-lots", "did you mean no-event-lost?");
    wrong("--vary policy.poll.completed=1s --keep no-duplicat", "did you mean no-duplicate?");
    wrong("--vary policy.poll.completed=1s --shard 9/8", "expected a part and how many there are");
    wrong("--vary policy.poll.completed=1s --shard 1/8", "--out");
    wrong("--vary policy.poll.completed=1s --until-width 2", "expected a share above 0");
    wrong("--vary policy.poll.completed=1s --policy pol=x.py", "did you mean poll?");
    wrong("--vary variant=fix-9", "fix-9");
    let huge = "--vary policy.poll.completed=1s..9s:1000 --vary policy.poll.running=1s..9s:1000 --vary policy.poll.failed=1s..9s:1000";
    wrong(
        huge,
        "1 000 000 000 cells, 5 000 000 000 000 runs in all: say --yes to begin, or make the grid coarser",
    );
    wrong(&format!("{huge} --yes"), "no more than 100 000 000 can be kept");
    wrong(
        "--vary policy.poll.completed=1s..9s:1000 --vary policy.poll.running=1s..9s:1000",
        "1 000 000 cells",
    );
    folder.run("sweep nothing-of-this-name --vary a=1s").exits(2);
}

#[test]
fn the_frontier_is_what_no_other_cell_beats() {
    let folder = Folder::of("sweep-frontier");
    let words = format!("{SWEEP} --vary policy.poll.running=100ms,300ms,900ms --no-proof --format jsonl");
    let (head, now, cells) = lines(&folder.run(&words.replace("--runs 1500", "--runs 300")).stdout);
    // As if all were proved, so that the choice is among many.
    let cells: Vec<Cell> = cells
        .into_iter()
        .map(|mut cell| {
            cell.checks
                .iter_mut()
                .filter(|check| check.broken == 0)
                .for_each(|check| check.verdict = Verdict::Holds);
            cell
        })
        .collect();
    let mut summary = Summary::new(head.clone(), Some(now));
    cells.iter().cloned().for_each(|cell| summary.add(cell));
    summary.end();
    let safe: Vec<&Cell> = cells.iter().filter(|cell| cell.safety(&head.keep) == Safety::Safe).collect();
    assert!(safe.len() > 10 && safe.len() < cells.len(), "{}", safe.len());
    let place = |cell: &Cell| (cell.reads_per_run, cell.p99().unwrap_or(u64::MAX));
    let beaten = |cell: &&&Cell| {
        safe.iter().any(|other| {
            let (one, mine) = (place(other), place(cell));
            one != mine && one.0 <= mine.0 && one.1 <= mine.1
        })
    };
    let expected: BTreeSet<String> =
        safe.iter().filter(|cell| !beaten(cell)).map(|cell| format!("{:?}", place(cell))).collect();
    let found: BTreeSet<String> = summary.frontier.iter().map(|cell| format!("{:?}", place(cell))).collect();
    assert_eq!(found, expected);
    let least = safe.iter().map(|cell| cell.reads_per_run).fold(f64::MAX, f64::min);
    assert!((summary.cheapest.expect("some are safe").reads_per_run - least).abs() < 1e-9);
}

#[test]
fn the_numbers_of_a_sweep_are_the_same_in_every_rendering() {
    let folder = Folder::of("sweep-parity");
    let ran = folder
        .run(&format!("{SWEEP} --format jsonl --report csv=a.csv --report html=a.html --report md=a.md"));
    let (head, _, cells) = lines(&ran.stdout);
    let csv = folder.read("a.csv");
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let column =
        |name: &str| rows[0].iter().position(|head| *head == name).unwrap_or_else(|| panic!("{name}"));
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    for (cell, row) in cells.iter().zip(&rows[1..]) {
        assert_eq!(row[column("reads_per_run")], cell.reads_per_run.to_string());
        assert_eq!(
            row[column("tts_completed.panel.exact_max_us")],
            cell.deliveries[1].exact_us.unwrap().1.unwrap().to_string()
        );
        assert_eq!(row[column("no-event-lost.high")], check(cell, "no-event-lost").interval.1.to_string());
        let safety = if cell.safety(&head.keep) == Safety::Safe { "safe" } else { "broken" };
        assert_eq!(row[column("safety")], safety);
    }
    let (html, md) = (folder.read("a.html"), folder.read("a.md"));
    let best = cells
        .iter()
        .filter(|cell| cell.safety(&head.keep) == Safety::Safe)
        .map(|cell| cell.worst().expect("exact"))
        .min();
    let worst = punctual_reports::text::duration(best.expect("some are safe"));
    assert!(html.contains(&worst) && md.contains(&worst), "{worst}");
    assert!(html.contains("safe up to 1.916999 s") && md.contains("safe up to 1.916999 s"));
}

#[test]
fn a_sweep_of_one_cell_is_a_sweep() {
    let folder = Folder::of("sweep-one");
    let ran = folder.run("sweep blog-as-coded --vary policy.poll.running=300ms --runs 200").exits(0);
    ran.shows(&["300ms is safe: ", "proved for every timing"]);
}
