//! The phrases of the format: texts that the schema knows only as strings.
//!
//! Each is put into a scenario, at a place where it may stand, and that scenario is read.

/// Phrases that may stand in the same places.
pub(crate) struct Kind {
    /// Its heading on the page.
    pub(crate) title: &'static str,
    /// What it is, for readers of the page.
    pub(crate) says: &'static str,
    /// The error whose help lists the phrases, and a fragment that causes it.
    pub(crate) refused: Option<(&'static str, &'static str)>,
    pub(crate) groups: &'static [Group],
}

/// Phrases, and the fragment of a scenario in which each takes the place of `{}`.
pub(crate) struct Group {
    pub(crate) place: &'static str,
    pub(crate) phrases: &'static [(&'static str, &'static str)],
}

/// The page of the first scenario as a client that connects again.
const BACK: &str = r#"{ comment = "hello", takes = "1ms", if = "{}" }
[[client]]
name = "page"
latency = "5ms..80ms"
reconnects = "3s"

[[client.timer]]
name = "give-up"
from = "start"
limit = "25s"
stops = ["rendered"]
ends = true

[[client.on]]
event = "rendered"
ends = true
"#;

const RESUMES: &str = r#"{ cursor = "{}" }
[[client]]
name = "page"
latency = "5ms..80ms"
reconnects = "3s"

[[client.timer]]
name = "give-up"
from = "start"
limit = "25s"
stops = ["rendered"]
ends = true

[[client.on]]
event = "rendered"
ends = true
"#;

const OF_A_ROW: &str = r#"{ commit = "picture", takes = "1ms" }
{ read = ["status", "picture"], takes = "1ms" }
{ announce = "stored", if = ["unsent", "{}"] }
[[event]]
name = "stored"
row = "picture"
"#;

const FETCHES_ROW: &str = r#"{ commit = "picture", takes = "1ms" }
[[client]]
name = "page"
latency = "5ms..80ms"

[[client.timer]]
name = "give-up"
from = "start"
limit = "25s"
stops = ["rendered"]
ends = true

[[client.on]]
event = "rendered"
fetches = "{}"
takes = "5ms"
ends = true
"#;

const FETCHES_FILE: &str = r#"{ save = "picture", takes = "1s" }
[[client]]
name = "page"
latency = "5ms..80ms"

[[client.timer]]
name = "give-up"
from = "start"
limit = "25s"
stops = ["rendered"]
ends = true

[[client.on]]
event = "rendered"
fetches = "{}"
takes = "5ms"
ends = true
"#;

const TIMER: &str = r#"[[client]]
name = "page"
latency = "5ms..80ms"

[[client.timer]]
name = "give-up"
from = "{}"
limit = "25s"
stops = ["rendered"]
ends = true

[[client.on]]
event = "rendered"
ends = true
"#;

const TWICE: &str = r#"[[task]]
name = "render"
node = "worker"
steps = [
  { status = "running", step = "start" },
  { status = "completed", step = "complete" },
  { publish = "rendered", takes = "1s" },
  { publish = "rendered", takes = "1s" },
]

[[interleaving]]
name = "in-between"
order = ["{}", "stream.send"]
keeps = ["no-event-lost"]
"#;

const GIVEN: &str = r#"[[store]]
name = "events"
ids = "{}"

[[task]]
name = "render"
node = "worker"
steps = [
  { work = "draw", takes = "1s" },
  { status = "running", step = "start" },
  { status = "completed", step = "complete" },
  { publish = "rendered", id = 1 },
]
"#;

const POLICY: &str = r#"[policy.poll]
pending = "1s"
running = "{}"
completed = "2s"
"#;

const SPAWNED: &str = r#"{ spawn = "upload" }
[[task]]
name = "upload"
node = "worker"
starts = "{}"
steps = [{ work = "send", takes = "1s" }]
"#;

const STARTS: &str = r#"[[task]]
name = "upload"
node = "worker"
starts = "{}"
steps = [{ work = "send", takes = "1s" }]
"#;

