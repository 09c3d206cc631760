//! `punctual schema`: JSON Schemas, for editors and for programs that read results.

use clap::{Args, ValueEnum};

use super::Exit;
use super::output::Output;

/// Print a JSON Schema.
#[derive(Args, Debug)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_enum, default_value = "scenario")]
    of: Of,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum Of {
    /// Scenario files
    Scenario,
    /// The document of `punctual check --format json`
    Check,
    /// A line of a log, as `punctual conform` reads it and `punctual run --format log` writes it
    Log,
}

impl Schema {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let text = match self.of {
            Of::Scenario => punctual_scenarios::schema(),
            Of::Check => punctual_reports::document::schema(),
            Of::Log => punctual::logs::log::schema(),
        };
        output.printed(&text, Exit::AsExpected)
    }
}
