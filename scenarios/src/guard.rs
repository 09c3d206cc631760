//! Conditions, cursor rules and id schemes: the small phrases of the format.
//!
//! Each is a closed list of phrases, on purpose: what cannot be said with them is a step, and an
//! expression language would hide the order of steps that a scenario is about.

use punctual_model::{CursorRule, StoreId};
use punctual_sim::{Clock, Span};

use crate::form::{At, Store, Text};
use crate::names::Scope;
use crate::problem::{Findings, Problem};
use crate::value::{self, Piece};
use crate::words::quoted;

/// A condition as it is written.
pub(crate) enum Condition<'a> {
    Unsent,
    ChangedTo(Vec<Piece<'a>>),
    Is(Vec<Piece<'a>>, Option<Piece<'a>>),
    CountAbove,
    Resumed,
    Fresh,
    NoneWithin(Piece<'a>),
    NoneWithinIds(u32),
}

/// Reads one condition of an `if`.
pub(crate) fn parse<'a>(findings: &Findings<'_>, text: &'a Text) -> Option<Condition<'a>> {
    if findings.stands_in(&text.at) {
        return None;
    }
    let piece = Piece::of(findings, text);
    let phrase = piece.text;
    if phrase == "unsent" {
        return Some(Condition::Unsent);
    }
    if phrase == "count above" {
        return Some(Condition::CountAbove);
    }
    if phrase == "resumed" {
        return Some(Condition::Resumed);
    }
    if phrase == "fresh" {
        return Some(Condition::Fresh);
    }
    if let Some(list) = phrase.strip_prefix("changed to ") {
        return Some(Condition::ChangedTo(piece.part(list).split(',').collect()));
    }
    if let Some(list) = phrase.strip_prefix("is ") {
        let (list, time) = list.split_once(" for ").map_or((list, None), |(l, t)| (l, Some(t)));
        let time = time.map(|time| piece.part(time.trim()));
        return Some(Condition::Is(piece.part(list.trim()).split(',').collect(), time));
    }
    if let Some(window) = phrase.strip_prefix("none within ") {
        if let Some(count) = window.strip_suffix(" ids")
            && let Ok(count) = count.trim().parse()
        {
            return Some(Condition::NoneWithinIds(count));
        }
        return Some(Condition::NoneWithin(piece.part(window.trim())));
    }
    let title = format!("{} is not a condition", quoted(phrase));
    let problem = Problem::new("P0212", &piece.at(), title).label("not known");
    findings.add(problem.help(
        "conditions: \"unsent\", \"changed to completed\", \"is completed for 10s\", \"count above\", \
         \"none within 5s\", \"none within 1000 ids\", \"resumed\", \"fresh\"",
    ));
    None
}

/// Where a store's ids come from, as it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdsForm {
    Given,
    Counter,
    Clock(Span),
    /// It could not be read.
    Unknown,
}

/// Reads a store's `ids`.
pub(crate) fn ids(findings: &Findings<'_>, store: &Store) -> IdsForm {
    let piece = Piece::of(findings, &store.ids);
    match piece.text {
        "given" => IdsForm::Given,
        "counter" => IdsForm::Counter,
        _ if findings.stands_in(&store.ids.at) => IdsForm::Unknown,
        other => {
            let Some(resolution) = other.strip_prefix("clock ") else {
                let title = format!("{} is no scheme for ids", quoted(other));
                let problem = Problem::new("P0214", &piece.at(), title).label("not known");
                findings.add(problem.help("write \"given\", \"counter\" or \"clock 1ms\""));
                return IdsForm::Unknown;
            };
            let before = findings.count();
            let resolution = value::span(findings, &piece.part(resolution.trim()));
            if resolution == Span::ZERO && findings.count() == before {
                let problem = Problem::new("P0211", &piece.at(), "a clock with ticks of no length");
                findings.add(problem.label("zero").help("write \"clock 1ms\""));
            }
            IdsForm::Clock(resolution)
        }
    }
}

/// The clock of a store named `store`.
pub(crate) fn clock(store: &str, resolution: Span) -> Clock {
    Clock::new(&format!("{store}.clock"), Span(resolution.0.max(1)))
}

