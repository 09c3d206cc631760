//! Where the reports of a verb go, and as what: files, standard output, and what GitHub reads.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use punctual_reports::annotations::{self, Spot};
use punctual_reports::document::{self, Document};
use punctual_reports::page::{Page, html, markdown, terminal};
use punctual_reports::{junit, measures, perfetto, report};

use super::output::{Output, say};
use super::{Exit, Format};

/// What a report is written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One page for a browser
    Html,
    /// Markdown, as GitHub shows it
    Md,
    /// The whole result, which `punctual report` takes
    Json,
    /// XML as `JUnit` has it
    Junit,
    /// Every number, one a line
    Csv,
    /// The pictures as a trace that Perfetto and Chrome open
    Perfetto,
}

/// Where reports go.
#[derive(Args, Debug)]
pub(crate) struct Writing {
    /// Write a report: html, md, json, junit, csv or perfetto; `-` is standard output. May be repeated
    #[arg(long = "report", value_name = "KIND=PATH", env = "PUNCTUAL_REPORT", value_parser = any_and_path)]
    reports: Vec<(Kind, PathBuf)>,
}

/// What is printed of a page, and where it goes as well: for a verb that has no other renderings.
#[derive(Args, Debug)]
pub(crate) struct Showing {
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Write it as well: html, md or json; `-` is standard output. May be repeated
    #[arg(long = "report", value_name = "KIND=PATH", value_parser = page_and_path)]
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

/// Reads KIND=PATH, where `kinds` says which there are.
pub(crate) fn kind_and_path<K: ValueEnum>(text: &str, kinds: &str) -> Result<(K, PathBuf), String> {
    let Some((kind, path)) = text.split_once('=') else {
        return Err(format!("expected KIND=PATH, where KIND is {kinds}"));
    };
    let kind =
        K::from_str(kind, false).map_err(|_| format!("no report is called {kind:?}: expected {kinds}"))?;
    if path.is_empty() {
        return Err("expected a path after the =, or - for standard output".to_owned());
    }
    Ok((kind, PathBuf::from(path)))
}

fn any_and_path(text: &str) -> Result<(Kind, PathBuf), String> {
    kind_and_path(text, "html, md, json, junit, csv or perfetto")
}

fn page_and_path(text: &str) -> Result<(Kind, PathBuf), String> {
    match any_and_path(text)? {
        (Kind::Junit | Kind::Csv | Kind::Perfetto, _) => Err("of this there is html, md and json".to_owned()),
        known => Ok(known),
    }
}

impl Showing {
    /// Prints the page and writes it as what was asked for, each file whole or not at all.
    pub(crate) fn show(&self, page: &Page, json: &str, output: &Output) -> Result<(), Exit> {
        refuse_clashes(&self.reports, self.format)?;
        for (kind, path) in &self.reports {
            match kind {
                Kind::Html => put(path, &html::render(page))?,
                Kind::Md => put(path, &markdown::render(page))?,
                Kind::Json | Kind::Junit | Kind::Csv | Kind::Perfetto => put(path, json)?,
            }
        }
        if prints(&self.reports) {
            return Ok(());
        }
        let text = match self.format {
            Format::Human => terminal::render(page, &output.style),
            Format::Json => json.to_owned(),
        };
        if output.print(&text) { Ok(()) } else { Err(Exit::Wrong) }
    }
}

/// A result in one of its renderings.
fn rendered(document: &Document, kind: Kind) -> String {
    match kind {
        Kind::Html => html::render(&report::page(document)),
        Kind::Md => markdown::render(&report::page(document)),
        Kind::Json => document::to_json(document),
        Kind::Junit => junit::render(document),
        Kind::Csv => measures::to_csv(document),
        Kind::Perfetto => perfetto::of_document(document),
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
        refuse_clashes(&self.reports, format)
    }

    /// Writes what was asked for, each file whole or not at all; says what was written where.
    pub(crate) fn write(&self, document: &Document) -> Result<Vec<String>, Exit> {
        let mut files = Vec::new();
        for (kind, path) in &self.reports {
            put(path, &rendered(document, *kind))?;
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
fn prints(reports: &[(Kind, PathBuf)]) -> bool {
    reports.iter().any(|(_, path)| path == Path::new("-"))
}

fn refuse_clashes(reports: &[(Kind, PathBuf)], format: Format) -> Result<(), Exit> {
    let mut taken: Vec<&Path> = if format == Format::Json { vec![Path::new("-")] } else { Vec::new() };
    for (_, path) in reports {
        if taken.contains(&path.as_path()) {
            let place =
                if path == Path::new("-") { "standard output".into() } else { path.to_string_lossy() };
            say(&format!("error: --report: two reports for {place}; give each a path of its own"));
            return Err(Exit::Wrong);
        }
        taken.push(path);
    }
    Ok(())
}

/// Writes a file whole or not at all, its folder with it; or prints it.
pub(crate) fn put(path: &Path, text: &str) -> Result<(), Exit> {
    let refuse = |error: io::Error| {
        say(&format!("error: cannot write {}: {error}", path.display()));
        Exit::Wrong
    };
    if path == Path::new("-") {
        let mut stdout = io::stdout().lock();
        return match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(refuse(error)),
            Ok(()) | Err(_) => Ok(()),
        };
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(refuse)?;
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
