//! Places a prepared race on its axis and says what the table under it lists.
//!
//! Every instant that is drawn is a knot of the axis; two marks of one lane at one instant are two.
//! The least distances between knots come from here, by what a reader needs first: marks that can
//! be told apart, then the labels that tell what went wrong, then those of the windows, of the
//! breaks, and of everything else from the decisive pair outwards. Nothing here knows about
//! characters but their number, so another back end draws the same layout.

use std::collections::BTreeSet;

use crate::axis::{self, Apart, Axis};
use crate::picture::{Arrow, MarkKind, Race};
use crate::prepare::{Item, Prepared, Shape, prepare};
use crate::text;

/// A race with a place for everything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    /// Names of the lanes.
    pub lanes: Vec<String>,
    /// Bars, marks and folded stretches, by lane, in time order.
    pub items: Vec<Vec<Placed>>,
    /// Arrows, with the positions of both ends.
    pub arrows: Vec<(Arrow, usize, Option<usize>)>,
    /// Windows with their lengths, the decisive pair first: label, from, to.
    pub bands: Vec<(String, usize, usize)>,
    /// The deadline's label, position and time.
    pub deadline: Option<(String, usize, u64)>,
    /// Distinct instants with their positions, most important first.
    pub times: Vec<(u64, usize)>,
    /// How many of `times` are to be printed; the rest may be.
    pub marked: usize,
    /// Squeezed gaps: length in microseconds, from, to.
    pub breaks: Vec<(u64, usize, usize)>,
    /// What the table lists, in time order.
    pub entries: Vec<Entry>,
}

/// One row of the table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Entry {
    /// When.
    pub at: u64,
    /// Its place among what happens then; what lasts comes last.
    pub order: usize,
    /// Its lane.
    pub lane: usize,
    /// Its place among the items of its lane, or what [`arrow_item`] says.
    pub item: usize,
    /// What.
    pub text: String,
}

/// Something on a lane, with its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Placed {
    /// How it is drawn.
    pub shape: Shape,
    /// Its label, cleaned; may be empty.
    pub label: String,
    /// Position of its first instant.
    pub from: usize,
    /// Position of its last instant.
    pub to: usize,
    /// Its number in the table, from 1; none if it is not listed.
    pub number: Option<usize>,
}

/// Places `race` at `0..width`, labels cut and, with `ascii`, spelled in ASCII.
pub(crate) fn layout(race: &Race, width: usize, ascii: bool) -> Layout {
    let prepared = prepare(race, width, ascii);
    let knots = Knots::new(&prepared);
    let times: Vec<u64> = knots.0.iter().map(|knot| knot.0).collect();
    let focus = (knots.index(race.focus.0, 0), knots.index(race.focus.1, 0));
    let must = apart_marks(&prepared, &knots);
    let axis = Axis::new(&times, focus, width, &must, &wishes(&prepared, &knots, focus));
    let place = |at: u64, tie: usize| axis.at.get(knots.index(at, tie)).copied().unwrap_or(0);

    let entries = entries(&prepared);
    let number = |lane: usize, item: usize| {
        entries.iter().position(|entry| (entry.lane, entry.item) == (lane, item)).map(|at| at + 1)
    };
    let items = prepared.lanes.iter().enumerate().map(|(lane, items)| {
        let placed = items.iter().enumerate().map(|(i, item)| Placed {
            shape: item.shape,
            label: item.label.clone(),
            from: place(item.from, item.tie),
            to: place(item.to, item.tie),
            number: number(lane, i),
        });
        placed.collect()
    });
    let (instants, marked) = instants(&prepared, &race.told);
    let arrows = prepared.arrows.iter();
    let squeezed = axis.squeezed.iter().enumerate().filter(|(_, squeezed)| **squeezed);
    Layout {
        lanes: race.lanes.iter().map(|name| text::clean(name, LANE, ascii)).collect(),
        items: items.collect(),
        arrows: arrows.map(|one| (one.clone(), place(one.from, 0), one.to.map(|to| place(to, 0)))).collect(),
        bands: braces(&prepared)
            .into_iter()
            .map(|(said, from, to)| (said, place(from, 0), place(to, 0)))
            .collect(),
        deadline: prepared.deadline.as_ref().map(|deadline| {
            let said = format!("{} {}", deadline.label, text::seconds(deadline.at, 3));
            (said.trim_start().to_owned(), place(deadline.at, 0), deadline.at)
        }),
        times: instants.into_iter().map(|at| (at, place(at, 0))).collect(),
        marked,
        breaks: squeezed.map(|(i, _)| (times[i + 1] - times[i], axis.at[i], axis.at[i + 1])).collect(),
        entries,
    }
}

