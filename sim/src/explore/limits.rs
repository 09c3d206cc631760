//! Where a search stops without an answer, and in which order it looks at things until then.

use std::fmt;

/// Where a search stops without an answer, and what it looks at until then.
#[derive(Clone, Copy)]
pub struct Limits<'s> {
    /// What is looked at first. Without a limit that is met, the answers are the same.
    pub traversal: Traversal,
    /// The most classes that are kept at a time.
    pub classes: usize,
    /// The most bounds of zones that are ever kept, of 4 or 8 bytes each: what memory goes into.
    pub bounds: usize,
    /// The most bytes that are kept: those bounds, and roughly what there is around them.
    pub bytes: usize,
    /// The most successors that are computed.
    pub successors: u64,
    /// Asked every few hundred successors whether to stop. A search reads no clock, and nobody can
    /// interrupt it; whoever calls it may do both here.
    pub stop: Option<&'s dyn Fn() -> bool>,
}

impl Default for Limits<'_> {
    /// A million classes and a hundred million bounds: some seconds, and less than a gigabyte.
    fn default() -> Self {
        Self {
            traversal: Traversal::BreadthFirst,
            classes: 1_000_000,
            bounds: 100_000_000,
            bytes: usize::MAX,
            successors: 100_000_000,
            stop: None,
        }
    }
}

/// In which order classes are looked at.
///
/// What is broken and how long a span is do not depend on it; how many classes there are on the way
/// does. Which zones lie in others, or merge with them, is a matter of which were there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traversal {
    /// Those after fewer events first. A run that is found has as few events as there can be.
    BreadthFirst,
    /// The one that was found last first. Of a model that is too large this comes to what happens late,
    /// such as a violation after thousands of events, before the limit is met. A run that is found is
    /// the shortest of those that come through no other states than the one found first, and shorter ones
    /// may exist.
    DepthFirst,
}

/// The limit that a search stopped at, and how far it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What there were too many of.
    pub of: Much,
    /// How many there were to be at most; 0 if the search was stopped.
    pub most: u64,
    /// How many classes were kept.
    pub kept: usize,
    /// The number of events of the longest runs that were looked at.
    pub depth: usize,
}

/// What a search can have too many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Much {
    /// Classes that no other contains.
    Classes,
    /// Bounds of zones.
    Bounds,
    /// Bytes.
    Bytes,
    /// Successors of classes.
    Successors,
    /// Nothing: [`Limits::stop`] said so.
    Stopped,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, most, kept, depth } = self;
        let of = match of {
            Much::Classes => return write!(f, "{most} states, {depth} events into the runs"),
            Much::Bounds => format!("{most} bounds of states"),
            Much::Bytes => format!("{most} bytes"),
            Much::Successors => format!("{most} successors of states"),
            Much::Stopped => "a stop".to_owned(),
        };
        write!(f, "{of}, {kept} states kept, {depth} events into the runs")
    }
}
