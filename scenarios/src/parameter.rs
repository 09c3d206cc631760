//! Values that are put into a scenario from outside: a duration that is varied, or anything that `set` may say.
//!
//! A duration is named by the path that `set` of a variant takes: `policy.poll.completed`,
//! `client.panel.timer.finish.limit`, `task.voiceover.publish.takes.max`. Where the file has an
//! interval, `.min` or `.max` behind the path says which end is meant. The value is put where a
//! variant of the file would put it, so whatever a variant may not say is refused here too; it is then
//! told with the option that said it, since no line of the file does.

use punctual_sim::Span;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::case::{Case, digest};
use crate::duration::duration;
use crate::file::File;
use crate::form::{Expectations, Text};
use crate::names::BASE;
use crate::patch::Change;
use crate::paths::{NoParameter, WrongPath};
use crate::problem::{Findings, Problem, Problems};
use crate::scenario::Scenario;
use crate::tree::Node;
use crate::wanted::{Wanted, ended, is_interval, quote};
use crate::words::quoted;

/// A duration that can be varied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name: the path of `set`, and which end of an interval.
    pub name: String,
    /// What it is in the file, with its variants.
    pub now: Span,
    /// How it was named.
    asked: String,
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
    /// What says so on the command line, in its words: `--vary client.timeout=1s`.
    pub option: String,
}

impl Parameter {
    /// The same value as something to put into the file.
    pub fn put(&self, value: Span) -> Put {
        let option = format!("{}={value}", self.asked);
        Put { path: self.path.clone(), value: quote(&self.text(value)), option }
    }

    fn text(&self, value: Span) -> String {
        format!("{}{}us{}", self.around.0, value.0, self.around.1)
    }
}

