//! A second reading of the manual, and what it is held against.
//!
//! What stands in `system` to `variant` shares no line with what it is held against; `draw` to `questions` draw
//! scenarios from the whole grammar, and ask both.

// What a scenario means.
pub(crate) mod changes;
pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod effect;
pub(crate) mod explore;
pub(crate) mod facts;
pub(crate) mod gaps;
pub(crate) mod ledger;
pub(crate) mod orders;
pub(crate) mod phrases;
pub(crate) mod read;
pub(crate) mod run;
pub(crate) mod spans;
pub(crate) mod state;
pub(crate) mod system;
pub(crate) mod task;
pub(crate) mod variant;

// What is asked of it.
pub(crate) mod asked;
pub(crate) mod closed;
pub(crate) mod compare;
pub(crate) mod dice;
pub(crate) mod draft;
pub(crate) mod draw;
pub(crate) mod features;
pub(crate) mod patches;
pub(crate) mod questions;
pub(crate) mod required;
pub(crate) mod shrink;
pub(crate) mod steps;
pub(crate) mod ties;
