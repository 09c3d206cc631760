//! The command as a script sees it: what it prints where, and the code it exits with.

#[path = "../common/mod.rs"]
mod common;

mod ends;
mod output;
mod refused;
mod traces;
mod verbs;

use common::{first_base, replaced};

/// The one expectation of `init`'s scenario that breaks, the other way round.
fn flipped() -> String {
    replaced(&first_base(), "delivered-within = \"violated\"", "delivered-within = \"holds\"")
}

/// A scenario that expects a loss where there is none.
fn never_lost() -> String {
    replaced(&first_base(), "no-event-lost = \"holds\"", "no-event-lost = \"violated\"")
}

/// An order that time forbids, but that cannot be refused without delays.
const TOO_LATE: &str = r#"
[[interleaving]]
name = "many-polls-while-queued"
order = ["stream.poll@9", "render.start"]
expect = "impossible"
"#;
