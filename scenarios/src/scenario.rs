//! A scenario and its cases: the base, each variant and each combination, compiled.
//!
//! This is what the rest of the workspace sees of a file. Whoever holds one knows that nothing is
//! wrong with it.

use crate::case::Case;
use crate::file::File;
use crate::form::{Expectations, Text};
use crate::names::BASE;
use crate::problem::{Findings, Problem, Problems};

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
    /// What the base declares and does not use.
    pub(crate) unused: Vec<Problem>,
    label: String,
    text: String,
}

impl Scenario {
    /// Parses and compiles the text of a scenario file; `label` is what errors call the file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(label: &str, text: &str) -> Result<Self, Problems> {
        let findings = Findings::new(label, text);
        let file = File::read(&findings)?;
        let (cases, unused) = file.cases();
        findings.so_far()?;
        Ok(Self {
            name: file.form.scenario.value.clone(),
            about: file.form.about.value.clone(),
            cases,
            fixes: file.form.fixes.iter().map(|name| name.value.clone()).collect(),
            unused,
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
        let key = Text { at: findings.given(format!("--variant {names}")), value: names.to_owned() };
        let base = file.compile_base();
        let made = file.combination(&key, None, &Expectations::default(), &base);
        findings.so_far()?;
        let mut case = made.expect("a combination without problems compiles").case;
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
