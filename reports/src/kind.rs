//! The kinds of report that a result can be written as: each is an entry of one list.
//!
//! A new one is a file with what writes it, and its line in `KINDS`. What it is called on the command line, which verbs
//! offer it, what help and refusals say: all of it follows from the list.

pub mod junit;
pub mod measures;
pub mod perfetto;

use serde::Serialize;

use crate::document::Document;
use crate::page::{Page, html, markdown};
use crate::{programs, report};

/// All kinds, in the order in which they are offered.
const KINDS: &[Kind] = &[
    Kind { name: "html", made: Made::Page(html::render) },
    Kind { name: "md", made: Made::Page(markdown::render) },
    Kind { name: "json", made: Made::Whole },
    Kind { name: "jsonl", made: Made::Lines },
    Kind { name: "junit", made: Made::Check(junit::render) },
    Kind { name: "csv", made: Made::Numbers(measures::to_csv) },
    Kind { name: "perfetto", made: Made::Check(perfetto::of_document) },
];

/// A kind of report.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What it is called: `junit`.
    pub name: &'static str,
    /// How it is made.
    pub made: Made,
}

/// What a report is made from, which is what decides of which results there is one.
#[derive(Clone, Copy, Debug)]
pub enum Made {
    /// From the page, which every result has.
    Page(fn(&Page) -> String),
    /// From the numbers: those of a check, and the cells of a sweep.
    Numbers(fn(&Document) -> String),
    /// It is the document, which every result has.
    Whole,
    /// It is the document as lines, an object a line.
    Lines,
    /// From the document of a check, since only that has what it shows.
    Check(fn(&Document) -> String),
}

/// What a report is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// The result of a check.
    Check,
    /// A sweep.
    Sweep,
    /// Anything else that has a page.
    Other,
}

impl Subject {
    /// The kinds of report that there are of it, in the order in which they are offered.
    pub fn kinds(self) -> Vec<Kind> {
        let of_it = |kind: &Kind| match (kind.made, self) {
            (Made::Page(_) | Made::Whole | Made::Lines, _) => true,
            (Made::Numbers(_), Subject::Check | Subject::Sweep) => true,
            (Made::Check(_), Subject::Check) => true,
            (Made::Numbers(_), Subject::Other) | (Made::Check(_), Subject::Sweep | Subject::Other) => false,
        };
        let mut kinds: Vec<Kind> = KINDS.iter().copied().filter(of_it).collect();
        if self == Subject::Sweep {
            // What people open comes before what programs read.
            kinds.sort_by_key(|kind| matches!(kind.made, Made::Whole | Made::Lines));
        }
        kinds
    }
}

impl Kind {
    /// The report of a check.
    pub fn of_check(&self, document: &Document) -> String {
        match self.made {
            Made::Page(render) => render(&report::page(document)),
            Made::Numbers(render) | Made::Check(render) => render(document),
            Made::Whole => programs::json(document),
            Made::Lines => programs::lines(document, "scenarios"),
        }
    }

    /// The report of what has a page and a document, which is about a list of `list`; `None` if there is none of this
    /// kind.
    pub fn of_page(&self, page: &Page, (document, list): (&impl Serialize, &str)) -> Option<String> {
        match self.made {
            Made::Page(render) => Some(render(page)),
            Made::Whole => Some(programs::json(document)),
            Made::Lines => Some(programs::lines(document, list)),
            Made::Numbers(_) | Made::Check(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_kinds_are_words_of_which_no_two_are_alike() {
        let mut names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        assert!(names.iter().all(|name| name.chars().all(|sign| sign.is_ascii_lowercase())), "{names:?}");
        names.sort_unstable();
        assert!(names.windows(2).all(|two| two[0] != two[1]), "{names:?}");
    }

    #[test]
    fn a_subject_is_offered_what_there_is_of_it() {
        let names = |of: Subject| of.kinds().iter().map(|kind| kind.name).collect::<Vec<_>>().join(" ");
        assert_eq!(names(Subject::Check), "html md json jsonl junit csv perfetto");
        assert_eq!(names(Subject::Sweep), "html md csv json jsonl");
        assert_eq!(names(Subject::Other), "html md json jsonl");
    }
}
