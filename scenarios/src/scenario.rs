//! A scenario and its cases: the base, each variant and each combination, compiled.
//!
//! The file is parsed once to a tree in which every value knows its place. A variant is that tree
//! with changes, and goes the same way as the base from there: structure, types, names. So what
//! is wrong with a variant is found and shown just as what is wrong with the base.

use std::ops::Range;

use punctual_model::{Rule, System, TaskId};
use serde::de::Deserialize;
use toml::Spanned;
use toml::de::DeTable;

use crate::compile::compile;
use crate::expect::{self, Limits};
use crate::form::{self, Expectations, Text};
use crate::names::{BASE, check_name, in_file_order};
use crate::patch::{self, Change};
use crate::problem::{Findings, NOWHERE, Problem, Problems, did_you_mean, listed, quoted};
use crate::{mend, structure, tree, vacuous};

/// A scenario file, compiled.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// The base, then the variants and then the combinations in the order of the file.
    pub cases: Vec<Case>,
    /// The variants that are proposed as fixes, in the order in which they are recommended.
    pub fixes: Vec<String>,
    label: String,
    text: String,
}

/// One system to run, and what is expected of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The variant or combination; `None` for the base.
    pub variant: Option<String>,
    /// What it shows; may be empty for a variant.
    pub about: String,
    /// The system.
    pub system: System,
    /// What is checked, in the order of [`Rule::NAMES`].
    pub checks: Vec<Check>,
    /// How many states exploring every timing keeps; nothing is expected of them if none.
    pub states: Option<States>,
    /// The orders of steps that are claimed of this case.
    pub interleavings: Vec<Interleaving>,
    /// 16 hex digits that stand for the text of the file and the variant.
    pub digest: String,
}

/// An invariant that is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The invariant.
    pub rule: Rule,
    /// What is expected of it; `None` if either result will do.
    pub expected: Option<Expected>,
    /// Whether the file says what is expected, if only that either result will do. It says nothing
    /// of combinations that it does not list.
    pub stated: bool,
    /// Where the file says so.
    pub place: Place,
}

/// How many states are expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct States {
    /// How many, over all questions that are explored.
    pub count: u64,
    /// Where the file says so.
    pub place: Place,
}

/// What is expected of an invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It holds in every run.
    Holds,
    /// Some run breaks it.
    Violated,
}

/// An order of steps, and what is claimed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interleaving {
    /// Its name.
    pub name: String,
    /// The steps, in the order in which they have their effects.
    pub order: Vec<StepRef>,
    /// What is claimed of runs with this order.
    pub outcome: Outcome,
    /// Where the file says so.
    pub place: Place,
}

/// A step of a task, perhaps at one of the times that it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRef {
    /// The task.
    pub task: TaskId,
    /// Counts the task's `steps` and then its `otherwise`.
    pub step: u16,
    /// The how-manieth time in a run, from 1; `None` for any.
    pub occurrence: Option<u32>,
    /// `TASK.STEP`, as the file has it.
    pub name: String,
}

/// What is claimed of an order of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No timing allows it.
    Impossible,
    /// Some timing allows it.
    Possible {
        /// Invariants that such runs break.
        breaks: Vec<Rule>,
        /// Invariants that such runs keep.
        keeps: Vec<Rule>,
    },
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Place {
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        Self { line, column: before[line_start..].chars().count() + 1 }
    }
}

impl Scenario {
    /// Parses and compiles the text of a scenario file; `label` is what errors call the file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(label: &str, text: &str) -> Result<Self, Problems> {
        let findings = Findings::new(label, text);
        let file = File::read(&findings)?;
        let cases = file.cases();
        findings.so_far()?;
        Ok(Self {
            name: file.form.scenario.value.clone(),
            about: file.form.about.value.clone(),
            cases,
            fixes: file.form.fixes.iter().map(|name| name.value.clone()).collect(),
            label: label.to_owned(),
            text: text.to_owned(),
        })
    }

    /// The base, or the variant or combination of this name if the file lists it.
    pub fn case(&self, variant: Option<&str>) -> Option<&Case> {
        self.cases.iter().find(|case| case.variant.as_deref() == variant)
    }

    /// Whether `names` names a case: [`BASE`], or variants of this file, joined with `+`.
    pub fn knows(&self, names: &str) -> bool {
        let known = |name: &str| self.case(Some(name)).is_some();
        names == BASE || names.split('+').map(str::trim).all(known)
    }

    /// The case called `names`: [`BASE`] for the file as it is written, a variant, or a
    /// combination such as `fix-1+fix-3`, whether the file lists it or not. The file says
    /// nothing of one that it does not list, so there either result of a check will do.
    ///
    /// # Errors
    /// The variants do not exist, contradict each other, or are not named in the file's order.
    pub fn combine(&self, names: &str) -> Result<Case, Problems> {
        if let Some(case) = self.case(Some(names).filter(|names| *names != BASE)) {
            return Ok(case.clone());
        }
        let findings = Findings::new(&self.label, &self.text);
        let file = File::read(&findings)?;
        // There is no place in the file for what was asked from outside.
        let key = Text { at: NOWHERE, value: names.to_owned() };
        let base = compile(&file.form, &findings);
        let case = file.combination(&key, None, &Expectations::default(), &base);
        findings.so_far()?;
        let mut case = case.expect("a combination without problems compiles");
        for check in &mut case.checks {
            (check.expected, check.stated) = (None, false);
        }
        Ok(case)
    }

    /// What errors call the file.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The text of the file.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A file that is structurally sound, on its way to be compiled.
