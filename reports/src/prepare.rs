//! Chooses what of a race is drawn: clips to the horizon, folds repeats, and groups what is far off.
//!
//! A run has hundreds of events and a picture has room for some twenty. First each lane's repeated
//! turns become one stretch (`57 × read`); then, if there is still too much, what is far from the
//! decisive pair becomes `31 events`. What tells the story (commits, losses, deadlines) stays.

use std::collections::BTreeSet;

use crate::fold::folds;
use crate::picture::{Arrow, Band, BarKind, Deadline, Mark, MarkKind, Race};
use crate::text;

/// Longest label that is kept, in columns; the rest is cut off.
const LABEL: usize = 48;
/// Most items of a turn of a loop.
const LONGEST_TURN: usize = 8;
/// Fewer turns than this are drawn one by one.
const LEAST_TURNS: usize = 4;
/// Most arrows of a picture.
const MOST_ARROWS: usize = 10;
/// Most bands of a picture.
const MOST_BANDS: usize = 6;

/// What is left of a race.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Prepared {
    /// Bars, marks and folded stretches, by lane, in time order.
    pub lanes: Vec<Vec<Item>>,
    /// Arrows with both ends in sight.
    pub arrows: Vec<Arrow>,
    /// Bands with both ends in sight.
    pub bands: Vec<Band>,
    /// The deadline, if it is in sight.
    pub deadline: Option<Deadline>,
    /// The decisive pair, if it is one and in sight.
    pub focus: Option<(u64, u64)>,
}

/// Something on a lane.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Item {
    /// Its first instant.
    pub from: u64,
    /// Its last instant; the first one of a mark.
    pub to: u64,
    /// How it is drawn.
    pub shape: Shape,
    /// Its label, cleaned; may be empty.
    pub label: String,
    /// Which of the marks of its lane at this instant it is.
    pub tie: usize,
    /// Which of all marks it is, in the order in which things happen; of what lasts, more than of any mark.
    pub order: usize,
}

/// How something on a lane is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Shape {
    /// A bar.
    Bar(BarKind),
    /// A mark.
    Mark(MarkKind),
    /// A stretch of repeated or left-out items, with the first mark of the pattern.
    Folded(MarkKind),
}

/// Chooses what of `race` is drawn with `room` columns; with `ascii`, labels are spelled in ASCII.
pub(crate) fn prepare(race: &Race, room: usize, ascii: bool) -> Prepared {
    let horizon = horizon(race);
    let clean = |label: &str| text::clean(label, LABEL, ascii);
    let seen = |from: u64, to: u64| from <= to && within(from, horizon) && within(to, horizon);
    let focus = Some(race.focus).filter(|&(from, to)| from < to && seen(from, to));
    let lanes = collect(race, horizon, clean).into_iter();
    let mut lanes: Vec<Vec<Item>> = lanes.map(|lane| folded(&lane, (focus, &race.told), ascii)).collect();
    thin(&mut lanes, race, room);
    for lane in &mut lanes {
        number_ties(lane);
    }
    let arrows: Vec<Arrow> = race
        .arrows
        .iter()
        .filter(|arrow| {
            arrow.from_lane.max(arrow.to_lane) < lanes.len()
                && seen(arrow.from, arrow.to.unwrap_or(arrow.from))
        })
        .filter(|arrow| !lanes[arrow.from_lane].iter().any(|item| hides(item, arrow.from)))
        .map(|arrow| Arrow { label: clean(&arrow.label), ..arrow.clone() })
        .collect();
    let bands = race.bands.iter().filter(|band| seen(band.from, band.to));
    let bands: Vec<Band> = bands.map(|band| Band { label: clean(&band.label), ..*band }).collect();
    let deadline = race.deadline.as_ref().filter(|deadline| seen(deadline.at, deadline.at));
    Prepared {
        arrows: nearest(arrows, MOST_ARROWS, |arrow| (arrow.from, arrow.to.unwrap_or(arrow.from)), race),
        bands: nearest(bands, MOST_BANDS, |band| (band.from, band.to), race),
        deadline: deadline.map(|deadline| Deadline { label: clean(&deadline.label), ..*deadline }),
        lanes,
        focus,
    }
}

