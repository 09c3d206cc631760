//! `punctual sweep` and `merge`: what a cell says is what `check`, `delay` and `threshold` say; however a sweep is cut
//! or stopped it is the same in the end, to the byte; and what cannot be swept is told.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use common::{Folder, Ran, embedded};
use punctual::budget::Budget;
use punctual::judge::{Effort, judge};
use punctual::scenarios::Scenario;
use punctual_reports::sweep::{Cell, Head, Line, Safety, Summary, Verdict};

/// A small sweep of two dimensions.
const SWEEP: &str = "sweep audio-as-documented --variant counter-ids --vary policy.poll.completed=500ms..3s:6 \
                     --vary client.timeout=1s,2s,5s --keep no-event-lost,client-never-times-out --runs 1500";

fn lines(text: &str) -> (Head, Cell, Vec<Cell>) {
    let (mut head, mut now, mut cells) = (None, None, Vec::new());
    for line in text.lines() {
        match Line::read(line.as_bytes()).expect("each line is one of a sweep") {
            Line::Head(found) => head = Some(*found),
            Line::Now { now: found } => now = Some(*found),
            Line::Cell(cell) => cells.push(*cell),
        }
    }
    (head.expect("a head"), now.expect("the scenario as it is"), cells)
}

fn check<'c>(cell: &'c Cell, name: &str) -> &'c punctual_reports::sweep::Check {
    cell.checks.iter().find(|check| check.invariant == name).expect("it is checked")
}

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
            // One is sampled with leaps and one without: the intervals must meet.
            let plain = judged[0].rate(place);
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
    let folder = Folder::of("sweep-paired");
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
fn however_it_is_cut_a_sweep_is_the_same_to_the_byte() {
    let folder = Folder::of("sweep-cut");
    folder
        .run(&format!("{SWEEP} --out whole.jsonl --report html=whole.html --report csv=whole.csv"))
        .exits(0);
    let whole = folder.read("whole.jsonl");
    folder.run(&format!("{SWEEP} --out one.jsonl --jobs 1")).exits(0);
    assert!(whole == folder.read("one.jsonl"), "on one core");
    for part in 1..=4 {
        let ran = folder.run(&format!("{SWEEP} --shard {part}/4 --out {part}.jsonl"));
        ran.shows(&[&format!("This is part {part} of 4")]);
    }
    folder.run("merge 3.jsonl 1.jsonl 4.jsonl 2.jsonl --out merged.jsonl --report csv=merged.csv").exits(0);
    assert!(whole == folder.read("merged.jsonl"), "in four parts");
    assert!(folder.read("whole.csv") == folder.read("merged.csv"));
    assert!(folder.list(".").iter().all(|name| !name.contains(".part")), "{:?}", folder.list("."));
    let page = folder.read("whole.html");
    assert!(page.contains("class=\"m-edge\"") && page.contains("m-good") && page.len() < 200_000);
}

#[test]
fn cells_that_are_sampled_together_are_the_same_to_the_byte_however_it_is_cut() {
    let folder = Folder::of("sweep-together");
    let words = "sweep audio-as-documented --variant counter-ids --vary policy.poll.completed=500ms..3s:30 \
                 --vary client.timeout=1s,2s,3s,5s --no-proof --runs 200";
    // On one core these are groups of fifteen; each of many threads has them one by one.
    folder.run(&format!("{words} --jobs 1 --out whole.jsonl"));
    let whole = folder.read("whole.jsonl");
    assert_eq!(lines(&whole).2.len(), 120);
    folder.run(&format!("{words} --jobs 16 --out single.jsonl"));
    assert!(whole == folder.read("single.jsonl"), "one by one");
    for part in 1..=4 {
        folder.run(&format!("{words} --jobs 1 --shard {part}/4 --out {part}.jsonl"));
    }
    folder.run("merge 1.jsonl 2.jsonl 3.jsonl 4.jsonl --out merged.jsonl");
    assert!(whole == folder.read("merged.jsonl"), "in four parts, of one timer each");
    // Of some groups there is something, of others nothing.
    let begun: Vec<&str> =
        whole.lines().enumerate().filter(|(at, _)| *at < 2 || at % 3 == 0).map(|(_, line)| line).collect();
    folder.write("begun.jsonl.part", format!("{}\n", begun.join("\n")));
    folder.run(&format!("{words} --jobs 1 --out begun.jsonl --resume"));
    assert!(whole == folder.read("begun.jsonl"), "gone on with");
}

