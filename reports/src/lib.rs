//! Verdicts, counterexamples and figures, as text people read and programs parse.
//!
//! Plain data goes in and text comes out: this crate knows neither how a verdict was reached nor
//! what a machine is, and never looks at the terminal, the clock or the file system. So the same
//! data gives the same bytes everywhere, and a report can be made again from a stored document.

mod canvas;
mod changes;
mod fold;
mod layout;
mod made_with;
mod prepare;
mod svg;

pub mod annotations;
pub mod axis;
pub mod diff;
pub mod document;
pub mod exact;
pub mod human;
pub mod junit;
pub mod matrix;
pub mod measures;
pub mod page;
pub mod perfetto;
pub mod picture;
pub mod programs;
pub mod report;
pub mod said;
pub mod simulated;
pub mod style;
pub mod sweep;
pub mod terminal;
pub mod text;
pub mod timeline;
