//! What of a file is not what was meant, so that whatever depends on it is not spoken of.

use std::collections::BTreeSet;
use std::ops::Range;

/// What of a file is not what was meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doubts {
    /// Places of values that stand in for what nobody could read.
    pub(crate) stand_ins: BTreeSet<(usize, usize)>,
    /// Keys of which not all entries could be read.
    pub(crate) open: BTreeSet<String>,
    /// Keys of tables out of which something was dropped.
    pub(crate) lost: BTreeSet<String>,
    /// Whether something that nobody seems to do may be done by what could not be read: in the
    /// file as it stands, and in a variant of it.
    pub(crate) hides: bool,
    pub(crate) hides_in_variants: bool,
    /// Whether what is mended now belongs to the file as it stands.
    pub(crate) in_base: bool,
}

impl Doubts {
    /// Whether the value at this place is a stand-in.
    pub(crate) fn stands_in(&self, at: &Range<usize>) -> bool {
        self.stand_ins.contains(&(at.start, at.end))
    }

    /// Whether there may be more below this key than is known.
    pub(crate) fn open(&self, key: &str) -> bool {
        self.open.contains(key)
    }

    /// Whether a table below this key has lost something.
    pub(crate) fn lost(&self, key: &str) -> bool {
        self.lost.contains(key)
    }

    /// Whether something that nobody seems to do may be done by what could not be read.
    pub(crate) fn hide_something(&self) -> bool {
        self.hides
    }

    /// Whether any table has lost something.
    pub(crate) fn lost_something(&self) -> bool {
        !self.lost.is_empty()
    }

    /// The same doubts in a variant.
    pub(crate) fn in_variant(&self) -> Self {
        Self { hides: self.hides || self.hides_in_variants, ..self.clone() }
    }

    pub(crate) fn hide(&mut self) {
        self.hides_in_variants = true;
        self.hides |= self.in_base;
    }

    pub(crate) fn stand_in(&mut self, at: &Range<usize>) {
        self.stand_ins.insert((at.start, at.end));
    }
}