/// Starts a sweep and kills it by `signal` when so many lines are there.
fn killed(folder: &Folder, words: &str, part: &str, lines: usize, signal: &str) -> Ran {
    let mut child =
        folder.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let path = folder.path.join(part);
    loop {
        let there = fs::read_to_string(&path).map_or(0, |text| text.lines().count());
        if there >= lines || child.try_wait().expect("it can be asked").is_some() {
            break;
        }
        std::thread::yield_now();
    }
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(killed.is_ok());
    Ran::from(child.wait_with_output().expect("it ends"))
}

#[test]
fn whatever_stops_it_resume_goes_on_and_loses_nothing() {
    let folder = Folder::of("sweep-killed");
    // Long enough that it does not end before it is killed.
    let slow = SWEEP.replace("3s:6", "3s:40").replace("--runs 1500", "--runs 4000");
    folder.run(&format!("{slow} --out whole.jsonl")).exits(0);
    let whole = folder.read("whole.jsonl");
    for (signal, name) in [("-KILL", "killed"), ("-INT", "interrupted")] {
        let ran =
            killed(&folder, &format!("{slow} --out {name}.jsonl"), &format!("{name}.jsonl.part"), 12, signal);
        if signal == "-INT" {
            assert_eq!(ran.code, 130, "{}", ran.stderr);
            assert!(ran.stderr.contains("go on with --resume"), "{}", ran.stderr);
        }
        let kept = folder.read(&format!("{name}.jsonl.part"));
        assert!(kept.lines().count() >= 12 && !folder.path.join(format!("{name}.jsonl")).exists());
        // Without --resume nothing that is there is overwritten.
        folder.run(&format!("{slow} --out {name}.jsonl")).exits(2).says(&["--resume"]);
        // A last line that is half written is made again.
        let cut = &kept[..kept.len() - 40];
        fs::write(folder.path.join(format!("{name}.jsonl.part")), cut).expect("it can be written");
        folder.run(&format!("{slow} --out {name}.jsonl --resume")).exits(0);
        assert!(whole == folder.read(&format!("{name}.jsonl")), "{name}");
    }
    // What is finished is only shown, and what is no whole sweep is not shown as one.
    folder.write("cut.jsonl", &whole[..whole.len() - 40]);
    folder
        .run(&format!("{slow} --out cut.jsonl --resume"))
        .exits(2)
        .says(&["cut.jsonl has 119 of 120 cells"]);
    assert_eq!(folder.read("cut.jsonl").len(), whole.len() - 40);
    folder.run(&format!("{slow} --out whole.jsonl --resume")).exits(0).shows(&["cells are safe"]);
    assert!(whole == folder.read("whole.jsonl"));
}

#[test]
fn a_file_of_another_sweep_is_refused_and_left_alone() {
    let folder = Folder::of("sweep-foreign");
    folder.run(&format!("{SWEEP} --shard 1/3 --out a.jsonl"));
    folder.run(&format!("{SWEEP} --shard 2/3 --out b.jsonl"));
    folder.run(&format!("{SWEEP} --seed 7 --shard 3/3 --out c.jsonl"));
    let of_seed = folder.run("merge a.jsonl b.jsonl c.jsonl").exits(2);
    of_seed.says(&["different sweeps: seeds: 0x5eed and 0x7"]);
    folder
        .run("merge a.jsonl b.jsonl")
        .exits(2)
        .says(&["6 of 18 cells are in none of the parts, cell 2 for one"]);
    folder
        .run("merge a.jsonl a.jsonl b.jsonl")
        .exits(2)
        .says(&["a.jsonl:3: it has cell 0, which a part before has too"]);
    folder.run("merge a.jsonl missing.jsonl").exits(2).says(&["cannot read missing.jsonl"]);
    folder.write("version.jsonl", folder.read("b.jsonl").replacen("\"version\":\"", "\"version\":\"9", 1));
    folder.run("merge a.jsonl version.jsonl").exits(2).says(&["versions of punctual"]);
    folder.write("text.jsonl", "hello\n");
    folder.run("merge text.jsonl").exits(2).says(&["text.jsonl:1:1: this is no JSON object in one line"]);
    folder.write("empty.jsonl", "");
    folder.run("merge empty.jsonl").exits(2).says(&["empty.jsonl: it is empty"]);
    let text = folder.read("a.jsonl");
    folder.write("headless.jsonl", text.split_once('\n').expect("it has a head").1);
    folder.run("merge headless.jsonl").exits(2).says(&["it does not begin with the head of a sweep"]);
    // To go on with another sweep's file would mix the two.
    folder.write("d.jsonl.part", folder.read("c.jsonl"));
    let ran = folder.run(&format!("{SWEEP} --shard 3/3 --out d.jsonl --resume")).exits(2);
    ran.says(&["d.jsonl.part:1: it is of another sweep: seeds: 0x5eed and 0x7"]);
    assert_eq!(folder.read("d.jsonl.part"), folder.read("c.jsonl"));
    let ran = folder.run(&format!("{SWEEP} --shard 2/3 --seed 7 --out d.jsonl --resume")).exits(2);
    ran.says(&["part 3 of 3 and part 2 of 3"]);
    folder
        .run(&format!("{SWEEP} --out e.jsonl --resume"))
        .exits(2)
        .says(&["there is no e.jsonl.part to go on with"]);
    let broken = folder.read("a.jsonl").replacen("\"runs\":1500,\"checks\"", "\"runs\":oops,\"checks\"", 1);
    folder.write("f.jsonl.part", broken);
    folder.run(&format!("{SWEEP} --shard 1/3 --out f.jsonl --resume")).exits(2).says(&["f.jsonl.part:2:"]);
}

