//! Doing something again whenever one of the files changes that it is done to.
//!
//! Folders are watched, and not the files in them: editors write a new file and rename it over the old one, which
//! whoever watches the old one never hears of. That something happened is only a reason to look: what counts as a
//! change is another text, so neither a file that is saved as it was, nor one that is read, is told.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use notify_debouncer_full::notify::{Error, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use punctual::budget::Host;
use punctual_reports::text;
use punctual_scenarios::LARGEST;

use super::here::Here;
use super::output::{Output, say};
use super::select::{self, Meant, found};
use super::{Exit, stdin};

/// So long nothing must have happened to a file before it is looked at: saving one takes several steps.
const QUIET: Duration = Duration::from_millis(100);
/// How soon Ctrl-C is heard.
const TICK: Duration = Duration::from_millis(100);

/// The files and what is in them; nothing where that cannot be read.
type Texts = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// The files that are watched, and what is heard of them.
pub(crate) struct Watch {
    /// The files and folders that were named, or those in which the scenarios of the current folder lie.
    paths: Vec<PathBuf>,
    /// Whether it is the scenarios of the current folder that are meant.
    own: bool,
    debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
    happened: Receiver<DebounceEventResult>,
}

impl Watch {
    /// Begins to watch what is meant.
    pub(crate) fn of(meant: Meant<'_>, output: &Output) -> Result<Self, Exit> {
        let paths = meant.paths();
        if paths.iter().any(|path| stdin::is_meant(path)) {
            return Err(refuse("standard input is read once, and does not change: name a file"));
        }
        if paths.is_empty() {
            return Err(refuse(
                "embedded scenarios do not change: name a file or a folder, or begin with `punctual init`",
            ));
        }
        if let Meant::Named(_) = meant {
            // What is not there is refused as it is without watching.
            let mut missing = paths.iter().filter(|path| !path.exists());
            missing.try_for_each(|path| select::one(path, output).map(drop))?;
        }
        let (tell, happened) = mpsc::channel();
        let debouncer = new_debouncer(QUIET, None, tell).map_err(|error| cannot(&error))?;
        let own = matches!(meant, Meant::Own);
        Ok(Self { paths, own, debouncer, happened })
    }

    /// Does it, and again after each change, until Ctrl-C: which in the midst of it leaves it unfinished, and is the
    /// end where it is only waited for.
    pub(crate) fn again(
        mut self,
        here: &Here,
        output: &Output,
        once: impl Fn() -> Exit,
    ) -> Result<Exit, Exit> {
        loop {
            self.listen()?;
            let before = self.texts()?;
            here.listen();
            let exit = once();
            if here.interrupted() {
                return Ok(Exit::Interrupted);
            }
            if matches!(exit, Exit::Bug | Exit::NotDeterministic | Exit::Interrupted) {
                return Ok(exit);
            }
            here.listen();
            if output.progress {
                let files = text::count(before.len() as u64, "file");
                say(&format!("    Watching {files}: a change checks again, Ctrl-C ends"));
            }
            let Some(changed) = self.change(&before, here)? else { return Ok(Exit::AsExpected) };
            if output.progress {
                say(&format!("\n     Changed {}", text::listed(&changed)));
            }
        }
    }

    /// What is no longer as it was, as soon as anything is; nothing if Ctrl-C comes before.
    fn change(&mut self, before: &Texts, here: &Here) -> Result<Option<Vec<String>>, Exit> {
        loop {
            let changed = differing(before, &self.settled(before)?);
            if !changed.is_empty() {
                return Ok(Some(changed));
            }
            if !self.wait(here)? {
                return Ok(None);
            }
            // A folder that is there again after it was removed is another one.
            self.listen()?;
        }
    }

    /// What is in the files: if it is not as before, once they were left alone for a while.
    fn settled(&self, before: &Texts) -> Result<Texts, Exit> {
        let mut now = self.texts()?;
        while now != *before {
            while self.happened.recv_timeout(QUIET).is_ok() {}
            let then = self.texts()?;
            if then == now {
                break;
            }
            now = then;
        }
        Ok(now)
    }

    /// Waits until something happens to the files; false if Ctrl-C comes before.
    fn wait(&self, here: &Here) -> Result<bool, Exit> {
        while !here.interrupted() {
            match self.happened.recv_timeout(TICK) {
                // Reading the files is told too.
                Ok(Ok(events)) if events.iter().all(|event| event.kind.is_access()) => {}
                Ok(Ok(_)) => return Ok(true),
                Ok(Err(errors)) => {
                    for error in errors {
                        say(&format!("warning: --watch: {error}"));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(refuse("nothing is heard of files any more"));
                }
            }
        }
        Ok(false)
    }

    /// Listens to all folders in which the files lie, as far as they are there.
    fn listen(&mut self) -> Result<(), Exit> {
        for folder in self.folders() {
            // It may not be watched yet, or no longer.
            let _ = self.debouncer.unwatch(&folder);
            match self.debouncer.watch(&folder, RecursiveMode::NonRecursive) {
                Err(error) if folder.is_dir() => return Err(cannot(&error)),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// The folders in which the files lie; where a file is a link, that in which it lies itself too.
    fn folders(&self) -> BTreeSet<PathBuf> {
        let within = |path: &Path| match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            Some(_) | None => PathBuf::from("."),
        };
        let mut folders = BTreeSet::new();
        for path in &self.paths {
            if path.is_dir() {
                folders.insert(path.clone());
                continue;
            }
            folders.insert(within(path));
            let is_link = path.is_symlink();
            folders.extend(path.canonicalize().ok().filter(|_| is_link).map(|own| within(&own)));
        }
        folders.retain(|folder| folder.is_dir());
        folders
    }

    /// What is in the files.
    fn texts(&self) -> Result<Texts, Exit> {
        let mut files: BTreeSet<PathBuf> = BTreeSet::new();
        if self.own {
            files.extend(found::own()?.files);
        } else {
            for path in &self.paths {
                if path.is_dir() {
                    files.extend(found::in_folder(path)?.files);
                } else {
                    files.insert(path.clone());
                }
            }
        }
        let text = |path: &Path| {
            let mut text = Vec::new();
            let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut text));
            read.ok().map(|_| text)
        };
        Ok(files.into_iter().map(|path| (path.clone(), text(&path))).collect())
    }
}

/// The files that are there only once, or with another text.
fn differing(one: &Texts, other: &Texts) -> Vec<String> {
    let all: BTreeSet<&PathBuf> = one.keys().chain(other.keys()).collect();
    let differing = all.into_iter().filter(|path| one.get(*path) != other.get(*path));
    differing.map(|path| path.display().to_string()).collect()
}

fn refuse(why: &str) -> Exit {
    say(&format!("error: --watch: {why}"));
    Exit::Wrong
}

fn cannot(error: &Error) -> Exit {
    refuse(&format!("the files cannot be watched: {error}"))
}
