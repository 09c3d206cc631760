//! `punctual init`: a first scenario, and what an editor needs to help with it.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use punctual_scenarios::{ScaffoldFile, scaffold, scaffold_from};

use super::Exit;
use super::output::{Output, wrong};
use super::select::embedded_near;

/// Write a first scenario.
#[derive(Args, Debug)]
#[command(
    after_help = "The scenario is scenarios/first.toml, or scenarios/NAME.toml with --from NAME. A file that is there \
    is left as it is, and nothing is written then, unless it is the schema of this version.\n\
    Exits 0 if the files are written, 2 if not."
)]
pub(crate) struct Init {
    /// The folder
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Begin with this embedded scenario; `punctual list --library` says which there are
    #[arg(long, value_name = "NAME")]
    from: Option<String>,
}

impl Init {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let files = match &self.from {
            None => scaffold(),
            Some(name) => scaffold_from(name).ok_or_else(|| {
                let near = embedded_near(name);
                wrong(format!("--from {name}: no embedded scenario is called so{near}"))
            })?,
        };
        let mut new: Vec<(PathBuf, &ScaffoldFile)> = Vec::new();
        for file in &files {
            let path = self.folder.join(&file.path);
            if !path.exists() {
                new.push((path, file));
            } else if is_scenario(&path) || fs::read(&path).ok().as_deref() != Some(file.text.as_bytes()) {
                let path = path.display();
                return Err(wrong(format!(
                    "{path} is there already, and is left as it is; nothing was written"
                )));
            }
        }
        let mut text = String::new();
        for (path, file) in &new {
            let folder = path.parent().unwrap_or(&self.folder);
            let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, &file.text));
            written.map_err(|error| wrong(format!("cannot write {}: {error}", path.display())))?;
            text += &format!("     Created {}\n", path.display());
        }
        let scenario = new.iter().map(|(path, _)| path).find(|path| is_scenario(path));
        let scenario = scenario.map(|path| path.display().to_string()).unwrap_or_default();
        text += &format!("        Next punctual check {scenario}\n");
        output.printed(&text, Exit::AsExpected)
    }
}

/// Whether it is the scenario, and not what is needed beside it.
fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "toml")
}
