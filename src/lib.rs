//! `punctual` tells whether an event of a background job reaches the client that waits for it.
//!
//! And whether in time, and what is the smallest run in which it does not.
//!
//! A scenario file describes the system; this crate samples it, judges it by its invariants, makes
//! counterexamples small and tells them. The command is a thin layer over it, and so is a test:
//!
//! ```
//! let library = punctual::scenarios::library();
//! let (name, text) = library.iter().find(|(name, _)| *name == "blog-as-coded").unwrap();
//! let checked = punctual::Scenario::from_text(name, text)?.runs(200).check()?;
//! checked.expect_holds("no-event-lost");
//! checked.of("burst").expect_violated("no-event-lost");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The kernel ([`sim`]) is not tied to any of this: it runs any [`sim::Machine`], and its page
//! begins with one that has nothing to do with jobs.

mod api;
pub mod budget;
pub mod combinations;
pub mod comparison;
pub mod conform;
pub mod counterexample;
pub mod delivery;
pub mod explain;
pub mod gap;
#[cfg(feature = "hosts")]
pub mod hosts;
pub mod judge;
pub mod order;
pub mod present;
pub mod proof;
pub mod race;
pub mod sampling;
pub mod saved;
#[cfg(feature = "hosts")]
pub mod simulated;
mod standstill;
pub mod story;
pub mod stretch;
pub mod sweep;
pub mod threshold;
pub mod watcher;
pub mod why;
pub mod window;

pub use api::{CheckError, Checked, Scenario};
pub use {
    punctual_model as model, punctual_policies as policies, punctual_scenarios as scenarios,
    punctual_sim as sim,
};