fn within(at: u64, horizon: (u64, u64)) -> bool {
    horizon.0 <= at && at <= horizon.1
}

/// Whether the item is a folded stretch with `at` inside it.
fn hides(item: &Item, at: u64) -> bool {
    matches!(item.shape, Shape::Folded(_)) && item.from <= at && at < item.to
}

fn horizon(race: &Race) -> (u64, u64) {
    if race.horizon.0 < race.horizon.1 { race.horizon } else { (0, u64::MAX) }
}

fn collect(race: &Race, horizon: (u64, u64), clean: impl Fn(&str) -> String) -> Vec<Vec<Item>> {
    let mut lanes: Vec<Vec<Item>> = race.lanes.iter().map(|_| Vec::new()).collect();
    let within = |mark: &Mark| mark.lane < race.lanes.len() && within(mark.at, horizon);
    for (order, mark) in race.marks.iter().enumerate().filter(|(_, mark)| within(mark)) {
        let shape = Shape::Mark(mark.kind);
        let label = clean(&mark.label);
        lanes[mark.lane].push(Item { from: mark.at, to: mark.at, shape, label, tie: 0, order });
    }
    for bar in race.bars.iter().filter(|bar| bar.lane < race.lanes.len()) {
        let (from, to) = (bar.from.max(horizon.0), bar.to.min(horizon.1));
        if from < to {
            let shape = Shape::Bar(bar.kind);
            lanes[bar.lane].push(Item {
                from,
                to,
                shape,
                label: clean(&bar.label),
                tie: 0,
                order: usize::MAX,
            });
        }
    }
    for lane in &mut lanes {
        lane.sort_by_key(|item| (item.from, item.to));
    }
    lanes
}

/// Whether the item begins or ends at one of the instants that are told.
fn is_told(item: &Item, told: &[u64]) -> bool {
    told.contains(&item.from) || told.contains(&item.to)
}

/// The lane with its repeated turns folded, before the decisive pair and after it. What is told stays.
fn folded(lane: &[Item], (focus, told): (Option<(u64, u64)>, &[u64]), ascii: bool) -> Vec<Item> {
    let times = if ascii { 'x' } else { '×' };
    let zone = |item: &Item| match focus {
        Some((from, _)) if item.to <= from && item.from < from => 0,
        Some((_, to)) if item.from > to => 2,
        Some(_) => 1,
        None => 0,
    };
    // What is told is like nothing else.
    let own = |place: usize, item: &Item| if is_told(item, told) { place + 1 } else { 0 };
    let key = |(place, item)| (zone(item), own(place, item), item.shape, item.label.as_str());
    let keys: Vec<(usize, usize, Shape, &str)> = lane.iter().enumerate().map(key).collect();
    let mut out = Vec::new();
    let mut next = 0;
    for fold in folds(&keys, LONGEST_TURN, LEAST_TURNS) {
        if keys[fold.start].0 == 1 {
            continue;
        }
        out.extend_from_slice(&lane[next..fold.start]);
        let turn = &lane[fold.start..fold.start + fold.period];
        let label = format!("{} {times} {}", text::grouped(fold.turns as u64), what(turn, ascii));
        out.push(group(&lane[fold.start..fold.end()], label));
        next = fold.end();
    }
    out.extend_from_slice(&lane[next..]);
    out
}

/// What a turn does: the labels of its marks, or of its bars if no mark has one.
fn what(turn: &[Item], ascii: bool) -> String {
    let labels = |marks: bool| -> Vec<&str> {
        let of_kind = turn.iter().filter(|item| matches!(item.shape, Shape::Mark(_)) == marks);
        of_kind.map(|item| item.label.as_str()).filter(|label| !label.is_empty()).collect()
    };
    let marks = labels(true);
    let said = if marks.is_empty() { labels(false) } else { marks };
    if said.is_empty() { "the same".to_owned() } else { text::cut(&said.join(", "), LABEL - 10, ascii) }
}

