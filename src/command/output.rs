//! Where output goes and how it looks: width, colour, glyphs, and a reader that may have left.

use std::env;
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use punctual_reports::style::{Style, USUAL};

use super::{Look, When};

/// Standard output and error, and how things are to look on them.
pub(crate) struct Output {
    /// How reports are to look.
    pub(crate) style: Style,
    /// Whether errors are coloured.
    pub(crate) color_errors: bool,
    /// Whether a bar is shown while runs are made; else, if at all, a line now and then.
    pub(crate) bar: bool,
    /// Whether progress is shown at all.
    pub(crate) progress: bool,
    /// Whether only what is not as expected is printed.
    pub(crate) quiet: bool,
}

impl Output {
    pub(super) fn new(look: &Look) -> Self {
        let choice = match look.color {
            When::Auto => ColorChoice::Auto,
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        };
        let colors = |choice: ColorChoice| !matches!(choice, ColorChoice::Never);
        let on = |stream: ColorChoice| match choice {
            ColorChoice::Auto => stream,
            chosen => chosen,
        };
        let terminal = io::stderr().is_terminal();
        Self {
            style: Style {
                color: colors(on(AutoStream::choice(&io::stdout()))),
                ascii: look.ascii || plain_terminal(),
                width: width(),
                verbose: look.verbose,
            },
            color_errors: colors(on(AutoStream::choice(&io::stderr()))),
            bar: terminal && io::stdout().is_terminal() || look.progress == When::Always,
            progress: look.progress != When::Never && !look.quiet,
            quiet: look.quiet,
        }
    }

    /// Prints data. A reader that has left is no error; anything else is told.
    pub(crate) fn print(&self, text: &str) -> bool {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => true,
            Err(error) => {
                say(&format!("error: cannot write to standard output: {error}"));
                false
            }
        }
    }
}

/// Says something on standard error; if nobody hears it, there is nobody left to tell.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}

/// Whether the terminal or the locale says that it can do no more than ASCII.
fn plain_terminal() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env::var(name).ok().filter(|v| !v.is_empty()));
    let plain_locale = locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    });
    plain_locale || env::var("TERM").is_ok_and(|term| term == "dumb")
}

/// The width of the terminal, at most the usual one; the usual one where there is none.
fn width() -> usize {
    let told = env::var("COLUMNS").ok().and_then(|columns| columns.parse::<usize>().ok());
    let seen =
        || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0).min(USUAL));
    told.or_else(seen).unwrap_or(USUAL)
}
