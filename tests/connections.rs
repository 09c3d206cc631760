//! What docs/semantics.md pins of connections that are no more and of timers, in small systems in which only one thing can
//! happen. Times are fixed, so the seed does not matter.

use punctual::model::{Fact, World};
use punctual::scenarios::Scenario;
use punctual::sim::sample;

/// A job, a stream of these steps, weather that strikes, and a page 50 ms away of which more is said.
fn system(job: &str, stream: &str, weather: &str, page: &str) -> String {
    let weather = if weather.is_empty() {
        String::new()
    } else {
        format!("[[task]]\nname = \"weather\"\nnode = \"network\"\nsteps = [{weather}]\n")
    };
    format!(
        r#"scenario = "small"
about = "One thing happens."
ends = "2s after job"
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
steps = [{job}]
{weather}[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{stream}]
[[client]]
name = "page"
latency = "50ms"
{page}[expect]
no-event-lost = "any"
"#
    )
}

/// When, in milliseconds, facts of a kind are noted.
fn when(text: &str, kind: impl Fn(&Fact) -> bool) -> Vec<u64> {
    let scenario = Scenario::parse("small.toml", text).unwrap_or_else(|problems| panic!("{problems}"));
    let world = World::new(&scenario.cases[0].system);
    let trace = sample::trace(&world, 1, 0);
    trace.check(&world).expect("what was sampled is a run");
    let all =
        trace.steps.iter().flat_map(|step| step.facts.iter().map(move |fact| (step.at.0 / 1_000, fact)));
    all.filter(|(_, fact)| kind(fact)).map(|(at, _)| at).collect()
}

#[test]
fn a_timer_from_a_named_event_starts_once() {
    let timer = "[[client.timer]]\nname = \"after\"\nfrom = \"news\"\nlimit = \"100ms\"\n[[client.on]]\nevent = \"news\"\n";
    let text = system(
        "{ publish = \"news\", takes = \"10ms\" }, { publish = \"news\", takes = \"40ms\" }",
        "{ sleep = \"20ms\" }, { send = \"events\" }, { sleep = \"40ms\" }, { send = \"events\" }",
        "",
        timer,
    );
    assert_eq!(when(&text, |fact| matches!(fact, Fact::Arrived { .. })), [70, 110]);
    assert_eq!(when(&text, |fact| matches!(fact, Fact::TimedOut(..))), [170]);
}

/// A page that notices by its own timer that nothing comes.
const WATCHES: &str = "reconnects = \"10ms\"\n[[client.timer]]\nname = \"silence\"\nfrom = \"start\"\nlimit = \"500ms\"\nreconnects = true\n";

#[test]
fn a_refusal_on_a_connection_that_is_no_more_does_nothing() {
    let job = "{ publish = \"news\", takes = \"10ms\" }";
    let refused =
        |weather: &str| system(job, "{ sleep = \"100ms\" }, { refuse = \"page\" }", weather, WATCHES);
    let back = |fact: &Fact| matches!(fact, Fact::Connected { .. });
    // It arrives 150 ms after the beginning, and the page stays away.
    assert!(when(&refused(""), back).is_empty());
    // It does not arrive: the page comes back 500 ms + 10 ms + 50 ms after the beginning, and is refused then.
    assert_eq!(when(&refused("{ half-open = \"page\", takes = \"20ms\" }"), back), [560]);
}

#[test]
fn a_copy_that_is_sent_to_nobody_counts_as_sent_and_never_arrives() {
    let text = system(
        "{ publish = \"news\", takes = \"10ms\" }",
        "{ sleep = \"100ms\" }, { announce = \"news\", if = \"unsent\" }, { sleep = \"10ms\" }, { announce = \"news\", if = \"unsent\" }",
        "{ half-open = \"page\", takes = \"20ms\" }",
        "",
    );
    assert_eq!(when(&text, |fact| matches!(fact, Fact::Sent { .. })), [100]);
    assert!(when(&text, |fact| matches!(fact, Fact::Arrived { .. })).is_empty());
}

#[test]
fn a_break_while_the_end_is_under_way_is_noticed_at_once() {
    let comes_back = "reconnects = \"10ms\"\n[[client.timer]]\nname = \"enough\"\nfrom = \"start\"\nlimit = \"250ms\"\nends = true\n";
    let closed = |weather: &str| {
        let job = "{ publish = \"news\", takes = \"10ms\" }";
        system(job, "{ sleep = \"100ms\" }, { close = \"page\", if = \"fresh\" }", weather, comes_back)
    };
    let back = |fact: &Fact| matches!(fact, Fact::Connected { .. });
    // The end arrives at 150 ms; the page waits for 10 ms, and its request travels for 50 ms.
    assert_eq!(when(&closed(""), back).first(), Some(&210));
    // It is lost at 120 ms, and the page knows.
    assert_eq!(when(&closed("{ disconnect = \"page\", takes = \"120ms\" }"), back).first(), Some(&180));
    // What comes after it has arrived changes nothing.
    assert_eq!(when(&closed("{ disconnect = \"page\", takes = \"155ms\" }"), back).first(), Some(&210));
}
