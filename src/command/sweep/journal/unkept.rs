//! Why a sweep cannot be kept: what is wrong with its file, and in which line.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use punctual_reports::sweep::{Misfit, Shard, UnsoundHead};

/// Why a sweep cannot be kept, gone on with, or put together of its parts.
#[derive(Clone, Debug)]
pub(in crate::command) enum Unkept {
    /// Something cannot be done to a file.
    File { doing: Doing, path: PathBuf, why: String },
    /// Another sweep was begun in this file and not finished.
    Begun(PathBuf),
    /// This file is there already.
    There(PathBuf),
    /// Nothing was begun in this file.
    NothingBegun(PathBuf),
    /// Another process writes this file.
    Taken(PathBuf),
    /// A file that should be finished has only some of the cells, and `unfinished` is not there.
    Incomplete { path: PathBuf, done: u64, of: u64, unfinished: PathBuf },
    /// A line of a file does not fit.
    Line { path: PathBuf, number: u64, what: WrongLine },
    /// A part has no line.
    Empty(PathBuf),
    /// There are no parts.
    NoParts,
    /// So many cells of the sweep are in none of its parts.
    Missing { count: usize, of: u64, first: u64 },
    /// A cell is asked for that is not done.
    NotDone(u64),
    /// The line of a cell cannot be read any more.
    Unreadable(u64),
    /// Where the line of a cell was, there is another.
    Overwritten(u64),
    /// The lines cannot be written to where they go.
    Out(String),
}

/// What is done to a file.
#[derive(Clone, Copy, Debug)]
pub(in crate::command) enum Doing {
    Open,
    Read,
    Write,
    Remove,
}

/// Why a line does not fit into a sweep.
#[derive(Clone, Debug)]
pub(in crate::command) enum WrongLine {
    /// It is none of a sweep: what it is, and the column; 0 for the line as a whole.
    NoLine { column: usize, what: String },
    /// It is of another sweep: what differs.
    OtherSweep(String),
    /// It and a file before are of different sweeps: what differs.
    DifferentSweeps { of: PathBuf, differs: String },
    /// It is of another part.
    OtherPart { found: Part, asked: Part },
    /// It comes before the head.
    NoHead,
    /// It is a second head.
    TwoHeads,
    /// It is a head that cannot be.
    Unsound(UnsoundHead),
    /// It is a cell that the sweep does not have.
    NoCell(Misfit),
    /// It is the scenario as it is, and came out in another way in a part before.
    OtherNow,
    /// It is a cell that a part before has too.
    Twice(u64),
}

/// Which cells of a sweep a file is to have: all, or those of a part.
#[derive(Clone, Copy, Debug)]
pub(in crate::command) struct Part(pub(super) Option<Shard>);

impl Unkept {
    /// That something cannot be done to a file.
    pub(super) fn cannot(doing: Doing, path: &Path, error: &io::Error) -> Self {
        Self::File { doing, path: path.to_owned(), why: error.to_string() }
    }
}

impl fmt::Display for Unkept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { doing, path, why } => {
                let doing = match doing {
                    Doing::Open => "open",
                    Doing::Read => "read",
                    Doing::Write => "write",
                    Doing::Remove => "remove",
                };
                write!(f, "cannot {doing} {}: {why}", path.display())
            }
            Self::Begun(path) => write!(
                f,
                "{} is there: a sweep was begun and not finished; go on with --resume, or remove it",
                path.display()
            ),
            Self::There(path) => write!(
                f,
                "{} is there already: --resume shows it if it is this sweep; else choose another, or remove it",
                path.display()
            ),
            Self::NothingBegun(path) => {
                write!(f, "there is no {} to go on with; leave --resume out to begin", path.display())
            }
            Self::Taken(path) => {
                write!(f, "{} is being written by another punctual; wait for it, or stop it", path.display())
            }
            Self::Incomplete { path, done, of, unfinished } => {
                write!(f, "{} has {done} of {of} cells, and no {}", path.display(), unfinished.display())
            }
            Self::Line { path, number, what } => {
                write!(f, "{}:{number}", path.display())?;
                if let WrongLine::NoLine { column: column @ 1.., .. } = what {
                    write!(f, ":{column}")?;
                }
                write!(f, ": {what}")
            }
            Self::Empty(path) => write!(f, "{}: it is empty", path.display()),
            Self::NoParts => f.write_str("nothing to put together"),
            Self::Missing { count, of, first } => {
                write!(f, "{count} of {of} cells are in none of the parts, cell {first} for one")
            }
            Self::NotDone(cell) => write!(f, "cell {cell} is not done"),
            Self::Unreadable(cell) => write!(f, "the line of cell {cell} cannot be read"),
            Self::Overwritten(cell) => {
                write!(f, "the line of cell {cell} is another: something else has written there")
            }
            Self::Out(why) => write!(f, "cannot write the sweep: {why}"),
        }
    }
}

impl fmt::Display for WrongLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLine { what, .. } => f.write_str(what),
            Self::Unsound(why) => why.fmt(f),
            Self::NoCell(why) => why.fmt(f),
            Self::OtherSweep(differs) => write!(f, "it is of another sweep: {differs}"),
            Self::DifferentSweeps { of, differs } => {
                write!(f, "it and {} are of different sweeps: {differs}", of.display())
            }
            Self::OtherPart { found, asked } => {
                write!(f, "it is of another part of the sweep: {found} and {asked}")
            }
            Self::NoHead => f.write_str("it does not begin with the head of a sweep"),
            Self::TwoHeads => f.write_str("it has two heads"),
            Self::OtherNow => f.write_str("it has the scenario as it is in another way than a part before"),
            Self::Twice(cell) => write!(f, "it has cell {cell}, which a part before has too"),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("all of it"),
            Some(Shard { part, parts }) => write!(f, "part {part} of {parts}"),
        }
    }
}

impl Error for Unkept {}
impl Error for WrongLine {}
