//! `judging` decides: runs are sampled, all timings explored, thresholds and whole grids judged.
//!
//! It takes a [`punctual_scenarios::Case`] and gives values: what holds, what is broken and by which run, how long each
//! event takes at most, from which value on a system is safe. It knows no terminal, reads no clock (a [`budget::Host`] that has
//! one is asked whether to stop), and takes more than one core only with its feature `threads`, with the same results. What is said
//! about a run, in sentences and pictures, is the crate `telling`'s.
//!
//! ```text
//!                      judge        sweep -- threshold        a case, all of it; a grid of cases
//!                     /  |  \       /   \   /
//!               order    |    proof      \/                   every timing: verdicts, exact delays, named orders
//!                    \   |   /           /
//!             counterexample   sampling                       one run that breaks; many runs, counted
//! ```

pub mod budget;
pub mod combinations;
mod cores;
pub mod counterexample;
pub mod delivery;
pub mod judge;
pub mod order;
pub mod proof;
pub mod sampling;
pub mod saved;
pub mod separation;
pub mod sweep;
pub mod threshold;
pub mod window;
pub mod zeno;
