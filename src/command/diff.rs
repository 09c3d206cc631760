//! `punctual diff`: checks again, and says what changed since a result was saved.

use std::path::PathBuf;

use clap::Args;
use punctual::present::Explained;
use punctual_reports::diff::Changes;

use super::Exit;
use super::check::Thoroughness;
use super::here::Here;
use super::output::{Output, say};
use super::report::read;
use super::select::Selection;
use super::writing::Showing;

/// Say what changed since a result was saved.
#[derive(Args, Debug)]
#[command(after_help = "Exits 1 if anything got worse, whatever the scenarios expect; 0 if not.")]
pub(crate) struct Diff {
    /// The result that was saved
    #[arg(value_name = "BASE.json")]
    base: PathBuf,
    /// A second saved result, to be compared instead of checking again
    #[arg(long, value_name = "RESULTS.json", conflicts_with = "scenarios")]
    with: Option<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    thoroughness: Thoroughness,
    #[command(flatten)]
    showing: Showing,
}

impl Diff {
    pub(super) fn run(self, output: &Output) -> Exit {
        self.compared(output).unwrap_or_else(|exit| exit)
    }

    fn compared(&self, output: &Output) -> Result<Exit, Exit> {
        let base = read(&self.base)?;
        if base.scenarios.is_empty() {
            say(&format!("error: {}: nothing was checked in it", self.base.display()));
            return Err(Exit::Nothing);
        }
        let (now, exit) = match &self.with {
            Some(path) => (read(path)?, Exit::AsExpected),
            None => {
                let selected = self.selection.selected(output)?;
                let checked = self.thoroughness.check(&selected, Explained::First, &Here::new(), output)?;
                (checked.document, checked.exit)
            }
        };
        let changes = Changes::between(&base, &now);
        if now.scenarios.iter().all(|case| !base.scenarios.iter().any(|old| old.scenario == case.scenario)) {
            say(&format!(
                "error: {}: it has none of these scenarios: nothing to compare",
                self.base.display()
            ));
            return Err(Exit::Nothing);
        }
        let page = changes.page();
        let json = serde_json::to_string_pretty(&changes).unwrap_or_default() + "\n";
        self.showing.show(&page, &json, output)?;
        // What is undecided or not as the file says is for check to say; this is about what changed.
        Ok(match exit {
            Exit::Interrupted => Exit::Interrupted,
            _ if changes.is_worse() => Exit::NotAsExpected,
            _ => Exit::AsExpected,
        })
    }
}
