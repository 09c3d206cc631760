//! Which scenarios are meant: embedded ones by name, files by path, folders by what is in them.

use std::path::{Path, PathBuf};

use clap::Args;
use punctual_scenarios::{BASE, Case, LoadError, Scenario, library, load};

use super::Exit;
use super::output::{Output, say};

/// A scenario and whether it is one of the embedded ones.
pub(crate) struct Selected {
    /// The scenario.
    pub(crate) scenario: Scenario,
    /// Whether it came with the program.
    pub(crate) embedded: bool,
}

/// The scenarios and the cases of them that a command is to work on.
#[derive(Args, Debug)]
pub(crate) struct Selection {
    /// Names of embedded scenarios, or paths of files or folders; all embedded ones if none
    #[arg(value_name = "NAME|PATH")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// Only these variants or combinations; `base` for a scenario as it is written
    #[arg(long = "variant", value_name = "NAME")]
    variants: Vec<String>,
}

impl Selection {
    /// Whether only some cases are meant.
    pub(crate) fn has_variants(&self) -> bool {
        !self.variants.is_empty()
    }

    /// What is meant, at least one case.
    pub(crate) fn selected(&self, output: &Output) -> Result<Vec<Selected>, Exit> {
        let mut selected = select(&self.scenarios, output)?;
        keep_variants(&self.variants, &mut selected, output)?;
        Ok(selected)
    }
}

impl Selection {
    /// These cases of embedded scenarios, as far as there still are any; of each scenario the variants that are
    /// asked for, if some are.
    pub(crate) fn of_cases<'c>(
        &self,
        cases: impl Iterator<Item = (&'c str, Option<&'c str>)>,
        output: &Output,
    ) -> Result<Vec<Selected>, Exit> {
        let cases: Vec<(&str, Option<&str>)> = cases.collect();
        let mut selected = Vec::new();
        for (name, text) in library() {
            let variants: Vec<Option<&str>> =
                cases.iter().filter(|(known, _)| *known == name).map(|(_, variant)| *variant).collect();
            if variants.is_empty() {
                continue;
            }
            let mut one = embedded(name, text, output)?;
            if self.variants.is_empty() {
                let case = |variant: Option<&str>| one.scenario.combine(variant.unwrap_or(BASE)).ok();
                one.scenario.cases = variants.into_iter().filter_map(case).collect();
            }
            selected.push(one);
        }
        keep_variants(&self.variants, &mut selected, output)?;
        Ok(selected)
    }
}

/// All embedded scenarios, or those that are named.
fn select(named: &[PathBuf], output: &Output) -> Result<Vec<Selected>, Exit> {
    if named.is_empty() {
        return library().into_iter().map(|(name, text)| embedded(name, text, output)).collect();
    }
    let mut selected = Vec::new();
    let mut failed = None;
    for path in named {
        match named_by(path, output) {
            Ok(scenarios) => selected.extend(scenarios),
            Err(exit) => failed = Some(exit),
        }
    }
    match failed {
        Some(exit) => Err(exit),
        None if selected.is_empty() => {
            say("error: nothing selected: no scenario is there to be checked");
            Err(Exit::Nothing)
        }
        None => Ok(selected),
    }
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
    scenario.combine(variant).map_err(|problems| {
        say(&problems.render(output.color_errors));
        Exit::Wrong
    })
}

fn embedded(name: &str, text: &str, output: &Output) -> Result<Selected, Exit> {
    match Scenario::parse(name, text) {
        Ok(scenario) => Ok(Selected { scenario, embedded: true }),
        Err(problems) => {
            say(&problems.render(output.color_errors));
            Err(Exit::Bug)
        }
    }
}

fn named_by(path: &Path, output: &Output) -> Result<Vec<Selected>, Exit> {
    let known = library();
    if let Some((name, text)) = known.iter().find(|(name, _)| Path::new(name) == path) {
        return Ok(vec![embedded(name, text, output)?]);
    }
    if path.is_dir() { folder(path, output) } else { Ok(vec![file(path, &known, output)?]) }
}

fn file(path: &Path, known: &[(&str, &str)], output: &Output) -> Result<Selected, Exit> {
    let said = match load(path) {
        Ok(scenario) => return Ok(Selected { scenario, embedded: false }),
        Err(LoadError::Problems(problems)) => problems.render(output.color_errors),
        Err(error) => format!("error: {error}{}", did_you_mean(path, known)),
    };
    say(&said);
    Err(Exit::Wrong)
}

/// What is in a folder, by name.
#[expect(clippy::disallowed_methods, reason = "what is in a folder is sorted before it is used")]
fn entries(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let listed = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries = listed.collect::<Result<Vec<PathBuf>, _>>()?;
    entries.sort();
    Ok(entries)
}

/// The scenario files of a folder, by name; those of a folder in it are not among them, and that is said.
fn folder(path: &Path, output: &Output) -> Result<Vec<Selected>, Exit> {
    let is_file = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "toml");
    let entries = entries(path).map_err(|error| {
        say(&format!("error: cannot read {}: {error}", path.display()));
        Exit::Wrong
    })?;
    let (files, others): (Vec<PathBuf>, Vec<PathBuf>) = entries.into_iter().partition(is_file);
    for within in others {
        if self::entries(&within).is_ok_and(|entries| entries.iter().any(is_file)) {
            say(&format!("    not looked into: {}; name it beside {}", within.display(), path.display()));
        }
    }
    let mut selected = Vec::new();
    let mut failed = None;
    for path in files {
        match file(&path, &[], output) {
            Ok(scenario) => selected.push(scenario),
            Err(exit) => failed = Some(exit),
        }
    }
    failed.map_or(Ok(selected), Err)
}

/// What a name that is no path may have been meant to be.
fn did_you_mean(path: &Path, known: &[(&str, &str)]) -> String {
    let asked = path.to_string_lossy();
    if path.components().count() > 1 || asked.contains('.') {
        return String::new();
    }
    if known.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let embedded = format!("\nembedded scenarios: {}", names.join(", "));
    match nearest(&asked, &names) {
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

/// Keeps the cases that were asked for by `--variant`, all if none was. Each name must be one somewhere.
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
                Err(problems) => {
                    say(&problems.render(output.color_errors));
                    failed = Some(Exit::Wrong);
                }
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
    let meant = nearest(name, &known);
    let meant = meant.map_or(String::new(), |near| format!("; did you mean {near}?"));
    format!("{meant}\nvariants: {}", known.join(", "))
}
