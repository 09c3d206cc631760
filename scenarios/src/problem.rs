//! What is wrong with a scenario file: each problem has a code, a place and what would be right.
//!
//! Everything that a file can get wrong ends up here as a plain value, so the places that notice
//! problems need not know how they are shown, and a reader gets all of them at once instead of
//! the first one only.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::doubts::Doubts;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its code, for `explain`.
    pub code: &'static str,
    /// What is wrong, in one lowercase line.
    pub title: String,
    /// The bytes of the file that are wrong; [`NOWHERE`] if it is the whole, or a place beyond any file for what was
    /// said on the command line ([`Problems::option`]).
    pub span: Range<usize>,
    /// What is said beside that place.
    pub label: String,
    /// Other places that the reader has to see, and what is said beside them.
    pub secondary: Vec<(Range<usize>, String)>,
    /// What would be right.
    pub help: Option<String>,
}

/// The place of what is wrong with a file as a whole.
pub const NOWHERE: Range<usize> = usize::MAX..usize::MAX;

/// The first of the places of what was said on the command line, one for each option: beyond any file.
const GIVEN: usize = usize::MAX / 2;

/// Everything that is wrong with a file, sorted by place, with the file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// What the file is called.
    pub label: String,
    /// The text of the file.
    pub text: String,
    /// At least one.
    pub list: Vec<Problem>,
    /// How many more there are, where a file has too many to list.
    pub more: usize,
    /// What was said on the command line, by its places.
    given: Vec<String>,
}

