//! Which scenarios are meant: embedded ones by name, files by path, folders by what is in them, `-` for standard input.
//!
//! A verb that is given none takes those of the current folder, and the embedded ones where it has none; which of
//! the two it is, is decided here for all of them.

pub(crate) mod found;

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use punctual_reports::text;
use punctual_scenarios::{BASE, Case, LoadError, STDIN, Scenario, library, load, load_from};

use super::Exit;
use super::output::{Output, say};
use found::{FOLDER, Found};

/// So many files are named where those of a folder are checked.
const SHOWN: usize = 4;

/// A scenario and whether it is one of the embedded ones.
pub(crate) struct Selected {
    /// The scenario.
    pub(crate) scenario: Scenario,
    /// Whether it came with the program.
    pub(crate) embedded: bool,
}

/// The scenarios that a command is to work on.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// Names of embedded scenarios, paths of files or folders, - for standard input. If none: *.punctual.toml in
    /// the current folder and the scenarios in its folder `scenarios`; all embedded ones where it has none
    #[arg(value_name = "NAME|PATH")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// All embedded scenarios, whatever the current folder has
    #[arg(long, conflicts_with = "scenarios")]
    library: bool,
}

/// The scenarios and the cases of them that a command is to work on.
#[derive(Args, Debug)]
pub(crate) struct Selection {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Only these variants or combinations; `base` for a scenario as it is written
    #[arg(long = "variant", value_name = "NAME")]
    variants: Vec<String>,
}

/// Where the scenarios come from that are meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meant<'w> {
    /// They are named.
    Named(&'w [PathBuf]),
    /// None is named, and the current folder has some.
    Own,
    /// The embedded ones.
    Embedded {
        /// Whether they were asked for.
        asked: bool,
    },
}

impl Which {
    /// Where the scenarios come from.
    pub(crate) fn meant(&self) -> Result<Meant<'_>, Exit> {
        super::stdin::refuse_twice(&self.scenarios)?;
        if !self.scenarios.is_empty() {
            return Ok(Meant::Named(&self.scenarios));
        }
        if self.library {
            return Ok(Meant::Embedded { asked: true });
        }
        let Found { files, .. } = found::own()?;
        Ok(if files.is_empty() { Meant::Embedded { asked: false } } else { Meant::Own })
    }
}

impl Meant<'_> {
    /// The scenarios, at least one.
    pub(crate) fn scenarios(self, output: &Output) -> Result<Vec<Selected>, Exit> {
        match self {
            Self::Named(named) => at_least_one(each(named, |path| named_by(path, output))?),
            Self::Own => at_least_one(files(&found::own()?, Path::new(FOLDER), output)?),
            Self::Embedded { .. } => {
                library().into_iter().map(|(name, text)| embedded(name, text, output)).collect()
            }
        }
    }

    /// The files and folders in which they lie; none of those that are embedded.
    pub(crate) fn paths(self) -> Vec<PathBuf> {
        match self {
            Self::Named(named) => named.iter().filter(|path| !is_embedded(path)).cloned().collect(),
            Self::Own => vec![PathBuf::from("."), PathBuf::from(FOLDER)],
            Self::Embedded { .. } => Vec::new(),
        }
    }

    /// Says what is done to which scenarios, where none was named.
    pub(crate) fn tell(self, doing: &str, scenarios: &[Selected], output: &Output) {
        if !output.progress {
            return;
        }
        match self {
            Self::Named(_) => {}
            Self::Own => {
                let mut files: Vec<String> =
                    scenarios.iter().map(|one| one.scenario.label().to_owned()).collect();
                files.dedup();
                let more = files.len().saturating_sub(SHOWN);
                if more > 1 {
                    files.truncate(SHOWN);
                    files.push(format!("{more} more"));
                }
                let files = text::listed(&files);
                say(&format!(
                    "    {doing} the scenarios of this folder, {files}; --library: the embedded ones"
                ));
            }
            Self::Embedded { asked: true } => say(&format!("    {doing} the embedded scenarios")),
            Self::Embedded { asked: false } => {
                say(&format!("    {doing} the embedded scenarios, since this folder has none of its own"));
                let folders = found::own().unwrap_or_default().folders;
                let folders: Vec<String> = folders.iter().map(|path| path.display().to_string()).collect();
                if !folders.is_empty() {
                    say(&format!(
                        "    not looked into: {}; whoever names it has it checked",
                        text::listed(&folders)
                    ));
                }
            }
        }
    }
}

