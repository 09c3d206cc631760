//! Where the reports of a verb go, and as what: files, standard output, and what GitHub reads.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use punctual_reports::annotations::{self, Spot};
use punctual_reports::document::Document;
use punctual_reports::kind::{Kind, Subject};
use punctual_reports::page::{Page, markdown, terminal};
use punctual_reports::report;
use serde::Serialize;

use super::output::{Output, say, wrong};
use super::place::{kind_and_path, offer};
use super::{Exit, Format};

/// Where reports go.
#[derive(Args, Debug)]
pub(crate) struct Writing {
    #[arg(
        long = "report",
        value_name = "KIND=PATH",
        env = "PUNCTUAL_REPORT",
        value_parser = |text: &str| kind_and_path(text, Subject::Check),
        help = offer("Write a report", Subject::Check)
    )]
    reports: Vec<(Kind, PathBuf)>,
}

/// What is printed of a page, and where it goes as well: for a verb that has no other renderings.
#[derive(Args, Debug)]
pub(crate) struct Showing {
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[arg(
        long = "report",
        value_name = "KIND=PATH",
        value_parser = |text: &str| kind_and_path(text, Subject::Other),
        help = offer("Write it as well", Subject::Other)
    )]
    reports: Vec<(Kind, PathBuf)>,
}

/// What GitHub is told.
#[derive(Args, Debug)]
pub(crate) struct Annotating {
    /// Annotations on the lines of scenarios
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    annotations: Annotations,
}

/// When annotations are printed.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Annotations {
    /// On GitHub, with a summary of the step
    Auto,
    /// Never
    None,
    /// As GitHub's workflow commands
    Github,
}

impl Showing {
    /// Refuses two things for one place, of which one may be what is printed.
    pub(crate) fn refuse_clashes(&self) -> Result<(), Exit> {
        refuse_clashes(&self.reports, self.format != Format::Human)
    }

    /// Prints the page and writes it as what was asked for, each file whole or not at all; for programs it is
    /// `document`, a list of `list`.
    pub(crate) fn show(
        &self,
        page: &Page,
        (document, list): (&impl Serialize, &str),
        output: &Output,
    ) -> Result<(), Exit> {
        for (kind, path) in &self.reports {
            let text = kind.of_page(page, (document, list));
            put(path, &text.expect("only a kind that there is of a page is taken"))?;
        }
        if prints(&self.reports) {
            return Ok(());
        }
        let text = self.format.of(document, list);
        let text = text.unwrap_or_else(|| terminal::render(page, &output.style));
        output.print(&text)
    }
}

impl Writing {
    /// Whether anything is written for which all that breaks must be explained.
    pub(crate) fn writes(&self) -> bool {
        !self.reports.is_empty()
    }

    /// Whether a report goes to standard output, where then nothing else may.
    pub(crate) fn prints(&self) -> bool {
        prints(&self.reports)
    }

    /// Refuses two things for one place, of which one may be what is printed.
    pub(crate) fn refuse_clashes(&self, format: Format) -> Result<(), Exit> {
        refuse_clashes(&self.reports, format != Format::Human)
    }

    /// Writes what was asked for, each file whole or not at all; says what was written where.
    pub(crate) fn write(&self, document: &Document) -> Result<Vec<String>, Exit> {
        let mut files = Vec::new();
        for (kind, path) in &self.reports {
            put(path, &kind.of_check(document))?;
            if path != Path::new("-") {
                files.push(path.display().to_string());
            }
        }
        Ok(files)
    }
}

impl Annotating {
    fn on_github(&self) -> bool {
        match self.annotations {
            Annotations::Auto => env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true"),
            Annotations::None => false,
            Annotations::Github => true,
        }
    }

    /// The file in which GitHub wants the summary of the step.
    fn summary(&self) -> Option<PathBuf> {
        let path = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty() && self.on_github());
        path.map(PathBuf::from)
    }

    /// Whether there is to be a summary, for which all that breaks must be explained.
    pub(crate) fn summarises(&self) -> bool {
        self.summary().is_some()
    }

    /// Tells GitHub which lines claim what is not so, and what the step came to.
    pub(crate) fn tell(&self, document: &Document, spots: &[Spot]) {
        if !self.on_github() {
            return;
        }
        let commands = annotations::github(document, spots);
        if !commands.is_empty() {
            say(&commands);
        }
        if let Some(path) = self.summary() {
            let text = markdown::render(&report::page(document));
            let file = fs::OpenOptions::new().append(true).create(true).open(&path);
            let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
            if let Err(error) = written {
                say(&format!("warning: cannot write the summary of the step: {error}"));
            }
        }
    }
}

/// Whether one of them goes to standard output.
pub(crate) fn prints(reports: &[(Kind, PathBuf)]) -> bool {
    reports.iter().any(|(_, path)| path == Path::new("-"))
}

/// Refuses two things for one place; `data` says whether what is printed is one of them.
pub(crate) fn refuse_clashes(reports: &[(Kind, PathBuf)], data: bool) -> Result<(), Exit> {
    let mut taken: Vec<&Path> = if data { vec![Path::new("-")] } else { Vec::new() };
    for (_, path) in reports {
        if taken.contains(&path.as_path()) {
            let place =
                if path == Path::new("-") { "standard output".into() } else { path.to_string_lossy() };
            return Err(wrong(format!("--report: two reports for {place}; give each a path of its own")));
        }
        taken.push(path);
    }
    Ok(())
}

/// Writes a file whole or not at all; or prints it.
pub(crate) fn put(path: &Path, text: &str) -> Result<(), Exit> {
    let refuse = |error: io::Error| wrong(format!("cannot write {}: {error}", path.display()));
    if path == Path::new("-") {
        let mut stdout = io::stdout().lock();
        return match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(refuse(error)),
            Ok(()) | Err(_) => Ok(()),
        };
    }
    // A device or a pipe is written to; a file is replaced as a whole.
    if path.exists() && !path.is_file() {
        return fs::write(path, text).map_err(refuse);
    }
    let name = path.file_name().map_or_else(Default::default, std::ffi::OsStr::to_os_string);
    let mut unfinished = std::ffi::OsString::from(".");
    unfinished.push(name);
    unfinished.push(".unfinished");
    let unfinished = path.with_file_name(unfinished);
    let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // Nothing to be done if that fails too: the error to be told is the first one.
        let _ = fs::remove_file(&unfinished);
    }
    written.map_err(refuse)
}
