//! `punctual diff`: checks again, and says what changed since a result was saved.

use std::path::{Path, PathBuf};

use clap::Args;
use punctual::present::Explained;
use punctual_reports::diff::Changes;
use punctual_reports::document::{Document, Scenario};
use punctual_reports::said;
use serde::Serialize;

use super::check::Thoroughness;
use super::here::Here;
use super::output::{Output, say};
use super::report::read;
use super::select::{Meant, Selected, Selection, is_embedded};
use super::writing::Showing;
use super::{Exit, stdin};

/// So many cases of a baseline are named where it has none that is asked for.
const SHOWN: usize = 8;

/// What changed, as a document of its own.
#[derive(Serialize)]
struct Told<'c> {
    schema: &'static str,
    #[serde(flatten)]
    changes: &'c Changes,
}

/// Say what changed since a result was saved.
#[derive(Args, Debug)]
#[command(
    after_help = "Without a name, the cases of the saved result are checked again and no others, as they are in the \
    scenarios of the current folder, or in the embedded ones where it has none or with --library; where \
    the file of another is, its path must say.\n\
    Exits 1 if anything got worse, whatever the scenarios expect; 0 if not; 4 if there is nothing to \
    compare, before any run is made."
)]
pub(crate) struct Diff {
    /// The result that was saved
    #[arg(value_name = "BASE.json")]
    base: PathBuf,
    /// A second saved result, to be compared instead of checking again
    #[arg(long, value_name = "RESULTS.json", conflicts_with_all = ["scenarios", "library"])]
    with: Option<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    thoroughness: Thoroughness,
    #[command(flatten)]
    showing: Showing,
}

impl Diff {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        self.showing.refuse_clashes()?;
        let read_from = [&self.base].into_iter().chain(&self.with).chain(&self.selection.which.scenarios);
        stdin::refuse_twice(read_from)?;
        let base = read(&self.base)?;
        if base.scenarios.is_empty() {
            say(&format!("error: {}: nothing was checked in it", self.base.display()));
            return Err(Exit::Nothing);
        }
        let (now, exit) = match &self.with {
            Some(path) => (read(path)?, Exit::AsExpected),
            None => {
                let selected = self.selected(&base, output)?;
                let checked = self.thoroughness.check(&selected, Explained::First, &Here::new(), output)?;
                (checked.document, checked.exit)
            }
        };
        let cases = now.scenarios.iter().map(|case| (case.scenario.as_str(), case.variant.as_deref()));
        self.comparable(&base, cases)?;
        let changes = Changes::between(&base, &now);
        let page = changes.page();
        let told = Told { schema: "punctual.diff/1", changes: &changes };
        self.showing.show(&page, (&told, "changes"), output)?;
        // What is undecided or not as the file says is for check to say; this is about what changed.
        Ok(match exit {
            Exit::Interrupted => Exit::Interrupted,
            _ if changes.is_worse() => Exit::NotAsExpected,
            _ => Exit::AsExpected,
        })
    }

    /// What is checked again: what is named, else all cases that the baseline has.
    fn selected(&self, base: &Document, output: &Output) -> Result<Vec<Selected>, Exit> {
        let meant = self.selection.which.meant()?;
        let selected = if let Meant::Named(_) = meant {
            self.selection.selected("Comparing", output)?
        } else {
            let scenarios = meant.scenarios(output)?;
            let called = |case: &Scenario| scenarios.iter().any(|one| one.is_called(&case.scenario));
            if let Some(case) = base.scenarios.iter().find(|case| !called(case)) {
                return Err(self.elsewhere(case, meant, &scenarios));
            }
            let cases = base.scenarios.iter().map(|case| (case.scenario.as_str(), case.variant.as_deref()));
            let selected = self.selection.of_cases(scenarios, &cases.collect::<Vec<_>>(), output)?;
            meant.tell("Comparing", &selected, output);
            selected
        };
        let cases = selected.iter().flat_map(|one| {
            one.scenario.cases.iter().map(|case| (one.scenario.name.as_str(), case.variant.as_deref()))
        });
        self.comparable(base, cases)?;
        Ok(selected)
    }

    /// Refuses to check a case again whose scenario is not among those that are there without being named.
    fn elsewhere(&self, case: &Scenario, meant: Meant<'_>, scenarios: &[Selected]) -> Exit {
        // One of several with that name is called by its file too.
        let own = case.scenario.strip_suffix(')').and_then(|name| name.rsplit_once(" ("));
        let file = own.map_or_else(|| format!("{}.toml", case.scenario), |(_, file)| file.to_owned());
        let (base, name) = (self.base.display(), &case.scenario);
        let there = match meant {
            Meant::Own => {
                let names: Vec<&str> = scenarios.iter().map(|one| one.scenario.name.as_str()).collect();
                format!("among the scenarios of this folder ({})", names.join(", "))
            }
            Meant::Named(_) | Meant::Embedded { .. } => "embedded".to_owned(),
        };
        let library =
            if is_embedded(Path::new(name)) { ", or --library if the embedded one is meant" } else { "" };
        say(&format!(
            "error: {base}: it is of {name}, which is not {there}: say in which file that is, as in `punctual diff {base} {file}`{library}"
        ));
        Exit::Wrong
    }

    /// Refuses to compare what has no case in common with the baseline.
    fn comparable<'c>(
        &self,
        base: &Document,
        mut cases: impl Iterator<Item = (&'c str, Option<&'c str>)>,
    ) -> Result<(), Exit> {
        // Of several files with one name the document names each by its file too.
        let is_called = |old: &str, name: &str| {
            old.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
        };
        let known = |(name, variant): (&str, Option<&str>)| {
            let mut known = base.scenarios.iter();
            known.any(|old| old.variant.as_deref() == variant && is_called(&old.scenario, name))
        };
        if cases.any(known) {
            return Ok(());
        }
        let mut had: Vec<String> = base.scenarios.iter().map(said::of_case).collect();
        had.dedup();
        let more = if had.len() > SHOWN { format!(" and {} more", had.len() - SHOWN) } else { String::new() };
        had.truncate(SHOWN);
        say(&format!(
            "error: {}: nothing to compare: it has none of these cases, but {}{more}",
            self.base.display(),
            had.join(", ")
        ));
        Err(Exit::Nothing)
    }
}
