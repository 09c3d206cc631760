//! `telling` says of what was judged what happened and why: in sentences, pictures and one document.
//!
//! A run is read off its facts ([`story`]); what broke an invariant is found in it as a value ([`why`]), from which the
//! sentence and the picture ([`race`]) are both made, so they cannot differ. [`present`] turns all of a check into the
//! document of plain data that `reports` renders.

pub mod comparison;
pub mod explain;
pub mod present;
pub mod race;
pub mod story;
pub mod stretch;
pub mod why;
