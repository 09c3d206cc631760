//! The lines of a sweep as they lie in memory or in a file: written at the end, read where they begin.

use std::fs::{File, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use punctual_model::Invariant;
use punctual_reports::sweep::{BadLine, Line};

use super::unkept::{Doing, Unkept, WrongLine};

/// Where lines lie.
pub(super) enum Lines {
    Memory(String),
    /// What is finished is only read.
    File {
        file: File,
        path: PathBuf,
        length: u64,
        finished: bool,
    },
}

/// A line, and where in its file it begins and ends.
pub(super) struct Placed {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) line: Line,
}

impl Lines {
    /// Puts a line at the end; says where it begins.
    pub(super) fn append(&mut self, text: &str) -> Result<u64, Unkept> {
        match self {
            Self::Memory(all) => {
                let from = all.len() as u64;
                all.push_str(text);
                Ok(from)
            }
            Self::File { file, path, length, .. } => match file.write_all(text.as_bytes()) {
                Ok(()) => {
                    let from = *length;
                    *length += text.len() as u64;
                    Ok(from)
                }
                Err(error) => {
                    // What was written of the line is taken back; if not even that can be done, a later
                    // reading passes over it.
                    let _ = file.set_len(*length);
                    Err(Unkept::cannot(Doing::Write, path, &error))
                }
            },
        }
    }

    /// The line that begins at a place.
    pub(super) fn at(&mut self, place: u64) -> Result<String, Unkept> {
        match self {
            Self::Memory(all) => {
                let rest = &all[place as usize..];
                Ok(rest[..=rest.find('\n').unwrap_or(rest.len() - 1)].to_owned())
            }
            Self::File { file, path, length, .. } => {
                let mut line = String::new();
                let read = file.seek(SeekFrom::Start(place)).and_then(|_| {
                    BufReader::with_capacity(4_096, (&*file).take(*length - place)).read_line(&mut line)
                });
                read.map(|_| line).map_err(|error| Unkept::cannot(Doing::Read, path, &error))
            }
        }
    }
}

/// Makes a file that of this process alone, as long as it has it open.
pub(super) fn own(file: &File, path: &Path) -> Result<(), Unkept> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Unkept::Taken(path.to_owned())),
        // Where files cannot be locked, whoever starts two at once must know.
        Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Reads a sweep line by line. A last line that is not whole is passed over: the program was stopped while it was
/// written.
pub(super) fn read_lines(
    path: &Path,
    mut take: impl FnMut(Placed) -> Result<(), WrongLine>,
) -> Result<(), Unkept> {
    let cannot = |error| Unkept::cannot(Doing::Read, path, &error);
    let mut reader = BufReader::new(File::open(path).map_err(cannot)?);
    let (mut from, mut number) = (0, 0);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let read = reader.read_until(b'\n', &mut bytes).map_err(cannot)?;
        if read == 0 || bytes.last() != Some(&b'\n') {
            return Ok(());
        }
        number += 1;
        let to = from + read as u64;
        let line = Line::read(&bytes, Invariant::is_of_loss);
        let line = line.map_err(|BadLine { column, what }| WrongLine::NoLine { column, what });
        let taken = line.and_then(|line| take(Placed { from, to, line }));
        taken.map_err(|what| Unkept::Line { path: path.to_owned(), number, what })?;
        from = to;
    }
}
