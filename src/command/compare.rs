//! `punctual compare`: scenarios side by side.

use clap::Args;
use punctual::comparison;
use punctual::present::Explained;
use punctual_reports::document::Scenario;
use punctual_reports::page::{Block, Page, Prose, Tone, terminal};

use super::check::Thoroughness;
use super::here::Here;
use super::output::{Output, say};
use super::select::Selection;
use super::{Exit, Format};

/// Show scenarios side by side: how events are made and found, how late they come, what is lost.
#[derive(Args, Debug)]
pub(crate) struct Compare {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    thoroughness: Thoroughness,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Compare {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let mut selected = self.selection.selected("Comparing", output)?;
        // Of a scenario that is named without a variant, only what is written is compared.
        if !self.selection.has_variants() {
            for one in &mut selected {
                one.scenario.cases.truncate(1);
            }
        }
        let checked = self.thoroughness.check(&selected, Explained::First, &Here::new(), output)?;
        if checked.document.interrupted {
            say("    Interrupted: nothing to compare");
            return Ok(Exit::Interrupted);
        }
        let seed = self.thoroughness.sampling.seed;
        let cases = selected.iter().flat_map(|one| &one.scenario.cases);
        let columns: Vec<(&Scenario, comparison::Ways)> =
            checked.document.scenarios.iter().zip(cases.map(|case| comparison::ways(case, seed))).collect();
        let text = self.format.of(&comparison::document(&columns), "cases");
        let page = || Page {
            title: "Side by side".into(),
            verdict: Prose::plain(punctual_reports::text::count(columns.len() as u64, "case")),
            tone: Tone::Plain,
            commands: Vec::new(),
            blocks: vec![Block::Table(comparison::table(&columns))],
            data: Vec::new(),
        };
        let text = text.unwrap_or_else(|| terminal::render(&page(), &output.style));
        output.printed(&text, Exit::AsExpected)
    }
}
