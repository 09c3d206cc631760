//! The `punctual` command: reads the command line, does what it says, and exits with a code.

mod command;
mod log;

use std::panic;
use std::process::ExitCode;

use command::{Cli, Exit};

fn main() -> ExitCode {
    let cli = Cli::read();
    if let Err(wrong) = log::start() {
        command::say(&format!("error: {wrong}"));
        return ExitCode::from(Exit::Wrong.code());
    }
    panic::set_hook(Box::new(|bug| {
        let bug = bug.to_string();
        command::say(&format!(
            "punctual has a bug:\n{bug}\nPlease report it with the command line and the scenario."
        ));
    }));
    let ended = panic::catch_unwind(|| cli.run());
    ExitCode::from(ended.unwrap_or(Exit::Bug).code())
}
