//! A file on its way to its cases.
//!
//! The file is parsed once to a tree in which every value knows its place. A variant is that tree
//! with changes, and goes the same way as the base from there: structure, types, names. So what
//! is wrong with a variant is found and shown just as what is wrong with the base.

use std::ops::Range;

use punctual_model::System;
use serde::de::Deserialize;
use toml::Spanned;
use toml::de::DeTable;

use crate::apply;
use crate::case::{Case, Check, Interleaving, digest};
use crate::compile::compile;
use crate::expect::{self, Limits};
use crate::form::{self, Expectations, Text};
use crate::names::{BASE, Implied, check_name, in_file_order};
use crate::patch::{self, Change};
use crate::problem::{Findings, Problem, Problems};
use crate::words::quoted;
use crate::{idle, mend, structure, tree};

/// A file that is structurally sound, on its way to be compiled.
pub(crate) struct File<'a, 't> {
    pub(crate) findings: &'a Findings<'t>,
    /// All of the file; every step has its name.
    pub(crate) tree: DeTable<'t>,
    /// The same without variants and interleavings.
    pub(crate) base: DeTable<'t>,
    pub(crate) form: form::Scenario,
    /// Names that are declared by being used.
    implied: Implied,
    /// How many problems the structure has.
    structural: usize,
}

/// The file as it is written, compiled.
pub(crate) struct Base {
    pub(crate) system: System,
    /// What it declares and does not use: it may be there for a variant.
    pub(crate) unused: Vec<Problem>,
    /// Whether its variants can be compiled.
    pub(crate) sound: bool,
}

impl Base {
    fn unused(&self) -> Option<&[Problem]> {
        self.sound.then_some(self.unused.as_slice())
    }
}

/// A variant or a combination, compiled.
pub(crate) struct Made {
    pub(crate) case: Case,
    /// What neither it nor the base uses.
    pub(crate) unused: Vec<Problem>,
}

