//! `punctual show`: the text of a scenario.

use std::path::PathBuf;

use clap::Args;

use super::Exit;
use super::output::Output;
use super::select::one;

/// Print the text of a scenario, to the byte.
#[derive(Args, Debug)]
#[command(
    after_help = "`punctual list --library` says which are embedded; `punctual init --from NAME` begins a file with \
    one.\n\
    Exits 0 if it is shown, 2 if there is no such scenario or its file is not sound."
)]
pub(crate) struct Show {
    /// Name of an embedded scenario, path of a scenario file, or - for standard input
    scenario: PathBuf,
}

impl Show {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let selected = one(&self.scenario, output)?;
        output.printed(selected.scenario.text(), Exit::AsExpected)
    }
}
