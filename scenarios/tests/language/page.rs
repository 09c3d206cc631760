//! The page of the language, as text.

use std::fmt::Write;

use punctual_scenarios::step_keys;
use serde_json::Value;

use crate::examples::{Example, Examples, POLICY, definition, target};
use crate::phrases::{KINDS, Kind};

/// The tables of the schema in the order of the page, each with its heading and what its description does not say.
const TABLES: [(&str, &str, &str); 20] = [
    ("Scenario", "The top of the file", ""),
    ("Job", "The job", "There is one; its status is what tasks set and read."),
    ("Event", "Events", "It is published, announced or sent by steps."),
    ("Store", "Stores", "Events wait there, under ids, until a task sends them."),
    ("Row", "Rows", "A row that some step commits need not be declared."),
    ("Signal", "Signals", ""),
    (
        POLICY,
        "Policies",
        "How long a task sleeps, by the status that it read last. A `poll` or a `wait` names the policy.",
    ),
    ("Task", "Tasks", ""),
    (
        "Step",
        "Steps",
        "A step without `takes` or `blocks` happens at once, within the same event as the one before it.",
    ),
    ("Client", "Clients", ""),
    ("Timer", "Timers", ""),
    ("Reaction", "Reactions", ""),
    ("Limits", "Limits", "They are held against what [the semantics](semantics.md#8-invariants) say."),
    ("Expectations", "Expectations", "What is not named is not checked."),
    (
        "Variant",
        "Variants",
        "[The semantics](semantics.md#9-variants) say in which order the operations of a variant are made.",
    ),
    ("Insert", "Steps to insert", ""),
    ("Move", "Steps to move", ""),
    ("Replace", "Steps to replace", ""),
    ("Combination", "Combinations", ""),
    (
        "Interleaving",
        "Interleavings",
        "Steps that an order does not name may come between, those that it names may not.",
    ),
];

/// What the keys of a step say that it cannot do without.
const VERBS: &str = "what it does";

/// What a text is, where the schema says only that it is one.
const TEXTS: &[(&str, &str)] = &[
    ("Scenario.about", "text"),
    ("Scenario.ends", "[end of a run](#ends-of-runs)"),
    ("Scenario.fixes", "variant"),
    ("Scenario.never-taken", "step, timer or reaction"),
    ("Scenario.scenario", "name"),
    ("Job.others", "status"),
    ("Job.status", "status"),
    ("Event.name", "name"),
    ("Event.row", "row"),
    ("Store.ids", "[ids](#ids-of-stores)"),
    ("Store.name", "name"),
    ("Row.name", "name"),
    ("Row.visible-after", "[delay](#delays)"),
    ("Signal.name", "name"),
    ("Task.name", "name"),
    ("Task.node", "node"),
    ("Task.serves", "client"),
    ("Task.starts", "[start](#starts-of-tasks)"),
    ("Step.at-most", "policy"),
    ("Step.blocks", "[delay](#delays)"),
    ("Step.if", "[condition](#conditions)"),
    ("Step.into", "store"),
    ("Step.returns", "[delay](#delays)"),
    ("Step.sends", "event"),
    ("Step.step", "name"),
    ("Step.takes", "[delay](#delays)"),
    ("Step.to", "store"),
    ("Client.latency", "[delay](#delays)"),
    ("Client.name", "name"),
    ("Client.reconnects", "[delay](#delays)"),
    ("Timer.from", "[beginning](#beginnings-of-timers)"),
    ("Timer.limit", "[delay](#delays)"),
    ("Timer.name", "name"),
    ("Timer.stops", "event"),
    ("Reaction.event", "event"),
    ("Reaction.fetches", "[what is fetched](#what-is-fetched)"),
    ("Reaction.takes", "[delay](#delays)"),
    ("Limits.delivered-within", "[duration](#durations)"),
    ("Limits.stream-ends", "[duration](#durations)"),
    ("Variant.about", "text"),
    ("Variant.never-taken", "step, timer, reaction or line of a policy"),
    ("Variant.overrides", "variant"),
    ("Variant.remove", "[step](#steps-in-orders)"),
    ("Variant.set", "value by its [path](#paths)"),
    ("Variant.unset", "[path](#paths)"),
    ("Insert.after", "[step](#steps-in-orders)"),
    ("Insert.before", "[step](#steps-in-orders)"),
    ("Move.after", "[step](#steps-in-orders)"),
    ("Move.before", "[step](#steps-in-orders)"),
    ("Move.step", "[step](#steps-in-orders)"),
    ("Replace.step", "[step](#steps-in-orders)"),
    ("Combination.about", "text"),
    ("Combination.never-taken", "step, timer or reaction"),
    ("Interleaving.breaks", "invariant"),
    ("Interleaving.keeps", "invariant"),
    ("Interleaving.name", "name"),
    ("Interleaving.order", "[step](#steps-in-orders)"),
    ("Interleaving.variant", "variant or combination"),
];

