//! What a check tells of what went wrong: where the run is, how it is had again, and why.

#[path = "../common/mod.rs"]
mod common;

mod environment;
mod nothing;
mod orders;
mod reasons;
mod saved;

use common::{Folder, replaced};

/// A job that publishes two events, a stream that looks every 100 ms, and a client.
const SMALL: &str = r#"
scenario = "small"
about = "A worker publishes, a stream polls, a page waits."
[job]
status = "running"
others = ["failed"]
[[event]]
name = "a"
[[event]]
name = "b"
terminal = true
[[store]]
name = "s"
ids = "counter"
[[task]]
name = "w"
node = "worker"
steps = [
  { work = "x", takes = "1s..2s" },
  { publish = "a", takes = "1ms..5ms" },
  { publish = "b", takes = "1ms..5ms" },
  { status = "completed", takes = "1ms..5ms" },
]
[[task]]
name = "r"
node = "server"
serves = "c"
loop = [
  { read = "status", takes = "1ms..3ms" },
  { send = "s", takes = "1ms..3ms" },
  { close = "c", if = "is completed" },
  { sleep = "100ms" },
]
[[client]]
name = "c"
latency = "5ms..80ms"
[[client.on]]
event = "b"
shows = "success"
ends = true
"#;

/// `SMALL` with these replacements, and what is expected of it.
fn small(changes: &[(&str, &str)], expect: &str) -> String {
    let text = changes.iter().fold(SMALL.to_owned(), |text, (from, to)| replaced(&text, from, to));
    format!("{text}\n{expect}\n")
}

/// `SMALL`, in which an event comes later than it may.
fn too_late(name: &str) -> String {
    small(
        &[("scenario = \"small\"", &format!("scenario = {name:?}"))],
        "[limits]\ndelivered-within = \"20ms\"\n[expect]\ndelivered-within = \"holds\"",
    )
}

fn document(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("a document")
}

/// What a shell makes of the last line to paste, with `punctual` being the program.
fn pasted(folder: &Folder, ran: &common::Ran) -> common::Ran {
    let at = ran.stdout.rfind("Replay ").expect("a line to paste") + "Replay ".len();
    let script =
        format!("punctual() {{ {} \"$@\"; }}\n{}", env!("CARGO_BIN_EXE_punctual"), &ran.stdout[at..]);
    let mut shell = std::process::Command::new("sh");
    shell.env_clear().env("LANG", "C.UTF-8").current_dir(&folder.path).args(["-c", &script]);
    common::Ran::from(shell.output().expect("there is a shell"))
}

/// What is claimed of an order that happens in most runs.
fn ordered(claims: &str) -> String {
    let expect = "[expect]\nclient-ends = \"violated\"\nno-event-lost = \"holds\"";
    let order = format!("[[interleaving]]\nname = \"i\"\norder = [\"w.publish\", \"r.send\"]\n{claims}");
    small(&[("shows = \"success\"\nends = true", "shows = \"progress\"")], &format!("{expect}\n{order}"))
}
