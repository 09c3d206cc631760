//! What a file says never comes into play: steps, timers, reactions, and lines that a variant sets.
//!
//! A proof over a step that is never taken says little, so whoever looks at every timing names those. A file that
//! means it says so. What it says of the base is taken to be true of variants too, as long as it is; what
//! it says of a variant must be.

use std::ops::Range;

use punctual_model::{Part, PolicyId, StatusId, System};

use crate::form::{self, Text};
use crate::names::in_file_order;
use crate::patch::Change;
use crate::placed::Place;
use crate::places::{self, Word};
use crate::problem::{Findings, Problem};
use crate::words::{did_you_mean, quoted};

/// A part of a case that the file says never comes into play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// Which.
    pub part: Part,
    /// Whether it is said of this very case, so that it must be true; else it may be.
    pub said_here: bool,
    /// Where the file says so.
    pub place: Place,
}

/// What the file says of the case of this name (nothing for the base), whose system this is.
pub(crate) fn idle(
    form: &form::Scenario,
    name: Option<&Text>,
    system: &System,
    findings: &Findings<'_>,
) -> Vec<Idle> {
    // In a file with mistakes something may be of a kind that is not declared, and has no name.
    if !findings.only("P0609") {
        return Vec::new();
    }
    let known: Vec<(Part, String)> =
        Part::all(system).chain(lines(system)).map(|part| (part, part.name(system))).collect();
    let is_listed = |name: &Text| form.variant.contains_key(name) || form.combination.contains_key(name);
    if let Some(name) = name.filter(|name| !is_listed(name)) {
        // Nothing is expected of a combination that the file does not list.
        let place = Place::of(findings.text, name.at.start);
        return known.into_iter().map(|(part, _)| Idle { part, said_here: false, place }).collect();
    }
    let (inherited, own) = lists(form, name);
    let mut idle: Vec<Idle> = Vec::new();
    for (text, said_here) in
        inherited.into_iter().map(|text| (text, false)).chain(own.iter().map(|text| (text, true)))
    {
        if findings.stands_in(&text.at) {
            continue;
        }
        match known.iter().find(|(_, name)| *name == text.value) {
            Some((part, _)) => {
                let place = Place::of(findings.text, text.at.start);
                idle.push(Idle { part: *part, said_here, place });
            }
            // What the base has a variant may have taken away.
            None if !said_here => {}
            None => {
                let hint = did_you_mean(&text.value, known.iter().map(|(_, name)| name.as_str()));
                let title = format!("unknown part {}{hint}", quoted(&text.value));
                let problem = Problem::new("P0609", &text.at, title).label("nothing of this name");
                findings.add(problem.help(
                    "write \"TASK.STEP\", \"client.NAME.timer.TIMER\", \"client.NAME.on.EVENT\" or \"policy.NAME.STATUS\"",
                ));
            }
        }
    }
    idle
}

/// The lists that are said of more than this case, and its own.
fn lists<'f>(form: &'f form::Scenario, name: Option<&Text>) -> (Vec<&'f Text>, &'f [Text]) {
    let Some(name) = name else { return (Vec::new(), &form.never_taken) };
    let mut inherited: Vec<&Text> = form.never_taken.iter().collect();
    if let Some(variant) = form.variant.get(name) {
        return (inherited, &variant.never_taken);
    }
    let parts: Vec<&str> = name.value.split('+').map(str::trim).collect();
    let named = in_file_order(&form.variant).filter(|(variant, _)| parts.contains(&variant.value.as_str()));
    inherited.extend(named.flat_map(|(_, variant)| &variant.never_taken));
    let own = form.combination.get(name).map_or(&[][..], |combination| &combination.never_taken);
    (inherited, own)
}

/// All lines of tables.
fn lines(system: &System) -> impl Iterator<Item = Part> {
    system.policies.iter().enumerate().flat_map(|(policy, table)| {
        (0..table.by_status.len())
            .map(move |status| Part::Line(PolicyId(policy as u8), StatusId(status as u8)))
    })
}

/// What should come into play, with where the file has it: all parts of a system, and the lines of tables that
/// `changes` set, since a change of what nobody rests by does nothing.
pub(crate) fn parts(
    form: &form::Scenario,
    changes: &[Change<'_>],
    system: &System,
    findings: &Findings<'_>,
) -> Vec<(Part, Place)> {
    let place = |at: &Range<usize>| Place::of(findings.text, at.start);
    let of_system = Part::all(system).filter_map(|part| {
        let at = match part {
            Part::Step(task, step) => {
                let task = usize::from(task.0);
                let described = system.tasks[task].step(step)?;
                places::place_of(described, Word::Verb, form.task.get(task)?)
            }
            Part::Timer(client, timer) => {
                let timers = &form.client.get(usize::from(client.0))?.timer;
                timers.get(usize::from(timer.0))?.name.at.clone()
            }
            Part::Reaction(client, reaction) => {
                let reactions = &form.client.get(usize::from(client.0))?.on;
                reactions.get(usize::from(reaction.0))?.event.at.clone()
            }
            Part::Line(..) => return None,
        };
        Some((part, place(&at)))
    });
    let set = changes.iter().filter_map(|change| match change {
        Change::Set { path, .. } => Some(path),
        Change::Unset { .. }
        | Change::Insert { .. }
        | Change::Move { .. }
        | Change::Replace { .. }
        | Change::Remove { .. } => None,
    });
    let set: Vec<&Text> = set.collect();
    let lines = lines(system).filter_map(|line| {
        let name = line.name(system);
        set.iter().find(|path| path.value == name).map(|path| (line, place(&path.at)))
    });
    of_system.chain(lines).collect()
}
