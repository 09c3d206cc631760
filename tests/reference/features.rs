//! Which parts of the grammar a file uses: what was really compared is counted, and what was never is named.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::variant;
use super::{phrases, required};

/// How often each part of the grammar was compared.
#[derive(Default)]
pub(crate) struct Features {
    counts: BTreeMap<String, u64>,
}

impl Features {
    /// How often this was compared.
    pub(crate) fn count(&self, feature: &str) -> u64 {
        self.counts.get(feature).copied().unwrap_or(0)
    }

    /// What was never compared.
    pub(crate) fn missing(&self) -> Vec<String> {
        required::all().into_iter().filter(|feature| self.count(feature) == 0).collect()
    }

    /// Notes all that one compared case uses; each once.
    pub(crate) fn note(&mut self, file: &Table, case: Option<&str>) {
        let patched = variant::patched(file, case).expect("it was applied before");
        let mut found = Found { file: &patched, list: Vec::new() };
        found.whole();
        found.changes(file, case);
        found.list.sort();
        found.list.dedup();
        found.list.into_iter().for_each(|feature| *self.counts.entry(feature).or_default() += 1);
    }

    /// Notes a fact that was asked about.
    pub(crate) fn asked(&mut self, fact: &str) {
        let word = fact.split(' ').next().filter(|_| fact.contains(' ')).unwrap_or("TASK.STEP");
        *self.counts.entry(format!("fact {word}")).or_default() += 1;
    }

    /// Holds the parts that a system has against what must be compared.
    pub(crate) fn known(&self, parts: &[&str]) {
        let all = required::all();
        let unknown = parts.iter().find(|part| !all.iter().any(|known| known == *part));
        assert!(unknown.is_none(), "{unknown:?} need not be compared");
    }

    /// What was counted, one a line.
    pub(crate) fn report(&self) -> String {
        let line = |(feature, count): (&String, &u64)| format!("{count:8} {feature}\n");
        self.counts.iter().map(line).collect::<Vec<_>>().concat()
    }
}

/// What was found in one file.
struct Found<'f> {
    file: &'f Table,
    list: Vec<String>,
}

fn tables<'t>(table: &'t Table, key: &str) -> Vec<&'t Table> {
    table.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table).collect()
}

fn text<'t>(table: &'t Table, key: &str) -> Option<&'t str> {
    table.get(key).and_then(Value::as_str)
}

fn texts<'t>(table: &'t Table, key: &str) -> Vec<&'t str> {
    match table.get(key) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        value => value.and_then(Value::as_str).into_iter().collect(),
    }
}

fn scheme(ids: &str) -> &str {
    ids.split(' ').next().unwrap_or(ids)
}

