//! A duration of a scenario, to be given other values than the file does.
//!
//! It is named by the path that `set` of a variant takes: `policy.poll.completed`,
//! `client.panel.timer.finish.limit`, `task.voiceover.publish.takes.max`. Where the file has an
//! interval, `.min` or `.max` behind the path says which end is meant. The value is put where a
//! variant of the file would put it, so whatever a variant may not say is refused here too.

use std::ops::Range;

use punctual_sim::Span;
use toml::de::{DeTable, DeValue};

use crate::file::File;
use crate::form::Expectations;
use crate::form::Text;
use crate::names::BASE;
use crate::patch::{self, Change};
use crate::problem::{Findings, NOWHERE, Problems, quoted};
use crate::scenario::{Case, Scenario};
use crate::tree;
use crate::value::duration;

/// The variant that holds the values, for the time of one compilation.
const VARIANT: &str = "with these values";

/// A duration that can be varied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// How it was named.
    pub name: String,
    /// What it is in the file, with its variants.
    pub now: Span,
    path: String,
    /// What stands before and after it in the text at the path.
    around: (String, String),
}

/// A value that is put somewhere in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Where, as `set` of a variant has it.
    pub path: String,
    /// The value, as TOML writes it.
    pub value: String,
}

impl Parameter {
    /// The same value as something to put into the file.
    pub fn put(&self, value: Span) -> Put {
        Put { path: self.path.clone(), value: quote(&self.text(value)) }
    }

    fn text(&self, value: Span) -> String {
        format!("{}{}us{}", self.around.0, value.0, self.around.1)
    }
}

/// What went wrong, in one line and its help.
fn first(problems: &Problems) -> String {
    let problem = &problems.list[0];
    problem.help.as_ref().map_or(problem.title.clone(), |help| format!("{}\n{help}", problem.title))
}

impl Scenario {
    /// The duration that `name` names under `variant` ([`BASE`], a variant or a combination).
    ///
    /// # Errors
    /// There is none: what is wrong, and what would be right.
    pub fn parameter(&self, variant: &str, name: &str) -> Result<Parameter, String> {
        let (path, end) = match name.rsplit_once('.') {
            Some((path, end @ ("min" | "max"))) => (path, Some(end)),
            _ => (name, None),
        };
        let text = self.text_at(variant, path)?;
        let interval = text.split_whitespace().find(|word| word.contains("..") && duration(word).is_err());
        let (part, around) = match (interval, end) {
            (None, None) => {
                // A line of a policy may have several parts; they are one value then.
                let first = text.split([',', ' ']).next().unwrap_or("").to_owned();
                (first, (String::new(), String::new()))
            }
            (None, Some(_)) => {
                return Err(format!(
                    "{} is {} and has no ends: name it {}",
                    quoted(path),
                    quoted(&text),
                    quoted(path)
                ));
            }
            (Some(_), None) => {
                return Err(format!(
                    "{} is {} and has two ends: name one, {} or {}",
                    quoted(path),
                    quoted(&text),
                    quoted(&format!("{path}.min")),
                    quoted(&format!("{path}.max"))
                ));
            }
            (Some(interval), Some(end)) => {
                let at = text.find(interval).unwrap_or(0);
                let (before, after) = (&text[..at], &text[at + interval.len()..]);
                let (min, max) = interval.split_once("..").unwrap_or((interval, interval));
                if end == "min" {
                    (min.to_owned(), (before.to_owned(), format!("..{max}{after}")))
                } else {
                    (max.to_owned(), (format!("{before}{min}.."), after.to_owned()))
                }
            }
        };
        let now = duration(part.trim()).map_err(|wrong| {
            format!("{} is {}, and only a duration can be varied ({wrong})", quoted(path), quoted(&text))
        })?;
        Ok(Parameter { name: name.to_owned(), now, path: path.to_owned(), around })
    }

