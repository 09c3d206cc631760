//! Standard input, which is meant by `-`, and can be read once.

use std::path::Path;

use super::Exit;
use super::output::say;

/// Whether a path means standard input.
pub(crate) fn is_meant(path: &Path) -> bool {
    path == Path::new("-")
}

/// Refuses two that are to be read from standard input.
pub(crate) fn refuse_twice(paths: impl IntoIterator<Item = impl AsRef<Path>>) -> Result<(), Exit> {
    let mut meant = paths.into_iter().filter(|path| is_meant(path.as_ref()));
    if meant.nth(1).is_none() {
        return Ok(());
    }
    say("error: - is named twice, and standard input can be read once: write one of the two into a file");
    Err(Exit::Wrong)
}
