//! Where output goes and how it looks: width, colour, glyphs, and a reader that may have left.

use std::env;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use punctual::counterexample::Disagreement;
use punctual_reports::picture::Race;
use punctual_reports::style::{Style, USUAL};
use punctual_reports::{terminal, text};
use punctual_scenarios::Problems;

use super::{Exit, Look, When};

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
    pub(crate) fn print(&self, text: &str) -> Result<(), Exit> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(wrong(format!("cannot write to standard output: {error}"))),
        }
    }

    /// Prints data, after which a verb ends so.
    pub(crate) fn printed(&self, text: &str, exit: Exit) -> Result<Exit, Exit> {
        self.print(text).map(|()| exit)
    }

    /// A picture, with what its glyphs mean.
    pub(crate) fn picture(&self, picture: &Race) -> String {
        let style = &self.style;
        format!("{}\n{}", terminal::picture(picture, style), terminal::key([picture], style))
    }

    /// A sentence, in as many lines as it needs.
    pub(crate) fn wrapped(&self, sentence: &str) -> String {
        text::wrap(sentence, self.style.columns(), self.style.ascii).join("\n")
    }

    /// Says what is wrong with a file, with its places.
    pub(crate) fn refuse(&self, problems: &Problems) -> Exit {
        say(&problems.render(self.color_errors));
        Exit::Wrong
    }
}

/// Says what is wrong with the command line, or with a file.
pub(crate) fn wrong(why: impl Display) -> Exit {
    say(&format!("error: {why}"));
    Exit::Wrong
}

/// Says how this program contradicts itself.
pub(crate) fn bug(disagreement: Disagreement) -> Exit {
    say(&format!("error: {disagreement}"));
    Exit::Bug
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
