//! What a cell says is what the other verbs say of its scenario.

use super::{SWEEP, check, lines};
use crate::common::{Folder, embedded};
use punctual::budget::Budget;
use punctual::judge::{Effort, judge};
use punctual::scenarios::Scenario;
use punctual_reports::sweep::{Cell, Verdict};

#[test]
fn a_cell_is_what_check_delay_and_threshold_say_of_it() {
    let folder = Folder::of("sweep-agrees");
    let ran = folder.run(&format!("{SWEEP} --format jsonl")).exits(0);
    let (head, now, cells) = lines(&ran.stdout);
    assert_eq!((head.cells, cells.len()), (18, 18));
    assert_eq!(cells.iter().map(|cell| cell.cell).collect::<Vec<_>>(), (0..18).collect::<Vec<_>>());
    let scenario =
        Scenario::parse("audio-as-documented", embedded("audio-as-documented")).expect("it is sound");
    let axis = |name: &str| scenario.parameter("counter-ids", name).expect("a parameter");
    let (poll, limit) = (axis("policy.poll.completed"), axis("client.panel.timer.finish.limit"));
    for cell in [&cells[2], &cells[10], &cells[16]] {
        let span = |text: &str| punctual::scenarios::duration(text).expect("a duration");
        let case = scenario
            .with("counter-ids", &[(&poll, span(&cell.values[0])), (&limit, span(&cell.values[1]))])
            .expect("it compiles");
        let effort = Effort { seed: 0x5eed, runs: 4_000, budget: Budget::of(200_000) };
        let cases = [case];
        let judged = judge(&cases, effort, &|_| {}).expect("it can be judged");
        for (place, mine) in cell.checks.iter().enumerate() {
            let proved = mine.verdict == Verdict::Holds && mine.proved;
            assert_eq!(judged[0].verdicts[place] == punctual::judge::Verdict::Holds, proved, "{mine:?}");
            // One is sampled with acceleration and one without: the intervals must meet.
            let plain = judged[0].rate(punctual_model::RuleId(place));
            assert!(mine.interval.0 <= plain.1 && plain.0 <= mine.interval.1, "{mine:?} and {plain:?}");
        }
        for (mine, exact) in cell.deliveries.iter().zip(&judged[0].exact) {
            let punctual::proof::Spans::Exact { least, greatest, .. } = exact else { panic!("{exact:?}") };
            assert_eq!(mine.exact_us, Some((least.span.0, Some(greatest.span.0))));
        }
    }
    // The edge is the one that `threshold` has.
    let human = folder.run(SWEEP).exits(0);
    human.shows(&[
        "safe up to 1.916999 s; at 1.917 s client-never-times-out breaks",
        "★ cheapest safe",
        "○ now",
    ]);
    assert!(now.against_now.is_none() && cells.iter().all(|cell| cell.against_now.is_some()));
    // The cell that is as the scenario is differs from it in nothing.
    let same = cells.iter().find(|cell| cell.values == ["2s", "2s"]).expect("it is on the grid");
    let against = same.against_now.as_ref().expect("it is compared");
    assert_eq!((against.reads, against.latest_us), ((0.0, 0.0, 0.0), Some((0.0, 0.0, 0.0))));
    assert!(against.only.iter().all(|only| *only == (0, 0)));
    assert_eq!((&same.checks, same.reads_per_run), (&now.checks, now.reads_per_run));
}

#[test]
fn cells_are_compared_under_common_random_numbers() {
    let folder = Folder::of("sweep-common-numbers");
    let ran = folder.run("sweep audio-as-documented --vary policy.poll.completed=500ms,1s --no-proof --runs 4000 --format jsonl").exits(1);
    let (_, now, cells) = lines(&ran.stdout);
    let reads = cells[0].against_now.as_ref().expect("it is compared").reads;
    assert!((cells[0].reads_per_run - now.reads_per_run - reads.0).abs() < 1e-3);
    // As independent samples the difference would be known to about a read.
    assert!(reads.2 - reads.1 < 0.3, "{reads:?}");
    // Faster polling once the job is completed loses in the very same runs.
    let place =
        cells[0].checks.iter().position(|check| check.invariant == "no-event-lost").expect("it is checked");
    assert!(check(&cells[0], "no-event-lost").broken > 800);
    let only = cells[0].against_now.as_ref().expect("it is compared").only[place];
    assert!(only.0 + only.1 < 400, "{only:?}");
}

#[test]
fn what_is_lost_is_not_fast() {
    let folder = Folder::of("sweep-lost");
    let ran = folder
        .run("sweep audio-as-documented --vary policy.poll.completed=200ms,2s --runs 1000 --keep in-order");
    let ran = ran.exits(0);
    let ran = ran.shows(&["never"]);
    // What may be lost is not said to come by some time.
    assert!(!ran.stdout.contains("never later than"), "{}", ran.stdout);
}

#[test]
fn a_cell_that_fails_is_told_and_the_others_go_on() {
    let folder = Folder::of("sweep-fails");
    let words = "sweep audio-as-documented --vary task.voiceover.publish.takes.max=100ms,500us,200ms --runs 500 --no-proof";
    let ran = folder.run(&format!("{words} --format jsonl"));
    let (_, _, cells) = lines(&ran.stdout);
    assert_eq!(cells[1].failed.as_deref(), Some("P0206: `1ms` is longer than `500us`"));
    assert!(cells[0].failed.is_none() && cells[2].failed.is_none() && cells[2].runs == 500);
    folder.run(words).shows(&["Cell 1 failed: P0206", "2 broken, 1 failed"]);
    folder.run(&format!("{words} --format csv")).shows(&["failed", "P0206: `1ms` is longer than `500us`"]);
    // What no cell could say is told before any is begun.
    folder
        .run("sweep audio-as-documented --vary task.voiceover.publish.takes.max=500us,1s")
        .exits(2)
        .says(&["P0206"]);
}

