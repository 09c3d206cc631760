//! Look-back windows that end at the very instant at which the clock is read that they are counted by.
//!
//! What a clock shows depends on the time alone, so whatever else is due at that instant makes no difference.

use punctual::budget::Budget;
use punctual::proof::{self, Proved, STATES};
use punctual::sampling::Prepared;
use punctual::scenarios::Scenario;

/// An event that is announced again once it is nine ids old. The page came after it was published, and is sent nothing else.
const AGAIN: &str = r#"
scenario = "announced-again"
about = "What is old is announced again to whoever has come since."
ends = "1ms after stream"

[job]
status = "running"

[[event]]
name = "first"

[[store]]
name = "feed"
ids = "clock TICK"

[[task]]
name = "early"
node = "one"
steps = [{ publish = "first", takes = "1us" }]

[[task]]
name = "stream"
node = "web"
serves = "page"
steps = [
  { cursor = "now", takes = "LOOKS" },
  { announce = "first", into = "feed", if = "none within WINDOW ids" },
]

[[client]]
name = "page"
latency = "10ms"

[[client.on]]
event = "first"
shows = "success"
ends = true

[expect]
client-ends = "any"
"#;

/// In how many of 200 runs the page is told nothing, and what is proved of that.
fn untold(text: &str) -> (u64, &'static str) {
    let scenario =
        Scenario::parse("again", text).unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let prepared = Prepared::new(&scenario.cases[0]);
    let broken = prepared.sample(1, 0..200).broken[0].runs;
    let proof = proof::explore(&prepared, Budget::of(STATES)).expect("runs and exploring agree");
    let proved = match &proof.proved[0] {
        Proved::Holds { .. } => "holds",
        Proved::Broken { .. } => "broken",
        Proved::Unknown { .. } => "unknown",
    };
    (broken, proved)
}

fn again(tick: &str, looks: &str, window: u32) -> String {
    AGAIN.replace("TICK", tick).replace("LOOKS", looks).replace("WINDOW", &window.to_string())
}

#[test]
fn an_event_is_out_of_the_window_at_the_instant_of_the_tick() {
    assert_eq!(untold(&again("1us", "9us", 9)), (200, "broken"));
    assert_eq!(untold(&again("1us", "10us", 9)), (0, "holds"));
    // Whichever instant is a tick, three of them lie between two instants that are nine apart.
    assert_eq!(untold(&again("3us", "9us", 4)), (200, "broken"));
    assert_eq!(untold(&again("3us", "10us", 3)), (0, "holds"));
    let (broken, proved) = untold(&again("3us", "9us", 3));
    assert!((1..200).contains(&broken) && proved == "broken", "{broken} {proved}");
}

#[test]
fn whoever_publishes_at_that_instant_reads_the_clock_too() {
    let read = r#"{ publish = "second", takes = "LOOKS" }, { cursor = "greatest" }"#;
    let text = AGAIN.replace(r#"{ cursor = "now", takes = "LOOKS" }"#, read);
    let text = text.replace("[[store]]", "[[event]]\nname = \"second\"\n\n[[store]]");
    let of = |looks: &str| text.replace("TICK", "1us").replace("LOOKS", looks).replace("WINDOW", "9");
    assert_eq!(untold(&of("9us")).1, "broken");
    assert_eq!(untold(&of("10us")), (0, "holds"));
}