pub(crate) struct File<'a, 't> {
    pub(crate) findings: &'a Findings<'t>,
    /// All of the file; every step has its name.
    pub(crate) tree: DeTable<'t>,
    /// The same without variants and interleavings.
    pub(crate) base: DeTable<'t>,
    pub(crate) form: form::Scenario,
    /// How many problems the structure has.
    structural: usize,
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
        Ok(Self { findings, tree, base, form, structural })
    }

    fn cases(&self) -> Vec<Case> {
        let findings = self.findings;
        let name = &self.form.scenario;
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let good = !name.value.is_empty() && name.value.chars().all(kebab);
        if !good && !findings.stands_in(&name.at) {
            let title = format!("{} cannot be the name of a scenario", quoted(&name.value));
            let problem = Problem::new("P0313", &name.at, title).label("not in kebab-case");
            findings.add(problem.help("use lowercase letters, digits and `-`"));
        }
        expect::check_use(&self.form, findings);
        expect::check_names(&self.form, findings);
        self.check_overrides();
        self.check_fixes();
        self.check_number();
        let before = findings.count();
        let base = compile(&self.form, findings);
        let compiled = findings.count() == before;
        expect::check_limits(&self.form, base.ends.map(|(_, span)| span), findings);
        let sound = findings.count() == self.structural;
        let mut cases = vec![Case {
            variant: None,
            about: self.form.about.value.clone(),
            checks: self.checks(&self.form, &Expectations::default()),
            states: expect::states(&self.form.expect, findings),
            interleavings: self.interleavings(None, &base, &self.form),
            digest: digest(findings.text, None),
            system: base.clone(),
        }];
        for (name, variant) in patch::variants(&self.form) {
            check_name(findings, "variant", &name.value, &name.at);
            let before = findings.count_all();
            let changes = patch::changes(&self.tree, name, variant, findings);
            if findings.count_all() > before {
                continue;
            }
            if changes.is_empty() && findings.hide_something_in_variants() {
                continue;
            }
            if changes.is_empty() {
                let title = format!("the variant {} changes nothing", quoted(&name.value));
                let problem = Problem::new("P0501", &name.at, title).label("nothing to apply");
                findings.add(problem.help("add `set`, `insert`, `move`, `replace` or `remove`"));
                continue;
            }
            let about = variant.about.as_ref();
            let case = self.case(name, about, &variant.expect, &changes, sound);
            if sound
                && !findings.hide_something_in_variants()
                && case.as_ref().is_some_and(|case| case.system == base)
            {
                let title = format!("the variant {} is the same as the base", quoted(&name.value));
                let problem = Problem::new("P0502", &name.at, title).label("changes nothing");
                findings.add(problem.help("set other values than the base has"));
            }
            cases.extend(case);
        }
        for (name, combination) in in_file_order(&self.form.combination) {
            let about = combination.about.as_ref();
            cases.extend(self.combination(name, about, &combination.expect, &base));
        }
        self.check_claimed_cases();
        if compiled {
            self.check_vacuous(&cases);
        }
        cases
    }

    /// Compiles the combination that `name` spells.
    fn combination(
        &self,
        name: &Text,
        about: Option<&Text>,
        differs: &Expectations,
        base: &System,
    ) -> Option<Case> {
        let findings = self.findings;
        let parts = self.parts(name)?;
        let changes = patch::combine(&parts, &name.at, findings);
        let sound = findings.count() == 0;
        let case = self.case(name, about, differs, &changes, sound)?;
        if sound && !findings.hide_something_in_variants() && case.system == *base {
            let title = format!("the combination {} is the same as the base", quoted(&name.value));
            let problem = Problem::new("P0502", &name.at, title).label("changes nothing");
            findings.add(problem.help("leave it out"));
        }
        Some(case)
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

    /// Applies changes and compiles what comes out; `sound` says whether the base compiled.
    pub(crate) fn case(
        &self,
        name: &Text,
        about: Option<&Text>,
        differs: &Expectations,
        changes: &[Change<'t>],
        sound: bool,
    ) -> Option<Case> {
        let before = self.findings.count_all();
        let mut tree = self.base.clone();
        patch::apply(&mut tree, changes, self.findings);
        if !sound || self.findings.count_all() > before {
            return None;
        }
        let findings = self.findings.in_variant();
        structure::check(&tree, &findings, Some(&name.at));
        let compiled = findings.so_far().ok().and_then(|()| {
            let form = typed(tree, &findings)?;
            let system = compile(&form, &findings);
            let limits = Limits::of(&form, &findings);
            expect::check_limits(&form, system.ends.map(|(_, span)| span), &findings);
            let checks = expect::checks(&form, &limits, differs, &findings);
            Some((form, system, checks))
        });
        if let Err(problems) = findings.so_far() {
            for problem in problems.list {
                let own = problem.span.start >= name.at.start;
                let problem = if own { problem } else { problem.beside(&name.at, "in this variant") };
                self.findings.add(problem);
            }
            return None;
        }
        let (form, system, checks) = compiled?;
        Some(Case {
            variant: Some(name.value.clone()),
            about: about.map_or(String::new(), |about| about.value.clone()),
            checks,
            states: expect::states(differs, self.findings),
            interleavings: self.interleavings(Some(&name.value), &system, &form),
            digest: digest(self.findings.text, Some(&name.value)),
            system,
        })
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

    fn check_number(&self) {
        let most = patch::MOST;
        let variants = in_file_order(&self.form.variant).map(|(name, _)| name).nth(most);
        let combinations = in_file_order(&self.form.combination).map(|(name, _)| name).nth(most);
        for (noun, name) in [("variants", variants), ("combinations", combinations)] {
            if let Some(name) = name {
                let title = format!("there are more than {most} {noun}");
                let problem = Problem::new("P0108", &name.at, title).label("one too many");
                self.findings.add(problem.help("split the scenario in two"));
            }
        }
    }

    /// Refuses an expectation that nothing in any case could break.
    fn check_vacuous(&self, cases: &[Case]) {
        if self.findings.hide_something_in_variants() {
            return;
        }
        for check in &cases[0].checks {
            let lacking = cases.iter().map(|case| vacuous::lacks(check.rule, &case.system));
            let Some(Some(lacking)) = lacking.reduce(Option::and) else { continue };
            let name = check.rule.name();
            let Some(key) = self.form.expect.rules.keys().find(|key| key.value == name) else { continue };
            let title = format!("nothing here could break {}", quoted(name));
            let problem = Problem::new("P0608", &key.at, title).label(lacking);
            self.findings.add(problem.help("leave it out, or add what it is about"));
        }
    }

    fn check_claimed_cases(&self) {
        for name in self.form.interleaving.iter().filter_map(|claim| claim.variant.as_ref()) {
            if !self.form.variant.contains_key(name) && !self.form.combination.contains_key(name) {
                self.unknown_variant(name);
            }
        }
    }

    fn check_overrides(&self) {
        for (name, variant) in &self.form.variant {
            for over in &variant.overrides {
                let Some((other, _)) = self.form.variant.get_key_value(over) else {
                    self.unknown_variant(over);
                    continue;
                };
                if other.at.start >= name.at.start {
                    let title = format!("{} does not come before this variant", quoted(&over.value));
                    let problem = Problem::new("P0506", &over.at, title).label("not an earlier one");
                    let problem = problem.beside(&other.at, "it is here");
                    self.findings.add(problem.help("the later variant overrides the earlier one"));
                }
            }
        }
    }

    /// What is proposed as a fix is a variant, and is proposed once.
    fn check_fixes(&self) {
        for (at, name) in self.form.fixes.iter().enumerate() {
            if !self.form.variant.contains_key(name) {
                self.unknown_variant(name);
            } else if let Some(before) =
                self.form.fixes[..at].iter().find(|before| before.value == name.value)
            {
                let title = format!("{} is named twice", quoted(&name.value));
                let problem = Problem::new("P0508", &name.at, title).label("again");
                let problem = problem.beside(&before.at, "it is here already");
                self.findings.add(problem.help("each fix has one place in the order that is recommended"));
            }
        }
    }

    fn unknown_variant(&self, name: &Text) {
        if self.findings.stands_in(&name.at) || self.findings.open("variant") {
            return;
        }
        let known = || self.form.variant.keys().map(|name| name.value.as_str());
        let hint = did_you_mean(&name.value, known());
        let title = format!("unknown variant {}{hint}", quoted(&name.value));
        let problem = Problem::new("P0309", &name.at, title).label("not known");
        let help = match patch::variants(&self.form)[..] {
            [] => "this scenario has no variants".to_owned(),
            ref variants => {
                format!("known: {}", listed(variants.iter().map(|(name, _)| name.value.as_str())))
            }
        };
        self.findings.add(problem.help(help));
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

/// FNV-1a (64 bits) of the text with plain line ends, and of the variant's name, or whatever else sets it apart.
pub fn digest(text: &str, variant: Option<&str>) -> String {
    let text = text.replace("\r\n", "\n");
    let bytes = text.bytes().chain([0]).chain(variant.unwrap_or("").bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
