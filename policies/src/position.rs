//! Where a statement stands in its file.
//!
//! A value that is a function is told by it, and so is what is known of the function: both stand on it alone.

/// A statement of a file, by its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StatementAt(pub(crate) usize);
