//! `punctual list`: scenarios and their cases, in a few lines each or as a document.

use std::error::Error;
use std::fmt;

use clap::Args;
use punctual_model::Rule;
use punctual_reports::text;
use punctual_scenarios::{BASE, Case, Expected};
use serde::Serialize;

use super::output::{Output, say};
use super::select::{Selected, Which, nearest};
use super::{Exit, Format};

/// List scenarios and their cases.
#[derive(Args, Debug)]
#[command(
    after_help = "What is listed is what `punctual check` would check. A case is the scenario as it is written (base), \
    a variant or a combination; a filter keeps the cases of which it is true, and the scenarios that \
    have such a case. With -v, each case says what it is expected to break.\n\
    Exits 0 if something is listed, 2 if a name or a file is wrong, 4 if nothing is left."
)]
pub(crate) struct List {
    #[command(flatten)]
    which: Which,
    /// Only what has this text in its name or its description, in capitals or not. Of several, all must be there
    #[arg(long = "text", value_name = "TEXT")]
    texts: Vec<String>,
    /// Only cases that check this invariant. Of several, all
    #[arg(long, value_name = "INVARIANT", value_parser = invariant)]
    checks: Vec<&'static str>,
    /// Only cases that are expected to break this invariant. Of several, all
    #[arg(long, value_name = "INVARIANT", value_parser = invariant)]
    violated: Vec<&'static str>,
    /// Only cases that are expected to keep this invariant. Of several, all
    #[arg(long, value_name = "INVARIANT", value_parser = invariant)]
    holds: Vec<&'static str>,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// A name that no invariant has.
#[derive(Debug)]
struct NoInvariant {
    /// What was most likely meant.
    near: Option<&'static str>,
}

impl fmt::Display for NoInvariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no invariant is called so")?;
        match self.near {
            Some(near) => write!(f, "; did you mean {near}?"),
            None => write!(f, ": there are {}", Rule::NAMES.join(", ")),
        }
    }
}

impl Error for NoInvariant {}

fn invariant(name: &str) -> Result<&'static str, NoInvariant> {
    let known = Rule::NAMES.into_iter().find(|known| *known == name);
    known.ok_or_else(|| NoInvariant { near: nearest(name, &Rule::NAMES) })
}

/// What is listed, as programs read it.
#[derive(Serialize)]
struct Listed<'s> {
    schema: &'static str,
    scenarios: Vec<Entry<'s>>,
}

/// A scenario.
#[derive(Serialize)]
struct Entry<'s> {
    scenario: &'s str,
    /// Its file; none of one that is embedded.
    place: Option<&'s str>,
    about: &'s str,
    fixes: &'s [String],
    cases: Vec<OfCase<'s>>,
}

/// A case of it.
#[derive(Serialize)]
struct OfCase<'s> {
    variant: Option<&'s str>,
    about: &'s str,
    /// How many states exploring it is expected to keep.
    states: Option<u64>,
    checks: Vec<OfCheck>,
    interleavings: Vec<&'s str>,
}

/// An invariant that is checked.
#[derive(Serialize)]
struct OfCheck {
    invariant: &'static str,
    expected: &'static str,
}

impl List {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let meant = self.which.meant()?;
        let selected = meant.scenarios(output)?;
        meant.tell("Listing", &selected, output);
        let entries = selected.iter().map(|one| self.entry(one)).filter(|entry| !entry.cases.is_empty());
        let listed = Listed { schema: "punctual.list/1", scenarios: entries.collect() };
        if listed.scenarios.is_empty() {
            say("error: nothing selected: no case of these scenarios is such a one");
            return Err(Exit::Nothing);
        }
        let text = self.format.of(&listed, "scenarios").unwrap_or_else(|| listed.text(output));
        output.printed(&text, Exit::AsExpected)
    }

    fn entry<'s>(&self, one: &'s Selected) -> Entry<'s> {
        let scenario = &one.scenario;
        let cases = scenario.cases.iter().filter(|case| self.keeps(one, case));
        Entry {
            scenario: &scenario.name,
            place: (!one.embedded).then(|| scenario.label()),
            about: &scenario.about,
            fixes: &scenario.fixes,
            cases: cases.map(OfCase::of).collect(),
        }
    }

    /// Whether all filters are true of a case.
    fn keeps(&self, one: &Selected, case: &Case) -> bool {
        let variant = case.variant.as_deref().unwrap_or(BASE);
        let (name, about) = (one.scenario.name.as_str(), one.scenario.about.as_str());
        let read = [name, about, variant, case.about.as_str()].join("\n").to_lowercase();
        let is = |name: &str, expected: Option<Expected>| {
            case.checks.iter().any(|check| check.rule.name() == name && check.expected == expected)
        };
        self.texts.iter().all(|text| read.contains(&text.to_lowercase()))
            && self.checks.iter().all(|name| case.checks.iter().any(|check| check.rule.name() == *name))
            && self.violated.iter().all(|name| is(name, Some(Expected::Violated)))
            && self.holds.iter().all(|name| is(name, Some(Expected::Holds)))
    }
}

