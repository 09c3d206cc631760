//! The classes that a search has found: by plain part, then their zones.
//!
//! Of the zones of one plain part only the largest are kept: one that lies in another is dropped,
//! and two whose least common zone contains nothing else become that zone. Neither changes what is
//! reachable. Zones lie one behind the other in one long list, because there are millions of them.

use std::hash::Hash;

use crate::explore::class::{Interned, Plain, Row, Shape};
use crate::explore::zone::{Bounds, contains, merge};

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

struct Kept {
    /// The number of its plain part.
    plain: u32,
    /// Where its bounds begin.
    at: usize,
    origin: Origin,
    /// Whether another zone contains it.
    dead: bool,
}

pub(crate) struct Store<S, J, E> {
    states: Interned<S>,
    monitors: Interned<J>,
    shapes: Interned<Shape<E>>,
    plains: Interned<Plain>,
    /// Plain parts that differ at most in what is known of their marks. Whether a limit has passed is not
    /// decided before it must be, so one search may find in the one what another finds in the other.
    groups: Interned<Plain>,
    /// By plain part: its zones.
    known: Vec<Vec<ZoneId>>,
    zones: Vec<Kept>,
    bounds: Vec<i64>,
    /// By number of rows: where bounds of dead zones are, to be used again.
    free: Vec<Vec<usize>>,
    /// Whether zones are merged, beside being dropped where another contains them.
    merging: bool,
    /// Whether the bounds of dead zones are kept too.
    keeping: bool,
    alive: usize,
    /// The zone that is being added, and the hull of it and another.
    new: Vec<i64>,
    hull: Vec<i64>,
}

