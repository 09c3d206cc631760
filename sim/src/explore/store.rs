//! The classes that a search has found: what their plain parts are, and the zones of each.

use std::hash::Hash;

use crate::explore::class::{Plain, Row, Shape};
use crate::explore::zone::Bounds;
use crate::explore::zones::{ZoneId, Zones};
use crate::interned::Interned;

/// Plain parts and what they are made of, once each.
pub(crate) struct Store<S, J, E> {
    states: Interned<S>,
    monitors: Interned<J>,
    shapes: Interned<Shape<E>>,
    plains: Interned<Plain>,
    /// Plain parts that differ at most in what is known of their marks and clocks. Whether a limit has passed
    /// or a clock has ticked is not decided before it must be, so one search may find in the one what
    /// another finds in the other.
    groups: Interned<Plain>,
    pub(crate) zones: Zones,
}

impl<S, J, E> Store<S, J, E>
where
    S: Clone + Eq + Hash,
    J: Clone + Eq + Hash,
    E: Copy + Eq + Hash,
{
    pub(crate) fn new() -> Self {
        Self {
            states: Interned::new(),
            monitors: Interned::new(),
            shapes: Interned::new(),
            plains: Interned::new(),
            groups: Interned::new(),
            zones: Zones::new(),
        }
    }

    /// The numbers of a state and a monitor.
    pub(crate) fn numbers(&mut self, state: &S, monitor: &J) -> (u32, u32) {
        (self.states.number(state), self.monitors.number(monitor))
    }

    /// The number of a shape.
    pub(crate) fn number_of(&mut self, shape: &Shape<E>) -> u32 {
        self.shapes.number(shape)
    }

    /// The number of a plain part.
    pub(crate) fn part_of(&mut self, (state, monitor): (u32, u32), shape: u32) -> u32 {
        self.plains.number(&Plain { state, monitor, shape })
    }

    /// By plain part: the number of its group.
    pub(crate) fn groups(&mut self) -> Vec<u32> {
        let mut unmarked = Shape::empty();
        (0..self.plains.len() as u32)
            .map(|part| {
                let Plain { state, monitor, shape } = *self.plains.get(part);
                self.shapes.get(shape).unmarked(&mut unmarked);
                let shape = self.shapes.number(&unmarked);
                self.groups.number(&Plain { state, monitor, shape })
            })
            .collect()
    }

    /// The number of the group of what has these numbers, if it was met.
    pub(crate) fn group(&self, (state, monitor): (u32, u32), shape: u32) -> Option<u32> {
        let mut unmarked = Shape::empty();
        self.shapes.get(shape).unmarked(&mut unmarked);
        let shape = self.shapes.find(&unmarked)?;
        self.groups.find(&Plain { state, monitor, shape })
    }

    /// Roughly what is kept, in bytes: zones, and the parts of classes.
    pub(crate) fn bytes(&self) -> usize {
        let parts = self.states.bytes() + self.monitors.bytes() + self.shapes.bytes() + self.plains.bytes();
        self.zones.bytes() + parts
    }

    fn plain(&self, zone: ZoneId) -> Plain {
        *self.plains.get(self.zones.part(zone))
    }

    pub(crate) fn state(&self, zone: ZoneId) -> &S {
        self.states.get(self.plain(zone).state)
    }

    pub(crate) fn monitor(&self, zone: ZoneId) -> &J {
        self.monitors.get(self.plain(zone).monitor)
    }

    pub(crate) fn shape(&self, zone: ZoneId) -> &Shape<E> {
        self.shapes.get(self.plain(zone).shape)
    }

    /// The bounds of a zone that is not dead.
    pub(crate) fn bounds(&self, zone: ZoneId) -> Bounds<'_> {
        Bounds { rows: self.shape(zone).rows.len(), all: self.zones.bounds(zone) }
    }

    /// The number of plain parts.
    pub(crate) fn parts(&self) -> usize {
        self.plains.len()
    }

    /// The monitor and the shape of a plain part.
    pub(crate) fn watched(&self, part: u32) -> (&J, &Shape<E>) {
        let plain = self.plains.get(part);
        (self.monitors.get(plain.monitor), self.shapes.get(plain.shape))
    }

    /// What the rows of a plain part are.
    pub(crate) fn rows_of(&self, part: u32) -> &[Row<E>] {
        &self.shapes.get(self.plains.get(part).shape).rows
    }
}
