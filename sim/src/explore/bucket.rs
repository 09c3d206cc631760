//! The zones of one discrete state that no other subsumes.
//!
//! They lie one behind the other, since each new one is held against all of them; in 32 bits a bound as long as all bounds
//! fit, in 64 from then on. What is kept is the same.

use crate::explore::zone::{Bound, contains, is_narrow, merge, narrowed, widened};
use crate::explore::zones::ZoneId;

/// Zones of a discrete state, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    ids: Vec<ZoneId>,
    /// The bounds of each, one zone behind the other.
    bounds: Stored,
}

#[derive(Debug)]
enum Stored {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

/// Buffers for what is added to one bucket after the other.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    narrow: Added<i32>,
    wide: Added<i64>,
}

/// The zone that is being added, and the hull of it and another.
#[derive(Debug, Default)]
struct Added<B> {
    new: Vec<B>,
    hull: Vec<B>,
}

impl Default for Stored {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

impl Bucket {
    pub(crate) fn ids(&self) -> &[ZoneId] {
        &self.ids
    }

    /// The bytes that its bounds take.
    pub(crate) fn bytes(&self) -> usize {
        match &self.bounds {
            Stored::Narrow(bounds) => size_of_val(bounds.as_slice()),
            Stored::Wide(bounds) => size_of_val(bounds.as_slice()),
        }
    }

    /// Forgets all zones.
    pub(crate) fn clear(&mut self) {
        self.ids.clear();
        match &mut self.bounds {
            Stored::Narrow(bounds) => bounds.clear(),
            Stored::Wide(bounds) => bounds.clear(),
        }
    }

    /// Writes the bounds of a zone behind `out`.
    ///
    /// # Panics
    /// If it is none of the bucket.
    pub(crate) fn read(&self, zone: ZoneId, out: &mut Vec<i64>) {
        match &self.bounds {
            Stored::Narrow(bounds) => out.extend(self.of(zone, bounds).iter().map(|bound| widened(*bound))),
            Stored::Wide(bounds) => out.extend_from_slice(self.of(zone, bounds)),
        }
    }

    /// Whether these are the bounds of a zone.
    ///
    /// # Panics
    /// If it is none of the bucket.
    pub(crate) fn has(&self, zone: ZoneId, bounds: &[i64]) -> bool {
        match &self.bounds {
            Stored::Narrow(known) => {
                self.of(zone, known).iter().map(|bound| widened(*bound)).eq(bounds.iter().copied())
            }
            Stored::Wide(known) => self.of(zone, known) == bounds,
        }
    }

    /// The bounds of a zone among all.
    fn of<'b, B>(&self, zone: ZoneId, bounds: &'b [B]) -> &'b [B] {
        // They lie in the order in which they were found.
        let place = self.ids.binary_search(&zone).expect("only zones that are not subsumed are asked for");
        let size = bounds.len() / self.ids.len();
        &bounds[place * size..(place + 1) * size]
    }

    /// Puts a zone behind the others, whatever it has in common with them.
    pub(crate) fn push(&mut self, zone: ZoneId, bounds: &[i64]) {
        self.ids.push(zone);
        if let Stored::Narrow(known) = &mut self.bounds {
            let before = known.len();
            if narrow(bounds, known) {
                return;
            }
            known.truncate(before);
        }
        self.widened().extend_from_slice(bounds);
    }

    /// Adds a zone of so many clocks, merged with others if `merging`; `false` if it adds nothing. `dropped` is told of
    /// those that it makes superfluous.
    pub(crate) fn add(
        &mut self,
        (zone, clocks): (ZoneId, usize),
        bounds: &[i64],
        scratch: &mut Scratch,
        merging: bool,
        dropped: impl FnMut(ZoneId),
    ) -> bool {
        if let Stored::Narrow(known) = &mut self.bounds {
            let added = &mut scratch.narrow;
            added.new.clear();
            if narrow(bounds, &mut added.new) {
                return add((&mut self.ids, known), (zone, clocks), added, merging, dropped);
            }
        }
        self.widened();
        let Stored::Wide(known) = &mut self.bounds else { unreachable!("they were widened") };
        scratch.wide.new.clear();
        scratch.wide.new.extend_from_slice(bounds);
        add((&mut self.ids, known), (zone, clocks), &mut scratch.wide, merging, dropped)
    }

    /// The bounds in 64 bits each, from now on.
    fn widened(&mut self) -> &mut Vec<i64> {
        if let Stored::Narrow(bounds) = &self.bounds {
            self.bounds = Stored::Wide(bounds.iter().map(|bound| widened(*bound)).collect());
        }
        match &mut self.bounds {
            Stored::Wide(bounds) => bounds,
            Stored::Narrow(_) => unreachable!("they were widened"),
        }
    }
}

