//! Where the cells of a sweep are kept while it goes on, and in the end.
//!
//! Each cell is one line, appended as soon as it is done, so whatever ends the program loses no more than what
//! was not done. In the end the lines are put in order, in a file that takes the place of the unfinished one as a
//! whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use punctual_reports::sweep::{BadLine, Cell, Head, Line};

use super::MOST;

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
    error: Option<String>,
}

enum Lines {
    Memory(String),
    /// What is finished is only read.
    File {
        file: File,
        path: PathBuf,
        length: u64,
        finished: bool,
    },
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

fn cannot(what: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {what} {}: {error}", path.display())
}

impl Journal {
    /// One that is kept in memory.
    pub(super) fn in_memory(head: Head) -> Self {
        Self::of(head, Lines::Memory(String::new()))
    }

    fn of(head: Head, lines: Lines) -> Self {
        let places = vec![0; usize::try_from(head.cells).expect("cells were counted")];
        Self { kept: Mutex::new(Kept { lines, places, done: 0, error: None }), head, now: None }
    }

    /// One that is kept in a file: a new one, or with `resume` one that was begun, or is finished.
    pub(super) fn in_file(path: &Path, head: Head, resume: bool) -> Result<Self, String> {
        let part = unfinished(path);
        match (part.exists(), path.exists(), resume) {
            (true, _, true) => Self::again(&part, head, Length::Any),
            (false, true, true) => Self::again(path, head, Length::Whole),
            (true, _, false) => Err(format!(
                "{} is there: a sweep was begun and not finished; go on with --resume, or remove it",
                part.display()
            )),
            (false, true, false) => Err(format!(
                "{} is there already: --resume shows it if it is this sweep; else choose another, or remove it",
                path.display()
            )),
            (false, false, true) => {
                Err(format!("there is no {} to go on with; leave --resume out to begin", part.display()))
            }
            (false, false, false) => {
                let file = OpenOptions::new().read(true).append(true).create_new(true).open(&part);
                let file = file.map_err(|error| cannot("write", &part, &error))?;
                own(&file, &part)?;
                let lines = Lines::File { file, path: part, length: 0, finished: false };
                let journal = Self::of(head.clone(), lines);
                journal.append(&Line::Head(Box::new(head)), None)?;
                Ok(journal)
            }
        }
    }

    /// Goes on with a file: what is whole in it is done.
    fn again(path: &Path, head: Head, expected: Length) -> Result<Self, String> {
        let finished = expected == Length::Whole;
        let file = OpenOptions::new().read(true).append(!finished).open(path);
        let file = file.map_err(|error| cannot("open", path, &error))?;
        own(&file, path)?;
        let mut length = 0;
        let (mut places, mut done, mut now, mut known) =
            (vec![0; head.cells as usize], 0, None, None::<Head>);
        read_lines(path, |place, end, line| {
            match line {
                Line::Head(found) if known.is_none() => {
                    if let Some(differs) = head.differs(&found) {
                        return Err(format!("it is of another sweep: {differs}"));
                    }
                    if found.shard != head.shard {
                        return Err(format!("it is of another part of the sweep: {}", parts(&found, &head)));
                    }
                    known = Some(*found);
                }
                _ if known.is_none() => return Err("it does not begin with the head of a sweep".to_owned()),
                Line::Head(_) => return Err("it has two heads".to_owned()),
                Line::Now { now: found } => now = Some(*found),
                Line::Cell(cell) => {
                    head.fits(&cell).map_err(|why| why.to_string())?;
                    let known = &mut places[cell.cell as usize];
                    if *known == 0 {
                        done += 1;
                    }
                    *known = place + 1;
                }
            }
            length = end;
            Ok(())
        })?;
        if finished && (known.is_none() || now.is_none() || done < head.len()) {
            return Err(format!(
                "{} has {done} of {} cells, and no {}",
                path.display(),
                head.len(),
                unfinished(path).display()
            ));
        }
        if !finished {
            // A line that was being written is taken back.
            file.set_len(length).map_err(|error| cannot("write", path, &error))?;
        }
        let lines = Lines::File { file, path: path.to_owned(), length, finished };
        let kept = Mutex::new(Kept { lines, places, done, error: None });
        let journal = Self { kept, head: head.clone(), now };
        if known.is_none() {
            journal.append(&Line::Head(Box::new(head)), None)?;
        }
        Ok(journal)
    }

