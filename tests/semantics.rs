//! What a step does, in small systems whose every fact can be told beforehand.
//!
//! Each system is written so that only one thing can happen; what happens is compared with what
//! ARCHITECTURE.md pins. Times are fixed, so the seed does not matter.

use punctual::model::{Fact, Origin, World};
use punctual::sampling::Prepared;
use punctual::scenarios::Scenario;
use punctual::sim::untimed::{self, Most, Possible};
use punctual::sim::{Time, sample};

/// A job of `steps`, a stream that takes `looks` in turn, and a page that fetches the row it is told of.
fn system(steps: &str, looks: &str, more: &str) -> String {
    format!(
        r#"scenario = "small"
about = "One thing happens."
ends = "1s after job"
[job]
status = "running"
[[event]]
name = "stored"
row = "image"
[[event]]
name = "done"
terminal = true
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [{steps}]
{more}
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{looks}]
[[client]]
name = "page"
latency = "5ms"
[[client.on]]
event = "stored"
fetches = "row image"
takes = "20ms"
[[client.on]]
event = "done"
shows = "success"
ends = true
[expect]
no-event-lost = "any"
"#
    )
}

/// All facts of one run of the scenario `text`, with their times in milliseconds.
fn facts(text: &str) -> Vec<(u64, Fact)> {
    let scenario = Scenario::parse("small.toml", text).unwrap_or_else(|e| panic!("{}", e.render(false)));
    let world = World::new(&scenario.cases[0].system);
    let trace = sample::trace(&world, 1, 0);
    trace.check(&world).expect("what was sampled is a run");
    let ms = |at: Time| at.0 / 1_000;
    trace.steps.iter().flat_map(|step| step.facts.iter().map(move |fact| (ms(step.at), *fact))).collect()
}

/// The facts that `pick` makes something of.
fn picked<T>(text: &str, pick: impl Fn(u64, &Fact) -> Option<T>) -> Vec<T> {
    facts(text).iter().filter_map(|(at, fact)| pick(*at, fact)).collect()
}

const LOOKS: &str = r#"
  { send = "events", takes = "1ms" },
  { read = "image" },
  { announce = "stored", if = "unsent" },
  { sleep = "99ms" },
"#;

#[test]
fn an_answer_that_returns_late_lets_the_task_go_on_that_much_later() {
    let steps = r#"{ publish = "done", takes = "10ms", returns = "7ms" }, { commit = "image" }"#;
    let published = picked(&system(steps, LOOKS, ""), |at, fact| match fact {
        Fact::Published { .. } => Some(("published", at)),
        Fact::Committed(..) => Some(("committed", at)),
        _ => None,
    });
    assert_eq!(published, [("published", 10), ("committed", 17)]);
}

#[test]
fn a_commit_that_fails_and_answers_late_goes_on_with_the_first_step_of_otherwise() {
    let steps =
        r#"{ commit = "image", takes = "10ms", returns = "5ms", fails = 0.999999 }, { publish = "done" }"#;
    let more =
        r#"otherwise = [{ commit = "image", step = "retry", takes = "10ms" }, { publish = "stored" }]"#;
    let text = system(steps, LOOKS, more).replace("no-event-lost = \"any\"", "no-event-lost = \"holds\"");
    let tried = picked(&text, |at, fact| match *fact {
        Fact::RolledBack(_, version) => Some((at, "rolled back", version)),
        Fact::Committed(_, version) => Some((at, "committed", version)),
        Fact::Published { what, copy: Origin::Published, .. } => Some((at, "published", what.ordinal())),
        _ => None,
    });
    // The version that was rolled back is not used again, and what is published tells of the other.
    assert_eq!(tried, [(10, "rolled back", 1), (25, "committed", 2), (25, "published", 2)]);
}

#[test]
fn a_retry_that_succeeds_is_no_phantom_and_no_wrong_success() {
    let steps = r#"{ commit = "image", takes = "10ms", fails = 0.999999 }, { publish = "done" }"#;
    let more = r#"otherwise = [
  { commit = "image", step = "retry", takes = "10ms" },
  { publish = "stored" },
  { publish = "done" },
]"#;
    let text = system(steps, LOOKS, more).replace(
        "no-event-lost = \"any\"",
        "no-event-lost = \"holds\"\nno-phantom = \"holds\"\nshown-right = \"holds\"",
    );
    let checked = punctual::Scenario::from_text("small.toml", &text).expect("a sound scenario");
    checked.runs(50).check().expect("it can be checked").expect_as_expected();
}

#[test]
fn a_connection_closed_by_a_step_that_answers_late_is_closed_once() {
    let looks = r#"
  { sleep = "50ms" },
  { read = ["image", "status"] },
  { announce = "stored", if = "unsent" },
  { close = "page", if = "is running", takes = "1ms", returns = "1ms" },
"#;
    let steps = r#"{ publish = "done", takes = "1ms" }, { commit = "image" }"#;
    let closed = picked(&system(steps, looks, ""), |at, fact| match fact {
        Fact::Closed(_) => Some(("closed", at)),
        Fact::Over { task, .. } if task.0 == 1 => Some(("over", at)),
        _ => None,
    });
    assert_eq!(closed, [("closed", 51), ("over", 52)]);
}

