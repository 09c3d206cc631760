//! Verdicts that were wrong once, each in the smallest system that showed it.
//!
//! Each file can be told by hand: what is true of it follows from the manual in a sentence, and that sentence is the
//! name of the test.

mod end_of_runs;
mod going_on;
mod order;

use punctual::budget::Budget;
use punctual::proof::{self, Proof, Proved, STATES};
use punctual::sampling::{Prepared, Until};
use punctual::scenarios::Scenario;
use punctual_scenarios::Case;

fn parse(text: &str) -> Scenario {
    Scenario::parse("truth.toml", text).unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

fn case<'s>(scenario: &'s Scenario, variant: Option<&str>) -> &'s Case {
    let found = scenario.cases.iter().find(|case| case.variant.as_deref() == variant);
    found.expect("the scenario has the variant")
}

fn explored(prepared: &Prepared<'_>) -> Proof {
    proof::explore(prepared, Budget::of(STATES)).expect("the judge of traces agrees")
}

/// What is true of an invariant in every timing: `holds`, `broken`, `broken beyond the end`, or why it is not known.
fn verdict(text: &str, variant: Option<&str>, invariant: &str) -> String {
    let scenario = parse(text);
    let prepared = Prepared::new(case(&scenario, variant));
    let place = prepared.plan.rules().iter().position(|rule| rule.name() == invariant);
    let place = place.expect("the scenario checks it");
    let Proof { proved, counterexamples, .. } = explored(&prepared);
    match &proved[place] {
        Proved::Holds { .. } => "holds".to_owned(),
        Proved::Broken { .. } => {
            let run = counterexamples.iter().find(|run| run.breaches[place].is_some());
            match run.expect("what is broken has a run that breaks it").until {
                Until::End => "broken".to_owned(),
                Until::Beyond => "broken beyond the end".to_owned(),
            }
        }
        Proved::Unknown { limit, .. } => format!("unknown: {limit}"),
    }
}

/// A page that gives up a silent line and comes back, to a stream that may have skipped what it waits for.
const SILENT: &str = r#"
scenario = "silent"
about = "Time 0 is when the page is opened; the stream reads the row, and then subscribes."
ends = "60s after export"
never-taken = ["sse.announce", "sse.close"]
[job]
status = "running"
[[row]]
name = "job"
[[event]]
name = "done"
row = "job"
terminal = true
[[store]]
name = "redis"
ids = "counter"
[[signal]]
name = "message"
permit = true
[[task]]
name = "export"
node = "celery"
steps = [
  { commit = "job", takes = "2ms..20ms" },
  { publish = "done", takes = "1ms..5ms" },
  { notify = "message" },
  { status = "done", takes = "1ms" },
]
[[task]]
name = "sse"
node = "fastapi"
serves = "page"
steps = [
  { read = ["status", "job"], takes = "1ms" },
  { announce = "done", if = "is done" },
  { close = "page", if = "is done" },
  { cursor = "greatest", step = "subscribe", takes = "1ms..10ms" },
]
loop = [{ send = "redis", takes = "1ms..3ms" }, { wait = "message" }]
[[client]]
name = "page"
latency = "5ms..80ms"
[[client.timer]]
name = "silence"
from = "start"
limit = "30s"
[[client.on]]
event = "done"
ends = true
[expect]
client-never-times-out = "violated"
client-ends = "violated"
no-event-lost = "violated"
"#;
