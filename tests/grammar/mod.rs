//! Small scenarios drawn at random: a job of a few steps, a stream that polls or is woken, a panel.
//! Together they use nearly all of what the format knows.
//!
//! Every text that comes out is a sound scenario, so a test that draws one is about what happens in
//! it and never about the parser. Times are short and every loop sleeps at least a millisecond, so
//! that a run has hundreds of events and not thousands.

mod weather;

use proptest::collection::vec;
use proptest::prelude::*;
use punctual_model::Rule;
use punctual_scenarios::Scenario;

use weather::{Weather, weather};

/// A step of the job.
#[derive(Clone, Debug)]
enum JobStep {
    Work(Timed, bool),
    Publish(Option<Timed>),
    Extra(Timed),
    Commit(Timed, bool),
    Running(bool),
    Repeat(u8, Option<String>, bool),
}

/// How long a step takes, and how long its answer is on its way.
#[derive(Clone, Debug)]
struct Timed {
    takes: String,
    returns: Option<String>,
}

impl Timed {
    /// The keys that say so.
    fn keys(&self) -> String {
        let returns = self.returns.as_ref().map(|delay| format!(", returns = \"{delay}\""));
        format!("takes = \"{}\"{}", self.takes, returns.unwrap_or_default())
    }
}

fn timed() -> impl Strategy<Value = Timed> {
    (delay(0), proptest::option::weighted(0.3, delay(0)))
        .prop_map(|(takes, returns)| Timed { takes, returns })
}

/// A time in whole units of 100 us, `least` of them at least.
fn fixed(least: u32) -> impl Strategy<Value = (u32, u32)> {
    (least..400, 0..400_u32)
}

/// A delay in any form that the format knows; not shorter than `least` units of 100 us.
fn delay(least: u32) -> impl Strategy<Value = String> {
    (fixed(least), 0..7_u8, 0..=100_u32).prop_map(|((min, width), law, share)| {
        let max = min + width + 1;
        let (low, high) = (min * 100, max * 100);
        let inner = low + (high - low) * share / 100;
        let positive = inner.max(1);
        match law {
            0 => format!("{low}us"),
            1 | 2 => format!("{low}us..{high}us"),
            3 => format!("triangular {low}us..{high}us mode {inner}us"),
            4 => format!("exponential {low}us..{high}us mean {positive}us"),
            5 => format!("log-normal {low}us..{high}us median {positive}us sigma 0.{}", share % 9 + 1),
            _ => format!("empirical {low}us@0% {}us@50% {high}us@100%", u32::midpoint(low, high)),
        }
    })
}

fn job_step() -> impl Strategy<Value = JobStep> {
    prop_oneof![
        (timed(), any::<bool>()).prop_map(|(time, blocks)| JobStep::Work(time, blocks)),
        proptest::option::of(timed()).prop_map(JobStep::Publish),
        timed().prop_map(JobStep::Extra),
        (timed(), any::<bool>()).prop_map(|(time, fails)| JobStep::Commit(time, fails)),
        any::<bool>().prop_map(JobStep::Running),
        (1..5_u8, proptest::option::of(delay(0)), any::<bool>())
            .prop_map(|(times, delay, works)| JobStep::Repeat(times, delay, works)),
    ]
}

/// How the stream knows when to look.
#[derive(Clone, Debug)]
struct Stream {
    sleep: String,
    woken: Option<bool>,
    back_stop: bool,
    rows_first: bool,
    read: Timed,
    announces: Announces,
}

/// What the stream announces from the row that it read, and when.
#[derive(Clone, Debug)]
struct Announces {
    into: bool,
    guard: u8,
    ids: u32,
    cursor: u8,
    done: bool,
}

fn stream() -> impl Strategy<Value = Stream> {
    let flags = (any::<bool>(), any::<bool>());
    (delay(50), proptest::option::of(any::<bool>()), flags, timed(), announces()).prop_map(
        |(sleep, woken, (back_stop, rows_first), read, announces)| Stream {
            sleep,
            woken,
            back_stop,
            rows_first,
            read,
            announces,
        },
    )
}

