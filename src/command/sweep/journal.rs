//! Where the cells of a sweep are kept while it goes on, and in the end.
//!
//! Each cell is one line, appended as soon as it is done, so whatever ends the program loses no more than what
//! was not done. In the end the lines are put in order, in a file that takes the place of the unfinished one as a
//! whole.

mod lines;
mod merging;
mod unkept;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use punctual_model::Invariant;
use punctual_reports::sweep::{Cell, Head, Line};

use lines::{Lines, own, read_lines};
use merging::Merging;
pub(super) use unkept::Unkept;
use unkept::{Doing, Part, WrongLine};

/// Lines of a sweep: in memory, or in a file.
pub(super) struct Journal {
    kept: Mutex<Kept>,
    head: Head,
    now: Option<Cell>,
}

struct Kept {
    lines: Lines,
    /// By number of the cell: where its line begins, from 1; 0 if it is not done.
    places: Vec<u64>,
    done: u64,
    /// What went wrong with the file.
    error: Option<Unkept>,
}

/// How much of a sweep a file must have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Length {
    /// What was done when it was stopped.
    Any,
    /// All of it.
    Whole,
}

/// The name of a sweep that is not finished.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, std::ffi::OsStr::to_os_string);
    name.push(".part");
    path.with_file_name(name)
}

impl Kept {
    /// No cell of a sweep.
    fn of(head: &Head, lines: Lines) -> Self {
        let places = vec![0; usize::try_from(head.cells).expect("cells were counted")];
        Self { lines, places, done: 0, error: None }
    }

    fn has(&self, cell: u64) -> bool {
        self.places[cell as usize] != 0
    }

    /// Appends a line, which may be that of a cell.
    fn append(&mut self, line: &Line, cell: Option<u64>) -> Result<(), Unkept> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let place = self.lines.append(&line.to_text());
        let place = place.inspect_err(|error| self.error = Some(error.clone()))?;
        if let Some(cell) = cell {
            self.places[cell as usize] = place + 1;
            self.done += 1;
        }
        Ok(())
    }
}

impl Journal {
    /// One that is kept in memory.
    pub(super) fn in_memory(head: Head) -> Self {
        let kept = Kept::of(&head, Lines::Memory(String::new()));
        Self::of(head, None, kept)
    }

    fn of(head: Head, now: Option<Cell>, kept: Kept) -> Self {
        Self { kept: Mutex::new(kept), head, now }
    }

    /// One that is kept in a file: a new one, or with `resume` one that was begun, or is finished.
    pub(super) fn in_file(path: &Path, head: Head, resume: bool) -> Result<Self, Unkept> {
        let part = unfinished(path);
        match (part.exists(), path.exists(), resume) {
            (true, _, true) => Self::again(&part, head, Length::Any),
            (false, true, true) => Self::again(path, head, Length::Whole),
            (true, _, false) => Err(Unkept::Begun(part)),
            (false, true, false) => Err(Unkept::There(path.to_owned())),
            (false, false, true) => Err(Unkept::NothingBegun(part)),
            (false, false, false) => {
                let file = OpenOptions::new().read(true).append(true).create_new(true).open(&part);
                let file = file.map_err(|error| Unkept::cannot(Doing::Write, &part, &error))?;
                own(&file, &part)?;
                let lines = Lines::File { file, path: part, length: 0, finished: false };
                let kept = Kept::of(&head, lines);
                Self::of(head, None, kept).begun()
            }
        }
    }

    /// The same with its head in its first line.
    fn begun(self) -> Result<Self, Unkept> {
        self.append(&Line::Head(Box::new(self.head.clone())), None)?;
        Ok(self)
    }

    /// Goes on with a file: what is whole in it is done.
    fn again(path: &Path, head: Head, expected: Length) -> Result<Self, Unkept> {
        let finished = expected == Length::Whole;
        let file = OpenOptions::new().read(true).append(!finished).open(path);
        let file = file.map_err(|error| Unkept::cannot(Doing::Open, path, &error))?;
        own(&file, path)?;
        let mut read = Again {
            head: &head,
            has_head: false,
            now: None,
            places: vec![0; head.cells as usize],
            done: 0,
            length: 0,
        };
        read_lines(path, |placed| read.take(placed))?;
        let Again { has_head, now, places, done, length, .. } = read;
        if finished && (!has_head || now.is_none() || done < head.len()) {
            let (path, of, unfinished) = (path.to_owned(), head.len(), unfinished(path));
            return Err(Unkept::Incomplete { path, done, of, unfinished });
        }
        if !finished {
            // A line that was being written is taken back.
            file.set_len(length).map_err(|error| Unkept::cannot(Doing::Write, path, &error))?;
        }
        let lines = Lines::File { file, path: path.to_owned(), length, finished };
        let journal = Self::of(head, now, Kept { lines, places, done, error: None });
        if has_head { Ok(journal) } else { journal.begun() }
    }

    /// One made of finished parts, which together must be all of a sweep.
    pub(super) fn merged(paths: &[PathBuf]) -> Result<Self, Unkept> {
        let mut merging = Merging::default();
        for path in paths {
            merging.add(path)?;
        }
        merging.finish()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("nobody fails while holding it")
    }

    /// What is swept.
    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    /// The scenario as it is, if it is known.
    pub(super) fn now(&self) -> Option<&Cell> {
        self.now.as_ref()
    }

