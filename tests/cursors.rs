//! Two sources and one cursor: what is lost, what the tool says of it, and what mends it.

mod common;

use common::Folder;

/// A feed that counts far ahead of the one that matters.
const TWO_STORES: &str = r#"
scenario = "two-stores"
about = "Two stores count for themselves, and one stream sends from both."
never-taken = ["client.page.on.result"] # with one cursor for both

[job]
status = "running"

[[event]]
name = "news"

[[event]]
name = "result"
terminal = true

[[store]]
name = "feed"
ids = "counter"

[[store]]
name = "results"
ids = "counter"

[[task]]
name = "writer"
node = "worker"
steps = [
  { repeat = 3, step = "round", steps = [{ publish = "news", to = "feed", takes = "1s" }] },
  { publish = "result", to = "results", takes = "3s" },
  { status = "completed", takes = "5s" },
]

[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [
  { send = "feed", takes = "1ms" },
  { send = "results", takes = "1ms" },
  { read = "status", takes = "2ms" },
  { close = "page", if = "is completed" },
  { sleep = "500ms" },
]

[[client]]
name = "page"
latency = "5ms..80ms"

[[client.on]]
event = "result"
shows = "success"
ends = true

[expect]
no-event-lost = "violated"
client-ends = "violated"

[variant.one-cursor-each]
about = "Each store has a cursor of its own."
set = { "task.stream.cursors" = "per-source" }
expect = { no-event-lost = "holds", client-ends = "holds" }

[[interleaving]]
name = "looked-at-after-it-was-published"
order = ["writer.publish#2", "stream.send#2"]
breaks = ["no-event-lost"]

[[interleaving]]
name = "the-first-and-the-ninth-look"
order = ["stream.send@1", "stream.send@9", "writer.publish#2"]
breaks = ["no-event-lost"]
"#;

#[test]
fn a_cursor_moved_by_one_store_passes_over_another_unless_each_has_its_own() {
    let folder = Folder::of("cursors-two-stores");
    folder.write("two-stores.toml", TWO_STORES);
    folder.run("check two-stores.toml --runs 200").exits(0).shows(&[
        "stream sends news #1 and with it moves its cursor to 1",
        "before",
        "under id 1, and never sends what is not above its cursor",
        "the-first-and-the-ninth-look: found in 200 of 200 runs",
    ]);
}

/// Two rounds of as many events as one `repeat` can have: more than 16 bits can count.
const MANY: &str = r#"
scenario = "many"
about = "A feed of very many events."

[job]
status = "running"

[[event]]
name = "news"

[[store]]
name = "feed"
ids = "counter"

[[task]]
name = "writer"
node = "worker"
steps = [
  { repeat = 60000, step = "some", steps = [{ publish = "news", step = "one", takes = "1ms" }] },
  { repeat = 60000, step = "more", steps = [{ publish = "news", step = "another", takes = "1ms" }] },
  { status = "completed", takes = "5s" },
]

[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [
  { send = "feed", takes = "1ms" },
  { read = "status", takes = "2ms" },
  { close = "page", if = "is completed" },
  { sleep = "500ms" },
]

[[client]]
name = "page"
latency = "5ms..80ms"

[expect]
no-event-lost = "holds"
no-duplicate = "holds"
"#;

#[test]
fn more_events_of_a_kind_than_16_bits_can_count_stay_apart() {
    let folder = Folder::of("cursors-many");
    folder.write("many.toml", MANY);
    // Not every timing of so many can be looked at; what is asked here is that the run breaks nothing.
    folder.run("check many.toml --runs 1 --states 1 --no-fail").exits(0).shows(&["none in 1 run"]);
}
