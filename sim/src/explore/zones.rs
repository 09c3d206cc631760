//! The zones that a search has found, by discrete state.
//!
//! Of the zones of one discrete state only the maximal ones are kept: one that is subsumed by another is dropped
//! (inclusion: Daws and Tripakis, TACAS 1998), and two whose hull contains nothing else become their hull (exact merging:
//! David, NWPT 2005). Neither changes what is
//! reachable. The zones of a discrete state lie one behind the other, since each new one is held against all of
//! them.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault};

use crate::explore::class::DiscreteId;
use crate::explore::zone::{contains, merge};
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

/// The zones of one discrete state that no other subsumes, in the order in which they were found.
#[derive(Debug, Default)]
struct Bucket {
    ids: Vec<ZoneId>,
    /// The bounds of each, one zone behind the other.
    bounds: Vec<i64>,
}

pub(crate) struct Zones {
    by_discrete: Vec<Bucket>,
    kept: Vec<Kept>,
    maximal: usize,
    /// The number of bounds in all buckets.
    cells: usize,
    /// Zones by the hash of their discrete state and their bounds, or the next free number after it, where each is kept
    /// once; only ever asked for one.
    exact: HashMap<u64, ZoneId, BuildHasherDefault<Mix>>,
    /// The zone that is being added, and the hull of it and another.
    new: Vec<i64>,
    hull: Vec<i64>,
}

impl Zones {
    pub(crate) fn new() -> Self {
        Self {
            by_discrete: Vec::new(),
            kept: Vec::new(),
            maximal: 0,
            cells: 0,
            exact: HashMap::default(),
            new: Vec::new(),
            hull: Vec::new(),
        }
    }

    /// Forgets all zones.
    pub(crate) fn again(&mut self) {
        for bucket in &mut self.by_discrete {
            bucket.ids.clear();
            bucket.bounds.clear();
        }
        self.kept.clear();
        self.exact.clear();
        (self.maximal, self.cells) = (0, 0);
    }

    /// Forgets all zones but `zone`, to be compared with; where they came from is kept.
    pub(crate) fn only(&mut self, zone: ZoneId) {
        let bounds = self.bounds(zone).to_vec();
        for bucket in &mut self.by_discrete {
            bucket.ids.clear();
            bucket.bounds.clear();
        }
        (self.maximal, self.cells) = (1, bounds.len());
        self.by_discrete[self.kept[zone.place()].discrete.place()] = Bucket { ids: vec![zone], bounds };
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
        size_of::<i64>() * self.cells
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
        self.by_discrete.get(discrete.place()).map_or(&[], |bucket| &bucket.ids)
    }

    /// The bounds of a zone that is not subsumed.
    pub(crate) fn bounds(&self, zone: ZoneId) -> &[i64] {
        let bucket = &self.by_discrete[self.discrete(zone).place()];
        // They lie in the order in which they were found.
        let place = bucket.ids.binary_search(&zone).expect("only zones that are not subsumed are asked for");
        let size = bucket.bounds.len() / bucket.ids.len();
        &bucket.bounds[place * size..(place + 1) * size]
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
        let Self { by_discrete, kept, maximal, cells, new, hull, .. } = self;
        new.clear();
        new.extend_from_slice(bounds);
        let bucket = &mut by_discrete[discrete.place()];
        let adds = bucket.add(zone, clocks, (new, hull), merging, |dropped, bounds| {
            kept[dropped.place()].subsumed = true;
            *maximal -= 1;
            *cells -= bounds.len();
        });
        if !adds {
            return None;
        }
        kept.push(Kept { discrete, origin, subsumed: false });
        *maximal += 1;
        *cells += bounds.len();
        Some(zone)
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
            if self.discrete(known) == discrete && self.bounds(known) == bounds {
                return (known, false);
            }
            hash = hash.wrapping_add(1);
        }
        let zone = self.next_id();
        self.make_room_for(discrete);
        let bucket = &mut self.by_discrete[discrete.place()];
        bucket.ids.push(zone);
        bucket.bounds.extend_from_slice(bounds);
        self.exact.insert(hash, zone);
        self.kept.push(Kept { discrete, origin, subsumed: false });
        self.maximal += 1;
        self.cells += bounds.len();
        (zone, true)
    }
}

impl Bucket {
    /// Adds a zone, whose bounds are in `new`; `false` if it adds nothing.
    fn add(
        &mut self,
        zone: ZoneId,
        clocks: usize,
        (new, hull): (&mut Vec<i64>, &mut Vec<i64>),
        merging: bool,
        mut dropped: impl FnMut(ZoneId, &[i64]),
    ) -> bool {
        let size = clocks * clocks;
        'merged: loop {
            let mut all = self.bounds.chunks_exact(size);
            if all.any(|known| contains(known, new)) {
                return false;
            }
            self.retain(size, |zone, known| {
                let stays = !contains(new, known);
                if !stays {
                    dropped(zone, known);
                }
                stays
            });
            if merging {
                for place in 0..self.ids.len() {
                    let known = &self.bounds[place * size..(place + 1) * size];
                    if merge(clocks, known, new, hull) {
                        dropped(self.ids[place], known);
                        self.ids.remove(place);
                        self.bounds.drain(place * size..(place + 1) * size);
                        std::mem::swap(new, hull);
                        continue 'merged;
                    }
                }
            }
            break;
        }
        self.ids.push(zone);
        self.bounds.extend_from_slice(new);
        true
    }

    /// Keeps the zones of which `stays` is true.
    fn retain(&mut self, size: usize, mut stays: impl FnMut(ZoneId, &[i64]) -> bool) {
        let mut left = 0;
        for place in 0..self.ids.len() {
            let at = place * size..(place + 1) * size;
            if stays(self.ids[place], &self.bounds[at.clone()]) {
                if left < place {
                    self.ids[left] = self.ids[place];
                    self.bounds.copy_within(at, left * size);
                }
                left += 1;
            }
        }
        self.ids.truncate(left);
        self.bounds.truncate(left * size);
    }
}
