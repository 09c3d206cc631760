//! A policy's pasted function, where there is nobody to ask it: the build is without Python policies.
//!
//! It stands in the place of `pasted`. A file that has such a function is refused, and told what would do.

use std::convert::Infallible;

use punctual_model::Sleep;

use crate::form::Lines;
use crate::problem::{Findings, Problem};

/// The keys of a policy that are no statuses.
pub(crate) const KEYS: [&str; 2] = ["python", "arguments"];

/// A policy's pasted function, of which there is none.
pub(crate) struct Pasted(Infallible);

/// Refuses a policy that asks a function.
pub(crate) fn function(findings: &Findings<'_>, lines: &Lines) -> Option<Pasted> {
    let written = KEYS.iter().find_map(|key| lines.iter().find(|(name, _)| name.value == *key));
    if let Some((name, _)) = written.filter(|(_, text)| !findings.stands_in(&text.at)) {
        let problem = Problem::new("P0802", &name.at, "this build has no Python policies");
        let problem = problem.label("asks a function in Python");
        findings.add(problem.help(
            "build with the feature `python`, or say it in lines: `punctual policy FILE.py -v` prints them",
        ));
    }
    None
}

impl Pasted {
    /// Fills in nothing.
    pub(crate) fn fill(
        &self,
        _name: &str,
        _statuses: &[String],
        _by_status: &mut [Option<Vec<Sleep>>],
    ) -> Result<(), Infallible> {
        match self.0 {}
    }

    /// Tells nothing.
    pub(crate) fn refuse(&self, _findings: &Findings<'_>, refusal: Infallible) {
        match refusal {}
    }
}