fn group(items: &[Item], label: String) -> Item {
    let from = items.first().map_or(0, |item| item.from);
    let to = items.iter().map(|item| item.to).max().unwrap_or(from);
    let first = items.iter().find_map(|item| match item.shape {
        Shape::Mark(kind) | Shape::Folded(kind) => Some(kind),
        Shape::Bar(_) => None,
    });
    Item {
        from,
        to,
        shape: Shape::Folded(first.unwrap_or(MarkKind::Plain)),
        label,
        tie: 0,
        order: usize::MAX,
    }
}

/// How far `(from, to)` is from the decisive pair; what ends the story is never far.
fn distance(race: &Race, from: u64, to: u64) -> u64 {
    if to < race.focus.0 { race.focus.0 - to } else { from.saturating_sub(race.focus.1) }
}

/// The `most` that are told or nearest to the decisive pair, in their order.
fn nearest<T>(all: Vec<T>, most: usize, span: impl Fn(&T) -> (u64, u64), race: &Race) -> Vec<T> {
    let rank = |(i, one)| {
        let (from, to) = span(one);
        (!race.told.contains(&from) && !race.told.contains(&to), distance(race, from, to), i)
    };
    let mut ranked: Vec<(bool, u64, usize)> = all.iter().enumerate().map(rank).collect();
    ranked.sort_unstable();
    let kept: BTreeSet<usize> = ranked.into_iter().take(most).map(|one| one.2).collect();
    all.into_iter().enumerate().filter(|(i, _)| kept.contains(i)).map(|(_, one)| one).collect()
}

/// Groups what is far from the decisive pair until the picture has room for the rest.
fn thin(lanes: &mut [Vec<Item>], race: &Race, width: usize) {
    let most = (width / 3).max(8);
    let all: usize = lanes.iter().map(Vec::len).sum();
    if all <= most {
        return;
    }
    let mut ranked: Vec<(bool, bool, u64, usize, usize)> = Vec::new();
    for (lane, items) in lanes.iter().enumerate() {
        for (i, item) in items.iter().enumerate() {
            let ends = matches!(
                item.shape,
                Shape::Mark(
                    MarkKind::Deadline | MarkKind::Lost | MarkKind::Late | MarkKind::Commit | MarkKind::Wrong
                )
            );
            // Of what begins or ends then it is enough to see that something happens.
            let told = matches!(item.shape, Shape::Mark(_)) && is_told(item, &race.told);
            ranked.push((!told, !ends, distance(race, item.from, item.to), lane, i));
        }
    }
    ranked.sort_unstable();
    let told = ranked.iter().filter(|one| !one.0).count();
    let ends = ranked.iter().filter(|one| !one.1).count();
    if ends > most / 2 {
        ranked.sort_by_key(|&(untold, _, far, lane, i)| (untold, far, lane, i));
    }
    let kept: BTreeSet<(usize, usize)> =
        ranked.iter().take((most / 2).max(told)).map(|&(.., lane, i)| (lane, i)).collect();
    for (lane, items) in lanes.iter_mut().enumerate() {
        let mut out: Vec<Item> = Vec::new();
        let mut start = 0;
        while start < items.len() {
            if kept.contains(&(lane, start)) {
                out.push(items[start].clone());
                start += 1;
                continue;
            }
            let end = (start..items.len()).find(|&i| kept.contains(&(lane, i))).unwrap_or(items.len());
            if end - start == 1 {
                out.push(items[start].clone());
            } else {
                out.push(group(&items[start..end], text::count((end - start) as u64, "event")));
            }
            start = end;
        }
        *items = out;
    }
}

fn number_ties(lane: &mut [Item]) {
    let mut last = None;
    let mut tie = 0;
    for item in lane.iter_mut().filter(|item| matches!(item.shape, Shape::Mark(_))) {
        tie = if last == Some(item.from) { tie + 1 } else { 0 };
        last = Some(item.from);
        item.tie = tie;
    }
}
