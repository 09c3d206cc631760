//! The delivery system on real bytes: tokio, a simulated network, HTTP, event streams, and SQLite.
//!
//! [`event_stream`] and [`event_source`] are what a browser makes of the bytes of a stream, without a browser
//! and without a network; both follow the WHATWG HTML standard, section 9.2, "Server-sent events".
//! [`simulate()`] puts the parties of a scenario on hosts of a network that turmoil simulates: the same
//! machines that are sampled and explored, each in the one loop of [`host`].

mod app;
mod chronicle;
pub mod clock;
mod database;
mod draws;
pub mod event_source;
pub mod event_stream;
pub mod host;
mod outlet;
pub mod own;
mod page;
mod ports;
mod server;
pub mod simulate;
mod wire;

pub use chronicle::{Received, Trouble};
pub use draws::Draws;
pub use own::{Net, Own, Published};
pub use simulate::{SimulateError, Simulated, simulate};