    /// One made of finished parts, which together must be all of a sweep.
    pub(in crate::command) fn merged(paths: &[PathBuf]) -> Result<Self, String> {
        let mut journal = None::<Self>;
        let mut first = None::<(PathBuf, Head)>;
        for path in paths {
            let mut head = None::<Head>;
            read_lines(path, |_, _, line| {
                match line {
                    Line::Head(found) if head.is_none() => {
                        if let Some((of, known)) = &first
                            && let Some(differs) = known.whole().differs(&found.whole())
                        {
                            return Err(format!(
                                "it and {} are of different sweeps: {differs}",
                                of.display()
                            ));
                        }
                        found.sound(MOST).map_err(|why| why.to_string())?;
                        first.get_or_insert_with(|| (path.clone(), (*found).clone()));
                        if journal.is_none() {
                            let whole = found.whole();
                            let new = Self::in_memory(whole.clone());
                            new.append(&Line::Head(Box::new(whole)), None)?;
                            journal = Some(new);
                        }
                        head = Some(*found);
                    }
                    _ if head.is_none() => {
                        return Err("it does not begin with the head of a sweep".to_owned());
                    }
                    Line::Head(_) => return Err("it has two heads".to_owned()),
                    line => {
                        if let (Line::Cell(cell), Some(head)) = (&line, &head) {
                            head.fits(cell).map_err(|why| why.to_string())?;
                        }
                        let journal = journal.as_mut().expect("a head came before it");
                        match line {
                            Line::Now { now } => match &journal.now {
                                Some(known) if *known != *now => {
                                    return Err(
                                        "it has the scenario as it is in another way than a part before"
                                            .to_owned(),
                                    );
                                }
                                Some(_) => {}
                                None => journal.set_now(*now)?,
                            },
                            Line::Cell(cell) if journal.has(cell.cell) => {
                                return Err(format!(
                                    "it has cell {}, which a part before has too",
                                    cell.cell
                                ));
                            }
                            Line::Cell(cell) => journal.append(&Line::Cell(cell.clone()), Some(cell.cell))?,
                            Line::Head(_) => {}
                        }
                    }
                }
                Ok(())
            })?;
            if head.is_none() {
                return Err(format!("{}: it is empty", path.display()));
            }
        }
        let journal = journal.ok_or("nothing to put together")?;
        let missing: Vec<u64> = (0..journal.head.cells).filter(|&cell| !journal.has(cell)).collect();
        if let Some(first) = missing.first() {
            let count = missing.len();
            return Err(format!(
                "{count} of {} cells are in none of the parts, cell {first} for one",
                journal.head.cells
            ));
        }
        Ok(journal)
    }

    /// What is swept.
    pub(in crate::command) fn head(&self) -> &Head {
        &self.head
    }

    /// The scenario as it is, if it is known.
    pub(in crate::command) fn now(&self) -> Option<&Cell> {
        self.now.as_ref()
    }

    /// Keeps what the scenario is as it is.
    pub(super) fn set_now(&mut self, now: Cell) -> Result<(), String> {
        self.append(&Line::Now { now: Box::new(now.clone()) }, None)?;
        self.now = Some(now);
        Ok(())
    }

    /// Whether a cell is done.
    pub(super) fn has(&self, cell: u64) -> bool {
        self.kept.lock().expect("nobody fails while holding it").places[cell as usize] != 0
    }

    /// How many are done.
    pub(super) fn done(&self) -> u64 {
        self.kept.lock().expect("nobody fails while holding it").done
    }

    /// Keeps a cell.
    pub(super) fn keep(&self, cell: Cell) -> Result<(), String> {
        let number = cell.cell;
        self.append(&Line::Cell(Box::new(cell)), Some(number))
    }

    /// Where it is kept while it is not finished.
    pub(super) fn path(&self) -> Option<PathBuf> {
        match &self.kept.lock().expect("nobody fails while holding it").lines {
            Lines::File { path, .. } => Some(path.clone()),
            Lines::Memory(_) => None,
        }
    }

    fn append(&self, line: &Line, cell: Option<u64>) -> Result<(), String> {
        let text = line.to_text();
        let mut kept = self.kept.lock().expect("nobody fails while holding it");
        if let Some(error) = &kept.error {
            return Err(error.clone());
        }
        let place = match &mut kept.lines {
            Lines::Memory(all) => {
                all.push_str(&text);
                (all.len() - text.len()) as u64
            }
            Lines::File { file, path, length, .. } => match file.write_all(text.as_bytes()) {
                Ok(()) => {
                    *length += text.len() as u64;
                    *length - text.len() as u64
                }
                Err(error) => {
                    // What was written of the line is taken back; if not even that can be done, a later
                    // reading passes over it.
                    let _ = file.set_len(*length);
                    let error = cannot("write", path, &error);
                    kept.error = Some(error.clone());
                    return Err(error);
                }
            },
        };
        if let Some(cell) = cell {
            kept.places[cell as usize] = place + 1;
            kept.done += 1;
        }
        Ok(())
    }

