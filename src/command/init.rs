//! `punctual init`: a first scenario, and what an editor needs to help with it.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::output::{Output, say};

/// Write a first scenario.
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// The folder
    #[arg(default_value = ".")]
    folder: PathBuf,
}

impl Init {
    pub(super) fn run(self, output: &Output) -> Exit {
        let files = punctual_scenarios::scaffold();
        if let Some(path) = files.iter().map(|file| self.folder.join(&file.path)).find(|path| path.exists()) {
            say(&format!(
                "error: {} is there already, and is left as it is; nothing was written",
                path.display()
            ));
            return Exit::Wrong;
        }
        let mut text = String::new();
        for file in &files {
            let path = self.folder.join(&file.path);
            let folder = path.parent().unwrap_or(&self.folder);
            let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, &file.text));
            if let Err(error) = written {
                say(&format!("error: cannot write {}: {error}", path.display()));
                return Exit::Wrong;
            }
            text += &format!("     Created {}\n", path.display());
        }
        let scenario = files
            .iter()
            .map(|file| file.path.as_str())
            .find(|name| Path::new(name).extension().is_some_and(|ending| ending == "toml"))
            .unwrap_or("");
        text += &format!("        Next punctual check {}\n", self.folder.join(scenario).display());
        if output.print(&text) { Exit::AsExpected } else { Exit::Wrong }
    }
}