impl Found<'_> {
    fn say(&mut self, feature: impl Into<String>) {
        self.list.push(feature.into());
    }

    fn say_if(&mut self, is: bool, feature: &str) {
        if is {
            self.say(feature);
        }
    }

    fn whole(&mut self) {
        let file = self.file;
        let mut schemes: Vec<&str> =
            tables(file, "store").iter().filter_map(|store| text(store, "ids")).map(scheme).collect();
        schemes.sort_unstable();
        match schemes[..] {
            [_] => self.say("one store"),
            [_, _] => self.say(format!("stores {}", schemes.join("+"))),
            _ => {}
        }
        for store in tables(file, "store") {
            if store.contains_key("keep") {
                self.say("keep");
                self.say(format!("keep in {}", scheme(text(store, "ids").unwrap_or_default())));
            }
        }
        for event in tables(file, "event") {
            self.say_if(event.get("terminal").and_then(Value::as_bool) == Some(true), "event terminal");
            self.say_if(event.contains_key("row"), "event of a row");
        }
        for row in tables(file, "row") {
            if let Some(delay) = text(row, "visible-after") {
                self.delay(delay);
            }
            self.say_if(row.contains_key("visible-after"), "row visible-after");
        }
        for signal in tables(file, "signal") {
            self.say(format!("signal permit = {}", signal["permit"]));
        }
        self.say(if file.contains_key("ends") { "ends" } else { "no ends" });
        for limit in ["delivered-within", "stream-ends"] {
            self.say_if(file["expect"].get(limit).is_some(), &format!("check {limit}"));
        }
        let lines = file.get("policy").and_then(Value::as_table).into_iter().flat_map(Table::values);
        for line in lines.filter_map(Value::as_table).flat_map(Table::values).filter_map(Value::as_str) {
            self.line(line);
        }
        self.tasks(&schemes);
        self.clients();
        for order in tables(file, "interleaving") {
            let steps = texts(order, "order");
            self.say(format!("order of {}", steps.len()));
            self.say_if(steps.iter().any(|step| step.contains('@')), "order with a number of times");
            self.say_if(order.contains_key("variant"), "order in a variant");
        }
    }

    fn line(&mut self, line: &str) {
        self.say_if(line.contains("since event") && line.contains("below"), "policy below rests since event");
        self.say_if(line.contains(" rest") && !line.contains("since event"), "policy below rests");
        self.say_if(
            line.split(", ").any(|part| part.contains("below") && part.ends_with("us")),
            "policy below age",
        );
        self.say_if(line.starts_with("back-off"), "policy back-off");
        self.say_if(
            line.starts_with("back-off") && line.contains("since event"),
            "policy back-off since event",
        );
        self.say_if(line.contains("jitter"), "policy back-off jitter");
        self.say_if(!line.starts_with("back-off") && line.contains(".."), "policy interval");
        self.say_if(!line.contains(' ') && !line.contains(".."), "policy fixed");
    }

    fn delay(&mut self, delay: &str) {
        let word = delay.split(' ').next().unwrap_or_default();
        let law = match word {
            "triangular" | "exponential" | "log-normal" | "empirical" => word,
            _ if delay.contains("..") => "uniform",
            _ => "fixed",
        };
        self.say(format!("law {law}"));
    }

    fn tasks(&mut self, schemes: &[&str]) {
        let tasks = tables(self.file, "task");
        let mut nodes: Vec<&str> =
            tasks.iter().filter_map(|task| text(task, "node")).filter(|node| *node != "net").collect();
        nodes.dedup();
        self.say_if(nodes.len() == 1 && tasks.len() > 1, "one node for all");
        for task in &tasks {
            self.task(task);
        }
        let mut file = self.file.clone();
        let mut steps = Vec::new();
        variant::each_task(&mut file, |task| variant::each_step(task, &mut |step| steps.push(step.clone())));
        for step in &steps {
            self.step(step, schemes);
        }
        let has = |verb: &str| steps.iter().any(|step| variant::verb(step) == verb);
        self.say_if(has("crash") && has("restart"), "crash and restart");
        self.say_if(has("crash") && !has("restart"), "crash for good");
    }

    fn task(&mut self, task: &Table) {
        let (serves, loops) = (task.contains_key("serves"), task.contains_key("loop"));
        match text(task, "starts") {
            None => self.say("task starts at once"),
            Some("spawned") => self.say("task starts spawned"),
            Some(delay) => {
                self.delay(delay);
                self.say("task starts later");
                self.say_if(serves, "task that serves starts later");
            }
        }
        self.say_if(loops, "task with a loop");
        self.say_if(serves && !loops, "task that serves without a loop");
        self.say_if(!serves && loops, "task that serves none with a loop");
        self.say_if(task.contains_key("otherwise"), "task with otherwise");
        let again = tables(task, "otherwise");
        self.say_if(again.iter().any(|step| step.contains_key("commit")), "commit in otherwise");
        let per_source = text(task, "cursors") == Some("per-source");
        self.say_if(per_source, "cursors per-source");
        let several = tables(self.file, "store").len() > 1;
        self.say_if(serves && several && !per_source, "cursors one, several stores");
    }

    fn step(&mut self, step: &Table, schemes: &[&str]) {
        let verb = variant::verb(step);
        self.say(format!("step {verb}"));
        for ids in schemes {
            self.say(format!("step {verb} with ids {ids}"));
        }
        for key in ["takes", "returns", "blocks", "sleep"] {
            if let Some(delay) = text(step, key) {
                self.delay(delay);
            }
        }
        self.say_if(text(step, "takes") == Some("0us"), "time takes 0us");
        let times = ["takes", "returns", "blocks"];
        for key in times {
            self.say_if(step.contains_key(key), &format!("time {key}"));
        }
        self.say_if(!times.iter().any(|key| step.contains_key(*key)), "time none");
        let share = |key: &str| {
            step.get(key).map(|value| value.as_float().or(value.as_integer().map(|one| one as f64)))
        };
        match share("chance").flatten() {
            Some(0.0) => self.say("chance 0"),
            Some(1.0) => self.say("chance 1"),
            Some(_) => self.say("chance"),
            None => {}
        }
        match share("fails").flatten() {
            Some(1.0) => self.say("fails always"),
            Some(share) => self.say_if(share > 0.0, "fails"),
            None => {}
        }
        self.conditions(step);
        self.of_verb(step, verb);
    }

    fn conditions(&mut self, step: &Table) {
        let conditions = texts(step, "if");
        self.say_if(conditions.len() > 1, "if, several");
        for condition in conditions {
            let of_row = text(step, "announce").is_some_and(|kind| self.tells_of_row(kind));
            let feature = match phrases::condition(condition) {
                phrases::Phrase::Is(_, Some(_)) => "if is for",
                phrases::Phrase::Is(list, None) if list.len() > 1 => "if is, several",
                phrases::Phrase::Is(..) => "if is",
                phrases::Phrase::Changed(list) if list.len() > 1 => "if changed to, several",
                phrases::Phrase::Changed(_) => "if changed to",
                phrases::Phrase::Unsent if of_row => "if unsent of a row",
                phrases::Phrase::Unsent => "if unsent of no row",
                phrases::Phrase::CountAbove => "if count above",
                phrases::Phrase::NoneWithin(_) => "if none within us",
                phrases::Phrase::NoneWithinIds(_) => {
                    let ids = self.ids_of(text(step, "into"));
                    self.say(format!("none within ids of {ids}"));
                    "if none within ids"
                }
                phrases::Phrase::Resumed => "if resumed",
                phrases::Phrase::Fresh => "if fresh",
            };
            self.say(feature);
        }
    }

    fn tells_of_row(&self, kind: &str) -> bool {
        let is = |event: &&Table| text(event, "name") == Some(kind) && event.contains_key("row");
        tables(self.file, "event").iter().any(is)
    }

    /// The ids of the store of this name, or of the only one.
    fn ids_of(&self, store: Option<&str>) -> String {
        let stores = tables(self.file, "store");
        let found = stores.iter().find(|known| store.is_none() || text(known, "name") == store);
        found.and_then(|store| text(store, "ids")).map_or(String::new(), |ids| scheme(ids).to_owned())
    }

    fn of_verb(&mut self, step: &Table, verb: &str) {
        let said = text(step, verb);
        match verb {
            "publish" => self.say(format!("publish to {}", self.ids_of(text(step, "to")))),
            "send" => self.say(format!("send from {}", self.ids_of(said))),
            "announce" => {
                match text(step, "into") {
                    Some(store) => {
                        self.say("announce into");
                        self.say(format!("announce into {}", self.ids_of(Some(store))));
                    }
                    None => self.say("announce into none"),
                }
                let of_row = said.is_some_and(|kind| self.tells_of_row(kind));
                self.say(if of_row { "announce of a row" } else { "announce of no row" });
                if let Some(place) = text(step, "cursor") {
                    self.place("announce cursor", place, text(step, "into"));
                }
            }
            "cursor" => self.place("cursor", said.unwrap_or_default(), None),
            "close" => {
                let of_row = text(step, "sends").map(|kind| self.tells_of_row(kind));
                self.say_if(of_row == Some(false), "close sends");
                self.say_if(of_row == Some(true), "close sends of a row");
            }
            "wait" => self.say(if step.contains_key("at-most") { "wait at-most" } else { "wait for ever" }),
            "hold" | "release" => self.say(format!("{verb} {}", text(step, "way").unwrap_or("both"))),
            _ => {}
        }
    }

    fn place(&mut self, of: &str, place: &str, into: Option<&str>) {
        let place = phrases::place(place);
        let word = match place.word {
            "greatest" if place.plus > 0 => "greatest plus",
            word if word.starts_with(|c: char| c.is_ascii_digit()) => "number",
            word => word,
        };
        self.say(format!("{of} {word}"));
        if matches!(place.word, "greatest" | "own" | "given") {
            let ids = self.ids_of(place.store.or(into.filter(|_| place.word == "own")));
            self.say(format!("{} of {ids}", place.word));
        }
    }

    fn clients(&mut self) {
        let clients = tables(self.file, "client");
        self.say_if(clients.len() > 1, "two clients");
        for client in clients {
            if let Some(delay) = text(client, "latency") {
                self.delay(delay);
            }
            let reconnects = client.contains_key("reconnects");
            self.say(if reconnects { "client reconnects" } else { "client that does not" });
            let named = client.get("resumes").and_then(Value::as_bool);
            self.say_if(reconnects && named == Some(false), "client resumes = false");
            for timer in tables(client, "timer") {
                let from = text(timer, "from").unwrap_or_default();
                let event = !matches!(from, "start" | "byte" | "any event");
                self.say(format!("timer from {}", if event { "an event" } else { from }));
                for key in ["stops", "shows", "ends", "reconnects"] {
                    self.say_if(timer.contains_key(key), &format!("timer {key}"));
                }
            }
            for on in tables(client, "on") {
                if let Some(shows) = text(on, "shows") {
                    self.say(format!("on shows {shows}"));
                }
                self.say_if(on.get("ends").and_then(Value::as_bool) == Some(true), "on ends");
                let what = text(on, "fetches").and_then(|what| what.split(' ').next());
                if let Some(what) = what {
                    self.say(format!("on fetches {what}"));
                }
                self.say_if(on.contains_key("copies"), "on copies synthesized");
            }
        }
    }

    fn changes(&mut self, file: &Table, case: Option<&str>) {
        let Some(case) = case else { return };
        self.say_if(case.contains('+'), "combination");
        for name in case.split('+') {
            let patch = file["variant"][name].as_table().expect("a variant");
            let mut changes = 0;
            for key in ["set", "unset", "insert", "move", "replace", "remove"] {
                let count = match patch.get(key) {
                    Some(Value::Array(list)) => list.len(),
                    Some(Value::Table(table)) => table.len(),
                    _ => 0,
                };
                self.say_if(count > 0, &format!("variant {key}"));
                changes += count;
            }
            self.say_if(changes > 1, "variant of several changes");
            self.say_if(patch.contains_key("overrides") && case.contains('+'), "variant overrides");
            for path in patch.get("set").and_then(Value::as_table).into_iter().flat_map(Table::keys) {
                let words: Vec<&str> = path.split('.').collect();
                let what = match words[..] {
                    ["client", _, "timer", ..] => "timer",
                    ["client", _, "on", ..] => "reaction",
                    _ => words[0],
                };
                self.say(format!("set {what}"));
            }
            for path in texts(patch, "unset") {
                let head = path.split('.').next().unwrap_or_default();
                self.say(format!("unset {}", if head == "task" { "step" } else { head }));
            }
        }
    }
}
