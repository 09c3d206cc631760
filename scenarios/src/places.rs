//! Where the words of a step stand in the file.
//!
//! What is wrong with a step is wrong with one of its words, seldom with all of it: with what it does, with a
//! condition, with where its cursor goes. So a problem points at that word, wherever it stands in the step.

use std::ops::Range;

use crate::form::{At, CURSOR, Step, Task};
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
    let named = |one: &&At<Step>| one.value.how.step.as_ref().is_some_and(|name| name.value == step.name);
    let Some(written) = all_steps(task).find(named) else { return task.name.at.clone() };
    let found = match word {
        Word::Verb => None,
        Word::Condition(place) => {
            written.value.how.r#if.iter().flat_map(At::words).nth(place).map(|word| word.at)
        }
        Word::Cursor => written.value.text(&CURSOR).map(|rule| rule.at.clone()),
    };
    found.unwrap_or_else(|| verb_at(written))
}

/// Where it is said what a step does; if it is not said, where its first value or its brace stands.
pub(crate) fn verb_at(step: &At<Step>) -> Range<usize> {
    // What it does stands before how, and `announce` before its cursor.
    if let Some(first) = step.value.does.first() {
        return first.said.at().clone();
    }
    let first = step.value.keys().into_iter().min_by_key(|(_, at)| at.start);
    first.map_or(step.at.start..step.at.start + 1, |(_, at)| at)
}