/// Writes bounds in 32 bits each behind `out`; `false` if some do not fit.
fn narrow(bounds: &[i64], out: &mut Vec<i32>) -> bool {
    let mut fit = true;
    out.extend(bounds.iter().map(|&bound| {
        fit &= is_narrow(bound);
        narrowed(bound)
    }));
    fit
}

/// Adds a zone, whose bounds are in `added`, to those with `ids` and the bounds `known`.
fn add<B: Bound>(
    (ids, known): (&mut Vec<ZoneId>, &mut Vec<B>),
    (zone, clocks): (ZoneId, usize),
    Added { new, hull }: &mut Added<B>,
    merging: bool,
    mut dropped: impl FnMut(ZoneId),
) -> bool {
    let size = clocks * clocks;
    'merged: loop {
        if known.chunks_exact(size).any(|known| contains(known, new)) {
            return false;
        }
        retain((&mut *ids, &mut *known), size, |zone, known| {
            let stays = !contains(new, known);
            if !stays {
                dropped(zone);
            }
            stays
        });
        if merging {
            for place in 0..ids.len() {
                let at = place * size..(place + 1) * size;
                if merge(clocks, &known[at.clone()], new, hull) {
                    dropped(ids[place]);
                    ids.remove(place);
                    known.drain(at);
                    std::mem::swap(new, hull);
                    continue 'merged;
                }
            }
        }
        break;
    }
    ids.push(zone);
    known.extend_from_slice(new);
    true
}

/// Keeps the zones of which `stays` is true.
fn retain<B: Bound>(
    (ids, known): (&mut Vec<ZoneId>, &mut Vec<B>),
    size: usize,
    mut stays: impl FnMut(ZoneId, &[B]) -> bool,
) {
    let mut left = 0;
    for place in 0..ids.len() {
        let at = place * size..(place + 1) * size;
        if stays(ids[place], &known[at.clone()]) {
            if left < place {
                ids[left] = ids[place];
                known.copy_within(at, left * size);
            }
            left += 1;
        }
    }
    ids.truncate(left);
    known.truncate(left * size);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::zone::{NEVER, Zone};

    /// Zones of three clocks with spans of a few microseconds, all after a beginning that is `shift` wide.
    fn zones(count: usize, shift: i64) -> Vec<Vec<i64>> {
        let mut state = 11_u64;
        let mut draw = |below: i64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33).cast_signed().rem_euclid(below)
        };
        let mut one = || {
            let mut zone = Zone::default();
            zone.begin();
            for _ in 0..2 {
                let (least, wide) = (draw(20), draw(6));
                zone.add(0, least, if wide == 5 { NEVER } else { least + wide });
            }
            zone.add(0, shift, shift);
            let mut bounds = Vec::new();
            zone.export(&[0, 1, 2, 3], &mut bounds);
            bounds
        };
        (0..count).map(|_| one()).collect()
    }

    /// What is kept of `zones`, and which were dropped, by a bucket that was widened or not.
    fn kept(zones: &[Vec<i64>], merging: bool, wide: bool) -> (Vec<Vec<i64>>, Vec<ZoneId>, Bucket) {
        let (mut bucket, mut scratch, mut dropped) = (Bucket::default(), Scratch::default(), Vec::new());
        if wide {
            bucket.widened();
        }
        for (number, bounds) in zones.iter().enumerate() {
            let zone = ZoneId(number as u32);
            bucket.add((zone, 4), bounds, &mut scratch, merging, |zone| dropped.push(zone));
        }
        let read = |zone: &ZoneId| {
            let mut bounds = Vec::new();
            bucket.read(*zone, &mut bounds);
            bounds
        };
        (bucket.ids().iter().map(read).collect(), dropped, bucket)
    }

    #[test]
    fn what_is_kept_does_not_depend_on_how_many_bits_a_bound_takes() {
        for merging in [false, true] {
            for count in [1, 7, 300] {
                let zones = zones(count, 3);
                let (narrow, wide) = (kept(&zones, merging, false), kept(&zones, merging, true));
                assert_eq!((&narrow.0, &narrow.1), (&wide.0, &wide.1));
                assert_eq!(2 * narrow.2.bytes(), wide.2.bytes());
                assert!(count < 300 || narrow.1.len() > 20, "some are dropped, or merged");
            }
        }
    }

    #[test]
    fn a_bound_that_does_not_fit_widens_what_there_is() {
        let mut all = zones(40, 3);
        all.extend(zones(1, i64::from(i32::MAX)));
        let (narrow, wide) = (kept(&all, true, false), kept(&all, true, true));
        assert_eq!((narrow.0, narrow.1, narrow.2.bytes()), (wide.0, wide.1, wide.2.bytes()));
        let mut pushed = Bucket::default();
        for (number, bounds) in all.iter().enumerate() {
            pushed.push(ZoneId(number as u32), bounds);
        }
        let mut read = Vec::new();
        (0..all.len()).for_each(|number| pushed.read(ZoneId(number as u32), &mut read));
        assert_eq!(read, all.concat());
    }
}