/// Where a cursor goes, as it is written: a word, the store that it is said of, and how much more.
struct Phrase<'a> {
    whole: Piece<'a>,
    word: &'a str,
    store: Option<Piece<'a>>,
    /// `None` if it is no number.
    plus: Option<u32>,
}

impl<'a> Phrase<'a> {
    fn of(whole: Piece<'a>) -> Self {
        let (head, plus) = match whole.text.split_once('+') {
            Some((head, plus)) => (head.trim(), plus.trim().parse().ok()),
            None => (whole.text, Some(0)),
        };
        let (word, store) = match head.split_once(" of ") {
            Some((word, store)) => (word.trim(), Some(whole.part(store.trim()))),
            None => (head, None),
        };
        Self { whole, word, store, plus }
    }

    /// The store that it is said of, or the only one.
    fn store(&self, findings: &Findings<'_>, scope: &Scope) -> StoreId {
        StoreId(match &self.store {
            Some(store) => scope.stores.find_piece(findings, store),
            None => only_store(findings, scope, &At { at: self.whole.at(), value: () }),
        })
    }

    fn refuse(&self, findings: &Findings<'_>, code: &'static str, title: &str, help: &str) -> CursorRule {
        findings.add(Problem::new(code, &self.whole.at(), title).label("here").help(help));
        CursorRule::To(0)
    }
}

/// Reads where a cursor goes.
pub(crate) fn cursor(
    findings: &Findings<'_>,
    scope: &Scope,
    stores: &[IdsForm],
    into: Option<StoreId>,
    text: &Text,
) -> CursorRule {
    if findings.stands_in(&text.at) {
        return CursorRule::To(0);
    }
    let piece = Piece::of(findings, text);
    if let Ok(id) = piece.text.parse::<u32>() {
        return CursorRule::To(id);
    }
    let phrase = Phrase::of(piece);
    let ids = |store: StoreId| stores.get(usize::from(store.0));
    match (phrase.word, phrase.plus) {
        ("zero", Some(0)) if phrase.store.is_none() => CursorRule::To(0),
        ("own", Some(0)) => match (&phrase.store, into) {
            (None, Some(into)) => CursorRule::Own(into),
            (Some(_), _) | (None, None) => CursorRule::Own(phrase.store(findings, scope)),
        },
        ("given", Some(0)) => CursorRule::Given(phrase.store(findings, scope)),
        ("now", Some(0)) => {
            let store = phrase.store(findings, scope);
            match ids(store) {
                Some(IdsForm::Given | IdsForm::Counter) => phrase.refuse(
                    findings,
                    "P0421",
                    "\"now\" needs a store whose ids come from a clock",
                    "write \"greatest\", or let the store's ids come from a clock",
                ),
                Some(IdsForm::Clock(_) | IdsForm::Unknown) | None => CursorRule::Now(store),
            }
        }
        ("greatest", Some(plus)) => {
            let store = phrase.store(findings, scope);
            if matches!(ids(store), Some(IdsForm::Clock(_))) && plus > 0 {
                let help = "write \"greatest\", \"own\" or \"now\"";
                return phrase.refuse(findings, "P0421", "an id of a clock cannot be counted up", help);
            }
            CursorRule::Greatest(store, plus)
        }
        _ => phrase.refuse(
            findings,
            "P0213",
            &format!("{} is no place for a cursor", quoted(phrase.whole.text)),
            "write \"zero\", an id, \"now\", \"own\", \"given\", \"greatest\" or \"greatest + 2\"",
        ),
    }
}

/// The store, where there is one only.
pub(crate) fn only_store<T>(findings: &Findings<'_>, scope: &Scope, place: &At<T>) -> u8 {
    if scope.stores.len() != 1 && !scope.stores.is_open() {
        let (code, title, help) = if scope.stores.len() == 0 {
            ("P0305", "there is no store", "add a [[store]]")
        } else {
            ("P0416", "there are several stores", "name one: `to`, `into` or \"greatest of STORE\"")
        };
        findings.add(Problem::new(code, &place.at, title).label("which store is meant?").help(help));
    }
    0
}
