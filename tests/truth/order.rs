//! What may come first, and what is known by then.

use super::verdict;

/// Two stores whose ids are clocks, of which the stream sends from one and publishes to the other, if ever.
const TWO_CLOCKS: &str = r#"
scenario = "two-clocks"
about = "A cursor belongs to the store that it is held against, whatever else its task does."
[job]
status = "running"
others = ["odd"]
[[event]]
name = "a"
[[event]]
name = "audit"
[[store]]
name = "events"
ids = "clock 1ms"
[[store]]
name = "log"
ids = "clock 1ms"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "a", to = "events", takes = "200ms" }, { publish = "a", to = "events", takes = "1s" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [
  { send = "events", takes = "1s" },
  { read = "status", takes = "1s" },
  { cursor = "greatest of events", chance = 0.5 },
  { publish = "audit", to = "log", if = "is odd" },
  { send = "events", takes = "1s" },
  { close = "page" },
]
[[client]]
name = "page"
latency = "5ms"
[expect]
no-event-lost = "violated"
no-duplicate = "holds"
"#;

#[test]
fn a_cursor_is_ranked_with_the_ids_of_its_own_store_only() {
    assert_eq!(verdict(TWO_CLOCKS, None, "no-event-lost"), "broken");
    assert_eq!(verdict(TWO_CLOCKS, None, "no-duplicate"), "holds");
    let counted =
        TWO_CLOCKS.replace("name = \"log\"\nids = \"clock 1ms\"", "name = \"log\"\nids = \"counter\"");
    assert_eq!(verdict(&counted, None, "no-event-lost"), "broken", "whatever the other store's ids are");
}

/// A worker that wakes a stream and publishes in the same event.
fn woken(tasks: [&str; 2]) -> String {
    let task = |name: &str| match name {
        "worker" => {
            "[[task]]\nname = \"worker\"\nnode = \"n0\"\nsteps = [{ notify = \"w\", blocks = \"10ms\" }, { publish = \"e\" }]\n"
        }
        _ => {
            "[[task]]\nname = \"s\"\nnode = \"n1\"\nserves = \"c\"\nsteps = [{ wait = \"w\" }, { send = \"ev\" }, { close = \"c\" }]\n"
        }
    };
    format!(
        "scenario = \"woken\"\nabout = \"All steps up to the next await are one event.\"\n[job]\nstatus = \"running\"\n\
         [[event]]\nname = \"e\"\nterminal = true\n[[store]]\nname = \"ev\"\nids = \"counter\"\n[[signal]]\nname = \"w\"\n\
         permit = false\n{}{}[[client]]\nname = \"c\"\nlatency = \"1ms\"\n[[client.on]]\nevent = \"e\"\nends = true\n\
         [expect]\nno-event-lost = \"any\"\n",
        task(tasks[0]),
        task(tasks[1])
    )
}

#[test]
fn whoever_is_woken_comes_after_the_event_that_woke_it_in_whatever_order_tasks_are_declared() {
    assert_eq!(verdict(&woken(["s", "worker"]), None, "no-event-lost"), "holds");
    assert_eq!(verdict(&woken(["worker", "s"]), None, "no-event-lost"), "holds");
}

/// Two streams on nodes of their own, woken by one call.
const TWO_WOKEN: &str = r#"
scenario = "two-woken"
about = "Of those who are woken at one instant any may be the first."
[job]
status = "running"
[[event]]
name = "e"
[[store]]
name = "ev"
ids = "counter"
keep = 1
[[signal]]
name = "w"
permit = false
[[task]]
name = "worker"
node = "n0"
steps = [{ work = "begin", takes = "1ms" }, { notify = "w" }]
[[task]]
name = "one"
node = "n1"
steps = [{ wait = "w" }, { publish = "e" }]
[[task]]
name = "other"
node = "n2"
serves = "c"
steps = [{ wait = "w" }, { send = "ev" }, { close = "c" }]
[[client]]
name = "c"
latency = "1ms"
[expect]
no-event-lost = "any"
[[interleaving]]
name = "published-first"
order = ["one.publish", "other.send"]
keeps = ["no-event-lost"]
[[interleaving]]
name = "sent-first"
order = ["other.send", "one.publish"]
breaks = ["no-event-lost"]
"#;

#[test]
fn of_those_who_are_woken_at_one_instant_any_may_be_the_first() {
    let scenario = punctual::Scenario::from_text("truth.toml", TWO_WOKEN).expect("a sound scenario");
    scenario.runs(100).check().expect("it can be checked").expect_as_expected();
}

/// A stream that reads, waits for its answer to return, and then rests by what it has read.
const READ_AND_RETURN: &str = r#"
scenario = "read-and-return"
about = "What was read is still there when the answer to the step after it is back."
ends = "9us after w0"
[job]
status = "running"
[[event]]
name = "e0"
terminal = true
[[store]]
name = "ev"
ids = "counter"
[policy.po]
running = "1us below 3us, 2us..3us"
completed = "1us"
[[task]]
name = "w0"
node = "n1"
steps = [{ work = "idle", takes = "0us..1us" }]
[[task]]
name = "w1"
node = "n0"
steps = [{ publish = "e0", takes = "2us..3us" }, { status = "completed", takes = "2us..4us" }]
[[task]]
name = "s"
node = "n2"
serves = "c"
loop = [
  { read = "status" },
  { close = "c", if = "is completed for 2us" },
  { send = "ev", takes = "0us", returns = "1us..2us" },
  { poll = "po" },
]
[[client]]
name = "c"
latency = "1us..3us"
[[client.on]]
event = "e0"
ends = true
[expect]
no-event-lost = "any"
client-ends = "any"
no-early-end = "any"
"#;

#[test]
fn what_was_read_is_known_until_the_rest_begins_that_depends_on_it() {
    for invariant in ["no-event-lost", "client-ends", "no-early-end"] {
        let said = verdict(READ_AND_RETURN, None, invariant);
        assert!(!said.starts_with("unknown"), "{invariant}: {said}");
    }
}