    /// Where the value at `path` stands in the file, with its quotes, and what it is.
    ///
    /// # Errors
    /// There is no text: what is wrong, and what would be right.
    pub fn place_of(&self, path: &str) -> Result<(Range<usize>, String), String> {
        let findings = Findings::new(self.label(), self.text());
        let file = File::read(&findings).map_err(|problems| first(&problems))?;
        let mut tree = file.base.clone();
        let path = Text { at: NOWHERE, value: path.to_owned() };
        let found = patch::at_path(&mut tree, &path, &findings);
        findings.so_far().map_err(|problems| first(&problems))?;
        let (table, key) = found.ok_or_else(|| format!("{} leads nowhere", quoted(&path.value)))?;
        let text = tree::text(table, &key).map(str::to_owned);
        let place = table.get(key.as_str()).map(toml::Spanned::span);
        place.zip(text).ok_or_else(|| format!("the file says no {}", quoted(&path.value)))
    }

    /// The text at `path` under `variant`.
    fn text_at(&self, variant: &str, path: &str) -> Result<String, String> {
        self.at(variant, path, |table, key| {
            tree::text(table, key).map(str::to_owned).ok_or_else(|| {
                let keys: Vec<&str> = table.keys().map(|key| key.get_ref().as_ref()).collect();
                let hint = crate::problem::did_you_mean(key, keys.iter().copied());
                let known = crate::problem::listed(keys);
                format!("{} is no text with a duration{hint}; there are {known}", quoted(path))
            })
        })
    }