impl Problem {
    pub(crate) fn new(code: &'static str, span: &Range<usize>, title: impl Into<String>) -> Self {
        Self {
            code,
            title: title.into(),
            span: span.clone(),
            label: String::new(),
            secondary: Vec::new(),
            help: None,
        }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(crate) fn beside(mut self, span: &Range<usize>, label: impl Into<String>) -> Self {
        self.secondary.push((span.clone(), label.into()));
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Problem {
    /// Whether it says the same of the same place, perhaps of another case.
    pub(crate) fn is_about(&self, other: &Self) -> bool {
        (self.code, &self.span) == (other.code, &other.span)
    }
}

impl Problems {
    /// What is wrong with a text.
    pub(crate) fn new(label: &str, text: &str, list: Vec<Problem>) -> Self {
        Self { label: label.to_owned(), text: text.to_owned(), list, more: 0, given: Vec::new() }
    }

    /// The option of the command line, as it was written there, that `span` is the place of.
    pub fn option(&self, span: &Range<usize>) -> Option<&str> {
        self.given.get(span.start.checked_sub(GIVEN)?).map(String::as_str)
    }

    /// All problems as a reader sees them, each with its lines of the file.
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let blocks: Vec<String> =
            self.list.iter().map(|problem| self.render_one(problem, &renderer)).collect();
        let more = match self.more {
            0 => String::new(),
            more => format!("\nand {more} more\n"),
        };
        blocks.join("\n\n") + "\n" + &more
    }

    fn render_one(&self, problem: &Problem, renderer: &Renderer) -> String {
        let mut marks = Vec::new();
        let option = self.option(&problem.span);
        if problem.span != NOWHERE && option.is_none() {
            let place = AnnotationKind::Primary.span(self.within(&problem.span));
            marks.push(place.label(problem.label.as_str()));
        }
        let mut notes = Vec::new();
        for (span, label) in problem.secondary.iter().filter(|(span, _)| *span != NOWHERE) {
            match self.option(span) {
                Some(option) => notes.push(format!("{label} {option}")),
                None => {
                    marks.push(AnnotationKind::Context.span(self.within(span)).label(label.as_str()));
                }
            }
        }
        let title = Level::ERROR.primary_title(problem.title.as_str()).id(problem.code);
        // What stands in no file has no line to be drawn.
        let mut main = match (option, marks.is_empty()) {
            (Some(option), true) => {
                title.element(Origin::path(option)).element(Origin::path(self.label.as_str()))
            }
            (Some(option), false) => title.element(Origin::path(option)),
            (None, true) => title.element(Origin::path(self.label.as_str())),
            (None, false) => Group::with_title(title),
        };
        if !marks.is_empty() {
            let snippet = Snippet::source(self.text.as_str()).path(self.label.as_str());
            main = main.element(snippet.annotations(marks));
        }
        main = main.elements(notes.iter().map(|note| Level::NOTE.message(note.as_str())));
        let mut report = vec![main];
        if let Some(help) = &problem.help {
            report.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        renderer.render(&report)
    }

    /// The span cut to the text and moved to the boundaries of its characters.
    fn within(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(span.start.min(self.text.len()));
        let end = self.text.ceil_char_boundary(span.end.min(self.text.len()));
        start..end.max(start)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

/// Collects problems while a file is read.
pub(crate) struct Findings<'t> {
    pub(crate) label: &'t str,
    pub(crate) text: &'t str,
    found: RefCell<Vec<Problem>>,
    /// What a case declares and does not use.
    unused: RefCell<Vec<Problem>>,
    more: Cell<usize>,
    /// What was said on the command line.
    given: RefCell<Vec<String>>,
    doubts: OnceCell<Doubts>,
    /// How often nothing was said because of a doubt.
    unsaid: Cell<usize>,
}

/// The most problems that are listed; a reader has lost patience by then.
const MOST: usize = 100;

impl<'t> Findings<'t> {
    pub(crate) fn new(label: &'t str, text: &'t str) -> Self {
        Self {
            label,
            text,
            found: RefCell::new(Vec::new()),
            unused: RefCell::default(),
            more: Cell::new(0),
            given: RefCell::default(),
            doubts: OnceCell::new(),
            unsaid: Cell::new(0),
        }
    }

    /// The findings in a variant: nothing is found yet, and what is in doubt stays in doubt.
    pub(crate) fn in_variant(&self) -> Self {
        let findings = Self::new(self.label, self.text);
        findings.given.replace(self.given.borrow().clone());
        if let Some(doubts) = self.doubts.get() {
            findings.doubt(doubts.in_variant());
        }
        findings
    }

    /// The place of what was said on the command line: `option`, as it was written there.
    pub(crate) fn given(&self, option: impl Into<String>) -> Range<usize> {
        let mut given = self.given.borrow_mut();
        given.push(option.into());
        GIVEN + given.len() - 1..GIVEN + given.len()
    }

    /// What is said beside the variant that a problem is of.
    pub(crate) fn in_which(&self, name: &Range<usize>) -> &'static str {
        if name.start < GIVEN { "in this variant" } else { "with" }
    }

    /// Takes note of what could not be read.
    pub(crate) fn doubt(&self, doubts: Doubts) {
        assert!(self.doubts.set(doubts).is_ok(), "a file is mended once");
    }

    /// Whether the value at this place stands in for one that could not be read: nothing is to be
    /// said of it.
    pub(crate) fn stands_in(&self, at: &Range<usize>) -> bool {
        self.doubts.get().is_some_and(|doubts| doubts.stands_in(at))
    }

    /// Whether there may be more below this key than could be read.
    pub(crate) fn open(&self, key: &str) -> bool {
        self.doubts.get().is_some_and(|doubts| doubts.open(key))
    }

    /// Whether a table below this key has lost a key.
    pub(crate) fn lost(&self, key: &str) -> bool {
        self.doubts.get().is_some_and(|doubts| doubts.lost(key))
    }

    /// Whether what nobody seems to do may be done by what could not be read.
    pub(crate) fn hide_something(&self) -> bool {
        self.doubts.get().is_some_and(Doubts::hide_something)
    }

    /// Whether there may be steps that could not be read.
    pub(crate) fn hides_steps(&self) -> bool {
        ["task", "steps", "loop", "otherwise", "step"].iter().any(|key| self.open(key))
    }

    /// Whether a variant may do more than could be read, or anything else may be missing.
    pub(crate) fn hide_something_in_variants(&self) -> bool {
        let lost = self.doubts.get().is_some_and(Doubts::lost_something);
        lost || self.in_variant().hide_something()
    }

    /// Whether a step may have had more keys than could be read.
    pub(crate) fn steps_lost_something(&self) -> bool {
        ["steps", "loop", "otherwise", "step", "with"].iter().any(|key| self.lost(key))
    }

    /// Whether a variant may insert steps that could not be read.
    pub(crate) fn hides_insertions(&self) -> bool {
        let open = ["insert", "replace", "move", "after", "before", "with"].iter().any(|key| self.open(key));
        open || ["insert", "replace", "move"].iter().any(|key| self.lost(key))
    }

    /// Notes a problem, unless the same was noted at the same place: a variant repeats what is
    /// wrong with the base.
    pub(crate) fn add(&self, problem: Problem) {
        let mut found = self.found.borrow_mut();
        let known =
            |p: &Problem| (p.code, &p.span, &p.title) == (problem.code, &problem.span, &problem.title);
        if found.iter().any(known) {
            return;
        }
        if found.len() < MOST {
            found.push(problem);
        } else {
            self.more.set(self.more.get() + 1);
        }
    }

    /// Notes that a case does not use what it declares, or waits for what nobody in it does: a problem, unless
    /// another case of the file does.
    pub(crate) fn add_unused(&self, problem: Problem) {
        self.unused.borrow_mut().push(problem);
    }

    /// What was noted as unused since this was asked last.
    pub(crate) fn take_unused(&self) -> Vec<Problem> {
        self.unused.take()
    }

    /// Notes that something would be wrong, but for what could not be read.
    pub(crate) fn leave_unsaid(&self) {
        self.unsaid.set(self.unsaid.get() + 1);
    }

    pub(crate) fn count(&self) -> usize {
        self.found.borrow().len() + self.more.get()
    }

    /// Whether there are no problems but those of this code.
    pub(crate) fn only(&self, code: &str) -> bool {
        self.count() == self.found.borrow().iter().filter(|problem| problem.code == code).count()
    }

    /// How many problems there are, with those that are left unsaid.
    pub(crate) fn count_all(&self) -> usize {
        self.count() + self.unsaid.get()
    }

    /// `Err` with all problems noted so far, if there is one.
    pub(crate) fn so_far(&self) -> Result<(), Problems> {
        let mut list = self.found.borrow().clone();
        if list.is_empty() {
            return Ok(());
        }
        list.sort_by_key(|p| (p.span.start, p.span.end, p.code));
        let given = self.given.borrow().clone();
        Err(Problems { more: self.more.get(), given, ..Problems::new(self.label, self.text, list) })
    }
}