fn announces() -> impl Strategy<Value = Announces> {
    (any::<bool>(), 0..6_u8, 1..40_u32, 0..5_u8, any::<bool>())
        .prop_map(|(into, guard, ids, cursor, done)| Announces { into, guard, ids, cursor, done })
}

/// Where events wait: ids, how many are kept, and the ids of a second store if there is one.
#[derive(Clone, Debug)]
struct Stores {
    ids: &'static str,
    keep: Option<u32>,
    second: Option<&'static str>,
    per_source: bool,
}

fn stores() -> impl Strategy<Value = Stores> {
    let ids = || prop_oneof![Just("counter"), Just("clock 1ms"), Just("clock 10ms")];
    (ids(), proptest::option::of(1..4_u32), proptest::option::of(ids()), any::<bool>())
        .prop_map(|(ids, keep, second, per_source)| Stores { ids, keep, second, per_source })
}

/// What becomes of the row: when it is visible, and what is done once its commit has failed.
#[derive(Clone, Debug)]
struct Rows {
    visible_after: Option<String>,
    retries: Option<(Timed, bool)>,
}

fn rows() -> impl Strategy<Value = Rows> {
    (proptest::option::of(delay(0)), proptest::option::of((timed(), any::<bool>())))
        .prop_map(|(visible_after, retries)| Rows { visible_after, retries })
}

/// The text of a random scenario.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let checked = vec(any::<bool>(), Rule::NAMES.len());
    let client = (delay(0), delay(10), delay(0), any::<bool>());
    let events = Just(["news", "stored", "done", "extra"]).prop_shuffle();
    let job = (vec(job_step(), 1..=3), rows(), delay(0));
    let weather = proptest::option::weighted(0.5, weather());
    (job, stream(), stores(), checked, client, events, any::<bool>(), weather).prop_map(
        |((steps, rows, last), stream, stores, checked, client, events, one_node, weather)| {
            Parts { steps, rows, last, stream, stores, checked, client, events, one_node, weather }.write()
        },
    )
}

/// The scenario of a random text.
pub(crate) fn parse(text: &str) -> Scenario {
    Scenario::parse("random.toml", text)
        .unwrap_or_else(|problems| panic!("{}\n{text}", problems.render(false)))
}

/// All that is drawn of a scenario.
struct Parts {
    steps: Vec<JobStep>,
    rows: Rows,
    last: String,
    stream: Stream,
    stores: Stores,
    checked: Vec<bool>,
    client: (String, String, String, bool),
    events: [&'static str; 4],
    one_node: bool,
    weather: Option<Weather>,
}

impl Parts {
    /// The key that says which store, where there are two.
    fn to(&self) -> &'static str {
        if self.stores.second.is_some() { ", to = \"events\"" } else { "" }
    }