#[test]
fn nothing_that_is_there_is_written_over_and_two_do_not_write_one_file() {
    let folder = Folder::of("sweep-kept");
    folder.write("mine.txt", "not a sweep\n");
    folder.run(&format!("{SWEEP} --out mine.txt")).exits(2).says(&["mine.txt is there already"]);
    folder
        .run(&format!("{SWEEP} --out mine.txt --resume"))
        .exits(2)
        .says(&["mine.txt:1:2: this is no JSON object in one line"]);
    assert_eq!(
        (folder.read("mine.txt"), folder.list(".")),
        ("not a sweep\n".to_owned(), vec!["mine.txt".to_owned()])
    );
    let slow = SWEEP.replace("3s:6", "3s:200").replace("--runs 1500", "--runs 20000");
    let mut first = folder.command(&format!("{slow} --out two.jsonl")).spawn().expect("it starts");
    let part = folder.path.join("two.jsonl.part");
    while fs::read_to_string(&part).map_or(0, |text| text.lines().count()) < 3 {
        std::thread::yield_now();
    }
    let second = folder.run(&format!("{slow} --out two.jsonl --resume"));
    first.kill().expect("it can be killed");
    first.wait().expect("it ends");
    second.exits(2).says(&["is being written by another punctual"]);
}

#[test]
fn a_part_that_cannot_be_is_refused_and_breaks_nothing() {
    let folder = Folder::of("sweep-hostile");
    folder.run(&format!("{SWEEP} --shard 1/3 --out a.jsonl"));
    let text = folder.read("a.jsonl");
    let wrong = |from: &str, to: &str, says: &str| {
        assert!(text.contains(from), "{from}");
        folder.write("wrong.jsonl", text.replace(from, to));
        folder.run("merge wrong.jsonl").exits(2).says(&[says]);
    };
    wrong("\"cells\":18", "\"cells\":18446744073709551615", "its dimensions have others");
    wrong("\"cells\":18", "\"cells\":9000000000000", "its dimensions have others");
    wrong("\"shard\":[1,3]", "\"shard\":[4,3]", "of a part that cannot be");
    wrong("\"shard\":[1,3]", "\"shard\":[2,3]", "it has a cell 0, which is not in this sweep");
    wrong("\"values\":[\"1s\",\"2s\",\"5s\"]", "\"values\":[]", "its dimensions have others");
    wrong("\"cell\":3,\"values\":[\"1s\",\"1s\"]", "\"cell\":3,\"values\":[]", "its cell 3 has other values");
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
fn a_full_disk_loses_nothing_that_was_done() {
    let folder = Folder::of("sweep-full");
    let script = format!(
        "trap '' XFSZ; ulimit -f 16; exec {} {SWEEP} --out full.jsonl",
        env!("CARGO_BIN_EXE_punctual")
    );
    let ran = Command::new("bash").args(["-c", &script]).current_dir(&folder.path).env_clear().output();
    let ran = Ran::from(ran.expect("bash can be started")).exits(2);
    ran.says(&["cannot write full.jsonl.part", "are kept in full.jsonl.part; go on with --resume"]);
    let kept = folder.read("full.jsonl.part");
    assert!(kept.ends_with('\n') && kept.lines().count() > 3, "{kept}");
    folder.run(&format!("{SWEEP} --out full.jsonl --resume")).exits(0);
    folder.run(&format!("{SWEEP} --out whole.jsonl")).exits(0);
    assert!(folder.read("full.jsonl") == folder.read("whole.jsonl"));
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
