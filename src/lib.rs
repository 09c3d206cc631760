//! `punctual` tells whether an event of a background job reaches the client that waits for it.
//!
//! And whether in time, and what is the smallest run in which it does not.
//!
//! A scenario file describes the system; it is sampled and explored, judged by its invariants, and what breaks
//! is made small and told. The command is a thin layer over this crate, and so is a test. A test needs no command and no
//! web server: `default-features = false` leaves both out.
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
#[cfg(feature = "hosts")]
pub mod hosts;
#[cfg(feature = "hosts")]
pub mod simulated;

pub use api::{CheckError, Checked, Scenario};
pub use punctual_judging::{
    budget, combinations, counterexample, delivery, judge, order, proof, sampling, saved, separation, sweep,
    threshold, window, zeno,
};
#[cfg(feature = "python")]
pub use punctual_policies as policies;
pub use punctual_telling::{comparison, explain, present, race, story, stretch, why};
pub use {
    punctual_logs as logs, punctual_model as model, punctual_scenarios as scenarios, punctual_sim as sim,
};