    fn notify(&self) -> &'static str {
        if self.stream.woken.is_some() { "  { notify = \"wakeup\" },\n" } else { "" }
    }

    /// The steps of the job between its first and its last.
    fn job(&self) -> String {
        let (to, notify) = (self.to(), self.notify());
        let step = |step: &JobStep| match step {
            JobStep::Work(time, true) => format!("  {{ work = \"w\", blocks = \"{}\" }},\n", time.takes),
            JobStep::Work(time, false) => format!("  {{ work = \"w\", {} }},\n", time.keys()),
            JobStep::Publish(None) => format!("  {{ publish = \"news\"{to} }},\n{notify}"),
            JobStep::Publish(Some(time)) => {
                format!("  {{ publish = \"news\"{to}, {} }},\n{notify}", time.keys())
            }
            JobStep::Extra(time) => {
                let to = if self.stores.second.is_some() { ", to = \"others\"" } else { "" };
                format!("  {{ publish = \"extra\"{to}, {} }},\n", time.keys())
            }
            JobStep::Commit(time, fails) => {
                let fails = if *fails { ", fails = 0.3" } else { "" };
                format!("  {{ commit = \"row\", {}{fails} }},\n", time.keys())
            }
            JobStep::Running(true) => "  { status = \"running\", chance = 0.5 },\n".into(),
            JobStep::Running(false) => "  { status = \"running\" },\n".into(),
            JobStep::Repeat(times, delay, works) => {
                let takes = delay.as_ref().map_or(String::new(), |delay| format!(", takes = \"{delay}\""));
                let work = if *works { ", { work = \"round\", takes = \"0us..5ms\" }" } else { "" };
                format!(
                    "  {{ repeat = {times}, steps = [{{ publish = \"news\"{to}{takes} }}{work}] }},\n{notify}"
                )
            }
        };
        self.steps.iter().map(step).collect()
    }

    /// What the job does once a commit has failed.
    fn otherwise(&self) -> String {
        let retry = self.rows.retries.as_ref().map_or(String::new(), |(time, fails)| {
            let fails = if *fails { ", fails = 0.4" } else { "" };
            format!(
                "{{ work = \"back-off\", takes = \"5ms\" }}, {{ commit = \"row\", step = \"retry\", {}{fails} }}, ",
                time.keys()
            )
        });
        format!("otherwise = [{retry}{{ status = \"completed\", step = \"fail\" }}]")
    }

    /// The turns of the stream.
    fn turns(&self) -> String {
        let (stream, two) = (&self.stream, self.stores.second.is_some());
        let others = if two { "  { send = \"others\", takes = \"0us..2ms\" },\n" } else { "" };
        let send = format!("  {{ send = \"events\", takes = \"0us..2ms\" }},\n{others}");
        let read = format!("  {{ read = [\"row\", \"status\"], {} }},\n", stream.read.keys());
        let looks = if stream.rows_first { format!("{read}{send}") } else { format!("{send}{read}") };
        let rests = match (stream.woken, stream.back_stop) {
            (None, false) => format!("{{ sleep = \"{}\" }}", stream.sleep),
            (None, true) => "{ poll = \"poll\" }".into(),
            (Some(_), false) => "{ wait = \"wakeup\" }".into(),
            (Some(_), true) => "{ wait = \"wakeup\", at-most = \"poll\" }".into(),
        };
        let done = if stream.announces.done {
            "  { announce = \"done\", step = \"tell\", if = \"changed to completed\" },\n"
        } else {
            ""
        };
        format!(
            "{looks}  {{ announce = \"stored\"{} }},\n{done}  \
             {{ comment = \"keep-alive\", if = \"none within 100ms\" }},\n  \
             {{ {close} = \"panel\", if = \"is completed for 200ms\" }},\n  {rests},\n",
            self.announced(two),
            close =
                if self.weather.as_ref().is_some_and(|weather| weather.refuses) { "refuse" } else { "close" },
        )
    }

    /// The keys of the announcement.
    fn announced(&self, two: bool) -> String {
        let Announces { into, guard, ids, cursor, .. } = self.stream.announces;
        let window = format!("none within {ids} ids");
        // The look-back is into the only store, or into the one that is announced to.
        let guards: Vec<&str> = match guard {
            0 | 1 => vec!["unsent"],
            2 => vec!["count above"],
            3 if into || !two => vec![&window],
            4 if into || !two => vec!["unsent", &window],
            5 if into || !two => vec!["count above", &window],
            _ => vec!["unsent", "changed to completed"],
        };
        let of = if two { " of events" } else { "" };
        let cursor = match (cursor, self.stores.ids) {
            (1, _) => format!(", cursor = \"greatest{of}\""),
            (2, _) if into => ", cursor = \"own\"".to_owned(),
            (3, "counter") => format!(", cursor = \"greatest{of} + 2\""),
            (3, _) => format!(", cursor = \"now{of}\""),
            (4, "counter") if self.stores.second.is_none_or(|ids| ids == "counter") => {
                ", cursor = \"1\"".to_owned()
            }
            _ => String::new(),
        };
        let into = if into { ", into = \"events\"" } else { "" };
        format!("{into}{cursor}, if = [\"{}\"]", guards.join("\", \""))
    }

    /// The tables of events, stores, rows and signals.
    fn declared(&self, job: &str) -> String {
        let event = |name: &&str| match *name {
            "stored" => "[[event]]\nname = \"stored\"\nrow = \"row\"\n",
            "done" => "[[event]]\nname = \"done\"\nterminal = true\n",
            "news" if job.contains("news") => "[[event]]\nname = \"news\"\n",
            "extra" if job.contains("extra") => "[[event]]\nname = \"extra\"\n",
            _ => "",
        };
        let mut text: String = self.events.iter().map(event).collect();
        let Stores { ids, keep, second, .. } = self.stores;
        text += &format!("[[store]]\nname = \"events\"\nids = \"{ids}\"\n");
        text += &keep.map_or(String::new(), |keep| format!("keep = {keep}\n"));
        text +=
            &second.map_or(String::new(), |ids| format!("[[store]]\nname = \"others\"\nids = \"{ids}\"\n"));
        if let Some(delay) = &self.rows.visible_after {
            text += &format!("[[row]]\nname = \"row\"\nvisible-after = \"{delay}\"\n");
        }
        if let Some(permit) = self.stream.woken {
            text += &format!("[[signal]]\nname = \"wakeup\"\npermit = {permit}\n");
        }
        text
    }

    /// What is expected, and the limits of it.
    fn expected(&self, fails: bool) -> String {
        let (mut expect, mut limits) = (String::new(), String::new());
        for (name, checked) in Rule::NAMES.iter().zip(&self.checked) {
            let breakable = *name != "no-phantom" || fails;
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
        format!("[limits]\n{limits}[expect]\n{expect}")
    }

    fn write(&self) -> String {
        let (job, otherwise) = (self.job(), self.otherwise());
        let head = "scenario = \"random\"\nabout = \"Drawn at random.\"\nends = \"1s after job\"\n";
        let expected = self.expected(job.contains("fails") || otherwise.contains("fails"));
        head.to_owned() + &self.server(&job, &otherwise) + &self.panel() + &expected
    }

    /// Whether there are two stores.
    fn has_two(&self) -> bool {
        self.stores.second.is_some()
    }

    /// The job, its database, and the stream.
    fn server(&self, job: &str, otherwise: &str) -> String {
        let node = if self.one_node { "worker" } else { "app" };
        let (steps, storm) = self.weather.as_ref().map_or_else(Default::default, |weather| {
            (weather.steps(self.has_two()).to_owned(), weather.task(node))
        });
        format!(
            r#"[job]
status = "pending"
others = ["running"]
{declared}[policy.poll]
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
  {{ publish = "stored"{to}, takes = "0us..3ms" }},
  {{ publish = "done"{to}, takes = "{last}" }},
{notify}]
{otherwise}
[[task]]
name = "stream"
node = "{node}"
starts = "0us..20ms"
serves = "panel"
{cursors}{steps}loop = [
{turns}]
{storm}"#,
            declared = self.declared(job),
            sleep = self.stream.sleep,
            to = self.to(),
            last = self.last,
            notify = self.notify(),
            cursors =
                if self.stores.per_source || self.has_two() { "cursors = \"per-source\"\n" } else { "" },
            turns = self.turns(),
        )
    }

    /// The client.
    fn panel(&self) -> String {
        let (latency, limit, travels, copies) = &self.client;
        let (reconnects, silence) = self
            .weather
            .as_ref()
            .map_or_else(Default::default, |weather| (weather.keys(self.has_two()), weather.timer()));
        format!(
            r#"[[client]]
name = "panel"
latency = "{latency}"
{reconnects}{silence}[[client.timer]]
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
"#,
            copies = if *copies { "copies = \"synthesized\"\n" } else { "" },
        )
    }
}