impl<'s> OfCase<'s> {
    fn of(case: &'s Case) -> Self {
        let check = |check: &punctual_scenarios::Check| OfCheck {
            invariant: check.rule.name(),
            expected: match check.expected {
                Some(Expected::Holds) => "holds",
                Some(Expected::Violated) => "violated",
                None => "any",
            },
        };
        Self {
            variant: case.variant.as_deref(),
            about: &case.about,
            states: case.states.map(|states| states.count),
            checks: case.checks.iter().map(check).collect(),
            interleavings: case.interleavings.iter().map(|order| order.name.as_str()).collect(),
        }
    }

    fn name(&self) -> &'s str {
        self.variant.unwrap_or(BASE)
    }

    /// What it is expected to break.
    fn breaks(&self) -> String {
        let broken = self.checks.iter().filter(|check| check.expected == "violated");
        let broken: Vec<&str> = broken.map(|check| check.invariant).collect();
        if broken.is_empty() { "breaks nothing".to_owned() } else { format!("breaks {}", broken.join(", ")) }
    }
}

impl Listed<'_> {
    fn text(&self, output: &Output) -> String {
        let entries: Vec<String> = self.scenarios.iter().map(|entry| entry.text(output)).collect();
        entries.join("\n")
    }
}

impl Entry<'_> {
    /// Some lines, each with a newline.
    fn text(&self, output: &Output) -> String {
        let (wide, ascii) = (output.style.columns(), output.style.ascii);
        let within = wide - 4;
        let file = self.place.map(|file| format!("  {}", text::clean(file, wide, ascii))).unwrap_or_default();
        let mut lines =
            vec![text::cut(&format!("{}{file}", text::clean(self.scenario, wide, ascii)), wide, ascii)];
        let about = text::clean(first_sentence(self.about), within, ascii);
        lines.push(format!("    {about}"));
        let names: Vec<String> =
            self.cases.iter().map(|case| text::clean(case.name(), within, ascii)).collect();
        if output.style.verbose > 0 {
            let widest = names.iter().map(|name| text::columns(name)).max().unwrap_or(0);
            for (name, case) in names.iter().zip(&self.cases) {
                let line = format!("{}  {}", text::left(name, widest), case.breaks());
                lines.push(format!("    {}", text::cut(&line, within, ascii)));
            }
        } else {
            let count = text::count(names.len() as u64, "case");
            let wrapped = text::wrap(&format!("{count}: {}", names.join(", ")), within, ascii);
            lines.extend(wrapped.iter().map(|line| format!("    {line}")));
        }
        let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        lines.join("\n") + "\n"
    }
}

/// What a description begins with, up to the end of its first sentence.
fn first_sentence(about: &str) -> &str {
    let mut ends = about.match_indices(['.', ':', ';']).map(|(at, _)| at);
    let ends = ends.find(|at| about[at + 1..].starts_with(char::is_whitespace));
    about[..ends.unwrap_or(about.len())].trim().trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::first_sentence;

    #[test]
    fn a_description_is_told_by_its_first_sentence() {
        let told = |about, first| assert_eq!(first_sentence(about), first);
        told("One job, one stream. It polls.", "One job, one stream");
        told("Sends v1.2 of it: twice.", "Sends v1.2 of it");
        told("One.", "One");
        told("", "");
    }
}
