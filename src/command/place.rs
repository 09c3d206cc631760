//! Where something is to be written, and as what, as the command line says it.
//!
//! A file that has no folder to be in is refused: what was mistyped is told before any run is made.

use std::error::Error;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use punctual_reports::kind::{Kind, Subject};

use super::select::nearest;

/// Text that is no KIND=PATH.
#[derive(Debug)]
pub(crate) enum NoReport {
    /// It has no kind.
    NoKind(Subject),
    /// There is no report of this kind.
    Unknown {
        /// What it is called.
        kind: String,
        /// What the report is to be of.
        of: Subject,
    },
    /// It has no path.
    NoPath,
    /// Nothing can be written there.
    NoPlace(NoPlace),
}

/// A path at which nothing can be written.
#[derive(Debug)]
pub(crate) enum NoPlace {
    /// It is to be a file, and there is this folder.
    IsFolder(PathBuf),
    /// It is to be in this folder, which is a file.
    IsFile(PathBuf),
    /// It is to be in this folder, which is not there.
    NoFolder {
        /// The folder.
        folder: PathBuf,
        /// What may have been meant.
        near: Option<PathBuf>,
    },
}

impl fmt::Display for NoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKind(of) => write!(f, "expected KIND=PATH, where KIND is {}", names(*of)),
            Self::Unknown { kind, of } => {
                write!(f, "no report of this is called {kind:?}: expected {}", names(*of))
            }
            Self::NoPath => f.write_str("expected a path after the =, or - for standard output"),
            Self::NoPlace(place) => place.fmt(f),
        }
    }
}

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IsFolder(path) => write!(
                f,
                "{} is a folder: name a file in it, such as {}",
                path.display(),
                path.join("result").display()
            ),
            Self::IsFile(path) => write!(f, "{} is a file, and no folder", path.display()),
            Self::NoFolder { folder, near } => {
                let folder = folder.display();
                write!(f, "there is no folder {folder}: ")?;
                if let Some(near) = near {
                    write!(f, "did you mean {}? Or ", near.display())?;
                }
                write!(f, "make it with `mkdir -p {folder}`")
            }
        }
    }
}

impl Error for NoReport {}
impl Error for NoPlace {}

/// The names of the kinds of report that there are of something: `html, md, json or jsonl`.
fn names(of: Subject) -> String {
    let names: Vec<&str> = of.kinds().iter().map(|kind| kind.name).collect();
    let (last, others) = names.split_last().expect("there are some");
    format!("{} or {last}", others.join(", "))
}

/// What the help says of an option that takes KIND=PATH.
pub(crate) fn offer(what: &str, of: Subject) -> String {
    format!("{what}: {}; `-` is standard output. May be repeated", names(of))
}

/// Reads KIND=PATH, where KIND is one that there is of the subject.
pub(crate) fn kind_and_path(text: &str, of: Subject) -> Result<(Kind, PathBuf), NoReport> {
    let (kind, path) = text.split_once('=').ok_or(NoReport::NoKind(of))?;
    let known = of.kinds().into_iter().find(|known| known.name == kind);
    let kind = known.ok_or_else(|| NoReport::Unknown { kind: kind.to_owned(), of })?;
    if path.is_empty() {
        return Err(NoReport::NoPath);
    }
    Ok((kind, file(path).map_err(NoReport::NoPlace)?))
}

/// Reads the path of a file that is to be written, or - for standard output.
pub(crate) fn file(text: &str) -> Result<PathBuf, NoPlace> {
    let path = PathBuf::from(text);
    if path.is_dir() {
        return Err(NoPlace::IsFolder(path));
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => there(folder).map(|()| path),
        None => Ok(path),
    }
}

/// Reads the path of a folder that is made if it is not there; the one that it is in must be.
pub(crate) fn folder(text: &str) -> Result<PathBuf, NoPlace> {
    let path = PathBuf::from(text);
    let ours = path.components().next() == Some(std::path::Component::Normal(punctual::saved::OURS.as_ref()));
    match path.parent().filter(|folder| !folder.as_os_str().is_empty() && !ours) {
        Some(folder) => there(folder).map(|()| path),
        None => Ok(path),
    }
}

/// Whether a folder is there; if not, what may have been meant.
fn there(folder: &Path) -> Result<(), NoPlace> {
    if folder.is_dir() {
        return Ok(());
    }
    if folder.exists() {
        return Err(NoPlace::IsFile(folder.to_owned()));
    }
    let within = folder.ancestors().skip(1).find(|path| path.as_os_str().is_empty() || path.is_dir());
    let within = within.unwrap_or(Path::new(""));
    let missing = folder.strip_prefix(within).ok().and_then(|rest| rest.components().next());
    let missing = missing.map(|part| part.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
    let names = folders(if within.as_os_str().is_empty() { Path::new(".") } else { within });
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = nearest(&missing, &known).map(|near| within.join(near));
    Err(NoPlace::NoFolder { folder: folder.to_owned(), near })
}

/// The folders in a folder, by name.
#[expect(clippy::disallowed_methods, reason = "the folders of a folder are sorted before they are used")]
fn folders(path: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let folders = entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
