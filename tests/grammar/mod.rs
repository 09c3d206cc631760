//! Small scenarios drawn at random: a job of a few steps, a stream that polls or is woken, a panel.
//!
//! Every text that comes out is a sound scenario, so a test that draws one is about what happens in
//! it and never about the parser. Times are short and every loop sleeps at least a millisecond, so
//! that a run has hundreds of events and not thousands.

use proptest::collection::vec;
use proptest::prelude::*;
use punctual_model::Rule;
use punctual_scenarios::Scenario;

/// A step of the job.
#[derive(Clone, Debug)]
enum JobStep {
    Work(String, bool),
    Publish(Option<String>),
    Commit(String, bool),
    Running(bool),
}

/// A time in whole units of 100 us, `least` of them at least.
fn fixed(least: u32) -> impl Strategy<Value = (u32, u32)> {
    (least..400, 0..400_u32)
}

/// A delay in any form that the format knows; not shorter than `least` units of 100 us.
fn delay(least: u32) -> impl Strategy<Value = String> {
    (fixed(least), 0..6_u8, 0..=100_u32).prop_map(|((min, width), law, share)| {
        let max = min + width + 1;
        let (low, high) = (min * 100, max * 100);
        let inner = low + (high - low) * share / 100;
        let positive = inner.max(1);
        match law {
            0 => format!("{low}us"),
            1 | 2 => format!("{low}us..{high}us"),
            3 => format!("triangular {low}us..{high}us mode {inner}us"),
            4 => format!("exponential {low}us..{high}us mean {positive}us"),
            _ => format!("empirical {low}us@0% {}us@50% {high}us@100%", u32::midpoint(low, high)),
        }
    })
}

fn job_step() -> impl Strategy<Value = JobStep> {
    prop_oneof![
        (delay(0), any::<bool>()).prop_map(|(delay, blocks)| JobStep::Work(delay, blocks)),
        proptest::option::of(delay(0)).prop_map(JobStep::Publish),
        (delay(0), any::<bool>()).prop_map(|(delay, fails)| JobStep::Commit(delay, fails)),
        any::<bool>().prop_map(JobStep::Running),
    ]
}

/// How the stream knows when to look.
#[derive(Clone, Debug)]
struct Stream {
    sleep: String,
    woken: Option<bool>,
    back_stop: bool,
    rows_first: bool,
    read: String,
    jumps: bool,
}

fn stream() -> impl Strategy<Value = Stream> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (delay(50), proptest::option::of(any::<bool>()), flags, delay(0)).prop_map(
        |(sleep, woken, (back_stop, rows_first, jumps), read)| Stream {
            sleep,
            woken,
            back_stop,
            rows_first,
            read,
            jumps,
        },
    )
}

/// The text of a random scenario.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let ids = prop_oneof![Just("counter"), Just("clock 1ms"), Just("clock 10ms")];
    let keep = proptest::option::of(1..4_u32);
    let checked = vec(any::<bool>(), Rule::NAMES.len());
    let client = (delay(0), delay(10), delay(0), any::<bool>());
    (vec(job_step(), 1..=3), stream(), ids, keep, checked, client, any::<bool>(), delay(0)).prop_map(
        |(steps, stream, ids, keep, checked, client, one_node, last)| {
            write(&steps, &stream, (ids, keep), &checked, &client, one_node, &last)
        },
    )
}

/// The scenario of a random text.
pub(crate) fn parse(text: &str) -> Scenario {
    Scenario::parse("random.toml", text)
        .unwrap_or_else(|problems| panic!("{}\n{text}", problems.render(false)))
}