/// All phrases, in the order of the page.
pub(crate) const KINDS: &[Kind] = &[
    Kind {
        title: "Durations",
        says: "A time in whole microseconds, written with its units. The longest is `1000000000s`.",
        refused: None,
        groups: &[Group {
            place: "{ work = \"wait\", takes = \"{}\" }",
            phrases: &[
                ("500ms", "half a second"),
                ("63us", "microseconds: there is nothing finer"),
                ("1.5s", "a fraction of a unit"),
                ("1m30s", "several units, the larger first"),
                ("0us", "nothing; as a step's time it is an await all the same"),
            ],
        }],
    },
    Kind {
        title: "Delays",
        says: "A closed interval, and a law that says how likely each value in it is. Proofs know the interval only.",
        refused: Some(("P0207", "{ work = \"wait\", takes = \"gaussian 5s..20s mean 8s\" }")),
        groups: &[Group {
            place: "{ work = \"wait\", takes = \"{}\" }",
            phrases: &[
                ("20ms", "always the same: any duration"),
                ("5ms..80ms", "uniform, in whole microseconds, with both ends"),
                ("triangular 5ms..80ms mode 20ms", "a triangle with its top at the mode"),
                ("exponential 5ms..80ms mean 20ms", "exponential with this mean, cut to the interval"),
                (
                    "log-normal 5ms..80ms median 20ms sigma 0.5",
                    "log-normal, cut to the interval; sigma is of the logarithm",
                ),
                (
                    "empirical 5ms@0% 20ms@50% 80ms@100%",
                    "a distribution function by its points, straight between them; `punctual fit` writes it",
                ),
            ],
        }],
    },
    Kind {
        title: "Ends of runs",
        says: "When a run that is drawn is cut. That decides no verdict, no delay and no threshold.",
        refused: None,
        groups: &[Group {
            place: "ends = \"{}\"",
            phrases: &[("10s after render", "so long after the last step of the task `render`")],
        }],
    },
    Kind {
        title: "Starts of tasks",
        says: "When a task begins: a [delay](#delays) from the beginning of the run, or a word.",
        refused: None,
        groups: &[
            Group { place: STARTS, phrases: &[("500ms..8s", "after this delay")] },
            Group { place: SPAWNED, phrases: &[("spawned", "when a step says `spawn`")] },
        ],
    },
    Kind {
        title: "Ids of stores",
        says: "Where a store takes the ids of its events from.",
        refused: Some(("P0214", "[[store]]\nname = \"events\"\nids = \"random\"\n")),
        groups: &[
            Group {
                place: "[[store]]\nname = \"events\"\nids = \"{}\"\n",
                phrases: &[
                    ("counter", "one more than the greatest so far"),
                    ("clock 1ms", "the tick of a clock of this resolution; events of one tick have one id"),
                ],
            },
            Group { place: GIVEN, phrases: &[("given", "each `publish` says it with `id`")] },
        ],
    },
    Kind {
        title: "Conditions",
        says: "What has to hold as a step begins, else it is passed over. Of a list, all have to hold.",
        refused: Some(("P0212", "{ comment = \"hello\", if = \"every 5s\" }")),
        groups: &[
            Group {
                place: "{ comment = \"hello\", takes = \"1ms\", if = \"{}\" }",
                phrases: &[
                    ("is completed", "the status that the task read last is this one"),
                    ("is running, completed", "it is one of these"),
                    ("is completed for 10s", "and had been so for at least 10 s at that read"),
                    ("changed to completed", "and the read before told another one"),
                    ("none within 5s", "of `comment`: the task has sent none for 5 s"),
                ],
            },
            Group {
                place: "{ commit = \"picture\", takes = \"1ms\" }\n{ read = [\"status\", \"picture\"], takes = \"1ms\" }\n{ announce = \"stored\", if = \"{}\" }\n[[event]]\nname = \"stored\"\nrow = \"picture\"\n",
                phrases: &[
                    (
                        "unsent",
                        "of `announce`: nothing of this kind, or of this version, was sent on this connection",
                    ),
                    (
                        "none within 1000 ids",
                        "of `announce`: no event of its kind is in the store with an id greater than the cursor less 1 000",
                    ),
                ],
            },
            Group {
                place: OF_A_ROW,
                phrases: &[("count above", "more rows are visible than when this was last asked")],
            },
            Group {
                place: BACK,
                phrases: &[
                    ("resumed", "the client named an event when it connected"),
                    ("fresh", "it named none"),
                ],
            },
        ],
    },
    Kind {
        title: "Cursors",
        says: "Where a cursor goes. Where a task has several stores, `of STORE` says which is meant.",
        refused: Some(("P0213", "{ cursor = \"newest\" }")),
        groups: &[
            Group {
                place: "{ cursor = \"{}\" }",
                phrases: &[
                    ("zero", "to the beginning"),
                    ("7", "to this id"),
                    ("greatest", "to the greatest id in the store"),
                    ("greatest of events", "to the greatest id in the store `events`"),
                    ("greatest + 2", "that and two more; not of ids of a clock"),
                ],
            },
            Group {
                place: "{ cursor = \"{}\" }\n[[store]]\nname = \"events\"\nids = \"clock 1ms\"\n",
                phrases: &[("now", "to what the store's clock shows")],
            },
            Group {
                place: "{ announce = \"rendered\", into = \"events\", cursor = \"{}\", if = \"is completed\", takes = \"1ms\" }",
                phrases: &[("own", "to the id of the event that this task added last")],
            },
            Group {
                place: RESUMES,
                phrases: &[("given", "to the id that the client named when it connected")],
            },
        ],
    },
    Kind {
        title: "Policy lines",
        says: "How long a task sleeps, for one status. Without `below` a part is the last one; limits grow.",
        refused: Some((
            "P0216",
            "[policy.poll]\npending = \"1s\"\nrunning = \"back-off 5s\"\ncompleted = \"2s\"\n",
        )),
        groups: &[Group {
            place: POLICY,
            phrases: &[
                ("500ms", "always as long: any [delay](#delays)"),
                ("300ms below 30s, 1s", "by the age of the task"),
                ("100ms below 5 rests, 2s", "by how often it has slept before"),
                ("100ms below 5 rests since event, 2s", "often after an event, then seldom"),
                ("back-off 100ms..5s factor 2", "exponential, up to a cap"),
                (
                    "back-off 100ms..5s factor 2 jitter 20%",
                    "the same, and jitter shortens each sleep by up to so much",
                ),
                ("back-off 100ms..5s factor 2 since event", "begun anew with each event that is sent"),
                ("back-off 100ms..5s factor 2 jitter 20% since event", "all of it"),
            ],
        }],
    },
    Kind {
        title: "What is read",
        says: "What a `read` looks at. A list reads all of it at one instant.",
        refused: None,
        groups: &[Group {
            place: "{ commit = \"picture\", takes = \"1ms\" }\n{ read = \"{}\", takes = \"1ms\" }",
            phrases: &[("status", "the job's status"), ("picture", "a row, by its name")],
        }],
    },
    Kind {
        title: "Beginnings of timers",
        says: "What starts a client's timer.",
        refused: None,
        groups: &[Group {
            place: TIMER,
            phrases: &[
                ("start", "the beginning of the run"),
                ("byte", "that too; and again whatever arrives, comments included"),
                ("any event", "that too; and again each event"),
                ("rendered", "an event of this kind, once"),
            ],
        }],
    },
    Kind {
        title: "What is fetched",
        says: "What a client asks for as it reacts to an event.",
        refused: None,
        groups: &[
            Group { place: FETCHES_ROW, phrases: &[("row picture", "whether the row is visible by then")] },
            Group {
                place: FETCHES_FILE,
                phrases: &[("file picture", "whether the file is durable by then")],
            },
        ],
    },
    Kind {
        title: "Steps in orders",
        says: "How interleavings and variants name a step.",
        refused: None,
        groups: &[
            Group {
                place: "[[interleaving]]\nname = \"in-between\"\norder = [\"{}\", \"stream.send\"]\nkeeps = [\"no-event-lost\"]\n",
                phrases: &[
                    ("render.publish", "by the task and what the step does"),
                    ("render.complete", "by the task and the step's own name (`step`)"),
                    ("stream.read@3", "in an order: the third time that it is taken in a run"),
                ],
            },
            Group {
                place: TWICE,
                phrases: &[("render.publish#2", "the second step of that name in the file")],
            },
        ],
    },
    Kind {
        title: "Paths",
        says: "How `set` and `unset` of a variant name a value, and `threshold` and `sweep` a parameter; there \
               `.min` and `.max` behind it are the ends of an interval.",
        refused: None,
        groups: &[
            Group {
                place: "[variant.other]\nset = { \"{}\" = \"11s after render\" }\n",
                phrases: &[("ends", "a key at the top of the file")],
            },
            Group {
                place: "[variant.other]\nset = { \"{}\" = \"1s\" }\n",
                phrases: &[
                    ("task.render.starts", "a key of a task"),
                    ("task.stream.read.takes", "a key of a step"),
                    ("policy.poll.completed", "a line of a policy"),
                    ("client.page.latency", "a key of a client"),
                    ("client.page.timer.give-up.limit", "a key of a client's timer"),
                ],
            },
            Group {
                place: "[variant.other]\nset = { \"{}\" = \"progress\" }\n",
                phrases: &[("client.page.on.rendered.shows", "a key of a client's reaction")],
            },
            Group {
                place: "[variant.other]\nset = { \"{}\" = 5 }\n",
                phrases: &[("store.events.keep", "a key of a store")],
            },
            Group {
                place: "[variant.other]\nset = { \"{}\" = false }\n",
                phrases: &[("event.rendered.terminal", "a key of an event")],
            },
            Group {
                place: "{ commit = \"picture\", takes = \"1s\" }\n[[row]]\nname = \"picture\"\nvisible-after = \"5ms\"\n\n[variant.other]\nset = { \"{}\" = \"1s\" }\n",
                phrases: &[("row.picture.visible-after", "a key of a row")],
            },
        ],
    },
];
