//! Verdicts, counterexamples and figures, as text people read and programs parse.
//!
//! Plain data goes in and text comes out: this crate knows neither how a verdict was reached nor
//! what a machine is, and never looks at the terminal, the clock or the file system. So the same
//! data gives the same bytes everywhere, and a report can be made again from a stored document.
//!
//! The shapes of the data and the words for them are always there. What makes pages, pictures and files of them is
//! the feature `render`, which is on unless it is left out: a crate that only fills in the data builds neither a
//! drawing library nor a template.

mod changes;
mod made_with;

pub mod document;
pub mod exact;
pub mod page;
pub mod picture;
pub mod programs;
pub mod said;
pub mod sweep;
pub mod text;

#[cfg(feature = "render")]
mod canvas;
#[cfg(feature = "render")]
mod fold;
#[cfg(feature = "render")]
mod layout;
#[cfg(feature = "render")]
mod prepare;
#[cfg(feature = "render")]
mod svg;

#[cfg(feature = "render")]
pub mod annotations;
#[cfg(feature = "render")]
pub mod axis;
#[cfg(feature = "render")]
pub mod diff;
#[cfg(feature = "render")]
pub mod human;
#[cfg(feature = "render")]
pub mod kind;
#[cfg(feature = "render")]
pub mod matrix;
#[cfg(feature = "render")]
pub mod report;
#[cfg(feature = "render")]
pub mod simulated;
#[cfg(feature = "render")]
pub mod style;
#[cfg(feature = "render")]
pub mod terminal;
#[cfg(feature = "render")]
pub mod timeline;
