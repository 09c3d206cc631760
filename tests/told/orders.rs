//! What is said of named orders and of what they claim.

use super::{ordered, pasted};
use crate::common::Folder;

#[test]
fn an_interleaving_that_does_not_keep_what_it_claims_names_it_and_how_often() {
    let folder = Folder::of("told-keeps");
    folder.write("keeps.toml", ordered("keeps = [\"client-ends\"]"));
    let ran = folder.run("check keeps.toml --runs 100").exits(1);
    let ran =
        ran.shows(&["i in small: not as claimed", "`keeps` claims that client-ends holds", "seconds  │"]);
    pasted(&folder, &ran).exits(0).shows(&["✗ client-ends"]);
}

#[test]
fn an_interleaving_that_does_not_break_what_it_claims_names_it_and_how_often() {
    let folder = Folder::of("told-breaks");
    folder.write("breaks.toml", ordered("breaks = [\"no-event-lost\"]"));
    let ran = folder.run("check breaks.toml --runs 100").exits(1);
    let ran = ran.shows(&["`breaks` claims that no-event-lost is broken", "in 100 of the 100 runs"]);
    pasted(&folder, &ran).exits(0).shows(&["✓ no-event-lost"]);
}

#[test]
fn a_replayed_interleaving_exits_0_and_says_what_the_file_expects() {
    let folder = Folder::of("told-replayed");
    folder.write("impossible.toml", ordered("expect = \"impossible\""));
    folder.run("replay impossible.toml i").exits(0).shows(&["claims that this is impossible"]);
    folder.write("keeps.toml", ordered("keeps = [\"client-ends\"]"));
    folder.run("replay keeps.toml i").exits(0).shows(&["client-ends is broken, which it must keep"]);
    folder.run("replay --help").exits(0).shows(&["whatever the scenario expects"]);
}