fn write(
    steps: &[JobStep],
    stream: &Stream,
    (ids, keep): (&str, Option<u32>),
    checked: &[bool],
    (latency, limit, travels, copies): &(String, String, String, bool),
    one_node: bool,
    last: &str,
) -> String {
    let notify = if stream.woken.is_some() { "  { notify = \"wakeup\" },\n" } else { "" };
    let mut job = String::new();
    for step in steps {
        job += &match step {
            JobStep::Work(delay, true) => format!("  {{ work = \"w\", blocks = \"{delay}\" }},\n"),
            JobStep::Work(delay, false) => format!("  {{ work = \"w\", takes = \"{delay}\" }},\n"),
            JobStep::Publish(None) => format!("  {{ publish = \"news\" }},\n{notify}"),
            JobStep::Publish(Some(delay)) => {
                format!("  {{ publish = \"news\", takes = \"{delay}\" }},\n{notify}")
            }
            JobStep::Commit(delay, fails) => {
                let fails = if *fails { ", fails = 0.3" } else { "" };
                format!("  {{ commit = \"row\", takes = \"{delay}\"{fails} }},\n")
            }
            JobStep::Running(true) => "  { status = \"running\", chance = 0.5 },\n".into(),
            JobStep::Running(false) => "  { status = \"running\" },\n".into(),
        };
    }
    let send = "  { send = \"events\", takes = \"0us..2ms\" },\n";
    let read = format!("  {{ read = [\"row\", \"status\"], takes = \"{}\" }},\n", stream.read);
    let looks = if stream.rows_first { format!("{read}{send}") } else { format!("{send}{read}") };
    let rests = match (stream.woken, stream.back_stop) {
        (None, false) => format!("{{ sleep = \"{}\" }}", stream.sleep),
        (None, true) => "{ poll = \"poll\" }".into(),
        (Some(_), false) => "{ wait = \"wakeup\" }".into(),
        (Some(_), true) => "{ wait = \"wakeup\", at-most = \"poll\" }".into(),
    };
    let signal = stream
        .woken
        .map_or(String::new(), |permit| format!("[[signal]]\nname = \"wakeup\"\npermit = {permit}\n"));
    let keep = keep.map_or(String::new(), |keep| format!("keep = {keep}\n"));
    let node = if one_node { "worker" } else { "app" };
    let jumps = if stream.jumps { ", cursor = \"greatest\"" } else { "" };
    let copies = if *copies { "copies = \"synthesized\"\n" } else { "" };
    let news = if job.contains("news") { "[[event]]\nname = \"news\"\n" } else { "" };
    let (mut expect, mut limits) = (String::new(), String::new());
    for (name, checked) in Rule::NAMES.iter().zip(checked) {
        let breakable = *name != "no-phantom" || job.contains("fails");
        if *checked && breakable || *name == "no-event-lost" {
            expect += &format!("{name} = \"any\"\n");
            limits += match *name {
                "delivered-within" => "delivered-within = \"30ms\"\n",
                "bounded-requests" => "bounded-requests = 12\n",
                "stream-ends" => "stream-ends = \"300ms\"\n",
                _ => "",
            };
        }
    }
    format!(
        r#"scenario = "random"
about = "Drawn at random."
ends = "1s after job"
[job]
status = "pending"
others = ["running"]
{news}[[event]]
name = "stored"
row = "row"
[[event]]
name = "done"
terminal = true
[[store]]
name = "events"
ids = "{ids}"
{keep}{signal}[policy.poll]
pending = "{sleep}"
running = "20ms below 50ms, {sleep}"
completed = "30ms"
[[task]]
name = "job"
node = "worker"
steps = [
  {{ work = "begin", takes = "0us..30ms" }},
{job}  {{ commit = "row", step = "store", takes = "1ms..3ms" }},
  {{ status = "completed", step = "complete" }},
  {{ publish = "stored", takes = "0us..3ms" }},
  {{ publish = "done", takes = "{last}" }},
{notify}]
otherwise = [{{ status = "completed", step = "fail" }}]
[[task]]
name = "stream"
node = "{node}"
starts = "0us..20ms"
serves = "panel"
loop = [
{looks}  {{ announce = "stored", if = "unsent"{jumps} }},
  {{ comment = "keep-alive", if = "none within 100ms" }},
  {{ close = "panel", if = "is completed for 200ms" }},
  {rests},
]
[[client]]
name = "panel"
latency = "{latency}"
[[client.timer]]
name = "patience"
from = "stored"
limit = "{limit}"
stops = ["done"]
shows = "success"
ends = true
[[client.on]]
event = "stored"
{copies}shows = "progress"
fetches = "row row"
takes = "{travels}"
[[client.on]]
event = "done"
shows = "success"
ends = true
[limits]
{limits}[expect]
{expect}"#,
        sleep = stream.sleep,
    )
}