impl Selection {
    /// Whether only some cases are meant.
    pub(crate) fn has_variants(&self) -> bool {
        !self.variants.is_empty()
    }

    /// What is meant, at least one case, and says so where none was named.
    pub(crate) fn selected(&self, doing: &str, output: &Output) -> Result<Vec<Selected>, Exit> {
        let meant = self.which.meant()?;
        let mut selected = meant.scenarios(output)?;
        self.keep_variants(&mut selected, output)?;
        meant.tell(doing, &selected, output);
        Ok(selected)
    }

    /// Keeps the cases that were asked for by `--variant`, all if none was.
    pub(crate) fn keep_variants(&self, selected: &mut Vec<Selected>, output: &Output) -> Result<(), Exit> {
        keep_variants(&self.variants, selected, output)
    }

    /// Of scenarios only these cases, as far as there still are any; of each scenario the variants that are asked
    /// for, if some are.
    pub(crate) fn of_cases(
        &self,
        scenarios: Vec<Selected>,
        cases: &[(&str, Option<&str>)],
        output: &Output,
    ) -> Result<Vec<Selected>, Exit> {
        let mut selected = Vec::new();
        for mut one in scenarios {
            let called = cases.iter().filter(|(name, _)| one.is_called(name));
            let variants: Vec<Option<&str>> = called.map(|(_, variant)| *variant).collect();
            if variants.is_empty() {
                continue;
            }
            if self.variants.is_empty() {
                let case = |variant: Option<&str>| one.scenario.combine(variant.unwrap_or(BASE)).ok();
                one.scenario.cases = variants.into_iter().filter_map(case).collect();
            }
            selected.push(one);
        }
        self.keep_variants(&mut selected, output)?;
        Ok(selected)
    }
}

impl Selected {
    /// Whether a saved result may call it so: of several with one name it names each by its file too.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&self.scenario.name);
        rest.is_some_and(|rest| rest.is_empty() || rest == format!(" ({})", self.scenario.label()))
    }
}

fn at_least_one(selected: Vec<Selected>) -> Result<Vec<Selected>, Exit> {
    if selected.is_empty() {
        say("error: nothing selected: no scenario is there to be checked");
        return Err(Exit::Nothing);
    }
    Ok(selected)
}

/// What all paths lead to; what is wrong with any of them is told before it ends.
fn each(
    paths: &[PathBuf],
    read: impl Fn(&Path) -> Result<Vec<Selected>, Exit>,
) -> Result<Vec<Selected>, Exit> {
    let mut selected = Vec::new();
    let mut failed = None;
    for path in paths {
        match read(path) {
            Ok(scenarios) => selected.extend(scenarios),
            Err(exit) => failed = Some(exit),
        }
    }
    failed.map_or(Ok(selected), Err)
}

/// The one scenario that is named.
pub(crate) fn one(path: &Path, output: &Output) -> Result<Selected, Exit> {
    let mut scenarios = named_by(path, output)?;
    match scenarios.len() {
        1 => Ok(scenarios.remove(0)),
        count => {
            say(&format!("error: {}: expected one scenario, and there are {count}", path.display()));
            Err(if count == 0 { Exit::Nothing } else { Exit::Wrong })
        }
    }
}

/// The case of `variant`, which may be a combination that the file does not list.
pub(crate) fn case(scenario: &Scenario, variant: Option<&str>, output: &Output) -> Result<Case, Exit> {
    let Some(variant) = variant else { return Ok(scenario.cases[0].clone()) };
    scenario.combine(variant).map_err(|problems| output.refuse(&problems))
}

/// A case as it is called: by its scenario, and by its variant if it has one.
pub(crate) fn called(scenario: &Scenario, case: &Case) -> String {
    match &case.variant {
        None => scenario.name.clone(),
        Some(variant) => format!("{} {variant}", scenario.name),
    }
}

/// Whether a path is the name of an embedded scenario.
pub(crate) fn is_embedded(path: &Path) -> bool {
    library().iter().any(|(name, _)| Path::new(name) == path)
}

fn embedded(name: &str, text: &str, output: &Output) -> Result<Selected, Exit> {
    match Scenario::parse(name, text) {
        Ok(scenario) => Ok(Selected { scenario, embedded: true }),
        Err(problems) => {
            output.refuse(&problems);
            Err(Exit::Bug)
        }
    }
}