#[test]
fn sampling_stops_when_it_is_known_well_enough() {
    let folder = Folder::of("sweep-width");
    let words = "sweep audio-reference --vary policy.poll.completed=500ms,1s --no-proof --runs 100000 --until-width 4% --format jsonl";
    let (_, _, cells) = lines(&folder.run(words).exits(1).stdout);
    for cell in &cells {
        assert!(cell.runs < 10_000, "{}", cell.runs);
        let wide = |check: &punctual_reports::sweep::Check| check.interval.1 - check.interval.0;
        assert!(cell.checks.iter().all(|check| wide(check) <= 0.04));
        // With a thousand runs less some would have been wider.
        let widest = cell.checks.iter().map(wide).fold(0.0, f64::max);
        let before = (cell.runs - 1_000) as f64;
        assert!(
            before == 0.0 || widest * (cell.runs as f64 / before).sqrt() > 0.0395,
            "{widest} of {}",
            cell.runs
        );
    }
    let one = folder.run(&format!("{words} --jobs 1")).stdout;
    assert!(one == folder.run(&format!("{words} --jobs 2")).stdout);
}

#[test]
fn variants_numbers_and_pasted_policies_are_dimensions_too() {
    let folder = Folder::of("sweep-variants");
    folder.write(
        "policy.py",
        "def get_poll_interval(job_status, elapsed_time):\n    return 0.3 if elapsed_time < 30 else 2.0\n",
    );
    let ran = folder.run("sweep audio-as-documented --vary variant=base,fix-1,counter-ids --vary task.voiceover.commit.fails=0,0.5 --runs 500 --no-proof --format jsonl");
    let (head, _, cells) = lines(&ran.stdout);
    assert_eq!(head.axes.iter().map(|axis| axis.now.as_str()).collect::<Vec<_>>(), ["base", "0.02"]);
    assert_eq!(cells[3].values, ["fix-1", "0.5"]);
    assert!(check(&cells[0], "no-event-lost").broken > 50 && check(&cells[4], "no-event-lost").broken == 0);
    let pasted = "sweep audio-as-documented --policy poll=policy.py --vary client.timeout=2s --runs 500 --format jsonl";
    let (head, now, cells) = lines(&folder.run(pasted).stdout);
    assert!(cells[0].failed.is_none() && cells[0].reads_per_run < now.reads_per_run, "{:?}", cells[0]);
    let plain = folder.run("sweep audio-as-documented --vary client.timeout=2s --runs 500 --format jsonl");
    assert_ne!(lines(&plain.stdout).0.digest, head.digest, "another policy is another sweep");
}

/// A page that is served long after its runs are over.
const LATE: &str = r#"scenario = "late"
about = "The stream looks once, after the run is over."
ends = "1s after job"
[job]
status = "running"
[[event]]
name = "news"
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "news", takes = "10ms" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ sleep = "500ms..5s" }, { send = "events" }]
[[client]]
name = "page"
latency = "5ms"
[expect]
no-event-lost = "holds"
"#;

#[test]
fn what_runs_break_only_since_they_are_over_is_no_contradiction() {
    let folder = Folder::of("sweep-late");
    folder.write("late.toml", LATE);
    let ran = folder.run("sweep late.toml --vary client.page.latency=5ms,10ms --runs 100").exits(0);
    assert!(!ran.stderr.contains("a bug"), "{}", ran.stderr);
    ran.shows(&["2 of 2 cells are safe"]);
}

/// A page that hears of the news after most of the runs are over.
const CUT: &str = r#"
scenario = "cut"
about = "Most runs end before the stream looks for what was announced."
ends = "2us after job"
[job]
status = "a"
[[event]]
name = "news"
[[store]]
name = "events"
ids = "counter"
[[client]]
name = "page"
latency = "3us"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "news", takes = "2us..20us" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{ sleep = "10us" }, { send = "events" }]
[expect]
no-event-lost = "any"
"#;

#[test]
fn what_runs_break_only_since_they_are_over_is_not_broken_in_a_cell_either() {
    let folder = Folder::of("sweep-cut-short");
    folder.write("cut.toml", CUT);
    let words = "sweep cut.toml --vary client.page.latency=2us,3us --runs 300";
    let cells = |more: &str| lines(&folder.run(&format!("{words} {more} --format jsonl")).stdout).2;
    let of = |cell: &Cell| {
        let check = check(cell, "no-event-lost");
        (check.verdict, check.proved, check.end_of_runs, (100..300).contains(&check.broken))
    };
    for (more, expected) in
        [("", Verdict::Holds), ("--no-proof", Verdict::Unknown), ("--states 1", Verdict::Unknown)]
    {
        for cell in cells(more) {
            assert_eq!(of(&cell), (expected, expected == Verdict::Holds, true, true), "{more}");
        }
    }
    folder.run(&format!("{words} --no-proof")).exits(3).shows(&["2 unknown", "% cut"]);
    folder
        .run(&format!("{words} --no-proof --format csv"))
        .exits(3)
        .shows(&["no-event-lost.end_of_runs", ",true,"]);
    // What is lost for good is broken, whatever else the end of runs does.
    folder.write("cut.toml", CUT.replace(r#"{ send = "events" }"#, r#"{ work = "1us" }"#));
    for cell in cells("--no-proof") {
        let check = check(&cell, "no-event-lost");
        assert_eq!((check.verdict, check.broken, check.end_of_runs), (Verdict::Violated, 300, false));
    }
}
