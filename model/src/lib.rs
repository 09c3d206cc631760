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

mod admits;
mod alone;
mod asked;
mod backend;
mod books;
mod canonical;
mod client;
mod cone;
mod coverage;
mod delays;
mod effects;
mod evidence;
mod fact;
mod followed;
mod gauge;
mod hears;
mod idle_cycle;
mod ids;
mod invariant;
mod ledger;
mod line;
mod live;
mod matcher;
mod outage;
mod plan;
mod program;
mod publishing;
mod rule;

mod sleeping;
mod so_far;
mod state;
mod system;
mod turns;
mod world;

pub use alone::{Alone, deciding, taken_apart};
pub use backend::{Backend, BackendEffect, BackendEvent, Version};
pub use books::Books;
pub use client::{Client, ClientEffect, ClientEvent, ClientState, Message};
pub use cone::{without_events, without_idle_comments, without_reactions};
pub use coverage::{Coverage, Part};
pub use evidence::{Evidence, InLogs, Untold};
pub use fact::{Fact, Identity, Origin};
pub use followed::{delivers_in_order, following, independent_kinds};
pub use gauge::{FactKind, Gauge, SeenAt, Sighting, Stretch};
pub use hears::{Arrived, Breach, Fetched, Hears, Left, Missing, Requested, Sent, Stopped, Undone};
pub use ids::Id;
pub use invariant::{
    Arriving, Explained, Happening, INVARIANTS, Invariant, JudgedAt, Limited, Measured, Unit,
};
pub use ledger::Ledger;
pub use matcher::{Matcher, Order, OrderId, OrderWait, StepAt};
pub use plan::Plan;
pub use rule::{Allowed, Rule, RuleId};
pub use so_far::SoFar;
pub use state::BackendState;
pub use system::*;
pub use turns::MAX_STEPS_AT_ONCE;
pub use world::{World, WorldEvent, WorldState};
