//! The zones that a search has found, by discrete state.
//!
//! Of the zones of one discrete state only the maximal ones are kept: one that is subsumed by another is dropped
//! (inclusion: Daws and Tripakis, TACAS 1998), and two whose hull contains nothing else become their hull (exact merging:
//! David, NWPT 2005). Neither changes what is reachable (`bucket`).

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault};

use crate::explore::bucket::{Bucket, Scratch};
use crate::explore::class::DiscreteId;
use crate::interned::Mix;

/// The number of a zone that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ZoneId(pub(crate) u32);

impl ZoneId {
    pub(crate) fn place(self) -> usize {
        self.0 as usize
    }
}

/// How a zone came about: from which other, by which of its clocks, in which turn of that step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `None` for the beginning of the run.
    pub(crate) from: Option<ZoneId>,
    /// The index of the clock.
    pub(crate) index: u16,
    pub(crate) turn: u16,
}

/// What is known of a zone that was kept, and may have been dropped.
struct Kept {
    discrete: DiscreteId,
    origin: Origin,
    /// Whether another zone subsumes it.
    subsumed: bool,
}

pub(crate) struct Zones {
    by_discrete: Vec<Bucket>,
    kept: Vec<Kept>,
    maximal: usize,
    /// The number of bounds in all buckets.
    cells: usize,
    bytes_of_bounds: usize,
    /// Zones by the hash of their discrete state and their bounds, or the next free number after it, where each is kept
    /// once; only ever asked for one.
    exact: HashMap<u64, ZoneId, BuildHasherDefault<Mix>>,
    scratch: Scratch,
}

impl Zones {
    pub(crate) fn new() -> Self {
        Self {
            by_discrete: Vec::new(),
            kept: Vec::new(),
            maximal: 0,
            cells: 0,
            bytes_of_bounds: 0,
            exact: HashMap::default(),
            scratch: Scratch::default(),
        }
    }

    /// Forgets all zones.
    pub(crate) fn again(&mut self) {
        self.by_discrete.iter_mut().for_each(Bucket::clear);
        self.kept.clear();
        self.exact.clear();
        (self.maximal, self.cells, self.bytes_of_bounds) = (0, 0, 0);
    }

    /// Forgets all zones but `zone`, to be compared with; where they came from is kept.
    pub(crate) fn only(&mut self, zone: ZoneId) {
        let mut bounds = Vec::new();
        self.read(zone, &mut bounds);
        self.by_discrete.iter_mut().for_each(Bucket::clear);
        let bucket = &mut self.by_discrete[self.kept[zone.place()].discrete.place()];
        bucket.push(zone, &bounds);
        (self.maximal, self.cells, self.bytes_of_bounds) = (1, bounds.len(), bucket.bytes());
    }

    /// The number of zones that no other subsumes.
    pub(crate) fn maximal(&self) -> usize {
        self.maximal
    }

    /// The number of their bounds.
    pub(crate) fn cells(&self) -> usize {
        self.cells
    }

    /// Roughly what is kept, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes_of_bounds
            + self.kept.len() * size_of::<Kept>()
            + self.exact.len() * size_of::<(u64, ZoneId)>()
            + self.maximal * size_of::<ZoneId>()
            + self.by_discrete.len() * size_of::<Bucket>()
    }

    pub(crate) fn is_subsumed(&self, zone: ZoneId) -> bool {
        self.kept[zone.place()].subsumed
    }

    /// The discrete state of a zone.
    #[inline(always)]
    pub(crate) fn discrete(&self, zone: ZoneId) -> DiscreteId {
        self.kept[zone.place()].discrete
    }

    pub(crate) fn origin(&self, zone: ZoneId) -> Origin {
        self.kept[zone.place()].origin
    }

    /// The number of zones, with those that others subsume.
    pub(crate) fn count(&self) -> usize {
        self.kept.len()
    }

    /// The zones of a discrete state that no other subsumes.
    pub(crate) fn of_discrete(&self, discrete: DiscreteId) -> &[ZoneId] {
        self.by_discrete.get(discrete.place()).map_or(&[], Bucket::ids)
    }

    /// Writes the bounds of a zone that is not subsumed behind `out`.
    pub(crate) fn read(&self, zone: ZoneId, out: &mut Vec<i64>) {
        self.by_discrete[self.discrete(zone).place()].read(zone, out);
    }

    /// Adds a zone of so many clocks to a discrete state, merged with others if `merging`; gives its number if it adds
    /// something.
    pub(crate) fn add(
        &mut self,
        (discrete, clocks): (DiscreteId, usize),
        bounds: &[i64],
        origin: Origin,
        merging: bool,
    ) -> Option<ZoneId> {
        let zone = self.next_id();
        self.make_room_for(discrete);
        let Self { by_discrete, kept, maximal, cells, bytes_of_bounds, scratch, .. } = self;
        let bucket = &mut by_discrete[discrete.place()];
        let before = bucket.bytes();
        let adds = bucket.add((zone, clocks), bounds, scratch, merging, |dropped| {
            kept[dropped.place()].subsumed = true;
            *maximal -= 1;
            *cells -= bounds.len();
        });
        *bytes_of_bounds = *bytes_of_bounds + bucket.bytes() - before;
        if adds {
            kept.push(Kept { discrete, origin, subsumed: false });
            *maximal += 1;
            *cells += bounds.len();
        }
        adds.then_some(zone)
    }

    fn next_id(&self) -> ZoneId {
        ZoneId(u32::try_from(self.kept.len()).expect("there are less than 2^32 zones"))
    }

    fn make_room_for(&mut self, discrete: DiscreteId) {
        if self.by_discrete.len() <= discrete.place() {
            self.by_discrete.resize_with(discrete.place() + 1, Bucket::default);
        }
    }

    /// Adds a zone to a discrete state unless it is one of its zones already; it is dropped by none, and none by
    /// it. All zones are to be added like that, or none. Its number, and whether it is new.
    pub(crate) fn add_unless_known(
        &mut self,
        discrete: DiscreteId,
        bounds: &[i64],
        origin: Origin,
    ) -> (ZoneId, bool) {
        let mut hash = BuildHasherDefault::<Mix>::default().hash_one((discrete, bounds));
        while let Some(&known) = self.exact.get(&hash) {
            if self.discrete(known) == discrete && self.by_discrete[discrete.place()].has(known, bounds) {
                return (known, false);
            }
            hash = hash.wrapping_add(1);
        }
        let zone = self.next_id();
        self.make_room_for(discrete);
        let bucket = &mut self.by_discrete[discrete.place()];
        let before = bucket.bytes();
        bucket.push(zone, bounds);
        self.bytes_of_bounds = self.bytes_of_bounds + bucket.bytes() - before;
        self.exact.insert(hash, zone);
        self.kept.push(Kept { discrete, origin, subsumed: false });
        self.maximal += 1;
        self.cells += bounds.len();
        (zone, true)
    }
}
