//! Where the words of a step stand in the file.
//!
//! What is wrong with a step is wrong with one of its words, seldom with all of it: with what it does, with a
//! condition, with where its cursor goes. So a problem points at that word, wherever it stands in the step.

use std::ops::Range;

use crate::form::{At, Step, Task, Text};
use crate::names::all_steps;

/// What of a step is meant.
#[derive(Clone, Copy)]
pub(crate) enum Word {
    /// What it does.
    Verb,
    /// One of its conditions, counted from 0.
    Condition(usize),
    /// Where its cursor goes.
    Cursor,
}

/// Where a word of a step of the model stands in its task as written.
pub(crate) fn place_of(step: &punctual_model::Step, word: Word, task: &Task) -> Range<usize> {
    let named = |one: &&At<Step>| one.value.step.as_ref().is_some_and(|name| name.value == step.name);
    let Some(written) = all_steps(task).find(named) else { return task.name.at.clone() };
    let found = match word {
        Word::Verb => None,
        Word::Condition(place) => {
            written.value.r#if.iter().flat_map(At::words).nth(place).map(|word| word.at)
        }
        Word::Cursor => written.value.cursor.as_ref().map(|rule| rule.at.clone()),
    };
    found.unwrap_or_else(|| verb_at(written))
}

/// Where it is said what a step does; if it is not said, where its first value or its brace stands.
pub(crate) fn verb_at(step: &At<Step>) -> Range<usize> {
    let keys = keys(&step.value);
    // `cursor` is a verb and also a key of `announce`, which comes before it.
    let verb = keys.iter().find(|(key, _)| Step::VERBS.contains(key));
    let first = verb.or_else(|| keys.iter().min_by_key(|(_, at)| at.start));
    first.map_or(step.at.start..step.at.start + 1, |(_, at)| at.clone())
}

/// The keys that a step has, apart from its name, and where their values stand.
pub(crate) fn keys(step: &Step) -> Vec<(&'static str, Range<usize>)> {
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.at.clone());
    let first = |steps: &Vec<At<Step>>| steps.first().map(|step| step.at.clone());
    let all = [
        ("work", text(&step.work)),
        ("status", text(&step.status)),
        ("commit", text(&step.commit)),
        ("save", text(&step.save)),
        ("publish", text(&step.publish)),
        ("notify", text(&step.notify)),
        ("spawn", text(&step.spawn)),
        ("read", step.read.as_ref().map(|read| read.at.clone())),
        ("send", text(&step.send)),
        ("announce", text(&step.announce)),
        ("cursor", text(&step.cursor)),
        ("comment", text(&step.comment)),
        ("close", text(&step.close)),
        ("refuse", text(&step.refuse)),
        ("disconnect", text(&step.disconnect)),
        ("half-open", text(&step.half_open)),
        ("hold", text(&step.hold)),
        ("release", text(&step.release)),
        ("crash", text(&step.crash)),
        ("restart", text(&step.restart)),
        ("sleep", text(&step.sleep)),
        ("poll", text(&step.poll)),
        ("wait", text(&step.wait)),
        ("repeat", step.repeat.as_ref().map(|repeat| repeat.at.clone())),
        ("takes", text(&step.takes)),
        ("returns", text(&step.returns)),
        ("blocks", text(&step.blocks)),
        ("if", step.r#if.as_ref().map(|guards| guards.at.clone())),
        ("chance", step.chance.as_ref().map(|chance| chance.at.clone())),
        ("fails", step.fails.as_ref().map(|fails| fails.at.clone())),
        ("to", text(&step.to)),
        ("id", step.id.as_ref().map(|id| id.at.clone())),
        ("into", text(&step.into)),
        ("sends", text(&step.sends)),
        ("at-most", text(&step.at_most)),
        ("way", step.way.as_ref().map(|way| way.at.clone())),
        ("steps", step.steps.as_ref().and_then(first)),
    ];
    all.into_iter().filter_map(|(key, at)| Some((key, at?))).collect()
}
