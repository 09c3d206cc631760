//! The table of all that a step can do: an entry for each kind, in the order in which the manual and messages list them.
//!
//! What an entry compiles to stands in it, or in a function below where more than a name is looked up.

use punctual_model::{Action, Fault, StoreId};
use punctual_sim::Choice;

use super::{Doing, Kind, Noun, Value, Way, Who, Without};
use crate::placed::{At, Text, Words};
use crate::problem::Problem;
use crate::value;
use crate::words::quoted;

/// All kinds.
pub(crate) static KINDS: &[&Kind] = &[
    &WORK,
    &STATUS,
    &COMMIT,
    &SAVE,
    &PUBLISH,
    &NOTIFY,
    &SPAWN,
    &READ,
    &SEND,
    &ANNOUNCE,
    &CURSOR,
    &COMMENT,
    &CLOSE,
    &REFUSE,
    &SLEEP,
    &POLL,
    &WAIT,
    &REPEAT,
    &DISCONNECT,
    &HALF_OPEN,
    &HOLD,
    &RELEASE,
    &CRASH,
    &RESTART,
];

/// Keys that say how long a step takes.
const TIMES: &[&str] = &["takes", "returns", "blocks"];

pub(crate) static WORK: Kind = Kind {
    key: "work",
    says: "Takes time and does nothing else; the value says what for.",
    value: Value::Text(Noun::Text, |_, _| Action::Work),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

pub(crate) static STATUS: Kind = Kind {
    key: "status",
    says: "Sets the job's status.",
    value: Value::Text(Noun::Status, |doing, status| Action::Status(doing.status(status))),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

pub(crate) static COMMIT: Kind = Kind {
    key: "commit",
    says: "Commits a row.",
    value: Value::Text(Noun::Row, commit),
    also: &["fails"],
    without: &[],
    who: Who::AnyTask,
};

pub(crate) static SAVE: Kind = Kind {
    key: "save",
    says: "Makes a file durable.",
    value: Value::Text(Noun::File, |doing, file| Action::Save(doing.file(file))),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

pub(crate) static PUBLISH: Kind = Kind {
    key: "publish",
    says: "Adds an event to a store.",
    value: Value::Text(Noun::Event, publish),
    also: &["to", "id"],
    without: &[],
    who: Who::AnyTask,
};

static NOTIFY: Kind = Kind {
    key: "notify",
    says: "Wakes those who wait for a signal.",
    value: Value::Text(Noun::Signal, |doing, signal| Action::Notify(doing.signal(signal))),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

static SPAWN: Kind = Kind {
    key: "spawn",
    says: "Starts a task that starts = \"spawned\".",
    value: Value::Text(Noun::Task, |doing, task| Action::Spawn(doing.task(task))),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

static READ: Kind = Kind {
    key: "read",
    says: "Reads the job's \"status\", rows, or several of them at once.",
    value: Value::Words(Noun::Read, read),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

static SEND: Kind = Kind {
    key: "send",
    says: "Sends every event of a store past the cursor.",
    value: Value::Text(Noun::Store, |doing, store| Action::Send(doing.store(store))),
    also: &[],
    without: &[],
    who: Who::ServersEnd,
};

pub(crate) static ANNOUNCE: Kind = Kind {
    key: "announce",
    says: "Sends an event made from the rows read last.",
    value: Value::Text(Noun::Event, announce),
    also: &["into", "cursor"],
    without: &[],
    who: Who::ServersEnd,
};

pub(crate) static CURSOR: Kind = Kind {
    key: "cursor",
    says: "Moves the cursor: \"zero\", \"7\", \"now\", \"own\", \"given\", \"greatest\", \"greatest + 2\". As a key of `announce`: what becomes of the cursor then.",
    value: Value::Text(Noun::Cursor, |doing, rule| Action::Cursor(doing.cursor(rule, None))),
    also: &[],
    without: &[],
    who: Who::ServersEnd,
};

pub(crate) static COMMENT: Kind = Kind {
    key: "comment",
    says: "Sends a comment, which keeps the connection alive and tells the client nothing.",
    value: Value::Text(Noun::Text, |_, _| Action::Comment),
    also: &[],
    without: &[],
    who: Who::ServersEnd,
};

static CLOSE: Kind = Kind {
    key: "close",
    says: "Ends the connection to the client of this name, and the task.",
    value: Value::Text(Noun::Client, close),
    also: &["sends"],
    without: &[],
    who: Who::ServersEnd,
};

static REFUSE: Kind = Kind {
    key: "refuse",
    says: "Answers the client of this name that it need not come again; ends the connection and the task.",
    value: Value::Text(Noun::Client, refuse),
    also: &[],
    without: &[],
    who: Who::ServersEnd,
};

pub(crate) static SLEEP: Kind = Kind {
    key: "sleep",
    says: "A delay: sleeps that long.",
    value: Value::Text(Noun::Delay, |_, _| Action::Sleep),
    also: &[],
    without: &[Without {
        keys: TIMES,
        help: "how long a `sleep` takes is said by its value: sleep = \"2s\"",
    }],
    who: Who::AnyTask,
};

static POLL: Kind = Kind {
    key: "poll",
    says: "Sleeps by a policy, by the status and age read last.",
    value: Value::Text(Noun::Policy, |doing, policy| Action::Poll(doing.policy(policy))),
    also: &[],
    without: &[Without { keys: TIMES, help: "how long a `poll` takes is said by its policy" }],
    who: Who::AnyTask,
};

static WAIT: Kind = Kind {
    key: "wait",
    says: "Waits for a signal.",
    value: Value::Text(Noun::Signal, wait),
    also: &["at-most"],
    without: &[Without {
        keys: TIMES,
        help: "a `wait` is over when the signal comes; at the latest when `at-most`, a policy, says",
    }],
    who: Who::AnyTask,
};

pub(crate) static REPEAT: Kind = Kind {
    key: "repeat",
    says: "Takes `steps` this many times.",
    value: Value::Count(repeat),
    also: &["steps"],
    without: &[
        Without { keys: TIMES, help: "a `repeat` takes as long as its steps: put the time on them" },
        Without { keys: &["if", "chance"], help: "put the condition on the steps inside" },
    ],
    who: Who::AnyTask,
};

static DISCONNECT: Kind = Kind {
    key: "disconnect",
    says: "Breaks the connection of the client of this name: what is under way is lost, and both ends notice.",
    value: Value::Text(Noun::Client, |doing, client| Action::Fault(Fault::Disconnect(doing.client(client)))),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

static HALF_OPEN: Kind = Kind {
    key: "half-open",
    says: "Breaks the connection of the client of this name, and neither end notices.",
    value: Value::Text(Noun::Client, |doing, client| Action::Fault(Fault::HalfOpen(doing.client(client)))),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

static HOLD: Kind = Kind {
    key: "hold",
    says: "Keeps back what is sent between the client of this name and the server, see `way`.",
    value: Value::Text(Noun::Client, |doing, client| {
        Action::Fault(Fault::Hold(doing.client(client), way(doing)))
    }),
    also: &["way"],
    without: &[],
    who: Who::AnyTask,
};

static RELEASE: Kind = Kind {
    key: "release",
    says: "Lets it go, in the order in which it was sent.",
    value: Value::Text(Noun::Client, |doing, client| {
        Action::Fault(Fault::Release(doing.client(client), way(doing)))
    }),
    also: &["way"],
    without: &[],
    who: Who::AnyTask,
};

static CRASH: Kind = Kind {
    key: "crash",
    says: "Stops a node: its tasks are gone, and the connections that they served break.",
    value: Value::Text(Noun::Node, |doing, node| Action::Fault(Fault::Crash(doing.node(node)))),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

static RESTART: Kind = Kind {
    key: "restart",
    says: "Starts a node again that was stopped: its tasks begin anew.",
    value: Value::Text(Noun::Node, |doing, node| Action::Fault(Fault::Restart(doing.node(node)))),
    also: &[],
    without: &[],
    who: Who::AnyTask,
};

fn commit(doing: &dyn Doing, row: &Text) -> Action {
    let fails = doing.step().how.fails.as_ref().map(|fails| {
        Choice::chance(&format!("{}.fails", doing.name()), value::millionths(doing.findings(), fails))
    });
    Action::Commit { row: doing.row(row), fails }
}

fn publish(doing: &dyn Doing, event: &Text) -> Action {
    let how = &doing.step().how;
    let store = doing.store_or_only(how.to.as_ref(), event);
    let id = doing.given_id(store, how.id.as_ref(), event);
    Action::Publish { event: doing.event(event), store, id }
}

fn read(doing: &dyn Doing, words: &At<Words>) -> Action {
    let (status, rows): (Vec<Text>, Vec<Text>) = words.words().partition(|word| word.value == "status");
    Action::Read { status: !status.is_empty(), rows: rows.iter().map(|row| doing.row(row)).collect() }
}

fn announce(doing: &dyn Doing, event: &Text) -> Action {
    let into = doing.step().how.into.as_ref().map(|text| into(doing, text));
    let cursor = doing.step().text(&CURSOR).map(|rule| doing.cursor(rule, into));
    Action::Announce { event: doing.event(event), into, cursor }
}

/// The store that an announced event is published to as well.
fn into(doing: &dyn Doing, text: &Text) -> StoreId {
    let store = doing.store(text);
    if doing.has_given_ids(store) {
        let title = "what is announced into a store has no given id";
        let problem = Problem::new("P0414", &text.at, title).label("its ids are given");
        doing.findings().add(problem.help("let the store's ids come from a counter or a clock"));
    }
    store
}

fn close(doing: &dyn Doing, client: &Text) -> Action {
    check_served(doing, client);
    Action::Close { event: doing.step().how.sends.as_ref().map(|event| doing.event(event)) }
}

fn refuse(doing: &dyn Doing, client: &Text) -> Action {
    check_served(doing, client);
    Action::Refuse
}

/// A task ends the connection of the client that it serves.
fn check_served(doing: &dyn Doing, client: &Text) {
    let id = doing.client(client);
    if let Some(served) = doing.serves().filter(|name| name.value != client.value)
        && !doing.findings().stands_in(&served.at)
        && doing.known_client(&client.value) == Some(id)
    {
        let title = format!("this task does not serve {}", quoted(&client.value));
        let problem = Problem::new("P0420", &client.at, title).label("another client");
        let help = format!("close the client that it serves: {}", quoted(&served.value));
        doing.findings().add(problem.help(help));
    }
}

fn wait(doing: &dyn Doing, signal: &Text) -> Action {
    let at_most = doing.step().how.at_most.as_ref().map(|policy| doing.policy(policy));
    Action::Wait { signal: doing.signal(signal), at_most }
}

fn repeat(doing: &dyn Doing, times: &At<u16>) -> Action {
    let nothing = doing.step().how.steps.as_ref().is_none_or(Vec::is_empty);
    if nothing && !doing.findings().open("steps") {
        let problem = Problem::new("P0406", &times.at, "there is nothing to repeat");
        doing.findings().add(problem.label("no `steps`").help("add `steps = [ ... ]`"));
    }
    Action::Repeat { to: doing.first_inside(), times: times.value }
}

/// The direction in which messages are held up, or let go.
fn way(doing: &dyn Doing) -> punctual_model::Way {
    match doing.step().how.way.as_ref().map(|way| way.value) {
        None | Some(Way::Both) => punctual_model::Way::Both,
        Some(Way::To) => punctual_model::Way::To,
        Some(Way::From) => punctual_model::Way::From,
    }
}
