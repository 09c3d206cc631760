//! The zones that a search has found, by plain part.
//!
//! Of the zones of one plain part only the largest are kept: one that lies in another is dropped,
//! and two whose least common zone contains nothing else become that zone. Neither changes what is
//! reachable. The zones of a part lie one behind the other, since each new one is held against all of
//! them.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault};

use crate::explore::zone::{contains, merge};
use crate::interned::Mix;

/// The number of a zone that was kept.
pub(crate) type ZoneId = u32;

/// How a zone came about: from which other, by which row, in which of the row's turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// `None` for the beginning of the run.
    pub(crate) from: Option<ZoneId>,
    pub(crate) row: u16,
    pub(crate) turn: u16,
}

/// What is known of a zone that was kept, and may have been dropped.
struct Kept {
    /// The number of its plain part.
    part: u32,
    origin: Origin,
    /// Whether another zone contains it.
    dead: bool,
}

/// The zones of one plain part that no other contains, in the order in which they were found.
#[derive(Debug, Default)]
struct Bucket {
    ids: Vec<ZoneId>,
    /// The bounds of each, one zone behind the other.
    bounds: Vec<i64>,
}

pub(crate) struct Zones {
    by_part: Vec<Bucket>,
    kept: Vec<Kept>,
    alive: usize,
    /// The number of bounds in all buckets.
    cells: usize,
    /// Zones by the hash of their part and their bounds, or the next free number after it, where each is kept
    /// once; only ever asked for one.
    exact: HashMap<u64, ZoneId, BuildHasherDefault<Mix>>,
    /// The zone that is being added, and the hull of it and another.
    new: Vec<i64>,
    hull: Vec<i64>,
}

impl Zones {
    pub(crate) fn new() -> Self {
        Self {
            by_part: Vec::new(),
            kept: Vec::new(),
            alive: 0,
            cells: 0,
            exact: HashMap::default(),
            new: Vec::new(),
            hull: Vec::new(),
        }
    }

    /// Forgets all zones.
    pub(crate) fn again(&mut self) {
        for bucket in &mut self.by_part {
            bucket.ids.clear();
            bucket.bounds.clear();
        }
        self.kept.clear();
        self.exact.clear();
        (self.alive, self.cells) = (0, 0);
    }

    /// Forgets all zones but `zone`, to be compared with; where they came from is kept.
    pub(crate) fn only(&mut self, zone: ZoneId) {
        let bounds = self.bounds(zone).to_vec();
        for bucket in &mut self.by_part {
            bucket.ids.clear();
            bucket.bounds.clear();
        }
        (self.alive, self.cells) = (1, bounds.len());
        self.by_part[self.kept[zone as usize].part as usize] = Bucket { ids: vec![zone], bounds };
    }

    /// The number of zones that no other contains.
    pub(crate) fn alive(&self) -> usize {
        self.alive
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
            + self.alive * size_of::<ZoneId>()
            + self.by_part.len() * size_of::<Bucket>()
    }

    pub(crate) fn is_dead(&self, zone: ZoneId) -> bool {
        self.kept[zone as usize].dead
    }

    /// The number of a zone's plain part.
    #[inline(always)]
    pub(crate) fn part(&self, zone: ZoneId) -> u32 {
        self.kept[zone as usize].part
    }

    pub(crate) fn origin(&self, zone: ZoneId) -> Origin {
        self.kept[zone as usize].origin
    }

    /// The number of zones, with those that others contain.
    pub(crate) fn count(&self) -> ZoneId {
        self.kept.len() as ZoneId
    }

    /// The zones of a plain part that no other contains.
    pub(crate) fn of_part(&self, part: u32) -> &[ZoneId] {
        self.by_part.get(part as usize).map_or(&[], |bucket| &bucket.ids)
    }

    /// The bounds of a zone that is not dead.
    pub(crate) fn bounds(&self, zone: ZoneId) -> &[i64] {
        let bucket = &self.by_part[self.part(zone) as usize];
        // They lie in the order in which they were found.
        let place = bucket.ids.binary_search(&zone).expect("only zones that are not dead are asked for");
        let size = bucket.bounds.len() / bucket.ids.len();
        &bucket.bounds[place * size..(place + 1) * size]
    }

    /// Adds a zone of so many rows to a plain part, merged with others if `merging`; gives its number if it adds
    /// something.
    pub(crate) fn add(
        &mut self,
        (part, rows): (u32, usize),
        bounds: &[i64],
        origin: Origin,
        merging: bool,
    ) -> Option<ZoneId> {
        if self.by_part.len() <= part as usize {
            self.by_part.resize_with(part as usize + 1, Bucket::default);
        }
        let Self { by_part, kept, alive, cells, new, hull, .. } = self;
        let zone = ZoneId::try_from(kept.len()).expect("there are less than 2^32 zones");
        new.clear();
        new.extend_from_slice(bounds);
        let bucket = &mut by_part[part as usize];
        let adds = bucket.add(zone, rows, (new, hull), merging, |dropped, bounds| {
            kept[dropped as usize].dead = true;
            *alive -= 1;
            *cells -= bounds.len();
        });
        if !adds {
            return None;
        }
        kept.push(Kept { part, origin, dead: false });
        *alive += 1;
        *cells += bounds.len();
        Some(zone)
    }

    /// Adds a zone to a plain part unless it is one of its zones already; it is dropped by none, and none by
    /// it. All zones are to be added like that, or none. Its number, and whether it is new.
    pub(crate) fn add_unless_known(&mut self, part: u32, bounds: &[i64], origin: Origin) -> (ZoneId, bool) {
        let mut hash = BuildHasherDefault::<Mix>::default().hash_one((part, bounds));
        while let Some(&known) = self.exact.get(&hash) {
            if self.part(known) == part && self.bounds(known) == bounds {
                return (known, false);
            }
            hash = hash.wrapping_add(1);
        }
        if self.by_part.len() <= part as usize {
            self.by_part.resize_with(part as usize + 1, Bucket::default);
        }
        let bucket = &mut self.by_part[part as usize];
        let zone = ZoneId::try_from(self.kept.len()).expect("there are less than 2^32 zones");
        bucket.ids.push(zone);
        bucket.bounds.extend_from_slice(bounds);
        self.exact.insert(hash, zone);
        self.kept.push(Kept { part, origin, dead: false });
        self.alive += 1;
        self.cells += bounds.len();
        (zone, true)
    }
}

impl Bucket {
    /// Adds a zone, whose bounds are in `new`; `false` if it adds nothing.
    fn add(
        &mut self,
        zone: ZoneId,
        rows: usize,
        (new, hull): (&mut Vec<i64>, &mut Vec<i64>),
        merging: bool,
        mut dropped: impl FnMut(ZoneId, &[i64]),
    ) -> bool {
        let size = rows * rows;
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
                    if merge(rows, known, new, hull) {
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
