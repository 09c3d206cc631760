//! What is wrong with a value from the command line is told with the option that says it, and with what would be right.

mod common;

use common::Folder;

/// A job that publishes at once, a stream that polls.
const SMALL: &str = r#"scenario = "small"
about = "A stream that polls."
ends = "5s after job"
[job]
status = "running"
[[event]]
name = "done"
[[store]]
name = "events"
ids = "counter"
[policy.poll]
running = "200ms"
[[task]]
name = "job"
node = "worker"
steps = [{ publish = "done", takes = "100ms" }]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{ send = "events" }, { read = "status" }, { poll = "poll" }]
[[client]]
name = "page"
latency = "5ms"
[[client.timer]]
name = "give-up"
from = "start"
limit = "1s"
stops = ["done"]
ends = true
[[client.on]]
event = "done"
[limits]
delivered-within = "400ms"
[expect]
delivered-within = "holds"
[variant.slow]
set = { "policy.poll.running" = "300ms" }
"#;

fn folder(name: &str) -> Folder {
    let folder = Folder::of(name);
    folder.write("small.toml", SMALL);
    folder
}

/// Runs `arguments`; what is said of them has these parts, and no line of a file that does not have it.
fn refuses(folder: &Folder, arguments: &str, parts: &[&str]) {
    let ran = folder.run(arguments).exits(2).says(parts);
    let lines = SMALL.lines().count();
    for (_, rest) in
        ran.stderr.match_indices("small.toml:").map(|(at, word)| ran.stderr.split_at(at + word.len()))
    {
        let line: usize = rest.split(':').next().and_then(|line| line.parse().ok()).expect("a line");
        assert!(line <= lines, "{arguments}: there is no line {line}\n{}", ran.stderr);
    }
}

#[test]
fn a_value_that_is_varied_is_told_with_its_option() {
    let folder = folder("given-vary");
    let sweep = |vary: &str, parts: &[&str]| {
        refuses(&folder, &format!("sweep small.toml --vary {vary} --runs 1"), parts)
    };
    sweep(
        "stream.poll.running=0s",
        &["--> --vary stream.poll.running=0s\n", "nothing", "sleep at least \"1us\""],
    );
    sweep("policy.poll.running=0s..2s:3", &["--> --vary policy.poll.running=0s\n", "sleep at least"]);
    sweep("policy.poll.running=1s..2s:2,3s", &["--vary policy.poll.running=1s..2s:2,3s: "]);
    sweep("policy.poll.running=soon", &["--vary policy.poll.running=soon: `soon` is not a duration"]);
    sweep(
        "limits.delivered-within=9s",
        &["--> --vary limits.delivered-within=9s\n", "a run goes on for so long"],
    );
    sweep("store.events.ids=given", &["small.toml:16:", "with --vary store.events.ids=given", "`id = 1`"]);
    sweep("variant=base,slwo", &["--vary variant=base,slwo: unknown variant `slwo`, did you mean `slow`?"]);
    sweep("stream.loop=1s", &["--vary stream.loop=1s: ", "parameters: policy.poll.running"]);
    sweep("task.stream.loop=1s", &["`task.stream.loop` is a list", "parameters: policy.poll.running"]);
    refuses(
        &folder,
        "sweep small.toml --variant slow --vary store.events.ids=given --runs 1",
        &["with --variant slow --vary store.events.ids=given"],
    );
    refuses(
        &folder,
        "sweep small.toml --variant slwo --vary client.timeout=1s",
        &["--> --variant slwo", "`slow`"],
    );
    refuses(&folder, "sweep small.toml --vary client.timeout=1s --keep in-ordr", &["--keep in-ordr: "]);
}

#[test]
fn a_parameter_of_threshold_is_told_as_it_was_named_and_may_be_named_as_in_a_sweep() {
    let folder = folder("given-threshold");
    let threshold = |parameter: &str, parts: &[&str]| {
        refuses(&folder, &format!("threshold small.toml {parameter} --keep delivered-within"), parts);
    };
    threshold("policy.poll.running=0s..1s", &["--> policy.poll.running=0s\n", "sleep at least"]);
    threshold("stream.poll.running=0s..1s", &["--> stream.poll.running=0s\n", "sleep at least"]);
    let known = "parameters: policy.poll.running, task.job.publish.takes";
    threshold(
        "policy.pol.running",
        &["policy.pol.running: there is no parameter", "did you mean `policy.poll.running`?", known],
    );
    threshold("task.stream.loop", &["`task.stream.loop` is a list", known]);
    threshold("store.events.ids", &["only a duration can be varied", known]);
    threshold("client.timeout=1s", &["client.timeout=1s: ", "is no range"]);
    folder.run("threshold small.toml stream.poll.running=100ms..1s --keep delivered-within").exits(0).shows(
        &["over policy.poll.running", "largest safe policy.poll.running: 495ms; at 495.001ms it breaks"],
    );
}

#[test]
fn a_variant_that_is_asked_for_is_told_with_its_option() {
    let folder = folder("given-variant");
    for verb in ["run", "delay", "replay"] {
        let name = if verb == "replay" { " delivered-within" } else { "" };
        refuses(&folder, &format!("{verb} small.toml{name} --variant slwo"), &["--variant slwo", "slow"]);
    }
    refuses(&folder, "run small.toml --variant slow+slow", &["--> --variant slow+slow", "named once"]);
}

#[test]
fn a_policy_that_is_pasted_on_the_command_line_is_told_with_its_option() {
    let folder = folder("given-policy");
    folder.write(
        "poll.py",
        "def get_poll_interval(job_status, elapsed_time, fast=False):\n    return 0.2 if fast else 0.5\n",
    );
    let sweep = |more: &str, parts: &[&str]| {
        refuses(&folder, &format!("sweep small.toml --vary client.timeout=1s --runs 1 {more}"), parts);
    };
    sweep("--policy poll", &["--policy poll: expected NAME=FILE.py"]);
    sweep("--policy pol=poll.py", &["--policy pol=poll.py: ", "did you mean poll?"]);
    sweep(
        "--policy poll=poll.py --policy-arg fats=True",
        &["--> --policy-arg fats=True\n", "did you mean `fast`?"],
    );
    refuses(&folder, "policy poll.py --arg fats=True", &["--> --arg fats=True\n", "did you mean `fast`?"]);
    folder
        .run(
            "sweep small.toml --vary client.timeout=1s --runs 1 --policy poll=poll.py --policy-arg fast=True",
        )
        .exits(0);
}
