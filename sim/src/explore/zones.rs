//! The zones that a search has found, by plain part.
//!
//! Of the zones of one plain part only the largest are kept: one that lies in another is dropped,
//! and two whose least common zone contains nothing else become that zone. Neither changes what is
//! reachable. The zones of a part lie one behind the other, since each new one is held against all of
//! them; and as parts have nothing to do with each other, several threads can add to several parts.

use std::collections::BTreeMap;

use crate::explore::parallel;
use crate::explore::zone::{contains, merge};

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

/// A zone that is to be added.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Added<'z> {
    /// The number of its plain part.
    pub(crate) part: u32,
    /// How many instants it is about.
    pub(crate) rows: u32,
    pub(crate) bounds: &'z [i64],
    pub(crate) origin: Origin,
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
    /// Whether zones are merged, beside being dropped where another contains them.
    merging: bool,
    /// Whether the bounds of dead zones are kept too.
    keeping: bool,
    /// The bounds of dead zones, if they are.
    attic: BTreeMap<ZoneId, Box<[i64]>>,
}

/// The number of a zone that has none yet: its place among those that are added, and this bit.
const NEW: ZoneId = 1 << 31;

/// What becomes of a part's zones when some are added.
#[derive(Debug, Default)]
struct Change {
    /// Which zones were dropped that were there before.
    dropped: Vec<ZoneId>,
    /// Which of those that are added were kept: their place among them, and in the bucket.
    kept: Vec<(u32, u32)>,
    /// The bounds of dropped zones, if they are wanted.
    attic: Vec<(ZoneId, Box<[i64]>)>,
    /// How many bounds there were before, and are now.
    cells: (usize, usize),
}

impl Zones {
    pub(crate) fn new() -> Self {
        Self {
            by_part: Vec::new(),
            kept: Vec::new(),
            alive: 0,
            cells: 0,
            merging: true,
            keeping: false,
            attic: BTreeMap::new(),
        }
    }

    /// Forgets all zones.
    pub(crate) fn again(&mut self) {
        for bucket in &mut self.by_part {
            bucket.ids.clear();
            bucket.bounds.clear();
        }
        self.kept.clear();
        self.attic.clear();
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

    /// Whether zones are merged from now on.
    pub(crate) fn merging(&mut self, merging: bool) {
        self.merging = merging;
    }

    /// Whether the bounds of dead zones are kept from now on.
    pub(crate) fn keeping(&mut self, keeping: bool) {
        self.keeping = keeping;
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
        let attic: usize =
            if self.keeping { self.attic.values().map(|bounds| bounds.len()).sum() } else { 0 };
        size_of::<i64>() * (self.cells + attic)
            + self.kept.len() * size_of::<Kept>()
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

    /// The bounds of a zone that is not dead, or whose bounds were kept.
    pub(crate) fn bounds(&self, zone: ZoneId) -> &[i64] {
        let bucket = &self.by_part[self.part(zone) as usize];
        match bucket.ids.iter().position(|known| *known == zone) {
            Some(place) => {
                let size = bucket.bounds.len() / bucket.ids.len();
                &bucket.bounds[place * size..(place + 1) * size]
            }
            None => self.attic.get(&zone).expect("what is asked of a dead zone was kept"),
        }
    }

    /// Adds zones; those that add something get a number and are put behind `new`, in their order. It
    /// makes no difference how many threads do it.
    pub(crate) fn add(&mut self, added: &[Added<'_>], threads: usize, new: &mut Vec<ZoneId>) {
        let mut order: Vec<u64> = added
            .iter()
            .enumerate()
            .map(|(place, added)| u64::from(added.part) << 32 | place as u64)
            .collect();
        order.sort_unstable();
        let parts = added.iter().map(|added| added.part as usize + 1).max().unwrap_or(0);
        if self.by_part.len() < parts {
            self.by_part.resize_with(parts, Bucket::default);
        }
        let (merging, keeping) = (self.merging, self.keeping);
        let mut jobs = Vec::new();
        let (mut rest, mut before) = (&mut self.by_part[..], 0);
        for run in order.chunk_by(|a, b| a >> 32 == b >> 32) {
            let part = (run[0] >> 32) as usize;
            let (bucket, after) = rest[part - before..].split_first_mut().expect("each part has a bucket");
            (rest, before) = (after, part + 1);
            let cost = run.len() * (bucket.ids.len() + run.len());
            jobs.push((cost * added[run[0] as u32 as usize].bounds.len(), (bucket, run)));
        }
        let changes = parallel::map(threads, jobs, |(bucket, run): (&mut Bucket, &[u64])| {
            bucket.add_all(run, added, merging, keeping)
        });
        let mut kept: Vec<(u32, u32)> = Vec::new();
        for change in changes {
            for dropped in &change.dropped {
                self.kept[*dropped as usize].dead = true;
            }
            self.alive = self.alive + change.kept.len() - change.dropped.len();
            self.cells = self.cells + change.cells.1 - change.cells.0;
            self.attic.extend(change.attic);
            kept.extend(change.kept);
        }
        kept.sort_unstable();
        for (place, at) in kept {
            let Added { part, origin, .. } = added[place as usize];
            let zone = self.kept.len() as ZoneId;
            assert!(zone < NEW, "there are less than 2^31 zones");
            self.kept.push(Kept { part, origin, dead: false });
            self.by_part[part as usize].ids[at as usize] = zone;
            new.push(zone);
        }
    }
}

impl Bucket {
    /// Adds those of `added` whose places are the lower halves of `run`.
    fn add_all(&mut self, run: &[u64], added: &[Added<'_>], merging: bool, keeping: bool) -> Change {
        let before = self.bounds.len();
        let mut change = Change::default();
        let (mut new, mut hull) = (Vec::new(), Vec::new());
        for place in run.iter().map(|&run| run as u32) {
            let Added { rows, bounds, .. } = added[place as usize];
            new.clear();
            new.extend_from_slice(bounds);
            self.add(NEW | place, rows as usize, (&mut new, &mut hull), merging, |zone, bounds| {
                if zone & NEW == 0 {
                    change.dropped.push(zone);
                    if keeping {
                        change.attic.push((zone, bounds.into()));
                    }
                }
            });
        }
        let kept = self.ids.iter().enumerate().filter(|(_, zone)| **zone & NEW != 0);
        change.kept = kept.map(|(at, zone)| (zone & !NEW, at as u32)).collect();
        change.cells = (before, self.bounds.len());
        change
    }

    /// Adds a zone, whose bounds are in `new`, if it adds something.
    fn add(
        &mut self,
        zone: ZoneId,
        rows: usize,
        (new, hull): (&mut Vec<i64>, &mut Vec<i64>),
        merging: bool,
        mut dropped: impl FnMut(ZoneId, &[i64]),
    ) {
        let size = rows * rows;
        'merged: loop {
            let mut all = self.bounds.chunks_exact(size);
            if all.any(|known| contains(known, new)) {
                return;
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