    /// Keeps what the scenario is as it is.
    pub(super) fn set_now(&mut self, now: Cell) -> Result<(), Unkept> {
        self.append(&Line::Now { now: Box::new(now.clone()) }, None)?;
        self.now = Some(now);
        Ok(())
    }

    /// Whether a cell is done.
    pub(super) fn has(&self, cell: u64) -> bool {
        self.kept().has(cell)
    }

    /// How many are done.
    pub(super) fn done(&self) -> u64 {
        self.kept().done
    }

    /// Keeps a cell.
    pub(super) fn keep(&self, cell: Cell) -> Result<(), Unkept> {
        let number = cell.cell;
        self.append(&Line::Cell(Box::new(cell)), Some(number))
    }

    fn append(&self, line: &Line, cell: Option<u64>) -> Result<(), Unkept> {
        self.kept().append(line, cell)
    }

    /// Where it is kept while it is not finished.
    pub(super) fn path(&self) -> Option<PathBuf> {
        match &self.kept().lines {
            Lines::File { path, .. } => Some(path.clone()),
            Lines::Memory(_) => None,
        }
    }

    /// A cell that is done.
    pub(super) fn cell(&self, cell: u64) -> Result<Cell, Unkept> {
        let mut kept = self.kept();
        let place = kept.places[cell as usize].checked_sub(1).ok_or(Unkept::NotDone(cell))?;
        let line = kept.lines.at(place)?;
        match Line::read(line.as_bytes(), Invariant::is_of_loss) {
            Ok(Line::Cell(found)) if found.cell == cell => Ok(*found),
            _ => Err(Unkept::Unreadable(cell)),
        }
    }

    /// All lines in order, one after the other.
    pub(super) fn write(&self, out: &mut impl Write) -> Result<(), Unkept> {
        let wrong = |error: io::Error| Unkept::Out(error.to_string());
        out.write_all(Line::Head(Box::new(self.head.clone())).to_text().as_bytes()).map_err(wrong)?;
        if let Some(now) = &self.now {
            out.write_all(Line::Now { now: Box::new(now.clone()) }.to_text().as_bytes()).map_err(wrong)?;
        }
        let mut kept = self.kept();
        for cell in 0..kept.places.len() {
            if let Some(place) = kept.places[cell].checked_sub(1) {
                let line = kept.lines.at(place)?;
                if !line.starts_with(&format!("{{\"cell\":{cell},")) {
                    return Err(Unkept::Overwritten(cell as u64));
                }
                out.write_all(line.as_bytes()).map_err(wrong)?;
            }
        }
        Ok(())
    }

    /// Puts the finished sweep where it belongs, in order, whole or not at all. Its cells can still be read.
    pub(super) fn finish(&self, path: &Path) -> Result<(), Unkept> {
        let part = match &self.kept().lines {
            Lines::File { finished: true, .. } => return Ok(()),
            Lines::File { path, .. } => Some(path.clone()),
            Lines::Memory(_) => None,
        };
        let mut sorted = unfinished(path).into_os_string();
        sorted.push(".sorted");
        let sorted = PathBuf::from(sorted);
        let cannot_write = |path: &Path| {
            let path = path.to_owned();
            move |error| Unkept::cannot(Doing::Write, &path, &error)
        };
        let written = File::create(&sorted).map_err(cannot_write(&sorted)).and_then(|file| {
            let mut out = BufWriter::new(file);
            self.write(&mut out)?;
            out.flush().map_err(cannot_write(&sorted))?;
            fs::rename(&sorted, path).map_err(cannot_write(path))
        });
        if written.is_err() {
            // The error to be told is the first one.
            let _ = fs::remove_file(&sorted);
            return written;
        }
        part.map_or(Ok(()), |part| {
            fs::remove_file(&part).map_err(|error| Unkept::cannot(Doing::Remove, &part, &error))
        })
    }
}

/// What is read of a file that is gone on with.
struct Again<'h> {
    /// What is swept.
    head: &'h Head,
    has_head: bool,
    now: Option<Cell>,
    /// As those of what is kept.
    places: Vec<u64>,
    done: u64,
    /// Where the last whole line ends.
    length: u64,
}

impl Again<'_> {
    fn take(&mut self, placed: lines::Placed) -> Result<(), WrongLine> {
        match placed.line {
            Line::Head(_) if self.has_head => return Err(WrongLine::TwoHeads),
            Line::Head(found) => {
                if let Some(differs) = self.head.differs(&found) {
                    return Err(WrongLine::OtherSweep(differs));
                }
                if found.shard != self.head.shard {
                    return Err(WrongLine::OtherPart {
                        found: Part(found.shard),
                        asked: Part(self.head.shard),
                    });
                }
                self.has_head = true;
            }
            Line::Now { .. } | Line::Cell(_) if !self.has_head => return Err(WrongLine::NoHead),
            Line::Now { now } => self.now = Some(*now),
            Line::Cell(cell) => {
                self.head.fits(&cell).map_err(WrongLine::NoCell)?;
                let known = &mut self.places[cell.cell as usize];
                if *known == 0 {
                    self.done += 1;
                }
                *known = placed.from + 1;
            }
        }
        self.length = placed.to;
        Ok(())
    }
}
