//! `punctual man`: the manual pages, made from the same definition as the help.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man as Page;

use super::output::{Output, wrong};
use super::place::folder;
use super::select::did_you_mean;
use super::writing::put;
use super::{Cli, Exit};

/// Write the manual pages.
#[derive(Args, Debug)]
#[command(
    after_help = "`punctual man check | man -l -` shows one. With --out, the files are punctual.1 and one for each \
    verb, such as punctual-check.1; a file that is there is replaced.\n\
    Exits 0 if they are written, 2 if there is no such verb or a file cannot be written."
)]
pub(crate) struct Man {
    /// The verb whose page is printed; that of the whole command if none
    #[arg(value_name = "VERB", conflicts_with = "out")]
    verb: Option<String>,
    /// Write all pages into this folder instead, one file a verb
    #[arg(long, value_name = "FOLDER", value_parser = folder)]
    out: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        match &self.out {
            Some(folder) => {
                let made = std::fs::create_dir_all(folder);
                made.map_err(|error| wrong(format!("cannot make {}: {error}", folder.display())))?;
                write(command, folder).map(|()| Exit::AsExpected)
            }
            None => output.printed(&rendered(&page(self.asked(command)?)), Exit::AsExpected),
        }
    }

    /// The verb that was asked for.
    fn asked(&self, command: Command) -> Result<Command, Exit> {
        let Some(verb) = &self.verb else { return Ok(command) };
        let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        if let Some(found) = command.get_subcommands().find(|one| one.get_name() == verb) {
            return Ok(found.clone());
        }
        let near = did_you_mean(verb, &known);
        Err(wrong(format!("no verb is called {verb}{near}\nverbs: {}", known.join(", "))))
    }
}

/// Writes the page of a command and those of all below it.
fn write(command: Command, folder: &std::path::Path) -> Result<(), Exit> {
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        write(verb.clone(), folder)?;
    }
    let page = page(command);
    put(&folder.join(page.get_filename()), &rendered(&page))
}

/// The page of a command, which has no date: the same version writes the same bytes.
fn page(command: Command) -> Page {
    let source = format!("punctual {}", env!("CARGO_PKG_VERSION"));
    Page::new(command).date("\"\"").source(source).manual("User Commands")
}

fn rendered(page: &Page) -> String {
    let mut text = Vec::new();
    // Nothing is in the way of writing into memory.
    let written = page.render(&mut text);
    written.map(|()| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
}