/// Longest name of a lane, in columns.
pub(crate) const LANE: usize = 14;

/// What stands for the arrow with this index in [`Entry::item`].
pub(crate) fn arrow_item(index: usize) -> usize {
    usize::MAX - index
}

/// All instants, those of one lane's simultaneous marks told apart.
struct Knots(Vec<(u64, usize)>);

impl Knots {
    fn new(prepared: &Prepared) -> Knots {
        let mut knots: BTreeSet<(u64, usize)> = BTreeSet::new();
        for item in prepared.lanes.iter().flatten() {
            knots.extend([(item.from, item.tie), (item.to, item.tie)]);
        }
        knots.extend(
            prepared.arrows.iter().flat_map(|arrow| [Some(arrow.from), arrow.to]).flatten().map(|at| (at, 0)),
        );
        knots.extend(braces(prepared).iter().flat_map(|brace| [(brace.1, 0), (brace.2, 0)]));
        knots.extend(prepared.deadline.iter().map(|deadline| (deadline.at, 0)));
        Knots(knots.into_iter().collect())
    }

    fn index(&self, at: u64, tie: usize) -> usize {
        self.0.partition_point(|&knot| knot < (at, tie)).min(self.0.len().max(1) - 1)
    }
}

/// The decisive pair, unless a band shows it, and the bands: label, from, to.
fn braces(prepared: &Prepared) -> Vec<(String, u64, u64)> {
    let pair = prepared.focus.filter(|&pair| !prepared.bands.iter().any(|band| (band.from, band.to) == pair));
    let pair = pair.into_iter().map(|(from, to)| (text::duration(to - from), from, to));
    let bands = prepared.bands.iter().map(|band| {
        let long = text::duration(band.to - band.from);
        let said = if band.label.is_empty() { long } else { format!("{}: {long}", band.label) };
        (said, band.from, band.to)
    });
    pair.chain(bands).collect()
}

/// The instants, most important first, and how many of them are marked by something to be read.
fn instants(prepared: &Prepared, told: &[u64]) -> (Vec<u64>, usize) {
    let items = || prepared.lanes.iter().flatten();
    let is_drawn = |at: &u64| items().any(|item| item.from == *at || item.to == *at);
    let mut all: Vec<u64> = prepared.focus.into_iter().flat_map(|(from, to)| [from, to]).collect();
    all.extend(told.iter().copied().filter(is_drawn));
    all.extend(prepared.bands.iter().flat_map(|band| [band.from, band.to]));
    all.extend(items().filter(|item| matches!(item.shape, Shape::Mark(_))).map(|item| item.from));
    all.extend(prepared.arrows.iter().filter_map(|arrow| arrow.to));
    let mut seen = BTreeSet::new();
    all.retain(|&at| seen.insert(at));
    let marked = all.len();
    all.extend(items().flat_map(|item| [item.from, item.to]).filter(|&at| seen.insert(at)));
    (all, marked)
}

/// Marks of one lane do not touch.
fn apart_marks(prepared: &Prepared, knots: &Knots) -> Vec<Apart> {
    let mut must = Vec::new();
    for lane in &prepared.lanes {
        let marks = lane.iter().filter(|item| matches!(item.shape, Shape::Mark(_)));
        let marks: Vec<usize> = marks.map(|item| knots.index(item.from, item.tie)).collect();
        must.extend(marks.windows(2).map(|pair| Apart { from: pair[0], to: pair[1], units: 2 }));
    }
    must
}

