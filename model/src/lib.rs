//! `model` is the delivery system: tasks and their steps, event store, database, links, clients.
//!
//! ```text
//!   System ──> World ──facts──> Ledger      (invariants)
//!  (described)  ├ Backend  ├──> Matcher     (named orders of steps)
//!               └ Client   └──> anybody     (statistics, pictures, logs)
//! ```
//!
//! It knows nothing of files or screens. What is described (`System`), what changes (states) and
//! what is said of it (facts) are kept apart, so that one description is sampled, enumerated,
//! explored and hosted, and one set of invariants judges them all.

mod asked;
mod backend;
mod canonical;
mod clerk;
mod client;
mod coverage;
mod delays;
mod effects;
mod fact;
mod gauge;
mod idle_cycle;
mod ids;
mod invariant;
mod ledger;
mod line;
mod live;
mod matcher;
mod outage;
mod program;
mod slice;
mod state;
mod system;
mod turns;
mod world;

pub use backend::{Backend, BackendEffect, BackendEvent, Version};
pub use clerk::Clerk;
pub use client::{Client, ClientEffect, ClientEvent, ClientState, Message};
pub use coverage::{Coverage, Part};
pub use fact::{Copy, Fact, Identity};
pub use gauge::{FactKind, Gauge, SeenAt, Sighting, Stretch};
pub use ids::Id;
pub use invariant::{Arriving, Happening, INVARIANTS, Invariant, JudgedAt, Limited, Rule};
pub use ledger::{Breach, Ledger, Plan};
pub use matcher::{Matcher, Order, OrderWait, StepAt};
pub use slice::{without_events, without_idle_comments, without_reactions};
pub use state::BackendState;
pub use system::*;
pub use turns::MAX_STEPS_AT_ONCE;
pub use world::{World, WorldEvent, WorldState};