/// What is meant where a key is left out, if that is not nothing.
const LEFT_OUT: &[(&str, &str)] = &[
    ("Store.keep", "all"),
    ("Task.cursors", "`\"one\"`"),
    ("Task.starts", "at once"),
    ("Step.chance", "always"),
    ("Step.fails", "never"),
    ("Step.takes", "at once"),
    ("Step.to", "the only store"),
    ("Step.way", "`\"both\"`"),
    ("Client.resumes", "`true`"),
    ("Reaction.copies", "`\"all\"`"),
    ("Interleaving.variant", "the file as written"),
    ("Interleaving.expect", "possible"),
];

/// The keys of a policy, which are names of statuses but for two.
const POLICY_KEYS: [(&str, &str, &str); 3] = [
    ("STATUS", "[policy line](#policy-lines)", "How long a task sleeps that has read this status."),
    ("python", "text", "A function in Python that says so instead, for every status that has no line."),
    ("arguments", "text", "What that function is called with beside status and age, as in a call."),
];

const HEAD: &str = "# The language

A scenario is a file in TOML. This page has each of its tables with every key, and after them the
[phrases](#phrases) that stand in texts. It is written from the schema (`punctual schema`) by a test, and each example is cut out
of a scenario that the tests read: the shortest one of the library where there is one. All that is wrong with a file is told at
once, and `punctual explain CODE` says what a code means.

A name consists of letters, digits, `-` and `_`. An example that is *there* is a table of its own.
";

/// The page, or what it lacks.
pub(crate) fn page(schema: &Value, examples: &Examples) -> Result<String, Vec<String>> {
    let mut page = Page { schema, examples, text: HEAD.to_owned(), wrong: Vec::new() };
    page.is_complete();
    for (name, title, says) in TABLES {
        page.section(name, title, says);
    }
    page.phrases();
    if page.wrong.is_empty() { Ok(page.text) } else { Err(page.wrong) }
}

struct Page<'a> {
    schema: &'a Value,
    examples: &'a Examples,
    text: String,
    wrong: Vec<String>,
}

