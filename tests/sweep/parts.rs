//! However a sweep is cut or stopped, it is the same in the end.

use std::fs;
use std::process::{Command, Stdio};

use super::{SWEEP, lines};
use crate::common::{Folder, Ran};

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