fn named_by(path: &Path, output: &Output) -> Result<Vec<Selected>, Exit> {
    if let Some((name, text)) = library().into_iter().find(|(name, _)| Path::new(name) == path) {
        return Ok(vec![embedded(name, text, output)?]);
    }
    if path.is_dir() { files(&found::in_folder(path)?, path, output) } else { Ok(vec![file(path, output)?]) }
}

/// The scenarios that were found in a folder; those of a folder in it are not among them, and that is said.
fn files(found: &Found, folder: &Path, output: &Output) -> Result<Vec<Selected>, Exit> {
    for within in &found.folders {
        say(&format!("    not looked into: {}; name it beside {}", within.display(), folder.display()));
    }
    each(&found.files, |path| Ok(vec![file(path, output)?]))
}

fn file(path: &Path, output: &Output) -> Result<Selected, Exit> {
    let loaded = if super::stdin::is_meant(path) { load_from(io::stdin().lock(), STDIN) } else { load(path) };
    let said = match loaded {
        Ok(scenario) => return Ok(Selected { scenario, embedded: false }),
        Err(LoadError::Problems(problems)) => problems.render(output.color_errors),
        Err(error) => format!("error: {error}{}", embedded_meant(path)),
    };
    say(&said);
    Err(Exit::Wrong)
}

/// The embedded scenario that a path of no file may have been meant to be.
fn embedded_meant(path: &Path) -> String {
    let asked = path.to_string_lossy();
    if path.components().count() > 1 || asked.contains('.') || super::stdin::is_meant(path) {
        return String::new();
    }
    embedded_near(&asked)
}

/// The embedded scenario that a name may have been meant to be, and all that there are.
pub(crate) fn embedded_near(asked: &str) -> String {
    let names: Vec<&str> = library().into_iter().map(|(name, _)| name).collect();
    let embedded = format!("\nembedded scenarios: {}", names.join(", "));
    match nearest(asked, &names) {
        Some(best) => format!("; did you mean the embedded scenario {best}?{embedded}"),
        None => embedded,
    }
}

/// What of `known` was most likely meant by `asked`, if anything was.
pub(crate) fn nearest<'n>(asked: &str, known: &[&'n str]) -> Option<&'n str> {
    let near = |name: &str| strsim::jaro_winkler(name, asked);
    let best = known.iter().copied().max_by(|a, b| near(a).total_cmp(&near(b)));
    best.filter(|best| near(best) > 0.8)
}

/// What of `known` was most likely meant by `asked`, as the end of a sentence; empty if nothing was.
pub(crate) fn did_you_mean(asked: &str, known: &[&str]) -> String {
    nearest(asked, known).map_or(String::new(), |near| format!("; did you mean {near}?"))
}

/// Keeps these cases, all if none is named. Each name must be one somewhere.
fn keep_variants(variants: &[String], selected: &mut Vec<Selected>, output: &Output) -> Result<(), Exit> {
    if variants.is_empty() {
        return Ok(());
    }
    let mut failed = None;
    for name in variants {
        if !selected.iter().any(|one| one.scenario.knows(name)) {
            say(&format!("error: nothing selected by --variant {name}{}", near(name, selected)));
            failed = Some(Exit::Nothing);
        }
    }
    for one in selected.iter_mut() {
        let mut kept: Vec<Case> = Vec::new();
        for name in variants.iter().filter(|name| one.scenario.knows(name)) {
            match one.scenario.combine(name) {
                Ok(case) if kept.iter().any(|known| known.variant == case.variant) => {}
                Ok(case) => kept.push(case),
                Err(problems) => failed = Some(output.refuse(&problems)),
            }
        }
        one.scenario.cases = kept;
    }
    selected.retain(|one| !one.scenario.cases.is_empty());
    failed.map_or(Ok(()), Err)
}

/// The variant that a name may have been meant to be, and all that there are.
fn near(name: &str, selected: &[Selected]) -> String {
    let cases = selected.iter().flat_map(|one| &one.scenario.cases);
    let mut known: Vec<&str> = cases.map(|case| case.variant.as_deref().unwrap_or(BASE)).collect();
    known.sort_unstable();
    known.dedup();
    format!("{}\nvariants: {}", did_you_mean(name, &known), known.join(", "))
}
