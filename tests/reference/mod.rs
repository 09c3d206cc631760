//! A second reading of the manual, and nothing else: it shares no line with what it is held against.

pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod effect;
pub(crate) mod explore;
pub(crate) mod facts;
pub(crate) mod ledger;
pub(crate) mod phrases;
pub(crate) mod read;
pub(crate) mod run;
pub(crate) mod state;
pub(crate) mod system;
pub(crate) mod task;
pub(crate) mod variant;