/// What the labels would like, most important first.
fn wishes(prepared: &Prepared, knots: &Knots, focus: (usize, usize)) -> Vec<Apart> {
    let mut ranked: Vec<(u8, usize, Apart)> = Vec::new();
    let far =
        |one: &Apart| if one.to < focus.0 { focus.0 - one.to } else { one.from.saturating_sub(focus.1) };
    let mut wish = |rank: u8, from: usize, to: usize, units: usize| {
        let one = Apart { from, to, units };
        ranked.push((rank, far(&one), one));
    };
    for (i, _) in knots.0.windows(2).enumerate().filter(|(_, pair)| pair[0].0 < pair[1].0) {
        wish(0, i, i + 1, 1);
    }
    for (said, from, to) in braces(prepared) {
        wish(3, knots.index(from, 0), knots.index(to, 0), text::columns(&said) + 3);
    }
    let times: Vec<u64> = knots.0.iter().map(|knot| knot.0).collect();
    for (i, _) in axis::squeezed(&times).into_iter().enumerate().filter(|(_, squeezed)| *squeezed) {
        wish(4, i, i + 1, text::columns(&text::duration(times[i + 1] - times[i])) + 5);
    }
    for lane in &prepared.lanes {
        let mut edges: BTreeSet<usize> =
            prepared.deadline.iter().map(|deadline| knots.index(deadline.at, 0)).collect();
        edges.extend(
            lane.iter().flat_map(|item| [knots.index(item.from, item.tie), knots.index(item.to, item.tie)]),
        );
        for item in lane.iter().filter(|item| !item.label.is_empty()) {
            let (from, wide) = (knots.index(item.from, item.tie), text::columns(&item.label));
            match item.shape {
                Shape::Bar(_) | Shape::Folded(_) => wish(5, from, knots.index(item.to, item.tie), wide + 5),
                // Marks of one instant stay together: the label of each but the last hangs below.
                Shape::Mark(_) if edges.contains(&(from + 1)) && knots.0[from + 1].0 == item.from => {}
                Shape::Mark(kind) => match edges.range(from + 1..).next() {
                    Some(&edge) => wish(rank(kind), from, edge, wide + 4),
                    None => wish(rank(kind), from, knots.0.len() - 1, wide + 1),
                },
            }
        }
    }
    ranked.sort_by_key(|(rank, far, one)| (*rank, *far, one.units));
    ranked.into_iter().map(|(_, _, one)| one).collect()
}

/// How much a reader would miss the label of a mark: first what went wrong, then why it could.
fn rank(kind: MarkKind) -> u8 {
    match kind {
        MarkKind::Late | MarkKind::Lost | MarkKind::Deadline | MarkKind::Wrong => 1,
        MarkKind::Miss => 2,
        MarkKind::Done
        | MarkKind::Plain
        | MarkKind::Commit
        | MarkKind::Hit
        | MarkKind::Sent
        | MarkKind::Arrived => 5,
    }
}

fn entries(prepared: &Prepared) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (lane, items) in prepared.lanes.iter().enumerate() {
        for (i, item) in items.iter().enumerate().filter(|(_, item)| !item.label.is_empty()) {
            let text = match item.shape {
                Shape::Mark(_) => item.label.clone(),
                Shape::Bar(_) | Shape::Folded(_) => {
                    format!("{}, for {}", item.label, text::duration(item.to - item.from))
                }
            };
            entries.push(Entry { at: item.from, order: item.order, lane, item: i, text });
        }
    }
    for (i, arrow) in prepared.arrows.iter().enumerate().filter(|(_, arrow)| !arrow.label.is_empty()) {
        let at = arrow.to.unwrap_or(arrow.from);
        let met = |item: &Item| matches!(item.shape, Shape::Mark(_)) && item.from == at;
        if arrow.to.is_some() && prepared.lanes[arrow.to_lane].iter().any(met) {
            continue;
        }
        let ending = if arrow.to.is_some() { "arrives" } else { "never arrives" };
        let text = format!("{} {ending}", arrow.label);
        entries.push(Entry { at, order: usize::MAX, lane: arrow.to_lane, item: arrow_item(i), text });
    }
    entries.sort();
    entries
}