impl Scenario {
    /// The duration that `name` names under `variant` ([`BASE`], a variant or a combination): by its path, or shorter
    /// by the step that has it.
    ///
    /// # Errors
    /// There is none: what is wrong, and which there are.
    pub fn parameter(&self, variant: &str, name: &str) -> Result<Parameter, NoParameter> {
        let with_known = |wrong: WrongPath| wrong.among(self.parameters(variant, Wanted::Durations));
        let name_of = self.resolve(variant, name, Wanted::Durations)?;
        let (path, end) = ended(&name_of);
        let text = self.text_at(variant, path).map_err(with_known)?;
        let interval = text.split_whitespace().find(|word| is_interval(word));
        let (part, around) = match (interval, end) {
            (None, None) => {
                // A line of a policy may have several parts; they are one value then.
                let first = text.split([',', ' ']).next().unwrap_or("").to_owned();
                (first, (String::new(), String::new()))
            }
            (None, Some(_)) => {
                return Err(WrongPath::NoEnds { path: path.to_owned(), text }.into());
            }
            (Some(_), None) => {
                return Err(WrongPath::TwoEnds { path: path.to_owned(), text }.into());
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
        let now = duration(part.trim())
            .map_err(|_| with_known(WrongPath::NoDuration { path: path.to_owned(), is: quoted(&text) }))?;
        Ok(Parameter { name: name_of.clone(), now, asked: name.to_owned(), path: path.to_owned(), around })
    }

    /// The case of `variant` in which parameters have these values. Nothing is expected of it.
    ///
    /// # Errors
    /// A value that the file could not have either.
    pub fn with(&self, variant: &str, values: &[(&Parameter, Span)]) -> Result<Case, Problems> {
        let put: Vec<Put> = values.iter().map(|(parameter, value)| parameter.put(*value)).collect();
        self.patched(variant, &put, &[])
    }

    /// The case of `variant` in which these values stand at these paths, and nothing at those that are unset.
    /// Nothing is expected of it.
    ///
    /// # Errors
    /// What the file could not say either.
    pub fn patched(&self, variant: &str, set: &[Put], unset: &[String]) -> Result<Case, Problems> {
        let findings = Findings::new(self.label(), self.text());
        let file = File::read(&findings)?;
        let chosen = (variant != BASE).then(|| format!("--variant {variant}"));
        let mut options: Vec<String> =
            chosen.into_iter().chain(set.iter().map(|put| put.option.clone())).collect();
        // A function is put into several places.
        options.dedup();
        // Those that name a value come after all of them together: they are what it says by itself.
        let name = Text { at: findings.given(options.join(" ")), value: variant.to_owned() };
        let mut changes = file.changes(&name).unwrap_or_default();
        let own: Vec<Change<'_>> = set.iter().filter_map(|put| change(put, &findings)).collect();
        let left_out = unset.iter().map(|path| Text { at: name.at.clone(), value: path.clone() });
        let left_out = left_out.map(|path| Change::Unset { path });
        changes.retain(|change| !own.iter().any(|own| sets_the_same(change, own)));
        changes.extend(own.into_iter().chain(left_out));
        findings.so_far()?;
        let made = file.case(&name, None, &Expectations::default(), &changes, Some(&self.unused));
        findings.so_far()?;
        let mut case = made.expect("a variant without problems compiles").case;
        case.variant = Some(variant.to_owned()).filter(|variant| variant != BASE);
        let said = set.iter().map(|put| format!("{}={}", put.path, put.value)).chain(unset.iter().cloned());
        let said: Vec<String> = std::iter::once(variant.to_owned()).chain(said).collect();
        case.digest = digest(self.text(), Some(&said.join("\0")));
        case.interleavings.clear();
        for check in &mut case.checks {
            (check.expected, check.stated) = (None, false);
        }
        Ok(case)
    }

    /// What changes `variant` to ask a pasted function instead of the lines of a policy: what is put where,
    /// and what is left out. `option` is what says so on the command line.
    ///
    /// # Errors
    /// There is no such policy: which there are.
    pub fn pasted(
        &self,
        variant: &str,
        policy: &str,
        (source, arguments): (&str, &str),
        option: &str,
    ) -> Result<(Vec<Put>, Vec<String>), WrongPath> {
        let lines = self.keys_at(variant, &format!("policy.{policy}.…"))?;
        let path = |key: &str| format!("policy.{policy}.{key}");
        let unset = lines.iter().filter(|key| !crate::pasted::KEYS.contains(&key.as_str()));
        let put =
            |key: &str, text: &str| Put { path: path(key), value: quote(text), option: option.to_owned() };
        let mut set = vec![put("python", source)];
        if !arguments.is_empty() {
            set.push(put("arguments", arguments));
        }
        Ok((set, unset.map(|key| path(key)).collect()))
    }

    /// The names of its policies.
    pub fn policies(&self) -> Vec<String> {
        self.cases[0].system.policies.iter().map(|policy| policy.name.clone()).collect()
    }
}

/// What a value is as a change of the file. Its place is the option, for it and for all that is in it.
fn change<'t>(put: &'t Put, findings: &Findings<'_>) -> Option<Change<'t>> {
    let at = findings.given(put.option.as_str());
    match DeValue::parse(&put.value) {
        Ok(value) => {
            let value = Spanned::new(at.clone(), moved(value.into_inner(), &at));
            Some(Change::Set { path: Text { at, value: put.path.clone() }, value })
        }
        Err(error) => {
            let title = format!("{} is no value: {}", quoted(&put.value), error.message().trim());
            findings
                .add(Problem::new("P0001", &at, title).help("a value is a text, a number, true or false"));
            None
        }
    }
}

/// A value of which every part stands at one place.
fn moved<'t>(value: DeValue<'t>, at: &std::ops::Range<usize>) -> DeValue<'t> {
    let part = |node: Node<'t>| Spanned::new(at.clone(), moved(node.into_inner(), at));
    match value {
        DeValue::Array(items) => DeValue::Array(items.into_iter().map(part).collect::<DeArray<'t>>()),
        DeValue::Table(table) => {
            let entry = |(key, node): (Spanned<_>, Node<'t>)| {
                (Spanned::new(at.clone(), key.into_inner()), part(node))
            };
            DeValue::Table(table.into_iter().map(entry).collect::<DeTable<'t>>())
        }
        plain => plain,
    }
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
        let wrong =
            |name: &str| scenario.parameter(BASE, name).expect_err("it names no duration").to_string();
        assert!(wrong("policy.pol.completed").contains("did you mean `policy.poll.completed`?"));
        assert!(wrong("policy.poll.complete").contains("did you mean `policy.poll.completed`?"));
        assert!(wrong("task.voiceover.publish.takes").contains("`task.voiceover.publish.takes.max`"));
        assert!(wrong("policy.poll.completed.max").contains("has no ends"));
        assert!(wrong("store.events.ids").contains("only a duration can be varied"));
        assert!(wrong("limits.bounded-requests").contains("is 400, and only a duration can be varied"));
        assert!(
            wrong("task.voiceover.publsh.takes.max")
                .contains("did you mean `task.voiceover.publish.takes.max`?")
        );
        assert!(wrong("").contains("there is no parameter ``"));
        // No hint leads to what is refused as well.
        for (name, within) in [
            ("stream.poll", "policy.poll.failed"),
            ("task.stream.poll", "policy.poll.failed"),
            ("stream", "task.stream.read.takes.min"),
            ("task.voiceover.publish", "task.voiceover.publish.takes.max"),
            ("client.panel", "client.panel.timer.finish.limit"),
        ] {
            let told = wrong(name);
            let line = told.lines().next().unwrap_or_default();
            assert!(line.contains("is no value by itself; there are") && line.contains(within), "{told}");
        }
        assert!(wrong("stream.sleep").starts_with("there is no parameter `stream.sleep`\n"));
        assert!(wrong("task.stream.loop").contains("`task.stream.loop` is a list"));
        for name in
            ["", "policy.pol.completed", "store.events.ids", "limits.bounded-requests", "task.stream.loop"]
        {
            let told = wrong(name);
            let known = told.rsplit_once("parameters: ").map(|(_, known)| known).unwrap_or_default();
            assert!(
                known.starts_with("policy.poll.") && known.contains("client.panel.timer.finish.limit"),
                "{told}"
            );
            assert!(!known.contains("bounded-requests"), "a number is no duration: {told}");
        }
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