    /// What `look` makes of the table and the key that `path` leads to under `variant`.
    fn at<T>(
        &self,
        variant: &str,
        path: &str,
        look: impl FnOnce(&DeTable<'_>, &str) -> Result<T, String>,
    ) -> Result<T, String> {
        let findings = Findings::new(self.label(), self.text());
        let file = File::read(&findings).map_err(|problems| first(&problems))?;
        let names = Text { at: NOWHERE, value: variant.to_owned() };
        let changes = file.changes(&names);
        findings.so_far().map_err(|problems| first(&problems))?;
        let mut tree = file.base.clone();
        patch::apply(&mut tree, &changes.unwrap_or_default(), &findings);
        let path = Text { at: NOWHERE, value: path.to_owned() };
        let found = patch::at_path(&mut tree, &path, &findings);
        findings.so_far().map_err(|problems| first(&problems))?;
        let (table, key) = found.ok_or_else(|| format!("{} leads nowhere", quoted(&path.value)))?;
        look(table, &key)
    }

    /// The keys of the table in which the value at `path` stands, or would stand, under `variant`.
    fn keys_at(&self, variant: &str, path: &str) -> Result<Vec<String>, String> {
        self.at(variant, path, |table, _| Ok(table.keys().map(|key| key.get_ref().to_string()).collect()))
    }

    /// The value at `path` under `variant`, as TOML writes it.
    ///
    /// # Errors
    /// There is none: what is wrong, and what would be right.
    pub fn value_at(&self, variant: &str, path: &str) -> Result<String, String> {
        self.at(variant, path, |table, key| match table.get(key) {
            Some(value) => {
                written(value.get_ref()).ok_or_else(|| format!("{} is no single value", quoted(path)))
            }
            None => {
                let known = crate::problem::listed(table.keys().map(|key| key.get_ref().as_ref()));
                let keys: Vec<&str> = table.keys().map(|key| key.get_ref().as_ref()).collect();
                let hint = crate::problem::did_you_mean(key, keys.into_iter());
                Err(format!("there is no {}{hint}; there are {known}", quoted(path)))
            }
        })
    }

    /// The case of `variant` in which parameters have these values. Nothing is expected of it.
    ///
    /// # Errors
    /// A value that the file could not have either.
    pub fn with(&self, variant: &str, values: &[(&Parameter, Span)]) -> Result<Case, Problems> {
        let value = |(parameter, value): &(&Parameter, Span)| Put {
            path: parameter.path.clone(),
            value: quote(&parameter.text(*value)),
        };
        self.patched(variant, &values.iter().map(value).collect::<Vec<_>>(), &[])
    }

    /// The case of `variant` in which these values stand at these paths, and nothing at those that are unset.
    /// Nothing is expected of it.
    ///
    /// # Errors
    /// What the file could not say either.
    pub fn patched(&self, variant: &str, set: &[Put], unset: &[String]) -> Result<Case, Problems> {
        let set: Vec<String> =
            set.iter().map(|put| format!("{} = {}", quote(&put.path), put.value)).collect();
        let unset: Vec<String> = unset.iter().map(|path| quote(path)).collect();
        let (set, unset) = (set.join(", "), unset.join(", "));
        let text =
            format!("{}\n[variant.\"{VARIANT}\"]\nset = {{ {set} }}\nunset = [{unset}]\n", self.text());
        let findings = Findings::new(self.label(), &text);
        let file = File::read(&findings)?;
        let name = |value: &str| Text { at: NOWHERE, value: value.to_owned() };
        let mut changes = file.changes(&name(variant)).unwrap_or_default();
        let (at, own) = file
            .form
            .variant
            .get_key_value(&name(VARIANT))
            .expect("a variant that was just written is there");
        let own = patch::changes(&file.tree, at, own, &findings);
        changes.retain(|change| !own.iter().any(|own| sets_the_same(change, own)));
        changes.extend(own);
        findings.so_far()?;
        let made = file.case(at, None, &Expectations::default(), &changes, Some(&self.unused));
        findings.so_far()?;
        let mut case = made.expect("a variant without problems compiles").case;
        case.variant = Some(variant.to_owned()).filter(|variant| variant != BASE);
        case.interleavings.clear();
        for check in &mut case.checks {
            (check.expected, check.stated) = (None, false);
        }
        Ok(case)
    }

    /// What changes `variant` to ask a pasted function instead of the lines of a policy: what is put where,
    /// and what is left out.
    ///
    /// # Errors
    /// There is no such policy: which there are.
    pub fn pasted(
        &self,
        variant: &str,
        policy: &str,
        (source, arguments): (&str, &str),
    ) -> Result<(Vec<Put>, Vec<String>), String> {
        let lines = self.keys_at(variant, &format!("policy.{policy}.…"))?;
        let path = |key: &str| format!("policy.{policy}.{key}");
        let unset = lines.iter().filter(|key| !crate::rest::PYTHON.contains(&key.as_str()));
        let mut set = vec![Put { path: path("python"), value: quote(source) }];
        if !arguments.is_empty() {
            set.push(Put { path: path("arguments"), value: quote(arguments) });
        }
        Ok((set, unset.map(|key| path(key)).collect()))
    }

    /// The names of all parameters that there are under `variant`, in the order of the file.
    pub fn parameters(&self, variant: &str) -> Vec<String> {
        let findings = Findings::new(self.label(), self.text());
        let Ok(file) = File::read(&findings) else { return Vec::new() };
        let changes = file.changes(&Text { at: NOWHERE, value: variant.to_owned() });
        let mut tree = file.base.clone();
        patch::apply(&mut tree, &changes.unwrap_or_default(), &findings);
        let mut names = Vec::new();
        let mut add = |path: &str, table: &DeTable<'_>| {
            for (key, value) in table {
                let key = key.get_ref();
                match value.get_ref() {
                    DeValue::Integer(_) | DeValue::Float(_) => names.push(format!("{path}.{key}")),
                    DeValue::String(text) => {
                        let interval = text
                            .split_whitespace()
                            .any(|word| word.contains("..") && duration(word).is_err());
                        let first = text.split([',', ' ']).next().unwrap_or_default();
                        if interval && text.split("..").count() == 2 {
                            names.extend(["min", "max"].map(|end| format!("{path}.{key}.{end}")));
                        } else if duration(first).is_ok() {
                            names.push(format!("{path}.{key}"));
                        }
                    }
                    _ => {}
                }
            }
        };
        let tables = |key: &str| tree.get(key).and_then(|node| node.get_ref().as_table());
        for (name, lines) in tables("policy").into_iter().flatten() {
            if let Some(lines) = lines.get_ref().as_table() {
                add(&format!("policy.{}", name.get_ref()), lines);
            }
        }
        for task in tree::tables(&tree, "task") {
            let name = tree::text(task, "name").unwrap_or_default();
            add(&format!("task.{name}"), task);
            tree::each_step(task, &mut |step, _| {
                add(&format!("task.{name}.{}", tree::text(step, "step").unwrap_or_default()), step);
            });
        }
        for list in ["store", "row", "client"] {
            for table in tree::tables(&tree, list) {
                let name = tree::text(table, "name").unwrap_or_default();
                add(&format!("{list}.{name}"), table);
                for timer in tree::tables(table, "timer") {
                    let timer_name = tree::text(timer, "name").unwrap_or_default();
                    add(&format!("client.{name}.timer.{timer_name}"), timer);
                }
                for on in tree::tables(table, "on") {
                    add(&format!("client.{name}.on.{}", tree::text(on, "event").unwrap_or_default()), on);
                }
            }
        }
        if let Some(limits) = tables("limits") {
            add("limits", limits);
        }
        names
    }

