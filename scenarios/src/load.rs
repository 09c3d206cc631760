//! Reading a scenario from a file that may be anything.
//!
//! A path comes from a user and may name a directory, a disk image or nothing at all. What cannot
//! be a scenario is refused before it is read; what is read is bounded. Of a folder, what belongs to
//! other tools is told apart by its keys ([`is_scenario`]).

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::placed::Place;
use crate::problem::Problems;
use crate::scenario::Scenario;
use crate::schema::SCHEMA;

/// The largest scenario file, in bytes.
pub const LARGEST: u64 = 1 << 20;

/// What a scenario is called that comes from standard input.
pub const STDIN: &str = "<stdin>";

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
        /// Where it stops being one.
        place: Place,
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

/// Loads a scenario from a reader that may have no end; `label` is what errors call it.
///
/// # Errors
/// It cannot be read, or is not a sound scenario.
pub fn load_from(reader: impl Read, label: &str) -> Result<Scenario, LoadError> {
    let text = bounded(reader, Path::new(label))?;
    Scenario::parse(label, &text).map_err(LoadError::Problems)
}

/// Whether a file of a folder is to be taken for a scenario, which may be a broken one.
///
/// One that is called `NAME.punctual.toml` is. Of the others, those that belong to another tool are not: whole TOML,
/// with keys, none of which is one of a scenario. So a `Cargo.toml` is passed over, and neither a file in which
/// `scenario` is misspelt, nor one that cannot be read, is cut off or is empty.
pub fn is_scenario(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name.ends_with(".punctual.toml") {
        return true;
    }
    let Ok(text) = read(path) else { return true };
    let Ok(tree) = DeTable::parse(&text) else { return true };
    let keys = tree.get_ref();
    let known = |key: &str| SCHEMA["properties"].get(key).is_some();
    keys.is_empty() || keys.iter().any(|(key, _)| known(key.get_ref().as_ref()))
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
    bounded(fs::File::open(path).map_err(io)?, path)
}

/// A pipe or device has no length to ask for, so reading is bounded as well.
fn bounded(reader: impl Read, path: &Path) -> Result<String, LoadError> {
    let mut bytes = Vec::new();
    let read = reader.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| LoadError::Io { path: path.to_owned(), error })?;
    if bytes.len() as u64 > LARGEST {
        return Err(LoadError::TooLarge { path: path.to_owned() });
    }
    let whole = str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let text = str::from_utf8(&bytes[..whole]).unwrap_or_default();
    let ends = text.find('\0').unwrap_or(whole);
    if ends < bytes.len() {
        return Err(LoadError::NotText { path: path.to_owned(), place: Place::of(text, ends) });
    }
    Ok(text.to_owned())
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::Directory { path } => {
                write!(f, "cannot read {}: it is a directory, not a scenario file", path.display())
            }
            Self::NotText { path, place: Place { line, column } } => {
                write!(f, "cannot read {}:{line}:{column}: it is not a text in UTF-8", path.display())
            }
            Self::TooLarge { path } => {
                write!(f, "cannot read {}: it is larger than 1 MiB", path.display())
            }
            Self::Problems(problems) => problems.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {}