/// A variant and its changes.
type Part<'f, 't> = (&'f Text, &'f form::Variant, Vec<Change<'t>>);

impl<'a, 't> File<'a, 't> {
    pub(crate) fn read(findings: &'a Findings<'t>) -> Result<Self, Problems> {
        let text = findings.text;
        if text.trim().is_empty() {
            let problem = Problem::new("P0002", &(0..0), "the file is empty").label("nothing here");
            findings.add(problem.help("`punctual init` writes a scenario to start from"));
        }
        findings.so_far()?;
        let (tree, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error.span().unwrap_or(0..0);
            let message = error.message().trim().replace('\n', ", ");
            let problem = Problem::new("P0001", &at, format!("this is not TOML: {message}"));
            let help = if message.contains("duplicate") {
                "each key and table stands once; `[[name]]` begins one more of several"
            } else {
                "a value is a text in quotes, a number, true, false, [ ... ] or { ... }"
            };
            findings.add(problem.label("here").help(help));
        }
        findings.so_far()?;
        let mut tree = tree.into_inner();
        structure::check(&tree, findings, None);
        if let Err(problems) = findings.so_far() {
            // Mended, the rest may be sound enough to be looked at too.
            findings.doubt(mend::mend(&mut tree));
            let rest = Findings::new(findings.label, text);
            structure::check(&tree, &rest, None);
            rest.so_far().map_err(|_| problems)?;
        }
        let structural = findings.count();
        tree::name_all_steps(&mut tree, findings);
        let Some(form) = typed(tree.clone(), findings) else {
            return Err(findings.so_far().expect_err("a file that cannot be typed has a problem"));
        };
        let mut base = tree.clone();
        for section in ["variant", "combination", "interleaving"] {
            base.remove(section);
        }
        let implied = Implied::of(&tree);
        Ok(Self { findings, tree, base, form, implied, structural })
    }

    /// The base, its variants and its combinations, as far as they are sound; and what the base does not use.
    pub(crate) fn cases(&self) -> (Vec<Case>, Vec<Problem>) {
        let findings = self.findings;
        self.check_name();
        expect::check_use(&self.form, findings);
        expect::check_names(&self.form, findings);
        self.check_lists();
        let before = findings.count();
        let mut base = self.compile_base();
        let compiled = findings.count() == before;
        expect::check_limits(&self.form, base.system.ends.map(|(_, span)| span), findings);
        base.sound = findings.count() == self.structural;
        let as_written = Case {
            variant: None,
            about: self.form.about.value.clone(),
            checks: self.checks(&self.form, &Expectations::default()),
            states: expect::states(&self.form.expect, findings),
            idle: idle::idle(&self.form, None, &base.system, findings),
            parts: idle::parts(&self.form, &[], &base.system, findings),
            interleavings: self.interleavings(None, &base.system, &self.form),
            digest: digest(findings.text, None),
            system: base.system.clone(),
        };
        let mut made: Vec<Option<Made>> = Vec::new();
        for (name, variant) in patch::variants(&self.form) {
            made.push(self.variant(name, variant, &base));
        }
        for (name, combination) in in_file_order(&self.form.combination) {
            let about = combination.about.as_ref();
            made.push(self.combination(name, about, &combination.expect, &base));
        }
        self.check_unused(&base.unused, &made);
        let others = made.into_iter().flatten().map(|made| made.case);
        let cases: Vec<Case> = std::iter::once(as_written).chain(others).collect();
        self.check_claimed_cases();
        if compiled {
            self.check_vacuous(&cases);
        }
        (cases, base.unused)
    }

    /// The file as it is written.
    pub(crate) fn compile_base(&self) -> Base {
        let system = compile(&self.form, &self.implied, self.findings);
        Base { system, unused: self.findings.take_unused(), sound: self.findings.count() == self.structural }
    }

    fn check_name(&self) {
        let name = &self.form.scenario;
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let good = !name.value.is_empty() && name.value.chars().all(kebab);
        if !good && !self.findings.stands_in(&name.at) {
            let title = format!("{} cannot be the name of a scenario", quoted(&name.value));
            let problem = Problem::new("P0313", &name.at, title).label("not in kebab-case");
            self.findings.add(problem.help("use lowercase letters, digits and `-`"));
        }
    }

    /// Compiles a variant.
    fn variant(&self, name: &Text, variant: &form::Variant, base: &Base) -> Option<Made> {
        let findings = self.findings;
        check_name(findings, "variant", &name.value, &name.at);
        let before = findings.count_all();
        let changes = patch::changes(&self.tree, name, variant, findings);
        if findings.count_all() > before {
            return None;
        }
        if changes.is_empty() {
            if !findings.hide_something_in_variants() {
                let title = format!("the variant {} changes nothing", quoted(&name.value));
                let problem = Problem::new("P0501", &name.at, title).label("nothing to apply");
                findings.add(problem.help("add `set`, `insert`, `move`, `replace` or `remove`"));
            }
            return None;
        }
        let made = self.case(name, variant.about.as_ref(), &variant.expect, &changes, base.unused())?;
        if !findings.hide_something_in_variants() && made.case.system == base.system {
            let title = format!("the variant {} is the same as the base", quoted(&name.value));
            let problem = Problem::new("P0502", &name.at, title).label("changes nothing");
            findings.add(problem.help("set other values than the base has"));
        }
        Some(made)
    }

    /// Compiles the combination that `name` spells.
    pub(crate) fn combination(
        &self,
        name: &Text,
        about: Option<&Text>,
        differs: &Expectations,
        base: &Base,
    ) -> Option<Made> {
        let findings = self.findings;
        let before = findings.count();
        let parts = self.parts(name)?;
        let changes = patch::combine(&parts, &name.at, findings);
        if findings.count() > before {
            return None;
        }
        let made = self.case(name, about, differs, &changes, base.unused())?;
        if !findings.hide_something_in_variants() && made.case.system == base.system {
            let title = format!("the combination {} is the same as the base", quoted(&name.value));
            let problem = Problem::new("P0502", &name.at, title).label("changes nothing");
            findings.add(problem.help("leave it out"));
        }
        Some(made)
    }

    /// The variants that the combination `name` spells, each with its changes.
    fn parts(&self, name: &Text) -> Option<Vec<Part<'_, 't>>> {
        let findings = self.findings;
        let variants = patch::variants(&self.form);
        let before = findings.count();
        let words: Vec<&str> = name.value.split('+').map(str::trim).collect();
        let places: Vec<usize> = words
            .iter()
            .filter_map(|word| {
                let place = variants.iter().position(|(name, _)| name.value == *word);
                if place.is_none() {
                    self.unknown_variant(&Text { at: name.at.clone(), value: (*word).to_owned() });
                }
                place
            })
            .collect();
        if findings.count() > before {
            return None;
        }
        let refuse = |title: String, help: String| {
            findings.add(Problem::new("P0505", &name.at, title).label("here").help(help));
        };
        let mut right = places.clone();
        right.sort_unstable();
        right.dedup();
        let right_name: Vec<&str> = right.iter().map(|&p| variants[p].0.value.as_str()).collect();
        let right_name = right_name.join("+");
        if right.len() < places.len() || places.len() < 2 {
            let title =
                format!("{} is no combination of two variants or more, each named once", quoted(&name.value));
            refuse(title, "leave it out, or name others".to_owned());
            return None;
        }
        if right_name != name.value {
            let title =
                format!("the variants of {} do not stand in the order of the file", quoted(&name.value));
            refuse(title, format!("write {}", quoted(&right_name)));
            return None;
        }
        let part = |place: usize| {
            let (name, variant) = variants[place];
            (name, variant, patch::changes(&self.tree, name, variant, findings))
        };
        Some(places.into_iter().map(part).collect())
    }

    /// The changes of what `names` spells: nothing, a variant or a combination.
    pub(crate) fn changes(&self, names: &Text) -> Option<Vec<Change<'t>>> {
        if names.value == BASE {
            return Some(Vec::new());
        }
        if let Some((name, variant)) = self.form.variant.get_key_value(names) {
            return Some(patch::changes(&self.tree, name, variant, self.findings));
        }
        Some(patch::combine(&self.parts(names)?, &names.at, self.findings))
    }

    /// Applies changes and compiles what comes out. `unused` is what the base does not use; nothing is compiled if the
    /// base is not sound.
    pub(crate) fn case(
        &self,
        name: &Text,
        about: Option<&Text>,
        differs: &Expectations,
        changes: &[Change<'t>],
        unused: Option<&[Problem]>,
    ) -> Option<Made> {
        let before = self.findings.count_all();
        let mut tree = self.base.clone();
        apply::apply(&mut tree, changes, self.findings);
        let unused = unused.filter(|_| self.findings.count_all() == before)?;
        let findings = self.findings.in_variant();
        structure::check(&tree, &findings, Some(&name.at));
        let compiled = findings.so_far().ok().and_then(|()| {
            let form = typed(tree, &findings)?;
            let system = compile(&form, &self.implied, &findings);
            let limits = Limits::of(&form, &findings);
            expect::check_limits(&form, system.ends.map(|(_, span)| span), &findings);
            let checks = expect::checks(&form, &limits, differs, &findings);
            Some((form, system, checks))
        });
        // What the base does not use either, another case may use; what it uses was taken away here.
        let of_base = |problem: &Problem| unused.iter().any(|other| other.is_about(problem));
        let (unused, taken) = findings.take_unused().into_iter().partition(of_base);
        Vec::into_iter(taken).for_each(|problem| findings.add(problem));
        if let Err(problems) = findings.so_far() {
            for problem in problems.list {
                let own = problem.span.start >= name.at.start;
                let beside = self.findings.in_which(&name.at);
                let problem = if own { problem } else { problem.beside(&name.at, beside) };
                self.findings.add(problem);
            }
            return None;
        }
        let (form, system, checks) = compiled?;
        let case = Case {
            variant: Some(name.value.clone()),
            about: about.map_or(String::new(), |about| about.value.clone()),
            checks,
            states: expect::states(differs, self.findings),
            idle: idle::idle(&self.form, Some(name), &system, self.findings),
            parts: idle::parts(&form, changes, &system, self.findings),
            interleavings: self.interleavings(Some(&name.value), &system, &form),
            digest: digest(self.findings.text, Some(&name.value)),
            system,
        };
        Some(Made { case, unused })
    }

    fn checks(&self, form: &form::Scenario, differs: &Expectations) -> Vec<Check> {
        let limits = Limits::of(form, self.findings);
        expect::checks(form, &limits, differs, self.findings)
    }

    fn interleavings(
        &self,
        variant: Option<&str>,
        system: &System,
        form: &form::Scenario,
    ) -> Vec<Interleaving> {
        let limits = Limits::of(form, self.findings);
        let claims = self.form.interleaving.iter();
        let own = claims.filter(|claim| claim.variant.as_ref().map(|v| v.value.as_str()) == variant);
        own.map(|claim| expect::interleaving(claim, system, &limits, self.findings)).collect()
    }
}

/// What serde makes of a tree that is structurally sound.
fn typed(tree: DeTable<'_>, findings: &Findings<'_>) -> Option<form::Scenario> {
    let whole: Range<usize> = 0..findings.text.len();
    let deserializer = toml::de::Deserializer::from(Spanned::new(whole, tree));
    match form::Scenario::deserialize(deserializer) {
        Ok(form) => Some(form),
        Err(error) => {
            let title = error.message().trim().replace('\n', ", ");
            let at = error.span().unwrap_or(0..0);
            findings.add(Problem::new("P0103", &at, title).label("here"));
            None
        }
    }
}