impl<S, J, E> Store<S, J, E>
where
    S: Clone + Eq + Hash,
    J: Clone + Eq + Hash,
    E: Copy + Eq + Hash,
{
    pub(crate) fn new(merging: bool) -> Self {
        Self {
            states: Interned::new(),
            monitors: Interned::new(),
            shapes: Interned::new(),
            plains: Interned::new(),
            groups: Interned::new(),
            known: Vec::new(),
            zones: Vec::new(),
            bounds: Vec::new(),
            free: Vec::new(),
            merging,
            keeping: false,
            alive: 0,
            new: Vec::new(),
            hull: Vec::new(),
        }
    }

    /// Forgets all zones, but not the numbers of what was met.
    pub(crate) fn again(&mut self) {
        self.known.clear();
        self.zones.clear();
        self.bounds.clear();
        self.free.clear();
        self.alive = 0;
    }

    /// Forgets all zones but `zone`, to be compared with; where they came from is kept.
    pub(crate) fn only(&mut self, zone: ZoneId) {
        self.known.iter_mut().for_each(Vec::clear);
        let part = self.part(zone);
        self.known[part as usize].push(zone);
        self.alive = 1;
    }

    /// Whether zones are merged from now on.
    pub(crate) fn merging(&mut self, merging: bool) {
        self.merging = merging;
    }

    /// Whether the bounds of dead zones are kept from now on.
    pub(crate) fn keeping(&mut self, keeping: bool) {
        self.keeping = keeping;
    }

    /// The numbers of a state and a monitor.
    pub(crate) fn numbers(&mut self, state: &S, monitor: &J) -> (u32, u32) {
        (self.states.number(state), self.monitors.number(monitor))
    }

    /// The number of a plain part, if it was met.
    pub(crate) fn find(&self, (state, monitor): (u32, u32), shape: &Shape<E>) -> Option<u32> {
        let shape = self.shapes.find(shape)?;
        self.plains.find(&Plain { state, monitor, shape })
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

    /// The number of the group whose shape without marks this is, if it was met.
    pub(crate) fn group(&self, (state, monitor): (u32, u32), unmarked: &Shape<E>) -> Option<u32> {
        let shape = self.shapes.find(unmarked)?;
        self.groups.find(&Plain { state, monitor, shape })
    }

    /// The numbers of a zone's state and of its shape with nothing but what is pending. What is known of
    /// marks and ticks depends on how large a zone is, and what happens does not.
    pub(crate) fn bare(&mut self, zone: ZoneId) -> (u32, u32) {
        let mut bare = Shape::empty();
        self.shape(zone).bare(&mut bare);
        (self.plain(zone).state, self.shapes.number(&bare))
    }

    /// The number of a shape, if it was met.
    pub(crate) fn find_shape(&self, shape: &Shape<E>) -> Option<u32> {
        self.shapes.find(shape)
    }

    /// The number of zones that no other contains.
    pub(crate) fn alive(&self) -> usize {
        self.alive
    }

    /// The number of bounds of all zones, and of those that were there.
    pub(crate) fn cells(&self) -> usize {
        self.bounds.len()
    }

    /// Roughly what is kept, in bytes: all bounds, what is known of each zone, and the parts of
    /// classes without what those own elsewhere. There are far fewer parts than bounds.
    pub(crate) fn bytes(&self) -> usize {
        let parts = self.states.bytes() + self.monitors.bytes() + self.shapes.bytes() + self.plains.bytes();
        let zone = size_of::<Kept>() + size_of::<ZoneId>();
        size_of_val(self.bounds.as_slice()) + self.zones.len() * zone + parts
    }

    pub(crate) fn is_dead(&self, zone: ZoneId) -> bool {
        self.zones[zone as usize].dead
    }

    fn plain(&self, zone: ZoneId) -> Plain {
        *self.plains.get(self.zones[zone as usize].plain)
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

    pub(crate) fn bounds(&self, zone: ZoneId) -> Bounds<'_> {
        let rows = self.shape(zone).rows.len();
        let at = self.zones[zone as usize].at;
        Bounds { rows, all: &self.bounds[at..at + rows * rows] }
    }

    pub(crate) fn origin(&self, zone: ZoneId) -> Origin {
        self.zones[zone as usize].origin
    }

    /// The number of zones, with those that others contain.
    pub(crate) fn zones(&self) -> ZoneId {
        self.zones.len() as ZoneId
    }

    /// The number of plain parts.
    pub(crate) fn parts(&self) -> usize {
        self.plains.len()
    }

    /// The number of a zone's plain part.
    pub(crate) fn part(&self, zone: ZoneId) -> u32 {
        self.zones[zone as usize].plain
    }

    /// The zones of a plain part that no other contains.
    pub(crate) fn zones_of(&self, part: u32) -> &[ZoneId] {
        self.known.get(part as usize).map_or(&[], Vec::as_slice)
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

    /// Adds a zone of a class; gives the number of its plain part, and its own if it adds something.
    pub(crate) fn add(
        &mut self,
        ((state, monitor), shape): ((u32, u32), &Shape<E>),
        bounds: &[i64],
        origin: Origin,
    ) -> (u32, Option<ZoneId>) {
        let plain = self.plains.number(&Plain { state, monitor, shape: self.shapes.number(shape) });
        self.known.resize(self.plains.len(), Vec::new());
        let rows = shape.rows.len();
        let Self { known, zones, bounds: all, free, merging, keeping, alive, new, hull, .. } = self;
        free.resize(free.len().max(rows + 1), Vec::new());
        let free = &mut free[rows];
        let give_back = |at: usize, free: &mut Vec<usize>| {
            if !*keeping {
                free.push(at);
            }
        };
        let known = &mut known[plain as usize];
        let of = |zone: &ZoneId, zones: &[Kept]| {
            let at = zones[*zone as usize].at;
            at..at + rows * rows
        };
        new.clear();
        new.extend_from_slice(bounds);
        'merged: loop {
            if known.iter().any(|zone| contains(&all[of(zone, zones)], new)) {
                return (plain, None);
            }
            known.retain(|zone| {
                let stays = !contains(new, &all[of(zone, zones)]);
                if !stays {
                    zones[*zone as usize].dead = true;
                    give_back(zones[*zone as usize].at, free);
                    *alive -= 1;
                }
                stays
            });
            if *merging {
                for place in 0..known.len() {
                    if merge(rows, &all[of(&known[place], zones)], new, hull) {
                        let zone = known.remove(place);
                        zones[zone as usize].dead = true;
                        give_back(zones[zone as usize].at, free);
                        *alive -= 1;
                        std::mem::swap(new, hull);
                        continue 'merged;
                    }
                }
            }
            break;
        }
        let zone = ZoneId::try_from(zones.len()).expect("there are less than 2^32 zones");
        let at = match free.pop() {
            Some(at) => {
                all[at..at + new.len()].copy_from_slice(new);
                at
            }
            None => {
                all.extend_from_slice(new);
                all.len() - new.len()
            }
        };
        zones.push(Kept { plain, at, origin, dead: false });
        known.push(zone);
        *alive += 1;
        (plain, Some(zone))
    }
}
