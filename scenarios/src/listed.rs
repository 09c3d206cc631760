//! What a file says of its variants beside their changes: in lists, by name.
//!
//! Fixes, overrides and claims name variants; whatever nobody could mean is refused here, before a
//! variant is applied. What no case of a file uses, and what no case could break, is told last.

use crate::case::Case;
use crate::file::{File, Made};
use crate::form::Text;
use crate::names::in_file_order;
use crate::patch;
use crate::problem::Problem;
use crate::words::{did_you_mean, listed, quoted};

impl File<'_, '_> {
    /// Refuses names in lists that name nothing, or the wrong thing.
    pub(crate) fn check_lists(&self) {
        self.check_overrides();
        self.check_fixes();
        self.check_number();
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

    /// Refuses what no case uses; `unused` is what the base does not use. If a case could not be compiled, it may be
    /// the one that does.
    pub(crate) fn check_unused(&self, unused: &[Problem], others: &[Option<Made>]) {
        if others.iter().any(Option::is_none) {
            return;
        }
        for problem in unused {
            let lacks = |made: &Made| made.unused.iter().any(|other| other.is_about(problem));
            if others.iter().flatten().all(lacks) {
                self.findings.add(problem.clone());
            }
        }
    }

    /// Refuses an expectation that nothing in any case could break.
    pub(crate) fn check_vacuous(&self, cases: &[Case]) {
        if self.findings.hide_something_in_variants() {
            return;
        }
        for check in &cases[0].checks {
            let lacking = cases.iter().map(|case| (check.rule.invariant().lacks)(&case.system));
            let Some(Some(lacking)) = lacking.reduce(Option::and) else { continue };
            let name = check.rule.name();
            let Some(key) = self.form.expect.rules.keys().find(|key| key.value == name) else { continue };
            let title = format!("nothing here could break {}", quoted(name));
            let problem = Problem::new("P0608", &key.at, title).label(lacking);
            self.findings.add(problem.help("leave it out, or add what it is about"));
        }
    }

    pub(crate) fn check_claimed_cases(&self) {
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

    pub(crate) fn unknown_variant(&self, name: &Text) {
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