    /// The names of its policies.
    pub fn policies(&self) -> Vec<String> {
        self.cases[0].system.policies.iter().map(|policy| policy.name.clone()).collect()
    }
}

/// A value as TOML writes it; none for a table or a list.
fn written(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(quote(text)),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// A text as TOML writes it.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

fn sets_the_same(one: &Change<'_>, other: &Change<'_>) -> bool {
    match (one, other) {
        (Change::Set { path, .. } | Change::Unset { path }, Change::Set { path: other, .. }) => {
            path.value == other.value
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    fn documented() -> Scenario {
        let named = |(name, _): &(&str, &str)| *name == "audio-as-documented";
        let (name, text) = library().into_iter().find(named).expect("it is in the library");
        Scenario::parse(name, text).expect("the library is sound")
    }

    #[test]
    fn a_parameter_is_a_duration_by_its_path() {
        let scenario = documented();
        let now = |variant: &str, name: &str| scenario.parameter(variant, name).map(|found| found.now);
        assert_eq!(now(BASE, "policy.poll.completed"), Ok(Span::secs(2)));
        assert_eq!(now("fix-1", "policy.poll.completed"), Ok(Span::millis(500)));
        assert_eq!(now("fix-1+fix-3", "policy.poll.completed"), Ok(Span::millis(500)));
        assert_eq!(now(BASE, "policy.poll.running"), Ok(Span::millis(300)));
        assert_eq!(now(BASE, "client.panel.timer.finish.limit"), Ok(Span::secs(2)));
        assert_eq!(now(BASE, "task.voiceover.publish.takes.max"), Ok(Span::millis(200)));
        assert_eq!(now(BASE, "task.voiceover.publish.takes.min"), Ok(Span::millis(1)));
        assert_eq!(now(BASE, "limits.delivered-within"), Ok(Span::secs(2)));
    }

    #[test]
    fn what_is_no_parameter_is_told_with_what_would_be_right() {
        let scenario = documented();
        let wrong = |name: &str| scenario.parameter(BASE, name).expect_err("it names no duration");
        assert!(wrong("policy.pol.completed").contains("leads nowhere"));
        assert!(wrong("policy.poll.complete").contains("`completed`"));
        assert!(wrong("task.voiceover.publish.takes").contains("`task.voiceover.publish.takes.max`"));
        assert!(wrong("policy.poll.completed.max").contains("has no ends"));
        assert!(wrong("store.events.ids").contains("only a duration can be varied"));
        assert!(wrong("limits.bounded-requests").contains("no text with a duration"));
        assert!(wrong("task.voiceover.publsh.takes.max").contains("unknown step"));
        assert!(wrong("").contains("leads nowhere"));
    }

    #[test]
    fn a_case_with_other_values_is_the_file_with_those() {
        let scenario = documented();
        let polled = scenario.parameter(BASE, "policy.poll.completed").expect("it is there");
        let case = |variant: &str, value| scenario.with(variant, &[(&polled, value)]).expect("it compiles");
        assert_eq!(case(BASE, Span::secs(2)).system, scenario.cases[0].system);
        assert_ne!(case(BASE, Span::secs(3)).system, scenario.cases[0].system);
        let fixed = scenario.case(Some("fix-1")).expect("it is a variant");
        assert_eq!(case("fix-1", Span::millis(500)).system, fixed.system);
        assert_ne!(case("fix-1", Span::secs(2)).system, fixed.system);
        assert!(scenario.with(BASE, &[(&polled, Span::ZERO)]).is_err(), "nobody sleeps for nothing");
    }
}
