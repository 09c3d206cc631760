//! The classes that a search has found: by plain part, then their zones.
//!
//! Of the zones of one plain part only the largest are kept: one that lies in another is dropped,
//! and two whose least common zone contains nothing else become that zone. Neither changes what is
//! reachable. Zones lie one behind the other in one long list, because there are millions of them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash};

use crate::explore::class::{Class, Mix};
use crate::explore::zone::{Bounds, contains, merge};
use crate::machine::Machine;

/// The number of a kept zone.
pub(crate) type ZoneId = u32;

/// How a zone came about: from which other, by which row, in which of the row's turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `None` for the beginning of the run.
    pub(crate) from: Option<ZoneId>,
    pub(crate) row: u16,
    pub(crate) turn: u16,
}

struct Bucket<M: Machine, J> {
    class: Class<M, J>,
    zones: Vec<ZoneId>,
    /// The next bucket with the same hash.
    next: Option<u32>,
}

struct Kept {
    bucket: u32,
    /// Where its bounds begin.
    at: usize,
    origin: Origin,
    /// Whether another zone contains it.
    dead: bool,
}

pub(crate) struct Store<M: Machine, J> {
    buckets: Vec<Bucket<M, J>>,
    /// By hash; only ever asked for one.
    index: HashMap<u64, u32, BuildHasherDefault<Mix>>,
    zones: Vec<Kept>,
    bounds: Vec<i64>,
    /// Whether zones are merged, beside being dropped where another contains them.
    merging: bool,
    alive: usize,
    /// The zone that is being added, and the hull of it and another.
    new: Vec<i64>,
    hull: Vec<i64>,
}

impl<M: Machine, J: Clone + Eq + Hash> Store<M, J> {
    pub(crate) fn new(merging: bool) -> Self {
        Self {
            buckets: Vec::new(),
            index: HashMap::default(),
            zones: Vec::new(),
            bounds: Vec::new(),
            merging,
            alive: 0,
            new: Vec::new(),
            hull: Vec::new(),
        }
    }

    /// The number of zones that no other contains.
    pub(crate) fn alive(&self) -> usize {
        self.alive
    }

    pub(crate) fn is_dead(&self, zone: ZoneId) -> bool {
        self.zones[zone as usize].dead
    }

    pub(crate) fn class(&self, zone: ZoneId) -> &Class<M, J> {
        &self.buckets[self.zones[zone as usize].bucket as usize].class
    }

    pub(crate) fn bounds(&self, zone: ZoneId) -> Bounds<'_> {
        let kept = &self.zones[zone as usize];
        let rows = self.buckets[kept.bucket as usize].class.rows.len();
        Bounds { rows, all: &self.bounds[kept.at..kept.at + rows * rows] }
    }

    pub(crate) fn origin(&self, zone: ZoneId) -> Origin {
        self.zones[zone as usize].origin
    }

    /// Adds a zone of `class`; gives its number if it adds something.
    pub(crate) fn add(&mut self, class: &Class<M, J>, bounds: &[i64], origin: Origin) -> Option<ZoneId> {
        let bucket = self.bucket(class);
        let rows = class.rows.len();
        let Self { buckets, zones, bounds: all, merging, alive, new, hull, .. } = self;
        let known = &mut buckets[bucket as usize].zones;
        let of = |zone: &ZoneId, zones: &[Kept]| {
            let at = zones[*zone as usize].at;
            at..at + rows * rows
        };
        new.clear();
        new.extend_from_slice(bounds);
        'merged: loop {
            if known.iter().any(|zone| contains(&all[of(zone, zones)], new)) {
                return None;
            }
            known.retain(|zone| {
                let stays = !contains(new, &all[of(zone, zones)]);
                if !stays {
                    zones[*zone as usize].dead = true;
                    *alive -= 1;
                }
                stays
            });
            if *merging {
                for place in 0..known.len() {
                    if merge(rows, &all[of(&known[place], zones)], new, hull) {
                        let zone = known.remove(place);
                        zones[zone as usize].dead = true;
                        *alive -= 1;
                        std::mem::swap(new, hull);
                        continue 'merged;
                    }
                }
            }
            break;
        }
        let zone = ZoneId::try_from(zones.len()).expect("there are less than 2^32 zones");
        zones.push(Kept { bucket, at: all.len(), origin, dead: false });
        all.extend_from_slice(new);
        known.push(zone);
        *alive += 1;
        Some(zone)
    }

    /// The bucket of `class`, made if there is none.
    fn bucket(&mut self, class: &Class<M, J>) -> u32 {
        let hash = class.hash();
        let first = self.index.get(&hash).copied();
        let mut at = first;
        while let Some(bucket) = at {
            if self.buckets[bucket as usize].class == *class {
                return bucket;
            }
            at = self.buckets[bucket as usize].next;
        }
        let bucket = u32::try_from(self.buckets.len()).expect("there are less than 2^32 buckets");
        self.buckets.push(Bucket { class: class.clone(), zones: Vec::new(), next: first });
        self.index.insert(hash, bucket);
        bucket
    }
}
