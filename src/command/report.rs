//! `punctual report`: renders a saved result again. And for all verbs that find something out: where
//! their reports go.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use punctual_reports::annotations::{self, Spot};
use punctual_reports::document::{self, Document};
use punctual_reports::page::{html, markdown};
use punctual_reports::{human, junit, measures, perfetto, report};

use super::output::{Output, say};
use super::{Exit, Format};

/// The largest result that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// What a report is written as.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One page for a browser
    Html,
    /// Markdown, as GitHub shows it
    Md,
    /// The whole result, which `punctual report` takes
    Json,
    /// JUnit XML
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
    #[arg(long = "report", value_name = "KIND=PATH", env = "PUNCTUAL_REPORT", value_delimiter = ' ', value_parser = kind_and_path)]
    reports: Vec<(Kind, PathBuf)>,
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

fn kind_and_path(text: &str) -> Result<(Kind, PathBuf), String> {
    let kinds = "html, md, json, junit, csv or perfetto";
    let Some((kind, path)) = text.split_once('=') else {
        return Err(format!("expected KIND=PATH, where KIND is {kinds}"));
    };
    let kind =
        Kind::from_str(kind, false).map_err(|_| format!("no report is called {kind:?}: expected {kinds}"))?;
    if path.is_empty() {
        return Err("expected a path after the =, or - for standard output".to_owned());
    }
    Ok((kind, PathBuf::from(path)))
}

impl Report {
    pub(super) fn run(self, output: &Output) -> Exit {
        self.reported(output).unwrap_or_else(|exit| exit)
    }

    fn reported(&self, output: &Output) -> Result<Exit, Exit> {
        self.writing.refuse_clashes(self.format == Format::Json)?;
        let document = read(&self.results)?;
        let files = self.writing.write(&document, &[])?;
        if self.writing.prints() {
            return Ok(Exit::AsExpected);
        }
        let text = match self.format {
            Format::Json => document::to_json(&document),
            Format::Human => {
                let extent = human::Extent { files: &files, only_unexpected: output.quiet };
                human::render(&document, &output.style, extent)
            }
        };
        if output.print(&text) { Ok(Exit::AsExpected) } else { Err(Exit::Wrong) }
    }
}

/// Reads a saved result.
pub(crate) fn read(path: &Path) -> Result<Document, Exit> {
    let refuse = |what: &str| {
        say(&format!("error: {}: {what}", path.display()));
        Exit::Wrong
    };
    let mut text = String::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(LARGEST + 1).read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
    };
    read.map_err(|error| refuse(&format!("cannot be read: {error}")))?;
    if text.len() as u64 > LARGEST {
        return Err(refuse("larger than 256 MiB, which no result is"));
    }
    serde_json::from_str(&text).map_err(|error| {
        let known: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let schema = known.as_ref().and_then(|value| value.get("schema")).and_then(|schema| schema.as_str());
        match schema {
            Some(schema) if schema != "punctual.check/1" => refuse(&format!(
                "a document of shape {schema:?}; expected \"punctual.check/1\", which check writes with --report json=PATH"
            )),
            _ => refuse(&format!("not a result of punctual check: {error}")),
        }
    })
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
        !self.reports.is_empty() || self.on_github() && env::var_os("GITHUB_STEP_SUMMARY").is_some()
    }

    /// Whether a report goes to standard output, where then nothing else may.
    pub(crate) fn prints(&self) -> bool {
        self.reports.iter().any(|(_, path)| path == Path::new("-"))
    }

    /// Refuses two things for one place.
    pub(crate) fn refuse_clashes(&self, json: bool) -> Result<(), Exit> {
        let mut taken: Vec<&Path> = if json { vec![Path::new("-")] } else { Vec::new() };
        for (_, path) in &self.reports {
            if taken.contains(&path.as_path()) {
                let place = if path == Path::new("-") {
                    "standard output".to_owned()
                } else {
                    path.display().to_string()
                };
                say(&format!("error: --report: two reports for {place}; give each a path of its own"));
                return Err(Exit::Wrong);
            }
            taken.push(path);
        }
        Ok(())
    }

    fn on_github(&self) -> bool {
        match self.annotations {
            Annotations::Auto => env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true"),
            Annotations::None => false,
            Annotations::Github => true,
        }
    }

    /// Writes what was asked for, each file whole or not at all; says what was written where.
    pub(crate) fn write(&self, document: &Document, spots: &[Spot]) -> Result<Vec<String>, Exit> {
        let mut files = Vec::new();
        for (kind, path) in &self.reports {
            put(path, &rendered(document, *kind))?;
            if path != Path::new("-") {
                files.push(path.display().to_string());
            }
        }
        if self.on_github() {
            let commands = annotations::github(document, spots);
            if !commands.is_empty() {
                say(&commands);
            }
            if let Some(path) = env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
                let text = markdown::render(&report::page(document));
                let file = fs::OpenOptions::new().append(true).create(true).open(&path);
                let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
                if let Err(error) = written {
                    say(&format!("warning: cannot write the summary of the step: {error}"));
                }
            }
        }
        Ok(files)
    }
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
