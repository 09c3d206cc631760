//! What the environment sets.

use super::document;
use crate::common;
use crate::common::{Folder, first, first_base};

#[test]
fn a_log_that_nobody_can_mean_is_refused() {
    let folder = Folder::of("told-log");
    let mut command = folder.command("run blog-as-coded");
    let ran = common::Ran::from(command.env("PUNCTUAL_LOG", "bogus").output().expect("it starts"));
    ran.exits(2).says(&["PUNCTUAL_LOG", "bogus", "trace"]);
}

#[test]
fn a_variable_that_is_empty_is_as_good_as_unset() {
    let folder = Folder::of("told-empty");
    let mut command = folder.command("check blog-as-coded --variant base --format json");
    command
        .env("PUNCTUAL_RUNS", "")
        .env("PUNCTUAL_SEED", "")
        .env("PUNCTUAL_JOBS", "")
        .env("PUNCTUAL_LOG", "");
    let ran = common::Ran::from(command.output().expect("it starts")).exits(0);
    assert_eq!(document(&ran.stdout)["scenarios"][0]["checks"][0]["sampled"]["runs"], 5_000);
}

#[test]
fn progress_in_ascii_is_ascii() {
    let folder = Folder::of("told-progress");
    folder.write("first.toml", first());
    folder.write("base.toml", first_base());
    let ran = folder.run("check first.toml base.toml --runs 2000 --progress always --ascii");
    assert!(ran.stderr.is_ascii(), "{}", ran.stderr);
}
