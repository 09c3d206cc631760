//! Reading a scenario from a file that may be anything.
//!
//! A path comes from a user and may name a directory, a disk image or nothing at all. What cannot
//! be a scenario is refused before it is read; what is read is bounded.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::problem::Problems;
use crate::scenario::Scenario;

/// The largest scenario file, in bytes.
pub const LARGEST: u64 = 1 << 20;

/// Why a scenario could not be loaded.
#[derive(Debug)]
pub enum LoadError {
    /// The file cannot be read.
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The path leads to a directory.
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// The file is not a text in UTF-8.
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// The file is larger than [`LARGEST`].
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The file is a text, but not a sound scenario.
    Problems(Problems),
}

/// Loads a scenario.
///
/// # Errors
/// The file cannot be read, or is not a sound scenario.
pub fn load(path: &Path) -> Result<Scenario, LoadError> {
    let text = read(path)?;
    Scenario::parse(&path.display().to_string(), &text).map_err(LoadError::Problems)
}

fn read(path: &Path) -> Result<String, LoadError> {
    let io = |error| LoadError::Io { path: path.to_owned(), error };
    let about = fs::metadata(path).map_err(io)?;
    if about.is_dir() {
        return Err(LoadError::Directory { path: path.to_owned() });
    }
    if about.len() > LARGEST {
        return Err(LoadError::TooLarge { path: path.to_owned() });
    }
    // A pipe or device has no length to ask for, so reading is bounded as well.
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(io)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST {
        return Err(LoadError::TooLarge { path: path.to_owned() });
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(LoadError::NotText { path: path.to_owned() }),
    }
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::Directory { path } => {
                write!(f, "cannot read {}: it is a directory, not a scenario file", path.display())
            }
            Self::NotText { path } => {
                write!(f, "cannot read {}: it is not a text in UTF-8", path.display())
            }
            Self::TooLarge { path } => {
                write!(f, "cannot read {}: it is larger than 1 MiB", path.display())
            }
            Self::Problems(problems) => problems.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {}