    /// A cell that is done.
    pub(in crate::command) fn cell(&self, cell: u64) -> Result<Cell, String> {
        let mut kept = self.kept.lock().expect("nobody fails while holding it");
        let place =
            kept.places[cell as usize].checked_sub(1).ok_or_else(|| format!("cell {cell} is not done"))?;
        let line = line_at(&mut kept.lines, place)?;
        match Line::read(line.as_bytes()) {
            Ok(Line::Cell(found)) if found.cell == cell => Ok(*found),
            _ => Err(format!("the line of cell {cell} cannot be read")),
        }
    }

    /// All lines in order, one after the other.
    pub(in crate::command) fn write(&self, out: &mut impl Write) -> Result<(), String> {
        let wrong = |error: io::Error| format!("cannot write the sweep: {error}");
        out.write_all(Line::Head(Box::new(self.head.clone())).to_text().as_bytes()).map_err(wrong)?;
        if let Some(now) = &self.now {
            out.write_all(Line::Now { now: Box::new(now.clone()) }.to_text().as_bytes()).map_err(wrong)?;
        }
        let mut kept = self.kept.lock().expect("nobody fails while holding it");
        for cell in 0..kept.places.len() {
            if let Some(place) = kept.places[cell].checked_sub(1) {
                let line = line_at(&mut kept.lines, place)?;
                if !line.starts_with(&format!("{{\"cell\":{cell},")) {
                    return Err(format!(
                        "the line of cell {cell} is another: something else has written there"
                    ));
                }
                out.write_all(line.as_bytes()).map_err(wrong)?;
            }
        }
        Ok(())
    }

    /// Puts the finished sweep where it belongs, in order, whole or not at all. Its cells can still be read.
    pub(in crate::command) fn finish(&self, path: &Path) -> Result<(), String> {
        let part = match &self.kept.lock().expect("nobody fails while holding it").lines {
            Lines::File { finished: true, .. } => return Ok(()),
            Lines::File { path, .. } => Some(path.clone()),
            Lines::Memory(_) => None,
        };
        let mut sorted = unfinished(path).into_os_string();
        sorted.push(".sorted");
        let sorted = PathBuf::from(sorted);
        let written =
            File::create(&sorted).map_err(|error| cannot("write", &sorted, &error)).and_then(|file| {
                let mut out = BufWriter::new(file);
                self.write(&mut out)?;
                out.flush().map_err(|error| cannot("write", &sorted, &error))?;
                fs::rename(&sorted, path).map_err(|error| cannot("write", path, &error))
            });
        if written.is_err() {
            // The error to be told is the first one.
            let _ = fs::remove_file(&sorted);
            return written;
        }
        part.map_or(Ok(()), |part| fs::remove_file(&part).map_err(|error| cannot("remove", &part, &error)))
    }
}

/// Makes a file that of this process alone, as long as it has it open.
fn own(file: &File, path: &Path) -> Result<(), String> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            Err(format!("{} is being written by another punctual; wait for it, or stop it", path.display()))
        }
        // Where files cannot be locked, whoever starts two at once must know.
        Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Which parts two heads are of.
fn parts(one: &Head, other: &Head) -> String {
    let told = |head: &Head| {
        head.shard.map_or("all of it".to_owned(), |shard| format!("part {} of {}", shard.part, shard.parts))
    };
    format!("{} and {}", told(one), told(other))
}

fn line_at(lines: &mut Lines, place: u64) -> Result<String, String> {
    match lines {
        Lines::Memory(all) => {
            let rest = &all[place as usize..];
            Ok(rest[..=rest.find('\n').unwrap_or(rest.len() - 1)].to_owned())
        }
        Lines::File { file, path, length, .. } => {
            let mut line = String::new();
            let read = file.seek(SeekFrom::Start(place)).and_then(|_| {
                BufReader::with_capacity(4_096, (&*file).take(*length - place)).read_line(&mut line)
            });
            read.map(|_| line).map_err(|error| cannot("read", path, &error))
        }
    }
}

/// Tells of each line of a sweep: where it begins and ends, and what it says. A last line that is not whole is
/// passed over: the program was stopped while it was written.
fn read_lines(path: &Path, mut tell: impl FnMut(u64, u64, Line) -> Result<(), String>) -> Result<(), String> {
    let file = File::open(path).map_err(|error| cannot("read", path, &error))?;
    let mut reader = BufReader::new(file);
    let (mut place, mut number) = (0, 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| cannot("read", path, &error))?;
        if read == 0 || line.last() != Some(&b'\n') {
            return Ok(());
        }
        number += 1;
        let end = place + read as u64;
        let wrong = |why: String| format!("{}:{number}: {why}", path.display());
        let parsed = Line::read(&line).map_err(|BadLine { column, what }| match column {
            0 => wrong(what),
            column => format!("{}:{number}:{column}: {what}", path.display()),
        })?;
        tell(place, end, parsed).map_err(wrong)?;
        place = end;
    }
}
