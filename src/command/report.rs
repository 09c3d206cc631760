//! `punctual report`: renders a saved result again.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use punctual_model::Invariant;
use punctual_reports::document::Document;
use punctual_reports::human;

use super::output::{Output, wrong};
use super::writing::Writing;
use super::{Exit, Format, stdin};

/// The largest result that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// Render a saved result again.
#[derive(Args, Debug)]
pub(crate) struct Report {
    /// A result that `check` wrote with `--report json=` or printed with `--format json`; - for standard input
    #[arg(value_name = "RESULTS.json")]
    results: PathBuf,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    writing: Writing,
}

impl Report {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        self.writing.refuse_clashes(self.format)?;
        let document = read(&self.results)?;
        let files = self.writing.write(&document)?;
        if self.writing.prints() {
            return Ok(Exit::AsExpected);
        }
        let text = self.format.of(&document, "scenarios").unwrap_or_else(|| {
            let extent = human::Extent { files: &files, only_unexpected: output.quiet };
            human::render(&document, &output.style, extent)
        });
        output.printed(&text, Exit::AsExpected)
    }
}

/// Reads a saved result.
pub(crate) fn read(path: &Path) -> Result<Document, Exit> {
    let refuse = |what: &str| wrong(format!("{}: {what}", path.display()));
    let mut text = String::new();
    let read = if stdin::is_meant(path) {
        io::stdin().lock().take(LARGEST + 1).read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
    };
    read.map_err(|error| refuse(&format!("cannot be read: {error}")))?;
    if text.len() as u64 > LARGEST {
        return Err(refuse("larger than 256 MiB, which no result is"));
    }
    let mut document: Document = serde_json::from_str(&text).map_err(|error| {
        let known: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let schema = known.as_ref().and_then(|value| value.get("schema")).and_then(|schema| schema.as_str());
        match schema {
            Some(schema) if schema != "punctual.check/1" => refuse(&format!(
                "a document of shape {schema:?}; expected \"punctual.check/1\", which check writes with --report json=PATH"
            )),
            _ => refuse(&format!("not a result of punctual check: {error}")),
        }
    })?;
    document.recall(Invariant::is_of_loss);
    Ok(document)
}
