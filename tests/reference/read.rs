//! A file, read into what it describes. Only sound files are read, so what is wrong is a panic.

use toml::{Table, Value};

use super::phrases::{self, Phrase};
use super::system::{
    Action, Chance, Client, Condition, Cursor, Delay, EventKind, Fetched, From, Ids, Limits, Order, Policy,
    Reaction, Row, Shown, Signal, Starts, Step, StepTime, Store, System, Task, Timer, Way,
};
use super::{gaps, variant};

/// The systems that the cases of one file describe, each with its steps named and its variant applied. What a step
/// of one case declares is known in all.
pub(crate) fn systems(cases: &[Table]) -> Vec<System> {
    cases.iter().map(|file| Reader::new(file, cases).system(file)).collect()
}

/// The entries of a list of tables.
fn tables<'t>(table: &'t Table, key: &str) -> Vec<&'t Table> {
    let list = table.get(key).and_then(Value::as_array);
    list.into_iter().flatten().map(|entry| entry.as_table().expect("a table")).collect()
}

fn text<'t>(table: &'t Table, key: &str) -> Option<&'t str> {
    table.get(key).and_then(Value::as_str)
}

/// One text, or several.
fn texts<'t>(table: &'t Table, key: &str) -> Vec<&'t str> {
    match table.get(key) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