#[test]
fn each_comment_is_due_after_a_silence_of_its_own() {
    let steps = r#"{ work = "render", takes = "605ms" }, { status = "completed" }, { publish = "done" }, { commit = "image" }"#;
    let looks = r#"
  { comment = "slow", step = "slow", if = "none within 250ms" },
  { comment = "fast", step = "fast", if = ["none within 90ms", "is completed"] },
  { read = ["image", "status"] },
  { announce = "stored", if = "unsent" },
  { sleep = "20ms" },
"#;
    let commented = picked(&system(steps, looks, ""), |at, fact| match fact {
        Fact::Commented(_) if at < 900 => Some(at),
        _ => None,
    });
    // Looked at every 20 ms: the slow one at 250 ms, the fast one from 620 ms on, and then the slow one no more,
    // since any comment ends the silence of both.
    assert_eq!(commented, [260, 520, 640, 740, 840]);
}

#[test]
fn each_committed_version_becomes_visible_after_its_own_delay() {
    let steps = r#"{ repeat = 3, step = "versions", steps = [{ commit = "image", takes = "60ms" }] }, { publish = "done", takes = "500ms" }"#;
    let text = system(steps, LOOKS, "") + "\n[[row]]\nname = \"image\"\nvisible-after = \"100ms\"\n";
    let visible = picked(&text, |at, fact| match *fact {
        Fact::Visible(_, version) => Some((at, version)),
        _ => None,
    });
    assert_eq!(visible, [(160, 1), (220, 2), (280, 3)]);
}

#[test]
fn a_second_request_does_not_take_back_the_first() {
    let steps = r#"{ publish = "stored", takes = "10ms" }, { publish = "stored", takes = "10ms" }, { commit = "image", takes = "20ms" }, { publish = "done" }"#;
    let looks = r#"{ send = "events", takes = "1ms" }, { sleep = "1ms" }"#;
    let answers = picked(&system(steps, looks, ""), |at, fact| match *fact {
        Fact::Fetched { found, .. } => Some((at, found)),
        _ => None,
    });
    // Sent at 11 ms (the look that ends then), there at 16 ms, asked at 36 ms; the second at 46 ms.
    assert_eq!(answers, [(36, false), (46, true)]);
}

#[test]
fn a_permit_wakes_one_and_a_call_without_a_permit_wakes_all() {
    let waits = |name: &str, starts: &str| {
        format!(
            "[[task]]\nname = \"{name}\"\nnode = \"{name}\"\nstarts = \"{starts}\"\nsteps = [{{ wait = \"bell\" }}, {{ work = \"woken\" }}]\n"
        )
    };
    let woken = |permit: bool| {
        let steps = r#"{ notify = "bell", takes = "10ms" }, { notify = "bell", takes = "10ms" }, { publish = "done" }, { commit = "image" }"#;
        let more = format!(
            "{}{}\n[[signal]]\nname = \"bell\"\npermit = {permit}\n",
            waits("one", "2ms"),
            waits("two", "1ms")
        );
        picked(&system(steps, LOOKS, &more), |at, fact| match *fact {
            Fact::Over { task, .. } if (1..=2).contains(&task.0) => Some((at, task.0)),
            _ => None,
        })
    };
    assert_eq!(woken(true), [(10, 2), (20, 1)], "who waits longest is woken first");
    assert_eq!(woken(false), [(10, 1), (10, 2)]);
}

#[test]
fn what_every_reader_has_passed_is_in_no_look_back_window() {
    // The announced kind is the first of the file, as what is forgotten must not be taken for it.
    let steps = r#"{ publish = "done", takes = "10ms" }, { commit = "image", takes = "300ms" }"#;
    let looks = r#"
  { send = "events", takes = "1ms" },
  { read = "image", takes = "1ms" },
  { announce = "stored", if = ["unsent", "none within 5 ids"] },
  { sleep = "98ms" },
"#;
    let text = system(steps, looks, "");
    let text = text
        + "[[interleaving]]\nname = \"announced\"\norder = [\"job.publish\", \"stream.send\", \"job.commit\", \"stream.announce\"]\n\
           keeps = [\"no-event-lost\"]\n";
    let scenario = Scenario::parse("small.toml", &text).unwrap_or_else(|e| panic!("{}", e.render(false)));
    let prepared = Prepared::new(&scenario.cases[0]);
    let found = untimed::search(
        prepared.world.backend(),
        prepared.orders[0].matcher(),
        Most { states: 10_000, bytes: usize::MAX },
    );
    assert_eq!(found, Possible::InSomeOrder);
}
