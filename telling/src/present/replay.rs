//! The command that shows a counterexample again.

use punctual_judging::counterexample::Counterexample;
use punctual_judging::proof;
use punctual_judging::sampling;
use punctual_scenarios::{STDIN, Scenario};
use punctual_sim::explore::Traversal;

use super::Manner;

/// The command that shows a counterexample again: from where it was saved, or found anew.
pub(super) fn replay(
    scenario: &Scenario,
    variant: Option<&str>,
    what: &str,
    found: &Counterexample,
    manner: Manner<'_>,
) -> String {
    if let Some(path) = manner.saved.get(&found.id) {
        return format!("punctual replay {}", quoted(path));
    }
    let name = match scenario.label() {
        _ if manner.embedded => scenario.name.as_str(),
        STDIN => "-",
        label => label,
    };
    let mut command = format!("punctual replay {} {}", quoted(name), quoted(what));
    if let Some(variant) = variant {
        command += &format!(" --variant {}", quoted(variant));
    }
    if found.run.is_some() && manner.effort.seed != sampling::SEED {
        command += &format!(" --seed {:#x}", manner.effort.seed);
    }
    if let Some(run) = found.run.filter(|run| *run >= SEARCHED) {
        command += &format!(" --runs {}", run + 1);
    }
    let states = manner.effort.budget.states;
    if found.run.is_none() && states != proof::STATES {
        command += &format!(" --states {states}");
    }
    if found.run.is_none() && manner.effort.budget.traversal == Traversal::DepthFirst {
        command += " --depth-first";
    }
    command
}

/// Runs in which `punctual replay` looks for what it is asked for, unless told otherwise.
pub const SEARCHED: u64 = 100_000;

/// A word of a command line as a shell must be given it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_./+-:=@%,".contains(c);
    let word = if word.starts_with('-') && word != "-" { format!("./{word}") } else { word.to_owned() };
    if !word.is_empty() && word.chars().all(plain) {
        return word;
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