/// One of a list of pairs.
fn entry(list: &[(&str, &'static str)], table: &str, key: &str) -> Option<&'static str> {
    let path = format!("{table}.{key}");
    list.iter().find(|(known, _)| *known == path).map(|(_, said)| *said)
}

/// A noun, with a link to the phrases that it can be, if it has some.
fn linked(noun: &str) -> String {
    let titled = |kind: &&Kind| kind.title.to_lowercase().trim_end_matches('s') == noun;
    match KINDS.iter().find(titled) {
        Some(kind) => format!("[{noun}](#{})", kind.title.to_lowercase().replace(' ', "-")),
        None => noun.to_owned(),
    }
}

impl Page<'_> {
    /// Nothing of the schema is left out, and nothing is said of what is not there.
    fn is_complete(&mut self) {
        let tables = self.schema["definitions"].as_object().expect("the schema has definitions");
        for (name, table) in tables {
            let listed = TABLES.iter().any(|(known, ..)| known == name);
            if table["oneOf"].is_null() && !listed {
                self.wrong.push(format!("{name} has no place on the page"));
            }
        }
        for (path, _) in TEXTS.iter().chain(LEFT_OUT) {
            let (name, key) = path.split_once('.').expect("a table and a key");
            if definition(self.schema, name)["properties"].get(key).is_none() {
                self.wrong.push(format!("the schema has no {path}"));
            }
        }
    }

    fn section(&mut self, name: &str, title: &str, says: &str) {
        let table = definition(self.schema, name);
        let described = table["description"].as_str().unwrap_or_default();
        let said =
            [described, says].into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join(" ");
        if said.is_empty() {
            self.wrong.push(format!("{name} has no description"));
        }
        let _ = write!(self.text, "\n## {title}\n\n{said}\n");
        if let Some(example) = self.examples.table_of(name) {
            let _ = write!(self.text, "\n```toml\n{example}\n```\n");
        }
        if name == POLICY {
            self.head("key");
            for (key, kind, says) in POLICY_KEYS {
                self.row(name, key, (kind, "none"), says);
            }
            return;
        }
        let keys: Vec<&str> =
            table["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        if name == "Step" {
            let does = |key: &&str| step_keys().any(|(verb, _)| verb == *key);
            let (what, how): (Vec<&str>, Vec<&str>) = keys.iter().copied().partition(does);
            self.keys(name, VERBS, &what);
            self.keys(name, "how it does that", &how);
        } else {
            let needed = |key: &&str| {
                table["required"].as_array().is_some_and(|all| all.iter().any(|one| one == *key))
            };
            let (first, others): (Vec<&str>, Vec<&str>) = keys.iter().copied().partition(needed);
            self.keys(name, "key", &[first, others].concat());
        }
        self.words(name, &keys);
    }

    fn head(&mut self, keys: &str) {
        let _ =
            write!(self.text, "\n| {keys} | is | if left out | means | example |\n|---|---|---|---|---|\n");
    }

    fn keys(&mut self, name: &str, title: &str, keys: &[&str]) {
        self.head(title);
        let table = definition(self.schema, name);
        for key in keys {
            let property = &table["properties"][key];
            let Some(says) = property["description"].as_str() else {
                self.wrong.push(format!("{name}.{key} has no description"));
                self.lacks_example(name, key);
                continue;
            };
            let needed = table["required"].as_array().is_some_and(|all| all.iter().any(|one| one == key));
            let kind = self.kind(name, key, property);
            let left_out = match (entry(LEFT_OUT, name, key), property["type"].as_str()) {
                _ if needed => "needed",
                // A step has one of these, and which is not said by the schema.
                _ if title == VERBS => "",
                (Some(said), _) => said,
                (None, Some("boolean")) => "`false`",
                (None, _) => "none",
            };
            self.row(name, key, (&kind, left_out), says);
        }
    }

    fn row(&mut self, name: &str, key: &str, (kind, left_out): (&str, &str), says: &str) {
        let example = match self.examples.of(name, key) {
            Some(Example::Short(example)) => format!("`{example}`"),
            // What has no short example has a table of its own, whose example stands there.
            Some(Example::Long) if key == "python" => {
                "[a function](policies.md#your-own-function)".to_owned()
            }
            Some(Example::Long) => "*there*".to_owned(),
            None => {
                self.lacks_example(name, key);
                return;
            }
        };
        let says = says.replace('|', "\\|");
        let _ = writeln!(
            self.text,
            "| `{key}` | {kind} | {left_out} | {says} | {} |",
            example.replace('|', "\\|")
        );
    }

    fn lacks_example(&mut self, name: &str, key: &str) {
        if self.examples.of(name, key).is_none() {
            self.wrong.push(format!("{name}.{key} has no example"));
        }
    }

    /// What a value is.
    fn kind(&mut self, name: &str, key: &str, property: &Value) -> String {
        let link = |target: &str| {
            let table = TABLES.iter().find(|(known, ..)| *known == target);
            table.map(|(_, title, _)| {
                format!("[{}](#{})", title.to_lowercase(), title.to_lowercase().replace(' ', "-"))
            })
        };
        if let Some(table) = target(property) {
            return link(table).unwrap_or_else(|| self.list(table).join(", "));
        }
        if let Some(table) = target(&property["items"]) {
            return link(table).unwrap_or_default();
        }
        let each = &property["additionalProperties"];
        if let Some(table) =
            target(each).or_else(|| each["additionalProperties"].is_object().then_some(POLICY))
        {
            return format!("{}, by name", link(table).unwrap_or_default());
        }
        match property["type"].as_str() {
            Some("boolean") => "`true` or `false`".to_owned(),
            Some(number @ ("integer" | "number")) => {
                let end = |key: &str| property[key].as_f64().map_or(String::new(), |end| format!("{end}"));
                format!("{number} from {} to {}", end("minimum"), end("maximum"))
            }
            kind => {
                let verb = step_keys().find(|(verb, _)| name == "Step" && verb == &key);
                let Some(text) =
                    verb.map(|(_, noun)| linked(noun)).or_else(|| entry(TEXTS, name, key).map(str::to_owned))
                else {
                    self.wrong.push(format!("{name}.{key}: nobody says what text it is"));
                    return String::new();
                };
                match kind {
                    Some("array") => format!("list of: {text}"),
                    Some("object") => format!("table of: {text}"),
                    Some(_) => text,
                    None => format!("{text}, or a list"),
                }
            }
        }
    }

    /// The words of a list, as they are written.
    fn list(&self, name: &str) -> Vec<String> {
        let words = self.schema["definitions"][name]["oneOf"].as_array();
        words
            .into_iter()
            .flatten()
            .filter_map(|word| Some(format!("`\"{}\"`", word["const"].as_str()?)))
            .collect()
    }

    /// What the words mean that values of a table are taken from.
    fn words(&mut self, name: &str, keys: &[&str]) {
        let properties = &definition(self.schema, name)["properties"];
        let mut told: Vec<&str> = Vec::new();
        for key in keys {
            let Some(list) = target(&properties[key]) else { continue };
            let definition = &self.schema["definitions"][list];
            let Some(words) = definition["oneOf"].as_array().filter(|_| !told.contains(&list)) else {
                continue;
            };
            told.push(list);
            let key = if name == "Expectations" { "an invariant".to_owned() } else { format!("`{key}`") };
            let _ = write!(self.text, "\n| {key} | |\n|---|---|\n");
            for word in words {
                let (word, says) = (word["const"].as_str().unwrap_or_default(), word["description"].as_str());
                let Some(says) = says else {
                    self.wrong.push(format!("{list} {word} has no description"));
                    continue;
                };
                if !self.examples.has_word(list, word) {
                    self.wrong.push(format!("{list} {word} has no example"));
                }
                let _ = writeln!(self.text, "| `\"{word}\"` | {says} |");
            }
        }
    }

    fn phrases(&mut self) {
        self.text.push_str(
            "\n## Phrases\n\nTexts with a form of their own. Each is read by the tests, in a scenario.\n",
        );
        for kind in KINDS {
            let _ = write!(self.text, "\n### {}\n\n{}\n\n| | |\n|---|---|\n", kind.title, kind.says);
            for (phrase, says) in kind.groups.iter().flat_map(|group| group.phrases) {
                let _ = writeln!(self.text, "| `\"{phrase}\"` | {says} |");
            }
        }
    }
}