fn yes(table: &Table, key: &str) -> bool {
    table.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn chance(table: &Table, key: &str, left_out: Chance) -> Chance {
    let value = table.get(key).map(|value| value.as_float().or(value.as_integer().map(|one| one as f64)));
    match value.flatten() {
        None => left_out,
        Some(share) if share <= 0.0 => Chance::Never,
        Some(share) if share >= 1.0 => Chance::Always,
        Some(_) => Chance::Either,
    }
}

fn shown(table: &Table) -> Option<Shown> {
    Some(match text(table, "shows")? {
        "progress" => Shown::Progress,
        "success" => Shown::Success,
        _ => Shown::Failure,
    })
}

/// The place of a time in a list of those that matter.
fn place_of(limits: &mut Vec<u64>, limit: u64) -> usize {
    limits.iter().position(|known| *known == limit).unwrap_or_else(|| {
        limits.push(limit);
        limits.len() - 1
    })
}

/// The names of a file, and the times that it asks for.
#[derive(Default)]
struct Reader {
    statuses: Vec<String>,
    kinds: Vec<String>,
    stores: Vec<String>,
    rows: Vec<String>,
    files: Vec<String>,
    signals: Vec<String>,
    nodes: Vec<String>,
    tasks: Vec<String>,
    clients: Vec<String>,
    status_limits: Vec<u64>,
    age_limits: Vec<u64>,
    quiet_limits: Vec<u64>,
    most_rests: u32,
    policies: Vec<(String, Policy)>,
}

fn id(names: &[String], name: &str) -> usize {
    let found = names.iter().position(|known| known == name);
    found.unwrap_or_else(|| panic!("{name} is not declared, only {names:?}"))
}

fn imply(names: &mut Vec<String>, name: Option<&str>) {
    if let Some(name) = name.filter(|name| !names.iter().any(|known| known == name)) {
        names.push(name.to_owned());
    }
}

impl Reader {
    fn new(file: &Table, cases: &[Table]) -> Self {
        let names = |list: &str, key: &str| -> Vec<String> {
            tables(file, list).iter().filter_map(|entry| text(entry, key)).map(str::to_owned).collect()
        };
        let mut reader = Self {
            kinds: names("event", "name"),
            stores: names("store", "name"),
            rows: names("row", "name"),
            signals: names("signal", "name"),
            tasks: names("task", "name"),
            clients: names("client", "name"),
            ..Self::default()
        };
        for node in names("task", "node") {
            imply(&mut reader.nodes, Some(&node));
        }
        for case in cases {
            let job = case["job"].as_table().expect("a job");
            imply(&mut reader.statuses, text(job, "status"));
            for other in texts(job, "others") {
                imply(&mut reader.statuses, Some(other));
            }
            variant::each_task(&mut case.clone(), |task| {
                variant::each_step(task, &mut |step| {
                    imply(&mut reader.statuses, text(step, "status"));
                    imply(&mut reader.rows, text(step, "commit"));
                    imply(&mut reader.files, text(step, "save"));
                });
            });
        }
        reader
    }

    fn system(&mut self, file: &Table) -> System {
        self.policies = self.policies(file);
        let tasks: Vec<Task> = tables(file, "task").into_iter().map(|task| self.task(task)).collect();
        let clients: Vec<Client> =
            tables(file, "client").into_iter().map(|client| self.client(client, &tasks)).collect();
        let limit = |key: &str| file.get("limits").and_then(|limits| limits.get(key));
        let time = |key: &str| limit(key).and_then(Value::as_str).map(phrases::time);
        System {
            status: id(&self.statuses, file["job"]["status"].as_str().expect("a status")),
            kinds: tables(file, "event").into_iter().map(|event| self.kind(event)).collect(),
            stores: tables(file, "store").into_iter().map(store).collect(),
            rows: self.rows(file),
            signals: tables(file, "signal").into_iter().map(signal).collect(),
            limits: Limits {
                stream_ends: time("stream-ends"),
                delivered_within: time("delivered-within"),
                bounded_requests: limit("bounded-requests")
                    .and_then(Value::as_integer)
                    .map(|most| most as u64),
            },
            orders: tables(file, "interleaving").into_iter().map(|order| self.order(order)).collect(),
            widest_gap: gaps::widest(&tasks, &clients),
            tasks,
            clients,
            statuses: self.statuses.clone(),
            files: self.files.clone(),
            nodes: self.nodes.clone(),
            status_limits: self.status_limits.clone(),
            age_limits: self.age_limits.clone(),
            quiet_limits: self.quiet_limits.clone(),
            most_rests: self.most_rests,
        }
    }

    fn kind(&self, event: &Table) -> EventKind {
        EventKind {
            name: text(event, "name").expect("a name").to_owned(),
            row: text(event, "row").map(|row| id(&self.rows, row)),
            terminal: yes(event, "terminal"),
        }
    }

    fn rows(&self, file: &Table) -> Vec<Row> {
        let declared = tables(file, "row");
        let row = |name: &String| {
            let found = declared.iter().find(|row| text(row, "name") == Some(name));
            let visible_after = found.and_then(|row| text(row, "visible-after")).map(phrases::delay);
            Row { name: name.clone(), visible_after }
        };
        self.rows.iter().map(row).collect()
    }

    fn policies(&mut self, file: &Table) -> Vec<(String, Policy)> {
        let mut policies = Vec::new();
        for (name, lines) in file.get("policy").and_then(Value::as_table).into_iter().flatten() {
            let mut age = |age| place_of(&mut self.age_limits, age);
            let line = |status: &String| {
                let text = lines.get(status).and_then(Value::as_str);
                text.map_or_else(Vec::new, |text| phrases::line(text, &mut age))
            };
            let lines: Vec<_> = self.statuses.iter().map(line).collect();
            let parts = lines.iter().flatten();
            let rests = parts.filter_map(|part| match part.limit {
                super::system::Limit::Rests(most) | super::system::Limit::RestsSinceEvent(most) => Some(most),
                super::system::Limit::None | super::system::Limit::Age(_) => None,
            });
            self.most_rests = self.most_rests.max(rests.max().unwrap_or(0));
            policies.push((name.clone(), Policy { lines }));
        }
        policies
    }

    fn policy(&self, name: &str) -> Policy {
        self.policies.iter().find(|(known, _)| known == name).expect("a policy").1.clone()
    }

    fn task(&mut self, task: &Table) -> Task {
        let mut list = |key: &str| -> Vec<Step> {
            tables(task, key).into_iter().flat_map(|step| self.written_out(step)).collect()
        };
        let (mut steps, around, otherwise) = (list("steps"), list("loop"), list("otherwise"));
        let loop_at = steps.len();
        steps.extend(around);
        let otherwise_at = steps.len();
        steps.extend(otherwise);
        Task {
            name: text(task, "name").expect("a name").to_owned(),
            node: id(&self.nodes, text(task, "node").expect("a node")),
            serves: text(task, "serves").map(|client| id(&self.clients, client)),
            starts: match text(task, "starts") {
                None => Starts::After((0, 0)),
                Some("spawned") => Starts::Spawned,
                Some(delay) => Starts::After(phrases::delay(delay)),
            },
            per_source: text(task, "cursors") == Some("per-source"),
            steps,
            loop_at,
            otherwise_at,
        }
    }

    /// A step, or all rounds of a `repeat`.
    fn written_out(&mut self, step: &Table) -> Vec<Step> {
        let Some(times) = step.get("repeat").and_then(Value::as_integer) else {
            return vec![self.step(step)];
        };
        let round: Vec<Step> = tables(step, "steps").into_iter().map(|inner| self.step(inner)).collect();
        (0..times).flat_map(|_| round.clone()).collect()
    }

    fn step(&mut self, step: &Table) -> Step {
        let delay = |key: &str| text(step, key).map(phrases::delay);
        let time = match (delay("takes").or(delay("sleep")), delay("returns"), delay("blocks")) {
            (Some(takes), Some(returns), _) => StepTime::TakesAndReturns(takes, returns),
            (Some(takes), None, _) => StepTime::Takes(takes),
            (None, _, Some(blocks)) => StepTime::Blocks(blocks),
            (None, _, None) => StepTime::None,
        };
        Step {
            name: text(step, "step").expect("all steps are named").to_owned(),
            action: self.action(step),
            time,
            conditions: texts(step, "if").into_iter().map(|phrase| self.condition(step, phrase)).collect(),
            chance: chance(step, "chance", Chance::Always),
        }
    }

    fn action(&self, step: &Table) -> Action {
        let verb = variant::verb(step);
        let said = text(step, verb).unwrap_or_default();
        let way = || match text(step, "way") {
            Some("to") => Way { to: true, from: false },
            Some("from") => Way { to: false, from: true },
            _ => Way { to: true, from: true },
        };
        let client = || id(&self.clients, said);
        match verb {
            "work" => Action::Work,
            "status" => Action::Status(id(&self.statuses, said)),
            "commit" => {
                Action::Commit { row: id(&self.rows, said), fails: chance(step, "fails", Chance::Never) }
            }
            "save" => Action::Save(id(&self.files, said)),
            "publish" => Action::Publish {
                kind: id(&self.kinds, said),
                store: self.store(text(step, "to")),
                id: step.get("id").and_then(Value::as_integer),
            },
            "notify" => Action::Notify(id(&self.signals, said)),
            "spawn" => Action::Spawn(id(&self.tasks, said)),
            "read" => {
                let words = texts(step, verb);
                let rows = words.iter().filter(|word| **word != "status").map(|row| id(&self.rows, row));
                Action::Read { status: words.contains(&"status"), rows: rows.collect() }
            }
            "send" => Action::Send(id(&self.stores, said)),
            "announce" => Action::Announce {
                kind: id(&self.kinds, said),
                into: text(step, "into").map(|store| id(&self.stores, store)),
                cursor: text(step, "cursor").map(|place| self.cursor(place, text(step, "into"))),
            },
            "comment" => Action::Comment,
            "close" => Action::Close {
                client: client(),
                sends: text(step, "sends").map(|kind| id(&self.kinds, kind)),
            },
            "refuse" => Action::Refuse(client()),
            "sleep" => Action::Sleep,
            "poll" => Action::Poll(self.policy(said)),
            "wait" => Action::Wait {
                signal: id(&self.signals, said),
                at_most: text(step, "at-most").map(|policy| self.policy(policy)),
            },
            "disconnect" => Action::Disconnect(client()),
            "half-open" => Action::HalfOpen(client()),
            "hold" => Action::Hold { client: client(), way: way() },
            "release" => Action::Release { client: client(), way: way() },
            "crash" => Action::Crash(id(&self.nodes, said)),
            "restart" => Action::Restart(id(&self.nodes, said)),
            "cursor" => Action::Cursor(self.cursor(said, None)),
            other => panic!("{other} is no step"),
        }
    }

    /// The store of this name, or the only one.
    fn store(&self, name: Option<&str>) -> usize {
        name.map_or(0, |name| id(&self.stores, name))
    }

    fn cursor(&self, phrase: &str, into: Option<&str>) -> Cursor {
        let place = phrases::place(phrase);
        let store = self.store(place.store);
        match place.word {
            "zero" => Cursor::To(0),
            "greatest" => Cursor::Greatest { store, plus: place.plus },
            "now" => Cursor::Now(store),
            "own" => Cursor::Own(self.store(place.store.or(into))),
            "given" => Cursor::Given(store),
            number => Cursor::To(number.parse().expect("an id")),
        }
    }

    fn condition(&mut self, step: &Table, phrase: &str) -> Condition {
        let statuses = |names: Vec<&str>| names.into_iter().map(|name| id(&self.statuses, name)).collect();
        let kind = || id(&self.kinds, text(step, "announce").expect("an announcement"));
        match phrases::condition(phrase) {
            Phrase::Is(names, limit) => Condition::Is {
                statuses: statuses(names),
                limit: limit.map(|limit| place_of(&mut self.status_limits, limit)),
            },
            Phrase::Changed(names) => Condition::Changed(statuses(names)),
            Phrase::Unsent => Condition::Unsent(kind()),
            Phrase::CountAbove => Condition::CountAbove,
            Phrase::NoneWithin(limit) => Condition::Quiet(place_of(&mut self.quiet_limits, limit)),
            Phrase::NoneWithinIds(ids) => {
                Condition::NoneWithinIds { kind: kind(), store: self.store(text(step, "into")), ids }
            }
            Phrase::Resumed => Condition::Resumed,
            Phrase::Fresh => Condition::Fresh,
        }
    }

    fn client(&self, client: &Table, tasks: &[Task]) -> Client {
        let name = text(client, "name").expect("a name");
        let delay = |key: &str| text(client, key).map(phrases::delay);
        let served_by = tasks.iter().position(|task| task.serves == Some(id(&self.clients, name)));
        Client {
            name: name.to_owned(),
            latency: delay("latency").expect("a latency"),
            reconnects: delay("reconnects"),
            resumes: client.get("resumes").and_then(Value::as_bool).unwrap_or(true),
            timers: tables(client, "timer").into_iter().map(|timer| self.timer(timer)).collect(),
            reactions: tables(client, "on").into_iter().map(|on| self.reaction(on)).collect(),
            served_by: served_by.expect("somebody serves it"),
        }
    }

    fn timer(&self, timer: &Table) -> Timer {
        Timer {
            name: text(timer, "name").expect("a name").to_owned(),
            from: match text(timer, "from").expect("what it begins with") {
                "start" => From::Start,
                "byte" => From::Byte,
                "any event" => From::AnyEvent,
                event => From::Event(id(&self.kinds, event)),
            },
            limit: phrases::delay(text(timer, "limit").expect("a limit")),
            stops: texts(timer, "stops").into_iter().map(|event| id(&self.kinds, event)).collect(),
            shows: shown(timer),
            ends: yes(timer, "ends"),
            reconnects: yes(timer, "reconnects"),
        }
    }

    fn reaction(&self, on: &Table) -> Reaction {
        let fetched = |text: &str| match text.split_once(' ') {
            Some(("row", row)) => Fetched::Row(id(&self.rows, row)),
            Some(("file", file)) => Fetched::File(id(&self.files, file)),
            _ => panic!("{text:?} cannot be fetched"),
        };
        let takes: Option<Delay> = text(on, "takes").map(phrases::delay);
        Reaction {
            kind: id(&self.kinds, text(on, "event").expect("an event")),
            synthesized_only: text(on, "copies") == Some("synthesized"),
            shows: shown(on),
            fetches: text(on, "fetches").map(|what| (fetched(what), takes.expect("a fetch takes time"))),
            ends: yes(on, "ends"),
        }
    }

    fn order(&self, order: &Table) -> Order {
        let step = |path: &str| {
            let (task, step) = path.split_once('.').expect("TASK.STEP");
            let (step, time) = step.split_once('@').map_or((step, None), |(step, time)| (step, Some(time)));
            let time = time.map(|time| time.parse().expect("a number of times"));
            (id(&self.tasks, task), step.to_owned(), time)
        };
        Order {
            name: text(order, "name").expect("a name").to_owned(),
            steps: texts(order, "order").into_iter().map(step).collect(),
        }
    }
}

fn store(store: &Table) -> Store {
    Store {
        ids: text(store, "ids").map_or(Ids::Counter, phrases::ids),
        keep: store.get("keep").and_then(Value::as_integer).map(|keep| keep as usize),
    }
}

fn signal(signal: &Table) -> Signal {
    Signal { name: text(signal, "name").expect("a name").to_owned(), permit: yes(signal, "permit") }
}
