//! Which files are scenarios: those of a folder, and those that the current folder has for its own.
//!
//! A folder is what lies directly in it: what is further down may be anything, test data and broken examples
//! among it, and is checked by whoever names it. The own scenarios of a folder are `*.punctual.toml` in it and the
//! scenarios in its folder `scenarios`.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use punctual_scenarios::is_scenario;

use super::{Exit, say};

/// The folder in which the scenarios of a folder lie.
pub(crate) const FOLDER: &str = "scenarios";
/// How the name of a scenario ends wherever it lies.
const ENDING: &str = ".punctual.toml";

/// What is in a folder.
#[derive(Default)]
pub(crate) struct Found {
    /// The scenario files, by name.
    pub(crate) files: Vec<PathBuf>,
    /// The folders with files that might be scenarios, and that are not looked into.
    pub(crate) folders: Vec<PathBuf>,
}

/// The scenario files of a folder.
pub(crate) fn in_folder(folder: &Path) -> Result<Found, Exit> {
    let (files, others): (Vec<PathBuf>, Vec<PathBuf>) =
        listed(folder)?.into_iter().partition(|path| is_toml(path));
    let has_files =
        |path: &PathBuf| entries(path).is_ok_and(|entries| entries.iter().any(|path| is_toml(path)));
    Ok(Found {
        files: files.into_iter().filter(|path| is_scenario(path)).collect(),
        folders: others.into_iter().filter(has_files).collect(),
    })
}

/// The scenario files of the current folder.
pub(crate) fn own() -> Result<Found, Exit> {
    let names = listed(Path::new("."))?;
    let names = names.iter().filter_map(|path| path.file_name());
    let named = names.filter(|name| name.to_string_lossy().ends_with(ENDING) && !is_hidden(name));
    let mut own = Found { files: named.map(PathBuf::from).collect(), folders: Vec::new() };
    if Path::new(FOLDER).is_dir() {
        let Found { files, folders } = in_folder(Path::new(FOLDER))?;
        own.files.extend(files);
        own.folders = folders;
    }
    Ok(own)
}

/// Whether a file might be a scenario. Hidden ones are what editors keep beside a file that is being changed.
fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
        && path.file_name().is_some_and(|name| !is_hidden(name))
}

fn is_hidden(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with('.')
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, Exit> {
    entries(folder).map_err(|error| {
        say(&format!("error: cannot read {}: {error}", folder.display()));
        Exit::Wrong
    })
}

/// What is in a folder, by name.
#[expect(clippy::disallowed_methods, reason = "what is in a folder is sorted before it is used")]
fn entries(path: &Path) -> io::Result<Vec<PathBuf>> {
    let listed = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = listed.collect::<Result<Vec<PathBuf>, _>>()?;
    entries.sort();
    Ok(entries)
}
