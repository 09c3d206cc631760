//! A check that is interrupted tells what is known so far, and takes nothing for granted.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::{embedded, first_base, replaced};
use punctual::budget::{Budget, Cause, Host};
use punctual::judge::{Effort, Judged, Verdict, judge};
use punctual::present;
use punctual::proof::{Proved, STATES};
use punctual::scenarios::Scenario;
use punctual_reports::document;

/// Whoever loses patience when asked for the so-manieth time.
#[derive(Debug)]
struct Asked {
    times: AtomicU64,
    most: u64,
}

impl Host for Asked {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn interrupted(&self) -> bool {
        self.times.fetch_add(1, Ordering::SeqCst) >= self.most
    }
}

/// Judges the first case of a text for a host that asks so often; looks at what came out.
fn judged(text: &str, most: u64, look: impl FnOnce(&Scenario, &[Judged<'_>])) {
    let mut scenario = Scenario::parse("one.toml", text).expect("it is sound");
    scenario.cases.truncate(1);
    let host = Asked { times: AtomicU64::new(0), most };
    let budget = Budget { host: &host, ..Budget::of(STATES) };
    let effort = Effort { seed: 1, runs: 5_000, budget };
    let judged = judge(&scenario.cases, effort, &|_| {}).expect("it can be judged");
    look(&scenario, &judged);
}

/// The first case as a report has it.
fn documented(scenario: &Scenario, judged: &[Judged<'_>]) -> document::Scenario {
    let saved = present::SavedAt::new();
    let effort = Effort { seed: 1, runs: 1, budget: Budget::of(STATES) };
    let manner =
        present::Manner { embedded: true, effort, saved: &saved, explained: present::Explained::First };
    present::document(scenario, judged, manner).swap_remove(0)
}

#[test]
fn nothing_passes_of_which_no_run_was_made() {
    // Either result will do for all of them; none would do if every timing had been looked at.
    let text = first_base().replace("= \"holds\"", "= \"any\"").replace("= \"violated\"", "= \"any\"");
    judged(&text, 0, |scenario, judged| {
        let case = &judged[0];
        assert_eq!(
            (case.runs_made, case.interrupted, case.inconclusive(), case.wrong()),
            (0, true, true, false)
        );
        for place in case.prepared.case.rules() {
            assert_eq!(case.verdicts[place.0], Verdict::Unknown);
            assert!(
                !case.as_expected(place) && case.limit(place) == Some((Cause::Interrupted, "interrupted"))
            );
        }
        let document = &documented(scenario, judged);
        assert!(document.load.is_none() && document.checks.iter().all(|check| check.sampled.is_none()));
    });
}

#[test]
fn the_runs_that_were_made_are_the_runs_that_are_told() {
    judged(embedded("audio-reference"), 1_500, |scenario, judged| {
        let case = &judged[0];
        // It is asked before each run, and now and then beside that.
        assert!((1_000..=1_500).contains(&case.runs_made), "{}", case.runs_made);
        assert!(case.interrupted && case.inconclusive() && !case.wrong());
        let document = &documented(scenario, judged);
        for check in &document.checks {
            let sampled = check.sampled.as_ref().expect("runs were made");
            assert_eq!(sampled.runs, case.runs_made);
            let broken = case.tally.broken.iter().any(|count| count.runs == sampled.violations);
            assert!(broken && check.counterexample.is_some() == (sampled.violations > 0), "{check:?}");
        }
        assert!(case.verdicts.contains(&Verdict::Violated), "what was seen is known");
        assert!(!case.verdicts.contains(&Verdict::Holds), "nothing was proved");
    });
}

#[test]
fn exploring_is_interrupted_where_it_is() {
    let large = replaced(embedded("blog-as-coded"), "repeat = 12", "repeat = 40");
    // Once for each run and three times beside that: all runs are made, and exploring has begun.
    judged(&large, 5_010, |_, judged| {
        let case = &judged[0];
        assert_eq!((case.runs_made, case.interrupted), (5_000, true));
        let cut = |proved: &Proved| match proved {
            Proved::Unknown { cause: Cause::Interrupted, limit } => limit.starts_with("interrupted"),
            _ => false,
        };
        assert!(case.proved.iter().all(cut), "{:?}", case.proved);
        let far = |proved: &Proved| matches!(proved, Proved::Unknown { limit, .. } if limit.contains("states kept"));
        assert!(case.proved.iter().any(far), "{:?}", case.proved);
    });
}

#[cfg(unix)]
mod signals {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::process::{Child, ChildStderr, Command, Stdio};

    use super::common::Folder;

    /// A check that would take hours.
    const LONG: &str = "check --runs 1000000000 --states 100000000";

    /// A long check that has begun, and what it says.
    fn begun(folder: &Folder, words: &str, stdout: Stdio) -> (Child, BufReader<ChildStderr>) {
        let mut command = folder.command(&format!("{LONG} {words}"));
        let mut child = command.stdout(stdout).stderr(Stdio::piped()).spawn().expect("it can be started");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is a pipe"));
        wait_for(&mut stderr, "Checking the embedded scenarios");
        (child, stderr)
    }

    /// Reads until a line says `part`.
    fn wait_for(stderr: &mut BufReader<ChildStderr>, part: &str) {
        let mut line = String::new();
        while !line.contains(part) {
            line.clear();
            assert!(stderr.read_line(&mut line).expect("it says something") > 0, "it never said {part}");
        }
    }

    /// What Ctrl-C does.
    fn interrupt(child: &Child) {
        let words = format!("kill -INT {}", child.id());
        assert!(Command::new("sh").args(["-c", &words]).status().expect("there is a shell").success());
    }

    /// How it ends, what it printed, and what it said since.
    fn ended(mut child: Child, mut stderr: BufReader<ChildStderr>) -> (i32, String, String) {
        let (mut stdout, mut said) = (String::new(), String::new());
        if let Some(mut pipe) = child.stdout.take() {
            pipe.read_to_string(&mut stdout).expect("it is a text");
        }
        stderr.read_to_string(&mut said).expect("it is a text");
        let code = child.wait().expect("it ends").code().unwrap_or(-1);
        assert!(!said.contains("panicked") && !said.contains("has a bug"), "{said}");
        (code, stdout, said)
    }

    #[test]
    fn the_first_ctrl_c_prints_what_is_known_so_far() {
        let folder = Folder::of("interrupt-once");
        let (child, stderr) = begun(&folder, "", Stdio::piped());
        interrupt(&child);
        let (code, stdout, said) = ended(child, stderr);
        assert_eq!(code, 130, "{said}");
        assert!(said.contains("Interrupted"), "{said}");
        let summary = stdout.lines().rfind(|line| line.contains("Summary")).expect("a summary");
        assert!(summary.ends_with("interrupted") && summary.contains(" cases"), "{summary}");
        assert!(stdout.contains("burst: interrupted ") && !stdout.contains("PASS"), "{stdout}");
    }

    #[test]
    fn no_fail_does_not_hide_an_interruption() {
        let folder = Folder::of("interrupt-no-fail");
        let (child, stderr) = begun(&folder, "--no-fail", Stdio::piped());
        interrupt(&child);
        assert_eq!(ended(child, stderr).0, 130);
    }

    #[test]
    fn the_second_ctrl_c_ends_it_at_once() {
        let folder = Folder::of("interrupt-twice");
        // Nobody reads what it prints and there is no room left, so it does not end by itself.
        let (reader, mut writer) = std::io::pipe().expect("a pipe can be made");
        let stdout = writer.try_clone().expect("a pipe has as many ends as one wants");
        let filled = std::thread::spawn(move || while writer.write_all(&[0; 1 << 12]).is_ok() {});
        let (child, mut stderr) = begun(&folder, "", stdout.into());
        interrupt(&child);
        wait_for(&mut stderr, "Interrupted");
        interrupt(&child);
        assert_eq!(ended(child, stderr).0, 130);
        drop(reader);
        filled.join().expect("nobody is left to write to");
    }

    #[test]
    fn an_interrupted_check_whose_reader_has_left_ends_as_quietly() {
        let folder = Folder::of("interrupt-pipe");
        let (mut child, stderr) = begun(&folder, "", Stdio::piped());
        drop(child.stdout.take());
        interrupt(&child);
        let (code, _, said) = ended(child, stderr);
        assert_eq!(code, 130, "{said}");
        assert!(!said.contains("error"), "{said}");
    }
}
